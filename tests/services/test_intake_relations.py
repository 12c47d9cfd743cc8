"""Relations as columns of an import: names of other rows, circles, and a dry run that says the same."""

import pytest

from glossary.domain.intake import Row
from glossary.models import Party, Term, TrailEntry
from glossary.services import intake
from glossary.services.intake import Fate, import_rows
from glossary.services.relations import relations_of
from tests.factories import make_published_term, make_term

pytestmark = pytest.mark.django_db


def bring_in(*rows, by, dry_run=False):
    return [(outcome.line, outcome.fate, outcome.reason) for outcome in import_rows(rows, by=by, dry_run=dry_run)]


def both_ways(*rows, by):
    """Return what the import comes to; a dry run before it must say the same and write nothing."""
    before = list(Term.objects.order_by("pk").values())
    foreseen = bring_in(*rows, by=by, dry_run=True)
    assert list(Term.objects.order_by("pk").values()) == before
    done = bring_in(*rows, by=by)
    assert foreseen == done
    return done


def named(term, relation):
    return sorted(getattr(Term.objects.get(headword=term), relation).values_list("headword", flat=True))


def test_a_row_brings_maker_and_relations(editor):
    make_term("Token", by=editor)
    make_term("Model", by=editor)
    row = Row(
        2,
        "Qwen2",
        vendor="Alibaba Cloud",
        prerequisites=("token",),
        broader=("Model",),
        related=("Token",),
        contrast="Model",
    )
    assert both_ways(row, by=editor) == [(2, Fate.CREATE, "")]
    term = Term.objects.get(headword="Qwen2")
    assert (term.vendor.name, term.contrast.headword) == ("Alibaba Cloud", "Model")
    assert [named("Qwen2", part) for part in ("prerequisites", "broader", "related")] == [
        ["Token"],
        ["Model"],
        ["Token"],
    ]
    assert TrailEntry.objects.filter(verb="related", term=term).count() == 1


def test_what_a_row_does_not_say_stays_and_an_empty_list_empties(editor):
    make_term("Token", by=editor)
    bring_in(Row(2, "Qwen2", vendor="Alibaba", prerequisites=("Token",), contrast="Token"), by=editor)
    assert both_ways(Row(2, "Qwen2"), by=editor) == [(2, Fate.UNCHANGED, "")]
    assert both_ways(Row(2, "Qwen2", prerequisites=("Token",)), by=editor) == [(2, Fate.UNCHANGED, "")]
    assert both_ways(Row(2, "Qwen2", prerequisites=(), contrast=""), by=editor) == [(2, Fate.UPDATE, "")]
    found = relations_of(Term.objects.get(headword="Qwen2"))
    assert (found.vendor, found.prerequisites, found.contrast) == ("Alibaba", (), None)


def test_rows_may_name_terms_of_later_rows_and_each_other(editor):
    rows = [Row(2, "A", related=("B",), prerequisites=("C",)), Row(3, "B", related=("A",)), Row(4, "C")]
    assert both_ways(*rows, by=editor) == [(line, Fate.CREATE, "") for line in (2, 3, 4)]
    assert (named("A", "related"), named("A", "prerequisites")) == (["B"], ["C"])


@pytest.mark.parametrize("part", ["prerequisites", "broader"])
@pytest.mark.parametrize("batch", [50, 1])
def test_a_circle_is_a_conflict_with_the_way_round_and_the_dry_run_says_so(editor, monkeypatch, part, batch):
    monkeypatch.setattr(intake, "DRY_BATCH", batch)
    rows = [
        Row(2, "A"),
        Row(3, "B", **{part: ("A",)}),
        Row(4, "C", **{part: ("B",)}),
        Row(5, "D", **{part: ("C", "E")}),
        Row(6, "E", **{part: ("D",)}),
    ]
    outcomes = both_ways(*rows, by=editor)
    relation = "to be read first" if part == "prerequisites" else part
    assert outcomes[:4] == [(line, Fate.CREATE, "") for line in (2, 3, 4, 5)]
    assert outcomes[4:] == [
        (6, Fate.CREATE, ""),
        (
            5,
            Fate.CONFLICT,
            "The words were taken, how it stands to other terms was not. "
            f"This would run in a circle ({relation}): D → E → D. Take one of them out.",
        ),
    ]
    assert named("E", part) == ["D"] and named("D", part) == []


def test_a_circle_with_what_stands_already_takes_nothing_of_the_row(editor):
    token, text = make_term("Token", by=editor), make_term("Text", by=editor)
    token.prerequisites.add(text)
    row = Row(2, "Text", "Other words.", prerequisites=("Token",))
    told = "This would run in a circle (to be read first): Text → Token → Text. Take one of them out."
    assert both_ways(row, by=editor) == [(2, Fate.CONFLICT, told)]
    assert Term.objects.get(headword="Text").definition == "Text is a family of language models."


@pytest.mark.parametrize(
    ("over", "reason"),
    [
        ({"related": ("Nobody",)}, "No term goes by the name “Nobody”. Bring it in, or correct the name."),
        ({"contrast": "Nobody"}, "No term goes by the name “Nobody”. Bring it in, or correct the name."),
    ],
)
def test_a_name_of_nobody_is_told_at_the_end(editor, over, reason):
    told = f"The words were taken, how it stands to other terms was not. {reason}"
    assert both_ways(Row(2, "Qwen2", **over), by=editor) == [(2, Fate.CREATE, ""), (2, Fate.CONFLICT, told)]


@pytest.mark.parametrize(
    ("over", "fate", "reason"),
    [
        ({"related": ("Qwen2",)}, Fate.CONFLICT, "neither related to itself"),
        ({"prerequisites": ("Qwen2",)}, Fate.CONFLICT, "Qwen2 → Qwen2"),
        ({"vendor": "x" * 201}, Fate.BAD, "The vendor has 201 characters"),
        ({"successor": "Draft"}, Fate.CONFLICT, "A successor must be a published term."),
        ({"successor": "Nobody"}, Fate.CONFLICT, "goes by the name “Nobody”"),
    ],
)
def test_what_cannot_be_is_refused_at_once(editor, over, fate, reason):
    make_term("Qwen2", by=editor)
    make_term("Draft", by=editor)
    [(line, found, told)] = both_ways(Row(2, "Qwen2", **over), by=editor)
    assert (line, found) == (2, fate) and reason in told
    assert not Party.objects.filter(name__startswith="x").exists()


def test_a_successor_is_a_line_to_be_checked(editor):
    make_published_term("Qwen3")
    make_term("Qwen2", by=editor)
    assert both_ways(Row(2, "Qwen2", successor="qwen 3"), by=editor) == [(2, Fate.UPDATE, "")]
    term = Term.objects.get(headword="Qwen2")
    assert term.successor.headword == "Qwen3" and term.working.words.successor == "Qwen3"
    assert both_ways(Row(2, "Qwen2", successor=""), by=editor) == [(2, Fate.UPDATE, "")]
    assert Term.objects.get(headword="Qwen2").successor is None
