"""What cannot hold is refused, with what may have been meant; what is only unwise is a warning."""

from dataclasses import replace

import pytest

from relgraph.errors import VocabularyError
from relgraph.vocabulary.check import check_vocabulary, warnings
from relgraph.vocabulary.load import vocabulary_from_text
from relgraph.vocabulary.model import Derived, EntityType, Field, Limit, Predicate, SumRule, Tag, TagRule, Vocabulary

PERSON, COMPANY, BANK = EntityType("Person"), EntityType("Company"), EntityType("Bank", extends=("Company",))
SHARE = Field("share", "percent")


def made(*parts: EntityType | Tag | Predicate | Derived) -> Vocabulary:
    return Vocabulary(
        types={one.name: one for one in parts if isinstance(one, EntityType)},
        tags={one.name: one for one in parts if isinstance(one, Tag)},
        predicates={one.name: one for one in parts if isinstance(one, Predicate)},
        derived={one.name: one for one in parts if isinstance(one, Derived)},
    )


def faults(*parts: EntityType | Tag | Predicate | Derived) -> list[tuple[str, str]]:
    return [(one.details["where"], one.details["problem"]) for one in check_vocabulary(made(*parts))]


def one_fault(where: str, says: str, *parts: EntityType | Tag | Predicate | Derived) -> VocabularyError:
    (found,) = check_vocabulary(made(*parts))
    assert found.details["where"] == where
    assert says in found.details["problem"]
    return found


# Names


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("", "cannot be empty"),
        (" Company", "begin or end with a space"),
        ("a`b", "backtick"),
        ("a\nb", "U+000A"),
        ("a\x00b", "U+0000"),
        ("a\u2028b", "U+2028"),
        ("a\u202eb", "U+202E"),
        ("a\ud800b", "U+D800"),
        ("e\u0301", "composed form"),
        ("x" * 201, "longer than 200"),
    ],
)
def test_names_that_cannot_be(name: str, says: str) -> None:
    one_fault(f"types.{name}", says, EntityType(name))


@pytest.mark.parametrize("name", ["Société", "会社", "شركة", "two words", "a-b.c", "find", "می\u200cخواهم", "🏦"])
def test_names_that_can_be(name: str) -> None:
    assert not faults(EntityType(name))


def test_names_are_unique_over_everything_ignoring_case() -> None:
    one_fault("tags.PERSON", "the tag 'PERSON' has the name of the type 'Person'", PERSON, Tag("PERSON"))
    one_fault("predicates.person", "upper and lower case are the same", PERSON, Predicate("person", "of"))
    one_fault("predicates.b.inverse", "has the name of the inverse 'q'", Predicate("a", "q"), Predicate("b", "q"))
    over = Derived("Owned_By", "x", over="owns")
    one_fault("derived.Owned_By", "the name of the inverse 'owned_by'", Predicate("owns", "owned_by"), over)
    one_fault("tags.STRASSE", "the type 'Straße'", EntityType("Straße"), Tag("STRASSE"))


def test_entity_is_the_type_that_every_entity_has() -> None:
    one_fault("types.entity", "is taken", EntityType("entity"))
    one_fault("types.A.extends", "every type extends Entity", EntityType("A", extends=("Entity",)))
    assert not faults(PERSON, Predicate("p", "q", subject=("Entity",)), Tag("t", types=("Entity",)))


@pytest.mark.parametrize("name", ["id", "type", "degree"])
def test_reserved_fields(name: str) -> None:
    one_fault(f"types.A.fields.{name}", "a name of its own", EntityType("A", fields=(Field(name),)))


@pytest.mark.parametrize(
    "name",
    ["id", "since", "until", "source", "confidence", "predicate", "subject", "object", "recorded_at", "recorded_by"],
)
def test_reserved_attributes(name: str) -> None:
    one_fault(f"predicates.p.attributes.{name}", "a name of its own", Predicate("p", "q", attributes=(Field(name),)))


def test_the_field_name_is_a_text() -> None:
    assert not faults(EntityType("A", fields=(Field("name"),)))
    one_fault("types.A.fields.name", "only be a single text", EntityType("A", fields=(Field("name", "integer"),)))


