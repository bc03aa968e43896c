"""Random unbound questions over the whole grammar."""

from typing import Any

from hypothesis import strategies as st

from relgraph.query import syntax as s
from relgraph.query.literals import plain
from relgraph.values import Money, Percent

WORDS = ["Company", "owns", "deal", "contains", "exactly", "group", "by", "at", "least", "US", "Me", "count", "path"]
ODD = [
    "limit",
    "two words",
    "Ünïcode",
    "कंपनी",
    "naïve",
    "show",
    "me",
    "9lives",
    "a.b",
    "and",
    "is",
    "of",
    "starts",
    "ends",
]
names = st.sampled_from(WORDS + ODD) | st.from_regex(r"[a-z_][a-z0-9_]{0,5}", fullmatch=True)
texts = st.text(st.characters(codec="utf-8"), max_size=8)
small = st.integers(0, 9999)
units: st.SearchStrategy[Any] = st.sampled_from(["day", "week", "month", "quarter", "year"])
decimals = st.decimals(-10000, 10000, places=3, allow_nan=False).map(plain)


def _today(pair: tuple[int, Any]) -> s.Today:
    amount, unit = pair
    return s.Today(amount, unit if amount else "day")


numbers = st.one_of(
    st.integers(-(2**63) + 1, 2**63 - 1),
    decimals,
    st.decimals(-10, 10, places=4, allow_nan=False).map(Percent),
    st.builds(Money, st.decimals(-9999, 9999, places=2, allow_nan=False), st.sampled_from(["EUR", "USD", "JPY"])),
).map(s.Number)
periods: st.SearchStrategy[Any] = st.one_of(
    st.dates().map(lambda day: s.When(day.isoformat())),
    st.builds(lambda y, m: s.When(f"{y:04}-{m:02}"), st.integers(1, 9999), st.integers(1, 12)),
    st.builds(lambda y, q: s.When(f"{y:04}-Q{q}"), st.integers(1, 9999), st.integers(1, 4)),
    st.tuples(st.integers(-400, 400), units).map(_today),
)
moments = st.datetimes(min_value=__import__("datetime").datetime(1, 1, 2)).map(
    lambda at: s.When(at.isoformat(timespec="microseconds") + "Z")
)
dates = periods | moments
params = st.from_regex(r"[a-z][a-z0-9_]{0,4}", fullmatch=True).map(s.Param)
ids = texts.map(s.Id) | st.from_regex(r"[a-z0-9]{1,4}(-[a-z0-9]+)?", fullmatch=True).map(s.Id)
people = st.sampled_from([s.Me(), s.Us()])
truths = st.booleans().map(s.Truth)
values: st.SearchStrategy[Any] = st.one_of(texts.map(s.Text), numbers, dates, truths, params, ids, people)
paths = st.lists(names, min_size=1, max_size=3).map(lambda one: s.Path(tuple(one)))
signs: st.SearchStrategy[Any] = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])


def tuples(one: st.SearchStrategy[Any], least: int, most: int) -> st.SearchStrategy[Any]:
    return st.lists(one, min_size=least, max_size=most).map(tuple)


