"""A hundred words that readers must never see, planted wherever the desk keeps words; and every public address asked.

A new public address needs a line in SURFACES: without one a test here fails.
"""

import io
from datetime import timedelta
from itertools import count
from zipfile import ZipFile

import pytest
from django.urls import reverse

from glossary.domain.claim import ClaimKind, Verdict
from glossary.domain.roles import Role
from glossary.domain.term import AliasDraft, AliasKind
from glossary.models import Claim, Edition, Term
from glossary.services.ban import ban_term
from glossary.services.claim import settle_line
from glossary.services.comment import add_comment
from glossary.services.deck import create_deck
from glossary.services.fact_check import send_back, withdraw_check
from glossary.services.term import change_slug, save_term, submit_term
from tests.factories import details_of, make_deck, make_draft, make_published_term, make_term, make_user
from tests.site import Site, public_names

pytestmark = pytest.mark.django_db(transaction=True)
PLANTED = 100

# By the name of the address: what may stand in its place of a value ("slug" and "day" of the desk below), and queries.
SURFACES: dict[str, tuple[list[str], list[str]]] = {
    "home": ([], ["?page=2"]),
    "decks": ([], ["?page=2", "?page=nonsense"]),
    "deck-today": ([], []),
    "deck": (["days"], []),
    "terms": ([], ["?letter=C", "?letter=Z", "?page=9", "?letter=%00"]),
    "term": (["slugs"], ["?preview=1", "?edition=2"]),
    "tags": ([], []),
    "tag": (["shelves"], []),
    "corrections": ([], ["?page=2"]),
    "corrections-feed": ([], ["?format=json"]),
    "how-we-check": ([], []),
    "about": ([], []),
    "start": ([], ["?term=public-term"]),
    "confirm": (["tokens"], []),
    "unsubscribe": (["tokens"], []),
    "preferences": (["tokens"], []),
    "deck-print": (["days"], []),
    "deck-picture": (["days"], []),
    "term-picture": (["slugs"], []),
    "term-peek": (["slugs"], []),
    "changes": (["slugs"], ["?page=2"]),
    "version": (["editions"], []),
    "report": (["slugs"], ["?quote=It+speaks+of"]),
    "report-thanks": (["slugs"], []),
    "privacy": ([], []),
    "contact": ([], []),
    "security-txt": ([], []),
    "change-password": ([], []),
    "search": (
        [],
        ["?q=public", "?q=zyxcanary", "?q=zyxcanary0", "?q=lost", "?q=speaks", "?q=%00", "?q=public&page=2"],
    ),
    "search-suggest": ([], ["?q=p", "?q=zyx", "?q=zyxcanary00", "?q=lost"]),
    "search-ask": ([], []),
    "opensearch": ([], []),
    "feed": ([], []),
    "feed-atom": ([], []),
    "feed-json": ([], []),
    "sitemap": ([], []),
    "sitemap-part": (["parts"], []),
    "robots": ([], []),
    "manifest": ([], []),
    "anki": ([], []),
    "picture": ([], []),
    "mail-events": ([], []),
    "healthz": ([], []),
    "readyz": ([], []),
}
ODD = {
    "accept": "application/json",
    "accept_encoding": "identity",
    "if_none_match": '"x"',
    "if_modified_since": "Mon, 01 Jan 2024 00:00:00 GMT",
}


class Canaries:
    """Words of no language; each is given out once."""

    def __init__(self):
        self.numbers, self.words = count(1), []

    def word(self):
        self.words.append(f"zyxcanary{next(self.numbers):03d}")
        return self.words[-1]

    def text(self):
        return f"It speaks of {self.word()}."


