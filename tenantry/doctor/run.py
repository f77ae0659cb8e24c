"""``tenantry doctor``: reads what there is, and has each area evaluate it."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from tenantry.doctor import engine, look, network, python, repository, review, sign_in, state, tenant
from tenantry.doctor.model import Check, DoctorReport
from tenantry.project.stacks import DEV_STACK

_OFFLINE = "--offline was given"


def doctor(here: Path, stack: str | None, environment: Mapping[str, str], *, offline: bool = False) -> DoctorReport:
    """What is wrong with the set-up in a folder. Raises nothing that a set-up can cause."""
    found, project, declared = look.repository_of(here, stack)
    reads, unknown = look.environment_of(project, found.stack, environment)
    stays_offline = _OFFLINE if offline else ""
    unasked = unknown or stays_offline
    # The shell of whoever works on `dev` has what `tenantry env` exports.
    shell = reads if found.stack == DEV_STACK else environment

    def checks() -> Iterator[Check]:
        yield from repository.check(found)
        installed = look.engine_of(here, project, shell)
        yield from engine.check(installed)
        yield from python.check(look.python_of(project, shell))
        yield from state.check(look.state_of(project, found.stack, shell, installed.found, stays_offline))
        way, cloud = look.way_of(reads, unasked)
        yield from network.check(way)
        reached = bool(way.answers) and not any(answer.problem for answer in way.answers)
        cloud = None if unknown else cloud
        method, identity = look.sign_in_of(reads, cloud, reached, unasked)
        yield from sign_in.check(method)
        yield from tenant.check(look.tenant_of(declared, reads, cloud, identity, unasked))
        yield from review.check(look.review_of(environment))

    made = tuple(checks())
    report = DoctorReport(ok=True, stack=found.stack, checks=made)
    return report.model_copy(update={"ok": not report.wrong})
