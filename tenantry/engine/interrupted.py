"""What an update was making when its engine was killed: pending creates in a state, and the state without them.

The engine writes down what it is about to create, and the provider's answer afterwards. Where it is killed in between
(the provider waits twenty seconds on each new account), the tenant has an object that the state does not know: the
next update would make it a second time, and be refused. A pending create proves that this stack was making it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tenantry.errors import EngineError

USER: Final = "azuread:index/user:User"
ROLE: Final = "azuread:index/directoryRole:DirectoryRole"
ASSIGNMENT: Final = "azuread:index/directoryRoleAssignment:DirectoryRoleAssignment"
ELIGIBILITY: Final = "azuread:index/directoryRoleEligibilityScheduleRequest:DirectoryRoleEligibilityScheduleRequest"
MEMBERSHIP: Final = "azuread:index/groupMember:GroupMember"

_CREATING: Final = "creating"


class _Inputs(BaseModel):
    """The inputs by which an object is found again; nothing else of them is looked at."""

    model_config = ConfigDict(extra="ignore")

    upn: str = Field("", alias="userPrincipalName")
    role: str = Field("", alias="roleId")
    eligible_role: str = Field("", alias="roleDefinitionId")
    holder: str = Field("", alias="principalObjectId")
    eligible_holder: str = Field("", alias="principalId")
    scope: str = Field("/", alias="directoryScopeId")
    group: str = Field("", alias="groupObjectId")
    member: str = Field("", alias="memberObjectId")


class _Resource(BaseModel):
    model_config = ConfigDict(extra="ignore")

    urn: str
    type: str
    inputs: _Inputs = _Inputs()


class _Operation(BaseModel):
    model_config = ConfigDict(extra="ignore")

    type: str
    resource: _Resource


class _Deployment(BaseModel):
    model_config = ConfigDict(extra="ignore")

    pending_operations: tuple[_Operation, ...] = ()


class _State(BaseModel):
    model_config = ConfigDict(extra="ignore")

    deployment: _Deployment


@dataclass(frozen=True)
class PendingCreate:
    """A resource that was being created."""

    urn: str
    type: str
    inputs: _Inputs

    @property
    def name(self) -> str:
        """The resource's name, the last part of the URN."""
        return self.urn.rpartition("::")[2]

    def __str__(self) -> str:
        return f"{self.name} ({self.type.rpartition(':')[2]})"


@dataclass(frozen=True)
class Found:
    """The object that a pending create came to."""

    id: str
    """Its id as the provider writes it."""
    object_id: str | None = None
    """Its object id, where its resource tells one."""


def pending_creates(exported: str) -> list[PendingCreate]:
    """What a state (`pulumi stack export`) says was being created. Raises EngineError where it is no state."""
    try:
        operations = _State.model_validate_json(exported).deployment.pending_operations
    except ValidationError:
        # The validation's error holds parts of the state.
        raise EngineError(
            "`pulumi stack export` did not answer with a state that is understood. Nothing was changed. Look at its "
            "answer, and at the engine's version."
        ) from None
    return [
        PendingCreate(one.resource.urn, one.resource.type, one.resource.inputs)
        for one in operations
        if one.type == _CREATING
    ]


def completed(exported: str, found: Mapping[str, Found]) -> str:
    """The state in which pending creates are over: what was found (by URN) is the stack's, the rest never was.

    What a resource looks like in the tenant is left to the next refresh. Secrets stay encrypted as they are.
    """
    state = json.loads(exported)
    deployment = state["deployment"]
    operations = deployment.get("pending_operations", [])
    deployment["resources"] = [*deployment.get("resources", []), *_owned(operations, found)]
    deployment["pending_operations"] = [one for one in operations if one["type"] != _CREATING]
    return json.dumps(state)


def _owned(operations: list[dict[str, object]], found: Mapping[str, Found]) -> Iterator[dict[str, object]]:
    for operation in operations:
        resource = operation["resource"]
        if operation["type"] != _CREATING or not isinstance(resource, dict) or resource["urn"] not in found:
            continue
        there = found[resource["urn"]]
        outputs = {name: value for name, value in resource["inputs"].items() if name != "__defaults"}
        if there.object_id:
            outputs["objectId"] = there.object_id
        yield {**resource, "id": there.id, "outputs": {**outputs, "id": there.id}}
