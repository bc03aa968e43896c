"""Reading entities, their tags and their external keys."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from relgraph.engines.neo4j.layout import SEARCH, declaring, kept_fields, key_property, key_value
from relgraph.engines.neo4j.names import label, quoted
from relgraph.engines.neo4j.rows import caption_key, caption_of, folded_key
from relgraph.engines.neo4j.search import expression, weight
from relgraph.engines.neo4j.snapshot import Rows, Run, Snapshot, State, distinct, whole
from relgraph.engines.neo4j.values import properties
from relgraph.folding import fold
from relgraph.model.columns import Ints
from relgraph.model.ports import Ends
from relgraph.model.records import EntityRow

CELLS = "labels(x), properties(x)"
_WITH_KEYS = f"{CELLS}, COLLECT {{ MATCH (k:_Key {{entity: x._number}}) RETURN [k.source, k.key] }}"
_FEW = 500
"""So many entities are read with their keys at once; more are asked for their keys apart, where that is wanted."""
_STATES = {"live": 0, "trashed": 1, "merged": 2}
_WORD = 64
_SEARCHED = 5
"""So many times the asked hits are ranked, as the index knows neither types nor the order of equals."""

Marks = tuple[tuple[str, int], ...]


class EntityReads(Snapshot):
    """The part of a reader that answers about entities."""

    def __init__(self, run: Run, state: Callable[[Run], State], *, known: int | None = None) -> None:
        super().__init__(run, state, known=known)
        self._seen: dict[int, EntityRow | None] = {}
        self._marks: dict[int, Marks] = {}
        self._keys: dict[int, tuple[tuple[str, str], ...]] = {}

    def forget(self) -> None:
        """Read everything anew from here on."""
        self._seen.clear()
        self._marks.clear()
        self._keys.clear()

    def _entity(self, cells: Sequence[Any]) -> EntityRow | None:
        """Return the row of a node, None where its type has no name today."""
        row = self._state.shapes.entity(cells[0], cells[1])
        return row if row is not None and row.type in self.vocabulary.types else None

    def _keep(self, cells: Sequence[Any]) -> EntityRow | None:
        row = self._entity(cells)
        if row is None:
            return None
        row = self._seen.setdefault(row.number, row)
        if row is not None and row.number not in self._marks:
            self._marks[row.number] = marks_of(cells[1])
        return row

    def _kept(self, rows: Rows) -> list[EntityRow]:
        found = [self._keep(cells) for cells in rows]
        return [row for row in found if row is not None]

    def _of_types(self, types: Iterable[str] | None) -> tuple[str, list[str]] | None:
        """Return a label expression for exactly these types and their names; None where none is known."""
        names = list(self.vocabulary.types) if types is None else [one for one in types if one in self.vocabulary.types]
        labels = self._state.shapes.names.exactly(names)
        if labels is None:
            return None
        return ("Entity" if types is None else f"Entity&({labels})"), names

    def entity_numbers(self, ids: Iterable[str]) -> dict[str, int]:
        """Return the numbers of the entities with these ids (ids ever given out keep their number)."""
        wanted = distinct(ids)
        if not wanted:
            return {}
        found = self._few_numbers(wanted) if len(wanted) <= _FEW else self._many_numbers(wanted)
        missing = [one for one in wanted if one not in found]
        if missing:
            past = "UNWIND $list AS i MATCH (x:_PastEntity {id: i}) RETURN DISTINCT i, x._number"
            rows = self._run(past, {"list": missing})
            found.update({str(one): number for one, number in rows if isinstance(number, int)})
        return found

    def _few_numbers(self, ids: list[str]) -> dict[str, int]:
        """Look entities up with all that is asked of a few of them next."""
        found: dict[str, int] = {}
        now = f"UNWIND $list AS i MATCH (x:Entity {{id: i}}) RETURN i, x._number, {_WITH_KEYS}"
        for one, number, *cells in self._run(now, {"list": ids}):
            if isinstance(number, int):
                found[one] = number
                if self._at() is None:
                    self._keep(cells)
                    self._keys[number] = _pairs(cells[2])
        return found

    def _many_numbers(self, ids: list[str]) -> dict[str, int]:
        # one row for all: a row for each costs more than looking it up
        now = "UNWIND $list AS i MATCH (x:Entity {id: i}) RETURN collect([i, x._number])"
        found = self._run(now, {"list": ids})[0][0]
        return {one: number for one, number in found if isinstance(number, int)}

    def entities(self, numbers: Iterable[int]) -> dict[int, EntityRow]:
        """Return entity rows by number."""
        wanted = whole(numbers)
        missing = [one for one in wanted if one not in self._seen]
        if missing:
            match = "UNWIND $list AS i MATCH (x:{label} {{_number: i}}) WHERE <when> RETURN " + CELLS
            rows = self._believed(match.format(label="Entity"), match.format(label="_PastEntity"), {"list": missing})
            self._kept(rows)
            for number in missing:
                self._seen.setdefault(number, None)
        found = {number: self._seen[number] for number in wanted}
        return {number: row for number, row in found.items() if row is not None}

    def captions(self, numbers: Iterable[int]) -> dict[int, tuple[str, str]]:
        """Return caption and id of entities in any state by number: what lists are ordered by."""
        if self._at() is not None:
            return {number: (row.caption, row.id) for number, row in self.entities(numbers).items()}
        rows = self._run(
            "UNWIND $list AS i MATCH (x:Entity {_number: i}) RETURN x._number, x.id, x._caption, x._caption_full",
            {"list": whole(numbers)},
        )
        return {number: (caption_of(short, full), identifier) for number, identifier, short, full in rows}

    def entity_by_keys(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """Return the numbers of the entities with these external keys."""
        wanted = [list(pair) for pair in distinct(keys)]
        if not wanted:
            return {}
        match = (
            "UNWIND $list AS i MATCH (x:{label} {{source: i[0], key: i[1]}}) WHERE <when>"
            " RETURN x.source, x.key, x.entity"
        )
        rows = self._believed(match.format(label="_Key"), match.format(label="_PastKey"), {"list": wanted})
        return {(source, key): entity for source, key, entity in rows if type(entity) is int}

    def _live(
        self,
        condition: str,
        types: Iterable[str] | None,
        parameters: Mapping[str, Any],
        tail: str = "",
        *,
        owner: str | None = None,
    ) -> Rows:
        """Return live entities of exactly these types for which a condition on x holds.

        ``owner`` is the type whose index on its field helps.
        """
        asked = self._of_types(types)
        if asked is None:
            return []
        labels, names = asked
        if owner is not None:
            labels = f"{quoted(label(owner))}&{labels}"
        return self._believed(
            f"MATCH (x:{labels}) WHERE {condition} AND x._state IS NULL AND <when> RETURN {CELLS}{tail}",
            f"MATCH (x:_PastEntity) WHERE {condition} AND x._state IS NULL AND x._type IN $types AND <when>"
            f" RETURN {CELLS}{tail}",
            {**parameters, "types": names},
        )

    def entities_named(self, folded: str, types: Sequence[str] | None, limit: int) -> list[EntityRow]:
        """Return live entities whose folded caption is this, ordered by caption, then id."""
        rows = self._kept(self._live("x._folded = $folded", types, {"folded": folded_key(folded)}))
        return sorted(rows, key=lambda row: (row.caption, row.id))[:limit]

    def entities_holding(self, type_names: Sequence[str], field_name: str, stored: object) -> list[int]:
        """Return live entities of exactly these types whose field holds this value (for ``unique`` and ``key``)."""
        shapes = self._state.shapes
        groups: dict[tuple[str, bool], list[str]] = defaultdict(list)
        for name in type_names:
            if field_name in shapes.fields(name):
                kept = field_name in kept_fields(self.vocabulary, name) and self._at() is None
                groups[declaring(self.vocabulary, name, field_name), kept].append(name)
        found: set[int] = set()
        for (owner, kept), names in groups.items():
            # what is not looked up by an index is compared property by property
            held = properties(shapes.fields(names[0]), {field_name: stored})
            if kept:
                held = {key_property(field_name): key_value(stored)}
            condition = " AND ".join(f"x.{quoted(name)} = $held[{index}]" for index, name in enumerate(held))
            rows = self._live(condition, names, {"held": list(held.values())}, owner=owner)
            found.update(row.number for row in self._kept(rows) if row.fields.get(field_name) == stored)
        return sorted(found)

    def list_entities(
        self, types: Sequence[str] | None, *, after: tuple[str, str] | None, limit: int
    ) -> list[EntityRow]:
        """Return live entities of exactly these types (None: all) ordered by caption, then id, after a pair of both."""
        condition = "x._caption >= ''"
        asked: dict[str, Any] = {"limit": limit}
        if after is not None:
            condition = "x._caption >= $caption AND (x._caption > $caption OR x.id > $id)"
            asked |= {"caption": caption_key(after[0]), "id": after[1]}
        rows = self._kept(self._live(condition, types, asked, " ORDER BY x._caption, x.id LIMIT $limit"))
        return sorted(rows, key=lambda row: (row.caption, row.id))[:limit]

    def every_entity(self, *, after: int, limit: int) -> list[EntityRow]:
        """Return entities in any state, ordered by number, after one number."""
        match = (
            f"MATCH (x:{{label}}) WHERE x._number > $after AND <when> RETURN {CELLS} ORDER BY x._number LIMIT $limit"
        )
        rows = self._believed(
            match.format(label="Entity"), match.format(label="_PastEntity"), {"after": after, "limit": limit}
        )
        # those whose type has no name today are given too: this is what an export and a check go through
        found = [row for cells in rows if (row := self._state.shapes.entity(cells[0], cells[1])) is not None]
        return sorted(found, key=lambda row: row.number)[:limit]

    def count_entities(self, types: Sequence[str] | None) -> int:
        """Return how many live entities of exactly these types there are."""
        asked = self._of_types(list(self.vocabulary.types) if types is None else types)
        if asked is None:
            return 0
        labels, names = asked
        rows = self._believed(
            f"MATCH (x:{labels}) WHERE x._state IS NULL AND <when> RETURN count(x)",
            "MATCH (x:_PastEntity) WHERE x._state IS NULL AND x._type IN $types AND <when> RETURN count(x)",
            {"types": names},
        )
        return sum(row[0] for row in rows)

    def marks(self, numbers: Iterable[int]) -> dict[int, Marks]:
        """Return the tags that entities have now, each with the transaction that told it."""
        rows = self.entities(numbers)
        return {number: self._marks.get(number, ()) for number in rows}

    def _marked(self, numbers: Iterable[int]) -> dict[int, list[str]]:
        """Return the tags of entities at this moment, those without a name today included."""
        wanted = whole(numbers)
        at = self._at()
        found: dict[int, list[str]] = defaultdict(list)
        if at is None:
            return {number: [tag for tag, _ in marks] for number, marks in self.marks(wanted).items()}
        now = "UNWIND $list AS i MATCH (x:Entity {_number: i}) RETURN i, properties(x)"
        for number, held in self._run(now, {"list": wanted}):
            found[number] += [tag for tag, told in marks_of(held) if told <= at]
        past = (
            "UNWIND $list AS i MATCH (x:_PastTag {entity: i}) WHERE x._told <= $at AND x._replaced > $at"
            " RETURN i, x.tag"
        )
        for number, tag in self._run(past, {"list": wanted, "at": at}):
            found[number].append(tag)
        return found

    def tags(self, numbers: Iterable[int]) -> dict[int, tuple[str, ...]]:
        """Return the tags of entities, in name order."""
        known = self.vocabulary.tags
        found = {number: sorted(tag for tag in tags if tag in known) for number, tags in self._marked(numbers).items()}
        return {number: tuple(tags) for number, tags in found.items() if tags}

    def keys(self, numbers: Iterable[int]) -> dict[int, tuple[tuple[str, str], ...]]:
        """Return the external keys of entities, ordered."""
        found: dict[int, list[tuple[str, str]]] = defaultdict(list)
        wanted = []
        for number in whole(numbers):
            if number in self._keys:
                found[number] += self._keys[number]
            else:
                wanted.append(number)
        match = "UNWIND $list AS i MATCH (x:{label} {{entity: i}}) WHERE <when> RETURN i, x.source, x.key"
        texts = match.format(label="_Key"), match.format(label="_PastKey")
        for number, source, key in self._believed(*texts, {"list": wanted}) if wanted else []:
            found[number].append((source, key))
        return {number: held for number, pairs in found.items() if (held := _pairs(pairs))}

    def merged_into(self, numbers: Iterable[int]) -> list[int]:
        """Return the entities that were merged, directly, into any of these."""
        wanted = whole(numbers)
        if not wanted:
            return []
        match = (
            "UNWIND $list AS i MATCH (x:{label} {{_merged_into: i}}) WHERE x._state = 'merged' AND <when>"
            " RETURN x._number"
        )
        rows = self._believed(match.format(label="Entity"), match.format(label="_PastEntity"), {"list": wanted})
        return sorted({row[0] for row in rows if type(row[0]) is int})

    def ends(self, numbers: Ints) -> Ends:
        """Return type, state and tags of entities as columns."""
        type_names, tag_names = tuple(self.vocabulary.types), tuple(self.vocabulary.tags)
        type_code = {name: code for code, name in enumerate(type_names)}
        tag_code = {name: code for code, name in enumerate(tag_names)}
        asked, back = np.unique(np.asarray(numbers, dtype=np.int64), return_inverse=True)
        kinds = np.full(len(asked), -1, np.int32)
        states = np.zeros(len(asked), np.int8)
        tags = np.zeros((len(asked), max(1, -(-len(tag_names) // _WORD))), np.uint64)
        for position, (kind, state, marked) in self._told_of(asked.tolist()).items():
            kinds[position] = type_code.get(kind, -1)
            states[position] = _STATES.get(state, 1)
            for tag in marked:
                code = tag_code.get(tag)
                if code is not None:
                    tags[position, code // _WORD] |= np.uint64(1 << code % _WORD)
        return Ends(type_names, kinds[back], states[back], tag_names, tags[back])

    def _told_of(self, numbers: list[int]) -> dict[int, tuple[str, str, Sequence[str]]]:
        """Return type, state and tags of entities that are there, by their place among the numbers."""
        if len(numbers) <= _FEW or self._at() is not None:
            rows = self.entities(numbers)
            marked = self._marked(rows)
            return {
                place: (rows[one].type, rows[one].state, marked.get(one, ()))
                for place, one in enumerate(numbers)
                if one in rows
            }
        found = self._run(
            "UNWIND range(0, size($list) - 1) AS i MATCH (x:Entity {_number: $list[i]})"
            " RETURN collect([i, labels(x), coalesce(x._state, 'live'), x._tags])",
            {"list": numbers},
        )[0][0]
        named = self._state.shapes.names
        return {
            place: (named.type_of(labels) or "", state, tags if isinstance(tags, list) else ())
            for place, labels, state, tags in found
        }

    def hidden(self) -> set[int]:
        """Return the entities that are trashed or merged away."""
        match = "MATCH (x:{label}) WHERE x._state >= '' AND <when> RETURN x._number"
        rows = self._believed(match.format(label="Entity"), match.format(label="_PastEntity"), {})
        return {row[0] for row in rows}

    def search(self, text: str, types: Sequence[str] | None, limit: int) -> list[tuple[int, float]]:
        """Return live entities that match, best first, with a score: folded, prefixes, ranked.

        An equal name comes first, then what the index ranks best. Looking back, it goes through what was live then.
        """
        asked = self._of_types(types)
        wanted = expression(text)
        if wanted is None or limit <= 0 or asked is None:
            return []
        exact = fold(text)
        if self._at() is not None:
            past = [(weight(text, row, self.vocabulary), row) for row in self._kept(self._live("true", types, {}))]
            ranked = [pair for pair in past if pair[0]]
        else:
            ranked = self._hits(wanted, asked[0], exact, limit * _SEARCHED)
        ranked.sort(key=lambda pair: (fold(pair[1].caption) != exact, -pair[0], pair[1].caption, pair[1].id))
        return [(row.number, score) for score, row in ranked[:limit]]

    def _hits(self, wanted: str, labels: str, exact: str, limit: int) -> list[tuple[float, EntityRow]]:
        # an equal name is put first by us, so it must not be among what the index ranks too low to be given
        rows = self._run(
            "CALL () {"
            f" CALL db.index.fulltext.queryNodes('{SEARCH}', $wanted) YIELD node AS x, score"
            f" WHERE x:{labels} AND x._state IS NULL RETURN x, score ORDER BY score DESC LIMIT $limit"
            f" UNION CALL db.index.fulltext.queryNodes('{SEARCH}', $wanted) YIELD node AS x, score"
            f" WHERE x:{labels} AND x._state IS NULL AND x._folded = $exact RETURN x, score LIMIT $limit"
            f"}} RETURN score, {CELLS}",
            {"wanted": wanted, "limit": limit, "exact": folded_key(exact)},
        )
        found = [(float(score), row) for score, *cells in rows if (row := self._entity(cells)) is not None]
        return list({row.number: (score, row) for score, row in found}.values())


def _pairs(found: Iterable[Sequence[Any]]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((source, key) for source, key in found if isinstance(source, str) and isinstance(key, str)))


def marks_of(held: Mapping[str, Any]) -> Marks:
    """Return the tags of a node with the transactions that told them."""
    tags, told = held.get("_tags"), held.get("_tags_told")
    if not isinstance(tags, list):
        return ()
    when = [one if type(one) is int else 0 for one in told] if isinstance(told, list) else []
    pairs = zip(tags, [*when, *[0] * (len(tags) - len(when))], strict=False)
    # what another program wrote may be no text, or there twice
    return tuple({tag: (tag, number) for tag, number in pairs if isinstance(tag, str)}.values())
