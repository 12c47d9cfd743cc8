"""Approving against editing, reverting, bulk acts and imports, over real HTTP on PostgreSQL: two hundred races.

Whatever wins, no edition is before readers that was not passed as it stands.
"""

import http.client
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from time import sleep
from urllib.parse import urlencode, urlsplit

import pytest
from django.db import connection, connections
from django.test import Client
from django.urls import reverse

from glossary.domain.digest import digest_of
from glossary.domain.roles import Role
from glossary.models import FactCheck, Term
from glossary.services.term import save_term, submit_term
from tests.factories import details_of, make_draft, make_published_term, make_user, say_of_old_words, settle_all

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="Races need PostgreSQL (set DATABASE_URL)."),
]
ROUNDS = 50
TOKEN = "a" * 32  # a CSRF token of our own, in the cookie and in the header


class Browser:
    """A person who is logged in and posts forms over a real connection."""

    def __init__(self, person, server):
        client = Client()
        client.force_login(person)
        self.cookies = f"sessionid={client.cookies['sessionid'].value}; csrftoken={TOKEN}"
        self.host = urlsplit(server.url).netloc

    def post(self, path, data, *, file=None):
        headers = {"Cookie": self.cookies, "X-CSRFToken": TOKEN, "Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode(data)
        if file is not None:
            headers["Content-Type"] = "multipart/form-data; boundary=x"
            parts = [f'--x\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in data.items()]
            head = '--x\r\nContent-Disposition: form-data; name="file"; filename="t.csv"\r\n\r\n'
            body = "".join([*parts, head, file, "\r\n--x--\r\n"])
        line = http.client.HTTPConnection(self.host, timeout=30)
        line.request("POST", path, body.encode(), headers)
        answer = line.getresponse()
        answer.read()
        line.close()
        return answer.status


def edit(browser, term, turn):
    rows = {"alias-TOTAL_FORMS": "0", "alias-INITIAL_FORMS": "0", "volatility": "B", "_submit": "1"}
    words = {
        "headword": term.headword,
        "definition": term.definition,
        "body": f"Raced {turn}.",
        "version": term.version,
    }
    return browser.post(term.get_desk_url(), rows | words)


def revert(browser, term, turn):
    first = term.editions.order_by("number").first()
    path = reverse("admin:glossary_term_act", args=[term.pk])
    return browser.post(path, {"do": "revert", "edition": first.pk, "version": term.version})


def bulk(browser, term, turn):
    path = reverse("admin:glossary_term_changelist")
    return browser.post(path, {"action": "submit_cards", "_selected_action": term.pk, "index": "0"})


def bring_in(browser, term, turn):
    file = f"headword,definition,body\n{term.headword},{term.definition},Imported {turn}.\n"
    return browser.post(reverse("admin:glossary_term_import"), {"do": "import"}, file=file)


@pytest.mark.parametrize("rival", [edit, revert, bulk, bring_in], ids=lambda act: act.__name__)
def test_nothing_is_published_that_was_not_passed_as_it_stands(live_server, rival):
    editor, checker = make_user(Role.EDITOR), make_user(Role.CHECKER, Role.PUBLISHER)
    term = make_published_term("Qwen2", author=editor, checker=checker)
    writing, checking = Browser(editor, live_server), Browser(checker, live_server)
    won = 0
    with ThreadPoolExecutor(2) as pool:
        for turn in range(ROUNDS):
            term = Term.objects.get(pk=term.pk)
            draft = make_draft("Qwen2", body=f"Checked {turn}.")
            term = save_term(term, draft, details=details_of(term), by=editor)
            edition = submit_term(term, by=editor)
            settle_all(edition, by=checker)
            barrier = Barrier(2)
            old_words = {f"fate-{place}": "still true" for place in say_of_old_words(edition)}

            def passes(edition=edition, barrier=barrier, old_words=old_words):
                barrier.wait()
                form = {"do": "pass", "digest": edition.digest, "whole_card": "on", **old_words}
                return checking.post(edition.get_check_url(), form)

            def rivals(term=term, turn=turn, barrier=barrier):
                barrier.wait()
                sleep(turn % 5 * 0.1)  # so that each of the two is ahead at times
                try:
                    return rival(writing, term, turn)
                finally:
                    connections.close_all()

            answers = [future.result() for future in (pool.submit(passes), pool.submit(rivals))]
            assert all(answer < 500 for answer in answers), answers
            shown = Term.objects.select_related("published").get(pk=term.pk).published
            assert shown.words.body == f"Checked {turn}." or shown.number < edition.number
            assert digest_of(shown.words) == shown.digest
            assert FactCheck.objects.filter(edition=shown, digest=shown.digest, result="passed").exists()
            won += shown.pk == edition.pk
    assert won, "the checker never won, so nothing was raced"
