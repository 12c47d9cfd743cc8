"""The glossary as a package for Anki: one note a term, a sub-deck for each topic, and ids that stay for life.

Anki knows notes by their guid and takes the one with the later moment: so a package that is imported again updates
the notes and makes none twice.
"""

import hashlib
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, time
from pathlib import Path

import genanki
from django.conf import settings
from django.db.models import Max, Q
from django.urls import reverse
from django.utils.dateformat import format as format_date
from django.utils.html import escape

from glossary.domain.markup import to_html
from glossary.models import Term
from glossary.services.clock import today

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
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)  # before every word of the site


def make_package() -> bytes:
    """Return the package with every published term whose check stands, as a file of Anki's (.apkg)."""
    model = genanki.Model(
        MODEL,
        settings.SITE_NAME,
        fields=[{"name": name} for name in FIELDS],
        templates=[{"name": "Card", "qfmt": FRONT, "afmt": BACK}],
        css=STYLE,
    )
    decks: dict[str, genanki.Deck] = {}
    for topic, note in _notes(model):
        if topic not in decks:
            decks[topic] = genanki.Deck(_number(topic), f"{settings.SITE_NAME}::{topic}")
        decks[topic].add_note(note)
    package = genanki.Package([decks[topic] for topic in sorted(decks)] or [genanki.Deck(_number(""), OTHERS)])
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "glossary.apkg"
        package.write_to_file(file, timestamp=_latest().timestamp())
        return file.read_bytes()


def _notes(model: genanki.Model) -> Iterator[tuple[str, genanki.Note]]:
    late = today()
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
        tags = sorted(tag.slug for tag in term.tags.all())
        yield (
            topic.replace("::", ":"),
            genanki.Note(model, fields, guid=genanki.guid_for(settings.SITE_URL, term.pk), tags=tags),
        )


def _latest() -> datetime:
    """Return when readers last got something else, which becomes the moment of every note."""
    rows = Term.objects.aggregate(at=Max("changed_at"), due=Max("overdue_on", filter=Q(overdue_on__lte=today())))
    due = datetime.combine(rows["due"], time(), settings.EDITORIAL_TIME_ZONE) if rows["due"] else BEGINNING
    return max(rows["at"] or BEGINNING, due)


def _number(name: str) -> int:
    """Return a number for a sub-deck that stays the same as long as its name does (Anki wants 31 bits)."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) >> 1 | 1 << 30
