"""How programs run under the recorder, and how they fail."""

import ast
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tenantry.sandbox import recording
from tenantry.sandbox.recording import (
    UNKNOWN,
    ExistingResource,
    InvokeAnswer,
    Recording,
    RecordingFailed,
    SecretValue,
    record,
    reference,
)

from .conftest import request, run_recorder
from .sample import ADMIN_AGENTS, PASSWORD, STACK, urn, write_program

Recorded = Callable[..., Recording]


def test_the_recorder_stands_alone() -> None:
    tree = ast.parse(recording._RECORDER.read_text())
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "." for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    foreign = {name.split(".")[0] for name in imported} - set(sys.stdlib_module_names)
    assert foreign == {"pulumi", "google"}  # google.protobuf is what the messages of pulumi are made of


def test_a_program_runs_in_its_own_folder_and_knows_nothing_of_our_environment(
    recorded: Recorded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ARM_CLIENT_SECRET", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG", "GITHUB_TOKEN", "PYTHONPATH"):
        monkeypatch.setenv(name, "{}")
    run = recorded(
        """
        import os, sys, pulumi
        pulumi.export("environment", dict(os.environ))
        pulumi.export("folders", [os.getcwd(), sys.path[0], os.path.dirname(sys.argv[0]), os.path.dirname(__file__)])
        pulumi.export("stack", [pulumi.get_project(), pulumi.get_stack(), pulumi.runtime.is_dry_run()])
        pulumi.export("config", pulumi.Config("azuread").require("tenantId"))
        pulumi.export("stdin", sys.stdin.read())
        """,
        alone=True,
    )
    environment = run.outputs["environment"]
    assert isinstance(environment, dict)
    assert environment["EXTRA"] == "yes"
    assert environment["PYTHONHASHSEED"] == "0"
    assert not environment.keys() & {"HOME", "PATH", "GITHUB_TOKEN", "PYTHONPATH"}
    assert not [name for name in environment if name.startswith(("ARM_", "PULUMI_"))]
    assert run.outputs["folders"] == (str((tmp_path / "program").resolve()),) * 4
    assert run.outputs["stack"] == ("sample", "dev", True)
    assert run.outputs["config"] == "t"
    assert run.outputs["stdin"] == ""
    assert [path.name for path in (tmp_path / "program").iterdir()] == ["__main__.py"]


def test_what_a_recording_cannot_know_is_unknown_outside_a_preview_too(recorded: Recorded) -> None:
    run = recorded(
        """
        import sys
        import pulumi
        import pulumi_azuread as azuread

        class Plugin(pulumi.ComponentResource):
            def __init__(self, opts=None):
                props = {"wanted": "x", "group_id": None}
                super().__init__("other:index:Plugin", "plugin", props, opts, remote=True)

        class Plain(pulumi.ComponentResource):
            def __init__(self, group, empty):
                super().__init__("tenantry:test:Plain", "plain", {"group": group, "all": [empty, 1]})
                pulumi.export("own", self.group.apply(lambda own: own.object_id))

        async def main():
            plugin = Plugin()
            mine = azuread.Group("mine", display_name="m")
            found = azuread.Group.get("found", plugin.group_id)
            group = azuread.Group("group", display_name="g", members=[found.object_id, mine])
            Plain(group, pulumi.ComponentResource("tenantry:test:Empty", "empty"))
            return {"found": found.object_id, "from_plugin": plugin.group_id}

        pulumi.run(main)
        sys.exit(0)
        """,
        preview=False,
    )
    assert run.error is None
    by_name = {resource.name: resource for resource in run.resources}
    assert by_name["plugin"].remote
    assert by_name["plugin"].inputs == {"wanted": "x"}
    assert run.outputs == {"found": UNKNOWN, "from_plugin": UNKNOWN, "own": UNKNOWN}
    assert by_name["found"].id is UNKNOWN
    assert by_name["group"].inputs["members"] == (UNKNOWN, reference(by_name["mine"].urn, "id"))
    assert by_name["plain"].inputs == {"group": by_name["group"].id, "all": (by_name["empty"].urn, 1)}


