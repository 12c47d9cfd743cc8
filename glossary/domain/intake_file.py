"""Reading files of terms, CSV or JSON Lines, row by row: whatever stands in a row, it is a row or a sentence."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import IO, Any

from glossary.domain.errors import BadText
from glossary.domain.intake import COLUMNS, BadRow, Row, quoted, row_of

MAX_LINE = 1_000_000  # bytes of a line, and characters of a row that spans several lines
DELIMITERS = ",;\t"
LONG_LINE = "The line is longer than 1 MB. No card is as long as that."
LOST = "Where the next row begins is not sure, so nothing after this was read."
NOT_UTF8 = "The file is UTF-16. Save it as UTF-8 (in a spreadsheet: “CSV UTF-8”)."
FOREIGN_STARTS = {
    b"PK\x03\x04": "This is a spreadsheet or an archive. Save it as “CSV UTF-8” and import that file.",
    b"\xff\xfe": NOT_UTF8,
    b"\xfe\xff": NOT_UTF8,
}


class Format(StrEnum):
    """How a file of terms is written."""

    CSV = "csv"
    JSONL = "jsonl"


class BadFile(BadText):
    """The file cannot be read as terms at all; raised before its first row."""


def read_rows(stream: IO[bytes], format: str) -> Iterator[Row | BadRow]:
    """Yield the rows of a file open for bytes, UTF-8 with or without its mark, one row in memory at a time.

    `format` is a Format or its value. A cell that is empty in CSV, or null in JSON Lines, says nothing; an empty text
    or list in JSON Lines says that the part is empty. Raises BadFile, at the first row, for a file that is not one of
    terms: an unknown column, no headword column, another encoding. Everything wrong with one row makes a BadRow.
    """
    lines = _lines(stream)
    return _csv_rows(lines) if Format(format) == Format.CSV else _json_rows(lines)


@dataclass(frozen=True)
class _Line:
    number: int
    text: str
    fault: str = ""
    quotes: int = 0


def _lines(stream: IO[bytes]) -> Iterator[_Line]:
    """Yield the lines of a stream; one that is too long or not UTF-8 has its fault, and never more than 1 MB."""
    number = 0
    while raw := stream.readline(MAX_LINE + 1):
        number += 1
        if number == 1:
            for start, reason in FOREIGN_STARTS.items():
                if raw.startswith(start):
                    raise BadFile(reason)
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        fault, quotes = "", raw.count(b'"')
        if len(raw) > MAX_LINE:
            while raw and not raw.endswith(b"\n"):
                raw = stream.readline(MAX_LINE)
                quotes += raw.count(b'"')
            fault, raw = LONG_LINE, b""
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            fault = f"The line is not UTF-8 (byte {error.start + 1:,} is 0x{raw[error.start]:02X}). Save it as UTF-8."
            text = raw.decode("utf-8", "replace")
        yield _Line(number, text, fault, quotes)


class _Feed:
    """The lines that the CSV reader takes for one row, and what is wrong with them."""

    def __init__(self, lines: Iterator[_Line]) -> None:
        self.lines = lines
        self.is_lost = False
        self.begin()

    def begin(self) -> None:
        """Forget the row before."""
        self.first = self.last = self.size = self.quotes = 0
        self.fault = ""

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        line = next(self.lines)
        self.first = self.first or line.number
        self.last = line.number
        self.size += len(line.text)
        self.quotes += line.quotes
        self.fault = self.fault or line.fault
        if line.fault == LONG_LINE or self.size > MAX_LINE:
            raise csv.Error("the row is longer than 1 MB")
        return line.text

    def reason(self, error: csv.Error) -> str:
        """Return the sentence for a row that the CSV reader refused.

        The next line is a row only where this one surely ended with its line, outside quotation marks. What stands
        inside a broken text must not be taken for rows.
        """
        ends_here = self.first == self.last and self.quotes % 2 == 0
        if self.fault:
            reason = self.fault
        elif "new-line character" in str(error):
            reason = "A lone carriage return stands outside quotation marks. End lines with a line feed."
        elif "field larger" in str(error):
            reason = f"A text is longer than {csv.field_size_limit():,} characters."
        else:
            ends_here = False
            reason = (
                "A quotation mark is out of place. A text with one in it is put in quotation marks, its own doubled."
            )
        self.is_lost = not ends_here
        return reason if ends_here else f"{reason} {LOST}"


def _csv_rows(lines: Iterator[_Line]) -> Iterator[Row | BadRow]:
    delimiter, columns = _header(next(lines, None))
    feed = _Feed(lines)
    reader = csv.reader(feed, delimiter=delimiter, strict=True, skipinitialspace=True)
    while True:
        feed.begin()
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield BadRow(feed.first, feed.reason(error))
            if feed.is_lost:
                return
            continue
        if not any(value.strip() for value in values):
            continue
        try:
            if feed.fault:
                raise BadText(feed.fault)
            if any(value.strip() for value in values[len(columns) :]):
                raise BadText(
                    f"The row has {len(values):,} values, the header {len(columns)} columns. "
                    "A text with a separator in it stands in quotation marks."
                )
            given = {column: value for column, value in zip(columns, values, strict=False) if value.strip()}
            yield row_of(feed.first, given)
        except BadText as error:
            yield BadRow(feed.first, str(error))


def _header(line: _Line | None) -> tuple[str, list[str]]:
    """Return the separator and the columns; raises BadFile if they are not columns of terms."""
    if line is None:
        raise BadFile("The file is empty.")
    if line.fault or "\0" in line.text:
        raise BadFile(f"The header cannot be read. {line.fault or 'It contains NUL characters.'}")
    found: list[tuple[int, str, list[str]]] = []
    for delimiter in DELIMITERS:
        try:
            cells = next(csv.reader([line.text], delimiter=delimiter, strict=True, skipinitialspace=True), [])
        except csv.Error:
            continue
        names = [cell.strip().casefold() for cell in cells]
        while names and not names[-1]:
            names.pop()
        found.append((len(set(names) & set(COLUMNS)), delimiter, names))
    if not found:
        raise BadFile(
            "The header cannot be read: a quotation mark is out of place, or lines end in lone carriage returns."
        )
    _, delimiter, names = max(found, key=lambda choice: choice[0])
    _check_columns(names)
    if "headword" not in names:
        raise BadFile(f"There is no column “headword”. The first line names the columns: {', '.join(COLUMNS)}.")
    if twice := [name for name in names if names.count(name) > 1]:
        raise BadFile(f"The column “{twice[0]}” stands twice in the header.")
    return delimiter, names


def _check_columns(names: list[str]) -> None:
    unknown = [quoted(name, 30) for name in names if name not in COLUMNS]
    if unknown:
        more = f" and {len(unknown) - 5:,} more" if len(unknown) > 5 else ""
        what = "Unknown column" if len(unknown) == 1 else "Unknown columns"
        raise BadFile(f"{what}: {', '.join(unknown[:5])}{more}. The columns are {', '.join(COLUMNS)}.")


def _json_rows(lines: Iterator[_Line]) -> Iterator[Row | BadRow]:
    """Yield the rows of JSON Lines; the keys of the first object are judged as a header is."""
    is_first = True
    for line in lines:
        if not line.fault and not line.text.strip():
            continue
        if is_first and line.text.lstrip().startswith("["):
            raise BadFile("The file is one JSON list. JSON Lines has one object a line (jq -c '.[]' makes them).")
        try:
            values = _object(line)
            _check_columns(list(values))
            yield row_of(line.number, values)
        except BadText as error:
            if is_first and isinstance(error, BadFile):
                raise
            yield BadRow(line.number, str(error))
        is_first = False
    if is_first:
        raise BadFile("The file is empty.")


def _object(line: _Line) -> dict[str, Any]:
    if line.fault:
        raise BadText(line.fault)
    try:
        value = json.loads(line.text, object_pairs_hook=_without_twins)
    except RecursionError as error:
        raise BadText("The JSON is nested too deeply.") from error
    except json.JSONDecodeError as error:
        raise BadText(f"The line is not JSON: {error.msg}, at character {error.pos + 1:,}.") from error
    except ValueError as error:
        raise error if isinstance(error, BadText) else BadText("A number in the line is too long.") from error
    if not isinstance(value, dict):
        raise BadText('The line is not a JSON object, such as {"headword": "Token"}.')
    return value


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        raise BadText("A key stands twice in the line.")
    return values
