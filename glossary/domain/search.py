"""Search as pure rules: what a query asks for, under which words a card is found, typos and ranking."""

import math
import re
import threading
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from zlib import crc32

import snowballstemmer

from glossary.domain.markup import blocks_of
from glossary.domain.names import BIDI_CONTROLS, INVISIBLE, SLUG_LETTERS, squeezed_key
from glossary.domain.term import Words
from glossary.domain.typo import distance

MAX_QUERY = 120  # characters; what follows is not looked at
MAX_WORDS = 8  # words of a query that are looked for
MAX_WORD = 40  # characters of a word that are compared
MAX_TYPO_WORD = 20  # characters; nobody types a longer word by ear
TYPO_PREFIX = 8  # characters of a word whose deletions are indexed

WORD = re.compile(r"(?:(?<!\S)\.)?[^\W_]+(?:\+\+|#)?")  # the dot of .NET, but not that of "2.5"
SIGNS = (("++", "plusplus"), ("#", "sharp"), (".", "dot"))
OWNER = re.compile(r"(?<=\w)['’]s\b")  # "an LLM's memory" asks for LLM
VERSION = re.compile(r"\d.*")
UNSEEN = frozenset({"Cc", "Cs", "Co", "Cn"})
ASKING = re.compile(
    r"^(?:(?:what|whats|what's|what’s)(?:\s+(?:is|are|does|do))?|who\s+is|define|definition\s+of|meaning\s+of|explain)"
    r"\s+(?:(?:a|an|the)\s+)?(?=\S)",
    re.IGNORECASE,
)
ASKED = re.compile(r"\s+(?:mean|means|meaning|definition|defined|explained)$", re.IGNORECASE)
BRITISH = (
    (re.compile(r"(?<=\w{3})is(?=(?:ation|ations|e|es|ed|er|ers|ing)$)"), "iz"),
    (re.compile(r"(?<=^(?:model|label))l(?=(?:ing|ed|er|ers)$)|(?<=^cancel)l(?=(?:ing|ed|ation)$)"), ""),
    (re.compile(r"(?<=\w{3})our(?=(?:s|ed|ing|al|able)?$)"), "or"),
    (re.compile(r"^(licen|defen|offen)c(?=(?:e|es|ed|er|ers|ing)$)"), r"\1s"),
    (re.compile(r"^(analy|cataly|paraly)s(?=(?:e|ed|er|ers|ing)$)"), r"\1z"),
    (re.compile(r"^(cent|fib|met|lit)re(?=s?$)"), r"\1er"),
    (re.compile(r"^(anal|catal|dial)ogue(?=s?$)"), r"\1og"),
    (re.compile(r"^programme(?=s?$)"), "program"),
)
# Words that say nothing of what is looked for; a query of nothing else is looked for with them.
SMALL = (
    "a about an and any are as at be been by called can could did do does for from get gets has have how i if in into "
    "is it its just like me my of on one or our so some something stuff that the their them then there these they "
    "thing things this those to up us use used using very was way we were what when where which who why will with "
    "would you your"
)
SMALL_WORDS = frozenset(SMALL.split())
NAME_WEIGHT, DEFINITION_WEIGHT, BODY_WEIGHT = 4.0, 3.0, 1.5  # of a word found there
BESIDE_WEIGHT = 0.75  # of a word found beside the one it follows in the query
LEAST_NAME = 0.3  # of a name's weight, where nearly all that was asked for is not in the name

_stemmer = snowballstemmer.stemmer("english")
_stemmer_lock = threading.Lock()  # it keeps the word it works on in itself


@dataclass(frozen=True)
class Query:
    """What a reader asked for, cleaned: nothing in it can disturb a database or a page."""

    text: str
    keys: tuple[str, ...] = ()  # under which a whole name may stand, the most literal first
    words: tuple[str, ...] = ()  # as typed, folded
    stems: tuple[str, ...] = ()  # of the words that say something
    was_cut: bool = False


@dataclass(frozen=True)
class Entry:
    """The words under which one published card is found, each part as words divided by blanks."""

    names: str
    definition: str
    body: str


