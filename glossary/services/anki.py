"""The glossary as a package for Anki: one note a term, a sub-deck for each topic, and ids that stay for life.

Anki knows notes by their guid and takes the one with the later moment: so a package that is imported again updates
the notes and makes none twice. It finds decks by their names and never moves a card that is there: a note that was
filed elsewhere gets its new tags, by which its reader can move the card.

The package is made once for each state of the glossary and kept, whatever its size: the mark of public changes, which
moves in the transaction of each, says whether what is kept is still true.
"""

import hashlib
import io
import sqlite3
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from time import monotonic, sleep
from typing import Any

import genanki
from django.conf import settings
from django.urls import reverse
from django.utils.dateformat import format as format_date
from django.utils.html import escape

from glossary.domain.markup import to_html
from glossary.domain.origin import Origin
from glossary.domain.ready_page import etag_of, valid_until
from glossary.models import AnkiPackage, Term
from glossary.services.build import build_name
from glossary.services.clock import moment, today
from glossary.services.installation import origin
from glossary.services.ready_page import mark

MODEL = 1_704_829_001  # ids of Anki are numbers chosen once; another number would make a second set of notes
FIELDS = ["Term", "Also called", "Definition", "Text", "Example", "Checked", "Address"]
FRONT = "<h1>{{Term}}</h1>{{#Also called}}<p class=also>Also called: {{Also called}}</p>{{/Also called}}"
BACK = (
    "{{FrontSide}}<hr id=answer><p class=definition>{{Definition}}</p>{{Text}}"
    "{{#Example}}<p><b>For example:</b> {{Example}}</p>{{/Example}}"
    '<p class=checked>{{Checked}} <a href="{{Address}}">Is this still true?</a></p>'
)
STYLE = """
.card { font: 1.125rem/1.5 Georgia, serif; max-width: 37rem; margin: 1rem auto; padding: 0 1rem; text-align: left; }
h1 { font-size: 2rem; line-height: 1.1; margin: 0; }
.definition { font-size: 1.375rem; line-height: 1.35; }
.also, .checked { font: .875rem/1.5 sans-serif; }
"""
OTHERS = "Other terms"
MADE = (1980, 1, 1, 0, 0, 0)  # of the files in the package: the earliest that a ZIP file can tell
MAKING = 120  # seconds after which whoever began to make the package is taken to have died; 10,000 terms take ten
WAIT = 2.0  # seconds that a reader waits for the package that somebody else is making
LOOK = 0.1  # seconds between looks
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)  # before every word of the site


def kept_package(*, now: datetime | None = None) -> AnkiPackage | None:
    """Return the package as the glossary is now, without its bytes; made by whoever first asks, others wait a little.

    None where it takes longer than a reader should wait: it will be there in some seconds.
    """
    at = moment(now)
    ends = monotonic() + WAIT
    while True:
        before = mark()
        row = AnkiPackage.objects.defer("body").filter(build=build_name(), mark=before).first()
        if row is not None and row.valid_until > at.timestamp():
            return row
        if _claim(at):
            return _make(before, at)
        if monotonic() > ends:
            return None
        sleep(LOOK)


def _claim(at: datetime) -> bool:
    """Return whether the caller is the one who makes the package now."""
    second = int(at.timestamp())
    AnkiPackage.objects.bulk_create([AnkiPackage(build=build_name())], ignore_conflicts=True)
    free = AnkiPackage.objects.filter(build=build_name(), making_until__lte=second)
    return bool(free.update(making_until=second + MAKING))


def _make(before: int, at: datetime) -> AnkiPackage:
    """Make the package and keep it under the mark from before: if that has moved meanwhile, nobody else gets it."""
    made: dict[str, Any] = {}
    own = AnkiPackage.objects.filter(build=build_name())
    try:
        body = make_package(now=at)
        until = valid_until(at, settings.EDITORIAL_TIME_ZONE)
        made = {"mark": before, "valid_until": until, "etag": etag_of(body), "body": body}
    finally:
        own.update(making_until=0, **made)
    return own.defer("body").get()


