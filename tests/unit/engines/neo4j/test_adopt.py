"""Databases that relgraph did not make: said as a vocabulary, asked, never written, copied."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from neo4j import GraphDatabase

import relgraph
from relgraph.cli.main import cli
from relgraph.engines.neo4j import adopted
from relgraph.vocabulary.check_types import kind_text
from tests.servers.neo4j import Server

Write = Callable[..., None]

MOVIES = """
CREATE (matrix:Movie {title: 'The Matrix', released: 1999, tagline: 'Welcome to the Real World'}),
  (cloud:Movie {title: 'Cloud Atlas', released: 2012}),
  (keanu:Person {name: 'Keanu Reeves', born: 1964}), (hugo:Person {name: 'Hugo Weaving', born: 1960}),
  (lana:Person {name: 'Lana Wachowski', born: 1965}), (jessica:Person {name: 'Jessica Thompson'}),
  (keanu)-[:ACTED_IN {roles: ['Neo']}]->(matrix), (hugo)-[:ACTED_IN {roles: ['Agent Smith']}]->(matrix),
  (hugo)-[:ACTED_IN {roles: ['Bill Smoke', 'Haskell Moore']}]->(cloud),
  (lana)-[:DIRECTED]->(matrix), (lana)-[:DIRECTED]->(cloud),
  (jessica)-[:REVIEWED {summary: 'An amazing journey', rating: 95}]->(cloud),
  (jessica)-[:FOLLOWS]->(hugo)
"""
MOVIES_VOCABULARY = """\
vocabulary: adopted
types:
  Movie:
    fields: {released: integer, tagline: text, title: text}
    caption: [title]
    key: [title]
  Person:
    fields: {born: integer, name: text}
    caption: [name]
    key: [name]
predicates:
  acted_in:
    inverse: features
    subject: [Person]
    object: [Movie]
    attributes:
      roles: {type: text, list: true}
  directed:
    inverse: directed_by
    subject: [Person]
    object: [Movie]
  follows:
    inverse: followed_by
    subject: [Person]
    object: [Person]
  reviewed:
    inverse: reviewed_by
    subject: [Person]
    object: [Movie]
    attributes: {rating: integer, summary: text}
"""
NORTHWIND = """
CREATE (beverages:Category {categoryID: 1, categoryName: 'Beverages'}),
  (chai:Product {productID: 1, productName: 'Chai', unitPrice: 18.0, discontinued: false}),
  (chang:Product {productID: 2, productName: 'Chang', unitPrice: 19.125, discontinued: true}),
  (exotic:Supplier {supplierID: 1, companyName: 'Exotic Liquids', country: 'UK'}),
  (vinet:Customer {customerID: 'VINET', companyName: 'Vins et alcools'}),
  (order:Order {orderID: 10248, orderDate: date('1996-07-04')}),
  (later:Order {orderID: 10249, orderDate: date('1996-07-05')}),
  (chai)-[:PART_OF]->(beverages), (chang)-[:PART_OF]->(beverages),
  (exotic)-[:SUPPLIES]->(chai), (exotic)-[:SUPPLIES]->(chang),
  (vinet)-[:PURCHASED]->(order), (vinet)-[:PURCHASED]->(later),
  (order)-[:ORDERS {quantity: 12, unitPrice: 14.4}]->(chai),
  (order)-[:ORDERS {quantity: 5, unitPrice: 9.8}]->(chai),
  (later)-[:ORDERS {quantity: 9, unitPrice: 18.6}]->(chang)
