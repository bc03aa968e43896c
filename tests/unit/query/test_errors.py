"""Errors that teach: each slip is told where it is, what it is, and how it is said here."""

import json

import pytest

from relgraph.errors import QueryError, QueryLimitError, QueryNameError, QuerySyntaxError, QueryTypeError
from relgraph.query.bind import bind
from relgraph.query.parse import parse
from relgraph.query.problems import error_of, mistyped, syntax
from relgraph.vocabulary.model import Vocabulary


def refused(text: str, vocabulary: Vocabulary) -> QueryError:
    with pytest.raises(QueryError) as caught:
        bind(text, vocabulary)
    error = caught.value
    start, end = error.details["span"]
    assert 0 <= start < end
    json.dumps(error.to_dict())
    return error


SLIPS = [
    # a question, the part that is pointed at, the kind of slip, words of the repair
    ("find Company supplied by 'ACME'", "supplied by", "unjoined", "supplied_by"),
    ("find Company supplied by Company", "supplied by", "unjoined", "supplied_by"),
    ("find Companies", "Companies", "plural", "Company"),
    ("find Persons", "Persons", "plural", "Person"),
    ("find Person owns[share > 12,5%] us", "12,5%", "decimal-comma", "12.5%"),
    ("find Company where revenue > 1.000 EUR", "1.000 EUR", "thousands", "1000 EUR"),
    ("find Company where revenue > 1,000 EUR", "1,000", "thousands", "1_000"),
    ("find Company where revenue > 1.000.000 EUR", "1.000.000", "thousands", "1_000_000"),
    ("find Company where founded > 01/02/2024", "01/02/2024", "date", "2024-02-01 or 2024-01-02"),
    ("find Company where founded > 31.12.2020", "31.12.2020", "date", "2020-12-31"),
    ("find Company where founded > 2024/5/1", "2024/5/1", "date", "2024-05-01"),
    ("find Company where founded > 2024-5-1", "2024-5-1", "date", "2024-05-01"),
    ("find Company[country = DE]", "DE", "unknown-field", '"DE"'),
    ("find all Company", "all", "article", "find Company"),
    ("find all Company supplies 'ACME'", "all", "article", "find Company"),
    ("find every Company that supplies us", "every", "article", "find Company"),
    ("find Company sorted by name", "sorted by", "sort", "order by"),
    ("find Company grouped by name", "grouped by", "group", "group by"),
    ("find Company order name", "order", "sort", "order by"),
    ("find Company orderby name", "orderby", "sort", "order by"),
    ("find Company group sector", "group", "group", "group by"),
    ("find Company show *", "show *", "star", "leave 'show' out"),
    ("find Company show count(*)", "count(*)", "star", "count()"),
    ("find Company supplies 'A', supplies 'B'", ",", "comma", "'and'"),
    ("find Company supplies 'ACME'[vip]", "[", "late-filter", "before"),
    ("find Company owns+[share > 50%] us", "[", "late-filter", "owns[share > 50%]+"),
    ("find Company owns{1-3} us", "{1-3}", "hops", "{1..3}"),
    ("find Company owns{1,3} us", "{1,3}", "hops", "{1..3}"),
    ("find Company owns{1...3} us", "{1...3}", "hops", "{1..3}"),
    ("find Person that was employed_by us", "was", "tense", "as of"),
    ("find Person who were employed_by us", "were", "tense", "[ever]"),
    ("find Company customer_of us since 2020", "since 2020", "since", "during 2020 to today"),
    ("find Company supplies 'A' and 'B'", "' and '", "and-names", 'p "A" and p "B"'),
    ("find Company is owned_by us", "is", "is", "that is"),
    ("find Company where sector is 'Steel'", "is", "equals", "="),
    ("find Company where name like 'A%'", "like", "like", "contains"),
    ("find Company where sector == 'Steel'", "==", "operator", "write ="),
    ("find Company where sector is null", "is null", "null", "is missing"),
    ("find Company where sector is not null", "is not null", "null", "is present"),
    ("find Company supplies us except Company owns us", "except", "except", "and not"),
    ("find Company named 'ACME'", "named", "named", 'find Company "ACME"'),
    ("find Company where sector is Steel", "is", "is", "write = to compare"),
    ("find Company[sector is Steel]", "is", "is", "write = to compare"),
    ("find Company where country in 'DE'", "in", "in-list", 'country in ("DE", "FR")'),
    ("find Company where country not in 'DE'", "not in", "in-list", 'country in ("DE", "FR")'),
    ("find Company customer_of us ever", "ever", "ever", "customer_of[ever]"),
    ("find Company top 10", "top 10", "top", "limit 10"),
    ("find 10 Company", "10 Company", "number-first", "limit 10"),
    ("find Company limit ten", "limit ten", "number", "limit 10"),
    ("find Company limit 3 skip some", "skip some", "number", "skip 10"),
    ("how many cycles via owns", "how many cycles", "count", "find cycles .. show count()"),
    ("how many relations owns", "how many relations", "count", "find relations .. show count()"),
    ("how many paths from me to us via knows", "how many paths", "count", "find all paths .. show count()"),
    ("(find Company) minus (find Company) minus (find Company)", "minus", "sets", "((find ..) .. (find ..)) minus"),
    ("(find Company) union (find Company) minus (find Company)", "minus", "sets", "((find ..) .. (find ..)) minus"),
    ("find Company where count(supplied_by) > 2", "count(supplied_by) >", "aggregate-test", "more than 2 supplied_by"),
    ("find Company[sum(revenue) > 2]", "sum(revenue) >", "aggregate-test", "having sum(..) > 2"),
    ("find 'ACME'", "'", "name-alone", 'find Company "ACME"'),
    ("find Company @acme", "@", "id", "find @id"),
    ("find Company show today - founded", "today", "today", "since < today - 90 days"),
    ("find Company -[owns]-> Company", "-[", "arrow", "owned_by"),
    ("select * from Company", "select", "language", "find"),
    ("list Company", "list", "begin", "find Company"),
    ("find Company where revenue > 900 €", "€", "currency", "EUR"),
    ("find Person employed_by Company with vip", "with", "which-one", "Company[..]"),
    ("find Person employed_by Company whose name = 'x'", "whose", "which-one", "Company[..]"),
    ("find Person employed_by Company country = 'DE'", "=", "brackets", "Company[country ..]"),
    ("find Person employed_by Company and country = 'DE'", "country = 'DE'", "which-one", 'Company[country = "DE"]'),
    ("find Company supplies 'A' owns us", "owns", "forgotten-and", "and owns"),
    ("find Company supplies us owns us", "owns", "forgotten-and", "and owns"),
    ("find Company supplies 'A' as a", "as", "fixed-name", None),
    ("find Person (employed_by us", "(", "unclosed", None),
    ("find Person employed_by us)", ")", "unopened", "leave it out"),
    ("find Person employed_by 'us", "'us", "unclosed-quote", "close it"),
    ("find Company limit", "t", "end", "a number"),
    ("find Company and not owned_by us", "and", "and-first", "leave it out"),
    ("find Company[vip] as c but not owned_by us", "but", "and-first", "leave it out"),
    ("find Company show name where country = 'DE'", "where", "where-first", "before the tails"),
    ("find Company as of 2020-01-01 where country = 'DE'", "where", "where-first", "before the tails"),
    ("find Company minus us", "minus", "sets", "(find ..) minus (find ..)"),
    ("(find Company minus find us)", "minus", "sets", "(find ..) minus (find ..)"),
    ("find Company that is not us", "not us", "not-entity", "minus (find us)"),
    ("find Company supplies 'A' and not @b", "not", "not-entity", "not owned_by us"),
    ("find paths from me to us via knows", "paths", "which-paths", "find shortest path"),
    ("find 3 paths from me to us via knows", "3 paths", "which-paths", "find shortest path"),
    ("find Company where founded before 2000-01-01", "before", "before", "write <"),
    ("find Company where founded after today", "after", "before", "write >"),
    ("find Person where born before '2000-01-01'", "before", "before", "write <"),
    ("find Company where country in ['DE', 'FR']", "in [", "list", 'in ("DE", "FR")'),
    ("find Company where sector = null", "= null", "null", "is missing"),
    ("find Company where sector != null", "!= null", "null", "is present"),
    ("find Company where exists sector", "exists", "exists", "is present"),
    ("find Company limit 3 offset 4", "offset 4", "top", "skip 4"),
    ("find Company with at least two contact Person", "at least two", "number", "write 2"),
    ("find Company with 2 contact Person", "with 2", "how-many", "exactly 2, at least 2"),
    ("find Company where degree > 1e3", "1e3", "exponent", "write 1000"),
    ("find relations of 'ACME'", "of", "relations-of", "find relations with"),
    ("find relations owns, supplies", ",", "comma", "owns|controls"),
    ("find cycles via owns as c show c.hops", "as c", "named-rings", "show hops"),
    ("find Company $c", "$c", "parameter", "find $name"),
    ("find Company where public", "public", "truth", "public = true"),
    ("find Company where not public show name", "public", "truth", "Company[public]"),
    ("find Company owns[> 50%] Company", ">", "no-field", "owns[share > ..]"),
    ("find Company except us", "except", "except", "(find ..) minus (find ..)"),
    ("  ", " ", "empty", "find Company"),
]


