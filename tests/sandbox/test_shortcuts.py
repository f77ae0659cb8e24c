"""Shortcuts through the SDK change what a recording costs, and nothing of what it says."""

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import make_dataclass
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.runtime import rpc

from tenantry.declaration import load
from tenantry.review.observe import _answers
from tenantry.sandbox import recording
from tenantry.sandbox.recorder import Later, Shortcuts

from .conftest import request
from .sample import ADA, HELPDESK, PASSWORD, PEOPLE, PROGRAM, write_program

_WITHOUT = """
import runpy, sys
recorder = runpy.run_path(sys.argv.pop(1))
recorder["Shortcuts"].fit = lambda self: False
sys.exit(recorder["main"]())
"""
_EXISTING = {
    ADA: {"id": f"/users/{HELPDESK}", "outputs": {"objectId": HELPDESK, "displayName": "Ada Byron", "aboutMe": "x"}}
}
#: Uses of outputs before and after their resource is registered, dependencies, aliases, plain and remote components.
_ALL_KINDS = """
import asyncio
import pulumi
import pulumi_azuread as azuread

class Plugin(pulumi.ComponentResource):
    def __init__(self):
        super().__init__("other:index:Plugin", "plugin", {"wanted": "x", "group_id": None}, remote=True)

class Plain(pulumi.ComponentResource):
    def __init__(self, group):
        super().__init__("tenantry:test:Plain", "plain", {"group": group, "none": None, "list": [None, 1]})
        self.register_outputs({"group": group.object_id, "nothing": None})

group = azuread.Group("a", display_name="A", security_enabled=True, description=pulumi.Output.from_input(None))
plain = Plain(group)
plugin = Plugin()
child = azuread.Group(
    "b",
    display_name=pulumi.Output.concat("B of ", group.object_id),
    security_enabled=group.security_enabled,
    description=pulumi.Output.secret("hush-hush").apply(lambda text: text.upper()),
    opts=pulumi.ResourceOptions(
        parent=plain,
        aliases=[pulumi.Alias(name="c", parent=group), pulumi.Alias(parent=None)],
        depends_on=[group, plugin],
        deleted_with=group,
    ),
)

async def later():
    await asyncio.sleep(0.01)
    return await child.display_name.future()

def more(name):
    return azuread.Group("made-in-an-apply", display_name=name, security_enabled=True).object_id

pulumi.export("late", later())
pulumi.export("urn", pulumi.create_urn("n", "t:t:T", child))
pulumi.export("all", pulumi.Output.all(group=group, ids=[group.id, child.id], missing=group.mail, wanted=plugin.urn))
pulumi.export("in an apply", child.display_name.apply(more))
pulumi.export("recovered", group.mail.apply(lambda mail: mail["no"]).recover(lambda problem: type(problem).__name__))
pulumi.export("again", child.description.apply(lambda text: text and [text, child.security_enabled]))
"""
_FAILS = """
import pulumi
import pulumi_azuread as azuread

first = azuread.User("first", display_name="F", user_principal_name="f@x", password=pulumi.Output.secret("hush-hush"))
pulumi.export("first", first.display_name)
second = azuread.Group("second", display_name=first.password.apply(lambda value: {}[value]), security_enabled=True)
pulumi.export("second", second.display_name)
"""
_REFUSED = """
import pulumi
import pulumi_azuread as azuread

def transformed(args):
    return None

azuread.Group("one", display_name="A", security_enabled=True, opts=pulumi.ResourceOptions(transforms=[transformed]))
two = azuread.Group("two", display_name="A", security_enabled=True)
pulumi.export("two", two.object_id)
"""


def documents(program: Path, folder: Path, **more: Any) -> list[dict[str, Any]]:
    """What is recorded with shortcuts and without, as far as order does not matter."""
    found = []
    for number, start in enumerate(([str(recording._RECORDER)], ["-c", _WITHOUT, str(recording._RECORDER)])):
        output, asked = folder / f"{number}.json", folder / "request.json"
        asked.write_text(json.dumps(request().model_dump(mode="json") | {"output": str(output)} | more))
        subprocess.run([sys.executable, "-P", *start, program, asked], capture_output=True, timeout=60, check=False)
        document = json.loads(output.read_text())
        document["resources"] = {resource["urn"]: resource for resource in document["resources"]}
        found.append(document)
    return found


