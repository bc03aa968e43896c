"""Reading relations, who states them, and relations as columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal

import numpy as np

from relgraph.engines.neo4j.entities import EntityReads
from relgraph.engines.neo4j.names import quoted, relationship_type
from relgraph.engines.neo4j.rows import source_row
from relgraph.engines.neo4j.snapshot import Rows, Run, State, distinct, whole
from relgraph.engines.neo4j.sound import sound
from relgraph.model.columns import Columns, Ints, from_rows, placed_amount
from relgraph.model.records import RelationRow, SourceRow

NOW = "type(x), a._number, b._number, properties(x)"
PAST = "x._predicate, x._subject, x._object, properties(x)"
_BRANCHES = 40
"""So many relationship types are looked through by one statement: each is a branch of its plan."""
_PAGE = 5000
_LIVE = "a._state IS NULL AND b._state IS NULL"


def types_of(predicates: Iterable[str]) -> str:
    """Return relationship types as a pattern has them.

    >>> types_of(["owns", "leads"])
    ':`OWNS`|`LEADS`'
    """
    return ":" + "|".join(quoted(relationship_type(one)) for one in predicates)


class RelationReads(EntityReads):
    """The part of a reader that answers about relations."""

    def __init__(self, run: Run, state: Callable[[Run], State], *, known: int | None = None) -> None:
        super().__init__(run, state, known=known)
        # which predicate a relation was seen under: it need be looked for there only
        self._under: dict[int, str] = {}

    def _named(self, predicates: Iterable[str] | None) -> list[str]:
        """Return those of the predicates that the vocabulary has and that may have relations."""
        known = self.vocabulary.predicates
        if predicates is None:
            # not through all that the vocabulary has: most of them may have no relations
            return sorted((one for one in self.used if one in known), key=self.vocabulary.reading_ranks.__getitem__)
        return [one for one in distinct(predicates) if one in known and one in self.used]

    def _relation(self, cells: Sequence[Any], *, named: bool = True) -> RelationRow | None:
        """Return the row of a relationship or of a past version; None where it has no name today."""
        kind, subject, obj, held = cells
        predicate = kind if "_predicate" in held else self._state.shapes.names.predicates.get(kind)
        if predicate is None or (named and predicate not in self.vocabulary.predicates):
            return None
        row = self._state.shapes.relation(predicate, subject, obj, held)
        if row is not None:
            self._under[row.number] = predicate
        return row

    def _rows(self, cells: Rows) -> list[RelationRow]:
        found = {row.number: row for one in cells if (row := self._relation(one)) is not None}
        return [found[number] for number in sorted(found)]

    def _seek(
        self,
        name: str,
        values: Sequence[Any],
        predicates: Sequence[str],
        *,
        when: str,
        at: int | None,
        value: str = "i",
    ) -> Rows:
        """Return relations of some predicates by an indexed property, one seek per value i and predicate."""
        found: Rows = []
        for start in range(0, len(predicates), _BRANCHES):
            kinds = [quoted(relationship_type(one)) for one in predicates[start : start + _BRANCHES]]
            branches = " UNION ALL ".join(
                f"MATCH (a)-[x:{kind} {{{name}: {value}}}]->(b) USING INDEX SEEK x:{kind}({name}) WHERE {when}"
                " RETURN x, a, b"
                for kind in kinds
            )
            found += self._run(
                f"UNWIND $list AS i CALL (i) {{ {branches} }} RETURN {NOW}", {"list": list(values), "at": at}
            )
        return found

    def relation_numbers(self, ids: Iterable[str]) -> dict[str, int]:
        """Return the numbers of relations with these ids, believed now or once (an id keeps its number)."""
        wanted = distinct(ids)
        if not wanted:
            return {}
        found: dict[str, int] = {}
        past = "UNION ALL MATCH (x:_PastRelation {id: i}) RETURN null AS kind, x._number AS number"
        kinds = [quoted(relationship_type(one)) for one in self._named(None)]
        for start in range(0, max(len(kinds), 1), _BRANCHES):
            branches = "".join(
                f" UNION ALL MATCH ()-[x:{kind} {{id: i}}]->() USING INDEX SEEK x:{kind}(id)"
                " RETURN type(x) AS kind, x._number AS number"
                for kind in kinds[start : start + _BRANCHES]
            )
            text = (past if start == 0 else "").removeprefix("UNION ALL ") + branches
            rows = self._run(
                f"UNWIND $list AS i CALL (i) {{ {text.removeprefix(' UNION ALL ')} }} RETURN i, number, max(kind)",
                {"list": wanted},
            )
            for one, number, kind in rows:
                if isinstance(number, int):
                    found[one] = number
                    predicate = self._state.shapes.names.predicates.get(kind)
                    if predicate is not None:
                        self._under[number] = predicate
        return found

    def relations(self, numbers: Iterable[int]) -> dict[int, RelationRow]:
        """Return believed relations by number."""
        return {row.number: row for row in self._rows(self._by_number(whole(numbers)))}

    def _by_number(self, numbers: Sequence[int]) -> Rows:
        at = self._at()
        when = "true" if at is None else "x._told <= $at"
        groups: dict[str, list[int]] = defaultdict(list)
        for number in numbers:
            groups[self._under.get(number, "")].append(number)
        rows: Rows = []
        for predicate, members in groups.items():
            under = [predicate] if predicate in self.used else self._named(None)
            rows += self._seek("_number", members, under, when=when, at=at)
        if at is not None and numbers:
            rows += self._run(
                "UNWIND $list AS i MATCH (x:_PastRelation {_number: i})"
                f" WHERE x._told <= $at AND x._replaced > $at RETURN {PAST}",
                {"list": list(numbers), "at": at},
            )
        return rows

    def by_predicate(self, numbers: Iterable[int]) -> dict[str, list[int]]:
        """Return the numbers of believed relations by their predicate."""
        found: dict[str, list[int]] = defaultdict(list)
        for row in self.relations(numbers).values():
            found[row.predicate].append(row.number)
        return found

    def relation_by_keys(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """Return the believed relations that a source states under these (source, key) pairs."""
        wanted = [list(pair) for pair in distinct(keys)]
        if not wanted:
            return {}
        match = (
            "UNWIND $list AS i MATCH (x:{label} {{source: i[0], key: i[1]}}) WHERE <when>"
            " RETURN x.source, x.key, x.relation"
        )
        rows = self._believed(match.format(label="_Statement"), match.format(label="_PastStatement"), {"list": wanted})
        return {(source, key): relation for source, key, relation in sorted(rows)}

    def _touching(
        self, entities: Iterable[int], end: str, predicates: Sequence[str] | None, *, cells: tuple[str, str], live: str
    ) -> Rows:
        """Return cells of relations that start or end at any of these entities."""
        wanted = whole(entities)
        named = self._named(predicates)
        if not wanted or not named:
            return []
        kinds, among = "", ""
        asked: dict[str, Any] = {"list": wanted}
        if predicates is not None:
            kinds, among = types_of(named), "x._predicate IN $predicates AND "
            asked["predicates"] = named
        here, there = ("a", "b") if end == "subject" else ("b", "a")
        ends = f"({here}:Entity {{_number: i}})", f"({there}:Entity)"
        pattern = f"{ends[0]}-[x{kinds}]->{ends[1]}" if end == "subject" else f"{ends[0]}<-[x{kinds}]-{ends[1]}"
        return self._believed(
            f"UNWIND $list AS i MATCH {pattern} WHERE {live}<when> RETURN {cells[0]}",
            f"UNWIND $list AS i MATCH (x:_PastRelation {{_{end}: i}}) WHERE {among}<when> RETURN {cells[1]}",
            asked,
        )

    def relations_of(
        self,
        entities: Iterable[int],
        *,
        end: Literal["subject", "object", "either"] = "either",
        predicates: Sequence[str] | None = None,
    ) -> list[RelationRow]:
        """Return relations that touch these entities at that end, each once, ordered by number."""
        wanted = whole(entities)
        rows: Rows = []
        for one in ("subject", "object") if end == "either" else (end,):
            rows += self._touching(wanted, one, predicates, cells=(NOW, PAST), live="")
        return self._rows(rows)

    def relations_between(self, pairs: Sequence[tuple[int, int]], predicates: Sequence[str]) -> list[RelationRow]:
        """Return relations of these predicates from the first to the second of each pair, ordered by number."""
        return self._rows(self._between(pairs, predicates, cells=(NOW, PAST), live=""))

    def _between(
        self, pairs: Iterable[tuple[int, int]], predicates: Sequence[str], *, cells: tuple[str, str], live: str
    ) -> Rows:
        named = self._named(predicates)
        # each subject is gone through once, however many of its objects are asked for
        groups: dict[int, list[int]] = defaultdict(list)
        for subject, obj in distinct(pairs):
            groups[int(subject)].append(int(obj))
        if not groups or not named:
            return []
        return self._believed(
            "UNWIND $list AS i MATCH (a:Entity {_number: i[0]}) USING INDEX SEEK a:Entity(_number)"
            f" MATCH (a)-[x{types_of(named)}]->(b:Entity) WHERE b._number IN i[1] AND {live}<when> RETURN {cells[0]}",
            "UNWIND $list AS i MATCH (x:_PastRelation {_subject: i[0]}) WHERE x._object IN i[1]"
            f" AND x._predicate IN $predicates AND <when> RETURN {cells[1]}",
            {"list": [[subject, objects] for subject, objects in groups.items()], "predicates": named},
        )

    def every_relation(self, *, after: int, limit: int) -> list[RelationRow]:
        """Return believed relations, those of trashed entities too, ordered by number, after one number."""
        return self._page(self._named(None), after, limit, live="")

    def list_relations(self, predicates: Sequence[str] | None, *, after: int, limit: int) -> list[RelationRow]:
        """Return live relations of exactly these predicates (None: all) ordered by number, after one number."""
        if self._at() is None:
            return self._page(self._named(predicates), after, limit, live=f" AND {_LIVE}")
        hidden = self.hidden()
        kept: list[RelationRow] = []
        while len(kept) < limit:
            rows = self._page(self._named(predicates), after, limit, live="")
            kept += [row for row in rows if row.subject not in hidden and row.object not in hidden]
            if len(rows) < limit:
                break
            after = rows[-1].number
        return kept[:limit]

    def _page(self, predicates: Sequence[str], after: int, limit: int, *, live: str) -> list[RelationRow]:
        """Return the next believed relations by number."""
        at = self._at()
        asked = {"after": after, "limit": limit, "at": at, "predicates": list(predicates)}
        when = "" if at is None else " AND x._told <= $at"
        rows: Rows = []
        for name in predicates:
            # each type has its own index, which gives its numbers in order
            rows += self._run(
                f"MATCH (a:Entity)-[x{types_of([name])}]->(b:Entity) WHERE x._number > $after{live}{when}"
                f" RETURN {NOW} ORDER BY x._number LIMIT $limit",
                asked,
            )
        if at is not None:
            rows += self._run(
                "MATCH (x:_PastRelation) WHERE x._number > $after AND x._predicate IN $predicates AND x._told <= $at"
                f" AND x._replaced > $at RETURN {PAST} ORDER BY x._number LIMIT $limit",
                asked,
            )
        return self._rows(rows)[:limit]

    def count_relations(self, predicates: Sequence[str] | None) -> int:
        """Return how many live relations of exactly these predicates are believed, whatever their period."""
        named = self._named(predicates)
        if not named:
            return 0
        kinds = types_of(named)
        if self._at() is None:
            # the database keeps the total; only what touches hidden entities is looked at
            total, touching = self._run(
                f"CALL () {{ MATCH ()-[x{kinds}]->() RETURN count(x) AS total }}"
                " CALL () { MATCH (h:Entity) WHERE h._state >= ''"
                f" MATCH (h)-[x{kinds}]-() RETURN count(DISTINCT x) AS touching }} RETURN total, touching",
                {},
            )[0]
            return int(total - touching)
        hidden = self.hidden()
        rows = self._believed(
            f"MATCH (a:Entity)-[x{kinds}]->(b:Entity) WHERE <when> RETURN a._number, b._number",
            "MATCH (x:_PastRelation) WHERE x._predicate IN $predicates AND <when> RETURN x._subject, x._object",
            {"predicates": named},
        )
        return sum(1 for subject, obj in rows if subject not in hidden and obj not in hidden)

    def sources(self, relations: Iterable[int]) -> dict[int, tuple[SourceRow, ...]]:
        """Return who states these relations, ordered by source, then key."""
        wanted = whole(relations)
        if not wanted:
            return {}
        match = "UNWIND $list AS i MATCH (x:{label} {{relation: i}}) WHERE <when> RETURN properties(x)"
        found: dict[int, list[SourceRow]] = defaultdict(list)
        for (held,) in self._believed(
            match.format(label="_Statement"), match.format(label="_PastStatement"), {"list": wanted}
        ):
            if sound("_Statement", held):
                found[held["relation"]].append(source_row(held))
        return {number: tuple(sorted(rows, key=lambda one: (one.source, one.key))) for number, rows in found.items()}

    def relations_stated_by(self, source: str) -> Iterator[SourceRow]:
        """Yield every statement of a source, ordered by relation number."""
        match = "MATCH (x:{label}) WHERE x.source = $source AND <when> RETURN x.relation"
        rows = self._believed(
            match.format(label="_Statement"), match.format(label="_PastStatement"), {"source": source}
        )
        # the numbers are few bytes, the statements come page by page
        numbers = sorted({row[0] for row in rows})
        for start in range(0, len(numbers), _PAGE):
            page = self.sources(numbers[start : start + _PAGE])
            for number in numbers[start : start + _PAGE]:
                yield from (row for row in page.get(number, ()) if row.source == source)

    def columns(
        self,
        predicates: Sequence[str],
        *,
        subjects: Ints | None = None,
        objects: Ints | None = None,
        attributes: Sequence[str] = (),
    ) -> Columns:
        """Return live relations of these predicates as columns.

        With ``subjects`` those starting at any of them, with ``objects`` those ending at any of them, with both
        (arrays of one length) those of the pairs; with neither, all. Amounts are scaled by each attribute's field.
        """
        looking_back = self._at() is not None
        live = "" if looking_back else f"{_LIVE} AND "
        cells = self._column_cells(predicates, attributes)
        if subjects is not None and objects is not None:
            pairs = zip(subjects.tolist(), objects.tolist(), strict=True)
            rows = self._between(pairs, predicates, cells=cells, live=live)
        elif subjects is not None or objects is not None:
            given, end = (subjects, "subject") if subjects is not None else (objects, "object")
            numbers = [] if given is None else given.tolist()
            rows = self._touching(numbers, end, predicates, cells=cells, live=live)
        else:
            named = self._named(predicates)
            rows = (
                []
                if not named
                else self._believed(
                    f"MATCH (a:Entity)-[x{types_of(named)}]->(b:Entity) WHERE {live}<when> RETURN {cells[0]}",
                    f"MATCH (x:_PastRelation) WHERE x._predicate IN $predicates AND <when> RETURN {cells[1]}",
                    {"predicates": named},
                )
            )
        found = [row for one in rows if (row := self._relation(one)) is not None]
        if looking_back:
            hidden = self.hidden()
            found = [row for row in found if row.subject not in hidden and row.object not in hidden]
        found = list({row.number: row for row in sorted(found)}.values())
        columns = from_rows(found, {name: self._amounts(found, name) for name in attributes})
        return _under(columns, tuple(dict.fromkeys(predicates)))

    def _column_cells(self, predicates: Sequence[str], attributes: Sequence[str]) -> tuple[str, str]:
        """Return what columns are made of: only the properties that are asked for travel."""
        wanted = ["_number", "_told", "since", "until", "_since_precision", "_until_precision", "_until_beyond"]
        for name in attributes:
            fields = [self._state.shapes.attributes(one).get(name) for one in predicates]
            if any(fields):
                wanted.append(name)
                if any(field is not None and field.kind == "money" for field in fields):
                    wanted.append(f"{name}_currency")
        chosen = ", ".join(f".{quoted(one)}" for one in wanted)
        return (
            f"type(x), a._number, b._number, x {{{chosen}}}",
            f"x._predicate, x._subject, x._object, x {{{chosen}, ._predicate}}",
        )

    def _amounts(self, rows: Sequence[RelationRow], name: str) -> list[int]:
        attributes = self._state.shapes.attributes
        return [placed_amount(attributes(row.predicate).get(name), row.attributes.get(name)) for row in rows]


def _under(columns: Columns, predicates: tuple[str, ...]) -> Columns:
    """Return columns whose codes index these predicates, those without relations included."""
    code = {name: index for index, name in enumerate(predicates)}
    table = np.array([code[name] for name in columns.predicates] or [0], np.int32)
    return Columns(
        predicates,
        table[columns.predicate],
        columns.number,
        columns.subject,
        columns.object,
        columns.since,
        columns.until,
        columns.sure_since,
        columns.sure_until,
        columns.amounts,
    )
