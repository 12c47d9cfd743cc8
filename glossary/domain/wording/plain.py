"""Plain words: rare words, sentences that are too long, letters not spelt out, and how hard a card is."""

import gzip
import re
from collections.abc import Collection, Sequence
from functools import cache, lru_cache
from pathlib import Path

from glossary.domain.markup import Block, blocks_of
from glossary.domain.sentences import sentences_of
from glossary.domain.term import Level, Words
from glossary.domain.wording.patterns import tokens_of

WORD_LIST = Path(__file__).resolve().parent / "words" / "common.txt.gz"  # wordfreq; see LICENCE.txt beside it

ACRONYM = re.compile(r"[a-z]?[A-Z][A-Za-z0-9]{1,8}")  # looked for at the places of words only
SPELLINGS = (("isation", "ization"), ("ise", "ize"), ("ising", "izing"), ("our", "or"), ("lling", "ling"))
SMALL_WORDS = frozenset({"of", "the", "and", "for", "in", "to", "on", "from", "with", "by", "at", "a", "an", "or"})
ROMAN = frozenset("IVXLC")
TRENDS_FROM = 30  # sentences: below, one sentence moves the figure by whole grades
LONG_WORD = 6  # letters; a longer word is long


def undefined_acronyms(
    sentences: Sequence[str], known: Collection[str], skipped: Sequence[Sequence[tuple[int, int]]] = ()
) -> list[tuple[int, int, int]]:
    """Return (sentence, start, end) of the first use of each acronym that no words of the card spell out.

    Two capitals or more in two to seven letters. It is spelt out where the initials of neighbouring words, small words
    such as "of" left out or not, give its letters. A name such as GPT-3 or Qwen2 with a figure is no acronym, nor is
    one that has more small letters than capitals (PyTorch), a Roman figure, or what stands in one of the `skipped`
    places (start, end) of its sentence.
    """
    spelt = set()
    for text in sentences:
        norms = [token.norm for token in tokens_of(text)]
        for kept in (norms, [norm for norm in norms if norm not in SMALL_WORDS]):
            letters = "".join(norm[0] for norm in kept)
            spelt |= {letters[at : at + size] for size in range(2, 8) for at in range(len(letters))}
    parts = {piece.casefold() for name in known for piece in re.split(r"[\s/-]+", name)}
    found, seen = [], set()
    for at, text in enumerate(sentences):
        for token in tokens_of(text):
            word = text[token.start : token.end].removesuffix("’s").removesuffix("'s")
            base = word.removesuffix("s") if word[-2:-1].isupper() else word
            if not (2 <= len(base) <= 7 and ACRONYM.fullmatch(base) and sum(c.isupper() for c in base) >= 2):
                continue
            if base in seen or base.casefold() in parts or any(c.isdigit() for c in base):
                continue
            if text[token.start + len(word) : token.start + len(word) + 2].strip("-‑")[:1].isdecimal():
                continue
            if set(base) <= ROMAN or 2 * sum(c.islower() for c in base) > len(base):
                continue
            if skipped and any(a <= token.start and token.end <= b for a, b in skipped[at]):
                continue
            seen.add(base)
            if base.casefold() not in spelt:
                found.append((at, token.start, token.start + len(base)))
    return found


def lix(sentences: Sequence[str]) -> float | None:
    """Return the readability index LIX (Björnsson 1968: words / sentences + 100 · words of over 6 letters / words).

    None below TRENDS_FROM sentences: on a single card the figure is noise.
    """
    words = [token.norm for sentence in sentences for token in tokens_of(sentence)]
    if len(sentences) < TRENDS_FROM or not words:
        return None
    return len(words) / len(sentences) + 100 * sum(len(word) > LONG_WORD for word in words) / len(words)


def is_common(word: str) -> bool:
    """Return whether a word, its base form or its other spelling (British, American) is met once in a million words."""
    forms = {word, *_bases(word)}
    for british, american in SPELLINGS:
        forms |= {form.replace(british, american) for form in forms}
        forms |= {form.replace(american, british) for form in forms}
    return any(form in _common() for form in forms)


def rare_words(text: str, known: Collection[str] = (), code: Sequence[tuple[int, int]] = ()) -> list[tuple[int, int]]:
    """Return (start, end) of the first use of each word that is not common and no part of a `known` name.

    Words of small letters only: what begins with a capital is most often a name, looked up rather than explained.
    Words with a figure, words of fewer than four letters and inline `code` (start, end) are left out.
    """
    parts = _parts(frozenset(known))
    found, seen = [], set()
    for token in tokens_of(text):
        word = token.norm
        if len(word) < 4 or not word.isascii() or not word.replace("'", "").isalpha() or word in seen:
            continue
        if text[token.start].isupper() or any(a <= token.start and token.end <= b for a, b in code):
            continue
        seen.add(word)
        if word not in parts and not any(base in parts for base in _bases(word)) and not is_common(word):
            found.append((token.start, token.end))
    return found


def suggest_level(words: Words, known: Collection[str] = ()) -> tuple[Level, str]:
    """Return how much a card asks of its reader, and why: by its rare words and the length of its sentences.

    Easy: at most one rare word in a hundred and sentences of 16 words at most on average. Hard: more than three in a
    hundred, or sentences of over 22 words on average. No formula of readability holds on a text as short as a card.
    """
    blocks = [Block(words.definition), *blocks_of(words.body), Block(words.example)]
    sentences = [sentence.text for block in blocks for sentence in sentences_of(block)]
    count = sum(len(tokens_of(text)) for text in sentences)
    if not count:
        return Level.EASY, "there is no text yet"
    names = {words.headword, *(alias.text for alias in words.aliases), *known}
    rare = {text[a:b].casefold() for text in sentences for a, b in rare_words(text, names)}
    mean, share = count / len(sentences), 100 * len(rare) / count
    listed = f" ({', '.join(sorted(rare)[:5])})" if rare else ""
    why = f"{len(rare)} rare word{'' if len(rare) == 1 else 's'}{listed} in {count}, and {mean:.0f} words a sentence"
    if share > 3 or mean > 22:
        return Level.HARD, why
    return (Level.EASY if share <= 1 and mean <= 16 else Level.MEDIUM), why


@lru_cache(maxsize=8)
def _parts(known: frozenset[str]) -> frozenset[str]:
    """Return the words that known names are made of; kept, as every sentence of a card asks for the same names."""
    return frozenset(token.norm for name in known for token in tokens_of(name))


def _bases(word: str) -> set[str]:
    """Return what a regular inflection may have been made from: "rounds", "rounded", "rounding" → "round"."""
    found = set()
    for ending, bases in (
        ("ies", ("y",)),
        ("es", ("", "e")),
        ("s", ("",)),
        ("ied", ("y",)),
        ("ed", ("", "e")),
        ("ing", ("", "e")),
        ("ly", ("",)),
        ("er", ("", "e")),
        ("est", ("", "e")),
    ):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            stem = word[: -len(ending)]
            found |= {stem + base for base in bases}
            if ending in {"ed", "ing", "er", "est"} and stem[-1] == stem[-2]:
                found.add(stem[:-1])
    return found


@cache
def _common() -> frozenset[str]:
    """Return the common words; read once, when the first card is looked at."""
    with gzip.open(WORD_LIST, "rt", encoding="ascii") as lines:
        return frozenset(lines.read().split())
