"""The wording rules at the desk: what they say of a card, answering them with a reason, and how each of them fares."""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count

from glossary.domain.autolink import Why
from glossary.domain.claim import Line, lines_of
from glossary.domain.errors import IllegalMove
from glossary.domain.fact_sign import FACT_RULE
from glossary.domain.names import clean_line, squeezed_key
from glossary.domain.roles import Action
from glossary.domain.term import Words
from glossary.domain.volatility import Volatility
from glossary.domain.wording.findings import Context, Finding, findings
from glossary.domain.wording.patterns import names_by_key
from glossary.domain.wording.places import code_in, places_of
from glossary.domain.wording.plain import lix
from glossary.domain.wording.rules import Rule, RuleKind, Severity, rules
from glossary.domain.wording.time_words import Reading, own_names
from glossary.models import Claim, DeskWord, Edition, FindingRecord, Name, Outcome, RuleSetting, Sentence, Term, Waiver
from glossary.services.clock import moment, today
from glossary.services.desk_word import words_in
from glossary.services.lexicon import mentions_on
from glossary.services.publication import refresh_due, refresh_old_dates
from glossary.services.roles import may, require
from glossary.services.trail import record

MAX_REASON = 300  # characters
LIX_TERMS = 100
ALIKE = 5  # other terms whose definitions are compared
TELLING = 6  # letters of a word by which a definition like this one is looked for
TELLING_ANSWERS = 100
FOLLOWED, HARDLY_FOLLOWED = 30, 10  # per cent of the answers
TITLES = {FACT_RULE: "A fact to look up", **{rule.id: rule.title for rule in rules().values()}}
OWN_LINK = re.compile(r"/terms/([^/?#]+)/?$")


@dataclass(frozen=True)
class RuleRow:
    """A rule of the style guide with its level in force and how it fared."""

    rule: Rule
    level: Severity
    setting: RuleSetting | None
    shown: int
    accepted: int
    ignored: int

    @property
    def share(self) -> int | None:
        """The share of answered findings that were accepted, in per cent; None while there is none."""
        answered = self.accepted + self.ignored
        return round(100 * self.accepted / answered) if answered else None

    @property
    def quieter(self) -> Severity | None:
        """The level that a rule earns which few people follow: a hint below 30 %, off below 10 %; None if it is fine.

        After 100 answers; figures of the design of the wording rules.
        """
        if self.accepted + self.ignored < TELLING_ANSWERS or self.share is None or self.share >= FOLLOWED:
            return None
        earned = Severity.OFF if self.share < HARDLY_FOLLOWED else Severity.HINT
        return earned if self.level == Severity.WARN or earned == Severity.OFF != self.level else None


def findings_of(words: Words, *, term: Term | None = None, now: datetime | None = None) -> tuple[Finding, ...]:
    """Return what the rules say of these words at the desk: a constant few queries, whatever the size of the glossary.

    `term` is the one whose words they are: what was answered for its sentences is left out.
    """
    return findings(words, context=context_for(words, term=term), today=today(now))


def context_for(words: Words, *, term: Term | None = None) -> Context:
    """Return what the rules need to know of the glossary for these words."""
    lines = lines_of(words)
    waived = Waiver.objects.filter(sentence__term=term, sentence__hash__in=[line.hash for line in lines])
    own = {squeezed_key(name) for name in [words.headword, *(alias.text for alias in words.aliases)]}
    names = frozenset(name for name in _names_in(lines) if squeezed_key(name) not in own)
    linked = {squeezed_key(name) for name in _linked(lines)}
    found = mentions_on(words, own=term.pk if term else None).every
    linked |= {squeezed_key(one.names[0].text) for one in found if one.why in {Why.LINKED, Why.AGAIN}}
    return Context(
        names=names,
        linked=frozenset(name for name in names if squeezed_key(name) in linked),
        others=_definitions_like(words, term),
        waivers=frozenset(waived.values_list("sentence__hash", "rule")) if term else frozenset(),
        levels={row.rule: Severity(row.level) for row in RuleSetting.objects.all()},
        chosen=Volatility(term.volatility) if term else Volatility.SLOW,
    )


