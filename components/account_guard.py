"""Refuses to delete the account of somebody who can still sign in.

:func:`tenantry.rules.change.evaluate` refuses the same, later, and both are needed. This guard goes by the names that
the program is about to register: it sees the deletion of an account whose key somebody else has taken over, and of one
that was disabled or deleted by hand while nobody declared that its person leaves. The rules go by the tenant as it is:
they see the deletion of an account that somebody enabled again since the last update, and say what is lost with it.
"""

from collections.abc import Iterator

import pulumi

from tenantry.access.state import StackState
from tenantry.declaration import Tenant


class LostAccountError(pulumi.RunError):
    """The declaration no longer has an account that this stack made, and the engine would delete it."""


def refuse_lost_accounts(name: str, tenant: Tenant, owned: StackState) -> None:
    """Compare the accounts that this stack made with those that the declaration has made here.

    ``name`` is the partner tenant's, with which its accounts' names begin. An account that is disabled may go: its
    person was declared a leaver before. Raises :class:`LostAccountError` with every other one, before any resource
    is registered.
    """
    refusals = list(_refusals(name, tenant, owned))
    if refusals:
        raise LostAccountError("\n".join([*refusals, "Nothing was changed."]))


def _refusals(name: str, tenant: Tenant, owned: StackState) -> Iterator[str]:
    made_here = {person.first_key(key) for key, person in tenant.members.items() if not person.adopted}
    adopted = {person.adopted: key for key, person in tenant.members.items() if person.adopted}
    for key, account in owned.accounts_of(name).items():
        if key in made_here:
            continue
        if account.object_id in adopted:
            yield (
                f"Refused: `people.{adopted[account.object_id]}.adopted` names the account of {account}, which this "
                f"stack created. An adopted account is not the stack's, so the account would be deleted. Remove "
                f"`adopted` and keep the key `{key}`: then the account stays."
            )
        elif account.principal.enabled:
            yield (
                f"Refused: this stack created the account of {account}, but the declaration no longer has `{key}` as "
                f"a person with an account of this stack: it would be deleted while it can still sign in. Put `{key}` "
                "back and declare `state: leaver`, run `pulumi up`, and remove the entry after that. If only the "
                f"key was changed, write under the new one: `former_keys: [{key}]`."
            )
