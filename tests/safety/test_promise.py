"""The promise under random use: the date never covers words that were not checked."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from glossary.domain.claim import LineState
from glossary.domain.digest import digest_of
from glossary.domain.errors import IllegalMove
from glossary.domain.fact_check import Result
from glossary.domain.roles import Role
from glossary.models import Claim, SentenceAuthor, Term
from glossary.services.fact_check import pass_check, send_back, withdraw_check
from glossary.services.publication import publish_term
from glossary.services.term import TermDetails, change_slug, save_term, submit_term
from tests.factories import make_draft, make_user, settle_all

SENTENCES = ["It is old.", "It is not old.", "People use it.", "This matters.", "Five sizes exist.", "A shop has one."]
examples = count(1)
seen: Counter[str] = Counter()
mostly = st.sampled_from([True, True, True, False])
sentence_lists = st.lists(st.sampled_from(SENTENCES), max_size=4)


class Desk(RuleBasedStateMachine):
    """Three people who write, check and publish as they please; whatever they try, readers are never misled."""

    def __init__(self) -> None:
        super().__init__()
        everything = (Role.EDITOR, Role.CHECKER, Role.PUBLISHER)
        self.people = [make_user(*everything) for _ in range(3)]
        self.now = datetime(2026, 1, 1, 12, tzinfo=UTC)
        self.term: Term | None = None
        self.headword = f"Qwen{next(examples)}"  # the examples share one database
        self.drafts = [make_draft(self.headword)]

    def later(self) -> datetime:
        self.now += timedelta(days=1)
        return self.now

    def attempt(self, act) -> None:
        """Do what somebody tries; the services may refuse."""
        try:
            act()
        except IllegalMove:
            pass
        if self.term is not None:
            self.term = Term.objects.get(pk=self.term.pk)

    @rule(who=st.integers(0, 2), body=sentence_lists, paragraphs=st.booleans(), alias=st.booleans())
    def write(self, who, body, paragraphs, alias):
        draft = make_draft(
            self.headword,
            body=("\n\n" if paragraphs else " ").join(body),
            aliases=[f"{self.headword} LM"] if alias else [],
        )
        self.drafts.append(draft)
        self.save(who, draft)

    @rule(who=st.integers(0, 2), index=st.integers(0, 50))
    def retype_or_revert(self, who, index):
        self.save(who, self.drafts[index % len(self.drafts)])

    @rule(who=st.integers(0, 2), headword=st.sampled_from(["", " Two"]))
    def rename(self, who, headword):
        self.save(who, replace(self.drafts[-1], headword=self.headword + headword))

    def save(self, who, draft):
        def act():
            self.term = save_term(self.term, draft, details=TermDetails(), by=self.people[who], now=self.later())

        self.attempt(act)

    @precondition(lambda self: self.term)
    @rule(who=st.integers(0, 2), checker=st.integers(0, 2), publish=mostly, settle=mostly)
    def check(self, who, checker, publish, settle):
        self.check_by(who, checker, publish=publish, settle=settle)

    @precondition(lambda self: self.term)
    @rule(who=st.integers(0, 2), example=st.sampled_from(SENTENCES))
    def edit_and_have_it_checked(self, who, example):
        self.save(who, replace(self.drafts[-1], example=example))
        self.check_by(who, (who + 1) % 3)

    def check_by(self, who, checker, *, publish=True, settle=True):
        def act():
            edition = submit_term(self.term, by=self.people[who], now=self.later())
            if settle:
                settle_all(edition, by=self.people[checker], now=self.now)
            pass_check(
                edition, by=self.people[checker], digest=edition.digest, whole_card=True, publish=publish, now=self.now
            )

        self.attempt(act)

    @precondition(lambda self: self.term)
    @rule(who=st.integers(0, 2))
    def submit_and_send_back(self, who):
        def act():
            edition = submit_term(self.term, by=self.people[who], now=self.later())
            send_back(edition, by=self.people[(who + 1) % 3], comment="Again.", now=self.now)

        self.attempt(act)

    @precondition(lambda self: self.term)
    @rule(who=st.integers(0, 2), index=st.integers(0, 20))
    def publish_some_edition(self, who, index):
        def act():
            editions = list(self.term.editions.order_by("number"))
            edition = editions[index % len(editions)]
            publish_term(self.term, edition=edition, by=self.people[who], digest=edition.digest, now=self.later())

        self.attempt(act)

    @precondition(lambda self: self.term)
    @rule(who=st.integers(0, 2))
    def withdraw(self, who):
        self.attempt(lambda: withdraw_check(self.term, by=self.people[who], reason="Wrong.", now=self.later()))

    @precondition(lambda self: self.term)
    @rule(who=st.integers(0, 2), slug=st.sampled_from("abc"))
    def move(self, who, slug):
        self.attempt(
            lambda: change_slug(self.term, f"{slug}-{self.headword.lower()}", by=self.people[who], now=self.later())
        )

    @invariant()
    def readers_get_checked_words_with_the_oldest_date(self):
        if self.term is None or self.term.published_id is None:
            return
        words, check = self.term.shown()
        seen["published"] += 1
        seen["honestly older"] += check.stamp_on < check.on
        assert check.result == Result.PASSED
        assert digest_of(words) == check.digest == self.term.published.digest
        lines = Claim.objects.lines(self.term.published_id)
        assert all(line.state == LineState.SETTLED for line in lines)
        assert check.stamp_on <= max(line.check.checked_on for line in lines)
        assert check.stamp_on == min(given.checked_on for given in (self.check_at(line, check) for line in lines))
        for line in lines:
            wrote = SentenceAuthor.objects.filter(
                sentence=line.claim.sentence, user=line.check.by, at__lt=line.check.at
            )
            assert not wrote.exists()

    def check_at(self, line, fact_check):
        """The verdict that the line rested on when the card passed."""
        given = line.claim.sentence.checks.filter(claim__context=line.claim.context, at__lte=fact_check.at)
        return given.order_by("-pk").first()


class TestPromise(TestCase):
    """Run the desk inside a transaction that is rolled back at the end."""

    def test_the_date_never_covers_unchecked_words(self):
        run_state_machine_as_test(
            Desk,
            settings=settings(
                max_examples=30, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )
        assert min(seen["published"], seen["honestly older"]) > 10, "the desk was hardly used: the test proves little"


pytestmark = pytest.mark.django_db
