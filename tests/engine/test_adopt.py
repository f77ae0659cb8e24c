"""Taking over tenants that others made, on the real engine: the first preview changes nothing; then people do."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tenantry.engine.pulumi_cli import PulumiCli

from .world import Ran, World

pytestmark = [pytest.mark.engine]

NORTHWIND = "northwind/main"
PROVIDED = "by hand, until somebody declares it"


class Found(World):
    """A tenant in use that no file declares, and somebody who is signed in to it."""

    def tenantry(self, *arguments: str) -> Ran:
        """`tenantry`, as somebody runs it who is signed in as the deploying application."""
        ran = subprocess.run(
            [sys.executable, "-m", "tenantry", *arguments],
            cwd=self.project.root,
            env={**os.environ, **self.env, "PULUMI_CONFIG_PASSPHRASE": "a passphrase of theirs"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=280,
            check=False,
        )
        return Ran(ran.returncode, ran.stdout)

    def seed(self, content: Mapping[str, Any]) -> None:
        file = self.project.root / "seed.yaml"
        with file.open("w", encoding="utf-8") as stream:
            YAML().dump(dict(content), stream)
        self.tenantry("directory", "seed", "seed.yaml", "--tenant", self.tenant.id).ok()

    def forget(self) -> None:
        """From here on nothing in the repository declares the tenant."""
        shutil.rmtree(self.project.partners / "contoso")
        (self.project.root / "Pulumi.dev.yaml").unlink()

    def adopt(self, *arguments: str, name: str = NORTHWIND) -> dict[str, Any]:
        """What `tenantry adopt` says of the tenant."""
        ran = self.tenantry("adopt", name, "--format", "json", *arguments).ok()
        return dict(json.loads(ran.output))

    def verify(self, name: str = NORTHWIND) -> tuple[int, dict[str, Any]]:
        """What the gate says of it, and its exit code."""
        ran = self.tenantry("adopt", name, "--verify", "--format", "json")
        return ran.exit_code, dict(json.loads(ran.output[ran.output.index("{") :]))

    def update(self, stack: str = "main") -> Ran:
        arguments = ("up", "--yes", "--skip-preview", "--policy-pack", "policies", "--stack", stack)
        return self.pulumi(*arguments, PULUMI_CONFIG_PASSPHRASE="a passphrase of theirs")

    @contextmanager
    def declared(self, name: str = NORTHWIND) -> Iterator[Any]:
        """Edit the file that was written for the tenant."""
        partner, _, tenant = name.partition("/")
        file = self.project.partners / partner / "tenants" / f"{tenant}.yaml"
        yaml = YAML()
        document = yaml.load(file)
        yield document
        yaml.dump(document, file)


@pytest.fixture
def found(engine: PulumiCli) -> Iterator[Callable[[Mapping[str, Any]], Found]]:
    """Makes the sample's tenant in the United States with what a seed adds, and forgets its declaration."""
    worlds: list[Found] = []
    with tempfile.TemporaryDirectory() as folder:

        def make(seed: Mapping[str, Any], prepare: Callable[[Path], str] = lambda _: "contoso") -> Found:
            root = Path(folder).resolve() / str(len(worlds))
            root.mkdir()
            worlds.append(Found(root, engine, "us", prepare))
            if seed:
                worlds[-1].seed(seed)
            worlds[-1].forget()
            return worlds[-1]

        try:
            yield make
        finally:
            for world in worlds:
                world.close()


def upn(name: str) -> str:
    return f"{name}@contoso-partner.onmicrosoft.com"


def users(*names: str, **more: Any) -> dict[str, Any]:
    return {upn(name): {"displayName": name.replace(".", " ").title(), **more} for name in names}


CLEAN = {
    "users": users("bob.berg", "cleo.dahl", "dan.eik"),
    "groups": {"AdminAgents": {"members": [upn("bob.berg")]}, "SalesAgents": {"members": [upn("cleo.dahl")]}},
    "roles": {"Billing Administrator": [upn("dan.eik")]},
}


def test_a_clean_tenant_is_taken_over_without_a_change_and_then_changes_by_review_alone(
    found: Callable[..., Found],
) -> None:
    world = found(CLEAN)
    with world.writes() as writes:
        adopted = world.adopt()
        exit_code, verified = world.verify()
    assert (exit_code, verified["changes"], verified["refusals"]) == (0, [], [])
    assert (verified["made"], verified["imports"]) == (True, adopted["imports"])
    assert (adopted["mode"], adopted["questions"]) == ("authoritative", [])
    assert writes == [], "nothing is written to the tenant"
    members = {group: world.graph.members(group) for group in ("AdminAgents", "HelpdeskAgents", "SalesAgents")}
    world.update().ok()
    assert {group: world.graph.members(group) for group in members} == members
    assert world.verify()[1]["imports"] == 0

    with world.declared() as tenant:
        tenant["people"]["cleo-dahl"]["roles"] = ["Sales agent", "Helpdesk agent"]
    exit_code, verified = world.verify()
    assert exit_code == 1
    assert f"{upn('cleo.dahl')} would get HelpdeskAgents" in verified["changes"]
    world.update().ok()
    assert world.graph.members("HelpdeskAgents") == {"cleo.dahl"}
    assert world.graph.members("AdminAgents") == members["AdminAgents"]
