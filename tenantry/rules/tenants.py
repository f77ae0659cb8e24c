"""PT-401 to PT-410: which tenant is for what, where, in which program, and what is stated of the organisation."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import combinations
from typing import Final, TypeVar

from tenantry.declaration import Declaration, Program, Purpose, Tenant
from tenantry.findings import FieldPath, Finding, Level, Severity
from tenantry.roles import ROW_OF, Family
from tenantry.rules import in_the_tenant
from tenantry.rules.addresses import domain_of
from tenantry.rules.model import Evidence, Rule, Scope, Source, View, violation
from tenantry.rules.regions import area_of, areas
from tenantry.spelling import folded_upn

_Value = TypeVar("_Value")
_A_YEAR: Final = timedelta(days=366)


def _partner_tenants(declaration: Declaration) -> Iterator[tuple[str, Tenant]]:
    return ((name, tenant) for name, tenant in declaration.tenants.items() if tenant.is_partner)


def _people(declaration: Declaration) -> Iterator[tuple[str, str, str, str | None]]:
    """(tenant, key, UPN, adopted object id) of everybody who stays, tenant by tenant."""
    for name, tenant in declaration.tenants.items():
        for key, person in tenant.members.items():
            if not person.leaves:
                yield name, key, person.upn, person.adopted_id


def _both_purposes(declaration: Declaration, _today: date) -> Iterator[Finding]:
    for name, tenant in declaration.tenants.items():
        if tenant.purpose == {Purpose.PARTNER, Purpose.OWN_USE}:
            yield violation(
                tenant.name,
                "one tenant for partner business and for the organisation's own use",
                "separate tenants, so that nobody administers colleagues because customers need it; "
                "a tenant that serves both already may be kept",
                "make a tenant for partner business alone, or declare an exception that says why it is kept",
                ("purpose",),
                tenant=name,
            )


def _both_enrolments(declaration: Declaration, _today: date) -> Iterator[Finding]:
    for name, tenant in declaration.tenants.items():
        if {Program.MAICPP, Program.CSP} <= tenant.programs.keys():
            yield violation(
                tenant.name,
                "enrolled in both MAICPP and CSP",
                "separate tenants for the two enrolments; FastTrack goes with either",
                "enrol one of the two from a tenant of its own",
                ("programs", Program.MAICPP.value),
                tenant=name,
            )


def _served(tenant: Tenant) -> tuple[str, ...]:
    return tenant.serves or (tenant.country,)


def _weight(programs: set[Program]) -> tuple[str, Severity | None]:
    """The guidance is "primarily for other Microsoft partner programs": it weighs less where FastTrack is alone."""
    if programs == {Program.FASTTRACK}:
        return " (low: the tenant is enrolled in FastTrack alone)", Severity.LOW
    return "", None


def _countries(declaration: Declaration, _today: date) -> Iterator[Finding]:
    for name, tenant in _partner_tenants(declaration):
        home = area_of(tenant.country)
        remark, severity = _weight(set(tenant.programs))
        for index, country in enumerate(tenant.serves):
            if country == tenant.country or (home is not None and area_of(country) == home):
                continue
            yield violation(
                tenant.name,
                f"{country} ({area_of(country) or 'in no area'}), served from a tenant of {tenant.country} "
                f"({home or 'in no area'}){remark}",
                "its own country, and others of the same regional authorization area "
                f"(Microsoft's table of {areas().as_of})",
                f"enrol a tenant in {country} or in another country of its area, and declare it",
                ("serves", index),
                tenant=name,
                severity=severity,
            )
    for (name, tenant), (other_name, other) in combinations(_partner_tenants(declaration), 2):
        programs = tenant.programs.keys() & other.programs.keys()
        twice = sorted(set(_served(tenant)) & set(_served(other)))
        if programs and twice:
            remark, severity = _weight(set(programs))
            yield violation(
                other.name,
                f"{', '.join(twice)} in {', '.join(sorted(programs))}, which {tenant.name} serves too{remark}",
                "one partner tenant for each program and country",
                f"let one of `{name}` and `{other_name}` serve {', '.join(twice)}",
                ("serves",),
                tenant=other_name,
                severity=severity,
            )


def _spanning_accounts(declaration: Declaration, _today: date) -> Iterator[Finding]:
    accounts = list(_people(declaration))
    ids = ((name, key, object_id) for name, key, _, object_id in accounts if object_id)
    upns = ((name, key, folded_upn(upn)) for name, key, upn, _ in accounts)
    for field, what, values in (("adopted", "object id", ids), ("upn", "UPN", upns)):
        for (name, key, value), (first_name, first_key) in _again(values):
            if name != first_name:
                yield _spanning(
                    declaration, name, key, field, f"the {what} of `{first_key}` in `{first_name}`: {value}"
                )
    homes = {domain: name for name, tenant in declaration.tenants.items() for domain in tenant.domains.all}
    for name, key, upn, _ in accounts:
        home = _home_of_guest(upn)
        if home and homes.get(domain_of(home), name) != name:
            yield _spanning(declaration, name, key, "upn", f"a guest from `{homes[domain_of(home)]}`: {upn}")


def _spanning(declaration: Declaration, name: str, key: str, field: str, found: str) -> Finding:
    person = declaration.tenants[name].members[key]
    return violation(
        f"{person.full_name} ({person.upn})",
        found,
        "an account of this tenant's own: Partner Center knows one tenant at a time",
        "make an account in this tenant for them; one human may have one in each",
        ("people", key, field),
        tenant=name,
    )


def _home_of_guest(upn: str) -> str | None:
    """The address that a guest's UPN is made from: ada_contoso.com#EXT#@other.onmicrosoft.com."""
    local, mark, _ = upn.casefold().partition("#ext#")
    name, underscore, domain = local.rpartition("_")
    return f"{name}@{domain}" if mark and underscore else None


