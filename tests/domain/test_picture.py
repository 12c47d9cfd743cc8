"""The picture that goes with a link."""

import io
from pathlib import Path

import pytest
from PIL import Image

from glossary.domain.picture import CARD, INK, SIZE, draw_picture, drawable

FONT = str(Path(__file__).resolve().parents[2] / "static" / "glossary" / "fonts" / "deck-serif.woff2")
NAMES = ["C", "C++", "Qwen2", "Retrieval-augmented generation", "W" * 120, "word " * 24, "-" * 120, "é ü ñ", " "]


def picture(name):
    made = draw_picture(name, site="Daily Deck", note="Free", font=FONT)
    return Image.open(io.BytesIO(made)).convert("RGB")


def inked(image, box):
    """Return how many dots of a part of the picture have the ink's own colour."""
    ink = tuple(int(INK[place : place + 2], 16) for place in (1, 3, 5))
    return sum(count for count, colour in image.crop(box).getcolors(maxcolors=1_000_000) if colour == ink)


@pytest.mark.parametrize("name", NAMES)
def test_every_name_stays_on_the_card(name):
    image = picture(name)
    assert image.size == SIZE
    left, top, right, bottom = CARD
    outside = [(0, 0, left, SIZE[1]), (right, 0, *SIZE), (0, 0, SIZE[0], top), (0, bottom, *SIZE)]
    assert [inked(image, box) for box in outside] == [0, 0, 0, 0]
    assert inked(image, (left, top, right - 20, bottom)) > 100
    assert inked(image, (right - 55, top, right, bottom)) == 0


def test_a_name_with_letters_that_the_face_lacks_gives_way_to_the_site():
    assert drawable("Qwen2", FONT) and not drawable("神经网络", FONT)
    assert picture("神经网络").tobytes() == picture("Daily Deck").tobytes()


def test_two_names_make_two_pictures_and_one_name_always_the_same():
    assert picture("Qwen2").tobytes() == picture("Qwen2").tobytes() != picture("Qwen3").tobytes()
