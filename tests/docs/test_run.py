"""Blocks of commands that need no engine, run as somebody does who pastes them."""

import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest

from tenantry.declaration import Tenant, load
from tenantry.engine import directory_process
from tenantry.project.paths import Project
from tenantry.reports.check import check_partner

from .pages import ROOT, blocks, named, project, shell
from .shown_by import WITHOUT_ENGINE

SAMPLE = ("Pulumi.yaml", "Pulumi.dev.yaml", "__main__.py", "components", "policies", "partners", ".gitignore")
TENANT = "6f1f7c0e-52a3-4d0b-9e57-2b8b9f4c1a10"
CONTROLS = WITHOUT_ENGINE[3]
WAITS = """
relationships:
  Fabrikam support:
    roles: [Helpdesk Administrator]
    status: approvalPending
    customer: {displayName: Fabrikam, tenantId: 0d5f2a3c-1111-4222-8333-444455556666}
"""


def texts(name: str) -> list[str]:
    return [block.text for block in named(name)]


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The embedded directory for a copy of the sample: where it answers."""
    try:
        yield directory_process.start(Project(folder)).metadata_host
    finally:
        directory_process.stop(Project(folder))


def test_what_is_declared_of_customers_is_shown(tmp_path: Path) -> None:
    env = project(tmp_path, "examples/adatum")
    shutil.copytree(tmp_path / "examples/adatum", tmp_path / "partners/adatum")
    (text,) = texts("docs/customers.md: tenantry who")
    ran = shell(text, tmp_path, env)
    assert ran.failed == []
    assert "at 14 customers" in ran.output or "customers" in ran.output


def test_what_a_leaver_leaves_to_do_is_listed(tmp_path: Path) -> None:
    env = project(tmp_path, *SAMPLE)
    (text,) = texts("docs/runbooks/leaver-today.md: tenantry todo")
    ran = shell(text, tmp_path, env)
    assert ran.failed == []
    assert "Fabrikam" in ran.output


def test_two_states_are_reviewed_whichever_way_they_are_named(tmp_path: Path) -> None:
    env = project(tmp_path, *SAMPLE)
    (tmp_path / ".git/info/exclude").write_text("/before\n/after\n")
    for folder in ("before", "after"):
        made = shell(f"mkdir {folder}\ngit archive main | tar -x -C {folder}", tmp_path, env)
        assert made.failed == [], made.output
    (text,) = texts("docs/review.md: tenantry review")
    ran = shell(f"git branch feature\n{text}", tmp_path, env)
    assert ran.failed == [], ran.output
    assert ran.output.count("No access changes.") == 4


def test_the_rehearsal_makes_the_tenant_and_finds_no_drift(tmp_path: Path) -> None:
    env = project(tmp_path, *SAMPLE)
    (text,) = texts("docs/engines.md: tenantry rehearse preview")
    with served(tmp_path):
        ran = shell(text, tmp_path, env)
    assert ran.failed == [], ran.output


def test_the_directory_is_looked_into_filled_and_controlled(tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("there is no curl here")
    env = project(tmp_path, *SAMPLE, "examples/seeds")
    (tmp_path / "waits.yaml").write_text(WAITS)
    (look,) = texts("docs/directory.md: tenantry directory dump")
    (approve,) = texts('docs/directory.md: tenantry directory approve "Fabrikam support"')
    terminate, later, fail = texts(CONTROLS)
    with served(tmp_path) as host:
        seeded = shell(f"tenantry directory seed waits.yaml --tenant {TENANT}", tmp_path, env)
        assert seeded.failed == [], seeded.output
        for text in (look, approve, later, terminate, fail):  # what is approved is active later
            ran = shell(text.replace("curl ", "curl --fail ").replace("127.0.0.1:7443", host), tmp_path, env)
            assert ran.failed == [], ran.output


DAY = blocks("docs/day-to-day.md", "diff")
Change = tuple[str, str, object, object]
#: Who is changed by the page's changes of the sample, in order, and what of them.
CHANGES: tuple[Change, ...] = (
    ("jonas", "full_name", None, "Jonas Weber"),
    ("dmitri", "roles", ["Sales agent"], ["Helpdesk agent"]),
    ("dmitri", "roles", ["Sales agent"], ["Billing admin", "Sales agent"]),
    ("emma", "full_name", "Emma Lindqvist", "Emma Nyström"),
    ("carla", "state", None, "leaver"),
)


def test_every_change_of_the_sample_has_its_row() -> None:
    assert len(DAY) == len(CHANGES)


@pytest.mark.parametrize(("number", "change"), list(enumerate(CHANGES)), ids=lambda value: str(value)[:20])
def test_a_change_of_the_sample_applies_and_breaks_no_rule(tmp_path: Path, number: int, change: Change) -> None:
    key, field, before, after = change
    env = project(tmp_path, *SAMPLE)
    partner = tmp_path / "partners/contoso"
    old = declared(partner)
    apply(DAY[number].text, tmp_path, env)
    new = declared(partner)
    assert (value(old, key, field), value(new, key, field)) == (before, after)
    assert {
        person for person in {**old.members, **new.members} if old.members.get(person) != new.members.get(person)
    } == {key}
    checked = check_partner(partner)
    assert checked.exit_code == 0
    assert [str(finding) for finding in checked.findings if finding.level.blocks] == []


def declared(partner: Path) -> Tenant:
    return load(partner).tenants["us"]


def value(tenant: Tenant, key: str, field: str) -> object:
    found = getattr(tenant.members.get(key), field, None)
    return [str(item.value) for item in found] if isinstance(found, (list, tuple)) else found and str(found)


def apply(diff: str, folder: Path, env: Mapping[str, str]) -> None:
    """Make a change that a page shows; a day that ends something is always to come."""
    (folder / "change.diff").write_text(re.sub(r"date: \d{4}-\d\d-\d\d", f"date: {date.today() + timedelta(90)}", diff))
    ran = shell("git apply change.diff\nrm change.diff", folder, env)
    assert ran.failed == [], ran.output


def test_the_directory_serves_the_tests_of_other_programs(tmp_path: Path) -> None:
    code = blocks("docs/directory-for-tests.md", "python")
    for block in code:
        (tmp_path / block.text.partition("\n")[0].removeprefix("# ")).write_text(block.text)
    assert {file.name for file in tmp_path.glob("*.py")} == {"conftest.py", "test_people.py", "serve_directory.py"}
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    env = project(tmp_path)
    ran = shell("python -m pytest -q -p no:cacheprovider", tmp_path, env)
    assert ran.failed == [], ran.output
    assert "1 passed" in ran.output
    served_there = (tmp_path / "serve_directory.py").read_text().replace("port=8443", "port=0, note=print")
    (tmp_path / "serve_directory.py").write_text(served_there)
    until_it_answers = "for _ in $(seq 600); do grep -q https: answers && break; sleep 0.1; done"
    ran = shell(
        f"python -u serve_directory.py > answers 2>&1 & {until_it_answers}; kill $!; cat answers; ls directory",
        tmp_path,
        env,
    )
    assert "https://127.0.0.1:" in ran.output
    assert {"bundle.pem", "credentials.json"} <= set(ran.output.split())


def test_every_block_that_needs_no_engine_is_run_above() -> None:
    source = (ROOT / "tests/docs/test_run.py").read_text(encoding="utf-8")
    assert [name for name in WITHOUT_ENGINE if repr(name) not in source and f'"{name}"' not in source] == [CONTROLS]
