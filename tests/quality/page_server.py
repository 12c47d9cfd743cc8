"""Three applications for the benchmark of pages: a bare one with the same bytes, Django alone, and ready pages."""

import json
import os
from pathlib import Path

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from deckproject.ready_pages import ReadyPages

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deckproject.settings")
settings.STORAGES = settings.STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # needs no collectstatic
}
settings.READY_PAGES_COPY = os.environ["BENCH_COPY"]

plain = get_wsgi_application()
ready = ReadyPages(plain)
_answer = Path(os.environ["BENCH_ANSWER"])
_given = json.loads(_answer.read_text()) if _answer.exists() else {"headers": [], "body": ""}
HEADERS = [(name, value) for name, value in _given["headers"]]
BODY = _given["body"].encode()


def bare(environ, start_response):
    """Answer the same bytes to everything."""
    start_response("200 OK", HEADERS)
    return [BODY]
