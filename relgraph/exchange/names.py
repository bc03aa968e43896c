"""Entities by name, over a network and what an import has added to it so far."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from relgraph.folding import fold
from relgraph.model.drafts import Staging
from relgraph.vocabulary.model import ENTITY

_CACHED = 100_000


@dataclass(frozen=True, slots=True)
class Named:
    """What a name leads to: one ``id``, or None with the nearest names or the several that are called so."""

    id: str | None
    candidates: tuple[str, ...] = ()
    several: bool = False


class Names:
    """Finds the one entity that is called so, within a type: exactly, or ignoring case, accents and spaces."""

    def __init__(self, staging: Staging) -> None:
        self._staging = staging
        self._added: dict[str, list[str]] = {}
        self._found: dict[tuple[str, str, str], Named] = {}

    def note(self, entity_id: str) -> None:
        """Remember an entity that this import added or changed."""
        draft = self._staging.find(entity_id)
        if draft is not None:
            known = self._added.setdefault(fold(self._staging.caption(draft)), [])
            if entity_id not in known:
                known.append(entity_id)
            self._found.clear()

    def find(self, name: str, type_name: str, match: Literal["exact", "normalized"]) -> Named:
        """Return the entity of that name and type."""
        asked = (name, type_name, match)
        if asked not in self._found:
            if len(self._found) >= _CACHED:
                self._found.clear()
            self._found[asked] = self._look(name, type_name, match)
        return self._found[asked]

    def _look(self, name: str, type_name: str, match: Literal["exact", "normalized"]) -> Named:
        types = None if type_name == ENTITY else self._staging.vocabulary.subtypes(type_name)
        folded = fold(name)
        captions: dict[str, str] = {}
        for row in self._staging.reader.entities_named(folded, types, 50):
            captions[row.id] = row.caption
        for entity_id in self._added.get(folded, ()):
            draft = self._staging.find(entity_id)
            if draft is not None and (types is None or draft.type in types):
                captions[entity_id] = self._staging.caption(draft)
        # one that this import renamed is no longer called what is stored
        for entity_id in list(captions):
            draft = self._staging.entities.get(entity_id)
            if draft is not None and (draft.gone or fold(self._staging.caption(draft)) != folded):
                del captions[entity_id]
        exact = [one for one, caption in captions.items() if caption == name]
        found = exact if match == "exact" or exact else list(captions)
        if len(found) == 1:
            return Named(found[0])
        if found:
            return Named(None, tuple(found), several=True)
        return Named(None, self._near(folded, types, list(captions.values())))

    def _near(self, folded: str, types: Sequence[str] | None, same: list[str]) -> tuple[str, ...]:
        if same:
            return tuple(same[:3])
        near: dict[str, str] = {}
        words = [word for word in folded.split() if len(word) > 1][:3]
        for text in (*words, *(word[: max(2, len(word) // 2)] for word in words)):
            numbers = [number for number, _ in self._staging.reader.search(text, types, 20)]
            for row in self._staging.reader.entities(numbers).values():
                near[fold(row.caption)] = row.caption
        start = folded[:2]
        for known, ids in self._added.items():
            if known.startswith(start):
                draft = self._staging.find(ids[0])
                if draft is not None and (types is None or draft.type in types):
                    near[known] = self._staging.caption(draft)
        return tuple(near[one] for one in difflib.get_close_matches(folded, near, n=3, cutoff=0.6))