@pytest.mark.parametrize(("text", "part", "about", "repair"), SLIPS, ids=[one[0] for one in SLIPS])
def test_a_slip_gets_its_repair(text: str, part: str, about: str, repair: str | None, commerce: Vocabulary) -> None:
    error = refused(text, commerce)
    assert error.details["about"] == about
    start, end = error.details["span"]
    if about != "end":
        assert text[start:end] == part
    if repair is not None:
        assert repair in f"{error.hint} {error.candidates}"


MEANINGS = [
    ("find Person supplies 'ACME'", QueryTypeError, "wrong-start", "supplies", "from Person you can follow"),
    ("find Company employs[ever] Company", QueryTypeError, "wrong-end", "Company", "leads to Person, not to Company"),
    ("find Compny", QueryNameError, "unknown-type", "Compny", "'Company'"),
    ("find Person ownz us", QueryNameError, "unknown-predicate", "ownz", "'owns'"),
    ("find Person where naame = 'x'", QueryNameError, "unknown-field", "naame", "'name'"),
    ("find Company[vipp]", QueryNameError, "unknown-flag", "vipp", "'vip'"),
    ("find Company has tag vipp", QueryNameError, "unknown-tag", "has tag vipp", "'vip'"),
    ("find Person[vip]", QueryTypeError, "tag", "vip", "not for Person"),
    ("find relations show relation", QueryNameError, "unknown-field", "relation", "find relations as r .. show r"),
    ("find Company show entity, name", QueryNameError, "unknown-field", "entity", "find Company as it .. show it"),
    ("find Company as c show d.name", QueryNameError, "unknown-name", "d.name", "nothing in the question is called"),
    ("find Company where sector = 'Steal'", QueryTypeError, "unknown-choice", "'Steal'", "Steel, Media, Rail"),
    ("find Company where revenue > 9000", QueryTypeError, "unlike-kinds", "9000", "9000 EUR"),
    ("find Person owns[share > 50] us", QueryTypeError, "unlike-kinds", "50", "write 50%"),
    ("find Person owns[share > 0.5] us", QueryTypeError, "unlike-kinds", "0.5", "write 50%"),
    ("find Company where degree = 'x'", QueryTypeError, "unlike-kinds", "'x'", "without quotes"),
    ("find Company where name = 5", QueryTypeError, "unlike-kinds", "5", '"5"'),
    ("find Company where name = founded", QueryTypeError, "unlike-kinds", "name = founded", "text is compared"),
    ("find Person where born = 2024-01-01T10:00", QueryTypeError, "unlike-kinds", "2024-01-01T10:00", "2024-01-01"),
    ("find Company where sector in last 3 days", QueryTypeError, "unlike-kinds", "sector in last 3 days", "text"),
    ("find Company where sector.year = 3", QueryNameError, "unknown-part", "sector.year", "has no"),
    ("find Company where degree + name > 3", QuerySyntaxError, "left-side", "degree + name", "on its right"),
    ("find Company[2 * degree > 3]", QuerySyntaxError, "left-side", "2 * degree", "on its right"),
    ("find Company where country = 'Germany'", QueryTypeError, "country", "'Germany'", 'write "DE"'),
    ("find Company where country in ('fr', 'DE')", QueryTypeError, "country", "'fr'", 'write "FR"'),
    ("find Company where id = @c1", QueryTypeError, "unlike-kinds", "@c1", "find @c1"),
    ("find Company with vip", QueryNameError, "unknown-predicate", "vip", "Company[vip]"),
    ("find Company owns+ as way us show way.share", QueryNameError, "unknown-field", "way.share", "r.share"),
    ("find relations owns as o show o.subject.name", QueryNameError, "unknown-part", None, "from Company as a"),
    ("find Company show degree + name", QueryTypeError, "arithmetic", "degree + name", "no meaning"),
    ("find Company where founded = $a and name = $a and $b = 3", QuerySyntaxError, "form", "$b", None),
    ("find Company supplies[until < today] us", QueryTypeError, "never", "until < today", "[ever and until < today]"),
    ("find Company supplies[since > today] us", QueryTypeError, "never", "since > today", "ever"),
    (
        "find Company supplies[until <= 2020-01-01] us as of 2021-01-01",
        QueryTypeError,
        "never",
        "until <= 2020-01-01",
        "ever",
    ),
    ("find Company supplies us and not supplies us", QueryTypeError, "never", "not supplies us", "[ever]"),
    ("find Company as of 2023", QueryTypeError, "no-day", "2023", "during 2023"),
    ("find Company as of 2023-01", QueryTypeError, "no-day", "2023-01", "during 2023-01"),
    ("find Company known at 2023", QueryTypeError, "no-moment", "2023", "known at 2024-06-30"),
    ("find Company as of today during 2023", QueryTypeError, "time-twice", "2023", "keep one"),
    ("find Company owns[ever and as of today] us", QueryTypeError, "time-twice", "as of today", "one time"),
    ("find Company where (ever and name = 'x')", QuerySyntaxError, "ever", "ever", "[ever]"),
    ("find Company owns[share > 1% or ever] us", QueryTypeError, "misplaced", "ever", "stands in the brackets"),
    ("find Company owns[rising share] us", QueryTypeError, "misplaced", "rising share", "{1..3}"),
    ("find Company[ever]", QueryTypeError, "misplaced", "ever", "predicate"),
    ("find Company supplies{0} us", QueryTypeError, "no-hops", "0", "'*' is none or more"),
    ("find Company supplies{3..2} us", QueryTypeError, "no-hops", "3..2", "{2..3}"),
    ("find Company supplies{1..1000000} us", QueryLimitError, "hops", "1..1000000", "at most 100"),
    ("find shortest paths from me to 'X' via knows+", QueryLimitError, "unbounded", "knows+", "as route"),
    ("find shortest paths from me to 'X' via knows{1..16}", QueryLimitError, "hops", None, "at most 15"),
    ("find strongest paths from me to 'X' via linked_to", QueryTypeError, "prefer", None, "prefer strength"),
    ("find shortest paths from me to 'X' via knows prefer strength", QueryTypeError, "prefer", None, "strongest"),
    ("find shortest paths from me to 'X' via in_group_of", QueryTypeError, None, None, "stored"),
    ("find Company customer_of as d us show name, count(d)", QueryTypeError, "ungrouped", "name", "group by name"),
    ("find Company having count() > 1", QueryTypeError, "having", "count() > 1", "group by"),
    ("find Company show name, name", QueryTypeError, "column-twice", "name", "'as'"),
    ("find Company customer_of as d us show name order by d.since", QueryTypeError, "unshown", None, "show it too"),
    ("find Company show sum(name)", QueryTypeError, "aggregate", "sum(name)", "no meaning"),
    ("find Company show sum(count())", QueryTypeError, "aggregate", "count()", "inside an aggregate"),
    ("find Company show 1", QueryTypeError, "no-thing", "1", "count()"),
    ("find Company as a owns Company as a", QueryTypeError, "name-twice", "Company as a", "same thing"),
    ("find Company as Person", QueryTypeError, "name-taken", None, "is a type"),
    ("find Company not owns Company as b", QueryTypeError, "closed-name", None, "after 'not'"),
    ("find Company with no contact as c", QueryTypeError, "closed-name", None, "after 'no'"),
    ("find Company (owns Company as b or supplies us)", QueryTypeError, "closed-name", None, "inside 'or'"),
    ("find Company as sector where sector = 'x'", QueryTypeError, "ambiguous-name", "sector", "another name"),
    ("find Company as c owns c[name = 'x']", QueryTypeError, "same-again", None, "given already"),
    ("find Company owns as o Company owns o", QueryTypeError, "no-entity", "o", "is a relation"),
    (
        "find Company optionally managed_by Person as m and account_managed_by m",
        QueryTypeError,
        "same-again",
        "m",
        "may be missing",
    ),
    ("find Company not optionally managed_by Person", QueryTypeError, "misplaced", None, "own clause"),
    ("find Company (owns us or optionally owns Company)", QueryTypeError, "misplaced", None, "own clause"),
    ("find Company in_group_of[share > 3%] us", QueryTypeError, "derived-test", "share > 3%", "owned_by[..]+"),
    ("find Person ultimately_owns{2} us", QueryTypeError, "measure", None, "stands alone"),
    ("find Company with at least 2 times owns+ us", QueryTypeError, "times", None, "leave 'times' out"),
    ("find relations in_group_of", QueryTypeError, "derived-path", None, "stored"),
    ("find relations between me and us with 'X'", QueryTypeError, "ends", None, "two ends"),
    ("(find Company limit 3) union (find Person)", QueryTypeError, "operand", "limit 3", "last parenthesis"),
    ("(find Company) union (find cycles via owns)", QueryTypeError, "operand", None, "plain finds"),
    ("((find Company limit 3) limit 4)", QueryTypeError, "twice", "limit 4", "keep one"),
]


