"""How the time of the wording rules grows with hostile texts: time = c · size to the k."""

from datetime import date
from math import log
from time import process_time

import pytest

from glossary.domain.wording.hits import hits_in
from glossary.domain.wording.patterns import aligned, tokens_of
from glossary.domain.wording.plain import rare_words, undefined_acronyms
from glossary.domain.wording.time_words import dated, time_word

pytestmark = pytest.mark.quality
SIZES = (20_000, 40_000, 80_000)
HOSTILE = {
    "spaces": " ",
    "a's": "a",
    "quotes": "“",
    "straight quotes": '"',
    "brackets": "(2024",
    "as of": "as of ",
    "is the most": "is the most ",
    "latest": "latest ",
    "now-": "now-",
    "combining marks": "e\u0301\u0301",
    "figures": "1.1,1",
    "acronyms": "ABc ",
    "years": "2024 latest ",
    "prices": "$5 million ",
    "counts": "5 million big ",
    "most": "is one of the most ",
    "versions": "Xy 3.1 ",
}


def seconds(text):
    best = 9.0
    for _ in range(3):
        hits_in.cache_clear()  # what was found before is kept, and would be no measure
        began = process_time()
        hits_in(text)
        time_word(text)
        rare_words(text)
        undefined_acronyms([text], ())
        aligned(text[:5_000], text, 0)
        best = min(best, process_time() - began)
    return best


def test_time_grows_with_the_text_and_hardly_faster():
    assert tokens_of("") == [] and dated("It is.", date(2024, 7, 1))
    print("\ntext                 20,000 characters     80,000      k")
    slow = {}
    seconds("warm up")
    for name, piece in HOSTILE.items():
        took = [seconds((piece * size)[:size]) for size in SIZES]
        k = log(took[-1] / took[0]) / log(SIZES[-1] / SIZES[0])
        print(f"{name:20} {took[0] * 1000:14.1f} ms {took[-1] * 1000:10.1f} ms {k:6.2f}")
        if k >= 1.3:
            slow[name] = k
    assert not slow
