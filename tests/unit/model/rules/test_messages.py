from __future__ import annotations

from typing import NamedTuple

import pytest

from relgraph.errors import (
    CardinalityError,
    CycleError,
    DuplicateRelationError,
    PeriodError,
    RequiredFieldError,
    RuleError,
    SelfRelationError,
    SumError,
    TagRuleError,
    TypeRuleError,
)
from relgraph.model.records import OPEN_START
from relgraph.model.rules.breach import Breach
from relgraph.model.rules.messages import to_error
from relgraph.vocabulary.model import Field, Limit, Predicate, SumRule, Vocabulary
from tests.unit.model.rules.cases import day_of, relation


class Person(NamedTuple):
    id: str
    caption: str


NAMES = {1: Person("p1", "Ann"), 2: Person("p2", "Bob"), 9: Person("c9", "ACME"), 8: Person("Zeta", "Zeta")}
RELATIONS = {row.number: row for row in (relation(1, 1, 9), relation(2, 2, 9), relation(3, 9, 8), relation(4, 8, 1))}
OWNS = Predicate(
    "owns",
    "owned_by",
    reading={"en": "owns"},
    inverse_reading={"en": "is owned by"},
    subject=("Person",),
    object=("Company",),
    attributes=(Field("share", kind="percent"), Field("price", kind="money")),
    sums=(SumRule("share", "object", "1"), SumRule("price", "object", ["100", "EUR"])),
    max_subjects=Limit(1),
)
WORDS = Vocabulary(predicates={"owns": OWNS, "ties": Predicate("ties", "ties", symmetric=True, unique="pair")})


def told(breach: Breach) -> RuleError:
    return to_error(breach, WORDS, NAMES.get, RELATIONS.get)


