"""The site as it is run for readers: hashed and packed static files, ready pages, no debugging."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from deckproject.ready_pages import ReadyPages

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deckproject.settings")
settings.READY_PAGES_COPY = os.environ["BENCH_COPY"]
settings.STATIC_ROOT = os.environ["STATIC_FOLDER"]  # where the test has collected them

application = ReadyPages(get_wsgi_application())
