"""Accounts that exist already and are adopted: which one a person's is, and where it is not as declared.

Pure: the caller reads the tenant. No update writes an adopted account, so people have to correct what differs.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from tenantry.access.declared import powers_of
from tenantry.access.principals import Principal
from tenantry.declaration.person import Person
from tenantry.declaration.tenant import Tenant
from tenantry.graph.models import User
from tenantry.roles import DirectoryRole
from tenantry.spelling import folded_upn


@dataclass(frozen=True)
class LookedUp:
    """What looking accounts up by their UPNs came to."""

    accounts: Mapping[str, Principal] = field(default_factory=dict)
    """The one account of each person, by key."""
    refusals: tuple[str, ...] = ()


def sign_in_names(tenant: Tenant) -> list[str]:
    """The UPNs to look up: of everybody who is adopted by UPN, those of today and the former ones."""
    names = {folded_upn(name): name for person in tenant.looked_up.values() for name in _names(person)}
    return sorted(names.values())


def look_up(tenant: Tenant, accounts: Iterable[Principal]) -> LookedUp:
    """The accounts of those who are adopted by UPN, out of the ``accounts`` that have any of :func:`sign_in_names`.

    One counts that is the only account of all names that the person has or had, under the name of today: a former
    name may be somebody else's by now.
    """
    existing = list(accounts)
    found: dict[str, Principal] = {}
    refusals: list[str] = []
    taken = {person.adopted_id: key for key, person in tenant.members.items() if person.adopted_id}
    for key, person in tenant.looked_up.items():
        names = {folded_upn(name) for name in _names(person)}
        hits = list({item.object_id: item for item in existing if folded_upn(item.upn or "") in names}.values())
        if len(hits) != 1 or folded_upn(hits[0].upn or "") != folded_upn(person.upn):
            refusals.append(_not_one(key, person, hits))
        elif taken.setdefault(hits[0].object_id, key) != key:
            refusals.append(
                f"Refused: `people.{key}` is adopted by UPN, but the account is {_with_id(hits[0])}, which "
                f"`people.{taken[hits[0].object_id]}` adopts as well. Nothing was changed. Remove one of the two if "
                "they are the same person, or correct `upn` or `adopted`."
            )
        else:
            found[key] = hits[0]
    return LookedUp(found, tuple(refusals))


def _with_id(account: Principal) -> str:
    return f"{account.name} ({account.upn}, {account.object_id})"


def _names(person: Person) -> tuple[str, ...]:
    return (person.upn, *person.former_upns)


def _not_one(key: str, person: Person, hits: list[Principal]) -> str:
    head = f"Refused: `people.{key}` is adopted by UPN, but "
    if not hits:
        remediation = (
            f"The account no longer exists: remove `{key}` from the file."
            if person.leaves
            else f"Correct `upn`, or write `adopted: OBJECT-ID` under `people.{key}`; or remove `adopted`, if the "
            "stack is to create the account."
        )
        return f"{head}this tenant has no account {' or '.join(_names(person))}. Nothing was changed. {remediation}"
    lines = " or ".join(f"`adopted: {item.object_id}`" for item in hits)
    found = ", ".join(map(_with_id, hits))
    if len(hits) == 1:
        return (
            f"{head}this tenant has no account {person.upn}; {found} has a former sign-in name of theirs. Nothing was "
            f"changed. A former name may belong to somebody else by now. If the account is {person.full_name}'s, write "
            f"{lines} under `people.{key}`."
        )
    return (
        f"{head}there are {len(hits)} accounts with the names that {person.full_name} has or had: {found}. Nothing was "
        f"changed. Find out which one is theirs, and write {lines} under `people.{key}`."
    )


@dataclass(frozen=True)
class Compared:
    """Where adopted accounts are not as declared."""

    refusals: tuple[str, ...]
    """What must be corrected before anything is done: the account may not be the person's."""
    warnings: tuple[str, ...]
    """What is declared and stays undone: nobody here writes an adopted account."""


def compare(tenant: Tenant, accounts: Iterable[User]) -> Compared:
    """Compare the adopted accounts with their people.

    ``tenant`` has an object id for everybody who is adopted (:meth:`Tenant.with_object_ids`); ``accounts`` are those
    that the tenant has of these object ids.
    """
    existing = {account.id: account for account in accounts}
    adopted = {key: person for key, person in tenant.members.items() if person.adopted_id}
    refusals = [
        f"Refused: {fault}"
        for key, person in adopted.items()
        for fault in _wrong(tenant, key, person, existing.get(person.adopted_id or ""))
        if not person.leaves
    ]
    warnings = [
        warning
        for key, person in adopted.items()
        if (account := existing.get(person.adopted_id or ""))
        for warning in (_leaver(key, person, account) if person.leaves else _unlike(tenant, key, person, account))
    ]
    return Compared(tuple(refusals), tuple(warnings))


def _wrong(tenant: Tenant, key: str, person: Person, account: User | None) -> Iterator[str]:
    """What makes it doubtful that an account is a person's, or that it may hold anything."""
    if account is None:
        yield (
            f"`people.{key}.adopted` names {person.adopted}, but this tenant has no account with that object id. "
            "Nothing was changed. Correct it, or restore the account in the Entra admin center: a deleted one stays "
            "there for 30 days."
        )
        return
    if folded_upn(account.user_principal_name) not in {folded_upn(name) for name in _names(person)}:
        yield (
            f"`people.{key}.adopted` names the account of {account.display_name} ({account.user_principal_name}), and "
            f"{person.full_name} is declared as {person.upn}. Nothing was changed. If the account is "
            f"{person.full_name}'s, write `upn: {account.user_principal_name}`, and a sign-in name that they had "
            "before under `former_upns`; if not, correct `adopted`."
        )
    powers = powers_of(tenant, person)
    if account.is_guest and powers:
        yield (
            f"`people.{key}.adopted` names a guest, {account.display_name} ({account.user_principal_name}), who would "
            f"hold {', '.join(sorted(power.value for power in powers))} (PT-106). Nothing was changed. Create an "
            "account "
            "of this tenant for them, and adopt that."
        )


def _leaver(key: str, person: Person, account: User) -> Iterator[str]:
    if account.account_enabled is not False:
        yield (
            f"{person.full_name} ({account.user_principal_name}) is declared `state: leaver` but can still sign in: no "
            f"update changes an adopted account. Disable it in the Entra admin center (`people.{key}`)."
        )


def _unlike(tenant: Tenant, key: str, person: Person, account: User) -> Iterator[str]:
    named = f"{person.full_name} ({account.user_principal_name}, `people.{key}`)"
    upns = {folded_upn(name) for name in person.former_upns}
    if folded_upn(account.user_principal_name) in upns - {folded_upn(person.upn)}:
        yield (
            f"{named} is declared as {person.upn}, and signs in by a former name still: an adopted account is never "
            "written. Rename it in the Entra admin center, or correct `upn`."
        )
    powers = powers_of(tenant, person)
    if account.account_enabled is False and powers:
        yield (
            f"{named} is disabled, and cannot use {', '.join(sorted(power.value for power in powers))}: an adopted "
            "account is never written. Enable it in the Entra admin center, or declare `state: leaver`."
        )
    roles = sorted(power.value for power in powers if isinstance(power, DirectoryRole))
    if account.on_premises_sync_enabled and not person.synchronised and roles:
        yield (
            f"{named} is synchronised from an on-premises directory, which can so decide who holds "
            f"{', '.join(roles)} (PT-312). Create a cloud-only account for the roles, and write `synchronised: true` "
            "here."
        )
