"""Reading relations as columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from relgraph.engines.sqlite.codec import SINCE, UNTIL, dumps, loads
from relgraph.engines.sqlite.history import HistoryReads
from relgraph.engines.sqlite.snapshot import Rows, among
from relgraph.model.columns import MISSING, Columns, Ints, sure_end, sure_start
from relgraph.vocabulary.fields import scaled
from relgraph.vocabulary.model import Field, Vocabulary

CELLS = "x.number, x.predicate, x.subject, x.object, x.since, x.until, x.since_precision, x.until_precision"


def declared(vocabulary: Vocabulary, predicates: Sequence[str], attribute: str) -> dict[str, Field]:
    """Return the field behind an attribute name for each of the predicates that have it."""
    found = {name: vocabulary.predicates[name].attribute(attribute) for name in predicates}
    return {name: field for name, field in found.items() if field is not None}


class ColumnReads(HistoryReads):
    """The part of a reader that answers in columns."""

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
        rows = self._column_rows(predicates, subjects, objects, with_attributes=bool(attributes))
        hidden = self.hidden()
        if hidden:
            rows = [row for row in rows if row[2] not in hidden and row[3] not in hidden]
        return self._as_columns(tuple(dict.fromkeys(predicates)), rows, attributes)

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
            asked["list"] = str(np.unique(np.asarray(given)).tolist())
        else:
            template = f"SELECT {cells} FROM relations{{past}} x WHERE 1{condition}"
        return sorted(self._believed(template + "{when}", asked))

    def _as_columns(self, predicates: tuple[str, ...], rows: Rows, attributes: Sequence[str]) -> Columns:
        code = {self._names.predicates.number[name]: index for index, name in enumerate(predicates)}
        cells = list(zip(*rows, strict=True)) or [()] * 9
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
            name: {number[one]: field for one, field in declared(self._vocabulary, predicates, name).items()}
            for name in attributes
        }
        amounts = {name: np.full(len(rows), MISSING, np.int64) for name in attributes}
        for position, row in enumerate(rows):
            if row[8] == "{}":
                continue
            held = loads(row[8])
            for name, column in amounts.items():
                field = fields[name].get(row[1])
                stored = held.get(name)
                if field is not None and stored is not None:
                    column[position] = scaled(field, stored)
        return amounts
