"""Reading files of terms."""

import io
import json
import tracemalloc
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glossary.domain.intake import BadRow, Row
from glossary.domain.intake_file import BadFile, Format, read_rows

HEADER = "headword,definition,body,aliases,tags,readers\n"


def read(text: str | bytes, form: str = "csv") -> list[Row | BadRow]:
    data = text if isinstance(text, bytes) else text.encode()
    return list(read_rows(io.BytesIO(data), form))


def read_json(*objects: object) -> list[Row | BadRow]:
    return read("\n".join(json.dumps(each) for each in objects), "jsonl")


class Drip(io.RawIOBase):
    """A file that makes its lines as they are asked for, and counts the bytes it gave."""

    def __init__(self, first: bytes, line: bytes, times: int) -> None:
        self.waiting = iter([first, *([line] * times)])
        self.rest = b""
        self.given = 0

    def readline(self, size: int | None = -1) -> bytes:
        self.rest = self.rest or next(self.waiting, b"")
        piece, self.rest = (self.rest, b"") if size in {-1, None} else (self.rest[:size], self.rest[size:])
        self.given += len(piece)
        return piece


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_table_is_read_with_any_separator_line_end_and_with_or_without_a_mark(mark, separator, end):
    lines = [["Headword", " definition ", "topic"], ["Token", "A piece, of text; yes.", "Basics"]]
    text = end.join(separator.join(f'"{cell}"' for cell in line) for line in lines)
    assert read(mark + text.encode()) == [Row(2, "Token", "A piece, of text; yes.", topic="Basics")]


def test_an_empty_cell_and_a_short_row_say_nothing_and_empty_rows_are_passed_over():
    assert read(HEADER + "Token,,,,,\n\n,,,,,\nPrompt,What is asked.\n") == [
        Row(2, "Token"),
        Row(5, "Prompt", "What is asked."),
    ]


def test_a_row_is_named_by_the_line_it_begins_on():
    rows = read(HEADER + 'Token,"Two\nlines",,,,\nPrompt,,,,,x\n')
    assert [row.line for row in rows] == [2, 4]
    assert rows[1] == BadRow(4, "“readers” must be a whole number from 0 to 2,147,483,647.")


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("", "is empty"),
        ("definition,body\n", "no column “headword”"),
        ("headword,colour,verdict\n", "Unknown columns: “colour”, “verdict”. The columns are headword, definition,"),
        ("headword\tcolour\n", "Unknown column: “colour”."),
        ("headword,headword\n", "stands twice"),
        ("headword," + ",".join(f"c{n}" for n in range(400)) + "\n", "“c4” and 395 more."),
        ("," * 999_999, "no column “headword”"),
        (",x" * 1_000_000, "longer than 1 MB"),
        ("headword\0,body\n", "NUL"),
        ('"headword,body\n', "quotation mark"),
        ("headword\rToken\r", "carriage returns"),
        ("\x1b[2Jheadword\n", "“\ufffd[2jheadword”"),
        (b"PK\x03\x04 and so on", "spreadsheet"),
        ("headword\n".encode("utf-16"), "UTF-16"),
        (b"headword,\xe9\n", "not UTF-8"),
    ],
)
def test_a_file_that_is_none_of_terms_is_refused_with_a_sentence(header, said):
    with pytest.raises(BadFile) as refusal:
        read(header)
    assert said in str(refusal.value)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"Tok\0en,x", "U+0000"),
        (b"Token,caf\xe9", "not UTF-8 (byte 10 is 0xE9)"),
        (b"Token,\xed\xa0\x80", "not UTF-8"),
        (b"Token\rPrompt,x", "lone carriage return"),
        (b"Token,a,b,,,,\xc3\xa9", "7 values, the header 6 columns"),
        (b"," * 999_990 + b"x", "999,991 values"),
        (b"Token," + b"x" * 1_000_000, "longer than 1 MB"),
        (b"Token," + b"x" * 200_000, "longer than 131,072 characters"),
        (b",no headword", "headword is empty"),
        (b"Token,,,,,-1", "“readers” must be"),
        (b"Token,,,,,1.5", "“readers” must be"),
        (b"Token,,,,,2147483648", "“readers” must be"),
        (b"Token,,,,," + b"9" * 5_000, "“readers” must be"),
        ("Token,,,,,٣".encode(), "“readers” must be"),
    ],
)
def test_a_bad_row_has_its_line_and_a_sentence_and_the_next_one_is_read(line, said):
    bad, good = read(HEADER.encode() + line + b"\nPrompt,,,,,7\n")
    assert isinstance(bad, BadRow)
    assert bad.line == 2
    assert said in bad.reason
    assert good == Row(3, "Prompt", readers=7)


@pytest.mark.parametrize("field", ["an open one", "x" * 600_000 + "\n" + "x" * 600_000])
def test_after_a_quotation_mark_that_is_never_closed_no_line_is_taken_for_a_row(field):
    rows = read(f'{HEADER}Token,fine\nBroken,"{field}\nInside, a text\nPrompt,x\n')
    assert rows[0] == Row(2, "Token", "fine")
    assert len(rows) == 2
    assert isinstance(rows[1], BadRow)
    assert rows[1].line == 3
    assert "nothing after this was read" in rows[1].reason


