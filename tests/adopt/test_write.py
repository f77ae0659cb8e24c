"""The files: what is written new, and what is added to those that are there."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tenantry.adopt.propose import Written
from tenantry.adopt.write import partner_file, save, stack_file
from tenantry.declaration import Tenant, load
from tenantry.declaration.document import DeclarationError, read, read_text
from tenantry.declaration.explain import valid
from tenantry.project.paths import Project

from .tenants import DOMAIN, Adopting, adopting, people, project_in

MESSY: dict[str, Any] = {
    "users": {
        **people("bob", "cleo", "kim"),
        **people("erik", accountEnabled=False),
    },
    "guests": {"eva@fabrikam.example": {"displayName": "Eva # of: Fabrikam\u202e"}},
    "groups": {
        "AdminAgents": {"members": [f"bob@{DOMAIN}", f"erik@{DOMAIN}"]},
        "HelpdeskAgents": {"members": ["eva@fabrikam.example"]},
        "SalesAgents": {"members": [f"cleo@{DOMAIN}"]},
    },
    "roles": {"Exchange Administrator": [f"kim@{DOMAIN}"]},
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return project_in(tmp_path)


@pytest.fixture(scope="module")
def messy() -> Adopting:
    return adopting(MESSY)


def saved(tenant: Adopting, project: Project, answers: dict[str, str] | None = None) -> Path:
    """The tenant's file, written, with what a next run is to know of it."""
    for change in (tenant.file(project, answers), partner_file(project, "northwind/main", "Northwind")):
        change.file.parent.mkdir(parents=True, exist_ok=True)
        change.file.write_text(change.after)
    return project.partners / "northwind/tenants/main.yaml"


def again(tenant: Adopting, project: Project) -> Adopting:
    """The same tenant, once more, with the files that are there now."""
    folder = project.partners / "northwind"
    return Adopting(tenant.facts, Written(load(folder), read(folder / "tenants/main.yaml").content))


def test_what_is_written_loads_and_says_what_was_proposed(messy: Adopting, project: Project) -> None:
    saved(messy, project)
    assert load(project.partners / "northwind").tenants["main"] == messy.propose().tenant


def test_the_questions_stand_in_the_files_head_with_their_answers(messy: Adopting, project: Project) -> None:
    text = saved(messy, project).read_text()
    head = text[: text.index("\nid: ")]
    assert all(line.startswith("#") for line in head.splitlines() if line)
    for key in ("disabled/erik", "guest/eva-fabrikam-example", "other-roles/kim"):
        assert f"# - {key}: " in head
    assert "leaver: " in head
    assert "⟨U+202E⟩" in head, "no name turns the text around"


def test_a_second_run_changes_nothing(messy: Adopting, project: Project) -> None:
    saved(messy, project)
    change = again(messy, project).file(project)
    assert (change.changes, change.diff) == (False, "")


def test_what_a_hand_wrote_among_the_questions_stays(messy: Adopting, project: Project) -> None:
    file = saved(messy, project)
    bob = file.read_text().partition("  bob:\n")[2].partition("  cleo:\n")[0]
    text = file.read_text().replace(f"  bob:\n{bob}", "")
    people_of_it = f"people:\n  bob:\n{bob}"
    end = "# End of the open questions.\n"
    head, _, rest = text.replace("people:\n", "", 1).partition(end)
    ada = rest.partition("  ada:\n")
    file.write_text(f"{head}{people_of_it}  ada:\n{ada[2]}{end}{ada[0]}")
    change = again(messy, project).file(project)
    assert set(read_text(file, change.after).content["people"]) == {"ada", "bob", "cleo"}  # type: ignore[arg-type]


def test_a_second_run_after_answers_changes_nothing_and_asks_no_more_of_them(messy: Adopting, project: Project) -> None:
    answers = {
        "disabled/erik": "leaver",
        "leaver/erik": "remove",
        "other-roles/kim": "accept",
        "guest/eva-fabrikam-example": "remove",
    }
    file = saved(messy, project, answers)
    next_run = again(messy, project)
    assert next_run.propose().questions == ()
    assert not next_run.file(project).changes
    assert "# Open questions" not in file.read_text()


def test_an_answer_in_a_later_run_is_added_and_every_other_line_stays(messy: Adopting, project: Project) -> None:
    file = saved(messy, project)
    before = file.read_text()
    edited = before.replace("  bob:\n", "  # Bob has been here from the beginning.\n  bob:   # ours\n").replace(
        "    roles: [Sales agent]", "    roles:\n      - Sales agent   # until March"
    )
    file.write_text(edited)
    change = again(messy, project).file(project, {"disabled/erik": "leaver"})
    removed = [line for line in change.diff.splitlines()[2:] if line.startswith("-")]
    assert all(line.startswith("-#") for line in removed), "questions alone go"
    for kept in ("# Bob has been here from the beginning.", "bob:   # ours", "- Sales agent   # until March"):
        assert kept in change.after
    tenant = valid(Tenant, read_text(file, change.after))
    assert list(tenant.members) == ["ada", "bob", "cleo", "erik"], "in its place among the keys"


