"""PT-401 to PT-410: which tenant is for what, where, in which program, and what is stated of the organisation."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import combinations
from typing import Final, TypeVar

from tenantry.declaration import Declaration, Program, Purpose, Tenant
from tenantry.findings import FieldPath, Finding, Level, Severity
from tenantry.roles import ROW_OF, Family
from tenantry.rules import in_the_tenant
from tenantry.rules.addresses import domain_of
from tenantry.rules.model import Evidence, Rule, Scope, Source, View, of_person, violation
from tenantry.rules.regions import area_of, areas
from tenantry.spelling import folded_upn

_Where = TypeVar("_Where")
_A_YEAR: Final = timedelta(days=366)


def _both_purposes(declaration: Declaration) -> Iterator[Finding]:
    for name, tenant in declaration.tenants.items():
        if tenant.purpose == {Purpose.PARTNER, Purpose.OWN_USE}:
            actual = "one tenant for partner business and for the organisation's own use"
            yield violation(tenant.name, actual, path=("purpose",), tenant=name)


def _both_enrolments(declaration: Declaration) -> Iterator[Finding]:
    for name, tenant in declaration.tenants.items():
        if {Program.MAICPP, Program.CSP} <= tenant.programs.keys():
            path = ("programs", Program.MAICPP.value)
            yield violation(tenant.name, "enrolled in both MAICPP and CSP", path=path, tenant=name)


def _countries(declaration: Declaration) -> Iterator[Finding]:
    tenants = [(name, tenant) for name, tenant in declaration.tenants.items() if tenant.is_partner]
    for name, tenant in tenants:
        yield from _countries_of_another_area(name, tenant)
    for one, other in combinations(tenants, 2):
        yield from _countries_of_both(one, other)


def _countries_of_another_area(name: str, tenant: Tenant) -> Iterator[Finding]:
    home = area_of(tenant.country)
    remark, severity = _weight(tenant.programs.keys())
    for index, country in enumerate(tenant.serves):
        if country == tenant.country or (home is not None and area_of(country) == home):
            continue
        yield violation(
            tenant.name,
            f"{country} ({area_of(country) or 'in no area'}), served from a tenant of {tenant.country} "
            f"({home or 'in no area'}){remark}",
            f"its own country, and others in its regional authorization area (Microsoft's table of {areas().as_of})",
            f"enrol a tenant in {country} or in another country of its area, and declare it",
            ("serves", index),
            tenant=name,
            severity=severity,
        )


def _countries_of_both(one: tuple[str, Tenant], other: tuple[str, Tenant]) -> Iterator[Finding]:
    (first_name, first), (name, tenant) = one, other
    programs = first.programs.keys() & tenant.programs.keys()
    twice = ", ".join(sorted({*(first.serves or [first.country])} & {*(tenant.serves or [tenant.country])}))
    if programs and twice:
        remark, severity = _weight(programs)
        yield violation(
            tenant.name,
            f"{twice} in {', '.join(sorted(programs))}, which {first.name} serves too{remark}",
            "one partner tenant for each program and country",
            f"let only one of `{first_name}` and `{name}` serve {twice}",
            ("serves",),
            tenant=name,
            severity=severity,
        )


def _weight(programs: Iterable[Program]) -> tuple[str, Severity | None]:
    """The guidance is "primarily for other Microsoft partner programs": it weighs less where FastTrack is alone."""
    if set(programs) == {Program.FASTTRACK}:
        return " (low: the tenant is enrolled in FastTrack alone)", Severity.LOW
    return "", None


def _again(
    values: Iterable[tuple[str, _Where, str]],
) -> Iterator[tuple[str, _Where, str, tuple[str, _Where]]]:
    """Values of one tenant that another has already: (tenant, where, value, (that tenant, where there))."""
    first: dict[str, tuple[str, _Where]] = {}
    for name, where, value in values:
        before = first.setdefault(value, (name, where))
        if before[0] != name:
            yield name, where, value, before


def _spanning_accounts(declaration: Declaration) -> Iterator[Finding]:
    people = [
        (name, key, person)
        for name, tenant in declaration.tenants.items()
        for key, person in tenant.members.items()
        if not person.leaves
    ]
    homes = {domain: name for name, tenant in declaration.tenants.items() for domain in tenant.domains.all}
    ids = ((name, key, person.adopted_id) for name, key, person in people if person.adopted_id)
    upns = ((name, key, folded_upn(person.upn)) for name, key, person in people)
    found = [
        (name, key, field, f"the {what} of `{first_key}` in `{first_name}`: {value}")
        for field, what, values in (("adopted", "object id", ids), ("upn", "UPN", upns))
        for name, key, value, (first_name, first_key) in _again(values)
    ]
    for name, key, person in people:
        home = homes.get(domain_of(_home_of_guest(person.upn)), name)
        if home != name:
            found.append((name, key, "upn", f"a guest from `{home}`: {person.upn}"))
    for name, key, field, actual in found:
        yield of_person(key, declaration.tenants[name].members[key], field, actual, tenant=name)


def _home_of_guest(upn: str) -> str:
    """The address that a guest's UPN is made from: ada_contoso.com#EXT#@other.onmicrosoft.com; empty for others."""
    local, mark, _ = upn.casefold().partition("#ext#")
    name, underscore, domain = local.rpartition("_")
    return f"{name}@{domain}" if mark and underscore else ""


