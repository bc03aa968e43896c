from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from neo4j import GraphDatabase, Transaction

from relgraph.engines.base import Reader, Store, Writer
from relgraph.engines.neo4j import Neo4jStore
from relgraph.errors import (
    AuthenticationFailed,
    CapabilityError,
    ConflictError,
    ReadOnlyError,
    RelgraphError,
    StoreFormatError,
    StoreFull,
    StoreUnavailable,
    UniqueFieldError,
    ValueProblem,
)
from relgraph.graph import Graph
from relgraph.model.records import ChangeSet, Delta, Note
from tests.servers.neo4j import Server, erase, free_port
from tests.unit.engines.neo4j.sample import VOCABULARY


def cypher(server: Server, text: str, **parameters: object) -> list[list[Any]]:
    with (
        GraphDatabase.driver(server.uri, auth=server.auth) as driver,
        driver.session(database=server.database) as session,
    ):
        return session.run(text, parameters).values()


def test_a_store_is_what_the_seam_asks_for(store: Neo4jStore) -> None:
    # held by the type checker
    opened: Store = store
    with store.read() as reader, store.write() as writer:
        one: Reader = reader
        other: Writer = writer
        assert one.last == other.last == 0
    assert opened.name == store.name
    assert {one.name: one.held for one in store.capabilities}["backup"] is False


def test_what_was_made_is_found_when_it_is_opened_again(store: Neo4jStore, neo4j_database: Server) -> None:
    company = Graph(store).add("Company", name="ACME")
    with Neo4jStore.open(neo4j_database.uri, auth=neo4j_database.auth, zone="Europe/Paris") as again:
        assert Graph(again).get(company.id) == company
        assert Graph(again).vocabulary == VOCABULARY
        assert again.zone() == "Europe/Paris"
    with Neo4jStore.open(neo4j_database.uri, auth=neo4j_database.auth, read_only=True) as again:
        assert again.zone() == "Europe/Paris"
        with pytest.raises(ReadOnlyError, match="opened read-only"), again.write():
            pass
    with pytest.raises(ValueProblem, match="no time zone"):
        Neo4jStore.open(neo4j_database.uri, auth=neo4j_database.auth, zone="Mars/Olympus")


def test_an_address_is_shown_without_its_secrets(neo4j_database: Server) -> None:
    with Neo4jStore.open(neo4j_database.uri, auth=neo4j_database.auth, database=neo4j_database.database) as store:
        assert store.name == f"{neo4j_database.uri}/{neo4j_database.database}"


def test_errors_of_opening_say_what_is_wrong(neo4j_database: Server) -> None:
    uri, auth = neo4j_database.uri, neo4j_database.auth
    with pytest.raises(AuthenticationFailed, match="refuses this user or password") as refused:
        Neo4jStore.open(uri, auth=(auth[0], "wrong-password"))
    assert refused.value.__cause__ is not None
    assert "wrong-password" not in str(refused.value)
    with pytest.raises(StoreUnavailable, match="no such database"):
        Neo4jStore.open(uri, auth=auth, database="nowhere")
    with pytest.raises(StoreUnavailable, match="cannot be reached"):
        Neo4jStore.open(f"bolt://127.0.0.1:{free_port()}", auth=auth, patience=0)
    with pytest.raises(StoreUnavailable, match="no address"):
        Neo4jStore.open("neo4j:nonsense", auth=auth)
    with pytest.raises(StoreUnavailable, match="holds no network"):
        Neo4jStore.open(uri, auth=auth, read_only=True)


def test_a_database_of_something_else_is_left_alone(neo4j_database: Server) -> None:
    cypher(neo4j_database, "CREATE (:Movie {title: 'Alien'})")
    with pytest.raises(StoreFormatError, match="data that relgraph did not make"):
        Neo4jStore.open(neo4j_database.uri, auth=neo4j_database.auth)
    assert cypher(neo4j_database, "MATCH (n) RETURN n.title") == [["Alien"]]


