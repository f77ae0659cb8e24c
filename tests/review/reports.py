"""Reports to render: small ones of the sample's people, and a large one."""

from datetime import date
from typing import Any

from tenantry.access.danger import Danger
from tenantry.access.grants import Kind
from tenantry.findings import Finding, Level, NotEvaluated, Severity
from tenantry.reports.review import (
    Access,
    Ceiling,
    CodeChange,
    CodeKind,
    DeclaredException,
    ExceptionState,
    Findings,
    Person,
    Report,
    Setting,
    Subject,
    Tenant,
    Todo,
    TodoState,
)
from tenantry.roles import COMPANY_ROLE_MAY, ROW_OF, AgentGroup, AssignmentType, CompanyRole, DirectoryRole, PartnerRole

_DANGERS = {
    AgentGroup.ADMIN_AGENTS: Danger.EVERYTHING,
    DirectoryRole.GLOBAL_ADMINISTRATOR: Danger.EVERYTHING,
    DirectoryRole.BILLING_ADMINISTRATOR: Danger.PEOPLE_AND_MONEY,
    DirectoryRole.USER_ADMINISTRATOR: Danger.PEOPLE_AND_MONEY,
    AgentGroup.SALES_AGENTS: Danger.CUSTOMERS,
    AgentGroup.HELPDESK_AGENTS: Danger.CUSTOMERS,
}


def access(name: str, **fields: Any) -> Access:
    """A piece of access that nothing explains, but for what is given."""
    default: dict[str, Any] = {
        "kind": Kind.DIRECTORY_ROLE,
        "target": name,
        "name": name,
        "scope": "/",
        "assignment_type": AssignmentType.ACTIVE,
        "danger": Danger.EVERYTHING,
        "because": (),
        "rows": (),
        "may": (),
        "declared": True,
    }
    return Access(**(default | fields))


def of_role(role: PartnerRole) -> tuple[Access, ...]:
    """What a partner role gives, most dangerous first."""
    row = ROW_OF[role]
    return tuple(
        access(
            power.value,
            kind=Kind.AGENT_GROUP if isinstance(power, AgentGroup) else Kind.DIRECTORY_ROLE,
            danger=_DANGERS[power],
            because=(role.value,),
            rows=(f"{role}: {row.group_membership}; {row.admin_center_role}",),
            may=(row.may,),
        )
        for power in sorted(row.powers, key=lambda power: (_DANGERS[power].rank, power.value))
    )


def person(name: str, **fields: Any) -> Person:
    """Somebody of the sample's US tenant."""
    local = name.lower().replace(" ", ".")
    default: dict[str, Any] = {
        "key": local.split(".")[0],
        "name": name,
        "upn": f"{local}@contoso-partner.onmicrosoft.com",
        "notes": (),
        "gains": (),
        "losses": (),
        "other_reason": (),
    }
    return Person(**(default | fields))


def tenant(*people: Person, **fields: Any) -> Tenant:
    """The sample's US tenant."""
    default: dict[str, Any] = {
        "stack": "dev",
        "tenant": "contoso/us",
        "name": "Contoso Partner (US)",
        "people": people,
        "findings": Findings(),
        "exceptions": (),
        "ceilings": (),
        "todos": (),
        "settings": (),
        "not_evaluated": (),
    }
    return Tenant(**(default | fields))


def report(*tenants: Tenant, **fields: Any) -> Report:
    """A review of a change in git."""
    default: dict[str, Any] = {
        "subject": Subject.CHANGE,
        "base": "3f2a1bc (main)",
        "head": "9c0de11 (promote-emma)",
        "tenants": tenants,
        "files_moved": 1,
    }
    return Report(**(default | fields))


def finding(**fields: Any) -> Finding:
    default: dict[str, Any] = {
        "rule": "PT-306",
        "title": "The headquarters' domain, not a regional one",
        "level": Level.ADVISORY,
        "severity": Severity.LOW,
        "subject": "Lena Fischer",
        "actual": "an e-mail in contoso.de, a regional domain",
        "expected": "contoso.com, where the headquarters are",
        "remediation": "give the e-mail in contoso.com",
        "path": ("people", "lena", "email"),
        "file": "partners/contoso/tenants/us.yaml",
        "line": 71,
    }
    return Finding(**(default | fields))