def _in_two_tenants(declaration: Declaration) -> Iterator[Finding]:
    for name, path, domain, (other, _) in _again(_domains(declaration)):
        yield violation(
            declaration.tenants[name].name,
            f"the domain {domain}, which `{other}` has too",
            "each domain in only one tenant: Entra verifies it only once",
            f"keep it in the tenant where it is verified, `{other}` or `{name}`",
            path,
            tenant=name,
        )
    for name, path, location, (other, _) in _again(_locations(declaration)):
        yield violation(
            declaration.tenants[name].name,
            f"the partner location id {location}, which `{other}` has too",
            "each partner location id for only one CSP tenant",
            "copy this tenant's own location id from Partner Center",
            path,
            tenant=name,
        )


def _domains(declaration: Declaration) -> Iterator[tuple[str, FieldPath, str]]:
    for name, tenant in declaration.tenants.items():
        yield name, ("domains", "initial"), tenant.domains.initial
        for index, domain in enumerate(tenant.domains.verified):
            yield name, ("domains", "verified", index), domain


def _locations(declaration: Declaration) -> Iterator[tuple[str, FieldPath, str]]:
    for name, tenant in declaration.tenants.items():
        enrolment = tenant.programs.get(Program.CSP)
        if enrolment and enrolment.location_id is not None:
            yield name, ("programs", Program.CSP.value, "location_id"), enrolment.location_id


def _missing(
    subject: str, what: str, field: str, path: FieldPath, *, of_partner: bool = True, advice: bool = False
) -> Finding:
    """Something that a file should state and does not."""
    actual, level = f"not stated: {what}", Level.ADVISORY if advice else None
    return violation(subject, actual, what, f"add `{field}`", path, of_partner=of_partner, level=level)


def _stated(subject: str, day: date, today: date, path: FieldPath, *, of_partner: bool = True) -> Iterator[Finding]:
    """A day on which something is stated to have happened."""
    if day > today:
        actual, expected = f"{day}, which is in the future", "today or a day before"
        yield violation(subject, actual, expected, "correct it", path, of_partner=of_partner)


def _prerequisites(evidence: Evidence) -> Iterator[Finding]:
    partner, tenant, today = evidence.declaration.partner, evidence.tenant, evidence.today
    left = tenant.paperwork_is_open
    if partner.agreement is None:
        what = "acceptance of the Microsoft Partner Agreement, with its date and who signed"
        yield _missing(partner.name, what, "agreement: {accepted_on: …, by: …}", ("agreement",), advice=left)
    else:
        yield from _stated(partner.name, partner.agreement.accepted_on, today, ("agreement", "accepted_on"))
    if partner.account_verified_on is None:
        what = "date on which Microsoft verified the Partner Center account"
        yield _missing(partner.name, what, "account_verified_on", ("account_verified_on",), advice=left)
    else:
        yield from _stated(partner.name, partner.account_verified_on, today, ("account_verified_on",))
    if not tenant.programs:
        what = "enrolment in a program, with its date"
        yield _missing(tenant.name, what, "programs", ("programs",), of_partner=False, advice=left)
    for program, enrolment in tenant.programs.items():
        path = ("programs", program.value, "enrolled_on")
        if enrolment.enrolled_on is None:
            what = f"date on which the tenant was enrolled in {program}"
            yield _missing(tenant.name, what, "enrolled_on", path, of_partner=False, advice=left)
        else:
            yield from _stated(tenant.name, enrolment.enrolled_on, today, path, of_partner=False)
        if program is Program.FASTTRACK and enrolment.designation is None:
            path = ("programs", program.value, "designation")
            what = "designation that FastTrack asks for (once: Gold; today a Solutions Partner designation)"
            yield _missing(tenant.name, what, "designation", path, of_partner=False, advice=True)