def arithmetic(leaf: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    signs_: st.SearchStrategy[Any] = st.sampled_from(["+", "-", "*", "/"])
    return st.recursive(leaf, lambda inner: st.builds(s.Arithmetic, signs_, inner, inner), max_leaves=4)


right = arithmetic(st.one_of(paths, numbers, params)) | texts.map(s.Text) | dates | truths | ids | people
comparisons: st.SearchStrategy[Any] = st.one_of(
    st.builds(s.Comparison, signs, paths, right),
    st.builds(s.In, paths, tuples(values, 1, 3) | params, st.booleans()),
    st.builds(s.InPeriod, paths, dates | small.map(s.Number)),
    st.builds(s.InLast, paths, small, units, st.booleans()),
    st.builds(s.Present, paths),
    st.builds(s.Missing, paths),
    st.builds(s.TextTest, st.sampled_from(["contains", "starts with", "ends with", "matches"]), paths, values),
    st.builds(s.Between, paths, values, values),
    st.builds(s.HasTag, names),
)


def joined(one: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return one, or several joined to two levels."""
    several = st.builds(s.All, tuples(one, 2, 3)) | st.builds(s.AnyOf, tuples(one, 2, 2))
    level = one | one | several | st.builds(s.Not, one | several)
    return level | st.builds(s.All, st.tuples(level, level)) | st.builds(s.AnyOf, st.tuples(level, level))


days: st.SearchStrategy[Any] = st.one_of(dates, small.map(s.Number), params)
durings = st.builds(s.During, days, st.none() | days)
timed: st.SearchStrategy[Any] = st.one_of(
    st.builds(s.AsOf, days | st.just(s.AnyTime())),
    durings,
    st.just(s.AnyTime()),
    st.builds(s.Ordered, names, st.booleans()),
)
filters: st.SearchStrategy[Any] = st.none() | joined(comparisons | names.map(s.Flag) | timed)
predicates: st.SearchStrategy[Any] = st.builds(s.Predicate, names, filters) | st.builds(s.AnyPredicate, filters)
hops = st.one_of(
    st.just(s.Hops(0, None)),
    st.just(s.Hops(1, None)),
    st.builds(s.Hops, st.integers(2, 9), st.none()),
    st.tuples(small, small).map(lambda pair: s.Hops(*pair)),
)
given: st.SearchStrategy[Any] = st.none() | names
steps = st.builds(s.Step, tuples(predicates, 1, 2), st.none() | hops, given)
vias = st.builds(s.Step, tuples(predicates, 1, 3), st.none() | hops)
options = st.builds(s.TypeOption, names, filters)
named = st.builds(s.NameOf, texts, given)
atoms: st.SearchStrategy[Any] = st.one_of(named, ids, params, people)
typed = st.builds(s.Types, tuples(options, 1, 2), given)
anything = st.builds(s.Anything, filters, given)
fixed = tuples(atoms, 1, 3).map(s.Fixed)
found: st.SearchStrategy[Any] = st.one_of(
    typed,
    anything,
    st.builds(s.Fixed, st.tuples(st.builds(s.NameOf, texts, names) | ids | params | people), given),
)


def clause(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return clauses whose entities in parentheses hold clauses of ``inner``."""
    nested = st.builds(s.Nested, found, inner, inner, given)
    opened = st.one_of(typed, anything, nested)
    targets = opened | fixed | (opened | fixed).map(s.Every)

    def link(target: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return st.builds(s.Link, steps, target)

    chains = st.builds(lambda many, last: s.Chain((*many, last)), tuples(link(opened), 0, 2), link(targets))
    bodies: st.SearchStrategy[Any] = chains | steps
    said: st.SearchStrategy[Any] = st.sampled_from(["at least", "at most", "exactly", "more than", "fewer than"])
    return joined(
        st.one_of(
            chains,
            comparisons,
            steps.map(s.Has),
            bodies.map(s.No),
            chains.map(s.Only),
            chains.map(s.Optional),
            st.builds(s.Count, said, small | params, bodies, st.booleans()),
        )
    )


@st.composite
def flat_clauses(draw: st.DrawFn) -> Any:
    """A strategy by name: Hypothesis writes out the others in full."""
    return draw(st.none() | clause(st.none()))


@st.composite
def deep_clauses(draw: st.DrawFn) -> Any:
    return draw(st.none() | clause(flat_clauses()))


clauses: st.SearchStrategy[Any] = deep_clauses()
calls: st.SearchStrategy[Any] = st.sampled_from(
    ["count", "sum", "avg", "min", "max", "median", "collect", "product", "first"]
)
leaves: st.SearchStrategy[Any] = st.one_of(paths, numbers, params)


def _calls(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    plain_ = st.builds(s.Call, calls, tuples(inner, 0, 2))
    return plain_ | st.builds(s.Call, calls, tuples(inner, 1, 2), st.just(True))  # noqa: FBT003


expressions = arithmetic(leaves | _calls(arithmetic(leaves)))
tests: st.SearchStrategy[Any] = st.one_of(
    st.builds(s.Comparison, signs, expressions, expressions | texts.map(s.Text) | dates | truths | ids | people),
    st.builds(s.Present, expressions),
    st.builds(s.Missing, expressions),
    st.builds(s.Between, expressions, values, values),
)
columns = st.builds(s.Column, expressions | tests, st.none() | names | texts)
limits = st.builds(s.Limit, small | params, st.none() | paths)


TAILS: dict[str, st.SearchStrategy[Any]] = {
    "as_of": days | st.just(s.AnyTime()),
    "during": durings,
    "known_at": days | st.just(s.AnyTime()),
    "group_by": tuples(paths, 1, 2),
    "show": tuples(columns, 1, 2),
    "having": joined(tests),
    "order_by": tuples(st.builds(s.OrderKey, expressions, st.booleans()), 1, 2),
    "limit": limits,
    "skip": small | params,
}


@st.composite
def tails(draw: st.DrawFn) -> s.Tails:
    given_ = {name: draw(TAILS[name]) for name in draw(st.sets(st.sampled_from(sorted(TAILS)), max_size=3))}
    return s.Tails(**given_, distinct="show" in given_ and draw(st.booleans()))


@st.composite
def path_ends(draw: st.DrawFn) -> Any:
    return draw(st.one_of(typed, anything, fixed, st.builds(s.Nested, found, clauses, st.none())))


ends: st.SearchStrategy[Any] = path_ends()
finds = st.builds(s.Find, found, clauses, clauses, tails(), st.booleans())
listings: st.SearchStrategy[Any] = st.one_of(
    st.builds(
        s.Paths,
        st.sampled_from(["shortest", "strongest", "all"]),
        ends,
        ends,
        st.none() | vias,
        st.none() | small | params,
        st.booleans(),
        given,
        tuples(ends, 0, 2),
        tuples(ends, 0, 2),
        given,
        given,
        tails(),
    ),
    st.builds(s.Cycles, st.none() | vias, tuples(ends, 0, 2), tuples(ends, 0, 2), given, tails()),
    st.builds(
        s.Relations,
        tuples(predicates, 1, 2),
        st.none(),
        given,
        st.none() | ends,
        st.none() | ends,
        tuples(ends, 0, 2),
        st.none() | st.tuples(ends, ends),
        filters,
        tails(),
    ),
    st.builds(s.Relations, st.just(()), filters, given, where=filters, tails=tails()),
)


@st.composite
def simple_queries(draw: st.DrawFn) -> Any:
    return draw(finds | listings)


simple: st.SearchStrategy[Any] = simple_queries()


@st.composite
def any_queries(draw: st.DrawFn) -> Any:
    either: st.SearchStrategy[Any] = st.sampled_from(["union", "intersect"])
    return draw(
        st.one_of(
            simple,
            st.builds(s.SetQuery, either, tuples(simple, 2, 3), tails()),
            st.builds(s.SetQuery, st.just("minus"), st.tuples(simple, simple), tails()),
            st.builds(s.Grouped, simple, tails()).filter(lambda one: one.tails != s.Tails()),
        )
    )


queries: st.SearchStrategy[Any] = any_queries()
