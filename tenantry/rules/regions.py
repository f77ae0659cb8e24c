"""The regional authorization areas of the Cloud Solution Provider program: which countries one tenant may serve.

"The partner can choose to maintain a single partner tenant from one of the countries for each regional
authorization area" (*Establishing Partner Center (Org ID) credentials*, "Regional Considerations"). The areas, their
date, their source and what is uncertain about them stand in ``data/regional-authorization-areas.yaml``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final

from ruamel.yaml import YAML

_FILE: Final = "regional-authorization-areas.yaml"


@dataclass(frozen=True)
class Areas:
    """Microsoft's table, as of a day."""

    as_of: date
    source: str
    uncertain: tuple[str, ...]
    countries: Mapping[str, tuple[str, ...]]
    """Area to its countries, by ISO 3166-1 alpha-2."""


@cache
def areas() -> Areas:
    """The table, read once."""
    text = files("tenantry").joinpath("data", _FILE).read_text(encoding="utf-8")
    table = YAML(typ="safe", pure=True).load(text)
    countries = {name: tuple(codes) for name, codes in table["areas"].items()}
    return Areas(table["as_of"], table["source"]["title"], tuple(table["uncertain"]), countries)


@cache
def _area_by_country() -> Mapping[str, str]:
    return {country: name for name, countries in areas().countries.items() for country in countries}


def area_of(country: str) -> str | None:
    """The area that a country (ISO 3166-1 alpha-2) is in; None where the table has none, as for China."""
    return _area_by_country().get(country)
