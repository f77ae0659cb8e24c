"""The ways to sign in to Microsoft Graph, for docs/permissions.md: what ``tenantry/data/sign-in.yaml`` holds.

Tests compare it with what ``tenantry.graph.credentials`` reads.
"""

from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from pydantic import BaseModel
from ruamel.yaml import YAML

Variables = dict[str, str]
"""What each variable holds. A name with " or " is of either."""


class Way(BaseModel):
    """One way to sign in."""

    title: str
    why: str
    variables: Variables


class Ways(BaseModel):
    """All ways to sign in."""

    every_way: Variables
    ways: tuple[Way, ...]
    managed_identity: Way
    shared_variables: Variables


@cache
def ways_to_sign_in() -> Ways:
    """The ways, the most preferable first."""
    text = files("tenantry").joinpath("data", "sign-in.yaml").read_text(encoding="utf-8")
    return Ways.model_validate(YAML(typ="safe", pure=True).load(text))


def names(variables: Iterable[str]) -> list[str]:
    """The variables' names, each by itself."""
    return [name for either in variables for name in either.split(" or ")]
