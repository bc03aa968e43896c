"""The graph: one network in one store, read, written, asked and cared for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from relgraph.engines.base import Capability, Finding, Store
from relgraph.errors import (
    CapabilityError,
    NotFound,
    RuleError,
    StoreFormatError,
    StoreUnavailable,
    UndoError,
)
from relgraph.model.changes import Change
from relgraph.model.drafts import Staging
from relgraph.model.entity import Entity, Relation
from relgraph.model.hooks import Hooks
from relgraph.model.prepare import reference
from relgraph.model.records import TransactionRow
from relgraph.model.telling import changes_in
from relgraph.model.transaction import Transaction
from relgraph.view import View
from relgraph.vocabulary.model import Vocabulary

if TYPE_CHECKING:
    from relgraph.exchange.mapping import ImportMapping
    from relgraph.exchange.progress import Progress
    from relgraph.exchange.report import Report
    from relgraph.planning import Planning
    from relgraph.vocabulary.plan import Plan

Result = TypeVar("Result")


class Graph(View):
    """A network that can be read, written and asked; opened with :func:`relgraph.open`.

    ``actor`` is who writes unless a transaction says otherwise; ``me`` and ``us`` are what those words mean in a
    question: an entity, or several.
    """

    def __init__(
        self,
        store: Store,
        *,
        actor: str | None = None,
        me: object = None,
        us: object = None,
    ) -> None:
        super().__init__(store)
        self.actor = actor
        self.me = None if me is None else reference(me)
        self.us = _several(us)
        self._hooks = Hooks()

    # -- life -------------------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the store; closing twice is fine."""
        self._store.close()

    @property
    def store(self) -> Store:
        """The store that keeps the network, for those who extend the library."""
        return self._store

    @property
    def name(self) -> str:
        """Where the network is kept: a path, ':memory:' or a URI."""
        return self._store.name

    @property
    def read_only(self) -> bool:
        """Whether writing is refused."""
        return self._store.read_only

    @property
    def capabilities(self) -> tuple[Capability, ...]:
        """What the store can and cannot do."""
        return self._store.capabilities

    def __repr__(self) -> str:
        return f"<relgraph.Graph {self.name}>"

    # -- writing ----------------------------------------------------------------------------------------------------

    def transaction(
        self,
        *,
        actor: str | None = None,
        reason: str | None = None,
        batch: str | None = None,
        by_code: bool = False,
    ) -> Transaction:
        """Begin a transaction; nothing is locked before its end. ``by_code`` allows internal predicates."""
        return self._begin(actor=actor, reason=reason, batch=batch, by_code=by_code)

    def _begin(
        self,
        *,
        actor: str | None = None,
        reason: str | None = None,
        batch: str | None = None,
        kind: str = "write",
        by_code: bool = False,
        single: bool = False,
    ) -> Transaction:
        return _Hooked(
            self._store,
            hooks=self._hooks,
            actor=actor or self.actor,
            reason=reason,
            batch=batch,
            kind=kind,
            by_code=by_code,
            single=single,
        )

    def _once(
        self, operation: Callable[[Transaction], Result], *, kind: str = "write", reason: str | None = None
    ) -> Result:
        """Run one operation as a transaction of its own."""
        with self._begin(kind=kind, reason=reason, single=True) as transaction:
            result = operation(transaction)
        version = transaction.number
        if version is not None and isinstance(result, (Entity, Relation)) and result.version == 0:
            return replace(result, version=version)
        return result

    def add(self, type_name: str, /, **values: Any) -> Entity:
        """Add an entity; see :meth:`Transaction.add`."""
        return self._once(lambda tx: tx.add(type_name, **values))

    def relate(self, subject: object, predicate: str, object: object, /, **values: Any) -> Relation:  # noqa: A002
        """Relate two entities by either name of a predicate; see :meth:`Transaction.relate`."""
        return self._once(lambda tx: tx.relate(subject, predicate, object, **values))

    def update(self, thing: object, /, **values: Any) -> Entity | Relation:
        """Change an entity or a relation; see :meth:`Transaction.update`."""
        return self._once(lambda tx: tx.update(thing, **values))

    def end(self, relation: object, /, *, on: object) -> Relation:
        """End a relation on a day."""
        return self._once(lambda tx: tx.end(relation, on=on))

    def retract(self, relation: object, /) -> None:
        """Take a wrong relation out of what is believed."""
        self._once(lambda tx: tx.retract(relation))

    def tag(self, entity: object, /, *names: str) -> None:
        """Put tags on an entity."""
        self._once(lambda tx: tx.tag(entity, *names))

    def untag(self, entity: object, /, *names: str) -> None:
        """Take tags off an entity."""
        self._once(lambda tx: tx.untag(entity, *names))

    def take_key(self, entity: object, source: str, key: str, /) -> None:
        """Take an external key off an entity."""
        self._once(lambda tx: tx.take_key(entity, source, key))

    def trash(self, entity: object, /) -> None:
        """Hide an entity and its relations until it is restored."""
        self._once(lambda tx: tx.trash(entity))

    def restore(self, entity: object, /, *, clashes: str | None = None) -> None:
        """Bring an entity back from the trash."""
        self._once(lambda tx: tx.restore(entity, clashes=clashes))

    def delete(self, entity: object, /, *, detach: bool = False) -> None:
        """Retract an entity; with ``detach`` its relations too."""
        self._once(lambda tx: tx.delete(entity, detach=detach))

    def merge(self, keep: object, other: object, **options: Any) -> Entity:
        """Merge one entity into another; see :meth:`Transaction.merge`."""
        return self._once(lambda tx: tx.merge(keep, other, **options), kind="merge")

    def clone(self, entity: object, /, **values: Any) -> Entity:
        """Add a copy of an entity with its copiable relations."""
        return self._once(lambda tx: tx.clone(entity, **values))

    def add_many(self, type_name: str, rows: Iterable[Mapping[str, object]], /) -> list[str]:
        """Add many entities in one transaction; return their ids."""
        return self._once(lambda tx: tx.add_many(type_name, rows))

    def relate_many(self, predicate: str, rows: Iterable[Mapping[str, object]], /) -> int:
        """Relate many pairs in one transaction, every rule seeing all of them; return how many."""
        return self._once(lambda tx: tx.relate_many(predicate, rows))

    def merge_entity(self, type_name: str, /, **values: Any) -> Entity:
        """Update or add an entity; see :meth:`Transaction.merge_entity`."""
        return self._once(lambda tx: tx.merge_entity(type_name, **values))

    def merge_entity_many(self, type_name: str, rows: Iterable[Mapping[str, object]], /) -> list[str | None]:
        """Update or add many entities in one transaction."""
        return self._once(lambda tx: tx.merge_entity_many(type_name, rows))

    def merge_relation(self, subject: object, predicate: str, object: object, /, **values: Any) -> Relation:  # noqa: A002
        """Update or add a relation; see :meth:`Transaction.merge_relation`."""
        return self._once(lambda tx: tx.merge_relation(subject, predicate, object, **values))

    def merge_relation_many(
        self, predicate: str, rows: Iterable[Mapping[str, object]], /, **options: Any
    ) -> list[str | None]:
        """Update or add many relations in one transaction."""
        return self._once(lambda tx: tx.merge_relation_many(predicate, rows, **options))

    def purge(self, entity: object, /, *, reason: str | None = None) -> None:
        """Erase an entity, those merged into it and all their relations and versions for good (legal erasure)."""
        self._once(lambda tx: tx.purge(entity), reason=reason)

    # -- taking back ------------------------------------------------------------------------------------------------

    def undo(self, reference: str | int, /, *, reason: str | None = None) -> str:
        """Take back a transaction (id or number), or a whole batch by its name; return the new transaction's id.

        Raises UndoError, saying why, where a later transaction changed the same thing, an end is gone, or a rule
        would break; nothing is changed then.
        """
        with self._store.read() as reader:
            found = reader.transaction(reference)
            rows = [found] if found is not None else reader.transactions(batch=str(reference))
        if not rows:
            raise NotFound(
                f"no transaction and no batch {reference!r}",
                hint="the log names them: graph.changes(), relgraph changes",
            )
        return self._undo(rows, reason)

    def _undo(self, rows: list[TransactionRow], reason: str | None) -> str:
        undoes = rows[0].id if len(rows) == 1 else rows[0].batch
        transaction = _Hooked(
            self._store, hooks=self._hooks, actor=self.actor, reason=reason, kind="undo", undoes=undoes
        )
        try:
            with transaction as tx:
                tx.undo(rows)
        except RuleError as error:
            raise UndoError(
                f"{undoes} cannot be taken back: that would break a rule: {error.message}",
                hint=error.hint,
                details={"transaction": undoes, "error": error.to_dict()},
            ) from error
        if tx.id is None:
            raise UndoError(f"there is nothing to take back in {undoes}")
        return tx.id

    # -- vocabulary -------------------------------------------------------------------------------------------------

    @property
    def _planning(self) -> Planning:
        from relgraph.planning import Planning  # noqa: PLC0415 - judging data loads arrays, when asked for

        return Planning(self._store, actor=self.actor)

    def plan(self, new: Vocabulary | str | PathLike[str]) -> Plan:
        """Return what a changed vocabulary would change, and which data breaks it, before anything is done."""
        return self._planning.plan(new)

    def apply(self, plan: Plan, policy: str | Mapping[str, str] = "refuse") -> str | None:
        """Carry out a plan; ``policy`` (refuse, keep, end, remove; for all or per name) says what happens to data."""
        return self._planning.apply(plan, policy)

    def define(self, *parts: Any) -> None:
        """Add to the vocabulary what is new and breaks nothing."""
        self._planning.define(*parts)

    # -- hooks ------------------------------------------------------------------------------------------------------

    def on(self, event: str, callback: Callable[[Change], None]) -> Callable[[], None]:
        """Call back after each commit for every change of a kind ('relation.added', 'entity.*', '*'); return a stop."""
        return self._hooks.on(event, callback)

    def before(self, event: str, callback: Callable[[Any], None]) -> Callable[[], None]:
        """Call back before a commit for every change of a kind; what it raises refuses the transaction."""
        return self._hooks.before(event, callback)

    # -- data -------------------------------------------------------------------------------------------------------

    def load(
        self,
        mapping: ImportMapping | str | PathLike[str],
        dry_run: bool = False,
        progress: Callable[[Progress], object] | None = None,
        *,
        data: str | PathLike[str] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Report:
        """Import what a mapping file describes; a second run of the same data changes nothing.

        ``dry_run`` does everything but commit; ``progress`` is called up to ten times a second, and ``cancelled`` asked
        as often whether to stop. ``data`` is the folder that the files are looked for in, else beside the mapping.

        Raises LoadError for a mapping or file that cannot be read, Cancelled when it was stopped, and any StoreError.
        """
        from relgraph.exchange import load_into  # noqa: PLC0415 - readers are loaded when used

        return load_into(self, mapping, dry_run=dry_run, progress=progress, data=data, cancelled=cancelled)

    def load_export(self, path: str | PathLike[str], /, **options: Any) -> dict[str, int]:
        """Read what :meth:`export` wrote (a .jsonl file or a folder of CSV) into this, an empty network."""
        from relgraph.exchange import load_export  # noqa: PLC0415 - readers are loaded when used

        return load_export(self, Path(path), **options)

    def load_py2neo(self, subgraph: object, /, **options: Any) -> Any:
        """Import a Subgraph of py2neo; see :func:`relgraph.exchange.py2neo_in.load_subgraph` for the options.

        They are ``types``, ``predicates``, ``fields``, ``key``, ``source``, ``on_conflict`` and ``dry_run``. Needs
        ``relgraph[py2neo]``; py2neo is at the end of its life, and 2021.2.4 its last release.
        """
        from relgraph.exchange.py2neo_in import load_subgraph  # noqa: PLC0415 - the library is an extra

        return load_subgraph(self, subgraph, **options)

    def export(
        self,
        path: str | PathLike[str],
        format: str | None = None,  # noqa: A002 - the word users know
        *,
        history: bool = False,
        progress: Callable[[int, int], object] | None = None,
    ) -> dict[str, int]:
        """Write the network to a file (``jsonl``, loss-free) or folder (``csv``); return what was written how often."""
        from relgraph.exchange import export_from  # noqa: PLC0415 - writers are loaded when used

        return export_from(self, Path(path), format_name=format, history=history, progress=progress)

    # -- care -------------------------------------------------------------------------------------------------------

    def check(self) -> list[Finding]:
        """Return what is wrong: the store's integrity, and everything in the data that breaks a rule."""
        found = [*self._store.check()]
        try:
            found += self._planning.broken()
        except StoreFormatError as error:
            if not found:
                raise
            found.append(Finding("unchecked", f"the rules could not be checked: {error.message}"))
        return found

    def backup(self, path: str | PathLike[str]) -> None:
        """Write a consistent copy of the store to a path that does not exist yet."""
        target = Path(path)
        if target.exists():
            raise StoreUnavailable(f"{target} is already there", hint="name a new file for the backup")
        self._store.backup(target)

    def cypher(self, text: str, /, **parameters: Any) -> list[dict[str, Any]]:
        """Return the rows of a read-only Cypher statement; only on Neo4j, and never offered to the web."""
        run = getattr(self._store, "cypher", None)
        if run is None:
            raise CapabilityError(f"{self.name} is no Neo4j database", hint="ask it with graph.query")
        rows: list[dict[str, Any]] = run(text, parameters)
        return rows

    def stats(self) -> dict[str, Any]:
        """Return counts and sizes."""
        return dict(self._store.statistics())


class _Hooked(Transaction):
    """A transaction that tells the hooks of its graph."""

    def __init__(self, store: Store, *, hooks: Hooks, undoes: str | None = None, **options: Any) -> None:
        super().__init__(store, before=hooks.refuse if hooks.refusing else None, **options)
        self._hooks = hooks
        if undoes is not None:
            self._note = replace(self._note, undoes=undoes)

    def commit(self) -> None:
        """Commit, then tell what changed."""
        super().commit()
        if self.number is not None and self._hooks.listening:
            with self._store.read() as reader:
                self._hooks.tell(list(changes_in(reader, self.number)))


def _several(given: object) -> tuple[Any, ...]:
    if given is None:
        return ()
    if isinstance(given, (list, set, frozenset)) or (isinstance(given, tuple) and not isinstance(given, str)):
        return tuple(reference(one) for one in given)
    return (reference(given),)


__all__ = ["Graph", "Staging"]
