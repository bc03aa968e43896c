"""What a new vocabulary changes, what follows a rename, and which data has to be looked at."""

import pytest

from relgraph.errors import VocabularyError
from relgraph.vocabulary.load import load_vocabulary, vocabulary_from_text
from relgraph.vocabulary.plan import Plan, Policies, Problem, Work, make_plan, policies
from relgraph.vocabulary.renames import in_new_names, renames

BASE = """
types:
  Party: {abstract: true, fields: {name: text}}
  Person: {extends: [Party]}
  Company: {extends: [Party], fields: {sector: text, size: {type: integer, max: 10}}, key: [name, sector]}
tags: {vip: {types: [Party]}}
predicates:
  owns:
    inverse: owned_by
    subject: [Party]
    object: [Company]
    subject_tags: {none: [vip]}
    attributes: {share: percent, rank: integer}
    sum: {attribute: share, per: object, max: 100%, level: warn}
    max_objects: {max: 3, level: warn}
    roles: {share: share}
    order: rank
  leads: {inverse: led_by, subject: [Person], object: [Company]}
  runs: {inverse: run_by, subject: [Person], object: [Company]}
derived:
  in_group_of: {inverse: group_includes, over: owned_by}
  ultimately_owns: {inverse: ultimately_owned_by, over: owns, measure: control, attribute: share}
"""


def planned(*edits: tuple[str, str]) -> Plan:
    text = BASE
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    return make_plan(vocabulary_from_text(BASE), vocabulary_from_text(text))


def told(plan: Plan) -> list[str]:
    return [str(one) for one in plan.changes]


def work(plan: Plan) -> list[tuple[str, str | None, str, tuple[str, ...]]]:
    return [(one.name, one.now, one.reason, one.keys) for one in plan.work]


def test_nothing_changes() -> None:
    plan = planned()
    assert plan.empty
    assert str(plan) == "nothing changes"
    assert not plan.work


def test_what_is_only_added_touches_no_data() -> None:
    plan = planned(
        ("tags: {vip", "  Boat: {fields: {length: integer}}\ntags: {vip"),
        ("derived:", "  sails: {inverse: sailed_by, subject: [Person], object: [Boat]}\nderived:"),
        ("{sector: text,", "{sector: text, boats: integer,"),
    )
    assert told(plan) == ["+ field Company.boats", "+ type Boat", "+ predicate sails"]
    assert plan.additive
    assert not plan.work


def test_words_touch_no_data() -> None:
    plan = planned(("leads: {", "leads: {reading: leads, "))
    assert told(plan) == ["~ predicate leads: reading nothing -> leads"]
    assert plan.additive


def test_renames_are_followed_everywhere() -> None:
    plan = planned(
        ("Company: {extends: [Party],", "Firm: {was: Company, extends: [Party],"),
        ("[Company]", "[Firm]"),
        ("{sector: text,", "{branch: {type: text, was: sector},"),
        ("key: [name, sector]", "key: [name, branch]"),
        ("{vip: {types", "{star: {was: vip, types"),
        ("none: [vip]", "none: [star]"),
        ("  owns:\n    inverse: owned_by", "  holds:\n    was: owns\n    inverse: held_by"),
        ("over: owned_by", "over: held_by"),
        ("over: owns", "over: holds"),
        ("{share: percent,", "{part: {type: percent, was: share},"),
        ("attribute: share", "attribute: part"),
        ("roles: {share: share}", "roles: {share: part}"),
    )
    assert told(plan) == [
        "> type Company becomes Firm; its data follows",
        "> field Firm.sector becomes branch; its data follows",
        "> tag vip becomes star; its data follows",
        "> predicate owns becomes holds; its data follows",
        "> the inverse of holds, owned_by, becomes held_by",
        "> attribute holds.share becomes part; its data follows",
    ]
    assert plan.renames == (
        ("type", "", "Company", "Firm"),
        ("tag", "", "vip", "star"),
        ("predicate", "", "owns", "holds"),
        ("field", "Firm", "sector", "branch"),
        ("attribute", "holds", "share", "part"),
    )
    assert not plan.work
    names = renames(plan.old, plan.new)
    carried = in_new_names(plan.old, names)
    assert (carried.types, carried.tags, carried.derived) == (plan.new.types, plan.new.tags, plan.new.derived)


