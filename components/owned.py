"""What this stack owns already, as its state says: known before anything is registered."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pulumi

from components.providers import first_line

_OUTPUTS_OF_A_STACK: Final = "pulumi:pulumi:readStackResourceOutputs"
_ACCOUNT: Final = "tenantry:index:PartnerUser$azuread:index/user:User"


@dataclass(frozen=True)
class OwnedAccount:
    """An account that this stack made, as the state had it after the last update."""

    name: str
    """The resource's name: the tenant's and the person's key."""
    urn: str
    object_id: str
    upn: str
    full_name: str
    may_sign_in: bool

    def __str__(self) -> str:
        return f"{self.full_name} ({self.upn})"


def owned_accounts() -> list[OwnedAccount]:
    """The accounts of people that this stack made, by name.

    The engine hands out everything in the state, secrets too: nothing but what an :class:`OwnedAccount` says is kept.
    Raises :class:`pulumi.RunError` where the state cannot be read.
    """
    stack = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    try:
        state = pulumi.runtime.invoke(_OUTPUTS_OF_A_STACK, {"stackName": stack}).value
    except Exception as error:  # noqa: BLE001 (the SDK raises plain exceptions for a failed look-up)
        said = first_line(error)
        raise pulumi.RunError(f"Could not read what this stack owns: {said} Nothing was touched.") from None
    return sorted(_accounts(state["outputs"]), key=lambda account: account.name)


def _accounts(resources: Mapping[str, Mapping[str, Any]]) -> Iterator[OwnedAccount]:
    for urn, resource in resources.items():
        *_, types, name = urn.split("::")
        if types.endswith(_ACCOUNT):
            outputs = resource["outputs"]
            yield OwnedAccount(
                name,
                urn,
                outputs.get("objectId", ""),
                outputs.get("userPrincipalName", ""),
                outputs.get("displayName", ""),
                outputs.get("accountEnabled") is not False,
            )
