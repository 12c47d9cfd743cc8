"""Strings that disturb searches, databases and pages: 24 families, for every door that takes a query."""

OPERATORS = [
    "AND",
    "OR",
    "NOT",
    "NEAR",
    "NEAR(a b)",
    "NEAR(a b, 5)",
    "a AND",
    "OR b",
    "NOT c",
    "a AND NOT b",
    "(a",
    "a)",
    "()",
]
FTS5 = [
    '"',
    '""',
    '"a',
    'a"',
    "'",
    "''",
    "*",
    "a*",
    "*a",
    "a**",
    "^a",
    "a^",
    "names : a",
    "names:",
    "{names} : a",
    "- a",
    "-a",
    "+a",
    "a + b",
    "a:b",
]
TSQUERY = [
    "&",
    "|",
    "!",
    "a & b",
    "a | b",
    "!a",
    "a <-> b",
    "<2>",
    "a:*",
    "a:A",
    ":*",
    "'a",
    "a'b",
    "a\\",
    "\\'",
    "\\\\",
    "a:*B & !c",
]
SQL = [
    "' OR 1=1 --",
    "'; DROP TABLE glossary_term; --",
    "%",
    "_",
    "%%",
    "%s",
    "%(a)s",
    "?",
    "1;2",
    "/* */",
    "--",
    "||",
    "$1",
    "__in",
    "_connector",
]
CONTROL = [chr(code) for code in (*range(0, 32), *range(127, 160))]
SURROGATES = ["\ud800", "\udfff", "a\ud800b", "\udc00\ud800", "\ud83d"]
PRIVATE = ["\ue000", "\U000f0000", "\U0010ffff", "\ufdd0", "\uffff", "\ufffe"]
BIDI = [f"a{mark}b" for mark in "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"]
RIGHT_TO_LEFT = ["مصطلح", "עברית", "ا" * 200, "שלום world", "١٢٣", "\u202eabc\u202c"]
INVISIBLE = [f"a{mark}b" for mark in "\u00ad\u200b\u200c\u200d\u2060\ufeff\u034f\u180e\ufe0f\U000e0041"] + [
    "\u200b" * 50
]
MARKS = ["e" + "\u0301" * 1_000, "\u0301", "\u0301\u0302", "Z\u0351\u036b\u0343algo", "é", "e\u0301", "क्षि", "ก็"]
WIDE = ["ＡＢＣ", "ﬁne", "ﷺ", "ﷺ" * 120, "㎏", "½", "x²", "Ⅷ", "①", "ℂ", "K", "ſ", "ß", "İ", "ı", "ς", "µ", "ŉ", "ǆ"]
LOOKALIKES = ["АI", "о", "Ꭺ", "ο", "раура", "𝐀𝐈", "𝒬wen2"]
EMOJI = ["😀", "👩‍👩‍👧", "🇩🇪", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "😀" * 120]
SCRIPTS = ["神经网络", "ニューラル", "신경망", "нейросеть", "νευρωνικό", "ប្រព័ន្ធ", "தமிழ்", "ᠮᠣᠩᠭᠣᠯ", "𐍈𐌰", "𒀀"]
DASHES = [f"a{dash}b" for dash in "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"] + ["-", "---", "—"]
QUOTES = ["“a”", "‘a’", "«a»", "`a`", "a´", "„a“", "＂a＂"]
MARKUP = [
    "<b>",
    "</title>",
    "<script>alert(1)</script>",
    "&amp;",
    "&#0;",
    "{{ x }}",
    "{% x %}",
    "{0}",
    "${x}",
    "]]>",
    "<!--",
    "javascript:1",
]
PATHS = ["../..", "/etc/passwd", "C:\\con", "//host", "\\\\host", "a/b", "?q=a", "#a", "a&q=b", "a=b"]
REGEX = ["(a+)+$", "[", "]", "a{9}", ".*", "^$", "\\d", "(?i)", "[[:alpha:]]", "a" * 100 + "!"]
LONG = [
    "a" * 121,
    "a" * 5_000,
    "a " * 5_000,
    " " * 5_000,
    "<" * 5_000,
    "(" * 5_000,
    "&" * 5_000,
    "\u0301" * 5_000,
    "1" * 5_000,
]
NUMBERS = ["0", "-0", "1e309", "NaN", "inf", "0x10", "1_000", "٣", "9" * 30, "2.5", "3.", ".5", "1e5", "4bit"]
SIGNS = [
    "C++",
    "C#",
    ".NET",
    "F#",
    "A*",
    "R&D",
    "TCP/IP",
    "μP",
    "@",
    "##",
    "++",
    "...",
    ". . .",
    "a.b.c",
    "…",
    "∞",
    "→",
]
LINES = [
    "a\nb",
    "a\r\nb",
    "\n",
    "\t",
    "a\tb",
    "a\x0bb",
    "a\u2028b",
    "a\u2029b",
    "a\x85b",
    "\u00a0",
    "\u3000",
    "=1+1",
    "@sum",
]

HOSTILE = [
    text
    for family in (
        [OPERATORS, FTS5, TSQUERY, SQL, CONTROL, SURROGATES, PRIVATE, BIDI, RIGHT_TO_LEFT, INVISIBLE, MARKS, WIDE]
        + [LOOKALIKES, EMOJI, SCRIPTS, DASHES, QUOTES, MARKUP, PATHS, REGEX, LONG, NUMBERS, SIGNS, LINES]
    )
    for text in family
]
