"""Writing a change set: what is replaced moves to the past, what is told is created, in batches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from relgraph.engines.neo4j.history import Reader
from relgraph.engines.neo4j.names import labels_of, quoted, relationship_type
from relgraph.engines.neo4j.rows import Shapes, dumps
from relgraph.engines.neo4j.snapshot import Run
from relgraph.engines.neo4j.tables import parts
from relgraph.errors import ConflictError
from relgraph.model.blocks import RelationTable
from relgraph.model.records import ChangeSet, Delta, EntityRow, RelationRow, SourceRow

Row = TypeVar("Row", EntityRow, RelationRow)

BATCH = 10_000
"""Rows that one statement writes."""
_TOLD = 20_000
"""Numbers that one node of the log holds."""


class Writing:
    """One change set on its way into the open transaction, under its number."""

    def __init__(self, run: Run, reader: Reader, shapes: Shapes, number: int) -> None:
        self._run = run
        self._reader = reader
        self._shapes = shapes
        self._number = number

    def write(self, changes: ChangeSet) -> None:
        """Write everything but the vocabulary and the log; ConflictError where something is no longer as it was."""
        marks = self._tags(changes)
        self._unkey(changes)
        self._unstate(changes.sources_removed)
        self._leave(changes.relations)
        self._entities(changes, marks)
        self._key(changes)
        self._relations(changes)
        self._state(changes)

    def _batches(self, statement: str, rows: Sequence[Any], what: str | None = None, **parameters: object) -> None:
        """Run a statement over rows; ``what`` they are where each must be found."""
        found = 0
        for start in range(0, len(rows), BATCH):
            answer = self._run(statement, {"rows": rows[start : start + BATCH], **parameters})
            found += int(answer[0][0]) if answer else 0
        if what is not None:
            _refuse_changed(len(rows), found, what)

    # -- entities ------------------------------------------------------------------------------------------------

    def _tags(self, changes: ChangeSet) -> dict[int, list[tuple[str, int]]]:
        """Move tags that are taken away to the past; return the tags that each touched entity has from now on."""
        removed: dict[int, set[str]] = defaultdict(set)
        for row in changes.tags_removed:
            removed[row.entity].add(row.tag)
        added: dict[int, list[str]] = defaultdict(list)
        for row in changes.tags_added:
            added[row.entity].append(row.tag)
        touched = removed.keys() | added.keys()
        if not touched:
            return {}
        standing = self._reader.marks(touched)
        after: dict[int, list[tuple[str, int]]] = {}
        past = []
        for entity in touched:
            before = dict(standing.get(entity, ()))
            for tag in removed[entity]:
                if tag not in before:
                    raise ConflictError(
                        f"the tag {tag!r} was taken away by another writer",
                        hint="repeat the transaction",
                        details={"retry": True},
                    )
                past.append(
                    {
                        "entity": entity,
                        "tag": tag,
                        "_told": before.pop(tag),
                        "_replaced": self._number,
                        "_change": "retracted",
                    }
                )
            before.update(dict.fromkeys(added[entity], self._number))
            after[entity] = sorted(before.items())
        self._batches("UNWIND $rows AS row CREATE (x:_PastTag) SET x = row", past)
        return after

    def _entities(self, changes: ChangeSet, marks: Mapping[int, Sequence[tuple[str, int]]]) -> None:
        gone = [one.before for one in changes.entities if one.after is None and one.before is not None]
        changed = [one for one in changes.entities if one.before is not None and one.after is not None]
        fresh = [*changes.new_entities]
        fresh += [one.after for one in changes.entities if one.before is None and one.after is not None]
        self._past("_PastEntity", changes.entities, self._shapes.past_entity)
        self._batches(
            "UNWIND $rows AS row MATCH (n:Entity {_number: row[0]}) WHERE n._told = row[1] DELETE n RETURN count(*)",
            [[row.number, row.told_in] for row in gone],
            "entities",
        )
        written = set()
        groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in fresh:
            held = self._shapes.entity_properties(row, self._number)
            if row.number in marks:
                written.add(row.number)
                held["_tags"] = [tag for tag, _ in marks[row.number]]
                held["_tags_told"] = [told for _, told in marks[row.number]]
            groups[row.type].append(held)
        for type_name, rows in groups.items():
            labels = ":".join(quoted(one) for one in labels_of(self._shapes.vocabulary, type_name))
            self._batches(f"UNWIND $rows AS row CREATE (n:{labels}) SET n = row", rows)
        self._change_entities(changed)
        kept = {row.number for row in gone}
        self._batches(
            "UNWIND $rows AS row MATCH (n:Entity {_number: row[0]}) SET n._tags = row[1], n._tags_told = row[2]",
            [
                [number, [tag for tag, _ in tags], [told for _, told in tags]]
                for number, tags in marks.items()
                if number not in written and number not in kept
            ],
        )

    def _change_entities(self, changed: Iterable[Delta[EntityRow]]) -> None:
        groups: dict[tuple[str, str], list[list[Any]]] = defaultdict(list)
        for one in changed:
            if one.before is not None and one.after is not None:
                held = self._shapes.entity_properties(one.after, self._number)
                groups[one.before.type, one.after.type].append([one.before.number, one.before.told_in, held])
        for (before, after), rows in groups.items():
            self._batches(
                "UNWIND $rows AS row MATCH (n:Entity {_number: row[0]}) WHERE n._told = row[1]"
                " WITH n, row, n._tags AS tags, n._tags_told AS told SET n = row[2]"
                f" SET n._tags = tags, n._tags_told = told{self._relabeled(before, after)} RETURN count(*)",
                rows,
                "entities",
            )

    def _relabeled(self, before: str, after: str) -> str:
        vocabulary = self._shapes.vocabulary
        if before == after:
            return ""
        old = labels_of(vocabulary, before) if before in vocabulary.types else []
        new = labels_of(vocabulary, after)
        lost, won = [one for one in old if one not in new], [one for one in new if one not in old]
        text = "".join(f" REMOVE n:{quoted(one)}" for one in lost)
        return text + "".join(f" SET n:{quoted(one)}" for one in won)

    def _past(self, label: str, deltas: Iterable[Delta[Row]], held: Callable[[Row], dict[str, Any]]) -> None:
        rows = [
            {**held(one.before), "_replaced": self._number, "_change": one.change}
            for one in deltas
            if one.before is not None
        ]
        self._batches(f"UNWIND $rows AS row CREATE (x:{label}) SET x = row", rows)

    # -- keys and statements ---------------------------------------------------------------------------------------

    def _unkey(self, changes: ChangeSet) -> None:
        self._batches(
            "UNWIND $rows AS row MATCH (x:_Key {source: row[0], key: row[1]}) WHERE x.entity = row[2]"
            " CREATE (p:_PastKey) SET p = properties(x), p._replaced = $number, p._change = 'retracted'"
            " DELETE x RETURN count(*)",
            [[row.source, row.key, row.entity] for row in changes.keys_removed],
            "keys",
            number=self._number,
        )

    def _key(self, changes: ChangeSet) -> None:
        self._batches(
            "UNWIND $rows AS row CREATE (x:_Key {source: row[0], key: row[1], entity: row[2], _told: $number})",
            [[row.source, row.key, row.entity] for row in changes.keys_added],
            number=self._number,
        )

    def _unstate(self, removed: Sequence[SourceRow]) -> None:
        self._batches(
            "UNWIND $rows AS row MATCH (x:_Statement {relation: row[0], source: row[1], key: row[2]})"
            " CREATE (p:_PastStatement) SET p = properties(x), p._replaced = $number, p._change = 'retracted'"
            " DELETE x RETURN count(*)",
            [[row.relation, row.source, row.key] for row in removed],
            "statements of sources",
            number=self._number,
        )

    def _state(self, changes: ChangeSet) -> None:
        self._batches(
            "UNWIND $rows AS row CREATE (x:_Statement) SET x = row",
            [
                {
                    "relation": row.relation,
                    "source": row.source,
                    "key": row.key,
                    "_told": self._number,
                    **({} if row.says is None else {"says": dumps(row.says)}),
                }
                for row in changes.sources_added
            ],
        )
        touched = {row.relation for row in (*changes.sources_added, *changes.sources_removed)}
        touched -= {row.number for row in changes.new_relations}
        touched = {one for one in touched if all(table.place(one) is None for table in changes.new_tables)}
        for predicate, numbers in self._reader.by_predicate(touched).items():
            kind = quoted(relationship_type(predicate))
            # the names of the sources stand on the relation too, where other tools look for them
            self._batches(
                f"UNWIND $rows AS i MATCH ()-[x:{kind} {{_number: i}}]->() USING INDEX SEEK x:{kind}(_number)"
                " OPTIONAL MATCH (s:_Statement {relation: i}) WITH x, s.source AS source ORDER BY source"
                " WITH x, collect(DISTINCT source) AS named"
                " SET x.source = CASE WHEN size(named) = 0 THEN null ELSE named END",
                numbers,
            )

    # -- relations -------------------------------------------------------------------------------------------------

    def _leave(self, deltas: Sequence[Delta[RelationRow]]) -> None:
        """Move replaced versions to the past, and delete what is gone or stands elsewhere from now on."""
        self._past("_PastRelation", deltas, self._shapes.past_relation)
        groups: dict[str, list[list[int]]] = defaultdict(list)
        for one in deltas:
            if one.before is not None and (one.after is None or _moved(one.before, one.after)):
                groups[one.before.predicate].append([one.before.number, one.before.told_in])
        for predicate, rows in groups.items():
            kind = quoted(relationship_type(predicate))
            self._batches(
                f"UNWIND $rows AS row MATCH ()-[x:{kind} {{_number: row[0]}}]->() USING INDEX SEEK x:{kind}(_number)"
                " WHERE x._told = row[1] DELETE x RETURN count(*)",
                rows,
                f"relations ({predicate})",
            )

    def _relations(self, changes: ChangeSet) -> None:
        sources: dict[int, set[str]] = defaultdict(set)
        fresh = [*changes.new_relations]
        named = {row.relation for row in changes.sources_added}
        for table in changes.new_tables:
            if any(table.place(number) is not None for number in named):
                fresh += table
            else:
                self._table(table)
        new = len(fresh)
        fresh += [
            one.after
            for one in changes.relations
            if one.after is not None and (one.before is None or _moved(one.before, one.after))
        ]
        for row in changes.sources_added:
            sources[row.relation].add(row.source)
        kept = self._reader.sources(row.number for row in fresh[new:])
        for number, statements in kept.items():
            sources[number].update(one.source for one in statements)
        groups: dict[str, list[list[Any]]] = defaultdict(list)
        for one in fresh:
            held = self._shapes.relation_properties(one, self._number)
            if one.number in sources:
                held["source"] = sorted(sources[one.number])
            groups[one.predicate].append([one.subject, one.object, held])
        for predicate, rows in groups.items():
            self._batches(
                "UNWIND $rows AS row MATCH (a:Entity {_number: row[0]}) MATCH (b:Entity {_number: row[1]})"
                f" CREATE (a)-[x:{quoted(relationship_type(predicate))}]->(b) SET x = row[2] RETURN count(*)",
                rows,
                f"ends of relations ({predicate})",
            )
        self._change_relations(changes.relations)

    def _table(self, table: RelationTable) -> None:
        """Create relations that stand side by side."""
        for statement, rows, days in parts(table, self._shapes.attributes(table.predicate), BATCH):
            answer = self._run(statement, {"rows": rows, "days": days, "number": self._number})
            _refuse_changed(len(rows), int(answer[0][0]), f"ends of relations ({table.predicate})")

    def _change_relations(self, deltas: Iterable[Delta[RelationRow]]) -> None:
        groups: dict[str, list[list[Any]]] = defaultdict(list)
        for one in deltas:
            if one.before is not None and one.after is not None and not _moved(one.before, one.after):
                held = self._shapes.relation_properties(one.after, self._number)
                groups[one.after.predicate].append([one.before.number, one.before.told_in, held])
        for predicate, rows in groups.items():
            kind = quoted(relationship_type(predicate))
            self._batches(
                f"UNWIND $rows AS row MATCH ()-[x:{kind} {{_number: row[0]}}]->() USING INDEX SEEK x:{kind}(_number)"
                " WHERE x._told = row[1] WITH x, row, x.source AS source SET x = row[2] SET x.source = source"
                " RETURN count(*)",
                rows,
                f"relations ({predicate})",
            )


def told_nodes(changes: ChangeSet) -> list[dict[str, Any]]:
    """Return the nodes that say which relations and tagged entities a transaction told."""
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row in changes.new_relations:
        groups["relations", row.predicate].append(row.number)
    for table in changes.new_tables:
        groups["relations", table.predicate].extend(range(table.first, table.first + len(table)))
    for one in changes.relations:
        if one.after is not None:
            groups["relations", one.after.predicate].append(one.after.number)
    for entity in sorted({tag.entity for tag in changes.tags_added}):
        groups["tags", ""].append(entity)
    return [
        {"what": what, "predicate": predicate, "numbers": numbers[start : start + _TOLD]}
        for (what, predicate), numbers in groups.items()
        for start in range(0, len(numbers), _TOLD)
    ]


def _refuse_changed(wanted: int, found: int, what: str) -> None:
    if found != wanted:
        raise ConflictError(
            f"{wanted - found} of {wanted} {what} changed since they were read",
            hint="read them again and repeat the change",
            details={"retry": True},
        )


def _moved(before: RelationRow, after: RelationRow) -> bool:
    # a relationship's type and ends cannot be changed: it is made anew
    return (before.predicate, before.subject, before.object) != (after.predicate, after.subject, after.object)
