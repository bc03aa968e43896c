"""The buffer of a transaction: things as they would be, over a snapshot of things as they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from relgraph.errors import ConflictError, FieldError, FrozenError, NotFound, RuleError
from relgraph.model.captions import CaptionParts, caption_parts, joined_caption
from relgraph.model.ports import Reader
from relgraph.model.records import OPEN_END, OPEN_START, ChangeKind, EntityRow, RelationRow, SourceRow, State
from relgraph.model.retelling import Retelling
from relgraph.vocabulary.model import Predicate

if TYPE_CHECKING:
    from relgraph.model.blocks import PlacedBlock

Statements = dict[tuple[str, str], Mapping[str, Any] | None]
Reference = str | tuple[str, str]
"""How a write names an entity: by id, or by (source, key)."""


@dataclass(slots=True)
class EntityDraft:
    """One entity as the transaction would leave it."""

    id: str
    type: str
    fields: dict[str, object]
    before: EntityRow | None = None
    number: int | None = None
    state: State = "live"
    merged_into: str | None = None
    gone: bool = False
    change: ChangeKind = "added"
    touched: bool = False
    tags_before: frozenset[str] = frozenset()
    tags: set[str] = field(default_factory=set)
    keys_before: frozenset[tuple[str, str]] = frozenset()
    keys: set[tuple[str, str]] = field(default_factory=set)
    row: int | None = None
    minted: bool = False
    """Whether its id was made for it: nothing can have that id yet."""


@dataclass(slots=True)
class RelationDraft:
    """One relation as the transaction would leave it; ends are entity ids, or keys until they are resolved."""

    id: str
    predicate: str
    subject: Reference
    object: Reference
    since: int = OPEN_START
    until: int = OPEN_END
    since_precision: int = 0
    until_precision: int = 0
    attributes: Mapping[str, Any] = field(default_factory=dict)
    confidence: float | None = None
    sources: Statements | None = None
    """What each (source, key) says; None: not looked at, as it was."""
    before: RelationRow | None = None
    sources_before: tuple[SourceRow, ...] = ()
    number: int | None = None
    gone: bool = False
    change: ChangeKind = "added"
    row: int | None = None
    minted: bool = False
    """Whether its id was made for it: nothing can have that id yet."""


def same_fact(draft: RelationDraft, row: RelationRow) -> bool:
    """Return whether draft and row state the same days, attribute values and confidence."""
    return (
        draft.since == row.since
        and draft.until == row.until
        and draft.since_precision == row.since_precision
        and draft.until_precision == row.until_precision
        and draft.confidence == row.confidence
        and draft.attributes == row.attributes
    )


class Staging:
    """What a transaction has done so far.

    ``seen`` remembers the version of everything that was read to be changed; when the operations are replayed over
    a later snapshot, ``expected`` holds what the first run saw, and anything newer is a conflict. With ``owns`` the
    prepared drafts need not be kept for a replay, so they are put in without a copy. ``by_code`` lets relations of
    internal predicates be changed. ``unprepared`` are those problems that no replay would find again: rows that never
    became an operation.
    """

    def __init__(
        self,
        reader: Reader,
        *,
        today: int,
        expected: Mapping[str, int] | None = None,
        owns: bool = False,
        by_code: bool = False,
    ) -> None:
        self.reader = reader
        self.vocabulary = reader.vocabulary
        self.today = today
        self.entities: dict[str, EntityDraft] = {}
        self.singles: dict[str, RelationDraft] = {}
        """The relations that are held one by one; :attr:`relations` has those of blocks too."""
        self.blocks: list[PlacedBlock] = []
        self.seen: dict[str, int] = {}
        self.expected = expected or {}
        self.summary: Counter[str] = Counter()
        self.problems: list[RuleError] = []
        self.unprepared: list[RuleError] = []
        self.notes: list[dict[str, object]] = []
        self.retelling = Retelling()
        self.owns = owns
        self.by_code = by_code
        self.known_keys: set[tuple[str, str]] = set()
        self.relation_keys: dict[tuple[str, str], str] = {}
        self._known_pairs: set[tuple[str, str, str]] = set()
        self._missing: set[str] = set()
        self._captions: dict[str, CaptionParts] = {}
        self._keys: dict[tuple[str, str], str] = {}
        self._by_end: dict[str, set[str]] | None = None

    @property
    def relations(self) -> dict[str, RelationDraft]:
        """Every relation by id; asked for, those of blocks are taken apart."""
        if self.blocks:
            blocks, self.blocks = self.blocks, []
            for block, ends, _ in blocks:
                self.prefetch(ends)
                for draft in block.drafts(ends):
                    self.put(draft)
        return self.singles

    def put_block(self, placed: PlacedBlock) -> None:
        """Hold new relations side by side, behind those that are there."""
        self.blocks.append(placed)

    def entity_ids(self) -> set[str]:
        """Return the ids of all entities that were looked at."""
        return set(self.entities).union(*[one.ends for one in self.blocks])

    def predicates(self) -> list[str]:
        """Return the predicates of all relations that were looked at, in the order of their names."""
        single = {one.predicate for one in self.singles.values()}
        return sorted(single.union([one.block.predicate for one in self.blocks]))

    def rebase(self, reader: Reader) -> None:
        """Go on over another reader of the very same state."""
        self.reader = reader

    # -- entities ---------------------------------------------------------------------------------------------------

    def prefetch(self, ids: Iterable[str]) -> None:
        """Read many entities at once, those that are not drafts yet."""
        wanted = [one for one in dict.fromkeys(ids) if one not in self.entities and one not in self._missing]
        if not wanted:
            return
        numbers = self.reader.entity_numbers(wanted)
        rows = self.reader.entities(numbers.values())
        tags = self.reader.tags(rows)
        keys = self.reader.keys(rows)
        for one in wanted:
            row = rows.get(numbers.get(one, -1))
            if row is None:
                self._missing.add(one)
            else:
                self._adopt(row, frozenset(tags.get(row.number, ())), frozenset(keys.get(row.number, ())))

    def _adopt(self, row: EntityRow, tags: frozenset[str], keys: frozenset[tuple[str, str]]) -> EntityDraft:
        merged_into = None if row.merged_into is None else self._last_id(row.merged_into)
        draft = EntityDraft(
            row.id,
            row.type,
            dict(row.fields),
            row,
            row.number,
            row.state,
            merged_into,
            change="updated",
            tags_before=tags,
            tags=set(tags),
            keys_before=keys,
            keys=set(keys),
        )
        self.entities[row.id] = draft
        return draft

    def _last_id(self, number: int) -> str:
        """Return the id of an entity by number, also of one that is deleted."""
        row = self.reader.entities([number]).get(number)
        if row is not None:
            return row.id
        versions = self.reader.entity_versions(number)
        # one that another program took out of a server's database has none; no entity has its number as an id
        return versions[-1].row.id if versions else f"#{number}"

    def adopt_new(self, draft: EntityDraft) -> None:
        """Hold a draft of an entity that the snapshot does not believe."""
        self._missing.discard(draft.id)
        self.entities[draft.id] = draft

    def find(self, entity_id: str) -> EntityDraft | None:
        """Return an entity's draft by its own id, whatever its state, or None."""
        draft = self.entities.get(entity_id)
        if draft is None:
            self.prefetch([entity_id])
            draft = self.entities.get(entity_id)
        return None if draft is None or draft.gone else draft

    def by_key(self, key: tuple[str, str]) -> EntityDraft | None:
        """Return the entity with an external key, those of this transaction included, or None."""
        known = self._keys.get(key)
        if known is not None:
            draft = self.find(known)
            if draft is not None and key in draft.keys:
                return draft
        found = self.reader.entity_by_keys([key])
        if key in found:
            row = self.reader.entities([found[key]])[found[key]]
            draft = self.find(row.id)
            if draft is not None and key in draft.keys:
                self._keys[key] = row.id
                return draft
        return None

    def prefetch_keys(self, keys: Iterable[tuple[str, str]]) -> None:
        """Read the entities of many external keys at once."""
        wanted = [one for one in dict.fromkeys(keys) if one not in self._keys]
        found = self.reader.entity_by_keys(wanted)
        rows = self.reader.entities(found.values())
        self.prefetch(row.id for row in rows.values())
        for key, number in found.items():
            if number in rows:
                self._keys[key] = rows[number].id

    def remember_key(self, key: tuple[str, str], entity_id: str) -> None:
        """Note that this transaction gave an entity this key."""
        self._keys[key] = entity_id

    def entity(self, reference: Reference, *, live: bool = True) -> EntityDraft:
        """Return the entity that is meant, following merges; NotFound, or FrozenError where it is trashed."""
        if isinstance(reference, tuple):
            draft = self.by_key(reference)
            if draft is None:
                raise NotFound(
                    f"no entity has the key {reference[1]!r} of source {reference[0]!r}",
                    details={"source": reference[0], "key": reference[1]},
                )
        else:
            draft = self.find(reference)
            if draft is None:
                raise NotFound(
                    f"no entity with the id {reference!r}",
                    hint="to look one up by its name, use graph.entity(name)",
                    details={"id": reference},
                )
        passed: set[str] = set()
        while draft.state == "merged" and draft.merged_into is not None:
            passed.add(draft.id)
            kept = self.find(draft.merged_into)
            if kept is None or kept.id in passed:
                raise NotFound(
                    f"{draft.id!r} was merged into {draft.merged_into!r}, which is deleted",
                    hint="undo the deletion, or the merge",
                    details={"id": draft.id, "merged_into": draft.merged_into},
                )
            draft = kept
        if live and draft.state == "trashed":
            raise FrozenError(
                f"{self.caption(draft)} ({draft.id}) is in the trash",
                hint="restore it first",
                details={"entity": draft.id, "rule": "live"},
            )
        return draft

    def caption(self, draft: EntityDraft) -> str:
        """Return the display name that the draft would have."""
        parts = self._captions.get(draft.type)
        if parts is None:
            parts = self._captions[draft.type] = caption_parts(self.vocabulary, draft.type)
        return joined_caption(parts, draft.fields) or draft.id

    def see(self, thing: EntityDraft | RelationDraft) -> None:
        """Remember the version that is about to be changed; ConflictError if it is newer than what was read."""
        if thing.before is None:
            return
        version = thing.before.told_in
        expected = self.expected.get(thing.id)
        if expected is not None and expected != version:
            raise conflict(thing.id, expected, version)
        self.seen.setdefault(thing.id, version)

    # -- relations --------------------------------------------------------------------------------------------------

    def adopt_relations(self, rows: Iterable[RelationRow]) -> list[RelationDraft]:
        """Return drafts of believed rows, in their order; those already changed here as they stand now."""
        rows = list(rows)
        fresh = [row for row in rows if row.id not in self.relations]
        if fresh:
            numbers = dict.fromkeys([end for row in fresh for end in (row.subject, row.object)])
            ends = self.reader.entities(numbers)
            # a relation whose end another program took away is one of nothing
            for row in [one for one in fresh if one.subject in ends and one.object in ends]:
                draft = RelationDraft(
                    row.id,
                    row.predicate,
                    ends[row.subject].id,
                    ends[row.object].id,
                    row.since,
                    row.until,
                    row.since_precision,
                    row.until_precision,
                    dict(row.attributes),
                    row.confidence,
                    before=row,
                    number=row.number,
                    change="updated",
                )
                self.put(draft)
        held = [self.relations.get(row.id) for row in rows]
        return [draft for draft in held if draft is not None and not draft.gone]

    def put(self, draft: RelationDraft) -> None:
        """Hold a relation's draft, and index it by its ends if they are asked for."""
        self.singles[draft.id] = draft
        for key in draft.sources or ():
            if key[1]:
                self.relation_keys[key] = draft.id
        if self._by_end is not None:
            for end in (draft.subject, draft.object):
                if isinstance(end, str):
                    self._by_end.setdefault(end, set()).add(draft.id)

    def find_relation(self, relation_id: str) -> RelationDraft | None:
        """Return a relation's draft by id, or None where it is not believed."""
        draft = self.relations.get(relation_id)
        if draft is None:
            numbers = self.reader.relation_numbers([relation_id])
            rows = self.reader.relations(numbers.values())
            if not rows:
                return None
            draft = next(iter(self.adopt_relations(rows.values())), None)
        return None if draft is None or draft.gone else draft

    def relation(self, relation_id: str) -> RelationDraft:
        """Return a believed relation by id, or raise NotFound."""
        draft = self.find_relation(relation_id)
        if draft is None:
            raise NotFound(f"no relation with the id {relation_id!r}", details={"id": relation_id})
        return draft

    def sources_of(self, draft: RelationDraft) -> dict[tuple[str, str], Mapping[str, object] | None]:
        """Return who states a relation, as the transaction has it so far; may be changed in place."""
        if draft.sources is None:
            self.prefetch_sources([draft])
            if draft.sources is None:
                draft.sources = {}
        return draft.sources

    def touching(self, entity_id: str, end: Literal["subject", "object", "either"] = "either") -> list[RelationDraft]:
        """Return every believed relation of an entity, with what this transaction did to them, oldest first."""
        entity = self.find(entity_id)
        if entity is not None and entity.number is not None and entity.before is not None:
            self.adopt_relations(self.reader.relations_of([entity.number]))
        found = [
            draft
            for draft in self.drafts_of(entity_id)
            if (end != "object" and draft.subject == entity_id) or (end != "subject" and draft.object == entity_id)
        ]
        return sorted(found, key=lambda draft: (draft.number is None, draft.number or 0, draft.id))

    def surround(self, entity_id: str) -> None:
        """Look at every relation of an entity and at their other ends: what comes back counts in the rules of those.

        Whatever is looked at is locked before the rules are checked.
        """
        self.prefetch([str(end) for draft in self.touching(entity_id) for end in (draft.subject, draft.object)])

    @property
    def indexed(self) -> bool:
        """Whether drafts are indexed by their ends, so that each new one must be too."""
        return self._by_end is not None

    def drafts_of(self, entity_id: str) -> list[RelationDraft]:
        """Return the drafts that touch an entity, without asking the store."""
        relations = self.relations  # blocks that came since are taken apart before their ends are looked up
        if self._by_end is None:
            self._by_end = {}
            for draft in list(relations.values()):
                self.put(draft)
        found = [relations[one] for one in self._by_end.get(entity_id, ())]
        return [draft for draft in found if not draft.gone and entity_id in (draft.subject, draft.object)]

    def prefetch_relation_keys(self, keys: Iterable[tuple[str, str]]) -> None:
        """Read the relations that sources state under these keys, with all their sources."""
        wanted = [key for key in dict.fromkeys(keys) if key not in self.known_keys]
        if not wanted:
            return
        self.known_keys.update(wanted)
        found = self.reader.relation_by_keys(wanted)
        rows = self.reader.relations(found.values())
        self.prefetch_sources(self.adopt_relations(rows.values()))
        for key, number in found.items():
            if number in rows:
                self.relation_keys.setdefault(key, rows[number].id)

    def prefetch_sources(self, drafts: Iterable[RelationDraft]) -> None:
        """Read who states many relations at once."""
        asked = {draft.number: draft for draft in drafts if draft.sources is None and draft.number is not None}
        told = self.reader.sources(asked)
        for number, draft in asked.items():
            draft.sources_before = told.get(number, ())
            draft.sources = {(one.source, one.key): one.says for one in draft.sources_before}

    def prefetch_pairs(self, predicate: Predicate, ends: Iterable[tuple[str, str]]) -> None:
        """Read the relations of a predicate between these pairs of entities, either way when symmetric."""
        wanted = [pair for pair in dict.fromkeys(ends) if (predicate.name, *pair) not in self._known_pairs]
        self._known_pairs.update((predicate.name, *pair) for pair in wanted)
        numbers = []
        for one, other in wanted:
            subject, obj = self.find(one), self.find(other)
            if subject is None or obj is None or subject.before is None or obj.before is None:
                continue
            numbers.append((subject.before.number, obj.before.number))
            if predicate.symmetric:
                numbers.append((obj.before.number, subject.before.number))
        if numbers:
            self.adopt_relations(self.reader.relations_between(numbers, [predicate.name]))

    def move(self, draft: RelationDraft, *, subject: str, obj: str) -> None:
        """Change the ends of a relation."""
        draft.subject, draft.object = subject, obj
        self.put(draft)


