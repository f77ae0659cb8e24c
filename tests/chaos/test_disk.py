"""A disk that is full, or that cannot be written: the sentence names it, and everything of before is still there."""

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from . import chaos
from .conftest import ROOT, Repository

FULL_DIRECTORY = """
import json, sys
from pathlib import Path
from tenantry.directory.onboarding import enrol
from tenantry.directory.store import Store
from tenantry.directory.local import LocalGraph
from tests.directory.samples import CLIENT_SECRET, UNITED_STATES, user_body

folder = Path(sys.argv[1])
store = Store(folder / "directory.sqlite")
enrol(store, UNITED_STATES, CLIENT_SECRET)
ballast = folder / "ballast"
with ballast.open("wb", buffering=0) as stream:
    try:
        while True:
            stream.write(bytes(4096))
    except OSError:
        pass
made, refused = [], None
with LocalGraph(store, UNITED_STATES.tenant_id) as graph:
    for number in range(2000):
        status, body = graph.request("POST", "/v1.0/users", user_body(f"u{number}"))
        if status != 201:
            refused = [status, body["error"]["message"]]
            break
        made.append(body["id"])
    ballast.unlink()
    status, body = graph.request("POST", "/v1.0/users", user_body("after"))
    listed = graph.request("GET", "/v1.0/users?$top=999")[1]["value"]
    checked = store._connection.execute("PRAGMA integrity_check").fetchone()[0]
print(json.dumps({
    "made": made, "refused": refused, "after": status, "checked": checked,
    "there": [user["id"] for user in listed],
    "names": [user["userPrincipalName"] for user in listed],
}))
"""


def on_own_disk(own_disk: str, folder: Path, script: str, size: str = "4m") -> str:
    """What a script of a shell says on a disk of its own, which is mounted over a folder."""
    folder.mkdir(exist_ok=True)
    mounted = f"mount -t tmpfs -o size={size} none {shlex.quote(str(folder))}\n{script}"
    ran = subprocess.run(
        [*own_disk.split(), "sh", "-ec", mounted],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "HOME": str(folder.parent), "COLUMNS": "200"},
        check=False,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@chaos
def test_a_directory_on_a_full_disk_refuses_whole_requests_and_goes_on_once_there_is_room(
    own_disk: str, tmp_path: Path
) -> None:
    program = tmp_path / "program.py"
    program.write_text(FULL_DIRECTORY)
    disk = tmp_path / "disk"
    said = on_own_disk(own_disk, disk, f"{sys.executable} {program} {disk}")
    found: dict[str, Any] = json.loads(said)
    status, message = found["refused"]
    assert status == 500
    assert "the disk is full. Nothing of this change was kept, and all before it was. Fix: free some space" in message
    assert set(found["made"]) <= set(found["there"])
    assert found["after"] == 201
    # Its administrator, what was acknowledged, and what was made afterwards: the refused account is not there.
    assert len(found["there"]) == 1 + len(found["made"]) + 1
    assert found["checked"] == "ok"


COMMANDS = {
    "check --fix": ("check", "{disk}/contoso", "--fix"),
    "codeowners": ("codeowners", "{disk}/contoso", "--output", "{disk}/CODEOWNERS"),
    "review --write": ("review", "{disk}/before", "{disk}/after", "--write", "{disk}/report.md"),
}


@chaos
@pytest.mark.parametrize("fault", ["full", "read-only"])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_that_cannot_write_a_file_leaves_the_one_before_as_it_was(
    own_disk: str, repository: Repository, tmp_path: Path, fault: str, command: str
) -> None:
    disk = tmp_path / "disk"
    arguments = " ".join(part.format(disk=disk) for part in COMMANDS[command])
    # Unsorted, so that there is something to sort.
    us = repository.root / "partners/contoso/tenants/us.yaml"
    text = us.read_text()
    us.write_text(text.replace("  carla:", "  zoe-first:", 1) if "  carla:" in text else text)
    breaks = (
        f"dd if=/dev/zero of={disk}/ballast bs=1k 2>/dev/null || true"
        if fault == "full"
        else f"mount -o remount,ro {disk}"
    )
    script = f"""
cp -r {repository.root}/partners/contoso {disk}/contoso
mkdir {disk}/before {disk}/after
cp {repository.root}/Pulumi.yaml {disk}/before/
cp {repository.root}/Pulumi.yaml {disk}/after/
git -C {disk} init -q
echo '* @the-ones-before' > {disk}/CODEOWNERS
echo 'the report before' > {disk}/report.md
find {disk} -name .git -prune -o -type f ! -name ballast -exec sha256sum {{}} + | sort > {tmp_path}/before.txt
{breaks}
cd {tmp_path}
set +e
{sys.executable} -m tenantry {arguments} > {tmp_path}/out.txt 2> {tmp_path}/err.txt
echo $?
set -e
find {disk} -name .git -prune -o -type f ! -name ballast -exec sha256sum {{}} + | sort > {tmp_path}/after.txt
"""
    exit_code = on_own_disk(own_disk, disk, script).split()[-1]
    said = (tmp_path / "err.txt").read_text() + (tmp_path / "out.txt").read_text()
    assert "Traceback" not in said, said
    assert exit_code == "2", said
    assert ("No space left on device" if fault == "full" else "Read-only file system") in said
    assert (tmp_path / "after.txt").read_text() == (tmp_path / "before.txt").read_text()


@chaos
@pytest.mark.parametrize("fault", ["full", "read-only"])
@pytest.mark.parametrize("command", ["directory serve --port 0", "up", "rehearse up", "env"])
def test_a_state_that_cannot_be_written_is_a_sentence(
    own_disk: str, repository: Repository, tmp_path: Path, fault: str, command: str
) -> None:
    disk = repository.root / ".tenantry"
    breaks = (
        f"dd if=/dev/zero of={disk}/ballast bs=1k 2>/dev/null || true"
        if fault == "full"
        else f"mount -o remount,ro {disk}"
    )
    script = f"""
{breaks}
cd {repository.root}
set +e
timeout 60 {sys.executable} -m tenantry {command} > {tmp_path}/out.txt 2> {tmp_path}/err.txt
echo $?
"""
    exit_code = on_own_disk(own_disk, disk, script).split()[-1]
    said = (tmp_path / "err.txt").read_text() + (tmp_path / "out.txt").read_text()
    assert "Traceback" not in said, said
    assert exit_code in ("1", "2", "3"), said
    if command != "env":
        assert "No space left on device" in said or "the disk is full" in said or "Read-only file system" in said, said