def test_no_field_has_the_name_of_a_predicate_that_starts_there() -> None:
    owner = EntityType("Company", fields=(Field("owned_by"),))
    owns = Predicate("owns", "owned_by", subject=("Person",), object=("Company",))
    one_fault(
        "types.Company.fields.owned_by", "has the name of a predicate that starts at Company", PERSON, owner, owns
    )
    # the same name at the other end is no danger, and a subtype's inherited field is one
    assert not faults(EntityType("Person", fields=(Field("owned_by"),)), COMPANY, owns)
    narrow = Predicate("owns", "owned_by", subject=("Person",), object=("Bank",))
    assert faults(PERSON, owner, BANK, narrow)
    assert faults(PERSON, owner, Predicate("owns", "owned_by"))
    group = Derived("in_group_of", "owned_by_all", over="owned_by")
    one_fault(
        "types.Company.fields.in_group_of",
        "starts at Company",
        PERSON,
        EntityType("Company", fields=(Field("in_group_of"),)),
        owns,
        group,
    )


# Types and fields


def test_parents_exist_and_form_no_circle() -> None:
    found = one_fault("types.Bank.extends", "no type 'Compny'", COMPANY, EntityType("Bank", extends=("Compny",)))
    assert found.candidates == ("Company",)
    one_fault("types.A.extends", "circle: A extends A", EntityType("A", extends=("A",)))
    ring = [EntityType("A", extends=("B",)), EntityType("B", extends=("C",)), EntityType("C", extends=("A",))]
    one_fault("types.C.extends", "circle: A extends B extends C extends A", *ring)


def test_a_very_long_chain_of_parents_is_refused_without_recursion() -> None:
    chain = [EntityType(f"T{n}", extends=(f"T{n + 1}",)) for n in range(5000)]
    found = faults(*chain, EntityType("T5000"))
    assert found[0] == ("types.T4900.extends", "this chain has more than 100 steps")
    assert len(found) < 60


def test_caption_key_and_search_name_fields_that_there_are() -> None:
    fields = (Field("name"), Field("size", "integer"), Field("codes", many=True))
    assert not faults(EntityType("A", fields=fields, caption=("name", "size"), key=("name",), search=("name", "codes")))
    assert not faults(EntityType("A", fields=fields), EntityType("B", extends=("A",), key=("name",)))
    one_fault("types.A.caption", "no field 'nam'", EntityType("A", fields=fields, caption=("nam",)))
    one_fault("types.A.key", "a list, which identifies nothing", EntityType("A", fields=fields, key=("codes",)))
    one_fault("types.A.search", "only texts are searched", EntityType("A", fields=fields, search=("size",)))


def test_a_subtype_keeps_the_kind_of_what_it_inherits() -> None:
    base, other = EntityType("A", fields=(Field("x"),)), EntityType("B", fields=(Field("x", "integer"),))
    one_fault(
        "types.C.fields.x",
        "A has the field 'x' as text, so it cannot be integer",
        base,
        EntityType("C", extends=("A",), fields=(Field("x", "integer"),)),
    )
    assert not faults(base, EntityType("C", extends=("A",), fields=(Field("x", required=True),)))
    assert faults(base, other, EntityType("C", extends=("A", "B")))[0][0] == "types.C.extends"


@pytest.mark.parametrize(
    ("field", "where", "says"),
    [
        (Field("x", "choice"), "", "needs the words to choose from"),
        (Field("x", choices=("a",)), ".choices", "a text has no choices"),
        (Field("x", "integer", pattern="a"), ".pattern", "a integer has no pattern"),
        (Field("x", pattern="["), ".pattern", "no regular expression"),
        (Field("x", scale=2), ".scale", "cannot have the scale 2"),
        (Field("x", "decimal", scale=16), ".scale", "cannot have the scale 16"),
        (Field("x", many=True, unique=True), ".unique", "a list of text cannot be unique"),
        (Field("x", "boolean", minimum=True), ".min", "a boolean has no min"),
        (Field("x", "integer", minimum=5, maximum=4), ".max", "below the min"),
        (Field("x", "decimal", minimum="10", maximum="9"), ".max", "below the min"),
        (Field("x", "date", minimum="2024-01-02", maximum="2024-01-01"), ".max", "below the min"),
    ],
)
def test_facets_that_do_not_go_together(field: Field, where: str, says: str) -> None:
    one_fault(f"types.A.fields.x{where}", says, EntityType("A", fields=(field,)))