def test_a_rename_that_was_carried_out_means_nothing_more() -> None:
    new = vocabulary_from_text("types: {Firm: {was: Company}}")
    assert make_plan(new, new).empty
    grown = vocabulary_from_text("types: {Firm: {was: Company}, Company: {}}")
    assert told(make_plan(new, grown)) == ["+ type Company"]
    assert told(make_plan(grown, new)) == ["- type Company"]


@pytest.mark.parametrize(
    ("new", "says"),
    [
        ("types: {A: {was: B}}", "there is a 'A' already"),
        ("types: {A: {}, B: {}, C: {was: A}}", "there still is a 'A'"),
        ("types: {C: {was: A}, D: {was: A}, B: {}}", "both 'C' and 'D' say they were 'A'"),
        ("types: {A: {was: B}, B: {was: A}}", "there is a 'A' already"),
    ],
)
def test_renames_that_cannot_be(new: str, says: str) -> None:
    with pytest.raises(VocabularyError, match=says):
        make_plan(vocabulary_from_text("types: {A: {}, B: {}}"), vocabulary_from_text(new))


def test_what_is_removed_names_its_data() -> None:
    plan = planned(
        ("  leads: {inverse: led_by, subject: [Person], object: [Company]}\n", ""),
        ("tags: {vip: {types: [Party]}}", ""),
        ("    subject_tags: {none: [vip]}\n", ""),
        (", size: {type: integer, max: 10}", ""),
        ("    order: rank\n", ""),
        (", rank: integer", ""),
    )
    assert told(plan) == [
        "- field Company.size",
        "- tag vip",
        "~ predicate owns: subject_tags {none: [vip]} -> nothing",
        "~ predicate owns: order rank -> nothing",
        "- attribute owns.rank",
        "- predicate leads",
    ]
    assert work(plan) == [
        ("Company", "Company", "values", ("size",)),
        ("vip", None, "removed", ()),
        ("owns", "owns", "values", ("rank",)),
        ("leads", None, "removed", ()),
    ]
    assert not plan.additive
    assert plan.work[0].subjects == ("Company.size", "Company", "Company")


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("max_objects: {max: 3, level: warn}", "max_objects: {max: 2, level: warn}", "max_objects"),
        ("max_objects: {max: 3, level: warn}", "max_objects: 3", "max_objects"),
        ("max_objects: {max: 3, level: warn}", "max_subjects: 9", "max_subjects"),
        ("max: 100%, level: warn", "max: 90%, level: warn", "sum"),
        ("max: 100%, level: warn", "max: 100%", "sum"),
        ("    order: rank", "    order: rank\n    acyclic: warn", "acyclic"),
        ("    order: rank", "    order: rank\n    unique: pair", "unique"),
        ("    order: rank", "    order: rank\n    time: none", "time"),
        ("none: [vip]", "all: [vip]", "subject_tags"),
    ],
)
def test_a_stricter_rule_has_its_relations_looked_at(old: str, new: str, rule: str) -> None:
    assert work(planned((old, new))) == [("owns", "owns", "rules", (rule,))]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("max_objects: {max: 3, level: warn}", "max_objects: {max: 4, level: warn}"),
        ("    max_objects: {max: 3, level: warn}\n", ""),
        ("    order: rank", "    order: rank\n    irreflexive: false"),
        ("    order: rank", "    order: rank\n    unique: none"),
        ("    sum: {attribute: share, per: object, max: 100%, level: warn}\n", ""),
        ("object: [Company]\n", "object: [Party]\n"),
        ("size: {type: integer, max: 10}", "size: {type: integer, max: 20}"),
        (
            "size: {type: integer, max: 10}",
            "size: {type: integer, min: -5, max: 10, default: 1}".replace("min: -5, ", ""),
        ),
        ("vip: {types: [Party]}", "vip: {}"),
    ],
)
def test_a_looser_rule_touches_no_data(old: str, new: str) -> None:
    plan = planned((old, new))
    assert plan.changes
    assert not plan.work


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("subject: [Party]", "subject: [Person]", ("owns", "owns", "ends", ())),
        ("vip: {types: [Party]}", "vip: {types: [Person]}", ("vip", "vip", "carriers", ())),
        ("{type: integer, max: 10}", "{type: integer, max: 9}", ("Company", "Company", "fields", ("size",))),
        ("{type: integer, max: 10}", "{type: decimal, max: 10}", ("Company", "Company", "fields", ("size",))),
        ("{sector: text,", "{sector: {type: text, unique: true},", ("Company", "Company", "fields", ("sector",))),
        ("{sector: text,", "{sector: {type: choice, choices: [x]},", ("Company", "Company", "fields", ("sector",))),
        ("{sector: text,", "{sector: text, c: {type: text, required: true},", ("Company", "Company", "fields", ("c",))),
        ("rank: integer", "rank: {type: integer, required: true}", ("owns", "owns", "attributes", ("rank",))),
        ("Person: {extends", "Person: {abstract: true, extends", ("Person", "Person", "abstract", ())),
        ("leads: {", "leads: {implies: [runs], ", ("runs", "runs", "family", ("leads",))),
    ],
)
def test_what_else_has_to_be_looked_at(old: str, new: str, expected: tuple[str, str, str, tuple[str, ...]]) -> None:
    assert work(planned((old, new))) == [expected]


