"""What each rule that can be evaluated on a declaration finds: exit code 1 where it blocks, 0 where it advises.

A case for each is made of the rule's example (docs/rules/examples.yaml). Further ones have exceptions.
"""

import io
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tenantry.declaration.document import read_text
from tenantry.reference.pages import Example, examples
from tenantry.rules import RULES, Level
from tests.bad.builder import FILES, US, Case, Content, Edit, case
from tests.programs.harness import plain, put_over

_MODE = "mode: authoritative\n"
_DORAS_MAIL = "email: dora.lake@acme.example"
_ADVISES = {rule.id for rule in RULES if rule.level is Level.ADVISORY} | {"PT-203", "PT-409"}
"""Of the last two, what their examples show only advises."""


def of_example(rule: str, example: Example) -> Case:
    """The declaration of the examples, with that of a rule put over it."""
    return Case(f"{rule}-example", (rule,), int(rule not in _ADVISES), lambda: _content(example))


def _content(example: Example) -> Content:
    files = FILES | {example.file: _dumped(put_over(plain(FILES[example.file]), plain(example.fires)))}
    place = read_text(Path(example.file), files[example.file]).place(example.at)
    return {name: text.encode() for name, text in files.items()}, ((example.file, place.line, place.column),)


def _dumped(content: Any) -> str:
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    stream = io.StringIO()
    writer.dump(content, stream)
    return stream.getvalue()


def exemption(rule: str, of: str, granted: str = "2026-06-01", expires: str = "2027-05-01") -> Edit:
    return Edit(
        US,
        _MODE,
        f"{_MODE}exceptions:\n  x:\n    rule: {rule}\n    object: {of}\n    reason: it is so\n    owner: Ada Moss\n"
        f"    granted_on: {granted}\n    expires_on: {expires}\n",
    )


RULE_CASES = (
    *(of_example(rule, example) for rule, example in examples()[1].items() if example.kind == "yaml"),
    case(
        "PT-102-global-admin-kept-out-of-the-group",
        Edit(
            US,
            "email: bruno.vale@acme.example, roles: [Global admin]",
            "email: bruno.vale@acme.example, roles: [Global admin], without: {AdminAgents: §{reason: Tenant only, "
            "owner: Ada Moss, decided_on: 2026-06-01, until: 2027-05-31}}",
        ),
        says=("PT-102",),
        exit_code=0,
    ),
    case(
        "PT-107-a-declared-identity",
        Edit(
            US,
            _MODE,
            f"{_MODE}identities: {{bridge: {{object_id: 0f7a1f5e-31f6-4b0e-8a53-0c8f3d1b7c21, name: Bridge, "
            "groups: §[AdminAgents], owner: Ada Moss, reason: No GDAP yet, decided_on: 2026-06-01, "
            "until: 2027-05-31}}\n",
        ),
        says=("PT-107",),
        exit_code=0,
    ),
    case(
        "PT-303-with-an-exception",
        Edit(US, _DORAS_MAIL, "email: info@acme.example"),
        exemption("PT-303", "dora"),
        says=(),
        exit_code=0,
    ),
    case(
        "PT-303-exception-that-has-ended",
        Edit(US, _DORAS_MAIL, "email: §info@acme.example"),
        exemption("PT-303", "dora", "2025-06-01", "§2026-05-01"),
        says=("PT-303", "PT-303"),
    ),
    case("PT-311-exception-from-nothing", exemption("PT-311", "§dora"), says=("PT-311",), exit_code=0),
    case(
        "PT-301-exception-from-a-rule-that-takes-none",
        Edit(US, _DORAS_MAIL, "email: §dora.lake@gmail.com"),
        exemption("§PT-301", "dora"),
        says=("PT-301", "PT-301"),
    ),
)
