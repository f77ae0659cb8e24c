"""The plugin by itself: its schema, what it installs, and what it refuses before anything is registered."""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pulumi
import pytest
from pulumi.runtime import rpc

from components.plugin import Plugin
from tenantry.declaration.document import read
from tenantry.reference.pulumi_schema import COMPONENT, VERSION
from tests.declaration.program import EVERY_FIELD, as_sent

SECRET = "canary-0123456789-abcdefghij-secret"


@pytest.fixture(autouse=True)
def own_loop() -> Iterator[None]:
    """Outputs need the thread's loop, which `asyncio.run` of any test before has taken away."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    asyncio.set_event_loop(None)
    loop.close()


@pytest.fixture
def schema() -> dict[str, Any]:
    return dict(json.loads(Plugin().schema or ""))


def arguments() -> dict[str, Any]:
    return {"tenant": as_sent(read(EVERY_FIELD).content), "passwordSecret": pulumi.Output.secret(SECRET)}


def refusal(inputs: dict[str, Any], component: str = COMPONENT) -> str:
    with pytest.raises(pulumi.InputPropertiesError) as refused:
        Plugin().construct("uk", component, inputs)
    # With errors of properties the engine prints their values; without a list at all the SDK fails.
    assert refused.value.errors == []
    return refused.value.message


def properties(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    component = schema["resources"][COMPONENT]
    for where in ("inputProperties", "properties"):
        yield from ((f"{where}.{name}", item) for name, item in component[where].items())
    for token, described in schema["types"].items():
        yield token, described
        yield from ((f"{token}.{name}", item) for name, item in described["properties"].items())


def test_every_input_and_output_says_what_it_is(schema: dict[str, Any]) -> None:
    found = dict(properties(schema))
    assert len(found) > 60
    assert {name for name, item in found.items() if not item.get("description", "").rstrip("`").endswith(".")} == set()
    assert not any(re.search("`[a-z]+_[a-z_]+`", item["description"]) for item in found.values())


def test_the_password_secret_and_the_passwords_are_secrets_and_nothing_else_is(schema: dict[str, Any]) -> None:
    secrets = {name for name, item in properties(schema) if item.get("secret")}
    assert secrets == {"inputProperties.passwordSecret", "properties.temporaryPasswords"}


def test_every_input_but_the_secret_is_plain_down_to_its_leaves(schema: dict[str, Any]) -> None:
    def plain(item: dict[str, Any]) -> bool:
        inner = item.get("items") or item.get("additionalProperties")
        return item.get("plain") is True and (inner is None or plain(inner))

    inputs = {name: item for name, item in properties(schema) if name.count(".") and not name.startswith("properties.")}
    assert {name for name, item in inputs.items() if not plain(item)} == {"inputProperties.passwordSecret"}


def test_the_package_has_the_version_of_the_project(schema: dict[str, Any]) -> None:
    assert (schema["version"], Plugin().version) == (VERSION, VERSION)


def test_the_plugin_installs_what_the_project_is_locked_to(root: Path) -> None:
    def pins(file: Path) -> dict[str, str]:
        return dict(re.findall(r"^([\w.-]+)==([^ ]+)", file.read_text(encoding="utf-8"), re.MULTILINE))

    installed, locked = pins(root / "components/requirements.txt"), pins(root / "requirements.lock")
    assert {"azure-identity", "httpx-retries", "pulumi", "pulumi-azuread", "pydantic", "ruamel-yaml"} <= set(installed)
    assert installed.items() <= locked.items(), "resolve it anew: make lock"


def test_what_is_secret_or_not_known_yet_is_refused_and_not_shown() -> None:
    inputs = arguments()
    inputs["tenant"]["people"]["ada"]["fullName"] = pulumi.Output.secret(SECRET)
    inputs["tenant"]["serves"] = [rpc.UNKNOWN]
    message = refusal(inputs)
    assert "tenant.people.ada.fullName: found a secret, or a value that is not known" in message
    assert "tenant.serves[0]: found a secret" in message
    assert SECRET not in message


@pytest.mark.parametrize("secret", [{}, {"passwordSecret": ""}])
def test_a_missing_password_secret_is_reported_beside_the_other_mistakes(secret: dict[str, Any]) -> None:
    inputs = {"tenant": arguments()["tenant"] | {"country": "UK"}, **secret}
    first, *messages = refusal(inputs).splitlines()
    assert first == "The declaration cannot be used; nothing was changed."
    assert [line.split(":")[0] for line in messages] == ["tenant.country", "passwordSecret"]
    assert "Fix: write GB" in messages[0]


def test_another_component_is_refused() -> None:
    assert "tenantry:index:AgentGroups" in refusal(arguments(), "tenantry:index:AgentGroups")


def test_the_plugin_ends_with_its_engine(root: Path) -> None:
    """One that outlives a killed engine would go on writing, and nobody would know."""
    engine = grpc.server(ThreadPoolExecutor(1))
    address = f"127.0.0.1:{engine.add_insecure_port('127.0.0.1:0')}"
    engine.start()
    command = [sys.executable, "components", address]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as plugin:
        assert plugin.stdout is not None
        assert plugin.stdout.readline().strip().isdigit()
        assert plugin.poll() is None
        engine.stop(0).wait()
        assert plugin.wait(60) == 0
