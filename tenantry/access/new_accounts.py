"""What accounts would be made or changed with: sign-in names and e-mail addresses."""

from collections.abc import Iterable, Iterator

from tenantry.access.existing import OwnedAccount
from tenantry.declaration.person import Person
from tenantry.declaration.tenant import Tenant
from tenantry.spelling import folded_upn


def new_names(tenant: Tenant, accounts: Iterable[OwnedAccount]) -> dict[str, str]:
    """The sign-in names that accounts would be made with or renamed to, folded, by key of the person.

    ``accounts`` are those that the stack made and that are there.
    """
    return {
        key: folded_upn(person.upn)
        for key, person, account in made_here(tenant, accounts)
        if account is None or folded_upn(account.principal.upn or "") != folded_upn(person.upn)
    }


def new_addresses(tenant: Tenant, accounts: Iterable[OwnedAccount]) -> dict[str, str]:
    """The e-mail addresses that accounts would be made with or changed to, in lower case, by key of the person."""
    return {
        key: person.email.casefold()
        for key, person, account in made_here(tenant, accounts)
        if person.email
        if account is None or (account.principal.email or "").casefold() != person.email.casefold()
    }


def made_here(tenant: Tenant, accounts: Iterable[OwnedAccount]) -> Iterator[tuple[str, Person, OwnedAccount | None]]:
    """The people whose accounts are made here, each with the account where there is one."""
    by_key = {account.key: account for account in accounts}
    for key, person in tenant.members.items():
        if not person.adopted:
            yield key, person, by_key.get(key)
