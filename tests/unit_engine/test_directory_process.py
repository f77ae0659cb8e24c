import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tenantry.declaration import DeclarationError
from tenantry.directory.state import Running, State
from tenantry.engine import directory_process
from tenantry.errors import DirectoryError
from tenantry.project.paths import Project

from .conftest import TENANT_ID, declare


@pytest.fixture(autouse=True)
def _stopped_in_the_end(project: Project, preferred_port: int) -> Iterator[None]:
    yield
    directory_process.stop(project)


def port_of(running: Running) -> int:
    return int(running.url.rpartition(":")[2])


def test_it_runs_once_answers_and_stops(project: Project, preferred_port: int):
    started = directory_process.start(project)
    assert port_of(started) == preferred_port
    assert directory_process.start(project) == started
    assert directory_process.running(project) == started
    assert directory_process.credentials(project, TENANT_ID).client_secret
    assert directory_process.stop(project)
    assert directory_process.running(project) is None
    assert not directory_process.stop(project)
    with pytest.raises(ProcessLookupError):
        os.kill(started.pid, 0)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="a zombie is known by /proc")
def test_a_process_that_ended_and_whose_parent_does_not_ask_for_it_has_stopped(project: Project):
    program = (
        "import sys\nfrom pathlib import Path\nfrom tenantry.engine.directory_process import start\n"
        "from tenantry.project.paths import Project\nstart(Project(Path(sys.argv[1])))\nprint('started', flush=True)\n"
        "sys.stdin.read()"
    )
    command = [sys.executable, "-c", program, str(project.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "started\n"
        started = directory_process.running(project)
        assert started is not None
        assert directory_process.stop(project)
        os.kill(started.pid, 0)  # it is there still, as a zombie
        assert directory_process.running(project) is None


def test_where_the_port_is_taken_it_takes_another_and_keeps_it(project: Project, preferred_port: int):
    with socket.create_server(("127.0.0.1", preferred_port)):
        first = directory_process.start(project)
        assert port_of(first) != preferred_port
        directory_process.stop(project)
    assert port_of(directory_process.start(project)) == port_of(first)


def test_a_tenant_that_was_declared_since_is_enrolled(project: Project):
    first = directory_process.start(project)
    secret = directory_process.credentials(project, TENANT_ID).client_secret
    new = "b2a7d9c4-1e08-4b6f-a7d3-9c5e0f21d720"
    declare(project, us=TENANT_ID, uk=new)
    second = directory_process.start(project)
    assert second.pid != first.pid
    assert second.url == first.url
    assert directory_process.credentials(project, new).client_secret
    assert directory_process.credentials(project, TENANT_ID).client_secret == secret


def test_a_process_that_has_the_id_by_chance_is_not_taken_for_it(project: Project):
    # As after a crash: the file names a process that is alive, and is not the directory.
    State.prepare(project.directory).announce(Running(os.getpid(), "https://127.0.0.1:1", "127.0.0.1:1", "x"))
    assert directory_process.running(project) is None
    assert not directory_process.stop(project), "and this process lives on"
    assert directory_process.start(project).pid != os.getpid()


@pytest.mark.parametrize("content", ["", "{}", "[]", json.dumps({"pid": "x"})])
def test_a_broken_record_is_no_directory(project: Project, content: str):
    project.directory.mkdir(parents=True)
    (project.directory / "running.json").write_text(content)
    assert directory_process.running(project) is None


def test_a_wrong_declaration_is_reported_before_anything_starts(project: Project):
    (project.partners / "fabrikam" / "partner.yaml").write_text("name: 7\n")
    with pytest.raises(DeclarationError):
        directory_process.start(project)
    assert not project.directory.exists()


def test_where_it_cannot_start_the_reason_is_reported(project: Project):
    project.directory.mkdir(parents=True)
    State(project.directory).store.write_bytes(b"no database" * 100)
    with pytest.raises(DirectoryError, match=r"did not start: .*directory\.sqlite") as caught:
        directory_process.start(project)
    assert caught.value.exit_code == 3
    assert "\n" not in str(caught.value)


def test_one_that_does_not_answer_in_time_is_ended(project: Project):
    with pytest.raises(DirectoryError, match="did not start"):
        directory_process.start(project, patience=0)
    assert directory_process.running(project) is None
