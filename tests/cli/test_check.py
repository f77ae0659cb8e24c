"""`tenantry check`: what it says, on which stream, and how it exits."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.declaration.folder import FILES, PARTNER, US, Folder

from .conftest import Tenantry


def test_the_sample_is_in_order(tenantry: Tenantry, sample: Path) -> None:
    ran = tenantry("check", sample)
    assert ran.exit_code == 0
    assert ran.stderr == ""
    assert "3 tenants, nothing that must be mended" in ran.stdout


def test_what_waits_for_the_program_is_not_called_passed(tenantry: Tenantry, sample: Path) -> None:
    ran = tenantry("check", sample, "--json")
    assert "PT-110" in json.loads(ran.stdout)["not_evaluated"]
    assert "PT-110" in tenantry("check", sample).stdout


def test_the_only_partner_is_found_from_the_projects_folder(
    tenantry: Tenantry, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    assert tenantry("check").exit_code == 0


@pytest.mark.parametrize("partners", [(), ("contoso", "fabrikam")])
def test_without_exactly_one_partner_the_folder_must_be_named(
    tenantry: Tenantry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, partners: tuple[str, ...]
) -> None:
    for name in partners:
        Folder(tmp_path / "partners" / name)
    monkeypatch.chdir(tmp_path)
    ran = tenantry("check")
    assert ran.exit_code == 2
    assert ran.stdout == ""
    assert all(name in ran.stderr for name in partners or ("none",))


def test_every_mistake_is_told_at_once_and_no_rule_is_judged(tenantry: Tenantry, folder: Folder) -> None:
    folder.write(PARTNER, FILES[PARTNER].replace('"4827315"', "4827315"))
    folder.write(US, FILES[US].replace("[Helpdesk agent]", "[Helpdsk agent]").replace("emergency: true", "state: off"))
    ran = tenantry("check", folder.path)
    assert ran.exit_code == 1
    assert len(ran.stderr.splitlines()) == 3
    assert "us.yaml:27:84: people.ines.roles[0]: found 'Helpdsk agent'; allowed: Global admin" in ran.stderr
    assert "did you mean `Helpdesk agent`?" in ran.stderr
    assert ran.stdout.strip() == "3 mistakes in the declaration; no rule was judged."


@pytest.mark.parametrize(
    ("old", "new", "rule", "blocks"),
    [
        ("email: bruno.keller@contoso.com", "email: bruno@gmail.com", "PT-301", True),
        ("upn: bruno.keller@", "upn: info@", "PT-303", False),
    ],
)
def test_a_broken_rule_blocks_and_advice_does_not(
    tenantry: Tenantry, sample: Path, tmp_path: Path, old: str, new: str, rule: str, blocks: bool
) -> None:
    copy = Path(shutil.copytree(sample, tmp_path / "contoso"))
    file = copy / "tenants/us.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    ran = tenantry("check", copy)
    loud, quiet = (ran.stderr, ran.stdout) if blocks else (ran.stdout, ran.stderr)
    assert ran.exit_code == int(blocks)
    assert f"[{rule}] Bruno Keller" in loud
    assert f"[{rule}]" not in quiet
    assert ("advice: " in ran.stdout) is not blocks


@pytest.mark.parametrize(
    ("damage", "exit_code"),
    [
        (lambda folder: (folder.path / PARTNER).unlink(), 2),
        (lambda folder: (folder.path / US).unlink(), 2),
        (lambda folder: folder.write(US, ""), 2),
        (lambda folder: folder.write(US, "a: [\n"), 2),
        (lambda folder: folder.write(US, "- a\n"), 2),
        (lambda folder: (folder.path / US).write_bytes(b"\xff\0"), 2),
        (lambda folder: folder.replace(US, "  ines:", "  carla: {}\n  ines:"), 1),
        (lambda folder: folder.replace(US, "[partner]", "[partnr]"), 1),
        (lambda folder: folder.replace(PARTNER, "[own-use, us]", "[us]"), 1),
    ],
    ids=[
        "no partner file",
        "no tenant file",
        "empty",
        "no YAML",
        "a list",
        "binary",
        "a person twice",
        "a wrong value",
        "a file that is not listed",
    ],
)
@pytest.mark.parametrize("form", [(), ("--json",)], ids=["text", "json"])
def test_the_exit_code_tells_unreadable_from_wrong(
    tenantry: Tenantry, folder: Folder, damage: object, exit_code: int, form: tuple[str, ...]
) -> None:
    assert callable(damage)
    damage(folder)
    ran = tenantry("check", folder.path, *form)
    assert ran.exit_code == exit_code
    if form:
        assert json.loads(ran.stdout)["ok"] is False
    else:
        assert "found" in ran.stderr


@pytest.mark.parametrize("command", ["check", "who", "todo"])
def test_a_missing_folder_exits_2_with_one_sentence(tenantry: Tenantry, tmp_path: Path, command: str) -> None:
    ran = tenantry(command, tmp_path / "nowhere")
    assert ran.exit_code == 2
    assert len(ran.stderr.splitlines()) == 1
    assert "no such folder" in ran.stderr


@pytest.mark.parametrize("command", ["who", "todo"])
def test_other_commands_refuse_an_invalid_declaration_with_every_mistake(
    tenantry: Tenantry, folder: Folder, command: str
) -> None:
    folder.write(US, FILES[US].replace("[partner]", "[partnr]").replace("emergency: true", "state: off"))
    ran = tenantry(command, folder.path)
    assert ran.exit_code == 1
    assert ran.stdout == ""
    assert len(ran.stderr.splitlines()) == 2


def test_json_has_every_part_of_every_mistake(tenantry: Tenantry, folder: Folder) -> None:
    folder.replace(US, "[Helpdesk agent]", "[§Helpdsk agent]")
    document = json.loads(tenantry("check", folder.path, "--json").stdout)
    place = folder.place(US)
    (problem,) = document.pop("problems")
    assert document == {"ok": False, "tenants": [], "findings": [], "not_evaluated": []}
    assert problem == {
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "field": "people.ines.roles[0]",
        "found": "'Helpdsk agent'",
        "allowed": problem["allowed"],
        "mend": "did you mean `Helpdesk agent`?",
    }


def test_json_has_every_part_of_every_finding(tenantry: Tenantry, folder: Folder) -> None:
    folder.replace(US, "email: ada.nakamura@contoso.com", "email: §ada@gmail.com")
    ran = tenantry("check", folder.path, "--json")
    document = json.loads(ran.stdout)
    finding = next(finding for finding in document["findings"] if finding["rule"] == "PT-301")
    place = folder.place(US)
    assert ran.exit_code == 1
    assert ran.stderr == ""
    assert document["ok"] is False
    assert document["tenants"] == ["own-use", "us"]
    assert set(finding) == {
        "rule", "level", "subject", "found", "allowed", "mend", "field", "file", "line", "column",
    }  # fmt: skip
    assert (finding["file"], finding["line"], finding["column"]) == (place.file, place.line, place.column)
    assert finding["field"] == "people.ada.email"


def test_names_that_the_terminal_cannot_write_are_shown_escaped(folder: Folder) -> None:
    folder.replace(US, "'Carla Jensen'", "'Łucja Jensen'")
    ran = subprocess.run(
        [sys.executable, "-c", "from tenantry.cli import main; main()", "who", folder.path],
        env={"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    assert rb"\u0141ucja" in ran.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("check", "--nonsense"),
        ("check", "a", "b"),
        ("who", "--format", "csv2"),
        ("who", "--tenant"),
        ("schema", "nonsense"),
        ("directory", "nonsense"),
    ],
)
def test_a_wrong_command_line_exits_2(tenantry: Tenantry, arguments: tuple[str, ...]) -> None:
    ran = tenantry(*arguments)
    assert ran.exit_code == 2
    assert ran.stdout == ""
    assert ran.stderr
