"""The watch over the sources, with a fetcher that answers what the test wants."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from glossary.domain.claim import ClaimKind, LineState, Part, Verdict
from glossary.domain.doubt import DoubtKind, Ending
from glossary.domain.errors import BadText, IllegalMove
from glossary.domain.roles import Role
from glossary.domain.watch import EVERY, Seen, Validators
from glossary.models import (
    Claim,
    DeskWord,
    Doubt,
    Installation,
    JobRun,
    PassageKind,
    SourceWatch,
    Term,
    TrailEntry,
    WatchRun,
)
from glossary.services import watch
from glossary.services.claim import EvidenceDraft, settle_line
from glossary.services.doubt import settle_doubt
from glossary.services.fact_check import pass_check
from glossary.services.take import queue
from glossary.services.term import save_term, submit_term
from glossary.services.watch import (
    LEASE,
    Pace,
    WatchRuns,
    due_sources,
    move_source,
    watch_daily,
    watch_sources,
)
from tests.factories import details_of, make_source, make_term, make_user

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SAYS = "Five sizes exist, it says."


def quoted(headword, source, *, checker, passage=SAYS, kind=PassageKind.VERBATIM, now=NOW):
    """Return a published term each of whose facts rests on this passage."""
    editor = make_user(Role.EDITOR)
    edition = submit_term(make_term(headword, by=editor, now=now), by=editor, now=now)
    for line in Claim.objects.lines(edition.pk):
        if line.state != LineState.SETTLED:
            named = line.claim.line.part == Part.HEADWORD
            settle_line(
                line.claim,
                by=checker,
                verdict=Verdict.SUPPORTED,
                kind=ClaimKind.NAME if named else ClaimKind.FACT,
                evidence=[] if named else [EvidenceDraft(source, passage, kind)],
                now=now,
            )
    pass_check(edition, by=checker, digest=edition.digest, whole_card=True, publish=True, now=now)
    return Term.objects.get(pk=edition.term_id)


def sources(number, checker, host="example.org"):
    return [make_source(f"https://{host}/{n}", by=checker, title=f"Source {host} {n}") for n in range(number)]


class Clock:
    """A clock that only the watch's rests move on."""

    def __init__(self):
        self.seconds, self.rests = 0.0, []

    def pace(self):
        return Pace(clock=lambda: self.seconds, sleep=self._sleep)

    def _sleep(self, seconds):
        self.rests.append(seconds)
        self.seconds += seconds


def answers(*given, asked=None):
    """Return a fetcher that gives one answer after another, the last one for ever."""
    waiting = list(given)

    def fetch(url, known):
        if asked is not None:
            asked.append((url, known))
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    return fetch


def page(text=SAYS, **over):
    return Seen(**({"status": 200, "url": "https://example.org/0", "text": text} | over))


def run(*given, at=NOW, limit=100, asked=None, **over):
    fetch = answers(*given, asked=asked)
    return list(watch_sources(limit=limit, fetch=fetch, pace=Clock().pace(), now=at, **over))


def test_a_page_that_still_says_it_raises_nothing(checker):
    quoted("Qwen2", sources(1, checker)[0], checker=checker)
    [visit] = run(page())
    assert visit.doubts == () and visit.says == "The passages of 5 of 5 sentences stand there."
    kept = SourceWatch.objects.get()
    assert (kept.seen_at, kept.read_at, kept.status, kept.failures) == (NOW, NOW, 200, 0)
    assert queue(now=NOW) == []


def test_a_lost_passage_sends_the_card_to_the_checkers_and_changes_nothing_else(checker):
    term = quoted("Qwen2", sources(1, checker)[0], checker=checker)
    before = Term.objects.values().get()
    [visit] = run(page("Six sizes exist."))
    assert {doubt.kind for doubt in visit.doubts} == {DoubtKind.PASSAGE_GONE} and len(visit.doubts) == 5
    assert [(row.term_id, row.score.doubts, row.why) for row in queue(now=NOW)] == [(term.pk, 25, "passage gone")]
    assert Term.objects.values().get() == before
    assert TrailEntry.objects.filter(verb="doubted", actor_name="Daily Deck", term=term).count() == 5


def test_a_second_visit_raises_no_second_doubt_and_one_that_finds_it_again_ends_them(checker):
    quoted("Qwen2", sources(1, checker)[0], checker=checker)
    run(page("Six sizes exist."))
    run(page("Six sizes exist."), at=NOW + EVERY)
    assert Doubt.objects.count() == 5
    run(page(), at=NOW + 2 * EVERY)
    assert set(Doubt.objects.values_list("ending", "settled_by")) == {(Ending.CAME_BACK, None)}
    assert queue(now=NOW + 2 * EVERY) == []


