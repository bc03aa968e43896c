"""What people write by habit, and how it is said here."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from relgraph.query.problems import Problem, syntax, unknown
from relgraph.query.syntax import Span

if TYPE_CHECKING:
    from relgraph.vocabulary.model import Vocabulary

QUOTED: Final = re.compile(
    r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|“[^”\n]*”|„[^“”\n]*[“”]|«[^»\n]*»|`[^`\n]*`|--[^\n]*'
)
WORD: Final = re.compile(r"(?<![\w$@.])[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class _Slip:
    """A pattern that is never right, what to say of it, and whether it counts only where the parser stopped."""

    about: str
    pattern: re.Pattern[str]
    message: str
    hint: str | Callable[[re.Match[str]], str]
    near: bool = False


def _slip(
    about: str, pattern: str, message: str, hint: str | Callable[[re.Match[str]], str], *, near: bool = False
) -> _Slip:
    return _Slip(about, re.compile(pattern, re.IGNORECASE), message, hint, near)


def _turned_date(found: re.Match[str]) -> str:
    parts = re.split(r"[./-]", found[0])
    if len(parts[0]) == 4:
        return f"write {parts[0]}-{int(parts[1]):02}-{int(parts[2]):02}"
    first, second, year = int(parts[0]), int(parts[1]), parts[2]
    if first > 12:
        return f"write {year}-{second:02}-{first:02}"
    if second > 12 or first == second:
        return f"write {year}-{first:02}-{second:02}"
    return f"write {year}-{second:02}-{first:02} or {year}-{first:02}-{second:02}, year first"


_COMPARED: Final = re.compile(r"(\b(where|and|or|not|but)|[\[,(])\s*[^\W\d][\w.]*\s*\Z", re.IGNORECASE)


def _is(found: re.Match[str]) -> str:
    if _COMPARED.search(found.string[: found.start()]):
        return 'write = to compare, and text in quotes: = "DE"'
    return "find Company owned_by .., or find Company that is owned_by .."


_OPERATORS: Final = {"==": "=", "===": "=", "=>": ">=", "=<": "<=", "&&": "and", "||": "or", "!==": "!=", "&": "and"}

_SLIPS: Final = (
    _slip(
        "arrow",
        r"<?-{1,2}\[|\]-{1,2}>?|-{1,2}>|<-{1,2}",
        "there are no arrows",
        "the name of a predicate has its direction: owns, owned_by",
    ),
    _slip("operator", r"={2,3}|=>|=<|&&?|\|\||!==", "'{0}' is no word here", lambda m: f"write {_OPERATORS[m[0]]}"),
    _slip(
        "article",
        r"(?<=\bfind\s)\s*(?-i:(all|every|each|the|an?|some|any|me\s+all|me))\b(?=\s+[^\W\d])(?!\s+(paths?)\b)",
        "'{0}' is not needed",
        "find Company is every company",
    ),
    _slip("sort", r"\b(sort(ed)?|ordered)\s+(by|on)\b", "'{0}' is said otherwise", "write order by"),
    _slip(
        "sort",
        r"\b(order(?!\s+by\b)|orderby|sort)\b(?=\s+[^\W\d])",
        "'{0}' is said otherwise",
        "write order by",
        near=True,
    ),
    _slip("group", r"\bgrouped\s+(by|on)\b", "'{0}' is said otherwise", "write group by"),
    _slip(
        "group", r"\b(group(?!\s+by\b)|groupby)\b(?=\s+[^\W\d])", "'{0}' is said otherwise", "write group by", near=True
    ),
    _slip(
        "count",
        r"\bhow\s+many\s+((?:cycles|relations)\b|(?:(?:shortest|strongest|all)\s+)?paths?(?=\s+(?:from|to|via)\b))",
        "'how many' counts entities",
        lambda m: f"write find {'all paths' if m[1].lower() in ('path', 'paths') else m[1].lower()} .. show count()",
    ),
    _slip(
        "number",
        r"\b(limit|skip)\s+(?!per\b)[^\W\d]\w*",
        "'{0}' has no number",
        lambda m: f"write {m[1].lower()} 10, or a parameter: {m[1].lower()} $n",
        near=True,
    ),
    _slip(
        "number-first",
        r"(?<=\bfind\s)\s*(\d+)\s+(?!(shortest|strongest|all)\b)[^\W\d]\w*",
        "how many are wanted is said at the end",
        lambda m: f"write limit {m[1]} at the end, with order by",
        near=True,
    ),
    _slip(
        "name-alone",
        r"(?<=\bfind\s)\s*[\"'“„«]",
        "a name alone does not say of what type",
        'write find Company "ACME", or find anything where name = "ACME"',
    ),
    _slip(
        "id",
        r"(?<=[\w\]])\s+@(?=[\w\"])",
        "an id stands without its type",
        "write find @id, or name a predicate before it",
        near=True,
    ),
    _slip(
        "ever",
        r"(?<![\w.])ever\b",
        "'ever' stands in the brackets of a predicate",
        "write customer_of[ever], or as of any time for the whole question",
        near=True,
    ),
    _slip(
        "today",
        r"(?<![\w.])today\b",
        "'today' is compared with, and not computed with",
        "write it in a test: since < today - 90 days",
        near=True,
    ),
    _slip(
        "sets",
        r"(?<=\))\s*(union|intersect|minus)\b",
        "sets are put together two by two",
        lambda m: f"put the first two in parentheses: ((find ..) .. (find ..)) {m[1].lower()} (find ..)",
        near=True,
    ),
    _slip(
        "aggregate-test",
        r"\b(count|sum|avg|min|max|median|collect|product)\s*\([^()]*\)\s*(?:!=|<=|>=|<>|[=<>≤≥≠])",
        "'{0}' tests what is worked out of several",
        lambda m: (
            "write with more than 2 supplied_by, or group by .. having count(..) > 2"
            if m[1].lower() == "count"
            else f"write group by .. having {m[1].lower()}(..) > 2"
        ),
        near=True,
    ),
    _slip(
        "in-list",
        r"\b(not\s+)?in\s*(?=[\"'“„«])",
        "'{0}' takes a list or a period",
        'write country in ("DE", "FR"), or = for one value',
        near=True,
    ),
    _slip(
        "star",
        r"\bshow\s+\*|\bcount\s*\(\s*\*\s*\)",
        "'{0}' names no column",
        lambda m: (
            "write count()"
            if "count" in m[0].lower()
            else "leave 'show' out for the things themselves, or name the fields"
        ),
    ),
    _slip(
        "hops",
        r"\{\s*(\d+)\s*(?:-|,|:|\.{3,}|to)\s*(\d+)\s*\}",
        "'{0}' is no range of hops",
        lambda m: f"write {{{m[1]}..{m[2]}}}",
    ),
    _slip(
        "late-filter",
        r"(?<=[\"'”»])\s*\[|(?<=[+*}])\s*\[",
        "a filter stands right after the name it filters",
        "before the hops, as in owns[share > 50%]+; an entity in quotes has no filter",
    ),
    _slip(
        "decimal-comma",
        r"\b\d+,\d{1,2}(?!\d)\s?%?",
        "'{0}' has a comma",
        lambda m: f"decimals have a point: write {m[0].replace(',', '.')}",
        near=True,
    ),
    _slip(
        "thousands",
        r"\b\d{1,3}(,\d{3})+(\.\d+)?(?![\d,])",
        "'{0}' has commas",
        lambda m: f"write {m[0].replace(',', '')} or {m[0].replace(',', '_')}",
        near=True,
    ),
    _slip(
        "thousands",
        r"\b\d{1,3}(\.\d{3}){2,}(?![\d.])",
        "'{0}' has points for thousands",
        lambda m: f"write {m[0].replace('.', '')} or {m[0].replace('.', '_')}",
    ),
    _slip(
        "date",
        r"(?<![\d.])(\d{1,2}[./-]\d{1,2}[./-]\d{4}|\d{4}[./]\d{1,2}[./]\d{1,2}|\d{4}-(?:\d-\d{1,2}|\d{2}-\d))(?![\d.-])",
        "'{0}' is not how dates are written",
        _turned_date,
    ),
    _slip("currency", r"[€£¥]|\$(?=\s?\d)", "'{0}' is no currency here", "write the code: 9000 EUR"),
    _slip(
        "tense",
        r"\b(was|were|had|did|been)\b",
        "'{0}' moves no time",
        "say when: as of 2020-01-01, during 2020, or [ever] in the brackets of a predicate",
    ),
    _slip(
        "since",
        r"(?<![\w.])since\s+(\d{4}(?:-\d{2}(?:-\d{2})?)?)\b",
        "'{0}' has two meanings",
        lambda m: f"began then: [since >= {m[1]}]; held at some time since: during {m[1]} to today",
    ),
    _slip(
        "until",
        r"(?<![\w.])until\s+(\d{4}(?:-\d{2}(?:-\d{2})?)?)\b",
        "'{0}' has two meanings",
        lambda m: f"ended by then: [ever and until <= {m[1]}]; held before: as of a day",
    ),
    _slip(
        "and-names",
        r"[\"'”»]\s+and\s+[\"'“«]",
        "'and' does not join names",
        'for either one write "A" or "B"; for both repeat the predicate: p "A" and p "B"',
    ),
    _slip(
        "is",
        r"(?<!that\s)(?<!who\s)(?<!which\s)\b(is|are)\b(?=\s+[^\W\d]\w*)(?!\s+(present|missing|not|null|none|empty|unknown|set|given)\b)",
        "'{0}' is not needed",
        _is,
    ),
    _slip(
        "null",
        r"\bis\s+(not\s+)?(null|none|empty|unknown|set|given)\b",
        "'{0}' is said otherwise",
        lambda m: "write is present" if m[1] or m[2].lower() in {"set", "given"} else "write is missing",
    ),
    _slip(
        "like",
        r"\b(i?like)\b(?=\s*[\"'“«$])",
        "'{0}' is said otherwise",
        'write contains, starts with, or matches "A*"',
    ),
    _slip(
        "equals",
        r"(?<=[\w\]])\s+\b(is|equals?(\s+to)?)\b(?=\s*[\"'“«\d$])",
        "'{0}' is said otherwise",
        "write = to compare",
    ),
    _slip(
        "except",
        r"\b(except|excluding|other\s+than)\b",
        "'{0}' is said otherwise",
        "write 'and not ..' for what must not hold of it, or (find ..) minus (find ..)",
    ),
    _slip(
        "named",
        r"\b(named|called)\b(?=\s*[\"'“„«$])",
        "'{0}' is said otherwise",
        'write the name alone, as in find Company "ACME", or compare it: where name = "ACME"',
    ),
    _slip(
        "top",
        r"\b(top|first)\s+\d+\b|\bfetch\s+\d+\b",
        "'{0}' is said otherwise",
        "write limit 10 at the end, with order by",
    ),
    _slip(
        "language",
        r"^\s*(select|match|return|with|merge|create|delete|update|insert|drop|set)\b",
        "'{0}' is of another language",
        "questions begin with find, and can only read",
    ),
    _slip(
        "begin",
        r"^\s*(list|get|give\s+me|show\s+me|show|search|which|who|what|count|query|ask)\b",
        "a question does not begin with '{0}'",
        "write find Company .., or how many Company ..",
    ),
)


def slip_near(
    text: str, span: Span, vocabulary: Vocabulary | None, *, only: frozenset[str] | None = None
) -> Problem | None:
    """Return the first known slip up to that place, or None."""
    masked = masked_text(text)
    known = known_names(vocabulary) if vocabulary is not None else set()
    found = []
    for slip in _SLIPS:
        if only is not None and slip.about not in only:
            continue
        for match in slip.pattern.finditer(masked):
            if slip.near and match[0].strip() in known:
                continue
            begin = match.start() + len(match[0]) - len(match[0].lstrip())
            end = match.start() + len(match[0].rstrip())
            if begin > span[1] or (slip.near and not match.start() <= span[0] <= match.end()):
                continue
            hint = slip.hint if isinstance(slip.hint, str) else slip.hint(match)
            said = " ".join(text[begin:end].split())
            found.append(syntax(slip.about, slip.message.replace("{0}", said), (begin, end), hint=hint))
            if only is None:
                break
    if vocabulary is not None and (unjoined := _unjoined(masked, span, vocabulary)):
        found.append(unjoined)
    if only is not None:
        found = [one for one in found if one.span[0] < span[1] and span[0] < one.span[1]]
    return min(found, key=lambda one: one.span, default=None)


_RESEEN: Final = frozenset({"tense", "equals", "article", "date", "group", "is", "like", "named", "sort", "unjoined"})


def slip_behind(text: str, problems: list[Problem], vocabulary: Vocabulary) -> Problem | None:
    """Return the slip that made names unknown or kinds unlike, where the words themselves could be read."""
    for problem in problems:
        slip = slip_near(text, problem.span, vocabulary, only=_RESEEN)
        if slip is not None:
            return slip
    return None


def masked_text(text: str) -> str:
    """Return the text with what stands in quotes, backticks and comments blotted out, at the same length."""

    def blot(found: re.Match[str]) -> str:
        said = found[0]
        return " " * len(said) if said.startswith("--") else f"{said[0]}{chr(1) * (len(said) - 2)}{said[-1]}"

    return QUOTED.sub(blot, text)


def _unjoined(masked: str, span: Span, vocabulary: Vocabulary) -> Problem | None:
    known = known_names(vocabulary)
    words = list(WORD.finditer(masked))
    for one, other in pairwise(words):
        joined = f"{one[0]}_{other[0]}"
        between = masked[one.end() : other.start()]
        if one.start() <= span[1] and between.isspace() and joined in known and one[0] not in known:
            hint = f"the words of one name are joined: {joined}"
            place = (one.start(), other.end())
            return unknown("unjoined", f"'{one[0]} {other[0]}' is one name", place, hint=hint, candidates=(joined,))
    return None


def known_names(vocabulary: Vocabulary) -> set[str]:
    """Return every name that a question may use without introducing it."""
    fields = {field.name for one in vocabulary.types.values() for field in one.fields}
    attributes = {field.name for one in vocabulary.predicates.values() for field in one.attributes}
    built_in = {"id", "name", "type", "degree", "since", "until", "source", "confidence", "recorded_at", "recorded_by"}
    return {*vocabulary.names(), *fields, *attributes, *built_in, "predicate", "subject", "object"}
