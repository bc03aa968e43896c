"""The map of types: the types that are in use round a circle, and between them the predicates that join them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from markupsafe import Markup, escape

from relgraph import Vocabulary
from relgraph_web.pictures.style import Styles
from relgraph_web.pictures.text import width

_MOST = 18


def type_map(
    words: Vocabulary,
    styles: Styles,
    entities: Mapping[str, int],
    relations: Mapping[str, int],
    address: Callable[[str], str],
) -> Markup:
    """Return the map as SVG; a line's width grows with how many relations could run along it."""
    used = sorted((name for name in words.types if entities.get(name)), key=lambda name: (-entities[name], name))[
        :_MOST
    ]
    if len(used) < 2:
        return Markup()
    pairs = _pairs(words, used, relations)
    order = _order(used, pairs)
    wide, high = 1120, 520
    place = {
        name: (
            wide / 2 + (wide / 2 - 190) * math.sin(2 * math.pi * index / len(order)),
            high / 2 - (high / 2 - 46) * math.cos(2 * math.pi * index / len(order)),
        )
        for index, name in enumerate(order)
    }
    most = max((count for count, _ in pairs.values()), default=1)
    out = []
    for (one, other), (count, names) in sorted(pairs.items()):
        said = ", ".join(styles.reading(name).words for name in names[:6]) + (" and more" if len(names) > 6 else "")
        thick = 1 + 6 * math.sqrt(count / most)
        family = styles.reading(names[0]).family
        (x, y), (u, v) = place[one], place[other]
        title = f"{styles.type(one).label} and {styles.type(other).label}: {said}"
        if one == other:
            out.append(
                f'<path class="tmap f-{family}" stroke-width="{thick:.1f}" d="M{x - 8:.0f} {y - 12:.0f}c-26 -44 42 -44 16 0">'
                f"<title>{escape(title)}</title></path>"
            )
            continue
        # bent towards the middle, so that lines between neighbors do not lie on the circle
        cx, cy = (x + u) / 2 * 0.6 + wide / 2 * 0.4, (y + v) / 2 * 0.6 + high / 2 * 0.4
        out.append(
            f'<path class="tmap f-{family}" stroke-width="{thick:.1f}" d="M{x:.0f} {y:.0f}Q{cx:.0f} {cy:.0f} {u:.0f} {v:.0f}">'
            f"<title>{escape(title)}</title></path>"
        )
    for name in order:
        x, y = place[name]
        style = styles.type(name)
        text = f"{style.plural} {entities[name]:,}"
        side = 1 if x > wide / 2 + 1 else -1 if x < wide / 2 - 1 else 0
        room = width(text, 13, bold=True)
        anchor = {1: "start", -1: "end", 0: "middle"}[side]
        tx, ty = (x + 18 * side, y + 5) if side else (x, y + (30 if y > high / 2 else -20))
        left = tx if side == 1 else tx - room if side == -1 else tx - room / 2
        out.append(
            f'<a href="{escape(address(name))}"><rect class="bf-p" x="{left - 4:.0f}" y="{ty - 14:.0f}" width="{room + 8:.0f}" height="19" rx="3"/>'
            f'<circle class="m{style.color}" cx="{x:.0f}" cy="{y:.0f}" r="11"/>'
            f'<text class="tmap-t" x="{tx:.0f}" y="{ty:.0f}" text-anchor="{anchor}">{escape(text)}</text></a>'
        )
    return Markup(  # noqa: S704 - every text in it is escaped
        f'<svg class="bfly" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}" role="group" '
        f'aria-label="Types in use and the predicates between them">{"".join(out)}</svg>'
    )


def _pairs(
    words: Vocabulary, used: list[str], relations: Mapping[str, int]
) -> dict[tuple[str, str], tuple[int, list[str]]]:
    found: dict[tuple[str, str], tuple[int, list[str]]] = {}
    for name in sorted(words.predicates, key=lambda one: -relations.get(one, 0)):
        if not relations.get(name):
            continue
        predicate = words.predicates[name]
        if not predicate.between and not (predicate.subject and predicate.object):
            # what may join anything would join everything
            continue
        for one in used:
            for other in used:
                if words.allows(name, one, other):
                    key = (min(one, other), max(one, other))
                    count, names = found.get(key, (0, []))
                    found[key] = count + relations[name], names if name in names else [*names, name]
    return found


def _order(used: list[str], pairs: Mapping[tuple[str, str], tuple[int, list[str]]]) -> list[str]:
    """Return the types so that each stands beside one that it is joined to where that can be."""
    order = [used[0]]
    rest = used[1:]
    while rest:
        last = order[-1]
        best = max(rest, key=lambda one: (pairs.get((min(one, last), max(one, last)), (0, []))[0], -used.index(one)))
        order.append(best)
        rest.remove(best)
    return order