def test_what_a_person_found_unfounded_is_not_raised_again_for_a_while(checker):
    quoted("Qwen2", sources(1, checker)[0], checker=checker)
    run(Seen(status=404, url="https://example.org/0"))
    doubt = Doubt.objects.get()
    settle_doubt(doubt, "It opens in a browser.", by=checker, now=NOW)
    run(Seen(status=404, url="https://example.org/0"), at=NOW + timedelta(days=60))
    assert Doubt.objects.count() == 1
    run(Seen(status=404, url="https://example.org/0"), at=NOW + timedelta(days=120))
    assert Doubt.objects.open().get().kind == DoubtKind.DEAD_LINK


def test_what_a_person_marked_is_not_ended_by_the_machine(checker):
    source = sources(1, checker)[0]
    quoted("Qwen2", source, checker=checker)
    Doubt.objects.create(kind=DoubtKind.DEAD_LINK, source=source, reason="Gone.", raised_at=NOW, raised_by=checker)
    run(page())
    assert Doubt.objects.open().count() == 1


def test_a_paraphrase_is_watched_by_its_link_alone(checker):
    quoted("Qwen2", sources(1, checker)[0], checker=checker, kind=PassageKind.PARAPHRASE)
    assert run(page("Nothing of it."))[0].doubts == ()
    [visit] = run(Seen(status=410), at=NOW + EVERY)
    assert [doubt.kind for doubt in visit.doubts] == [DoubtKind.DEAD_LINK]


def test_the_marks_of_the_page_are_sent_back_until_a_new_passage_rests_on_it(checker):
    source = sources(1, checker)[0]
    term = quoted("Qwen2", source, checker=checker)
    asked = []
    run(page(etag='"v1"', last_modified="Mon, 01 Jun 2026 00:00:00 GMT"), asked=asked, at=NOW)
    [visit] = run(Seen(status=304, url=source.url), asked=asked, at=NOW + EVERY)
    assert visit.says == "Unchanged since it was last read." and visit.doubts == ()
    assert SourceWatch.objects.get().etag == '"v1"'
    claim = Claim.objects.get(edition_id=term.published_id, sentence__text="Five sizes exist.")
    settle_line(
        claim,
        by=checker,
        verdict=Verdict.SUPPORTED,
        kind=ClaimKind.FACT,
        evidence=[EvidenceDraft(source, "Another passage.", PassageKind.VERBATIM)],
        now=NOW + EVERY,
    )
    [visit] = run(page(etag='"v1"'), asked=asked, at=NOW + 2 * EVERY)
    marks = Validators(source.url, '"v1"', "Mon, 01 Jun 2026 00:00:00 GMT")
    assert asked == [(source.url, None), (source.url, marks), (source.url, None)]
    assert [doubt.sentence.text for doubt in visit.doubts] == ["Five sizes exist."]


def test_a_silent_server_is_a_dead_link_after_three_weeks_and_only_if_others_answer(checker):
    lone = sources(1, checker)[0]
    other = make_source("https://other.org/", by=checker, title="Other")
    quoted("Qwen2", lone, checker=checker)
    quoted("Token", other, checker=checker)

    def fetch(url, known):
        return page(url=url) if "other" in url else Seen(says="The server cannot be reached.")

    def silent(url, known):
        return Seen(says="No server of this name can be found.")

    at = NOW
    for fetcher in (silent, silent, silent, fetch, fetch):
        list(watch_sources(limit=9, fetch=fetcher, pace=Clock().pace(), now=at))
        at += EVERY
    assert not Doubt.objects.exists() and SourceWatch.objects.get(source=lone).failures == 2
    list(watch_sources(limit=9, fetch=fetch, pace=Clock().pace(), now=at))
    doubt = Doubt.objects.get()
    assert doubt.source == lone and doubt.reason.startswith("3 visits in a row came to nothing.")


def test_two_requests_to_a_host_lie_apart_and_others_are_asked_in_between(checker):
    for number, host in enumerate(("a.org", "b.org")):
        for source in sources(2, checker, host):
            quoted(f"{host} {source.pk} {number}", source, checker=checker)
    clock, asked = Clock(), []
    fetch = answers(page(), asked=asked)
    list(watch_sources(limit=9, fetch=fetch, pace=clock.pace(), now=NOW))
    assert [url for url, _ in asked] == [
        "https://a.org/0",
        "https://b.org/0",
        "https://a.org/1",
        "https://b.org/1",
    ]
    assert clock.rests == [2.0]


