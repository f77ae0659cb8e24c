"""PT-301 to PT-314: people's names, e-mail addresses, sign-in names and accounts, and what each of them needs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from tenantry.access.declared import account_of, powers_of, who
from tenantry.declaration.fields import is_microsofts
from tenantry.findings import FieldPath, Finding, Level, Severity
from tenantry.roles import DirectoryRole, PartnerRole
from tenantry.rules import in_the_tenant
from tenantry.rules.addresses import (
    ROLE_NAMES_OF_THE_SOURCE,
    domain_of,
    folded_address,
    is_disposable,
    is_personal,
    is_regional,
    role_name,
    role_names,
    syntax_fault,
    upn_fault,
)
from tenantry.rules.change import names
from tenantry.rules.letters import beyond_western_european, script_of, transliterated
from tenantry.rules.model import Check, Evidence, Rule, Said, Scope, Source, View, of_person, violation
from tenantry.spelling import folded, folded_upn


@dataclass(frozen=True)
class _Address:
    """An e-mail address or a sign-in name, with whose it is and where it stands."""

    value: str
    subject: str
    path: FieldPath = ()
    of_partner: bool = False
    urn: str | None = None

    def finding(self, actual: str, expected: str = "", remediation: str = "", level: Level | None = None) -> Finding:
        """What is wrong with it."""
        place, of_partner, urn = self.path, self.of_partner, self.urn
        return violation(
            self.subject, actual, expected, remediation, place, of_partner=of_partner, resource=urn, level=level
        )


def _declared_emails(evidence: Evidence) -> Iterator[_Address]:
    contact = evidence.declaration.partner.contact
    if contact:
        yield _Address(contact.email, f"{contact.name}, contact", ("contact", "email"), of_partner=True)
    for key, person in evidence.people():
        if person.email is not None:
            yield _Address(person.email, who(person), ("people", key, "email"))


def _registered_emails(evidence: Evidence) -> Iterator[_Address]:
    """E-mail addresses that a program writes and the declaration does not hold."""
    declared = {folded_address(person.email) for person in evidence.tenant.members.values() if person.email}
    for account, resource in evidence.program.accounts:
        if account.email and folded_address(account.email) not in declared:
            yield _Address(account.email, evidence.named(account), urn=resource.urn)


def _declared_upns(evidence: Evidence) -> Iterator[_Address]:
    for key, person in evidence.people():
        yield _Address(person.upn, who(person), ("people", key, "upn"))


def _registered_upns(evidence: Evidence) -> Iterator[_Address]:
    """Sign-in names that a program writes and the declaration does not hold."""
    declared = {person.upn for person in evidence.tenant.members.values()}
    for account, resource in evidence.program.accounts:
        if account.upn is not None and account.upn not in declared:
            yield _Address(account.upn, evidence.named(account), urn=resource.urn)


def _each(
    addresses: Callable[[Evidence], Iterator[_Address]], faults: Callable[[Evidence, _Address], Iterator[Finding]]
) -> Check:
    """The check that finds what is wrong with each of the addresses."""
    return lambda evidence: (found for address in addresses(evidence) for found in faults(evidence, address))


def _personal(_evidence: Evidence, address: _Address) -> Iterator[Finding]:
    if is_personal(address.value):
        yield address.finding(f"{address.value!r}, a personal address")


def _disposable(_evidence: Evidence, address: _Address) -> Iterator[Finding]:
    if is_disposable(address.value):
        yield address.finding(f"{address.value!r}, a disposable address")


def _role_based(_evidence: Evidence, address: _Address) -> Iterator[Finding]:
    name = role_name(address.value)
    if name in ROLE_NAMES_OF_THE_SOURCE or name in role_names():
        level = None if name in ROLE_NAMES_OF_THE_SOURCE else Level.ADVISORY
        yield address.finding(f"{address.value!r}, a shared mailbox", level=level)


def _role_based_names(evidence: Evidence) -> Said:
    yield from _each(_declared_emails, _role_based)(evidence)
    for upn in _declared_upns(evidence):
        name = role_name(upn.value)
        if name in ROLE_NAMES_OF_THE_SOURCE or name in role_names():
            yield upn.finding(
                f"{upn.value!r}, a sign-in name that names no person",
                "a sign-in name of one person",
                "rename the account after the person, and list this name under `former_upns`",
                Level.ADVISORY,
            )


def _not_unique(evidence: Evidence) -> Iterator[Finding]:
    """Compared as Entra does: case and Unicode form aside. The same human in two tenants is no finding."""
    for field, name in (("upn", "UPN"), ("email", "e-mail address")):
        first: dict[str, str] = {}
        for key, person in evidence.tenant.members.items():
            value = getattr(person, field)
            other = first.setdefault(folded_upn(value), key) if value is not None else key
            if other != key:
                yield of_person(
                    key,
                    person,
                    field,
                    f"the {name} {value!r}, which `{other}` has too",
                    f"each {name} once in a tenant, case and Unicode form aside",
                    f"correct one of `{other}` and `{key}`, or remove one if they are the same person",
                )


def _registered_twice(evidence: Evidence) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for account, resource in evidence.program.accounts:
        other = first.setdefault(folded_upn(account.upn), resource.name) if account.upn is not None else resource.name
        if other != resource.name:
            yield violation(
                evidence.named(account),
                f"the UPN {account.upn!r} on both {other} and {resource.name}",
                "each UPN once in a tenant, case and Unicode form aside",
                "remove one of the two resources",
                resource=resource.urn,
            )


def _names_that_move(evidence: Evidence) -> Iterator[Finding]:
    """Sign-in names that pass from one account to another, which fails half way, and those that FTOP cannot follow."""
    was, tenant = evidence.before.tenant, evidence.tenant
    taken = names.taken_names(was, tenant) if evidence.before.managed else {}
    stay = {account_of(key, person) for key, person in tenant.members.items()}
    for key, other_key in taken.items():
        person, other = tenant.members[key], was.members[other_key]
        if person.adopted or other.adopted:
            continue  # no update writes the name of one of them: it is free already, or PT-304 finds it twice
        if account_of(other_key, other) in stay:
            first = f"give `{other_key}` another name"
            first += ", for now an unused one" if other_key in taken else ""
        elif not other.may_sign_in:
            first = f"remove `{other_key}`"
        else:
            continue  # PT-204 says that the account would be deleted, and what to write
        yield of_person(
            key,
            person,
            "upn",
            f"the UPN {person.upn!r}, which is that of {other.full_name} until this change is applied: an update that "
            "gives it to both at once is refused by Entra (the names collide)",
            "a name that no account has when the update begins",
            f"make two changes: first {first}, and once that is applied give {person.upn} to `{key}`",
        )
    for key, old in names.renamed(was, tenant).items():
        person = tenant.members[key]
        yield of_person(
            key,
            person,
            "upn",
            f"another UPN, {person.upn} instead of {old}, without its former one",
            "the former name under `former_upns`: FTOP's records go by the sign-in name, and stay with the old one",
            f"write `former_upns: [{', '.join((*person.former_upns, old))}]` under `people.{key}`",
            level=Level.ADVISORY,
        )


def _upn_faults(evidence: Evidence, upn: _Address) -> Iterator[Finding]:
    domains, domain = evidence.tenant.domains.all, domain_of(upn.value)
    if domain not in domains:
        yield upn.finding(
            f"{upn.value!r}, outside the tenant's domains",
            f"a verified domain of the tenant: {', '.join(domains)}",
            f"use one of them, or add {domain} to `domains.verified` once it is verified",
        )
    fault = upn_fault(upn.value)
    if fault:
        yield upn.finding(*fault, "choose a sign-in name (UPN) with allowed characters and length")


def _no_headquarters(evidence: Evidence) -> str | None:
    stated = evidence.declaration.partner.headquarters
    return None if stated else "the partner's file states no `headquarters`, whose domain addresses are compared with"


def _regional(evidence: Evidence, address: _Address) -> Iterator[Finding]:
    headquarters = evidence.declaration.partner.headquarters
    if headquarters and is_regional(domain_of(address.value), headquarters.domain):
        expected = f"the headquarters' domain {headquarters.domain}, or one below it"
        yield address.finding(f"{address.value!r}, in a regional domain", expected)


def _passwords_that_stay(evidence: Evidence) -> Iterator[Finding]:
    """A property that a view did not read says nothing; one that a program leaves out is None there."""
    for account, resource in evidence.program.accounts:
        found = evidence.person(account)
        given = resource.inputs.get("forcePasswordChange", True)
        if given is True or (found and found[1].adopted):
            continue  # PT-108 speaks of adopted accounts
        kept = "a temporary password that need not be changed"
        yield violation(
            evidence.named(account),
            kept if given in (None, False) else f"{kept}, unless the program sets another value when it runs",
            resource=resource.urn,
            about=found[0] if found else resource.name,
        )


def _no_address(evidence: Evidence) -> str | None:
    return None if evidence.declaration.partner.legal else "the partner's file states no `legal` address"


def _western_european(evidence: Evidence) -> Iterator[Finding]:
    """Reads the transliteration where there is one: the address itself stands as the register has it."""
    partner = evidence.declaration.partner
    if partner.legal is None:
        return
    head = "transliterated_address" if partner.legal.transliterated_address else "address"
    address = partner.legal.transliterated_address or partner.legal.address
    binds = not evidence.tenant.paperwork_is_open
    texts: dict[tuple[str, ...], str] = {("name",): partner.legal.name}
    texts |= {(head, field): getattr(address, field) for field in ("street", "city", "postal_code")}
    for path, text in texts.items():
        beyond = beyond_western_european(text)
        if not beyond:
            continue
        scripts = sorted({script_of(character) for character in beyond} - {"", "Latin"})
        offer = transliterated(text)
        usual = " or the name that is usual in English" if scripts else ""
        remediation = "write it so under `transliterated_address`"
        if path == ("name",):
            remediation = "keep a spelling in Western European characters ready for Microsoft's check"
        yield violation(
            partner.name,
            f"{text!r}, with {' '.join(beyond)} ({', '.join(scripts) or 'beyond Windows-1252'})",
            remediation=remediation + (f", such as {offer!r}{usual}" if offer else ""),
            path=("legal", *path),
            of_partner=True,
            level=None if binds and scripts and path != ("name",) else Level.ADVISORY,
        )


def _needless_accounts(evidence: Evidence) -> Iterator[Finding]:
    holders = {grant.principal for grant in evidence.program.access.grants}
    for account, resource in evidence.program.accounts:
        if evidence.person(account) is None and account not in holders:
            actual = "an account in the partner tenant for an undeclared person without partner access"
            yield violation(evidence.named(account), actual, resource=resource.urn)


def _upns_beside_the_email(evidence: Evidence) -> Iterator[Finding]:
    for key, person in evidence.people():
        domain = domain_of(person.upn)
        if person.email is None or domain not in evidence.tenant.domains.all or is_microsofts(domain):
            continue
        if folded_address(person.upn) != folded_address(person.email):
            actual = f"the UPN {person.upn!r} and the e-mail address {person.email!r}"
            expected = f"one address for both, or a UPN in {evidence.tenant.domains.initial}"
            yield of_person(key, person, "upn", actual, expected)


def _without_a_role(evidence: Evidence) -> Iterator[Finding]:
    for key, person in evidence.people():
        if not person.roles and not person.company_roles:
            # Where their last role has ended, the update that takes it away is not to be stopped.
            ended = evidence.tenant.written.members.get(key, person).roles
            # Who works at customers by GDAP does so in the customers' own portals.
            elsewhere = any(key in group.people for group in evidence.tenant.customer_groups or ())
            yield of_person(key, person, "roles", "no role", level=Level.ADVISORY if ended or elsewhere else None)


def _synchronised(evidence: Evidence) -> Iterator[Finding]:
    for key, person in evidence.people():
        if not person.synchronised:
            continue
        given = sorted(power for power in powers_of(evidence.tenant, person) if isinstance(power, DirectoryRole))
        if given:
            yield of_person(
                key,
                person,
                "roles",
                f"synchronised from an on-premises directory, with {', '.join(given)}",
                "directory roles only for cloud-only accounts",
                "create a cloud-only account for this role",
            )
        if person.adopted is None:
            yield of_person(
                key,
                person,
                "synchronised",
                "synchronised from an on-premises directory, but not adopted: the program would try to change it",
                "synchronised accounts adopted by object id, never written",
                "write the account's object id under `adopted`",
            )


#: What each role may do beyond others: who holds the first needs none of the second.
_CONTAINED: Final = {
    PartnerRole.GLOBAL_ADMIN: frozenset(PartnerRole) - {PartnerRole.GLOBAL_ADMIN},
    PartnerRole.ADMIN_AGENT: frozenset({PartnerRole.SALES_AGENT, PartnerRole.HELPDESK_AGENT}),
}


def _contained_roles(evidence: Evidence) -> Iterator[Finding]:
    for key, person in evidence.people():
        for index, role in enumerate(person.roles):
            larger = next((other for other in person.roles if role in _CONTAINED.get(other, ())), None)
            if larger:
                yield violation(
                    who(person),
                    f"{role} together with {larger}, which allows all of it",
                    remediation=f"remove {role}; or {larger}, if {role} is enough",
                    path=("people", key, "roles", index),
                )


def _valid_and_verified(evidence: Evidence) -> Iterator[Finding]:
    for address in _declared_emails(evidence):
        fault = syntax_fault(address.value)
        if fault:
            remediation = "write the address of the person's mailbox"
            yield address.finding(f"{address.value!r}: {fault}", "a valid e-mail address", remediation)
    verified = _verified(evidence)
    for address in _addresses_that_receive_codes(evidence):
        if folded_address(address.value) not in verified:
            yield address.finding(
                f"{address.value!r}, which is not stated as verified",
                "an address that has received a verification code, with the date",
                "send a code, enter it, and add `email_verified_on: DATE`",
                Level.ADVISORY,
            )


def _addresses_that_receive_codes(evidence: Evidence) -> Iterator[_Address]:
    """The contact's, and that of who accepted the agreement."""
    partner = evidence.declaration.partner
    contact, enroller = partner.contact, folded(partner.agreement.by) if partner.agreement else ""
    if contact:
        yield _Address(contact.email, f"{contact.name}, contact", ("contact", "email_verified_on"), of_partner=True)
    for key, person in evidence.people():
        if person.email and folded(person.full_name) == enroller:
            subject = f"{who(person)}, who accepted the agreement"
            yield _Address(person.email, subject, ("people", key, "email_verified_on"))