def read_query(text: str) -> Query:
    """Return what `text` asks for. Never raises; only its first 120 characters are looked at."""
    start = INVISIBLE.sub("", text[:MAX_QUERY])
    kept = (" " if unicodedata.category(c) in UNSEEN or c in BIDI_CONTROLS else c for c in start)
    shown = " ".join(unicodedata.normalize("NFC", "".join(kept)).split())
    if not shown:
        return Query("", was_cut=len(text) > MAX_QUERY)
    words = tuple(dict.fromkeys(words_of(OWNER.sub("", shown))))[:MAX_WORDS]
    telling = [word for word in words if word not in SMALL_WORDS] or list(words)
    stems = tuple(dict.fromkeys(stem_of(word) for word in telling))
    return Query(shown, _keys_of(shown), words, stems, len(text) > MAX_QUERY)


def words_of(text: str) -> list[str]:
    """Return the words of a text in order, folded: without case and marks, of letters and digits only.

    "C++", "C#" and ".NET" become cplusplus, csharp and dotnet, as both databases drop signs.
    """
    found = []
    for match in WORD.finditer(folded(text)):
        word = match[0]
        if not word.isalnum():
            for sign, name in SIGNS:
                word = word.replace(sign, name)
        found.append(word[:MAX_WORD])
    return found


