"""Where the programs are, and how they are run against the directory."""

import base64
import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tenantry.directory.service_principals import MICROSOFT_GRAPH
from tests.directory.certificates import make_certificate
from tests.directory.samples import LiveDirectory

_SECONDS = 300
"""How long a program may take before the test fails: machines that do much else are slow."""


def find_program(title: str, name: str, variable: str) -> str:
    """Return the program that the variable names or PATH has, or skip the test."""
    found = os.environ.get(variable) or shutil.which(name)
    if not found:
        pytest.skip(f"{title} is missing: {variable} does not name it, and `{name}` is not on PATH")
    return found


@dataclass(frozen=True)
class Outcome:
    """What a program printed, and whether it was content."""

    succeeded: bool
    output: str
    complaint: str


def run(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> Outcome:
    """Run a program in a folder; of this process's environment it gets what it needs to start at all."""
    inherited = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    ended = subprocess.run(
        command,
        env={**inherited, "HOME": str(folder), **environment},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
    )
    return Outcome(ended.returncode == 0, ended.stdout, ended.stderr)


@dataclass(frozen=True)
class Pipeline:
    """An application that signs in with a certificate and reads the organization: its id, key and certificate."""

    client_id: str
    pem: Path


def register_pipeline(directory: LiveDirectory, folder: Path) -> Pipeline:
    """Make an application with a certificate; its key and certificate are put in the folder."""
    pem, der = make_certificate()
    key = {"type": "AsymmetricX509Cert", "usage": "Verify", "key": base64.b64encode(der).decode()}
    with directory.client(directory.deploying_token()) as graph:
        application = {"displayName": "Pipeline with a certificate", "keyCredentials": [key]}
        made = graph.post("/v1.0/applications", json=application).raise_for_status().json()
        principal = graph.post("/v1.0/servicePrincipals", json={"appId": made["appId"]}).raise_for_status().json()
        found = graph.get("/v1.0/servicePrincipals", params={"$filter": f"appId eq '{MICROSOFT_GRAPH}'"})
        offered = found.raise_for_status().json()["value"][0]
        role = next(role["id"] for role in offered["appRoles"] if role["value"] == "Organization.Read.All")
        assignment = {"principalId": principal["id"], "resourceId": offered["id"], "appRoleId": role}
        graph.post(f"/v1.0/servicePrincipals/{offered['id']}/appRoleAssignedTo", json=assignment).raise_for_status()
    path = folder / "pipeline.pem"
    path.write_bytes(pem)
    return Pipeline(made["appId"], path)


def follow(script: str, values: Mapping[str, str], call: Callable[..., Outcome]) -> dict[str, str]:
    """Run one command a line, and return what each of those that failed complained about.

    Names of `values` in capitals stand for their values. A line such as `APP = app create` keeps the JSON that the
    command printed: from then on `APP` stands for its id, and `APP.appId` for another property.
    """
    made: dict[str, Any] = {}

    def value(match: re.Match[str]) -> str:
        name, wanted = match["name"], match["property"] or "id"
        return str(made[name][wanted]) if name in made else values[name]

    complaints: dict[str, str] = {}
    for line in script.strip().splitlines():
        name, _, command = line.rpartition(" = ")
        names = "|".join(sorted({*values, *made}, key=len, reverse=True))
        placeholder = re.compile(rf"\b(?P<name>{names})\b(?:\.(?P<property>\w+))?")
        outcome = call(*(placeholder.sub(value, argument) for argument in shlex.split(command)))
        if not outcome.succeeded:
            complaints[command] = outcome.complaint
        elif name:
            made[name] = json.loads(outcome.output)
    return complaints
