"""A relationship engine: typed predicates, rules, time and questions over the network of a company.

>>> import relgraph
>>> words = relgraph.vocabulary(
...     relgraph.entity_type("Company", fields={"name": {"type": "text", "required": True}}),
...     relgraph.predicate("owns", inverse="owned_by", attributes={"share": "percent"}),
... )
>>> with relgraph.open(vocabulary=words) as graph:
...     acme, bolt = graph.add("Company", name="ACME"), graph.add("Company", name="Bolt")
...     stake = graph.relate(acme, "owns", bolt, share="60%", since="2021-03")
...     [(one.predicate, one.entity.name, str(one.relation["share"])) for one in graph.related(bolt)]
[('owned_by', 'ACME', '60%')]
"""

from typing import TYPE_CHECKING, Any

from relgraph.engines.base import Capability, Finding
from relgraph.errors import (
    AmbiguousName,
    AuthenticationFailed,
    Cancelled,
    CapabilityError,
    CardinalityError,
    ConflictError,
    CycleError,
    DisabledPredicateError,
    DuplicateRelationError,
    FieldError,
    FrozenError,
    InUseError,
    LoadError,
    NotFound,
    PeriodError,
    QueryError,
    QueryLimitError,
    QueryNameError,
    QuerySyntaxError,
    QueryTimeout,
    QueryTypeError,
    ReadOnlyError,
    RelgraphError,
    RequiredFieldError,
    RuleError,
    RuleErrors,
    SelfRelationError,
    SourceConflictError,
    StoreError,
    StoreFormatError,
    StoreFull,
    StoreLocked,
    StoreUnavailable,
    SumError,
    TagRuleError,
    TypeRuleError,
    UndoError,
    UniqueFieldError,
    ValueProblem,
    VocabularyError,
    VocabularyErrors,
)
from relgraph.exchange import copy
from relgraph.graph import Graph
from relgraph.model.changes import Change, Difference, Event
from relgraph.model.entity import (
    Entity,
    EntityRef,
    Link,
    Neighbor,
    Path,
    Related,
    RelatedGroup,
    Relation,
    Source,
    Surroundings,
)
from relgraph.model.transaction import Transaction
from relgraph.opening import introspect
from relgraph.opening import open_graph as open  # noqa: A004 - relgraph.open, as in the standard library's modules
from relgraph.values import Interval, Money, PartialDate, Percent
from relgraph.view import View
from relgraph.vocabulary.define import derived, entity_type, predicate, tag, vocabulary
from relgraph.vocabulary.model import Vocabulary

if TYPE_CHECKING:
    from relgraph.query.fluent import (
        agg,
        anything,
        attr,
        cycles,
        entity,
        every,
        find,
        flag,
        how_many,
        me,
        param,
        path,
        rel,
        relations,
        text,
        the,
        today,
        us,
    )
    from relgraph.query.parse import parse
    from relgraph.result import Result, Row

__version__ = "0.1.0"

_LATER = {
    **dict.fromkeys(
        (
            *("agg", "anything", "attr", "cycles", "entity", "every", "find", "flag", "how_many", "me", "param"),
            *("path", "rel", "relations", "text", "the", "today", "us"),
        ),
        "relgraph.query.fluent",
    ),
    "parse": "relgraph.query.parse",
    "Result": "relgraph.result",
    "Row": "relgraph.result",
}
"""Names of the query language, and the module of each: loaded when first used, so that importing stays quick."""


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module 'relgraph' has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - only for names that are loaded later

    value = getattr(import_module(_LATER[name]), name)
    globals()[name] = value
    return value


__all__ = [
    "AmbiguousName",
    "AuthenticationFailed",
    "Cancelled",
    "Capability",
    "CapabilityError",
    "CardinalityError",
    "Change",
    "ConflictError",
    "CycleError",
    "Difference",
    "DisabledPredicateError",
    "DuplicateRelationError",
    "Entity",
    "EntityRef",
    "Event",
    "FieldError",
    "Finding",
    "FrozenError",
    "Graph",
    "InUseError",
    "Interval",
    "Link",
    "LoadError",
    "Money",
    "Neighbor",
    "NotFound",
    "PartialDate",
    "Path",
    "Percent",
    "PeriodError",
    "QueryError",
    "QueryLimitError",
    "QueryNameError",
    "QuerySyntaxError",
    "QueryTimeout",
    "QueryTypeError",
    "ReadOnlyError",
    "Related",
    "RelatedGroup",
    "Relation",
    "RelgraphError",
    "RequiredFieldError",
    "Result",
    "Row",
    "RuleError",
    "RuleErrors",
    "SelfRelationError",
    "Source",
    "SourceConflictError",
    "StoreError",
    "StoreFormatError",
    "StoreFull",
    "StoreLocked",
    "StoreUnavailable",
    "SumError",
    "Surroundings",
    "TagRuleError",
    "Transaction",
    "TypeRuleError",
    "UndoError",
    "UniqueFieldError",
    "ValueProblem",
    "View",
    "Vocabulary",
    "VocabularyError",
    "VocabularyErrors",
    "agg",
    "anything",
    "attr",
    "copy",
    "cycles",
    "derived",
    "entity",
    "entity_type",
    "every",
    "find",
    "flag",
    "how_many",
    "introspect",
    "me",
    "open",
    "param",
    "parse",
    "path",
    "predicate",
    "rel",
    "relations",
    "tag",
    "text",
    "the",
    "today",
    "us",
    "vocabulary",
]