def test_they_fit_the_installed_sdk() -> None:
    assert Shortcuts().fit()


@pytest.mark.parametrize(
    "changed", [lambda res, props: None, lambda res, inputs, custom: None, None], ids=["fewer", "another", "gone"]
)
def test_an_sdk_whose_functions_take_something_else_is_left_alone(
    changed: Callable[..., None] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if changed:
        monkeypatch.setattr(rpc, "transfer_properties", changed)
    else:
        monkeypatch.delattr(rpc, "transfer_properties")
    assert not Shortcuts().fit()


_FIELDS = ("resources", "value", "is_known", "is_secret")


@pytest.mark.parametrize(
    "changed",
    [make_dataclass("Data", _FIELDS[:3]), make_dataclass("Data", (*_FIELDS, "more")), dict],
    ids=["fewer", "more", "another kind"],
)
def test_an_sdk_that_keeps_something_else_of_an_output_is_left_alone(
    changed: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulumi.output, "_OutputData", changed)
    assert not Shortcuts().fit()


def test_the_order_in_which_an_sdk_keeps_what_is_of_an_output_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulumi.output, "_OutputData", make_dataclass("Data", _FIELDS[::-1]))
    assert Shortcuts().fit()

    async def settled() -> Any:
        later = Later(None)
        later.resolve("x", is_known=True, is_secret=False)
        return await later._data

    data = asyncio.run(settled())
    assert (data.value, data.is_known, data.is_secret, data.resources) == ("x", True, False, set())


@pytest.mark.parametrize("preview", [True, False], ids=["preview", "update"])
@pytest.mark.parametrize("main", [PROGRAM, _ALL_KINDS, _FAILS, _REFUSED], ids=["sample", "kinds", "fails", "refused"])
def test_a_recording_is_the_same_without_them(main: str, preview: bool, tmp_path: Path) -> None:
    program = write_program(tmp_path / "program", main, people=PEOPLE)
    with_them, without = documents(program, tmp_path, preview=preview)
    assert with_them == without
    assert bool(with_them["error"]) == (main in (_FAILS, _REFUSED))
    assert len(with_them["resources"]) > 1


def test_existing_resources_and_revealed_secrets_are_the_same_without_them(tmp_path: Path) -> None:
    program = write_program(tmp_path / "program", PROGRAM, people=PEOPLE)
    with_them, without = documents(program, tmp_path, resources=_EXISTING, reveal_secrets=True)
    assert with_them == without
    assert PASSWORD in json.dumps(with_them["outputs"])


@pytest.mark.parametrize(("partner", "tenant"), [("partners/contoso", "us"), ("examples/adatum", "us")])
def test_our_own_program_is_recorded_the_same_without_them(
    partner: str, tenant: str, root: Path, tmp_path: Path
) -> None:
    name = Path(partner).name
    shutil.copy(root / "__main__.py", tmp_path)
    for source, target in (("components", "components"), (partner, f"partners/{name}")):
        shutil.copytree(root / source, tmp_path / target)
    with_them, without = documents(
        tmp_path,
        tmp_path,
        project="sample",
        stack="one",
        config={"tenantry:tenant": f"{name}/{tenant}", "tenantry:passwordSecret": PASSWORD * 2},
        secret_config_keys=["tenantry:passwordSecret"],
        preview=False,
        invokes=[item.model_dump() for item in _answers(load(root / partner).tenants[tenant])],
    )
    assert with_them == without
    assert not with_them["error"]
    assert len(with_them["resources"]) > 20


def test_a_resource_that_nobody_waits_for_fails_the_recording(tmp_path: Path) -> None:
    """Were the SDK to stop waiting too soon, what it did not register would look as if it were not there.

    Here neither the stack is registered nor what is in it.
    """
    main = """
        import pulumi
        from pulumi.runtime.settings import SETTINGS

        pulumi.ComponentResource("a:b:C", "lost")
        SETTINGS.outputs.clear()
        """
    with_them, _ = documents(write_program(tmp_path / "program", main), tmp_path)
    assert with_them["error"]["message"] == "resources that the program made, and that were never registered: 2"
