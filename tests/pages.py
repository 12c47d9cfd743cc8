"""Every kind of page that readers meet, each in every state: one list, rendered once for all proofs of pages.

A new public address needs a page here, or stands among those that answer programs: `tests/test_pages.py` says so.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client, RequestFactory, override_settings
from django.urls import reverse
from django.utils import timezone

from glossary.domain.link_token import Purpose
from glossary.forms.start import make_stamp
from glossary.services import search
from glossary.services.clock import today
from glossary.services.report import form_stamp
from glossary.services.subscription import link_of
from glossary.views import correction, deck, tag, term
from glossary.views.errors import server_error
from tests.stage import LONG_WORD, TOKEN, Stage, in_days, make_reader, open_the_brief, waiting_reader

# By the name of the address: what a program gets there, or where it leads, instead of a page.
PROGRAMS = {
    "deck-today": "leads to the latest deck",
    "deck-picture": "a picture",
    "term-picture": "a picture",
    "picture": "a picture",
    "corrections-feed": "a feed",
    "feed": "a feed",
    "feed-atom": "a feed",
    "feed-json": "a feed",
    "search-suggest": "names for the field in which one types",
    "opensearch": "how a browser searches here",
    "sitemap": "a list of lists of addresses",
    "sitemap-part": "a list of addresses",
    "robots": "what crawlers may ask for",
    "manifest": "how a phone keeps the site",
    "anki": "a package",
    "security-txt": "where faults of safety are told",
    "change-password": "leads to the desk",
    "mail-events": "what a mail provider tells",
    "healthz": "whether the server answers",
    "readyz": "whether it is ready",
}
HERE = {
    "SITE_URL": "http://localhost",
    "STORAGES": {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}},
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
    "EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend",
}
OPEN = {
    "PUBLISHER": "Deck Press Ltd",
    "POSTAL_ADDRESS": "1 Card Street, Springfield",
    "CONTACT_EMAIL": "desk@dailydeck.example",
    "EMAIL_HOST": "mail.dailydeck.example",
}
PIECE = (
    '<!DOCTYPE html><html lang="en"><head><title>A piece</title>'
    '<link rel="stylesheet" href="/static/glossary/site.css"></head>'
    '<body><main><h1 class="vh">A piece</h1>{}</main></body></html>'
)


@dataclass(frozen=True)
class Asked:
    """One page as a reader asks for it.

    `name` says what it shows, `address` is the name of its address ("" where none leads there), `typed` is what a form
    sends, `at` the place on the page to which the address leads.
    """

    name: str
    address: str
    path: str
    typed: dict[str, Any] | None = None
    status: int = 200
    at: str = ""


@dataclass(frozen=True)
class Page:
    """One page as it was answered; `file` has its bytes."""

    name: str
    address: str
    path: str
    at: str
    status: int
    headers: dict[str, str]
    file: Path

    @property
    def html(self) -> str:
        """Return the answer as text."""
        return self.file.read_text(encoding="utf-8")

    @property
    def is_whole(self) -> bool:
        """Whether it is a page rather than a piece of one, which a script asks for."""
        return self.html.lstrip().startswith("<!DOCTYPE html>")

    @property
    def document(self) -> str:
        """Return a whole page: the answer, or the least there can be around a piece that a script asks for."""
        return self.html if self.is_whole else PIECE.format(self.html)


def ask(name: str, address: str, *args: Any, query: str = "", **over: Any) -> Asked:
    """Return the page of this address."""
    return Asked(name, address, reverse(address, args=args) + query, **over)


def every_page() -> Iterator[Asked]:
    """Yield every page, each while the site stands as it has to: empty, without a deck, then with everything."""
    stage = Stage()
    yield from _of_an_empty_site()
    stage.bring_in_cards()
    yield ask("home-without-a-deck", "home")
    yield ask("start-closed-without-a-deck", "start")
    stage.deal()
    yield ask("home-closed", "home")
    yield ask("start-closed", "start")
    stage.change_words()
    with override_settings(**OPEN):
        open_the_brief()
        yield from _of_decks(stage)
        yield from _of_terms(stage)
        yield from _of_search()
        yield from _of_trust(stage)
        yield from _of_the_brief()
        yield from _of_long_lists()
        yield from _of_a_single_desk()


def _of_an_empty_site() -> Iterator[Asked]:
    for name in ("home", "terms", "decks", "tags", "corrections", "contact", "privacy"):
        yield ask(f"{name}-empty", name)
    yield ask("search-nothing-there", "search", query="?q=token")


def _of_decks(stage: Stage) -> Iterator[Asked]:
    first, second, latest = (one.day.isoformat() for one in stage.decks)
    yield ask("home", "home")
    yield ask("decks", "decks")
    yield ask("deck-latest", "deck", latest)
    yield ask("deck-with-corrections", "deck", second)
    yield ask("deck-first", "deck", first)
    yield ask("deck-at-a-card", "deck", second, at="#card-3")
    yield ask("deck-not-there", "deck", "2099-01-01", status=404)
    yield ask("deck-print", "deck-print", second)


def _of_terms(stage: Stage) -> Iterator[Asked]:
    yield ask("terms", "terms")
    yield ask("terms-of-a-letter", "terms", query="?letter=L")
    yield ask("tags", "tags")
    yield ask("tag", "tag", "model-families")
    yield ask("tag-not-there", "tag", "no-such-shelf", status=404)
    yield ask("term", "term", "attention")
    yield ask("term-with-everything", "term", "qwen2", at="#c4")
    yield ask("term-with-a-namesake", "term", "lora")
    yield ask("term-with-a-former-name", "term", "lora-radio")
    yield ask("term-overdue", "term", "benchmark")
    yield ask("term-parts-re-checked", "term", "embedding")
    yield ask("term-with-a-long-name", "term", "reinforcement-learning-from-human-feedback")
    yield ask("term-withdrawn", "term", "ai-watermark", status=410)
    yield ask("term-retired", "term", "bert", status=410)
    yield ask("term-misspelled", "term", "transfomer", status=404)
    yield ask("term-not-there", "term", "zzzzzz", status=404)
    yield ask("term-not-there-in-one-long-word", "term", "w" * 200, status=404)
    yield ask("term-of-one-long-word", "term", LONG_WORD.lower())
    yield ask("name-for-several", "term", "bot")
    yield ask("peek", "term-peek", "transformer")
    yield Asked("not-found", "", "/no/such/page/", status=404)


def _of_search() -> Iterator[Asked]:
    for name, query in {
        "search": "",
        "search-found": "?q=model",
        "search-exact": "?q=RAG",
        "search-one": "?q=catastrophic",
        "search-misspelled": "?q=hallucinatoin",
        "search-nothing": "?q=zzzz",
        "search-long-word": f"?q={'w' * 120}",
        "search-cut": f"?q={'word+' * 60}",
    }.items():
        yield ask(name, "search", query=query)
    yield ask("search-asked", "search", query="?q=zzzz&asked=1")
    yield ask("search-refused", "search-ask", typed={"q": "?!"}, status=400)


def _of_trust(stage: Stage) -> Iterator[Asked]:
    answers = {
        "reworded": "token",
        "clarified": "fine-tuning",
        "updated": "inference",
        "corrected": "qwen2",
        "withdrawn": "ai-watermark",
    }
    yield ask("version-current", "version", "attention", stage.term("attention").published.digest)
    yield ask("version-overdue", "version", "benchmark", stage.term("benchmark").published.digest)
    for name, slug in answers.items():
        yield ask(f"version-{name}", "version", slug, stage.old[slug].digest)
    yield ask("version-not-there", "version", "token", "0" * 64, status=404)
    yield ask("changes", "changes", "qwen2")
    yield ask("changes-of-the-first-words", "changes", "attention")
    opened = form_stamp(now=timezone.now() - timedelta(minutes=1))
    wrong = {"said": "No.", "email": "ada", "opened": opened, "claim": ""}
    yield ask("report", "report", "attention")
    yield ask("report-of-one-long-word", "report", LONG_WORD.lower())
    yield ask("report-quote", "report", "attention", query="?quote=words+that+somebody+read")
    yield ask("report-old-words", "report", "qwen2", query=f"?v={stage.old['qwen2'].digest}")
    yield ask("report-withdrawn", "report", "ai-watermark")
    yield ask("report-refused", "report", "attention", typed=wrong, status=422)
    stale = wrong | {"said": "There are six sizes.", "email": "", "opened": "x"}
    yield ask("report-too-late", "report", "attention", typed=stale, status=422)
    yield ask("report-thanks", "report-thanks", "attention")
    yield ask("report-thanks-changed", "report-thanks", "qwen2", query="?changed")
    yield ask("report-thanks-withdrawn", "report-thanks", "ai-watermark")
    for name in ("corrections", "how-we-check", "about", "privacy", "contact"):
        yield ask(name, name)
    yield Asked("fault", "", "/fault/", status=500)


def _of_the_brief() -> Iterator[Asked]:
    stamp = make_stamp(today())
    yield ask("start", "start", query="?term=qwen2")
    yield ask("start-refused", "start", typed={"address": "ada", "stamp": stamp}, status=400)
    yield ask("start-again", "start", typed={"address": "ada@example.org", "stamp": "old"})
    yield ask("start-sent", "start", typed={"address": "ada@example.org", "stamp": stamp})
    waiting_reader()
    yield ask("confirm", "confirm", TOKEN)
    yield ask("confirmed", "confirm", TOKEN, typed={})
    yield ask("confirm-used", "confirm", "x")
    reader = make_reader()
    preferences, leave = link_of(reader, Purpose.PREFERENCES), link_of(reader, Purpose.UNSUBSCRIBE)
    yield ask("preferences", "preferences", preferences)
    yield ask("preferences-weekdays", "preferences", preferences, typed={"do": "weekdays"})
    yield ask("preferences-paused", "preferences", preferences, typed={"do": "pause", "until": str(in_days(9))})
    yield ask("preferences-refused", "preferences", preferences, typed={"do": "pause", "until": "soon"})
    yield ask("preferences-not-ours", "preferences", "x", status=404)
    yield ask("leave", "unsubscribe", leave)
    yield ask("left", "unsubscribe", leave, typed={"do": "leave"})
    yield ask("preferences-left", "preferences", preferences)
    yield ask("forgotten", "preferences", preferences, typed={"do": "erase", "sure": "yes"})
    yield ask("left-and-forgotten", "unsubscribe", leave)


def _of_long_lists() -> Iterator[Asked]:
    """Show the second page of each list that has pages, which come after fewer rows here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(term, "ALL_ON_ONE_PAGE", 4)
        patch.setattr(term, "PAGE_SIZE", 1)
        patch.setattr(search, "PAGE", 3)
        for module, size in {
            deck: "DECKS_A_PAGE",
            tag: "TERMS_A_PAGE",
            correction: "CORRECTIONS_A_PAGE",
        }.items():
            patch.setattr(module, size, 1)
        patch.setattr("glossary.services.version.CHANGES_A_PAGE", 1)
        yield ask("terms-by-letters", "terms", query="?letter=L&page=2")
        yield ask("tag-second-page", "tag", "model-families", query="?page=2")
        yield ask("decks-second-page", "decks", query="?page=2")
        yield ask("corrections-second-page", "corrections", query="?page=2")
        yield ask("changes-second-page", "changes", "qwen2", query="?page=2")
        yield ask("search-second-page", "search", query="?q=model&page=2")


