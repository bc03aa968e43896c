"""Reading vocabularies: every key, every shorthand, every fault at once, and what is included."""

from pathlib import Path
from typing import Any

import pytest

from relgraph.errors import VocabularyError, VocabularyErrors
from relgraph.vocabulary import keys
from relgraph.vocabulary.load import load_vocabulary, packs, vocabulary_from_dict, vocabulary_from_text
from relgraph.vocabulary.model import Derived, Field, Limit, SumRule, TagRule, Vocabulary

FULL = """
vocabulary: crm
types:
  Organization: {abstract: true, fields: {name: {type: text, required: true}}, caption: [name], search: [name]}
  Person: {}
  Company:
    extends: [Organization]
    label: {en: Company, fr: Société, default: Firma}
    plural: Companies
    description: a firm
    fields:
      sector: {type: choice, choices: [Steel, Media, "yes"]}
      revenue: {type: money, min: 0 EUR}
      country: {type: country, default: NO}
      size: {type: integer, min: 0, max: 1000, default: 3, label: Size, example: "12"}
      rate: {type: decimal, scale: 2, min: -1.5}
      codes: {type: text, list: true, pattern: "[A-Z]+", default: [A, B]}
      number: {type: text, unique: true}
      big: {type: boolean, default: false}
      founded: partial date
    key: [name, country]
tags:
  sanctioned: {label: on a list, types: [Organization], description: d}
  vip:
predicates:
  owns:
    inverse: owned_by
    reading: {en: owns, fr: possède}
    inverse_reading: {en: is owned by, fr: appartient à}
    subject: [Person, Organization]
    object: Organization
    subject_tags: {all: [vip], none: [sanctioned], level: warn}
    object_tags: [sanctioned]
    attributes: {share: {type: percent, min: 0%, max: 100%}, rank: integer}
    sum: {attribute: share, per: object, max: 100%, level: warn}
    unique: {by: pair, level: warn}
    max_objects: {max: 5, level: warn}
    max_subjects: 2
    acyclic: warn
    copiable: subject
    roles: [share]
    order: rank
    description: holds
    types_level: warn
    internal: true
    enabled: false
  partner_of: {symmetric: true, reading: is a partner of, irreflexive: warn, time: none, copiable: true}
  links:
    inverse: linked_by
    between: [[Person, Company], [Company, Company]]
    irreflexive: false
    unique: none
    attributes: {share: {type: percent}, load: decimal}
    sum:
      - {attribute: share, per: object, max: 100%}
      - {attribute: load, per: subject, max: 12.5}
  heads: {inverse: headed_by, subject: [Person], object: [Company], acyclic: true, implies: [runs]}
  runs: {inverse: run_by, subject: [Person], object: [Organization]}
derived:
  in_group_of: {inverse: group_includes, over: owned_by}
  ultimately_owns: {inverse: ultimately_owned_by, measure: integrated_share, over: owns}
  shares_owner_with: {symmetric: true, path: [owned_by, owns], reading: shares an owner with}
"""


@pytest.fixture
def full() -> Vocabulary:
    return vocabulary_from_text(FULL)


def test_types_and_their_fields(full: Vocabulary) -> None:
    company = full.types["Company"]
    assert full.name == "crm"
    assert (company.extends, company.key, company.description) == (("Organization",), ("name", "country"), "a firm")
    assert company.label == {"en": "Company", "fr": "Société", "": "Firma"}
    assert company.plural == {"": "Companies"}
    fields = full.fields("Company")
    assert fields["name"].required
    assert fields["sector"].choices == ("Steel", "Media", "yes")
    assert fields["country"].default == "NO"
    assert fields["revenue"].minimum == ["0", "EUR"]
    assert (fields["size"].minimum, fields["size"].maximum, fields["size"].default) == (0, 1000, 3)
    assert (fields["size"].label, fields["size"].example) == ({"": "Size"}, "12")
    assert (fields["rate"].scale, fields["rate"].minimum) == (2, "-1.5")
    assert (fields["codes"].many, fields["codes"].pattern, fields["codes"].default) == (True, "[A-Z]+", ["A", "B"])
    assert fields["number"].unique
    assert fields["big"].default is False
    assert fields["founded"] == Field("founded", "partial date")
    assert full.types["Organization"].abstract
    assert not full.types["Person"].fields