def test_another_format_is_refused(store: Neo4jStore, neo4j_database: Server) -> None:
    cypher(neo4j_database, "MATCH (c:_Clock {name: 'clock'}) SET c.format = 99")
    with pytest.raises(StoreFormatError, match=f"{store.name} holds a network of format 99"):
        Neo4jStore.open(neo4j_database.uri, auth=neo4j_database.auth)


def test_the_layout_looks_natural(store: Neo4jStore, neo4j_database: Server) -> None:
    with Graph(store).transaction() as tx:
        bank = tx.add("Bank", name="Überbank", revenue="9000.5 EUR", founded="1999-03", part="25%", tags=["vip"])
        ana = tx.add("Person", name="Ana")
        tx.relate(ana, "owns", bank, share="12.5%", since="2021-03-04", until="2023", source="report")
    (labels, held), *_ = cypher(neo4j_database, "MATCH (b:Bank) RETURN labels(b), properties(b)")
    assert sorted(labels) == ["Bank", "Company", "Entity", "Organization"]
    assert (held["revenue"], held["revenue_currency"], held["part"]) == (9000.5, "EUR", 0.25)
    assert (str(held["founded"]), held["_founded_precision"]) == ("1999-03-01", 1)
    assert held["_tags"] == ["vip"]
    ((kind, relation),) = cypher(neo4j_database, "MATCH (:Person)-[x]->(:Company) RETURN type(x), properties(x)")
    assert kind == "OWNS"
    assert (relation["share"], relation["source"]) == (0.125, ["report"])
    assert (str(relation["since"]), str(relation["until"])) == ("2021-03-04", "2024-01-01")
    assert "_since_precision" not in relation
    assert relation["_until_precision"] == 2


def test_saved_documents_stay_without_a_commit_and_go_with_a_failure(store: Neo4jStore) -> None:
    with store.write() as writer:
        writer.save("question", "b", {"text": "find Company"})
        writer.save("question", "a", {"text": "find Person"})

    def leave() -> None:
        with store.write() as writer:
            writer.save("question", "c", {})
            raise ConflictError("left")

    with pytest.raises(ConflictError):
        leave()
    with store.write() as writer:
        writer.save("question", "b", None)
        assert writer.commit(ChangeSet(), Note()).number == 1
    with store.read() as reader:
        assert reader.saved("question") == [("a", {"text": "find Person"})]


def test_nothing_of_a_writer_that_is_left_stays(store: Neo4jStore) -> None:
    graph = Graph(store)
    one = graph.add("Person", name="Ana")
    with store.write() as writer:
        writer.lock([one.id], ["owns"])
    with store.write() as writer:
        writer.lock([one.id], ["owns"])
        assert writer.last == 1


def test_a_row_that_changed_meanwhile_is_a_conflict(store: Neo4jStore) -> None:
    graph = Graph(store)
    one = graph.add("Person", name="Ana")
    with store.read() as reader:
        row = reader.entities(reader.entity_numbers([one.id]).values())
    graph.update(one, name="Anna")
    (before,) = row.values()
    change = Delta(before, before._replace(caption="Ann"), "updated")
    with pytest.raises(ConflictError, match="1 of 1 entities changed"), store.write() as writer:
        writer.commit(ChangeSet(entities=[change]), Note())
    assert graph.get(one.id).name == "Anna"


def test_purging_leaves_no_trace(store: Neo4jStore, neo4j_database: Server) -> None:
    graph = Graph(store)
    with graph.transaction() as tx:
        secret = tx.add("Person", id="secret-id", name="Zebedee Quux", keys={"s": "secret-key"}, tags=["vip"])
        other = tx.add("Person", id="merged-id", name="Zebedee Old")
        stays = tx.add("Company", name="ACME")
        tx.relate(secret, "owns", stays, note="secret-note", source="secret-source", key="secret-key")
        tx.relate(other, "leads", stays, id="secret-relation")
    graph.update(secret, name="Zebedee Quuux")
    graph.merge(keep=secret, other=other)
    with store.write() as writer:
        writer.save("question", "mine", {"text": 'find Company owned_by "Zebedee Quux"'})
        writer.save("question", "kept", {"text": "find Company"})
    with store.write() as writer:
        told = writer.purge(list(writer.entity_numbers(["secret-id"]).values()), Note(actor="ana"))
    assert told.kind == "purge"
    assert (told.detail["purged_entities"], told.detail["purged_relations"]) == (2, 2)
    rows = cypher(neo4j_database, "MATCH (n) RETURN properties(n)")
    rows += cypher(neo4j_database, "MATCH ()-[x]->() RETURN properties(x)")
    text = str(rows).casefold()
    assert "zebedee" not in text
    assert "secret" not in text
    assert "merged-id" not in text
    assert graph.search("zebedee") == []
    with store.read() as reader:
        assert [name for name, _ in reader.saved("question")] == ["kept"]
    assert graph.count("Company") == 1


