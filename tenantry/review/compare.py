"""What one tenant's access was and will be, compared: who gains, who loses, and why it is allowed.

Pure. What a program registers (agent groups, directory roles, and all else that both sides' programs show) is
compared with what it registered; what only a declaration can speak of (FTOP customers, Partner Center-only roles,
tools) is compared with what was declared. Accounts are distinguished by what makes them one account, not by their
names: somebody who is renamed loses nothing, and another account under the same name does.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from itertools import chain
from typing import Final

from tenantry.access import AccessMap, Grant, Kind, Principal, Principals, Reason
from tenantry.access.danger import danger_of
from tenantry.access.declared import access_map, account_of, identities, named, target_name
from tenantry.access.registered import RegisteredView
from tenantry.declaration import Declaration, Tenant
from tenantry.declaration.customers import Relationship
from tenantry.findings import NotEvaluated
from tenantry.reports import review as report
from tenantry.review import sections, settings
from tenantry.review.accounts import Declared, context, notes
from tenantry.roles import COMPANY_ROLE_MAY, ROW_OF, TABLE_1, CompanyRole, PartnerRole
from tenantry.rules import Result
from tenantry.rules.change.names import renamed, taken_names
from tenantry.spelling import folded_upn

_DISABLED: Final = "the account can no longer sign in"
MAY_SIGN_IN_AGAIN: Final = "may sign in again"
_ENABLED: Final = "the account can sign in again"
_Grants = dict[Principal, dict[Grant, frozenset[Reason]]]
_MOVED: Final = "FTOP identifies people by the sign-in name: its record has {}"


@dataclass(frozen=True)
class Snapshot:
    """One tenant as one side of a review knows it."""

    name: str
    """As ``tenantry:tenant`` names it: contoso/us."""
    stack: str | None = None
    declaration: Declaration | None = None
    """The partner's; None where it could not be read, which `not_evaluated` then says."""
    registered: RegisteredView | None = None
    """None where no program speaks for the tenant, or where it could not be read (`not_evaluated` says so)."""
    results: tuple[Result, ...] = ()
    not_evaluated: tuple[NotEvaluated, ...] = ()
    root: str = ""
    """The folder that files of findings are named from; whatever lies elsewhere keeps its name."""

    @property
    def tenant(self) -> Tenant | None:
        """The tenant's declaration."""
        return self.declaration.tenants.get(self.name.rpartition("/")[2]) if self.declaration else None


@dataclass
class _Side:
    """A side with its access by account. Of a tenant that is not there on a side, everything is known: nothing."""

    name: str
    """"base" or "head"."""
    seen: Snapshot | None
    by_name: Collection[str] = ()
    """The people whose adopted accounts go by sign-in name, by key: the other side does not know the object id."""
    declared: AccessMap = field(default_factory=AccessMap)
    """What the declaration gives, and why, by account: a program may know somebody by another name."""
    programmed: AccessMap = field(default_factory=AccessMap)
    """What the program registers, by account."""
    _known: dict[Principal, Principal] = field(default_factory=dict)
    """The accounts of declared people by the names that the declaration or the program has for them."""

    def __post_init__(self) -> None:
        own = [Principals(identities(self.tenant))] if self.tenant else []
        for account, (_, person) in self.accounts().items():
            for known in [*own, *([self.registered.principals] if self.registered else [])]:
                self._known.setdefault(known.resolve(upn=person.upn), account)
        self.declared = access_map(self.tenant).renamed(self.account) if self.tenant else AccessMap()
        self.programmed = self.registered.access.renamed(self.account) if self.registered else AccessMap()

    @property
    def tenant(self) -> Tenant | None:
        return self.seen.tenant if self.seen else None

    @property
    def registered(self) -> RegisteredView | None:
        return self.seen.registered if self.seen else None

    @property
    def results(self) -> tuple[Result, ...]:
        return self.seen.results if self.seen else ()

    @cached_property
    def relationships(self) -> dict[str, Relationship]:
        """The declared GDAP relationships by display name, which is unique."""
        return {item.display_name: item for item in (self.tenant.relationships if self.tenant else ())}

    def through(self, grant: Grant) -> list[str]:
        """The display names of the relationships that give a role at a customer."""
        if grant.kind is not Kind.CUSTOMER_ROLE:
            return []
        tenant = self.seen.name.rpartition("/")[2] if self.seen else ""
        registered = {f"{tenant}-{item.customer_key}.{item.key}": name for name, item in self.relationships.items()}
        sources = {reason.source for reason in self.declared.grants.get(grant, ())}
        sources |= {reason.source.rsplit("::", 1)[-1] for reason in self.programmed.grants.get(grant, ())}
        return sorted({registered.get(source, source) for source in sources})

    def speaks_of(self, grant: Grant) -> bool:
        """Whether this side's program can say that a grant is there or is not."""
        return self.seen is None or self.programmed.answered(grant)

    def speaks(self) -> bool:
        """Whether it is known what this side's program registers."""
        return self.seen is None or self.registered is not None

    def declares(self) -> bool:
        """Whether this side's declaration is known."""
        return self.seen is None or self.tenant is not None

    def account(self, principal: Principal) -> Principal:
        """What makes a principal the same account on both sides."""
        return self._known.get(principal, principal)

    def accounts(self) -> dict[Principal, Declared]:
        """The declared people by account."""
        members = self.tenant.members if self.tenant else {}
        return {
            named(person) if key in self.by_name else account_of(key, person): (key, person)
            for key, person in members.items()
        }

    def may_sign_in(self, *, by_program: bool) -> dict[Principal, bool]:
        """Whether accounts may sign in, as far as the declaration says and, if asked, the program."""
        found = {
            account: person.may_sign_in
            for account, (_, person) in self.accounts().items()
            if person.says_who_may_sign_in
        }
        for account, resource in self.registered.accounts if self.registered and by_program else ():
            if isinstance(enabled := resource.inputs.get("accountEnabled"), bool):
                found[self.account(account)] = enabled
        return found

    def made(self) -> dict[Principal, str]:
        """The accounts that the program makes, with what they sign in with."""
        accounts = self.registered.accounts if self.registered else ()
        return {self.account(account): account.upn or "an unknown name" for account, _ in accounts}


