"""Security headers on every answer, whoever gives it, and nothing of the desk in any cache."""

import pytest
from django.test import Client

from glossary.views import page
from tests.factories import make_user
from tests.site import Site

WANTED = {
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "strict-origin-when-cross-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


def assert_safe(headers, where):
    given = {name.lower(): value for name, value in headers.items()}
    assert {name: given.get(name) for name in WANTED} == WANTED, where
    policy = given["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy, where


@pytest.mark.django_db(transaction=True)
def test_every_answer_has_the_security_headers():
    site = Site()
    etag = site.get("/about/").headers["etag"]
    for path, headers, status in [
        ("/about/", {}, 200),
        ("/about/", {"if_none_match": etag}, 304),
        ("/about/", {"accept_encoding": "gzip"}, 200),
        ("/about/?x=1", {}, 200),
        ("/no-such-page/", {}, 404),
        ("/admin/", {}, 302),
        ("/admin/login/", {}, 200),
        ("/healthz", {}, 200),
        ("/readyz", {}, 503),
    ]:
        answer = site.get(path, **headers)
        assert answer.status == status, path
        assert_safe(answer.headers, path)


@pytest.mark.django_db
def test_a_fault_of_ours_has_them_too(monkeypatch):
    def broken(*_, **__):
        raise ValueError("a fault")

    monkeypatch.setattr(page, "TemplateResponse", broken)
    answer = Client(raise_request_exception=False).get("/about/")
    assert answer.status_code == 500 and "Something broke on our side" in answer.text
    assert_safe(answer.headers, "500")


@pytest.mark.django_db
def test_nothing_of_the_desk_may_be_stored(client):
    assert "no-store" in client.get("/admin/login/")["Cache-Control"]
    client.force_login(make_user(superuser=True))
    for path in ["/admin/", "/admin/glossary/term/", "/admin/glossary/term/add/", "/admin/glossary/deck/"]:
        assert "no-store" in client.get(path)["Cache-Control"], path
