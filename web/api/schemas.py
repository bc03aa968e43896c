"""What the API takes and gives, as marshmallow schemas: they check requests and describe the API."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

_ID = fields.String(metadata={"description": "An id is any text; in an address, ~2F stands for a slash in it."})


class Strict(Schema):
    """A schema that refuses what it does not know."""

    class Meta:
        """Unknown names are mistakes."""

        unknown = RAISE


def _text(most: int, **options: Any) -> fields.String:
    return fields.String(validate=validate.Length(min=1, max=most), **options)


class _Number(fields.Float):
    """A number that is written as one, not as text."""

    def _validated(self, value: Any) -> float:
        if isinstance(value, (str, bytes)):
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


class When(Strict):
    """The day and time that a reading is for."""

    as_of = _text(
        40,
        metadata={"format": "date", "description": "The day that is asked for, such as 2024-05-31; today without it."},
    )
    known_at = _text(
        60, metadata={"format": "date-time", "description": "What was believed at this time, with its zone."}
    )


class Paged(When):
    """A list that is read page by page."""

    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=1000))
    cursor = _text(4000, metadata={"description": "The ``next`` of the page before."})


class EntitiesQuery(Paged):
    """Which entities."""

    type = _text(200, metadata={"description": "A type; its subtypes are included."})


class RelationsQuery(Paged):
    """Which relations."""

    predicate = _text(200, metadata={"description": "A predicate by either name; the ends are those of that reading."})
    subject = _text(1000)
    object = _text(1000)
    ever = fields.Boolean(load_default=False, metadata={"description": "Also those that hold on another day."})


class RelatedQuery(Paged):
    """Which relations of an entity."""

    predicate = _text(200)
    ever = fields.Boolean(load_default=False)


class SearchQuery(When):
    """What is looked for."""

    q = fields.String(required=True, validate=validate.Length(max=500))
    types = fields.List(_text(200), load_default=list)
    limit = fields.Integer(load_default=10, validate=validate.Range(min=1, max=50))


class HistoryQuery(Strict):
    """Which changes."""

    after = _text(200, metadata={"description": "A transaction, by id or number."})
    cursor = _text(400, metadata={"description": "The ``next`` of the page before."})
    actor = _text(200)
    batch = _text(500)
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=1000))


class Key(Strict):
    """An external key."""

    source = _text(500, required=True)
    key = _text(1000, required=True)


class End(Schema):
    """An end of a relation."""

    id = fields.String()
    type = fields.String()
    name = fields.String()


class Entity(Schema):
    """An entity."""

    id = _ID
    type = fields.String()
    name = fields.String()
    tags = fields.List(fields.String())
    keys = fields.List(fields.Nested(Key))
    fields_ = fields.Dict(keys=fields.String(), data_key="fields", attribute="fields")
    version = fields.String()


class Source(Schema):
    """Who states a relation."""

    source = fields.String()
    key = fields.String()


class Relation(Schema):
    """A relation, subject to object."""

    id = fields.String()
    predicate = fields.String()
    subject = fields.Nested(End)
    object = fields.Nested(End)
    since = fields.String(allow_none=True)
    until = fields.String(allow_none=True)
    attributes = fields.Dict(keys=fields.String())
    sources = fields.List(fields.Nested(Source))
    confidence = fields.Float(allow_none=True)
    recorded_at = fields.String(allow_none=True)
    recorded_by = fields.String(allow_none=True)
    version = fields.String()


class Related(Schema):
    """A relation as it is read from one end."""

    reading = fields.String()
    words = fields.String()
    entity = fields.Nested(End)
    relation = fields.Nested(Relation)


class EntityPage(Schema):
    """A page of entities."""

    items = fields.List(fields.Nested(Entity))
    next = fields.String(allow_none=True)


class RelationPage(Schema):
    """A page of relations."""

    items = fields.List(fields.Nested(Relation))
    next = fields.String(allow_none=True)


class RelatedPage(Schema):
    """A page of the relations of an entity."""

    items = fields.List(fields.Nested(Related))
    total = fields.Integer()
    next = fields.String(allow_none=True)


class Changes(Schema):
    """Changes, oldest first."""

    items = fields.List(fields.Dict())
    next = fields.String(allow_none=True)


class NewEntity(Strict):
    """An entity to be added."""

    type = _text(200, required=True)
    id = _text(1000)
    fields_ = fields.Dict(keys=fields.String(), load_default=dict, data_key="fields")
    tags = fields.List(_text(200), load_default=list)
    keys = fields.List(fields.Nested(Key), load_default=list)
    reason = _text(1000)


class EntityChange(Strict):
    """What is to change of an entity; a field that is null is taken away."""

    type = _text(200)
    fields_ = fields.Dict(keys=fields.String(), load_default=dict, data_key="fields")
    tags = fields.List(_text(200), metadata={"description": "All tags it is to have."})
    reason = _text(1000)


class NewRelation(Strict):
    """A relation to be added; the predicate may be given by either name."""

    predicate = _text(200, required=True)
    subject = _text(1000, required=True)
    object = _text(1000, required=True)
    id = _text(1000)
    since = fields.String(allow_none=True)
    until = fields.String(allow_none=True)
    attributes = fields.Dict(keys=fields.String(), load_default=dict)
    source = _text(500)
    confidence = _Number(validate=validate.Range(min=0, max=1))
    reason = _text(1000)


class RelationChange(Strict):
    """What is to change of a relation; an attribute that is null is taken away."""

    since = fields.String(allow_none=True)
    until = fields.String(allow_none=True)
    attributes = fields.Dict(keys=fields.String(), load_default=dict)
    source = _text(500)
    confidence = _Number(allow_none=True, validate=validate.Range(min=0, max=1))
    reason = _text(1000)


class Ending(Strict):
    """The first day on which a relation no longer holds."""

    on = _text(40, required=True)
    reason = _text(1000)


class Merging(Strict):
    """The entity that is merged into the one of the address."""

    other = _text(1000, required=True)
    reason = _text(1000)


class Question(When):
    """A question, with its parameters."""

    text = fields.String(required=True, validate=validate.Length(max=20_000))
    parameters = fields.Dict(keys=fields.String(), load_default=dict)
    limit = fields.Integer(strict=True, validate=validate.Range(min=1, max=10_000))


class Answer(Schema):
    """The rows of a question."""

    columns = fields.List(fields.String())
    rows = fields.List(fields.List(fields.Raw(allow_none=True)))
    truncated = fields.Boolean()
    notes = fields.List(fields.String())
    milliseconds = fields.Float()


class Choice(Schema):
    """A value that a parameter may have, and the words for it."""

    value = fields.String()
    words = fields.String()


class Parameter(Schema):
    """A parameter of a question; ``choices`` are all that it may be, none where anything of its kind goes."""

    name = fields.String()
    choices = fields.List(fields.Nested(Choice))


class Explained(Schema):
    """What a question means, how it is answered, and its parameters."""

    text = fields.String()
    parameters = fields.List(fields.Nested(Parameter))


class Written(Strict):
    """The text of a question."""

    text = fields.String(required=True, validate=validate.Length(max=20_000))


class Cursor(Written):
    """The text of a question and a place in it."""

    cursor = fields.Integer(required=True, strict=True, validate=validate.Range(min=0, max=20_000))


class Completions(Schema):
    """What may be written next."""

    items = fields.List(fields.Dict())


class VocabularyText(Strict):
    """A vocabulary as YAML."""

    yaml = _text(1_000_000, required=True)


class VocabularyChange(VocabularyText):
    """A vocabulary as YAML, and what is to happen to data that breaks it."""

    policy = fields.String(load_default="refuse", validate=validate.OneOf(["refuse", "keep", "end", "remove"]))


class Planned(Schema):
    """What a vocabulary would change."""

    changes = fields.List(fields.String())
    problems = fields.List(fields.Dict())
    text = fields.String()


class Undoing(Strict):
    """A transaction or a batch that is to be taken back."""

    transaction = _text(500, required=True)
    reason = _text(1000)


class Problem(Schema):
    """What went wrong (RFC 9457)."""

    type = fields.String()
    title = fields.String()
    status = fields.Integer()
    detail = fields.String()
    code = fields.String()
    hint = fields.String(allow_none=True)
    candidates = fields.List(fields.String())
    details = fields.Dict()
