"""``tenantry drift``: refreshes in a preview, reads Microsoft Graph, and compares. Writes nothing anywhere.

The engine looks at the tenant before the program runs, so that nothing which only guards an update keeps anything from
being compared: what the program refuses afterwards is what the next update would refuse, and is reported as that.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from tenantry.access.observed import ObservedTenant, observe
from tenantry.access.preview import Refreshed, parse_refresh
from tenantry.access.relationships import groups_to_read
from tenantry.access.resource_types import GROUP
from tenantry.declaration import Stack
from tenantry.drift.compare import Facts, compare
from tenantry.drift.model import DriftReport
from tenantry.engine import pulumi_cli
from tenantry.engine.environment import applied, current_environment
from tenantry.engine.interrupted import pending_creates
from tenantry.errors import NOT_REACHED, EngineError
from tenantry.findings import NotEvaluated
from tenantry.graph.client import GraphReader
from tenantry.graph.errors import GraphError
from tenantry.project.paths import Project
from tenantry.project.stacks import DEV_STACK, declared_stack
from tenantry.roles import AgentGroup

_PREVIEW: Final = ("preview", "--refresh", "--run-program=false", "--json")
_OF_THE_STACK: Final = "what the stack manages"
_EMPTY: Final = (
    "the stack's state holds no resources: no update was made yet, or the state was lost. Fix: make the first update "
    "with `pulumi up`, or restore the state (`tenantry docs reliability`)"
)
_PENDING: Final = (
    "the state lists it as being created, so that an update is running, or was killed: then the state does not say "
    "whether it exists. Fix: if no update is running, `tenantry recover --stack {}` (`tenantry docs "
    "runbooks/interrupted`)"
)
_OF_GRAPH: Final = "undeclared access"


class NothingComparedError(EngineError):
    """Neither the engine nor Microsoft Graph answered."""

    exit_code = NOT_REACHED


def drift(project: Project, stack: str, today: date | None = None) -> DriftReport:
    """What others changed in a stack's tenant.

    Raises DeclarationError for a declaration that is wrong, and EngineError where there is no engine, no directory, the
    environment signs in to another tenant, or nothing was read at all: then there is no result.
    """
    declared = declared_stack(project, stack, today)
    engine = pulumi_cli.find(project)
    environment = applied(current_environment(project, stack)) if stack == DEV_STACK else dict(os.environ)
    refreshed, observed = _look(project, engine, environment, stack, declared)
    found = compare(Facts(declared.declaration, declared.tenant_name, refreshed, observed, today or date.today()))
    return DriftReport(
        stack=stack,
        tenant=declared.name,
        name=declared.tenant.name,
        changes=found.drift,
        not_evaluated=found.not_evaluated,
        stale=found.stale,
        at_customers=isinstance(observed, ObservedTenant) and observed.at_customers is not None,
        state_is_current=isinstance(refreshed, Refreshed) and refreshed.found_as_updated,
        refusals=refreshed.refusals if isinstance(refreshed, Refreshed) else (),
    )


def _look(
    project: Project, engine: pulumi_cli.PulumiCli, environment: Mapping[str, str], stack: str, declared: Stack
) -> tuple[Refreshed | NotEvaluated, ObservedTenant | NotEvaluated]:
    """What the engine and Microsoft Graph find, or why they find nothing out."""
    refreshed: Refreshed | NotEvaluated | None = None
    try:
        with GraphReader.from_environment(environment) as graph:
            _refuse_another_tenant(graph, declared.tenant.id)
            refreshed = _refreshed(project, engine, environment, stack)
            ids = {**_groups_of_the_stack(declared.tenant_name, refreshed), **declared.tenant.agent_groups.ids}
            return refreshed, observe(graph, ids, customer_groups=groups_to_read(graph, declared.tenant))
    except GraphError as error:
        refreshed = refreshed or _refreshed(project, engine, environment, stack)
        if isinstance(refreshed, NotEvaluated):
            raise NothingComparedError(f"Nothing was compared. {error} {refreshed.why}") from None
        return refreshed, NotEvaluated(side="tenant", what=_OF_GRAPH, why=str(error))


def _refuse_another_tenant(graph: GraphReader, tenant_id: str) -> None:
    signed_in = graph.caller().tenant_id
    if (signed_in or "").lower() != tenant_id:
        raise EngineError(
            f"The environment signs in to the tenant {signed_in}, but the stack's tenant is {tenant_id}: nothing was "
            "compared. Sign in to the declared tenant (ARM_TENANT_ID)."
        )


def _groups_of_the_stack(tenant_name: str, refreshed: Refreshed | NotEvaluated) -> dict[AgentGroup, str]:
    """The agent groups that the stack has and that are there, by object id: under another name they are the same."""
    existing = {
        resource_change.before.name: resource_change.before.object_id
        for resource_change in (refreshed.resource_changes if isinstance(refreshed, Refreshed) else ())
        if resource_change.before and resource_change.before.type == GROUP
    }
    return {group: id_ for group in AgentGroup if (id_ := existing.get(f"{tenant_name}-{group}"))}


def _refreshed(
    project: Project, engine: pulumi_cli.PulumiCli, environment: Mapping[str, str], stack: str
) -> Refreshed | NotEvaluated:
    """What the engine finds. Where it does not come to an end it says why, and finds nothing out.

    Of what a killed update was creating, the preview has nothing: its resources are not in the state yet.
    """
    variables = {**environment, "PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "true"}
    ran = pulumi_cli.ask(project, engine, variables, *_PREVIEW, "--stack", stack)
    try:
        refreshed = parse_refresh(ran.stdout)
    except ValueError as error:
        message = pulumi_cli.reason(ran) if ran.stderr.strip() else str(error)
        why = f"`pulumi {' '.join(_PREVIEW)}` failed: {message}"
        return NotEvaluated(side="stack", what=_OF_THE_STACK, why=why)
    unknown = tuple(_being_created(project, engine, environment, stack))
    if not refreshed.resource_changes and not refreshed.not_read and not unknown:
        return NotEvaluated(side="stack", what=_OF_THE_STACK, why=_EMPTY)
    return replace(
        refreshed,
        not_read=refreshed.not_read + unknown,
        found_as_updated=refreshed.found_as_updated and not unknown,
    )


def _being_created(
    project: Project, engine: pulumi_cli.PulumiCli, environment: Mapping[str, str], stack: str
) -> Iterator[tuple[str, str]]:
    """What the state lists as being created, with the reason why that says nothing of the tenant."""
    try:
        pending = pending_creates(pulumi_cli.run(project, engine, environment, "stack", "export", "--stack", stack))
    except EngineError as error:
        yield "what a killed update was creating", str(error)
        return
    for item in pending:
        yield str(item), _PENDING.format(stack)
