"""What is answered has the form of the examples in Microsoft Graph's reference: the same names, of the same types."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from tenantry.directory.enrolment import deployment_principal_id
from tenantry.directory.resources import RESOURCES
from tenantry.graph_permissions import permissions

from .samples import ADA, BILLING_ADMINISTRATOR, PASSWORD, PERMISSIONS, SECURITY, UNITED_STATES, Permitted, Tenant

FILE: Final = Path(__file__).parents[1] / "data" / "graph-reference-examples.json"
EXAMPLES: Final[list[dict[str, Any]]] = json.loads(FILE.read_text(encoding="utf-8"))["examples"]
GRAPH: Final = "00000003-0000-0000-c000-000000000000"
TYPES: Final[Mapping[type, str]] = {str: "text", bool: "flag", int: "number"}


@pytest.fixture
def tenant(permitted: Permitted) -> Tenant:
    return permitted(*PERMISSIONS, *SECURITY, "User.Invite.All")


def names(tenant: Tenant) -> dict[str, str]:
    """What the requests of the file name."""
    eligible = tenant.add_user("eligible")
    request: dict[str, Any] = {
        "principalId": eligible,
        "roleDefinitionId": BILLING_ADMINISTRATOR,
        "directoryScopeId": "/",
    }
    request |= {"action": "adminAssign", "justification": "Billing"}
    request["scheduleInfo"] = {"expiration": {"type": "noExpiration"}}
    tenant.post("/v1.0/roleManagement/directory/roleEligibilityScheduleRequests", request)
    return {
        "client": tenant.post("/v1.0/applications", {"displayName": "Portal"})["appId"],
        "eligible": eligible,
        "graph": tenant.ids(f"/v1.0/servicePrincipals?$filter=appId eq '{GRAPH}'")[0],
        "group": tenant.add_group("Ops"),
        "password": PASSWORD,
        "permission": next(id_ for id_, value in permissions().application.items() if value == "Contacts.Read"),
        "principal": deployment_principal_id(UNITED_STATES.tenant_id),
        "role": BILLING_ADMINISTRATOR,
        "unit": tenant.post("/v1.0/directory/administrativeUnits", {"displayName": "West"})["id"],
        "user": ADA.object_id,
    }


def differences(example: Any, answer: Any, place: str = "") -> Iterator[str]:
    """Yield where an answer lacks a name of the example, or has a value of another type; null is of every type."""
    if example is None or answer is None:
        return
    if isinstance(example, dict) and isinstance(answer, dict):
        for name, value in example.items():
            if name in answer:
                yield from differences(value, answer[name], f"{place}/{name}")
            else:
                yield f"{place}/{name}"
    elif isinstance(example, list) and isinstance(answer, list):
        for each in answer if example else ():
            yield from differences(example[0], each, f"{place}[]")
    elif example != TYPES.get(type(answer)):
        yield f"{place} is {answer!r}"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example['page']}-{EXAMPLES.index(example)}")
def test_an_answer_has_the_names_and_types_of_the_example(tenant: Tenant, example: dict[str, Any]) -> None:
    asked = json.dumps([example["path"], example.get("body")])
    for name, value in names(tenant).items():
        asked = asked.replace(f"{{{name}}}", value)
    path, body = json.loads(asked)
    status, answer = tenant.graph.request(example["method"], f"/v1.0{path}", body)
    assert status in (200, 201), answer
    listed = example["path"].strip("/").removesuffix("/{role}")
    resource = next((known for known in RESOURCES.values() if known.set_name == listed), None)
    not_kept = resource.not_kept | resource.known_of_some if resource else frozenset()
    assert {each for each in differences(example["answer"], answer) if each.strip("/") not in not_kept} == set()
    if example["method"] == "GET":
        assert answer.get("value") != []