def _verified(evidence: Evidence) -> set[str]:
    contact = evidence.declaration.partner.contact
    people = [person for tenant in evidence.declaration.tenants.values() for person in tenant.members.values()]
    stated = [item for item in (contact, *people) if item and item.email_verified_on]
    return {folded_address(item.email) for item in stated if item.email}


_BANNED: Final = f'{Source.WORK_ACCOUNT}, "The email address associated with work account must not"'

RULES: Final = (
    Rule(
        "PT-301",
        "No personal e-mail address",
        Level.ALWAYS,
        Severity.HIGH,
        f"{_BANNED} be a personal email address",
        "Write the person's business address.",
        {
            View.DECLARED: _each(_declared_emails, _personal),
            View.REGISTERED: _each(_registered_emails, _personal),
        },
        expected="a business address of the organisation (you@yourcompany.com)",
    ),
    Rule(
        "PT-302",
        "No disposable e-mail address",
        Level.ALWAYS,
        Severity.HIGH,
        f"{_BANNED} be a disposable email",
        "Write the person's business address.",
        {
            View.DECLARED: _each(_declared_emails, _disposable),
            View.REGISTERED: _each(_registered_emails, _disposable),
        },
        expected="a business address of the organisation (you@yourcompany.com)",
    ),
    Rule(
        "PT-303",
        "No generic role-based e-mail address",
        Level.ALWAYS,
        Severity.MEDIUM,
        f"{_BANNED} use generic role-based names",
        "Write the person's own address.",
        {View.DECLARED: _role_based_names, View.REGISTERED: _each(_registered_emails, _role_based)},
        also_advises=True,
        exemptible=True,
        expected="an address of one person; not info@, admin@, email@, marketing@ and the like",
    ),
    Rule(
        "PT-304",
        "Everybody has a full name, and a unique UPN and e-mail address",
        Level.ALWAYS,
        Severity.HIGH,
        f'{Source.USERS}: "Enter the user\'s full name and unique email address"',
        "Correct the address, or remove the second entry.",
        {View.DECLARED: _not_unique, View.REGISTERED: _registered_twice, View.CHANGED: _names_that_move},
        of_changes=(names.names_and_addresses,),
        also_advises=True,
        on_a_change="whether a sign-in name moves from one account to another, or changes without `former_upns`",
        on_the_tenant="whether accounts still have the declared names and addresses",
    ),
    Rule(
        "PT-305",
        "Sign-in names (UPNs) are valid, and in a verified domain of the tenant",
        Level.ALWAYS,
        Severity.HIGH,
        f"{Source.WORK_ACCOUNT}, What is a work account?; {Source.ENTRA}",
        "Choose a name in one of the tenant's verified domains.",
        {
            View.DECLARED: _each(_declared_upns, _upn_faults),
            View.REGISTERED: _each(_registered_upns, _upn_faults),
            View.OBSERVED: in_the_tenant.domains,
        },
        of_changes=(names.not_verified,),
        scope=Scope.ALL,
        on_the_tenant="which domains are verified in the tenant",
    ),
    Rule(
        "PT-306",
        "E-mail addresses in the headquarters' domain, not in a regional one",
        Level.ADVISORY,
        Severity.LOW,
        f'{Source.WORK_ACCOUNT}, "Connect a domain to your work account": "contoso.com … rather than … contoso.uk"',
        "Write the address in the headquarters' domain.",
        {View.DECLARED: _each(_declared_emails, _regional)},
        needs=_no_headquarters,
    ),
    Rule(
        "PT-307",
        "Temporary passwords must change at first sign-in",
        Level.ALWAYS,
        Severity.HIGH,
        f'{Source.USERS}, "Add a new user": "prompted to change their password"',
        "Write `force_password_change=True` for every account that the program makes (PartnerTenant does).",
        {View.REGISTERED: _passwords_that_stay, View.OBSERVED: in_the_tenant.passwords_never_changed},
        of_changes=(names.rounds_back,),
        elsewhere="Tenantry itself keeps passwords out of plain state, plans and reports",
        expected="a password that must change at first sign-in",
        on_the_tenant="which temporary passwords have not been changed",
    ),
    Rule(
        "PT-308",
        "The organisation's address in Western European characters",
        Level.MANDATORY,
        Severity.MEDIUM,
        f'{Source.WORK_ACCOUNT}, "Setup steps": "use standard Western European characters"; which those are is ours',
        "Write the address in Western European characters under `transliterated_address`.",
        {View.DECLARED: _western_european},
        also_advises=True,
        needs=_no_address,
        expected="Western European characters (we take that as Windows-1252), so that name checks do not fail",
    ),
    Rule(
        "PT-309",
        "Accounts only for people who need partner access",
        Level.ADVISORY,
        Severity.MEDIUM,
        f'{Source.WORK_ACCOUNT}, "When to create a work account?": "just the users who do need access"',
        "Declare the person with a role, or move the account to the organisation's own tenant.",
        {View.REGISTERED: _needless_accounts, View.OBSERVED: in_the_tenant.needless_accounts},
        scope=Scope.PARTNER_ALONE,
        expected="accounts only for people who need partner access",
        on_the_tenant="which undeclared accounts the tenant has",
    ),
    Rule(
        "PT-310",
        "A sign-in name (UPN) is the e-mail address, or in the onmicrosoft.com domain",
        Level.ADVISORY,
        Severity.LOW,
        f'{Source.WORK_ACCOUNT}, "What is a work account?": "either the same as your primary email address …"',
        "Make the UPN the person's primary e-mail address, and list this name under `former_upns`.",
        {View.DECLARED: _upns_beside_the_email},
    ),
    Rule(
        "PT-311",
        "Every declared person holds a role",
        Level.MANDATORY,
        Severity.LOW,
        f'{Source.USERS}, "Assign user roles": "you must have an assigned role"',
        "Give them a role, declare them `state: leaver`, or remove them.",
        {View.DECLARED: _without_a_role},
        also_advises=True,
        scope=Scope.PARTNER_ALONE,
        expected="at least one role, to work in Partner Center",
    ),
    Rule(
        "PT-312",
        "Synchronised accounts are never written, and hold no directory role",
        Level.MANDATORY,
        Severity.HIGH,
        f"{Source.ENTRA}: best practices for Entra roles, 9; {Source.USERS}, on-premises identities",
        "Adopt the account by its object id, and give directory roles to a cloud-only account.",
        {View.DECLARED: _synchronised, View.OBSERVED: in_the_tenant.synchronised},
        scope=Scope.ALL,
        on_the_tenant="which accounts are synchronised in the tenant",
    ),
    Rule(
        "PT-313",
        "No role that another role already includes",
        Level.ADVISORY,
        Severity.LOW,
        f'{Source.USERS}, "Add a new user", step 4: "only the features the user needs"',
        "Keep only the role that the person needs.",
        {View.DECLARED: _contained_roles},
        expected="only the features that the user needs",
    ),
    Rule(
        "PT-314",
        "E-mail addresses are valid, and verified where they receive codes",
        Level.MANDATORY,
        Severity.MEDIUM,
        f'{Source.WORK_ACCOUNT}, "The email address … must": "be valid and accessible to receive verification code"',
        "Correct the address. Have it verified, and write the date.",
        {View.DECLARED: _valid_and_verified},
        also_advises=True,
    ),
)
