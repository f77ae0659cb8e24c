"""`tenantry check --format sarif`: what code hosts need to show a finding at its line."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from tenantry.rules import RULES
from tests.declaration.folder import FILES, PARTNER, US, Folder

from .conftest import Tenantry


def run_of(tenantry: Tenantry, folder: Path, exit_code: int | None = None) -> dict[str, Any]:
    """The only run, after everything that SARIF 2.1.0 asks of what is used of it."""
    ran = tenantry("check", folder, "--format", "sarif")
    assert ran.exit_code in ((0, 1) if exit_code is None else (exit_code,))
    assert ran.stderr == ""
    document = json.loads(ran.stdout)
    assert set(document) == {"$schema", "version", "runs"}
    assert document["version"] == "2.1.0"
    assert "sarif-2.1.0" in document["$schema"]
    (run,) = document["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "tenantry"
    assert driver["version"]
    ids = [rule["id"] for rule in driver["rules"]]
    assert len(ids) == len(set(ids))
    for rule in driver["rules"]:
        assert rule["name"].isalnum()
        assert rule["defaultConfiguration"]["level"] in {"error", "warning", "note"}
        for text in ("shortDescription", "fullDescription", "help"):
            assert rule[text]["text"]
    for result in run["results"]:
        assert ids[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in {"error", "warning", "note"}
        assert result["message"]["text"]
        assert result["partialFingerprints"]
        for location in result["locations"]:
            region = location["physicalLocation"]["region"]
            assert region["startLine"] >= 1
            assert region["startColumn"] >= 1
            assert location["physicalLocation"]["artifactLocation"]["uri"]
    assert run["invocations"][0]["executionSuccessful"] is True
    assert run["columnKind"] == "unicodeCodePoints"
    return dict(run)


def at(result: dict[str, Any]) -> tuple[str, int, int]:
    where = result["locations"][0]["physicalLocation"]
    return where["artifactLocation"]["uri"], where["region"]["startLine"], where["region"]["startColumn"]


def test_a_finding_stands_at_its_line_with_a_relative_uri(
    tenantry: Tenantry, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.replace(US, "email: ada.nakamura@contoso.com", "email: §ada@gmail.com")
    monkeypatch.chdir(folder.path.parent)
    results = run_of(tenantry, Path("contoso"), 1)["results"]
    (result,) = [item for item in results if item["ruleId"] == "PT-301"]
    assert folder.here
    assert at(result) == ("contoso/tenants/us.yaml", *folder.here)
    assert result["level"] == "error"
    artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact["uriBaseId"] == "%SRCROOT%"


def test_advice_is_a_warning_and_sorting_a_note(tenantry: Tenantry, folder: Folder) -> None:
    text = FILES[US].replace("upn: ada@", "upn: info@").replace("  - Admin agent\n      - Billing", "  - Billing")
    folder.write(US, text.replace("      - Billing admin\n", "      - Admin agent\n      - Billing admin\n"))
    levels = {(item["ruleId"], item["level"]) for item in run_of(tenantry, folder.path)["results"]}
    assert ("PT-303", "warning") in levels
    assert ("sorted", "note") in levels


def test_every_rule_is_described(tenantry: Tenantry, folder: Folder) -> None:
    rules = {rule["id"]: rule for rule in run_of(tenantry, folder.path)["tool"]["driver"]["rules"]}
    assert set(rules) == {"declaration", "sorted", "done", *(rule.id for rule in RULES)}
    for rule in RULES:
        assert rule.remediation in rules[rule.id]["help"]["text"]
        assert rule.source in rules[rule.id]["help"]["text"]
        assert rules[rule.id]["defaultConfiguration"]["level"] == ("error" if rule.level.blocks else "warning")


def test_a_mistake_in_a_file_is_a_result_too(tenantry: Tenantry, folder: Folder) -> None:
    folder.replace(US, "[Helpdesk agent]", "[§Helpdsk agent]")
    (result,) = run_of(tenantry, folder.path, 1)["results"]
    uri, *place = at(result)
    assert (result["ruleId"], result["level"]) == ("declaration", "error")
    assert uri == f"file://{folder.path}/{US}"
    assert tuple(place) == folder.here
    assert "did you mean `Helpdesk agent`?" in result["message"]["text"]


def test_a_missing_file_exits_2_and_is_a_result(tenantry: Tenantry, folder: Folder) -> None:
    (folder.path / PARTNER).unlink()
    assert "declaration" in {item["ruleId"] for item in run_of(tenantry, folder.path, 2)["results"]}


def test_a_name_with_blanks_and_other_scripts_is_a_uri(
    tenantry: Tenantry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = Folder(tmp_path / "contoso déjà #1")
    odd.write(US, FILES[US].replace("[partner]", "[partnr]"))
    monkeypatch.chdir(tmp_path)
    (result,) = run_of(tenantry, Path("contoso déjà #1"), 1)["results"]
    uri = at(result)[0]
    assert uri.isascii()
    assert not set(uri) & {" ", "#"}
    assert unquote(uri) == f"contoso déjà #1/{US}"


def test_a_fingerprint_stays_when_lines_move_and_differs_between_people(tenantry: Tenantry, folder: Folder) -> None:
    def fingerprints(text: str) -> dict[str, str]:
        folder.write(US, text)
        results = run_of(tenantry, folder.path, 1)["results"]
        assert len({item["partialFingerprints"]["tenantry/v1"] for item in results}) == len(results)
        return {item["message"]["text"]: item["partialFingerprints"]["tenantry/v1"] for item in results}

    text = FILES[US].replace("email: ada.nakamura@contoso.com", "email: ada@gmail.com")
    text = text.replace("roles: [Helpdesk agent]", "email: ines@gmail.com, roles: [Helpdesk agent]")
    assert fingerprints(text) == fingerprints("# one line more\n" + text)


def test_what_was_not_evaluated_is_reported(tenantry: Tenantry, folder: Folder) -> None:
    notes = run_of(tenantry, folder.path)["invocations"][0]["toolExecutionNotifications"]
    assert any(note["message"]["text"].startswith("PT-110 was not evaluated on us: ") for note in notes)


EXCEPTION = """\
exceptions:
  shared-mailbox:
    rule: PT-303
    object: ada
    reason: The mailbox moves next month.
    owner: Carla Jensen
    granted_on: {on}
    expires_on: {until}
