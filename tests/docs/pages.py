"""The pages that people read, and the commands on them."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tenantry.reference.pages import PAGES as COMMITTED

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    str(file.relative_to(ROOT))
    for pattern in ("*.md", "docs/**/*.md", "examples/*.md", "pipelines/*.md", "policies/*.md")
    for file in ROOT.glob(pattern)
)


@cache
def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


@cache
def tokens(page: str) -> list[Token]:
    """A page, read by a parser of Markdown that nobody here wrote."""
    return MarkdownIt().enable("table").parse(text_of(page))


@cache
def _outline(page: str) -> list[Token]:
    """A page without what its sentences and tables are made of: half the time, for whoever looks for blocks alone."""
    return MarkdownIt().disable("inline").parse(text_of(page))


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    page: str
    line: int
    language: str
    text: str

    @property
    def name(self) -> str:
        """The page, and the block's first line without its comment."""
        return f"{self.page}: {self.text.partition(chr(10))[0].partition(' #')[0].strip()}"


def blocks(page: str, *languages: str) -> list[Block]:
    """A page's fenced blocks in some languages, in order."""
    # Every worker that collects tests reads all pages: those without such a fence are not parsed.
    if not re.search(rf"(```|~~~)[ \t]*({'|'.join(languages)})", text_of(page)):
        return []
    return [
        Block(page, token.map[0] + 1, token.info.strip(), token.content)
        for token in _outline(page)
        if token.type in ("fence", "code_block") and token.map and token.info.strip() in languages
    ]


def inline_code(page: str) -> Iterator[str]:
    """What stands as code within a page's sentences."""
    for token in tokens(page):
        yield from (child.content for child in token.children or () if child.type == "code_inline")


SHELL = [block for page in PAGES for block in blocks(page, "sh")]
#: Pages that are rendered from the code, or that `pytest --renew-goldens` writes: other tests hold what they show.
RENDERED = set(COMMITTED)
#: What commands answer, as pages quote it.
QUOTED = [block for page in PAGES if page not in RENDERED for block in blocks(page, "text", "console")]


def quotes(block: Block, output: str) -> bool:
    """Whether an output has what a block quotes: its words in a row, however the lines are wrapped.

    A line of the block that is `…` stands for any lines, and `…` within a line for the rest of a cell or a sentence.
    """
    words = [
        r"[\s\S]*?" if line.strip() == "…" else r"\s+".join(map(_word, line.split()))
        for line in block.text.splitlines()
        if line.strip()
    ]
    return re.search(r"\s+".join(words).replace(r"\s+[\s\S]*?", r"[\s\S]*?"), output) is not None


def _word(word: str) -> str:
    return r"[^\n]*?".join(map(re.escape, word.split("…")))


def named(name: str) -> list[Block]:
    """The blocks of commands with a name, or else those whose names begin so."""
    found = [block for block in SHELL if block.name == name]
    return found or [block for block in SHELL if block.name.startswith(name)]


#: Whatever is called on a page, but for what the shell has itself. None of it runs while a block is read.
PROGRAMS = ("az", "curl", "cut", "git", "make", "mkdir", "openssl", "pip", "pipx", "pulumi", "rm", "tenantry")
#: In sh, which starts ten times as fast as Python: there are hundreds of calls. Each ends every word with a NUL.
_RECORD = """#!/bin/sh
printf '%s\\0' "$#" "${0##*/}" "$@" >> "$CALLS"
"""


@cache
def calls(text: str) -> list[list[str]]:
    """The programs that a block calls, with their arguments: as the shell reads it, without running any."""
    text = re.sub(r"\bcd \S+", "cd .", text)
    with tempfile.TemporaryDirectory() as folder:
        here, file = Path(folder), Path(folder) / "calls"
        for where in ("bin", ".venv/bin", ".tenantry"):
            (here / where).mkdir(parents=True)
        for name in PROGRAMS:
            stand_in = here / "bin" / name
            stand_in.write_text(_RECORD)
            stand_in.chmod(0o755)
            shutil.copy(stand_in, here / ".venv/bin")
        file.touch()
        cat = shutil.which("cat")
        assert cat
        (here / "bin/cat").symlink_to(cat)
        ran = shell(text, here, {"PATH": str(here / "bin"), "CALLS": str(file)})
        assert ran.failed == [], ran.output
        words = iter(file.read_text().split("\0")[:-1])
        return [[next(words), *islice(words, int(number))] for number in words]


@dataclass(frozen=True)
class Ran:
    """What a block did."""

    output: str
    failed: list[str]
    """Each command that failed, with its exit code: `7: tenantry drift`."""


def shell(text: str, folder: Path, env: Mapping[str, str], *, patience: float = 280) -> Ran:
    """Run a block as somebody does who pastes it: whatever fails, the next line runs too.

    ``patience`` is how many seconds it may take.
    """
    failed = folder / ".failed"
    failed.write_text("")
    bash = shutil.which("bash")
    assert bash
    ran = subprocess.run(
        [bash, "-o", "pipefail", "-c", f'trap \'echo "$?: $BASH_COMMAND" >> "$FAILED"\' ERR\n{text}'],
        cwd=folder,
        env={**env, "FAILED": str(failed)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=patience,
        check=False,
    )
    return Ran(ran.stdout, failed.read_text().splitlines())


def project(folder: Path, *names: str) -> Mapping[str, str]:
    """A copy of some of the project's files in a repository of its own: the environment to work in it."""
    for name in names:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        copy(ROOT / name, folder / name)
    env = {
        # Without COLUMNS, which is set where tests run side by side.
        **{
            key: value
            for key, value in os.environ.items()
            if key != "COLUMNS" and not key.startswith(("ARM_", "GIT_", "PULUMI_"))
        },
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        **{f"GIT_{role}_{what}": "Ada" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    }
    committed = shell("git init --quiet --initial-branch main\ngit add .\ngit commit --quiet -m Sample", folder, env)
    assert committed.failed == [], committed.output
    return env
