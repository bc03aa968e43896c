"""What people write by habit, and how it is said here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relgraph.query.problems import Problem, syntax
from relgraph.query.syntax import Span

if TYPE_CHECKING:
    from lark.exceptions import UnexpectedInput

    from relgraph.vocabulary.model import Vocabulary


def diagnose(text: str, failure: UnexpectedInput, vocabulary: Vocabulary | None) -> Problem:
    """Return the problem that stopped the parser."""
    at = getattr(failure, "pos_in_stream", None)
    start = len(text) if at is None or at < 0 else at
    return slip_near(text, (start, start + 1), vocabulary) or syntax(
        "form", "this does not fit here", (start, start + 1)
    )


def slip_near(text: str, span: Span, vocabulary: Vocabulary | None) -> Problem | None:
    """Return the known slip at or before that place, or None."""
    return None
