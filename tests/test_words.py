"""What users read says the field's words: no term of the first version, and no idiom that only its authors know."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bad.run import run_check

ROOT = Path(__file__).parent.parent
#: The embedded directory answers in Microsoft's words, and what is set before a user stands in the other packages.
CODE = sorted(
    file
    for folder in ("tenantry", "components", "policies")
    for file in (ROOT / folder).rglob("*.py")
    if "directory" not in file.relative_to(ROOT).parts
)
#: Each with what to say instead.
AVOIDED = {
    r"to mend\b": "Fix:",
    r"\bopaque\b": "unresolved, unknown",
    r"\bimpostors?\b": "spoofed type",
    r"\bwaivers?\b": "exemption",
    r"\bshut in\b": "sandboxed",
    r"\bstrangers?\b": "undeclared principals",
    r"\bpartner power\b": "partner access",
    r"\bholds? power\b": "has privileged access",
    r"\bgives? power\b": "gives privileged access",
    r"[Ll]eft out:": "Default:",
    r"\b[Tt]akes? (?:\S+ ){0,6}(?:away|out of)\b": "removes",
    r"\btaken away\b": "removed",
    r"\bmade here\b": "created here, created by this stack",
    r"\bstack makes\b": "the stack creates",
    r"\blets? go of\b": "stops managing",
    r"\bof the cloud\b": "cloud-only",
    r"\bfor ever\b": "never changes",
    r"\bfor a time\b": "until a date",
    r"\banew\b": "again",
    r"\bwhoever\b": "anybody who",
    r"\b[Nn]obody like that\b": "No match",
    r"\bcannot be asked\b": "cannot be read",
    r"\bthere are:": "expected one of:",
    r"\bemergency accounts (?:and guests )?aside\b": "not counting emergency accounts",
    r"\bby itself\b": "automatically, on its own",
    r"\b[Nn]othing was touched\b": "Nothing was changed",
    r"\b[Ii]t informs\b": "For information only",
    r"\bnothing is to be written\b": "run `pulumi up`",
    r"\bidentity that deploys\b": "deploying identity",
    r"\bchanged by others\b": "changed outside this stack",
    r"\bis none of\b": "is not one of",
    r"\bthere is not\b": "does not exist",
    r"\btold\b": "said, shown",
    r"\bin silence\b": "silently",
    r"\bfor good\b": "permanently, never changes",
    r"\bpersonal power\b|\b(?:have|has|having|whose|their) power\b": "privileged access",
}
#: Values by which Tenantry finds its own again: a line in files that exist already, and a kind of identity.
KEPT = {
    "# Open questions: what `tenantry adopt` could not declare. It writes these lines anew; answer them with",
    "made here",
}


#: What people read beside messages. The changelog keeps the words of its day.
PAGES = sorted(
    file
    for pattern in ("*.md", "docs/**/*.md", "*/README.md", "tenantry/scaffold/templates/README.md")
    for file in ROOT.glob(pattern)
    if file.name != "CHANGELOG.md"
)


def avoided(text: str) -> list[str]:
    """The avoided words in a text, with what to say instead."""
    if text in KEPT:
        return []
    found = ((re.search(pattern, text), instead) for pattern, instead in AVOIDED.items())
    return [f"{match.group()!r}: say {instead!r}" for match, instead in found if match]


def texts(file: Path) -> Iterator[tuple[int, str]]:
    """The texts of a module that are no docstrings, with their lines; what is filled in is `…`."""
    tree = ast.parse(file.read_text("utf-8"))
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    silent |= {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if id(node) in silent:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
        elif isinstance(node, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
            yield node.lineno, "".join(map(str, parts))


@pytest.mark.parametrize("file", CODE, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_message_has_an_avoided_word(file: Path) -> None:
    found = [f"line {line}: {word}" for line, text in texts(file) if " " in text for word in avoided(text)]
    assert found == []


@pytest.mark.parametrize("file", sorted((ROOT / "tenantry" / "commands").glob("*.py")), ids=lambda file: file.stem)
def test_no_help_text_of_a_command_has_an_avoided_word(file: Path) -> None:
    functions = [node for node in ast.parse(file.read_text("utf-8")).body if isinstance(node, ast.FunctionDef)]
    commands = {node.name: ast.get_docstring(node) or "" for node in functions if not node.name.startswith("_")}
    assert {name: avoided(text) for name, text in commands.items() if avoided(text)} == {}


@pytest.mark.parametrize("file", PAGES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_page_has_an_avoided_word(file: Path) -> None:
    """A sentence may run over lines; cells, points and headings begin new ones."""
    text = re.sub(r"\n(?! *(?:[|#*-]|\d+\.|\n)) *", " ", file.read_text("utf-8"))
    assert [f"{word} in: {line[:100]}" for line in text.splitlines() for word in avoided(line)] == []


def test_no_to_do_has_an_avoided_word() -> None:
    assert avoided((ROOT / "tenantry" / "data" / "to-dos.yaml").read_text("utf-8")) == []


@pytest.mark.parametrize("name", ["refusals.txt", "todo.txt", "who-us.md", "ftop.md"])
def test_no_golden_report_has_an_avoided_word(name: str) -> None:
    lines = (ROOT / "tests" / "goldens" / name).read_text("utf-8").splitlines()
    # A line that begins so names the case.
    assert avoided("\n".join(line for line in lines if not line.startswith("# "))) == []


@pytest.mark.parametrize("name", ["PT-102-global-admin-kept-out-of-the-group", "PT-109-example", "list-for-a-map"])
def test_no_message_about_a_bad_declaration_has_an_avoided_word(name: str) -> None:
    ran = run_check(ROOT / "tests" / "data" / "bad" / name)
    assert ran.stdout
    assert avoided(ran.stdout + ran.stderr) == []


def test_the_scan_finds_an_avoided_word_in_a_message(tmp_path: Path) -> None:
    file = tmp_path / "module.py"
    file.write_text('"""The role is taken away."""\nTEXT = f"the role is taken away from {1}"\n', "utf-8")
    assert [(line, avoided(text)) for line, text in texts(file)] == [(2, ["'taken away': say 'removed'"])]
