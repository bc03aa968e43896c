"""Money: an exact amount in one currency."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from relgraph.codes import currency_code
from relgraph.errors import ValueProblem
from relgraph.values.exact import canonical, exact, shown

_AMOUNT = r"(?P<{0}>[+−-]?\d+(?:_\d+)*(?:\.\d+)?(?:\s?(?:k|M|bn))?)"
_CODE = r"(?P<{0}>[A-Za-z]{{3}}|[€$£¥])"
_AMOUNT_FIRST = re.compile(_AMOUNT.format("amount") + r"\s?" + _CODE.format("code"), re.ASCII)
_CODE_FIRST = re.compile(_CODE.format("code") + r"\s?" + _AMOUNT.format("amount"), re.ASCII)

_THOUSANDS = re.compile(r"[+−-]?[1-9]\d{0,2}\.\d{3}", re.ASCII)


@dataclass(frozen=True, slots=True, init=False, repr=False)
class Money:
    """An amount and the ISO 4217 code of its currency.

    Equal when both are; ordered within one currency only, TypeError across two.

    >>> price = Money("9000", "EUR")
    >>> print(price), price == Money.parse("EUR 9000.00"), price < Money.parse("10k EUR")
    9000 EUR
    (None, True, True)
    """

    amount: Decimal
    currency: str

    def __init__(self, amount: Decimal | float | str, currency: str | None = None) -> None:
        if currency is None and isinstance(amount, str):
            amount, currency = _split(amount)
        if not isinstance(currency, str):
            raise ValueProblem(f"{shown(currency)} is no currency code", hint="write a code (ISO 4217), such as EUR")
        object.__setattr__(self, "amount", Decimal(canonical(exact(amount))))
        object.__setattr__(self, "currency", currency_code(currency))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the money that text such as ``9000 EUR``, ``EUR 9000`` or ``10k EUR`` writes."""
        return cls(text)

    def __lt__(self, other: object) -> bool:
        return self.amount < self._same_currency(other) if isinstance(other, Money) else NotImplemented

    def __le__(self, other: object) -> bool:
        return self.amount <= self._same_currency(other) if isinstance(other, Money) else NotImplemented

    def __gt__(self, other: object) -> bool:
        return self.amount > self._same_currency(other) if isinstance(other, Money) else NotImplemented

    def __ge__(self, other: object) -> bool:
        return self.amount >= self._same_currency(other) if isinstance(other, Money) else NotImplemented

    def _same_currency(self, other: Money) -> Decimal:
        if other.currency != self.currency:
            raise TypeError(f"{self} and {other} are in unlike currencies and cannot be compared")
        return other.amount

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __str__(self) -> str:
        text = canonical(self.amount)
        decimals = len(text.partition(".")[2])
        # 9000.5 reads as money only with its second decimal; three decimals read as thousands, and are not parsed
        return f"{text}0 {self.currency}" if decimals in {1, 3} else f"{text} {self.currency}"

    def __repr__(self) -> str:
        return f"Money('{canonical(self.amount)}', '{self.currency}')"


def _split(text: str) -> tuple[str, str]:
    plain = text.strip()
    found = _AMOUNT_FIRST.fullmatch(plain) or _CODE_FIRST.fullmatch(plain)
    if found is None:
        raise ValueProblem(f"{shown(text)} is no money", hint=_repair(plain))
    if _THOUSANDS.fullmatch(found["amount"]):
        whole = found["amount"].replace(".", "")
        raise ValueProblem(
            f"{shown(text)} may be thousands or three decimals",
            hint=f"write {whole} {found['code']}, or {found['amount']}0 {found['code']}",
        )
    return found["amount"], found["code"]


def _repair(text: str) -> str:
    try:
        exact(text)
    except ValueProblem:
        if re.search(r"\d[.,]\d{3}\b|,\d", text):
            return "write digits without separators and decimals after a point, such as 1000.50 EUR"
        return "write an amount and a currency code, such as 9000 EUR"
    return f"the currency is missing: write {text} EUR, or another three-letter code (ISO 4217)"
