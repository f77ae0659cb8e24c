"""`tenantry check`: what it says, on which stream, and how it exits."""

import json
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from tenantry.reports.check import CheckDocument, check_partner
from tenantry.rules import RULES, Level, Scope, Verdict
from tests.declaration.folder import FILES, OWN, PARTNER, US, Folder

from .conftest import Tenantry


def test_the_sample_is_in_order(tenantry: Tenantry, sample: Path) -> None:
    ran = tenantry("check", sample)
    assert ran.exit_code == 0
    assert ran.stderr == ""
    assert "3 tenants, nothing that must be fixed" in ran.stdout


def test_the_sample_leaves_nothing_to_mend_and_no_advice(sample: Path) -> None:
    checked = check_partner(sample, date(2026, 11, 22))
    assert (checked.problems, checked.findings, checked.excepted, checked.remarks) == ((), [], [], ())


def test_what_waits_for_the_program_is_not_called_passed(tenantry: Tenantry, sample: Path) -> None:
    ran = tenantry("check", sample, "--json")
    assert "PT-110" in json.loads(ran.stdout)["not_evaluated"]
    assert "PT-110" in tenantry("check", sample).stdout


def test_the_only_partner_is_found_from_the_projects_folder(
    tenantry: Tenantry, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    assert tenantry("check").exit_code == 0


def test_where_several_partners_are_declared_the_folder_must_be_named(
    tenantry: Tenantry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    partners = ("contoso", "fabrikam")
    for name in partners:
        Folder(tmp_path / "partners" / name)
    monkeypatch.chdir(tmp_path)
    ran = tenantry("check")
    assert ran.exit_code == 2
    assert ran.stdout == ""
    assert all(f"partners/{name}" in ran.stderr for name in partners)


def test_every_mistake_is_reported_at_once_and_no_rule_is_evaluated(tenantry: Tenantry, folder: Folder) -> None:
    folder.write(PARTNER, FILES[PARTNER].replace('"4827315"', "4827315"))
    folder.write(US, FILES[US].replace("[Helpdesk agent]", "[Helpdsk agent]").replace("emergency: true", "state: off"))
    ran = tenantry("check", folder.path)
    assert ran.exit_code == 1
    assert len(ran.stderr.splitlines()) == 3
    assert "us.yaml:27:84: people.ines.roles[0]: found 'Helpdsk agent'; expected: Global admin" in ran.stderr
    assert "did you mean `Helpdesk agent`?" in ran.stderr
    assert ran.stdout.strip() == "3 mistakes in the declaration; no rule was evaluated."


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
    assert ran.exit_code == int(blocks)
    assert ran.stderr == ""
    lines = ran.stdout.splitlines()
    (header,) = [number for number, line in enumerate(lines) if line.startswith("Bruno Keller (")]
    word = "must" if blocks else "advice"
    assert re.fullmatch(rf".*/us\.yaml:\d+:\d+: {word}: \[{rule}\] people\.bruno\.\w+: .*", lines[header + 1])


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


@pytest.mark.parametrize("command", [["check"], ["check", "--fix"], ["who"], ["todo"]], ids=" ".join)
def test_a_missing_folder_exits_2_with_one_sentence(tenantry: Tenantry, tmp_path: Path, command: list[str]) -> None:
    ran = tenantry(*command, tmp_path / "nowhere")
    assert ran.exit_code == 2
    assert len(ran.stderr.splitlines()) == 1
    assert "no such folder" in ran.stderr
    assert "contoso" not in ran.stderr


def test_a_missing_folder_is_reported_with_those_that_are_there(
    tenantry: Tenantry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Folder(tmp_path / "partners/northwind")
    monkeypatch.chdir(tmp_path)
    assert tenantry("check", "partners/nortwind").stderr == (
        "partners/nortwind:1:1: found no such folder; expected: a folder that has a partner.yaml. "
        "Fix: name a partner's folder: partners/northwind\n"
    )
    assert "no such folder" not in tenantry("check", "partners/northwind").stderr


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
    assert document == {
        "version": 1, "ok": False, "tenants": [], "findings": [], "excepted": [], "unsorted": [], "unknown_done": [],
        "not_evaluated": [], "results": [],
    }  # fmt: skip
    assert problem == {
        "rule": "declaration",
        "title": "",
        "level": "mandatory, cannot be lowered",
        "severity": "high",
        "blocks": True,
        "subject": "",
        "object": "",
        "actual": "'Helpdsk agent'",
        "expected": problem["expected"],
        "remediation": "did you mean `Helpdesk agent`?",
        "field": "people.ines.roles[0]",
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "resource": None,
    }


def test_a_to_do_that_there_is_not_is_advice_at_its_line(tenantry: Tenantry, folder: Folder) -> None:
    folder.write(US, FILES[US] + "done:\n  hand-over/nobody: §2026-03-02\n")
    place = folder.place(US)
    ran = tenantry("check", folder.path)
    assert f"{place}: advice: [done] done.hand-over/nobody: no to-do with this id; expected: the id" in ran.stdout
    (document,) = json.loads(tenantry("check", folder.path, "--json").stdout)["unknown_done"]
    assert (document["file"], document["line"], document["column"]) == (place.file, place.line, place.column)
    assert (document["field"], document["blocks"]) == ("done.hand-over/nobody", False)
    results = json.loads(tenantry("check", folder.path, "--format", "sarif").stdout)["runs"][0]["results"]
    assert [(item["ruleId"], item["level"]) for item in results if item["ruleId"] == "done"] == [("done", "note")]


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
        "rule", "title", "level", "severity", "blocks", "subject", "object", "actual", "expected", "remediation",
        "field", "file", "line", "column", "resource",
    }  # fmt: skip
    assert (finding["file"], finding["line"], finding["column"]) == (place.file, place.line, place.column)
    assert finding["field"] == "people.ada.email"


def test_names_that_the_terminal_cannot_write_are_shown_escaped(folder: Folder) -> None:
    folder.replace(US, "'Carla Jensen'", "'Łucja Jensen'")
    ran = subprocess.run(
        [sys.executable, "-c", "from tenantry.commands.app import main; main()", "who", folder.path],
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
        ("check", "--format", "csv"),
        ("check", "--fix=yes"),
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


def several(folder: Folder) -> None:
    """Two people with what blocks and what advises, the milder first in the file."""
    text = FILES[US].replace("upn: ada@", "upn: info@")
    text = text.replace("roles: [Helpdesk agent]", "email: ines@gmail.com, roles: [Helpdesk agent]")
    folder.write(US, text.replace("upn: ines@", "upn: sales@"))


def test_findings_stand_under_whom_they_are_about_with_what_blocks_first(tenantry: Tenantry, folder: Folder) -> None:
    several(folder)
    lines = tenantry("check", folder.path).stdout.splitlines()
    ines = lines.index("Ines Costa (sales@contoso-partner.onmicrosoft.com):")
    ada = lines.index("Ada Nakamura (info@contoso-partner.onmicrosoft.com):")
    assert ines < ada
    assert ": must: [PT-301] people.ines.email: " in lines[ines + 1]
    assert ": advice: [PT-303] people.ines.upn: " in "\n".join(lines[ines + 2 : ada])


def test_each_finding_begins_with_its_place(tenantry: Tenantry, folder: Folder) -> None:
    several(folder)
    lines = [line for line in tenantry("check", folder.path).stdout.splitlines() if "[PT-" in line]
    assert lines
    assert all(re.match(re.escape(str(folder.path)) + r"/\S+\.yaml:\d+:\d+: (must|advice)", line) for line in lines)


def test_what_two_tenants_share_is_reported_once(tenantry: Tenantry, folder: Folder) -> None:
    folder.write(PARTNER, FILES[PARTNER].replace("ada.nakamura@contoso.com", "ada@gmail.com"))
    folder.write(OWN, FILES[OWN].replace("[own use]", "[own use, partner]") + "mode: authoritative\npeople: {}\n")
    document = json.loads(tenantry("check", folder.path, "--json").stdout)
    about = [item for item in document["findings"] if item["rule"] == "PT-301"]
    assert [item["field"] for item in about] == ["contact.email"]


def test_json_has_exactly_the_documented_keys(tenantry: Tenantry, folder: Folder) -> None:
    for path in (folder.path, folder.path / "no"):
        document = json.loads(tenantry("check", path, "--json").stdout)
        assert document.keys() == CheckDocument.model_fields.keys()


def test_json_says_of_every_rule_on_every_tenant_what_became_of_it(tenantry: Tenantry, folder: Folder) -> None:
    document = json.loads(tenantry("check", folder.path, "--format", "json").stdout)
    evaluated = {(item["rule"], item["tenant"]): item for item in document["results"]}
    for rule in RULES:
        tenants = ["contoso"] if rule.scope is Scope.ACROSS else ["own-use", "us"]
        assert all(evaluated[rule.id, tenant]["verdict"] in set(Verdict) for tenant in tenants)
    assert all(item["because"] for item in document["results"] if item["verdict"] == "not evaluated")


def test_the_summary_counts_no_unevaluated_rule_as_passed(tenantry: Tenantry, folder: Folder) -> None:
    document = json.loads(tenantry("check", folder.path, "--json").stdout)
    passed = sum(item["verdict"] == "passed" for item in document["results"])
    *lines, last = tenantry("check", folder.path).stdout.splitlines()
    assert f", {passed} evaluations passed" in last
    first = next(number for number, line in enumerate(lines) if line.startswith("not evaluated"))
    waiting = re.findall(r"PT-\d+", " ".join(lines[first:]))
    assert sorted(waiting) == document["not_evaluated"] != []
    assert f"{len(waiting)} rules not evaluated here" in last
    assert len(lines) - first < 10, "a paragraph, and no line for each rule"


def test_two_forms_at_once_are_refused(tenantry: Tenantry, folder: Folder) -> None:
    ran = tenantry("check", folder.path, "--json", "--format", "sarif")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "choose one" in ran.stderr


def test_a_report_and_no_report_at_once_are_refused(tenantry: Tenantry, folder: Folder) -> None:
    ran = tenantry("check", folder.path, "--json", "--quiet")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "--json and --quiet; choose one" in ran.stderr


def test_a_file_that_is_not_sorted_is_advice_with_what_sorts_it(tenantry: Tenantry, folder: Folder) -> None:
    ran = tenantry("check", folder.path)
    (line,) = [line for line in ran.stdout.splitlines() if "[sorted]" in line]
    assert re.match(re.escape(f"{folder.path / US}:") + r"\d+:5: advice: \[sorted\] people\.carla\.roles: ", line)
    assert "tenantry check --fix" in line
    assert tenantry("check", folder.path, "--fix").stdout.splitlines()[0] == f"sorted {folder.path / US}"
    messages = tenantry("check", folder.path, "--fix").stdout
    assert not any(line.startswith("sorted ") or "[sorted]" in line for line in messages.splitlines())


def test_fix_writes_nothing_of_a_declaration_with_a_mistake(tenantry: Tenantry, folder: Folder) -> None:
    folder.write(US, FILES[US].replace("[partner]", "[partnr]"))
    folder.write(PARTNER, FILES[PARTNER].replace("[own-use, us]", "[us, own-use]"))
    before = {name: (folder.path / name).read_bytes() for name in FILES}
    ran = tenantry("check", folder.path, "--fix")
    assert ran.exit_code == 1
    assert "did you mean `partner`?" in ran.stderr
    assert {name: (folder.path / name).read_bytes() for name in FILES} == before


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_fix_leaves_standard_output_to_machines(tenantry: Tenantry, folder: Folder, form: str) -> None:
    ran = tenantry("check", folder.path, "--fix", "--format", form)
    assert json.loads(ran.stdout)
    assert ran.stderr == f"sorted {folder.path / US}\n"


def test_what_cannot_be_lowered_stands_before_what_can_and_that_before_advice(
    tenantry: Tenantry, folder: Folder
) -> None:
    # Advice stands first in the file, and what cannot be lowered after it.
    text = FILES[US].replace("upn: ada@", "upn: info@").replace("    email: ada.nakamura@contoso.com\n", "")
    text = text.replace("  approval: {on: 2025-03-04, by: ada}\n", "")
    folder.write(US, text.replace("roles: [Helpdesk agent]", "email: ines@gmail.com, roles: [Helpdesk agent]"))
    levels = [item["level"] for item in json.loads(tenantry("check", folder.path, "--json").stdout)["findings"]]
    assert set(levels) == {level.value for level in Level}
    assert levels == sorted(levels, key=[level.value for level in Level].index)
