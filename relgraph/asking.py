"""Asking: the methods of a view that take a question; what answers it is loaded with the first one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import date
from time import perf_counter
from typing import TYPE_CHECKING, Final

from relgraph.codes import COUNTRIES
from relgraph.engines.base import Reader, Store
from relgraph.errors import NotFound
from relgraph.folding import fold
from relgraph.vocabulary.model import Vocabulary

if TYPE_CHECKING:
    # importing the library loads no arrays
    from relgraph.answering import Asking, Bound
    from relgraph.explaining import Explanation, Profile
    from relgraph.query.complete import Completion
    from relgraph.result import Result

Said = str | tuple[str, str]
"""An id, or an external key as (source, key)."""
SECONDS: Final = 60.0
"""How long a question may take, unless its caller says otherwise."""


class Prepared:
    """A question checked once and run often, with other parameters each time.

    Called with its parameters by name, or by :meth:`run`.
    """

    def __init__(self, view: Questions, question: object) -> None:
        self._view = view
        self._question = question
        self._bound: tuple[Vocabulary, Bound] | None = None

    @property
    def text(self) -> str:
        """The canonical text."""
        return self._for(self._view.vocabulary).query.text

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the parameters."""
        bound = self._for(self._view.vocabulary)
        return tuple(dict.fromkeys(one.name for one in bound.query.parameters))

    def choices(self, parameter: str, /) -> dict[str, str]:
        """Return what a parameter may be, each value with its words; empty where its field declares no choices.

        Of a country they are the codes with English names, and a name may be given as well. Where the same name stands
        at several places, what all of them take. NotFound where the question has no such parameter.

        >>> from relgraph import Vocabulary, open
        >>> graph = open(vocabulary=Vocabulary.from_dict({"types": {"Firm": {"fields": {"land": "country"}}}}))
        >>> graph.prepare("find Firm where land = $land").choices("land")["DE"]
        'Germany'
        """
        bound = self._for(self._view.vocabulary)
        places = [one for one in bound.query.parameters if one.name == parameter]
        if not places:
            raise NotFound(f"the question has no parameter {parameter!r}", candidates=self.parameters)
        declared = [
            dict(sorted(COUNTRIES.items(), key=lambda one: fold(one[1])))
            if one.country
            else {value: value for value in one.choices}
            for one in places
        ]
        first, *others = [one for one in declared if one] or [{}]
        return {value: words for value, words in first.items() if all(value in one for one in others)}

    def check(self) -> None:
        """Raise what is wrong with the question; parameters are not looked at."""
        self._for(self._view.vocabulary)

    def _for(self, vocabulary: Vocabulary) -> Bound:
        # a vocabulary that changed since may give the text another meaning
        if self._bound is None or self._bound[0] is not vocabulary:
            from relgraph.answering import bound_question  # noqa: PLC0415 - loaded when something is asked

            self._bound = (vocabulary, bound_question(self._question, vocabulary))
        return self._bound[1]

    def run(
        self,
        *,
        params: Mapping[str, object] | None = None,
        limit: int | None = None,
        timeout: float | None = SECONDS,
        cancelled: Callable[[], bool] | None = None,
        **parameters: object,
    ) -> Result:
        """Return the answer; see :meth:`relgraph.View.query`."""
        asking = _asking(self._view, limit, timeout, cancelled)
        return asking.ask(self._for, {**(params or {}), **parameters})

    __call__ = run


class Questions(ABC):
    """What a view answers: the methods that take a question."""

    me: Said | None = None
    """Who ``me`` is in a question: an id, or an external key as (source, key)."""
    us: tuple[Said, ...] = ()
    """Who ``us`` are in a question."""
    _store: Store
    _known: int | None

    @property
    @abstractmethod
    def vocabulary(self) -> Vocabulary:
        """Today's vocabulary, a value."""

    @property
    @abstractmethod
    def day(self) -> date:
        """The day that questions are asked for."""

    @abstractmethod
    def _reading(self) -> AbstractContextManager[Reader]: ...

    def query(
        self,
        question: object,
        /,
        *,
        params: Mapping[str, object] | None = None,
        limit: int | None = None,
        timeout: float | None = SECONDS,
        cancelled: Callable[[], bool] | None = None,
        **parameters: object,
    ) -> Result:
        """Return the answer to a question: a text, or one built in Python.

        ``parameters`` are the values of ``$names`` in it (``params`` takes those whose name is an option here): an
        entity may be an Entity, an id, a name, or a list of them. ``limit`` is how many rows to give at most where the
        question has no ``limit`` (1,000 unless given), ``timeout`` in seconds (None: as long as it takes);
        ``cancelled`` is asked now and then and stops the question when true.

        Raises:
            QueryError: of the kind that says what is wrong (syntax, name, type, limit), or QueryTimeout.
            Cancelled: the caller stopped it.

        """
        from relgraph.answering import bound_question  # noqa: PLC0415 - loaded when something is asked

        asking = _asking(self, limit, timeout, cancelled)
        return asking.ask(lambda vocabulary: bound_question(question, vocabulary), {**(params or {}), **parameters})

    def prepare(self, question: object, /) -> Prepared:
        """Check a question now and run it often; see :class:`Prepared`."""
        prepared = Prepared(self, question)
        prepared.check()
        return prepared

    def explain(self, question: object, /) -> Explanation:
        """Return what a question means and how it would be answered, without asking it."""
        from relgraph.answering import bound_question  # noqa: PLC0415 - loaded when something is asked
        from relgraph.explaining import explained  # noqa: PLC0415 - the same

        with self._reading() as reader:
            bound = bound_question(question, reader.vocabulary).query
            return explained(bound, reader.vocabulary, reader, today=self.day)

    def profile(
        self, question: object, /, *, params: Mapping[str, object] | None = None, **parameters: object
    ) -> Profile:
        """Answer a question, and return how that went: the explanation, the seconds of each stage, rows step by step.

        On a server, its own steps of the statement are told too, by rows alone.
        """
        from relgraph.answering import Asking, bound_question, limits  # noqa: PLC0415 - loaded when something is asked
        from relgraph.explaining import Profile, explained, profiled_steps  # noqa: PLC0415 - the same
        from relgraph.network.execute.watch import Watch  # noqa: PLC0415 - the same

        vocabulary = self.vocabulary
        began = perf_counter()
        bound = bound_question(question, vocabulary).query
        read = perf_counter()
        watch = Watch()
        asking = Asking(self, limits(None, SECONDS), watch=watch)
        result = asking.ask(lambda now: bound_question(bound, now), {**(params or {}), **parameters})
        stages = {"parse and bind": read - began, "answer": perf_counter() - read}
        with self._reading() as reader:
            told = explained(bound, vocabulary, reader, today=self.day)
        steps = tuple(profiled_steps(watch.passed, vocabulary))
        return Profile(told, stages, len(result), result.truncated, steps)

    def complete(self, text: str, cursor: int | None = None) -> list[Completion]:
        """Return what may stand at a place of a question that is being typed (its end, without a cursor)."""
        from relgraph.query.complete import complete  # noqa: PLC0415 - loaded when a question is typed

        return complete(text, len(text) if cursor is None else cursor, self.vocabulary)


def _asking(view: Questions, rows: int | None, seconds: float | None, cancelled: Callable[[], bool] | None) -> Asking:
    from relgraph.answering import Asking, limits  # noqa: PLC0415 - loaded when something is asked

    return Asking(view, limits(rows, seconds), cancelled)
