"""What people write by habit, and how it is said here: a catalog of patterns that are never right."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final


@dataclass(frozen=True, slots=True)
class Slip:
    """A pattern that is never right, what to say of it, and whether it counts only where the parser stopped."""

    about: str
    pattern: re.Pattern[str]
    message: str
    hint: str | Callable[[re.Match[str]], str]
    near: bool = False


def _slip(
    about: str, pattern: str, message: str, hint: str | Callable[[re.Match[str]], str], *, near: bool = False
) -> Slip:
    return Slip(about, re.compile(pattern, re.IGNORECASE), message, hint, near)


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


_NUMBERS: Final = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_OPERATORS: Final = {"==": "=", "===": "=", "=>": ">=", "=<": "<=", "&&": "and", "||": "or", "!==": "!=", "&": "and"}

SLIPS: Final[tuple[Slip, ...]] = (
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
        r"(?<=\bfind\s)\s*(\d+)\s+(?!(shortest|strongest|all|paths?)\b)[^\W\d]\w*",
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
        "and-first",
        r"\b(?:find|many)\s+[^\W\d]\w*(?:\s*\[[^\]]*\])?(?:\s+as\s+[^\W\d]\w*)?\s+(?P<at>and|but)\b",
        "'{0}' joins clauses, and none stands before it",
        "leave it out: find Company not owned_by us, or find Company where country is missing",
        near=True,
    ),
    _slip(
        "where-first",
        r"\b(?:as\s+of|during|known\s+at|group\s+by|show|having|order\s+by|limit|skip)\b[^()]*?(?P<at>\bwhere\b)",
        "'where' comes too late",
        "write it before the tails: find Company .. where .. as of .. show .. order by ..",
        near=True,
    ),
    _slip(
        "sets",
        r"(?<=[\w\]\"'”»])\s+(union|intersect|minus)\b",
        "'{0}' puts finds together that stand in parentheses",
        lambda m: f"write (find ..) {m[1].lower()} (find ..)",
        near=True,
    ),
    _slip(
        "not-entity",
        r"\bnot\s+(?:(?:us|me)\b(?!\.)|(?=[$@\"“„«]))",
        "'not' denies a clause, and no entity is one",
        "write (find ..) minus (find us), or name a predicate: not owned_by us",
        near=True,
    ),
    _slip(
        "which-paths",
        r"(?<=\bfind\s)\s*(\d+\s+)?paths?\s+(?=(from|to|via|between)\b)",
        "which paths are wanted is not said",
        "write find shortest path, find strongest paths .. prefer strength, or find all paths",
    ),
    _slip(
        "before",
        r"(?<=[\w\]])\s+(before|after)\b\s*(?=[\d$\"'“„«]|today\b)",
        "'{0}' is said otherwise",
        lambda m: f"write {'<' if m[1].lower() == 'before' else '>'} to compare",
        near=True,
    ),
    _slip(
        "list",
        r"\b(?:not\s+)?in\s*\[",
        "a list stands in parentheses",
        'write country in ("DE", "FR")',
    ),
    _slip(
        "null",
        r"(?:!=|<>|≠|=)\s*(?:null|none|nil|empty)\b",
        "'{0}' is said otherwise",
        lambda m: "write is missing" if m[0].startswith("=") else "write is present",
    ),
    _slip(
        "exists",
        r"\bexists\b(?=\s+[^\W\d])",
        "'{0}' is said otherwise",
        "write sector is present, or of a predicate: with supplied_by",
        near=True,
    ),
    _slip(
        "top",
        r"\boffset\s+(\d+)",
        "'{0}' is said otherwise",
        lambda m: f"write skip {m[1]}",
    ),
    _slip(
        "number",
        r"\b(?:at\s+least|at\s+most|exactly|(?:more|fewer|less)\s+than)\s+(" + "|".join(_NUMBERS) + r")\b",
        "numbers are written in digits",
        lambda m: f"write {_NUMBERS.index(m[1].lower()) + 1}",
    ),
    _slip(
        "how-many",
        r"\b(?:with|has)\s+(?:only\s+)?(\d+)\b",
        "'{0}' does not say whether more would do",
        lambda m: f"write exactly {m[1]}, at least {m[1]} or at most {m[1]}",
        near=True,
    ),
    _slip(
        "exponent",
        r"(?<![\w.])\d+(?:\.\d+)?e\+?1?\d\b",
        "'{0}' is not how numbers are written",
        lambda m: f"write {Decimal(m[0]):f}",
        near=True,
    ),
    _slip(
        "relations-of",
        r"(?<=\brelations\s)\s*(?:of|for)\b",
        "'{0}' is said otherwise",
        'write find relations with "ACME", or from .. to ..',
    ),
    _slip(
        "comma",
        r"\brelations\s+[^\W\d][\w\s|]*(?P<at>,)",
        "a comma joins no predicates here",
        "write '|' between them: find relations owns|controls",
        near=True,
    ),
    _slip(
        "named-rings",
        r"\bfind\s+cycles\b[^()]*?(?P<at>\bas\s+(?!of\b)[^\W\d]\w*)",
        "rings have no name",
        "show what they have: show hops, entities",
        near=True,
    ),
    _slip(
        "parameter",
        r"\b(?:find|many)\s+[^\W\d]\w*(?:\s*\[[^\]]*\])?\s+(?P<at>\$[^\W\d]\w*)",
        "a parameter stands without a type before it",
        "write find $name, or find Company where name = $name",
        near=True,
    ),
    _slip(
        "left-side",
        r"[\w.]+\s*[-+*/]\s*[\w.]+\s*(?=!=|<=|>=|<>|[=<>≤≥≠])",
        "'{0}' is computed on the left of a comparison",
        "what is computed stands on its right: size > 2 * degree, or in show",
        near=True,
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