"""


def test_what_an_exception_allows_is_suppressed_and_blocks_nothing(tenantry: Tenantry, folder: Folder) -> None:
    today = date.today()
    exception = EXCEPTION.format(on=today - timedelta(days=1), until=today + timedelta(days=30))
    folder.write(US, FILES[US].replace("email: ada.nakamura@", "email: info@") + exception)
    results = [item for item in run_of(tenantry, folder.path)["results"] if item["ruleId"] == "PT-303"]
    assert [item["level"] for item in results] == ["note"]
    assert results[0]["suppressions"][0]["kind"] == "inSource"
    document = json.loads(tenantry("check", folder.path, "--json").stdout)
    assert [item["rule"] for item in document["excepted"]] == ["PT-303"]
    assert "PT-303" not in {item["rule"] for item in document["findings"]}
    assert "1 allowed until a date by exceptions" in tenantry("check", folder.path).stdout


def test_two_mistakes_of_one_file_have_fingerprints_of_their_own(tenantry: Tenantry, folder: Folder) -> None:
    folder.write(US, FILES[US].replace("[Helpdesk agent]", "[Helpdsk agent]").replace("[partner]", "[partnr]"))
    results = run_of(tenantry, folder.path, 1)["results"]
    assert len(results) == 2
    assert len({item["partialFingerprints"]["tenantry/v1"] for item in results}) == 2


def test_an_exception_from_no_rule_is_described_like_one(tenantry: Tenantry, folder: Folder) -> None:
    granted = date.today() - timedelta(days=1)
    exception = f"""exceptions:
  one:
    rule: PT-999
    object: ada
    reason: none
    owner: Ada
    granted_on: {granted}
    expires_on: {granted + timedelta(days=30)}
"""
    folder.write(US, FILES[US] + exception)
    (result,) = [item for item in run_of(tenantry, folder.path)["results"] if item["ruleId"] == "PT-999"]
    assert "no rule PT-999" in result["message"]["text"]