@pytest.mark.parametrize(
    ("text", "kind", "about", "part", "said"),
    MEANINGS,
    ids=[one[0] for one in MEANINGS],
)
def test_what_has_no_meaning_is_told(  # noqa: PLR0917 - the columns of the table
    text: str, kind: type[QueryError], about: str | None, part: str | None, said: str | None, commerce: Vocabulary
) -> None:
    error = refused(text, commerce)
    assert type(error) is kind
    assert about is None or error.details["about"] == about
    start, end = error.details["span"]
    assert part is None or text[start:end] == part
    assert said is None or said in str(error)


def test_an_amount_or_a_quarter_is_no_unknown_name(commerce: Vocabulary) -> None:
    for text in ("find Company where revenue > 5 EUR /", "find Company where founded > 2020-Q2 /"):
        assert isinstance(refused(text, commerce), QuerySyntaxError)


def test_a_name_of_the_vocabulary_is_no_slip() -> None:
    shop = Vocabulary.from_text(
        "types: {order: {}, path: {}}\npredicates: {group: {inverse: grouped_in, subject: [path]}}"
    )
    assert refused("find order group order", shop).details["about"] == "wrong-start"
    assert refused("how many path that", shop).details["about"] == "end"
    assert refused("find path grouped_in order group order", shop).details["about"] == "wrong-end"


