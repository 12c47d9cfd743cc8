"""Plain functions that make rows for tests, through the services as every other word enters."""

from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from taggit.models import Tag

from glossary.domain.claim import ClaimKind, LineState, Part, Verdict
from glossary.domain.correction import Fate, Said
from glossary.domain.deck import DeckState
from glossary.domain.digest import digest_of
from glossary.domain.errors import IllegalMove
from glossary.domain.fact_check import Result, check_four_eyes
from glossary.domain.names import letter_of, sort_key, squeezed_key
from glossary.domain.roles import Role
from glossary.domain.term import AliasDraft, AliasKind, CardDraft, Stage, Words
from glossary.domain.volatility import Volatility, due_on, overdue_on
from glossary.models import (
    Brief,
    Claim,
    Deck,
    Edition,
    FactCheck,
    Installation,
    Name,
    Report,
    Source,
    Subscriber,
    Term,
)
from glossary.services.arming import host_name
from glossary.services.brief import make_brief
from glossary.services.claim import EvidenceDraft, checkable, confirm_line, record_verdict, settle_line
from glossary.services.clock import moment
from glossary.services.correction import going_lines
from glossary.services.deck import create_deck, move_deck, set_cards
from glossary.services.fact_check import pass_check
from glossary.services.gate import publish_due
from glossary.services.publication import refresh_due
from glossary.services.report import ReportDraft, file_report
from glossary.services.roles import ensure_groups
from glossary.services.sending_mark import Mark, write_mark
from glossary.services.source import keep_source
from glossary.services.take import keep_taken
from glossary.services.term import TermDetails, save_term, submit_term
from glossary.services.trail import record

numbers = count(1)


def make_user(*roles: Role, username: str | None = None, superuser: bool = False) -> Any:
    """Return a member of staff with these roles."""
    name = username or f"person{next(numbers)}"
    user = get_user_model().objects.create_user(
        name, password="correct horse battery", is_staff=True, is_superuser=superuser
    )
    groups = ensure_groups()
    user.groups.set([groups[role] for role in roles])
    return user


def make_tag(name: str = "Model families") -> Tag:
    """Return the tag of this name."""
    return Tag.objects.get_or_create(name=name)[0]


def make_source(url: str = "https://arxiv.org/abs/2407.10671", *, by: Any = None, **over: Any) -> Source:
    """Return a source of the library."""
    given = {"title": "Qwen2 Technical Report", "publisher": "arXiv", "published_on": date(2024, 7, 15)} | over
    return keep_source(url, by=by or make_user(Role.CHECKER), **given)


def make_draft(headword: str = "Qwen2", **over: Any) -> CardDraft:
    """Return the parts of a card; `aliases` may be plain strings."""
    aliases = tuple(
        AliasDraft(alias, AliasKind.SPELLING) if isinstance(alias, str) else alias for alias in over.pop("aliases", ())
    )
    given = {
        "definition": f"{headword} is a family of language models.",
        "body": "It was released in June 2024. Five sizes exist.\n\nPeople can download it.",
        "example": "A shop sorts its letters with it.",
    } | over
    return CardDraft(headword=headword, aliases=aliases, **given)


def make_term(
    headword: str = "Qwen2",
    *,
    by: Any = None,
    tag: str | None = "Model families",
    level: str = "easy",
    slug: str = "",
    now: datetime | None = None,
    volatility: str = "B",
    **draft: Any,
) -> Term:
    """Return a saved draft."""
    topic = make_tag(tag) if tag else None
    return save_term(
        None,
        make_draft(headword, **draft),
        details=TermDetails(slug=slug, topic=topic, level=level, volatility=volatility),
        by=by or make_user(Role.EDITOR),
        now=now,
    )


def details_of(term: Term, **over: Any) -> TermDetails:
    """Return what a term has besides its words, as it stands."""
    given = {
        "topic": term.topic,
        "tags": list(term.tags.all()),
        "level": term.level,
        "volatility": term.volatility,
        "successor": term.successor,
        "sources": list(term.sources.all()),
    } | over
    return TermDetails(**given)


