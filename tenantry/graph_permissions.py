"""Permissions of Microsoft Graph: those that it offers, and which of them give nobody power.

Source of ``data/graph-permissions.csv``: microsoftgraph/microsoft-graph-devx-content, permissions-descriptions.json
(read 2026-11); names and ids alone. ``data/harmless-permissions.yaml`` is our own reading of them.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from ruamel.yaml import YAML


@dataclass(frozen=True)
class Permissions:
    """What Microsoft Graph offers."""

    application: Mapping[str, str]
    """Application permissions (app roles): id to name."""
    delegated: Mapping[str, str]
    """Delegated permissions (scopes): id to name."""
    harmless_application: frozenset[str]
    """Names of application permissions that only read."""
    harmless_delegated: frozenset[str]
    """Names of delegated permissions that give nobody power."""


@cache
def permissions() -> Permissions:
    """The tables, read once."""
    data = files("tenantry").joinpath("data")
    rows = list(csv.DictReader(data.joinpath("graph-permissions.csv").read_text(encoding="utf-8").splitlines()))
    application, delegated = (
        {row["id"]: row["name"] for row in rows if row["kind"] == kind} for kind in ("application", "delegated")
    )
    harmless = YAML(typ="safe", pure=True).load(data.joinpath("harmless-permissions.yaml").read_text(encoding="utf-8"))
    return Permissions(application, delegated, frozenset(harmless["application"]), frozenset(harmless["delegated"]))


_OF_THE_DIRECTORY: Final = (
    "AdministrativeUnit",
    "AppRoleAssignment",
    "Application",
    "DelegatedAdminRelationship",
    "DelegatedPermissionGrant",
    "Directory",
    "Domain",
    "EntitlementManagement",
    "Group",
    "GroupMember",
    "Organization",
    "Policy",
    "PrivilegedAccess",
    "PrivilegedAssignmentSchedule",
    "PrivilegedEligibilitySchedule",
    "RoleAssignmentSchedule",
    "RoleEligibilitySchedule",
    "RoleManagement",
    "RoleManagementPolicy",
    "User",
    "UserAuthenticationMethod",
)
"""What people, groups, roles, applications and their protection are called in the names of permissions."""


def writes_directory(permission: str) -> bool:
    """Whether an application permission changes who has power, or what guards it. Our own reading of its name."""
    what, _, how = permission.partition(".")
    resource = what.partition("-")[0]
    return resource in _OF_THE_DIRECTORY and not how.startswith("Read.") and how not in ("Read", "ReadBasic.All")
