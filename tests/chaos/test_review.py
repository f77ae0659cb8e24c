"""A review that is killed: what it ran ends with it, and the working tree is as it was."""

import signal
import subprocess
import time
from pathlib import Path

from . import chaos
from .conftest import Repository

ENDLESS = "\nimport time\ntime.sleep(86_400)\n"


def git(repository: Repository, *arguments: str) -> str:
    names = ("-c", "user.name=Ada", "-c", "user.email=ada@contoso.example")
    ran = subprocess.run(["git", *names, *arguments], cwd=repository.root, capture_output=True, text=True, check=True)
    return ran.stdout


def recorders() -> dict[int, str]:
    """The processes that run a program for a review, by id."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if ("sandbox/launcher.py" in command or "sandbox/recorder.py" in command) and state != "Z":
            found[int(folder.name)] = command
    return found


@chaos
def test_what_a_killed_review_ran_ends_with_it_and_the_working_tree_stays(repository: Repository) -> None:
    git(repository, "init", "-q", "-b", "main")
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "before")
    program = repository.root / "__main__.py"
    program.write_text(program.read_text() + ENDLESS)
    before = git(repository, "status", "--porcelain", "--untracked-files=all")
    others = recorders()

    review = repository.start("review")
    end = time.monotonic() + 60
    while not (own := recorders().keys() - others.keys()) and time.monotonic() < end:
        assert review.poll() is None, review.communicate()
        time.sleep(0.05)
    assert own
    time.sleep(1)
    own = recorders().keys() - others.keys()
    review.send_signal(signal.SIGKILL)
    review.communicate(timeout=10)

    end = time.monotonic() + 20
    while own & recorders().keys() and time.monotonic() < end:
        time.sleep(0.1)
    assert own & recorders().keys() == set()
    assert git(repository, "status", "--porcelain", "--untracked-files=all") == before
