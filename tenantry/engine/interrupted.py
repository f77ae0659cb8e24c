"""What an update was making when its engine was killed: pending creates in a state, and the state without them.

The engine writes down what it is about to create, and the provider's answer afterwards. If it is killed in between
(the provider waits twenty seconds on each new account), the tenant has an object that the state does not know. The
next update would create it again, and fail. A pending create proves that this stack was making it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import AliasChoices, BaseModel, Field, ValidationError

from tenantry.errors import EngineError

_CREATING: Final = "creating"


class _Inputs(BaseModel):
    """The inputs that identify an object in the tenant; everything else in them is ignored."""

    upn: str = Field("", alias="userPrincipalName")
    role: str = Field("", validation_alias=AliasChoices("roleId", "roleDefinitionId"))
    holder: str = Field("", validation_alias=AliasChoices("principalObjectId", "principalId"))
    scope: str = Field("/", alias="directoryScopeId")
    group: str = Field("", alias="groupObjectId")
    member: str = Field("", alias="memberObjectId")
    name: str = Field("", alias="displayName")
    only_one: bool = Field(False, alias="preventDuplicateNames")
    """Whether a group is made only where none has its name."""


class PendingCreate(BaseModel):
    """A resource that was being created."""

    urn: str
    type: str
    inputs: _Inputs = _Inputs()

    def __str__(self) -> str:
        return f"{self.urn.rpartition('::')[2]} ({self.type.rpartition(':')[2]})"


class _Operation(BaseModel):
    type: str
    resource: PendingCreate


class _Deployment(BaseModel):
    pending_operations: tuple[_Operation, ...] | None = None
    resources: tuple[dict[str, Any], ...] | None = None


class _State(BaseModel):
    deployment: _Deployment


@dataclass(frozen=True)
class Found:
    """The object that a pending create came to."""

    id: str
    """Its id as the provider writes it."""
    object_id: str | None = None
    """Its object id, if its resource has one."""


def pending_creates(exported: str) -> list[PendingCreate]:
    """What was being created, as a state (`pulumi stack export`) says. Raises EngineError for anything else."""
    try:
        operations = _State.model_validate_json(exported).deployment.pending_operations or ()
    except ValidationError:
        # The validation's error holds parts of the state.
        raise EngineError(
            "`pulumi stack export` did not answer with a state that this version understands. Nothing was changed. "
            "Look at its answer, and at the engine's version."
        ) from None
    return [operation.resource for operation in operations if operation.type == _CREATING]


def completed(exported: str, found: Mapping[str, Found]) -> str:
    """The state without pending creates: the stack owns what was found (by URN), and nothing else of them.

    The next refresh reads what a resource looks like in the tenant. Secrets stay encrypted as they are.
    """
    state = json.loads(exported)
    deployment = state["deployment"]
    operations = deployment.get("pending_operations") or []
    created = [operation["resource"] for operation in operations if operation["type"] == _CREATING]
    owned = [_owned(resource, found[resource["urn"]]) for resource in created if resource["urn"] in found]
    deployment["resources"] = [*(deployment.get("resources") or []), *owned]
    deployment["pending_operations"] = [operation for operation in operations if operation["type"] != _CREATING]
    return json.dumps(state)


def _owned(resource: Mapping[str, Any], found: Found) -> dict[str, Any]:
    outputs = {name: value for name, value in (resource.get("inputs") or {}).items() if name != "__defaults"}
    object_id = {"objectId": found.object_id} if found.object_id else {}
    return {**resource, "id": found.id, "outputs": {**outputs, **object_id, "id": found.id}}