def test_tags(full: Vocabulary) -> None:
    assert full.tags["sanctioned"].types == ("Organization",)
    assert full.tags["sanctioned"].label == {"": "on a list"}
    assert full.tags["vip"].types == ()


def test_every_rule_of_a_predicate(full: Vocabulary) -> None:
    owns = full.predicates["owns"]
    assert (owns.inverse, owns.subject, owns.object) == ("owned_by", ("Person", "Organization"), ("Organization",))
    assert owns.reading == {"en": "owns", "fr": "possède"}
    assert owns.subject_tags == TagRule(all=("vip",), none=("sanctioned",), level="warn")
    assert owns.object_tags == TagRule(all=("sanctioned",))
    assert owns.sums == (SumRule("share", "object", "1", "warn"),)
    assert (owns.unique, owns.unique_level) == ("pair", "warn")
    assert (owns.max_objects, owns.max_subjects) == (Limit(5, "warn"), Limit(2))
    assert (owns.irreflexive, owns.acyclic, owns.types_level) == ("error", "warn", "warn")
    assert (owns.copiable, owns.roles, owns.order) == ("subject", {"share": "share"}, "rank")
    assert (owns.internal, owns.enabled, owns.description) == (True, False, "holds")


def test_shorthands_and_what_is_off(full: Vocabulary) -> None:
    partner = full.predicates["partner_of"]
    assert (partner.symmetric, partner.inverse, partner.irreflexive) == (True, "partner_of", "warn")
    assert (partner.time, partner.copiable, partner.inverse_reading) == ("none", "both", {"": "is a partner of"})
    links = full.predicates["links"]
    assert links.between == (("Person", "Company"), ("Company", "Company"))
    assert (links.irreflexive, links.unique, links.acyclic) == (None, "none", None)
    assert links.sums == (SumRule("share", "object", "1"), SumRule("load", "subject", "12.5"))
    assert full.predicates["heads"].acyclic == "error"
    assert full.broader("heads") == ("heads", "runs")


def test_derived_predicates(full: Vocabulary) -> None:
    assert full.derived["in_group_of"] == Derived("in_group_of", "group_includes", over="owned_by")
    assert full.derived["ultimately_owns"].measure == "integrated_share"
    shares = full.derived["shares_owner_with"]
    assert (shares.inverse, shares.path) == ("shares_owner_with", ("owned_by", "owns"))


def test_every_key_is_tried_here_and_explained() -> None:
    for section in keys.SECTIONS.values():
        for key, meaning in section.items():
            assert meaning
            assert key in FULL or key in ("include", "was", "attribute", "symmetric"), key


def test_an_empty_document_is_an_empty_vocabulary() -> None:
    for text in ("", "# nothing", "types:", "vocabulary: x\npredicates: {}"):
        assert not vocabulary_from_text(text).types


def faults(text: str) -> list[str]:
    with pytest.raises(VocabularyError) as caught:
        vocabulary_from_text(text)
    error = caught.value
    return [str(one) for one in (error.errors if isinstance(error, VocabularyErrors) else [error])]


def test_all_faults_come_at_once_in_the_order_of_their_lines() -> None:
    found = faults(
        "types:\n"
        "  Company:\n"
        "    feilds: {}\n"
        "    key: [nam]\n"
        "    fields: {name: txt, size: {type: integer, min: few}}\n"
        "predicates:\n"
        "  owns:\n"
        "    invers: owned_by\n"
        "    acyclic: maybe\n"
    )
    assert [one.split(":")[0] for one in found] == [f"line {n}" for n in (3, 4, 5, 5, 7, 8, 9)]
    assert "types.Company: unknown key 'feilds' (did you mean 'fields'?)" in found[0]
    assert "there is no field 'nam' (did you mean 'name'?)" in found[1]
    assert "there is no field type 'txt' (did you mean 'text'?)" in found[2]
    assert "inverse: owned_by" in found[4]
    assert "must be true, false or warn, not 'maybe'" in found[6]


def test_a_single_fault_is_raised_as_itself() -> None:
    with pytest.raises(VocabularyError) as caught:
        vocabulary_from_text("type: {}")
    assert type(caught.value) is VocabularyError
    assert caught.value.candidates == ("types",)
    assert caught.value.details == {"path": [], "where": "", "problem": "unknown key 'type'", "line": 1}