UK = tenant(tenant="contoso/uk", name="Contoso Partner (UK)", stack="uk")

PROMOTION = report(
    tenant(
        person(
            "Emma Lindqvist",
            gains=of_role(PartnerRole.ADMIN_AGENT),
            losses=of_role(PartnerRole.HELPDESK_AGENT),
        )
    ),
    UK,
)
"""The smallest change: one role instead of another."""

HIRE_AND_LEAVER = report(
    tenant(
        person(
            "Emma Lindqvist",
            notes=("also has an account in contoso/uk",),
            gains=of_role(PartnerRole.GLOBAL_ADMIN),
            losses=of_role(PartnerRole.HELPDESK_AGENT),
        ),
        person(
            "Bruno Keller",
            notes=("leaves", "is disabled"),
            losses=of_role(PartnerRole.GLOBAL_ADMIN),
        ),
        person(
            "Lena Fischer",
            notes=("new account",),
            gains=of_role(PartnerRole.SALES_AGENT),
        ),
        person(
            "Hiro Tanaka",
            other_reason=(
                access(
                    "Billing Administrator",
                    danger=Danger.PEOPLE_AND_MONEY,
                    because=("Billing admin",),
                    was_because=("Global admin",),
                ),
            ),
        ),
        findings=Findings(
            introduced=(finding(),),
            still_open=(finding(subject="Ines Costa", path=("people", "ines", "email"), line=66),),
        ),
        todos=(
            Todo(
                state=TodoState.NEW,
                id="hand-over/lena",
                what="Hand the temporary password to Lena Fischer",
                who="a User management admin, Account admin or Global admin (Grace Mbeki, Ada Nakamura)",
                where="tenantry handover lena",
            ),
            Todo(
                state=TodoState.NEW,
                id="redo-ftop/bruno",
                what="Withdraw Bruno Keller in FTOP",
                who="an FTOP user of this tenant (Ines Costa)",
                where="https://ftop.microsoft.com",
            ),
        ),
        ceilings=(
            Ceiling(
                power="Global Administrator",
                before=2,
                after=2,
                taken=1,
                allowed=1,
                exceeded=False,
                override=None,
            ),
        ),
    ),
    UK,
)
"""What a week brings: somebody is promoted, somebody leaves, somebody comes."""