def settle_all(edition: Edition, *, by: Any, source: Any = None, now: datetime | None = None) -> None:
    """Settle every line that waits, each fact by a source, in one go as the starter glossary's lines are.

    One by one, as at the desk, each verdict would read the whole card again. As at the desk, lines before one that the
    services refuse stay settled.
    """
    settled, refused = 0, None
    with transaction.atomic():
        term, edition = checkable(edition)
        for line in Claim.objects.lines(edition.pk):
            try:
                if line.state == LineState.READ_AGAIN:
                    confirm_line(line.claim, by=by, now=now)
                elif line.state != LineState.SETTLED:
                    check_four_eyes(by.pk, line.writers, single_person_desk=settings.SINGLE_PERSON_DESK)
                    named = line.claim.line.part in {Part.HEADWORD, Part.ALIAS}
                    source = source or make_source(by=by)
                    record_verdict(
                        line.claim,
                        by=by,
                        verdict=Verdict.SUPPORTED,
                        kind=ClaimKind.NAME if named else ClaimKind.FACT,
                        evidence=[EvidenceDraft(source, "It says so.")],
                        now=now,
                    )
                    settled += 1
            except IllegalMove as error:
                refused = error
                break
        if settled:
            refresh_due(term, now=moment(now))
            keep_taken(term, by=by, now=moment(now))
            told = f"{edition.words.headword}: {settled} lines in one go"
            record(by, "settled lines of", told, now=moment(now), term=term, to_digest=edition.digest)
    if refused:
        raise refused


def say_of_old_words(edition: Edition, fate: Fate = Fate.STILL_TRUE, why: str = "") -> dict[int, Said]:
    """Return the checker's word on every line that readers lose by this edition."""
    going = going_lines(Term.objects.get(pk=edition.term_id), edition)
    return {one.gone.place: Said(fate, why) for one in going if not one.gone.quiet}


def check_term(term: Term, *, author: Any, checker: Any, now: datetime | None = None) -> Term:
    """Send the working words to a checker who settles every line, passes and publishes them."""
    edition = submit_term(term, by=author, now=now)
    settle_all(edition, by=checker, now=now)
    said = say_of_old_words(edition)
    pass_check(edition, by=checker, digest=edition.digest, whole_card=True, publish=True, old_words=said, now=now)
    return Term.objects.get(pk=term.pk)


def put_back(term: Term, *, author: Any, checker: Any, now: datetime | None = None) -> Term:
    """Send in the words of a card that was taken back, give a line of them a new verdict, pass and publish them."""
    edition = submit_term(Term.objects.get(pk=term.pk), by=author, now=now)
    claim = Claim.objects.select_related("sentence").get(edition=edition, sentence__part=Part.DEFINITION)
    evidence = [EvidenceDraft(make_source(by=checker), "It still says so.")]
    settle_line(claim, by=checker, verdict=Verdict.SUPPORTED, kind=ClaimKind.FACT, evidence=evidence, now=now)
    pass_check(edition, by=checker, digest=edition.digest, whole_card=True, publish=True, now=now)
    return Term.objects.get(pk=term.pk)


def make_published_term(
    headword: str = "Qwen2", *, author: Any = None, checker: Any = None, now: datetime | None = None, **over: Any
) -> Term:
    """Return a term that one person wrote, and another checked and published."""
    author = author or make_user(Role.EDITOR)
    checker = checker or make_user(Role.CHECKER, Role.PUBLISHER)
    term = make_term(headword, by=author, now=now, **over)
    term = check_term(term, author=author, checker=checker, now=now)
    assert term.stage == Stage.PUBLISHED
    return term


def make_report(term: Term, said: str = "There are six sizes.", *, text: str = "", email: str = "") -> Report:
    """Return a reader's report on a sentence of a published term, or on the card as a whole."""
    claim = Claim.objects.filter(edition=term.published, sentence__text=text).first() if text else None
    draft = ReportDraft(said, claim=claim, email=email)
    report = file_report(term, term.published, draft, network="", age=60)
    assert report is not None
    return report