@pytest.mark.parametrize(
    ("breach", "kind", "message"),
    [
        (
            Breach("max_subjects", "owns", "error", 9, "object", (2, 1), day_of(0), 2, 1),
            CardinalityError,
            "ACME (c9) is owned by 2 entities on 2023-11-01 (Bob, Ann): owned_by allows at most 1",
        ),
        (
            Breach("max_objects", "owns", "error", 1, "subject", (1,), OPEN_START, 2, 1),
            CardinalityError,
            "Ann (p1) owns 2 entities (ACME): owns allows at most 1",
        ),
        (
            Breach("sum", "owns", "error", 9, "object", (1, 2), day_of(0), 1_250_000, 10**6, {"attribute": "share"}),
            SumError,
            "ACME (c9) is owned by Ann, Bob with share adding up to 125% on 2023-11-01: owned_by allows at most 100%",
        ),
        (
            Breach("sum", "owns", "error", 9, "object", (1,), day_of(0), 1_000_100, 10**6, {"attribute": "price"}),
            SumError,
            (
                "ACME (c9) is owned by Ann with price adding up to 100.01 EUR on 2023-11-01: "
                "owned_by allows at most 100 EUR"
            ),
        ),
        (
            Breach("types", "owns", "error", 9, "object", (1,), None, ("Person", "Place"), (), {"relation": "owns"}),
            TypeRuleError,
            (
                "ACME (c9), type Place, cannot stand in owned_by with Ann (p1), type Person: "
                "owned_by goes from Company to Person"
            ),
        ),
        (
            Breach("tags", "owns", "error", 1, "subject", (1,), details={"lacking": ["vip"], "forbidden": ["barred"]}),
            TagRuleError,
            "Ann (p1) lacks the tag vip and carries the tag barred: owns requires vip, forbids barred on its subject",
        ),
        (
            Breach("irreflexive", "owns", "error", 8, "subject", (4,)),
            SelfRelationError,
            "Zeta cannot be related to itself by owns",
        ),
        (
            Breach("unique", "owns", "error", 1, "subject", (1, 2), day_of(0)),
            DuplicateRelationError,
            "Ann (p1) owns ACME (c9) already on 2023-11-01 (relation r2): owns takes no overlap",
        ),
        (
            Breach("unique", "owns", "error", 1, "subject", (1, 2), OPEN_START),
            DuplicateRelationError,
            "Ann (p1) owns ACME (c9) already, with no dates to tell them apart (relation r2): owns takes no overlap",
        ),
        (
            Breach("unique", "owns", "error", 1, "subject", (1, 2)),
            DuplicateRelationError,
            "Ann (p1) owns ACME (c9) already, with the same dates and attributes (relation r2)",
        ),
        (
            Breach("unique", "ties", "error", 1, "subject", (1, 2)),
            DuplicateRelationError,
            "Ann (p1) ties ACME (c9) already (relation r2): ties joins the same two only once",
        ),
        (
            Breach("acyclic", "owns", "error", 9, "subject", (3, 4, 1), day_of(0), details={"chain": (9, 8, 1, 9)}),
            CycleError,
            "ACME (c9) would come to itself on 2023-11-01: ACME owns Zeta owns Ann owns ACME; owns is acyclic",
        ),
        (
            Breach("time", "owns", "error", 1, "subject", (1,), measured=(day_of(1), day_of(0)), allowed="valid"),
            PeriodError,
            "Ann (p1) owns ACME until 2023-11-01, which is not after since 2023-11-02",
        ),
        (
            Breach("time", "owns", "error", 1, "subject", (1,), allowed="none"),
            PeriodError,
            "Ann (p1) owns ACME with dates: owns is declared with time: none",
        ),
        (
            Breach("required", "owns", "error", 1, "subject", (1,), allowed=("share",)),
            RequiredFieldError,
            "Ann (p1) owns ACME without share, which is required",
        ),
        (
            Breach("required", "owns", "warn", 9, "object", (1,), allowed=("share",), details={"sum": "share"}),
            RequiredFieldError,
            "ACME (c9) is owned by Ann without share, which counts as 0 in the sum of owned_by",
        ),
    ],
)
def test_a_breach_is_told_from_the_side_that_broke(breach: Breach, kind: type[RuleError], message: str) -> None:
    error = told(breach)
    assert type(error) is kind
    assert error.message == message
    assert error.hint
    assert error.details["rule"] == breach.rule
    assert error.details["relations"] == [f"r{number}" for number in breach.relations]
    assert error.details["predicate"] == ("owned_by" if breach.end == "object" else breach.predicate)


def test_details_are_for_programs() -> None:
    breach = Breach("max_subjects", "owns", "error", 9, "object", (2, 1), day_of(0), 2, 1)
    assert to_error(breach, WORDS, NAMES.get, RELATIONS.get, row=7).details == {
        "row": 7,
        "rule": "max_subjects",
        "level": "error",
        "predicate": "owned_by",
        "entity": "c9",
        "relations": ["r2", "r1"],
        "day": "2023-11-01",
        "measured": 2,
        "allowed": 1,
    }


def test_a_narrow_predicate_is_named_beside_the_broad_one() -> None:
    breach = Breach("types", "owns", "error", 1, "subject", (1,), None, ("Place", "Company"), (), {"relation": "heads"})
    assert "cannot stand in owns, implied by heads, with ACME (c9), type Company" in told(breach).message


def test_an_entity_or_relation_that_is_gone_is_no_crash() -> None:
    error = told(Breach("max_subjects", "owns", "error", 77, "object", (55,), day_of(0), 2, 1))
    assert error.message == "an unknown entity is owned by 2 entities on 2023-11-01: owned_by allows at most 1"
    assert (error.details["entity"], error.details["relations"]) == (None, [])


def test_a_long_chain_is_shortened() -> None:
    chain = (9, *[8] * 40, 9)
    error = told(Breach("acyclic", "owns", "error", 9, "subject", (3,), day_of(0), details={"chain": chain}))
    assert " owns ... owns " in error.message
    assert len(error.details["chain"]) == 42