def folded(text: str) -> str:
    """Return text without case and marks on letters; its length may change."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(c for c in text if not unicodedata.combining(c)).translate(SLUG_LETTERS)


@lru_cache(maxsize=50_000)
def stem_of(word: str) -> str:
    """Return the stem of a folded word (Snowball's English stemmer), British and American spellings as one."""
    if not word.isascii() or not word.isalpha():
        return word
    for pattern, american in BRITISH:
        word = pattern.sub(american, word)
    with _stemmer_lock:
        return str(_stemmer.stemWord(word))


def entry_of(words: Words, names: Iterable[str]) -> Entry:
    """Return under which words a card is found; `names` are all of its names, printed or not."""
    parts: set[str] = set()
    for name in names:
        pieces = words_of(name)
        parts.update(pieces, map(stem_of, pieces), _joined(name))
    text = [block.text for block in blocks_of(words.body)]
    return Entry(
        " ".join(sorted(parts)),
        " ".join(map(stem_of, words_of(words.definition))),
        " ".join(map(stem_of, words_of(" ".join([*text, words.example])))),
    )


def typo_words(names: Iterable[str]) -> set[str]:
    """Return the words against which a mistyped one is compared: those of names, and short names as one word."""
    names = list(names)
    found = {word for name in names for word in words_of(name)}
    found |= {word for name in names for word in _joined(name)}
    return {word for word in found if 3 <= len(word) <= MAX_TYPO_WORD and not word.isdecimal()}


def allowed_typos(word: str) -> int:
    """Return how many letters of a word may be wrong: none of three, one of four to six, two of more."""
    return 0 if len(word) < 4 or word.isdecimal() else 1 if len(word) < 7 else 2


def deletions_of(word: str) -> set[int]:
    """Return numbers that stand for the word's first eight letters and for all that is left of them by deletions.

    Two words within the allowed distance share one (the symmetric deletion idea of SymSpell): where a letter was
    swapped, added or left out, deleting it on either side leaves the same. A number shared by chance does no harm, as
    candidates are compared letter by letter.
    """
    start = word[:TYPO_PREFIX]
    left = {start}
    for number in range(1, allowed_typos(word) + 1):
        left |= {"".join(kept) for kept in combinations(start, len(start) - number)}
    return {crc32(rest.encode()) - 2**31 for rest in left}


def nearest_word(word: str, candidates: Iterable[str]) -> str:
    """Return the nearest of the candidates within the allowed distance, "" if there is none; of equally near ones that
    with the same first letter, then the first from A to Z.

    From its first digit on a word names a version, and another version is no slip of the pen: "gpt4o" is not "gpt4".
    Those with the most letters in common are compared first: what comes after them has to be nearer still.
    """
    most, letters, version = allowed_typos(word), set(word), VERSION.findall(word)
    there = {x for x in candidates if abs(len(x) - len(word)) <= most and VERSION.findall(x) == version}
    alike = [(len(letters.symmetric_difference(x)), x) for x in there]
    found: list[tuple[int, bool, str]] = []
    for differing, other in sorted(alike):
        if differing > 2 * most:  # one wrong letter takes one and brings one
            break
        if (away := distance(word, other, most=most)) <= most:
            found.append((away, other[:1] != word[:1], other))
            most = away
    return min(found)[2] if found else ""


def ranked(stems: Sequence[str], entries: Iterable[tuple[int, Entry]]) -> list[int]:
    """Return the keys of entries that hold any of the stems, best first.

    A stem counts more the fewer of these entries hold it; more in a name than in a definition, more there than in the
    body, more beside the stem it follows in the query. A name counts by the share of the query that it answers: "test"
    alone does not make "unit test" the answer to a query of three words. What is not found takes its share away.
    """
    held = [(key, _Held(entry, stems)) for key, entry in entries]
    number = len(held)
    weights = {stem: math.log(1 + number / (1 + sum(stem in one.all for _, one in held))) + 0.2 for stem in set(stems)}
    scores = [(_score(stems, weights, one), key) for key, one in held]
    return [key for score, key in sorted(scores, key=lambda row: (-row[0], row[1])) if score > 0]


def name_asked_for(words: Words, query: Query) -> str:
    """Return the printed name beside the headword that is the query, or begins with it; "" where the headword does.

    Names that are found but not printed, such as misspellings, are not among the words, so they are never returned.
    """

    def answers(name: str) -> bool:
        return any(squeezed_key(name).startswith(key) for key in query.keys)

    if answers(words.headword):
        return ""
    return next((name for name in [*words.also_called, *words.formerly] if answers(name)), "")


class _Held:
    """Those of the stems that one entry holds, part by part; a search reads a hundred entries, so no word is copied."""

    def __init__(self, entry: Entry, stems: Sequence[str]) -> None:
        self.parts = ((f" {entry.definition} ", DEFINITION_WEIGHT), (f" {entry.body} ", BODY_WEIGHT))
        names, body = entry.names.split(), entry.body.split()
        self.names = {stem for stem in stems if stem in names}
        self.definition = {stem for stem in stems if f" {stem} " in self.parts[0][0]}
        self.counts = {stem: body.count(stem) for stem in stems}
        self.all = self.names | self.definition | {stem for stem, times in self.counts.items() if times}


def _score(stems: Sequence[str], weights: dict[str, float], held: _Held) -> float:
    score, matched = 0.0, 0
    named = sum(stem in held.names for stem in stems) / len(stems)
    name_weight = NAME_WEIGHT * (LEAST_NAME + (1 - LEAST_NAME) * named)
    for stem in stems:
        here = name_weight if stem in held.names else 0.0
        here += DEFINITION_WEIGHT if stem in held.definition else 0.0
        times = held.counts[stem]
        here += BODY_WEIGHT * 2 * times / (times + 1)
        matched += here > 0
        score += weights[stem] * here
    if len(stems) > 1:
        for a, b in dict.fromkeys(zip(stems, stems[1:], strict=False)):
            beside = sum(weight for text, weight in held.parts if f" {a} {b} " in text)
            score += BESIDE_WEIGHT * beside * (weights[a] + weights[b])
        score *= matched / len(stems)
        score *= 1.3 if all(stem in held.names for stem in stems) else 1.0
    return score


def _keys_of(text: str) -> tuple[str, ...]:
    """Return the keys under which a name may stand: as typed, without the question around it, in the singular, and
    without what says that it has something.
    """
    bare = text.strip(" ?!.,;:\"'“”‘’()") or text
    inner = ASKED.sub("", ASKING.sub("", bare)) or bare
    keys = [squeezed_key(form) for form in (text, bare, inner)]
    keys += [key for key in (squeezed_key(folded(inner)), squeezed_key(OWNER.sub("", inner))) if key]
    for key in tuple(keys):
        if key.endswith("ies") and len(key) > 5:
            keys.append(f"{key[:-3]}y")
        if key.endswith("es") and len(key) > 4:
            keys.append(key[:-2])
        if key.endswith("s") and not key.endswith("ss") and len(key) > 3:
            keys.append(key[:-1])
    return tuple(dict.fromkeys(key[: MAX_QUERY * 2] for key in keys if key))


def _joined(name: str) -> list[str]:
    """Return the compounds of a name and the whole of it as one word: "fine-tuning" as finetuning."""
    parts = ["".join(words_of(part)) for part in folded(name).split()]
    return [word[:MAX_WORD] for word in [*parts, "".join(parts)] if word]
