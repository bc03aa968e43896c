"""A bar chart of an answer."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape
from relgraph_web.pictures.text import shortened, width

_ROW = 26


def bars(title: str, values: Sequence[tuple[str, float, str]]) -> Markup:
    """Return horizontal bars, each with its name and its value as it is to be read; empty where there is nothing."""
    if not values:
        return Markup()
    most = max((abs(value) for _, value, _ in values), default=0) or 1
    left = min(300.0, max(width(shortened(name, 36), 13) for name, _, _ in values) + 12)
    wide, room = 900, 900 - left - 110
    out = []
    for index, (name, value, said) in enumerate(values):
        y = index * _ROW
        long = max(1.0, abs(value) / most * room)
        out.append(
            f'<text class="ch-n" x="{left - 8:.0f}" y="{y + 17}" text-anchor="end">{escape(shortened(name, 36))}</text>'
            f'<rect class="vbar" x="{left:.0f}" y="{y + 4}" width="{long:.1f}" height="{_ROW - 8}" rx="2"/>'
            f'<text class="ch-v" x="{left + long + 6:.0f}" y="{y + 17}">{escape(said)}</text>'
        )
    high = len(values) * _ROW
    return Markup(  # noqa: S704 - every text in it is escaped
        f'<svg class="chart" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}" role="img" '
        f'aria-label="{escape(title)} as bars">{"".join(out)}</svg>'
    )
