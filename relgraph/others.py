"""A view in the shapes of other libraries: the methods that make them; each library is loaded when asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from relgraph.view import View


class Shapes:
    """What a view is to other libraries."""

    def to_networkx(
        self,
        *,
        predicates: Sequence[str] | None = None,
        types: Sequence[str] | None = None,
        as_of: object = None,
        multigraph: bool = True,
    ) -> Any:
        """Return the network of this view as a networkx graph, a MultiDiGraph by default.

        Nodes are entity ids, edges run from subject to object, keyed by relation id, with ``predicate``, ``since``,
        ``until`` and the attributes; see :func:`relgraph.exchange.frames.to_networkx`. ``predicates`` and ``types``
        choose (None: all), ``as_of`` is another day. With ``multigraph=False`` the relations of a pair are one edge.
        """
        from relgraph.exchange.frames import to_networkx  # noqa: PLC0415 - the library is loaded when asked for

        view = cast("View", self)
        chosen = view if as_of is None else view.as_of(as_of)
        return to_networkx(chosen, predicates=predicates, types=types, multigraph=multigraph)

    def to_pandas(self, name: str, /, *, ever: bool = False) -> Any:
        """Return the entities of a type, or the relations of a predicate, as a pandas data frame indexed by id."""
        from relgraph.exchange.frames import to_pandas  # noqa: PLC0415 - the library is loaded when asked for

        return to_pandas(cast("View", self), name, ever=ever)

    def to_py2neo(self, **options: Any) -> Any:
        """Return the network of this view as a Subgraph of py2neo; see :func:`relgraph.exchange.py2neo.to_py2neo`.

        The options are ``types``, ``predicates`` and ``ever``. Needs ``relgraph[py2neo]``.
        """
        from relgraph.exchange.py2neo import to_py2neo  # noqa: PLC0415 - the library is an extra

        return to_py2neo(cast("View", self), **options)
