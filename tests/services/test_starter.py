"""Bringing in starter cards: every line with its evidence, by the people of the desk, related as the cards say."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from glossary.domain.claim import ClaimKind
from glossary.domain.errors import IllegalMove
from glossary.domain.relations import Relations
from glossary.domain.roles import Role
from glossary.domain.starter import parse_starter
from glossary.models import Claim, ClaimCheck, Evidence, PassageKind, Term, TrailEntry
from glossary.services.relations import relate_term, relations_of
from glossary.services.starter import Desk, bring_in, relate_starter, starter_cards
from tests.factories import make_user

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
CARDS = {card.slug: card for card in starter_cards()}
GIT = [CARDS[slug] for slug in ("commit", "git", "pull-request")]


@pytest.fixture
def desk():
    return Desk(make_user(Role.EDITOR), make_user(Role.CHECKER), make_user(Role.PUBLISHER))


def test_a_card_is_written_checked_and_published_by_three_people(desk):
    term = bring_in(CARDS["git"], desk=desk, now=NOW)
    lines = Claim.objects.lines(term.published_id)
    assert {line.check.checked_on for line in lines} == {date(2026, 11, 20)}
    assert term.published.check_standing().stamp_on == date(2026, 11, 20)
    done = TrailEntry.objects.filter(term=term).order_by("pk").values_list("actor", "verb")
    by = {verb: actor for actor, verb in done}
    assert by["saved"] == by["sent to a checker"] == desk.editor.pk
    assert by["settled lines of"] == by["passed"] == desk.checker.pk and by["published"] == desk.publisher.pk


def test_each_line_has_the_kind_and_the_evidence_that_its_card_says(desk):
    card = CARDS["git"]
    term = bring_in(card, desk=desk, now=NOW)
    for line in Claim.objects.lines(term.published_id):
        how = card.settlement(line.claim.line)
        assert line.check.kind == how.kind
        evidence = list(line.check.evidence.values_list("source__url", "passage", "passage_kind", "retrieved_on"))
        wanted = [(card.sources[how.source].url, how.passage, PassageKind.PARAPHRASE, NOW.date())] if how.source else []
        assert evidence == wanted
    assert Evidence.objects.count() == sum(entry.kind == ClaimKind.FACT for entry in card.lines)


def test_nobody_settles_lines_of_their_own_and_nothing_is_left_behind(desk):
    both = make_user(Role.EDITOR, Role.CHECKER, username="both")
    with pytest.raises(IllegalMove):
        bring_in(CARDS["git"], desk=Desk(both, both, desk.publisher), now=NOW)
    with pytest.raises(PermissionDenied):
        bring_in(CARDS["git"], desk=Desk(desk.editor, desk.publisher, desk.publisher), now=NOW)
    assert not Term.objects.exists() and not ClaimCheck.objects.exists()


def plain_card(slug, size):
    """Return a card of `size` sentences that explain, besides its definition."""
    things = [first + second for first in "bdfgk" for second in ("ack", "eck", "ick", "ock", "uck", "arn")][:size]
    body = " ".join(f"It holds a {thing} and a stone." for thing in things)
    lines = "".join(f'[[line]]\nstarts = "It holds a {thing} "\nkind = "explanation"\n' for thing in things)
    head = f'headword = "{slug}"\nslug = "{slug}"\ntopic = "Things"\ntags = []\nlevel = "easy"\nvolatility = "A"\n'
    source = '[[source]]\nid = "a"\nurl = "https://a.example"\ntitle = "A"\npublisher = "B"\nprimary = true\n'
    fact = '[[line]]\nstarts = "A box"\nkind = "fact"\nsource = "a"\npassage = "So it is."\n'
    return parse_starter(f"+++\n{head}{source}{fact}{lines}+++\nA box is a case.\n\n{body}")


def test_the_work_grows_with_the_lines_and_no_faster(desk):
    counts = []
    for slug, size in (("warm", 2), ("small", 10), ("middle", 20), ("large", 30)):
        with CaptureQueriesContext(connection) as queries:
            bring_in(plain_card(slug, size), desk=desk, now=NOW)
        counts.append(len(queries))
    _, small, middle, large = counts
    assert middle - small == large - middle


def test_terms_are_related_both_ways_as_their_cards_say_and_once(desk):
    terms = {card.slug: bring_in(card, desk=desk, now=NOW) for card in GIT}
    keys = {slug: term.pk for slug, term in terms.items()}
    assert relate_starter(GIT, by=desk.editor, now=NOW) == 3
    assert relations_of(Term.objects.get(slug="commit")) == Relations(
        prerequisites=(keys["git"],), related=tuple(sorted([keys["git"], keys["pull-request"]]))
    )
    assert relations_of(Term.objects.get(slug="git")) == Relations(related=(keys["commit"],))
    pull = relations_of(Term.objects.get(slug="pull-request"))
    assert pull == Relations(prerequisites=(keys["git"],), related=(keys["commit"],))
    assert relate_starter(GIT, by=desk.editor, now=NOW) == 0


def test_a_term_that_somebody_has_related_is_left_alone(desk):
    terms = {card.slug: bring_in(card, desk=desk, now=NOW) for card in GIT}
    relate_term(terms["git"], Relations(priority=5), by=desk.editor, now=NOW)
    assert relate_starter(GIT, by=desk.editor, now=NOW) == 2
    assert relations_of(Term.objects.get(slug="git")) == Relations(priority=5, related=(terms["commit"].pk,))


def test_looking_again_costs_a_few_queries_when_everything_is_related(desk, django_assert_num_queries):
    for card in GIT:
        bring_in(card, desk=desk, now=NOW)
    relate_starter(GIT, by=desk.editor, now=NOW)
    with django_assert_num_queries(4):
        assert relate_starter(GIT, by=desk.editor, now=NOW) == 0
