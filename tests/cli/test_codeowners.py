"""`tenantry codeowners`: whom it names for which file, and what PT-205 says of a CODEOWNERS that names others."""

from datetime import date
from pathlib import Path

import pytest
from codeowners import CodeOwners

from tenantry.reports.check import Checked, check_partner
from tenantry.rules import Finding, Level, Verdict
from tests.declaration.folder import US, Folder

from .conftest import Tenantry

TODAY = date(2026, 11, 22)
PEOPLE = "partners/contoso/tenants/us.yaml"
ADA = "ada.nakamura@contoso.com"


class Repository:
    """A repository with the small partner in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / ".git").mkdir(parents=True)
        self.partner = Folder(root / "partners" / "contoso")
        self.owners = root / ".github" / "CODEOWNERS"

    def write(self, text: str, place: str = ".github/CODEOWNERS") -> None:
        (self.root / place).parent.mkdir(exist_ok=True)
        (self.root / place).write_text(text)

    def of(self, path: str) -> set[str]:
        return {owner for _, owner in CodeOwners(self.owners.read_text()).of(path)}

    def checked(self) -> Checked:
        return check_partner(self.partner.path, TODAY)

    def findings(self) -> list[Finding]:
        return [finding for finding in self.checked().findings if finding.rule == "PT-205"]

    def verdict(self) -> Verdict:
        (item,) = (item for item in self.checked().results if item.rule.id == "PT-205" and item.tenant == "us")
        return item.verdict


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


@pytest.fixture
def staffed(repository: Repository) -> Repository:
    """With a user manager who has a handle, a disabled one, an emergency account, and helpdesk with an address."""
    people = """\
  uma: {full_name: Uma Berg, upn: uma@contoso-partner.onmicrosoft.com, email: uma.berg@contoso.com,
    handle: "@uma-berg", roles: [User management admin]}
  vic: {full_name: Vic Lund, upn: vic@contoso-partner.onmicrosoft.com, email: vic.lund@contoso.com,
    roles: [User management admin], state: disabled}
  wim: {full_name: Wim Smit, upn: wim@contoso-partner.onmicrosoft.com, email: wim.smit@contoso.com,
    roles: [Helpdesk agent]}
