"""The ledger's hot path: claiming, noting in doubt and settling many mails by one statement each, on both databases.

Every statement says whose rows it may touch: a worker whose lease ran out, and whose rows another one has, changes
nothing. Keys go in as arrays (`ANY` on PostgreSQL, `json_each` on SQLite), so that a group costs one round trip.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from glossary.domain.address import without_addresses
from glossary.domain.brief import BriefState, DeliveryState

PENDING, CLAIMED, IN_DOUBT, SENT = (
    DeliveryState.PENDING.value,
    DeliveryState.CLAIMED.value,
    DeliveryState.IN_DOUBT.value,
    DeliveryState.SENT.value,
)
GOES = (  # the row's brief may be sent now, or the row goes by itself and the brief does not rest
    "EXISTS (SELECT 1 FROM glossary_brief b WHERE b.id = glossary_delivery.brief_id"
    f" AND b.state <> '{BriefState.PAUSED.value}'"
    f" AND (alone OR (b.state = '{BriefState.SENDING.value}' AND b.window_ends > %s)))"
)
WANTS = (  # the reader still wants it; a value and no EXISTS, so that it is looked up by key, never joined to all
    "COALESCE((SELECT s.state = 'confirmed' AND (s.paused_until IS NULL OR s.paused_until <= %s)"
    " AND (NOT s.weekdays_only OR %s OR glossary_delivery.alone)"
    " FROM glossary_subscriber s WHERE s.id = glossary_delivery.subscriber_id), FALSE)"
)

PAST = "brief_id IN (SELECT b.id FROM glossary_brief b WHERE b.window_ends <= %s)"
OVER = "state = 'expired', last_said = CASE WHEN last_code IS NULL THEN %s ELSE last_said END, at = %s"
WINDOW_OVER = "The window of the brief was over."


@dataclass(frozen=True)
class Row:
    """One claimed mail; without an address its reader was erased."""

    pk: int
    subscriber: int | None
    attempt: int
    address: str
    handle: str
    alone: bool


def claim(brief: int, *, owner: str, now: datetime, lease: datetime, limit: int, alone: bool = False) -> list[Row]:
    """Take up to `limit` mails that are due for `owner` until `lease`; no two workers get the same.

    `alone` takes only those that go by themselves.
    """
    which = "alone AND " if alone else ""
    locked = "FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    due = (
        f"SELECT id FROM glossary_delivery WHERE brief_id = %s AND state = '{PENDING}' AND not_before <= %s"
        f" AND {which}{GOES} ORDER BY not_before LIMIT %s {locked}"
    )
    chosen = f"= ANY(ARRAY({due}))" if locked else f"IN ({due})"  # an array is made once, whatever the plan
    update = (
        f"UPDATE glossary_delivery SET state = '{CLAIMED}', owner = %s, lease_until = %s, at = %s"
        f" WHERE state = '{PENDING}' AND id {chosen} RETURNING id, subscriber_id, attempt, alone"
    )
    values = [owner, _at(lease), _at(now), brief, _at(now), _at(now), limit]
    with connection.cursor() as cursor:
        if locked:
            cursor.execute(
                f"WITH mine AS ({update}) SELECT mine.id, s.id, mine.attempt, s.address, s.handle, mine.alone"
                " FROM mine LEFT JOIN glossary_subscriber s ON s.id = mine.subscriber_id ORDER BY mine.id",
                values,
            )
            return [
                Row(pk, reader, n, address or "", handle or "", alone)
                for pk, reader, n, address, handle, alone in cursor.fetchall()
            ]
        cursor.execute(update, values)
        taken = sorted(cursor.fetchall())
        cursor.execute(
            "SELECT id, address, handle FROM glossary_subscriber WHERE id IN (SELECT value FROM json_each(%s))",
            [json.dumps([reader for _, reader, _, _ in taken if reader is not None])],
        )
        readers = {pk: (address, handle) for pk, address, handle in cursor.fetchall()}
    return [Row(pk, reader, n, *readers.get(reader, ("", "")), bool(alone)) for pk, reader, n, alone in taken]


def doubt(
    rows: Sequence[tuple[int, str]],
    *,
    sent: Sequence[int],
    owner: str,
    now: datetime,
    needs: datetime,
    lease: datetime,
    day: date,
    written: datetime,
) -> set[int]:
    """Note, for good, that these mails are about to go, and that those of `sent` have gone; return the former's keys.

    `rows` has keys and Message-IDs, `written` is when their words were read. A mail is left out where it is not
    `owner`'s any more, where its lease ends before `needs`, where its reader does not want it any more, or where its
    brief is paused or past its window.
    """
    keys, named = [pk for pk, _ in rows], [text for _, text in rows]
    if connection.vendor == "postgresql":  # an array of keys is looked up by the index, whatever the statistics say
        name = "(%s::text[])[array_position(%s::bigint[], id)]"
        given: list[Any] = [named, keys]
    else:
        name, given = "json_extract(%s, '$.' || id)", [json.dumps(dict(rows))]
    statement = (
        f"UPDATE glossary_delivery SET state = '{IN_DOUBT}', message_id = {name}, lease_until = %s, at = %s,"
        " written_at = COALESCE(written_at, %s)"
        f" WHERE {_among('id')} AND owner = %s AND state = '{CLAIMED}'"
        f" AND lease_until > %s AND {GOES} AND {WANTS} RETURNING id"
    )
    weekday = day.weekday() < 5
    values = [*given, _at(lease), _at(now), _at(written), _keys(keys), owner, _at(needs), _at(now), day, weekday]
    with connection.cursor() as cursor:
        if not sent:
            cursor.execute(statement, values)
            return {pk for (pk,) in cursor.fetchall()}
        if connection.vendor == "postgresql":
            done, marks = _sent(sent, owner, now)
            cursor.execute(f"WITH done AS ({done}) {statement}", [*marks, *values])
            return {pk for (pk,) in cursor.fetchall()}
        with transaction.atomic():
            cursor.execute(*_sent(sent, owner, now))
            cursor.execute(statement, values)
            return {pk for (pk,) in cursor.fetchall()}


def still_go(keys: Collection[int], *, owner: str, now: datetime, day: date) -> bool:
    """Return whether all of these mails in doubt may go: their readers still want them, their brief does not rest."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT COUNT(*) FROM glossary_delivery WHERE {_among('id')} AND owner = %s AND state = '{IN_DOUBT}'"
            f" AND {GOES} AND {WANTS}",
            [_keys(list(keys)), owner, _at(now), day, day.weekday() < 5],
        )
        return bool(cursor.fetchone()[0] == len(keys))