def test_search_folds_takes_starts_of_words_and_puts_names_first(store: Neo4jStore) -> None:
    graph = Graph(store)
    with graph.transaction() as tx:
        tx.add("Person", name="Acme Fan", nicknames=["Zoltan"])
        tx.add("Company", name="Société ACME")
        tx.add("Company", name="ACME")
        tx.add("Company", name="東京銀行")
        tx.add("Person", name="Other", nicknames=["acme"])
        gone = tx.add("Company", name="ACME gone")
        tx.trash(gone)
    assert graph.search("acme")[0].name == "ACME"
    assert {one.name for one in graph.search("ACM")} == {"ACME", "Société ACME", "Acme Fan", "Other"}
    assert [one.name for one in graph.search("societe ac")] == ["Société ACME"]
    assert [one.name for one in graph.search("東京")] == ["東京銀行"]
    assert [one.name for one in graph.search("京銀")] == ["東京銀行"]
    assert [one.name for one in graph.search("銀")] == ["東京銀行"]
    assert [one.name for one in graph.search("zolt")] == ["Acme Fan"]
    assert [one.name for one in graph.search("acme", types=["Person"])] == ["Acme Fan", "Other"]
    for odd in ("", "- ' *", 'acme" OR _words:zoltan', "AND", "a:b^~2", "\\", "x" * 5000):
        graph.search(odd)
    assert graph.search('acme" OR _words:zoltan') == []


def test_search_looks_back(store: Neo4jStore) -> None:
    graph = Graph(store)
    one = graph.add("Company", name="Old Name")
    other = graph.add("Company", name="Steady Name")
    graph.update(one, name="New Title")
    graph.trash(other)
    with store.read(known=2) as reader:
        found = [reader.entities([number])[number].caption for number, _ in reader.search("name", None, 10)]
    assert sorted(found) == ["Old Name", "Steady Name"]
    with store.read(known=1) as reader:
        assert len(reader.search("name", None, 10)) == 1
        assert reader.search("title", None, 10) == []


def test_long_texts_are_kept_whole(store: Neo4jStore) -> None:
    graph = Graph(store)
    name = "é" * 9000
    odd = "\x00'\"`\\u0060 \U0001f600 \u202e" * 100_000
    one = graph.add("Company", name=name, _odd=odd)
    assert graph.get(one.id).name == name
    assert graph.get(one.id)["_odd"] == odd
    assert graph.entity(name) == one
    assert [row.id for row in graph.search("é" * 300)] == [one.id]
    graph.add("Company", name="x", vat="y" * 100_000)
    with pytest.raises(UniqueFieldError):
        graph.add("Company", name="x", vat="y" * 100_000)
    graph.add("Company", name="x", vat="y" * 99_999)
    with store.read() as reader:
        assert len(reader.entities_holding(["Company"], "vat", "y" * 100_000)) == 1


def test_a_text_too_long_for_an_index_of_somebody_else_is_told(store: Neo4jStore, neo4j_database: Server) -> None:
    cypher(neo4j_database, "CREATE INDEX theirs FOR (n:Person) ON (n.name)")
    cypher(neo4j_database, "CALL db.awaitIndexes(60)")
    with pytest.raises(StoreFull, match="too long for an index"):
        Graph(store).add("Person", name="x" * 100_000)
    assert Graph(store).count("Person") == 0