def test_what_a_hand_took_out_or_added_of_a_person_stays(messy: Adopting, project: Project) -> None:
    file = saved(messy, project)
    text = file.read_text().replace(
        "    full_name: Bob\n", "    full_name: Robert Berg\n    company_roles: [Referral user]\n"
    )
    file.write_text(text)
    assert not again(messy, project).file(project).changes


def test_somebody_new_in_the_tenant_is_proposed_and_who_was_given_more_gets_it(project: Project) -> None:
    saved(adopting(MESSY), project)
    grown = {**MESSY, "groups": {**MESSY["groups"], "SalesAgents": {"members": [f"cleo@{DOMAIN}", f"kim@{DOMAIN}"]}}}
    grown["roles"] = {**MESSY["roles"], "Billing Administrator": [f"cleo@{DOMAIN}"]}
    now = adopting(grown)
    # Object ids are created again with the directory, so that the same people are named by their sign-in names here.
    tenant = Adopting(now.facts, again(now, project).written)
    content = dict(tenant.written.content or {})
    ids = {user.user_principal_name: user.id for user in now.facts.observed.users}  # type: ignore[union-attr]
    content["people"] = {key: {**person, "adopted": ids[person["upn"]]} for key, person in content["people"].items()}
    proposal = Adopting(now.facts, Written(tenant.written.declaration, content)).propose()
    cleo, kim = proposal.tenant.members["cleo"], proposal.tenant.members["kim"]
    assert [role.value for role in cleo.roles] == ["Billing admin", "Sales agent"]
    assert len(cleo.pins.role_assignments) == 1
    assert ([role.value for role in kim.roles], proposal.adopted) == (["Sales agent"], ("kim",))


def test_the_mode_that_a_hand_wrote_stays(messy: Adopting, project: Project) -> None:
    clean = adopting({})
    file = saved(clean, project)
    assert "mode: authoritative" in file.read_text()
    file.write_text(file.read_text().replace("mode: authoritative", "mode: additive  # for now"))
    assert not again(clean, project).file(project).changes


def test_a_partner_that_exists_gets_the_tenant_in_its_list(project: Project) -> None:
    folder = project.partners / "northwind"
    folder.mkdir(parents=True)
    (folder / "partner.yaml").write_text("# Ours.\nname: Northwind\ntenants: [own]  # so far\n")
    change = partner_file(project, "northwind/main", "Northwind Cloud")
    assert change.after == "# Ours.\nname: Northwind\ntenants: [main, own]  # so far\n"


def test_what_entra_does_not_show_is_an_open_line_and_no_silence(messy: Adopting, project: Project) -> None:
    text = saved(messy, project).read_text()
    open_line = "paperwork: open\n# Entra does not show these, so they are open: purpose, serves, programs.MAICPP, "
    assert f"{open_line}programs.FastTrack." in text
    assert again(messy, project).propose().unseen == messy.propose().unseen


def test_a_link_that_leads_nowhere_is_no_place_for_a_file(project: Project) -> None:
    tenants = project.partners / "northwind/tenants"
    tenants.mkdir(parents=True)
    clean = adopting({})
    for file, write in (
        (tenants / "main.yaml", lambda: clean.file(project)),
        (tenants.parent / "partner.yaml", lambda: partner_file(project, "northwind/main", "Northwind")),
        (project.stack_file("main"), lambda: stack_file(project, "main", "northwind/main")),
    ):
        file.symlink_to(project.root / "gone/elsewhere.yaml")
        with pytest.raises(DeclarationError, match=r"a symbolic link to .*elsewhere\.yaml, which does not exist"):
            write()
    assert not (project.root / "gone").exists()


def test_a_folder_that_cannot_be_made_is_said_with_the_file(project: Project) -> None:
    project.partners.symlink_to(project.root / "gone")
    with pytest.raises(DeclarationError, match="cannot be written"):
        save(partner_file(project, "northwind/main", "Northwind"))


def test_a_stacks_file_that_is_there_is_not_touched(project: Project) -> None:
    new = stack_file(project, "main", "northwind/main")
    assert new.after == "config:\n  tenantry:tenant: northwind/main\n"
    new.file.write_text(f"{new.after}  tenantry:other: 1\n")
    assert not stack_file(project, "main", "northwind/main").changes


def test_the_day_of_a_decision_and_its_end_are_written(messy: Adopting, project: Project) -> None:
    saved(messy, project, {"other-roles/kim": "accept"})
    (decision,) = load(project.partners / "northwind").tenants["main"].drift.values()
    assert (decision.decided_on, decision.until) == (date(2026, 11, 29), date(2027, 5, 28))
