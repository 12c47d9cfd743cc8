"""The watch over the sources: asking for them one by one, politely, and raising doubts about what has changed."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from glossary.domain.doubt import MAX_REASON, DoubtKind, Ending
from glossary.domain.errors import BadText, IllegalMove
from glossary.domain.names import clean_line
from glossary.domain.roles import Action
from glossary.domain.watch import EVERY, HOST_DELAY, LOCKED, QUIET, Findings, Passage, Seen, Validators, look_at
from glossary.models import (
    Doubt,
    Evidence,
    Installation,
    JobRun,
    PassageKind,
    Sentence,
    Source,
    SourceWatch,
    WatchRun,
)
from glossary.services.clock import moment, today
from glossary.services.desk_word import index_term
from glossary.services.doubt import raise_doubt, settle_for_machine
from glossary.services.fetching import visit_page
from glossary.services.impact import evidence_behind
from glossary.services.roles import require
from glossary.services.source import is_web_address
from glossary.services.trail import record

JOB = "source watch"
LEASE = timedelta(minutes=10)  # after the last sign of life another watch may begin
A_DAY = 40  # sources that tick asks for on one day
TICK_SECONDS = 120.0  # that tick gives to it, as today's deck is out and the next gate is hours away
MACHINE_ENDS = (DoubtKind.DEAD_LINK, DoubtKind.REDIRECTED, DoubtKind.PAGE_CHANGED)

Fetch = Callable[[str, Validators | None], Seen]


class WatchRuns(IllegalMove):
    """Another watch is at work; there is nothing to do but to let it."""


@dataclass(frozen=True)
class Visit:
    """What one visit came to, with the doubts that it raised."""

    source: Source
    seen: Seen
    says: str
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True)
class Pace:
    """The clock of the watch and its rest, in seconds; tests give their own."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    delay: float = HOST_DELAY


def due_sources(*, now: datetime | None = None) -> QuerySet[Source]:
    """Return the sources that a check rests on and that were not seen for a week, the longest unseen first."""
    at = moment(now)
    used = Source.objects.filter(Exists(Evidence.objects.filter(source=OuterRef("pk"))))
    unseen = used.filter(Q(watch__isnull=True) | Q(watch__seen_at__isnull=True) | Q(watch__seen_at__lte=at - EVERY))
    free = unseen.filter(Q(watch__not_before__isnull=True) | Q(watch__not_before__lte=at))
    return free.select_related("watch").order_by(F("watch__seen_at").asc(nulls_first=True), "pk")


def watch_sources(
    *,
    limit: int,
    fetch: Fetch = visit_page,
    pace: Pace | None = None,
    seconds: float | None = None,
    stop: Callable[[], bool] = lambda: False,
    now: datetime | None = None,
) -> Iterator[Visit]:
    """Ask for up to `limit` sources that are due and yield each visit when it is written down.

    Only one watch runs at a time: raises WatchRuns at the first visit where another does. Between two requests to one
    host lie `pace.delay` seconds; a host that asks to be left alone is left alone. A silent server is judged at the
    end, when it is known whether any other could be reached. No request is begun after `seconds`.
    """
    run = _begin(moment(now))
    try:
        yield from _rounds(run, list(due_sources(now=now)[:limit]), fetch, pace or Pace(), seconds, stop, now)
    finally:
        WatchRun.objects.filter(pk=run.pk).update(open=False)


def watch_daily(*, stop: Callable[[], bool] = lambda: False, now: datetime | None = None) -> Iterator[Visit]:
    """Run a short watch once a day, after the day's deck went out; nothing on a demonstration site, or a second time.

    A demonstration calls nobody's server: its sources are the real ones.
    """
    day, hour = today(now), moment(now).astimezone(settings.EDITORIAL_TIME_ZONE).time()
    if hour < settings.PUBLISH_AT or Installation.objects.filter(demo=True).exists():
        return
    _, claimed = JobRun.objects.get_or_create(job=JOB, day=day, defaults={"at": moment(now)})
    if claimed:
        try:
            yield from watch_sources(limit=A_DAY, seconds=TICK_SECONDS, stop=stop, now=now)
        except WatchRuns:
            return


@transaction.atomic
def move_source(source: Source, url: str, *, by: User, now: datetime | None = None) -> Source:
    """Give a source the address at which it is today; doubts on the way to it end. Its words are not looked at."""
    require(by, Action.CHECK)
    url = clean_line(url, limit=500, what="The address")
    try:
        is_web_address(url)
    except ValidationError as error:
        raise BadText("The address of a source begins with https:// or http:// and names a page.") from error
    source = Source.objects.select_for_update().get(pk=source.pk)
    if url == source.url:
        raise IllegalMove("This is its address already.")
    there = Source.objects.filter(url=url).first()
    if there is not None:
        raise IllegalMove(f"“{there}” in the library has this address. Check the sentences on that source instead.")
    before, source.url = source.url, url
    source.save(update_fields=["url"])
    SourceWatch.objects.filter(source=source).update(
        failures=0, moved_url="", answered_url="", etag="", last_modified="", seen_at=None, not_before=None
    )
    for term in source.terms.order_by("pk"):
        index_term(term)
    links = Doubt.objects.open().filter(source=source, kind__in=[DoubtKind.DEAD_LINK, DoubtKind.REDIRECTED])
    settle_for_machine(links, Ending.REPAIRED, url, by=by, now=moment(now))
    record(by, "moved the source", source.title, now=moment(now), reason=f"{before} → {url}")
    return source


