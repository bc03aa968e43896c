"""What a changed vocabulary leaves standing, though its field no longer takes it, is shown, listed and no crash."""

from __future__ import annotations

import relgraph


def words(kind: str) -> relgraph.Vocabulary:
    return relgraph.vocabulary(
        relgraph.entity_type("Company", fields={"name": "text", "size": kind}),
        relgraph.predicate("owns", inverse="owned_by", attributes={"part": kind}),
    )


def test_values_that_a_change_of_kind_leaves_are_no_crash() -> None:
    with relgraph.open(vocabulary=words("text")) as graph:
        graph.add("Company", id="a", name="A", size="all")
        graph.add("Company", id="b", name="B", size="0.5")
        graph.relate("a", "owns", "b", id="r", part="all")
        graph.apply(graph.plan(words("percent")), "keep")
        assert graph.get("a")["size"] == "all"
        assert graph.relation("r")["part"] == "all"
        # to a question it is missing
        assert graph.query("find Company show name, size order by name")[0]["size"] is None
        assert graph.query("find Company owns[part > 5%] as stake Company show stake.part").scalars() == []
        assert graph.query("find Company owns as stake Company show stake.part").scalars() == [None]
        assert {one.code for one in graph.check()} == {"rule-field"}
