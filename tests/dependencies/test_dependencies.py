"""Each locked package may be used by its licence, and an audit that saw nothing never says that it found nothing."""

import json

import pytest

from tests.dependencies import __main__ as command
from tests.dependencies import vulnerabilities
from tests.dependencies.licences import LOCKS, Policy, licence_of, locked, look
from tests.dependencies.vulnerabilities import read

POLICY = Policy.read()


@pytest.mark.parametrize("lock", LOCKS)
def test_the_licence_of_each_locked_package_is_on_the_list(lock: str) -> None:
    found = look(lock, POLICY)
    assert found.refused == ()
    if lock != LOCKS[0] and found.not_looked_at:
        pytest.skip(f"not installed here: {', '.join(found.not_looked_at)}")
    assert found.not_looked_at == ()


def test_every_exception_has_a_reason_and_is_needed() -> None:
    packages = {name for lock in LOCKS for name in locked(lock)}
    for package, exception in POLICY.exceptions.items():
        assert exception["reason"]
        assert package in packages
        assert licence_of(package) == exception["licence"]
        assert exception["licence"] not in POLICY.allowed


@pytest.mark.parametrize(
    ("licence", "allowed"),
    [
        ("MIT", True),
        ("Apache-2.0 OR GPL-3.0-only", True),
        ("Apache-2.0 AND MIT", True),
        ("Apache-2.0 AND GPL-3.0-only", False),
        ("GPL-3.0-only", False),
        ("LGPL-2.1-only", False),
        ("none stated", False),
    ],
)
def test_a_licence_is_allowed_by_one_to_choose_or_by_all_that_bind(licence: str, allowed: bool) -> None:
    assert POLICY.allows("some-package", licence) is allowed


FOUND = {
    "dependencies": [
        {"name": "jinja2", "version": "2.0", "vulns": [{"id": "PYSEC-2021-66", "fix_versions": ["2.11.3"]}]},
        {"name": "idna", "version": "3.1", "vulns": []},
    ]
}
SKIPPED = {"dependencies": [{"name": "idna", "skip_reason": "Dependency not found on PyPI"}]}


def test_a_known_vulnerability_is_named_with_the_release_that_fixes_it() -> None:
    audit = read(json.dumps(FOUND), "")
    assert audit.vulnerable == ("jinja2 2.0: PYSEC-2021-66. Fix: 2.11.3",)
    assert (audit.looked_up, audit.whole) == (2, True)


@pytest.mark.parametrize(
    ("answer", "messages", "why"),
    [
        (
            json.dumps(SKIPPED),
            "No known vulnerabilities found",
            "1 packages, such as idna: Dependency not found on PyPI",
        ),
        ("", "Traceback\nConnectionError: index.example\n", "all of them: ConnectionError: index.example"),
        ("", "", "all of them: pip-audit gave no answer"),
        ('{"dependencies": []}', "", "all of them: none is listed"),
    ],
)
@pytest.mark.parametrize("required", ["", "1"])
def test_what_was_not_looked_up_is_said_and_fails_only_where_it_is_required(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answer: str,
    messages: str,
    why: str,
    required: str,
) -> None:
    audit = read(answer, messages)
    assert audit.not_looked_up == why
    monkeypatch.setenv("TENANTRY_REQUIRE_AUDIT", required)
    monkeypatch.setattr(command, "run", lambda *_: audit)
    assert command.main("python") == int(required == "1")
    assert f"NOT LOOKED UP: {why}" in capsys.readouterr().out


def test_without_pip_audit_the_reason_is_said() -> None:
    assert not vulnerabilities.run("/nowhere/python", LOCKS[0]).whole