def test_a_type_that_leaves_its_parent_is_seen_at_the_ends_it_stood_at() -> None:
    plan = planned(("Person: {extends: [Party]}", "Person: {fields: {name: text}}"))
    assert work(plan) == [("vip", "vip", "carriers", ()), ("owns", "owns", "ends", ())]


def test_a_field_that_moves_to_the_parent_stays() -> None:
    plan = planned(("fields: {name: text}}", "fields: {name: text, sector: text}}"), ("{sector: text,", "{"))
    assert told(plan) == ["+ field Party.sector", "- field Company.sector"]
    assert not plan.work


def test_changes_of_a_renamed_thing_are_of_the_thing() -> None:
    plan = planned(("  leads: {inverse: led_by,", "  heads: {was: leads, inverse: led_by, max_objects: 1,"))
    assert told(plan) == [
        "> predicate leads becomes heads; its data follows",
        "~ predicate heads: max_objects nothing -> 1",
    ]
    assert plan.work == (Work("relations", "leads", "heads", "rules", ("max_objects",)),)


def test_a_plan_shows_what_breaks_it() -> None:
    old, new = vocabulary_from_text(BASE), vocabulary_from_text(BASE.replace("max: 3,", "max: 1,"))

    def examine(plan: Plan) -> list[Problem]:
        assert plan.work[0].keys == ("max_objects",)
        return [
            Problem("rule-cardinality", "owns", 12, ("ann owns ACME", "ann owns Bolt"), "12 have more than 1 object")
        ]

    assert str(make_plan(old, new, examine=examine)) == (
        "1 changed\n"
        "  ~ predicate owns: max_objects {max: 3, level: warn} -> {max: 1, level: warn}\n"
        "what is told breaks this:\n"
        "  ! owns: 12 have more than 1 object\n"
        "      ann owns ACME\n"
        "      ann owns Bolt\n"
        "      and 10 more"
    )


def test_policies_by_name_and_in_general() -> None:
    plan = planned(("max: 3,", "max: 1,"), (", size: {type: integer, max: 10}", ""))
    assert policies("keep", plan) == Policies({}, "keep")
    found = policies({"owns": "end", "Company.size": "remove"}, plan)
    assert [found.of(name) for name in ("owns", "owns.share", "Company.size", "Company", "vip")] == [
        "end",
        "end",
        "remove",
        "refuse",
        "refuse",
    ]
    assert policies({"*": "keep", "owns": "end"}, plan).of("vip") == "keep"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("kep", "no policy 'kep'"),
        ({"owns": "drop"}, "no policy 'drop'"),
        ({"own": "end"}, "does not touch 'own'"),
        ({"leads": "end"}, "does not touch 'leads'"),
        ("end", "cannot be dealt with by 'end'"),
    ],
)
def test_policies_that_cannot_be(given: str | dict[str, str], says: str) -> None:
    plan = planned((", size: {type: integer, max: 10}", ""), ("max: 3,", "max: 1,"))
    problem = Problem("values", "Company.size", 3, (), "3 have a value", choices=("refuse", "remove"))
    with pytest.raises(VocabularyError, match=says):
        policies(given, plan.with_problems([problem]))


def test_packs_grow_into_each_other_without_touching_data() -> None:
    crm = load_vocabulary("crm")
    for name in ("parties", "people", "ownership", "supply", "payments"):
        plan = make_plan(load_vocabulary(name), crm)
        assert plan.additive or all(one.action != "removed" for one in plan.changes)
        assert not plan.work, name