def compare(
    before: Snapshot | None,
    after: Snapshot | None,
    *,
    today: date,
    ceilings: Sequence[report.Ceiling] | None = None,
) -> report.Tenant:
    """What becomes of a tenant. None is a tenant that is not there on a side; at least one side is.

    ``ceilings`` are given where the tenant's real holders are known; otherwise declared holders are counted.
    """
    side = after or before
    if side is None:
        raise ValueError("a tenant is there on one side at least")
    by_name = _adopted_by_name(before, after)
    base, head = _Side("base", before, by_name), _Side("head", after, by_name)
    now = head.tenant or base.tenant
    # What a side's declaration says is unknown where it was not read: nothing is compared with that.
    was_tenant, is_tenant = (base.tenant, head.tenant) if base.declares() and head.declares() else (None, None)
    not_evaluated = tuple(dict.fromkeys(_not_evaluated(base, head)))
    return report.Tenant(
        stack=side.stack,
        tenant=side.name,
        name=now.name if now else side.name,
        people=_people(base, head),
        findings=_findings(base, head, today, whole=not not_evaluated),
        exceptions=sections.exceptions(was_tenant, is_tenant, today, (base.results, head.results)),
        ceilings=tuple(sections.declared_ceilings(was_tenant, is_tenant, today) if ceilings is None else ceilings),
        todos=sections.todos(
            before.declaration if before and (was_tenant or is_tenant) else None,
            after.declaration if after and (was_tenant or is_tenant) else None,
            side.name,
            today,
        ),
        settings=settings.tenant_settings(was_tenant, is_tenant),
        not_evaluated=not_evaluated,
    )


def _adopted_by_name(before: Snapshot | None, after: Snapshot | None) -> frozenset[str]:
    """The people who are adopted by one sign-in name on both sides, and by object id as well on one of them at most.

    The preview compares the object id with the account of that name, and refuses where they differ.
    """
    was = before.tenant.members if before and before.tenant else {}
    now = after.tenant.members if after and after.tenant else {}
    return frozenset(
        key
        for key in was.keys() & now.keys()
        if was[key].is_looked_up != now[key].is_looked_up and was[key].adopted and now[key].adopted
        if folded_upn(was[key].upn) == folded_upn(now[key].upn)
    )


def _findings(base: _Side, head: _Side, today: date, *, whole: bool) -> report.Findings:
    """Findings of both sides. What was not seen on a side breaks no rule there, which resolves nothing."""
    before, after = base.seen, head.seen
    found = sections.findings(
        base.results,
        (*head.results, *_change_evaluated(before, after, today)),
        before.root if before else "",
        after.root if after else "",
    )
    return found if whole else found.model_copy(update={"resolved": ()})


