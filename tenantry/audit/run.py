"""``tenantry audit``: reads Microsoft Graph, compares it with the declaration, and evaluates both. Writes nothing.

One tenant that fails does not hide the others.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from typing import Final

from tenantry.access.declared import identities
from tenantry.access.grants import Kind
from tenantry.access.observed import Wanted, observe
from tenantry.access.parts import NotRead
from tenantry.access.posture import read_posture
from tenantry.access.relationships import groups_to_read
from tenantry.audit.facts import applications, holders
from tenantry.audit.model import AuditedRule, AuditReport, TenantAudit
from tenantry.audit.since import dated
from tenantry.declaration import Declaration, Stack
from tenantry.drift.compare import AT_CUSTOMERS, Facts, Found, compare
from tenantry.drift.model import Drift
from tenantry.findings import Finding, NotEvaluated, worst_first
from tenantry.graph.client import GraphReader
from tenantry.graph.errors import GraphError, SignInError
from tenantry.rules import RULES, Evidence, Observed, Result, Verdict, View, evaluate, evidence_of
from tenantry.rules.model import violation
from tenantry.spelling import folded

Progress = Callable[[str], None]


def audit(
    declaration: Declaration,
    names: Iterable[str],
    environment_of: Callable[[str], Mapping[str, str]],
    today: date | None = None,
    progress: Progress = lambda _: None,
) -> AuditReport:
    """How tenants of a partner differ from what is declared.

    ``environment_of`` gives the variables that sign in to the tenant of an id.
    """
    day = today or date.today()
    stacks = [stack for stack in declaration.stacks() if stack.tenant_name in set(names)]
    return AuditReport(tenants=tuple(_reached(stack, environment_of, day, progress) for stack in stacks))


def _reached(
    stack: Stack, environment_of: Callable[[str], Mapping[str, str]], today: date, progress: Progress
) -> TenantAudit:
    try:
        with GraphReader.from_environment(environment_of(stack.tenant.id)) as graph:
            return audit_tenant(graph, stack, today, progress)
    except GraphError as error:
        return TenantAudit(tenant=stack.name, name=stack.tenant.name, unreached=str(error))


def audit_tenant(graph: GraphReader, stack: Stack, today: date, progress: Progress = lambda _: None) -> TenantAudit:
    """How one tenant differs from what is declared. Raises GraphError where it cannot be read at all."""
    tenant = stack.tenant
    signed_in = (graph.caller().tenant_id or "").lower()
    if signed_in != tenant.id:
        raise SignInError(
            f"The environment signs in to the tenant {signed_in or 'unknown'}, but the declared tenant is {tenant.id}."
        )
    known = tuple(identities(tenant))
    progress(f"{tenant.name}: reading access …")
    emails = (person.email for person in tenant.members.values() if person.email)
    groups = groups_to_read(graph, tenant)
    observed = observe(graph, tenant.agent_groups.ids, Wanted.of(known, emails), groups)
    progress(f"{tenant.name}: reading security settings …")
    posture = read_posture(graph, observed)
    found = compare(Facts(stack.declaration, stack.tenant_name, None, observed, today))
    changes, undated = dated(graph, found.drift)
    seen = Observed(observed, posture, known, tenant.ftop.application_id if tenant.ftop else None)
    evidence = evidence_of(stack.declaration, stack.tenant_name, today=today, observed=seen)
    results = [one for one in evaluate(evidence, views=[View.OBSERVED]) if View.OBSERVED in one.rule.views]
    return TenantAudit(
        tenant=stack.name,
        name=tenant.name,
        changes=changes,
        findings=tuple(worst_first(finding for one in results for finding in one.findings)),
        excepted=tuple(worst_first(finding for one in results for finding in one.exempted)),
        not_evaluated=tuple(_not_evaluated(found, results, undated)),
        compared=tuple(worst_first(_as_finding(one, evidence) for one in changes if one.counts)),
        held=_held(evidence),
        results=tuple(_with_changes(one, found) for one in results),
        holders=tuple(holders(evidence)),
        applications=tuple(applications(evidence)),
        at_customers=observed.at_customers is not None,
        requests=sum(graph.requests.values()),
    )


def _not_evaluated(found: Found, results: Iterable[Result], undated: NotRead | None) -> list[NotEvaluated]:
    """What was not looked at: each reason once, with all that depends on it."""
    because: dict[str, list[str]] = {}
    for part in found.not_evaluated:
        because.setdefault(part.why, []).append(part.what)
    for result in results:
        if result.verdict is not Verdict.NOT_APPLICABLE and result.unread:
            for why in result.unread:
                because.setdefault(why, []).append(f"{result.rule.id} ({result.rule.title})")
    if undated and found.drift:
        because.setdefault(undated.text, []).append("who did it and when")
    return [NotEvaluated(side="tenant", what="; ".join(what), why=why) for why, what in because.items()]


_ABOUT_ROLES: Final = frozenset({"PT-102", "PT-103", "PT-104", "PT-106", "PT-108", "PT-111"})
_ABOUT_GROUPS: Final = frozenset({"PT-101", "PT-102", "PT-106", "PT-107", "PT-108"})
_ABOUT_CUSTOMERS: Final = frozenset({"PT-108", "PT-207"})


def _rules_about(part: NotEvaluated) -> frozenset[str]:
    """The rules that the comparison of access does not speak of where a part was not read."""
    if part.what == AT_CUSTOMERS:
        return _ABOUT_CUSTOMERS
    return _ABOUT_ROLES if Kind.DIRECTORY_ROLE.value in part.what else _ABOUT_GROUPS


def _with_changes(result: Result, found: Found) -> AuditedRule:
    """A rule's result, with what the comparison of access found of it."""
    verdict = result.verdict
    counted = [one for one in found.drift if one.counts and one.rule == result.rule.id]
    unread = [part.why for part in found.not_evaluated if result.rule.id in _rules_about(part)]
    because = " ".join(dict.fromkeys((*result.unread, *unread)))
    if verdict is not Verdict.NOT_APPLICABLE and counted:
        verdict = Verdict.FAILED
    elif verdict is Verdict.PASSED and unread:
        verdict = Verdict.NOT_EVALUATED
    elif verdict is Verdict.NOT_APPLICABLE or (verdict is Verdict.NOT_EVALUATED and not because):
        because = result.because
    return AuditedRule(rule=result.rule.id, title=result.rule.title, verdict=verdict, because=because)


