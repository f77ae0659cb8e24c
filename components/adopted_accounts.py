"""Finds the accounts of people who are adopted by their UPN."""

import pulumi
import pulumi_azuread as azuread

from components.providers import first_line
from tenantry.access.adoption import look_up, sign_in_names
from tenantry.access.principals import Principal
from tenantry.declaration import Tenant


class AdoptionError(pulumi.RunError):
    """Somebody is adopted by a UPN that no account has, or several."""


def with_adopted_accounts(tenant: Tenant, invoke: pulumi.InvokeOptions | None = None) -> Tenant:
    """The tenant with the object ids of those who are adopted by UPN, as if its file named them.

    Raises :class:`AdoptionError`, before anything is registered, with everybody of whom there is no account or more
    than one, and :class:`pulumi.RunError` where nothing can be looked up.
    """
    names = sign_in_names(tenant)
    if not names:
        return tenant
    try:
        # What is missing is left out; any other failure is an error, and never taken for "nobody".
        found = azuread.get_users(user_principal_names=names, ignore_missing=True, opts=invoke).users
    except Exception as error:  # noqa: BLE001 (the SDK raises plain exceptions for a failed look-up)
        what = f"the accounts {', '.join(names)} (`adopted: by-upn`)"
        raise pulumi.RunError(f"Could not look up {what}: {first_line(error)} Nothing was touched.") from None
    looked_up = look_up(
        tenant,
        (Principal.in_directory(one.object_id, one.display_name, one.user_principal_name) for one in found),
    )
    if looked_up.refusals:
        raise AdoptionError("\n".join(looked_up.refusals))
    for key, account in looked_up.accounts.items():
        pulumi.log.info(f"`people.{key}` is adopted by UPN: {account}. To pin it: `adopted: {account.object_id}`.")
    return tenant.with_object_ids({key: account.object_id for key, account in looked_up.accounts.items()})
