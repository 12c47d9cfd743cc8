"""Bringing in rows as drafts."""

from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from glossary.domain.intake import AliasGiven, BadRow, Row
from glossary.domain.intake_file import BadFile
from glossary.domain.link_policy import LinkPolicy
from glossary.domain.roles import Role
from glossary.domain.term import AliasDraft, AliasKind
from glossary.models import Alias, DeskWord, Edition, FactCheck, Name, Sentence, Term, TrailEntry
from glossary.services import intake
from glossary.services.closing import merge_term, retire_term
from glossary.services.intake import Fate, Outcome, Tally, import_rows
from glossary.services.term import TermDetails, change_slug, save_term, submit_term
from glossary.services.working_text import bin_draft
from tests.factories import make_published_term, make_source, make_tag, make_term, make_user

pytestmark = pytest.mark.django_db
ROWS_WRITTEN = [Term, Alias, Name, Edition, Sentence, TrailEntry, DeskWord, FactCheck]


def bring_in(*rows: Row | BadRow, by, dry_run: bool = False) -> list[Outcome]:
    return list(import_rows(rows, by=by, dry_run=dry_run))


def fates(outcomes: list[Outcome]) -> list[Fate]:
    return [outcome.fate for outcome in outcomes]


def everything() -> list[list[dict]]:
    return [list(model.objects.order_by("pk").values()) for model in ROWS_WRITTEN]


def test_a_row_with_a_definition_only_makes_a_draft_that_readers_do_not_see(editor):
    (outcome,) = bring_in(Row(2, "Token", "A token is a piece of text."), by=editor)
    term = Term.objects.get()
    assert outcome == Outcome(2, Fate.CREATE, "Token")
    assert (term.slug, term.stage, term.definition, term.body) == ("token", "draft", "A token is a piece of text.", "")
    assert term.working.made_by == editor
    assert term.editions.submitted().count() == 0
    assert not FactCheck.objects.exists()
    assert list(TrailEntry.objects.values_list("verb", "actor__username")) == [("saved", editor.username)]


def test_a_row_brings_everything_that_its_columns_name(editor):
    topic, tag = make_tag("Basics"), make_tag("Text")
    row = Row(
        2,
        "LLM",
        "A model.",
        "It writes.",
        "A letter.",
        (AliasGiven("Large language model", AliasKind.FULL_FORM), AliasGiven("LMM", AliasKind.MISSPELLING, False)),
        "basics",
        ("TEXT",),
        "hard",
        "C",
        "language-model",
        42,
    )
    assert fates(bring_in(row, by=editor)) == [Fate.CREATE]
    term = Term.objects.get()
    assert (term.slug, term.topic, term.level, term.volatility, term.readers_need) == (
        "language-model",
        topic,
        "hard",
        "C",
        42,
    )
    assert set(term.tags.all()) == {topic, tag}
    assert term.draft().aliases == (
        AliasDraft("Large language model", AliasKind.FULL_FORM, link_policy=LinkPolicy.AUTO),
        AliasDraft("LMM", AliasKind.MISSPELLING, shown=False, link_policy=LinkPolicy.AUTO),
    )


@pytest.mark.parametrize("row", [Row(2, "qwen 2", "New words."), Row(2, "Tongyi", "New words.", slug="qwen2")])
def test_a_row_finds_its_term_by_slug_or_else_by_the_key_of_its_headword(editor, row):
    term = make_term("Qwen2", by=editor)
    assert fates(bring_in(row, by=editor)) == [Fate.UPDATE]
    term.refresh_from_db()
    assert (term.headword, term.definition, term.slug) == (row.headword, "New words.", "qwen2")


def test_what_a_row_does_not_say_stays_as_it_is(editor):
    other, source = make_published_term("Qwen3"), make_source()
    term = make_term("Qwen2", by=editor, ambiguous=True, aliases=[AliasDraft("Quen", AliasKind.MISSPELLING, False)])
    kept = TermDetails(
        topic=make_tag("Basics"),
        tags=[make_tag("Text")],
        level="hard",
        volatility="D",
        successor=other,
        sources=[source],
    )
    term = save_term(term, term.draft(), details=kept, by=editor)
    was = term.draft()
    assert fates(bring_in(Row(2, "Qwen2", "New words."), by=editor)) == [Fate.UPDATE]
    term = Term.objects.get(pk=term.pk)
    assert term.draft() == replace(was, definition="New words.")
    assert (term.topic, term.level, term.volatility, term.successor) == (kept.topic, "hard", "D", other)
    assert {tag.name for tag in term.tags.all()} == {"Basics", "Text"}
    assert list(term.sources.all()) == [source]
    assert term.working.words.successor == "Qwen3"


