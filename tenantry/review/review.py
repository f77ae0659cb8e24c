"""Reviews a change in git: lays out both sides, reads them at the same time, and compares every tenant."""

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

from tenantry.access.registered import read
from tenantry.findings import NotEvaluated
from tenantry.reports import review as report
from tenantry.review.code import code_changes, declarations_changed, locks_changed
from tenantry.review.compare import Snapshot, compare
from tenantry.review.observe import Observed, observe
from tenantry.review.settings import partner_settings
from tenantry.sandbox.checkout import Revision, RevisionError, Source, check_out
from tenantry.sandbox.isolation import Sandbox


def review(
    base: Source, head: Source, *, today: date, stack: str | None = None, sandbox: Sandbox | None = None
) -> report.Report:
    """What a change does to access. Raises RevisionError where a side, or the named stack, is not there.

    Of either side only its program runs, in a sandbox; see :mod:`tenantry.sandbox.isolation`.
    """
    sandbox = sandbox or Sandbox()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        before, after = (
            check_out(source, name, _new(Path(folder).resolve() / name))
            for source, name in ((base, "base"), (head, "head"))
        )
        was, now = _observed(before, after, today, stack, sandbox)
    stacks = was.stacks.keys() | now.stacks.keys()
    if stack is not None and stack not in stacks:
        known = ", ".join(sorted(stacks)) or "none"
        raise RevisionError(f"There is no Pulumi.{stack}.yaml in base or head. Stacks: {known}.")
    return reported(before, was, after, now, today, sandbox.warnings())


def reported(
    before: Revision, was: Observed, after: Revision, now: Observed, today: date, warnings: tuple[str, ...] = ()
) -> report.Report:
    """What two sides that were read come to."""
    project = after.project
    tenants = [_tenant(was, now, name, today) for name in sorted(was.tenants.keys() | now.tenants.keys())]
    return report.Report(
        subject=report.Subject.CHANGE,
        base=before.label,
        head=after.label,
        tenants=tuple(sorted(_with_partners(tenants, was, now), key=lambda item: (not item.touched, item.tenant))),
        code=tuple(code_changes(before.files, after.files, project, after.untracked)),
        files_moved=declarations_changed(before.files, after.files, project),
        not_evaluated=tuple(dict.fromkeys((*was.not_evaluated, *now.not_evaluated, *_locks(before, after)))),
        warnings=warnings,
    )


def _new(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _observed(
    before: Revision, after: Revision, today: date, stack: str | None, sandbox: Sandbox
) -> tuple[Observed, Observed]:
    with ThreadPoolExecutor(2) as pool:
        reading = pool.submit(observe, before, sandbox, today, stack)
        if before.files == after.files and not before.not_evaluated:
            # The same files say the same: what is true of one side is true of the other.
            return reading.result(), reading.result()
        other = pool.submit(observe, after, sandbox, today, stack)
        return reading.result(), other.result()


def _tenant(was: Observed, now: Observed, name: str, today: date) -> report.Tenant:
    before, after = was.seen(name), now.seen(name)
    compared = compare(*_both_with_programs(before, after), today=today)
    stacks = (before.stack if before else None), (after.stack if after else None)
    if before and after and before.tenant and after.tenant and stacks[0] != stacks[1]:
        setting = report.Setting(field="stack", before=stacks[0], after=stacks[1], loosens=stacks[1] is None)
        compared = compared.model_copy(update={"settings": (setting, *compared.settings)})
    return compared


def _both_with_programs(before: Snapshot | None, after: Snapshot | None) -> tuple[Snapshot | None, Snapshot | None]:
    """Where only one side has a stack for a tenant, the other side's program registers nothing for it."""
    if before and after and before.tenant and after.tenant and (before.stack is None) != (after.stack is None):
        nothing = read([])
        before = replace(before, registered=nothing) if before.stack is None else before
        after = replace(after, registered=nothing) if after.stack is None else after
    return before, after


def _with_partners(tenants: list[report.Tenant], was: Observed, now: Observed) -> Iterator[report.Tenant]:
    """The tenants, the first of each partner with what changes in the partner's own file."""
    seen: set[str] = set()
    for item in tenants:
        partner = item.tenant.partition("/")[0]
        before, after = was.declarations.get(partner), now.declarations.get(partner)
        if before and after and partner not in seen:
            seen.add(partner)
            own = partner_settings(before.partner, after.partner)
            yield item.model_copy(update={"settings": (*item.settings, *own)})
        else:
            yield item


def _locks(before: Revision, after: Revision) -> Iterator[NotEvaluated]:
    """Both sides ran on the packages that are installed here, which are not those of both."""
    for path in locks_changed(before.files, after.files, after.project):
        yield NotEvaluated(
            side="head",
            what=f"a lock that differs: {path}",
            why="base and head ran with the packages installed here; with the packages of the change the program may "
            "register something else",
            remediation="change the lock in a separate change, without changes to people",
        )