def mark_sent(sent: Sequence[int], *, owner: str, now: datetime) -> int:
    """Note that the server took these mails; return how many rows that changed."""
    if not sent:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(*_sent(sent, owner, now))
        return cursor.rowcount


@dataclass(frozen=True)
class Settled:
    """What one mail that was not taken comes to. A state of pending gives it back, to be tried from `not_before`."""

    pk: int
    state: DeliveryState
    attempt: int = 0  # added to those before
    not_before: datetime | None = None
    code: int | None = None
    said: str = ""


def settle(settled: Iterable[Settled], *, owner: str, now: datetime) -> None:
    """Write what became of mails of `owner` that did not go, each by itself; staff see uncertain ones at once.

    A mail that went back before its body left, or that was refused, brought its reader no words.
    """
    values = []
    for one in settled:
        doubtful, said = one.state == DeliveryState.IN_DOUBT, without_addresses(one.said)[:200]
        held = (owner, _at(now)) if doubtful else ("", None)
        waits = _at(one.not_before) if one.not_before else None
        values.append((one.state.value, *held, one.attempt, waits, doubtful, one.code, said, _at(now), one.pk, owner))
    if not values:
        return
    date_type = "::timestamptz" if connection.vendor == "postgresql" else ""
    number = "::smallint" if connection.vendor == "postgresql" else ""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE glossary_delivery SET state = %s, owner = %s, lease_until = %s{date_type}, attempt = attempt + %s,"
            f" not_before = COALESCE(%s{date_type}, not_before), written_at = CASE WHEN %s THEN written_at END,"
            f" last_code = %s{number}, last_said = %s, at = %s"
            " WHERE id = %s AND owner = %s AND state IN ('claimed', 'in_doubt')",
            values,
        )


def release(keys: Sequence[int], *, owner: str, now: datetime) -> None:
    """Give claimed mails back as they were."""
    if not keys:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE glossary_delivery SET state = '{PENDING}', owner = '', lease_until = NULL, at = %s"
            f" WHERE {_among('id')} AND owner = %s AND state = '{CLAIMED}'",
            [_at(now), _keys(keys), owner],
        )


