"""What people write by habit, and how it is said here: from a parser that stopped to a message that helps."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from relgraph.query.problems import Problem, nearest, syntax, unknown
from relgraph.query.syntax import Span
from relgraph.query.words import RESERVED, written_name

if TYPE_CHECKING:
    from lark.exceptions import UnexpectedInput

    from relgraph.vocabulary.model import Vocabulary

_QUOTED: Final = re.compile(
    r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|“[^”\n]*”|„[^“”\n]*[“”]|«[^»\n]*»|`[^`\n]*`|--[^\n]*'
)
_WORD: Final = re.compile(r"(?<![\w$@.])[^\W\d]\w*")
_GIVEN: Final = re.compile(r"\bas\s+([^\W\d]\w*)", re.IGNORECASE)
_KEYWORDS: Final = RESERVED | {
    "how", "many", "shortest", "strongest", "all", "path", "paths", "is", "are", "at", "least", "most", "exactly",
    "more", "fewer", "less", "than", "last", "next", "present", "missing", "contains", "starts", "ends", "matches",
    "tag", "group", "order", "by", "of", "known", "time", "count", "sum", "avg", "min", "max", "median", "collect",
    "product", "first", "day", "days", "week", "weeks", "month", "months", "quarter", "quarters", "year", "years",
}  # fmt: skip


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
    _slip("group", r"\bgrouped\s+(by|on)\b", "'{0}' is said otherwise", "write group by"),
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
        "find Company owned_by .., or find Company that is owned_by ..",
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


def diagnose(text: str, failure: UnexpectedInput, vocabulary: Vocabulary | None) -> Problem:
    """Return the problem that stopped the parser: a known slip, a word that is no name, or what may stand there."""
    token = getattr(failure, "token", None)
    at = getattr(failure, "pos_in_stream", None)
    start = len(text.rstrip()) if at is None or at < 0 or (token is not None and token.type == "$END") else at
    end = start + len(token) if token is not None and token.type != "$END" else start + 1
    span = (start, end)
    return (
        _unclosed(text, span)
        or slip_near(text, span, vocabulary)
        or _mixed(text, span, failure)
        or (_stranger(text, span, vocabulary) if vocabulary is not None else None)
        or _placed(text, span, failure)
    )


def slip_near(
    text: str, span: Span, vocabulary: Vocabulary | None, *, only: frozenset[str] | None = None
) -> Problem | None:
    """Return the first known slip up to that place, or None."""
    masked = _masked(text)
    found = []
    for slip in _SLIPS:
        if only is not None and slip.about not in only:
            continue
        for match in slip.pattern.finditer(masked):
            begin = match.start() + len(match[0]) - len(match[0].lstrip())
            if begin > span[1] or (slip.near and not match.start() <= span[0] <= match.end()):
                continue
            hint = slip.hint if isinstance(slip.hint, str) else slip.hint(match)
            said = " ".join(text[begin : match.end()].split())
            found.append(syntax(slip.about, slip.message.replace("{0}", said), (begin, match.end()), hint=hint))
            if only is None:
                break
    if vocabulary is not None and (unjoined := _unjoined(masked, span, vocabulary)):
        found.append(unjoined)
    if only is not None:
        found = [one for one in found if one.span[0] < span[1] and span[0] < one.span[1]]
    return min(found, key=lambda one: one.span, default=None)


_RESEEN: Final = frozenset({"tense", "equals", "article", "date", "is", "like", "unjoined"})


def slip_behind(text: str, problems: list[Problem], vocabulary: Vocabulary) -> Problem | None:
    """Return the slip that made names unknown or kinds unlike, where the words themselves could be read."""
    for problem in problems:
        slip = slip_near(text, problem.span, vocabulary, only=_RESEEN)
        if slip is not None:
            return slip
    return None


def _masked(text: str) -> str:
    """Return the text with what stands in quotes, backticks and comments blotted out, at the same length."""

    def blot(found: re.Match[str]) -> str:
        said = found[0]
        return " " * len(said) if said.startswith("--") else f"{said[0]}{chr(1) * (len(said) - 2)}{said[-1]}"

    return _QUOTED.sub(blot, text)


def _unjoined(masked: str, span: Span, vocabulary: Vocabulary) -> Problem | None:
    known = _names(vocabulary)
    words = list(_WORD.finditer(masked))
    for one, other in pairwise(words):
        joined = f"{one[0]}_{other[0]}"
        between = masked[one.end() : other.start()]
        if one.start() <= span[1] and between.isspace() and joined in known and one[0] not in known:
            hint = f"the words of one name are joined: {joined}"
            place = (one.start(), other.end())
            return unknown("unjoined", f"'{one[0]} {other[0]}' is one name", place, hint=hint, candidates=(joined,))
    return None


def _names(vocabulary: Vocabulary) -> set[str]:
    fields = {field.name for one in vocabulary.types.values() for field in one.fields}
    attributes = {field.name for one in vocabulary.predicates.values() for field in one.attributes}
    built_in = {"id", "name", "type", "degree", "since", "until", "source", "confidence", "recorded_at", "recorded_by"}
    return {*vocabulary.names(), *fields, *attributes, *built_in, "predicate", "subject", "object"}


def _stranger(text: str, span: Span, vocabulary: Vocabulary) -> Problem | None:
    """Return the first word up to that place that is neither of the language nor of the vocabulary."""
    masked = _masked(text)
    known = _names(vocabulary)
    given = {one[1] for one in _GIVEN.finditer(masked)}
    for word in _WORD.finditer(masked):
        if word.start() >= span[1]:
            break
        if word[0] in known or word[0] in given or word[0].lower() in _KEYWORDS:
            continue
        near = nearest(word[0], known)
        return unknown("unknown-word", f"'{word[0]}' is no name of the vocabulary", word.span(), candidates=near)
    return None


# ----------------------------------------------------------------------------------------- brackets and quotes


def _unclosed(text: str, span: Span) -> Problem | None:
    masked = _masked(text)
    if span[0] < len(text) and text[span[0]] in "\"'“„«`" and masked[span[0]] == text[span[0]]:
        rest = text[span[0] :].split("\n", 1)[0]
        if not _QUOTED.match(text, span[0]):
            hint = 'close it on the same line; a quote inside is written \\"'
            return syntax("unclosed-quote", "the quote is not closed", (span[0], span[0] + len(rest)), hint=hint)
    pairs = {")": "(", "]": "[", "}": "{"}
    opened: list[int] = []
    for at, one in enumerate(masked):
        if one in "([{":
            opened.append(at)
        elif one in pairs:
            if not opened:
                return syntax("unopened", f"nothing opens this '{one}'", (at, at + 1), hint="leave it out")
            if masked[opened[-1]] != pairs[one]:
                message = f"'{masked[opened[-1]]}' is closed by '{one}'"
                return syntax("unclosed", message, (opened[-1], opened[-1] + 1))
            opened.pop()
    if opened and span[0] >= len(text.rstrip()):
        return syntax("unclosed", f"this '{masked[opened[-1]]}' is not closed", (opened[-1], opened[-1] + 1))
    return None


# ------------------------------------------------------------------------------------------------- and with or

_CLAUSE_END: Final = re.compile(
    r"[)\]]|\b(where|as\s+of|during|known\s+at|group\s+by|show|having|order\s+by|limit|skip)\b", re.IGNORECASE
)


def _mixed(text: str, span: Span, failure: UnexpectedInput) -> Problem | None:
    """Return the two readings of ``a and b or c``, where that is what stopped the parser."""
    token = getattr(failure, "token", None)
    said = {"AND": "and", "OR": "or"}.get(getattr(token, "type", ""))
    if said is None or not {"AND", "OR"} & (_accepted(failure) - {token.type}):  # type: ignore[union-attr]
        return None
    other = "or" if said == "and" else "and"
    items = _items(failure, text, span)
    end = _CLAUSE_END.search(_masked(text), span[1])
    rest = text[span[1] : end.start() if end else len(text)].strip()
    message = "'and' and 'or' at one level need parentheses"
    if len(items) < 2 or not rest:
        return syntax("mixed", message, span)
    head = f" {other} ".join(items[:-1])
    first = f"({head} {other} {items[-1]}) {said} {rest}"
    second = f"{head} {other} ({items[-1]} {said} {rest})"
    return syntax("mixed", message, span, hint=f"either {first}\n     or {second}")


def _items(failure: UnexpectedInput, text: str, span: Span) -> list[str]:
    """Return the texts of the parts that stand on the parser's stack, joined by the same word."""
    from lark import Token  # noqa: PLC0415 - loaded when a question was read

    parser = getattr(failure, "interactive_parser", None)
    if parser is None:
        return []
    flat: list[tuple[str, Span]] = []

    def flatten(value: object) -> None:
        if hasattr(value, "children"):
            for one in value.children:
                flatten(one)
        elif isinstance(value, Token):
            flat.append((value.type, (value.start_pos or 0, value.end_pos or 0)))
        elif (at := getattr(value, "span", None)) is not None:
            flat.append(("", at))
        elif isinstance(value, list):
            for one in value:
                flatten(one)

    for value in parser.parser_state.value_stack:
        flatten(value)
    groups: list[list[Span]] = [[]]
    for kind, at in reversed(flat):
        if kind in {"AND", "OR"}:
            groups.append([])
        elif kind and kind not in {
            "NOT",
            "NO",
            "WITHOUT",
            "WITH",
            "REL",
            "ONLY",
            "OPTIONALLY",
            "QUANT",
            "INT",
            "TIMES",
            "NAME",
        }:
            break
        else:
            groups[-1].append(at)
            # the first part is one node: what stands before it is the found one
            if len(groups) > 1 and not kind and len(groups[-1]) == 1 and len(groups) > _joints(flat):
                break
    spans = [(min(one[0] for one in group), max(one[1] for one in group)) for group in groups if group]
    return [text[first:last] for first, last in reversed(spans) if last <= span[0]]