def _change_evaluated(before: Snapshot | None, after: Snapshot | None, today: date) -> Iterable[Result]:
    """What the rules say of a change of the declaration; nothing where it is one and the same, as of a plan."""
    if not (before and after and before.declaration and after.declaration and before.tenant and after.tenant):
        return ()
    if before.declaration is after.declaration:
        return ()
    name, managed = after.name.rpartition("/")[2], bool(before.stack and after.stack)
    return sections.change_evaluated(before.declaration, after.declaration, name, today, managed=managed)


# People


@dataclass
class _Account:
    """One account on both sides."""

    account: Principal
    was: Declared | None = None
    now: Declared | None = None
    had: Mapping[Grant, frozenset[Reason]] = field(default_factory=dict)
    has: Mapping[Grant, frozenset[Reason]] = field(default_factory=dict)
    could_sign_in: bool | None = None
    """None where nothing says."""
    can_sign_in: bool | None = None
    was_made: str | None = None
    """What it signs in with, where the program makes it."""
    is_made: str | None = None
    former_upn: str | None = None
    """The sign-in name that it had and that nobody states: FTOP's records keep it."""
    taken_from: "_Account | None" = None
    """The account that signed in under this one's name until now, where no `former_upns` states it."""


def _people(base: _Side, head: _Side) -> tuple[report.Person, ...]:
    had, has = _held(base, head)
    both_speak, both_declare = base.speaks() and head.speaks(), base.declares() and head.declares()
    could, can = (side.may_sign_in(by_program=both_speak) for side in (base, head))
    was, now = base.accounts(), head.accounts()
    # Where a side says nothing of it, nobody changes whether an account may sign in.
    can |= {account: could[account] for account in could.keys() & now.keys() - can.keys()}
    was_made, is_made = (base.made(), head.made()) if both_speak else ({}, {})
    names = _names(base, had) | _names(head, has)
    people = []
    everybody = {
        account: _Account(
            account, was.get(account), now.get(account), had.get(account, {}), has.get(account, {}),
            could.get(account), can.get(account), was_made.get(account), is_made.get(account),
        )
        for account in sorted({*had, *has, *was, *now, *was_made, *is_made})
    }  # fmt: skip
    _follow_names(base, head, everybody)
    for account, item in everybody.items():
        gains, losses = _gains(base, head, item), _losses(base, head, item)
        other = list(_other_reasons(base, head, item))
        remarks = [*(notes(item.was, item.now, base.seen, head.seen) if both_declare else ()), *_of_the_program(item)]
        if gains or losses or other or remarks:
            remarks += context(item.was, item.now, head.seen)
            key, person = item.now or item.was or (None, None)
            upn = account.upn or item.is_made or item.was_made
            people.append(
                report.Person(
                    key=key,
                    name=person.full_name if person else names.get(account) or upn or account.value,
                    upn=person.upn if person else upn,
                    notes=tuple(dict.fromkeys(remarks)),
                    gains=_dangerous_first(gains),
                    losses=_dangerous_first(losses),
                    other_reason=_dangerous_first(other),
                )
            )
    return tuple(sorted(people, key=lambda item: (item.danger, item.name, item.upn or "", not item.gains)))


def _follow_names(base: _Side, head: _Side, everybody: Mapping[Principal, _Account]) -> None:
    """Say of accounts which sign-in name they leave without a word, and whose they take over."""
    if base.tenant is None or head.tenant is None:
        return
    former = renamed(base.tenant, head.tenant)
    for item in everybody.values():
        item.former_upn = former.get(item.now[0]) if item.now else None
    by_former_key = {item.was[0]: item for item in everybody.values() if item.was}
    by_key = {item.now[0]: item for item in everybody.values() if item.now}
    for key, other_key in taken_names(base.tenant, head.tenant).items():
        other = by_former_key[other_key]
        if other.now is None or other.former_upn:
            by_key[key].taken_from = other


def _gains(base: _Side, head: _Side, item: _Account) -> list[report.Access]:
    """What an account has and had not, or could not use."""
    gains = [
        _access(head, grant).model_copy(update={"needs_approval": True})
        if _needs_approval(base, head, grant)
        else _access(head, grant)
        for grant in item.has
        if grant not in item.had
    ]
    if item.taken_from and item.now:
        # What the other's record gives, even if it means the other.
        existing = {replace(grant, principal=item.account) for grant in item.taken_from.had}
        gains += [
            _access(head, grant, _MOVED.format(item.now[1].upn))
            for grant in sorted(existing)
            if grant.kind is Kind.FTOP_CUSTOMER and grant not in item.has
        ]
    if item.could_sign_in is False and item.can_sign_in is not False:
        gains += [_access(head, grant, _ENABLED) for grant in item.has if grant in item.had]
    return gains


