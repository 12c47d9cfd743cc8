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
# what keeps a sentence from being called an explanation: narrower than the signs above, which only sort the lines
STATED = re.compile(
    NUMBER
    + r"""| [%€$£] | \b(?: million | billion | trillion | percent | per\ cent | twice | most | least | best | worst |
    more\ than | less\ than | fewer | faster | slower | cheaper | larger | smaller | better | bigger | accura\w+ |
    outperform\w* | (?:fast|slow|cheap|larg|small|bigg|strong|weak|new|old|earli|great|high|low|long|short)est |
    licen[cs]\w* | trained | training\ data | dataset | benchmark\w* | released | founded | invented | announced
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)
FACT_RULE = "F7.fact"  # the id under which it is answered that such a sentence states nothing to look up
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


def stated_fact(text: str, names: Collection[str] = (), parties: Collection[str] = ()) -> str:
    """Return the words that make a sentence a statement of fact, whatever a checker calls it; empty if there are none.

    A number, price, superlative, comparison, licence, training or release word, or one of `parties`, the companies and
    institutions of the library. Words of the term's own `names` do not count.
    """
    own = {word.casefold() for name in names for word in name.split()}
    for found in STATED.finditer(text):
        if found[0].casefold().rstrip("s") not in own and found[0].casefold() not in own:
            return found[0]
    return next((party for party in parties if re.search(rf"(?<!\w){re.escape(party)}(?!\w)", text)), "")


def capitalised_runs(text: str, longest: int = 5) -> set[str]:
    """Return the runs of up to `longest` words that begin with a capital: what may be the name of somebody known."""
    words = re.findall(r"[\w.&’'-]*\w", text)
    return {
        " ".join(words[first:last])
        for first, word in enumerate(words)
        if word[:1].isupper()
        for last in range(first + 1, min(len(words), first + longest) + 1)
    }


def is_likely_explanation(line: Line, names: Collection[str] = ()) -> bool:
    """Return whether the line explains rather than states: such lines are offered for acceptance in one sweep."""
    return line.part in {Part.BODY, Part.EXAMPLE} and not fact_sign(line, names) and not time_word(line.text)
