"""Fields and attributes come in the order of the vocabulary, however they were told, changed or brought back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

import relgraph
from relgraph import Entity, Graph, Relation

WORDS = relgraph.Vocabulary.from_text("""
vocabulary: ordered
types:
  Thing: {abstract: true, fields: {name: text, size: integer}, caption: [name]}
  Box: {extends: [Thing], fields: {color: text, weight: decimal, made: date}}
predicates:
  holds: {inverse: held_by, unique: overlap, attributes: {level: integer, note: text, share: percent, seen: date}}
""")
Noted = dict[str, Any]
FIELDS = ["name", "size", "color", "weight", "made"]
ATTRIBUTES = ["level", "note", "share", "seen"]
TURNED = {"made": "2024-01-02", "weight": "1.5", "color": "red", "size": 3}
TURNED_HELD = {"seen": "2024-01-02", "share": "5%", "note": "so", "level": 2}


@pytest.fixture
def graph(opening: Callable[..., Graph]) -> Graph:
    return opening(WORDS)


def seen(thing: Entity | Relation) -> list[str]:
    """Return the names of a thing's values, in whichever way they are read."""
    shown = thing.fields if isinstance(thing, Entity) else thing.attributes
    assert list(shown) == list(thing.stored) == list(dict(shown)) == [name for name, _ in shown.items()]
    return list(shown)


def told(graph: Graph, thing: str) -> list[list[str]]:
    """Return what the history of a thing names after each change, without what every version has."""
    always = {"type", "subject", "object", "since", "until", "state"}
    return [[name for name in change.after if name not in always] for change in graph.history(thing)]


def test_values_that_are_told_or_changed(graph: Graph) -> None:
    assert seen(graph.add("Box", **TURNED, name="A", id="a")) == FIELDS
    graph.add("Box", made="2024-01-02", id="b")
    graph.relate("a", "holds", "b", **TURNED_HELD, id="r")
    for turned in ({"name": "B"}, {"color": "red", "size": 3}, {"size": None}, {"weight": 1, "size": 4}):
        graph.update("b", **turned)
    with graph.transaction() as tx:
        # what is not committed yet is read in the same order
        assert seen(tx.update("b", made=None)) == FIELDS[:4]
        assert seen(tx.update("b", made="2024-05-06")) == FIELDS
    for turned in ({"note": None}, {"level": None}, {"note": "no", "level": 3}):
        graph.update("r", **turned)
    assert [seen(graph.get("a")), seen(graph.get("b")), seen(graph.relation("r"))] == [FIELDS, FIELDS, ATTRIBUTES]
    assert [seen(one) for one in graph.entities("Box")] == [FIELDS, FIELDS]
    assert [seen(one) for one in graph.query("find Box").scalars()] == [FIELDS, FIELDS]
    assert [seen(one.relation) for one in graph.related("b")] == [ATTRIBUTES]
    assert [list(one.attributes) for one in graph.surroundings(["a", "b"]).links] == [ATTRIBUTES]
    assert told(graph, "a") == [FIELDS, ATTRIBUTES, [], [], ["level", "note"]]


def test_values_of_what_was_merged_trashed_or_taken_back(graph: Graph) -> None:
    graph.add("Box", id="keep", made="2024-01-02", size=1)
    graph.add("Box", id="other", weight=2, color="red", name="O", size=2, made="2023-01-01")
    graph.add("Box", id="held", name="H")
    graph.relate("keep", "holds", "held", seen="2024-01-02", level=1, id="first")
    graph.relate("other", "holds", "held", **TURNED_HELD, id="second")
    with graph.transaction() as tx:
        tx.merge("keep", "other", fields={"name": "K"})
        tx.commit()
    assert seen(graph.get("keep")) == FIELDS
    notes = [one for one in tx.notes if "difference" in one]
    assert [one["difference"] for one in notes] == ["size", "made"]
    (collapsed,) = (one for one in tx.notes if "collapsed" in one)
    kept, other = cast("Noted", collapsed["kept"]), cast("Noted", collapsed["other"])
    assert [list(kept), list(other["attributes"])] == [["level", "seen"], ATTRIBUTES]
    graph.undo(str(tx.id))
    assert [seen(graph.get(one)) for one in ("keep", "other")] == [["size", "made"], FIELDS]
    graph.update("second", note=None)
    graph.update("second", note="again")
    assert seen(graph.relation("second")) == ATTRIBUTES
    graph.trash("other")
    graph.restore("other")
    assert [seen(graph.get("other")), seen(graph.relation("second"))] == [FIELDS, ATTRIBUTES]


