"""Signs that a line states a fact; a line without one is a likely explanation."""

import re
from collections.abc import Collection

from glossary.domain.claim import NUMBER, Line, Part
from glossary.domain.wording.time_words import time_word

FACT_SIGN = re.compile(
    NUMBER
    + r"""| [%€$£] | \b(?: million | billion | trillion | hundred | thousand | percent | per\ cent | half | twice |
    first | last | only | most | least | best | worst | more\ than | less\ than | fewer | faster | slower | cheaper |
    larger | smaller | better | bigger | longer | higher | lower | fast | slow | accura\w+ | outperform\w* |
    two | three | four | five | six | seven | eight | nine | ten | eleven | twelve | twenty | dozen |
    \w+est | licen[cs]\w* | trained | training\ data | dataset | benchmark\w* |
    released | founded | invented | introduced | published | announced | named | according
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)
INSIDE_NAME = re.compile(r"(?<=[\w,;)’'\"] )[A-Z][\w-]*")


def fact_sign(line: Line, names: Collection[str] = ()) -> str:
    """Return the first word that makes the line a statement of fact; empty for a likely explanation.

    A number (also in words), price, version, superlative, licence, training, release, performance or comparison word,
    or a name in running text that is not one of `names`, those of the term itself, has to be looked up; what is left
    explains.
    """
    found = FACT_SIGN.search(line.text)
    if found:
        return found[0]
    for name in INSIDE_NAME.finditer(line.text):
        if name[0] not in {"I"} and not any(name[0] in known for known in names):
            return name[0]
    return ""


def is_likely_explanation(line: Line, names: Collection[str] = ()) -> bool:
    """Return whether the line explains rather than states: such lines are offered for acceptance in one sweep."""
    return line.part in {Part.BODY, Part.EXAMPLE} and not fact_sign(line, names) and not time_word(line.text)
