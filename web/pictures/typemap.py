"""The map of types: the types that are in use round a circle, and between them the predicates that join them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

from markupsafe import Markup, escape
from relgraph_web.pictures.style import Styles
from relgraph_web.pictures.text import width

from relgraph import Relation, Vocabulary

_LOOP = 24
"""How far the loop of a type that is joined to itself may stand out on top."""
_MOST = 18
Pairs = dict[tuple[str, str], dict[str, int]]


def type_map(
    words: Vocabulary,
    styles: Styles,
    entities: Mapping[str, int],
    pairs: Mapping[tuple[str, str], Mapping[str, int]],
    address: Callable[[str], str],
) -> Markup:
    """Return the map as SVG.

    ``pairs`` says for two types (in the order of their names) how many relations of each predicate join them; a
    line's width grows with their number.
    """
    used = sorted((name for name in words.types if entities.get(name)), key=lambda name: (-entities[name], name))[
        :_MOST
    ]
    if len(used) < 2:
        return Markup()
    found = {
        pair: (sum(counts.values()), sorted(counts, key=lambda name: (-counts[name], name)))
        for pair, counts in pairs.items()
        if pair[0] in used and pair[1] in used
    }
    order = _order(used, found)
    wide, high = 1120, 520
    place = {
        name: (
            wide / 2 + (wide / 2 - 190) * math.sin(2 * math.pi * index / len(order)),
            high / 2 - (high / 2 - 46) * math.cos(2 * math.pi * index / len(order)),
        )
        for index, name in enumerate(order)
    }
    most = max((count for count, _ in found.values()), default=1)
    out = []
    for (one, other), (count, names) in sorted(found.items()):
        said = ", ".join(styles.reading(name).words for name in names[:6]) + (" and more" if len(names) > 6 else "")
        thick = 1 + 6 * math.sqrt(count / most)
        family = styles.reading(names[0]).family
        (x, y), (u, v) = place[one], place[other]
        title = f"{styles.type(one).label} and {styles.type(other).label}: {said}"
        if one == other:
            out.append(
                f'<path class="tmap f-{family}" stroke-width="{thick:.1f}" '
                f'd="M{x - 8:.0f} {y - 12:.0f}c-26 -44 42 -44 16 0">'
                f"<title>{escape(title)}</title></path>"
            )
            continue
        # bent towards the middle, so that lines between neighbors do not lie on the circle
        cx, cy = (x + u) / 2 * 0.6 + wide / 2 * 0.4, (y + v) / 2 * 0.6 + high / 2 * 0.4
        out.append(
            f'<path class="tmap f-{family}" stroke-width="{thick:.1f}" '
            f'd="M{x:.0f} {y:.0f}Q{cx:.0f} {cy:.0f} {u:.0f} {v:.0f}">'
            f"<title>{escape(title)}</title></path>"
        )
    for name in order:
        x, y = place[name]
        style = styles.type(name)
        text = f"{style.plural} {entities[name]:,}"
        side = 1 if x > wide / 2 - 1 else -1
        room = width(text, 13, bold=True)
        anchor = "start" if side == 1 else "end"
        tx, ty = x + 18 * side, y + 5
        left = tx if side == 1 else tx - room
        out.append(
            f'<a href="{escape(address(name))}"><rect class="bf-p" x="{left - 4:.0f}" y="{ty - 14:.0f}" '
            f'width="{room + 8:.0f}" height="19" rx="3"/>'
            f'<circle class="m{style.color}" cx="{x:.0f}" cy="{y:.0f}" r="11"/>'
            f'<text class="tmap-t" x="{tx:.0f}" y="{ty:.0f}" text-anchor="{anchor}">{escape(text)}</text></a>'
        )
    return Markup(  # noqa: S704 - every text in it is escaped
        f'<svg class="bfly" viewBox="0 {-_LOOP} {wide} {high + _LOOP}" width="{wide}" height="{high + _LOOP}" '
        f'role="group" '
        f'aria-label="Types in use and the predicates between them">{"".join(out)}</svg>'
    )


def possible_pairs(words: Vocabulary, used: Sequence[str], relations: Mapping[str, int]) -> Pairs:
    """Return which types the predicates in use may join, as the vocabulary says, with the relations of all of them."""
    found: Pairs = {}
    for name, count in relations.items():
        predicate = words.predicates.get(name)
        if not count or predicate is None or not (predicate.between or (predicate.subject and predicate.object)):
            # what may join anything would join everything
            continue
        for one in used:
            for other in used:
                if words.allows(name, one, other):
                    found.setdefault((min(one, other), max(one, other)), {})[name] = count
    return found


def told_pairs(relations: Iterable[Relation]) -> Pairs:
    """Return which types relations join, with how many there are of each predicate."""
    found: Pairs = {}
    for relation in relations:
        one, other = sorted((relation.subject.type, relation.object.type))
        counts = found.setdefault((one, other), {})
        counts[relation.predicate] = counts.get(relation.predicate, 0) + 1
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
