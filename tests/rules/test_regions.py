"""The regional authorization areas, as the data file has them."""

from datetime import date

import pycountry
import pytest

from tenantry.rules.regions import area_of, areas

CODES = [code for countries in areas().countries.values() for code in countries]


def test_every_code_is_a_country_and_stands_once() -> None:
    assert [code for code in CODES if not pycountry.countries.get(alpha_2=code)] == []
    assert len(CODES) == len(set(CODES))


def test_which_countries_have_no_area() -> None:
    assert {country.alpha_2 for country in pycountry.countries} - set(CODES) == {
        *("CN", "CU", "EH", "IR", "KP", "SD", "SY")
    }


def test_the_table_says_its_date_its_source_and_its_doubts() -> None:
    assert areas().as_of == date(2021, 4, 15)
    assert "regional markets" in areas().source
    message = " ".join(areas().uncertain)
    for doubt in ("Kosovo", "Russia", "China", "2021-04-15"):
        assert doubt in message


@pytest.mark.parametrize(
    ("country", "area"),
    [
        ("US", "united-states"),
        ("GB", "europe"),
        ("NO", "europe"),
        ("FR", "europe"),
        ("PF", "africa"),
        ("AS", "new-zealand"),
        ("GU", "australia"),
        ("CN", None),
        ("XK", None),
        ("us", None),
    ],
)
def test_the_area_of_a_country(country: str, area: str | None) -> None:
    assert area_of(country) == area
