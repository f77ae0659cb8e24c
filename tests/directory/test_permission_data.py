"""What every endpoint takes, against the data from which Microsoft makes the permission tables of its reference.

The data names, for each operation, the application permissions that suffice; after a `+`, what one needs as well.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from .samples import REQUIRED

Place = tuple[str, str]

FILE: Final = Path(__file__).parents[1] / "data" / "graph-application-permissions.json"
DATA: Final[Mapping[str, list[str]]] = json.loads(FILE.read_text(encoding="utf-8"))["endpoints"]

NOT_MODELLED: Final = {
    "Device.Read.All": "there are no devices here",
    "Device.ReadWrite.All": "there are no devices here",
    "Group-NestingSupport.ReadWrite.All": "changes a setting of groups that is not kept",
    "Group-PreferredDataLocation.ReadWrite.All": "changes one property, which is read only here",
    "Group-XTenantIdentitySync.Read.All": "synchronisation across tenants is not kept",
    "Group.ManageProtection.All": "changes a setting of groups that is not kept",
    "Group.ReadBasic.All": "the documents do not say which properties are basic",
    "GroupMember.ReadBasic.All": "the documents do not say which properties are basic",
    "User.ManageIdentities.All": "changes one property, which is read only here",
    "User.ReadWrite.CrossCloud": "is for guests from other clouds",
}
"""Permissions that open nothing here, with the reason. Those for agents and for managed devices are not in the data."""

OF_WHAT_IT_OWNS: Final = "listings and what refers to an application are not opened by owning one of them"
OWNED: Final = {"Application.ReadWrite.OwnedBy"}
APP_ROLES: Final = ("appRoleAssignedTo", "appRoleAssignments")
"""The addresses of app role assignments, below each of their ends."""

DIFFERENCES: Final[Mapping[Place, tuple[set[str], set[str], str]]] = {
    ("GET", "/servicePrincipals/{object}/ownedObjects"): (set(), OWNED, OF_WHAT_IT_OWNS),
    ("GET", "/servicePrincipals/{object}/memberOf"): (set(), OWNED, OF_WHAT_IT_OWNS),
    **{
        ("GET", f"/servicePrincipals/{{principal}}/{end}{item}"): (set(), OWNED, OF_WHAT_IT_OWNS)
        for end in APP_ROLES
        for item in ("", "/{assignment}")
    },
    **{
        ("GET", f"/groups/{{group}}/{listing}"): (
            {"Directory.ReadWrite.All"},
            set(),
            "the azuread provider lists them of every group, and its documents say that this permission suffices",
        )
        for listing in ("members", "owners", "transitiveMembers")
    },
    ("GET", "/groups/{object}/memberOf"): (
        {"Group.ReadWrite.All"},
        set(),
        "the azuread provider reads it of every group that it manages, and its documents name this permission alone",
    ),
    ("POST", "/applications/{application}/owners/$ref"): (
        set(),
        {"Directory.Read.All"},
        "needed as well for an owner to be looked up; the azuread provider's documents do without",
    ),
    ("POST", "/servicePrincipals/{principal}/owners/$ref"): (
        set(),
        {"Directory.Read.All"},
        "needed as well for an owner to be looked up; the azuread provider's documents do without",
    ),
    ("POST", "/applications/{application}/addPassword"): (
        set(),
        {"Directory.ReadWrite.All"},
        "it does not change an application otherwise, which is the stricter reading",
    ),
    ("POST", "/applications/{application}/removePassword"): (
        set(),
        {"Directory.ReadWrite.All"},
        "it does not change an application otherwise, which is the stricter reading",
    ),
    **{
        ("DELETE", f"/servicePrincipals/{{principal}}/{end}/{{assignment}}"): (
            set(),
            {"Application.ReadWrite.All"},
            "it does not give an app role either: what can take consent away is only what can give it",
        )
        for end in APP_ROLES
    },
    ("GET", "/organization/{organization}"): (
        {"Directory.Read.All", "Directory.ReadWrite.All", "Organization.Read.All", "Organization.ReadWrite.All"},
        set(),
        "the data has the listing's permissions for the listing alone, which answers the same",
    ),
    ("POST", "/directory/administrativeUnits/{unit}/members/$ref"): (
        set(),
        {"Directory.ReadWrite.All", "Group.Create", "Group.ReadWrite.All"},
        "one address for two operations: these make a group in a unit",
    ),
    ("POST", "/directory/administrativeUnits/{unit}/members"): (
        set(),
        {"AdministrativeUnit.ReadWrite.All"},
        "one address for two operations: this one adds a member that exists",
    ),
    **{
        ("GET", f"/roleManagement/directory/roleEligibilityScheduleRequests{item}"): (
            {"RoleEligibilitySchedule.Read.Directory", "RoleManagement.Read.All", "RoleManagement.Read.Directory"},
            set(),
            "the data has them for people alone; they read what the requests led to",
        )
        for item in ("", "/{request}", "/filterByCurrentUser(on={on})")
    },
    ("POST", "/roleManagement/directory/roleAssignmentScheduleRequests"): (
        set(),
        {"RoleAssignmentSchedule.Remove.Directory", "RoleEligibilitySchedule.Remove.Directory"},
        "they only remove: not told apart here, which is the stricter reading",
    ),
    **{
        ("POST", f"/identityGovernance/privilegedAccess/group/{way.lower()}ScheduleRequests"): (
            set(),
            {f"Privileged{way}Schedule.Remove.AzureADGroup"},
            "it only removes: not told apart here, which is the stricter reading",
        )
        for way in ("Eligibility", "Assignment")
    },
    **{
        ("GET", f"/policies/{policies}"): (
            {
                "RoleManagementPolicy.Read.AzureADGroup",
                "RoleManagementPolicy.Read.Directory",
                "RoleManagementPolicy.ReadWrite.AzureADGroup",
                "RoleManagementPolicy.ReadWrite.Directory",
            },
            set(),
            "the data has none of the permissions for these policies, and the pages of the reference have all of them",
        )
        for policies in (
            "roleManagementPolicies",
            "roleManagementPolicies/{policy}",
            "roleManagementPolicies/{policy}/effectiveRules",
            "roleManagementPolicies/{policy}/rules",
            "roleManagementPolicies/{policy}/rules/{rule}",
            "roleManagementPolicyAssignments",
            "roleManagementPolicyAssignments/{assignment}",
        )
    },
    **{
        (method, f"/identity/conditionalAccess/policies{item}"): (
            set(),
            {"Application.Read.All"},
            "needed as well, with Policy.Read.All: the function that answers asks for it",
        )
        for method, item in (("POST", ""), ("PATCH", "/{policy}"))
    },
    ("POST", "/directory/deletedItems/{item}/restore"): (
        {"AdministrativeUnit.ReadWrite.All", "Application.ReadWrite.All", "Group.ReadWrite.All"},
        set(),
        "the data has users alone; the page of the reference has a table of the other kinds",
    ),
}
"""What suffices here and not there, and the other way round, with the reason."""

WITHOUT_DATA: Final[Mapping[Place, str]] = {
    ("POST", "/groups/{group}/validateProperties"): "the page of the reference has the permissions",
    ("POST", "/groups/{group}/members/$ref"): "as removing one, which the data has",
    **{
        ("GET", path): "a property of the object, which takes what reading the object takes"
        for path in (
            "/applications/{application}/appRoles",
            "/servicePrincipals/{principal}/appRoles",
            "/servicePrincipals/{principal}/oauth2PermissionScopes",
        )
    },
    **{
        ("GET", f"/identity/conditionalAccess/deletedItems/{kind}{item}"): "as those that were not deleted"
        for kind in ("policies", "namedLocations")
        for item in ("", "/{item}")
    },
    ("PATCH", "/policies/roleManagementPolicies/{policy}"): "the page of the reference has the permissions",
    (
        "PATCH",
        "/policies/roleManagementPolicies/{policy}/rules/{rule}",
    ): "the page of the reference has the permissions",
    **{
        (method, path): "the page of the reference has a table of the kinds"
        for method, path in REQUIRED
        if path.startswith("/directory/deletedItems/") and not path.endswith("/restore")
    },
}
ALSO_WITHOUT_DATA: Final = {
    ("POST", "/applications/{application}/owners/$ref"),
    ("POST", "/servicePrincipals/{principal}/owners/$ref"),
}
"""Where the data has something that is needed as well, and the table of differences says why it is not here."""


def theirs(method: str, path: str) -> list[str] | None:
    """The data for an operation: references, counts and casts take what the list takes."""
    plain = re.sub(r"/microsoft\.graph\.\w+", "", re.sub(r"\{[^}]*\}", "{id}", path).lower())
    # One app role assignment is read with what reads the list of them.
    addresses = [plain, plain.removesuffix("/$ref"), plain.removesuffix("/$count"), plain.removesuffix("/{id}")]
    return next((DATA[f"{method} {found}"] for found in addresses if f"{method} {found}" in DATA), None)


def listing(place: Place) -> Place:
    """The list that a count or a cast is of, which takes the same."""
    method, path = place
    return method, re.sub(r"/microsoft\.graph\.\w+", "", path).removesuffix("/$count")


def ours(place: Place) -> set[str]:
    required = REQUIRED[place]
    by_owner = required.owner_needs if required.owned else frozenset()
    return {*required.any_of, *required.also, *required.for_properties, *by_owner}


@pytest.mark.parametrize("place", [place for place in REQUIRED if place not in WITHOUT_DATA], ids=" ".join)
def test_what_an_endpoint_takes_is_what_microsoft_says_or_differs_for_a_reason(place: Place) -> None:
    data = theirs(*place)
    assert data is not None, "no data: say why in WITHOUT_DATA"
    documented = {entry.partition("+")[0] for entry in data} - NOT_MODELLED.keys()
    more, fewer, _ = DIFFERENCES.get(listing(place), (set(), set(), ""))
    assert ours(place) - documented == more
    assert documented - ours(place) == fewer


@pytest.mark.parametrize("place", [place for place in REQUIRED if place not in WITHOUT_DATA], ids=" ".join)
def test_what_is_needed_as_well_is_needed_here(place: Place) -> None:
    required = REQUIRED[place]
    for entry in theirs(*place) or ():
        permission, _, as_well = entry.partition("+")
        if permission in required.any_of | required.owner_needs and as_well and place not in ALSO_WITHOUT_DATA:
            assert required.also & {*as_well.split("|")}, entry


@pytest.mark.parametrize("place", WITHOUT_DATA, ids=" ".join)
def test_what_is_said_to_be_without_data_is(place: Place) -> None:
    assert place in REQUIRED
    assert theirs(*place) is None


def test_every_stated_difference_is_one() -> None:
    assert DIFFERENCES.keys() <= REQUIRED.keys()
    assert all(more or fewer for more, fewer, _ in DIFFERENCES.values())
    named = {entry.partition("+")[0] for data in DATA.values() for entry in data}
    assert NOT_MODELLED.keys() <= named
    assert not NOT_MODELLED.keys() & {name for place in REQUIRED for name in ours(place)}
