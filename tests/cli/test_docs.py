"""`tenantry docs`: the pages that messages name, wherever somebody reads the message."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tenantry.commands.docs import pages
from tenantry.rules.registry import RULES

from .conftest import Tenantry

SOURCES = ("tenantry", "components", "policies", "pipelines", "__main__.py")


def test_a_page_is_shown_as_it_is_written(tenantry: Tenantry, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    for name, file in (("permissions", "docs/permissions.md"), ("policies", "policies/README.md")):
        ran = tenantry("docs", name)
        assert (ran.exit_code, ran.stdout) == (0, (root / file).read_text())


def test_left_out_the_pages_are_listed_with_their_titles(tenantry: Tenantry) -> None:
    listed = tenantry("docs").stdout.splitlines()
    assert "doctor\tFind what is wrong with a set-up" in listed
    assert [line.partition("\t")[0] for line in listed] == list(pages())
    assert all(line.partition("\t")[2] for line in listed)


def test_the_beginning_of_a_name_will_do_where_one_page_begins_so(tenantry: Tenantry) -> None:
    assert tenantry("docs", "decisions/0011").stdout.startswith("# 11. ")
    assert tenantry("docs", "rules").stdout == pages()["rules"].read_text(), "a page's whole name is that page"


@pytest.mark.parametrize(("name", "says"), [("nowhere", "no page is called so"), ("decisions/00", "several pages")])
def test_another_name_is_a_wrong_command_line(tenantry: Tenantry, name: str, says: str) -> None:
    ran = tenantry("docs", name)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert says in ran.stderr
    assert "`tenantry docs` lists" in " ".join(ran.stderr.replace("│", " ").split())


def shipped(root: Path) -> Iterator[Path]:
    for name in SOURCES:
        for file in [root / name] if (root / name).is_file() else sorted((root / name).rglob("*")):
            if file.suffix in (".py", ".yaml", ".yml", ".j2", "") and file.is_file() and "data" not in file.parts:
                yield file


def test_every_page_that_a_message_names_is_there(root: Path, tenantry: Tenantry) -> None:
    named = {
        page
        for file in shipped(root)
        for page in re.findall(r"tenantry docs ([a-z][\w/-]*)", file.read_text(encoding="utf-8"))
    }
    named |= {f"rules/{rule.id}" for rule in RULES}
    assert {"permissions", "policies", "runbooks/eligible-role", "own-tenant"} <= named
    assert [name for name in sorted(named - {"rules/"}) if tenantry("docs", name).exit_code] == []


def messages(file: Path) -> Iterator[str]:
    """The texts of a module, but for what it says of itself."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    own = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in own:
            yield node.value


def test_no_message_names_a_file_that_a_repository_made_by_init_does_not_have(root: Path) -> None:
    wrong = [
        (file.relative_to(root).as_posix(), text)
        for file in shipped(root)
        if file.suffix == ".py" and "reference" not in file.parts
        for text in messages(file)
        if re.search(r"(docs|policies|pipelines)/[\w/{}-]+\.md", text)
    ]
    assert wrong == []
