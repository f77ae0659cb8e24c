"""``tenantry drift``: runs the read-only preview, reads Microsoft Graph, and compares. Writes nothing anywhere."""

import os
import subprocess
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Final

from tenantry.access.observed import ObservedTenant, observe
from tenantry.drift.compare import Facts, compare
from tenantry.drift.model import DriftReport, NotEvaluated
from tenantry.engine import pulumi_cli
from tenantry.engine.bounded import last_line
from tenantry.engine.environment import applied, current_environment
from tenantry.engine.errors import EngineError
from tenantry.engine.paths import Project
from tenantry.engine.stacks import DEV_STACK, declared_stack
from tenantry.graph.client import GraphReader
from tenantry.graph.errors import GraphError
from tenantry.review.plan import PlanError, parse
from tenantry.roles import AgentGroup
from tenantry.rules.planned import Deed

DRIFTED: Final = 7
_PREVIEW: Final = ("preview", "--refresh", "--json", "--expect-no-changes", "--non-interactive")


def drift(project: Project, stack: str, today: date | None = None) -> DriftReport:
    """What others changed in a stack's tenant.

    Raises DeclarationError for a declaration that is wrong, and EngineError where there is no engine, no directory, or
    the environment signs in to another tenant: then nothing can be said at all.
    """
    declared = declared_stack(project, stack)
    engine = pulumi_cli.find(project)
    environment = applied(current_environment(project, stack)) if stack == DEV_STACK else dict(os.environ)
    observed = _observed(environment, declared.tenant.id, declared.tenant.agent_groups.ids)
    resources = _previewed(project, engine, environment, stack)
    found = compare(Facts(declared.tenant, declared.tenant_name, resources, observed, today or date.today()))
    return DriftReport(stack, declared.name, declared.tenant.name, found.drift, found.not_evaluated, found.stale)


def _observed(
    environment: Mapping[str, str], tenant_id: str, pinned: Mapping[AgentGroup, str]
) -> ObservedTenant | NotEvaluated:
    what = "access that nobody declared"
    try:
        with GraphReader.from_environment(environment) as graph:
            signed_in = graph.caller().tenant_id
            if (signed_in or "").lower() != tenant_id:
                raise EngineError(
                    f"The environment signs in to the tenant {signed_in}, and the stack's is {tenant_id}: nothing was "
                    "compared. Sign in to the declared tenant (ARM_TENANT_ID)."
                )
            return observe(graph, pinned)
    except GraphError as error:
        return NotEvaluated(what, str(error))


def _previewed(
    project: Project, engine: pulumi_cli.PulumiCli, environment: Mapping[str, str], stack: str
) -> tuple[Deed, ...] | NotEvaluated:
    """What the engine finds. A preview that is refused says why, and finds nothing out."""
    ran = subprocess.run(
        [engine.path, *_PREVIEW, "--stack", stack],
        cwd=project.root,
        env={**environment, "PULUMI_SKIP_UPDATE_CHECK": "true", "PULUMI_RUN_PROGRAM": "true"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    what = "what the stack manages"
    said = last_line(ran.stderr.decode(errors="replace"))
    try:
        plan = parse(Path("preview.json"), ran.stdout)
    except PlanError:
        return NotEvaluated(what, f"`pulumi {' '.join(_PREVIEW)}` failed: {said}")
    if plan.errors or ran.returncode not in (0, DRIFTED):
        return NotEvaluated(what, f"`pulumi {' '.join(_PREVIEW)}` failed: {' '.join(plan.errors) or said}")
    if plan.unknown_ops:
        urn, op = plan.unknown_ops[0]
        return NotEvaluated(what, f"the engine does {op!r} to {urn.rsplit('::', 1)[-1]}, which is not known here")
    return plan.deeds