def test_bounds_that_are_the_same_leave_one_value() -> None:
    assert not faults(EntityType("A", fields=(Field("x", "integer", minimum=5, maximum=5),)))


def test_types_of_tags_exist() -> None:
    assert one_fault("tags.vip.types", "no type 'Persn'", PERSON, Tag("vip", types=("Persn",))).candidates == (
        "Person",
    )


# Predicates


@pytest.mark.parametrize(
    ("predicate", "where", "says"),
    [
        (Predicate("p", "q", subject=("Persn",)), "subject", "no type 'Persn'"),
        (Predicate("p", "q", between=(("Person", "Firm"),)), "between", "no type 'Firm'"),
        (Predicate("p", "q", between=(("Person", "Bank"),), subject=("Person",)), "between", "in place of"),
        (Predicate("p", "q", subject_tags=TagRule(all=("vip", "off"))), "subject_tags", "no tag 'off'"),
        (Predicate("p", "q", object_tags=TagRule(all=("vip",), none=("vip",))), "object_tags", "both required and"),
        (Predicate("p", "q", subject=("Person",), subject_tags=TagRule(all=("firm",))), "subject_tags", "may carry"),
        (Predicate("p", "q", acyclic="error", irreflexive=None), "acyclic", "irreflexive: false"),
        (Predicate("p", "p", symmetric=True, acyclic="warn"), "acyclic", "symmetric"),
        (Predicate("p", "q", symmetric=True), "inverse", "has one name"),
        (Predicate("p", "p"), "inverse", "is symmetric"),
        (Predicate("p", "p", symmetric=True, max_objects=Limit(1)), "max_objects", "must be alike"),
        (Predicate("p", "p", symmetric=True, max_subjects=Limit(1)), "max_subjects", "must be alike"),
        (Predicate("p", "p", symmetric=True, subject_tags=TagRule(all=("vip",))), "subject_tags", "must be alike"),
        (Predicate("p", "p", symmetric=True, copiable="subject"), "copiable", "no direction"),
        (Predicate("p", "p", symmetric=True, inverse_reading={"": "x"}), "inverse_reading", "one reading"),
        (
            Predicate("p", "p", symmetric=True, attributes=(SHARE,), sums=(SumRule("share", "object", "1"),)),
            "sum",
            "no object to add up for",
        ),
        (Predicate("p", "q", sums=(SumRule("share", "object", None),)), "sum", "no attribute 'share'"),
        (
            Predicate("p", "q", attributes=(Field("note"),), sums=(SumRule("note", "object", None),)),
            "sum",
            "does not add up",
        ),
        (
            Predicate("p", "q", attributes=(Field("value", "money"),), sums=(SumRule("value", "object", None),)),
            "sum",
            "amounts of unlike currencies do not add up",
        ),
        (
            Predicate("p", "q", attributes=(SHARE,), sums=(SumRule("share", "object", "1"),) * 2),
            "sum",
            "two sums per object",
        ),
        (Predicate("p", "q", max_objects=Limit(0)), "max_objects", "at least 1"),
        (Predicate("p", "q", order="rank"), "order", "no attribute 'rank'"),
        (Predicate("p", "q", attributes=(SHARE,), order="share"), "order", "a whole number"),
        (Predicate("p", "q", roles={"share": "shre"}, attributes=(SHARE,)), "roles.share", "no attribute 'shre'"),
        (Predicate("p", "q", roles={"shares": "share"}, attributes=(SHARE,)), "roles", "no role 'shares'"),
        (Predicate("p", "q", roles={"share": "n"}, attributes=(Field("n"),)), "roles.share", "cannot be the share"),
        (Predicate("p", "q", attributes=(Field("n", unique=True),)), "attributes.n.unique", "cannot be unique"),
    ],
)
def test_predicates_that_cannot_hold(predicate: Predicate, where: str, says: str) -> None:
    tags = Tag("vip"), Tag("firm", types=("Company",))
    one_fault(f"predicates.p.{where}", says, PERSON, COMPANY, BANK, *tags, predicate)


def test_symmetric_predicates_with_like_rules_hold() -> None:
    limit = Limit(1, "warn")
    assert not faults(Predicate("p", "p", symmetric=True, max_objects=limit, max_subjects=limit, copiable="both"))


