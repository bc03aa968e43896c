"""What is written is read again as the same vocabulary, through YAML and through plain mappings."""

import json
from dataclasses import replace
from typing import Any, Literal

from hypothesis import given
from hypothesis import strategies as st

from relgraph.vocabulary.check import check_vocabulary
from relgraph.vocabulary.load import packs
from relgraph.vocabulary.model import (
    Derived,
    EntityType,
    Field,
    Level,
    Limit,
    Predicate,
    SumRule,
    Tag,
    TagRule,
    Vocabulary,
)

LEVELS: st.SearchStrategy[Level] = st.sampled_from(["error", "warn"])
LETTERS = st.characters(codec="utf-8", exclude_categories=["Cs"])
TEXTS = st.text(LETTERS, max_size=30)
ODD = st.sampled_from(
    ["true", "no", "null", "~", "1", "1.0", "- x", "a: b", "#", "'", '"', "{", "[", "*a", "&a", "!x", "é"]
)
WORDS = st.dictionaries(st.sampled_from(["", "en", "fr", "zh-Hant"]), st.one_of(TEXTS, ODD).filter(bool), max_size=3)
FIELDS: list[Field] = [
    Field("whole", "integer", minimum=-5, maximum=5, default=0),
    Field("exact", "decimal", scale=3, minimum="0", maximum="12345.678", default="0.5"),
    Field("part", "percent", minimum="0", maximum="1", default="0.333333"),
    Field("price", "money", default=["9000.5", "EUR"]),
    Field("yes", "boolean", default=False),
    Field("day", "date", minimum="2000-01-01", default="2024-02-29"),
    Field("month", "partial date", default="2024-03"),
    Field("moment", "datetime", default="2024-03-05T12:00:00.000001Z"),
    Field("land", "country", default="NO"),
    Field("word", "choice", choices=("yes", "null", "1"), default="null"),
    Field("words", "text", many=True, default=["a", "", "true"]),
    Field("code", "text", pattern="[A-Z]{2}:\\d+ #.*", unique=True, required=True),
    Field("link", "url"),
]


@st.composite
def fields(draw: st.DrawFn, *, attributes: bool = False) -> tuple[Field, ...]:
    chosen = draw(st.lists(st.sampled_from(FIELDS), unique_by=lambda one: one.name, max_size=6))
    return tuple(
        replace(
            one,
            label=draw(WORDS),
            description=draw(TEXTS),
            example=draw(ODD),
            unique=one.unique and not attributes,
            was=draw(st.none() | st.just("formerly")),
        )
        for one in chosen
    )


def tag_rules(tags: list[str]) -> st.SearchStrategy[TagRule | None]:
    def rule(split: tuple[list[str], int, Level]) -> TagRule:
        names, cut, level = split
        return TagRule(tuple(names[:cut]), tuple(names[cut:]), level)

    names = st.lists(st.sampled_from(tags), unique=True, min_size=1, max_size=3)
    return st.none() | st.tuples(names, st.integers(0, 3), LEVELS).map(rule)


LIMITS = st.none() | st.builds(Limit, st.integers(1, 10**6), LEVELS)