def test_an_alias_that_is_there_keeps_what_the_row_does_not_say_of_it(editor):
    hidden = AliasDraft("Quen", AliasKind.MISSPELLING, shown=False, ambiguous=True, link_policy=LinkPolicy.NEVER)
    term = make_term("Qwen2", by=editor, aliases=[hidden, "Tongyi"])
    bring_in(Row(2, "Qwen2", aliases=(AliasGiven("Quen"), AliasGiven("QW", AliasKind.ACRONYM))), by=editor)
    assert Term.objects.get(pk=term.pk).draft().aliases == (
        hidden,
        AliasDraft("QW", AliasKind.ACRONYM, link_policy=LinkPolicy.AUTO),
    )


def test_an_empty_part_empties_it_and_a_new_topic_takes_the_place_of_the_old(editor):
    make_tag("Basics")
    term = make_term("Qwen2", by=editor, tag="Model families", aliases=["Tongyi"])
    row = Row(2, "Qwen2", body="", example="", aliases=(), topic="Basics", level="")
    assert fates(bring_in(row, by=editor)) == [Fate.UPDATE]
    term = Term.objects.get(pk=term.pk)
    assert (term.body, term.example, term.level) == ("", "", "")
    assert not term.aliases.exists()
    assert [tag.name for tag in term.tags.all()] == ["Basics"]
    bring_in(Row(2, "Qwen2", topic="", tags=()), by=editor)
    term = Term.objects.get(pk=term.pk)
    assert term.topic is None
    assert not term.tags.exists()


def test_the_words_that_readers_see_stay_and_so_does_their_check(editor):
    term = make_published_term("Qwen2", author=editor)
    words, check = term.shown()
    assert fates(bring_in(Row(2, "Qwen2", "Other words."), by=editor)) == [Fate.UPDATE]
    term = Term.objects.get(pk=term.pk)
    assert term.shown() == (words, check)
    assert term.has_unpublished_words()
    assert term.working.words.definition == "Other words."


def test_the_same_file_again_changes_nothing_and_leaves_no_trail(editor):
    make_tag("Basics")
    rows = [Row(2, "Token", " A  piece of text. ", topic="Basics", readers=3), Row(3, "Prompt", aliases=())]
    assert fates(bring_in(*rows, by=editor)) == [Fate.CREATE, Fate.CREATE]
    before = everything()
    assert fates(bring_in(*rows, by=editor)) == [Fate.UNCHANGED, Fate.UNCHANGED]
    assert everything() == before


@pytest.mark.parametrize(
    ("row", "trail"),
    [
        (Row(2, "Qwen2", "New words."), [("saved", "")]),
        (Row(2, "Qwen2", "New words.", topic="Basics", level="hard", readers=7), [("saved", "")]),
        (
            Row(2, "Qwen2", topic="Basics", level="hard", volatility="D"),
            [("filed", "Basics, Basics"), ("changed the details of", "level, volatility")],
        ),
        (
            Row(2, "Qwen2", topic="Basics"),
            [("filed", "Basics, Basics")],
        ),
        (
            Row(2, "Qwen2", aliases=(AliasGiven("Quen", AliasKind.MISSPELLING),)),
            [("changed the details of", "aliases")],
        ),
        (Row(2, "Qwen2", readers=7), []),
    ],
)
def test_a_changed_term_has_one_entry_for_each_act_in_the_trail_and_the_need_of_readers_none(editor, row, trail):
    make_tag("Basics")
    make_term("Qwen2", by=editor)
    last = TrailEntry.objects.count()
    assert fates(bring_in(row, by=editor)) == [Fate.UPDATE]
    entries = TrailEntry.objects.order_by("pk")[last:]
    assert [(entry.verb, entry.reason) for entry in entries] == trail
    assert Term.objects.get().readers_need == (row.readers or 0)


def test_a_card_with_a_checker_is_taken_back_only_if_its_words_change(editor):
    term = make_term("Qwen2", by=editor)
    submit_term(term, by=editor)
    bring_in(Row(2, "Qwen2", level="hard", readers=9), by=editor)
    assert term.editions.submitted().count() == 1
    bring_in(Row(2, "Qwen2", "New words."), by=editor)
    assert term.editions.submitted().count() == 0


