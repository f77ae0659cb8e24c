"""Refuses to work on another tenant than the declared one: the worst mistake there is."""

import os
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

import pulumi
import pulumi_azuread as azuread

from components.providers import first_line
from tenantry.access.state import StackState
from tenantry.declaration import Tenant

#: The stack whose passphrase is published, since its secrets belong to the embedded directory alone.
PUBLISHED_STACK: Final = "dev"


class WrongTenantError(pulumi.RunError):
    """The program is signed in to another tenant than its declaration names."""


def refuse_another_tenant(tenant: Tenant, opts: pulumi.InvokeOptions | None = None) -> None:
    """Compare the tenant that the provider is signed in to with the declared one, at preview and at update alike.

    Runs before any resource is registered. Raises :class:`WrongTenantError` where the tenant id or the initial
    domain differs, or where the stack with the published passphrase points anywhere but at this machine, and
    :class:`pulumi.RunError` where the tenant cannot be reached.
    """
    if pulumi.get_stack() == PUBLISHED_STACK and not _on_this_machine(os.environ.get("ARM_METADATA_HOSTNAME", "")):
        raise WrongTenantError(
            f"Refused: the stack `{PUBLISHED_STACK}` has a published passphrase and is for the embedded directory "
            'alone. Run `eval "$(tenantry env)"` first, or create your own stack: `pulumi stack init NAME`.'
        )
    try:
        signed_in = azuread.get_client_config(opts=opts).tenant_id
        domains = azuread.get_domains(only_initial=True, opts=opts).domains
    except Exception as error:  # noqa: BLE001 (the SDK raises plain exceptions for a failed look-up)
        if "Authorization_RequestDenied" in str(error):
            raise pulumi.RunError(
                f"The domains of the tenant {tenant.name} ({tenant.id}), which identify it, may not be "
                "read: the application permission Domain.Read.All is missing. Nothing was changed. Add it in Entra ID "
                "under App registrations, API permissions, and have an administrator consent to it "
                "(`tenantry docs permissions`)."
            ) from None
        raise pulumi.RunError(
            f"The tenant {tenant.name} ({tenant.id}) could not be reached: {first_line(error)} "
            "Check ARM_TENANT_ID, ARM_CLIENT_ID and the credential in the environment, and that the directory "
            "runs (`make up` starts the embedded one)."
        ) from None
    if signed_in.lower() != tenant.id:
        raise WrongTenantError(
            f"Refused: signed in to the tenant {signed_in}, but the declaration is of {tenant.name} ({tenant.id}). "
            "Nothing was changed. Select the stack of that tenant, or sign in to the declared one (ARM_TENANT_ID)."
        )
    initial = sorted(domain.domain_name for domain in domains)
    if initial != [tenant.domains.initial]:
        raise WrongTenantError(
            f"Refused: the tenant {signed_in} has the initial domain {', '.join(initial) or '(none)'}, but the "
            f"declaration says {tenant.domains.initial}. Nothing was changed. Correct `domains.initial` or `id`."
        )


def refuse_a_changed_tenant(tenant: Tenant, owned: StackState) -> None:
    """Compare the declared tenant with the one that this stack was last updated with (rule PT-404).

    A tenant's id and country never change: a file that says others is of another tenant. Raises
    :class:`WrongTenantError`, before any resource is registered.
    """
    now = {"id": tenant.id, "country": tenant.country}
    refusals = [
        f"Refused (PT-404): this stack was last updated with `{field}: {before}`, and {tenant.name} is declared with "
        f"`{field}: {now[field]}`. Neither id nor country of a tenant ever changes. Nothing was changed. Fix: write "
        f"`{field}: {before}` again, or declare the other tenant in a file of its own, with a stack of its own."
        for field, before in owned.stated.items()
        if before.casefold() != now[field].casefold()
    ]
    if refusals:
        raise WrongTenantError("\n".join(refusals))


def _on_this_machine(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"
