"""Everything that is looked up and refused before a partner tenant registers its first resource."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_azuread as azuread

from components.account_guard import refuse_lost_accounts
from components.agent_groups import ExistingGroup, find_agent_groups
from components.change_guard import refuse_unsafe_change
from components.customer_guard import (
    refuse_impossible_relationships,
    refuse_relationships_that_are_not_as_declared,
)
from components.customers import find_administration
from components.ftop_access import FtopAccessArgs, find_resource
from components.mode_guard import refuse_a_change_of_mode_in_one_step
from components.owned import known_ids, owned_by_this_stack
from components.providers import first_line
from components.tenant_guard import refuse_a_changed_tenant, refuse_another_tenant
from tenantry.access.adoption import look_up, sign_in_names
from tenantry.access.declared import holders, identities_in
from tenantry.access.principals import Principal
from tenantry.declaration import Person, Program, Tenant
from tenantry.roles import AgentGroup, DirectoryRole


class AdoptionError(pulumi.RunError):
    """Somebody is adopted by a UPN that no account has, or several."""


@dataclass(frozen=True)
class Ready:
    """What the registrations need, once nothing speaks against them."""

    tenant: Tenant
    """The declaration, with the object ids of those who are adopted by UPN."""
    known_ids: Mapping[str, str]
    """The object ids of people that are known already, by key: of adopted people, and of accounts made before."""
    has_agent_groups: bool
    """Whether the tenant is in the program whose agent groups it has (CSP)."""
    existing_groups: Mapping[AgentGroup, ExistingGroup]
    """The agent groups to adopt; the others are created (in a sandbox)."""
    consent: FtopAccessArgs | None
    """The tenant's approval of FTOP, where the declaration gives it."""
    administration: str | None
    """The object id of the application that stands for the partner at its customers, where the tenant has it."""

    @property
    def made_here(self) -> dict[str, Person]:
        """The people whose accounts are made here, by key."""
        return {key: person for key, person in self.tenant.members.items() if not person.adopted}

    @property
    def has_members(self) -> bool:
        """Whether anybody or anything is to be in an agent group."""
        return any(holders(self.tenant, group) or identities_in(self.tenant, group) for group in AgentGroup)

    @property
    def has_roles(self) -> bool:
        """Whether anybody is to hold a directory role."""
        return any(holders(self.tenant, role) for role in DirectoryRole)


def preflight(name: str, declared: Tenant, invoke: pulumi.InvokeOptions) -> Ready:
    """Run every guard, and return what the registrations need.

    ``name`` is the partner tenant's. The order is the safety of the product: each step relies on what those before
    it have made sure of, and nothing is registered before the last. Raises :class:`pulumi.RunError` with the first
    step's refusals.
    """
    # Are we where we think we are? Whatever is read below is read from this tenant: a wrong one is the worst mistake.
    refuse_another_tenant(declared, invoke)

    # Who is meant? People who are adopted by UPN get their object ids, by which all guards below know them.
    tenant = _with_adopted_accounts(declared, invoke)

    # What does this stack own? Before any comparison with it, and after we know that the look-ups are of this tenant.
    owned = owned_by_this_stack()

    # Is it the stack of this tenant? Else the rest would compare one tenant with what was made in another.
    refuse_a_changed_tenant(tenant, owned)

    # Does an account disappear while its person can sign in? By resource names alone, before the tenant is read.
    refuse_lost_accounts(name, tenant, owned)

    # Would a customer's relationship go on undeclared, or have to become another?
    refuse_impossible_relationships(name, tenant, owned)

    # Which groups are the agent groups? The ones that the stack knows, not others of that name.
    has_groups = Program.CSP in tenant.programs
    held = owned.agent_groups_of(name)
    groups = find_agent_groups(tenant.agent_groups, invoke, held) if has_groups else {}

    # Would their members be taken out on the way from one mode to the other?
    refuse_a_change_of_mode_in_one_step(name, tenant, owned)

    # Whose permissions is FTOP granted, and what opens customers? The last look-ups that may fail.
    consent = tenant.ftop_consent if tenant.ftop_consent and tenant.ftop_consent.approved else None
    resource_id = find_resource(consent, invoke) if consent else ""
    administration = find_administration(tenant, invoke)

    # What does the change take, from whom? It reads the whole tenant, with the people and groups found above.
    now = refuse_unsafe_change(name, tenant, groups, owned)

    # Is what is taken over of customers as declared? Last: nothing above counts what would change of it.
    refuse_relationships_that_are_not_as_declared(name, tenant, owned)

    approval = FtopAccessArgs(consent, resource_id, now.ftop_principal if now else None) if consent else None
    return Ready(tenant, known_ids(name, tenant, owned), has_groups, groups, approval, administration)


def _with_adopted_accounts(tenant: Tenant, invoke: pulumi.InvokeOptions) -> Tenant:
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
        raise pulumi.RunError(f"Could not look up {what}: {first_line(error)} Nothing was changed.") from None
    looked_up = look_up(
        tenant,
        (Principal.in_directory(item.object_id, item.display_name, item.user_principal_name) for item in found),
    )
    if looked_up.refusals:
        raise AdoptionError("\n".join(looked_up.refusals))
    for key, account in looked_up.accounts.items():
        pulumi.log.info(f"`people.{key}` is adopted by UPN: {account}. To pin it: `adopted: {account.object_id}`.")
    return tenant.with_object_ids({key: account.object_id for key, account in looked_up.accounts.items()})