def test_what_is_independent_is_recorded_in_the_order_of_the_program(tmp_path: Path) -> None:
    program = write_program(
        tmp_path / "program",
        """
        import asyncio, sys, threading
        import pulumi
        import pulumi_azuread as azuread
        for number in range(60):
            azuread.Group(f"group-{number}", display_name="g", description="d", mail_nickname="m", owners=[])
        pulumi.export("path", sys.path)

        async def main():
            pulumi.export("in_place", await asyncio.to_thread(threading.current_thread) is threading.main_thread())

        pulumi.run(main)
        """,
    )
    document = run_recorder(program, tmp_path / "recording.json").document
    groups = [resource for resource in document["resources"] if resource["custom"]]
    assert [group["name"] for group in groups] == [f"group-{number}" for number in range(60)]
    assert all(list(group["inputs"]) == sorted(group["inputs"]) for group in groups)
    assert document["outputs"]["in_place"] is True
    assert document["outputs"]["path"][0] == str(program.resolve())
    assert str(recording._RECORDER.parent) not in document["outputs"]["path"]


def test_an_ignored_change_leaves_an_existing_resource_as_it_is(recorded: Recorded) -> None:
    group = urn("azuread:index/group:Group", "group")
    run = recorded(
        """
        import pulumi
        import pulumi_azuread as azuread
        secret = pulumi.ResourceOptions(ignore_changes=["display_name"], additional_secret_outputs=["mail"])
        group = azuread.Group("group", display_name="New", description="New", opts=secret)
        pulumi.export("group", [group.display_name, group.description, group.mail])
        """,
        resources={
            group: ExistingResource(id="/groups/1", outputs={"displayName": "Old", "description": "Old", "mail": "m"})
        },
    )
    assert run.outputs["group"] == ("Old", "New", SecretValue())


def test_an_unanswered_invoke_fails_the_program_even_where_it_looks_away(recorded: Recorded) -> None:
    run = recorded(
        f"""
        import pulumi
        import pulumi_azuread as azuread
        try:
            azuread.get_group(display_name="AdminAgents", mail_nickname="{PASSWORD}")
        except Exception:
            pass
        pulumi.export("after", "all")
        """
    )
    args = {"displayName": "AdminAgents", "mailNickname": "[secret]"}
    assert run.error is not None
    assert run.error.type == "UnansweredInvoke"
    assert run.error.message == f"no answer for azuread:index/getGroup:getGroup with {json.dumps(args)}"


def test_the_answer_to_an_invoke_is_the_first_that_its_arguments_include(recorded: Recorded) -> None:
    token = "azuread:index/getGroup:getGroup"
    run = recorded(
        """
        import pulumi
        import pulumi_azuread as azuread
        for name in ("AdminAgents", "HelpdeskAgents"):
            pulumi.export(name, azuread.get_group_output(display_name=name, security_enabled=True).object_id)
        """,
        invokes=(
            InvokeAnswer(token="azuread:index/getUser:getUser", result={"objectId": "user"}),
            InvokeAnswer(token=token, args={"displayName": "AdminAgents"}, result={"objectId": ADMIN_AGENTS}),
            InvokeAnswer(token=token, result={"objectId": "any"}),
        ),
    )
    assert run.outputs == {"AdminAgents": ADMIN_AGENTS, "HelpdeskAgents": "any"}


