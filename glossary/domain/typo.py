"""Whether a change of one sentence mends its spelling only. The machine says so, or it is a change like any other.

Where there is doubt the answer is no: a mended letter that is refused costs a checker a minute, a changed meaning that
slips through costs the reader's trust.
"""

import gzip
import re
import sys
import tomllib
from collections.abc import Collection
from functools import cache
from pathlib import Path

WORD_LIST = Path(__file__).resolve().parent / "words" / "english.txt.gz"  # SCOWL; see LICENCE.txt beside it
TOKEN = re.compile(r"\w+(?:[’'.-]\w+)*")
LETTERS = re.compile(r"[A-Za-z]+")
ALPHABET = "abcdefghijklmnopqrstuvwxyz"
MAX_SENTENCE = 2_000  # characters; longer ones are not compared
MAX_WORD = 24  # letters
MIN_WORD = 3  # letters; of words so short only two swapped ones are put back
STRAIGHT = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "."})
_lists = tomllib.loads((WORD_LIST.parent / "typo.toml").read_text(encoding="utf-8"))
FREE_MARKS = frozenset(",;:")  # what may come, go or change places between two words
NEGATIVE = ("un", "in", "im", "il", "ir", "non", "dis", "de", "anti", "mis", "a")
DECIDING = frozenset(_lists["deciding"].split())
UNITS = frozenset(_lists["units"].split())
OPENERS = frozenset(_lists["openers"].split())


def typo_reason(before: str, after: str, *, names: Collection[str] = ()) -> str | None:
    """Return in a few words why the change is typographic only; None when it may change what the sentence says.

    White space; a comma, semicolon or colon that stands by no figure, and the shape of quotes and dashes; or exactly
    one unknown word that becomes the word of the dictionary nearest to it (at most two letters away), and is no number,
    name, unit, negation or other word that decides what is said.
    """
    if before == after or max(len(before), len(after)) > MAX_SENTENCE:
        return None
    old, new = before.translate(STRAIGHT), after.translate(STRAIGHT)
    if old == new:
        return _shapes_reason(before, after)
    words_before, words_after = TOKEN.findall(old), TOKEN.findall(new)
    gaps_before, gaps_after = TOKEN.split(old), TOKEN.split(new)
    if words_before == words_after:
        return _gaps_reason(gaps_before, gaps_after, words_before)
    if len(words_before) != len(words_after) or [g.split() for g in gaps_before] != [g.split() for g in gaps_after]:
        return None
    changed = [n for n, (a, b) in enumerate(zip(words_before, words_after, strict=True)) if a != b]
    if len(changed) != 1:
        return None
    place = changed[0]
    wrong, right = words_before[place], words_after[place]
    known = {part.casefold() for name in names for part in LETTERS.findall(name)}
    if _is_mended(wrong, right, opens=place == 0, names=known):
        return f"spelling: {wrong} → {right}"
    return None


def _shapes_reason(before: str, after: str) -> str | None:
    """Return the reason where only the shape of quotes and dashes changed; beside a figure a dash is a sign."""
    for place, (old, new) in enumerate(zip(before, after, strict=True)):
        if old != new and any(c.isdigit() for c in before[max(0, place - 1) : place + 2]):
            return None
    return "punctuation"


def _gaps_reason(before: list[str], after: list[str], words: list[str]) -> str | None:
    reason = "white space"
    for place, (old, new) in enumerate(zip(before, after, strict=True)):
        if old == new:
            continue
        neighbours = words[max(0, place - 1) : place + 1]
        if old.split() == new.split() and bool(old.split()) == bool(new.split()):
            if (not old or not new) and place not in {0, len(words)}:
                return None  # words that were one, or became one
            continue
        if any(any(c.isdigit() for c in word) for word in neighbours):
            return None
        if not _same_marks(old, new, at_end=place == len(words)):
            return None
        reason = "punctuation"
    return reason