def _rounds(
    run: WatchRun,
    waiting: list[Source],
    fetch: Fetch,
    pace: Pace,
    seconds: float | None,
    stop: Callable[[], bool],
    now: datetime | None,
) -> Iterator[Visit]:
    asked: dict[str, float] = {}
    silent: list[tuple[Source, Seen]] = []
    is_up, began = False, pace.clock()
    while waiting and not stop():
        source = _next(waiting, asked, pace)
        host = _host(source)
        if seconds is not None and pace.clock() - began >= seconds:
            break
        if not _is_ours(run, now):
            return
        seen = fetch(source.url, _known(source))
        asked[host] = pace.clock()
        is_up = is_up or seen.status > 0
        if seen.status in LOCKED or seen.retry_after:
            waiting = [other for other in waiting if _host(other) != host]
        if not seen.status or seen.status >= 500:
            silent.append((source, seen))
        else:
            yield _written_down(source, seen, run, network_is_up=True, now=now)
    for source, seen in silent:
        yield _written_down(source, seen, run, network_is_up=is_up, now=now)


def _next(waiting: list[Source], asked: dict[str, float], pace: Pace) -> Source:
    """Take out the first source whose host may be asked again; rest where there is none yet."""
    while True:
        present = pace.clock()
        rests = [asked.get(_host(source), float("-inf")) + pace.delay - present for source in waiting]
        soonest = min(range(len(rests)), key=lambda place: max(0.0, rests[place]))
        if rests[soonest] <= 0:
            return waiting.pop(soonest)
        pace.sleep(rests[soonest])


def _known(source: Source) -> Validators | None:
    """Return the marks of the page as it was read, unless a passage came up since that it was not read for."""
    watch: SourceWatch | None = getattr(source, "watch", None)
    if watch is None or watch.read_at is None or not (watch.etag or watch.last_modified):
        return None
    newer = Evidence.objects.filter(source=source, passage_kind=PassageKind.VERBATIM, check_row__at__gt=watch.read_at)
    return None if newer.exists() else Validators(watch.answered_url, watch.etag, watch.last_modified)


@transaction.atomic
def _written_down(source: Source, seen: Seen, run: WatchRun, *, network_is_up: bool, now: datetime | None) -> Visit:
    """Keep what was seen, raise the doubts that follow and end those that are answered."""
    at = moment(now)
    SourceWatch.objects.get_or_create(source=source)
    watch = SourceWatch.objects.select_for_update().get(source=source)
    passages = [
        Passage(sentence, row.passage, row.passage_kind == PassageKind.VERBATIM)
        for row, sentence in evidence_behind(source)
    ]
    found = look_at(
        seen,
        url=source.url,
        passages=passages,
        failures=watch.failures,
        was_read=watch.read_at is not None,
        network_is_up=network_is_up,
    )
    doubts = _raised(source, found, now=at)
    _answered(source, found, now=at)
    watch.seen_at, watch.status, watch.says, watch.failures = at, seen.status, found.says[:MAX_REASON], found.failures
    watch.not_before = at + timedelta(seconds=seen.retry_after) if seen.retry_after else None
    if seen.is_there:
        watch.answered_url = seen.url[:2000]
        watch.moved_url = watch.answered_url if any(doubt.kind == DoubtKind.REDIRECTED for doubt in found.flags) else ""
    if seen.text is not None:
        watch.read_at, watch.etag, watch.last_modified = at, seen.etag, seen.last_modified
    watch.save()
    WatchRun.objects.filter(pk=run.pk).update(visited=F("visited") + 1, raised=F("raised") + len(doubts))
    return Visit(source, seen, found.says, tuple(doubts))


def _raised(source: Source, found: Findings, *, now: datetime) -> list[Doubt]:
    """Raise what was found, but for what a person looked at and found unfounded not long ago."""
    sentences = Sentence.objects.select_related("term").in_bulk([f.sentence for f in found.flags if f.sentence])
    calm = Doubt.objects.filter(source=source, ending=Ending.STANDS, settled_at__gt=now - QUIET)
    unfounded = set(calm.values_list("kind", "sentence_id"))
    made = []
    for flag in found.flags:
        if (flag.kind.value, flag.sentence) not in unfounded:
            sentence = sentences.get(flag.sentence) if flag.sentence else None
            doubt = raise_doubt(flag.kind, flag.reason[:MAX_REASON], source=source, sentence=sentence, now=now)
            made += [doubt] if doubt else []
    return made


def _answered(source: Source, found: Findings, *, now: datetime) -> None:
    """End what the machine raised by itself and sees no more."""
    by_itself = Doubt.objects.open().filter(source=source, raised_by__isnull=True)
    ends = Q(sentence__isnull=True, kind__in=[kind for kind in MACHINE_ENDS if kind in found.answered])
    ends |= Q(kind=DoubtKind.PASSAGE_GONE, sentence_id__in=found.found_again)
    settle_for_machine(by_itself.filter(ends), Ending.CAME_BACK, found.says, by=None, now=now)


def _begin(now: datetime) -> WatchRun:
    """Take the lock; raises WatchRuns where a watch that is alive has it."""
    WatchRun.objects.filter(open=True, until__lte=now).update(open=False)
    try:
        with transaction.atomic():
            return WatchRun.objects.create(begun_at=now, until=now + LEASE)
    except IntegrityError as error:
        raise WatchRuns("Another watch is at work. Nothing was done; it does the same.") from error


def _is_ours(run: WatchRun, now: datetime | None) -> bool:
    """Give a sign of life; False where this watch was taken for dead and another has begun."""
    return WatchRun.objects.filter(pk=run.pk, open=True).update(until=moment(now) + LEASE) > 0


def _host(source: Source) -> str:
    return urlsplit(source.url).netloc.lower()
