"""The colors of the pages: words can be read on every ground, shapes be told from it, in light and dark."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

SHEET = (Path(__file__).parents[2] / "web" / "static" / "app.css").read_text(encoding="utf-8")
BEGINNING, REST = SHEET.split("@media (prefers-color-scheme: dark)", 1)
FAMILIES = ("own", "work", "people", "money", "supply", "other")
WORDS = ("ink", "ink2", "link", "bad", "warn", "good", *(f"w-{one}" for one in FAMILIES))
SHAPES = ("line-strong", "focus", "ended", *(f"t{one}" for one in range(1, 8)), *(f"f-{one}" for one in FAMILIES))
GROUNDS = ("bg", "panel", "raise", "accent-weak", "bad-weak", "warn-weak", "good-weak")


def colors(sheet: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", sheet))


LIGHT = colors(BEGINNING)
DARK = LIGHT | colors(REST.split("color-scheme: dark", 1)[0])


def luminance(color: str) -> float:
    digits = color[1:] if len(color) == 7 else "".join(one * 2 for one in color[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#fff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])
def test_words_are_read_on_every_ground(look: dict[str, str]) -> None:
    told = [
        (word, ground, round(contrast(look[word], look[ground]), 2))
        for word, ground in [*product(WORDS, GROUNDS), ("on-accent", "accent")]
        if contrast(look[word], look[ground]) < 4.5
    ]
    assert not told


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])
def test_shapes_are_told_from_what_is_behind_them(look: dict[str, str]) -> None:
    told = [
        (shape, ground, round(contrast(look[shape], look[ground]), 2))
        for shape, ground in product(SHAPES, ("bg", "panel", "raise"))
        if contrast(look[shape], look[ground]) < 3
    ]
    assert not told
