"""From a tree of marked values to a vocabulary; every fault of the tree is noted, none stops the reading."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Literal, cast

from relgraph.errors import ValueProblem
from relgraph.vocabulary import keys
from relgraph.vocabulary.document import Item
from relgraph.vocabulary.fields import store
from relgraph.vocabulary.inverse import suggested_inverse
from relgraph.vocabulary.model import (
    Derived,
    EntityType,
    Field,
    Kind,
    Level,
    Limit,
    Predicate,
    SumRule,
    Tag,
    TagRule,
    Vocabulary,
)
from relgraph.vocabulary.near import near
from relgraph.vocabulary.read_values import Path, ValueReader, shown

_KINDS_ELSEWHERE: Mapping[str, Kind] = {
    "string": "text",
    "str": "text",
    "int": "integer",
    "number": "decimal",
    "float": "decimal",
    "bool": "boolean",
    "timestamp": "datetime",
    "enum": "choice",
    "select": "choice",
    "currency": "money",
    "link": "url",
}
_REFERENCES = frozenset({"reference", "ref", "entity", "relation", "foreign key", "lookup", "many2one"})


class Reader(ValueReader):
    """Reads the parts of one vocabulary."""

    def __init__(self) -> None:
        super().__init__()
        self.type_names: Collection[str] = ()

    def vocabulary(self, tree: Item) -> Vocabulary:
        """Return the vocabulary of a whole document; what could not be read is left out of it."""
        found = self.keys(tree, (), keys.DOCUMENT)
        self.type_names = set((found["types"].mapping or {}) if "types" in found else {})
        return Vocabulary(
            name=(self.text(found["vocabulary"], ("vocabulary",)) if "vocabulary" in found else "") or "vocabulary",
            types=self.named(found.get("types"), ("types",), self.entity_type),
            tags=self.named(found.get("tags"), ("tags",), self.tag),
            predicates=self.named(found.get("predicates"), ("predicates",), self.predicate),
            derived=self.named(found.get("derived"), ("derived",), self.derived),
        )

    def field(self, name: str, item: Item, path: Path) -> Field:
        """Return a field or attribute; its kind alone is enough."""
        if isinstance(item.value, str) and not item.empty:
            kind = self.kind(item, path)
            return Field(name, kind=kind or "text")
        found = self.keys(item, path, keys.FIELD)
        read_kind = self.kind(found["type"], (*path, "type")) if "type" in found else "text"
        bare = Field(
            name,
            kind=read_kind or "text",
            many=self.boolean(found.get("list"), (*path, "list")),
            required=self.boolean(found.get("required"), (*path, "required")),
            unique=self.boolean(found.get("unique"), (*path, "unique")),
            pattern=self.text(found["pattern"], (*path, "pattern")) if "pattern" in found else None,
            choices=self.texts(found.get("choices"), (*path, "choices")),
            scale=self.integer(found["scale"], (*path, "scale"), least=0) if "scale" in found else None,
            label=self.words(found.get("label"), (*path, "label")),
            description=self.description(found, path),
            example=self.description(found, path, "example"),
            was=self.was(found, path),
        )
        if read_kind is None:
            return bare
        return self.bounded(bare, found, path)

    def bounded(self, bare: Field, found: Mapping[str, Item], path: Path) -> Field:
        """Return the field with its bounds and default in stored form."""
        single = Field(bare.name, kind=bare.kind, scale=bare.scale)
        whole = {name: getattr(bare, name) for name in Field.__slots__}
        for key, facet in (("min", "minimum"), ("max", "maximum")):
            if key not in found:
                continue
            if bare.kind not in keys.ORDERED:
                self.fault(found[key], (*path, key), f"a {bare.kind} has no {key}")
            else:
                whole[facet] = self.value(single, found[key], (*path, key))
        if "default" in found:
            whole["default"] = self.value(Field(**whole), found["default"], (*path, "default"))
        return Field(**whole)

    def kind(self, item: Item, path: Path) -> Kind | None:
        """Return a kind of value, or None for one that there is not."""
        word = self.text(item, path).replace("_", " ")
        if word in keys.KINDS:
            return cast("Kind", word)
        if word in self.type_names or word.casefold() in _REFERENCES:
            self.fault(
                item,
                path,
                f"'{word}' would refer to another entity, which a field cannot",
                hint="declare a predicate with max_objects: 1",
            )
            return None
        meant = [_KINDS_ELSEWHERE[word.casefold()]] if word.casefold() in _KINDS_ELSEWHERE else near(word, keys.KINDS)
        hint = None if meant else f"the types of fields are {', '.join(keys.KINDS)}"
        self.fault(item, path, f"there is no field type '{word}'", candidates=meant, hint=hint)
        return None

    def value(self, field: Field, item: Item, path: Path) -> object:
        """Return a value of the field in stored form, or None where it cannot hold it."""

        def native(one: Item) -> Any:
            match one.value:
                case "true" | "false" if one.plain and field.kind == "boolean":
                    return one.value == "true"
                case dict():
                    return one.plain_value()
                case _:
                    return one.value

        given = native(item) if item.sequence is None else [native(one) for one in item.sequence]
        try:
            return store(field, given)
        except ValueProblem as error:
            self.fault(item, path, error.message, candidates=error.candidates, hint=error.hint)
            return None

    def entity_type(self, name: str, item: Item, path: Path) -> EntityType:
        """Return an entity type."""
        found = self.keys(item, path, keys.TYPE)
        return EntityType(
            name,
            extends=self.texts(found.get("extends"), (*path, "extends")),
            abstract=self.boolean(found.get("abstract"), (*path, "abstract")),
            fields=tuple(self.named(found.get("fields"), (*path, "fields"), self.field).values()),
            caption=self.texts(found.get("caption"), (*path, "caption")),
            key=self.texts(found.get("key"), (*path, "key")),
            search=self.texts(found.get("search"), (*path, "search")),
            label=self.words(found.get("label"), (*path, "label")),
            plural=self.words(found.get("plural"), (*path, "plural")),
            description=self.description(found, path),
            was=self.was(found, path),
        )

    def tag(self, name: str, item: Item, path: Path) -> Tag:
        """Return a tag."""
        found = self.keys(item, path, keys.TAG)
        return Tag(
            name,
            types=self.texts(found.get("types"), (*path, "types")),
            label=self.words(found.get("label"), (*path, "label")),
            description=self.description(found, path),
            was=self.was(found, path),
        )

    def predicate(self, name: str, item: Item, path: Path) -> Predicate:
        """Return a stored predicate."""
        found = self.keys(item, path, keys.PREDICATE)
        symmetric = self.boolean(found.get("symmetric"), (*path, "symmetric"))
        unique, unique_level = self.unique(found.get("unique"), (*path, "unique"))
        reading = self.words(found.get("reading"), (*path, "reading"))
        inverse_reading = self.words(found.get("inverse_reading"), (*path, "inverse_reading"))
        return Predicate(
            name,
            self.inverse(name, found, item, path),
            symmetric=symmetric,
            reading=reading,
            inverse_reading=reading if symmetric and not inverse_reading else inverse_reading,
            subject=self.texts(found.get("subject"), (*path, "subject")),
            object=self.texts(found.get("object"), (*path, "object")),
            between=self.pairs(found.get("between"), (*path, "between")),
            types_level=self.level(found.get("types_level"), (*path, "types_level")),
            subject_tags=self.tag_rule(found.get("subject_tags"), (*path, "subject_tags")),
            object_tags=self.tag_rule(found.get("object_tags"), (*path, "object_tags")),
            attributes=tuple(self.named(found.get("attributes"), (*path, "attributes"), self.field).values()),
            time=cast(
                "Literal['valid', 'none']", self.word(found.get("time"), (*path, "time"), ("valid", "none"), "valid")
            ),
            unique=unique,
            unique_level=unique_level,
            max_objects=self.limit(found.get("max_objects"), (*path, "max_objects")),
            max_subjects=self.limit(found.get("max_subjects"), (*path, "max_subjects")),
            irreflexive=self.switch(found.get("irreflexive"), (*path, "irreflexive"), default="error"),
            acyclic=self.switch(found.get("acyclic"), (*path, "acyclic"), default=None),
            sums=self.sums(found, path),
            implies=self.texts(found.get("implies"), (*path, "implies")),
            enabled=self.boolean(found.get("enabled"), (*path, "enabled"), default=True),
            internal=self.boolean(found.get("internal"), (*path, "internal")),
            copiable=self.copiable(found.get("copiable"), (*path, "copiable")),
            roles=self.roles(found.get("roles"), (*path, "roles")),
            order=self.name(found["order"], (*path, "order")) if "order" in found else None,
            description=self.description(found, path),
            was=self.was(found, path),
        )

    def derived(self, name: str, item: Item, path: Path) -> Derived:
        """Return a derived predicate."""
        found = self.keys(item, path, keys.DERIVED)

        def one(key: str) -> str | None:
            return self.name(found[key], (*path, key)) if key in found else None

        return Derived(
            name,
            self.inverse(name, found, item, path),
            over=one("over"),
            path=self.steps(found.get("path"), (*path, "path")),
            measure=one("measure"),
            attribute=one("attribute"),
            reading=self.words(found.get("reading"), (*path, "reading")),
            inverse_reading=self.words(found.get("inverse_reading"), (*path, "inverse_reading")),
            description=self.description(found, path),
            was=self.was(found, path),
        )

    def inverse(self, name: str, found: Mapping[str, Item], item: Item, path: Path) -> str:
        """Return the name from the other end; a symmetric one has its own name there."""
        symmetric = self.boolean(found.get("symmetric"), (*path, "symmetric")) if "symmetric" in found else False
        if "inverse" in found:
            inverse = self.name(found["inverse"], (*path, "inverse"))
            if symmetric and inverse != name:
                message = f"a symmetric predicate has one name, but '{inverse}' is not '{name}'"
                self.fault(found["inverse"], (*path, "inverse"), message, hint="leave inverse out")
                return name
            return inverse
        if symmetric:
            return name
        suggestion = suggested_inverse(name)
        self.fault(
            item,
            path,
            "it has no inverse, the name it is read by from the other end",
            hint=f"write `inverse: {suggestion}`, or `symmetric: true` if it reads the same from both ends",
        )
        return suggestion

    # The rules of a predicate

    def pairs(self, item: Item | None, path: Path) -> tuple[tuple[str, str], ...]:
        """Return allowed pairs of types."""
        found: list[tuple[str, str]] = []
        if item is None:
            return ()
        for each in item.sequence if item.sequence is not None else [item]:
            if each.sequence is None or len(each.sequence) != 2:
                self.fault(each, path, f"must be pairs of types such as [[Person, Company]], not {shown(each)}")
                continue
            subject, obj = (self.name(one, path) for one in each.sequence)
            found.append((subject, obj))
        return tuple(dict.fromkeys(found))

    def steps(self, item: Item | None, path: Path) -> tuple[str, ...]:
        """Return readings in their order; the same one may come again."""
        if item is None:
            return ()
        return tuple(self.name(one, path) for one in (item.sequence if item.sequence is not None else [item]))

    def tag_rule(self, item: Item | None, path: Path) -> TagRule | None:
        """Return which tags an end must and must not carry; a list alone is of those it must."""
        if item is None:
            return None
        if item.mapping is None:
            required = self.texts(item, path)
            return TagRule(all=required) if required else None
        found = self.keys(item, path, keys.TAG_RULE)
        rule = TagRule(
            all=self.texts(found.get("all"), (*path, "all")),
            none=self.texts(found.get("none"), (*path, "none")),
            level=self.level(found.get("level"), (*path, "level")),
        )
        return rule if rule.all or rule.none else None

    def limit(self, item: Item | None, path: Path) -> Limit | None:
        """Return a maximum, a number alone being an error to break."""
        if item is None:
            return None
        if item.mapping is None:
            return Limit(self.integer(item, path, least=1))
        found = self.keys(item, path, keys.LIMIT)
        if "max" not in found:
            self.fault(item, path, "the key 'max' is missing")
            return None
        return Limit(
            self.integer(found["max"], (*path, "max"), least=1), self.level(found.get("level"), (*path, "level"))
        )

    def unique(self, item: Item | None, path: Path) -> tuple[Literal["overlap", "pair", "none"], Level]:
        """Return when a pair may be related again, and the level of that rule."""
        level: Level = "error"
        if item is not None and item.mapping is not None:
            found = self.keys(item, path, keys.UNIQUE)
            level = self.level(found.get("level"), (*path, "level"))
            item, path = found.get("by"), (*path, "by")
        by = self.word(item, path, ("overlap", "pair", "none"), "overlap")
        return cast("Literal['overlap', 'pair', 'none']", by), level

    def sums(self, found: Mapping[str, Item], path: Path) -> tuple[SumRule, ...]:
        """Return the sums that are limited; one alone needs no list."""
        item = found.get("sum")
        if item is None:
            return ()
        fields = self.attribute_fields(found, path)
        path = (*path, "sum")
        rules = [self.sum(one, path, fields) for one in (item.sequence if item.sequence is not None else [item])]
        return tuple(rule for rule in rules if rule is not None)

    def attribute_fields(self, found: Mapping[str, Item], path: Path) -> dict[str, Field]:
        """Return the attributes again, without noting their faults twice."""
        quiet = Reader()
        quiet.type_names = self.type_names
        return quiet.named(found.get("attributes"), (*path, "attributes"), quiet.field)

    def sum(self, item: Item, path: Path, fields: Mapping[str, Field]) -> SumRule | None:
        """Return one limited sum."""
        found = self.keys(item, path, keys.SUM)
        missing = [key for key in ("attribute", "per", "max") if key not in found]
        if missing:
            if item.mapping is not None:
                self.fault(item, path, f"the key '{missing[0]}' is missing")
            return None
        attribute = self.name(found["attribute"], (*path, "attribute"))
        per = self.word(found["per"], (*path, "per"), ("subject", "object"), "object")
        level = self.level(found.get("level"), (*path, "level"))
        field = fields.get(attribute)
        if field is None or field.kind not in keys.NUMBERS or field.many:
            # the check of the whole vocabulary says so, with the attributes that there are
            return SumRule(attribute, cast("Literal['subject', 'object']", per), None, level)
        single = Field(field.name, kind=field.kind, scale=field.scale)
        maximum = self.value(single, found["max"], (*path, "max"))
        return SumRule(attribute, cast("Literal['subject', 'object']", per), maximum, level)

    def copiable(self, item: Item | None, path: Path) -> Literal["no", "subject", "object", "both"]:
        """Return at which end a clone takes the relation along; true is at both."""
        if item is None:
            return "no"
        match item.value:
            case "true" | True:
                return "both"
            case "false" | False:
                return "no"
            case _:
                word = self.word(item, path, ("subject", "object", "both", "no"), "no")
                return cast("Literal['no', 'subject', 'object', 'both']", word)

    def roles(self, item: Item | None, path: Path) -> dict[str, str]:
        """Return the attribute for each role; names alone are roles and attributes at once."""
        if item is None:
            return {}
        if item.mapping is None:
            return {one: one for one in self.texts(item, path)}
        return {role: self.name(below, (*path, role)) for role, below in item.mapping.items()}
