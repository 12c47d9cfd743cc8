"""Whatever somebody breaks behind the services is named."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from glossary.domain.roles import Role
from glossary.models import (
    Card,
    Claim,
    ClaimCheck,
    DeskWord,
    Edition,
    Evidence,
    FactCheck,
    Name,
    OldSlug,
    Sentence,
    SentenceAuthor,
    Term,
    TrailEntry,
)
from glossary.services.cut import cut_sentence
from glossary.services.fact_check import pass_respelling, withdraw_check
from glossary.services.integrity import check_integrity
from glossary.services.term import change_slug, merge_term, retire_term, save_term, submit_term
from glossary.services.working_text import bin_draft
from tests.factories import details_of, make_deck, make_draft, make_published_term, make_term, make_user

pytestmark = pytest.mark.django_db
EARLY = datetime.now(tz=UTC) - timedelta(days=20)


@pytest.fixture
def desk():
    """A desk that has done all it can do: published, mended, cut, renamed, merged, retired, withdrawn, dealt."""
    editor, checker = make_user(Role.EDITOR), make_user(Role.CHECKER, Role.PUBLISHER)
    other = make_user(Role.CHECKER)

    def published(name, **over):
        return make_published_term(name, author=editor, checker=checker, now=EARLY, **over)

    make_deck()
    qwen = published("Qwen2", body="People can downlaod it. Five sizes exist.", aliases=["Qwen 2"])
    mended = make_draft("Qwen2", body="People can download it. Five sizes exist.", aliases=["Qwen 2"])
    qwen = save_term(qwen, mended, details=details_of(qwen), by=editor)
    edition = submit_term(qwen, by=editor)
    pass_respelling(edition, by=other, digest=edition.digest)
    token = published("Token")
    cut_sentence(token.published.claims.get(sentence__text="Five sizes exist."), by=checker, reason="Wrong.")
    change_slug(published("Moved"), "moved-on", by=checker)
    merge_term(published("Twin"), into=Term.objects.get(slug="token"), by=checker)
    retire_term(published("Gone"), by=checker, reason="Nobody says it any more.")
    withdraw_check(published("Doubted"), by=checker, reason="It is in doubt.")
    bin_draft(make_term("Binned", by=editor), by=editor)
    submit_term(make_term("Waiting", by=editor), by=editor)
    return {"qwen": Term.objects.get(slug="qwen2"), "editor": editor}


def raw(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def rows(model, **where):
    return QuerySet(model).filter(**where)


def test_a_desk_that_only_the_services_touched_agrees_with_itself(desk, capsys):
    assert list(check_integrity()) == []
    call_command("check_integrity")
    assert "Everything agrees" in capsys.readouterr().out


def word(desk, column="words_json"):
    cast = "::jsonb" if connection.vendor == "postgresql" else ""
    changed = f"REPLACE(CAST({column} AS TEXT), 'People', 'Nobody'){cast}"
    raw(f"UPDATE glossary_edition SET {column} = {changed} WHERE id = %s", desk["qwen"].published_id)


CORRUPTIONS = {
    "date": word,
    "digest": lambda d: rows(Edition, pk=Edition.objects.first().pk).update(digest="0" * 64),
    "words": lambda d: rows(Edition, pk=Edition.objects.first().pk).update(words_json={"headword": "Q"}),
    "sentences": lambda d: rows(Claim, edition=d["qwen"].published, place=3).update(context="0" * 64),
    "sentence": lambda d: raw(
        "UPDATE glossary_sentence SET text = 'Seven sizes exist.' WHERE text = 'Five sizes exist.'"
    ),
    "author": lambda d: rows(SentenceAuthor, sentence=d["qwen"].published.claims.first().sentence)._raw_delete(
        "default"
    ),
    "spelling": lambda d: rows(Sentence, respelt_from__isnull=False).update(
        respelt_from=Sentence.objects.filter(text="Qwen2").first()
    ),
    "verdict": lambda d: rows(ClaimCheck, pk=ClaimCheck.objects.filter(rests_on__isnull=True).first().pk).update(
        checked_on=datetime(2099, 1, 1).date()
    ),
    "four eyes": lambda d: rows(ClaimCheck, pk=ClaimCheck.objects.first().pk).update(by=d["editor"]),
    "evidence": lambda d: rows(Evidence)._raw_delete("default"),
    "check": lambda d: rows(FactCheck, edition=d["qwen"].published).update(digest="1" * 64),
    "trail": lambda d: rows(TrailEntry, term=d["qwen"])._raw_delete("default"),
    "draft": lambda d: raw("UPDATE glossary_term SET body = 'Typed past the desk.' WHERE slug = 'qwen2'"),
    "due date": lambda d: rows(Term, slug="qwen2").update(due_on=datetime(2099, 1, 1).date()),
    "order": lambda d: rows(Term, slug="qwen2").update(letter="Z"),
    "search": lambda d: rows(DeskWord, term=d["qwen"])._raw_delete("default"),
    "name": lambda d: rows(Name, key="qwen2").update(public=False),
    "redirect": lambda d: OldSlug.objects.create(slug="twin-old", term=Term.objects.get(slug="twin")),
    "submission": lambda d: rows(Edition, term=d["qwen"], number=1).update(submitted_at=EARLY),
    "deck": lambda d: rows(Card, position=7)._raw_delete("default"),
}


@pytest.mark.parametrize("kind", CORRUPTIONS)
def test_each_kind_of_damage_is_named(desk, kind, capsys):
    CORRUPTIONS[kind](desk)
    faults = list(check_integrity())
    assert kind in {fault.kind for fault in faults}
    with pytest.raises(SystemExit) as left:
        call_command("check_integrity")
    assert left.value.code == 1
    assert f"{kind}: " in capsys.readouterr().out


def test_a_word_put_back_by_raw_sql_names_the_card(desk):
    word(desk)
    assert any("Qwen2" in fault.subject for fault in check_integrity())


def test_a_card_is_frozen_with_the_date_of_a_check(desk):
    rows(Card, position=1).update(checked_on=datetime(2020, 1, 1).date())
    assert any("no check of its words has the date" in fault.says for fault in check_integrity())


def test_it_writes_nothing(desk):
    with CaptureQueriesContext(connection) as queries:
        list(check_integrity())
    assert not [q for q in queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