def test_values_that_are_imported(graph: Graph, tmp_path: Path) -> None:
    (tmp_path / "boxes.csv").write_text("made,color,id,name,size,weight\n2024-01-02,red,a,A,3,1.5\n2024-01-03,,b,B,,\n")
    (tmp_path / "held.csv").write_text("seen,from,to,share,note,level\n2024-01-02,a,b,5%,so,2\n")
    (tmp_path / "map.yaml").write_text("""
mapping: boxes
source: boxes
vocabulary: words.yaml
inputs: {boxes: {file: boxes.csv}, held: {file: held.csv}}
entities:
  - from: boxes
    type: Box
    key: "{id}"
    fields: {made: made, color: color, weight: weight, size: size, name: name}
relations:
  - from: held
    predicate: holds
    subject: from
    object: to
    attributes: {seen: seen, share: share, note: note, level: level}
""")
    (tmp_path / "words.yaml").write_text(WORDS.to_yaml())
    graph.load(tmp_path / "map.yaml")
    one, other = (graph.get(("boxes", key)) for key in "ab")
    assert [seen(one), seen(other)] == [FIELDS, ["name", "made"]]
    (relation,) = graph.relations("holds")
    assert seen(relation) == ATTRIBUTES
    graph.export(tmp_path / "all.jsonl", history=True)
    lines = [json.loads(line) for line in (tmp_path / "all.jsonl").read_text().splitlines()]
    assert [list(one["fields"]) for one in lines if one["kind"] == "entity"] == [FIELDS, ["name", "made"]]
    assert [list(one["attributes"]) for one in lines if one["kind"] == "relation"] == [ATTRIBUTES]


def test_values_that_another_source_tells(graph: Graph) -> None:
    graph.add("Box", id="a", name="A")
    graph.add("Box", id="b", name="B")
    graph.relate("a", "holds", "b", **TURNED_HELD, source="one", key="1", id="r")
    graph.merge_relation("a", "holds", "b", **{**TURNED_HELD, "level": 9}, source="two", key="2", on_conflict="take")
    (other,) = (one.says for one in graph.relation("r").sources if one.says is not None)
    assert list(cast("Noted", other)["attributes"]) == ATTRIBUTES
    (said,) = (cast("Noted", change.after["says"]) for change in graph.history("r") if "says" in change.after)
    assert list(said) == ATTRIBUTES


def test_order_is_that_of_the_vocabulary_of_today(graph: Graph) -> None:
    graph.add("Box", id="a", name="A", **TURNED)
    graph.add("Box", id="b", name="B")
    graph.relate("a", "holds", "b", **TURNED_HELD, id="r")
    text = WORDS.to_yaml()
    turned = text.replace(
        "color: text, weight: decimal, made: date", "made: date, hue: text, color: text, weight: decimal"
    )
    turned = turned.replace("level: integer, note: text", "note: text, level: integer")
    assert turned.count("hue") == 1
    graph.apply(graph.plan(relgraph.Vocabulary.from_text(turned)), "keep")
    assert seen(graph.get("a")) == ["name", "size", "made", "color", "weight"]
    assert seen(graph.relation("r")) == ["note", "level", "share", "seen"]
    assert told(graph, "r") == [["note", "level", "share", "seen"]]
