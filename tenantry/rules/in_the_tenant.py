"""What the rules of a declaration find in the tenant itself: PT-105 to PT-502, as far as Microsoft Graph shows it.

Who holds what nobody declared, and who lacks what is declared, the comparison of access says
(:mod:`tenantry.drift.compare`); each of these checks says what that does not look at.
"""

from datetime import timedelta
from typing import Final

from tenantry.access.grants import Kind
from tenantry.access.inverse import FTOP_APPLICATION
from tenantry.access.observed import GroupMembers
from tenantry.access.parts import NotRead
from tenantry.declaration import Program
from tenantry.declaration.ftop import Consent, FtopPlan
from tenantry.findings import FieldPath, Level, Severity
from tenantry.graph.errors import Cause
from tenantry.role_templates import ROLE_TEMPLATES
from tenantry.roles import AgentGroup, CompanyRole, DirectoryRole
from tenantry.rules.accounts import declared, of_account, unread_roles
from tenantry.rules.model import Evidence, NotApplicable, Said, violation
from tenantry.spelling import folded

# --- PT-105, PT-106, PT-110: the groups


def look_alikes(evidence: Evidence) -> Said:
    """Groups with the name of an agent group, and agent groups with another name."""
    seen = evidence.seen
    alike = seen.posture.look_alikes
    if isinstance(alike, NotRead):
        yield alike
        return
    known = {name for name, found in seen.tenant.agent_groups.items() if isinstance(found, GroupMembers)}
    # Where it is not known which group is meant, or who is in it, none is known to be the look-alike.
    yield from (
        found
        for found in seen.tenant.agent_groups.values()
        if isinstance(found, NotRead) and found.cause is not Cause.GONE
    )
    for group in alike:
        if AgentGroup.by_display_name(group.display_name or "") in known:
            yield violation(
                f"the group {group.display_name}",
                f"has the name of an agent group, but is another group ({group.id})",
                "one group of each name: the one that Partner Center created",
                "find out who uses it, then rename or delete it",
                ("agent_groups",),
                about=group.id,
                level=Level.ADVISORY,
                severity=Severity.MEDIUM,
            )
    for name, found in seen.tenant.agent_groups.items():
        called = found.group.display_name if isinstance(found, GroupMembers) else None
        if called and AgentGroup.by_display_name(called) is not name:
            yield violation(
                name.value,
                f"renamed to {called}",
                f"the name that Partner Center gave it, {name}",
                "rename it back in the Entra admin center",
                ("agent_groups",),
                about=name.value,
            )


def declared_guests(evidence: Evidence) -> Said:
    """Declared people whose account turns out to be a guest's."""
    for id_ in evidence.seen.people:
        if evidence.seen.known[id_].guest and declared(evidence, id_):
            yield of_account(
                evidence,
                id_,
                "a guest account",
                "an account of this tenant",
                "create an account in this tenant for them, and declare that",
            )


def outside_all_users(evidence: Evidence) -> Said:
    """Enabled members who are not in All Users, by number."""
    if Program.CSP not in evidence.tenant.programs:
        return
    inside, tenant = evidence.seen.posture.in_all_users, evidence.seen.tenant
    if isinstance(inside, NotRead):
        yield inside
    elif isinstance(tenant.users, NotRead):
        yield tenant.users
    elif tenant.counted and inside < tenant.counted.enabled_members:
        yield violation(
            "All Users",
            f"{inside:,} of {tenant.counted.enabled_members:,} enabled members are in it",
            "every enabled member",
            "ask Partner Center support: only Partner Center changes this group",
            ("agent_groups",),
            level=Level.ADVISORY,
        )


# --- PT-201 to PT-203: administrators


def _global_administrators(evidence: Evidence) -> list[str]:
    """The object ids of the accounts that hold Global Administrator for the whole tenant, active or eligible."""
    role = DirectoryRole.GLOBAL_ADMINISTRATOR.template_id
    return [
        id_
        for id_, grants in evidence.seen.people.items()
        if any(one.target == role and one.scope == "/" for one in grants)
    ]


def too_few_administrators(evidence: Evidence) -> Said:
    """Counts who really is one, as PT-201 counts who is declared."""
    seen = evidence.seen
    if seen.tenant.roles_not_read:
        yield seen.tenant.roles_not_read
        return
    people = evidence.declared_by_object_id
    admins = {
        id_
        for id_ in _global_administrators(evidence)
        if seen.known[id_].is_person and not (id_ in people and people[id_][1].emergency)
    }
    admins |= {
        id_
        for id_, (_, person) in people.items()
        if CompanyRole.ACCOUNT_ADMIN in (person.company_roles or ()) and seen.accounts[id_].account_enabled is not False
    }
    if len(admins) < 2:
        only = f"only {seen.known[next(iter(admins))]}" if admins else "nobody"
        yield violation(
            evidence.tenant.name,
            f"{only} is Global Administrator or Account admin and can sign in",
            "at least two people who can sign in, not counting emergency accounts",
            "give a second person the role Global admin or Account admin",
            ("people",),
            level=Level.MANDATORY if admins else Level.ALWAYS,
        )


