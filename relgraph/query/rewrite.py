"""Derived and implied predicates in terms of the stored ones, with the time of the question on each step."""

from __future__ import annotations

from typing import Literal

from relgraph.query import ir
from relgraph.query.lexicon import DerivedReading, Lexicon
from relgraph.vocabulary.model import Derived, Reading

_CHAIN = ir.Hops(1, None)


def stored(lexicon: Lexicon, reading: Reading, when: ir.Validity, *, test: ir.Test | None = None) -> ir.Stored:
    """Return a stored predicate together with all that imply it."""
    predicate = reading.predicate
    direction: Literal["out", "in", "both"] = "both" if predicate.symmetric else "out" if reading.forward else "in"
    narrower = lexicon.vocabulary.narrower(predicate.name)
    return ir.Stored(narrower, direction, when, test, reading.name)


def any_stored(lexicon: Lexicon, when: ir.Validity, *, test: ir.Test | None = None) -> ir.Stored:
    """Return every stored predicate, either way."""
    return ir.Stored(tuple(lexicon.vocabulary.predicates), "both", when, test, "any")


def alternative(
    lexicon: Lexicon, name: str, when: ir.Validity, *, test: ir.Test | None = None
) -> ir.Stored | ir.Composite | ir.Measure:
    """Return what a reading stands for; ``test`` is for stored predicates and measures only."""
    match lexicon.readings[name]:
        case Reading() as reading:
            return stored(lexicon, reading, when, test=test)
        case DerivedReading(derived, forward) if derived.measure is not None:
            return _measure(lexicon, derived, when, forward=forward, test=test)
        case DerivedReading(derived, forward):
            return ir.Composite(_steps(lexicon, derived, when, forward=forward), name)


def _measure(
    lexicon: Lexicon, derived: Derived, when: ir.Validity, *, forward: bool, test: ir.Test | None
) -> ir.Measure:
    over = derived.over or ""
    share = derived.attribute or lexicon.vocabulary.readings[over].predicate.roles.get("share")
    name = derived.name if forward else derived.inverse
    step = steps_of(lexicon, over, when)
    return ir.Measure(derived.measure or "", forward, step, share, derived.measured, when, test, name)


def _steps(lexicon: Lexicon, derived: Derived, when: ir.Validity, *, forward: bool) -> tuple[ir.Step, ...]:
    if derived.path:
        names = derived.path if forward else tuple(lexicon.reverse(one) for one in reversed(derived.path))
        return tuple(steps_of(lexicon, one, when) for one in names)
    over = derived.over or ""
    return (simple(ir.Step((alternative(lexicon, over if forward else lexicon.reverse(over), when),), _CHAIN)),)


def steps_of(lexicon: Lexicon, name: str, when: ir.Validity) -> ir.Step:
    """Return one hop by a reading."""
    return simple(ir.Step((alternative(lexicon, name, when),)))


def simple(step: ir.Step) -> ir.Step:
    """Return a step without a needless composite: one derived predicate of one step is that step.

    ``in_group_of`` over ``owned_by`` becomes ``owned_by+``; a range over such a chain, from one on, is the chain too.
    """
    match step:
        case ir.Step((ir.Composite((inner,)),), hops, (), name) if hops == ir.ONE_HOP:
            return ir.Step(inner.alternatives, inner.hops, inner.order, name)
        case ir.Step(
            (ir.Composite((ir.Step(alternatives, ir.Hops(1, None), ()),)),), ir.Hops(least, None), (), name
        ) if least <= 1:
            return ir.Step(alternatives, ir.Hops(least, None), (), name)
        case _:
            return step
