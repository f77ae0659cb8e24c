import subprocess
import sys
from pathlib import Path

import pytest

from tenantry.commands.env import env
from tenantry.directory.state import Credentials, Running
from tenantry.engine import directory_process
from tenantry.engine.environment import (
    DEV_PASSPHRASE,
    Environment,
    applied,
    current_environment,
    environment,
    exports,
)
from tenantry.engine.pulumi_cli import PulumiCli
from tenantry.errors import DirectoryError
from tenantry.project.paths import Project

from .conftest import TENANT_ID

DIRECTORY = Running(1, "https://127.0.0.1:7443", "127.0.0.1:7443", "2026-01-31T00:00:00+00:00")
CREDENTIALS = Credentials("the-client", "the 'secret' $HOME `id` \"\\")
ENGINE = PulumiCli(Path("/opt/pulumi/bin/pulumi"), "3.259.0")


def of(project: Project, stack: str = "dev", **outside: str) -> Environment:
    outside.setdefault("PATH", "/usr/bin:/bin")
    return environment(project, stack, TENANT_ID, DIRECTORY, CREDENTIALS, ENGINE, outside)


def test_it_is_everything_that_the_engine_and_the_provider_need(project: Project):
    variables = of(project)
    expected = {
        "ARM_TENANT_ID": TENANT_ID,
        "ARM_CLIENT_ID": "the-client",
        "ARM_CLIENT_SECRET": CREDENTIALS.client_secret,
        "ARM_METADATA_HOSTNAME": "127.0.0.1:7443",
        "ARM_USE_CLI": "false",
        "ARM_DISABLE_TERRAFORM_PARTNER_ID": "true",
        "SSL_CERT_FILE": str(project.root / ".tenantry" / "directory" / "bundle.pem"),
        "PULUMI_BACKEND_URL": f"{(project.root / '.tenantry' / 'state').as_uri()}?metadata=skip",
        "PULUMI_STACK": "dev",
        "PULUMI_CONFIG_PASSPHRASE": DEV_PASSPHRASE,
        "PULUMI_DIY_BACKEND_GZIP": "true",
        "GOGC": "400",
        "GOMEMLIMIT": "2GiB",
    }
    assert expected.items() <= variables.items()


@pytest.mark.parametrize(("people", "at_once"), [(0, "64"), (65, "65"), (300, "300"), (10_000, "300")])
def test_the_engine_waits_for_all_people_at_once_within_the_limits_of_graph(
    project: Project, people: int, at_once: str
):
    variables = environment(project, "dev", TENANT_ID, DIRECTORY, CREDENTIALS, ENGINE, {}, people)
    assert variables["PULUMI_PARALLEL"] == at_once


def test_our_python_and_the_engine_come_first_on_path_and_once(project: Project):
    once = of(project)["PATH"]
    assert once == f"{Path(sys.executable).parent}:/opt/pulumi/bin:/usr/bin:/bin"
    assert of(project, PATH=once)["PATH"] == once


def test_no_other_sign_in_leaks_in(project: Project):
    outside = {
        "ARM_ENVIRONMENT": "usgovernment",
        "ARM_USE_OIDC": "true",
        "ARM_ACCESS_KEY": "x",
        "ARM_CLIENT_CERTIFICATE_PATH": "/x",
        "ARM_TENANT_ID": "another",
        "ARM_SOMETHING_NEW": "x",
        "PULUMI_CONFIG_PASSPHRASE_FILE": "/x",
        "PULUMI_PYTHON_CMD": "/usr/bin/python2",
        "UNRELATED": "stays",
        "PATH": "/usr/bin",
    }
    variables = of(project, **outside)
    result = applied(variables, outside)
    ours = {name for name in result if name.startswith("ARM_")}
    assert ours == {name for name in of(project) if name.startswith("ARM_")}
    assert result["ARM_TENANT_ID"] == TENANT_ID
    assert "PULUMI_CONFIG_PASSPHRASE_FILE" not in result
    assert "PULUMI_PYTHON_CMD" not in result
    assert result["UNRELATED"] == "stays"


def test_no_other_stack_is_kept_under_the_published_passphrase(project: Project):
    variables = of(project, "production", PULUMI_CONFIG_PASSPHRASE="their own")
    assert "PULUMI_CONFIG_PASSPHRASE" not in variables
    assert "PULUMI_CONFIG_PASSPHRASE_FILE" not in variables


@pytest.mark.parametrize("name", ["pro ject", "it's", 'a"b', "$HOME `id` \\ ;&|", "Ünïcode\nline", "-n"])
def test_a_shell_that_evaluates_the_exports_has_the_environment(tmp_path: Path, name: str):
    outside = {"PATH": "/usr/bin:/bin", "ARM_USE_OIDC": "true", "ARM_X;touch pwned": "x", "UNRELATED": "stays"}
    project = Project(tmp_path / name)
    variables = environment(project, "dev", TENANT_ID, DIRECTORY, CREDENTIALS, ENGINE, outside)
    text = tmp_path / "exports"
    text.write_text(exports(variables))
    shell = subprocess.run(
        ["/bin/sh", "-euc", f'eval "$(cat {text})"; exec /usr/bin/env -0'],
        env=outside,
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    evaluated = dict(entry.split("=", 1) for entry in shell.stdout.decode().split("\0") if entry)
    expected = applied(variables, outside)
    for its_own in ("PWD", "SHLVL", "_", "OLDPWD", "ARM_X;touch pwned"):
        evaluated.pop(its_own, None)
        expected.pop(its_own, None)
    assert evaluated == expected
    assert [path.name for path in tmp_path.iterdir()] == ["exports"]


def test_where_the_directory_does_not_run_it_is_reported(project: Project):
    with pytest.raises(DirectoryError, match="is not running: `make up` starts it") as caught:
        current_environment(project)
    assert caught.value.exit_code == 3


def test_the_current_environment_is_of_the_directory_that_runs(
    project: Project, home: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(directory_process, "running", lambda _: DIRECTORY)
    monkeypatch.setattr(directory_process, "credentials", lambda *_: CREDENTIALS)
    variables = current_environment(project)
    assert variables["ARM_METADATA_HOSTNAME"] == DIRECTORY.metadata_host
    assert variables["ARM_TENANT_ID"] == TENANT_ID
    assert variables["PATH"] == f"{Path(sys.executable).parent}:/usr/bin:/bin", "there is no engine"


def test_the_exports_of_the_command_name_a_state_that_is_there(
    project: Project, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(directory_process, "running", lambda _: DIRECTORY)
    monkeypatch.setattr(directory_process, "credentials", lambda *_: CREDENTIALS)
    monkeypatch.chdir(project.root)
    env("dev")
    assert project.backend.as_uri() in capsys.readouterr().out
    assert project.backend.is_dir(), "Pulumi refuses a folder that is not there"


def test_a_tenant_that_is_not_in_the_directory_is_reported(project: Project):
    with pytest.raises(DirectoryError, match="has no tenant"):
        directory_process.credentials(project, TENANT_ID)
