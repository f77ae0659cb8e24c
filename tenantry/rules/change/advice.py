"""What somebody should know before an update, and no reason to refuse it (rules PT-102, PT-502; decisions 3, 16)."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from tenantry.access.change import Change
from tenantry.access.declared import ended, powers_of
from tenantry.access.existing import Existing
from tenantry.access.principals import Principal
from tenantry.declaration.person import PersonState
from tenantry.declaration.tenant import Mode, Tenant
from tenantry.findings import field_name, statement
from tenantry.roles import AgentGroup
from tenantry.rules.change import eligibilities
from tenantry.sanitize import sanitize


def advice(tenant: Tenant, existing: Existing) -> list[str]:
    """Sentences for the person who applies the declaration, in order."""
    of_tenant = (*_consents_of_people(tenant, existing), *_disabled(tenant, existing), *_leaving(tenant, existing))
    return sorted([*of_tenant, *_ended_and_kept(tenant, existing), *eligibilities.unseen(existing)])


def _ended_and_kept(tenant: Tenant, existing: Existing) -> Iterator[str]:
    """What has ended before any update took it over: it is not the stack's to take."""
    takes_all = tenant.mode is Mode.AUTHORITATIVE
    for item in ended(tenant):
        for held, record in existing.access.records():
            is_theirs = held.principal.object_id == item.identity.object_id and held.power in item.powers
            is_kept = not (record.owned or record.through or (takes_all and isinstance(held.power, AgentGroup)))
            if is_theirs and is_kept:
                yield (
                    f"{held.principal} still has {held.power}, which `{field_name(item.path)}` ended on "
                    f"{item.since}: the stack does not manage it, so no update removes it. "
                    "Fix: remove it in the Entra admin center."
                )


def _disabled(tenant: Tenant, existing: Existing) -> Iterator[str]:
    """People whose accounts were made here, are disabled, and stay so, since the declaration states no `state`."""
    for account in existing.accounts:
        person = tenant.members.get(account.key)
        if person is None or person.adopted or person.state is not None or account.principal.enabled:
            continue
        powers = sorted(power.value for power in powers_of(tenant, person))
        if powers:
            yield (
                f"{person.full_name} ({account.principal.upn}, `people.{account.key}`) is disabled, and cannot use "
                f"{', '.join(powers)}. No update enables the account, since no `state` is declared: somebody may "
                "have disabled it by hand. Fix: write `state: present` to enable it, `state: disabled` to keep it so."
            )


def _leaving(tenant: Tenant, existing: Existing) -> Iterator[str]:
    """People who hold nothing any more and can still sign in: the second step is left."""
    for account in existing.accounts:
        person = tenant.members.get(account.key)
        if person and person.state is PersonState.LEAVING and account.principal.enabled:
            yield (
                f"{account} is declared `state: leaving`, but can still sign in. Once their directory roles are gone "
                f"(up to 15 minutes), declare `state: leaver` under `people.{account.key}`: that disables the account."
            )


def _consents_of_people(tenant: Tenant, existing: Existing) -> Iterator[str]:
    """People's own consents to FTOP, which no update touches."""
    approved = tenant.ftop_consent is not None and tenant.ftop_consent.approved
    for item in existing.consents:
        if item.person is None:
            continue
        actual = f"{item.person} has consented to FTOP for themselves, by the grant {item.id}"
        if approved:
            actual += ", although the tenant's approval covers them"
            remediation = "revoke it in the Entra admin center"
        else:
            remediation = "have a Global admin approve FTOP, then revoke it in the Entra admin center"
        expected = "one approval for the whole tenant, by a Global admin"
        yield f"Advice (PT-502): {statement(actual, expected, remediation)}. No update changes it."


def changed_by_others(change: Change, last: Mapping[AgentGroup, Collection[str]]) -> str | None:
    """A sentence that names who was added or removed; None where nobody was.

    ``last`` are the object ids of the members that the last update left in each group.
    """
    changes = list(_by_others(change, last))
    if not changes:
        return None
    return sanitize(
        f"Changed outside this stack since the last update: {'; '.join(changes)}. `tenantry drift` shows the details."
    )


def _by_others(change: Change, last: Mapping[AgentGroup, Collection[str]]) -> Iterator[str]:
    for group, left in last.items():
        were = {id_.casefold() for id_ in left}
        added = (loss.grant.principal for loss in change.losses if loss.grant.power is group and loss.group is None)
        removed = (gain.grant.principal for gain in change.gains if gain.grant.power is group)
        yield from _named((item for item in added if item.object_id not in were), f"added to {group}")
        yield from _named((item for item in removed if item.object_id in were), f"removed from {group}")


def _named(holders: Iterable[Principal], what: str) -> Iterator[str]:
    names = sorted({str(holder) for holder in holders})
    if names:
        listed = " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
        yield f"{listed} {'was' if len(names) == 1 else 'were'} {what}"
