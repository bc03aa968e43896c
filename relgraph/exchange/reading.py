"""Documents of exchange, read strictly: what is expected is taken, what is not is noted with its line."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import dataclass, field

from relgraph.exchange.mapping import Problem
from relgraph.vocabulary.document import Item

_TRUE = frozenset({"true", "yes", "on"})
_FALSE = frozenset({"false", "no", "off"})


@dataclass(slots=True)
class Reading:
    """Takes expected parts from a document and collects what is wrong with them.

    Each method returns a harmless value where a part is not as expected, so that every fault is found at once.
    """

    problems: list[Problem] = field(default_factory=list)

    def fault(self, line: int, message: str, *, hint: str | None = None, candidates: Collection[str] = ()) -> None:
        """Note a problem."""
        self.problems.append(Problem(message, line, hint, tuple(candidates)))

    def keys(self, item: Item | None, known: Collection[str], what: str) -> dict[str, Item]:
        """Return a part as keys with values; each key that is not known is a fault."""
        if item is None or item.empty:
            return {}
        found = item.mapping
        if found is None:
            self.fault(item.mark.line, f"{what} must be keys with values, not {shown(item)}")
            return {}
        for key in found:
            if key not in known:
                near = difflib.get_close_matches(key.lower(), list(known), n=3, cutoff=0.6)
                hint = None if near else f"it may have {', '.join(known)}"
                self.fault(found[key].mark.line, f"unknown key '{key}' in {what}", hint=hint, candidates=near)
        return found

    def items(self, item: Item | None, what: str, *, single: bool = False) -> list[Item]:
        """Return the parts of a list; with ``single`` one part alone is a list of one."""
        if item is None or item.empty:
            return []
        if item.sequence is not None:
            return item.sequence
        if single:
            return [item]
        self.fault(item.mark.line, f"{what} must be a list, not {shown(item)}")
        return []

    def text(self, item: Item | None, what: str) -> str | None:
        """Return a text, None where nothing is written."""
        if item is None or item.empty:
            return None
        if not isinstance(item.value, str):
            self.fault(item.mark.line, f"{what} must be text, not {shown(item)}")
            return None
        return item.value

    def texts(self, item: Item | None, what: str) -> tuple[str, ...]:
        """Return a list of texts; one alone is a list of one; an empty text in quotes counts."""
        found = []
        for one in self.items(item, what, single=True):
            if isinstance(one.value, str):
                found.append(one.value)
            else:
                self.fault(one.mark.line, f"{what} must be texts, not {shown(one)}")
        return tuple(found)

    def boolean(self, item: Item | None, what: str, *, default: bool = False) -> bool:
        """Return true or false."""
        if item is None:
            return default
        low = item.value.lower() if isinstance(item.value, str) else ""
        if low not in _TRUE | _FALSE:
            self.fault(item.mark.line, f"{what} must be true or false, not {shown(item)}")
            return default
        return low in _TRUE

    def integer(self, item: Item, what: str, *, least: int) -> int:
        """Return a whole number of at least so much."""
        try:
            number = int(str(item.value))
        except ValueError:
            number = least - 1
        if number < least:
            self.fault(item.mark.line, f"{what} must be a whole number of at least {least}, not {shown(item)}")
            return least
        return number

    def choice(self, item: Item | None, what: str, choices: Collection[str], default: str) -> str:
        """Return one of several words."""
        word = self.text(item, what)
        if word is None or item is None:
            return default
        if word not in choices:
            near = difflib.get_close_matches(word.lower(), list(choices), n=3)
            hint = None if near else f"one of {', '.join(choices)}"
            self.fault(item.mark.line, f"{what} cannot be '{word}'", hint=hint, candidates=near)
            return default
        return word


def shown(item: Item) -> str:
    """Return a part as messages show it."""
    if item.empty:
        return "nothing"
    if item.mapping is not None:
        return "keys with values"
    if item.sequence is not None:
        return "a list"
    return f"'{str(item.value)[:60]}'"
