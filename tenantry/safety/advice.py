"""What is worth saying of a tenant and is no reason to refuse a change (rule PT-502; docs/decisions/0016)."""

from collections.abc import Iterator

from tenantry.declaration.models import PersonState, Tenant
from tenantry.safety.existing import Existing


def advice(tenant: Tenant, existing: Existing) -> list[str]:
    """Sentences for whoever applies the declaration, in order."""
    return sorted([*_consents_of_people(tenant, existing), *_leaving(tenant, existing)])


def _leaving(tenant: Tenant, existing: Existing) -> Iterator[str]:
    """People who hold nothing any more and can still sign in: the second step is still to be taken."""
    for account in existing.accounts:
        person = tenant.members.get(account.key)
        if person and person.state is PersonState.LEAVING and not account.disabled:
            yield (
                f"{account} is declared `state: leaving`, and can still sign in. Once their directory roles are gone "
                f"(up to 15 minutes), declare `state: leaver` under `people.{account.key}`: that disables the account."
            )


def _consents_of_people(tenant: Tenant, existing: Existing) -> Iterator[str]:
    """People's own consents to FTOP: seen, told and never touched."""
    approved = tenant.ftop_consent is not None and tenant.ftop_consent.approved
    for one in existing.consents:
        if one.person is None:
            continue
        found = f"{one.person} has consented to FTOP for themselves, by the grant {one.id}"
        if approved:
            found += ", beside the tenant's approval, which covers them"
            mend = "Revoke it in the Entra admin center."
        else:
            mend = "Let a Global admin approve FTOP, and then revoke it in the Entra admin center."
        allowed = "Allowed: one approval for the whole tenant, by a Global admin."
        yield f"Advice (PT-502): {found}. It was not touched. {allowed} {mend}"