def _joints(flat: list[tuple[str, Span]]) -> int:
    return sum(kind in {"AND", "OR"} for kind, _ in flat)


# ------------------------------------------------------------------------------------------------ what may stand

_SAID: Final = {
    "NAME": "a name",
    "STRING": "a text in quotes",
    "INT": "a number",
    "DECIMAL": "",
    "PERCENT": "",
    "MONEY": "",
    "DATE": "a date",
    "DATETIME": "",
    "MONTH": "",
    "QUARTER": "",
    "PARAM": "$parameter",
    "ID": "@id",
    "OP": "a comparison such as =, <, >=",
    "EQUAL": "",
    "LSQB": "a filter in [ ]",
    "LBRACE": "a range such as {1..3}",
    "LPAR": "(",
    "RPAR": ")",
    "RSQB": "]",
    "RBRACE": "}",
    "COMMA": ",",
    "DOT": "",
    "VBAR": "|",
    "PLUS": "+",
    "STAR": "*",
    "MINUS": "minus",
    "SLASH": "",
    "SEMICOLON": "",
    "$END": "the end",
    "REL": "that",
    "QUANT": "at least",
    "AGG": "count( )",
    "OR_NAME": "or",
    "PATHS": "shortest paths",
    "TEXT_OP": "contains",
    "IN_LAST": "in last",
    "UNIT": "days",
    "AND": "and",
    "WITH": "with",
}
_FIRST: Final = ("NAME", "STRING", "AND", "OR", "INT", "DATE", "$END", "LPAR", "RPAR", "RSQB", "RBRACE", "COMMA")


