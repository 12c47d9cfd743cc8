"""Reports of readers: taking them in without a flood, settling them at the desk, and telling reporters the outcome."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from smtplib import SMTPRecipientsRefused, SMTPResponseException

from django.conf import settings
from django.contrib.auth.models import User
from django.core import signing
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils.crypto import salted_hmac

from glossary.domain.correction import CorrectionKind
from glossary.domain.errors import IllegalMove
from glossary.domain.footnote import is_made_of
from glossary.domain.names import clean_text
from glossary.domain.report import (
    ALL_AN_HOUR,
    MAX_QUOTE,
    MAX_REASON,
    MAX_SAID,
    MIN_AGE,
    NETWORK_AN_HOUR,
    TERM_AN_HOUR,
    Outcome,
    ReportVerdict,
    find_sentence,
    outcome_text,
    too_many_text,
)
from glossary.domain.roles import Action
from glossary.domain.term import Stage
from glossary.domain.version import Told, today_of
from glossary.models import Claim, Edition, Report, ReportBrake, Sentence, Term
from glossary.services.arming import why_not_sending
from glossary.services.clock import moment
from glossary.services.roles import require
from glossary.services.trail import record

logger = logging.getLogger(__name__)
SALT = "glossary.report"
DAY = timedelta(days=1)
KEEP_ADDRESS = timedelta(days=365)  # of a report that nobody has looked at
PER_RUN = 50  # answers
MOST_ANSWERS = 3  # that are still to go to one address


class TooManyReports(IllegalMove):
    """A brake is full until the next hour begins, in `seconds`; nothing of the report was kept."""

    def __init__(self, seconds: int) -> None:
        super().__init__(too_many_text(-(-seconds // 60), settings.CONTACT_EMAIL))
        self.seconds = seconds


@dataclass(frozen=True)
class ReportDraft:
    """A report as the form has it: the line that was chosen, or the words that were quoted, and what is said."""

    said: str
    quote: str = ""
    claim: Claim | None = None
    email: str = ""


@dataclass(frozen=True)
class ReportGroup:
    """All reports on one claim, with the words as the readers had them and as they are now.

    `then` is empty for reports on a card as a whole. `claim` is the line that readers see now, where it is the same.
    """

    newest: Report
    reports: tuple[Report, ...]
    then: str
    claim: Claim | None
    waiting: int


def form_stamp(*, now: datetime | None = None) -> str:
    """Return a signed note of the moment at which a form was opened; it needs no cookie and names nobody."""
    return signing.dumps(int(moment(now).timestamp()), salt=SALT)


def form_age(stamp: str, *, now: datetime | None = None) -> float | None:
    """Return how many seconds ago a form was opened; None for a stamp that is not ours."""
    try:
        opened = signing.loads(stamp, salt=SALT)
    except signing.BadSignature:
        return None
    return moment(now).timestamp() - opened if isinstance(opened, int) else None


@transaction.atomic
def file_report(
    term: Term, edition: Edition, draft: ReportDraft, *, network: str, age: float, now: datetime | None = None
) -> Report | None:
    """Keep what a reader says of an edition that they had; None for a form that was filled faster than anybody types.

    `network` is where it comes from, `age` how long the form was open, in seconds. Filing writes no trail entry. An
    address to which MOST_ANSWERS answers are still to go is not kept with a further report: anybody can type it.
    Raises BadText for words that cannot be stored, TooManyReports in a flood.
    """
    said = clean_text(draft.said, limit=MAX_SAID, what="What you wrote").strip()
    quote = " ".join(clean_text(draft.quote, limit=MAX_QUOTE, what="The words you quoted").split())
    at = moment(now)
    if age < MIN_AGE:
        return None
    if not _pass_brakes(network, term, at):
        raise TooManyReports(3600 - at.minute * 60 - at.second)
    is_full = draft.email and Report.objects.filter(email=draft.email).count() >= MOST_ANSWERS
    sentence = draft.claim.sentence if draft.claim is not None else _sentence_quoted(quote, edition, term)
    return Report.objects.create(
        term=term,
        edition=draft.claim.edition if draft.claim is not None else edition,
        sentence=sentence,
        quote=quote or (sentence.text if sentence is not None else ""),
        said=said,
        email="" if is_full else draft.email,
        at=at,
    )


def reportable_lines(term: Term, read: Edition | None = None) -> list[Claim]:
    """Return the lines from which a report picks one: of the edition that a reader had (see `published_edition`), or of
    the one that readers see now. Words that were taken back, or changed behind the services, are not repeated.
    """
    edition = read or term.published
    if term.stage != Stage.PUBLISHED or edition is None or term.shown() is None or edition.check_standing() is None:
        return []
    lines = list(Claim.objects.filter(edition=edition).select_related("sentence", "edition").order_by("place"))
    return lines if is_made_of(edition.words, [(line.sentence.part, line.sentence.text) for line in lines]) else []


def waiting_groups() -> int:
    """Return how many claims have reports that nobody has looked at."""
    return Report.objects.waiting().order_by().values("term_id", "sentence_id").distinct().count()


def reopened_counts() -> dict[int, int]:
    """Return for each term whose words wait for a new check after reports: on how many the desk agreed."""
    rows = Report.objects.reopened().order_by().values("term_id").annotate(n=Count("pk"))
    return dict(rows.values_list("term_id", "n"))


def group_of(report: Report) -> ReportGroup:
    """Return the group that a report belongs to, with the words then and now; two queries."""
    rows = Report.objects.alike(report).select_related("term__published", "edition", "decided_by", "sentence")
    reports = tuple(rows)
    claim = None
    if report.sentence_id is not None:
        there = Claim.objects.filter(edition__published_for=report.term_id, sentence=report.sentence_id)
        claim = there.select_related("edition", "sentence").first()
    then = report.sentence.text if report.sentence is not None else ""
    waiting = sum(one.verdict == ReportVerdict.WAITING for one in reports)
    return ReportGroup(reports[0], reports, then, claim, waiting)


def words_now(group: ReportGroup) -> str:
    """Return what stands in the place of the reported sentence today; empty where it is gone, or there was none."""
    if group.claim is not None or not group.then:
        return group.then
    told = [
        Told(CorrectionKind(row.kind), row.was, row.now, row.why, row.on)
        for row in group.newest.term.corrections.exclude(kind=CorrectionKind.RETRACTION).order_by("pk")
    ]
    texts = Claim.objects.filter(edition=group.newest.term.published_id or 0).values_list("sentence__text", flat=True)
    return today_of(group.then, told, set(texts))


@transaction.atomic
def settle_reports(
    report: Report, verdict: ReportVerdict, *, by: User, reason: str = "", now: datetime | None = None
) -> int:
    """Settle all reports on one claim that wait; return how many there were.

    Raises IllegalMove where none waits (somebody else was quicker), or where “nothing wrong” lacks its reason, which
    reporters are told. What was wrong goes into the re-check queue; the addresses beside spam are erased at once.
    """
    require(by, Action.SETTLE_REPORTS)
    if verdict == ReportVerdict.WAITING:
        raise IllegalMove("Choose what you found.")
    reason = " ".join(clean_text(reason, limit=MAX_REASON, what="The reason").split())
    if verdict == ReportVerdict.NOTHING_WRONG and not reason:
        raise IllegalMove("Say why nothing is wrong: people who left an address are told.")
    at = moment(now)
    term = Term.objects.select_for_update().get(pk=report.term_id)
    waiting = Report.objects.waiting().alike(report)
    erased = {"email": ""} if verdict == ReportVerdict.SPAM else {}
    settled = waiting.update(verdict=verdict, reason=reason, decided_at=at, decided_by=by, **erased)
    if not settled:
        raise IllegalMove("Somebody has settled these reports already. Look at what they found.")
    subject = f"{term}: {settled} report{'' if settled == 1 else 's'}, {verdict.value}"
    record(by, "settled reports on", subject, now=at, term=term, to_digest=report.edition.digest, reason=reason)
    return settled


def send_outcomes(*, now: datetime | None = None) -> int:
    """Tell reporters who left an address how it ended, each once; return how many mails left.

    A row is claimed by a conditional UPDATE before its mail is sent. It is given back only where the mail server
    certainly did not take the mail; where that is not known, no second mail is sent. The address is erased with the
    answer. Where nothing may leave from this machine nothing is claimed: a copy of the site writes to nobody.
    """
    if why_not_sending():
        return 0
    at, sent = moment(now), 0
    for report, outcome in _to_tell():
        if not Report.objects.to_answer().filter(pk=report.pk).update(answered_at=at):
            continue  # another process has it
        try:
            taken = _mail(report, outcome)
        except OSError as error:
            Report.objects.filter(pk=report.pk).update(answered_at=None)
            logger.warning("the mail server took no answer to a reader, trying again later: %s", error)
            break
        Report.objects.filter(pk=report.pk).update(email="")
        sent += taken
    return sent


def forget(*, now: datetime | None = None) -> None:
    """Erase what is kept no longer: brakes of yesterday, addresses that were answered, and those a year old."""
    at = moment(now)
    ReportBrake.objects.filter(at__lt=at - DAY).delete()
    old = Q(at__lt=at - KEEP_ADDRESS) | Q(answered_at__lt=at - DAY)
    Report.objects.exclude(email="").filter(old).update(email="")


def _sentence_quoted(quote: str, edition: Edition, term: Term) -> Sentence | None:
    """Return the sentence that a quote was taken from: of the edition that was read, otherwise of today's words."""
    if not quote:
        return None
    for key in dict.fromkeys([edition.pk, term.published_id]):
        claims = list(Claim.objects.filter(edition=key or 0).select_related("sentence").order_by("place"))
        place = find_sentence(quote, [claim.sentence.text for claim in claims])
        if place is not None:
            return claims[place].sentence
    return None


