"""Companies and who owns them: a vocabulary, and the files and mapping that tests of importing load."""

from __future__ import annotations

from relgraph.graph import Graph
from relgraph.vocabulary.model import EntityType, Field, Limit, Predicate, SumRule, Tag, TagRule, Vocabulary

VOCABULARY = Vocabulary(
    types={
        "Company": EntityType(
            "Company",
            fields=(
                Field("name", required=True),
                Field("country", kind="country"),
                Field("number", unique=True),
                Field("staff", kind="integer"),
            ),
        ),
        "Person": EntityType("Person", fields=(Field("name", required=True),)),
    },
    tags={"customer": Tag("customer"), "vip": Tag("vip", types=("Person",))},
    predicates={
        "owns": Predicate(
            "owns",
            "owned_by",
            subject=("Company",),
            object=("Company",),
            attributes=(Field("share", kind="percent"),),
            acyclic="error",
            sums=(SumRule("share", "object", "1"),),
        ),
        "works_for": Predicate(
            "works_for",
            "employs",
            subject=("Person",),
            object=("Company",),
            attributes=(Field("role"),),
            max_objects=Limit(1),
        ),
        "buys_from": Predicate(
            "buys_from", "sells_to", subject=("Company",), object=("Company",), subject_tags=TagRule(all=("customer",))
        ),
        "partner_of": Predicate("partner_of", "partner_of", symmetric=True),
        "paid": Predicate("paid", "paid_by", attributes=(Field("amount", kind="integer"),), unique="none"),
    },
)

OWNERS = """source: s
inputs: {c: {file: c.csv}, o: {file: o.csv}}
entities:
  - {from: c, type: Company, key: id, fields: {name: name}}
relations:
  - {from: o, predicate: owns, key: "{a}-{b}", subject: a, object: b, attributes: {share: share}, since: since}
"""
ABC = "id,name\n1,ACME\n2,Bolt\n3,Cord\n"


def shares(graph: Graph) -> dict[tuple[str, str], str]:
    return {(one.subject.name, one.object.name): str(one.attributes.get("share")) for one in graph.relations("owns")}
