"""The picture that goes with a link to a page (Open Graph): the name, the site and the seven pips, nothing that dates.

Drawn with Pillow in the site's own face. It has the headword only: a picture lives on in other places for years, so it
shows no date and no sentence that could go stale there.
"""

import io
import re
import unicodedata
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

SIZE = (1200, 630)  # pixels, the shape that social sites cut to
PAPER, SHEET, INK, SOFT, LINE, ACT = "#f6f0e4", "#fffcf5", "#221c14", "#625846", "#dcd1bc", "#9b2d1a"
LARGEST, SMALLEST = 132, 44  # pixels of the name
LINES = 3
ROOM = (960, 330)  # pixels for the name
CARD = (60, 50, 1140, 580)
INSET = 60  # pixels from the card's edge to its words
PIPS = 7
LEADING = 1.08


def draw_picture(name: str, *, site: str, note: str, font: str) -> bytes:
    """Return a PNG of 1200 × 630 pixels with `name` large, `site` and `note` small; `font` is the face's file.

    A name that does not fit in three lines is cut with an ellipsis; one with letters that the face lacks (it has
    Latin) gives way to the site's name, as empty boxes help nobody.
    """
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if not drawable(name, font):
        name = site
    picture = Image.new("RGB", SIZE, PAPER)
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle(CARD, radius=28, fill=SHEET, outline=LINE, width=2)
    left, top, right, bottom = CARD
    for pip in range(PIPS):
        middle = left + INSET + 10 + pip * 34
        draw.ellipse((middle - 9, top + INSET - 9, middle + 9, top + INSET + 9), fill=ACT)
    size, lines = _fit(name, font)
    face = _face(font, size, weight=600)
    height = size * LEADING
    centre = top + INSET + 24 + (bottom - INSET - 60 - top - INSET - 24) / 2
    for row, line in enumerate(lines):
        above = centre + (row - (len(lines) - 1) / 2) * height
        draw.text((left + INSET, above), line, font=face, fill=INK, anchor="lm")
    small = _face(font, 34, weight=600)
    draw.text((left + INSET, bottom - INSET), site, font=small, fill=INK, anchor="ls")
    draw.text((right - INSET, bottom - INSET), note, font=_face(font, 30, weight=400), fill=SOFT, anchor="rs")
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def drawable(text: str, font: str) -> bool:
    """Return whether the face has a shape for every sign of the text."""
    face = _face(font, 40, weight=600)
    missing = bytes(face.getmask("\U0010fffd"))  # the face's own box for what it lacks
    return all(sign.isspace() or bytes(face.getmask(sign)) != missing for sign in set(text))


def _fit(name: str, font: str) -> tuple[int, list[str]]:
    """Return the largest size at which the name fits into its room with its words whole, and its lines."""
    for size in range(LARGEST, SMALLEST - 1, -8):
        face = _face(font, size, weight=600)
        lines = _wrap(name, face)
        whole = all(face.getlength(line) <= ROOM[0] for line in lines)
        if whole and len(lines) <= LINES and len(lines) * size * LEADING <= ROOM[1]:
            return size, lines
    face = _face(font, SMALLEST, weight=600)
    lines = _wrap(_broken(name, face), face)
    if len(lines) <= LINES:
        return SMALLEST, lines
    last = lines[LINES - 1]
    while face.getlength(last + "…") > ROOM[0]:
        last = last[:-1]
    return SMALLEST, [*lines[: LINES - 1], last.rstrip() + "…"]


def _wrap(name: str, face: ImageFont.FreeTypeFont) -> list[str]:
    """Return the name in lines, broken at spaces and after hyphens; a line of one long word may be too long."""
    lines = [""]
    for piece in re.findall(r"[^\s-]+-*\s*|-+\s*", name):
        if lines[-1] and face.getlength((lines[-1] + piece).rstrip()) > ROOM[0]:
            lines.append("")
        lines[-1] += piece
    return [line.rstrip() for line in lines]


def _broken(name: str, face: ImageFont.FreeTypeFont) -> str:
    """Return the name with its over-long words cut into pieces that fit a line."""
    words = []
    for word in name.split(" "):
        pieces = [""]
        for sign in word:
            if face.getlength(pieces[-1] + sign) > ROOM[0]:
                pieces.append("")
            pieces[-1] += sign
        words += pieces
    return " ".join(words)


@lru_cache(maxsize=64)
def _face(font: str, size: int, *, weight: int) -> ImageFont.FreeTypeFont:
    face = ImageFont.truetype(font, size)
    face.set_variation_by_axes([weight, min(48, max(20, size))])  # weight, optical size
    return face