def test_what_is_implied_exists_and_goes_in_no_circle() -> None:
    member = Predicate("member_of", "has_member")
    found = one_fault(
        "predicates.p.implies", "'has_member' is an inverse", member, Predicate("p", "q", implies=("has_member",))
    )
    assert found.candidates == ("member_of",)
    found = one_fault(
        "predicates.p.implies", "no predicate 'membr_of'", member, Predicate("p", "q", implies=("membr_of",))
    )
    assert found.candidates == ("member_of",)
    ring = Predicate("a", "x", implies=("b",)), Predicate("b", "y", implies=("a",))
    one_fault("predicates.b.implies", "circle: a implies b implies a", *ring)


def test_what_is_added_up_over_several_predicates_has_one_kind_and_scale() -> None:
    rule = SumRule("share", "object", "1")
    broad = Predicate("holds", "held_by", attributes=(SHARE,), sums=(rule,))
    middle = Predicate("owns", "owned_by", implies=("holds",))
    finer = replace(SHARE, scale=4)
    says = "'holds' adds up 'share', which 'controls' declares with another kind or scale"
    for implied in (("holds",), ("owns",)):
        narrow = Predicate("controls", "controlled_by", attributes=(finer,), implies=implied)
        one_fault("predicates.controls.implies", says, broad, middle, narrow)
    assert not faults(broad, middle, Predicate("controls", "controlled_by", attributes=(SHARE,), implies=("owns",)))


def test_what_implies_has_no_wider_ends() -> None:
    broad = Predicate("broad", "x", subject=("Company",), object=("Person",))
    assert not faults(
        PERSON, COMPANY, BANK, broad, Predicate("p", "q", subject=("Bank",), object=("Person",), implies=("broad",))
    )
    found = one_fault(
        "predicates.p.implies",
        "'broad' does not go from Person to Person, as 'p' may",
        PERSON,
        COMPANY,
        broad,
        Predicate("p", "q", subject=("Person",), object=("Person",), implies=("broad",)),
    )
    assert found.hint is not None
    one_fault(
        "predicates.p.implies", "from Entity to Entity", PERSON, COMPANY, broad, Predicate("p", "q", implies=("broad",))
    )
    pairs = Predicate("broad", "x", between=(("Company", "Person"), ("Person", "Company")))
    crossing = Predicate("p", "q", subject=("Company", "Person"), object=("Company", "Person"), implies=("broad",))
    one_fault("predicates.p.implies", "from Company to Company", PERSON, COMPANY, pairs, crossing)


def test_an_abstract_parent_is_covered_by_all_its_types() -> None:
    party = EntityType("Party", abstract=True)
    types = party, EntityType("Person", extends=("Party",)), EntityType("Company", extends=("Party",))
    broad = Predicate("broad", "x", subject=("Person", "Company"))
    assert not faults(*types, broad, Predicate("p", "q", subject=("Party",), implies=("broad",)))


def test_symmetric_and_directed_do_not_imply_each_other() -> None:
    both = Predicate("both", "both", symmetric=True)
    one_fault("predicates.p.implies", "not symmetric and 'both' is", both, Predicate("p", "q", implies=("both",)))
    one_fault(
        "predicates.s.implies", "is symmetric", Predicate("p", "q"), Predicate("s", "s", symmetric=True, implies=("p",))
    )


# Derived predicates

OWNS = Predicate("owns", "owned_by", subject=("Person", "Company"), object=("Company",), attributes=(SHARE, Field("n")))
EMPLOYS = Predicate("employs", "employed_by", subject=("Company",), object=("Person",))


