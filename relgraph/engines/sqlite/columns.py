"""Reading relations as columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from relgraph.engines.sqlite.codec import SINCE, UNTIL, dumps, loads
from relgraph.engines.sqlite.history import HistoryReads
from relgraph.engines.sqlite.network import Network
from relgraph.engines.sqlite.snapshot import Rows, among
from relgraph.model.columns import MISSING, Columns, Ints, joined, once, placed_amount
from relgraph.model.records import sure_end, sure_start
from relgraph.network.arrays import Adjacency
from relgraph.network.rows import Positions

CELLS = "x.number, x.predicate, x.subject, x.object, x.since, x.until, x.since_precision, x.until_precision"


def _positions(arrays: Adjacency, subjects: Ints | None, objects: Ints | None) -> Positions:
    if subjects is None and objects is None:
        return arrays.positions()
    if subjects is None:
        return arrays.neighbors(once(np.asarray(objects)), direction="backward").position
    at = arrays.neighbors(once(subjects), direction="forward").position
    if objects is not None:
        # numbers are far below 2**31 each, so a pair is one key
        wanted = (np.asarray(subjects, np.int64) << 32) | np.asarray(objects, np.int64)
        pairs = (arrays.subject(at).astype(np.int64) << 32) | arrays.object(at)
        at = at[np.isin(pairs, wanted)]
    return at


# from so many entities on, arrays that must first be made ready are faster than the tables
_MANY = 2000
# from so many relations on, arrays that are ready are
_HUB = 300


class ColumnReads(HistoryReads):
    """The part of a reader that answers in columns."""

    network: Network

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
        names = tuple(dict.fromkeys(predicates))
        if self._many(names, subjects, objects):
            return self._from_arrays(names, subjects, objects, attributes)
        rows = self._column_rows(names, subjects, objects, with_attributes=bool(attributes))
        hidden = self.hidden()
        if hidden:
            rows = [row for row in rows if row[2] not in hidden and row[3] not in hidden]
        return self._as_columns(names, rows, attributes)

    def _many(self, predicates: Sequence[str], subjects: Ints | None, objects: Ints | None) -> bool:
        """Return whether the arrays answer faster than the tables: for all, for many entities, for a hub."""
        if subjects is None and objects is None:
            return True
        asked = len(subjects if subjects is not None else objects if objects is not None else ())
        if asked > _MANY:
            return True
        if subjects is not None and objects is not None:
            # pairs are found by their index, however many relations either end has
            return False
        total = 0
        for arrays in self.network.ready(predicates):
            if subjects is not None:
                total += int(arrays.degrees(subjects, direction="forward").sum())
            else:
                total += int(arrays.degrees(np.asarray(objects), direction="backward").sum())
        return total > _HUB

    def _from_arrays(
        self, predicates: tuple[str, ...], subjects: Ints | None, objects: Ints | None, attributes: Sequence[str]
    ) -> Columns:
        live = self.network.live
        parts = []
        for name in predicates:
            arrays = self.network.adjacency(name)
            at = _positions(arrays, subjects, objects)
            if live is not None:
                at = at[live[arrays.subject(at)] & live[arrays.object(at)]]
            sure_since, sure_until = arrays.sure(at)
            parts.append(
                Columns(
                    (name,),
                    np.zeros(len(at), np.int32),
                    arrays.number(at).astype(np.int64),
                    arrays.subject(at).astype(np.int64),
                    arrays.object(at).astype(np.int64),
                    arrays.since(at),
                    arrays.until(at),
                    sure_since,
                    sure_until,
                    {one: arrays.amount(one, at) for one in attributes},
                )
            )
        return parts[0] if len(parts) == 1 else joined(parts)

    def _column_rows(
        self, predicates: Sequence[str], subjects: Ints | None, objects: Ints | None, *, with_attributes: bool
    ) -> Rows:
        cells = f"{CELLS}, x.attributes" if with_attributes else CELLS
        condition = among("x.predicate", self._names.predicates, predicates)
        asked: dict[str, object] = {}
        if subjects is not None and objects is not None:
            template = (
                f"SELECT {cells} FROM json_each(:list) e CROSS JOIN relations{{past}} x"
                f" ON x.subject = json_extract(e.value, '$[0]') AND x.object = json_extract(e.value, '$[1]'){condition}"
            )
            asked["list"] = dumps(sorted(set(zip(subjects.tolist(), objects.tolist(), strict=True))))
        elif subjects is not None or objects is not None:
            column, given = ("subject", subjects) if subjects is not None else ("object", objects)
            template = (
                f"SELECT {cells} FROM json_each(:list) e"
                f" CROSS JOIN relations{{past}} x ON x.{column} = e.value{condition}"
            )
            asked["list"] = str(once(np.asarray(given)).tolist())
        else:
            template = f"SELECT {cells} FROM relations{{past}} x WHERE 1{condition}"
        return sorted(self.believed(template + "{when}", asked))

    def _as_columns(self, predicates: tuple[str, ...], rows: Rows, attributes: Sequence[str]) -> Columns:
        cells = list(zip(*rows, strict=True)) or [()] * 9
        if len(predicates) > len(rows):
            # of very many predicates an entity has few
            predicates = tuple(self._names.predicates.live[number] for number in sorted(set(cells[1])))
        code = {self._names.predicates.number[name]: index for index, name in enumerate(predicates)}
        since = np.array([SINCE[text] for text in cells[4]], np.int32)
        until = np.array([UNTIL[text] for text in cells[5]], np.int32)
        sure_since, sure_until = since, until
        if any(cells[6]):
            sure_since = np.array(list(map(sure_start, since.tolist(), cells[6])), np.int32)
        if any(cells[7]):
            sure_until = np.array(list(map(sure_end, until.tolist(), cells[7])), np.int32)
        return Columns(
            predicates,
            np.array([code[number] for number in cells[1]], np.int32),
            np.array(cells[0], np.int64),
            np.array(cells[2], np.int64),
            np.array(cells[3], np.int64),
            since,
            until,
            sure_since,
            sure_until,
            self._amounts(predicates, rows, attributes) if attributes else {},
        )

    def _amounts(
        self, predicates: tuple[str, ...], rows: Rows, attributes: Sequence[str]
    ) -> Mapping[str, NDArray[np.int64]]:
        number = self._names.predicates.number
        fields = {
            name: {
                number[one]: field
                for one in predicates
                if (field := self._vocabulary.predicates[one].attribute(name)) is not None
            }
            for name in attributes
        }
        amounts = {name: np.full(len(rows), MISSING, np.int64) for name in attributes}
        for position, row in enumerate(rows):
            if row[8] == "{}":
                continue
            held = loads(row[8])
            for name, column in amounts.items():
                column[position] = placed_amount(fields[name].get(row[1]), held.get(name))
        return amounts