def test_keys_written_twice_are_told_with_the_other_faults() -> None:
    found = faults("types: {A: {}, A: {}}\npredicates:\n  p: {inverse: q, tyme: none}")
    assert len(found) == 2
    assert "'A' is here twice" in found[0]


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("Person", "declare a predicate with max_objects: 1"),
        ("reference", "declare a predicate with max_objects: 1"),
        ("string", "did you mean 'text'"),
        ("float", "did you mean 'decimal'"),
        ("zzzzzz", "the types of fields are text, integer"),
    ],
)
def test_field_types_that_there_are_not(kind: str, says: str) -> None:
    (found,) = faults(f"types: {{Person: {{}}, Company: {{fields: {{ceo: {kind}}}}}}}")
    assert says in found


@pytest.mark.parametrize(
    ("predicate", "says"),
    [
        ("{}", "it has no inverse"),
        ("{inverse: q, symmetric: true}", "a symmetric predicate has one name"),
        ("{inverse: q, max_objects: 0}", "must be at least 1, not 0"),
        ("{inverse: q, max_objects: many}", "must be a whole number, not 'many'"),
        ("{inverse: q, max_objects: {level: warn}}", "the key 'max' is missing"),
        ("{inverse: q, unique: never}", "must be overlap or pair or none"),
        ("{inverse: q, time: always}", "must be valid or none"),
        ("{inverse: q, between: [Person, Company]}", "must be pairs of types"),
        ("{inverse: q, sum: {per: object, max: 1}}", "the key 'attribute' is missing"),
        ("{inverse: q, sum: 100%}", "must be keys with values, not '100%'"),
        ("{inverse: q, enabled: 'true'}", "must be true or false, not 'true'"),
        ("{inverse: q, reading: {english: x}}", "'english' is no language code"),
        ("{inverse: q, subject: [A, A]}", "'A' is listed twice"),
        ("{inverse: [q]}", "must be text, not a list"),
        ("[1]", "must be keys with values, not a list"),
        ("{inverse: q, attributes: {a: {type: integer, default: x}}}", "attributes.a.default"),
        ("{inverse: q, attributes: {a: {type: text, min: 1}}}", "a text has no min"),
        ("{inverse: q, attributes: {a: {type: percent, max: 0.5}}}", "attributes.a.max"),
    ],
)
def test_values_that_no_key_takes(predicate: str, says: str) -> None:
    assert any(says in one for one in faults(f"types: {{A: {{}}}}\npredicates: {{p: {predicate}}}"))


def test_the_same_shape_as_python_values() -> None:
    content: dict[str, Any] = {
        "types": {"A": {"fields": {"size": {"type": "integer", "default": 3, "required": True}}}},
        "predicates": {"p": {"inverse": "q", "max_objects": 1, "acyclic": True}},
    }
    text = "types: {A: {fields: {size: {type: integer, default: 3, required: true}}}}\n"
    text += "predicates: {p: {inverse: q, max_objects: 1, acyclic: true}}"
    assert vocabulary_from_dict(content) == vocabulary_from_text(text)


# Files and packs


def test_a_file_includes_packs_and_files_beside_it(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(
        "vocabulary: base\ntypes: {Vessel: {extends: [Organization]}}", encoding="utf-8"
    )
    main = tmp_path / "main.yaml"
    main.write_text("vocabulary: mine\ninclude: [parties, base]\ntags: {x: {types: [Vessel]}}", encoding="utf-8")
    found = Vocabulary.load(main)
    assert found.name == "mine"
    assert found.is_a("Vessel", "Organization")


def test_a_pack_is_loaded_by_its_name() -> None:
    assert load_vocabulary("ownership").name == "ownership"
    assert "ownership" in packs()


def test_faults_name_the_file_they_are_in(tmp_path: Path) -> None:
    (tmp_path / "part.yaml").write_text("types:\n  A: {feilds: {}}", encoding="utf-8")
    (tmp_path / "main.yaml").write_text("include: part\ntypes:\n  B: {extends: C}", encoding="utf-8")
    with pytest.raises(VocabularyErrors) as caught:
        load_vocabulary(tmp_path / "main.yaml")
    assert [(one.details["file"], one.details["line"]) for one in caught.value.errors] == [
        ("main.yaml", 3),
        ("part.yaml", 2),
    ]
    assert "part.yaml, line 2: types.A" in str(caught.value)


def test_includes_in_a_circle_are_refused(tmp_path: Path) -> None:
    for name, other in (("a", "b"), ("b", "c"), ("c", "a")):
        (tmp_path / f"{name}.yaml").write_text(f"include: [{other}]", encoding="utf-8")
    with pytest.raises(VocabularyError, match=r"a\.yaml includes b\.yaml includes c\.yaml includes a\.yaml"):
        load_vocabulary(tmp_path / "a.yaml")


def test_a_file_may_have_the_name_of_the_pack_that_it_includes(tmp_path: Path) -> None:
    (tmp_path / "people.yaml").write_text("include: [people]\ntags: {alumni: {}}", encoding="utf-8")
    found = load_vocabulary(tmp_path / "people.yaml")
    assert "alumni" in found.tags
    assert "knows" in found.predicates


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/b", ".hidden", "'a\\b'"])
def test_includes_stay_in_their_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "main.yaml").write_text(f"include: [{name}]", encoding="utf-8")
    with pytest.raises(VocabularyError, match="an include is the name of a pack"):
        load_vocabulary(tmp_path / "main.yaml")