def test_a_name_of_another_term_is_a_conflict_that_names_it(editor):
    make_term("Large language model", by=editor, aliases=["LLM"])
    rows = [
        Row(2, "LLM", "A model."),
        Row(3, "Word machine", aliases=(AliasGiven("llm"),)),
        Row(4, "Large language model", slug="big-model"),
    ]
    before = everything()
    first, second, third = bring_in(*rows, by=editor)
    assert {first.fate, second.fate, third.fate} == {Fate.CONFLICT}
    assert first.reason.startswith("“LLM” already belongs to “Large language model”.")
    assert second.reason.startswith("“llm” already belongs to “Large language model”.")
    assert "at the address “large-language-model”. Give that slug" in third.reason
    assert everything() == before


def closed(kind: str, editor) -> Term:
    publisher = make_user(Role.PUBLISHER)
    if kind == "in the bin":
        return bin_draft(make_term("Qwen2", by=editor), by=editor)
    term = make_published_term("Qwen2", author=editor)
    change_slug(term, "qwen-two", by=publisher)
    if kind == "retired":
        return retire_term(term, by=publisher, reason="It is no more.")
    return merge_term(term, into=make_published_term("Qwen3", author=editor), by=publisher)


@pytest.mark.parametrize("kind", ["retired", "merged", "in the bin"])
@pytest.mark.parametrize("by_slug", [True, False])
def test_a_closed_or_binned_term_is_a_conflict(editor, kind, by_slug):
    term = closed(kind, editor)
    (outcome,) = bring_in(Row(2, "Qwen2", "New words.", slug=term.slug if by_slug else ""), by=editor)
    assert outcome.fate == Fate.CONFLICT
    said = "“Qwen2” already belongs to “Qwen3”." if kind == "merged" and not by_slug else f"“Qwen2” is {kind}"
    assert outcome.reason.startswith(said)
    term.refresh_from_db()
    assert term.definition == "Qwen2 is a family of language models."


def test_an_ambiguous_headword_means_the_term_spelled_so_or_needs_a_slug(editor):
    make_term("LoRA", by=editor, ambiguous=True)
    radio = make_term("LoRa", by=editor, slug="lora-radio", ambiguous=True)
    first, second, third = bring_in(
        Row(2, "LoRa", "A radio."), Row(3, "lora", "Which?"), Row(4, "LoRA", "A way to tune.", slug="lora"), by=editor
    )
    assert (first.fate, second.fate, third.fate) == (Fate.UPDATE, Fate.CONFLICT, Fate.UPDATE)
    assert "Give the slug" in second.reason
    radio.refresh_from_db()
    assert radio.definition == "A radio."


@pytest.mark.parametrize("over", [{"topic": "Cooking"}, {"tags": ("Basics", "Cooking")}])
@pytest.mark.parametrize("known", [True, False])
def test_an_unknown_topic_or_tag_is_a_conflict_that_names_it(editor, over, known):
    make_tag("Basics")
    if known:
        make_term("Token", by=editor)
    before = everything()
    (outcome,) = bring_in(Row(2, "Token", "A piece.", **over), by=editor)
    assert outcome.fate == Fate.CONFLICT
    assert outcome.reason == "There is no tag “Cooking”. Publishers keep the list of tags."
    assert everything() == before


@pytest.mark.parametrize(
    "row",
    [
        Row(2, "x" * 121),
        Row(2, "To\u202eken"),
        Row(2, "Token", "x" * 1_001),
        Row(2, "Token", body="[here](mailto:a@example.org)"),
        Row(2, "Token", aliases=(AliasGiven("Token"),)),
        Row(2, "Token", aliases=(AliasGiven(""),)),
    ],
)
def test_words_that_cannot_be_stored_are_bad_and_nothing_of_the_row_is_kept(editor, row):
    before = everything()
    (outcome,) = bring_in(replace(row, readers=5), by=editor)
    assert outcome.fate == Fate.BAD
    assert outcome.reason.endswith(".")
    assert everything() == before


def test_a_refused_row_keeps_nothing_and_the_rows_around_it_are_taken(editor):
    outcomes = bring_in(
        Row(2, "Token", "A piece."), BadRow(3, "It is broken."), Row(4, "B", topic="None"), Row(5, "C"), by=editor
    )
    assert fates(outcomes) == [Fate.CREATE, Fate.BAD, Fate.CONFLICT, Fate.CREATE]
    assert str(outcomes[1]) == "line 3: It is broken."
    assert [outcome.refused for outcome in outcomes] == [False, True, True, False]
    assert set(Term.objects.values_list("headword", flat=True)) == {"Token", "C"}


