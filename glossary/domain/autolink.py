"""Names in running text: which words of a passage are the name of a term, and which of them become links."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from glossary.domain.link_policy import LinkPolicy
from glossary.domain.names import APOSTROPHES, INVISIBLE

MAX_WORDS = 8  # words of a name that is looked for in running text
MAX_LINKS = 3  # links that a paragraph may get

# A word keeps the signs that tell names apart: C++, C#, .NET, TCP/IP, node.js, 2.5, R&D, A*, Moore's.
WORD = re.compile(r"(?:(?<!\w)\.(?=[^\W\d_]))?\w+(?:[./'’&+]\w+)*[+#*]*")
HYPHEN = re.compile("[-\u2010\u2011\u2013\ufe63\uff0d]")  # U+2013 too: Kullback–Leibler; an em dash parts two thoughts
QUOTED = re.compile(r"“[^“”]*”|‘[^‘’]*’(?!\w)|«[^«»]*»|(?<!\w)\"[^\"]*\"(?!\w)")
ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]*://\S+|\S+@\S+\.\S+|\bwww\.\S+", re.IGNORECASE)
SIGNS = frozenset("+#./@$\\")  # beside a word, they make it a part of something else
SENTENCE_END = re.compile(r"(?:^|[.!?:][\"'”’)\]]*\s+)[\"'“‘(\[]*$")
# Words that may open a sentence, or stand in a title, without being part of a name that follows.
OPENERS = """
    a about after all also although an and another any are as at be because before between both but by can compare
    contrast could do does during each either even every few for from had has have he her his how however i if in
    instead into is it its like many may more most much must my neither no nor not of often on one only or other our
    over see several she should since so some such than that the their then there therefore these they this those
    though three through thus to two under unless unlike until upon use used uses using was we were what when where
    whether which while who whose why will with within without would yet you your