def test_what_another_program_wrote_is_listed_and_breaks_nothing(store: Neo4jStore, neo4j_database: Server) -> None:
    graph = Graph(store)
    one, two = graph.add("Company", name="one"), graph.add("Company", name="two")
    graph.relate(one, "owns", two)
    cypher(
        neo4j_database,
        "MATCH (a:Company {id: $one}), (b:Company {id: $two}) CREATE (a)-[:OWNS {share: 'all'}]->(b)"
        " CREATE (b)-[:LIKES]->(a) CREATE (a)-[:LEADS]->(b) CREATE (:Entity:Company {id: 'raw'}) CREATE (:Company)",
        one=one.id,
        two=two.id,
    )
    assert graph.count("owns") >= 1
    assert [relation.id for relation in graph.relations("owns")] == [relation.id for relation in graph.relations()]
    assert len(list(graph.entities("Company"))) == 2
    assert graph.get(one.id).name == "one"
    codes = {finding.code for finding in store.check()}
    assert codes == {"unknown-type", "foreign-relation", "foreign-entity", "foreign-value", "labels"}


def test_an_emptied_database_is_an_error_and_not_a_crash(store: Neo4jStore, neo4j_database: Server) -> None:
    erase(neo4j_database)
    with pytest.raises(StoreFormatError, match="no longer holds a network"):
        Graph(store).add("Company", name="one")


def test_an_emptied_database_is_given_the_indexes_that_it_lacks_and_no_others(
    store: Neo4jStore, neo4j_database: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.close()
    listed = "SHOW INDEXES YIELD name, type, owningConstraint RETURN name, type, owningConstraint ORDER BY name"
    before = cypher(neo4j_database, listed)
    erase(neo4j_database)
    cypher(neo4j_database, "DROP INDEX relgraph_search")
    # somebody's own index has the name of a constraint, and is not taken for it
    cypher(neo4j_database, "DROP CONSTRAINT relgraph_lock_name")
    cypher(neo4j_database, "CREATE INDEX relgraph_lock_name FOR (n:Other) ON (n.other)")
    asked: list[str] = []
    run = Transaction.run

    def heard(self: Transaction, query: Any, *rest: Any, **more: Any) -> Any:
        asked.append(query)
        return run(self, query, *rest, **more)

    with monkeypatch.context() as patched:
        patched.setattr(Transaction, "run", heard)
        with pytest.raises(RelgraphError, match="relgraph_lock_name"):
            Neo4jStore.open(neo4j_database.uri, auth=neo4j_database.auth, vocabulary=VOCABULARY)
        cypher(neo4j_database, "DROP INDEX relgraph_lock_name")
        asked.clear()
        Neo4jStore.open(neo4j_database.uri, auth=neo4j_database.auth, vocabulary=VOCABULARY).close()
    assert cypher(neo4j_database, listed) == before
    assert [one.partition(" IF NOT EXISTS")[0] for one in asked if one.startswith("CREATE")] == [
        "CREATE CONSTRAINT relgraph_lock_name",
        "CREATE FULLTEXT INDEX relgraph_search",
    ]


def test_a_backup_is_refused_with_the_way_out(store: Neo4jStore, tmp_path: Path) -> None:
    with pytest.raises(CapabilityError, match="backed up by its own tools"):
        store.backup(tmp_path / "copy")


def test_statistics_count(store: Neo4jStore) -> None:
    graph = Graph(store)
    one, two = graph.add("Bank", name="one"), graph.add("Company", name="two")
    graph.relate(one, "owns", two)
    assert store.statistics()["relations"] == {"owns": 1}
    graph.trash(two)
    found = store.statistics()
    assert found["entities"] == {"Bank": 1}
    assert found["relations"] == {}, "what is in the trash is in no count"
    assert (found["hidden"], found["transactions"], found["past_entities"]) == (1, 4, 1)


def test_a_closed_store_says_so(store: Neo4jStore) -> None:
    store.close()
    store.close()
    with pytest.raises(StoreUnavailable, match="is closed"), store.read():
        pass
