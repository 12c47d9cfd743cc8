"""Plain words: sentences that are too long, and letters that nobody has spelt out."""

import re
from collections.abc import Collection, Sequence

from glossary.domain.wording.patterns import tokens_of

ACRONYM = re.compile(r"[A-Z][A-Za-z0-9]{1,8}")  # looked for at the places of words only
TRENDS_FROM = 30  # sentences: below, one sentence moves the figure by whole grades
LONG_WORD = 6  # letters; a longer word is long


def long_sentences(text: str, limit: float) -> list[tuple[int, int, int]]:
    """Return (0, end, words) if the sentence has more words than `limit`."""
    count = len(tokens_of(text))
    return [(0, len(text), count)] if count > limit else []


def undefined_acronyms(sentences: Sequence[str], known: Collection[str]) -> list[tuple[int, int, int]]:
    """Return (sentence, start, end) of the first use of each acronym that no words of the card spell out.

    Two capitals or more in two to seven letters. It is spelt out where the initials of neighbouring words, small
    words such as "of" left out or not, give its letters. A name such as GPT-3 or Qwen2 with a figure is no acronym.
    """
    initials = "".join(" " + "".join(token.norm[0] for token in tokens_of(text)) for text in sentences)
    main = "".join(
        " " + "".join(t.norm[0] for t in tokens_of(text) if t.norm not in {"of", "the", "and", "for", "in", "to", "on"})
        for text in sentences
    )
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
            seen.add(base)
            letters = base.casefold()
            if letters not in initials and letters not in main:
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
