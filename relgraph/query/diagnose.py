"""Why the parser stopped: a known slip, a word that is no name, or what may stand there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from relgraph.query.problems import Problem, nearest, syntax, unknown
from relgraph.query.slips import QUOTED, WORD, known_names, masked_text, slip_near
from relgraph.query.syntax import Span
from relgraph.query.words import RESERVED, written_name

if TYPE_CHECKING:
    from lark.exceptions import UnexpectedInput

    from relgraph.vocabulary.model import Vocabulary

_GIVEN: Final = re.compile(r"\bas\s+([^\W\d]\w*)", re.IGNORECASE)
_LITERAL: Final = re.compile(
    r"\d[\d_.]*(?:k|M|bn)?\s?[A-Z]{3}\b|\b[A-Z]{3}(?=\s\d)|\d{4}-[Qq][1-4]\b|\d{4}-\d\d-\d\dT[\d:.Z]+"
)
_KEYWORDS: Final = RESERVED | {
    "how", "many", "shortest", "strongest", "all", "path", "paths", "is", "are", "at", "least", "most", "exactly",
    "more", "fewer", "less", "than", "last", "next", "present", "missing", "contains", "starts", "ends", "matches",
    "tag", "group", "order", "by", "of", "known", "time", "count", "sum", "avg", "min", "max", "median", "collect",
    "product", "first", "day", "days", "week", "weeks", "month", "months", "quarter", "quarters", "year", "years",
}  # fmt: skip


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


def _stranger(text: str, span: Span, vocabulary: Vocabulary) -> Problem | None:
    """Return the first word up to that place that is neither of the language nor of the vocabulary."""
    masked = masked_text(text)
    known = known_names(vocabulary)
    given = {one[1] for one in _GIVEN.finditer(masked)}
    masked = _LITERAL.sub(lambda found: " " * len(found[0]), masked)
    for word in WORD.finditer(masked):
        if word.start() >= span[1]:
            break
        if word[0] in known or word[0] in given or word[0].lower() in _KEYWORDS:
            continue
        near = nearest(word[0], known)
        return unknown("unknown-word", f"'{word[0]}' is no name of the vocabulary", word.span(), candidates=near)
    return None


# ----------------------------------------------------------------------------------------- brackets and quotes


def _unclosed(text: str, span: Span) -> Problem | None:
    masked = masked_text(text)
    if span[0] < len(text) and text[span[0]] in "\"'“„«`" and masked[span[0]] == text[span[0]]:
        rest = text[span[0] :].split("\n", 1)[0]
        if not QUOTED.match(text, span[0]):
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
    end = _CLAUSE_END.search(masked_text(text), span[1])
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
_FIXED_END: Final = re.compile(r"([\"'”»]|[@$]\w[\w:-]*|\b(?:me|us))\s*\Z")
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
    before = WORD.findall(masked_text(text)[: span[0]])
    last = before[-1] if before else ""
    if not text.strip() or (kind == "$END" and not before):
        return syntax("empty", "there is no question", (0, 1), hint="write find Company, for one")
    if kind == "$END":
        message = f"the question ends after '{last}', and more is needed" if last else "the question ends too early"
        return syntax("end", message, span, hint=hint)
    if kind == "COMMA":
        return syntax("comma", "a comma joins no clauses", span, hint="write 'and' between clauses")
    if kind == "NAME" and _FIXED_END.search(masked_text(text)[: span[0]]):
        hint = f"write 'and {text[span[0] : span[1]]} ..' to say more of the found thing"
        return syntax("forgotten-and", "a chain ends at an entity in quotes, a parameter, me or us", span, hint=hint)
    if kind == "AS" and _FIXED_END.search(masked_text(text)[: span[0]]):
        return syntax(
            "fixed-name", "an entity that is said has no other name", span, hint="say it again where it is meant"
        )
    if kind in {"WITH", "REL", "WHOSE"} and last:
        way = f"for {last} write {last}[..]; for the found one write 'and {text[span[0] : span[1]].lower()} ..'"
        return syntax("which-one", f"'{text[span[0] : span[1]]}' after {last} may be about either", span, hint=way)
    if kind in {"OP", "EQUAL"} and text[: span[0]].rstrip().endswith(("[", "(", ",")):
        said = text[span[0] : span[1]]
        return syntax("no-field", f"before '{said}' no field is named", span, hint=f"as in owns[share {said} ..]")
    if kind in {"OP", "EQUAL", "IN", "IS_MISSING", "IS_PRESENT", "TEXT_OP", "BETWEEN"} and len(before) > 1:
        owner = before[-2]
        brackets = f"{owner}[{written_name(last)} ..]"
        way = f"a test of {owner} stands in brackets: {brackets}; one of the found thing after 'and' or 'where'"
        return syntax("brackets", f"'{last}' is compared where a predicate is wanted", span, hint=way)
    said = text[span[0] : span[1]] or text[span[0] : span[0] + 1]
    return syntax("form", f"'{said}' cannot stand here", span, hint=hint)
