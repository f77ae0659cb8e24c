"""`tenantry adopt`: what is written, asked and said, and how it ends."""

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tenantry.adopt.questions import Choice, Question
from tenantry.commands.adopt import _ask_all
from tenantry.directory.store import Store
from tenantry.graph.client import GraphReader
from tenantry.scaffold.release import INVENTED
from tests.adopt.tenants import DOMAIN, people, project_in, store_of
from tests.directory.samples import UNITED_STATES
from tests.graph.in_process import reader_of

from .conftest import Tenantry

SEED: dict[str, Any] = {
    "users": {**people("bob"), **people("erik", accountEnabled=False)},
    "guests": {"eva@fabrikam.example": {"displayName": "Eva [red]Holm"}},
    "groups": {
        "AdminAgents": {"members": [f"bob@{DOMAIN}", f"erik@{DOMAIN}"]},
        "HelpdeskAgents": {"members": ["eva@fabrikam.example"]},
    },
}
FILE = Path("partners/northwind/tenants/main.yaml")
GUEST = "guest/eva-fabrikam-example"


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with store_of(SEED) as made:
        yield made


@pytest.fixture(autouse=True)
def _signed_in(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Signed in to a tenant in use, in a project without a declaration."""
    project_in(tmp_path)
    monkeypatch.chdir(tmp_path)
    with ExitStack() as stack:
        monkeypatch.setattr(
            GraphReader,
            "from_environment",
            lambda *_: stack.enter_context(reader_of(store, UNITED_STATES.tenant_id)),
        )
        monkeypatch.setattr(GraphReader, "close", lambda _: None)
        yield


def test_a_tenant_is_read_and_its_three_files_are_written(tenantry: Tenantry) -> None:
    ran = tenantry("adopt", "northwind/main")
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert "4 accounts; 4 people have partner access; 2 declared; 2 questions open" in " ".join(ran.stdout.split())
    assert Path("partners/northwind/partner.yaml").read_text() == "name: Contoso Deployment Services\ntenants: [main]\n"
    assert Path("Pulumi.main.yaml").read_text() == "config:\n  tenantry:tenant: northwind/main\n"
    assert FILE.exists()
    assert tenantry("check", "partners/northwind").exit_code in (0, 1), "it loads"


def test_what_is_left_is_reported_with_the_ways_to_settle_it(tenantry: Tenantry) -> None:
    output = " ".join(tenantry("adopt", "northwind/main").stdout.split())
    assert f"`disabled/erik` Erik (erik@{DOMAIN}) holds AdminAgents: leaver, declare, remove or later" in output
    assert f"`{GUEST}` Eva [red]Holm (eva_fabrikam.example#EXT#@" in output, "a name is no markup"
    assert "tenantry adopt northwind/main --verify" in output


def test_a_second_run_has_nothing_to_write(tenantry: Tenantry) -> None:
    tenantry("adopt", "northwind/main")
    before = FILE.read_bytes()
    again = tenantry("adopt", "northwind/main", "--write")
    assert (again.exit_code, FILE.read_bytes()) == (0, before)
    assert "Written" not in again.stdout


def test_what_is_to_be_added_to_a_file_is_shown_and_written_only_where_one_says_so(tenantry: Tenantry) -> None:
    tenantry("adopt", "northwind/main")
    before = FILE.read_bytes()
    shown = tenantry("adopt", "northwind/main", "--answer", "disabled/erik=leaver")
    assert "\n+  erik:\n+    full_name: Erik\n" in shown.stdout
    assert "`tenantry adopt northwind/main --write`" in shown.stdout
    assert FILE.read_bytes() == before
    written = tenantry("adopt", "northwind/main", "--answer", "disabled/erik=leaver", "--write")
    assert f"Written: {FILE}" in written.stdout
    assert "    state: leaver\n" in FILE.read_text()


def test_a_decision_takes_an_owner_and_a_reason(tenantry: Tenantry) -> None:
    unsigned = tenantry("adopt", "northwind/main", "--answer", f"{GUEST}=remove")
    assert (unsigned.exit_code, unsigned.stdout) == (2, "")
    assert "add --owner NAME and --reason TEXT" in unsigned.stderr
    assert not FILE.exists()
    soon = date.today() + timedelta(days=60)
    for until in (str(date.today()), "2099-01-31"):
        signed = ("--owner", "Grace Mbeki", "--reason", "Gone since March", "--until", until)
        too_long = tenantry("adopt", "northwind/main", "--answer", f"{GUEST}=remove", *signed)
        assert (too_long.exit_code, f"until {until} ends too early or too late" in too_long.stderr) == (2, True)
    signed = ("--owner", "Grace Mbeki", "--reason", "Gone since March", "--until", str(soon))
    assert tenantry("adopt", "northwind/main", "--answer", f"{GUEST}=remove", *signed).exit_code == 0
    assert f"until: {soon}" in FILE.read_text()


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            "guest/nobody=remove",
            "`guest/nobody`, which is not an open question; expected: a key of the questions below",
        ),
        ("disabled/erik=perhaps", "`disabled/erik`; expected: leaver, declare, remove or later"),
    ],
)
def test_an_answer_that_fits_nothing_fails_and_says_what_is_expected(
    tenantry: Tenantry, answer: str, message: str
) -> None:
    ran = tenantry("adopt", "northwind/main", "--answer", answer)
    assert (ran.exit_code, f"not taken: the answer to {message}" in ran.stdout) == (1, True)


@pytest.mark.parametrize("name", ["northwind", "Northwind/main", "northwind/main/x", "../x/y", "northwind/"])
def test_a_name_that_is_none_is_refused_before_anything_is_read(tenantry: Tenantry, name: str) -> None:
    ran = tenantry("adopt", name)
    assert (ran.exit_code, "Write PARTNER/TENANT, such as northwind/main" in ran.stderr) == (2, True)


@pytest.mark.parametrize(
    ("other", "remediation"),
    [
        ("0d9a4b52-3c1e-4f7a-8b60-51f3c27ad901", "sign in to the declared tenant"),
        (INVENTED, "that is the invented one; delete it first: rm -r partners/northwind Pulumi.dev.yaml"),
    ],
    ids=["another", "the invented one of a new repository"],
)
def test_another_tenant_of_the_same_name_is_never_written_over(
    tenantry: Tenantry, other: str, remediation: str
) -> None:
    tenantry("adopt", "northwind/main")
    text = FILE.read_text().replace(UNITED_STATES.tenant_id, other)
    FILE.write_text(text)
    ran = tenantry("adopt", "northwind/main", "--write")
    assert (ran.exit_code, FILE.read_text()) == (1, text)
    assert f"is {other}: nothing was written. Fix: {remediation}" in ran.stderr


def test_a_file_with_a_mistake_is_refused_with_its_place(tenantry: Tenantry) -> None:
    tenantry("adopt", "northwind/main")
    FILE.write_text(FILE.read_text().replace("roles: [Admin agent]", "roles: [Admin agnet]"))
    ran = tenantry("adopt", "northwind/main")
    assert ran.exit_code == 1
    assert "people.bob.roles[0]" in ran.stderr


def test_for_a_script_all_of_it_is_json(tenantry: Tenantry) -> None:
    ran = tenantry("adopt", "northwind/main", "--format", "json")
    messages = json.loads(ran.stdout)
    assert (messages["tenant"], messages["tenant_id"], messages["stack"]) == (
        "northwind/main",
        UNITED_STATES.tenant_id,
        "main",
    )
    assert {file["state"] for file in messages["files"]} == {"written"}
    assert {item["key"]: [way["name"] for way in item["choices"]] for item in messages["questions"]} == {
        "disabled/erik": ["leaver", "declare", "remove", "later"],
        GUEST: ["remove", "later"],
    }


def test_a_stack_of_that_name_that_manages_another_tenant_is_left_alone(tenantry: Tenantry) -> None:
    Path("Pulumi.main.yaml").write_text("config:\n  tenantry:tenant: contoso/us\n")
    document = json.loads(tenantry("adopt", "northwind/main", "--format", "json").stdout)
    assert document["stack"] == "northwind-main"
    assert Path("Pulumi.main.yaml").read_text() == "config:\n  tenantry:tenant: contoso/us\n"


def test_on_a_terminal_it_asks_question_by_question(
    tenantry: Tenantry, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    typed = iter(["who knows", "leaver", "remove", "Grace Mbeki", "Gone since March", "soon", ""])
    monkeypatch.setattr("typer.prompt", lambda *_, **__: next(typed))
    ran = tenantry("adopt", "northwind/main")
    assert ran.exit_code == 0
    assert "1 of 2  Erik" in ran.stdout
    assert "Expected one of: leaver, declare, remove, later" in ran.stdout
    text = FILE.read_text()
    assert "state: leaver" in text
    assert "reason: Gone since March" in text
    assert re.findall(r"^# - (\S+):", text, re.MULTILINE) == ["leaver/erik"], "until it is gone"
    assert list(typed) == []


def test_what_a_tenant_calls_things_gives_the_terminal_no_orders(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("typer.prompt", lambda *_, **__: "later")
    evil = "a\x1b[2J\u202eb"
    question = Question(
        key="email/eve",
        subject=evil,
        holds=(evil,),
        asks=evil,
        choices=(Choice("later", evil, evil),),
        free=evil,
    )
    _ask_all((question,))
    output = capsys.readouterr().out
    assert "⟨U+001B⟩" in output
    assert not {"\x1b", "\u202e"} & set(output)


def test_who_is_asked_nothing_answers_nothing(tenantry: Tenantry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setattr("typer.prompt", lambda *_, **__: pytest.fail("it asks"))
    assert tenantry("adopt", "northwind/main", "--no-input").exit_code == 0


@pytest.mark.parametrize("command", ["check", "codeowners", "who", "todo", "ftop", "audit", "env"])
def test_where_no_partner_is_declared_commands_advise_to_adopt_which_declares_one(
    tenantry: Tenantry, command: str
) -> None:
    Path(".git").mkdir()
    ran = tenantry(command)
    said = " ".join(ran.stderr.replace("│", " ").split())
    assert ran.exit_code == 2
    assert "run `tenantry adopt PARTNER/TENANT`, which declares it" in said
    assert "yet" in said
    assert tenantry("adopt", "northwind/main").exit_code == 0
    again = tenantry(command)
    assert "adopt PARTNER/TENANT" not in again.stderr
    assert again.exit_code != 2


def test_below_a_repository_s_folder_commands_name_that_folder(
    tenantry: Tenantry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tenantry("adopt", "northwind/main").exit_code == 0
    monkeypatch.chdir(tmp_path / "partners")
    ran = tenantry("check")
    assert (ran.exit_code, str(tmp_path) in ran.stderr.replace("│\n│ ", "")) == (2, True)
