"""PT-301 to PT-305: people's names, e-mail addresses and sign-in names."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from tenantry.access.principals import folded_upn
from tenantry.declaration.problems import FieldPath
from tenantry.rules.addresses import (
    ROLE_NAMES,
    ROLE_NAMES_OF_THE_SOURCE,
    domain_of,
    is_disposable,
    is_personal,
    role_name,
    upn_fault,
)
from tenantry.rules.model import Broken, Evidence, Level, Rule, Scope, Severity, Source, View


@dataclass(frozen=True)
class _Address:
    """An e-mail address with whose it is and where it stands."""

    value: str
    subject: str
    path: FieldPath | None = None
    of_partner: bool = False
    urn: str | None = None


def _declared_emails(evidence: Evidence) -> Iterator[_Address]:
    contact = evidence.declaration.partner.contact
    if contact:
        yield _Address(contact.email, f"{contact.name}, contact", ("contact", "email"), of_partner=True)
    for key, person in evidence.people():
        if person.email is not None:
            yield _Address(person.email, f"{person.full_name} ({person.upn})", ("people", key, "email"))


def _registered_emails(evidence: Evidence) -> Iterator[_Address]:
    """E-mail addresses that a program writes and the declaration does not hold."""
    declared = {person.email.casefold() for person in evidence.tenant.members.values() if person.email}
    for account in evidence.program.accounts:
        if account.mail and account.mail.casefold() not in declared:
            yield _Address(account.mail, evidence.named(account.principal), urn=account.resource.urn)


def _broken(address: _Address, found: str, allowed: str, mend: str, level: Level | None = None) -> Broken:
    return Broken(address.subject, found, allowed, mend, address.path, address.of_partner, urn=address.urn, level=level)


def _where(
    emails: Callable[[Evidence], Iterator[_Address]], test: Callable[[str], bool], kind: str
) -> Callable[[Evidence], Iterator[Broken]]:
    def check(evidence: Evidence) -> Iterator[Broken]:
        for address in emails(evidence):
            if test(address.value):
                yield _broken(
                    address,
                    f"{address.value!r}, {kind} address",
                    "a business address of the organisation (you@yourcompany.com)",
                    "write their business address",
                )

    return check


def _role_based(emails: Callable[[Evidence], Iterator[_Address]]) -> Callable[[Evidence], Iterator[Broken]]:
    def check(evidence: Evidence) -> Iterator[Broken]:
        for address in emails(evidence):
            name = role_name(address.value)
            if name in ROLE_NAMES_OF_THE_SOURCE or name in ROLE_NAMES:
                yield _broken(
                    address,
                    f"{address.value!r}, a shared mailbox",
                    "an address of one person; not info@, admin@, email@, marketing@ and the like",
                    "write the person's own address",
                    None if name in ROLE_NAMES_OF_THE_SOURCE else Level.ADVISORY,
                )

    return check


def _role_based_names(evidence: Evidence) -> Iterator[Broken]:
    yield from _role_based(_declared_emails)(evidence)
    for key, person in evidence.people():
        name = role_name(person.upn)
        if name in ROLE_NAMES_OF_THE_SOURCE or name in ROLE_NAMES:
            yield Broken(
                f"{person.full_name} ({person.upn})",
                f"{person.upn!r}, a sign-in name that says no person",
                "a sign-in name of one person",
                "rename the account after the person, and list this name under `former_upns`",
                ("people", key, "upn"),
                level=Level.ADVISORY,
            )


def _not_unique(evidence: Evidence) -> Iterator[Broken]:
    """Compared as Entra does: case and Unicode form aside. The same human in two tenants is no finding."""
    for field, name in (("upn", "UPN"), ("email", "e-mail address")):
        first: dict[str, str] = {}
        for key, person in evidence.tenant.members.items():
            value = getattr(person, field)
            if value is None:
                continue
            other = first.setdefault(folded_upn(value), key)
            if other != key:
                yield Broken(
                    f"{person.full_name} ({person.upn})",
                    f"the {name} {value!r}, which `{other}` has too",
                    f"each {name} once in a tenant, case and Unicode form aside",
                    f"correct one of `{other}` and `{key}`, or remove one if they are the same person",
                    ("people", key, field),
                )


def _upn_faults(evidence: Evidence, upn: str) -> Iterator[tuple[str, str, str]]:
    domains = evidence.tenant.domains.all
    if domain_of(upn) not in domains:
        yield (
            f"{upn!r}, outside the tenant's domains",
            f"a verified domain of the tenant: {', '.join(domains)}",
            f"use one of them, or add {domain_of(upn)} to `domains.verified` once it is verified",
        )
    fault = upn_fault(upn)
    if fault:
        yield (*fault, "choose a sign-in name of legal characters and length")


def _declared_upns(evidence: Evidence) -> Iterator[Broken]:
    for key, person in evidence.people():
        for found, allowed, mend in _upn_faults(evidence, person.upn):
            yield Broken(f"{person.full_name} ({person.upn})", found, allowed, mend, ("people", key, "upn"))


def _registered_upns(evidence: Evidence) -> Iterator[Broken]:
    declared = {person.upn for person in evidence.tenant.members.values()}
    for account in evidence.program.accounts:
        if account.upn is None or account.upn in declared:
            continue
        for found, allowed, mend in _upn_faults(evidence, account.upn):
            yield Broken(evidence.named(account.principal), found, allowed, mend, urn=account.resource.urn)


def _registered_twice(evidence: Evidence) -> Iterator[Broken]:
    first: dict[str, str] = {}
    for account in evidence.program.accounts:
        if account.upn is None:
            continue
        other = first.setdefault(folded_upn(account.upn), account.resource.name)
        if other != account.resource.name:
            yield Broken(
                evidence.named(account.principal),
                f"the UPN {account.upn!r} on both {other} and {account.resource.name}",
                "each UPN once in a tenant, case and Unicode form aside",
                "remove one of the two resources",
                urn=account.resource.urn,
            )


_BANNED: Final = f'{Source.WORK_ACCOUNT}, "The email address associated with work account must not"'

RULES: Final = (
    Rule(
        "PT-301",
        "No personal e-mail address",
        Level.ALWAYS,
        Severity.HIGH,
        Scope.PARTNER,
        f"{_BANNED} be a personal email address",
        "Write the person's business address.",
        {
            View.DECLARED: _where(_declared_emails, is_personal, "a personal"),
            View.REGISTERED: _where(_registered_emails, is_personal, "a personal"),
        },
    ),
    Rule(
        "PT-302",
        "No disposable e-mail address",
        Level.ALWAYS,
        Severity.HIGH,
        Scope.PARTNER,
        f"{_BANNED} be a disposable email",
        "Write the person's business address.",
        {
            View.DECLARED: _where(_declared_emails, is_disposable, "a disposable"),
            View.REGISTERED: _where(_registered_emails, is_disposable, "a disposable"),
        },
    ),
    Rule(
        "PT-303",
        "No generic role-based e-mail address",
        Level.ALWAYS,
        Severity.MEDIUM,
        Scope.PARTNER,
        f"{_BANNED} use generic role-based names",
        "Write the person's own address.",
        {View.DECLARED: _role_based_names, View.REGISTERED: _role_based(_registered_emails)},
        also_advises=True,
    ),
    Rule(
        "PT-304",
        "Everybody has a full name, and a UPN and an e-mail address of their own",
        Level.ALWAYS,
        Severity.HIGH,
        Scope.PARTNER,
        f'{Source.USERS}: "Enter the user\'s full name and unique email address"',
        "Correct the address, or remove the second entry.",
        {View.DECLARED: _not_unique, View.REGISTERED: _registered_twice},
    ),
    Rule(
        "PT-305",
        "Sign-in names are legal and in a verified domain of the tenant",
        Level.ALWAYS,
        Severity.HIGH,
        Scope.ALL,
        f"{Source.WORK_ACCOUNT}, What is a work account?; {Source.ENTRA}",
        "Choose a name in one of the tenant's verified domains.",
        {View.DECLARED: _declared_upns, View.REGISTERED: _registered_upns},
    ),
)
