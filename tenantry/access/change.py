"""What applying a declaration takes from whom, and the tenant as it is afterwards.

What is taken: from an agent group in mode *authoritative*, everybody who is not declared; in mode *additive*, what the
stack owns. Of Table 1's directory roles, the assignments that the stack owns and that are no longer declared; others'
assignments are not touched, in either mode. An account that the stack made and that is no longer declared is deleted,
and one that is declared as a leaver or as disabled is disabled: who cannot sign in any more has lost what they hold.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from tenantry.access.declared import declared_grant, identity_grants, powers_of
from tenantry.access.diff import diff
from tenantry.access.existing import Existing, ExistingRelationship, OwnedAccount, access_at_customers, access_of
from tenantry.access.grants import WHOLE_TENANT, AccessMap, Grant, Kind, Reason
from tenantry.access.principals import Principal, pending_id
from tenantry.declaration.person import Person
from tenantry.declaration.tenant import Mode, Program, Tenant
from tenantry.roles import AgentGroup, AssignmentType, DirectoryRole
from tenantry.spelling import folded_upn


class Cause(StrEnum):
    """How somebody loses what they hold."""

    REMOVED = "removed"
    DISABLED = "disabled"
    DELETED = "deleted"


@dataclass(frozen=True)
class Loss:
    """One piece of access that one holder has now, and does not have (or cannot use) after the change."""

    grant: Grant
    cause: Cause
    group: Principal | None = None
    """The group through which they hold it; None where they hold it themselves."""
    customers: int = 1
    """Of a role at customers: at how many of them, where one loss stands for all."""

    @property
    def counts(self) -> bool:
        """Whether somebody who can use it loses it: groups stand for who is in them, and the disabled have no use."""
        return self.grant.principal.enabled and not self.grant.principal.is_group

    def __str__(self) -> str:
        """How they lose it: "Ada Moss (ada@…) is removed"."""
        who, how = str(self.grant.principal), self.grant.assignment_type
        if self.grant.kind is Kind.CUSTOMER_ROLE:
            what = f"{who} at {self.customers} customer{'' if self.customers == 1 else 's'}"
        else:
            where = "" if self.grant.scope == WHOLE_TENANT else f" for {self.grant.scope}"
            what = f"{who}, {how}{where}," if where or how is AssignmentType.ELIGIBLE else who
        match self.cause:
            case Cause.DELETED:
                return f"{what}: the account is deleted"
            case Cause.DISABLED:
                return f"{what}: the account is disabled"
            case _:
                return f"{what} with {self.group}" if self.group else what


@dataclass(frozen=True)
class Gain:
    """One piece of access that a declared person or service principal gets by the change."""

    key: str
    grant: Grant


@dataclass(frozen=True)
class Change:
    """What applying a declaration does to access: everything that :func:`tenantry.rules.change.evaluate` looks at."""

    tenant_id: str
    before: Existing
    after: Existing
    """The tenant as it is once the change is applied, with new accounts as pending principals."""
    people: dict[str, Principal]
    """The declared people by key, as they are after the change; without those whose account the change deletes."""
    losses: tuple[Loss, ...]
    gains: tuple[Gain, ...]
    disabled: tuple[OwnedAccount, ...]
    deleted: tuple[OwnedAccount, ...]
    at_customers: tuple[Loss, ...] = ()
    """Roles that people lose at customers, one for each customer; what ends with its relationship is not among them."""

    @classmethod
    def between(cls, tenant: Tenant, before: Existing, after: Existing, people: dict[str, Principal]) -> Self:
        """What lies between a tenant before and after; ``people`` as the field of this name.

        Whoever held something through a group, and is given it by themselves, gains that.
        """
        keys = {principal.object_id: key for key, principal in people.items()}
        keys |= {identity.object_id.casefold(): key for key, identity in tenant.identities.items()}
        gained = diff(before.access.directly(), after.access.directly()).gained
        kept = {account.principal for account in after.accounts}
        could_sign_in = {account.principal for account in before.accounts if account.principal.enabled}
        deleted = tuple(item for item in before.accounts if item.principal not in kept)
        gone = {account.principal for account in deleted}
        return cls(
            tenant.id,
            before,
            after,
            people,
            losses_between(before.access, after.access, gone, before.holders()),
            # Of a part that was not read nobody knows who has it already: it is no gain.
            tuple(Gain(key, grant) for grant in gained if (key := keys.get(grant.principal.object_id))),
            tuple(item for item in after.accounts if not item.principal.enabled and item.principal in could_sign_in),
            deleted,
            losses_between(before.at_customers, after.at_customers, gone, before.holders()),
        )

    @property
    def terminated(self) -> tuple[ExistingRelationship, ...]:
        """The relationships with customers that give access, or still may, and whose end is declared now.

        The end of one that waits for its customer was counted by the change that declared it, and stays in the file
        until the customer answers.
        """
        before = {item.key: item for item in self.before.relationships}
        decided = {item.key for item in self.before.relationships if item.is_terminated}
        return tuple(
            item
            for item in self.after.relationships
            if item.is_terminated and item.key not in decided and before.get(item.key, item).gives_access
        )

    @property
    def undeclared(self) -> tuple[ExistingRelationship, ...]:
        """The same of those that would leave the declaration: no update does that."""
        kept = {item.key for item in self.after.relationships}
        return tuple(item for item in self.before.relationships if item.gives_access and item.key not in kept)

    @property
    def takes(self) -> bool:
        """Whether anything is taken from anybody."""
        return bool(self.losses or self.disabled or self.deleted or self.at_customers or self.terminated)


def change(tenant: Tenant, existing: Existing) -> Change:
    """What applying a tenant's declaration takes and gives. Pure: nothing is read or written.

    What was not read is no part of it: :func:`tenantry.rules.change.evaluate` refuses where that matters.
    """
    accounts = _accounts_after(tenant, existing)
    enabled = {account.principal: account.principal.enabled for account in accounts}
    afterwards = _Afterwards({account.principal for account in existing.accounts} - enabled.keys(), enabled)
    known = {**{account.principal.object_id: account.principal for account in accounts}, **existing.holders()}
    made = {account.key: account.principal for account in accounts}
    people = {
        key: holder
        for key, person in tenant.members.items()
        for holder in [afterwards.holder(_holder(key, person, made, known))]
        if holder
    }

    wanted = {*_wanted(tenant, people), *_wanted_identities(tenant, known)}
    stays: list[tuple[Grant, Reason]] = []
    for grant, why in existing.access.records():
        holder = None if why.through else afterwards.holder(grant.principal)
        if holder and (grant in wanted or not _is_taken(tenant, grant, why)):
            stays.append((replace(grant, principal=holder), replace(why, owned=why.owned or grant in wanted)))
    given = wanted - {grant for grant, _ in stays}
    after = replace(
        existing,
        access=access_of([*stays, *((grant, Reason(owned=True)) for grant in given)], existing.not_read),
        accounts=accounts,
        known=tuple(holder for item in existing.known if (holder := afterwards.holder(item))),
        emergency=frozenset(
            people[key].object_id for key, person in tenant.members.items() if person.emergency and key in people
        ),
        relationships=tuple(_relationships(tenant, existing)),
        at_customers=_at_customers(tenant, existing, people, afterwards),
    )
    return Change.between(tenant, existing, after, people)


def _relationships(tenant: Tenant, existing: Existing) -> Iterator[ExistingRelationship]:
    """The declared relationships with customers; whether one that is to be adopted gives access is not known."""
    before = {item.key: item.status for item in existing.relationships}
    for one in tenant.relationships:
        status = before.get(one.dotted_key, "active" if one.adopted else "created")
        yield ExistingRelationship(
            one.dotted_key, one.display_name, one.customer.name, status, one.terminate is not None
        )


def _at_customers(
    tenant: Tenant, existing: Existing, people: Mapping[str, Principal], afterwards: "_Afterwards"
) -> AccessMap:
    """Who holds what at customers afterwards, by the relationships that give access already.

    What ends as a whole stays here, since that is counted by relationship, and so does what is no longer declared.
    """
    gives = {why.source for _, why in existing.at_customers.records()}
    goes_on = {one.dotted_key for one in tenant.relationships if one.terminate is None}
    given = (
        (one.dotted_key, one.customer.tenant_id, group, [role.id for role in roles])
        for one in tenant.relationships
        if one.dotted_key in gives & goes_on
        for group, roles in one.assignments.items()
    )
    members = {
        key: [people[who] for who in group.people if who in people and not tenant.members[who].leaves]
        for key, group in (tenant.gdap.groups if tenant.gdap else {}).items()
    }
    stays = (
        (replace(grant, principal=holder), why)
        for grant, why in existing.at_customers.records()
        if why.source not in goes_on and (holder := afterwards.holder(grant.principal))
    )
    after = access_at_customers(given, members)
    return AccessMap.of([*after.records(), *stays], existing.at_customers.answers)


def _accounts_after(tenant: Tenant, existing: Existing) -> tuple[OwnedAccount, ...]:
    """The accounts that the stack has afterwards: those that it keeps under their key, and those that it makes."""
    before = {account.key: account for account in existing.accounts}
    found = existing.holders()
    upns = {folded_upn(item.upn): item for item in found.values() if item.upn}
    owned = {account.principal for account in existing.accounts}
    after = []
    for key, person in tenant.members.items():
        if person.adopted:
            continue
        old = before.get(key)
        other = upns.get(folded_upn(person.upn))
        if old is None and other and other not in owned:
            # The sign-in name is taken by an account that nobody made here: no second one comes into being.
            continue
        enabled = person.may_sign_in if person.says_who_may_sign_in else old is None or old.principal.enabled
        object_id = old.principal.object_id if old else pending_id(key)
        email = person.email or (old.principal.email if old else None)
        account = Principal.in_directory(object_id, person.full_name, person.upn, enabled=enabled, email=email)
        after.append(OwnedAccount(key, account, person.password_round or 1))
    return tuple(after)


def _holder(key: str, person: Person, made: Mapping[str, Principal], known: Mapping[str, Principal]) -> Principal:
    """Who a declared person is: the adopted account, else the one made here, else the one of that sign-in name."""
    if person.adopted:
        # An adopted account that nobody found may not be there: it counts for nothing.
        return known.get(person.adopted.casefold()) or Principal.in_directory(
            person.adopted, person.full_name, person.upn, enabled=False
        )
    if key in made:
        return known[made[key].object_id]
    name = folded_upn(person.upn)
    return next(holder for holder in known.values() if holder.upn and folded_upn(holder.upn) == name)


@dataclass(frozen=True)
class _Afterwards:
    """What becomes of accounts."""

    gone: set[Principal]
    enabled: dict[Principal, bool]
    """Whether the stack's accounts can sign in."""

    def holder(self, holder: Principal) -> Principal | None:
        """Somebody as they are after the change; None where the account is deleted."""
        if holder in self.gone:
            return None
        members = holder.members
        if members is not None:
            members = tuple(member for item in members if (member := self.holder(item)))
        return replace(holder, enabled=self.enabled.get(holder, holder.enabled), members=members)


