from pathlib import Path

import pytest

from tenantry.declaration import DeclarationError
from tenantry.errors import NoProjectError
from tenantry.project.paths import Project
from tenantry.project.stacks import all_stacks, declared_stack, stack_tenant


def test_the_project_is_found_from_any_folder_in_it(project: Project):
    assert Project.around(project.root) == project
    assert Project.around(project.partners / "fabrikam" / "tenants") == project


def test_outside_of_a_project_it_is_reported(tmp_path: Path):
    with pytest.raises(NoProjectError, match=r"No Pulumi\.yaml in .* change to") as caught:
        Project.around(tmp_path)
    assert caught.value.exit_code == 2


def test_everything_that_is_kept_is_in_the_folder_that_git_ignores(project: Project):
    kept = project.root / ".tenantry"
    for path in (
        project.directory,
        project.directory_log,
        project.directory_port,
        project.backend,
        project.own_engine,
        project.downloads,
    ):
        assert path.is_relative_to(kept)


def test_a_stack_names_its_tenant(project: Project):
    assert stack_tenant(project, "dev") == "fabrikam/us"
    assert declared_stack(project, "dev").tenant.name == "Fabrikam (us)"


@pytest.mark.parametrize(
    ("content", "exit_code", "found"),
    [
        (
            None,
            2,
            r"no file of the stack x; expected: .* the stacks here are: dev\. Fix: name one of these with --stack",
        ),
        ("", 2, "an empty file"),
        ("config: [", 2, "found"),
        ("encryptionsalt: x\n", 1, "found: nothing|found nothing"),
        ("config: text\n", 1, "found nothing"),
        ("config:\n  tenantry:tenant: 7\n", 1, r"Pulumi\.x\.yaml:2:20: .*found the number 7.*contoso/us"),
        ("config:\n  tenantry:tenant: ''\n", 1, "found the text"),
    ],
)
def test_a_stack_that_names_none_is_reported_with_its_place(
    project: Project, content: str | None, exit_code: int, found: str
):
    if content is not None:
        project.stack_file("x").write_text(content)
    with pytest.raises(DeclarationError, match=found) as caught:
        stack_tenant(project, "x")
    assert caught.value.exit_code == exit_code


def test_a_stack_of_an_undeclared_tenant_is_reported(project: Project):
    project.stack_file("x").write_text("config:\n  tenantry:tenant: fabrikam/uk\n")
    with pytest.raises(
        DeclarationError, match=r"Pulumi\.x\.yaml:2:20: config\.tenantry:tenant: found no partner tenant 'fabrikam/uk'"
    ):
        declared_stack(project, "x")


def test_a_stack_of_another_partner_is_reported_at_the_place_that_names_it(project: Project):
    project.stack_file("x").write_text("encryptionsalt: x\nconfig:\n  tenantry:tenant: fabrikan/us\n")
    with pytest.raises(
        DeclarationError,
        match=r"Pulumi\.x\.yaml:3:20: config\.tenantry:tenant: found no partner 'fabrikan'; .*/: fabrikam\. "
        r"Fix: did you mean `fabrikam/us`\?",
    ) as caught:
        declared_stack(project, "x")
    assert caught.value.exit_code == 2


def test_every_stack_is_listed_with_its_tenant(project: Project):
    project.stack_file("us").write_text("config:\n  tenantry:tenant: fabrikam/us\n")
    found = [(item.stack, item.declared.name, item.embedded) for item in all_stacks(project)]
    assert found == [("dev", "fabrikam/us", True), ("us", "fabrikam/us", False)]


def test_two_stacks_of_one_tenant_are_refused_with_both_places(project: Project):
    for name in ("one", "two"):
        project.stack_file(name).write_text("config:\n  tenantry:tenant: fabrikam/us\n")
    with pytest.raises(DeclarationError) as caught:
        all_stacks(project)
    assert len(caught.value.problems) == 2
    assert "Pulumi.one.yaml:2:" in str(caught.value)
    assert "a tenant that no other stack manages" in str(caught.value)


def test_mistakes_of_all_stacks_come_at_once(project: Project):
    for name in ("one", "two"):
        project.stack_file(name).write_text("config: {}\n")
    with pytest.raises(DeclarationError) as caught:
        all_stacks(project)
    assert {str(problem.file).rsplit("/", 1)[-1] for problem in caught.value.problems} == {
        "Pulumi.one.yaml",
        "Pulumi.two.yaml",
    }