_Owner = tuple[str, str]


def _again(values: Iterator[tuple[str, str, _Value]]) -> Iterator[tuple[tuple[str, str, _Value], _Owner]]:
    """Values that stand a second time, with where they stood first: (tenant, key, value)."""
    first: dict[_Value, _Owner] = {}
    for name, key, value in values:
        before = first.setdefault(value, (name, key))
        if before != (name, key):
            yield (name, key, value), before


def _in_two_tenants(declaration: Declaration, _today: date) -> Iterator[Finding]:
    domains = (
        (name, key, domain)
        for name, tenant in declaration.tenants.items()
        for key, domain in enumerate(tenant.domains.all)
    )
    first: dict[str, str] = {}
    for name, _, domain in domains:
        other = first.setdefault(domain, name)
        if other != name:
            tenant = declaration.tenants[name]
            initial = domain == tenant.domains.initial
            path: FieldPath = ("initial",) if initial else ("verified", tenant.domains.verified.index(domain))
            yield violation(
                tenant.name,
                f"the domain {domain}, which `{other}` has too",
                "a domain in one tenant: Entra verifies it once",
                f"leave it with the tenant that has verified it, `{other}` or `{name}`",
                ("domains", *path),
                tenant=name,
            )
    locations: dict[str, str] = {}
    for name, tenant in declaration.tenants.items():
        enrolment = tenant.programs.get(Program.CSP)
        if enrolment is None or enrolment.location_id is None:
            continue
        other = locations.setdefault(enrolment.location_id, name)
        if other != name:
            yield violation(
                tenant.name,
                f"the partner location id {enrolment.location_id}, which `{other}` has too",
                "a partner location id for one CSP tenant",
                "copy this tenant's own location id from Partner Center",
                ("programs", Program.CSP.value, "location_id"),
                tenant=name,
            )


def _missing(
    subject: str, what: str, field: str, path: FieldPath, *, of_partner: bool, advice: bool = False
) -> Finding:
    """Something that a file should state and does not."""
    return violation(
        subject,
        f"not stated: {what}",
        what,
        f"add `{field}`",
        path,
        of_partner=of_partner,
        level=Level.ADVISORY if advice else None,
    )


def _in_the_future(subject: str, day: date, path: FieldPath, *, of_partner: bool) -> Finding:
    actual, expected = f"{day}, which is yet to come", "a day that has been"
    return violation(subject, actual, expected, "correct it", path, of_partner=of_partner)


def _prerequisites(evidence: Evidence) -> Iterator[Finding]:
    partner, tenant = evidence.declaration.partner, evidence.tenant
    stated: list[tuple[date, FieldPath, str, bool]] = []
    if partner.agreement is None:
        what = "acceptance of the Microsoft Partner Agreement, with its day and who signed"
        yield _missing(partner.name, what, "agreement: {accepted_on: …, by: …}", ("agreement",), of_partner=True)
    else:
        stated.append((partner.agreement.accepted_on, ("agreement", "accepted_on"), partner.name, True))
    if partner.account_verified_on is None:
        what = "day on which Microsoft verified the Partner Center account"
        yield _missing(partner.name, what, "account_verified_on", ("account_verified_on",), of_partner=True)
    else:
        stated.append((partner.account_verified_on, ("account_verified_on",), partner.name, True))
    if not tenant.programs:
        what = "enrolment in a program, with its day"
        yield _missing(tenant.name, what, "programs", ("programs",), of_partner=False)
    for program, enrolment in tenant.programs.items():
        stated.append((enrolment.enrolled_on, ("programs", program.value, "enrolled_on"), tenant.name, False))
        if program is Program.FASTTRACK and enrolment.designation is None:
            path = ("programs", program.value, "designation")
            what = "designation that FastTrack asks for (once: Gold; today a Solutions Partner designation)"
            yield _missing(tenant.name, what, "designation", path, of_partner=False, advice=True)
    for day, at, subject, of_partner in stated:
        if day > evidence.today:
            yield _in_the_future(subject, day, at, of_partner=of_partner)