@pytest.mark.parametrize(
    ("derived", "where", "says"),
    [
        (Derived("d", "e"), "d", "either over: or path:"),
        (Derived("d", "e", over="owns", path=("owns", "owns")), "d", "either over: or path:"),
        (Derived("d", "e", over="own"), "d.over", "no predicate 'own'"),
        (Derived("d", "d", over="owns"), "d.inverse", "has a direction"),
        (Derived("d", "d", path=("owns",)), "d.inverse", "has a direction"),
        (Derived("d", "e", path=("owns", "ows")), "d.path", "no predicate 'ows'"),
        (Derived("d", "e", path=("owns", "employed_by")), "d.path", "'employed_by' does not start where 'owns' ends"),
        (Derived("d", "d", path=("owns", "employs")), "d.inverse", "has a direction"),
        (Derived("d", "e", path=("owns", "d")), "d.path", "circle: d from d"),
        (Derived("d", "e", over="owns", measure="share"), "d", "a measure needs an attribute"),
        (Derived("d", "e", over="owns", measure="sum_of", attribute="share"), "d.measure", "no measure 'sum_of'"),
        (Derived("d", "e", over="owns", measure="control", attribute="shar"), "d.attribute", "no attribute 'shar'"),
        (Derived("d", "e", over="owns", measure="control", attribute="n"), "d.attribute", "percent or decimal"),
        (Derived("d", "e", over="owns", attribute="share"), "d.attribute", "an attribute is for a measure"),
        (Derived("d", "e", path=("owns", "owns"), measure="control"), "d.path", "a path is not measured"),
    ],
)
def test_derived_predicates_that_cannot_hold(derived: Derived, where: str, says: str) -> None:
    found = [(at, text) for at, text in faults(PERSON, COMPANY, OWNS, EMPLOYS, derived) if at == f"derived.{where}"]
    assert says in found[0][1] + str(check_vocabulary(made(PERSON, COMPANY, OWNS, EMPLOYS, derived))[0].hint)


def test_derived_predicates_that_hold() -> None:
    assert not faults(
        PERSON,
        COMPANY,
        OWNS,
        EMPLOYS,
        Derived("in_group_of", "group_includes", over="owned_by"),
        Derived("works_in_group", "group_employs", path=("employed_by", "in_group_of")),
        Derived("deep", "shallow", path=("works_in_group", "owned_by")),
        Derived("colleague_of", "colleague_of", path=("employed_by", "employs")),
        Derived("ultimately_owns", "ultimately_owned_by", over="owns", measure="integrated_share", attribute="share"),
    )


def test_derived_predicates_over_each_other() -> None:
    over = Derived("a", "b", over="owned_by")
    one_fault("derived.c.over", "'a' is itself derived", PERSON, COMPANY, OWNS, over, Derived("c", "d", over="a"))
    ring = Derived("a", "x", path=("owned_by", "b")), Derived("b", "y", path=("owned_by", "a"))
    assert [text for _, text in faults(PERSON, COMPANY, OWNS, *ring)] == [
        "this goes in a circle: a from b from a",
        "this goes in a circle: b from a from b",
    ]


# As a whole


def test_a_broken_parent_does_not_hide_or_invent_other_faults() -> None:
    text = "types:\n  A: {extends: [Nothing], key: [inherited]}\n  B: {key: [missing]}"
    with pytest.raises(VocabularyError) as caught:
        vocabulary_from_text(text)
    assert [one["details"]["where"] for one in caught.value.details["errors"]] == ["types.A.extends", "types.B.key"]


@pytest.mark.parametrize(
    ("name", "inverse", "noun"),
    [
        ("manages_account", "account_manager", "account_manager"),
        ("partner", "partner_of", "partner"),
        ("supplies", "supplier", "supplier"),
        ("has_contact", "contact", "contact"),
    ],
)
def test_nouns_are_a_warning(name: str, inverse: str, noun: str) -> None:
    (found,) = warnings(made(Predicate(name, inverse)))
    assert f"'{noun}' is a noun" in str(found)
    assert found.candidates


@pytest.mark.parametrize(
    ("name", "inverse"),
    [("supplies", "supplied_by"), ("head_of", "has_head"), ("offers", "offered_by"), ("possède", "appartient_à")],
)
def test_verbs_are_none(name: str, inverse: str) -> None:
    assert not warnings(made(Predicate(name, inverse)))


def test_a_noun_that_is_another_name_of_a_reading_is_no_warning() -> None:
    assert not warnings(made(PERSON, COMPANY, OWNS, EMPLOYS, Derived("employer", "employer_of", path=("employs",))))
    (found,) = warnings(made(PERSON, COMPANY, OWNS, EMPLOYS, Derived("owner", "owner_of", over="owns")))
    assert "'owner' is a noun" in str(found)


def test_a_chain_of_one_step_is_a_warning() -> None:
    parts = PERSON, COMPANY, OWNS, EMPLOYS
    (found,) = warnings(made(*parts, Derived("d_of", "has_d", over="employs")))
    assert "'employs' never takes a second step" in str(found)
    assert not warnings(made(*parts, Derived("d_of", "has_d", over="owns")))
