"""The picture on top of an entity's page: what reads from the other end on the left, its own readings on the right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup, escape
from relgraph_web.pictures.style import ReadingStyle, TypeStyle
from relgraph_web.pictures.text import shortened, width, wrapped

KINDS: Final = 4
NAMES: Final = 7
_WIDTH: Final = 1120
_BOX: Final = 190
_LINE: Final = 22


@dataclass(frozen=True, slots=True)
class Leaf:
    """One name of a side: where it leads, how its type is drawn, and what stands behind it."""

    name: str
    address: str
    style: TypeStyle
    note: str = ""


@dataclass(frozen=True, slots=True)
class Branch:
    """One reading with the first of its names; ``total`` counts all of them."""

    reading: ReadingStyle
    leaves: Sequence[Leaf]
    total: int


@dataclass(frozen=True, slots=True)
class _Row:
    words: str
    family: str
    leaves: Sequence[Leaf]
    more: int
    anchor: str

    @property
    def lines(self) -> int:
        return len(self.leaves) + bool(self.more)


def butterfly(name: str, style: TypeStyle, left: Sequence[Branch], right: Sequence[Branch]) -> Markup:
    """Return the picture as SVG whose names are links; empty where there is nothing to draw."""
    if not left and not right:
        return Markup()
    sides = [_rows(left), _rows(right)]
    heights = [sum(row.lines * _LINE + 8 for row in rows) for rows in sides]
    height = max(90, *heights) + 16
    parts = [
        _side(rows, (height - tall) / 2 + 12, height / 2, to_right=bool(index))
        for index, (rows, tall) in enumerate(zip(sides, heights, strict=True))
    ]
    middle = _WIDTH / 2
    round_corner = 26 if style.shape == "ellipse" else 7
    lines = wrapped(name, _BOX - 20, 13)
    frame = (
        f'<rect class="bf-b k{style.color}" x="{middle - _BOX / 2}" y="{height / 2 - 26}" width="{_BOX}" height="52" '
        f'rx="{round_corner}"/>'
    )
    box = [
        f'<text class="bf-t" x="{middle}" y="{height / 2 + 5 + (index - (len(lines) - 1) / 2) * 16:.1f}" '
        f'text-anchor="middle">{escape(line)}</text>'
        for index, line in enumerate(lines)
    ]
    return Markup(  # noqa: S704 - every text in it is escaped
        f'<svg class="bfly" viewBox="0 0 {_WIDTH} {height:.0f}" width="{_WIDTH}" height="{height:.0f}" role="group" '
        f'aria-label="Nearest relations of {escape(name)}">{"".join(parts)}{frame}{"".join(box)}</svg>'
    )


def _rows(branches: Sequence[Branch]) -> list[_Row]:
    shown = branches[:KINDS]
    room = NAMES
    rows = []
    for index, one in enumerate(shown):
        count = max(1, min(len(one.leaves), room // max(1, len(shown) - index)))
        room -= count
        leaves = one.leaves[:count]
        rows.append(_Row(one.reading.words, one.reading.family, leaves, one.total - len(leaves), one.reading.name))
    rest = branches[KINDS:]
    if rest:
        kinds = "1 other kind" if len(rest) == 1 else f"{len(rest)} other kinds"
        rows.append(_Row(kinds, "other", (), sum(one.total for one in rest), rest[0].reading.name))
    return rows


def _side(rows: Sequence[_Row], top: float, center: float, *, to_right: bool) -> str:
    sign = 1 if to_right else -1
    edge = _WIDTH / 2 + _BOX / 2 * sign
    x = _WIDTH / 2 + (_BOX / 2 + 160) * sign
    bar = x - 14 * sign
    anchor = "start" if to_right else "end"
    place: Callable[[float], float] = lambda offset: x + offset * sign  # noqa: E731 - a formula used five times
    curves, out = [], []
    for row in rows:
        ys = [top + _LINE * index for index in range(row.lines)]
        middle = (ys[0] + ys[-1]) / 2
        bend = (edge + bar) / 2
        # every curve lies under every word
        curves.append(
            f'<path class="bf f-{row.family}" d="M{edge:.0f} {center:.0f}C{bend:.0f} {center:.0f} {bend:.0f} '
            f'{middle:.0f} {bar:.0f} {middle:.0f}M{bar:.0f} {ys[0]:.0f}V{ys[-1]:.0f}"/>'
        )
        for leaf, y in zip(row.leaves, ys, strict=False):
            note = f'<tspan class="bf-s"> {escape(leaf.note)}</tspan>' if leaf.note else ""
            out.append(
                f'<path class="bf f-{row.family}" d="M{bar:.0f} {y:.0f}H{x:.0f}"/><a href="{escape(leaf.address)}">'
                f"<title>{escape(leaf.name)}, {escape(leaf.style.label)}</title>"
                f'<circle class="m{leaf.style.color}" cx="{place(6):.0f}" cy="{y:.0f}" r="6"/>'
                f'<text class="bf-n" x="{place(18):.0f}" y="{y + 4:.0f}" text-anchor="{anchor}">'
                f"{escape(shortened(leaf.name, 34))}{note}</text></a>"
            )
        if row.more:
            out.append(
                f'<path class="bf f-{row.family}" d="M{bar:.0f} {ys[-1]:.0f}H{x:.0f}"/>'
                f'<a href="#g-{escape(row.anchor)}">'
                f'<text class="bf-s" x="{place(4):.0f}" y="{ys[-1] + 4:.0f}" text-anchor="{anchor}">'
                f"+{row.more:,} more</text></a>"
            )
        room = width(row.words, 12) + 12
        out.append(
            f'<rect class="bf-p" x="{bar - room if to_right else bar:.0f}" y="{middle - 9:.0f}" width="{room:.0f}" '
            f'height="18"/><text class="bf-w t-{row.family}" x="{bar - 6 * sign:.0f}" y="{middle + 4:.0f}" '
            f'text-anchor="{"end" if to_right else "start"}">{escape(row.words)}</text>'
        )
        top = ys[-1] + 30
    return "".join([*curves, *out])
