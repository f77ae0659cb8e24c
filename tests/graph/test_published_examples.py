"""The responses that Microsoft publishes for what is read: each is understood, or is refused for what it leaves out."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tenantry.graph.client import GraphReader
from tenantry.graph.errors import Cause, NotReadableError
from tests.directory.samples import NOBODY

from .test_reader import reader

EXAMPLES: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "data/graph-examples.json").read_text(encoding="utf-8")
)
READ: dict[str, tuple[Callable[[GraphReader], list[Any]], dict[str, object]]] = {
    "organization-list": (lambda graph: [graph.organization()], {"country_letter_code": "NL", "street": None}),
    "rbacapplication-list-roleeligibilityschedules": (lambda graph: list(graph.role_eligibilities()), {"scope": "/"}),
    "rbacapplication-list-roleassignmentscheduleinstances": (
        lambda graph: list(graph.activated_roles()),
        {"assignment_type": "Assigned"},
    ),
    "oauth2permissiongrant-list": (lambda graph: list(graph.consent_grants()), {"principal_id": None}),
    "group-list-owners": (lambda graph: list(graph.owners(NOBODY)), {"user_principal_name": "admin@contoso.com"}),
    "serviceprincipal-list-approleassignedto": (
        lambda graph: list(graph.permissions_granted()),
        {"principal_id": "cdb555e3-b33e-4fd5-a427-17fadacbdfa7", "principal_type": "User"},
    ),
    "conditionalaccessroot-list-policies": (
        lambda graph: list(graph.conditional_access()),
        {"display_name": "SimplePolicy2", "state": "disabled"},
    ),
    "identitysecuritydefaultsenforcementpolicy-get": (
        lambda graph: [graph.security_defaults()],
        {"is_enabled": True},
    ),
    "application-list-federatedidentitycredentials": (
        lambda graph: list(graph.federated_identities(NOBODY)),
        {"end_date_time": None},
    ),
    "authenticationmethodsroot-list-userregistrationdetails": (
        lambda graph: list(graph.registrations()),
        {"is_mfa_capable": True, "methods_registered": ("microsoftAuthenticatorPush", "softwareOneTimePasscode")},
    ),
    "authentication-list-methods": (
        lambda graph: list(graph.authentication_methods(NOBODY)),
        {"id": "-2_GRUg2-HYz6_1YG4YRAQ2", "kind": "fido2"},
    ),
    "directoryaudit-list": (
        lambda graph: list(graph.audit_log("UserManagement")),
        {
            "by": "bob@wingtiptoysonline.com",
            "activity_display_name": "Add member to group",
            "targets": {"ef7e527d-6c92-4234-8c6d-cf6fdfb57f95", "1f0e98f5-3161-4c6b-9b50-d488572f2bb7"},
        },
    ),
}
SHORTENED: dict[str, tuple[Callable[[GraphReader], list[Any]], str]] = {
    "domain-list": (lambda graph: list(graph.domains()), "value.0.isVerified"),
    "rbacapplication-list-roleassignments": (lambda graph: list(graph.role_assignments()), "value.0.appScopeId"),
    "application-list": (lambda graph: list(graph.applications_with_owners([NOBODY])), "value.0.passwordCredentials"),
}
#: What is asked first for the permissions that applications have.
GRAPH_ITSELF = {"value": [{"id": NOBODY, "appId": NOBODY, "displayName": "Microsoft Graph", "accountEnabled": True}]}


def answering(content: Any) -> GraphReader:
    def answer(request: httpx.Request) -> httpx.Response:
        first = request.url.path.endswith("/servicePrincipals")
        return httpx.Response(200, json=GRAPH_ITSELF if first else content)

    return reader(answer)


def test_every_example_is_read() -> None:
    assert (set(EXAMPLES["whole"]), set(EXAMPLES["shortened"])) == (set(READ), set(SHORTENED))


@pytest.mark.parametrize("page", READ)
def test_a_published_response_is_understood(page: str) -> None:
    way, expected = READ[page]
    content = EXAMPLES["whole"][page]
    with answering(content) as graph:
        found = way(graph)
    assert len(found) == len(content.get("value", [content]))
    assert {name: getattr(found[0], name) for name in expected} == expected


@pytest.mark.parametrize("page", SHORTENED)
def test_a_response_that_leaves_out_what_was_asked_for_is_refused_by_its_name(page: str) -> None:
    way, missing = SHORTENED[page]
    with answering(EXAMPLES["shortened"][page]) as graph, pytest.raises(NotReadableError) as refused:
        way(graph)
    assert refused.value.cause is Cause.UNEXPECTED
    assert missing in str(refused.value)


def test_a_count_is_a_number_and_nothing_else() -> None:
    with reader(lambda _: httpx.Response(200, text="893")) as graph:
        assert graph.enabled_people_in(NOBODY) == 893
    with reader(lambda _: httpx.Response(200, text="many")) as graph, pytest.raises(NotReadableError):
        graph.enabled_people_in(NOBODY)
