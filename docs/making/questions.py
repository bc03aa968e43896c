"""The page about what can be wrong with a question: each kind of slip with an example and what is said of it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import relgraph
from relgraph.errors import QueryError
from relgraph.query.bind import bind

VOCABULARY: Final = Path(__file__).parents[2] / "tests" / "unit" / "query" / "data" / "commerce.yaml"

KINDS: Final = ("QuerySyntaxError", "QueryNameError", "QueryTypeError", "QueryLimitError")

EXAMPLES: Final[tuple[str, ...]] = (
    # the form
    "  ",
    "list Company",
    "select * from Company",
    "find all Company",
    "find Company limit",
    'find Person (employed_by "ACME"',
    "find Person employed_by us)",
    'find Person employed_by "ACME',
    "find Company -[owns]-> Company",
    "find Company owns{1-3} us",
    "find Company owns+[share > 50%] us",
    'find Company supplies "ACME", supplies "Bolt"',
    'find Company supplies "ACME" and "Bolt"',
    'find Company supplies "ACME" owns us',
    'find Company supplies "ACME" as a',
    "find Company supplies us and owns us or controls us",
    "find Person employed_by Company with vip",
    'find Person employed_by Company country = "DE"',
    "find Company is owned_by us",
    'find Company where sector is "Steel"',
    'find Company where sector == "Steel"',
    'find Company where name like "A%"',
    "find Company where sector is null",
    "find Person that was employed_by us",
    "find Company customer_of us since 2020",
    "find Company customer_of us until 2020",
    "find Company where founded > 31.12.2020",
    "find Person owns[share > 12,5%] us",
    "find Company where revenue > 1.000 EUR",
    "find Company where revenue > 900 €",
    "find Company where degree > 99999999999999999999",
    "find Company where degree > 1e3",
    "find Company and not owned_by us",
    "find Company show name where sector is missing",
    "find Company that is not us",
    "find paths from me to us via knows",
    "find Company where founded before 2000-01-01",
    'find Company where country in ["DE", "FR"]',
    "find Company where exists sector",
    "find Company with 2 contact Person",
    'find relations of "ACME"',
    "find cycles via owns as c",
    "find Company $c",
    "find Company where public",
    "find Company[2 * degree > 3]",
    "find Company owns[> 50%] Company",
    "find Company sorted by name",
    "find Company grouped by name",
    "find Company top 10",
    "find Company limit ten",
    "find 10 Company",
    "how many cycles via owns",
    'find "ACME"',
    "(find Company) union (find Person) minus (find Person)",
    "find Company where count(supplied_by) > 2",
    "find Company @acme",
    "find Company customer_of us ever",
    'find Company where country in "DE"',
    "find Company show today - founded",
    "find Company supplies us except Company owns us",
    'find Company named "ACME"',
    "find Company show *",
    "find Company limit 3 limit 4",
    "find shortest paths from me via knows{1..3}",
    "find cycles via owns{2..4} rising owns.share",
    "find Company as from",
    "find Company owns and us",
    # names
    "find Compny",
    "find Companies",
    "find every Company that supplies us",
    'find Company supplied by "ACME"',
    "find Person ownz us",
    "find Company Person us",
    "find Company foo",
    'find Person where naame = "x"',
    'find Company where sector.year = "x"',
    "find Company show d.name",
    "find Company[vipp]",
    "find Company has tag vipp",
    # kinds, and questions without a meaning
    'find Person supplies "ACME"',
    "find Company employs Company",
    "find relations owns from Region",
    "find Company where revenue > 9000",
    'find Company where sector = "Steal"',
    'find Company where country = "Germany"',
    "find Company[name]",
    "find Person[vip]",
    "find Company show degree + name",
    "find Company show $x",
    "find Company show sum(name)",
    "find Company show sum(degree, degree)",
    "find Person where born > today - 20000 years",
    "find Company supplies[until < today] us",
    "find Company as c where c is missing",
    "find Company as of 2023",
    "find Company known at 2023",
    "find Company as of today during 2023",
    "find Company[ever]",
    "find Company supplies{0} us",
    "find Company with at least 2 times owns+ us",
    "find Company in_group_of[share > 3%] us",
    "find relations in_group_of",
    "find Person ultimately_owns{2} us",
    "find shortest paths from me to us via knows prefer strength",
    "find Company as Person",
    "find Company as a owns Company as a",
    "find Person owns (Company as a) as b",
    "find Company not owns Company as b",
    'find Company as sector where sector = "x"',
    "find Company as c owns c[vip]",
    "find Company owns as o Company owns o",
    "find relations between me and us with us",
    "how many Company show name",
    "find Company customer_of as d us show name, count(d)",
    "find Company having count() > 1",
    "find Company show name, name",
    "find Company customer_of as d us show name order by d.since",
    "find Company show 1",
    "(find Company limit 3) union (find Person)",
    # limits
    "find shortest paths from me to us via knows+",
    f"find Company{' owns Company' * 13}",
    f"{'(' * 55}find Company{')' * 55}",
)
"""Questions that are refused; what each is an example of is read from its error."""

IN_WORDS: Final = {
    "json": "A question sent as JSON that has no such part, or not the parts that it needs; the message says where.",
    "size": "A text of more than 10 kB, or one that is longer than that as it is written out (`result.text`).",
    "surrogate": "A text with half of a character (a lone surrogate), which no file or network can carry.",
    "unsayable": "A question built in Python with a name that no text can write.",
    "mixed-kinds": "A field that is of one kind for one of the types, and of another for another.",
    "no-value": "A part of a question, built in Python or sent as JSON, where a value is wanted.",
}
"""Kinds that a line of text cannot show."""

INTRODUCTION = """\
# What can be wrong with a question

