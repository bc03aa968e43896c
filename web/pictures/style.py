"""How types and predicates are told apart: never by color alone.

A type has a color, a shape and a sign in it; a predicate's family has a color and an arrowhead. All of it follows from
the vocabulary, so the same network always looks the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from markupsafe import Markup, escape

from relgraph import Vocabulary

SHAPES: Final = ("ellipse", "round-rectangle", "barrel", "hexagon", "diamond", "tag", "octagon")
"""Names of shapes as the canvas knows them, in the order of the colors."""
_OUTLINES: Final = {
    "ellipse": '<circle cx="12" cy="12" r="11"/>',
    "round-rectangle": '<rect x="1.5" y="1.5" width="21" height="21" rx="5"/>',
    "barrel": '<path d="M2 5c4-3 16-3 20 0v14c-4 3-16 3-20 0z"/>',
    "hexagon": '<path d="M6 1.5h12L23.5 12 18 22.500H6L.5 12z"/>',
    "diamond": '<path d="M12 0l12 12-12 12L0 12z"/>',
    "tag": '<path d="M1.500 3h15l6.500 9-6.500 9h-15z"/>',
    "octagon": '<path d="M7.500 1h9L23 7.500v9L16.500 23h-9L1 16.500v-9z"/>',
}
_PERSON: Final = '<circle cx="12" cy="8" r="4.2"/><path d="M4 21c.6-5.2 3.600-7.600 8-7.600s7.400 2.400 8 7.600z"/>'
_BUILDING: Final = (
    '<path d="M4 21V4h9v5h7v12h-6v-4h-3v4zM7 7v2h2V7zm0 4v2h2v-2zm0 4v2h2v-2zm8-3v2h2v-2z" fill-rule="evenodd"/>'
)
FAMILIES: Final = ("own", "work", "people", "money", "supply", "other")
ARROWS: Final = {
    "own": "triangle",
    "work": "vee",
    "people": "none",
    "money": "diamond",
    "supply": "tee",
    "other": "vee",
}
_OWN: Final = frozenset({"share", "votes"})
_SUPPLY: Final = ("suppl", "make", "sell", "deliver", "produce", "use", "customer", "prospect", "distribut", "buy")


@dataclass(frozen=True, slots=True)
class TypeStyle:
    """How entities of one type are drawn: ``color`` is 1 to 7; ``sign`` is markup within 24 by 24."""

    name: str
    label: str
    plural: str
    color: int
    shape: str
    sign: str

    def dot(self) -> Markup:
        """Return the type's mark for the text of a page; what it means must be said beside it."""
        return Markup(  # noqa: S704 - made of constants and an escaped letter
            f'<svg class="dot c{self.color}" viewBox="0 0 24 24" aria-hidden="true"><g class="dot-b">'
            f'{_OUTLINES[self.shape]}</g><g class="dot-g" transform="translate(5.400 5.400) scale(.55)">'
            f"{self.sign}</g></svg>"
        )

    def glyph(self, *, dark: bool) -> str:
        """Return the sign alone as an SVG file, for the canvas."""
        fill = "#14181F" if dark else "#FFFFFF"
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" width="48" height="48" viewBox="0 0 24 24" '
            f'fill="{fill}" font-family="sans-serif">{self.sign}</svg>'
        )


def _letter(label: str) -> str:
    return f'<text x="12" y="19" text-anchor="middle" font-size="20" font-weight="700">{escape(label[:1])}</text>'


@dataclass(frozen=True, slots=True)
class ReadingStyle:
    """How one reading of a predicate is written and drawn."""

    name: str
    words: str
    family: str
    arrow: str
    symmetric: bool
    predicate: str
    forward: bool


class Styles:
    """Looks up how things of a vocabulary are drawn and called in one language."""

    def __init__(self, vocabulary: Vocabulary, language: str = "en") -> None:
        self._vocabulary = vocabulary
        self._language = language
        self._types = self._of_types()
        self._readings = self._of_readings()

    def say(self, texts: object, name: str) -> str:
        """Return a text of the vocabulary in this site's language, else the name with spaces."""
        if isinstance(texts, dict):
            found = texts.get(self._language) or texts.get("") or next(iter(texts.values()), "")
            if found:
                return str(found)
        return name.replace("_", " ")

    def _of_types(self) -> dict[str, TypeStyle]:
        found = {}
        words = self._vocabulary
        rest = 0
        for name, one in words.types.items():
            if one.abstract:
                continue
            kinds = {parent.lower() for parent in words.ancestors(name)}
            label = self.say(one.label, name)
            if kinds & {"person", "people"}:
                # a kind of person is drawn as one, and told from the others by its letter
                whole = name.lower() in {"person", "people"}
                color, turn, sign = 1, 0, _PERSON if whole else _letter(label)
            elif name.lower() in {"company", "organization", "organisation"}:
                color, turn, sign = 2, 0, _BUILDING
            else:
                color, turn = 3 + rest % 5, rest // 5
                sign = _letter(label)
                rest += 1
            # beyond seven types the colors come again with another shape
            shape = SHAPES[2 + (color - 3 + turn * 2) % 5] if color > 2 else SHAPES[color - 1]
            found[name] = TypeStyle(name, label, self.say(one.plural, label), color, shape, str(sign))
        return found

    def type(self, name: str) -> TypeStyle:
        """Return how a type is drawn; a name the vocabulary no longer has is drawn plainly."""
        return self._types.get(name) or TypeStyle(name, name.replace("_", " "), name, 3, "barrel", "")

    def _of_readings(self) -> dict[str, ReadingStyle]:
        found = {}
        for name, reading in self._vocabulary.readings.items():
            family = self.family(reading.predicate.name)
            arrow = "none" if reading.predicate.symmetric else ARROWS[family]
            found[name] = ReadingStyle(
                name,
                self.say(reading.words, name),
                family,
                arrow,
                reading.predicate.symmetric,
                reading.predicate.name,
                reading.forward,
            )
        return found

    def reading(self, name: str) -> ReadingStyle:
        """Return how a reading is written and drawn."""
        return self._readings.get(name) or ReadingStyle(
            name, name.replace("_", " "), "other", "vee", symmetric=False, predicate=name, forward=True
        )

    def family(self, predicate: str) -> str:
        """Return the family of a predicate: what its roles, attributes and ends say it is about."""
        one = self._vocabulary.predicates.get(predicate)
        if one is None:
            return "other"
        if _OWN & set(one.roles):
            return "own"
        if any(word in predicate.lower() for word in _SUPPLY):
            return "supply"
        if any(field.kind == "money" for field in one.attributes):
            return "money"
        subject, obj = (self._are_people(ends) for ends in (one.subject, one.object))
        if subject and obj:
            return "people"
        return "work" if subject or obj else "other"

    def _are_people(self, ends: tuple[str, ...]) -> bool:
        known = [end for end in ends if end in self._vocabulary.types]
        return bool(known) and all(
            any("person" in parent.lower() for parent in self._vocabulary.ancestors(end)) for end in known
        )