def test_a_text_includes_packs_only_unless_it_has_a_folder(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("types: {A: {}}", encoding="utf-8")
    with pytest.raises(VocabularyError, match="no pack 'mine'"):
        vocabulary_from_text("include: [mine]")
    assert "A" in vocabulary_from_text("include: [mine]", base=tmp_path).types
    with pytest.raises(VocabularyError, match="did you mean 'people'"):
        vocabulary_from_text("include: [poeple]")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match="there is no file"):
        load_vocabulary(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"types: {Soci\xe9t\xe9: {}}")
    with pytest.raises(VocabularyError, match="byte 12 is no UTF-8"):
        load_vocabulary(tmp_path / "latin.yaml")
    with pytest.raises(VocabularyError, match="cannot be read"):
        load_vocabulary(tmp_path)


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    (tmp_path / "bom.yaml").write_text("vocabulary: bom", encoding="utf-8-sig")
    assert load_vocabulary(tmp_path / "bom.yaml").name == "bom"


# Parts that are put together


def composed(tmp_path: Path, first: str, second: str) -> Vocabulary:
    (tmp_path / "first.yaml").write_text(first, encoding="utf-8")
    (tmp_path / "second.yaml").write_text(f"include: [first]\n{second}", encoding="utf-8")
    return load_vocabulary(tmp_path / "second.yaml")


def test_a_later_part_adds_and_changes_words(tmp_path: Path) -> None:
    found = composed(
        tmp_path,
        "types: {A: {label: {en: First, de: Erste}, fields: {x: text}}, B: {}}\n"
        "predicates: {p: {inverse: q, subject: [A], attributes: {s: percent}, reading: old}}",
        "types: {A: {label: {en: Other}, fields: {x: {label: X}, y: integer}}}\n"
        "predicates: {p: {subject: [B], attributes: {t: text}, reading: new, acyclic: true}}",
    )
    assert found.types["A"].label == {"en": "Other", "de": "Erste"}
    assert [(one.name, one.kind, dict(one.label)) for one in found.types["A"].fields] == [
        ("x", "text", {"": "X"}),
        ("y", "integer", {}),
    ]
    p = found.predicates["p"]
    assert (p.subject, p.reading, p.acyclic) == (("A", "B"), {"": "new"}, "error")
    assert [one.name for one in p.attributes] == ["s", "t"]


@pytest.mark.parametrize(
    ("second", "where"),
    [
        ("types: {A: {fields: {x: integer}}}", "types.A.fields.x.type"),
        ("types: {A: {key: [y]}}", "types.A.key"),
        ("predicates: {p: {inverse: r}}", "predicates.p.inverse"),
        ("predicates: {p: {max_objects: 2}}", "predicates.p.max_objects"),
    ],
)
def test_a_contradiction_names_both_files(tmp_path: Path, second: str, where: str) -> None:
    first = "types: {A: {fields: {x: text, y: text}, key: [x]}}\npredicates: {p: {inverse: q, max_objects: 1}}"
    with pytest.raises(VocabularyError) as caught:
        composed(tmp_path, first, second)
    text = str(caught.value)
    assert "second.yaml, line 2" in text
    assert "first.yaml, line" in text
    assert caught.value.details["where"] == where


def test_saying_the_same_again_is_no_contradiction(tmp_path: Path) -> None:
    part = "types: {A: {fields: {x: {type: text, required: true}}, key: [x]}}"
    assert composed(tmp_path, part, part).types["A"].key == ("x",)
