"""Counting what readers ask for, and what editors do with it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from glossary.domain.errors import BadText, IllegalMove
from glossary.domain.roles import Role
from glossary.models import Ask, TrailEntry
from glossary.services import ask as ask_service
from glossary.services.ask import TooManyAsks, ask_for, asks_for_desk, dismiss_ask
from tests.factories import make_published_term, make_term, make_user

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 29, 12, tzinfo=UTC)


def ask_often(text, times, *, start=NOON):
    for minute in range(times):
        ask_for(text, now=start + timedelta(minutes=minute))


def test_spellings_of_one_name_are_one_word_and_the_first_spelling_is_shown():
    for minute, text in enumerate(("Mixture of Experts", "mixture-of-experts", "MIXTURE OF EXPERTS")):
        ask_for(text, now=NOON + timedelta(minutes=minute))
    ask = Ask.objects.get()
    assert (ask.key, ask.text, ask.number) == ("mixtureofexperts", "Mixture of Experts", 3)
    assert ask.last_at == NOON + timedelta(minutes=2)


def test_nothing_of_the_reader_is_kept():
    assert {field.name for field in Ask._meta.get_fields()} == {
        "key",
        "text",
        "number",
        "first_at",
        "last_at",
        "dismissed_at",
        "dismissed_by",
    }


def test_editors_see_a_word_from_the_third_ask_on_the_most_wanted_first():
    ask_often("MoE", 2)
    assert not asks_for_desk()
    ask_often("MoE", 1, start=NOON + timedelta(minutes=5))
    ask_often("Agent", 4)
    assert [(ask.text, ask.number) for ask in asks_for_desk()] == [("Agent", 4), ("MoE", 3)]


def test_a_word_that_a_term_or_a_draft_goes_by_waits_for_nobody():
    ask_often("Qwen2", 3)
    ask_often("Draft word", 3)
    make_published_term("Qwen2")
    make_term("Draft-Word")
    assert not asks_for_desk()


def test_one_word_is_counted_once_a_minute_and_the_site_counts_so_many(monkeypatch):
    for second in (0, 20, 59, 60):
        ask_for("MoE", now=NOON + timedelta(seconds=second))
    assert Ask.objects.get().number == 2
    monkeypatch.setattr(ask_service, "ALL_WORDS_A_MINUTE", 3)
    late = NOON + timedelta(hours=1)
    for word in ("one", "two", "three"):
        ask_for(word, now=late)
    with pytest.raises(TooManyAsks):
        ask_for("four", now=late + timedelta(seconds=59))
    ask_for("four", now=late + timedelta(seconds=61))
    assert Ask.objects.filter(key="four").exists()


def test_stale_words_make_room_and_wanted_ones_stay(monkeypatch):
    monkeypatch.setattr(ask_service, "KEPT", 3)
    ask_often("wanted", 3)
    ask_often("once", 1)
    ask_often("new", 1, start=NOON + timedelta(days=40))
    ask_often("newer", 1, start=NOON + timedelta(days=40, hours=1))
    assert set(Ask.objects.values_list("key", flat=True)) == {"wanted", "new", "newer"}
    with pytest.raises(TooManyAsks):
        ask_for("no room", now=NOON + timedelta(days=40, hours=2))


@pytest.mark.parametrize("text", ["", "  ", "?!", "\x00", "\u202e", "x" * 121])
def test_what_is_no_name_is_refused(text):
    with pytest.raises(BadText):
        ask_for(text)
    assert not Ask.objects.exists()


def test_an_editor_puts_a_word_aside_for_good_and_the_trail_says_so():
    ask_often("MoE", 3)
    editor = make_user(Role.EDITOR)
    dismiss_ask("moe", by=editor, now=NOON)
    ask_often("MoE", 3, start=NOON + timedelta(days=1))
    assert not asks_for_desk()
    assert TrailEntry.objects.get().verb == "put aside what readers asked for"
    with pytest.raises(IllegalMove):
        dismiss_ask("moe", by=editor)
    with pytest.raises(IllegalMove):
        dismiss_ask("never asked", by=editor)


def test_who_writes_no_terms_puts_no_word_aside():
    ask_often("MoE", 3)
    with pytest.raises(PermissionDenied):
        dismiss_ask("moe", by=make_user(Role.CHECKER))
    assert Ask.objects.open().count() == 1