@pytest.mark.parametrize("first", ['Broken,"One "odd line', 'Broken,"One "odd" line', 'a\rb,"odd line'])
def test_the_inside_of_a_broken_text_of_several_lines_is_no_row(first):
    rows = read(f'{HEADER}{first}\nInside, a text\nStill inside, too"\nPrompt,x\n')
    assert len(rows) == 1
    assert isinstance(rows[0], BadRow)
    assert "nothing after this was read" in rows[0].reason


def test_a_text_that_is_not_utf8_keeps_its_row_together():
    rows = read(HEADER.encode() + b'Broken,"One\nt\xe9xt\nInside, more"\nPrompt,x\n')
    assert [type(row) for row in rows] == [BadRow, Row]
    assert rows[1] == Row(5, "Prompt", "x")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "not JSON: Expecting property name"),
        ('{"headword": "a"}\r{"headword": "b"}', "not JSON: Extra data"),
        ("[" * 200_000, "nested too deeply"),
        ('{"headword": ' * 60_000, "nested too deeply"),
        ('"Token"', "not a JSON object"),
        ('{"headword": "a", "headword": "b"}', "stands twice"),
        ('{"headword": "a", "colour": 1}', "Unknown column: “colour”. The columns are headword,"),
        ('{"headword": "a\\ud800"}', "U+D800"),
        ('{"headword": "a", "tags": ["\\u0000"]}', "U+0000"),
        ('{"headword": "a", "slug": "\\udfff"}', "U+DFFF"),
        ('{"headword": 7}', "“headword” must be a text"),
        ('{"headword": null}', "headword is empty"),
        ('{"headword": "a", "readers": true}', "“readers” must be"),
        ('{"headword": "a", "readers": NaN}', "“readers” must be"),
        ('{"headword": "a", "readers": 1e999}', "“readers” must be"),
        ('{"headword": "a", "readers": ' + "9" * 5_000 + "}", "number in the line is too long"),
        ('{"headword": "a", "tags": {"b": 1}}', "“tags” must be a list"),
        ('{"headword": "a", "tags": [" "]}', "tag is empty"),
        ('{"headword": "a", "tags": [[]]}', "“tags” must be a text"),
        ('{"headword": "a", "aliases": [7]}', "“aliases” must be a text"),
        ('{"headword": "a", "aliases": [{"text": "b", "kind": "pet name"}]}', "“pet name” is none of: spelling,"),
        ('{"headword": "a", "aliases": [{"text": "b", "shown": "no"}]}', "true or false"),
        ('{"headword": "a", "aliases": [{"name": "b"}]}', "“name”, which is none of: text, kind"),
        ('{"headword": "' + "a" * 1_000_000 + '"}', "longer than 1 MB"),
    ],
)
def test_a_bad_line_of_json_has_its_number_and_a_sentence_and_the_next_one_is_read(line, said):
    first, bad, last = read(f'{{"headword": "A"}}\n{line}\n\n{{"headword": "B"}}', "jsonl")
    assert (first, last) == (Row(1, "A"), Row(4, "B"))
    assert isinstance(bad, BadRow)
    assert bad.line == 2
    assert said in bad.reason


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        ('{"headword": "a", "colour": "b"}', "Unknown column: “colour”"),
        ('[{"headword": "a"}]', "one JSON list"),
        ('{"headword": "a"}'.encode("utf-16"), "UTF-16"),
    ],
)
def test_a_file_that_is_no_json_lines_of_terms_is_refused_with_a_sentence(text, said):
    with pytest.raises(BadFile) as refusal:
        read(text, "jsonl")
    assert said in str(refusal.value)


def test_an_unknown_format_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="yaml"):
        read(HEADER, "yaml")


def test_rows_are_read_as_they_are_asked_for():
    drip = Drip(HEADER.encode(), b"Token,x,,,,\n", 1_000_000)
    assert len(list(islice(read_rows(drip, "csv"), 3))) == 3
    assert drip.given < 200


@pytest.mark.parametrize("form", list(Format))
def test_a_line_of_a_hundred_megabytes_is_refused_in_little_memory(form):
    first = HEADER.encode() if form == Format.CSV else b'{"headword": "A"}\n'
    chunk = b"x" * 1_000_000

    class Endless(Drip):
        def readline(self, size: int | None = -1) -> bytes:
            return super().readline(-1)

    tracemalloc.start()
    rows = list(read_rows(Endless(first, chunk, 100), form))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(rows[-1], BadRow)
    assert peak < 12_000_000


@given(st.binary(max_size=300))
def test_no_bytes_after_a_header_raise_anything(data):
    for row in read(HEADER.encode() + data):
        assert row.line >= 2


@given(st.text(alphabet='a,;"\n\r\0 |:\t', max_size=80))
def test_no_play_of_signs_raises_anything_and_lines_only_rise(text):
    lines = [row.line for row in read(HEADER + text)]
    assert lines == sorted(set(lines))
