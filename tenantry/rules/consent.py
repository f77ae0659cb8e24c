"""PT-501 to PT-505: the tenant's approval of FTOP, who uses the tools, and who works on which customer."""

from collections.abc import Iterator
from typing import Final

from tenantry.access.declared import who
from tenantry.declaration import Program, Tenant
from tenantry.declaration.ftop import Consent
from tenantry.declaration.tenant import Tool
from tenantry.findings import FieldPath, Finding, Level, Severity
from tenantry.roles import PartnerRole
from tenantry.rules import in_the_tenant
from tenantry.rules.model import Evidence, Rule, Source, View, violation


def ftop_users(tenant: Tenant) -> dict[str, FieldPath]:
    """The keys of those whom the declaration sends to FTOP, each with the first field that does; leavers aside."""
    named: dict[str, FieldPath] = {}
    if tenant.ftop:
        for customer_key, customer in tenant.ftop.customers.items():
            for key in customer.assignments:
                named.setdefault(key, ("ftop", "customers", customer_key, "assignments", key))
        for key in tenant.ftop.consents:
            named.setdefault(key, ("ftop", "consents", key))
    for index, key in enumerate(tenant.tools.get(Tool.FTOP, ())):
        named.setdefault(key, ("tools", Tool.FTOP.value, index))
    return {key: path for key, path in named.items() if key in tenant.members and not tenant.members[key].leaves}


def _approval(evidence: Evidence) -> Iterator[Finding]:
    tenant = evidence.tenant
    approval = tenant.ftop.approval if tenant.ftop else None
    if approval is None:
        users = ftop_users(tenant)
        if users:
            yield violation(
                tenant.name,
                f"{len(users)} FTOP user{'s' if len(users) > 1 else ''}, but the tenant's approval is not stated",
                "the approval of a Global admin with its date, or `state: per user`, or `state: pending`",
                "have a Global admin approve FTOP, then declare `ftop: {approval: {on: …, by: …}}`; "
                "until then `approval: {state: pending}`",
                ("ftop", "approval"),
                level=Level.ADVISORY if tenant.paperwork_is_open else None,
            )
    elif approval.state is Consent.TENANT and approval.by and approval.on:
        # They were a Global admin when they approved, whatever has ended since.
        by = tenant.written.members.get(approval.by)
        if by and PartnerRole.GLOBAL_ADMIN not in by.roles:
            yield violation(
                who(by),
                f"named as the approver of FTOP, with {', '.join(by.roles) or 'no role'}",
                "a Global admin of this tenant",
                "write the key of the Global admin who approved",
                ("ftop", "approval", "by"),
                about=approval.by,
            )
        if approval.on > evidence.today:
            actual, remediation = (
                f"an approval on {approval.on}, in the future",
                "correct it, or write `state: pending`",
            )
            yield violation(tenant.name, actual, "today or an earlier date", remediation, ("ftop", "approval", "on"))


def _consent_by_user(evidence: Evidence) -> Iterator[Finding]:
    ftop = evidence.tenant.ftop
    if ftop is None:
        return
    if ftop.approval and ftop.approval.state is Consent.TENANT:
        for key in ftop.consents:
            yield violation(
                who(evidence.tenant.members[key]),
                "their own consent to FTOP, although the tenant's approval covers them",
                remediation="revoke the consent in the Entra admin center, and remove it here",
                path=("ftop", "consents", key),
                about=key,
            )
    elif ftop.consents or (ftop.approval and ftop.approval.state is Consent.PER_USER):
        lack = [key for key in ftop_users(evidence.tenant) if key not in ftop.consents]
        names = ", ".join(evidence.tenant.members[key].full_name for key in lack)
        without = f"; without: {names}" if lack else ""
        yield violation(
            evidence.tenant.name,
            f"consent to FTOP user by user instead of the tenant's approval{without}",
            path=("ftop", "approval") if ftop.approval else ("ftop", "consents"),
        )