def too_many_administrators(evidence: Evidence) -> Said:
    """Counts who really holds it, through groups too."""
    seen, settings = evidence.seen, evidence.settings
    yield from unread_roles(evidence)
    if seen.tenant.roles_not_read:
        return
    privileged = {
        (id_, one.target, one.scope)
        for id_, grants in seen.people.items()
        for one in grants
        if one.target in ROLE_TEMPLATES and ROLE_TEMPLATES[one.target].privileged
    }
    admins = len(_global_administrators(evidence))
    for number, most, what in (
        (admins, settings.max_global_administrators, "Global Administrators, emergency accounts among them"),
        (len(privileged), settings.max_privileged_assignments, "privileged assignments"),
    ):
        if number > most:
            yield violation(
                evidence.tenant.name,
                f"the tenant has {number} {what}",
                f"fewer than {most + 1}",
                "give a smaller role to people whose work does not need this one",
                ("people",),
            )


def emergency_accounts(evidence: Evidence) -> Said:
    """Whether they can be used; that they are there with their role, the comparison of access says."""
    if isinstance(evidence.seen.tenant.users, NotRead):
        yield evidence.seen.tenant.users
        return
    # Without its role it is none, and that the comparison of access can say of roles that were read alone.
    yield from unread_roles(evidence)
    expected = "an enabled cloud-only account"
    for id_, (_, person) in evidence.declared_by_object_id.items():
        account = evidence.seen.accounts[id_]
        if not person.emergency or person.leaves:
            continue
        if account.account_enabled is False:
            actual, remediation = "an emergency account that is disabled", "enable it in the Entra admin center"
            yield of_account(evidence, id_, actual, expected, remediation)
        if account.on_premises_sync_enabled:
            actual = "an emergency account that is synchronised from an on-premises directory"
            yield of_account(
                evidence, id_, actual, expected, "create a cloud-only account instead", level=Level.ADVISORY
            )


# --- PT-305 to PT-312: people and work accounts


def domains(evidence: Evidence) -> Said:
    """Declared domains that the tenant has not verified, and verified ones that nobody declared."""
    there, stated = evidence.seen.tenant.domains, evidence.tenant.domains
    if isinstance(there, NotRead):
        yield there
        return
    verified = {domain.id.casefold() for domain in there if domain.is_verified}
    for domain in stated.all:
        if domain.casefold() not in verified:
            initial = domain == stated.initial
            path: FieldPath = ("initial",) if initial else ("verified", stated.verified.index(domain))
            yield violation(
                evidence.tenant.name,
                f"the domain {domain}, which is not verified in the tenant",
                "domains that are verified in the tenant",
                "verify it in the Entra admin center under Custom domain names, or remove it here",
                ("domains", *path),
            )
    others = sorted(verified - {domain.casefold() for domain in stated.all})
    if others:
        yield violation(
            evidence.tenant.name,
            f"the tenant has verified {', '.join(others)} as well",
            "every verified domain is declared",
            "add it under `domains: {verified: …}`, or remove it from the tenant",
            ("domains",),
            level=Level.ADVISORY,
            severity=Severity.LOW,
        )


_TO_SIGN_IN: Final = timedelta(days=14)
_AT_ONCE: Final = timedelta(minutes=5)


def passwords_never_changed(evidence: Evidence) -> Said:
    """Accounts made here whose password is the one that they were made with, two weeks later."""
    if isinstance(evidence.seen.tenant.users, NotRead):
        yield evidence.seen.tenant.users
        return
    for id_, (_, person) in evidence.declared_by_object_id.items():
        account = evidence.seen.accounts[id_]
        made, changed = account.created_date_time, account.last_password_change_date_time
        if person.adopted or person.leaves or not made or account.account_enabled is False:
            continue
        is_first = changed is None or changed - made <= _AT_ONCE
        if is_first and evidence.today - made.date() > _TO_SIGN_IN:
            yield of_account(
                evidence,
                id_,
                f"still has the temporary password of {made:%Y-%m-%d}",
                "a temporary password that is changed within two weeks",
                "have them sign in, or raise `password_round` and hand over a new password",
                level=Level.MANDATORY,
                severity=Severity.MEDIUM,
            )


def needless_accounts(evidence: Evidence) -> Said:
    """Accounts of people who are not declared and hold nothing, by number, with the names of some."""
    if isinstance(evidence.seen.tenant.users, NotRead):
        yield evidence.seen.tenant.users
        return
    counted = evidence.seen.tenant.counted
    if counted and counted.others:
        few = counted.some_others[:5]
        names = ", ".join(few) + (", …" if counted.others > len(few) else "")
        yield violation(
            evidence.tenant.name,
            f"{counted.others:,} enabled account{'s' * (counted.others > 1)} of undeclared people without "
            f"partner access ({names})",
            "accounts only for people who need partner access",
            "declare them with a role, or move their account to the organisation's own tenant",
            ("people",),
        )


