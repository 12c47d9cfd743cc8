"""Names in running text: which words of a passage are the name of a term, and which of them become links."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from glossary.domain.link_policy import LinkPolicy
from glossary.domain.names import APOSTROPHES, INVISIBLE
from glossary.domain.running_text import HYPHEN, Passage, Token, opening_of, spaced_key

MAX_LINKS = 3  # links that a paragraph may get

LETTERS = re.compile(r"[^\W\d_]+")  # words whose first letters an abbreviation may have
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
    REFUSED = "an editor wants no link here"
    SPELT_OUT = "short for the words before it"
    NEVER = "never linked"


@dataclass(frozen=True)
class LinkName:
    """A name of a published term as the lexicon has it; `ambiguous` says that another term goes by it too."""

    text: str
    term: int
    slug: str
    policy: LinkPolicy = LinkPolicy.AUTO
    ambiguous: bool = False


class Lexicon(dict[str, list[LinkName]]):
    """The names that running text may have, under their spaced keys; `openings` has the first words of long ones."""

    def __init__(self) -> None:
        super().__init__()
        self.openings: set[str] = set()

    def add(self, name: LinkName, *, key: str = "") -> None:
        """Take a name in; its key is worked out where it is not at hand. A name without one is never found."""
        key = key or spaced_key(name.text)
        self.setdefault(key, []).append(name)
        if opening := opening_of(key):
            self.openings.add(opening)


@dataclass(frozen=True)
class Mention:
    """A name found at [start, end) of a passage, the names that it may be, and what becomes of it."""

    start: int
    end: int
    names: tuple[LinkName, ...]
    why: Why


@dataclass(frozen=True)
class Choice:
    """What an editor said of one name in one sentence, which stands at [start, end) of a passage: to link it or not."""

    start: int
    end: int
    term: int
    text: str
    accepted: bool


def mentions_in(passage: Passage, lexicon: Lexicon) -> list[Mention]:
    """Return the names in a passage in order, the longest at each place.

    Each is judged by itself, by policy and ambiguity: LINKED, SUGGESTED, AMBIGUOUS or NEVER.
    """
    tokens = passage.tokens
    runs = [run for run in passage.runs(lexicon.openings) if run[0] in lexicon]
    found: list[Mention] = []
    free = 0  # the first word that no name has taken yet
    for key, first, last, end in sorted(runs, key=lambda run: (run[1], -run[2])):
        if first < free or not _stands_alone(passage.text, tokens, first, last):
            continue
        start = tokens[first].start
        names = [name for name in lexicon[key] if _fits(passage.text, start, end, name)]
        if names:
            found.append(Mention(start, end, tuple(names), _judged(names, lexicon[key])))
            free = last + 1
    return found


def place_links(
    passages: Sequence[Passage],
    lexicon: Lexicon,
    *,
    own: int | None = None,
    most: int | None = MAX_LINKS,
    beside: bool = False,
    choices: Sequence[Sequence[Choice]] = (),
) -> list[list[Mention]]:
    """Return for each passage of one page its mentions with what becomes of them.

    A term is linked at its first mention on the page, `own` never, two links stand side by side only with `beside`,
    and a passage gets `most` links; None sets no limit. `choices` are what editors said, by passage: they decide what
    is suggested or ambiguous and take back a link, but link no name that is never linked. Of a name that waits for an
    editor only the first mention does.
    """
    done: set[int] = set()
    asked: set[tuple[int, ...]] = set()
    accepted = {one.term for given in choices for one in given if one.accepted}
    page = []
    for number, passage in enumerate(passages):
        given = choices[number] if choices else ()
        placed: list[Mention] = []
        written = [span for span in passage.closed if span[1] > span[0]]
        for found in mentions_in(passage, lexicon):
            mention, is_accepted = _chosen(found, given)
            why = mention.why
            targets = tuple(name.term for name in mention.names)
            waits = why in {Why.SUGGESTED, Why.AMBIGUOUS}
            links = [one for one in placed if one.why == Why.LINKED]
            if all(target == own for target in targets):
                why = Why.OWN
            elif (
                why == Why.LINKED
                and targets[0] in done
                or waits
                and (targets in asked or (done | accepted).intersection(targets))
            ):
                why = Why.AGAIN
            elif why == Why.LINKED and not is_accepted and _is_spelt_out(passage.text, mention):
                why = Why.SPELT_OUT
            elif why == Why.LINKED and most is not None and len(links) >= most:
                why = Why.CROWDED
            elif why == Why.LINKED and not beside and _is_beside(passage.text, mention, links, written):
                why = Why.BESIDE
            if why in {Why.LINKED, Why.SPELT_OUT}:
                done.add(targets[0])
            elif waits:
                asked.add(targets)
            placed.append(Mention(mention.start, mention.end, mention.names, why))
        page.append(placed)
    return page


def _chosen(mention: Mention, given: Sequence[Choice]) -> tuple[Mention, bool]:
    """Return the mention as editors decided on it, and whether they want the link.

    It is refused where all that it may mean was refused: a term that took the name since then is asked about.
    """
    if mention.why == Why.NEVER or not given:
        return mention, False
    start, end = mention.start, mention.end
    said = {(one.term, one.text): one.accepted for one in given if one.start <= start and end <= one.end}
    for name in mention.names:
        if said.get((name.term, name.text)):
            return Mention(start, end, (name,), Why.LINKED), True
    if said and all((name.term, name.text) in said for name in mention.names):
        return Mention(start, end, mention.names, Why.REFUSED), False
    return mention, False


def _fits(text: str, start: int, end: int, name: LinkName) -> bool:
    """Return whether the name may be written as the text has it at [start, end).

    Only the first letter of a word may differ in case: LoRA is not LoRa, IT is not it. For an exact name none may,
    but for the capital that opens a sentence.
    """
    if text[start : start + 2].casefold() == "a " and HYPHEN.match(name.text, 1):  # "a language" is not A-language
        return False
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


def _stands_alone(text: str, tokens: Sequence[Token], at: int, to: int) -> bool:
    """Return whether the words are not the part of a longer name that the lexicon may not know.

    A version: GPT-4 in "GPT-4-turbo", Qwen 2 in "Qwen 2-VL", Qwen in "Qwen 2.5". A proper name: AI in "Stability AI"
    or "AI Act", but not in "Google's AI". What stands before a hyphen is the part of a compound, as in "RAG-based", and
    counts.
    """
    first, last = tokens[at], tokens[to]
    if text[first.start - 1 : first.start] in SIGNS or text[last.end : last.end + 1] in SIGNS - {"."}:
        return False
    after = tokens[to + 1] if to + 1 < len(tokens) else None
    before = tokens[at - 1] if at else None
    if (after is not None and after.gap == "") or (before is not None and first.gap == ""):
        return False
    capital = any(token.text[0].isupper() for token in tokens[at : to + 1])
    if after is not None and after.gap == "-" and (last.text[-1].isdigit() or after.text[0].isdigit()):
        return False
    if after is not None and after.gap == " " and capital and (after.text[0].isdigit() or after.text[0].isupper()):
        return False
    if before is None or first.gap != " " or not capital or not before.text[0].isupper():
        return True
    return before.text.casefold() in SMALL_WORDS or before.text[-2:] in {"'s", "’s"}


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


def _is_spelt_out(text: str, mention: Mention) -> bool:
    """Return whether letters in brackets are short for what stands before them, as in "network file system (NFS)".

    So they are where the words before begin with them, small words such as "of" left out or not; and where nothing
    stands before, as they are short for the headword then.
    """
    start, end = mention.start, mention.end
    letters = text[start:end].removesuffix("s")
    if text[start - 1 : start] != "(" or text[end : end + 1] != ")" or not (letters.isalpha() and letters.isupper()):
        return False
    before = [match[0].casefold() for match in LETTERS.finditer(text[: start - 1])]
    if not before:
        return True
    telling = [word for word in before if word not in SMALL_WORDS]
    return any("".join(word[0] for word in words).endswith(letters.casefold()) for words in (before, telling))


def _is_beside(text: str, mention: Mention, links: Sequence[Mention], written: Sequence[tuple[int, int]]) -> bool:
    """Return whether nothing but blanks and hyphens parts the mention from a link before or after it."""
    for start, end in [(one.start, one.end) for one in links] + list(written):
        between = text[end : mention.start] if end <= mention.start else text[mention.end : start]
        if not HYPHEN.sub("", between).strip():
            return True
    return False
