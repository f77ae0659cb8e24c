"""A repository that `tenantry init` made, where no engine is to be had; and where the invented tenant is gone."""

from pathlib import Path

import pytest

from tenantry.engine import rehearsal
from tenantry.project.paths import Project
from tenantry.scaffold.create import create
from tenantry.scaffold.origin import Origin
from tenantry.scaffold.pipelines import Pipeline
from tests.cli.conftest import Tenantry


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    create(tmp_path, "northwind", Pipeline.NONE, Origin("0.1.0"))
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path)


def test_the_rehearsal_provisions_the_invented_tenant_and_nothing_has_drifted(
    repository: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert rehearsal.up(repository, "dev") == 0
    assert "create  main-bela (User)" in capsys.readouterr().out
    assert rehearsal.drift(repository, "dev") == 0
    assert rehearsal.up(repository, "dev") == 0


def test_without_the_stack_dev_up_names_the_command_for_a_tenant_of_microsofts(
    repository: Project, tenantry: Tenantry
) -> None:
    (repository.root / "Pulumi.dev.yaml").rename(repository.root / "Pulumi.main.yaml")
    ran = tenantry("up")
    assert (ran.exit_code, "pulumi up --stack NAME" in ran.stderr) == (2, True)
    assert not (repository.root / ".venv").exists()
