"""Merge review: two entities that may be one, side by side; what the rules say of it, doing it, and taking it back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, cast

from flask import Blueprint, request
from relgraph_web.access import Window
from relgraph_web.jsonable import end_json, shown
from relgraph_web.pages.home import telling
from relgraph_web.problems import BadRequest, document
from relgraph_web.render import Page, back, page, text_of
from relgraph_web.site import site, window
from werkzeug.wrappers import Response as BaseResponse

from relgraph import ConflictError, Entity, Graph, NotFound, RelgraphError, RuleError, Transaction
from relgraph.exchange.dry import Checked, DryStore
from relgraph.folding import fold
from relgraph.model.ports import Keeper

_LISTED: Final = 50
_SAME: Final = "find {type} group by name show name, count() as n order by n desc limit 20"


@dataclass(frozen=True, slots=True)
class Row:
    """A fact of either, and which of the two stays."""

    name: str
    label: str
    mine: str
    theirs: str
    chosen: str

    @property
    def differs(self) -> bool:
        """Whether there is something to choose."""
        return bool(self.mine) and bool(self.theirs) and self.mine != self.theirs


@dataclass(slots=True)
class Outcome:
    """What a merge would do: whether a rule stands against it, and what becomes of facts and relations."""

    problem: dict[str, Any] | None = None
    breaches: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)


def register(blueprint: Blueprint) -> None:
    """Register the page and what its form sends."""
    page(blueprint, "/merge", endpoint="merge")(review)
    blueprint.add_url_rule("/merge", "merge_do", do, methods=["POST"])


def review() -> Page:
    """Show two entities side by side, or what might be one."""
    here = window()
    here.whole("editor")
    keep, other = (here.entity(request.args[one]) if request.args.get(one) else None for one in ("keep", "other"))
    if keep is None:
        found = _of_one_name(here)
        return Page(
            "relgraph/merge_list.html",
            {"found": found, "keep": None, "like": []},
            {"items": [[end_json(one) for one in several] for several in found]},
        )
    if other is None:
        like = alike(here, keep)
        return Page(
            "relgraph/merge_list.html",
            {"found": [], "keep": keep, "like": [(one, telling(one)) for one in like]},
            {"keep": end_json(keep), "items": [end_json(one) for one in like]},
        )
    return _side_by_side(here, keep, other, {})


def _of_one_name(here: Window) -> list[list[Entity]]:
    """Return entities of one type that share a name, as many as a page shows."""
    found: list[list[Entity]] = []
    for name, count in here.counts().entities.items():
        if count < 2 or name not in here.vocabulary.types:
            continue
        for row in here.view.query(_SAME.format(type=name), timeout=site().settings.timeout or None):
            if row[1] < 2 or len(found) >= _LISTED:
                break
            several = [one for one in here.view.search(str(row[0]), types=[name], limit=20) if one.name == row[0]]
            if len(several) > 1:
                found.append(several)
    return found


def alike(here: Window, entity: Entity) -> list[Entity]:
    """Return entities of the same kind whose names have a word in common, those with the most first."""
    words = set(fold(entity.name).split())
    found: dict[str, Entity] = {}
    for text in (entity.name, *sorted(words, key=len, reverse=True)[:3]):
        for one in here.view.search(text, types=[entity.type], limit=20):
            if one.id != entity.id:
                found[one.id] = one
    shared = {one.id: len(words & set(fold(one.name).split())) for one in found.values()}
    ranked = sorted(found.values(), key=lambda one: (-shared[one.id], len(one.name), one.name, one.id))
    return [one for one in ranked if shared[one.id]][:8]


def _side_by_side(
    here: Window, keep: Entity, other: Entity, chosen: Mapping[str, str], *, problem: RelgraphError | None = None
) -> Page:
    if keep.id == other.id:
        raise BadRequest("these two are one entity already")
    rows = _rows(here, keep, other, chosen)
    outcome = _rehearsed(here.whole("editor"), keep, other, chosen)
    values = {
        "keep": keep,
        "other": other,
        "rows": rows,
        "tags": [[_tag(here, name) for name in one.tags] for one in (keep, other)],
        "readings": _readings(here, keep, other),
        "outcome": outcome,
        "reason": text_of("reason"),
        "problem": None if problem is None else document(problem),
    }
    data = {
        "keep": end_json(keep),
        "other": end_json(other),
        "fields": {one.name: {"keep": one.mine, "other": one.theirs, "chosen": one.chosen} for one in rows},
        "breaks": outcome.breaches,
        "does": outcome.told,
    }
    status = 200 if problem is None else int(document(problem)["status"])
    return Page("relgraph/merge.html", values, data, status=status)


def _tag(here: Window, name: str) -> str:
    return site().styles().say(here.vocabulary.tags[name].label, name) if name in here.vocabulary.tags else name


def _rows(here: Window, keep: Entity, other: Entity, chosen: Mapping[str, str]) -> list[Row]:
    styles, words = site().styles(), here.vocabulary
    declared = {**words.fields(other.type), **words.fields(keep.type)}
    mine = words.fields(keep.type)
    found = []
    for name, one in declared.items():
        ours, theirs = shown(keep.get(name)), shown(other.get(name))
        if not ours and not theirs:
            continue
        stays = "" if name not in mine else chosen.get(name, "keep" if ours else "other")
        found.append(Row(name, styles.say(one.label, name), ours, theirs, stays))
    return found


def _readings(here: Window, keep: Entity, other: Entity) -> list[tuple[Any, int, int]]:
    counts = [here.view.readings(one) for one in (keep, other)]
    return [
        (site().styles().reading(name), counts[0].get(name, (0, 0))[1], counts[1].get(name, (0, 0))[1])
        for name in here.vocabulary.readings
        if name in counts[0] or name in counts[1]
    ]


# -- what the rules say -----------------------------------------------------------------------------------------------


def _rehearsed(graph: Graph, keep: Entity, other: Entity, chosen: Mapping[str, str]) -> Outcome:
    """Do the merge with every check, and keep nothing of it."""
    # a store that refuses nothing but the last word
    rehearsal = Transaction(cast("Keeper", DryStore(graph.store)), actor=graph.actor)
    outcome = Outcome()
    try:
        with suppress(Checked), rehearsal as tx:
            tx.merge(keep, other, fields=chosen)
    except (RelgraphError, ExceptionGroup) as error:
        outcome.problem = document(error) if isinstance(error, RelgraphError) else None
        outcome.breaches = _breaches(error)
    outcome.told = _told(graph, rehearsal)
    return outcome


def _breaches(error: BaseException) -> list[str]:
    if isinstance(error, BaseExceptionGroup):
        return [text for one in error.exceptions for text in _breaches(one)]
    return [str(error).splitlines()[0]]


def _told(graph: Graph, rehearsal: Transaction) -> list[str]:
    words = graph.vocabulary
    counts = rehearsal.summary
    found = []
    for name, one, many in (
        ("moved", "relation goes over to the one that stays", "relations go over to the one that stays"),
        ("collapsed", "of them becomes one with a relation that is there", "of them become one with those there"),
        ("retracted", "relation between the two is taken out", "relations between the two are taken out"),
    ):
        if counts.get(name):
            found.append(f"{counts[name]:,} {one if counts[name] == 1 else many}")
    for note in rehearsal.notes:
        if "dropped" in note:
            found.append(
                f"{note['dropped']} {shown(note['other'])} is lost: the type of the one that stays has no such"
            )
        elif "dropped_tag" in note:
            found.append(f"the tag {note['dropped_tag']} is lost: the type of the one that stays may not carry it")
        elif "collapsed" in note and note["kept"] != note["other"]:
            predicate = graph.relation(str(note["into"])).predicate
            reading = site().styles().reading(words.predicates[predicate].name)
            found.append(f"two “{reading.words}” become one, and the older one's attributes stay")
    return found


# -- doing it ---------------------------------------------------------------------------------------------------------


def do() -> BaseResponse:
    """Try a choice, or merge."""
    here = window()
    here.whole("editor")
    try:
        keep, other = here.entity(text_of("keep")), here.entity(text_of("other"))
    except NotFound as error:
        raise NotFound(f"one of the two is no longer there: {error}") from None
    chosen = _chosen(here, keep)
    match text_of("action"):
        case "try":
            return _side_by_side(here, keep, other, chosen).answer("html")
        case "merge":
            pass
        case given:
            raise BadRequest(f"two entities are merged or tried, not {given!r}")
    try:
        _same_version(keep, "keep_version")
        _same_version(other, "other_version")
        operation = _merging(keep, other, chosen, keeping=request.form.get("clashes") == "keep")
        _, made = here.write(operation, touches=[keep.type, other.type], reason=text_of("reason"))
    except (ConflictError, RuleError) as error:
        return _side_by_side(here, here.entity(keep.id), here.entity(other.id), chosen, problem=error).answer("html")
    return back("entity", entity_id=keep.id, merged=made.id)


def _same_version(one: Entity, name: str) -> None:
    if text_of(name) != str(one.version):
        raise ConflictError(
            f"{one.name} was changed by somebody else since you opened this page; nothing was merged",
            hint="look at both again",
        )


def _chosen(here: Window, keep: Entity) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in here.vocabulary.fields(keep.type):
        match text_of(f"field.{name}"):
            case "":
                pass
            case "keep" | "other" as side:
                found[name] = side
            case given:
                raise BadRequest(f"{name} is taken from keep or from other, not from {given!r}")
    return found


def _merging(
    keep: Entity, other: Entity, chosen: Mapping[str, str], *, keeping: bool
) -> Callable[[Transaction], object]:
    return lambda tx: tx.merge(keep, other, fields=chosen, clashes="keep" if keeping else None)
