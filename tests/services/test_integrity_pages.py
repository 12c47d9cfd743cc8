"""Forged bytes of a ready page are found."""

import pytest
from django.core.management import call_command

from glossary.domain.ready_page import etag_of, pack
from glossary.models import AnkiPackage, ReadyPage
from glossary.services.integrity import check_integrity
from tests.factories import make_published_term
from tests.site import Site

pytestmark = pytest.mark.django_db(transaction=True)


def test_pages_as_they_were_rendered_are_no_fault():
    make_published_term()
    site = Site()
    for path in ["/terms/qwen2/", "/", "/terms/", "/corrections/feed/", "/about/", "/deck/today/"]:
        site.get(path)
    assert ReadyPage.objects.count() == 5
    assert list(check_integrity()) == []


def test_forged_bytes_headers_and_dates_are_found_whatever_else_agrees_with_them(capsys):
    make_published_term()
    site = Site()
    site.get("/terms/qwen2/"), site.get("/about/")
    row = ReadyPage.objects.get(path="/terms/qwen2/")
    forged = bytes(row.body).replace(b"family", b"planet")
    forgeries = [
        {"body": forged, "packed": pack(forged), "etag": etag_of(forged)},
        {"packed": pack(forged)},
        {"headers": row.headers.replace("DENY", "SAMEORIGIN")},
        {"status": 410},
    ]
    kept = {name: getattr(row, name) for name in ["body", "packed", "etag", "headers", "status"]}
    for forgery in forgeries:
        ReadyPage.objects.filter(pk=row.pk).update(**kept | forgery)
        assert [(fault.kind, fault.subject) for fault in check_integrity()] == [("ready page", "/terms/qwen2/")]
    with pytest.raises(SystemExit):
        call_command("check_integrity")
    assert "ready page: /terms/qwen2/: " in capsys.readouterr().out
    assert b"planet" not in site.get("/terms/qwen2/").body, "the command drops what it found"


def test_a_forged_package_for_anki_is_found_and_readers_get_it_anew(capsys):
    make_published_term()
    site = Site()
    good = site.get("/glossary.apkg").body
    assert list(check_integrity()) == []
    ReadyPage.objects.all().delete()
    for forgery in [
        {"body": b"PK forged", "etag": etag_of(b"PK forged")},
        {"etag": etag_of(b"PK forged"), "body": good},
    ]:
        AnkiPackage.objects.update(**forgery)
        assert [(fault.kind, fault.subject) for fault in check_integrity()] == [("package", "/glossary.apkg")]
    with pytest.raises(SystemExit):
        call_command("check_integrity")
    assert "package: /glossary.apkg: " in capsys.readouterr().out
    assert site.get("/glossary.apkg").body == good
