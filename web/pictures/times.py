"""Time in pictures: the bar of one relation, and the years in which relations began and ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date

from markupsafe import Markup, escape

from relgraph import Relation


def span_of(relations: Iterable[Relation], today: date) -> tuple[int, int]:
    """Return the first and last year that bars are drawn for."""
    years = [bound.year for one in relations for bound in (one.since, one.until) if bound is not None]
    first = max(min(years, default=today.year - 10), today.year - 80)
    return min(first, today.year - 5), max(today.year, min(max(years, default=today.year), today.year + 10))


def bar(relation: Relation, span: tuple[int, int]) -> Markup:
    """Return the period of a relation as a bar; open ends reach the edge."""
    first, last = span[0], span[1] + 1
    scale = 110 / max(1, last - first)

    def at(bound: date) -> float:
        return min(110.0, max(0.0, (bound.year + (bound.timetuple().tm_yday - 1) / 366 - first) * scale))

    begin = 0.0 if relation.since is None else at(relation.since.first)
    end = 110.0 if relation.until is None else at(relation.until.last)
    kind = " e" if relation.until is not None else ""
    said = f"{relation.since or 'open'} to {relation.until or 'open'}"
    return Markup(  # noqa: S704 - numbers, and dates that are escaped
        f'<svg class="bar-svg" viewBox="0 0 110 12" role="img" aria-label="{escape(said)}">'
        '<line class="tm-g" x1="0" x2="110" y1="6" y2="6"/>'
        f'<rect class="tm-b{kind}" x="{begin:.1f}" y="3" width="{max(2.0, end - begin):.1f}" height="6" rx="2"/></svg>'
    )


def timeline(relations: Sequence[Relation], today: date, link: Callable[[str], str]) -> Markup:
    """Return how many relations began and ended each year, as bars that lead to the end of that year."""
    began = Counter(one.since.year for one in relations if one.since is not None)
    ended = Counter(one.until.year for one in relations if one.until is not None)
    if not began and not ended:
        return Markup()
    first, last = span_of(relations, today)
    most = max(began[year] + ended[year] for year in range(first, last + 1)) or 1
    step = 7
    parts = []
    for year in range(first, last + 1):
        x, up, down = (year - first) * step, began[year] / most * 44, ended[year] / most * 44
        if began[year] or ended[year]:
            said = f"As of the end of {year}: {began[year]} began, {ended[year]} ended"
            parts.append(
                f'<a href="{escape(link(f"{year}-12-31"))}" aria-label="{said}"><title>{said}</title>'
                f'<rect class="tm-h" x="{x}" y="0" width="{step}" height="60"/>'
                f'<rect class="tm-b" x="{x + 1}" y="{46 - up:.1f}" width="5" height="{up:.1f}"/>'
                f'<rect class="tm-b e" x="{x + 1}" y="{46 - up - down:.1f}" width="5" height="{down:.1f}"/></a>'
            )
        if year % 10 == 0 and first + 1 < year < last - 1:
            parts.append(f'<text class="tm-t" x="{x + 3}" y="58" text-anchor="middle">{year}</text>')
    wide = (last - first + 1) * step
    return Markup(  # noqa: S704 - numbers, and addresses that are escaped
        f'<svg class="tline" viewBox="0 0 {wide} 60" width="{min(wide * 2, 600)}" role="group" '
        f'aria-label="Years in which relations began and ended"><line class="tm-g" x1="0" x2="{wide}" y1="46" y2="46"/>'
        f"{''.join(parts)}</svg>"
    )