def _needs_approval(base: _Side, head: _Side, grant: Grant) -> bool:
    """Whether only relationships give a role at a customer that the customer has not approved yet."""
    if head.speaks_of(grant) and grant in head.programmed.grants:
        return all(reason.pending for reason in head.programmed.grants[grant])
    through = [head.relationships[name] for name in head.through(grant) if name in head.relationships]
    return bool(through) and not any(item.adopted or item.display_name in base.relationships for item in through)


def _end_of_relationship(base: _Side, head: _Side, grant: Grant) -> str:
    """What becomes of the relationships that gave a role at a customer, where they give it no more."""
    now = [head.relationships.get(name) for name in base.through(grant)]
    if any(item and item.terminate for item in now):
        return "the relationship is to be terminated"
    return "" if not now or any(now) else "the relationship is no longer declared"


def _losses(base: _Side, head: _Side, item: _Account) -> list[report.Access]:
    """What an account had and has not, or cannot use any more."""
    lost = [grant for grant in item.had if grant not in item.has]
    losses = [_access(base, grant, _end_of_relationship(base, head, grant)) for grant in lost]
    if item.former_upn:
        moved = [grant for grant in item.had if grant.kind is Kind.FTOP_CUSTOMER and grant in item.has]
        losses += [_access(base, grant, _MOVED.format(item.former_upn)) for grant in moved]
    if item.could_sign_in is not False and item.can_sign_in is False:
        losses += [_access(base, grant, _DISABLED) for grant in item.had if grant in item.has]
    return losses


def _other_reasons(base: _Side, head: _Side, item: _Account) -> Iterator[report.Access]:
    """What an account has as before, for another reason."""
    for grant in item.has:
        if grant in item.had:
            was, now = _access(base, grant), _access(head, grant)
            if (was.because, was.declared) != (now.because, now.declared) and (was.declared or now.declared):
                yield now.model_copy(update={"was_because": was.because})


def _of_the_program(item: _Account) -> Iterator[str]:
    """What the program does to an account beside what the declaration says of it."""
    if item.was is None and item.now is None:
        if item.is_made and not item.was_made:
            yield "new undeclared account"
        if item.was_made and not item.is_made:
            yield "the program no longer creates this account"
    elif item.was and item.now and item.was[1].state == item.now[1].state and item.could_sign_in != item.can_sign_in:
        yield "is disabled" if item.can_sign_in is False else MAY_SIGN_IN_AGAIN


def _held(base: _Side, head: _Side) -> tuple[_Grants, _Grants]:
    """What accounts hold on either side, of what both sides can speak of in the same way."""

    def registered(grant: Grant) -> bool:
        return base.speaks_of(grant) and head.speaks_of(grant)

    both_declare = base.declares() and head.declares()

    def of(side: _Side) -> _Grants:
        declared = side.declared.grants if both_declare else {}
        grants = {grant: why for grant, why in declared.items() if not registered(grant)}
        grants |= {grant: why for grant, why in side.programmed.grants.items() if registered(grant)}
        return AccessMap(grants).by_principal()

    return of(base), of(head)


def _names(side: _Side, held: Iterable[Principal]) -> dict[Principal, str]:
    """What principals that are no declared people are called."""
    declared = side.accounts()
    services = {item.object_id: item.name for item in (side.tenant.identities.values() if side.tenant else ())}
    return {
        account: f"{services[account.value]} (declared identity)"
        if account.value in services
        else str(account)
        if account.is_member_account
        else f"{account} ({'a guest' if account.guest else account.kind})"
        for account in held
        if account not in declared
    }


def _access(side: _Side, grant: Grant, why: str = "") -> report.Access:
    """One piece of access as the report says it, with what the declaration and the program say of it."""
    given = side.declared.grants.get(grant, frozenset())
    reasons = given or side.programmed.grants.get(grant, frozenset())
    roles = _roles(reason.text for reason in given)
    because = tuple(sorted({reason.text for reason in reasons}))
    return report.Access(
        kind=grant.kind,
        target=grant.target,
        name=_name(side, grant),
        scope=grant.scope,
        assignment_type=grant.assignment_type,
        danger=danger_of(grant, side.tenant.allowed_roles.values() if side.tenant else ()),
        because=(*because, why) if why else because,
        rows=tuple(map(row_text, roles)),
        may=_may(grant, roles),
        declared=bool(given),
    )


