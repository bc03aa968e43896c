"""Subgraphs of py2neo: out and in again without a loss, through a real server, and what is wrong with them."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import py2neo
import pytest
from py2neo import Node, Relationship, Subgraph
from py2neo.errors import ConnectionUnavailable

import relgraph
from relgraph import CapabilityError, LoadError, StoreUnavailable, ValueProblem
from relgraph.exchange.py2neo import address
from tests.servers.neo4j import Server
from tests.unit.engines.neo4j.sample import VOCABULARY, Story

MARKET = Path(__file__).parents[3] / "examples" / "crm-market"
WORDS = relgraph.Vocabulary.from_text("""
vocabulary: films
types:
  Being: {abstract: true, fields: {name: {type: text, required: true}}, caption: [name]}
  Person: {extends: [Being], key: [name], fields: {born: {type: partial date}, part: percent, seen: datetime}}
  Film: {fields: {title: text, year: integer, cost: money}, caption: [title]}
  Note: {fields: {text: text}}
tags: {star: {types: [Person]}}
predicates:
  plays_in:
    was: ACTED_IN
    inverse: stars
    subject: [Person]
    object: [Film]
    attributes: {roles: {type: text, list: true}}
  directs: {inverse: directed_by, subject: [Person], object: [Film], max_subjects: 1}
  knows: {symmetric: true}
  begat: {inverse: child_of, acyclic: true, time: none}
