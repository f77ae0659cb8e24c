"""What the engine asks of a relationship: check, compare, create, read, update, delete.

Creating and updating are the same: read, take the next step, read again, until nothing is left to do but what others
must do. So an update that was killed, throttled or overtaken goes on where the tenant is, and makes nothing twice.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Final

from pydantic import ValidationError

from components.relationships.graph import Overtaken, Relationships, WriteError
from components.relationships.lifecycle import (
    Assign,
    Change,
    Found,
    Step,
    UntilActive,
    UntilProvided,
    Wanted,
    failed_assignments,
    refusal,
    removal_refusal,
    steps,
    taken_over,
)
from tenantry.graph.errors import GraphError

UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What the engine writes for a value that is not known before the update (`pulumi.runtime.rpc.UNKNOWN`)."""
_PAUSE: Final = 3.0
_PAUSES: Final = 40
"""How often, and for how many seconds each, an update waits for what Microsoft does in about thirty."""


class Refused(GraphError):  # noqa: N818 - as it reads to a user
    """What is declared cannot be, or must not be done."""


@dataclass(frozen=True)
class Result:
    """A resource after something was done or read."""

    id: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]


class RelationshipResource:
    """The resource type. Its methods may run at once, in threads. They raise GraphError with what the user can do."""

    def __init__(
        self,
        connect: Callable[[], Relationships] = Relationships.from_environment,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """``connect`` is called once, with the first request."""
        self._connect, self._sleep = connect, sleep
        self._connected: Relationships | None = None
        self._lock = threading.Lock()

    def check(self, inputs: Mapping[str, Any]) -> list[tuple[str, str]]:
        """What is wrong with inputs: property and reason. A group that is made in the same update is not known yet."""
        try:
            Wanted.model_validate(inputs)
        except ValidationError as error:
            return [(".".join(map(str, one["loc"])), one["msg"]) for one in error.errors(include_input=False)]
        return []

    def diff(self, outputs: Mapping[str, Any], before: Mapping[str, Any], inputs: Mapping[str, Any]) -> tuple[str, ...]:
        """The properties with which an update has something to do.

        Raises Refused for what cannot be done, so that a preview says it.
        """
        wanted, found = Wanted.model_validate(inputs), Found.in_state(outputs)
        if wanted.partner_tenant_id != outputs["partnerTenantId"]:
            raise Refused(
                f"Refused: {found} belongs to the tenant {outputs['partnerTenantId']}, and is declared in "
                f"{wanted.partner_tenant_id}. Nothing was changed. Fix: declare it in its own tenant's file."
            )
        if refused := refusal(wanted, found):
            raise Refused(refused)
        if not steps(wanted, found) and wanted.agrees_with(Wanted.model_validate(before)):
            return ()
        names = ("assignments", "autoExtendDuration", "roleDefinitionIds", "terminate")
        now = {**outputs, "roleDefinitionIds": sorted(found.roles)}
        changed = tuple(name for name in names if wanted.as_inputs()[name] != now.get(name))
        return changed or ("status",)

    def create(self, inputs: Mapping[str, Any]) -> Result:
        """Make a relationship and send it to the customer, or go on with the one that an interrupted update made."""
        wanted = Wanted.model_validate(inputs)
        graph = self._signed_in(wanted.partner_tenant_id)
        found = graph.named(wanted.display_name)
        if found is None and wanted.terminate:
            raise Refused(
                f"Refused: there is no relationship {wanted.display_name!r} to terminate. Remove it from the "
                "declaration, or name the existing one: `adopted: RELATIONSHIP-ID`."
            )
        if found is None:
            try:
                graph.create(wanted)
            except Overtaken as why:
                # Whether it was made shows by its name, below.
                self._sleep(_PAUSE)
                reason = str(why)
            else:
                reason = "its list does not show it"
            found = self._made(graph, wanted, reason)
        # Also after a request to make it: what has the name by then may be somebody else's.
        if refused := taken_over(wanted, found):
            raise Refused(refused)
        return self._settled(graph, wanted, found)

    def read(self, relationship_id: str, inputs: Mapping[str, Any]) -> Result | None:
        """A relationship as it is; None where it does not exist. Without inputs it is being imported."""
        wanted = Wanted.model_validate(inputs) if inputs else None
        graph = self._signed_in(wanted.partner_tenant_id if wanted else None)
        found = graph.get(relationship_id)
        if found is None:
            return None
        return _result(wanted or found.as_wanted(graph.tenant_id()), found)

    def update(self, relationship_id: str, inputs: Mapping[str, Any]) -> Result:
        """Take the steps that are left."""
        wanted = Wanted.model_validate(inputs)
        graph = self._signed_in(wanted.partner_tenant_id)
        found = self._existing(graph, relationship_id)
        if refused := refusal(wanted, found):
            raise Refused(refused)
        return self._settled(graph, wanted, found)

    def delete(self, relationship_id: str, inputs: Mapping[str, Any]) -> None:
        """Delete what the customer was never asked, forget what has ended, and refuse everything else."""
        wanted = Wanted.model_validate(inputs)
        graph = self._signed_in(wanted.partner_tenant_id)
        found = graph.get(relationship_id)
        if found is None:
            return
        if refused := removal_refusal(found, terminate=wanted.terminate):
            raise Refused(refused)
        if found.status == "created":
            try:
                graph.delete(found)
            except Overtaken as why:
                raise WriteError(f"{found} was not deleted: {why}. Run the update again.") from None

    def _settled(self, graph: Relationships, wanted: Wanted, found: Found) -> Result:
        """Take the steps that are left, each decided on what there is by then, and none twice."""
        pauses, taken = 0, set[Step]()
        while left := steps(wanted, found):
            step, why = left[0], "it was accepted, and does not show yet"
            if step in taken and isinstance(step, Change) and step.held.failed:
                raise WriteError(
                    f"{found}: Microsoft could not give their roles to {failed_assignments(wanted, found)}. "
                    "Check it in Partner Center, then run the update again."
                )
            for one in _together(left):
                if one in taken:
                    continue
                try:
                    graph.take(one, found)
                except Overtaken as reason:
                    why = str(reason)
                    break
                taken.add(one)
                why = ""
            if why:
                pauses += 1
                if pauses > _PAUSES:
                    if isinstance(step, UntilActive | UntilProvided):
                        break
                    raise WriteError(f"{found} could not be changed: {why}. Run the update again.")
                self._sleep(_PAUSE)
            found = self._existing(graph, found.id)
        return _result(wanted, found)

    def _made(self, graph: Relationships, wanted: Wanted, reason: str) -> Found:
        """The relationship that was just made; Microsoft's list may take a moment to show it."""
        for _ in range(_PAUSES):
            if found := graph.named(wanted.display_name):
                return found
            self._sleep(_PAUSE)
        raise WriteError(
            f"It is not known whether the relationship {wanted.display_name!r} was made: {reason}. Run the update "
            "again: it looks for it by this name, and makes it only where it does not exist."
        )

    def _existing(self, graph: Relationships, relationship_id: str) -> Found:
        found = graph.get(relationship_id)
        if found is None:
            raise WriteError(f"The relationship {relationship_id} no longer exists. Run `pulumi refresh`.")
        return found

    def _signed_in(self, tenant_id: str | None) -> Relationships:
        """Microsoft Graph, of the tenant that a relationship belongs to: elsewhere it would seem not to exist."""
        with self._lock:
            if self._connected is None:
                self._connected = self._connect()
            here = self._connected.tenant_id()
        if tenant_id is not None and here != tenant_id:
            raise Refused(
                f"Refused: the environment signs in to the tenant {here}, and the relationship belongs to {tenant_id}. "
                "Nothing was changed. Sign in to that tenant (ARM_TENANT_ID)."
            )
        return self._connected


def _together(left: Sequence[Step]) -> Sequence[Step]:
    """What is written before anything is read again: the first step, or what several groups are assigned.

    An assignment is of one group, and says nothing of the others.
    """
    return list(takewhile(lambda step: isinstance(step, Assign), left)) or left[:1]


def _result(wanted: Wanted, found: Found) -> Result:
    return Result(found.id, wanted.as_inputs(), found.outputs(wanted))