def synchronised(evidence: Evidence) -> Said:
    """Synchronised accounts that really hold a directory role, and are not declared to be synchronised."""
    seen = evidence.seen
    yield from unread_roles(evidence)
    if seen.tenant.roles_not_read:
        return
    for id_, grants in seen.people.items():
        roles = sorted({seen.target_name(one) for one in grants if one.kind is Kind.DIRECTORY_ROLE})
        person = declared(evidence, id_)
        if seen.known[id_].synchronised and roles and not (person and person[1].synchronised):
            yield of_account(
                evidence,
                id_,
                f"synchronised from an on-premises directory, with {', '.join(roles)}",
                "directory roles only for cloud-only accounts",
                "create a cloud-only account for this role",
            )


# --- PT-404, PT-409: the organisation


def another_country(evidence: Evidence) -> Said:
    """The country that the tenant has itself."""
    tenant, organization = evidence.tenant, evidence.seen.tenant.organization
    if isinstance(organization, NotRead):
        yield organization
    elif organization.country_letter_code and organization.country_letter_code.upper() != tenant.country:
        yield violation(
            tenant.name,
            f"the tenant says that its country is {organization.country_letter_code}",
            f"`country: {organization.country_letter_code.upper()}`, which can never change for a tenant",
            "correct `country`, or declare the right tenant id",
            ("country",),
            severity=Severity.CRITICAL,
        )


def another_address(evidence: Evidence) -> Said:
    """Compared by letters and digits alone: how an address is set differs, and says nothing."""
    legal, organization = evidence.declaration.partner.legal, evidence.seen.tenant.organization
    if isinstance(organization, NotRead):
        yield organization
        return
    if legal is None:
        return
    stated = [legal.address, *([legal.transliterated_address] if legal.transliterated_address else [])]
    for field, label in (("street", "street"), ("city", "city"), ("postal_code", "postal code")):
        now = getattr(organization, field)
        if now and _letters(now) not in {_letters(getattr(one, field)) for one in stated}:
            yield violation(
                evidence.tenant.name,
                f"the tenant says that its {label} is {now!r}",
                f"{getattr(legal.address, field)!r}, as registered",
                "correct it in the Microsoft 365 admin center under Settings, Org settings, or here",
                ("legal", "address", field),
                of_partner=True,
                level=Level.ADVISORY,
            )


def _letters(text: str) -> str:
    return "".join(character for character in folded(text) if character.isalnum())


# --- PT-501, PT-502: consent to FTOP


_NO_CONSENT: Final = (
    "No consent to FTOP is declared, and without `ftop.application_id` a consent in the tenant cannot be recognised."
)
_NO_APPLICATION: Final = (
    "The declared consent to FTOP was not looked for, since `ftop.application_id` is not declared: copy it from Entra "
    "ID under Enterprise applications, where FTOP is listed once somebody has consented."
)


def _consents(evidence: Evidence) -> tuple[FtopPlan, bool, list[str]] | NotRead | NotApplicable:
    """What is declared of FTOP, whether it is approved for everybody, and who consented by themselves."""
    seen, ftop = evidence.seen, evidence.tenant.ftop
    if ftop is None or ftop.application_id is None:
        approved = ftop is not None and ftop.approval is not None and ftop.approval.state is not Consent.PENDING
        stated = ftop is not None and (approved or ftop.consents)
        return NotRead(Cause.UNDECLARED, _NO_APPLICATION) if stated else NotApplicable(_NO_CONSENT)
    if seen.tenant.consents_not_read:
        return seen.tenant.consents_not_read
    holders = seen.access.holders(Kind.CONSENT, FTOP_APPLICATION)
    by_name = {seen.name_of(id_): id_ for id_ in seen.known}
    people = [by_name.get(one, one.value) for one in holders if not one.is_everybody]
    return ftop, any(one.is_everybody for one in holders), people


def approval(evidence: Evidence) -> Said:
    """The tenant's consent to FTOP, declared against there."""
    found = _consents(evidence)
    if not isinstance(found, tuple):
        yield found
        return
    ftop, approved, _ = found
    stated = ftop.approval is not None and ftop.approval.state is Consent.TENANT
    if stated and not approved:
        yield violation(
            evidence.tenant.name,
            "the tenant has no consent to FTOP for everybody",
            "the declared consent",
            "run `pulumi up`, which gives the consent",
            ("ftop", "approval"),
        )
    elif approved and not stated:
        yield violation(
            evidence.tenant.name,
            "the tenant has an undeclared consent to FTOP for everybody",
            "a declaration of the consent, with its date and who gave it",
            "declare `ftop: {approval: {on: …, by: …}}`, or revoke it in Entra ID under Enterprise applications",
            ("ftop", "approval") if ftop.approval else ("ftop",),
        )


def own_consents(evidence: Evidence) -> Said:
    """People's own consents to FTOP that nobody declared."""
    found = _consents(evidence)
    if not isinstance(found, tuple):
        yield found
        return
    ftop, _, people = found
    for id_ in people:
        person = declared(evidence, id_)
        if person is None or person[0] not in ftop.consents:
            yield of_account(
                evidence,
                id_,
                "their own consent to FTOP, which is not declared",
                "one approval for the whole tenant, by a Global admin",
                "revoke it in Entra ID under Enterprise applications, or declare it under `ftop: {consents: …}`",
            )
