"""The charset of a page that came from anywhere: what its server or the page itself says, if that can be believed."""

import codecs
import re

CHARSET = r"charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([\w.:-]{1,40})"
NAMED_CHARSET = re.compile(CHARSET, re.IGNORECASE | re.ASCII)
META_CHARSET = re.compile(rf"<meta\b[^>]{{0,500}}?{CHARSET}", re.IGNORECASE | re.ASCII)
CHARSETS = re.compile(
    r"utf-(?:8|16(?:-[bl]e)?)|cp(?:125\d|866|874|932|949|950)|iso8859-\d+|koi8-[ru]|mac-roman|gb18030|gbk|"
    r"big5(?:hkscs)?|shift_jis|euc_(?:jp|kr)|iso2022_jp"
)
WIDER = {"ascii": "cp1252", "iso8859-1": "cp1252", "gb2312": "gb18030", "gbk": "gb18030"}  # as browsers read them
MARKED = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def decoded(body: bytes, content_type: str) -> str:
    """Return the words of a page, read by its byte-order mark, the charset in `content_type`, or its own <meta>.

    Only charsets in which pages are written are believed; without one it is UTF-8, or windows-1252 where that fails.
    Never raises: what does not fit becomes U+FFFD.
    """
    for mark, charset in MARKED:
        if body.startswith(mark):
            return body.decode(charset, errors="replace")
    said = NAMED_CHARSET.search(content_type)
    meta = META_CHARSET.search(body[:4096].decode("latin-1"))
    charset = _charset(said[1]) if said else ""
    if not charset and meta:
        charset = _charset(meta[1]).replace("utf-16", "utf-8")  # a page in UTF-16 could not have been read so far
    if charset:
        return body.decode(charset, errors="replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("cp1252", errors="replace")


def _charset(name: str) -> str:
    """Return Python's name of a charset that pages are written in, or nothing."""
    try:
        found = codecs.lookup(name).name
    except LookupError:
        return ""
    found = WIDER.get(found, found)
    return found if CHARSETS.fullmatch(found) else ""