def _not_the_same(tenant: Tenant, was: dict[str, str], where: str) -> Iterator[Finding]:
    """A tenant's id or country that is not what it was: no change of a file makes another tenant of it."""
    for field, what, remediation in (
        ("id", "tenant id", "another tenant has a file, a key and a stack of its own: declare it beside this one"),
        ("country", "country", "a tenant keeps its country for ever: a tenant in another country is another one"),
    ):
        now = getattr(tenant, field)
        before = was.get(field)
        if before is not None and before.casefold() != now.casefold():
            yield violation(
                tenant.name,
                f"another {what}: {now} instead of {before}, which {where}",
                f"`{field}: {before}`, for ever",
                f"write `{field}: {before}` again; {remediation}",
                (field,),
                severity=Severity.CRITICAL,
            )


def _changed_tenant(evidence: Evidence) -> Iterator[Finding]:
    was = evidence.before.tenant
    return _not_the_same(evidence.tenant, {"id": was.id, "country": was.country}, "the file said before")


def _another_tenant_than_the_state(evidence: Evidence) -> Iterator[Finding]:
    return _not_the_same(evidence.tenant, dict(evidence.plan.stated), "the stack was updated with")


_AGENT_ROLES: Final = frozenset(role for role, row in ROW_OF.items() if row.family is Family.CSP)


def _agents_without_csp(evidence: Evidence) -> Iterator[Finding]:
    if Program.CSP in evidence.tenant.programs:
        return
    for key, person in evidence.people():
        agent = [role for role in person.roles if role in _AGENT_ROLES]
        if agent:
            yield violation(
                f"{person.full_name} ({person.upn})",
                f"{', '.join(agent)} in a tenant without CSP, where the agent groups do not exist",
                "agent roles where the tenant holds CSP; elsewhere an admin role, for FTOP too",
                "give them the admin role that they need, or enrol the tenant in CSP",
                ("people", key, "roles"),
            )


def _partner_business(evidence: Evidence) -> Iterator[Finding]:
    tenant = evidence.tenant
    found: list[tuple[str, FieldPath]] = [
        (f"enrolled in {program}", ("programs", program.value)) for program in tenant.programs
    ]
    found += [
        (f"{person.full_name} as {role}", ("people", key, "roles", index))
        for key, person in evidence.people()
        for index, role in enumerate(person.roles)
        if role in _AGENT_ROLES
    ]
    if tenant.ftop:
        if tenant.ftop.approval:
            found.append(("an approval of FTOP", ("ftop", "approval")))
        found += [
            (f"the FTOP customer {customer.name}", ("ftop", "customers", key))
            for key, customer in tenant.ftop.customers.items()
        ]
    for what, path in found:
        yield violation(
            tenant.name,
            f"{what}, in a tenant of own use",
            "partner business in a partner tenant",
            "move it to the partner tenant's file, or declare `purpose: [partner, own use]`",
            path,
        )


def _as_registered(evidence: Evidence) -> Iterator[Finding]:
    partner = evidence.declaration.partner
    if partner.contact is None:
        what = "primary contact, with name and e-mail address"
        yield _missing(partner.name, what, "contact", ("contact",), of_partner=True)
    if partner.legal is None:
        what = "legal business name and address, exactly as registered"
        yield _missing(partner.name, what, "legal", ("legal",), of_partner=True)
        return
    if partner.legal.phone is None and (partner.contact is None or partner.contact.phone is None):
        yield _missing(partner.name, "business telephone", "legal: {phone: …}", ("legal", "phone"), of_partner=True)
    checked = partner.legal.checked_on
    at = ("legal", "checked_on")
    if checked is None:
        what = "day on which this was last compared with the register"
        yield _missing(partner.name, what, "legal: {checked_on: …}", at, of_partner=True, advice=True)
    elif checked > evidence.today:
        yield _in_the_future(partner.name, checked, at, of_partner=True)
    elif evidence.today - checked > _A_YEAR:
        yield violation(
            partner.name,
            f"compared with the register on {checked}, more than a year ago",
            "name and address kept up to date: compared within a year",
            "compare them with the register, mend what differs, and write the day",
            at,
            of_partner=True,
            level=Level.ADVISORY,
        )