def make_package(*, now: datetime | None = None) -> bytes:
    """Return the package with every published term whose check stands, as a file of Anki's (.apkg).

    The same glossary gives the same bytes.
    """
    began, at = origin(), moment(now)
    model = genanki.Model(
        MODEL,
        began.name,
        fields=[{"name": name} for name in FIELDS],
        templates=[{"name": "Card", "qfmt": FRONT, "afmt": BACK}],
        css=STYLE,
    )
    decks: dict[str, genanki.Deck] = {}
    latest = BEGINNING
    for key, topic, note in _notes(model, began, at):
        if topic not in decks:
            decks[topic] = genanki.Deck(_number(f"{began.url} {key}"), f"{began.name}::{topic}")
        decks[topic].add_note(note)
        latest = max(latest, note.moment)
    whole = [decks[topic] for topic in sorted(decks)] or [genanki.Deck(_number(began.url), f"{began.name}::{OTHERS}")]
    return _zipped(_database(genanki.Package(whole), latest))


class DatedNote(genanki.Note):
    """A note with a moment of its own, so that a reader's changes to one are not lost to a change of another."""

    def __init__(self, *given: Any, moment: datetime, **over: Any) -> None:
        super().__init__(*given, **over)
        self.moment = moment

    def write_to_db(self, cursor: sqlite3.Cursor, timestamp: float, deck_id: int, id_gen: Iterator[int]) -> None:
        """Write it as genanki does, as of its own moment."""
        super().write_to_db(cursor, self.moment.timestamp(), deck_id, id_gen)


def _database(package: genanki.Package, latest: datetime) -> bytes:
    """Return the collection as SQLite keeps it: the same rows in the same order, hence the same bytes."""
    line = sqlite3.connect(":memory:")
    try:
        package.write_to_db(line.cursor(), latest.timestamp(), count(int(latest.timestamp() * 1000)))
        line.commit()
        return line.serialize()
    finally:
        line.close()


def _zipped(collection: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in [("collection.anki2", collection), ("media", b"{}")]:
            file = zipfile.ZipInfo(name, MADE)
            file.create_system, file.compress_type = 3, zipfile.ZIP_DEFLATED
            package.writestr(file, content)
    return target.getvalue()


def _notes(model: genanki.Model, began: Origin, at: datetime) -> Iterator[tuple[int, str, DatedNote]]:
    """Yield for each term the key of its topic, the topic's name, and the note."""
    late = today(at)
    for term in Term.objects.for_readers().with_tags().in_order():
        shown = term.shown()
        if shown is None:
            continue
        words, check = shown
        assert check.stamp_on is not None  # a check that stands has its date
        due = " Re-check due." if term.overdue_on is not None and term.overdue_on <= late else ""
        assert term.published is not None  # for otherwise nothing were shown
        version = f"{settings.SITE_URL}{reverse('version', args=[term.slug, term.published.digest])}"
        fields = [
            escape(words.headword),
            escape(", ".join(words.also_called)),
            escape(words.definition),
            to_html(words.body),
            escape(words.example),
            f"Fact-checked {format_date(check.stamp_on, settings.DATE_FORMAT)}.{due}",
            version,
        ]
        topic = term.topic.name if term.topic else OTHERS
        note = DatedNote(
            model,
            fields,
            guid=genanki.guid_for(began.url, term.pk),
            tags=sorted(tag.slug for tag in term.tags.all()),
            moment=max(term.last_change(at) or BEGINNING, term.filed_at or BEGINNING),
        )
        yield term.topic_id or 0, topic.replace("::", ":"), note


def _number(name: str) -> int:
    """Return a number for a sub-deck that stays the same as long as its name does (Anki wants 31 bits)."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) >> 1 | 1 << 30
