"""What a page tells people to type exists: every command, option, target and file."""

import re
from dataclasses import replace
from functools import cache

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from tenantry.commands.app import app

from .pages import PAGES, ROOT, SHELL, Block, blocks, calls, inline_code

#: What `tenantry init` makes.
MADE = "tenantry/scaffold/templates"
TARGETS = {
    target
    for folder in (ROOT, ROOT / MADE)
    for target in re.findall(r"^([a-z-]+):", (folder / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
}
#: The blocks of pages, and of the page that `tenantry init` makes.
BLOCKS = [
    *SHELL,
    *(replace(one, text=one.text.replace("{{ partner }}", "you")) for one in blocks(f"{MADE}/README.md", "sh")),
]
#: Files that are made on the way, or are the reader's own.
THEIRS = re.compile(r"partners/(northwind|you)|Pulumi\.(?!dev)|\.tenantry/")
OURS = re.compile(r"(docs|examples|partners|pipelines|policies|schemas|components|tests|tenantry)/|policies$")


@cache
def mistake(words: tuple[str, ...], *, whole: bool = True) -> str:
    """What `tenantry` would say of its command line; nothing if it would run. Runs nothing."""
    command, name, rest = get_command(app), "tenantry", list(words)
    try:
        while isinstance(command, TyperGroup) and rest and not rest[0].startswith("-"):
            name = rest.pop(0)
            if name not in command.commands:
                return f"there is no command {name}"
            command = command.commands[name]
        command.make_context(name, rest)
    except SystemExit:
        return ""  # --version, --help
    except Exception as error:  # noqa: BLE001 - typer has click within it, and its exceptions no public name
        kind = type(error).__name__
        if kind in ("Exit", "NoArgsIsHelpError"):
            return ""
        if not whole and kind in ("MissingParameter", "BadOptionUsage"):  # an argument or a value is left out
            return ""
        return f"{kind}: {error}"
    return ""


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.name)
def test_a_block_calls_what_exists(block: Block) -> None:
    called = calls(block.text)
    assert called or block.text.startswith("export "), "a block of commands calls something"
    wrong = []
    for program, *arguments in called:
        if program == "tenantry" and (message := mistake(tuple(arguments))):
            wrong.append(f"tenantry {' '.join(arguments)}: {message}")
        if program == "make":
            wrong += [f"make {target}: no such target" for target in arguments if target not in TARGETS]
        wrong += [f"{path}: no such file" for path in arguments if _is_ours(path) and not (ROOT / path).exists()]
    assert wrong == []


def _is_ours(argument: str) -> bool:
    return bool(OURS.match(argument)) and not THEIRS.match(argument)


@pytest.mark.parametrize("page", PAGES)
def test_a_command_within_a_sentence_exists(page: str) -> None:
    wrong = []
    for code in inline_code(page):
        program, *words = code.replace('"', "").split()
        if program == "tenantry" and words and (message := mistake(tuple(words), whole=False)):
            wrong.append(f"{code}: {message}")
        if program == "make" and words and words[0] not in TARGETS:
            wrong.append(f"{code}: no such target")
    assert wrong == []


def test_a_command_that_does_not_exist_is_found_out() -> None:
    assert mistake(("chekc",)) == "there is no command chekc"
    assert "NoSuchOption" in mistake(("check", "--fxi"))
    assert "BadParameter" in mistake(("check", "--format", "pdf"))
    assert "MissingParameter" in mistake(("handover",))
    assert mistake(("handover",), whole=False) == ""
    assert mistake(("directory", "seed", "file.yaml", "--tenant", "ID")) == ""


def test_a_block_is_read_as_the_shell_reads_it() -> None:
    text = 'x=1 make up && \\\n  tenantry drift | cat   # tenantry no\neval "$(tenantry env)"\n'
    assert calls(text) == [["make", "up"], ["tenantry", "drift"], ["tenantry", "env"]]