def _as_finding(one: Drift, evidence: Evidence) -> Finding:
    """A difference as a finding of its rule, for those who read nothing else."""
    (rule,) = (rule for rule in RULES if rule.id == one.rule)
    keys = (key for key, person in evidence.tenant.members.items() if person.upn == one.principal)
    key = next(keys, None)
    found = violation(
        one.subject,
        one.predicate,
        "what is declared",
        f"to keep it, {one.to_keep}; to undo it, {one.to_take_back}",
        ("people", key) if key else ("people",),
        about=key or one.principal,
        severity=one.severity,
    )
    return rule.completed(found, evidence.declaration, evidence.tenant_name)


def _held(evidence: Evidence) -> dict[str, frozenset[str]]:
    """What each account holds, here and at customers, by how a report names them."""
    return {one.name: evidence.seen.powers_of(one.object_id) for one in holders(evidence)}


def narrowed(report: AuditReport, person: str | None = None, targets: Collection[str] | None = None) -> AuditReport:
    """The same of some people alone, or of who holds or should hold something.

    ``person`` is a part of a name, as in `tenantry who`; ``targets`` are names of agent groups and template ids.
    """
    if person is None and targets is None:
        return report

    def is_meant(tenant: TenantAudit, subject: str, *holds: str) -> bool:
        held = tenant.held.get(subject, frozenset()).union(holds)
        named = person is None or folded(person) in folded(subject)
        return named and (targets is None or bool(held & set(targets)))

    def of(tenant: TenantAudit) -> TenantAudit:
        changes = (one for one in tenant.changes if is_meant(tenant, f"{one.subject}", one.what, one.target))
        narrow = {
            name: tuple(one for one in getattr(tenant, name) if is_meant(tenant, one.subject))
            for name in ("findings", "excepted", "compared")
        }
        people = tuple(one for one in tenant.holders if is_meant(tenant, one.name))
        shown = {"changes": tuple(changes), "holders": people, "applications": (), "narrowed": True, **narrow}
        return tenant.model_copy(update=shown)

    return report.model_copy(update={"tenants": tuple(map(of, report.tenants))})
