"""By which commit what somebody holds was declared."""

import os
import subprocess
from pathlib import Path

from tenantry.audit.commits import with_commits
from tenantry.audit.model import AuditReport, TenantAudit

from .test_audit import ADA

FILE = "partners/contoso/tenants/us.yaml"


def git(folder: Path, day: str, author: str, *arguments: str) -> None:
    who = {"GIT_AUTHOR_NAME": author, "GIT_AUTHOR_EMAIL": "x@x.example", "GIT_COMMITTER_NAME": author}
    when = {"GIT_AUTHOR_DATE": f"{day}T00:00:00Z", "GIT_COMMITTER_DATE": f"{day}T00:00:00Z"}
    environment = {**os.environ, **who, **when, "GIT_COMMITTER_EMAIL": "x@x.example"}
    subprocess.run(["git", *arguments], cwd=folder, env=environment, check=True, capture_output=True)


def commit_of(folder: Path, *lines: int) -> str:
    holder = ADA.model_copy(update={"file": FILE, "lines": lines})
    report = AuditReport(tenants=(TenantAudit(tenant="contoso/us", name="Us", holders=(holder,)),))
    return with_commits(report, folder).tenants[0].holders[0].commit


def test_the_commit_that_last_changed_somebody_or_their_roles_is_named(tmp_path: Path) -> None:
    file = tmp_path / FILE
    file.parent.mkdir(parents=True)
    file.write_text("ada:\n  roles: [Admin agent]\nben:\n  roles: []\n", encoding="utf-8")
    assert commit_of(tmp_path, 1, 2) == "", "outside of git nothing is said"
    git(tmp_path, "2026-01-05", "Ben Vale", "init", "--quiet")
    assert commit_of(tmp_path, 1, 2) == "", "nor of a file that git does not have"
    git(tmp_path, "2026-01-05", "Ben Vale", "add", ".")
    git(tmp_path, "2026-01-05", "Ben Vale", "commit", "--quiet", "--message", "Declare")
    file.write_text(file.read_text(encoding="utf-8").replace("[Admin agent]", "[Global admin]"), encoding="utf-8")
    assert commit_of(tmp_path, 1, 2) == "", "nor of what is not committed"
    git(tmp_path, "2026-02-06", "Carla Wood", "commit", "--quiet", "--all", "--message", "Promote")
    assert commit_of(tmp_path, 1, 2).endswith(" of 2026-02-06, by Carla Wood")
    assert commit_of(tmp_path, 3, 4).endswith(" of 2026-01-05, by Ben Vale")
    assert commit_of(tmp_path) == "", "undeclared them"
