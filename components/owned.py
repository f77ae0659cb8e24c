"""Asks the engine what this stack owns already, before anything is registered."""

from typing import Final

import pulumi

from components.providers import first_line
from tenantry.access.state import StackState, read_state
from tenantry.declaration import Tenant

_OUTPUTS_OF_A_STACK: Final = "pulumi:pulumi:readStackResourceOutputs"


def owned_by_this_stack() -> StackState:
    """What the engine has in this stack's state.

    The engine hands out everything, secrets too: nothing but what a :class:`StackState` has is kept. Raises
    :class:`pulumi.RunError` where the state cannot be read.
    """
    stack = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    try:
        state = pulumi.runtime.invoke(_OUTPUTS_OF_A_STACK, {"stackName": stack}).value
    except Exception as error:  # noqa: BLE001 (the SDK raises plain exceptions for a failed look-up)
        raise pulumi.RunError(
            f"Could not read what this stack owns: {first_line(error)} Nothing was changed."
        ) from None
    outputs = {urn: resource["outputs"] for urn, resource in state["outputs"].items()}
    return read_state(outputs, recorded=bool(state.get("recorded")))


def known_ids(name: str, tenant: Tenant, owned: StackState) -> dict[str, str]:
    """The object ids of adopted people, and of accounts that this stack made before, by key.

    ``name`` is the partner tenant's; people who are adopted by UPN have their object ids in ``tenant`` already.
    """
    made = {first_key: account.object_id for first_key, account in owned.accounts_of(name).items()}
    ids = {key: person.adopted or made.get(person.first_key(key)) for key, person in tenant.members.items()}
    return {key: object_id for key, object_id in ids.items() if object_id}
