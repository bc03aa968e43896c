"""The answer to a question: rows that are read by name, by position or as attributes, and tables made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, overload

from relgraph.errors import NotFound, RelgraphError
from relgraph.model.entity import Entity, Path, Relation
from relgraph.values.plain import plain

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

    from relgraph.vocabulary.model import Vocabulary

_SHOWN = 50


class Row(Sequence[Any]):
    """One row: ``row["name"]``, ``row[0]`` and, where the title is an identifier, ``row.name``.

    A row equals a tuple of the same values.
    """

    __slots__ = ("_titles", "_values")

    def __init__(self, values: tuple[Any, ...], titles: dict[str, int]) -> None:
        self._values = values
        self._titles = titles

    @overload
    def __getitem__(self, key: int | str) -> Any: ...

    @overload
    def __getitem__(self, key: slice) -> tuple[Any, ...]: ...

    def __getitem__(self, key: int | str | slice) -> Any:
        if isinstance(key, str):
            try:
                return self._values[self._titles[key]]
            except KeyError:
                raise KeyError(f"no column {key!r}; there are {', '.join(self._titles)}") from None
        return self._values[key]

    def __getattr__(self, name: str) -> Any:
        try:
            return self._values[self._titles[name]]
        except KeyError:
            raise AttributeError(f"no column {name!r}; there are {', '.join(self._titles)}") from None

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Row):
            return self._values == other._values and list(self._titles) == list(other._titles)
        return self._values == other if isinstance(other, tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._values)

    def __repr__(self) -> str:
        cells = ", ".join(f"{title}={value!r}" for title, value in zip(self._titles, self._values, strict=True))
        return f"Row({cells})"

    def to_dict(self) -> dict[str, Any]:
        """Return the row as a dictionary by title."""
        return dict(zip(self._titles, self._values, strict=True))


class Result(Sequence[Row]):
    """The rows of an answer, in the order the question asked for.

    ``columns`` are the titles; ``truncated`` says whether there were more rows than were asked for; ``notes`` say what
    was missing or could not be told, and what to know when reading the answer.
    """

    def __init__(
        self,
        columns: Sequence[str],
        rows: Sequence[tuple[Any, ...]],
        *,
        truncated: bool = False,
        notes: Sequence[str] = (),
        text: str = "",
        explain: Callable[[], Any] | None = None,
        vocabulary: Vocabulary | None = None,
    ) -> None:
        self.columns: tuple[str, ...] = tuple(columns)
        self.truncated = truncated
        self.notes: tuple[str, ...] = tuple(notes)
        self.text = text
        self._explain = explain
        self._vocabulary = vocabulary
        self._titles = {title: index for index, title in enumerate(self.columns)}
        # rows are made when they are looked at: what takes columns out of them needs none
        self._values = rows

    # -- rows --------------------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Iterator[Row]:
        titles = self._titles
        return (Row(values, titles) for values in self._values)

    @overload
    def __getitem__(self, index: int) -> Row: ...

    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...

    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, slice):
            return [Row(values, self._titles) for values in self._values[index]]
        return Row(self._values[index], self._titles)

    def __bool__(self) -> bool:
        return bool(self._values)

    def first(self) -> Any:
        """Return the first row (its value, where there is one column), None where there is none."""
        return self._plain(self[0]) if self._values else None

    def one(self) -> Any:
        """Return the only row (its value, where there is one column).

        Raises NotFound where there is none, RelgraphError where there are several.
        """
        if not self._values:
            raise NotFound("the question has no answer, and one was asked for")
        if len(self._values) > 1:
            more = "or more " if self.truncated else ""
            raise RelgraphError(f"the question has {len(self._values):,} {more}rows, and one was asked for")
        return self._plain(self[0])

    def _plain(self, row: Row) -> Any:
        return row[0] if len(self.columns) == 1 else row

    def scalars(self, column: str | int = 0, /) -> list[Any]:
        """Return the values of one column, the first unless another is named."""
        at = column if isinstance(column, int) else self._titles.get(column)
        if at is None:
            raise KeyError(f"no column {column!r}; there are {', '.join(self.columns)}")
        return [row[at] for row in self._values]

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return each row as a dictionary."""
        return [row.to_dict() for row in self]

    # -- other shapes ------------------------------------------------------------------------------------------------

    def to_pandas(self) -> pd.DataFrame:
        """Return a data frame; entities and relations stand in it by name and as text. Needs ``relgraph[pandas]``."""
        import pandas as pd  # noqa: PLC0415 - an extra

        return pd.DataFrame([[_cell(one) for one in row] for row in self._values], columns=list(self.columns))

    def to_networkx(self) -> nx.MultiDiGraph[str]:
        """Return the entities, relations and paths of the rows as a graph, by id."""
        import networkx as nx  # noqa: PLC0415 - heavy, and loaded when asked for only

        graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
        for value in _things(self._values):
            if isinstance(value, Entity):
                graph.add_node(value.id, **{**value.fields, "type": value.type, "name": value.name})
        for value in _things(self._values):
            if isinstance(value, Relation):
                for end in (value.subject, value.object):
                    if end.id not in graph:
                        graph.add_node(end.id, type=end.type, name=end.name)
                told = {"predicate": value.predicate, "since": value.since, "until": value.until}
                graph.add_edge(value.subject.id, value.object.id, value.id, **told, **dict(value.attributes))
        return graph

    def to_py2neo(self) -> Any:
        """Return the entities, relations and paths of the rows as a Subgraph of py2neo. Needs ``relgraph[py2neo]``.

        An end of a relation that is not in the rows is a node that says its id and name only.
        """
        from relgraph.exchange.py2neo import library, subgraph  # noqa: PLC0415 - an extra

        library()
        things = list(_things(self._values))
        relations = {one.id: one for one in things if isinstance(one, Relation)}
        return subgraph((one for one in things if isinstance(one, Entity)), relations.values(), self._vocabulary)

    def explain(self) -> Any:
        """Return what was asked, in words and in canonical text, and how it was answered."""
        return None if self._explain is None else self._explain()

    def __str__(self) -> str:
        return "\n".join(["\t".join(self.columns), *("\t".join(map(_text, row)) for row in self._values)])

    def __repr__(self) -> str:
        more = "+" if self.truncated else ""
        return f"<relgraph.Result {len(self._values):,}{more} rows: {', '.join(self.columns)}>"

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(title)}</th>" for title in self.columns)
        rows = "".join(
            f"<tr>{''.join(f'<td>{escape(_text(one))}</td>' for one in row)}</tr>" for row in self._values[:_SHOWN]
        )
        left = len(self._values) - _SHOWN
        said = [f"{left:,} more rows"] if left > 0 else []
        if self.truncated:
            said.append("there are more: the answer was cut")
        said += self.notes
        foot = "".join(f"<p>{escape(one)}</p>" for one in said)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{foot}"


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ", ".join(map(_text, value))
    return str(value)


def _cell(value: Any) -> Any:
    match value:
        case Entity() | Relation() | Path():
            return str(value)
        case tuple():
            return tuple(_cell(one) for one in value)
        case _:
            return plain(value)


def _things(values: Any) -> Iterator[Entity | Relation]:
    for value in values:
        match value:
            case Entity() | Relation():
                yield value
            case Path():
                yield from value.entities
                yield from (one for some in value.parallels or ((one,) for one in value.relations) for one in some)
            case Row() | tuple():
                yield from _things(value)
            case _:
                pass
