"""A small project with one partner, and Pulumi CLIs that only pretend."""

import random
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from tenantry.engine import directory_process, rehearsal
from tenantry.project.paths import Project
from tenantry.sandbox.recording import record
from tests import forks

TENANT_ID = "6f1f7c0e-52a3-4d0b-9e57-2b8b9f4c1a10"
ADMIN_ID = "3b6c5a0e-8f5d-4c8f-9a3e-4a6a1a6d7e01"

PARTNER = "name: Fabrikam Deployment\ntenants: [{tenants}]\n"
TENANT = """\
id: {id}
name: Fabrikam ({key})
country: US
purpose: [partner]
programs:
  CSP: {{enrolled_on: 2025-02-17, location_id: "5120344"}}
domains:
  initial: fabrikam-{key}.onmicrosoft.com
  verified: [fabrikam-{key}.com]
mode: authoritative
people:
  ada:
    full_name: Ada Nakamura
    upn: ada@fabrikam-{key}.com
    roles: [Global admin]
    adopted: {admin}
  bruno:
    full_name: Bruno Keller
    upn: bruno@fabrikam-{key}.com
    roles: [Global admin]
"""


def declare(project: Project, **tenants: str) -> None:
    """Declare the partner `fabrikam` with tenants, by key and id."""
    folder = project.partners / "fabrikam" / "tenants"
    folder.mkdir(parents=True, exist_ok=True)
    (folder.parent / "partner.yaml").write_text(PARTNER.format(tenants=", ".join(tenants)))
    for key, tenant_id in tenants.items():
        (folder / f"{key}.yaml").write_text(TENANT.format(key=key, id=tenant_id, admin=ADMIN_ID))


def script(path: Path, body: str) -> Path:
    """A shell script that can be run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


@pytest.fixture(autouse=True)
def programs_in_forks(monkeypatch: pytest.MonkeyPatch) -> None:
    """But for the first run of a module, which comes before, a rehearsal records programs in forks."""
    monkeypatch.setattr(rehearsal, "record", partial(record, start=forks.start))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    root = tmp_path / "pro ject"
    root.mkdir()
    (root / "Pulumi.yaml").write_text("name: tiny\nruntime: python\n")
    (root / "Pulumi.dev.yaml").write_text("config:\n  tenantry:tenant: fabrikam/us\n")
    project = Project(root)
    declare(project, us=TENANT_ID)
    return project


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder, and a PATH on which there is no Pulumi."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    return home


@pytest.fixture
def notes() -> tuple[list[str], Callable[[str], None]]:
    sentences: list[str] = []
    return sentences, sentences.append


@pytest.fixture
def preferred_port(monkeypatch: pytest.MonkeyPatch) -> int:
    """A preferred port of this test's own: the published one may be in use on a developer's machine.

    The system hands out ports from 32768: none of those, since another test could be given it meanwhile.
    """
    for port in random.sample(range(20000, 32000), 100):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            break
    monkeypatch.setattr(directory_process, "PREFERRED_PORT", port)
    return port