def _of_a_single_desk() -> Iterator[Asked]:
    with override_settings(SINGLE_PERSON_DESK=True):
        for name in ("home", "terms", "how-we-check", "about"):
            yield ask(f"{name}-of-a-single-desk", name)


def answer(one: Asked, client: Client) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body; the page for faults of ours, which nothing leads to, is drawn by itself."""
    if one.status == 500:
        return 500, {}, server_error(RequestFactory().get(one.path)).content
    response = client.get(one.path) if one.typed is None else client.post(one.path, one.typed)
    return response.status_code, dict(response.headers), response.content


def render(folder: Path) -> None:
    """Write every page and a list of them into `folder`; no row is left behind."""
    folder.mkdir()
    rows, client = [], Client()
    with override_settings(**HERE, SENDING_MARK=folder / "sending.txt"), transaction.atomic():
        for one in every_page():
            status, headers, body = answer(one, client)
            assert status == one.status, f"{one.name}: {status}"
            assert body.lstrip().startswith(b"<"), f"{one.name}: no page"
            assert one.name not in {row["name"] for row in rows}, one.name
            (folder / f"{one.name}.html").write_bytes(body)
            row = {name: value for name, value in asdict(one).items() if name != "typed"}
            rows.append(row | {"headers": headers})
        mail.outbox = []
        transaction.set_rollback(True)
    (folder / "list.json").write_text(json.dumps(rows))


def pages_in(folder: Path) -> list[Page]:
    """Return the pages that `render` has written."""
    rows = json.loads((folder / "list.json").read_text())
    return [Page(**row, file=folder / f"{row['name']}.html") for row in rows]