def _not_the_same(tenant: Tenant, was: dict[str, str], where: str) -> Iterator[Finding]:
    """A tenant's id or country that is not what it was: no change of a file makes another tenant of it."""
    for field, what, remediation in (
        ("id", "tenant id", "another tenant needs its own file, key and stack: declare it in addition to this one"),
        ("country", "country", "a tenant's country never changes: in another country it is another tenant"),
    ):
        now = getattr(tenant, field)
        before = was.get(field)
        if before is not None and before.casefold() != now.casefold():
            yield violation(
                tenant.name,
                f"another {what}: {now} instead of {before}, {where}",
                f"`{field}: {before}`, which never changes",
                f"write `{field}: {before}` again; {remediation}",
                (field,),
                severity=Severity.CRITICAL,
            )


def _changed_tenant(evidence: Evidence) -> Iterator[Finding]:
    was = evidence.before.tenant
    return _not_the_same(evidence.tenant, {"id": was.id, "country": was.country}, "as in the file before")


def _another_tenant_than_the_state(evidence: Evidence) -> Iterator[Finding]:
    return _not_the_same(evidence.tenant, dict(evidence.plan.stated), "as in the stack's last update")


_AGENT_ROLES: Final = frozenset(role for role, row in ROW_OF.items() if row.family is Family.CSP)


def _agents_without_csp(evidence: Evidence) -> Iterator[Finding]:
    for key, person in evidence.people() if Program.CSP not in evidence.tenant.programs else ():
        agent = [role for role in person.roles if role in _AGENT_ROLES]
        if agent:
            actual = f"{', '.join(agent)} in a tenant without CSP, which has no agent groups"
            yield of_person(key, person, "roles", actual)


def _partner_business(evidence: Evidence) -> Iterator[Finding]:
    for what, path in _business_of(evidence):
        yield violation(evidence.tenant.name, f"{what}, in a tenant for own use", path=path)


def _business_of(evidence: Evidence) -> Iterator[tuple[str, FieldPath]]:
    for program in evidence.tenant.programs:
        yield f"enrolled in {program}", ("programs", program.value)
    for key, person in evidence.people():
        for index, role in enumerate(person.roles):
            if role in _AGENT_ROLES:
                yield f"{person.full_name} as {role}", ("people", key, "roles", index)
    ftop = evidence.tenant.ftop
    if ftop and ftop.approval:
        yield "an approval of FTOP", ("ftop", "approval")
    for key, customer in ftop.customers.items() if ftop else ():
        yield f"the FTOP customer {customer.name}", ("ftop", "customers", key)


