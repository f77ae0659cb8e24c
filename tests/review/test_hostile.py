"""Programs that somebody wrote to get through a review: isolated, and never reported as "no access changes"."""

import os
import socket
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tenantry.reports.review import CodeKind, Verdict
from tenantry.review.command import exit_code
from tenantry.sandbox.isolation import Limits, Sandbox
from tenantry.sandbox.recording import Recording, RecordingFailed, RecordingRequest, record

from .change import EVIL, PROGRAM, Edit, Reviewer, all_of, append

#: One worker reads the base, with which each program is compared.
pytestmark = pytest.mark.xdist_group("hostile")
MIB = 1024 * 1024
Run = Callable[..., Recording]


@pytest.fixture(scope="module")
def reviewer(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Reviewer:
    """One that isolates programs, as the product does."""
    return Reviewer(root, tmp_path_factory.mktemp("hostile"), Sandbox)


def program(text: str) -> Edit:
    return append(PROGRAM, textwrap.dedent(text))


def file(name: str, text: str) -> Edit:
    def change(project: Path) -> None:
        (project / name).write_text(textwrap.dedent(text))

    return change


ONLY_FOR_REAL = f"""
import pulumi_azuread as azuread
import pulumi.runtime.settings as settings

if "Recorder" not in type(settings.get_monitor()).__name__:
    azuread.DirectoryRoleAssignment(
        "hidden", role_id="62e90394-69f5-4237-9190-012177145e10", principal_object_id="{EVIL}"
    )
print("# Review: no access changes", flush=True)
"""
OUT_OF_THE_RECORD = f"""
import gc, io, json
import pulumi_azuread as azuread

azuread.DirectoryRoleAssignment(
    "hidden", role_id="62e90394-69f5-4237-9190-012177145e10", principal_object_id="{EVIL}"
)
keeper = next(thing for thing in gc.get_objects() if type(thing).__name__ == "Recorder")
write = keeper.write
def cleaned(file, error):
    held = io.StringIO()
    write(held, error)
    written = json.loads(held.getvalue())
    written["resources"] = [one for one in written["resources"] if one["name"] != "hidden"]
    json.dump(written, file)
keeper.write = cleaned
"""
ITS_OWN_RECORDING = """
import json, os
with open(os.path.join(os.environ["TMPDIR"], "recording.json"), "w") as file:
    json.dump({"resources": [], "outputs": {}, "error": None}, file)
os._exit(0)
"""
NO_RECORDING = """
import os
os.symlink("/etc/passwd", os.path.join(os.environ["TMPDIR"], "recording.json"))
os._exit(0)
"""
A_PIPE = """
import os
os.mkfifo(os.path.join(os.environ["TMPDIR"], "recording.json"))
os._exit(0)
"""


@pytest.mark.parametrize(
    ("attack", "verdicts"),
    [
        pytest.param(program(ONLY_FOR_REAL), {Verdict.CODE_CHANGES}, id="registers differently when it is recorded"),
        pytest.param(program(OUT_OF_THE_RECORD), {Verdict.CODE_CHANGES}, id="takes itself out of the recording"),
        pytest.param(program(ITS_OWN_RECORDING), {Verdict.REFUSED}, id="writes the recording itself"),
        pytest.param(program(NO_RECORDING), {Verdict.NOT_EVALUATED}, id="leaves a link instead of a recording"),
        pytest.param(program(A_PIPE), {Verdict.NOT_EVALUATED}, id="leaves a pipe instead of a recording"),
    ],
)
def test_a_program_that_lies_is_never_no_access_changes(
    reviewer: Reviewer, attack: Edit, verdicts: set[Verdict]
) -> None:
    report = reviewer.review(attack)
    assert report.verdict in verdicts
    assert [change.kind for change in report.code] == [CodeKind.PROGRAM]
    assert "No access changes" not in report.headline
    assert "# Review" not in report.model_dump_json()


def test_what_lies_beside_the_program_is_no_part_of_the_recorder(reviewer: Reviewer) -> None:
    beside = ("pulumi", "sitecustomize", "usercustomize", "json", "argparse", "google")
    shadows = all_of(*(file(f"{name}.py", "raise SystemExit('not the real one')\n") for name in beside))
    report = reviewer.review(shadows)
    assert report.verdict is Verdict.CODE_CHANGES
    assert sorted(change.path for change in report.code) == sorted(f"{name}.py" for name in beside)


def test_a_program_that_does_not_end_is_not_evaluated(reviewer: Reviewer) -> None:
    report = reviewer.review(program("import time\ntime.sleep(600)\n"), limits=Limits(seconds=5))
    assert report.verdict is Verdict.NOT_EVALUATED
    assert exit_code(report, None) == 1
    (part,) = report.everything_not_evaluated
    assert part.side == "head"
    assert "did not end within 5 seconds" in part.why


# What the sandbox keeps in


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    return Sandbox()


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Records a program of its own in the sandbox."""

    def run(text: str, sandbox: Sandbox, seconds: float = 60) -> Recording:
        folder = tmp_path / "program"
        folder.mkdir(exist_ok=True)
        (folder / "__main__.py").write_text(textwrap.dedent(text))
        request = RecordingRequest(project="hostile", stack="dev")
        return record(folder, request, start=sandbox.start, timeout=seconds)

    return run


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        yield server


def isolated(sandbox: Sandbox) -> None:
    if sandbox.missing:
        pytest.skip(f"this machine cannot: {sandbox.warnings()}")


def test_nothing_outside_can_be_reached_read_from_the_environment_or_written(
    run: Run, sandbox: Sandbox, listener: socket.socket, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "canary-of-the-environment")
    service = socket.socket(socket.AF_UNIX)
    service.bind(str(tmp_path / "service"))
    service.listen()
    port, outside, core = listener.getsockname()[1], tmp_path / "outside", Path(__file__).parents[2] / "tenantry"
    recording = run(
        f"""
        import glob, os, socket, subprocess, pulumi

        def tried(what):
            try:
                what()
                return "done"
            except OSError as error:
                return type(error).__name__

        def seen():
            found = ""
            for name in glob.glob("/proc/[0-9]*/environ"):
                try:
                    found += open(name, errors="replace").read()
                except OSError:
                    pass
            return found

        pulumi.export("network", tried(lambda: socket.create_connection(("127.0.0.1", {port}), 2)))
        talk = socket.socket(socket.AF_UNIX)
        pulumi.export("service", tried(lambda: talk.connect("{tmp_path / "service"}")))
        pulumi.export("written", [
            tried(lambda: open("{outside}", "w").write("x")),
            tried(lambda: open("{core}/__init__.py", "a").close()),
            tried(lambda: open("__main__.py", "a").write("\\n")),
        ])
        pulumi.export("own", tried(lambda: open(os.environ["TMPDIR"] + "/x", "w").write("x")))
        pulumi.export("environment", "canary" in seen() or "canary" in str(dict(os.environ)))
        subprocess.run(["/bin/sh", "-c", "mount -o remount,rw,bind / 2>/dev/null; touch {outside}"], check=False,
                       stderr=subprocess.DEVNULL)
        """,
        sandbox,
    )
    isolated(sandbox)
    assert recording.error is None
    assert recording.outputs["network"] == "OSError"
    assert recording.outputs["service"] == "ConnectionRefusedError"
    assert recording.outputs["written"] == ("OSError", "OSError", "OSError")
    assert recording.outputs["own"] == "done"
    assert recording.outputs["environment"] is False
    assert not outside.exists()
    with pytest.raises(TimeoutError):
        listener.accept()


def test_what_a_program_starts_ends_with_it(run: Run, sandbox: Sandbox) -> None:
    mark = f"9{os.getpid()}.125"
    code = f"import os, ctypes; os.setsid(); ctypes.CDLL(None).prctl(1, 0); os.execv('/bin/sleep', ['sleep', '{mark}'])"
    run(f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {code!r}])\n", sandbox)
    isolated(sandbox)
    with pytest.raises(RecordingFailed, match="did not end within 3 seconds"):
        run(
            f"import subprocess, sys, time\nsubprocess.Popen([sys.executable, '-c', {code!r}])\ntime.sleep(600)\n",
            sandbox,
            3,
        )
    end = time.monotonic() + 20  # a kill takes a moment to arrive
    while (left := [line for line in processes() if mark in line]) and time.monotonic() < end:
        time.sleep(0.05)
    assert left == []


def processes() -> list[str]:
    return [
        place.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        for place in Path("/proc").glob("[0-9]*/cmdline")
        if os.access(place, os.R_OK)
    ]


def test_a_program_gets_as_much_memory_as_it_may_have_and_no_more(run: Run) -> None:
    recording = run("held = bytearray(3 * 1024**3)\n", Sandbox(Limits(memory=2048 * MIB)))
    assert recording.error is not None
    assert recording.error.type == "MemoryError"


def test_a_program_that_writes_without_end_leaves_no_recording(run: Run) -> None:
    endless = "import pulumi\nfor n in range(40): pulumi.export(f'x{n}', 'x' * 1024**2)\n"
    with pytest.raises(RecordingFailed, match=r"left no recording|cannot be read"):
        run(endless, Sandbox(Limits(file_size=8 * MIB)))


def test_a_report_warns_of_what_a_sandbox_lacks(
    reviewer: Reviewer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    launcher = tmp_path / "launcher.py"
    text = (Path(__file__).parents[2] / "tenantry/sandbox/launcher.py").read_text()
    launcher.write_text(text.replace('sys.platform == "linux" and _isolated()', "False"))
    monkeypatch.setattr("tenantry.sandbox.isolation._LAUNCHER", launcher)
    report = reviewer.review(lambda _: None)
    assert report.verdict is Verdict.NO_CHANGES
    assert any("the program could reach the network" in warning for warning in report.warnings)
    assert len(report.warnings) == 3