RULES: Final = (
    Rule(
        "PT-401",
        "Partner business and own use in separate tenants",
        Level.ADVISORY,
        Severity.MEDIUM,
        Scope.ACROSS,
        f'{Source.ESTABLISHING}, "Partner vs. Customer Tenant": "Microsoft recommends … separate tenants"',
        "Make a tenant for partner business alone.",
        across=_both_purposes,
    ),
    Rule(
        "PT-402",
        "MAICPP and CSP enrolments in separate tenants",
        Level.MANDATORY,
        Severity.MEDIUM,
        Scope.ACROSS,
        f'{Source.WORK_ACCOUNT}, "When to create a work account?": "ensure there are separate tenants"',
        "Enrol one of the two programs from a tenant of its own.",
        across=_both_enrolments,
    ),
    Rule(
        "PT-403",
        "One partner tenant for each program and served country",
        Level.ADVISORY,
        Severity.MEDIUM,
        Scope.ACROSS,
        f'{Source.ESTABLISHING}, "Regional Considerations": one tenant may serve a regional authorization area',
        "Enrol a tenant in the country or in another of its regional authorization area.",
        across=_countries,
    ),
    Rule(
        "PT-404",
        "A tenant's country and id never change",
        Level.ALWAYS,
        Severity.HIGH,
        Scope.ALL,
        f'{Source.ESTABLISHING}, "Regional Considerations": "once established, it cannot be modified"',
        "Write the country and the id that the file had before, and declare another tenant beside this one.",
        {
            View.PLANNED: _another_tenant_than_the_state,
            View.CHANGED: _changed_tenant,
            View.OBSERVED: in_the_tenant.another_country,
        },
        on_a_plan="whether it is what the stack was last updated with",
        on_a_change="whether country and id are what they were",
        elsewhere="`pulumi preview` compares both with the stack's state and with what the tenant says of itself",
        on_the_tenant="whether the tenant says the same of its country",
    ),
    Rule(
        "PT-405",
        "No account or guest spans two tenants",
        Level.ALWAYS,
        Severity.HIGH,
        Scope.ACROSS,
        f'{Source.WORK_ACCOUNT}, "How is a work account useful in Partner Center?": "only one tenant context"',
        "Make an account for the person in each tenant that they work in.",
        across=_spanning_accounts,
    ),
    Rule(
        "PT-406",
        "Agreement, enrolment and verification are stated with their days",
        Level.MANDATORY,
        Severity.MEDIUM,
        Scope.PARTNER,
        f'{Source.PARTNER_CENTER}, "Basic requirements"; {Source.ESTABLISHING}, "Prerequisites"',
        "State the day on which it happened, once it has.",
        {View.DECLARED: _prerequisites},
        also_advises=True,
    ),
    Rule(
        "PT-407",
        "Agent roles only where the tenant holds CSP",
        Level.ADVISORY,
        Severity.MEDIUM,
        Scope.PARTNER,
        f'{Source.USERS}, "Assign user roles": Cloud Solution Provider roles; {Source.ESTABLISHING}, Table 1',
        "Give the person an admin role, or enrol the tenant in CSP.",
        {View.DECLARED: _agents_without_csp},
    ),
    Rule(
        "PT-408",
        "A tenant of own use carries no partner business",
        Level.MANDATORY,
        Severity.MEDIUM,
        Scope.OWN_USE,
        f'{Source.ESTABLISHING}, "Partner vs. Customer Tenant"',
        "Move it to the partner tenant, or declare both purposes.",
        {View.DECLARED: _partner_business},
    ),
    Rule(
        "PT-409",
        "Name, address, telephone and contact are stated as registered",
        Level.MANDATORY,
        Severity.MEDIUM,
        Scope.PARTNER,
        f'{Source.WORK_ACCOUNT}, "Setup steps": "exactly as it appears in official … records"; note at the end',
        "State it as the register has it, and compare it once a year.",
        {View.DECLARED: _as_registered, View.OBSERVED: in_the_tenant.another_address},
        also_advises=True,
        on_the_tenant="whether the tenant says the same of its address",
    ),
    Rule(
        "PT-410",
        "A domain in one tenant, a partner location id for one CSP tenant",
        Level.MANDATORY,
        Severity.HIGH,
        Scope.ACROSS,
        f'{Source.WORK_ACCOUNT}, "Connect a domain to your work account"; {Source.ENTRA}',
        "Leave it with the tenant that it belongs to.",
        across=_in_two_tenants,
    ),
)
