"""Schemas of marshmallow, derived from a vocabulary: for the borders where JSON comes in and goes out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from relgraph.errors import ValueProblem
from relgraph.vocabulary.dump import plain_value
from relgraph.vocabulary.fields import load, store
from relgraph.vocabulary.model import Field, Vocabulary
from relgraph.vocabulary.near import near

_BOUND = Field("date", "partial date")


class _Strict(Schema):
    """A schema that names what may have been meant by a key it does not have."""

    def handle_error(self, error: ValidationError, data: Any, *, many: bool, **_: Any) -> None:
        """Put the nearest known key beside each unknown one."""
        if many or not isinstance(error.messages, dict) or not isinstance(data, Mapping):
            return
        for key in data:
            if key not in self.fields and isinstance(key, str) and key in error.messages:
                meant = near(key, self.fields)
                if meant:
                    error.messages[key] = [f"Unknown field. Did you mean '{meant[0]}'?"]


class _Told(fields.Field[Any]):
    """A value as the vocabulary's own field takes it; what is loaded is what users see, such as a Percent."""

    def __init__(self, told: Field, **options: Any) -> None:
        super().__init__(**options)
        self.told = told

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        del attr, data, kwargs
        try:
            return load(self.told, store(self.told, value))
        except ValueProblem as problem:
            raise ValidationError(str(problem)) from None

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        del attr, obj, kwargs
        return None if value is None else plain_value(self.told, store(self.told, value))


# the second base tells an OpenAPI generator which JSON type this is
class _Text(_Told, fields.String):
    pass


class _Whole(_Told, fields.Integer):
    pass


class _Truth(_Told, fields.Boolean):
    pass


def value_field(field: Field) -> fields.Field[Any]:
    """Return the marshmallow field of one field or attribute of a vocabulary."""
    metadata = {"title": field.label.get("en") or field.label.get(""), "description": field.description}
    options: dict[str, Any] = {
        "required": field.required and field.default is None,
        "allow_none": not field.required,
        "metadata": {key: text for key, text in metadata.items() if text},
    }
    if field.choices:
        options["metadata"]["enum"] = list(field.choices)
    kind: type[_Told] = {"integer": _Whole, "boolean": _Truth}.get(field.kind, _Text)
    if not field.many:
        return kind(field, **options)
    single = Field(
        field.name,
        kind=field.kind,
        scale=field.scale,
        minimum=field.minimum,
        maximum=field.maximum,
        pattern=field.pattern,
        choices=field.choices,
    )
    return fields.List(kind(single), **options)


def fields_schema(vocabulary: Vocabulary, type_name: str) -> Schema:
    """Return the schema of the fields of a type, inherited ones included; raises KeyError for no such type."""
    return _schema(f"{type_name}Fields", vocabulary.fields(type_name).values())


def entity_schema(vocabulary: Vocabulary, type_name: str) -> Schema:
    """Return the schema of an entity of a type: ``id``, ``type``, ``fields``, ``tags`` and ``keys``.

    ``load`` gives values that a transaction takes and raises marshmallow's ``ValidationError`` with messages per
    field; ``load(data, partial=True)`` asks for no field. ``dump`` gives JSON. Raises KeyError for no such type.

    >>> from relgraph.vocabulary.load import vocabulary_from_text
    >>> some = vocabulary_from_text("types: {Company: {fields: {margin: percent}}}")
    >>> entity_schema(some, "Company").load({"fields": {"margin": "25%"}})["fields"]
    {'margin': Percent('25%')}
    """
    allowed = [
        name
        for name, tag in vocabulary.tags.items()
        if not tag.types or any(vocabulary.is_a(type_name, one) for one in tag.types)
    ]
    declared = vocabulary.fields(type_name)
    content = fields.Nested(fields_schema(vocabulary, type_name), required=_any_required(declared.values()))
    return _Strict.from_dict(
        {
            "id": fields.String(),
            "type": fields.String(validate=validate.Equal(type_name)),
            "fields": content,
            "tags": fields.List(fields.String(validate=validate.OneOf(allowed))),
            "keys": fields.Dict(keys=fields.String(), values=fields.String()),
        },
        name=type_name,
    )()


def relation_schema(vocabulary: Vocabulary, predicate: str) -> Schema:
    """Return the schema of a relation by either name of its predicate.

    It has ``id``, ``predicate``, ``subject`` and ``object`` (ids), ``since`` and ``until`` unless the predicate has
    no time, ``attributes``, ``source`` and ``confidence``. Raises KeyError for no such stored predicate.

    >>> from relgraph.vocabulary.load import vocabulary_from_text
    >>> some = vocabulary_from_text("predicates: {owns: {inverse: owned_by, attributes: {share: percent}}}")
    >>> schema = relation_schema(some, "owned_by")
    >>> schema.validate({"subject": "a", "object": "b", "attributes": {"share": "much"}})["attributes"].keys()
    dict_keys(['share'])
    """
    reading = vocabulary.readings[predicate]
    told = reading.predicate
    attributes = _schema(f"{told.name}Attributes", told.attributes)
    content: dict[str, fields.Field[Any]] = {
        "id": fields.String(),
        "predicate": fields.String(validate=validate.OneOf(sorted({told.name, told.inverse}))),
        "subject": fields.String(required=True),
        "object": fields.String(required=True),
    }
    if told.time == "valid":
        content["since"] = _Text(_BOUND, allow_none=True)
        content["until"] = _Text(_BOUND, allow_none=True)
    content["attributes"] = fields.Nested(attributes, required=_any_required(told.attributes))
    content["source"] = fields.String(allow_none=True)
    content["confidence"] = fields.Float(allow_none=True, validate=validate.Range(0, 1))
    return _Strict.from_dict(content, name=predicate)()


def _any_required(declared: Iterable[Field]) -> bool:
    return any(one.required and one.default is None for one in declared)


def _schema(name: str, declared: Iterable[Field]) -> Schema:
    return _Strict.from_dict({one.name: value_field(one) for one in declared}, name=name)()
