"""From text to the unbound question, or to an error that says where, what and how it may be said."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from relgraph.query import syntax as s
from relgraph.query.problems import Problem, Refused, error_of, syntax, too_much
from relgraph.query.walk import depth, longest_chain
from relgraph.query.words import reserved

if TYPE_CHECKING:
    from lark import Lark, Token

    from relgraph.errors import QueryError
    from relgraph.vocabulary.model import Vocabulary

MAX_BYTES: Final = 10_000
MAX_NESTING: Final = 50
MAX_DEPTH: Final = 250
MAX_STEPS: Final = 12

# what may hold brackets that do not count, then brackets
_SCAN: Final = re.compile(
    r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|“[^”\n]*”|„[^“”\n]*[“”]|«[^»\n]*»|`[^`\n]*`|--[^\n]*|[(\[{]|[)\]}]'
)


@cache
def grammar(*, debug: bool = False) -> Lark:
    """Return the parser of the grammar, made when first asked for: from its tables, or anew where those are others'.

    ``debug`` makes it anew and logs its conflicts, of which it has none.
    """
    from relgraph.query import tables  # noqa: PLC0415 - loaded when a question is first read
    from relgraph.query.build import Builder  # noqa: PLC0415 - the same

    text = tables.grammar_text()
    more = {"transformer": Builder(), "lexer_callbacks": {"NAME": _checked_name}}
    made = None if debug else tables.loaded(text, tables.shipped(), **more)
    return made or tables.built(text, debug=debug, **more)


def _checked_name(token: Token) -> Token:
    if reserved(token):
        span = (token.start_pos or 0, token.end_pos or 0)
        hint = f"as a name it stands in backticks: `{token}`"
        raise Refused(syntax("reserved", f"'{token}' is a word of the language and cannot stand here", span, hint=hint))
    return token


def parse(text: str, /, vocabulary: Vocabulary | None = None) -> s.Query:
    """Return the unbound question that a text says.

    QuerySyntaxError says what is wrong, QueryLimitError which limit is passed; both carry ``details`` with ``line``,
    ``column``, ``span`` and ``text``. With a vocabulary, the error looks for the first word that is none of its
    names.

    >>> str(parse('find Company that supplies "ACME"'))
    'find Company supplies "ACME"'
    """
    _limit(text)
    from lark.exceptions import UnexpectedInput  # noqa: PLC0415 - loaded when a question is first read

    try:
        query: s.Query = grammar().parse(text)  # type: ignore[assignment]
    except Refused as refused:
        raise error_of(text, [_at_best(text, refused.problem, vocabulary)]) from None
    except UnexpectedInput as failure:
        from relgraph.query.diagnose import diagnose  # noqa: PLC0415 - loaded when a question is wrong

        raise error_of(text, [diagnose(text, failure, vocabulary)]) from None
    _limit_tree(text, query)
    return query


def checked(query: s.Query) -> s.Query:
    """Return a question built by a program as its own text reads: what text cannot say is no question.

    So a name that would be read as something else, or a part where none may stand, is refused by QuerySyntaxError.
    """
    text = str(query)
    again = parse(text)
    if again != query:
        message = "the question does not say what its parts say"
        hint = "a name or a part in it cannot be written: names are words, composed as Unicode's NFC has them"
        raise error_of(text, [syntax("unsayable", message, s.NOWHERE, hint=hint)])
    return again


def _at_best(text: str, problem: Problem, vocabulary: Vocabulary | None) -> Problem:
    if problem.about != "reserved":
        return problem
    from relgraph.query.slips import slip_near  # noqa: PLC0415 - loaded when a question is wrong

    return slip_near(text, problem.span, vocabulary) or problem


def _limit(text: str) -> None:
    """Refuse what is too large before anything looks at its structure."""
    if _too_large(text):
        raise _size_error(text, f"the question is larger than {MAX_BYTES:,} bytes")
    level = 0
    for found in _SCAN.finditer(text):
        if found[0] in "([{":
            level += 1
            if level > MAX_NESTING:
                message = f"brackets are nested more than {MAX_NESTING} deep"
                raise error_of(text, [too_much("nesting", message, found.span())])
        elif found[0] in ")]}":
            level -= 1
    for at, one in enumerate(text):
        if "\ud800" <= one <= "\udfff":
            raise error_of(
                text.encode("utf-8", "replace").decode(),
                [syntax("surrogate", "half a character is no text", (at, at + 1))],
            )


def _too_large(text: str) -> bool:
    return len(text) > MAX_BYTES or len(text.encode("utf-8", "replace")) > MAX_BYTES


def _size_error(text: str, message: str) -> QueryError:
    kept = text[:MAX_BYTES]
    hint = "give long lists as a parameter: in $names"
    return error_of(kept, [too_much("size", message, (len(kept) - 1, len(kept)), hint=hint)])


def limit_written(text: str, written: str) -> None:
    """Refuse a question that is too large as it is written out: what an answer says was asked, may be asked again."""
    if _too_large(written):
        size = len(written.encode("utf-8", "replace"))
        message = f"the question is larger than {MAX_BYTES:,} bytes as it is written out: it has {size:,} then"
        raise _size_error(text, message)


def _limit_tree(text: str, query: s.Query) -> None:
    if depth(query) > MAX_DEPTH:
        message = f"the question is nested too deep: more than {MAX_DEPTH} levels"
        raise error_of(text, [too_much("nesting", message, query.span)])
    chain = longest_chain(query)
    if len(chain.links) > MAX_STEPS:
        message = f"a chain of {len(chain.links)} steps: at most {MAX_STEPS}"
        hint = "a hop range such as knows{1..20}, or a derived predicate, says many steps at once"
        raise error_of(text, [too_much("steps", message, chain.span, hint=hint)])