The error of a question is one of the four classes below. `error.details` has `about` (the stable word that heads each
section), `line`, `column`, `span` (offsets in the text) and `errors`: all that is wrong, in the order of the text. The
examples use the [vocabulary at the end](#the-vocabulary-of-the-examples). [The query
language](query-language.md) says how to ask.

Names in quotes, parameters, `me` and `us` are looked up when the question is run: an unknown one is a
[QueryNameError](errors.md#querynameerror), one that cannot stand there a [QueryTypeError](errors.md#querytypeerror),
and the message says which. Work past a limit is a [QueryLimitError](errors.md#querylimiterror) that names the limit;
too much time a [QueryTimeout](errors.md#querytimeout).
"""


@cache
def vocabulary() -> relgraph.Vocabulary:
    """Return the vocabulary of the examples."""
    return relgraph.Vocabulary.load(VOCABULARY)


def refusal(text: str) -> QueryError:
    """Return the error of a question."""
    try:
        bind(text, vocabulary())
    except QueryError as error:
        return error
    message = f"nothing is wrong with {text!r}"
    raise AssertionError(message)


def told() -> Iterator[tuple[str, str, QueryError]]:
    """Yield for each example what it is about, its text and its error; the first of a kind only."""
    seen: set[str] = set()
    for text in EXAMPLES:
        error = refusal(text)
        about = str(error.details["about"])
        if about not in seen:
            seen.add(about)
            yield about, text, error


def page() -> str:
    """Return the page."""
    parts = [INTRODUCTION]
    every = sorted(told())
    for kind in KINDS:
        parts.append(f"## {kind}\n")
        for about, text, error in every:
            if type(error).__name__ == kind:
                parts.append(f"### {about}\n\n```relq\n{text}\n```\n\n```text\n{error}\n```\n")
    parts.append("## Others\n")
    parts.extend(f"- `{about}`: {said}" for about, said in sorted(IN_WORDS.items()))
    parts.append(
        f"\n## The vocabulary of the examples\n\n```yaml\n{VOCABULARY.read_text(encoding='utf-8').rstrip()}\n```\n"
    )
    return "\n".join(parts)
