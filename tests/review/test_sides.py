"""How the two sides of a review are found and laid out: as they are stored, whatever the repository says of itself."""

import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tenantry.sandbox.checkout import WORKING_TREE, Revision, RevisionError, Source, check_out, sources
from tenantry.sandbox.git import Repository

Git = Callable[..., str]
LayOut = Callable[[Source], Revision]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return (tmp_path / "repository").resolve()


@pytest.fixture
def git(here: Path) -> Git:
    """A repository with one commit on main, which is a project."""
    here.mkdir()
    quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}

    def run(*arguments: str) -> str:
        named = ("-c", "user.name=Ada", "-c", "user.email=ada@contoso.com", "-c", "init.defaultBranch=main")
        return subprocess.run(
            ["git", *named, *arguments],
            cwd=here,
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, **quiet},
        ).stdout.strip()

    run("init", "-q")
    (here / "Pulumi.yaml").write_text("name: sample\n")
    (here / "people.txt").write_text("ada\n")
    run("add", "-A")
    run("commit", "-qm", "Begin")
    return run


@pytest.fixture
def laid_out(tmp_path: Path) -> LayOut:
    def lay(source: Source) -> Revision:
        top = tmp_path / "side"
        top.mkdir()
        return check_out(source, "head", top)

    return lay


def new_folder(at: Path) -> Path:
    return Path(tempfile.mkdtemp(dir=at))


def test_left_out_the_sides_are_where_head_left_the_default_branch_and_the_working_tree(
    here: Path, git: Git, laid_out: LayOut
) -> None:
    left = git("rev-parse", "HEAD")
    git("checkout", "-qb", "hire")
    (here / "people.txt").write_text("ada\njana\n")
    git("commit", "-qam", "Hire")
    git("checkout", "-q", "main")
    (here / "later.txt").write_text("later\n")
    git("add", "-A")
    git("commit", "-qm", "Go on")
    git("checkout", "-q", "hire")
    (here / "people.txt").write_text("ada\njana\nomar\n")
    (here / "new.txt").write_text("not added\n")
    (here / ".gitignore").write_text("ignored.txt\n")
    (here / "ignored.txt").write_text("ignored\n")

    base, head = sources(None, None, here)
    assert (base.commit, base.label) == (left, f"{left[:10]} (where it left main)")
    assert head.label == WORKING_TREE
    side = laid_out(head)
    assert (side.top / "people.txt").read_text() == "ada\njana\nomar\n"
    assert sorted(side.files) == [".gitignore", "Pulumi.yaml", "new.txt", "people.txt"]


def test_a_file_that_is_deleted_in_the_working_tree_is_not_there(here: Path, git: Git, laid_out: LayOut) -> None:
    (here / "people.txt").unlink()
    assert sorted(laid_out(sources("main", None, here)[1]).files) == ["Pulumi.yaml"]


def test_a_revision_is_named_with_its_commit(here: Path, git: Git) -> None:
    commit = git("rev-parse", "HEAD")
    base, head = sources("main", commit[:8], here)
    assert base.label == f"main ({commit[:10]})"
    assert head.label == commit[:10]


