"""What a check found as SARIF 2.1.0, so that code hosts show it at the line of a change that it is about."""

import hashlib
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import quote

from tenantry import __version__
from tenantry.findings import DECLARATION, Finding, Level
from tenantry.reports.check import UNKNOWN_DONE, UNSORTED, Checked
from tenantry.rules import RULES, Rule

VERSION: Final = "2.1.0"
SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"

#: What code hosts make of our levels. *note* is left to what changes no meaning.
_LEVELS: Final = {Level.ALWAYS: "error", Level.MANDATORY: "error", Level.ADVISORY: "warning"}


def sarif(checked: Checked) -> dict[str, Any]:
    """One run with every mistake and finding. Files are named as the check names them: from the current folder."""
    # Beside the registry's there is a stand-in for each rule that an exemption names and that does not exist.
    evaluated = {rule.id: rule for rule in (*RULES, *(result.rule for result in checked.results))}
    notes = [f"{item.rule.id} was not evaluated on {item.tenant}: {item.because}" for item in checked.not_evaluated]
    found = (*checked.problems, *checked.findings)
    return log(found, checked.excepted, notes, checked.exit_code, checked.remarks, evaluated.values())


def log(
    found: Iterable[Finding],
    excepted: Iterable[Finding],
    notes: Iterable[str],
    exit_code: int,
    remarks: Iterable[Finding] = (),
    evaluated: Iterable[Rule] = RULES,
) -> dict[str, Any]:
    """One run with findings, those that an exception allows, and what was not looked at."""
    rules = [
        _described(
            DECLARATION,
            "Files follow the schema",
            "error",
            "No rule is evaluated on a declaration with a mistake.",
            "Correct the field; `tenantry schema` prints the schema.",
        ),
        *map(_rule, evaluated),
        _described(
            UNSORTED,
            "Entries are sorted",
            "note",
            "People are sorted by key and roles as in Table 1, so that a change of one person is a change of one line.",
            "Run `tenantry check --fix`.",
        ),
        _described(
            UNKNOWN_DONE,
            "`done` names existing to-dos",
            "note",
            "An entry of `done` with an unknown id has no effect.",
            "Correct the id, as `tenantry todo` shows it, or remove the entry.",
        ),
    ]
    numbers = {rule["id"]: number for number, rule in enumerate(rules)}
    results = [
        *map(_result, found),
        *map(_allowed, excepted),
        *(_result(item) | {"level": "note"} for item in remarks),
    ]
    return {
        "$schema": SCHEMA,
        "version": VERSION,
        "runs": [
            {
                "tool": {"driver": {"name": "tenantry", "version": __version__, "rules": rules}},
                "columnKind": "unicodeCodePoints",
                "invocations": [
                    {
                        "executionSuccessful": True,
                        "exitCode": exit_code,
                        "toolExecutionNotifications": [{"level": "note", "message": {"text": note}} for note in notes],
                    }
                ],
                "results": [result | {"ruleIndex": numbers[result["ruleId"]]} for result in results],
            }
        ],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    described = _described(rule.id, rule.title, _LEVELS[rule.level], f"Source: {rule.source}.", rule.remediation)
    properties = {"level": rule.level.value, "severity": rule.severity.value, "scope": rule.scope.value}
    return described | {"properties": properties}


def _described(id_: str, title: str, level: str, why: str, remediation: str) -> dict[str, Any]:
    return {
        "id": id_,
        "name": "".join(
            word.capitalize() for word in title.replace("'", "").replace("-", " ").split() if word.isalnum()
        ),
        "shortDescription": {"text": title},
        "fullDescription": {"text": f"{title}. {why}"},
        "help": {
            "text": f"{title}.\n\n{why}\n\nFix: {remediation}",
            "markdown": f"**{title}**\n\n{why}\n\n{remediation}",
        },
        "defaultConfiguration": {"level": level},
    }


def _allowed(finding: Finding) -> dict[str, Any]:
    """What an exception allows: suppressed, and a note to those code hosts that show it all the same."""
    result = _result(finding)
    message = {"text": f"Allowed until a date by an exception. {result['message']['text']}"}
    return result | {"level": "note", "message": message, "suppressions": [{"kind": "inSource", "status": "accepted"}]}


def _result(found: Finding) -> dict[str, Any]:
    """One result. Its fingerprint says what it is about and leaves out the line, which changes above it move."""
    about = f"{found.rule} {found.file or ''} {found.object or found.subject} {found.field} {found.actual}"
    result: dict[str, Any] = {
        "ruleId": found.rule,
        "level": _LEVELS[found.level],
        "message": {"text": found.message},
        "partialFingerprints": {"tenantry/v1": hashlib.sha256(about.encode()).hexdigest()[:32]},
    }
    if found.file is not None:
        region = {"startLine": found.line, "startColumn": found.column}
        result["locations"] = [{"physicalLocation": {"artifactLocation": _artifact(found.file), "region": region}}]
    return result


def _artifact(file: str) -> dict[str, str]:
    if PurePosixPath(file).is_absolute():
        return {"uri": f"file://{quote(file)}"}
    return {"uri": quote(file), "uriBaseId": "%SRCROOT%"}