@st.composite
def predicates(draw: st.DrawFn, name: str, types: list[str], tags: list[str]) -> Predicate:
    symmetric = draw(st.booleans())
    attributes = draw(fields(attributes=True))
    names = [one.name for one in attributes]
    ends: dict[str, Any] = {}
    some = st.lists(st.sampled_from(types), unique=True, max_size=2).map(tuple)
    if draw(st.booleans()):
        ends["between"] = tuple(dict.fromkeys(draw(st.lists(st.tuples(*[st.sampled_from(types)] * 2), max_size=2))))
    else:
        ends["subject"], ends["object"] = draw(some), draw(some)
    rule, limit, reading = draw(tag_rules(tags)), draw(LIMITS), draw(WORDS)
    irreflexive: Level | None = draw(st.none() | LEVELS)
    sums: list[SumRule] = []
    sides: list[Literal["subject", "object"]] = ["subject", "object"]
    if not symmetric:
        sums = [
            SumRule("part", per, "1", draw(LEVELS))
            for per in draw(st.lists(st.sampled_from(sides), unique=True))
            if "part" in names
        ]
    return Predicate(
        name,
        name if symmetric else f"{name} read back",
        symmetric=symmetric,
        reading=reading,
        inverse_reading=reading if symmetric else draw(WORDS),
        types_level=draw(LEVELS),
        subject_tags=rule,
        object_tags=rule if symmetric else draw(tag_rules(tags)),
        attributes=attributes,
        time=draw(st.sampled_from(["valid", "none"])),
        unique=draw(st.sampled_from(["overlap", "pair", "none"])),
        unique_level=draw(LEVELS),
        max_objects=limit,
        max_subjects=limit if symmetric else draw(LIMITS),
        irreflexive=irreflexive,
        acyclic=None if symmetric or irreflexive is None else draw(st.none() | LEVELS),
        sums=tuple(sums),
        enabled=draw(st.booleans()),
        internal=draw(st.booleans()),
        copiable=draw(st.sampled_from(["no", "both"] if symmetric else ["no", "subject", "object", "both"])),
        roles={"share": "part"} if "part" in names and draw(st.booleans()) else {},
        order="whole" if "whole" in names and draw(st.booleans()) else None,
        description=draw(TEXTS),
        **ends,
    )


@st.composite
def vocabularies(draw: st.DrawFn) -> Vocabulary:
    name_list = ["no", "Société", "a b", "null", "1.5", "会社", "x: y", "- z", "true", "#h", "on", "'q'"]
    names = draw(st.permutations(name_list))
    type_names, tag_names, predicate_names = names[:4], names[4:7], names[7:10]
    types = {
        name: EntityType(
            name,
            extends=(type_names[0],) if place else (),
            abstract=draw(st.booleans()),
            fields=() if place else draw(fields()),
            label=draw(WORDS),
            plural=draw(WORDS),
            description=draw(TEXTS),
        )
        for place, name in enumerate(type_names)
    }
    tags = {name: Tag(name, label=draw(WORDS), description=draw(TEXTS)) for name in tag_names}
    told = {name: draw(predicates(name, type_names, tag_names)) for name in predicate_names}
    derived = {}
    first = told[predicate_names[0]]
    if draw(st.booleans()):
        over = Derived("over it", "under it", over=first.inverse, reading=draw(WORDS), description=draw(TEXTS))
        derived = {over.name: over}
    return Vocabulary(draw(ODD), types, tags, told, derived)


@given(vocabularies())
def test_yaml_and_mappings_give_the_same_vocabulary_again(vocabulary: Vocabulary) -> None:
    if any(error.details["where"].startswith("derived") for error in check_vocabulary(vocabulary)):
        vocabulary = replace(vocabulary, derived={})
    again = Vocabulary.from_text(vocabulary.to_yaml())
    assert again == vocabulary
    assert again.to_yaml() == vocabulary.to_yaml()
    assert list(again.readings) == list(vocabulary.readings)
    assert Vocabulary.from_dict(json.loads(json.dumps(vocabulary.to_dict()))) == vocabulary


def test_what_a_thing_was_is_kept_in_writing() -> None:
    vocabulary = Vocabulary(types={"Firm": EntityType("Firm", was="Company")})
    assert Vocabulary.from_text(vocabulary.to_yaml()).types["Firm"].was == "Company"
    assert vocabulary == Vocabulary(types={"Firm": EntityType("Firm")})


def test_every_pack_survives() -> None:
    for name in packs():
        vocabulary = Vocabulary.load(name)
        assert Vocabulary.from_text(vocabulary.to_yaml()) == vocabulary


def test_a_field_that_is_only_a_kind_is_written_as_one_word() -> None:
    text = "vocabulary: v\ntypes:\n  A:\n    fields: {x: text, y: integer}\n"
    assert Vocabulary.from_text(text).to_yaml() == text


def test_the_line_ends_of_unicode_are_not_lost() -> None:
    vocabulary = Vocabulary(tags={"t": Tag("t", description="a\x85b\u2028c\u2029d\ufeff\r\n e")})
    assert Vocabulary.from_text(vocabulary.to_yaml()) == vocabulary
