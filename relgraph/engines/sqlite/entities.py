"""Reading entities, their tags and their external keys."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from relgraph.engines.sqlite.codec import dumps, loads
from relgraph.engines.sqlite.fields_index import kept_fields
from relgraph.engines.sqlite.snapshot import Rows, Snapshot, among, listed
from relgraph.model.columns import Ints, placed
from relgraph.model.ports import Ends
from relgraph.model.records import EntityRow

ENTITY = "x.number, x.id, x.type, x.caption, x.fields, x.state, x.merged_into, x.told_in"
_STATES = {"live": 0, "trashed": 1, "merged": 2}
_WORD = 64


class EntityReads(Snapshot):
    """The part of a reader that answers about entities."""

    def _entity(self, row: tuple[Any, ...]) -> EntityRow:
        number, identifier, kind, caption, fields, state, merged_into, told_in = row
        return EntityRow(
            number, identifier, self._names.types.name[kind], caption, loads(fields), state, merged_into, told_in
        )

    def _named_today(self, rows: Rows) -> list[EntityRow]:
        # what has no name in today's vocabulary is seen in the log only
        live = self._names.types.live
        return [self._entity(row) for row in rows if row[2] in live]

    def entity_numbers(self, ids: Iterable[str]) -> dict[str, int]:
        """Return the numbers of the entities with these ids (ids ever given out keep their number)."""
        wanted = set(ids)
        found: dict[str, int] = {}
        for table in ("entities", "entities_past"):
            # looking at both tables of now: an id keeps its number whatever the moment
            template = f"SELECT x.id, x.number FROM json_each(:list) e CROSS JOIN {table} x ON x.id = e.value"
            found.update(self._ever_texts(template, wanted - found.keys()))
        return found

    def entities(self, numbers: Iterable[int]) -> dict[int, EntityRow]:
        """Return entity rows by number."""
        template = (
            f"SELECT {ENTITY} FROM json_each(:list) e CROSS JOIN entities{{past}} x ON x.number = e.value{{when}}"
        )
        return {row.number: row for row in self._named_today(self.believed(template, listed(numbers)))}

    def captions(self, numbers: Iterable[int]) -> dict[int, tuple[str, str]]:
        """Return caption and id of entities in any state by number: what lists are ordered by."""
        template = (
            "SELECT x.number, x.caption, x.id, x.type FROM json_each(:list) e"
            " CROSS JOIN entities{past} x ON x.number = e.value{when}"
        )
        live = self._names.types.live
        rows = self.believed(template, listed(numbers))
        return {number: (caption, identifier) for number, caption, identifier, kind in rows if kind in live}

    def entity_by_keys(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """Return the numbers of the entities with these external keys."""
        rows = self._by_pairs("x.source, x.key, x.entity", "external_keys", keys)
        return {(source, key): entity for source, key, entity in rows}

    def _by_pairs(self, columns: str, table: str, pairs: Iterable[tuple[str, str]]) -> Rows:
        """Return believed rows of a table whose source and key are one of these pairs."""
        plain: list[tuple[str, str]] = []
        cut: list[tuple[str, str]] = []
        for pair in pairs:
            (cut if "\0" in pair[0] or "\0" in pair[1] else plain).append(pair)
        found: Rows = []
        if plain:
            found += self.believed(
                f"SELECT {columns} FROM json_each(:list) e CROSS JOIN {table}{{past}} x"
                " ON x.source = json_extract(e.value, '$[0]') AND x.key = json_extract(e.value, '$[1]'){when}",
                {"list": dumps(plain)},
            )
        for source, key in cut:
            found += self.believed(
                f"SELECT {columns} FROM {table}{{past}} x WHERE x.source = :source AND x.key = :key{{when}}",
                {"source": source, "key": key},
            )
        return found

    def entities_named(self, folded: str, types: Sequence[str] | None, limit: int) -> list[EntityRow]:
        """Return live entities whose folded caption is this, ordered by caption, then id."""
        rows = self.believed(
            f"SELECT {ENTITY} FROM entities{{past}} x WHERE x.folded = :folded AND x.state = 'live'"
            f"{among('x.type', self._names.types, types)}{{when}}",
            {"folded": folded},
        )
        return sorted(self._named_today(rows), key=lambda row: (row.caption, row.id))[:limit]

    def entities_holding(self, type_names: Sequence[str], field_name: str, stored: object) -> list[int]:
        """Return live entities of exactly these types whose field holds this value (for ``unique`` and ``key``)."""
        types = among("x.type", self._names.types, type_names)
        if self.looks_back_to is None and all(field_name in kept_fields(self._vocabulary, name) for name in type_names):
            rows = self._link.rows(
                "SELECT x.number FROM field_values v CROSS JOIN entities x ON x.number = v.entity"
                f" WHERE v.field = :field AND v.value = :value AND x.state = 'live'{types} ORDER BY x.number",
                {"field": field_name, "value": dumps(stored)},
            )
            return [row[0] for row in rows]
        wanted = dumps(stored)
        rows = self.believed(
            f"SELECT x.number, x.fields FROM entities{{past}} x WHERE x.state = 'live'{types}{{when}}", {}
        )
        missing = object()
        found = []
        for number, text in rows:
            value = loads(text).get(field_name, missing)
            if value is not missing and dumps(value) == wanted:
                found.append(number)
        return sorted(found)

    def list_entities(
        self, types: Sequence[str] | None, *, after: tuple[str, str] | None, limit: int
    ) -> list[EntityRow]:
        """Return live entities of exactly these types (None: all) ordered by caption, then id, after a pair of both."""
        table = self._names.types
        further = " AND (x.caption, x.id) > (:caption, :id)" if after is not None else ""
        found: Rows = []
        # each type has its own stretch of the index
        for number in sorted(table.live if types is None else set(table.numbers(types))):
            found += self.believed(
                f"SELECT {ENTITY} FROM entities{{past}} x WHERE x.type = :type AND x.state = 'live'{further}{{when}}"
                " ORDER BY x.caption, x.id LIMIT :limit",
                {
                    "type": number,
                    "limit": limit,
                    **({} if after is None else {"caption": after[0], "id": after[1]}),
                },
            )
        return [self._entity(row) for row in sorted(found, key=lambda row: (row[3], row[1]))[:limit]]

    def every_entity(self, *, after: int, limit: int) -> list[EntityRow]:
        """Return entities in any state, ordered by number, after one number."""
        rows = self.believed(
            f"SELECT {ENTITY} FROM entities{{past}} x WHERE x.number > :after{{when}} ORDER BY x.number LIMIT :limit",
            {"after": after, "limit": limit},
        )
        return [self._entity(row) for row in sorted(rows)[:limit]]

    def count_entities(self, types: Sequence[str] | None) -> int:
        """Return how many live entities of exactly these types there are."""
        table = self._names.types
        condition = among("x.type", table, list(table.number) if types is None else types)
        rows = self.believed(f"SELECT count(*) FROM entities{{past}} x WHERE x.state = 'live'{condition}{{when}}", {})
        return sum(row[0] for row in rows)

    def tags(self, numbers: Iterable[int]) -> dict[int, tuple[str, ...]]:
        """Return the tags of entities, in name order."""
        template = "SELECT x.entity, x.tag FROM json_each(:list) e CROSS JOIN tags{past} x ON x.entity = e.value{when}"
        live = self._names.tags.live
        if not live:
            return {}
        found: dict[int, list[str]] = defaultdict(list)
        for entity, tag in self.believed(template, listed(numbers)):
            if tag in live:
                found[entity].append(live[tag])
        return {entity: tuple(sorted(names)) for entity, names in found.items()}

    def keys(self, numbers: Iterable[int]) -> dict[int, tuple[tuple[str, str], ...]]:
        """Return the external keys of entities, ordered."""
        template = (
            "SELECT x.entity, x.source, x.key FROM json_each(:list) e"
            " CROSS JOIN external_keys{past} x ON x.entity = e.value{when}"
        )
        found: dict[int, list[tuple[str, str]]] = defaultdict(list)
        for entity, source, key in self.believed(template, listed(numbers)):
            found[entity].append((source, key))
        return {entity: tuple(sorted(pairs)) for entity, pairs in found.items()}

    def merged_into(self, numbers: Iterable[int]) -> list[int]:
        """Return the entities that were merged, directly, into any of these."""
        template = (
            "SELECT x.number FROM json_each(:list) e CROSS JOIN entities{past} x"
            " ON x.merged_into = e.value AND x.state = 'merged'{when}"
        )
        return sorted({row[0] for row in self.believed(template, listed(numbers))})

    def ends(self, numbers: Ints) -> Ends:
        """Return type, state and tags of entities as columns."""
        type_names, type_code = self._names.types.coded()
        tag_names, tag_code = self._names.tags.coded()
        words = max(1, -(-len(tag_names) // _WORD))
        distinct, back = placed(np.asarray(numbers, dtype=np.int64))
        kinds = np.full(len(distinct), -1, np.int32)
        states = np.zeros(len(distinct), np.int8)
        tags = np.zeros((len(distinct), words), np.uint64)
        asked = {"list": str(distinct.tolist())}
        rows = self.believed(
            "SELECT x.number, x.type, x.state FROM json_each(:list) e"
            " CROSS JOIN entities{past} x ON x.number = e.value{when}",
            asked,
        )
        if rows:
            at = np.searchsorted(distinct, np.array([row[0] for row in rows], np.int64))
            kinds[at] = [type_code.get(row[1], -1) for row in rows]
            states[at] = [_STATES[row[2]] for row in rows]
        if tag_names:
            marks = self.believed(
                "SELECT x.entity, x.tag FROM json_each(:list) e CROSS JOIN tags{past} x ON x.entity = e.value{when}",
                asked,
            )
            for entity, tag in marks:
                code = tag_code.get(tag)
                if code is not None:
                    tags[np.searchsorted(distinct, entity), code // _WORD] |= np.uint64(1 << code % _WORD)
        return Ends(type_names, kinds[back], states[back], tag_names, tags[back])