def _as_registered(evidence: Evidence) -> Iterator[Finding]:
    partner, left = evidence.declaration.partner, evidence.tenant.paperwork_is_open
    if partner.contact is None:
        what = "primary contact, with name and e-mail address"
        yield _missing(partner.name, what, "contact", ("contact",), advice=left)
    if partner.legal is None:
        what = "legal business name and address, exactly as registered"
        yield _missing(partner.name, what, "legal", ("legal",), advice=left)
        return
    if partner.legal.phone is None and (partner.contact is None or partner.contact.phone is None):
        yield _missing(partner.name, "business telephone", "legal: {phone: …}", ("legal", "phone"), advice=left)
    checked = partner.legal.checked_on
    at = ("legal", "checked_on")
    if checked is None:
        what = "date on which this was last compared with the register"
        yield _missing(partner.name, what, "legal: {checked_on: …}", at, advice=True)
        return
    yield from _stated(partner.name, checked, evidence.today, at)
    if evidence.today - checked > _A_YEAR:
        yield violation(
            partner.name,
            f"compared with the register on {checked}, more than a year ago",
            "name and address compared with the register within a year",
            "compare them with the register, correct differences, and write the date",
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
        f'{Source.ESTABLISHING}, "Partner vs. Customer Tenant": "Microsoft recommends … separate tenants"',
        "Create a tenant for partner business only, or declare an exception that says why this one is kept.",
        across=_both_purposes,
        scope=Scope.ACROSS,
        expected="separate tenants, so that administrators for customers do not also administer colleagues; an "
        "existing tenant for both may be kept",
    ),
    Rule(
        "PT-402",
        "MAICPP and CSP enrolments in separate tenants",
        Level.MANDATORY,
        Severity.MEDIUM,
        f'{Source.WORK_ACCOUNT}, "When to create a work account?": "ensure there are separate tenants"',
        "Enrol one of the two programs from a separate tenant.",
        across=_both_enrolments,
        scope=Scope.ACROSS,
        expected="separate tenants for the two enrolments; FastTrack can be in either",
    ),
    Rule(
        "PT-403",
        "One partner tenant for each program and served country",
        Level.ADVISORY,
        Severity.MEDIUM,
        f'{Source.ESTABLISHING}, "Regional Considerations": one tenant may serve a regional authorization area',
        "Enrol a tenant in the country or in another of its regional authorization area.",
        across=_countries,
        scope=Scope.ACROSS,
    ),
    Rule(
        "PT-404",
        "A tenant's country and id never change",
        Level.ALWAYS,
        Severity.HIGH,
        f'{Source.ESTABLISHING}, "Regional Considerations": "once established, it cannot be modified"',
        "Write the country and the id that the file had before. Declare another tenant in addition to this one.",
        {
            View.PLANNED: _another_tenant_than_the_state,
            View.CHANGED: _changed_tenant,
            View.OBSERVED: in_the_tenant.another_country,
        },
        on_a_plan="whether country and id are as in the stack's last update",
        on_a_change="whether country and id are unchanged",
        elsewhere="`pulumi preview` compares both with the stack's state and with what the tenant says of itself",
        scope=Scope.ALL,
        on_the_tenant="whether the tenant's country is the declared one",
    ),
    Rule(
        "PT-405",
        "No account or guest spans two tenants",
        Level.ALWAYS,
        Severity.HIGH,
        f'{Source.WORK_ACCOUNT}, "How is a work account useful in Partner Center?": "only one tenant context"',
        "Create an account in this tenant for them. One person may have an account in each tenant.",
        across=_spanning_accounts,
        scope=Scope.ACROSS,
        expected="an account of this tenant: Partner Center works with one tenant at a time",
    ),
    Rule(
        "PT-406",
        "Agreement, enrolment and verification are stated with their dates",
        Level.MANDATORY,
        Severity.MEDIUM,
        f'{Source.PARTNER_CENTER}, "Basic requirements"; {Source.ESTABLISHING}, "Prerequisites"',
        "State the date once it has happened.",
        {View.DECLARED: _prerequisites},
        also_advises=True,
    ),
    Rule(
        "PT-407",
        "Agent roles only in a tenant enrolled in CSP",
        Level.ADVISORY,
        Severity.MEDIUM,
        f'{Source.USERS}, "Assign user roles": Cloud Solution Provider roles; {Source.ESTABLISHING}, Table 1',
        "Give them the admin role that they need, or enrol the tenant in CSP.",
        {View.DECLARED: _agents_without_csp},
        expected="agent roles only in a tenant enrolled in CSP; in other tenants an admin role, also for FTOP",
    ),
    Rule(
        "PT-408",
        "A tenant for own use has no partner business",
        Level.MANDATORY,
        Severity.MEDIUM,
        f'{Source.ESTABLISHING}, "Partner vs. Customer Tenant"',
        "Move it to the partner tenant's file, or declare `purpose: [partner, own use]`.",
        {View.DECLARED: _partner_business},
        scope=Scope.OWN_USE,
        expected="partner business only in a partner tenant",
    ),
    Rule(
        "PT-409",
        "Name, address, telephone and contact are stated as registered",
        Level.MANDATORY,
        Severity.MEDIUM,
        f'{Source.WORK_ACCOUNT}, "Setup steps": "exactly as it appears in official … records"; note at the end',
        "State it exactly as in the register, and compare it once a year.",
        {View.DECLARED: _as_registered, View.OBSERVED: in_the_tenant.another_address},
        also_advises=True,
        on_the_tenant="whether the tenant's address is the declared one",
    ),
    Rule(
        "PT-410",
        "Each domain in one tenant, each partner location id for one CSP tenant",
        Level.MANDATORY,
        Severity.HIGH,
        f'{Source.WORK_ACCOUNT}, "Connect a domain to your work account"; {Source.ENTRA}',
        "Keep it only in the tenant that it belongs to.",
        across=_in_two_tenants,
        scope=Scope.ACROSS,
    ),
)
