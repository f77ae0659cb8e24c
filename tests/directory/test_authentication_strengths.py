"""Authentication strengths: Microsoft's own stay as they are, and a tenant's own as long as policies rely on them."""

from collections.abc import Callable
from typing import Any

import pytest

from .samples import NOBODY, Tenant
from .test_conditional_access import POLICIES, grant, policy

STRENGTHS = "/v1.0/policies/authenticationStrengthPolicies"
BUILT_IN = [f"00000000-0000-0000-0000-00000000000{number}" for number in (2, 3, 4)]


def strength(*combinations: str, **changes: Any) -> dict[str, Any]:
    return {"displayName": "Keys", "description": "Keys alone", "allowedCombinations": list(combinations), **changes}


def required(security: Tenant, strength_id: str) -> str:
    """Make a policy that requires a strength."""
    body = policy(grantControls=grant(authenticationStrength={"id": strength_id}))
    return str(security.post(POLICIES, body)["id"])


def test_a_tenant_begins_with_microsofts_own(security: Tenant):
    listed = security.get(STRENGTHS)["value"]
    assert [found["id"] for found in listed] == BUILT_IN
    assert {found["policyType"] for found in listed} == {"builtIn"}
    assert {found["requirementsSatisfied"] for found in listed} == {"mfa"}
    resistant = security.get(f"{STRENGTHS}/{BUILT_IN[2]}")
    assert resistant["allowedCombinations"] == ["windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor"]
    assert resistant["combinationConfigurations"] == []


@pytest.mark.parametrize(
    ("combinations", "satisfied"),
    [
        (["fido2"], "mfa"),
        (["fido2", "password, sms"], "mfa"),
        (["voice,password"], "mfa"),
        (["password"], "none"),
        (["fido2", "sms"], "none"),
    ],
)
def test_a_strength_satisfies_mfa_if_all_of_its_combinations_do(
    security: Tenant, combinations: list[str], satisfied: str
):
    made = security.post(STRENGTHS, strength(*combinations))
    assert (made["policyType"], made["requirementsSatisfied"]) == ("custom", satisfied)
    assert made["allowedCombinations"] == combinations
    assert made["createdDateTime"]
    assert made["modifiedDateTime"]
    assert security.ids(f"{STRENGTHS}?$filter=policyType eq 'custom'") == [made["id"]]


@pytest.mark.parametrize("combinations", [[], ["telepathy"], ["fido2,sms"], ["password,email"], [""]])
def test_a_combination_that_does_not_exist_is_refused(security: Tenant, combinations: list[str]):
    assert security.refused("POST", STRENGTHS, strength(*combinations))[0] == 400
    made = security.post(STRENGTHS, strength("fido2"))["id"]
    body = {"allowedCombinations": combinations}
    assert security.refused("POST", f"{STRENGTHS}/{made}/updateAllowedCombinations", body)[0] == 400


def test_names_change_by_themselves_and_combinations_by_an_action_of_their_own(security: Tenant):
    path = f"{STRENGTHS}/{security.post(STRENGTHS, strength('fido2'))['id']}"
    security.patch(path, {"displayName": "Strong"})
    assert security.refused("PATCH", path, {"allowedCombinations": ["sms"]})[0] == 400
    status, result = security.graph.request(
        "POST", f"{path}/updateAllowedCombinations", {"allowedCombinations": ["sms"]}
    )
    assert (status, result) == (
        200,
        {
            "@odata.type": "#microsoft.graph.updateAllowedCombinationsResult",
            "additionalInformation": None,
            "conditionalAccessReferences": [],
            "currentCombinations": ["sms"],
            "previousCombinations": ["fido2"],
        },
    )
    changed = security.get(path)
    assert (changed["displayName"], changed["allowedCombinations"], changed["requirementsSatisfied"]) == (
        "Strong",
        ["sms"],
        "none",
    )


def test_a_built_in_strength_is_neither_changed_nor_deleted(security: Tenant):
    path = f"{STRENGTHS}/{BUILT_IN[0]}"
    for method, where, body in (
        ("PATCH", path, {"displayName": "Mine"}),
        ("DELETE", path, None),
        ("POST", f"{path}/updateAllowedCombinations", {"allowedCombinations": ["fido2"]}),
    ):
        status, _, message = security.refused(method, where, body)
        assert (status, "built-in" in message) == (400, True)
    assert security.ids(STRENGTHS) == BUILT_IN


@pytest.mark.parametrize("spelt", [str.lower, str.upper])
def test_a_strength_that_policies_require_is_not_deleted_and_says_which_they_are(
    security: Tenant, spelt: Callable[[str], str]
):
    made = security.post(STRENGTHS, strength("password"))["id"]
    path = f"{STRENGTHS}/{made}"
    unused = security.get(f"{path}/usage")
    assert (unused["mfa"], unused["none"]) == ([], [])
    by = required(security, spelt(made))
    assert security.get(f"{POLICIES}/{by}")["grantControls"]["authenticationStrength"]["displayName"] == "Keys"
    usage = security.get(f"{path}/usage")
    assert ([found["id"] for found in usage["none"]], usage["mfa"]) == ([by], [])
    assert "in use" in security.refused("DELETE", path)[2]
    security.delete(f"{POLICIES}/{by}")
    security.delete(path)
    assert security.graph.request("GET", path)[0] == 404


def test_a_strength_that_policies_require_for_mfa_is_not_weakened_below_it(security: Tenant):
    made = security.post(STRENGTHS, strength("fido2"))["id"]
    path, by = f"{STRENGTHS}/{made}/updateAllowedCombinations", required(security, made)
    assert [found["id"] for found in security.get(f"{STRENGTHS}/{made}/usage")["mfa"]] == [by]
    assert security.refused("POST", path, {"allowedCombinations": ["sms"]})[0] == 400
    status, result = security.graph.request("POST", path, {"allowedCombinations": ["password,sms"]})
    assert (status, result["conditionalAccessReferences"]) == (200, [by])
    assert security.graph.request("GET", f"{STRENGTHS}/{NOBODY}/usage")[0] == 404
