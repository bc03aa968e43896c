"""Percents: a share of something, kept as an exact fraction and written with its sign."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from relgraph.errors import ValueProblem
from relgraph.values.exact import canonical, exact, shifted, shown


@dataclass(frozen=True, slots=True, order=True, init=False, repr=False)
class Percent:
    """A share: 25% is the fraction 0.25.

    A number given to the class is the fraction; text has the sign. Percents are compared with percents;
    ``float()`` and ``.fraction`` give the number.

    >>> share = Percent("25%")
    >>> print(share), share.fraction, float(share), share == Percent(0.25)
    25%
    (None, Decimal('0.25'), 0.25, True)
    >>> Percent("33.3%") < Percent("50%")
    True
    """

    fraction: Decimal

    def __init__(self, fraction: Decimal | float | str) -> None:
        number = _from_text(fraction) if isinstance(fraction, str) else exact(fraction)
        object.__setattr__(self, "fraction", Decimal(canonical(number)))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the percent that text such as ``25%`` or ``12.5 %`` writes; ValueProblem where it is none."""
        return cls(text)

    def __float__(self) -> float:
        return float(self.fraction)

    def __bool__(self) -> bool:
        return bool(self.fraction)

    def __str__(self) -> str:
        return canonical(shifted(self.fraction, 2)) + "%"

    def __repr__(self) -> str:
        return f"Percent('{self}')"


def _from_text(text: str) -> Decimal:
    plain = text.strip()
    if not plain.endswith("%"):
        raise ValueProblem(f"{shown(text)} is no percent: the % sign is missing", hint=repair(plain))
    try:
        return shifted(exact(plain[:-1]), -2)
    except ValueProblem as problem:
        raise ValueProblem(f"{shown(text)} is no percent", hint=problem.hint or "such as 25% or 12.5%") from None


def repair(given: object) -> str:
    """Return what to write in place of a number without its sign."""
    try:
        number = exact(given)
    except ValueProblem:
        return "such as 25%"
    if abs(number) > 1:
        return f"write {canonical(number)}%"
    # 0.4 may be meant either way
    return f"write {Percent(number)} (in Python also Percent({canonical(number)})), or {canonical(number)}%"