@pytest.mark.parametrize("status", [429, 503])
def test_a_host_that_asks_for_a_rest_gets_it(checker, status):
    for n, source in enumerate(sources(3, checker)):
        quoted(f"Term {n}", source, checker=checker)
    asked = []
    run(Seen(status=status, url="https://example.org/0", retry_after=604_800), asked=asked)
    assert len(asked) == 1
    assert SourceWatch.objects.get().not_before == NOW + timedelta(days=7)
    assert not Doubt.objects.exists()
    run(page(), asked=asked, at=NOW + EVERY)
    assert {url for url, _ in asked[1:]} == {"https://example.org/1", "https://example.org/2"}


def test_the_longest_unseen_come_first_and_none_twice_in_a_week(checker):
    for n, source in enumerate(sources(3, checker)):
        quoted(f"Term {n}", source, checker=checker)
    make_source("https://unused.org/", by=checker, title="Unused")
    assert [visit.source.url for visit in run(page(), limit=2)] == ["https://example.org/0", "https://example.org/1"]
    later = NOW + timedelta(days=1)
    assert [visit.source.url for visit in run(page(), at=later)] == ["https://example.org/2"]
    assert not due_sources(now=later).exists()
    assert [source.url for source in due_sources(now=NOW + timedelta(days=8))][-1] == "https://example.org/2"


def test_only_one_watch_runs_and_a_dead_one_is_taken_over(checker):
    quoted("Qwen2", sources(1, checker)[0], checker=checker)
    WatchRun.objects.create(begun_at=NOW, until=NOW + LEASE)
    with pytest.raises(WatchRuns, match="Another watch is at work"):
        run(page(), at=NOW + timedelta(minutes=1))
    assert not SourceWatch.objects.exists()
    assert len(run(page(), at=NOW + LEASE)) == 1
    assert not WatchRun.objects.filter(open=True).exists()


def test_a_watch_that_was_taken_for_dead_stops(checker):
    for n, source in enumerate(sources(2, checker)):
        quoted(f"Term {n}", source, checker=checker)

    def fetch(url, known):
        WatchRun.objects.filter(open=True).update(open=False)
        return page()

    assert len(list(watch_sources(limit=9, fetch=fetch, pace=Clock().pace(), now=NOW))) == 1


def test_the_watch_stops_when_it_is_told_to_or_its_time_is_over(checker):
    for n, source in enumerate(sources(3, checker)):
        quoted(f"Term {n}", source, checker=checker)
    assert run(page(), stop=lambda: True) == []
    assert len(run(page(), seconds=3)) == 2
    assert WatchRun.objects.filter(open=False).count() == 2


def test_tick_watches_once_a_day_after_the_deck_and_never_on_a_demonstration(checker, settings, monkeypatch):
    asked = []
    monkeypatch.setattr(
        watch.watch_sources,
        "__kwdefaults__",
        watch.watch_sources.__kwdefaults__ | {"fetch": answers(page(), asked=asked)},
    )
    settings.PUBLISH_AT = time(7)
    quoted("Qwen2", sources(1, checker)[0], checker=checker)
    assert list(watch_daily(now=NOW.replace(hour=6))) == []
    Installation.objects.update(demo=True)
    assert list(watch_daily(now=NOW)) == [] and not JobRun.objects.exists()
    Installation.objects.update(demo=False)
    assert len(list(watch_daily(now=NOW))) == 1
    assert list(watch_daily(now=NOW + timedelta(hours=1))) == [] and len(asked) == 1


def test_a_source_gets_its_new_address_and_the_doubts_on_the_way_end(checker):
    source = sources(1, checker)[0]
    term = quoted("Qwen2", source, checker=checker)
    save_term(term, term.draft(), details=details_of(term, sources=[source]), by=make_user(Role.EDITOR), now=NOW)
    run(page(url="https://new.org/report", moved=True))
    assert SourceWatch.objects.get().moved_url == "https://new.org/report"
    assert [row.why for row in queue(now=NOW)] == ["redirected"]
    move_source(source, "https://new.org/report", by=checker, now=NOW)
    source.refresh_from_db()
    assert source.url == "https://new.org/report" and queue(now=NOW) == []
    doubt = Doubt.objects.get()
    assert (doubt.ending, doubt.settled_by) == (Ending.REPAIRED, checker)
    assert TrailEntry.objects.get(verb="moved the source").reason == "https://example.org/0 → https://new.org/report"
    assert DeskWord.objects.filter(term=term, word="new.org").exists()
    assert list(due_sources(now=NOW)) == [source], "the new address is looked at soon"


def test_an_address_must_be_one_that_is_free(checker):
    first, second = sources(2, checker)
    for url, error in [("javascript:x", BadText), (first.url, IllegalMove), (second.url, IllegalMove)]:
        with pytest.raises(error):
            move_source(first, url, by=checker, now=NOW)
    with pytest.raises(PermissionDenied):
        move_source(first, "https://new.org/", by=make_user(Role.EDITOR), now=NOW)