def give_back(keys: Sequence[int], *, now: datetime) -> int:
    """Let mails that were refused for good wait again, as the refusal was not about their readers; return how many."""
    if not keys:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE glossary_delivery SET state = '{PENDING}', not_before = %s, at = %s"
            f" WHERE {_among('id')} AND state = 'failed'",
            [_at(now), _at(now), _keys(keys)],
        )
        return cursor.rowcount


def reclaim(*, now: datetime) -> int:
    """Give back what workers claimed whose lease ran out before anything was in doubt; return how many mails."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE glossary_delivery SET state = '{PENDING}', owner = '', lease_until = NULL, at = %s WHERE"
            + _free(f"state = '{CLAIMED}' AND lease_until <= %s"),
            [_at(now), _at(now)],
        )
        return cursor.rowcount


def expire(*, now: datetime) -> int:
    """Stop the mails that are past the window of their brief; return how many. What a server said last stays.

    A mail that goes alone has no window, but it does not outlive a brief that staff stopped or that nobody sent.
    """
    ended = f"SELECT b.id FROM glossary_brief b WHERE b.state IN ('{BriefState.PAUSED}', '{BriefState.MISSED}')"
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE glossary_delivery SET {OVER} WHERE"
            + _free(f"state = '{PENDING}' AND {PAST} AND (NOT alone OR brief_id IN ({ended}))"),
            [WINDOW_OVER, _at(now), _at(now)],
        )
        return cursor.rowcount


def expire_refused(*, now: datetime, limit: int) -> list[tuple[int, int, str]]:
    """Stop up to `limit` such mails that a server refused for now at the last try.

    Return the reader, the code and the words of each; those whose reader was erased are not among them.
    """
    refused = f"state = '{PENDING}' AND NOT alone AND last_code BETWEEN 400 AND 499 AND subscriber_id IS NOT NULL"
    locked = " FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    chosen = f"SELECT id FROM glossary_delivery WHERE {refused} AND {PAST} LIMIT %s{locked}"
    among = f"= ANY(ARRAY({chosen}))" if locked else f"IN ({chosen})"
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE glossary_delivery SET {OVER} WHERE id {among} RETURNING subscriber_id, last_code, last_said",
            [WINDOW_OVER, _at(now), _at(now), limit],
        )
        return [(reader, code, said) for reader, code, said in cursor.fetchall()]


def _free(condition: str) -> str:
    """Return the condition that a row meets another one and no other process holds it.

    Two processes that change many rows, each in an order of its own, would wait for each other for ever; what one of
    them holds, it changes.
    """
    if connection.vendor != "postgresql":
        return f" {condition}"
    return f" id = ANY(ARRAY(SELECT id FROM glossary_delivery WHERE {condition} FOR UPDATE SKIP LOCKED))"


def corrections_of(brief: int, readers: Sequence[int]) -> dict[int, list[int]]:
    """Return for each of these readers the corrections that the brief tells them, the oldest first."""
    found: dict[int, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT subscriber_id, correction_id FROM glossary_correctionshown WHERE brief_id = %s"
            f" AND {_among('subscriber_id')} ORDER BY correction_id",
            [brief, _keys(readers)],
        )
        for reader, correction in cursor.fetchall():
            found.setdefault(reader, []).append(correction)
    return found


def _sent(keys: Sequence[int], owner: str, now: datetime) -> tuple[str, list[Any]]:
    return (
        f"UPDATE glossary_delivery SET state = '{SENT}', owner = '', lease_until = NULL, at = %s"
        f" WHERE {_among('id')} AND owner = %s AND state = '{IN_DOUBT}'",
        [_at(now), _keys(keys), owner],
    )


def _among(column: str) -> str:
    """Return the condition that a column is among keys, which `_keys` gives as one value."""
    if connection.vendor == "postgresql":
        return f"{column} = ANY(%s)"
    return f"{column} IN (SELECT value FROM json_each(%s))"


def _keys(keys: Sequence[int]) -> Any:
    return list(keys) if connection.vendor == "postgresql" else json.dumps(list(keys))


def _at(moment: datetime) -> Any:
    """Return a moment as the database keeps it."""
    return connection.ops.adapt_datetimefield_value(moment)
