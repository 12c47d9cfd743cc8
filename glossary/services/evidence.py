"""What we checked: each line of an edition with its check and its sources, as readers are shown it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import groupby
from typing import Any

from django.db import connection
from django.db.models import F

from glossary.domain.claim import ClaimKind, GivenVerdict, LineState, Part, Verdict, standing_verdict
from glossary.domain.footnote import Noted, is_made_of
from glossary.models import Claim, Edition, PassageKind

CHECK = "sentence__checks"
ORIGIN = f"{CHECK}__rests_on"  # a line that was only read again rests on the evidence of the earlier check
OF_EVIDENCE = {
    "evidence": "pk",
    "passage": "passage",
    "passage_kind": "passage_kind",
    "retrieved_on": "retrieved_on",
    "url": "source__url",
    "title": "source__title",
    "publisher": "source__publisher__name",
    "published_on": "source__published_on",
}
COLUMNS = {
    "part": "sentence__part",
    "text": "sentence__text",
    "check": f"{CHECK}__pk",
    "verdict": f"{CHECK}__verdict",
    "kind": f"{CHECK}__kind",
    "checked_on": f"{CHECK}__checked_on",
    "checked_in": f"{CHECK}__claim__context",
    **{name: f"{CHECK}__evidence__{path}" for name, path in OF_EVIDENCE.items()},
    **{f"origin_{name}": f"{ORIGIN}__evidence__{path}" for name, path in OF_EVIDENCE.items()},
}
NAMES = frozenset({Part.HEADWORD, Part.ALIAS})


@dataclass(frozen=True)
class Passage:
    """What a source says about a line: word for word, or in the checker's own words."""

    url: str
    title: str
    publisher: str
    published_on: date | None
    text: str
    verbatim: bool
    retrieved_on: date


@dataclass(frozen=True)
class Statement:
    """A line that states a fact, by its number from 1, with the day of its check and the passages it rests on."""

    number: int
    part: str
    text: str
    checked_on: date
    passages: tuple[Passage, ...]


@dataclass(frozen=True)
class Checked:
    """The lines of an edition by what a check found: statements, sentences that were agreed to, and doubted ones.

    `lines` has every line (part, text) in its order, `names` those of the headword and the other names.
    """

    statements: tuple[Statement, ...] = ()
    agreed: tuple[str, ...] = ()
    doubted: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    lines: tuple[tuple[str, str], ...] = ()
    numbers: dict[int, int] = field(default_factory=dict)  # place of a line in `lines` → number of its statement

    @property
    def sources(self) -> int:
        """How many different sources the statements rest on."""
        return len({passage.url for statement in self.statements for passage in statement.passages})

    def noted(self, part: str) -> Iterator[Noted]:
        """Yield the sentences of one part in order, each with the number of its statement, if it is one."""
        for place, (name, text) in enumerate(self.lines):
            if name == part:
                yield Noted(text, self.numbers.get(place))


@dataclass(frozen=True)
class ReadCheck(GivenVerdict):
    """A verdict with its rows of evidence as they were read."""

    kind: str
    rows: tuple[dict[str, Any], ...]


def what_was_checked(edition: Edition) -> Checked:
    """Return the lines of an edition with their checks; one query. Nothing where the lines are not its words."""
    rows = _rows(edition)
    statements: list[Statement] = []
    agreed, doubted, names, lines, numbers = [], [], [], [], {}
    for place, (_, found) in enumerate(groupby(rows, key=lambda row: row["place"])):
        of_line = list(found)
        part, text = of_line[0]["part"], of_line[0]["text"]
        lines.append((part, text))
        state, check = standing_verdict(of_line[0]["context"], _checks(of_line))
        if check is None or state == LineState.STOPPED:
            doubted.append(text)
        elif check.kind == ClaimKind.FACT or (part == Part.ALIAS and _passages(check)):
            numbers[place] = len(statements) + 1
            statements.append(Statement(numbers[place], part, text, check.checked_on, _passages(check)))
        elif part in NAMES:
            names.append(text)
        else:
            agreed.append(text)
    if not is_made_of(edition.words, lines):
        return Checked()
    return Checked(tuple(statements), tuple(agreed), tuple(doubted), tuple(names), tuple(lines), numbers)


def _rows(edition: Edition) -> list[dict[str, Any]]:
    """Return each line with each of its checks and passages, the newest check first."""
    with connection.cursor() as cursor:
        cursor.execute(_statement(connection.vendor), [edition.pk])
        return [dict(zip(("place", "context", *COLUMNS), row, strict=True)) for row in cursor.fetchall()]


@cache
def _statement(vendor: str) -> str:
    """Return the query of `_rows`: put together once, as that takes longer than the answer, with room for the edition.

    It differs by `vendor` of the database.
    """
    query = Claim.objects.filter(edition=0).order_by("place", f"-{CHECK}__pk", f"{CHECK}__evidence__pk")
    sql, given = query.values(
        "place", "context", **{name: F(path) for name, path in COLUMNS.items()}
    ).query.sql_with_params()
    assert given == (0,)  # nothing else is asked for that a later call could want otherwise
    return str(sql)


def _checks(rows: list[dict[str, Any]]) -> list[ReadCheck]:
    """Return the checks of one line, newest first."""
    given = [row for row in rows if row["check"] is not None]
    checks = []
    for _, found in groupby(given, key=lambda row: row["check"]):
        same = tuple(found)
        first = same[0]
        verdict, on = Verdict(first["verdict"]), first["checked_on"]
        checks.append(ReadCheck(verdict, first["checked_in"], on, first["kind"], same))
    return checks


def _passages(check: ReadCheck) -> tuple[Passage, ...]:
    found: dict[int, Passage] = {}
    for row in check.rows:
        for before in ("", "origin_"):
            if row[f"{before}evidence"] is not None:
                found[row[f"{before}evidence"]] = Passage(
                    url=row[f"{before}url"],
                    title=row[f"{before}title"],
                    publisher=row[f"{before}publisher"],
                    published_on=row[f"{before}published_on"],
                    text=row[f"{before}passage"],
                    verbatim=row[f"{before}passage_kind"] == PassageKind.VERBATIM,
                    retrieved_on=row[f"{before}retrieved_on"],
                )
    return tuple(found[key] for key in sorted(found))