def terminal_words(terminals: set[str]) -> list[str]:
    """Return what may stand somewhere, in plain words, likeliest first."""
    ordered = [one for one in _FIRST if one in terminals] + sorted(terminals.difference(_FIRST))
    said = (_SAID.get(one, one.lower().replace("_", " ")) for one in ordered if not one.startswith("__"))
    return list(dict.fromkeys(one for one in said if one))


def _accepted(failure: UnexpectedInput) -> set[str]:
    parser = getattr(failure, "interactive_parser", None)
    if parser is not None:
        return set(parser.accepts())
    return set(getattr(failure, "allowed", None) or getattr(failure, "expected", None) or ())


def _placed(text: str, span: Span, failure: UnexpectedInput) -> Problem:
    token = getattr(failure, "token", None)
    kind = token.type if token is not None else ""
    accepted = _accepted(failure)
    possible = terminal_words(accepted)
    hint = f"here may stand: {', '.join(possible[:9])}" if possible else None
    before = _WORD.findall(_masked(text)[: span[0]])
    last = before[-1] if before else ""
    if not text.strip() or (kind == "$END" and not before):
        return syntax("empty", "there is no question", (0, 1), hint="write find Company, for one")
    if kind == "$END":
        message = f"the question ends after '{last}', and more is needed" if last else "the question ends too early"
        return syntax("end", message, span, hint=hint)
    if kind == "COMMA":
        return syntax("comma", "a comma joins no clauses", span, hint="write 'and' between clauses")
    if kind in {"WITH", "REL", "WHOSE"} and last:
        way = f"for {last} write {last}[..]; for the found one write 'and {text[span[0] : span[1]].lower()} ..'"
        return syntax("which-one", f"'{text[span[0] : span[1]]}' after {last} may be about either", span, hint=way)
    if kind in {"OP", "EQUAL", "IN", "IS_MISSING", "IS_PRESENT", "TEXT_OP", "BETWEEN"} and len(before) > 1:
        owner = before[-2]
        brackets = f"{owner}[{written_name(last)} ..]"
        way = f"a test of {owner} stands in brackets: {brackets}; one of the found thing after 'and' or 'where'"
        return syntax("brackets", f"'{last}' is compared where a predicate is wanted", span, hint=way)
    said = text[span[0] : span[1]] or text[span[0] : span[0] + 1]
    return syntax("form", f"'{said}' cannot stand here", span, hint=hint)