"""


@pytest.fixture
def write(neo4j_database: Server) -> Iterator[Write]:
    with GraphDatabase.driver(neo4j_database.uri, auth=neo4j_database.auth) as driver:

        def write(statement: str, **parameters: object) -> None:
            driver.execute_query(statement, parameters, database_=neo4j_database.database)

        yield write


@pytest.fixture
def adopt(neo4j_database: Server) -> Iterator[Callable[..., relgraph.Graph]]:
    opened: list[relgraph.Graph] = []

    def adopt(vocabulary: relgraph.Vocabulary | Path | None = None) -> relgraph.Graph:
        graph = relgraph.open(neo4j_database.uri, auth=neo4j_database.auth, adopt=vocabulary or True)
        opened.append(graph)
        return graph

    yield adopt
    for graph in opened:
        graph.close()


def introspected(server: Server) -> relgraph.Vocabulary:
    return relgraph.introspect(server.uri, auth=server.auth).vocabulary


def test_a_movies_database_is_said_as_a_vocabulary_and_asked(
    neo4j_database: Server, write: Write, adopt: Callable[..., relgraph.Graph]
) -> None:
    write(MOVIES)
    found = relgraph.introspect(neo4j_database.uri, auth=neo4j_database.auth)
    assert (found.entities, found.relations, found.notes) == (6, 7, ())
    assert found.vocabulary.to_yaml() == MOVIES_VOCABULARY
    assert relgraph.Vocabulary.from_text(found.to_yaml()) == found.vocabulary
    graph = adopt(found.vocabulary)
    answers = {
        'find Person that acted_in "The Matrix"': ["Hugo Weaving", "Keanu Reeves"],
        "find Movie features Person[born < 1964]": ["Cloud Atlas", "The Matrix"],
        'find Movie directed_by "Lana Wachowski" where released > 2000': ["Cloud Atlas"],
        'find Person acted_in[roles contains "Neo"] Movie': ["Keanu Reeves"],
        "find Person with no acted_in": ["Jessica Thompson", "Lana Wachowski"],
        "find Person where born is missing": ["Jessica Thompson"],
        'find Person follows Person acted_in Movie reviewed_by "Jessica Thompson"': [],
        "find Person as p follows Person acted_in Movie reviewed_by p": ["Jessica Thompson"],
    }
    assert {text: [one.name for one in graph.query(text).scalars()] for text in answers} == answers
    route = graph.query('find shortest path from "Keanu Reeves" to "Jessica Thompson" via any{1..4}').one()
    assert [one.name for one in route.entities] == ["Keanu Reeves", "The Matrix", "Hugo Weaving", "Jessica Thompson"]
    assert [one.name for one in graph.search("weav")] == ["Hugo Weaving"]
    assert graph.check() == []


def test_a_northwind_database_adds_up(
    neo4j_database: Server, write: Write, adopt: Callable[..., relgraph.Graph]
) -> None:
    write(NORTHWIND)
    words = introspected(neo4j_database)
    keys = {name: (one.caption, one.key) for name, one in words.types.items()}
    assert keys == {
        "Category": (("categoryName",), ("categoryID",)),
        "Customer": (("companyName",), ("customerID",)),
        "Order": (("orderID",), ("orderID",)),
        "Product": (("productName",), ("productID",)),
        "Supplier": (("companyName",), ("supplierID",)),
    }
    readings = {name: (one.inverse, one.unique) for name, one in words.predicates.items()}
    assert readings == {
        "orders": ("ordered_by", "none"),
        "part_of": ("has_part", "overlap"),
        "purchased": ("purchased_by", "overlap"),
        "supplies": ("supplied_by", "overlap"),
    }
    graph = adopt(words)
    assert graph.entity("Chai").id == "Product:1"
    assert graph.entity("Beverages").id == "Category:1"
    told = graph.query(
        "find Product ordered_by as line Order group by name show name, sum(line.quantity) as many order by name"
    )
    assert [tuple(row) for row in told] == [("Chai", 17), ("Chang", 9)]
    assert [str(one) for one in graph.query('find Order orders "Chang" show orderDate').scalars()] == ["1996-07-05"]
    assert graph.query('find Customer purchased Order orders Product supplied_by "Exotic Liquids"').one().name == (
        "Vins et alcools"
    )
    lines = [one.id for one in graph.relations("orders", object=graph.entity("Chai"), ever=True)]
    assert sorted(lines) == ["Order:10248 orders Product:1", "Order:10248 orders Product:1~2"]


def test_odd_names_mixed_values_and_overlapping_labels(
    neo4j_database: Server, write: Write, adopt: Callable[..., relgraph.Graph]
) -> None:
    write(
        "CREATE (a:`Odd Label` {name: 'A', `some property`: 1, id: 7, type: 'x'}),"
        " (b:`Odd Label`:`Back``tick` {name: 'B', `some property`: 'two', id: 8}),"
        " (c:Person:Actor {name: 'C'}), (d:Person:Director {name: 'D'}), (e:Person:Actor:Director {name: 'E'}),"
        " (f:Person {name: 'F'}), (g {name: 'bare'}),"
        " (c)-[:knows {since: date('2020-05-01'), until: 2022, source: 'x'}]->(d), (c)-[:KNOWS]->(e),"
        " (a)-[:`is part of` {knows: point({x: 1, y: 2})}]->(b), (e)-[:worksWith]->(e), (g)-[:OF]->(a)"
    )
    found = relgraph.introspect(neo4j_database.uri, auth=neo4j_database.auth)
    words = found.vocabulary
    assert {name: one.extends for name, one in words.types.items()} == {
        "Odd Label": (),
        "Person": (),
        "Actor": ("Person",),
        "Director": ("Person",),
        "Back’tick": ("Odd Label",),
        "ActorAndDirector": ("Actor", "Director"),
        "Node": (),
    }
    assert {one.name: one.kind for one in words.types["Odd Label"].fields} == {
        "odd label_id": "integer",
        "name": "text",
        "some property": "text",
        "odd label_type": "text",
    }
    assert {name: one.was for name, one in words.predicates.items()} == {
        "knows": None,
        "knows_2": "knows",
        "is_part_of": "is part of",
        "of": None,
        "works_with": "worksWith",
    }
    assert words.predicates["works_with"].irreflexive is None
    assert any("several types" in note for note in found.notes)
    assert any("overlap" in note for note in found.notes)
    path = Path(str(neo4j_database.home or ".")) / "adopted.yaml"
    path.write_text(found.to_yaml(), encoding="utf-8")
    graph = adopt(path)
    assert graph.check() == []
    assert [one.id for one in graph.entities("Odd Label")] == ["Odd Label:7", "Odd Label:8"]
    assert [one["some property"] for one in graph.entities("Odd Label")] == ["1", "two"]
    known = next(graph.relations("knows_2", ever=True))
    assert (str(known.since), str(known.until), known["source_value"]) == ("2020-05-01", "2022", "x")
    assert [one.name for one in graph.query("find Actor knows Director").scalars()] == ["C"]
    assert [one.name for one in graph.query("find Actor knows_2 Director as of 2021-01-01").scalars()] == ["C"]
    assert [one.name for one in graph.query("find Actor knows_2 Director as of 2023-01-01").scalars()] == []
    assert next(graph.relations("is_part_of"))["knows"] == "point(1.0, 2.0)"
    bare = graph.entity("bare")
    assert bare.type == "Node"
    with GraphDatabase.driver(neo4j_database.uri, auth=neo4j_database.auth) as driver:
        elements = driver.execute_query("MATCH (n) RETURN elementId(n) AS e").records
    ids = " ".join(one.id for one in graph.entities())
    assert not any(one["e"] in ids for one in elements)


@pytest.mark.parametrize(
    ("statement", "fields"),
    [
        ("CREATE (:Person {name: 5}), (:Person {name: 'Ana'})", {"Person.name": "text"}),
        ("CREATE (:Person {name: ['Ana', 'Anna']})", {"Person.name": "text"}),
        (
            "CREATE (:Firm {v: 1}), (:Person {v: 'x'}), (:Firm:Person:Shop {w: 1})",
            {"Firm.v": "text", "Person.v": "text"},
        ),
        (
            "CREATE (:Firm {v: 1}), (:Person {v: [1.5]}), (:Firm:Person)",
            {"Firm.v": "a list of decimal", "Person.v": "a list of decimal"},
        ),
        (
            "CREATE (:Firm {id: 1}), (:Person {id: [2]}), (:Person {id: [4]}), (:Firm:Person {id: 3})",
            {"Firm.firm_id": "integer", "Person.person_id": "a list of integer"},
        ),
    ],
    ids=[
        "a number as name",
        "a list as name",
        "below two types",
        "lists where types overlap",
        "ids where types overlap",
    ],
)
def test_kinds_of_fields_that_do_not_go_together_are_widened(
    statement: str, fields: dict[str, str], neo4j_database: Server, write: Write, adopt: Callable[..., relgraph.Graph]
) -> None:
    write(statement)
    words = introspected(neo4j_database)
    found = {f"{one.name}.{each.name}": kind_text(each) for one in words.types.values() for each in one.fields}
    assert {name: found[name] for name in fields} == fields
    graph = adopt()
    assert graph.check() == []
    assert graph.count() == graph.cypher("MATCH (n) RETURN count(n) AS n")[0]["n"]


def test_no_property_is_lost_to_the_name_that_another_one_is_given(
    write: Write, adopt: Callable[..., relgraph.Graph]
) -> None:
    write(
        "CREATE (a:Thing {name: 'x', name_value: 5, id: 1, thing_id: 'one'})"
        "-[:name {id: 7, id_value: 8}]->(:Other {id: 2}), (:Other:Thing {id: 3})"
    )
    graph = adopt()
    assert graph.check() == []
    assert dict(graph.entity("x").fields) == {"thing_id_2": 1, "name_value_2": "x", "name_value": 5, "thing_id": "one"}
    assert dict(next(graph.relations("name")).attributes) == {"id_value_2": 7, "id_value": 8}
    both = graph.query("find OtherAndThing").one()
    assert (both["other_id"], both["thing_id_2"]) == (3, 3)
    assert graph.query("find Other where other_id = 3").one().id == both.id


def test_two_properties_that_can_only_have_one_name_are_told(
    write: Write, adopt: Callable[..., relgraph.Graph]
) -> None:
    write("CREATE (:Thing {`a``b`: 1, `a’b`: 2})")
    graph = adopt()
    assert [one.message for one in graph.check()] == [
        "1 times: 'a`b' would be a field of Thing that another property is"
    ]
    assert next(graph.entities())["a’b"] == 2


def test_long_names_are_cut(write: Write, adopt: Callable[..., relgraph.Graph]) -> None:
    write(f"CREATE (a:`{'L' * 300}` {{`{'p' * 300}`: 1}})-[:`{'T' * 300}`]->(a)")
    graph = adopt()
    assert graph.check() == []
    assert [one.predicate for one in graph.relations()] == ["t" * 200]
    (predicate,) = graph.vocabulary.predicates.values()
    assert predicate.inverse == f"inverse_of_{'t' * 189}"


def test_days_that_no_calendar_of_ours_has_are_told(write: Write, adopt: Callable[..., relgraph.Graph]) -> None:
    write(
        "CREATE (:Bare {day: date('-0044-03-15')}),"
        " (a:Thing {name: 'Ides', day: date('-0044-03-15'), days: [date('+12345-01-01')]})"
        "-[:MET {since: date('-0044-03-15')}]->(a), (a)-[:MET {since: date('2020-01-01')}]->(a),"
        " (a)-[:SAW {day: date('-0044-03-15')}]->(a)"
    )
    graph = adopt()
    never = "it is no day of the years 1 to 9999, or in a zone that is unknown here"
    findings = graph.check()
    assert [one.message for one in findings] == [
        "1 times: since of met is no date",
        f"1 times: day cannot be a field of Bare: {never}",
        f"1 times: day cannot be a field of Thing: {never}",
        f"1 times: day cannot be an attribute of saw: {never}",
        f"1 times: days cannot be a field of Thing: {never}",
    ]
    assert "object at" not in str(findings)
    assert sorted(str(one.since) for one in graph.relations("met")) == ["2020-01-01", "None"]
    assert [one.id for one in graph.entities("Bare")] == [one.id for one in adopt().entities("Bare")]
    with pytest.raises(relgraph.StoreFormatError, match="cannot be read here"):
        graph.cypher("MATCH (a:Thing) RETURN a.day")


def test_ids_without_a_key_are_made_of_what_nodes_hold_and_stay(
    write: Write, adopt: Callable[..., relgraph.Graph]
) -> None:
    write("CREATE (:Thing {weight: 1}), (:Thing {weight: 1}), (:Thing {weight: 2}), (:Thing)")
    first = adopt()
    ids = [one.id for one in first.entities("Thing")]
    assert len(set(ids)) == 4
    assert sum(one.endswith("~2") for one in ids) == 1
    write("CREATE (:Other)")
    assert [one.id for one in first.entities("Thing")] == ids


def test_names_and_keys_are_the_users_to_choose(
    neo4j_database: Server, write: Write, adopt: Callable[..., relgraph.Graph], tmp_path: Path
) -> None:
    write(MOVIES)
    text = introspected(neo4j_database).to_yaml()
    text = text.replace("  acted_in:\n    inverse: features", "  plays_in:\n    was: ACTED_IN\n    inverse: stars")
    text = text.replace("  Person:\n", "  Human:\n    was: Person\n").replace("[Person]", "[Human]")
    text = text.replace("key: [name]", "key: [born]")
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    graph = adopt(path)
    assert [one.id for one in graph.query('find Human plays_in "The Matrix"').scalars()] == ["Human:1960", "Human:1964"]
    assert [(one.code, one.where["what"]) for one in graph.check()] == [
        ("adopted-key", "Human without a value for its key born")
    ]


def test_what_the_vocabulary_does_not_cover_is_listed_and_never_a_crash(
    neo4j_database: Server, write: Write, adopt: Callable[..., relgraph.Graph]
) -> None:
    write(MOVIES)
    graph = adopt(introspected(neo4j_database))
    write(
        "MATCH (m:Movie {title: 'The Matrix'}), (k:Person {name: 'Keanu Reeves'})"
        " CREATE (:Planet {name: 'Mars'})<-[:VISITED]-(k), (k)-[:ACTED_IN]->(:Planet)"
        " SET k.born = 'long ago', k.height = 1.86, m.released = 1999.5"
        " CREATE (k)-[:ACTED_IN {roles: 5, since: 'once'}]->(m), (:Person {name: 'Keanu Reeves'})"
        " CREATE (m)-[:DIRECTED]->(k)"
    )
    codes = {one.code for one in graph.check()}
    assert codes >= {
        "adopted-label",
        "adopted-relationship",
        "adopted-end",
        "adopted-property",
        "adopted-value",
        "adopted-key",
    }
    # relations that break rules are there, and listed: one of the wrong types, one told twice
    assert any(not code.startswith("adopted-") for code in codes)
    assert {one.id for one in graph.query("find Person that directed Movie").scalars()} == {"Person:Lana Wachowski"}
    assert graph.count("Person") == 5


def test_nothing_is_ever_written(write: Write, adopt: Callable[..., relgraph.Graph]) -> None:
    write(MOVIES)
    graph = adopt()
    assert graph.read_only
    for change in (
        lambda: graph.add("Person", name="X"),
        lambda: graph.relate("Person:Keanu Reeves", "follows", "Person:Hugo Weaving"),
        lambda: graph.define(relgraph.tag("vip")),
        lambda: graph.transaction().__enter__(),
    ):
        with pytest.raises(relgraph.ReadOnlyError, match="adopted") as refused:
            change()
        assert "relgraph" in str(refused.value.hint)
        assert "copy" in str(refused.value.hint)
    with pytest.raises(relgraph.CapabilityError):
        graph.known_at("2020-01-01T00:00:00Z").count("Person")
    assert graph.cypher("MATCH (n) RETURN count(n) AS n, count{MATCH ()-->()} AS r") == [{"n": 6, "r": 7}]
    assert graph.cypher("MATCH (n) WHERE any(k IN keys(n) WHERE k STARTS WITH '_') RETURN count(n) AS n") == [{"n": 0}]


def test_what_others_write_is_seen_by_the_next_question_and_not_within_one(
    write: Write, adopt: Callable[..., relgraph.Graph]
) -> None:
    write(MOVIES)
    graph = adopt()
    with graph.store.read() as reader:
        write("MATCH (p:Person {name: 'Hugo Weaving'}) DETACH DELETE p")
        assert reader.count_entities(None) == 6
        assert graph.count() == 5
        assert reader.count_entities(None) == 6
    assert graph.query('find Person that acted_in "The Matrix"').one().name == "Keanu Reeves"


def test_copying_makes_a_full_store(
    neo4j_database: Server, write: Write, adopt: Callable[..., relgraph.Graph], tmp_path: Path
) -> None:
    write(NORTHWIND)
    graph = adopt()
    with relgraph.open(tmp_path / "full.db") as full:
        relgraph.copy(graph, full)
        assert [one.id for one in full.entities()] == [one.id for one in graph.entities()]
        assert full.check() == []
        question = "find Product ordered_by as line Order group by name show name, sum(line.unitPrice) as s"
        assert [tuple(row) for row in full.query(question)] == [tuple(row) for row in graph.query(question)]
        full.relate("Supplier:1", "supplies", full.add("Product", productName="Tea", productID=3))
        assert full.count("supplies") == 3
    assert neo4j_database.uri == graph.name


def test_a_large_database_and_one_of_relgraph_are_refused(
    neo4j_database: Server, write: Write, adopt: Callable[..., relgraph.Graph], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(relgraph.StoreUnavailable, match="nothing to adopt"):
        adopt()
    write(MOVIES)
    monkeypatch.setattr(adopted, "MOST", 6)
    with pytest.raises(relgraph.CapabilityError, match="7 relationships"):
        adopt()
    monkeypatch.undo()
    write("MATCH (n) DETACH DELETE n")
    relgraph.open(neo4j_database.uri, auth=neo4j_database.auth).close()
    with pytest.raises(relgraph.StoreFormatError, match="relgraph made"):
        adopt()
    with pytest.raises(relgraph.StoreFormatError, match="relgraph made"):
        introspected(neo4j_database)


def test_the_command_line_introspects_asks_and_copies(
    neo4j_database: Server, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(MOVIES)
    monkeypatch.setenv("NEO4J_USER", neo4j_database.auth[0])
    monkeypatch.setenv("NEO4J_PASSWORD", neo4j_database.auth[1])
    words, full = tmp_path / "movies.yaml", tmp_path / "full.db"
    run = CliRunner()
    shown = run.invoke(cli, ["vocabulary", "introspect", neo4j_database.uri])
    assert shown.output.endswith(MOVIES_VOCABULARY)
    run.invoke(cli, ["vocabulary", "introspect", neo4j_database.uri, "-o", str(words)], catch_exceptions=False)
    options = ["--graph", neo4j_database.uri, "--adopt", str(words)]
    asked = run.invoke(cli, [*options, "query", 'find Person that directed "Cloud Atlas"'], catch_exceptions=False)
    assert "Lana Wachowski" in asked.output
    run.invoke(cli, [*options, "copy", str(full)], catch_exceptions=False)
    with relgraph.open(full) as graph:
        assert graph.count("acted_in") == 3