"""
SMALL_WORDS = frozenset(OPENERS.split())


class Why(StrEnum):
    """What becomes of one mention of a name, and for what reason."""

    LINKED = "linked"
    OWN = "own page"
    AGAIN = "mentioned before"
    CROWDED = "enough links here"
    BESIDE = "beside another link"
    AMBIGUOUS = "several terms have this name"
    SUGGESTED = "to be chosen by an editor"
    NEVER = "never linked"


@dataclass(frozen=True)
class Passage:
    """One paragraph or list item as plain text.

    `closed` are the (start, end) in which nothing is linked, such as code and links that were written by hand; no name
    reaches across a place in `walls`, where emphasis begins or ends.
    """

    text: str
    closed: tuple[tuple[int, int], ...] = ()
    walls: tuple[int, ...] = ()


@dataclass(frozen=True)
class LinkName:
    """A name of a published term as the lexicon has it; `ambiguous` says that another term goes by it too."""

    text: str
    term: int
    slug: str
    policy: LinkPolicy = LinkPolicy.AUTO
    ambiguous: bool = False


@dataclass(frozen=True)
class Mention:
    """A name found at [start, end) of a passage, the names that it may be, and what becomes of it."""

    start: int
    end: int
    names: tuple[LinkName, ...]
    why: Why


class Token(NamedTuple):
    """A word of a passage; `gap` is what joins it to the word before: "", a blank, a hyphen, or None for a break."""

    start: int
    end: int
    text: str
    gap: str | None
    open: bool  # whether a link may stand here


class Run(NamedTuple):
    """Neighbouring words from `first` to `last` that may be a name: its key, and where its text ends."""

    first: int
    last: int
    key: str
    end: int


def spaced_key(name: str) -> str:
    """Return the key under which a name is found in running text; "" for a name that running text cannot hold.

    Words stay words: "Qwen 2" and "Qwen-2" share a key, "Qwen2" has another, and "log in" is not "login".
    """
    tokens = tokens_of(Passage(name))
    if not tokens or len(tokens) > MAX_WORDS or any(token.gap is None for token in tokens[1:]):
        return ""
    if name[: tokens[0].start].strip() or name[tokens[-1].end :].strip():
        return ""
    return " ".join(_folded(token.text) for token in tokens)


def tokens_of(passage: Passage) -> list[Token]:
    """Return the words of a passage in order."""
    text, walls = passage.text, passage.walls
    closed = [*passage.closed, *(match.span() for match in QUOTED.finditer(text))]
    closed += [match.span() for match in ADDRESS.finditer(text)]
    tokens: list[Token] = []
    before = 0
    for match in WORD.finditer(text):
        start, end = match.span()
        gap = " " if text[before:start] == " " else _gap(text[before:start])
        if walls and any(before <= wall <= start for wall in walls):
            gap = None
        torn = any(start < wall < end for wall in walls) or any(a < end and start < b for a, b in closed)
        tokens.append(Token(start, end, match[0], gap, not torn))
        before = end
    return tokens


def runs_of(tokens: Sequence[Token]) -> Iterator[Run]:
    """Yield everything that could be a name: one to MAX_WORDS neighbouring words, the last in each form it may have."""
    forms = [_forms(token) for token in tokens]
    for first, token in enumerate(tokens):
        if not token.open or token.gap == "-":
            continue
        head = ""
        for last in range(first, min(first + MAX_WORDS, len(tokens))):
            if last > first and (tokens[last].gap is None or not tokens[last].open):
                break
            for form, end in forms[last]:
                yield Run(first, last, head + form, end)
            head += forms[last][0][0] + " "


def keys_of(passages: Iterable[Passage]) -> set[str]:
    """Return the spaced keys of everything in these passages that could be a name."""
    return {run.key for one in passages for run in runs_of(tokens_of(one))}


def mentions_in(passage: Passage, lexicon: Mapping[str, Sequence[LinkName]]) -> list[Mention]:
    """Return the names in a passage in order, the longest at each place; `lexicon` has the names under their keys.

    Each is judged by itself, by policy and ambiguity: LINKED, SUGGESTED, AMBIGUOUS or NEVER.
    """
    tokens = tokens_of(passage)
    runs = [run for run in runs_of(tokens) if run.key in lexicon]
    found: list[Mention] = []
    free = 0  # the first word that no name has taken yet
    for run in sorted(runs, key=lambda run: (run.first, -run.last)):
        if run.first < free or not _stands_alone(passage.text, tokens, run):
            continue
        names = [name for name in lexicon[run.key] if _fits(passage.text, tokens[run.first].start, run.end, name)]
        if names:
            why = _judged(names, lexicon[run.key])
            found.append(Mention(tokens[run.first].start, run.end, tuple(names), why))
            free = run.last + 1
    return found


def place_links(
    passages: Sequence[Passage],
    lexicon: Mapping[str, Sequence[LinkName]],
    *,
    own: int | None = None,
    most: int | None = MAX_LINKS,
) -> list[list[Mention]]:
    """Return for each passage of one page its mentions with what becomes of them.

    A term is linked at its first mention on the page, `own` never, two links never stand side by side, and a passage
    gets `most` links; None sets no limit.
    """
    done: set[int] = set()
    page = []
    for passage in passages:
        placed: list[Mention] = []
        written = [span for span in passage.closed if span[1] > span[0]]
        for mention in mentions_in(passage, lexicon):
            why = mention.why
            target = mention.names[0].term
            links = [one for one in placed if one.why == Why.LINKED]
            if all(name.term == own for name in mention.names):
                why = Why.OWN
            elif why == Why.LINKED and target in done:
                why = Why.AGAIN
            elif why == Why.LINKED and most is not None and len(links) >= most:
                why = Why.CROWDED
            elif why == Why.LINKED and _is_beside(passage.text, mention, links, written):
                why = Why.BESIDE
            if why == Why.LINKED:
                done.add(target)
            placed.append(Mention(mention.start, mention.end, mention.names, why))
        page.append(placed)
    return page


def _gap(between: str) -> str | None:
    if not between.strip():
        return " " if between else ""
    return "-" if HYPHEN.fullmatch(between) else None


def _folded(word: str) -> str:
    """Return a word as keys have it; the order of the steps is that of `squeezed_key`."""
    if word.isascii():
        return word.casefold()
    word = unicodedata.normalize("NFKC", INVISIBLE.sub("", word))
    return APOSTROPHES.sub("'", unicodedata.normalize("NFKC", word.casefold()))


def _forms(token: Token) -> list[tuple[str, int]]:
    """Return the keys under which the last word of a name may stand, each with the place where its text ends.

    The word itself; without a possessive; and what its plural in s, es or ies may come from. An s counts in small
    letters only: the plural of LLM is LLMs, while AWS is none.
    """
    word, end = token.text, token.end
    found = [(_folded(word), end)]
    if word[-2:] in {"'s", "’s"}:
        word, end = word[:-2], end - 2
        found.append((_folded(word), end))
    if len(word) > 2 and word[-1] == "s" and word[-2] not in "su'’":
        base = _folded(word)
        found.append((base[:-1], end))
        if base.endswith("ies") and len(base) > 4:
            found.append((base[:-3] + "y", end))
        elif base.endswith(("ses", "xes", "zes", "ches", "shes", "oes")):
            found.append((base[:-2], end))
    return found


def _fits(text: str, start: int, end: int, name: LinkName) -> bool:
    """Return whether the name may be written as the text has it at [start, end).

    Only the first letter of a word may differ in case: LoRA is not LoRa, IT is not it. For an exact name none may,
    but for the capital that opens a sentence.
    """
    written, given = _plain(text[start:end]), _plain(name.text)
    if len(given) > len(written):  # "queries" is as long as it is, "query" is not
        return False
    if written.endswith("ies") and given.endswith("y") and len(given) == len(written) - 2:
        written = written[:-3] + "y"
    written = written[: len(given)]
    if written == given:
        return True
    if name.policy == LinkPolicy.EXACT or len(given) == 1:
        opens = len(given) > 1 and SENTENCE_END.search(text[max(0, start - 8) : start]) is not None
        return opens and written[1:] == given[1:] and written[0].casefold() == given[0]
    return _uncapitalised(written) == _uncapitalised(given)


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", INVISIBLE.sub("", text))
    return " ".join(APOSTROPHES.sub("'", HYPHEN.sub(" ", text)).split())


def _uncapitalised(text: str) -> str:
    return " ".join(word[:1].casefold() + word[1:] for word in text.split())


def _stands_alone(text: str, tokens: Sequence[Token], run: Run) -> bool:
    """Return whether the words are not the part of a longer name that the lexicon may not know.

    A version: GPT-4 in "GPT-4-turbo", Qwen 2 in "Qwen 2-VL", Qwen in "Qwen 2.5". A proper name: AI in "Stability AI"
    or "AI Act". What stands before a hyphen is the part of a compound, as in "RAG-based", and counts.
    """
    first, last = tokens[run.first], tokens[run.last]
    if text[first.start - 1 : first.start] in SIGNS or text[last.end : last.end + 1] in SIGNS - {"."}:
        return False
    after = tokens[run.last + 1] if run.last + 1 < len(tokens) else None
    before = tokens[run.first - 1] if run.first else None
    if (after is not None and after.gap == "") or (before is not None and first.gap == ""):
        return False
    capital = any(token.text[0].isupper() for token in tokens[run.first : run.last + 1])
    if after is not None and after.gap == "-" and (last.text[-1].isdigit() or after.text[0].isdigit()):
        return False
    if after is not None and after.gap == " " and capital and (after.text[0].isdigit() or after.text[0].isupper()):
        return False
    if before is None or first.gap != " " or not capital or not before.text[0].isupper():
        return True
    return before.text.casefold() in SMALL_WORDS


def _judged(names: Sequence[LinkName], all_of_key: Sequence[LinkName]) -> Why:
    """Return what becomes of a mention that `names` fit; a name that differs from its twin in case is not ambiguous."""
    if len({name.term for name in names}) > 1:
        return Why.AMBIGUOUS
    name = names[0]
    twin = any(other.term != name.term for other in all_of_key)
    if name.ambiguous and not twin:
        return Why.AMBIGUOUS
    if any(one.policy == LinkPolicy.NEVER for one in names):
        return Why.NEVER
    if any(one.policy == LinkPolicy.SUGGEST for one in names):
        return Why.SUGGESTED
    return Why.LINKED


def _is_beside(text: str, mention: Mention, links: Sequence[Mention], written: Sequence[tuple[int, int]]) -> bool:
    """Return whether nothing but blanks and hyphens parts the mention from a link before or after it."""
    for start, end in [(one.start, one.end) for one in links] + list(written):
        between = text[end : mention.start] if end <= mention.start else text[mention.end : start]
        if not HYPHEN.sub("", between).strip():
            return True
    return False
