"""The content report: each kind of loose end, and what is none."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from glossary.domain.content import LooseEnd
from glossary.domain.doubt import DoubtKind
from glossary.domain.roles import Role
from glossary.domain.term import AliasDraft, AliasKind
from glossary.models import Name, Term
from glossary.services.closing import merge_term, retire_term
from glossary.services.content import LooseRow, content_report, write_csv
from glossary.services.doubt import doubt_source, raise_doubt
from glossary.services.fact_check import withdraw_check
from glossary.services.term import change_slug
from tests.factories import make_published_term, make_source, make_term, make_user

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def desk():
    return {"author": make_user(Role.EDITOR), "checker": make_user(Role.CHECKER, Role.PUBLISHER)}


def make(desk, headword, **over):
    return make_published_term(headword, **{"now": NOW} | desk | over)


def rows(kind, now=NOW):
    return [(row.subject, row.says, row.path) for row in content_report(now=now) if row.kind == kind]


def test_a_quiet_glossary_has_no_loose_end(desk):
    make(desk, "Qwen2", body="It cuts text into tokens. Five sizes exist.")
    make(desk, "Token", body="Qwen2 reads them. Five sizes exist.")
    make_term("Draft", by=desk["author"], aliases=["Draught"], now=NOW)
    assert content_report(now=NOW) == []


def test_links_to_sources_that_are_dead_or_moved(desk):
    source = make_source(by=desk["checker"])
    dead = doubt_source(source, DoubtKind.DEAD_LINK, "It is gone.", by=desk["checker"], now=NOW)
    moved = raise_doubt(DoubtKind.REDIRECTED, "It moved.", source=source, now=NOW)
    raise_doubt(DoubtKind.PAGE_CHANGED, "It changed.", source=source, now=NOW)
    assert rows(LooseEnd.BROKEN) == [("Qwen2 Technical Report", "It is gone.", dead.get_desk_url())]
    assert rows(LooseEnd.REDIRECTED) == [("Qwen2 Technical Report", "It moved.", moved.get_desk_url())]


def test_links_between_cards_that_are_gone_or_redirect(desk):
    old = make(desk, "Old")
    body = (
        "See [one](http://testserver/terms/lost/) of them. See [the other](http://testserver/terms/old/) too. "
        "See [this](https://elsewhere.org/terms/lost/) as well."
    )
    term = make(desk, "Qwen2", body=body)
    assert [row[0] for row in rows(LooseEnd.BROKEN)] == ["Qwen2"]
    assert rows(LooseEnd.REDIRECTED) == []
    change_slug(old, "new", by=desk["checker"], now=NOW)
    [row] = rows(LooseEnd.REDIRECTED)
    assert row == ("Qwen2", "Line 4 links to “old”, which has another address today.", term.get_desk_url())
    assert "Line 3 links to “lost”, which readers cannot find." in rows(LooseEnd.BROKEN)[0][1]


def test_overdue_cards_say_since_when(desk):
    term = make(desk, "Qwen2")
    Term.objects.filter(pk=term.pk).update(due_on=NOW.date() - timedelta(days=1))
    [(subject, says, path)] = rows(LooseEnd.OVERDUE)
    assert (subject, says) == ("Qwen2", "Due since November 23, 2026: 1 day.")
    assert path == term.published.get_check_url()


def test_aliases_of_terms_that_are_closed_lead_nowhere_and_those_of_merged_ones_do(desk):
    by = desk["checker"]
    retire_term(make(desk, "Retired", aliases=["R1"]), by=by, reason="Old.", now=NOW)
    withdraw_check(make(desk, "Withdrawn", aliases=["W1"]), by=by, reason="Wrong.", now=NOW)
    merge_term(make(desk, "Merged", aliases=["M1"]), into=make(desk, "Target"), by=by, now=NOW)
    binned = make_term("Binned", by=desk["author"], aliases=["B1"], now=NOW)
    Term.objects.filter(pk=binned.pk).update(binned_at=NOW)
    assert [(subject, says) for subject, says, _ in rows(LooseEnd.ORPHAN)] == [
        ("B1", "Its term “Binned” is in the bin."),
        ("R1", "Its term “Retired” is retired."),
        ("W1", "Its term “Withdrawn” is withdrawn."),
    ]


def test_a_hidden_name_that_does_not_lead_to_its_term(desk):
    hidden = [
        AliasDraft("Kwen2", AliasKind.MISSPELLING, shown=False),
        AliasDraft("Q2", AliasKind.SPELLING, shown=False),
    ]
    make(desk, "Qwen2", aliases=hidden)
    assert rows(LooseEnd.ORPHAN) == []
    Name.objects.filter(key="q2").delete()
    assert [subject for subject, *_ in rows(LooseEnd.ORPHAN)] == ["Q2"]


def test_published_terms_that_no_other_card_mentions(desk):
    make(desk, "Qwen2", body="It cuts text into tokens. Five sizes exist.")
    make(desk, "Token", body="A token is short. Five sizes exist.")
    make_term("Draft", by=desk["author"], body="Qwen2 is meant.", now=NOW)
    assert [subject for subject, *_ in rows(LooseEnd.UNLINKED)] == ["Qwen2"]


def test_the_report_asks_as_often_however_large_the_glossary_is(desk, django_assert_num_queries):
    body = "See [one](http://testserver/terms/lost/) of them. Five sizes exist."
    for n in range(2):
        make(desk, f"Qwen{n}", body=body, aliases=[AliasDraft(f"Kwen{n}", AliasKind.MISSPELLING, shown=False)])
    with django_assert_num_queries(10):
        assert len(content_report(now=NOW)) == 4
    for n in range(2, 6):
        make(desk, f"Qwen{n}", body=body)
    with django_assert_num_queries(10):
        assert len(content_report(now=NOW)) == 12


def test_a_table_for_a_spreadsheet_runs_nothing():
    out = io.StringIO()
    write_csv(out, [LooseRow(LooseEnd.BROKEN, '=HYPERLINK("http://evil")', "+1", "/admin/")])
    assert list(csv.reader(io.StringIO(out.getvalue()))) == [
        ["kind", "subject", "what", "fix"],
        ["broken link", '\'=HYPERLINK("http://evil")', "'+1", "http://testserver/admin/"],
    ]
