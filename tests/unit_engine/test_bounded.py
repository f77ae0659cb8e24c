import os
import sys
import time
from pathlib import Path

import pytest

from tenantry.engine.bounded import StalledError, last_line, run_while_it_progresses


def run(body: str, watch: Path, patience: float):
    return run_while_it_progresses(["/bin/sh", "-c", body], watch=watch, patience=patience)


def test_a_program_that_ends_gives_its_code_and_output(tmp_path: Path):
    finished = run("echo out; echo err >&2; exit 3", tmp_path, 10)
    assert (finished.exit_code, finished.output) == (3, "out\nerr\n")


def test_it_gets_no_input(tmp_path: Path):
    assert run("cat; echo end", tmp_path, 10).output == "end\n"


@pytest.mark.parametrize("progress", ["echo .", 'printf . >> "$TMPDIR/download"'])
def test_slow_is_not_stalled(tmp_path: Path, progress: str):
    # Longer than the bound in all, and each step far shorter, since a busy machine adds to it.
    finished = run(f"for i in 1 2 3 4 5 6 7; do {progress}; sleep 0.5; done", tmp_path / "new", 3)
    assert finished.exit_code == 0


def test_a_stalled_program_is_ended_with_everything_it_started(tmp_path: Path):
    with pytest.raises(StalledError, match=r"no progress for 3 s") as caught:
        run(f"sleep 1000 & echo $! > {tmp_path}/child; echo connecting; wait", tmp_path, 3)
    assert caught.value.output == "connecting\n"
    child = int((tmp_path / "child").read_text())
    while is_alive(child):  # a kill takes a moment to arrive; the suite's own bound ends a wait that has no end
        time.sleep(0.01)


def is_alive(process: int) -> bool:
    """Whether a process still runs; one that whoever inherits it has not reaped yet does not."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    try:
        return Path(f"/proc/{process}/stat").read_text().split(") ")[1][0] not in "ZX"
    except FileNotFoundError:
        return sys.platform != "linux"


@pytest.mark.parametrize(
    ("output", "line"),
    [("a\nb\n\n", "b"), ("warning: a\nerror: b\n", "b"), ("", "no output"), (" \n", "no output")],
)
def test_the_reason_is_the_last_line(output: str, line: str):
    assert last_line(output) == line
