"""The page about vocabulary documents, from the keys that the reader of documents knows."""

from __future__ import annotations

from docs.making.words import cell, table
from relgraph.vocabulary import keys

WHERE = {
    "document": "At the top of the file.",
    "type": "Under `types`, one block for each entity type.",
    "field": "Under `fields` of a type or `attributes` of a predicate. The short form is the kind alone: `born: date`.",
    "tag": "Under `tags`.",
    "predicate": "Under `predicates`.",
    "derived": "Under `derived`. Give one of `over` and `path`.",
    "tags of an end": "In `subject_tags` and `object_tags` of a predicate.",
    "limit": "In `max_objects` and `max_subjects`. The short form is the number alone.",
    "unique": "In `unique`. The short form is the word alone.",
    "sum": "In `sum`.",
}

KINDS = {
    "text": "any text, kept as it is",
    "integer": "a whole number of 64 bits",
    "decimal": "an exact number of at most 15 digits; `scale` 6 unless given",
    "boolean": "true or false",
    "date": "a day, 2024-03-01",
    "datetime": "a moment with its zone, kept in UTC to the microsecond",
    "partial date": "a day, a month or a year: 2024-03-01, 2024-03, 2024",
    "percent": "a part of a whole: 25% is 0.25; `scale` 6 on the fraction unless given",
    "money": "an amount and a currency (ISO 4217): 9000 EUR; `scale` 4 unless given",
    "url": "a web address",
    "email": "a mail address",
    "phone": "a telephone number",
    "country": "a country (ISO 3166): DE, DEU or Germany, kept as DE",
    "choice": "one of the words in `choices`",
}

INTRODUCTION = """\
# The vocabulary

A vocabulary says what may be told: the types of entities, their tags, the predicates that relate them and the rules
that hold. It is a YAML document (`Vocabulary.load(path)`, `Vocabulary.from_text(text)`) or is built in Python with
`relgraph.vocabulary(...)`; both give the same value. An unknown key is an error that names the nearest known one and
its line, and all errors of a document come together. [Describe your
relations](../how-to/describe-your-relations.md) shows how to write one.

```yaml
vocabulary: crm
types:
  Organization: {abstract: true, fields: {name: {type: text, required: true}}, caption: [name], search: [name]}
  Company:
    extends: [Organization]
    fields: {sector: {type: choice, choices: [Steel, Media]}, revenue: money, country: country}
    key: [name, country]
  Person: {fields: {name: {type: text, required: true}}}
tags:
  sanctioned: {label: on a sanctions list, types: [Organization]}
predicates:
  owns:
    inverse: owned_by
    reading: {en: owns, fr: possède}
    inverse_reading: {en: is owned by, fr: appartient à}
    subject: [Person, Organization]
    object: [Organization]
    attributes: {share: {type: percent, min: 0%, max: 100%}}
    acyclic: true
    sum: {attribute: share, per: object, max: 100%, level: warn}
    roles: {share: share}
  partner_of: {symmetric: true, subject: [Organization], object: [Organization]}
derived:
  in_group_of: {inverse: group_includes, over: owned_by}
```
"""


def page() -> str:
    """Return the page."""
    parts = [INTRODUCTION]
    rows: list[tuple[str, ...]]
    for section, known in keys.SECTIONS.items():
        rows = [(f"`{key}`", cell(meaning)) for key, meaning in known.items()]
        parts.append(f"## Keys: {section}\n\n{WHERE[section]}\n\n{table(('key', 'meaning'), rows)}")
    rows = [(f"`{kind}`", KINDS[kind]) for kind in keys.KINDS]
    parts.append(f"## Kinds of values\n\n{table(('kind', 'holds'), rows)}")
    rows = [(f"`{role}`", meaning, ", ".join(sorted(keys.ROLE_KINDS[role]))) for role, meaning in keys.ROLES.items()]
    parts.append(
        "## Roles\n\n`roles` of a predicate says which of its attributes an analysis may use, and for what.\n\n"
        + table(("role", "is", "kinds"), rows)
    )
    rows = [(f"`{measure}`", meaning) for measure, meaning in keys.MEASURES.items()]
    parts.append("## Measures of derived predicates\n\n" + table(("measure", "is"), rows))
    fields, attributes = (
        ", ".join(f"`{one}`" for one in sorted(names)) for names in (keys.RESERVED_FIELDS, keys.RESERVED_ATTRIBUTES)
    )
    parts.append(
        "## Names\n\n"
        "Names are Unicode identifiers, or anything in backticks. They are unique over types, predicates, inverses and "
        "tags, ignoring case.\n"
        "No field of a type may be called like a predicate that starts there.\n\n"
        f"- Taken among fields: {fields}.\n- Taken among attributes: {attributes}.\n"
        "- Taken among types: `Entity`, which stands for all of them.\n"
    )
    united = ", ".join(f"`{one}`" for one in sorted(keys.UNITED))
    wordy = ", ".join(f"`{one}`" for one in sorted(keys.WORDS))
    parts.append(
        "## Including\n\n`include` names ready vocabularies (`crm`, `ownership`, ...) or files beside the document.\n"
        "What is said again of a type, tag or predicate is added to what was included:\n\n"
        f"- words may be said anew: {wordy};\n- lists are united: {united};\n"
        "- anything else that differs is an error.\n"
    )
    return "\n".join(parts)