def _same_marks(old: str, new: str, *, at_end: bool) -> bool:
    """Return whether two gaps differ in free marks only: commas and the like, a full stop that was forgotten."""
    if bool(old.strip(",;: ")) and old.strip()[:1] == "-" or "-" in new and "-" not in old:
        return old.split() == new.split()
    left = [c for c in old if not c.isspace() and c not in FREE_MARKS]
    right = [c for c in new if not c.isspace() and c not in FREE_MARKS]
    if at_end and not left and right == ["."]:
        return True
    spaced = bool(re.search(r"\s", old)) == bool(re.search(r"\s", new))
    return left == right and (spaced or at_end)


def _is_mended(wrong: str, right: str, *, opens: bool, names: Collection[str]) -> bool:
    if not (LETTERS.fullmatch(wrong) and LETTERS.fullmatch(right)) or max(len(wrong), len(right)) > MAX_WORD:
        return False
    old, new = wrong.lower(), right.lower()
    if old == new or old in names or new in names:
        return False
    capital = right[0].isupper()
    if capital != wrong[0].isupper() or wrong[1:] != old[1:] or right[1:] != new[1:]:
        return False
    if capital and not (opens and new in OPENERS):
        return False
    known = _dictionary()
    if old in known or new not in known or {old, new} & (DECIDING | UNITS):
        return False
    if _turns_round(old, new):
        return False
    return _is_nearest(old, new, known)


def _turns_round(old: str, new: str) -> bool:
    """Return whether one of the words denies what the other says: by its first letters or its last."""
    for prefix in NEGATIVE:
        for one, other in ((old, new), (new, old)):
            if one.startswith(prefix) and one[len(prefix) :] and _near(one[len(prefix) :], other):
                return True
    return old.endswith("less") != new.endswith("less")


def _near(one: str, other: str) -> bool:
    return len(other) > 3 and one[:2] == other[:2] and distance(one, other) <= 1


def _is_nearest(old: str, new: str, known: frozenset[str]) -> bool:
    """Return whether no other word is as near to what stood there: then only one word can have been meant."""
    near = {word: rank for word, rank in _one_edit_away(old).items() if word in known}
    if new in near:
        if len(old) <= MIN_WORD and near[new] > 0:
            return False
        return sum(rank <= near[new] for rank in near.values()) == 1
    return not near and len(old) >= 5 and distance(old, new) == 2


def _one_edit_away(word: str) -> dict[str, int]:
    """Return the words one slip away, each with how far that slip is: two letters swapped, one lost or doubled, …"""
    found: dict[str, int] = {}
    splits = [(word[:n], word[n:]) for n in range(len(word) + 1)]

    def note(text: str, rank: int) -> None:
        if text != word:
            found[text] = min(rank, found.get(text, rank))

    for left, right in splits:
        if len(right) > 1:
            note(left + right[1] + right[0] + right[2:], 0)
        if right:
            doubled = left[-1:] == right[0]
            note(left + right[1:], 1 if doubled else 2)
        for letter in ALPHABET:
            doubled = letter in {left[-1:], right[:1]}
            note(left + letter + right, 1 if doubled else 2)
            if right:
                note(left + letter + right[1:], 3)
    return found


def distance(one: str, other: str, *, most: int = sys.maxsize) -> int:
    """Return the Damerau-Levenshtein distance (optimal string alignment) of two words; beyond `most`, most + 1."""
    start = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    one, other = one[start:], other[start:]  # what is alike costs nothing
    before: list[int] = []
    above = list(range(len(other) + 1))
    for i, a in enumerate(one):
        row = [i + 1]
        for j, b in enumerate(other):
            cost = above[j] if a == b else 1 + min(above[j], above[j + 1], row[j])
            if i and j and a == other[j - 1] and one[i - 1] == b:
                cost = min(cost, before[j - 1] + 1)
            row.append(cost)
        if min(row) > most and min(above) >= most:  # whatever follows, also by a swap of two letters
            return most + 1
        before, above = above, row
    return min(above[-1], most + 1)


@cache
def _dictionary() -> frozenset[str]:
    """Return the words of small letters, both British and American; read once, when the first change is judged."""
    with gzip.open(WORD_LIST, "rt", encoding="ascii") as lines:
        return frozenset(lines.read().split())