def many_rows() -> list[Row | BadRow]:
    """Rows of every fate, with every clash that rows of one file can have; more than one batch of a dry run."""
    filler = [Row(100 + n, f"Filler {n}", "It fills.") for n in range(60)]
    clashes = [
        Row(200, "filler-1", "Again."),
        Row(201, "Another", aliases=(AliasGiven("Filler 2"),)),
        Row(202, "C#"),
        *(Row(210 + n, f"Between {n}") for n in range(60)),
        Row(300, "C sharp"),
        Row(301, "Qwen2", "New words."),
        Row(302, "Qwen-2", "Newer words."),
        Row(303, "Something", slug="qwen2"),
        Row(304, "LLM"),
        Row(305, "x" * 200),
        BadRow(306, "It is broken."),
        Row(307, "Same", "Qwen is a family."),
    ]
    return [*filler, *clashes]


def test_a_dry_run_says_what_the_import_does_and_writes_nothing(editor):
    make_term("Qwen2", by=editor)
    make_term("Large language model", by=editor, aliases=["LLM"])
    make_term("Same", by=editor, definition="Qwen is a family.")
    before = everything()
    foreseen = bring_in(*many_rows(), by=editor, dry_run=True)
    assert everything() == before
    done = bring_in(*many_rows(), by=editor)
    assert foreseen == done
    tally = Tally()
    for outcome in done:
        tally.add(outcome)
    assert str(tally) == "create: 121, update: 1, unchanged: 1, conflict: 6, bad: 2"
    assert tally.refused == 8
    reasons = {outcome.line: outcome.reason for outcome in done}
    assert reasons[200] == "Line 101 has the same address already, “filler-1”."
    assert reasons[201] == "Line 102 has the name “Filler 2” already."
    assert reasons[300] == "Line 202 has the same address already, “c-sharp”."
    assert reasons[302] == reasons[303] == "Line 301 has the same address already, “qwen2”."


def test_a_dry_run_holds_its_transaction_for_a_batch_only(editor, monkeypatch):
    monkeypatch.setattr(intake, "DRY_BATCH", 2)
    seen = []

    def rows():
        for n in range(5):
            seen.append(Term.objects.count())
            yield Row(n + 2, f"Word {n}")

    assert fates(list(import_rows(rows(), by=editor, dry_run=True))) == [Fate.CREATE] * 5
    assert seen == [0, 0, 0, 0, 0]


def test_rows_are_taken_as_the_outcomes_are_and_progress_is_told(editor):
    taken, told = [], []

    def rows():
        for n in range(3):
            taken.append(n)
            yield Row(n + 2, f"Word {n}")

    outcomes = import_rows(rows(), by=editor, dry_run=False, progress=told.append)
    assert taken == []
    next(outcomes)
    assert (taken, told) == ([0], [1])
    assert Term.objects.count() == 1
    assert len(list(outcomes)) == 2
    assert told == [1, 2, 3]


@pytest.mark.parametrize("role", [role for role in Role if role != Role.EDITOR])
def test_only_who_writes_terms_brings_them_in(role):
    with pytest.raises(PermissionDenied):
        import_rows([Row(2, "Token")], by=make_user(role), dry_run=True)


def test_a_file_that_is_no_file_of_terms_is_passed_on(editor):
    def rows():
        raise BadFile("It is none.")
        yield

    with pytest.raises(BadFile):
        list(import_rows(rows(), by=editor, dry_run=False))


def test_a_successor_that_readers_no_longer_see_is_a_conflict(editor):
    heir = make_published_term("Qwen3")
    term = make_term("Qwen2", by=editor)
    save_term(term, term.draft(), details=TermDetails(successor=heir), by=editor)
    retire_term(heir, by=make_user(Role.PUBLISHER), reason="Gone.")
    (outcome,) = bring_in(Row(2, "Qwen2", "New words."), by=editor)
    assert (outcome.fate, outcome.reason) == (Fate.CONFLICT, "A successor must be a published term.")


def test_the_queries_of_a_row_do_not_grow_with_the_glossary(editor):
    def queries(row: Row) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert fates(bring_in(row, by=editor)) == [Fate.CREATE]
        return len(captured)

    bring_in(Row(2, "First"), by=editor)
    few = queries(Row(2, "Few", "A word."))
    bring_in(*(Row(n, f"Word {n}", "A word.") for n in range(2, 30)), by=editor)
    assert queries(Row(2, "Many", "A word.")) == few <= 50


def test_a_term_saved_meanwhile_is_not_overwritten_by_an_old_reading(editor):
    term = make_term("Qwen2", by=editor)
    rows = iter([Row(2, "Qwen2", "From the file.")])
    outcomes = import_rows(rows, by=editor, dry_run=False)
    save_term(term, replace(term.draft(), example="Typed meanwhile."), details=TermDetails(), by=editor)
    assert fates(list(outcomes)) == [Fate.UPDATE]
    term = Term.objects.get()
    assert (term.definition, term.example) == ("From the file.", "Typed meanwhile.")