def test_a_program_that_raises_gives_its_error_its_own_frames_and_no_secret(tmp_path: Path) -> None:
    program = write_program(
        tmp_path / "program",
        """
        import asyncio
        import pulumi
        import pulumi_azuread as azuread
        from helper import refuse

        password = pulumi.Config().require_secret("password")
        azuread.User("ada", display_name="Ada", user_principal_name="ada@contoso.com", password=password)
        literal = pulumi.Output.secret("literal-canary")
        azuread.User("bob", display_name="Bob", user_principal_name="bob@contoso.com", password=literal)
        pulumi.log.warn("the password is " + pulumi.Config().require("password"))
        for _ in range(3):
            pulumi.Output.all(password, literal).apply(lambda both: refuse(*both))

        async def fail():
            refuse(pulumi.Config().require("password"), "")

        async def main():
            asyncio.ensure_future(fail())  # nobody waits for it: asyncio itself would show its error
            await asyncio.sleep(0.01)

        pulumi.run(main)
        """,
        helper="def refuse(a, b):\n    raise ValueError(f'{a} and {b} are no good')  # literal-canary\n",
    )
    run = run_recorder(program, tmp_path / "recording.json")
    assert run.exit_code == 1
    assert run.document["error"] == {
        "type": "ValueError",
        "message": "[secret] and [secret] are no good",
        "traceback": [
            {"file": "__main__.py", "line": 13, "function": "<lambda>"},
            {"file": "helper.py", "line": 2, "function": "refuse"},
        ],
    }
    assert run.stderr == "warning: the password is [secret]\n"
    assert PASSWORD not in run.text
    assert "literal-canary" not in run.text


@pytest.mark.parametrize(
    ("main", "type_", "message"),
    [
        ("import pulumi; raise pulumi.RunError('wrong tenant')", "RunError", "wrong tenant"),
        ("import sys; sys.exit(3)", "RunError", "the program ended itself: 3"),
        ("def f(:", "SyntaxError", "invalid syntax"),
        (
            "import pulumi; [pulumi.ComponentResource('a:b:C', 'same') for _ in range(2)]",
            "NotRecordable",
            f"two resources have the URN {STACK.rsplit('::', 2)[0]}::a:b:C::same",
        ),
        (
            "import pulumi; pulumi.runtime.register_resource_transform(lambda args: None)",
            "NotRecordable",
            "the program transforms resources in the engine",
        ),
        (
            "import pulumi\npulumi.ComponentResource('a:b:C', 'c', {}, "
            "pulumi.ResourceOptions(transforms=[lambda args: None]))",
            "NotRecordable",
            "c has transforms, which only the engine runs",
        ),
    ],
)
def test_a_program_that_cannot_be_recorded_says_why(recorded: Recorded, main: str, type_: str, message: str) -> None:
    error = recorded(main).error
    assert error is not None
    assert error.type == type_
    assert message in error.message


@pytest.mark.parametrize(
    ("main", "message"),
    [
        ("import os; os._exit(0)", r"left no recording \(exit code 0\)$"),
        (
            "import os, sys, pulumi\nprint(pulumi.Config().require('password'), file=sys.stderr, flush=True)\n"
            "os._exit(7)",
            r"left no recording \(exit code 7\): \[secret\]$",
        ),
        ("import atexit, os; atexit.register(os._exit, 3)", "exit code, 3, contradicts"),
        (
            "import atexit, gc\n[request] = [one for one in gc.get_objects() if type(one).__name__ == 'Request']\n"
            "atexit.register(lambda: open(request.output, 'w').write('{}'))",
            "a recording that cannot be read",
        ),
    ],
)
def test_no_recording_is_a_failure_and_never_an_empty_one(recorded: Recorded, main: str, message: str) -> None:
    with pytest.raises(RecordingFailed, match=message):
        recorded(main, alone=True)


def test_a_program_that_does_not_end_is_stopped(recorded: Recorded) -> None:
    with pytest.raises(RecordingFailed, match=r"did not end within 0\.5 seconds"):
        recorded("import time; time.sleep(60)", alone=True, timeout=0.5)


def test_an_interpreter_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordingFailed, match=r"cannot start .*no-python: No such file"):
        record(tmp_path, request(), python=tmp_path / "no-python")