def reading_of(claim: Claim) -> Reading:
    """Return what the rules for words of time need to know of a sentence where it stands; two queries."""
    words = claim.edition.words
    return Reading(
        waived=frozenset(Waiver.objects.filter(sentence_id=claim.sentence_id).values_list("rule", flat=True)),
        quiet=frozenset(RuleSetting.objects.exclude(level=Severity.WARN.value).values_list("rule", flat=True)),
        names=own_names(words),
        code=code_in(words).get(claim.sentence.hash, ()),
    )


def gates_of(edition: Edition, *, now: datetime | None = None) -> list[Finding]:
    """Return the findings that keep an edition from passing: words that go stale, not dated and not answered."""
    return [one for one in findings_of(edition.words, term=edition.term, now=now) if one.gate]


@transaction.atomic
def waive(sentence: Sentence, rule: str, reason: str, *, by: User, now: datetime | None = None) -> Waiver:
    """Answer a finding with a reason; it is remembered for this sentence, wherever it stands in the term.

    Authors and checkers may. Raises IllegalMove without a reason, or for a rule that does not speak of the sentence.
    """
    if not may(by, Action.CHECK):
        require(by, Action.WRITE)
    reason = clean_line(reason, limit=MAX_REASON, what="The reason")
    if rule not in TITLES:
        raise IllegalMove("There is no such rule any more. Look at the card as it stands.")
    if not reason:
        raise IllegalMove(f"Say why “{TITLES[rule]}” does not apply: whoever reads the card next sees it.")
    waiver, made = Waiver.objects.get_or_create(
        sentence=sentence, rule=rule, defaults={"reason": reason, "by": by, "at": moment(now)}
    )
    if not made:
        raise IllegalMove(f"{waiver.by} has answered this already: {waiver.reason}")
    FindingRecord.objects.update_or_create(
        sentence=sentence,
        rule=rule,
        defaults={"outcome": Outcome.IGNORED},
        create_defaults={"outcome": Outcome.IGNORED, "at": moment(now)},
    )
    _look_at_dates(sentence.term_id, rule, now=moment(now))
    told = f"{TITLES[rule]} ({rule}): {reason}"
    record(by, "answered a finding in", str(sentence.term), now=moment(now), term=sentence.term, reason=told)
    return waiver


@transaction.atomic
def unwaive(waiver: Waiver, *, by: User, now: datetime | None = None) -> None:
    """Take an answer back: the finding speaks again."""
    if not may(by, Action.CHECK):
        require(by, Action.WRITE)
    term = waiver.sentence.term
    told = f"{waiver.rule}: {waiver.reason}"
    FindingRecord.objects.filter(sentence=waiver.sentence, rule=waiver.rule).update(outcome=Outcome.OPEN)
    waiver.delete()
    _look_at_dates(term.pk, waiver.rule, now=moment(now))
    record(by, "took back an answer in", str(term), now=moment(now), term=term, reason=told)


def _look_at_dates(term_id: int, rule: str, *, now: datetime) -> None:
    """Work out anew when a published date grows old, where an answer to such a rule was given or taken back."""
    if rule in rules() and rules()[rule].kind == RuleKind.DATE:
        refresh_due(Term.objects.select_for_update().get(pk=term_id), now=now)


def count_findings(edition: Edition, *, now: datetime) -> None:
    """Keep what the rules say of an edition that is sent to a checker, once for each sentence and rule.

    A finding of a sentence that the author has taken out since counts as accepted. The caller holds the term's lock.
    """
    said = {(one.hash, one.rule) for one in findings_of(edition.words, term=edition.term) if one.hash}
    rows = dict(Sentence.objects.filter(term_id=edition.term_id, claims__edition=edition).values_list("hash", "pk"))
    FindingRecord.objects.bulk_create(
        [FindingRecord(sentence_id=rows[key], rule=rule, at=now) for key, rule in sorted(said) if key in rows],
        ignore_conflicts=True,
    )
    before = FindingRecord.objects.filter(sentence__term_id=edition.term_id, outcome=Outcome.OPEN)
    before.exclude(sentence__in=rows.values()).update(outcome=Outcome.ACCEPTED)