def row_text(role: PartnerRole) -> str:
    """A row of Table 1 as a report names it."""
    return f"{role}: {ROW_OF[role].group_membership}; {ROW_OF[role].admin_center_role}"


def _roles(texts: Iterable[str]) -> list[PartnerRole]:
    named = set(texts)
    return [role for role in PartnerRole if role.value in named]


def _name(side: _Side, grant: Grant) -> str:
    tenant = side.tenant
    if grant.kind is Kind.FTOP_CUSTOMER and tenant and tenant.ftop and grant.target in tenant.ftop.customers:
        return tenant.ftop.customers[grant.target].name
    if grant.kind is Kind.CUSTOMER_ROLE and tenant:
        names = (item.name for item in tenant.customers.values() if item.tenant_id == grant.target)
        known = side.registered.customer_names if side.registered else {}
        return next(names, known.get(grant.target, grant.target))
    allowed = tenant.allowed_roles.items() if grant.kind is Kind.DIRECTORY_ROLE and tenant else ()
    return next((name for name, template_id in allowed if template_id == grant.target), target_name(grant))


def _may(grant: Grant, roles: Sequence[PartnerRole]) -> tuple[str, ...]:
    """What the roles behind a grant may do; without a role, what the smallest row with that power may."""
    if roles:
        return tuple(ROW_OF[role].may for role in roles)
    if grant.kind is Kind.COMPANY_ROLE and grant.target in list(CompanyRole):
        return (COMPANY_ROLE_MAY[CompanyRole(grant.target)],)
    power = grant.power if grant.is_power else None
    rows = sorted((row for row in TABLE_1 if power in row.powers), key=lambda row: len(row.powers))
    return (rows[0].may,) if rows else ()


def _dangerous_first(found: Iterable[report.Access]) -> tuple[report.Access, ...]:
    return tuple(
        sorted(found, key=lambda item: (item.danger.rank, item.kind, item.name, item.scope, item.assignment_type))
    )


# What was not evaluated


def _not_evaluated(base: _Side, head: _Side) -> Iterator[NotEvaluated]:
    sides = (base, head)
    yield from (item for side in sides if side.seen for item in side.seen.not_evaluated)
    yield from chain.from_iterable(map(_shared_names, sides))
    # What is unresolved on both sides may differ all the same.
    yield from chain.from_iterable(map(_unresolved, sides))
    yield from _out_of_policy(base, head)


def _shared_names(side: _Side) -> Iterator[NotEvaluated]:
    """Sign-in names that two people have: a program knows both by that name alone."""
    by_name: dict[str, list[str]] = {}
    for key, person in (side.tenant.members if side.tenant else {}).items():
        by_name.setdefault(folded_upn(person.upn), []).append(key)
    for upn, keys in by_name.items():
        if len(keys) > 1:
            yield NotEvaluated(
                side=side.name,
                what=f"{upn}, the sign-in name of {', '.join(keys)}",
                why="several people are declared with it, so it is unknown whose access is whose",
                remediation="give each of them a sign-in name of their own",
            )


def _unresolved(side: _Side) -> Iterator[NotEvaluated]:
    """Places where a side gives access, and it is not known who gets it, or which."""
    for place in sorted(side.registered.access.unresolved) if side.registered else ():
        yield NotEvaluated(
            side=side.name,
            what=f"{place.kind} {place.target}, in {place.where.rsplit('::', 1)[-1]}",
            why=f"it is not known who gets access, or which: {place.why}",
            remediation=place.remediation or "declare this access, and let the components register it",
        )


def _out_of_policy(base: _Side, head: _Side) -> Iterator[NotEvaluated]:
    """Ways to partner power that no declaration can give, and that the change brings."""
    known = {(item.urn, item.what) for item in base.registered.out_of_policy} if base.registered else set()
    for item in (
        sorted(head.registered.out_of_policy, key=lambda item: (item.urn, item.what)) if head.registered else ()
    ):
        if (item.urn, item.what) not in known:
            yield NotEvaluated(
                side="head",
                what=f"{item.urn.rsplit('::', 1)[-1]}: {item.what}",
                why="it opens a way to undeclared partner access; how far it reaches is unknown",
                remediation=item.remediation,
            )
