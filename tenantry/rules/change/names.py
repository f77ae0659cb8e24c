"""What an account cannot be made or changed with: names, addresses and password rounds.

The directory refuses a sign-in name or an e-mail address that another account has, and a name under a domain that the
tenant has not verified, only in the middle of an update. It does not refuse a round of temporary passwords that goes
back: the update would set the old password again, and show it as new. Rules PT-304, PT-305 and PT-307.
"""

from collections.abc import Iterator, Mapping

from tenantry.access.change import Change
from tenantry.access.declared import account_of
from tenantry.access.existing import DeletedAccount, made_here, new_addresses, new_names
from tenantry.access.principals import Principal
from tenantry.declaration.person import Person
from tenantry.declaration.tenant import Tenant
from tenantry.rules.change.refusal import Kind, Refusal, refused
from tenantry.spelling import folded_upn


def names_and_addresses(tenant: Tenant, change: Change) -> Iterator[Refusal]:
    """New sign-in names and e-mail addresses that another account has."""
    existing = change.before
    owned = {account.principal.object_id: account.key for account in existing.accounts}
    present = set(owned.values())
    taken = {folded_upn(holder.upn): holder for holder in existing.names if holder.upn}
    deleted: dict[str, list[DeletedAccount]] = {}
    for account in existing.deleted:
        deleted.setdefault(folded_upn(account.principal.upn or ""), []).append(account)
    for key, upn in new_names(tenant, existing.accounts).items():
        if upn in taken:
            yield _name_taken(tenant, key, taken[upn], owned)
        elif upn in deleted and key not in present:
            yield _name_deleted(key, tenant.members[key], deleted[upn])
    holders = {item.address: item.holder for item in existing.addresses}
    for key, address in new_addresses(tenant, existing.accounts).items():
        holder = holders.get(address)
        # An account with the sign-in name as well is named already: most likely it is theirs.
        if holder and folded_upn(holder.upn or "") != folded_upn(tenant.members[key].upn):
            yield _address_taken(tenant, key, holder, owned)


def rounds_back(tenant: Tenant, change: Change) -> Iterator[Refusal]:
    """Rounds of temporary passwords that are lower than those that the stack has given."""
    for key, person, account in made_here(tenant, change.before.accounts):
        declared, given = person.password_round or 1, account.password_round if account else None
        if given is not None and declared < given:
            yield refused(
                Kind.ROUND_GOES_BACK,
                key,
                f"`people.{key}.password_round` is {declared}, but {person.full_name} already has the "
                f"temporary password of round {given}: an old password would be set again",
                round_line(key, given),
            )


def round_line(key: str, given: int) -> str:
    """What to write where a round goes back. ``given`` is the highest that there was."""
    return (
        f"write `password_round: {given}` under `people.{key}` to leave the password as it is, or "
        f"`password_round: {given + 1}` to issue a new one"
    )


def not_verified(tenant: Tenant, change: Change) -> Iterator[Refusal]:
    """Domains that are declared as verified, and that the tenant has not verified."""
    verified = change.before.verified_domains
    for domain in tenant.domains.all if verified is not None else ():
        if verified is not None and domain.casefold() not in verified:
            yield refused(
                Kind.DOMAIN,
                domain,
                f"the domain {domain} is declared as verified, but is not verified in the tenant",
                "verify it in the Entra admin center (Settings, Domain names), or remove it from `domains.verified`",
                f"domains that are verified in the tenant ({', '.join(sorted(verified))})",
            )


def renamed(before: Tenant, after: Tenant) -> dict[str, str]:
    """People whose account has another sign-in name than before that `former_upns` does not state: key to that name."""
    was = {account_of(key, person): person.upn for key, person in before.members.items()}
    found = {}
    for key, person in after.members.items():
        old = was.get(account_of(key, person))
        if old and folded_upn(old) not in {folded_upn(name) for name in (person.upn, *person.former_upns)}:
            found[key] = old
    return found


def taken_names(before: Tenant, after: Tenant) -> dict[str, str]:
    """People with a sign-in name that was somebody else's until now: their key to that other's key before."""
    was = {folded_upn(person.upn): (key, person) for key, person in before.members.items()}
    found = {}
    for key, person in after.members.items():
        other = was.get(folded_upn(person.upn))
        if other and account_of(*other) != account_of(key, person):
            found[key] = other[0]
    return found


def _of_this_stack(tenant: Tenant, key: str, other: str, what: str) -> str:
    """What to do where another account of the same stack is in the way: the engine orders none of its accounts."""
    if other not in tenant.members:
        return (
            f"this stack created that account, under the key `{other}`. If it is the same person's, write "
            f"`former_keys: [{other}]` under `people.{key}`; if not, first run `pulumi up` without `{key}`, which "
            "deletes the old account"
        )
    return (
        f"this stack also created that account (`people.{other}`), and cannot change both in one update. Give "
        f"`{other}` another {what}, run `pulumi up`, then change `{key}`"
    )


def _name_taken(tenant: Tenant, key: str, holder: Principal, owned: Mapping[str, str]) -> Refusal:
    person, other = tenant.members[key], owned.get(holder.object_id)
    if other is not None:
        remediation = _of_this_stack(tenant, key, other, "`upn`")
    else:
        remediation = (
            f"if the account is {person.full_name}'s, write `adopted: {holder.object_id}` under `people.{key}`; if it "
            "is somebody else's, give them another `upn`"
        )
    return refused(
        Kind.SIGN_IN_NAME,
        key,
        f"`people.{key}` is to sign in as {person.upn}, but the account {holder}, object id {holder.object_id}, "
        "already has that name",
        remediation,
    )


def _name_deleted(key: str, person: Person, deleted: list[DeletedAccount]) -> Refusal:
    ids = " or ".join(f"`adopted: {account.principal.object_id}`" for account in deleted if not account.owned)
    adopt = f" and write {ids} under `people.{key}`" if ids else ": this stack created it, and will manage it again"
    return refused(
        Kind.SIGN_IN_NAME,
        key,
        f"`people.{key}` is to be created as {person.upn}, but the deleted account {' and '.join(map(str, deleted))} "
        "had that name: a new account would be another principal, without the old one's access",
        f"if the account is {person.full_name}'s, restore it in the Entra admin center (Users, Deleted users){adopt}. "
        "To create a new account, first delete the old one there permanently",
        "a sign-in name that no deleted account has",
    )


def _address_taken(tenant: Tenant, key: str, holder: Principal, owned: Mapping[str, str]) -> Refusal:
    person, other = tenant.members[key], owned.get(holder.object_id)
    remediation = (
        f"correct `people.{key}.email`, or remove the address from {holder} in the Entra or Exchange admin center"
    )
    if other is not None:
        remediation = _of_this_stack(tenant, key, other, "`email`")
    return refused(
        Kind.ADDRESS,
        key,
        f"`people.{key}` is to have the e-mail address {person.email}, but {holder}, object id {holder.object_id}, "
        "already has it (proxyAddresses)",
        remediation,
    )