"""
    repository.partner.replace(US, "ftop:\n", f"{people}ftop:\n")
    return repository


def test_people_go_to_those_who_may_manage_users_and_everything_else_to_the_global_admins(
    tenantry: Tenantry, staffed: Repository
) -> None:
    ran = tenantry("codeowners", staffed.partner.path)
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert "wrote " in ran.stdout
    assert staffed.of(PEOPLE) == {ADA, "@uma-berg"}
    for other in (
        "__main__.py",
        "components/partner_tenant.py",
        "policies/PulumiPolicy.yaml",
        "partners/contoso/partner.yaml",
        "partners/contoso/tenants/own-use.yaml",
        "Pulumi.dev.yaml",
        ".github/workflows/up.yml",
        ".github/CODEOWNERS",
    ):
        assert staffed.of(other) == {ADA}, other
    assert staffed.verdict() is Verdict.PASSED


def test_what_others_wrote_stays_and_the_lines_are_replaced_in_their_place(
    tenantry: Tenantry, staffed: Repository
) -> None:
    staffed.write("# ours\n/docs/ @writer\n")
    tenantry("codeowners", staffed.partner.path)
    first = staffed.owners.read_text()
    assert first.startswith("# ours\n/docs/ @writer\n\n# tenantry: begin")
    staffed.write(f"{first}# the last line\n")
    staffed.partner.write(US, (staffed.partner.path / US).read_text().replace("@uma-berg", "@uma"))
    tenantry("codeowners", staffed.partner.path)
    second = staffed.owners.read_text()
    assert second == f"{first}# the last line\n".replace("@uma-berg", "@uma")
    assert "nothing to change" in tenantry("codeowners", staffed.partner.path).stdout


def test_check_fails_until_the_file_is_up_to_date_and_writes_nothing(tenantry: Tenantry, staffed: Repository) -> None:
    ran = tenantry("codeowners", staffed.partner.path, "--check")
    assert ran.exit_code == 1
    assert "run `tenantry codeowners`" in ran.stderr
    assert not staffed.owners.exists()
    tenantry("codeowners", staffed.partner.path)
    assert tenantry("codeowners", staffed.partner.path, "--check").exit_code == 0


def test_the_file_that_the_code_host_reads_is_the_one_that_is_written(tenantry: Tenantry, staffed: Repository) -> None:
    staffed.write("# here\n", "CODEOWNERS")
    tenantry("codeowners", staffed.partner.path)
    assert "tenantry: begin" in (staffed.root / "CODEOWNERS").read_text()
    assert not staffed.owners.exists()


def test_a_file_without_owners_is_never_written(tenantry: Tenantry, staffed: Repository) -> None:
    text = (staffed.partner.path / US).read_text()
    staffed.partner.write(US, text.replace(f"    email: {ADA}\n", ""))
    ran = tenantry("codeowners", staffed.partner.path)
    assert ran.exit_code == 1
    assert "for a Global admin of Contoso Deployment Services." in ran.stderr
    assert "`email` or a `handle`" in ran.stderr
    assert not staffed.owners.exists()


def test_outside_a_repository_nothing_is_written(tenantry: Tenantry, folder: Folder) -> None:
    ran = tenantry("codeowners", folder.path)
    assert ran.exit_code == 2
    assert "not in a git repository" in " ".join(ran.stderr.replace("│", " ").split())


def test_an_address_cannot_name_a_second_owner(tenantry: Tenantry, staffed: Repository) -> None:
    """An address with a comment sign or other letters is not written: a code host would read it otherwise."""
    text = (staffed.partner.path / US).read_text()
    staffed.partner.write(US, text.replace('handle: "@uma-berg",', "").replace("uma.berg@contoso.com", '"u#ma@x.com"'))
    tenantry("codeowners", staffed.partner.path)
    assert staffed.of(PEOPLE) == {ADA}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (f"/{PEOPLE} {ADA} wim.smit@contoso.com", "'wim.smit@contoso.com' approve changes to people: Wim Smit"),
        (f"/{PEOPLE} @uma-berg vic.lund@contoso.com", "'vic.lund@contoso.com' approve changes to people: Vic Lund"),
        (f"/{PEOPLE} @stranger", "'@stranger' approve changes to people: not a person of this tenant"),
        (f"/{PEOPLE}", "names no owner: anybody may approve"),
        (f"/{PEOPLE} # {ADA}", "names no owner: anybody may approve"),
        ("/docs/ @writer", "names no owner: anybody may approve"),
        (f"/partners/[ab {ADA}", "cannot be read"),
        (f"* {ADA}\n/partners/** wim.smit@contoso.com", "line 2 lets 'wim.smit@contoso.com'"),
    ],
)
def test_pt_205_names_who_may_approve_and_should_not(staffed: Repository, line: str, found: str) -> None:
    staffed.write(f"{line}\n")
    (finding,) = staffed.findings()
    assert found in finding.actual
    assert finding.level is Level.MANDATORY
    assert "tenantry codeowners" in finding.remediation
    assert staffed.checked().exit_code == 1


@pytest.mark.parametrize(
    "line",
    [
        f"/{PEOPLE} {ADA.upper()} @UMA-berg",
        f"* {ADA}",
        f"/{PEOPLE} @contoso/user-managers",
        f"* wim.smit@contoso.com\n/partners/contoso/tenants/ {ADA}",
    ],
)
def test_pt_205_passes_where_every_owner_may_manage_users(staffed: Repository, line: str) -> None:
    staffed.write(f"{line}\n")
    assert staffed.findings() == []
    assert staffed.verdict() is Verdict.PASSED


def test_pt_205_is_not_evaluated_without_the_file(staffed: Repository) -> None:
    assert staffed.verdict() is Verdict.NOT_EVALUATED
    (message,) = (line for line in staffed.checked().reasons_not_evaluated() if "PT-205" in line)
    assert "`tenantry codeowners` writes one" in message


def test_the_first_place_that_a_code_host_looks_in_counts(staffed: Repository) -> None:
    staffed.write(f"* {ADA}\n", "docs/CODEOWNERS")
    staffed.write("* @stranger\n", "CODEOWNERS")
    assert "CODEOWNERS, line 1" in staffed.findings()[0].actual
    staffed.write(f"* {ADA}\n")
    assert staffed.findings() == []