@pytest.fixture
def planted():
    """A desk whose every drawer holds canaries, and the values that stand in addresses."""
    canaries = Canaries()
    editor, checker = make_user(Role.EDITOR), make_user(Role.CHECKER, Role.PUBLISHER)
    scheduler = make_user(Role.SCHEDULER)
    deck = make_deck()
    slugs = ["no-such-term"]
    for n in range(8):  # drafts, every second with a checker, then sent back
        aliases = (
            AliasDraft(canaries.word(), AliasKind.SPELLING),
            AliasDraft(canaries.word(), AliasKind.MISSPELLING, shown=False),
        )
        words = {"definition": canaries.text(), "body": canaries.text(), "example": canaries.text()}
        draft = make_term(canaries.word(), by=editor, aliases=aliases, **words)
        slugs.append(draft.slug)
        if n % 2:
            edition = submit_term(draft, by=editor)
            line = Claim.objects.lines(edition.pk)[n % 3 + 2].claim
            add_comment(line, canaries.text(), by=checker)
            refused = {"verdict": Verdict.CONTRADICTED, "kind": ClaimKind.FACT, "note": canaries.text()}
            settle_line(line, by=checker, **refused)
            if n % 4 == 1:
                send_back(edition, by=checker, comment=canaries.text())
    public = make_published_term("Public", author=editor, checker=checker)
    hidden = [AliasDraft(canaries.word(), AliasKind.MISSPELLING, shown=False) for _ in range(5)]
    changed = {"definition": canaries.text(), "body": canaries.text(), "example": canaries.text()}
    public = save_term(
        public, make_draft("Public", aliases=tuple(hidden), **changed), details=details_of(public), by=editor
    )
    public = change_slug(public, "public-term", by=checker)
    ban_term(public, first=deck.day, until=None, reason=canaries.text(), by=scheduler)
    slugs += ["public-term", "public", "PUBLIC", *(alias.text for alias in hidden)]
    for n in range(5):  # published once and taken back: the log of corrections keeps the name, the words are gone
        words = {"definition": canaries.text(), "body": canaries.text(), "example": canaries.text()}
        lost = make_published_term(f"Lost {n}", author=editor, checker=checker, tag=None, **words)
        withdraw_check(lost, by=checker, reason="It was wrong.")
        slugs.append(lost.slug)
    days = [deck.day.isoformat()]
    for n in range(1, 9):
        coming = create_deck(deck.day + timedelta(days=n), by=scheduler, title=canaries.word())
        days.append(coming.day.isoformat())
    for _ in range(PLANTED - len(canaries.words)):
        slugs.append(make_term(canaries.word(), by=editor).slug)
    values = {
        "days": [*days, "2099-01-01", "today-2"],
        "slugs": slugs,
        "shelves": ["model-families", "no-such-shelf"],
        "tokens": ["x", "A" * 44],
        "editions": list(Edition.objects.values_list("term__slug", "digest")),
        "parts": [("terms", 1), ("decks", 1), ("pages", 1), ("terms", 2)],
    }
    return canaries.words, values


def addresses(values):
    """Return every public address with every value that stands in it, with and without its queries."""
    found = ["/no-such-page/", "/terms/%00/", "/robots.txt", "/sitemap.xml", "/static/glossary/site.css.map"]
    for name, (placed, queries) in SURFACES.items():
        asked = [value if isinstance(value, tuple) else (value,) for value in values[placed[0]]] if placed else [()]
        paths = [reverse(name, args=value) for value in asked]
        found += [path + query for path in paths for query in ["", *queries]]
    return found


def leaks(answer, words, path):
    """Return the canaries in an answer, but for those that the reader has typed into the address."""
    body = answer.body
    if body.startswith(b"PK"):  # a package: what is inside counts
        with ZipFile(io.BytesIO(body)) as package:
            body = b"".join(package.read(name) for name in package.namelist())
    told = (body.decode("utf-8", "replace") + repr(answer.headers)).lower()
    return [word for word in words if word in told and word not in path.lower()] if "zyxcanary" in told else []


def test_every_public_address_is_among_the_surfaces():
    assert set(public_names()) == set(SURFACES)


def test_no_answer_to_anybody_outside_has_a_word_of_the_desk(planted, client):
    words, values = planted
    assert len(words) >= PLANTED and len(set(words)) == len(words)
    staff = make_user(superuser=True)
    client.force_login(staff)
    cookie = f"sessionid={client.cookies['sessionid'].value}"
    site, found = Site(), []
    drafts = Term.objects.filter(headword__startswith="zyxcanary")
    preview = reverse("admin:glossary_term_preview", args=[drafts.first().pk])
    assert "zyxcanary" in site.get(preview, cookie=cookie).text, "the canaries are alive"
    assert site.get(preview).status == 302
    paths = addresses(values)
    for path in paths:  # what is kept after a visit of staff is what everybody gets
        answers = [site.get(path, cookie=cookie), site.get(path), site.get(path, method="HEAD", **ODD)]
        assert all(answer.status < 500 for answer in answers) or path == "/readyz", path
        found += [(path, word) for answer in answers for word in leaks(answer, words, path)]
    assert found == []
    assert len(paths) > 100