def test_no_filter_attribute_or_hook_has_a_say(here: Path, git: Git, laid_out: LayOut, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    (here / ".gitattributes").write_text(
        "people.txt export-ignore\nPulumi.yaml filter=evil export-subst\n*.txt filter=lfs text eol=crlf\n"
    )
    git("config", "filter.evil.smudge", f"touch {trace}; echo smudged")
    git("config", "core.fsmonitor", f"touch {trace}")
    hook = here / ".git/hooks/post-checkout"
    hook.write_text(f"#!/bin/sh\ntouch {trace}\n")
    hook.chmod(0o755)
    git("-c", "core.fsmonitor=false", "add", "-A")
    git("-c", "core.fsmonitor=false", "commit", "-qm", "Have a say")
    trace.unlink(missing_ok=True)

    side = laid_out(sources("main", "HEAD", here)[1])
    assert (side.top / "people.txt").read_bytes() == b"ada\n"
    assert (side.top / "Pulumi.yaml").read_bytes() == b"name: sample\n"
    assert not trace.exists()


def test_a_link_that_leads_out_is_left_out_and_reported_also_through_another(
    here: Path, git: Git, laid_out: LayOut
) -> None:
    (here / "inside").symlink_to("people.txt")
    (here / "away").symlink_to("/etc")
    (here / "self").symlink_to(".")
    (here / "through").symlink_to("self/../../repository/people.txt")
    (here / "up").symlink_to("self/self/..")
    git("add", "-A")
    git("commit", "-qm", "Link")
    side = laid_out(sources("main", "HEAD", here)[1])
    assert (side.top / "inside").read_text() == "ada\n"
    assert not any((side.top / name).is_symlink() for name in ("away", "through", "up"))
    assert sorted(item.what for item in side.not_evaluated) == ["away", "through", "up"]


def test_no_file_is_written_through_a_link(here: Path, git: Git, laid_out: LayOut, tmp_path: Path) -> None:
    # No working tree can hold both, but a tree can be made that does.
    outside = tmp_path / "outside"
    outside.mkdir()
    blob, link = (
        subprocess.run(
            ["git", "hash-object", "-w", "--stdin"], cwd=here, input=text, capture_output=True, text=True, check=True
        ).stdout.strip()
        for text in ("owned\n", str(outside))
    )

    def tree(lines: str) -> str:
        return subprocess.run(
            ["git", "mktree", "--missing"], cwd=here, input=lines, capture_output=True, text=True, check=True
        ).stdout.strip()

    inner = tree(f"100644 blob {blob}\tfile\n")
    whole = tree(f"120000 blob {link}\tdoor\n040000 tree {inner}\tdoor\n")
    commit = git("commit-tree", whole, "-m", "Both")
    side = laid_out(sources("main", commit, here)[1])
    assert list(outside.iterdir()) == []
    assert not (side.top / "door").is_symlink()


def test_folders_are_compared_without_git_and_without_environments(tmp_path: Path, laid_out: LayOut) -> None:
    for name in ("before", "after"):
        (tmp_path / name / ".venv").mkdir(parents=True)
        (tmp_path / name / "env").mkdir()
        (tmp_path / name / "env/pyvenv.cfg").touch()
        (tmp_path / name / ".venv/big.py").touch()
        (tmp_path / name / "Pulumi.yaml").write_text("name: sample\n")
    base, head = sources("before", "after", tmp_path)
    assert (base.label, head.label) == ("before", "after")
    assert list(laid_out(head).files) == ["Pulumi.yaml"]


def test_a_linked_worktree_is_compared_by_revision_and_as_a_folder(here: Path, git: Git, tmp_path: Path) -> None:
    git("worktree", "add", "-q", "-b", "hire", "../linked")
    linked = here.parent / "linked"
    (linked / "people.txt").write_text("ada\njana\n")
    (linked / ".gitignore").write_text("/.venv\n")
    (linked / ".venv").symlink_to("/usr")
    for base, head in ((None, None), ("main", "."), ("../repository", ".")):
        sides = [check_out(source, "side", new_folder(tmp_path)) for source in sources(base, head, linked)]
        assert [side.not_evaluated for side in sides] == [(), ()]
        assert [(side.top / "people.txt").read_text() for side in sides] == ["ada\n", "ada\njana\n"]
        assert all(side.files.keys() - {".gitignore"} == {"Pulumi.yaml", "people.txt"} for side in sides)
        assert not any((side.top / name).exists() for side in sides for name in (".git", ".venv"))


def test_a_git_file_of_a_folder_is_never_followed(here: Path, git: Git, tmp_path: Path, laid_out: LayOut) -> None:
    """It could name any repository of the machine; nothing of one is read, nor is it copied for the program to find."""
    folder = tmp_path / "theirs"
    (folder / "inner").mkdir(parents=True)
    (folder / "Pulumi.yaml").write_text("name: sample\n")
    for place in (folder, folder / "inner"):
        (place / ".git").write_text(f"gitdir: {here}/.git\n")
    side = laid_out(Source("theirs", folder=folder))
    assert list(side.files) == ["Pulumi.yaml"]
    assert (side.not_evaluated, side.untracked) == ((), frozenset())
    assert [file.name for file in side.top.rglob("*")] == ["Pulumi.yaml"]


def test_what_git_does_not_have_of_a_working_tree_is_known(here: Path, git: Git, laid_out: LayOut) -> None:
    (here / ".gitignore").write_text("ignored.txt\n")
    for name in ("ignored.txt", "stray.txt", "added.txt"):
        (here / name).touch()
    git("add", "added.txt", ".gitignore")
    side = laid_out(sources(None, None, here)[1])
    assert side.untracked == {"stray.txt"}
    assert {"added.txt", "stray.txt"} <= side.files.keys()


def test_a_project_below_the_top_of_its_repository_is_found(here: Path, git: Git, laid_out: LayOut) -> None:
    (here / "partner").mkdir()
    (here / "partner/Pulumi.yaml").write_text("name: below\n")
    (here / "Pulumi.yaml").unlink()
    git("add", "-A")
    git("commit", "-qm", "Move")
    side = laid_out(sources("main", None, here / "partner")[1])
    assert side.project == "partner"
    assert (side.root / "Pulumi.yaml").is_file()


@pytest.mark.parametrize(
    ("base", "head", "message"),
    [
        ("nope", None, "'nope' is neither a git revision nor a folder here"),
        ("--upload-pack=x", None, "is neither a git revision nor a folder here"),
        ("main", "empty", "empty is not a project"),
        ("main", "hire", "both a revision and a folder"),
    ],
)
def test_what_is_not_there_is_a_sentence(here: Path, git: Git, base: str, head: str | None, message: str) -> None:
    git("branch", "hire")
    (here / "hire").mkdir()
    (here / "empty").mkdir()
    with pytest.raises(RevisionError, match=message):
        sources(base, head, here)


def test_without_a_default_branch_the_base_is_asked_for(here: Path, git: Git) -> None:
    git("branch", "-m", "main", "trunk")
    with pytest.raises(RevisionError, match="name the base"):
        sources(None, None, here)


def test_outside_a_repository_two_folders_are_asked_for(tmp_path: Path) -> None:
    with pytest.raises(RevisionError, match="is not in a git repository"):
        sources(None, None, tmp_path)


def test_what_a_partial_clone_lacks_is_reported_and_never_fetched(
    here: Path, git: Git, laid_out: LayOut, tmp_path: Path
) -> None:
    git("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    subprocess.run(
        ["git", "clone", "-q", "--no-checkout", "--filter=blob:none", f"file://{here}", clone],
        check=True,
        capture_output=True,
    )
    repository = Repository.around(clone)
    assert repository is not None
    commit = repository.revision("HEAD")
    with pytest.raises(RevisionError, match="fetch it whole"):
        laid_out(Source("HEAD", repository, commit))


def test_a_link_of_the_working_tree_is_not_read_through(here: Path, git: Git, laid_out: LayOut, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret\n")
    (here / "away").symlink_to(tmp_path / "secret")
    side = laid_out(sources("main", None, here)[1])
    assert not (side.top / "away").exists()
    assert [item.what for item in side.not_evaluated] == ["away"]
