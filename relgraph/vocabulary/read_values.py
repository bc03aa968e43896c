"""Single values of a tree: taken as what their key asks for, every fault noted, none stopping the reading."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import TypeVar, cast
from unicodedata import normalize

from relgraph.errors import VocabularyError
from relgraph.vocabulary.document import Item, problem
from relgraph.vocabulary.model import Level, Words
from relgraph.vocabulary.near import near

Path = tuple[str, ...]
Thing = TypeVar("Thing")

OTHER_LANGUAGES = "default"
"""The key, among languages, of the words for every language that has none of its own."""

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


class ValueReader:
    """Takes values from a tree; ``problems`` collects what is wrong, with lines."""

    def __init__(self) -> None:
        self.problems: list[VocabularyError] = []

    def fault(
        self, item: Item, path: Path, message: str, *, candidates: Collection[str] = (), hint: str | None = None
    ) -> None:
        """Note what is wrong at a place."""
        self.problems.append(problem(message, item.mark, path, candidates=candidates, hint=hint))

    def keys(self, item: Item, path: Path, known: Mapping[str, str]) -> dict[str, Item]:
        """Return a mapping's items by key, without those that are not known and those that are empty."""
        if item.empty:
            return {}
        if item.mapping is None:
            self.fault(item, path, f"must be keys with values, not {shown(item)}")
            return {}
        found = {}
        for key, below in item.mapping.items():
            if key in known:
                if not below.empty:
                    found[key] = below
            else:
                candidates = near(key, known)
                hint = None if candidates else f"the keys here are {', '.join(known)}"
                self.fault(below, path, f"unknown key '{key}'", candidates=candidates, hint=hint)
        return found

    def named(self, item: Item | None, path: Path, read: Callable[[str, Item, Path], Thing]) -> dict[str, Thing]:
        """Return what a mapping from names to contents declares."""
        if item is None or item.empty:
            return {}
        if item.mapping is None:
            self.fault(item, path, f"must be names with contents, not {shown(item)}")
            return {}
        return {name: read(name, below, (*path, name)) for name, below in item.mapping.items()}

    def text(self, item: Item, path: Path) -> str:
        """Return a text."""
        if isinstance(item.value, str):
            return item.value
        if isinstance(item.value, int) and not isinstance(item.value, bool):
            return str(item.value)
        self.fault(item, path, f"must be text, not {shown(item)}")
        return ""

    def name(self, item: Item, path: Path) -> str:
        """Return a name, in the one spelling that Unicode calls composed."""
        return normalize("NFC", self.text(item, path))

    def texts(self, item: Item | None, path: Path) -> tuple[str, ...]:
        """Return a list of texts; one text alone is a list of one."""
        if item is None:
            return ()
        found = [self.name(one, path) for one in (item.sequence if item.sequence is not None else [item])]
        found = [one for one in found if one]
        for one, times in Counter(found).items():
            if times > 1:
                self.fault(item, path, f"'{one}' is listed twice")
        return tuple(dict.fromkeys(found))

    def boolean(self, item: Item | None, path: Path, *, default: bool = False) -> bool:
        """Return true or false."""
        if item is None:
            return default
        match item.value:
            case bool() as value:
                return value
            case "true" | "false" if item.plain:
                return item.value == "true"
            case _:
                self.fault(item, path, f"must be true or false, not {shown(item)}")
                return default

    def integer(self, item: Item, path: Path, *, least: int) -> int:
        """Return a whole number that is not below the least."""
        number = item.value
        if item.plain and isinstance(number, str) and re.fullmatch(r"[+-]?\d{1,18}", number, re.ASCII):
            number = int(number)
        if isinstance(number, int) and not isinstance(number, bool):
            if number >= least:
                return number
            self.fault(item, path, f"must be at least {least}, not {number}")
        else:
            self.fault(item, path, f"must be a whole number, not {shown(item)}")
        return least

    def word(self, item: Item | None, path: Path, choices: tuple[str, ...], default: str) -> str:
        """Return one of several words."""
        if item is None:
            return default
        if isinstance(item.value, str) and item.value in choices:
            return item.value
        meant = near(item.value, choices) if isinstance(item.value, str) else []
        self.fault(item, path, f"must be {' or '.join(choices)}, not {shown(item)}", candidates=meant)
        return default

    def level(self, item: Item | None, path: Path) -> Level:
        """Return whether a rule refuses or only warns."""
        return cast("Level", self.word(item, path, ("error", "warn"), "error"))

    def switch(self, item: Item | None, path: Path, *, default: Level | None) -> Level | None:
        """Return the level of a rule that is only on or off: true, false or a level."""
        if item is None:
            return default
        match item.value:
            case True:
                return "error"
            case False:
                return None
            case "true" if item.plain:
                return "error"
            case "false" if item.plain:
                return None
            case "error" | "warn" as level:
                return level
            case _:
                self.fault(item, path, f"must be true, false or warn, not {shown(item)}")
                return default

    def words(self, item: Item | None, path: Path) -> Words:
        """Return words for people: one text for all languages, or one per language."""
        if item is None:
            return {}
        if item.mapping is None:
            text = self.text(item, path)
            return {"": text} if text else {}
        found = {}
        for language, below in item.mapping.items():
            if language == OTHER_LANGUAGES:
                found[""] = self.text(below, (*path, language))
            elif _LANGUAGE.fullmatch(language):
                found[language] = self.text(below, (*path, language))
            else:
                self.fault(
                    below,
                    path,
                    f"'{language}' is no language code",
                    hint=f"write a code such as en or fr, or {OTHER_LANGUAGES} for all other languages",
                )
        return {language: text for language, text in found.items() if text}

    def was(self, found: Mapping[str, Item], path: Path) -> str | None:
        """Return the name a thing had before."""
        return self.name(found["was"], (*path, "was")) if "was" in found else None

    def description(self, found: Mapping[str, Item], path: Path, key: str = "description") -> str:
        """Return a text that may be absent."""
        return self.text(found[key], (*path, key)) if key in found else ""


def shown(item: Item) -> str:
    """Return a value as a message names it."""
    match item.value:
        case dict():
            return "keys with values"
        case list():
            return "a list"
        case None:
            return "nothing"
        case bool() as value:
            return str(value).lower()
        case _:
            text = str(item.value)
            return f"'{text}'" if len(text) <= 60 else f"'{text[:57]}...'"
