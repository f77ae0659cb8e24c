"""What an account would be made or changed with, and cannot: names, addresses and password rounds.

The directory refuses a sign-in name or an e-mail address that another account has, and a name under a domain that the
tenant has not verified, only when it is asked, in the middle of an update. A round of temporary passwords that goes
back it does not refuse at all: the old password would be set again, and told as new. Rules PT-304, PT-305 and PT-307.
"""

from collections.abc import Iterable, Iterator, Mapping

from tenantry.access.existing import DeletedAccount, Existing, OwnedAccount
from tenantry.access.new_accounts import made_here, new_addresses, new_names
from tenantry.access.principals import Principal
from tenantry.declaration.models import Person, Tenant
from tenantry.rules.change.refusal import Kind, Refusal
from tenantry.spelling import folded_upn


def refused(tenant: Tenant, existing: Existing) -> Iterator[Refusal]:
    """Everything with which an account cannot be made or changed, and every round that goes back."""
    yield from _domains(tenant, existing)
    owned = {account.principal.object_id: account.key for account in existing.accounts}
    there = set(owned.values())
    taken = {folded_upn(holder.upn): holder for holder in existing.names if holder.upn}
    deleted: dict[str, list[DeletedAccount]] = {}
    for account in existing.deleted:
        deleted.setdefault(folded_upn(account.principal.upn or ""), []).append(account)
    for key, upn in new_names(tenant, existing.accounts).items():
        if upn in taken:
            yield _name_taken(tenant, key, taken[upn], owned)
        elif upn in deleted and key not in there:
            yield _name_deleted(key, tenant.members[key], deleted[upn])
    holders = {one.address: one.holder for one in existing.addresses}
    for key, address in new_addresses(tenant, existing.accounts).items():
        holder = holders.get(address)
        # An account with the sign-in name as well is told of already: most likely it is theirs.
        if holder and folded_upn(holder.upn or "") != folded_upn(tenant.members[key].upn):
            yield _address_taken(tenant, key, holder, owned)
    yield from rounds_back(tenant, existing.accounts)


def rounds_back(tenant: Tenant, accounts: Iterable[OwnedAccount]) -> Iterator[Refusal]:
    """Rounds of temporary passwords that are lower than those that the stack has given."""
    for key, person, account in made_here(tenant, accounts):
        declared, given = person.password_round or 1, account.password_round if account else None
        if given is not None and declared < given:
            yield Refusal(
                Kind.ROUND_GOES_BACK,
                "PT-307",
                key,
                f"`people.{key}.password_round` is {declared}, and the stack has given {person.full_name} the "
                f"temporary password of round {given}: an old password would be set again",
                "rounds that only go up",
                round_line(key, given),
            )


def round_line(key: str, given: int) -> str:
    """What to write where a round goes back. ``given`` is the highest that there was."""
    return (
        f"Write `password_round: {given}` under `people.{key}` to leave the password as it is, or "
        f"`password_round: {given + 1}` to issue a new one."
    )


def _domains(tenant: Tenant, existing: Existing) -> Iterator[Refusal]:
    verified = existing.verified_domains
    for domain in tenant.domains.all if verified is not None else ():
        if verified is not None and domain.casefold() not in verified:
            yield Refusal(
                Kind.DOMAIN,
                "PT-305",
                domain,
                f"the domain {domain} is declared as verified, and the tenant has not verified it",
                f"domains that the tenant has verified ({', '.join(sorted(verified))})",
                "Verify it in the Entra admin center (Settings, Domain names), or remove it from `domains.verified`.",
            )


def _of_this_stack(tenant: Tenant, key: str, other: str, what: str) -> str:
    """What to do where another account of the same stack is in the way: the engine orders none of its accounts."""
    if other not in tenant.members:
        return (
            f"This stack made that account, under the key `{other}`. If it is the same person's, write `former_keys: "
            f"[{other}]` under `people.{key}`; if not, run `pulumi up` without `{key}` first, so that it is gone."
        )
    return (
        f"This stack made that account too (`people.{other}`), and changes accounts in no order. Give `{other}` "
        f"another {what} first, run `pulumi up`, and change `{key}` then."
    )


def _name_taken(tenant: Tenant, key: str, holder: Principal, owned: Mapping[str, str]) -> Refusal:
    person, other = tenant.members[key], owned.get(holder.object_id)
    if other is not None:
        remediation = _of_this_stack(tenant, key, other, "`upn`")
    else:
        remediation = (
            f"If the account is {person.full_name}'s, write `adopted: {holder.object_id}` under `people.{key}`; if it "
            "is somebody else's, give them another `upn`."
        )
    return Refusal(
        Kind.SIGN_IN_NAME,
        "PT-304",
        key,
        f"`people.{key}` is to sign in as {person.upn}, and the account {holder}, object id {holder.object_id}, has "
        "that name already",
        "a sign-in name that no other account has",
        remediation,
    )


def _name_deleted(key: str, person: Person, deleted: list[DeletedAccount]) -> Refusal:
    ids = " or ".join(f"`adopted: {account.principal.object_id}`" for account in deleted if not account.owned)
    adopt = f" and write {ids} under `people.{key}`" if ids else ": this stack made it, and keeps it then"
    return Refusal(
        Kind.SIGN_IN_NAME,
        "PT-304",
        key,
        f"`people.{key}` is to be made as {person.upn}, and the deleted account {' and '.join(map(str, deleted))} had "
        "that name: a new account is another principal to everybody",
        "a sign-in name that no deleted account has",
        f"If the account is {person.full_name}'s, restore it in the Entra admin center (Users, Deleted users){adopt}. "
        "To make a new account, delete the old one there permanently first.",
    )


def _address_taken(tenant: Tenant, key: str, holder: Principal, owned: Mapping[str, str]) -> Refusal:
    person, other = tenant.members[key], owned.get(holder.object_id)
    remediation = (
        f"Correct `people.{key}.email`, or take the address from {holder} in the Entra or Exchange admin center."
    )
    if other is not None:
        remediation = _of_this_stack(tenant, key, other, "`email`")
    return Refusal(
        Kind.ADDRESS,
        "PT-304",
        key,
        f"`people.{key}` is to have the e-mail address {person.email}, and {holder}, object id {holder.object_id}, "
        "has it already (proxyAddresses)",
        "an e-mail address that no other account or group has",
        remediation,
    )
