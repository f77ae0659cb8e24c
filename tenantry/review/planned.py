"""What a plan takes from whom, as the removal ceilings and the safety rules evaluate it.

The same evaluation as the program's own before its first resource (:mod:`tenantry.rules.change`), from what the plan
shows and without a look at the tenant: it counts who the stack knows, and holds for a program that evaluates nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Final

from tenantry.access import Principal, Reason
from tenantry.access.change import Change
from tenantry.access.declared import identities
from tenantry.access.existing import Existing, OwnedAccount, access_of
from tenantry.access.preview import Plan
from tenantry.access.principals import By, pending_id
from tenantry.access.registered import RegisteredView, read
from tenantry.access.resource_changes import ResourceChange
from tenantry.access.resource_types import DIRECTORY_ROLE_ASSIGNMENT, USER
from tenantry.declaration import Tenant
from tenantry.graph.models import MemberKind
from tenantry.review import customers_in_plan
from tenantry.roles import DirectoryRole
from tenantry.rules import View
from tenantry.rules.change.evaluate import evaluate
from tenantry.rules.planned import Planned

_UNDECLARED: Final = "an undeclared principal"


def planned(tenant: Tenant, plan: Plan, today: date, deployer: str | None = None) -> Planned:
    """A plan, read and evaluated. ``deployer`` is the object id of the identity that applies it, if known."""
    before = read(plan.before, identities(tenant), tenant.agent_groups.ids, at_customers=True)
    # By the id that a group has now: under another name it is the same group.
    known = {group: resource.object_id for group, resource in before.agent_groups if resource.object_id}
    pinned = known | tenant.agent_groups.ids
    after = read(plan.after, identities(tenant), pinned, at_customers=True)
    program = read(plan.program, identities(tenant), pinned)
    change = _change(tenant, plan, before, after, deployer)
    prior = read(plan.prior, identities(tenant), tenant.agent_groups.ids, at_customers=True)
    refusals = tuple(evaluate(tenant, change, today, View.PLANNED))
    return Planned(plan.resource_changes, before, after, program, prior, change, refusals, deployer, plan.stated)


def _change(tenant: Tenant, plan: Plan, before: RegisteredView, after: RegisteredView, deployer: str | None) -> Change:
    then, now = _Side(tenant, before), _Side(tenant, after)
    existing = then.existing(deployer, frozenset(_emergency_by_the_state(plan.resource_changes)))
    found = customers_in_plan.before(existing, plan, before, after, then.holders.__getitem__)
    left = now.existing(deployer)
    return Change.between(
        tenant,
        found,
        customers_in_plan.after(left, plan, after, found.at_customers, now.holders.__getitem__),
        now.people,
    )


def _emergency_by_the_state(resource_changes: Iterable[ResourceChange]) -> Iterator[str]:
    """Accounts that the stack keeps as it keeps emergency accounts: they and their highest role, whatever happens."""
    kept = [
        resource_change.before
        for resource_change in resource_changes
        if resource_change.before and resource_change.before.protected and resource_change.retained
    ]
    administrators = {
        principal.lower()
        for resource in kept
        if resource.type == DIRECTORY_ROLE_ASSIGNMENT
        if DirectoryRole.by_template_id(resource.known("roleId") or "") is DirectoryRole.GLOBAL_ADMINISTRATOR
        if (principal := resource.known("principalObjectId"))
    }
    return (id_ for item in kept if item.type == USER and (id_ := item.object_id) and id_ in administrators)


class _Side:
    """Who is who before or after a plan."""

    def __init__(self, tenant: Tenant, view: RegisteredView) -> None:
        self._tenant, self._view = tenant, view
        self._made = dict(view.accounts)
        self.keys = {view.principals.resolve(upn=person.upn): key for key, person in tenant.members.items()}
        adopted = {who for who, key in self.keys.items() if tenant.members[key].adopted}
        everybody = self._made.keys() | {grant.principal for grant in view.access.grants} | adopted
        everybody |= {grant.principal for one in view.at_customers.values() for grant, _ in one.grants}
        self.holders = {principal: self._holder(principal) for principal in sorted(everybody)}
        self.people = {key: self.holders[who] for who, key in self.keys.items() if who in self.holders}

    def existing(self, deployer: str | None, emergency: frozenset[str] = frozenset()) -> Existing:
        """What exists on this side; ``emergency`` are accounts that are known as emergency accounts already."""
        held = self._view.access.renamed(self.holders.__getitem__)
        return Existing(
            access=access_of((grant, Reason(owned=True)) for grant in held.grants if grant.is_power),
            accounts=tuple(
                OwnedAccount(self.keys.get(principal, resource.name), self.holders[principal])
                for principal, resource in sorted(self._made.items(), key=lambda pair: pair[0])
            ),
            caller=self._caller(deployer.lower()) if deployer else None,
            known=tuple(self.holders.values()),
            emergency=emergency
            | {item.object_id for key, item in self.people.items() if self._tenant.members[key].emergency},
        )

    def _caller(self, object_id: str) -> Principal:
        found = (item for item in self.holders.values() if item.object_id == object_id)
        return next(
            found, Principal.in_directory(object_id, "the deploying identity", kind=MemberKind.SERVICE_PRINCIPAL)
        )

    def _holder(self, principal: Principal) -> Principal:
        """Somebody by object id, as the directory knows them; new accounts by the key of their person."""
        key, resource = self.keys.get(principal), self._made.get(principal)
        person = self._tenant.members[key] if key else None
        name = (
            (resource and resource.known("displayName"))
            or (person and person.full_name)
            or (resource.name if resource else _UNDECLARED)
        )
        if person and resource is None:
            principal = replace(principal, upn=person.upn, enabled=person.may_sign_in)
        pending = pending_id(key or principal.value.rsplit("::", 1)[-1])
        id_ = ((person and person.adopted_id) or principal.object_id or pending).casefold()
        return replace(principal, by=By.OBJECT_ID, value=id_, object_id=id_, name=name)
