"""Declared people whose sign-in name no account has, and the accounts that they probably have under another name.

An account that is adopted by its object id is known by that; of every other a declaration knows the sign-in name alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tenantry.access.observed import ObservedTenant
from tenantry.access.parts import or_none
from tenantry.declaration.person import Person
from tenantry.declaration.tenant import Tenant
from tenantry.graph.models import User
from tenantry.spelling import folded, folded_upn


@dataclass(frozen=True)
class Renames:
    """Who was probably renamed, by the person's key."""

    likely: Mapping[str, User] = field(default_factory=dict)
    """The one account that has the address of one missing person.

    That proves nothing either: administrators write addresses too. What such an account holds stays undeclared.
    """
    possible: Mapping[str, tuple[User, ...]] = field(default_factory=dict)
    """The accounts that are like a missing person by name alone, where there are several, or where one is like several.

    Names prove nothing: anybody can give an account a name, and what such an account holds stays undeclared.
    """

    def keys_of(self, object_id: str | None) -> list[str]:
        """The people who an account may be."""
        alike = {**self.possible, **{key: (account,) for key, account in self.likely.items()}}
        return [key for key, accounts in alike.items() if object_id in {account.id for account in accounts}]


def renames(tenant: Tenant, observed: ObservedTenant) -> Renames:
    """Compare the people whom no account fits with the accounts that nobody declared."""
    by_upn = {folded_upn(one.user_principal_name): one for one in or_none(observed.users)}
    people = tenant.members.values()
    declared = {item.adopted_id for item in people} | {by_upn[upn].id for upn in _upns(people) if upn in by_upn}
    undeclared = [item for item in by_upn.values() if item.id not in declared and not item.is_guest]
    missing = {
        key: person
        for key, person in tenant.members.items()
        if not person.leaves and not person.adopted_id and not _upns([person]) & by_upn.keys()
    }
    alike = {key: found for key, person in missing.items() if (found := _alike(person, undeclared))}
    number = [account.id for found in alike.values() for account in found]
    likely = {
        key: item
        for key, (item, *more) in alike.items()
        if not more and number.count(item.id) == 1 and _has_address(item, missing[key])
    }
    return Renames(likely, {key: found for key, found in alike.items() if key not in likely})


def _upns(people: Iterable[Person]) -> set[str]:
    return {folded_upn(upn) for item in people for upn in (item.upn, *item.former_upns)}


def _alike(person: Person, accounts: Iterable[User]) -> tuple[User, ...]:
    among = tuple(accounts)
    by_address = tuple(one for one in among if _has_address(one, person))
    return by_address or tuple(one for one in among if folded(one.display_name or "") == folded(person.full_name))


def _has_address(account: User, person: Person) -> bool:
    addresses = _upns([person]) | ({folded_upn(person.email)} if person.email else set())
    return bool(account.mail) and folded_upn(account.mail or "") in addresses