def _wanted(tenant: Tenant, people: dict[str, Principal]) -> Iterator[Grant]:
    """The access that the declaration gives people."""
    for key, person in tenant.members.items():
        for power in powers_of(tenant, person):
            if key in people:
                yield declared_grant(people[key], person, power)


def _wanted_identities(tenant: Tenant, known: dict[str, Principal]) -> Iterator[Grant]:
    """The access that the declaration gives service principals."""
    for _, grant in identity_grants(tenant):
        yield replace(grant, principal=known.get(grant.principal.object_id, grant.principal))


def _is_taken(tenant: Tenant, grant: Grant, why: Reason) -> bool:
    """Whether applying the declaration takes away what it does not name."""
    if isinstance(grant.power, AgentGroup) and tenant.mode is Mode.AUTHORITATIVE and Program.CSP in tenant.programs:
        return True
    return why.owned and isinstance(grant.power, AgentGroup | DirectoryRole)


def losses_between(
    before: AccessMap, after: AccessMap, gone: Collection[Principal], holders: Mapping[str, Principal]
) -> tuple[Loss, ...]:
    """What is held before and not afterwards. Nobody loses what they keep in another way that is worth as much.

    ``gone`` are the accounts that are deleted, ``holders`` are the groups through which something is held, by id.
    """
    losses = diff(before, after)
    usable = diff(before.usable(), after.usable())
    why = {**losses.lost, **usable.lost}
    return tuple(
        Loss(
            grant,
            Cause.DELETED if grant.principal in gone else Cause.REMOVED if grant in losses.taken else Cause.DISABLED,
            # Directly comes first, as no group.
            holders.get(min(reason.through for reason in why[grant])),
        )
        for grant in sorted({*losses.taken, *usable.taken})
    )
