"""Derived predicates: what they are computed from exists, and its ends fit together."""

from __future__ import annotations

from collections.abc import Iterator

from relgraph.errors import VocabularyError
from relgraph.vocabulary import keys
from relgraph.vocabulary.check_names import Path, fault, unknown
from relgraph.vocabulary.ends import meet, reading_ends
from relgraph.vocabulary.model import Derived, Vocabulary

LONGEST_PATH = 50
"""Stored predicates that a path may follow one after the other, those of the paths within it counted."""


def derived_faults(vocabulary: Vocabulary) -> Iterator[VocabularyError]:
    """Yield what is wrong with the derived predicates."""
    # first names win over inverses, for a document may still have both the same
    names = {one.inverse: one for one in vocabulary.derived.values()} | dict(vocabulary.derived)
    circles = {one.name: _circle(one, names) for one in vocabulary.derived.values()}
    lengths = _lengths(names, circles)
    for one in vocabulary.derived.values():
        path: Path = ("derived", one.name)
        if (one.over is None) == (not one.path):
            ways = "over one reading, or along a path"
            yield fault(path, f"it must be computed {ways}", hint="write either over: or path:")
        elif one.over is not None:
            yield from _over_faults(vocabulary, one, path)
        elif circles[one.name]:
            yield fault((*path, "path"), f"this goes in a circle: {' from '.join(circles[one.name])}")
        elif lengths[one.name] > LONGEST_PATH:
            message = (
                f"this path has {lengths[one.name]:,} steps with those of the paths in it, more than {LONGEST_PATH}"
            )
            yield fault((*path, "path"), message)
        elif not any(circles[names[step].name] for step in one.path if step in names):
            yield from _path_faults(vocabulary, one, path)
        if one.measure is not None and one.measure not in keys.MEASURES:
            yield unknown((*path, "measure"), "measure", one.measure, keys.MEASURES)
        if one.path and (one.measure is not None or one.attribute is not None):
            yield fault((*path, "path"), "a path is not measured", hint="measure over one reading")
        elif one.attribute is not None and one.measure is None:
            yield fault((*path, "attribute"), "an attribute is for a measure", hint="add measure: or leave it out")


def _over_faults(vocabulary: Vocabulary, one: Derived, path: Path) -> Iterator[VocabularyError]:
    over = one.over or ""
    reading = vocabulary.readings.get(over)
    if reading is None:
        if any(over in (other.name, other.inverse) for other in vocabulary.derived.values()):
            yield fault((*path, "over"), f"'{over}' is itself derived; this goes over a stored predicate")
        else:
            yield unknown((*path, "over"), "predicate", over, list(vocabulary.readings))
        return
    if one.inverse == one.name and not reading.predicate.symmetric:
        yield fault((*path, "inverse"), f"'{over}' has a direction, so the inverse needs a name of its own")
    if one.measure is None:
        return
    name = one.attribute or reading.predicate.roles.get("share")
    known = [attribute.name for attribute in reading.predicate.attributes]
    if name is None:
        yield fault(path, "a measure needs an attribute", candidates=known, hint="add attribute:, or the role share")
        return
    attribute = reading.predicate.attribute(name)
    if attribute is None:
        yield unknown((*path, "attribute"), "attribute", name, known)
    elif attribute.kind not in ("percent", "decimal") or attribute.many:
        yield fault((*path, "attribute"), f"'{name}' is {attribute.kind}, but a measure needs a percent or decimal")


def _path_faults(vocabulary: Vocabulary, one: Derived, path: Path) -> Iterator[VocabularyError]:
    path = (*path, "path")
    known = {
        *vocabulary.readings,
        *(name for other in vocabulary.derived.values() for name in (other.name, other.inverse)),
    }
    missing = [step for step in one.path if step not in known]
    for step in missing:
        yield unknown(path, "predicate", step, known)
    if missing or any(not _sound(vocabulary, step) for step in one.path):
        return
    for left, right in zip(one.path, one.path[1:], strict=False):
        if not meet(reading_ends(vocabulary, left)[1], reading_ends(vocabulary, right)[0]):
            yield fault(path, f"'{right}' does not start where '{left}' ends")
    if one.inverse == one.name and one.path != tuple(_other_name(vocabulary, step) for step in reversed(one.path)):
        yield fault((*path[:-1], "inverse"), "this path has a direction, so the inverse needs a name of its own")


def _circle(start: Derived, names: dict[str, Derived]) -> list[str]:
    """Return the derived predicates from one back to itself, or nothing."""
    came: dict[str, str] = {}
    waiting = [start.name]
    while waiting:
        name = waiting.pop()
        for step in names[name].path:
            if step not in names:
                continue
            below = names[step].name
            if below == start.name:
                ring = [below, name]
                while ring[-1] != start.name:
                    ring.append(came[ring[-1]])
                return ring[::-1]
            if below not in came:
                came[below] = name
                waiting.append(below)
    return []


def _lengths(names: dict[str, Derived], circles: dict[str, list[str]]) -> dict[str, int]:
    """Return how many stored predicates each path follows; one in a circle, or past the limit, counts as one."""
    found: dict[str, int] = {}
    for start in circles:
        waiting = [start]
        while waiting:
            one = names[waiting[-1]]
            below = [names[step].name for step in one.path if step in names and not circles[one.name]]
            missing = [name for name in below if name not in found]
            if missing and len(waiting) <= len(names):
                waiting.extend(missing)
                continue
            steps = [found.get(names[step].name, 1) if step in names else 1 for step in one.path]
            found[one.name] = (
                1 if circles[one.name] or not steps else sum(min(step, LONGEST_PATH + 1) for step in steps)
            )
            waiting.pop()
    return found


def _sound(vocabulary: Vocabulary, name: str) -> bool:
    """Return whether the ends of a reading can be asked for."""
    try:
        reading_ends(vocabulary, name)
    except KeyError:
        return False
    return True


def _other_name(vocabulary: Vocabulary, name: str) -> str:
    reading = vocabulary.readings.get(name)
    if reading is not None:
        return reading.predicate.inverse if reading.forward else reading.predicate.name
    one = next(other for other in vocabulary.derived.values() if name in (other.name, other.inverse))
    return one.inverse if name == one.name else one.name