""")


@pytest.fixture
def graph() -> Iterator[relgraph.Graph]:
    with relgraph.open(vocabulary=WORDS) as opened:
        yield opened


@pytest.fixture
def service(neo4j_database: Server) -> Iterator[Any]:
    found = py2neo.Graph(neo4j_database.uri, auth=neo4j_database.auth, name=neo4j_database.database)
    yield found
    found.service.connector.close()


def content(graph: relgraph.Graph) -> dict[str, Any]:
    """All that is believed of what is live, by id."""
    found: dict[str, Any] = {
        one.id: (one.type, one.name, dict(one.stored), sorted(one.tags), sorted(one.keys)) for one in graph.entities()
    }
    for one in graph.relations(ever=True):
        found[one.id] = (
            (one.predicate, one.subject.id, one.object.id, str(one.since), str(one.until), dict(one.stored)),
            one.confidence,
            sorted((source.name, source.key, json.dumps(source.says)) for source in one.sources),
        )
    return found


# -- out and in ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(8))
def test_every_kind_of_value_goes_out_and_in_without_a_loss(seed: int) -> None:
    with relgraph.open(vocabulary=VOCABULARY) as one, relgraph.open(vocabulary=VOCABULARY) as other:
        story = Story(one, seed)
        for _ in range(60):
            story.step()
        report = other.load_py2neo(one.to_py2neo(ever=True))
        assert (report.refused, report.unresolved) == ((), ())
        assert content(other) == content(one)
        again = other.load_py2neo(one.to_py2neo(ever=True))
        assert (again.created, again.linked, again.updated, again.transaction) == (0, 0, 0, None)


def test_the_example_network_goes_out_and_in_without_a_loss() -> None:
    with relgraph.open(vocabulary=MARKET / "vocabulary.yaml") as one:
        for name in ("survey", "invented"):
            one.load(MARKET / f"{name}.yaml")
        with relgraph.open(vocabulary=one.vocabulary) as other:
            report = other.load_py2neo(one.to_py2neo(ever=True))
            assert (report.created, report.linked, len(report.refused)) == (147, 435, 0)
            assert content(other) == content(one)


def test_what_a_source_says_otherwise_comes_along(graph: relgraph.Graph) -> None:
    graph.add("Person", id="p", name="Ana", keys={"sugar": ["a-1", "a-2"]}, tags=["star"])
    graph.add("Film", id="f", title="Dawn")
    graph.relate("p", "plays_in", "f", id="r", since="2020-05", roles=["Eve"], source=[("press", "7"), ("web", "")])
    graph.merge_relation("p", "plays_in", "f", since="2019", source="diary", key="d", on_conflict="keep")
    with relgraph.open(vocabulary=WORDS) as other:
        other.load_py2neo(graph.to_py2neo(ever=True))
        assert content(other) == content(graph)
        says = {one.name: one.says for one in other.relation("r").sources}
        assert says["diary"] is not None
        assert says["press"] is says["web"] is None


def test_a_subgraph_looks_as_other_tools_expect(graph: relgraph.Graph) -> None:
    graph.add("Person", id="p", name="Ana", born="1980-05", part="25%", tags=["star"])
    graph.add("Film", id="f", title="Dawn", year=2001, cost="9.50 EUR")
    graph.relate("p", "plays_in", "f", id="r", since="2001", until="2002-03-04", roles=["Eve"], source="press")
    found = graph.to_py2neo(ever=True)
    assert isinstance(found, Subgraph)
    nodes = {one["id"]: one for one in found.nodes}
    assert set(nodes["p"].labels) == {"Person", "Being"}
    assert dict(nodes["p"]) == {
        "id": "p",
        "name": "Ana",
        "born": date(1980, 5, 1),
        "_born_precision": 1,
        "part": 0.25,
        "_tags": ["star"],
    }
    assert dict(nodes["f"]) == {"id": "f", "title": "Dawn", "year": 2001, "cost": 9.5, "cost_currency": "EUR"}
    (stars,) = found.relationships
    assert (type(stars).__name__, stars.start_node["id"], stars.end_node["id"]) == ("PLAYS_IN", "p", "f")
    assert dict(stars) == {
        "id": "r",
        "since": date(2001, 1, 1),
        "_since_precision": 2,
        "until": date(2002, 3, 4),
        "roles": ["Eve"],
        "source": ["press"],
    }


def test_types_predicates_and_the_day_choose(graph: relgraph.Graph) -> None:
    for one in "ab":
        graph.add("Person", id=one, name=one)
    graph.add("Film", id="f", title="Dawn")
    graph.relate("a", "knows", "b", id="old", until="2010")
    graph.relate("a", "knows", "b", id="new", since="2020")
    graph.relate("a", "plays_in", "f", id="part")

    def ids(found: Any) -> list[str]:
        return sorted(one["id"] for one in (*found.nodes, *found.relationships))

    assert ids(graph.to_py2neo()) == ["a", "b", "f", "new", "part"]
    assert ids(graph.as_of("2005-01-01").to_py2neo(types=["Being"])) == ["a", "b", "old"]
    chosen = graph.to_py2neo(predicates=["stars", "knows", "plays_in"], ever=True)
    assert ids(chosen) == ["a", "b", "f", "new", "old", "part"]
    assert ids(graph.to_py2neo(predicates=[])) == ["a", "b", "f"]


def test_an_answer_is_a_subgraph_of_its_entities_relations_and_paths(graph: relgraph.Graph) -> None:
    graph.add("Person", id="a", name="Ana")
    graph.add("Person", id="b", name="Ben")
    graph.add("Film", id="f", title="Dawn")
    graph.relate("a", "plays_in", "f", id="r", source=("press", "7"))
    graph.relate("b", "plays_in", "f", id="s")
    found = graph.query('find Film stars as part Person[name = "Ana"] show part').to_py2neo()
    assert [one["id"] for one in found.relationships] == ["r"]
    # the ends are named only, and say nothing else when they are loaded
    assert {(*sorted(one.labels), *sorted(one)) for one in found.nodes} == {
        ("Being", "Person", "_caption", "id"),
        ("Film", "_caption", "id"),
    }
    assert graph.load_py2neo(found).unchanged == 3
    path = graph.query('find shortest path from "Ana" to "Ben" via any{1..3}').to_py2neo()
    assert {one["name"] or one["title"] for one in path.nodes} == {"Ana", "Ben", "Dawn"}
    assert len(path.relationships) == 2
    assert len(graph.query("find Person").to_py2neo().nodes) == 2
    assert len(graph.query("find Person show name").to_py2neo().nodes) == 0


# -- what others made ------------------------------------------------------------------------------------------------


def foreign() -> Any:
    keanu = Node("Actor", "Star", "Odd", fullName="Keanu", born=1964, age=60, id=7)
    matrix = Node("Movie", title="Matrix", released=1999, id=8)
    return keanu | matrix | Relationship(keanu, "ACTED_IN", matrix, roles=["Neo"], since=1999)


def test_labels_types_and_properties_are_what_the_options_say(graph: relgraph.Graph) -> None:
    options: dict[str, Any] = {
        "types": {"Actor": "Person", "Movie": "Film", "Star": None},
        "fields": {"fullName": "name", "released": "year", "age": None},
        "key": "id",
        "source": "films",
    }
    report = graph.load_py2neo(foreign(), **options)
    assert (report.created, report.linked, report.refused, report.unresolved) == (2, 1, (), ())
    assert report.warnings == ("Odd is no type and no tag: left out of 1 of them",)
    keanu = graph.by_key("films", "7")
    assert (keanu.type, keanu.name, str(keanu["born"])) == ("Person", "Keanu", "1964")
    (role,) = graph.relations("plays_in", ever=True)
    assert (role["roles"], str(role.since), role.source) == (("Neo",), "1999", "films")
    again = graph.load_py2neo(foreign(), **options)
    assert (again.created, again.linked, again.updated, again.unchanged) == (0, 0, 0, 3)
    assert report.batch is not None
    graph.undo(report.batch)
    assert (graph.count(), graph.count("plays_in")) == (0, 0)


def test_ids_keys_of_the_vocabulary_and_tags_are_known_without_options(graph: relgraph.Graph) -> None:
    ana, ben, dawn = Node("Person", "star", name="Ana"), Node("Being", "Person", name="Ben"), Node("Film", id="f")
    report = graph.load_py2neo(Relationship(ana, "DIRECTED_BY", ben) | Relationship(dawn, "DIRECTED_BY", ana))
    assert [one.rule for one in report.refused] == ["rule-type"]
    assert graph.entity("Ana").tags == ("star",)
    assert [one.subject.name for one in graph.relations("directs")] == ["Ana"]
    assert graph.get("f").type == "Film"
    assert graph.load_py2neo(ana | ben).unchanged == 2


def test_a_dry_run_says_the_same_and_writes_nothing(graph: relgraph.Graph) -> None:
    given = Node("Person", name="Ana") | Node("Nobody", name="Ben")
    dry = graph.load_py2neo(given, dry_run=True)
    assert (dry.dry_run, dry.created, len(dry.refused), dry.transaction) == (True, 1, 1, None)
    assert graph.count() == 0
    assert graph.load_py2neo(given).summary == dry.summary


# -- through a server ------------------------------------------------------------------------------------------------


def test_what_py2neo_pushes_and_reads_back_is_the_same_network(neo4j_database: Server, service: Any) -> None:
    del neo4j_database
    with relgraph.open(vocabulary=VOCABULARY) as one, relgraph.open(vocabulary=VOCABULARY) as other:
        story = Story(one, 3)
        for _ in range(60):
            story.step()
        one.add("Company", id="moments", name="moments", seen="2024-05-01T12:00:07.507577Z", _odd="`\\")
        pairs: set[tuple[str, str, str]] = set()
        for relation in list(one.relations(ever=True)):
            # py2neo's create merges what is parallel into one relationship
            pair = (relation.subject.id, relation.predicate, relation.object.id)
            if pair in pairs:
                one.retract(relation)
            pairs.add(pair)
        service.create(one.to_py2neo(ever=True))
        back = service.run("MATCH (n) OPTIONAL MATCH (n)-[r]->(m) RETURN n, r, m").to_subgraph()
        report = other.load_py2neo(back)
        assert (report.refused, report.unresolved) == ((), ())
        assert content(other) == content(one)


def test_a_pushed_subgraph_is_adopted(service: Any, graph: relgraph.Graph) -> None:
    graph.add("Person", name="Ana", tags=["star"])
    graph.add("Film", id="f", title="Dawn", cost="9 EUR")
    graph.relate(graph.entity("Ana"), "plays_in", "f", since="2001", roles=["Eve"], source="press")
    service.create(graph.to_py2neo())
    with relgraph.open(service, adopt=True) as adopted:
        assert adopted.read_only
        assert [one.name for one in adopted.query('find Person that plays_in "Dawn"').scalars()] == ["Ana"]
        assert str(next(adopted.relations("plays_in")).since) == "2001-01-01"
    assert relgraph.introspect(service).entities == 2


def test_a_graph_of_py2neo_opens_what_it_is_connected_to(neo4j_database: Server, service: Any) -> None:
    with relgraph.open(service, vocabulary=WORDS) as graph:
        assert graph.name == f"{neo4j_database.uri}/{neo4j_database.database}"
        ana, dawn = graph.add("Person", name="Ana"), graph.add("Film", title="Dawn")
        graph.relate(ana, "plays_in", dawn, since="2001-02", source=("press", "7"))
        assert graph.query('find Film that stars "Ana"').one().name == "Dawn"
        # what relgraph keeps on the server is itself a Subgraph that can be loaded
        found = service.run("MATCH (n) OPTIONAL MATCH (n)-[r]->(m) RETURN n, r, m").to_subgraph()
        with relgraph.open(vocabulary=WORDS) as other:
            report = other.load_py2neo(found)
            assert (report.created, report.linked, report.refused) == (2, 1, ())
            assert report.skipped > 0
            assert {one.id for one in other.entities()} == {ana.id, dawn.id}
            assert [str(one.since) for one in other.relations("plays_in")] == ["2001-02"]
    with relgraph.open(service, read_only=True) as graph:
        assert graph.read_only


def test_the_address_behind_a_graph_is_whole() -> None:
    def behind(uri: str, name: str | None = None, **settings: Any) -> Any:
        return SimpleNamespace(service=SimpleNamespace(profile=py2neo.ServiceProfile(uri, **settings)), name=name)

    assert address(behind("neo4j+s://db.example:7999", "crm", auth=("ana", "pw:1"))) == (
        "neo4j+s://db.example:7999",
        ("ana", "pw:1"),
        "crm",
    )
    assert address(behind("bolt+ssc://ana:pw@127.0.0.1"))[:2] == ("bolt+ssc://127.0.0.1:7687", ("ana", "pw"))
    with pytest.raises(StoreUnavailable, match="over HTTP") as caught:
        address(behind("http://127.0.0.1:7474"))
    assert "bolt://127.0.0.1:7687" in str(caught.value.hint)


# -- what is wrong ---------------------------------------------------------------------------------------------------


def test_what_is_no_subgraph_is_told(graph: relgraph.Graph) -> None:
    things: list[Any] = [None, "MATCH (n)", [Node("Person")], {}, relgraph]
    for wrong in things:
        with pytest.raises(LoadError, match=f"a Subgraph of py2neo is loaded, not {type(wrong).__name__}"):
            graph.load_py2neo(wrong)
    with pytest.raises(ValueProblem, match="by a path, an address or a Graph of py2neo, not by int"):
        relgraph.open(5)
    with pytest.raises(ValueProblem, match="not by list"):
        relgraph.introspect([])
    with pytest.raises(ValueProblem, match="not by Node"):
        relgraph.open(Node("Person"))


def test_a_graph_is_no_subgraph(graph: relgraph.Graph, service: Any) -> None:
    with pytest.raises(LoadError, match="a Graph of py2neo, not a Subgraph") as caught:
        graph.load_py2neo(service)
    assert "to_subgraph" in str(caught.value.hint)


def test_a_missing_library_names_the_extra(graph: relgraph.Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    found = graph.query("find Person")
    monkeypatch.setitem(sys.modules, "py2neo", None)
    for asked in (graph.to_py2neo, found.to_py2neo, lambda: graph.load_py2neo(None)):
        with pytest.raises(CapabilityError, match="py2neo is not installed") as caught:
            asked()
        assert caught.value.hint == "install relgraph[py2neo]"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"types": {"Actor": "Persn"}}, "'Actor' is to be the type 'Persn', which there is not"),
        ({"predicates": {"ACTED": "acts"}}, "is to be the predicate 'acts'"),
        ({"fields": {"x": "nmae"}}, "is to be the field or attribute 'nmae'"),
        ({"key": "id"}, "external keys belong to a source"),
    ],
)
def test_options_that_name_what_there_is_not_are_told(
    graph: relgraph.Graph, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(LoadError, match=message):
        graph.load_py2neo(Node("Person", name="Ana"), **options)
    assert graph.count() == 0


@pytest.mark.parametrize(
    ("node", "rule", "message"),
    [
        (Node("Persn", name="Ana"), "type", r"no type has the name of its labels \(Persn\)"),
        (Node(name="Ana"), "type", r"labels \(none\)"),
        (Node("Person", "Film", name="Ana"), "type", "is Film and Person by its labels, and neither"),
        (Node("Being", name="Ana", id="x"), "type", "abstract"),
        (Node("Person", name="Ana", height=1.8), "field", "Person has no field 'height'"),
        (Node("Person", name="Ana", born="soon"), "field", "born"),
        (Node("Person", name="Ana", seen=datetime(2020, 1, 1)), "field", "seen"),  # noqa: DTZ001 - what is refused
        (Node("Person", name=["Ana"]), "field", "name"),
        (Node("Person", born=1980), "field", "nothing tells it from another Person"),
        (Node("Person", id="x"), "required", "name"),
        (Node("Person", name="Ana", id=""), "field", "cannot be empty"),
        (Node("Person", name="Ana", _keys="no JSON"), "field", "_keys is not as relgraph writes it"),
        (Node("Person", name="Ana", _tags=["nonsense"]), "field", "no tag 'nonsense'"),
        (Node("Note", text="x"), "field", "nothing tells it from another Note"),
        (Node("Film", id="x", cost=5.0), "field", "cost"),
    ],
)
def test_a_node_that_cannot_be_taken_is_refused_and_the_rest_goes_in(
    graph: relgraph.Graph, node: Any, rule: str, message: str
) -> None:
    report = graph.load_py2neo(Subgraph([node, Node("Person", name="Ben")]))
    assert [(one.input, one.kind) for one in report.refused] == [("nodes", "refused")]
    told = report.refused[0]
    assert rule in told.rule
    assert re.search(message, told.message), told.message
    assert told.value.startswith("(:")
    assert [one.name for one in graph.entities()] == ["Ben"]


def test_relationships_that_cannot_be_taken_are_told(graph: relgraph.Graph) -> None:
    ana, ben, cy = (Node("Person", name=name) for name in ("Ana", "Ben", "Cy"))
    dawn, nobody = Node("Film", id="f", title="Dawn"), Node("Nobody")
    report = graph.load_py2neo(
        Subgraph(
            [dawn],
            [
                Relationship(ana, "LIKES", ben),
                Relationship(ana, "KNOWS", nobody),
                Relationship(ana, "DIRECTS", dawn),
                Relationship(ben, "DIRECTS", dawn),
                Relationship(ana, "BEGAT", ben),
                Relationship(ben, "BEGAT", cy),
                Relationship(cy, "BEGAT", ana),
                Relationship(ana, "BEGAT", cy, since=1990),
                Relationship(ana, "KNOWS", ben, since="soon"),
                Relationship(ana, "KNOWS", cy, since=2010, until=2005),
                Relationship(ben, "KNOWS", cy, warmth=3),
            ],
        )
    )
    assert [(one.input, one.column) for one in report.unresolved] == [("relationships", "its second node")]
    said = sorted(one.message for one in report.refused)
    assert sum("no predicate has the name of its type LIKES" in one for one in said) == 1
    assert sum("knows has no field 'warmth'" in one for one in said) == 1
    assert len(report.refused) == 8
    assert {one.predicate for one in graph.relations()} == {"directs", "begat"}
    assert graph.check() == []


def test_two_nodes_of_one_id_are_not_made_one(graph: relgraph.Graph) -> None:
    given = Node("Person", id=1, name="Ana") | Node("Film", id=1, title="Dawn")
    report = graph.load_py2neo(given)
    assert [one.message for one in report.refused] == ["node 1 has the same id 1"]
    keyed = graph.load_py2neo(given, key="id", source="films")
    assert [one.message for one in keyed.refused] == ["node 1 has the same id '1'"]


class _Behind:
    """What a node of py2neo asks of the graph it is bound to."""

    class service:  # noqa: N801 - an attribute of that name
        uri = "bolt://127.0.0.1:7687"

    name = "neo4j"

    def pull(self, _: Any) -> None:
        raise ConnectionUnavailable("nobody there", None, None)


def test_objects_that_stand_for_one_node_are_one(graph: relgraph.Graph) -> None:
    behind = _Behind()
    nodes = []
    for _ in range(2):
        node = Node("Person", name="Ana")
        # the first node of a database: py2neo takes two objects of it for two nodes
        node.graph, node.identity = behind, 0
        nodes.append(node)
    report = graph.load_py2neo(Subgraph(nodes))
    assert (report.rows_read, report.created) == (1, 1)


def test_a_node_that_cannot_be_fetched_is_an_error_of_ours(graph: relgraph.Graph) -> None:
    with pytest.raises(StoreUnavailable, match="could not fetch a node") as caught:
        graph.load_py2neo(Subgraph([Node.ref(_Behind(), 5)]))
    assert isinstance(caught.value.__cause__, ConnectionUnavailable)


def test_moments_keep_their_microseconds(graph: relgraph.Graph) -> None:
    moments = [
        datetime(2024, 5, 1, 12, 0, second, micro, UTC) for second in (0, 7, 59) for micro in (0, 1, 507577, 999999)
    ]
    for number, moment in enumerate(moments):
        graph.add("Person", id=f"p{number}", name=str(number), seen=moment)
    with relgraph.open(vocabulary=WORDS) as other:
        other.load_py2neo(graph.to_py2neo())
        assert [other.get(f"p{number}")["seen"] for number in range(len(moments))] == moments
