"""The rival as granian serves it."""

import os

from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.quality.wagtail_rival.settings"

wagtail = get_wsgi_application()