def copied(draft: RelationDraft) -> RelationDraft:
    """Return a copy that the staging may change."""
    return RelationDraft(
        draft.id,
        draft.predicate,
        draft.subject,
        draft.object,
        draft.since,
        draft.until,
        draft.since_precision,
        draft.until_precision,
        draft.attributes,
        draft.confidence,
        None if draft.sources is None else dict(draft.sources),
        row=draft.row,
        minted=draft.minted,
    )


def conflict(thing: str, read: int, now: int) -> ConflictError:
    """Return the error for something that changed since it was read."""
    return ConflictError(
        f"{thing} has changed since it was read",
        hint="read it again and repeat the change",
        details={"id": thing, "read": read, "now": now},
    )


class keeping:  # noqa: N801 - reads as a word where it is used
    """Keep a breach with its row in the staging instead of raising it at once."""

    def __init__(self, staging: Staging, row: int | None) -> None:
        self.staging = staging
        self.row = row

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, NotFound):
            error = as_rule(error)
        if not isinstance(error, RuleError):
            return False
        error.details["row"] = self.row
        self.staging.problems.append(error)
        return True


def as_rule(error: NotFound) -> RuleError:
    """Return a missing end as a breach, so that it stands with the others of its batch."""
    breach = FieldError(error.message, hint=error.hint, candidates=error.candidates, details=error.details)
    breach.details.setdefault("rule", "end")
    return breach