def _pass_brakes(network: str, term: Term, at: datetime) -> bool:
    """Count a report against its network, its term and everybody; return whether all still have room this hour.

    The network is kept as a keyed hash that changes every hour, so that it leads back to nobody, and for a day. Where a
    proxy that nobody named hides the networks, the brake of a term keeps a flood on it from filling the common one.
    """
    hour = f"{at:%Y-%m-%dT%H}"
    hashed = salted_hmac(SALT, f"{network} {hour}", algorithm="sha256").hexdigest()[:32]
    slow_enough = not network or _count(f"net:{hashed}", NETWORK_AN_HOUR, at)
    slow_enough = slow_enough and _count(f"term:{term.pk}:{hour}", TERM_AN_HOUR, at)
    return slow_enough and _count(f"all:{hour}", ALL_AN_HOUR, at)


def _count(key: str, limit: int, at: datetime) -> bool:
    ReportBrake.objects.get_or_create(key=key, defaults={"at": at})
    return bool(ReportBrake.objects.filter(key=key, count__lt=limit).update(count=F("count") + 1))


def _to_tell() -> Sequence[tuple[Report, Outcome]]:
    """Return the reports that have come to an end and whose reporters wait to hear, with how each ended."""
    open_rows = Report.objects.to_answer().select_related("term__published", "edition")
    fine = [(row, Outcome.NOTHING_WRONG) for row in open_rows.filter(verdict=ReportVerdict.NOTHING_WRONG)[:PER_RUN]]
    ended = Report.objects.ended().to_answer().select_related("term__published", "edition")[:PER_RUN]
    return fine + [(row, _ending(row)) for row in ended]


