"""Permissions of Microsoft Graph, as far as they are known here: ``data/graph-permissions.yaml``."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from ruamel.yaml import YAML


@dataclass(frozen=True)
class Permissions:
    """What is known of permissions."""

    delegated: frozenset[str]
    """Names of delegated permissions that give nobody power."""
    application: Mapping[str, str]
    """Application permissions that only read: id to name."""
    writing: Mapping[str, str]
    """Application permissions that write the directory, its groups, roles or credentials: id to name."""
    scopes: Mapping[str, str]
    """Delegated permissions by id: what the embedded directory's Microsoft Graph offers."""


@cache
def permissions() -> Permissions:
    """The table, read once."""
    text = files("tenantry").joinpath("data", "graph-permissions.yaml").read_text(encoding="utf-8")
    table = YAML(typ="safe", pure=True).load(text)
    return Permissions(frozenset(table["delegated"]), table["application"], table["writing"], table["scopes"])
