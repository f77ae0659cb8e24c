"""Customers: where they may stand, what a template adds, and every mistake with its place."""

import re
import shutil
from pathlib import Path

import pytest

from tenantry.declaration import Tenant, load
from tenantry.declaration.customers import GdapTemplate, shipped_templates
from tenantry.findings import Place
from tenantry.role_templates import GLOBAL_ADMINISTRATOR, role_template_named

from .folder import HERE, US, Folder

OF_US = "customers/us.yaml"
GROUPS = """\
gdap:
  groups:
    service-desk: {name: GDAP Service Desk, people: [ines]}
    mail: {name: GDAP Mail, people: [carla, ines]}
  templates:
    everyday:
      auto_extend: true
      assignments: {service-desk: [Helpdesk Administrator], mail: [Exchange Administrator]}
"""
FABRIKAM = (
    "fabrikam: {name: Fabrikam Inc., tenant_id: 11111111-0b7e-4a55-9a53-0f6f3b1f0c11, domain: fabrikam.com, country: US"
)
TAILSPIN = (
    "tailspin: {name: Tailspin Toys, tenant_id: 22222222-0b7e-4a55-9a53-0f6f3b1f0c11, domain: tailspin.com, country: US"
)


def customers(*more: str) -> str:
    return GROUPS + "customers:\n" + "".join(f"  {line}}}\n" for line in more)


def us(folder: Folder) -> Tenant:
    return folder.load().tenants["us"]


def test_a_customer_is_one_line_and_takes_the_rest_from_the_template_of_the_relationships_key(folder: Folder) -> None:
    folder.write(OF_US, customers(f"{FABRIKAM}, gdap: {{everyday: {{}}}}"))
    (item,) = us(folder).relationships
    assert (item.display_name, item.duration, item.auto_extend) == ("Fabrikam Inc. everyday", "P730D", True)
    assert {group: {role.name for role in roles} for group, roles in item.assignments.items()} == {
        "service-desk": {"Helpdesk Administrator"},
        "mail": {"Exchange Administrator"},
    }
    assert {role.name for role in item.roles} == {"Helpdesk Administrator", "Exchange Administrator"}


def test_what_a_relationship_says_itself_goes_before_its_template(folder: Folder) -> None:
    own = "gdap: {short: {template: everyday, display_name: Audit, duration: P30D, auto_extend: false, "
    roles = "roles: [Global Reader, Security Reader], assignments: {mail: [Security Reader]}}}"
    folder.write(OF_US, customers(f"{FABRIKAM}, {own}{roles}"))
    (item,) = us(folder).relationships
    assert (item.display_name, item.days, item.auto_extend) == ("Audit", 30, False)
    assert {role.name for role in item.roles} == {"Global Reader", "Security Reader"}
    assert list(item.assignments) == ["mail"]


def test_customers_may_stand_in_the_tenants_file_too(folder: Folder) -> None:
    folder.replace(US, "ftop:\n", customers(f"{FABRIKAM}, gdap: {{everyday: {{}}}}") + "ftop:\n")
    assert [item.customer_key for item in us(folder).relationships] == ["fabrikam"]


def test_a_file_of_customers_is_sorted_and_placed_by_itself(folder: Folder) -> None:
    folder.write(OF_US, customers(f"{TAILSPIN}", f"{FABRIKAM}, {HERE}gdap: {{everyday: {{}}}}"))
    declaration = folder.load()
    assert declaration.place("us", ("customers", "fabrikam", "gdap")).file == folder.place(OF_US).file
    assert declaration.place("us", ("people", "ines")).file == Place(folder.place(US).file).file
    assert [document.file.name for document in declaration.files] == [
        "partner.yaml",
        "own-use.yaml",
        "us.yaml",
        "us.yaml",
    ]


