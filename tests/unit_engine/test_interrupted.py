"""What a killed update was making, as its state says, and the state once that is known."""

import json
from typing import Any

import pytest

from tenantry.access.resource_types import DIRECTORY_ROLE_ASSIGNMENT, USER
from tenantry.engine.interrupted import Found, completed, pending_creates
from tenantry.errors import EngineError

HEAD = "urn:pulumi:dev::tenantry::tenantry:index:PartnerTenant$tenantry:index:People"
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:canary"}


def user(key: str, operation: str = "creating") -> dict[str, Any]:
    inputs = {"__defaults": [], "userPrincipalName": f"{key}@fabrikam-us.com", "password": SECRET}
    urn = f"{HEAD}${USER}::us-{key}"
    return {
        "type": operation,
        "resource": {"urn": urn, "type": USER, "custom": True, "inputs": inputs, "protect": True},
    }


def state(*operations: dict[str, Any]) -> str:
    made = [{"urn": "urn:pulumi:dev::tenantry::pulumi:pulumi:Stack::tenantry-dev", "type": "pulumi:pulumi:Stack"}]
    return json.dumps({"version": 3, "deployment": {"resources": made, "pending_operations": list(operations)}})


def test_what_was_being_created_is_reported_and_nothing_else() -> None:
    (only,) = pending_creates(state(user("carla"), user("dora", "updating"), user("emil", "deleting")))
    assert str(only) == "us-carla (User)"
    assert only.inputs.upn == "carla@fabrikam-us.com"


def test_a_state_without_pending_operations_was_not_interrupted() -> None:
    assert pending_creates(json.dumps({"version": 3, "deployment": {"resources": []}})) == []


@pytest.mark.parametrize("answer", ["", "[]", '{"version": 3}', '{"deployment": {"pending_operations": [1]}}'])
def test_an_answer_that_is_no_state_is_an_error_and_not_an_empty_state(answer: str) -> None:
    with pytest.raises(EngineError, match="not answer with a state"):
        pending_creates(answer)


def test_what_was_made_becomes_the_stacks_with_its_secret_as_it_is_and_what_was_not_is_dropped() -> None:
    made, lost, other = user("carla"), user("dora"), user("emil", "updating")
    urn = made["resource"]["urn"]
    done = json.loads(completed(state(made, lost, other), {urn: Found("/users/42", "42")}))["deployment"]
    assert done["pending_operations"] == [other]
    stack, carla = done["resources"]
    assert stack["type"] == "pulumi:pulumi:Stack"
    assert (carla["urn"], carla["id"], carla["protect"]) == (urn, "/users/42", True)
    assert carla["inputs"] == made["resource"]["inputs"]
    assert carla["outputs"] == {
        "id": "/users/42",
        "objectId": "42",
        "userPrincipalName": "carla@fabrikam-us.com",
        "password": SECRET,
    }


def test_a_role_assignment_has_no_object_id() -> None:
    pending = {
        "type": "creating",
        "resource": {"urn": "u::a", "type": DIRECTORY_ROLE_ASSIGNMENT, "inputs": {"roleId": "r"}},
    }
    done = json.loads(completed(state(pending), {"u::a": Found("/roleAssignments/7")}))["deployment"]
    assert done["resources"][-1]["outputs"] == {"roleId": "r", "id": "/roleAssignments/7"}