def _ending(row: Report) -> Outcome:
    """Return whether the words that a reader had stand after another check, or are gone; `row` is marked."""
    if row.sentence_id is not None:
        return Outcome.STANDS if getattr(row, "still_there", False) else Outcome.CHANGED
    return Outcome.READ_AGAIN if row.term.published_id == row.edition_id else Outcome.CHANGED


def _mail(report: Report, outcome: Outcome) -> bool:
    """Write to one reporter; return whether the mail left. Raises OSError where it certainly did not, for now."""
    shown = report.term.shown() if report.term.published is not None else None
    headword = " ".join((shown[0].headword if shown else report.term.slug).split())
    text = outcome_text(
        outcome,
        headword=headword,
        reason=report.reason,
        page=f"{settings.SITE_URL}{report.term.get_absolute_url()}",
        log=f"{settings.SITE_URL}{reverse('corrections')}",
    )
    subject = f"{settings.SITE_NAME}: your report on {headword}"[:200]
    headers = {"Auto-Submitted": "auto-generated"}
    connection = get_connection()
    connection.open()  # a server that cannot be reached has taken nothing
    try:
        mail = EmailMessage(subject, text, to=[report.email], headers=headers, connection=connection)
        return bool(mail.send())
    except SMTPRecipientsRefused as error:
        if any(code < 500 for code, _ in error.recipients.values()):
            raise
        logger.warning("no mail reaches the reporter of report %s", report.pk)
    except SMTPResponseException as error:
        if error.smtp_code < 500:
            raise
        logger.warning("the mail server refused the answer to report %s: %s", report.pk, error.smtp_code)
    except OSError as error:
        logger.warning("it is not known whether the answer to report %s left: %s", report.pk, error)
    except ValueError as error:
        logger.warning("no mail can be written to the reporter of report %s: %s", report.pk, error)
    finally:
        connection.close()
    return False