@pytest.mark.parametrize(
    ("text", "field", "actual", "remediation"),
    [
        pytest.param(f"{HERE}country: GB\n", "country", "the unknown key 'country'", "move it", id="another field"),
        pytest.param(
            customers(f"{FABRIKAM}, gdap: {{everyday: {{template: {HERE}evryday}}}}"),
            "customers.fabrikam.gdap.everyday.template",
            "the unknown template 'evryday'",
            "did you mean `everyday`?",
            id="a misspelt template",
        ),
        pytest.param(
            customers(f"{FABRIKAM}, gdap: {{own: {{assignments: {{nobody: {HERE}[Global Reader]}}}}}}"),
            "customers.fabrikam.gdap.own.assignments.nobody",
            "the group `nobody`",
            "declare it",
            id="an unknown group",
        ),
        pytest.param(
            customers(f"{FABRIKAM}, gdap: {{other: {HERE}{{}}}}"),
            "customers.fabrikam.gdap.other",
            "neither `template` nor `assignments`",
            "add one",
            id="no template",
        ),
        pytest.param(
            customers(f"{FABRIKAM}, gdap: {{evryday: {HERE}{{}}}}"),
            "customers.fabrikam.gdap.evryday",
            "neither `template` nor `assignments`",
            "did you mean the template `everyday` as the key?",
            id="a misspelt template as the key",
        ),
        pytest.param(
            customers(FABRIKAM, TAILSPIN.replace("tenant_id: 22222222", f"tenant_id: {HERE}11111111")),
            "customers.tailspin.tenant_id",
            "which `fabrikam` has too",
            "correct one",
            id="one customer twice",
        ),
        pytest.param(
            customers(
                f"{FABRIKAM}, gdap: {{everyday: {{display_name: Same}}}}",
                f"{TAILSPIN}, gdap: {{everyday: {HERE}{{display_name: same}}}}",
            ),
            "customers.tailspin.gdap.everyday",
            "the display name 'same', which `fabrikam.gdap.everyday` has too",
            "another `display_name`",
            id="one display name twice",
        ),
        pytest.param(
            customers(f"{FABRIKAM.replace('Fabrikam Inc.', 'F' * 50)}, gdap: {{everyday: {HERE}{{}}}}"),
            "customers.fabrikam.gdap.everyday",
            "of 59 characters",
            "shorter `display_name`",
            id="a display name that is too long",
        ),
        pytest.param(
            GROUPS.replace("people: [ines]", f"people: [{HERE}inse]"),
            "gdap.groups.service-desk.people[0]",
            "`inse`",
            "did you mean `ines`?",
            id="a misspelt person",
        ),
        pytest.param(
            GROUPS.replace("GDAP Mail", f"{HERE}gdap service desk"),
            "gdap.groups.mail.name",
            "which `service-desk` has too",
            "correct one",
            id="one group twice",
        ),
        pytest.param(
            GROUPS.replace("[Exchange Administrator]", f"[{HERE}Exchange admin]"),
            "gdap.templates.everyday.assignments.mail[0]",
            "'Exchange admin'",
            "did you mean `Exchange Administrator`?",
            id="a role by a short name",
        ),
        pytest.param(
            customers(f"{FABRIKAM}, reseller: {{requested_on: 2026-02-01, approved_on: {HERE}2026-01-31}}"),
            "customers.fabrikam.reseller.approved_on",
            "2026-01-31, before",
            "correct one",
            id="an approval before the request",
        ),
    ],
)  # fmt: skip
def test_a_mistake_among_customers_is_named_with_its_place(
    folder: Folder, text: str, field: str, actual: str, remediation: str
) -> None:
    folder.write(OF_US, text)
    problem = folder.problem()
    assert (problem.field, problem.place) == (field, folder.place(OF_US))
    assert actual in problem.actual
    assert remediation in problem.remediation


def test_what_stands_in_both_files_is_refused_and_not_merged(folder: Folder) -> None:
    folder.replace(US, "ftop:\n", "customers: {}\nftop:\n")
    folder.write(OF_US, f"{HERE}customers: {{}}\n")
    problem = folder.problem()
    assert problem.place == folder.place(OF_US)
    assert "tenants/us.yaml has too" in problem.actual


@pytest.mark.parametrize("name", ["customers/eu.yaml", "customers/us.yml"])
def test_a_file_of_customers_without_a_tenant_is_refused(folder: Folder, name: str) -> None:
    folder.write(name, "customers: {}\n")
    assert "no tenant of this name" in folder.problem().actual


def test_customers_need_csp(folder: Folder) -> None:
    folder.replace(US, 'CSP: {enrolled_on: 2025-02-17, location_id: "5120344"}', "MAICPP: {enrolled_on: 2025-02-17}")
    folder.write(OF_US, customers(f"{FABRIKAM}, gdap: {{everyday: {{}}}}"))
    assert folder.problem().actual == "`customers` in a tenant without CSP"


@pytest.mark.parametrize("template", shipped_templates().values(), ids=list(shipped_templates()))
def test_a_template_that_is_shipped_keeps_what_the_rules_ask(template: GdapTemplate) -> None:
    names = [role for roles in template.assignments.values() for role in roles]
    assert all(role_template_named(name) for name in names)
    assert GLOBAL_ADMINISTRATOR.name not in names
    assert template.duration == "P730D"
    assert len(names) == len(set(names))


def test_the_fifteen_roles_are_fifteen() -> None:
    assert len(shipped_templates()["fifteen-roles"].assignments) == 15


def test_the_pages_example_is_a_file_of_customers(root: Path, tmp_path: Path) -> None:
    page = (root / "docs/customers.md").read_text(encoding="utf-8")
    (example,) = re.findall("```yaml\n(.*?)```", page, re.DOTALL)
    shutil.copytree(root / "examples/adatum", tmp_path / "adatum")
    (tmp_path / "adatum" / OF_US).write_text(example, encoding="utf-8")
    (one,) = load(tmp_path / "adatum").tenants["us"].relationships
    assert (one.display_name, one.auto_extend) == ("Fabrikam everyday", True)
