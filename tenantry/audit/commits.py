"""By which commit what somebody holds was last declared, where the declaration is in git."""

from collections.abc import Mapping
from pathlib import Path

from tenantry.audit.model import AuditReport, Holder, TenantAudit
from tenantry.sandbox.git import Commit, GitError, Repository


def with_commits(report: AuditReport, folder: Path) -> AuditReport:
    """The same report; for each declared holder, with the latest commit that changed who they are and their roles.

    ``folder`` is what the report's places begin at. Outside of git, and of what is not committed, nothing is said.
    """
    repository = Repository.around(folder)
    if repository is None:
        return report
    files = {holder.file for tenant in report.tenants for holder in tenant.holders if holder.lines}
    known = {file: _lines(repository, folder / file) for file in files}

    def dated(tenant: TenantAudit) -> TenantAudit:
        holders = (one.model_copy(update={"commit": _latest(one, known.get(one.file, {}))}) for one in tenant.holders)
        return tenant.model_copy(update={"holders": tuple(holders)})

    return report.model_copy(update={"tenants": tuple(map(dated, report.tenants))})


def _lines(repository: Repository, file: Path) -> Mapping[int, Commit]:
    try:
        return repository.commits_by_line(file)
    except GitError:
        return {}


def _latest(holder: Holder, commits: Mapping[int, Commit]) -> str:
    """Nothing where a line is not committed: what was approved is then not what is declared."""
    theirs = [commits[line] for line in holder.lines if line in commits]
    return str(max(theirs, key=lambda one: one.at)) if theirs and len(theirs) == len(holder.lines) else ""