EVERYTHING = report(
    tenant(
        person("Emma Lindqvist", gains=of_role(PartnerRole.GLOBAL_ADMIN)),
        person(
            "8f1c4a52-9d0e-4f57-b0a4-7f1f3f4d2c11",
            key=None,
            upn=None,
            gains=(
                access(
                    "Privileged Role Administrator",
                    because=("the DirectoryRoleAssignment helper",),
                    declared=False,
                ),
            ),
        ),
        person(
            "Ines Costa",
            gains=(
                access(
                    "Northwind Traders",
                    kind=Kind.FTOP_CUSTOMER,
                    scope="FastTrack Engineer",
                    danger=Danger.CUSTOMERS,
                    because=("assigned to Northwind Traders as FastTrack Engineer",),
                ),
                access(
                    "all customers",
                    kind=Kind.FTOP_ALL_CUSTOMERS,
                    danger=Danger.READING,
                    because=("every FTOP user can read the whole Partner List",),
                ),
            ),
            losses=(
                access(
                    CompanyRole.REPORT_VIEWER.value,
                    kind=Kind.COMPANY_ROLE,
                    danger=Danger.CUSTOMERS,
                    because=(CompanyRole.REPORT_VIEWER.value,),
                    may=(COMPANY_ROLE_MAY[CompanyRole.REPORT_VIEWER],),
                ),
            ),
        ),
        person(
            "Grace Mbeki",
            gains=tuple(
                item.model_copy(update={"assignment_type": AssignmentType.ELIGIBLE, "scope": "Sales department"})
                for item in of_role(PartnerRole.BILLING_ADMIN)
            ),
            losses=of_role(PartnerRole.USER_MANAGEMENT_ADMIN),
        ),
        person("Carla Jensen", losses=of_role(PartnerRole.ADMIN_AGENT)),
        person("Dmitri Okafor", notes=("signs in as dmitri@contoso.com instead of dmitri.okafor@contoso.com",)),
        findings=Findings(
            introduced=(
                finding(
                    rule="PT-108",
                    title="No partner power outside the declaration",
                    level=Level.ALWAYS,
                    severity=Severity.CRITICAL,
                    subject="8f1c4a52-9d0e-4f57-b0a4-7f1f3f4d2c11",
                    actual="Privileged Role Administrator by the DirectoryRoleAssignment helper",
                    expected="what the declaration gives",
                    remediation="remove the resource",
                    path=("__main__.py",),
                    file=None,
                    line=None,
                ),
            ),
            resolved=(
                finding(
                    rule="PT-313",
                    title="No role that another already contains",
                    subject="Carla Jensen",
                    actual="Admin agent beside Global admin",
                    expected="the larger role alone",
                    remediation="leave Admin agent away",
                    path=("people", "carla", "roles"),
                    line=32,
                ),
            ),
        ),
        exceptions=(
            DeclaredException(
                state=ExceptionState.BEGINS,
                rule="PT-103",
                object="people.grace",
                reason="reads the sign-in logs until the SIEM does",
                owner="Ada Nakamura",
                expires=date(2026, 9, 30),
            ),
            DeclaredException(
                state=ExceptionState.EXPIRED,
                rule="PT-107",
                object="AdminAgents",
                reason="the migration's service principal",
                owner="Bruno Keller",
                expires=date(2026, 3, 31),
            ),
        ),
        ceilings=(Ceiling(power="AdminAgents", before=4, after=2, taken=2, allowed=1, exceeded=True, override=None),),
        settings=(
            Setting(field="limits.removal_share", before="25", after="80", loosens=True),
            Setting(field="name", before="Contoso Partner", after="Contoso Partner (US)"),
        ),
        todos=(
            Todo(
                state=TodoState.GONE,
                id="company-role/ines/report-viewer",
                what="Give Ines Costa the role Report viewer",
                who="an Account admin or Global admin (Ada Nakamura)",
                where="https://partnercenter.microsoft.com, Settings, User management",
            ),
        ),
    ),
    tenant(
        tenant="contoso/uk",
        name="Contoso Partner (UK)",
        stack="uk",
        not_evaluated=(
            NotEvaluated(
                side="head",
                what="the program",
                why="it did not end within 60 seconds",
                remediation="run `pulumi preview` on the stack uk, and see where it waits",
            ),
        ),
    ),
    warnings=("The program could see this machine's network: it was not shut in.",),
    code=(
        CodeChange(path="__main__.py", kind=CodeKind.PROGRAM, how="changed"),
        CodeChange(path="requirements.lock", kind=CodeKind.LOCK, how="changed"),
    ),
)
"""One of each thing that a review can say."""

NOTHING = report(tenant(), UK, files_moved=2)
"""Files moved, and nobody's access."""

PLAN = report(
    tenant(person("Carla Jensen", losses=of_role(PartnerRole.ADMIN_AGENT), notes=("the account is deleted",))),
    subject=Subject.PLAN,
    base="the stack now",
    head="plan.json",
    files_moved=0,
)

SAMPLES = {
    "promotion": PROMOTION,
    "week": HIRE_AND_LEAVER,
    "everything": EVERYTHING,
    "nothing": NOTHING,
    "plan": PLAN,
}


def large(people: int) -> Report:
    """Many people who gain and lose, each something of their own, the dangerous ones among them."""
    roles = list(PartnerRole)
    crowd = [
        person(
            f"Person {number}",
            notes=(f"desk {number}",),
            gains=of_role(roles[number % len(roles)]),
            losses=of_role(roles[(number + 1) % len(roles)]) if number % 3 == 0 else (),
        )
        for number in range(people)
    ]
    return report(tenant(*sorted(crowd, key=lambda item: item.danger)))