def _tools_unstated(evidence: Evidence) -> Iterator[Finding]:
    tenant = evidence.tenant
    if Program.FASTTRACK in tenant.programs and not tenant.tools:
        yield violation(
            tenant.name,
            f"enrolled in FastTrack, but nobody is listed for {', '.join(Tool)}",
            "the people who need each tool, so that `tenantry todo` can list what each must still accept or fill in",
            "add `tools: {FTOP: [keys], FastTrack Portal: [keys], Power BI: [keys]}`",
            ("tools",),
        )
    listed = tenant.tools.get(Tool.FTOP)
    for key, path in ftop_users(tenant).items() if listed is not None else ():
        if key not in (listed or ()):
            yield violation(
                who(tenant.members[key]),
                "an FTOP user who is not listed under `tools: FTOP`",
                "every FTOP user under `tools: FTOP`",
                f"add `{key}` to `tools: FTOP`, or remove their FTOP assignments",
                path,
                about=key,
            )


def _listed_undeclared(evidence: Evidence) -> Iterator[Finding]:
    for tool, keys in evidence.tenant.tools.items():
        for index, key in enumerate(keys):
            if key not in evidence.tenant.members:
                yield violation(
                    f"`{key}`",
                    f"listed for {tool}, but not a person of this tenant",
                    remediation=f"add `{key}` to `people`, or write the key of a declared person",
                    path=("tools", tool.value, index),
                    about=key,
                )


def _customers_without_assignee(evidence: Evidence) -> Iterator[Finding]:
    tenant = evidence.tenant
    for key, customer in (tenant.ftop.customers if tenant.ftop else {}).items():
        leavers = [name for name in customer.assignments if tenant.members[name].leaves]
        if len(leavers) == len(customer.assignments):
            but = f" but leavers: {', '.join(leavers)}" if leavers else ""
            actual = f"nobody assigned{but}: nobody can edit the record"
            yield violation(customer.name, actual, path=("ftop", "customers", key, "assignments"))


_ACCESSING: Final = f'{Source.ESTABLISHING}, "Granting partner tenant access to FTOP"'

RULES: Final = (
    Rule(
        "PT-501",
        "The tenant has approved FTOP before people use it",
        Level.MANDATORY,
        Severity.MEDIUM,
        f'{_ACCESSING}: "the partner\'s tenant itself needs to be granted access"',
        "Have a Global admin approve FTOP, and declare the date.",
        {View.DECLARED: _approval, View.OBSERVED: in_the_tenant.approval},
        on_the_tenant="whether the tenant has the declared consent",
        also_advises=True,
    ),
    Rule(
        "PT-502",
        "One approval for the tenant, not consent user by user",
        Level.ADVISORY,
        Severity.LOW,
        f"{_ACCESSING}, important note",
        "Have a Global admin approve FTOP for the whole tenant.",
        {View.DECLARED: _consent_by_user, View.OBSERVED: in_the_tenant.own_consents},
        elsewhere="with `ftop.application_id`, each preview and update shows who has consented in the tenant",
        expected="one approval for the whole tenant, by a Global admin",
        on_the_tenant="who has consented for themselves",
    ),
    Rule(
        "PT-503",
        "It is stated who needs FTOP, the FastTrack Portal and Power BI",
        Level.ADVISORY,
        Severity.LOW,
        f'{Source.ESTABLISHING}, "Accessing FastTrack Portal"; {Source.CREDENTIALS}, introduction',
        "List the people who need each tool.",
        {View.DECLARED: _tools_unstated},
        elsewhere="`tenantry todo` lists what each must still accept or fill in",
    ),
    Rule(
        "PT-504",
        "People listed for a tool are declared in the tenant",
        Level.MANDATORY,
        Severity.MEDIUM,
        f"{Source.CREDENTIALS}, introduction: the tools open with a partner tenant's credentials",
        "Declare the person, or list a declared person.",
        {View.DECLARED: _listed_undeclared},
        expected="keys of this tenant's `people`",
    ),
    Rule(
        "PT-505",
        "Every FTOP customer has an assignee who is not leaving",
        Level.ADVISORY,
        Severity.LOW,
        f'{Source.ESTABLISHING}, "Assign a user to a customer record in FTOP"',
        "Assign a person who is not leaving, here and in FTOP.",
        {View.DECLARED: _customers_without_assignee},
        expected="at least one assignee who is not leaving",
    ),
)
