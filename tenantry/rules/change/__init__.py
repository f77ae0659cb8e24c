"""Safety before the first resource: what a change takes from whom, and whether it may (rules PT-203, PT-204, PT-206).

Pure but for :mod:`tenantry.access.reading`, which fills :class:`Existing` from Microsoft Graph and the stack's state,
and :mod:`tenantry.rules.change.preflight`, which asks everything at once;
:func:`change` says what applying the declaration takes and gives; :func:`judge` says everything that speaks against it.
"""

from tenantry.access.change import MADE_NOW, Cause, Change, Gain, Loss, change
from tenantry.access.existing import (
    WHOLE_TENANT,
    ConsentGrant,
    DeletedAccount,
    Existing,
    Held,
    HeldPower,
    NotRead,
    OtherRole,
    OwnedAccount,
    OwnedEligibility,
    Part,
    TakenAddress,
    role_of,
)
from tenantry.rules.change.advice import advice
from tenantry.rules.change.digests import digest, removals_text
from tenantry.rules.change.evaluate import judge
from tenantry.rules.change.refusal import Kind, Refusal

__all__ = [
    "MADE_NOW",
    "WHOLE_TENANT",
    "Cause",
    "Change",
    "ConsentGrant",
    "DeletedAccount",
    "Existing",
    "Gain",
    "Held",
    "HeldPower",
    "Kind",
    "Loss",
    "NotRead",
    "OtherRole",
    "OwnedAccount",
    "OwnedEligibility",
    "Part",
    "Refusal",
    "TakenAddress",
    "advice",
    "change",
    "digest",
    "judge",
    "removals_text",
    "role_of",
]