def test_all_errors_come_at_once_in_the_order_of_the_text(commerce: Vocabulary) -> None:
    text = "find Compny employd_by 'ACME' where naame = 'x' order by fooo"
    error = refused(text, commerce)
    listed = error.details["errors"]
    assert [text[slice(*one["details"]["span"])] for one in listed] == ["Compny", "employd_by", "naame", "fooo"]
    assert listed[0]["candidates"][0] == "Company"
    assert str(error).startswith("4 errors in the question\nline 1, column 6: no type 'Compny'")
    assert error.details["message"] == "no type 'Compny'"


def test_of_very_many_errors_the_first_are_told(commerce: Vocabulary) -> None:
    error = refused(f"find Company show {', '.join(['name as a'] * 800)}", commerce)
    assert len(error.details["errors"]) == 25
    assert str(error).startswith("799 errors in the question\n")
    assert str(error).endswith("\nand 774 more")


def test_and_with_or_shows_both_readings(commerce: Vocabulary) -> None:
    error = refused("find Company supplies 'A' and not owns 'B' or owns 'C' show name", commerce)
    assert error.details["about"] == "mixed"
    assert "(supplies 'A' and not owns 'B') or owns 'C'" in str(error.hint)
    assert "supplies 'A' and (not owns 'B' or owns 'C')" in str(error.hint)


def test_with_a_vocabulary_the_first_word_that_is_no_name_is_blamed(commerce: Vocabulary) -> None:
    text = "find Company suplies Company which"
    assert refused(text, commerce).details["span"] == [13, 20]
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert caught.value.details["span"][0] > 20


def test_several_errors_are_of_the_class_of_the_first() -> None:
    problems = [mistyped("b", "second", (5, 6)), syntax("a", "first", (1, 2))]
    error = error_of("some text", problems)
    assert isinstance(error, QuerySyntaxError)
    assert [one["message"] for one in error.details["errors"]] == ["first", "second"]


def test_a_long_line_is_cut_around_the_place(commerce: Vocabulary) -> None:
    error = refused(
        "find Company where name = '" + "x" * 300 + "' and naame = 'y' and name != '" + "z" * 300 + "'", commerce
    )
    shown = str(error).split("\n")
    assert max(len(line) for line in shown[:3]) < 140
    assert shown[1][shown[2].index("^") :].startswith("naame")