def close_findings(edition: Edition) -> None:
    """Count what nobody answered in words that passed as ignored."""
    left = FindingRecord.objects.filter(sentence__claims__edition=edition, outcome=Outcome.OPEN)
    FindingRecord.objects.filter(pk__in=list(left.values_list("pk", flat=True))).update(outcome=Outcome.IGNORED)


@transaction.atomic
def set_rule_level(rule: str, level: Severity | None, *, by: User, now: datetime | None = None) -> None:
    """Turn a rule up, down or off, or back to its file's level (None); superusers only."""
    if not by.is_superuser:
        raise PermissionDenied("Only a superuser turns a wording rule up or down.")
    if rule not in rules() or level == Severity.DATED:
        raise IllegalMove("There is no such rule or level. Look at the list as it stands.")
    if level is None or level == rules()[rule].level:
        RuleSetting.objects.filter(rule=rule).delete()
    else:
        RuleSetting.objects.update_or_create(rule=rule, defaults={"level": level, "by": by, "at": moment(now)})
    if rules()[rule].kind == RuleKind.DATE:
        refresh_old_dates()
    record(by, "set the level of", f"wording rule {rule}", now=moment(now), reason=level.value if level else "default")


def rule_rows() -> list[RuleRow]:
    """Return the rules in the order of their files, each with how it fared; two queries."""
    settings = {row.rule: row for row in RuleSetting.objects.select_related("by")}
    counts: Counter[tuple[str, str]] = Counter()
    for rule, outcome, number in (
        FindingRecord.objects.values_list("rule", "outcome").annotate(n=Count("pk")).order_by()
    ):
        counts[rule, outcome] = number
    return [
        RuleRow(
            rule,
            Severity(settings[rule.id].level) if rule.id in settings else rule.level,
            settings.get(rule.id),
            sum(number for (name, _), number in counts.items() if name == rule.id),
            counts[rule.id, Outcome.ACCEPTED.value],
            counts[rule.id, Outcome.IGNORED.value],
        )
        for rule in rules().values()
    ]


def readability() -> tuple[float | None, int]:
    """Return LIX over all published sentences, and how many there are; None below 30, where it says nothing.

    At most LIX_TERMS terms are read, those published last: a trend, not a grade of one card.
    """
    rows = Term.objects.published().select_related("published").order_by("-published_at")[:LIX_TERMS]
    texts = [place.text for term in rows if term.published for place in places_of(term.published.words)]
    return lix(texts), len(texts)


def _names_in(lines: list[Line]) -> frozenset[str]:
    """Return the names of the glossary that stand in these lines, as they stand there; one query."""
    runs = names_by_key([line.text for line in lines])
    known = Name.objects.public().filter(key__in=list(runs)).values_list("key", flat=True)
    return frozenset(text for key in known for text in runs[key])


def _linked(lines: list[Line]) -> frozenset[str]:
    """Return the names of the terms that links in these lines lead to."""
    slugs = {found[1] for line in lines for link in line.links if (found := OWN_LINK.search(link))}
    if not slugs:
        return frozenset()
    terms = Term.objects.published().filter(slug__in=slugs).prefetch_related("aliases")
    return frozenset(name for term in terms for name in [term.headword, *(a.text for a in term.aliases.all())])


def _definitions_like(words: Words, term: Term | None) -> dict[str, str]:
    """Return the definitions of a few published terms that share most telling words with this one, by name."""
    telling = sorted({word for word in words_in(words.definition) if len(word) >= TELLING}, key=len)[-8:]
    if len(telling) < 3:
        return {}
    like = DeskWord.objects.filter(word__in=telling).exclude(term=term.pk if term else 0)
    shared = like.values("term").annotate(n=Count("pk")).filter(n__gte=max(3, len(telling) // 2)).order_by("-n", "term")
    terms = Term.objects.published().filter(pk__in=[row["term"] for row in shared[:ALIKE]]).select_related("published")
    return {str(one): one.published.words_json["definition"] for one in terms if one.published}
