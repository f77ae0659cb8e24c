"""PT-201 and its family: enough administrators, and not too many."""

from collections.abc import Iterator
from typing import Final

from tenantry.access.principals import folded_upn
from tenantry.roles import CompanyRole, PartnerRole
from tenantry.rules.model import Broken, Evidence, Level, Rule, Scope, Severity, Source, View


def _too_few_administrators(evidence: Evidence) -> Iterator[Broken]:
    """Counts distinct people who can leave: emergency accounts, guests and disabled accounts do not count."""
    admins = {
        folded_upn(person.upn): person.full_name
        for _, person in evidence.people()
        if not person.emergency
        and person.may_sign_in
        and "#ext#" not in person.upn.lower()
        and (PartnerRole.GLOBAL_ADMIN in person.roles or CompanyRole.ACCOUNT_ADMIN in (person.company_roles or ()))
    }
    if len(admins) < 2:
        only = f"only {next(iter(admins.values()))}" if admins else "nobody"
        yield Broken(
            evidence.tenant.name,
            f"{only} as Global admin or Account admin",
            "at least two people who can sign in, emergency accounts aside",
            "give a second person the role Global admin or Account admin",
            ("people",),
            level=Level.MANDATORY if admins else Level.ALWAYS,
        )


RULES: Final = (
    Rule(
        "PT-201",
        "At least two Global or Account admins",
        Level.MANDATORY,
        Severity.HIGH,
        Scope.PARTNER,
        f'{Source.PARTNER_CENTER}: "Assign at least two Global or Account Admins"',
        "Give a second person the role Global admin or Account admin.",
        {View.DECLARED: _too_few_administrators},
    ),
)
