"""Draws the icons that phones keep, from the numbers of icon.svg: `python -m tests.icons` writes them anew."""

from pathlib import Path

from PIL import Image, ImageDraw

FOLDER = Path(__file__).resolve().parent.parent / "static" / "glossary"
PAPER, SHEET, ACT = "#f6f0e4", "#fffcf5", "#9b2d1a"
PIPS = [(11, 8.5), (21, 8.5), (16, 12.2), (11, 16), (21, 16), (11, 23.5), (21, 23.5)]
COLOURS = 64  # three, and what lies between them at the edges
GRAIN = 8  # drawn that much larger, then made smaller, for smooth edges


def draw(size: int, *, ground: str | None, shrink: float = 1.0) -> Image.Image:
    """Return the card with seven pips, `size` pixels square; `shrink` leaves room for a mask that cuts the edges."""
    side = size * GRAIN
    unit = side / 32 * shrink
    off = side * (1 - shrink) / 2
    picture = Image.new("RGBA", (side, side), ground or (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    box = [off + value * unit for value in (5, 2, 27, 30)]
    pen.rounded_rectangle(box, radius=3.5 * unit, fill=SHEET, outline=ACT, width=round(2 * unit))
    for x, y in PIPS:
        across, down, radius = off + x * unit, off + y * unit, 2.1 * unit
        pen.ellipse([across - radius, down - radius, across + radius, down + radius], ACT)
    return picture.resize((size, size), Image.Resampling.LANCZOS)


ICONS = {
    "icon-180.png": lambda: draw(180, ground=PAPER, shrink=0.86).convert("RGB"),
    "icon-192.png": lambda: draw(192, ground=None),
    "icon-512.png": lambda: draw(512, ground=None),
    "icon-mask.png": lambda: draw(512, ground=PAPER, shrink=0.68).convert("RGB"),
}

if __name__ == "__main__":
    for name, make in ICONS.items():
        few = make().quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        few.save(FOLDER / name, optimize=True)
