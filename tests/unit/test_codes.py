"""Countries and currencies by code and by name."""

from __future__ import annotations

import pytest

from relgraph.codes import COUNTRIES, CURRENCIES, country_code, currency_code
from relgraph.errors import ValueProblem


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("DE", "DE"),
        ("de", "DE"),
        ("DEU", "DE"),
        ("germany", "DE"),
        ("The Netherlands", "NL"),
        ("Côte d’Ivoire", "CI"),
        ("Turkey", "TR"),
        ("TÜRKIYE", "TR"),
        ("u.s.a.", "US"),
        ("UK", "GB"),
    ],
)
def test_a_country_is_known_by_codes_and_names(given: str, code: str) -> None:
    assert country_code(given) == code


def test_every_country_is_found_by_its_own_name() -> None:
    assert len(COUNTRIES) == 250
    assert all(country_code(name) == code for code, name in COUNTRIES.items())


def test_a_misspelt_country_is_met_with_the_nearest() -> None:
    with pytest.raises(ValueProblem) as caught:
        country_code("Germny")
    assert caught.value.candidates[0] == "Germany"


def test_what_is_far_too_long_is_cut_in_the_message() -> None:
    for look_up in (country_code, currency_code):
        with pytest.raises(ValueProblem) as caught:
            look_up("é" * 1_000_000)
        assert len(str(caught.value)) < 300


def test_currencies() -> None:
    assert currency_code("usd") == "USD"
    assert currency_code("€") == "EUR"
    assert {"EUR", "JPY", "KWD", "DEM"} <= CURRENCIES
    assert all(len(code) == 3 and code.isupper() for code in CURRENCIES)
    with pytest.raises(ValueProblem) as caught:
        currency_code("EUX")
    assert "EUR" in caught.value.candidates
