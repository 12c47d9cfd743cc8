"""The WSGI application that a server runs: ready pages, and Django behind them."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from deckproject.ready_pages import ReadyPages

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deckproject.settings")

django_application = get_wsgi_application()
application = django_application if settings.DEBUG else ReadyPages(django_application)
