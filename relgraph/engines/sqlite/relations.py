"""Reading relations and who states them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from operator import itemgetter
from typing import Any, Literal

from relgraph.engines.sqlite.codec import SINCE, UNTIL, dumps, loads
from relgraph.engines.sqlite.entities import EntityReads
from relgraph.engines.sqlite.snapshot import Rows, among, listed
from relgraph.model.records import RelationRow, SourceRow

RELATION = (
    "x.number, x.id, x.predicate, x.subject, x.object, x.since, x.until, x.since_precision, x.until_precision,"
    " x.attributes, x.confidence, x.told_in"
)
SOURCE = "x.relation, x.source, x.key, x.says, x.told_in"
_PAGE = 5000
_FEW = 20_000


def source_row(row: tuple[Any, ...]) -> SourceRow:
    """Return a statement of a source as the file holds it."""
    relation, source, key, says, told_in = row
    return SourceRow(relation, source, key, None if says is None else loads(says), told_in)


class RelationReads(EntityReads):
    """The part of a reader that answers about relations."""

    def _relation(self, row: tuple[Any, ...]) -> RelationRow:
        name = self._names.predicates.name
        return RelationRow(
            row[0],
            row[1],
            name[row[2]],
            row[3],
            row[4],
            SINCE[row[5]],
            UNTIL[row[6]],
            row[7],
            row[8],
            loads(row[9]),
            row[10],
            row[11],
        )

    def _sayable(self, rows: Rows) -> list[RelationRow]:
        live = self._names.predicates.live
        return [self._relation(row) for row in rows if row[2] in live]

    def relation_numbers(self, ids: Iterable[str]) -> dict[str, int]:
        """Return the numbers of relations with these ids, believed now or once (an id keeps its number)."""
        wanted = set(ids)
        found: dict[str, int] = {}
        for table in ("relations", "relations_past"):
            statement = f"SELECT x.id, x.number FROM json_each(:list) e CROSS JOIN {table} x ON x.id = e.value"
            found.update(self._ever_texts(statement, wanted - found.keys()))
        return found

    def relations(self, numbers: Iterable[int]) -> dict[int, RelationRow]:
        """Return believed relations by number."""
        template = (
            f"SELECT {RELATION} FROM json_each(:list) e CROSS JOIN relations{{past}} x ON x.number = e.value{{when}}"
        )
        return {row.number: row for row in self._sayable(self.believed(template, listed(numbers)))}

    def relation_by_keys(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """Return the believed relations that a source states under these (source, key) pairs."""
        rows = self._by_pairs("x.source, x.key, x.relation", "relation_sources", keys)
        return {(source, key): relation for source, key, relation in rows}

    def relations_of(
        self,
        entities: Iterable[int],
        *,
        end: Literal["subject", "object", "either"] = "either",
        predicates: Sequence[str] | None = None,
    ) -> list[RelationRow]:
        """Return relations that touch these entities at that end, each once, ordered by number."""
        asked = listed(entities)
        condition = among("x.predicate", self._names.predicates, predicates)
        found: dict[int, tuple[Any, ...]] = {}
        for column in ("subject", "object") if end == "either" else (end,):
            template = (
                f"SELECT {RELATION} FROM json_each(:list) e"
                f" CROSS JOIN relations{{past}} x ON x.{column} = e.value{condition}{{when}}"
            )
            found.update({row[0]: row for row in self.believed(template, asked)})
        return self._sayable([found[number] for number in sorted(found)])

    def relations_between(self, pairs: Sequence[tuple[int, int]], predicates: Sequence[str]) -> list[RelationRow]:
        """Return relations of these predicates from the first to the second of each pair, ordered by number."""
        template = (
            f"SELECT {RELATION} FROM json_each(:list) e CROSS JOIN relations{{past}} x"
            " ON x.subject = json_extract(e.value, '$[0]') AND x.object = json_extract(e.value, '$[1]')"
            f"{among('x.predicate', self._names.predicates, predicates)}{{when}}"
        )
        asked = {"list": dumps([[int(subject), int(obj)] for subject, obj in pairs])}
        found = {row[0]: row for row in self.believed(template, asked)}
        return self._sayable([found[number] for number in sorted(found)])

    def hidden(self) -> set[int]:
        """Return the entities that are trashed, merged away, or of a type that no longer has a name."""
        rows = self.believed("SELECT x.number FROM entities{past} x WHERE x.state <> 'live'{when}", {})
        found = {row[0] for row in rows}
        gone = self._names.types.name.keys() - self._names.types.live.keys()
        if gone:
            condition = f"x.type IN ({','.join(map(str, gone))})"
            found.update(
                row[0]
                for row in self.believed(f"SELECT x.number FROM entities{{past}} x WHERE {condition}{{when}}", {})
            )
        return found

    def every_relation(self, *, after: int, limit: int) -> list[RelationRow]:
        """Return believed relations, those of trashed entities too, ordered by number, after one number."""
        return self._paged("", frozenset(), after=after, limit=limit)

    def list_relations(self, predicates: Sequence[str] | None, *, after: int, limit: int) -> list[RelationRow]:
        """Return live relations of exactly these predicates (None: all) ordered by number, after one number."""
        if predicates is None:
            return self._paged("", self.hidden(), after=after, limit=limit)
        condition = among("x.predicate", self._names.predicates, predicates)
        # few are fetched by their predicate and sorted; among many, the next ones by number are near
        counted = f"SELECT count(*) FROM (SELECT 1 FROM relations x WHERE 1{condition} LIMIT {_FEW})"
        if self._link.rows(counted)[0][0] == _FEW:
            condition = condition.replace("x.predicate", "+x.predicate")
        return self._paged(condition, self.hidden(), after=after, limit=limit)

    def _paged(self, condition: str, hidden: AbstractSet[int], *, after: int, limit: int) -> list[RelationRow]:
        template = (
            f"SELECT {RELATION} FROM relations{{past}} x WHERE x.number > :after{condition}{{when}}"
            " ORDER BY x.number LIMIT :limit"
        )
        live = self._names.predicates.live
        kept: list[RelationRow] = []
        while len(kept) < limit:
            rows = sorted(self.believed(template, {"after": after, "limit": limit}), key=itemgetter(0))[:limit]
            kept += [
                self._relation(row) for row in rows if row[2] in live and row[3] not in hidden and row[4] not in hidden
            ]
            if len(rows) < limit:
                break
            after = rows[-1][0]
        return kept[:limit]

    def count_relations(self, predicates: Sequence[str] | None) -> int:
        """Return how many live relations of exactly these predicates are believed, whatever their period."""
        table = self._names.predicates
        condition = among("x.predicate", table, list(table.number) if predicates is None else predicates)
        template = f"SELECT count(*) FROM relations{{past}} x WHERE 1{condition}{{when}}"
        total: int = sum(row[0] for row in self.believed(template, {}))
        hidden = self.hidden()
        if hidden:
            asked = listed(sorted(hidden))
            touching: set[int] = set()
            for column in ("subject", "object"):
                rows = self.believed(
                    "SELECT x.number FROM json_each(:list) e"
                    f" CROSS JOIN relations{{past}} x ON x.{column} = e.value{condition}{{when}}",
                    asked,
                )
                touching.update(row[0] for row in rows)
            total -= len(touching)
        return total

    def sources(self, relations: Iterable[int]) -> dict[int, tuple[SourceRow, ...]]:
        """Return who states these relations, ordered by source, then key."""
        template = (
            f"SELECT {SOURCE} FROM json_each(:list) e"
            " CROSS JOIN relation_sources{past} x ON x.relation = e.value{when}"
        )
        found: dict[int, list[SourceRow]] = defaultdict(list)
        for row in self.believed(template, listed(relations)):
            found[row[0]].append(source_row(row))
        return {number: tuple(sorted(rows, key=lambda one: (one.source, one.key))) for number, rows in found.items()}

    def relations_stated_by(self, source: str) -> Iterator[SourceRow]:
        """Yield every statement of a source, ordered by relation number."""
        # the index gives keys in order, not relations: the numbers are few bytes, the rows come page by page
        numbers = sorted(
            {
                row[0]
                for row in self.believed(
                    "SELECT x.relation FROM relation_sources{past} x WHERE x.source = :source{when}", {"source": source}
                )
            }
        )
        for start in range(0, len(numbers), _PAGE):
            page = self.sources(numbers[start : start + _PAGE])
            for number in numbers[start : start + _PAGE]:
                yield from (row for row in page.get(number, ()) if row.source == source)
