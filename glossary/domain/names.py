"""Names: cleaning what people type, the keys under which names are found, slugs and letters."""

import re
import unicodedata

from glossary.domain.errors import BadText

MAX_NAME = 120  # characters of a headword or alias
MAX_SLUG = 100  # characters

BIDI_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Default_Ignorable_Code_Point of Unicode 15 (DerivedCoreProperties.txt), the ranges that text from elsewhere carries
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
PASTE_DUST = re.compile("[\u00ad\u200b\u2060\ufeff]")  # comes along when text is copied from a web page; means nothing
DASHES = re.compile("[\u2010-\u2015\u2043\u2212\ufe58\ufe63\uff0d]")
APOSTROPHES = re.compile("[\u2018\u2019\u02bc\uff07]")
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")

# Before Django's slugify a sign that tells two names apart becomes a word; slugify alone makes "c" of C, C++ and C#.
SLUG_SIGNS = (
    (re.compile(r"(?<=\w)\+\+"), " plus plus "),
    (re.compile(r"\+"), " plus "),
    (re.compile(r"(?<=\w)#"), " sharp "),
    (re.compile(r"#"), " hash "),
    (re.compile(r"&"), " and "),
    (re.compile(r"@"), " at "),
    (re.compile(r"%"), " percent "),
    (re.compile(r"(?:^|(?<=\s))\.(?=\w)"), "dot "),
    (re.compile(r"(?<=\d)\.(?=\d)"), "-"),
    (re.compile(r"[/.,:;_·]"), " "),
    (re.compile("∞"), " infinity "),
)
SLUG_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th"}
    | dict(
        zip(
            "αβγδεζηθικλμνξοπρςστυφχψω",
            [
                "alpha",
                "beta",
                "gamma",
                "delta",
                "epsilon",
                "zeta",
                "eta",
                "theta",
                "iota",
                "kappa",
                "lambda",
                "mu",
                "nu",
                "xi",
                "omicron",
                "pi",
                "rho",
                "sigma",
                "sigma",
                "tau",
                "upsilon",
                "phi",
                "chi",
                "psi",
                "omega",
            ],
            strict=True,
        )
    )
)


def clean_line(text: str, *, limit: int, what: str) -> str:
    """Return `text` as one line: NFC, white space folded, trimmed.

    `limit` is in characters and `what` names the field in messages ("The headword"). Raises BadText for a character
    that cannot be stored or seen, or for a text over the limit. clean_line(clean_line(x)) == clean_line(x).
    """
    line = " ".join(_storable(text, limit=limit, what=what).split())
    if found := INVISIBLE.search(line):
        raise BadText(
            f"{what} contains an invisible character ({_described(found[0])}) after “{line[: found.start()][-20:]}”. "
            "Delete it, or type the text anew."
        )
    return line


def clean_text(text: str, *, limit: int, what: str) -> str:
    """Return `text` with Unix line ends, NFC, no trailing blanks and at most one blank line in a row.

    Zero-width spaces, soft hyphens and byte-order marks, which copying from a web page brings along, are dropped.
    Raises BadText as clean_line does.
    """
    text = _storable(text, limit=limit, what=what)
    lines = [PASTE_DUST.sub("", line).rstrip() for line in re.split(r"\r\n|[\r\n\u2028\u2029]", text)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def squeezed_key(name: str) -> str:
    """Return the key under which a name is found by address, search and collision guard.

    "Qwen 2", "qwen-2" and "QWEN2" share one key; "C", "C++" and "C#" do not. The order of the steps follows
    UTS #39 and Unicode's NFKC_Casefold: drop what cannot be seen, fold, then fold the folded once more.
    """
    name = INVISIBLE.sub("", name)
    name = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    name = APOSTROPHES.sub("'", DASHES.sub("-", name))
    return re.sub(r"[\s_-]+", "", name) or name.strip()


def slug_for(name: str) -> str:
    """Return a lower-case address part for `name`: never empty, and telling C, C++, C#, .NET and GPT-4.1 apart.

    A letter without an ASCII form is written as its code point ("u795e"), so that no two names fall together by loss.
    """
    text = APOSTROPHES.sub("", DASHES.sub("-", unicodedata.normalize("NFC", INVISIBLE.sub("", name))))
    for sign, word in SLUG_SIGNS:
        text = sign.sub(word, text)
    text = unicodedata.normalize("NFKD", text.casefold().translate(SLUG_LETTERS))
    text = text.casefold().translate(SLUG_LETTERS)  # once more: what was decomposed may be capitals
    parts = "".join(_slug_piece(character) for character in text)
    slug = re.sub(r"-{2,}", "-", re.sub(r"[\s_]+", "-", parts)).strip("-")
    if not slug:
        slug = "-".join(f"u{ord(character):x}" for character in name.strip()[:12]) or "term"
    return slug[:MAX_SLUG].strip("-")


def is_slug(text: str) -> bool:
    """Return whether `text` may stand in an address as it is."""
    return len(text) <= MAX_SLUG and SLUG.fullmatch(text) is not None


def sort_key(name: str) -> str:
    """Return the key by which A-Z lists sort: accents with their letter, case and leading signs ignored."""
    bare = DASHES.sub("-", _without_marks(name))
    return (bare.lstrip("".join(sorted({c for c in bare if not c.isalnum()}))) or bare)[:MAX_NAME]


def letter_of(name: str) -> str:
    """Return the shelf of a name in the A-Z list: "A" to "Z", or "#" for digits, signs and other scripts."""
    first = _without_marks(name)[:1].upper()
    return first if "A" <= first <= "Z" else "#"


def _storable(text: str, *, limit: int, what: str) -> str:
    if len(text) > limit:
        raise BadText(f"{what} has {len(text):,} characters; at most {limit:,} fit.")
    for place, character in enumerate(text):
        category = unicodedata.category(character)
        unseen = category in {"Cc", "Cs", "Co", "Cn"} and character not in "\t\n\r"
        if unseen or character in BIDI_CONTROLS:
            raise BadText(
                f"{what} contains a character that cannot be used ({_described(character)}), "
                f"{place + 1:,} characters from its start. Delete it, or type the text anew."
            )
    return unicodedata.normalize("NFC", text)


def _described(character: str) -> str:
    name = unicodedata.name(character, "control or private character").lower()
    return f"U+{ord(character):04X}, {name}"


def _without_marks(name: str) -> str:
    """Return a name in small letters without their marks: “Łódź” is sorted as “lodz”."""
    decomposed = unicodedata.normalize("NFKD", INVISIBLE.sub("", name).strip())
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold().translate(SLUG_LETTERS)


def _slug_piece(character: str) -> str:
    if character.isascii():
        if character == "'":
            return ""
        return character if character.isalnum() else " "
    if unicodedata.combining(character):
        return ""
    return f" u{ord(character):x} " if character.isalnum() else " "