def make_deck(
    day: date | None = None, *, state: DeckState = DeckState.PUBLISHED, terms: list[Term] | None = None
) -> Deck:
    """Return a deck of seven published terms in the given state; `day` defaults to today."""
    zone = settings.EDITORIAL_TIME_ZONE
    day = day or timezone.now().astimezone(zone).date()
    early = datetime.combine(day, datetime.min.time(), zone)
    scheduler = make_user(Role.SCHEDULER)
    if terms is None:
        author, checker = make_user(Role.EDITOR), make_user(Role.CHECKER, Role.PUBLISHER)
        checked = early - timedelta(days=3)
        terms = [
            make_published_term(f"Word {day:%d} {n}", author=author, checker=checker, tag=f"Topic {n}", now=checked)
            for n in range(1, 8)
        ]
    deck = create_deck(day, by=scheduler, now=early)
    set_cards(deck, terms, by=scheduler, version=deck.version, reason="For a test.", now=early)
    for step in (DeckState.READY, DeckState.LOCKED):
        if state == DeckState.DRAFT or (state == DeckState.READY and step == DeckState.LOCKED):
            break
        deck.refresh_from_db()
        move_deck(deck, step, by=scheduler, version=deck.version, now=early)
    if state == DeckState.PUBLISHED:
        publish_due(now=early.replace(hour=23, minute=30))
    deck.refresh_from_db()
    return deck


def make_readers(number: int, *, domain: str = "example.org", **over: Any) -> list[Subscriber]:
    """Return confirmed readers of the brief."""
    now = timezone.now()
    given = {"state": "confirmed", "confirmed_at": now, "asked_at": now, "wording": "1"} | over
    names = [f"Reader{next(numbers)}@{domain}" for _ in range(number)]
    return Subscriber.objects.bulk_create([Subscriber(address=one, key=one.lower(), **given) for one in names])


def make_dealt_term(headword: str, *, by: Any = None, on: date | None = None, tag: str | None = None) -> Term:
    """Return a published term whose rows are set past the services, which take long: for tests of what comes after.

    Words, digest, check, dates and name fit together as the services would have made them; lines there are none.
    """
    now, on = timezone.now(), on or timezone.now().astimezone(settings.EDITORIAL_TIME_ZONE).date()
    words = Words(headword=headword, definition=f"{headword} is a small piece of “text”, so that a reader learns it.")
    term = Term.objects.create(
        slug=headword.lower().replace(" ", "-"),
        headword=headword,
        definition=words.definition,
        level="easy",
        topic=make_tag(tag) if tag else None,
        sort_key=sort_key(headword),
        letter=letter_of(headword),
    )
    edition = Edition.objects.create(
        term=term, number=1, digest=digest_of(words), words_json=words.to_json(), made_at=now
    )
    by = by or make_user(Role.CHECKER)
    check = FactCheck(edition=edition, digest=edition.digest, digest_version=1, by=by, at=now, on=on)
    check.result, check.stamp_on, check.newest_on = Result.PASSED, on, on
    FactCheck.objects.bulk_create([check])
    Name.objects.create(key=squeezed_key(headword), term=term, public=True)
    term.stage, term.published, term.working, term.published_at = Stage.PUBLISHED, edition, edition, now
    term.due_on, term.overdue_on = due_on(on, Volatility(term.volatility)), overdue_on(on, Volatility(term.volatility))
    term.save()
    return term


def make_dealt_deck(day: date | None = None, *, title: str = "") -> Deck:
    """Return a published deck of terms whose rows are set past the services."""
    now, day = timezone.now(), day or timezone.now().date()
    deck = Deck.objects.create(day=day, title=title, state=DeckState.PUBLISHED, published_at=now, locked_at=now)
    by, on = make_user(Role.CHECKER), day - timedelta(days=3)
    for place in range(1, 8):
        term = make_dealt_term(f"Word {next(numbers)}", by=by, on=on)
        deck.cards.create(position=place, term=term, edition=term.published, checked_on=on)
    return deck


def arm_machine() -> None:
    """Let this machine send, whatever mail server is set."""
    now, nonce = timezone.now(), "0123456789abcdef" * 2
    armed = {"armed_host": host_name(), "armed_at": now, "armed_nonce": nonce, "runs": 0}
    Installation.objects.update_or_create(defaults={"made_at": now} | armed)
    write_mark(Mark(nonce, 0, 0))


def make_brief_of(number: int, *, day: date | None = None, arm: bool = True, title: str = "", **over: Any) -> Brief:
    """Return the brief of a deck that was published now, to so many readers; this machine is armed to send it."""
    make_readers(number, **over)
    deck, now = make_dealt_deck(day, title=title), timezone.now()
    if arm:
        arm_machine()
    return make_brief(deck, now=now)
