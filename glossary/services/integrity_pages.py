"""Integrity of ready pages: rendering each anew, to find bytes that nobody rendered."""

import json
from collections.abc import Iterator
from io import BytesIO
from urllib.parse import urlsplit

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpResponse
from django.urls import reverse

from glossary.domain.ready_page import Page, etag_of, page_of
from glossary.models import AnkiPackage, ReadyPage
from glossary.services.anki import make_package
from glossary.services.build import build_name
from glossary.services.clock import moment
from glossary.services.integrity_words import Fault
from glossary.services.ready_page import mark

FORGED = "It is not what the page is when it is rendered now. Readers get it anew: pages kept ready are dropped."


def page_faults(keys: list[int | str]) -> Iterator[tuple[int | str, list[Fault]]]:
    """Yield for each ready page that readers may get whether it is, to the byte, what Django answers now."""
    handler = WSGIHandler()
    now = int(moment().timestamp())
    for row in ReadyPage.objects.filter(pk__in=keys, build=build_name(), valid_until__gt=now):
        says = "" if _as_kept(row) == _rendered(handler, row.path) else FORGED
        yield row.pk, [Fault("ready page", row.path, says)] if says else []


def package_faults(keys: list[int | str]) -> Iterator[tuple[int | str, list[Fault]]]:
    """Yield for the package for Anki that readers may get whether it is, to the byte, what is made now."""
    now = moment()
    good = {"build": build_name(), "mark": mark(), "valid_until__gt": int(now.timestamp())}
    for row in AnkiPackage.objects.filter(pk__in=keys, **good):
        body = bytes(row.body)
        says = "" if row.etag == etag_of(body) and body == make_package(now=now) else FORGED
        yield row.pk, [Fault("package", reverse("anki"), says)] if says else []


def _as_kept(row: ReadyPage) -> Page:
    headers = tuple((name, value) for name, value in json.loads(row.headers))
    return Page(row.status, headers, bytes(row.body), bytes(row.packed), row.etag)


def _rendered(handler: WSGIHandler, path: str) -> Page | None:
    """Return the page as a server makes it for this path, asked in the way of SITE_URL."""
    site = urlsplit(settings.SITE_URL)
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "HTTP_HOST": site.netloc,
        "SERVER_NAME": site.hostname,
        "SERVER_PORT": str(site.port or 80),
        "wsgi.url_scheme": site.scheme,
        "wsgi.input": BytesIO(),
    }
    if settings.SECURE_PROXY_SSL_HEADER:
        name, secure = settings.SECURE_PROXY_SSL_HEADER
        environ[name] = secure
    response = handler.get_response(WSGIRequest(environ))
    if not isinstance(response, HttpResponse):  # one that streams is never kept
        return None
    return page_of(response.status_code, list(response.items()), response.content)
