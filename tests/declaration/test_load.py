"""A whole partner: everything of a valid one, nothing of an invalid one, all mistakes at once."""

from datetime import date
from pathlib import Path

import pytest

from tenantry.declaration import DeclarationError, Mode, Place, Program, load, load_stack
from tenantry.declaration.document import read, shown

from .folder import FILES, OWN, PARTNER, US, Folder


def test_a_valid_partner_is_read_whole(folder: Folder) -> None:
    declaration = folder.load()
    us = declaration.tenants["us"]
    assert declaration.key == "contoso"
    assert list(declaration.tenants) == ["own-use", "us"]
    assert declaration.partner.partner_id == "4827315"
    assert us.mode is Mode.AUTHORITATIVE
    assert us.programs[Program.CSP].enrolled_on == date(2025, 2, 17)
    assert list(us.members) == ["ada", "carla", "ines", "rescue"]
    assert [stack.name for stack in declaration.stacks()] == ["contoso/us"]


def test_the_sample_is_valid(root: Path) -> None:
    assert list(load(root / "partners/contoso").tenants) == ["own-use", "uk", "us"]


def test_every_mistake_of_every_file_comes_in_one_run_and_sorted(folder: Folder) -> None:
    folder.write(PARTNER, FILES[PARTNER].replace("[own-use, us]", "[own-use, us, uk]").replace('"4827315"', "4"))
    folder.write(OWN, FILES[OWN].replace("country: US", "country: NO\ncountry: SE").replace("name: Contoso", "nam: x"))
    folder.write(
        US,
        FILES[US]
        .replace("Helpdesk agent", "Helpdsk agent")
        .replace("emergency: true", "emergency: 1\n    state: gone")
        .replace("mode: authoritative\n", "")
        .replace("by: ada", "by: zoe"),
    )
    error = folder.error()
    message = [(Path(problem.file or "").name, problem.field) for problem in error.problems]
    assert sorted(message) == [
        ("own-use.yaml", "country"),
        ("own-use.yaml", "nam"),
        ("own-use.yaml", "name"),
        ("partner.yaml", "partner_id"),
        ("partner.yaml", "tenants[2]"),
        ("us.yaml", "mode"),
        ("us.yaml", "people.ines.roles[0]"),
        ("us.yaml", "people.rescue.emergency"),
        ("us.yaml", "people.rescue.state"),
    ]
    assert list(error.problems) == sorted(error.problems, key=lambda problem: (problem.file, problem.line))
    assert error.exit_code == 2  # a file is missing
    assert str(error).splitlines() == [str(problem) for problem in error.problems]


def test_mistakes_of_tenants_are_reported_beside_a_partner_file_that_is_no_yaml(folder: Folder) -> None:
    folder.write(PARTNER, "name: [")
    folder.write(US, FILES[US].replace("[partner]", "[partnr]"))
    assert [Path(problem.file or "").name for problem in folder.error().problems] == ["partner.yaml", "us.yaml"]


def test_mistakes_of_a_file_that_is_not_listed_are_reported_too(folder: Folder) -> None:
    folder.write("tenants/uk.yaml", "purpose: []\n")
    fields = {problem.field for problem in folder.error().problems}
    assert fields == {"tenants", "id", "name", "country", "domains", "purpose"}


@pytest.mark.parametrize("name", [".us.yaml.swp", "README.md", "us.yaml.orig"])
def test_other_files_beside_the_tenants_are_nobodys_business(folder: Folder, name: str) -> None:
    folder.write(f"tenants/{name}", "- anything\n")
    folder.load()


# Stacks


def test_a_stack_is_one_partner_tenant(folder: Folder) -> None:
    stack = load_stack(folder.path.parent, "contoso/us")
    assert stack.name == "contoso/us"
    assert stack.tenant.name == "Contoso Partner (US)"


@pytest.mark.parametrize(
    ("name", "found", "mend"),
    [
        ("contoso/uss", "no partner tenant 'contoso/uss'", "did you mean `contoso/us`?"),
        ("contoso", "no partner tenant 'contoso'", "contoso/us"),
        ("contoso/own-use", "it is for own use and has no stack", "tenantry:tenant"),
        ("contoso/us/", "no partner tenant", "contoso/us"),
    ],
)
def test_a_stack_of_no_partner_tenant_is_reported_with_the_nearest(
    folder: Folder, name: str, found: str, mend: str
) -> None:
    with pytest.raises(DeclarationError) as caught:
        load_stack(folder.path.parent, name)
    (problem,) = caught.value.problems
    assert found in problem.actual
    assert "contoso/us" in problem.expected
    assert mend in problem.remediation
    assert problem.place == Place(shown(folder.path / PARTNER), 8, 10)
    assert caught.value.exit_code == 1


@pytest.mark.parametrize("name", ["fabrikam/us", "", "/us", "../nowhere/us", "../{0}/contoso/us", "./us"])
def test_a_stack_of_no_partner_is_reported_with_those_that_are_there(folder: Folder, name: str) -> None:
    name = name.format(folder.path.parent.name)
    at = Place("Pulumi.dev.yaml", 3, 20), ("config", "tenantry:tenant")
    with pytest.raises(DeclarationError) as caught:
        load_stack(folder.path.parent, name, named_at=at)
    partner = name.partition("/")[0]
    assert str(caught.value) == (
        f"Pulumi.dev.yaml:3:20: config.tenantry:tenant: found no partner {partner!r}; expected: PARTNER/TENANT with "
        f"the name of a folder under {shown(folder.path.parent)}/: contoso. Fix: set `tenantry:tenant` to a tenant of "
        "contoso"
    )
    assert caught.value.exit_code == 2
    with pytest.raises(DeclarationError) as nowhere:
        load_stack(folder.path.parent, name)
    assert nowhere.value.problems[0].place == Place(shown(folder.path.parent))


def test_a_misspelt_partner_of_a_stack_is_reported_with_the_nearest(folder: Folder) -> None:
    with pytest.raises(DeclarationError) as caught:
        load_stack(folder.path.parent, "contosso/us")
    (problem,) = caught.value.problems
    assert problem.remediation == "did you mean `contoso/us`?"
    assert load_stack(folder.path.parent, "contoso/us").name == "contoso/us"


@pytest.mark.parametrize("made", [True, False])
def test_a_stack_where_no_partner_is_declared_is_reported_with_the_command_that_declares_one(
    tmp_path: Path, made: bool
) -> None:
    if made:
        (tmp_path / "partners").mkdir()
    with pytest.raises(DeclarationError, match="`tenantry adopt PARTNER/TENANT`") as caught:
        load_stack(tmp_path / "partners", "contoso/us")
    assert caught.value.exit_code == 2


# Absent and empty


@pytest.mark.parametrize("field", ["company_roles: []", "password_round: 2", "state: present", "email: i@contoso.com"])
def test_what_is_left_out_differs_from_what_is_empty(folder: Folder, field: str) -> None:
    name = field.partition(":")[0]
    assert getattr(folder.load().tenants["us"].members["ines"], name) is None
    folder.replace(US, "roles: [Helpdesk agent]}", f"roles: [Helpdesk agent], {field}}}")
    assert getattr(folder.load().tenants["us"].members["ines"], name) is not None


def test_people_left_out_are_not_managed_and_empty_people_are_nobody(folder: Folder) -> None:
    assert folder.load().tenants["own-use"].people is None
    folder.write(OWN, FILES[OWN] + "people: {}\n")
    assert folder.load().tenants["own-use"].people == {}


def test_no_roles_are_shown_and_not_left_out(folder: Folder) -> None:
    folder.replace(US, "[Helpdesk agent]", "[]")
    assert folder.load().tenants["us"].members["ines"].roles == ()


def test_a_partner_tenant_of_nobody_is_valid(folder: Folder) -> None:
    text = FILES[US]
    folder.write(US, text[: text.index("people:")] + "people: {}\n")
    assert folder.load().tenants["us"].members == {}


@pytest.mark.parametrize("people", ["", "people:\n"])
def test_a_partner_tenant_says_who_its_people_are(folder: Folder, people: str) -> None:
    text = FILES[US]
    folder.write(US, text[: text.index("people:")] + people)
    problem = folder.problem()
    assert problem.field == "people"
    assert "no `people`" in problem.actual
    assert "add `people:`" in problem.remediation


# YAML 1.2


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("NO", "NO"),
        ("no", "no"),
        ("on", "on"),
        ("yes", "yes"),
        ("12:30:45", "12:30:45"),
        ("'5'", "5"),
        ('"true"', "true"),
        ("017", 17),
        ("0o17", 15),
        ("-0x1F", -31),
        ("1_000", 1000),
        ("1.5e3", 1500.0),
        ("-.inf", float("-inf")),
        ("TRUE", True),
        ("false", False),
        ("~", None),
        ("", None),
        ("2026-01-31", date(2026, 1, 31)),
        ("2026-02-31", "2026-02-31"),
        ("2026-01-31 10:00:00 +25:00", "2026-01-31 10:00:00 +25:00"),
        ("9" * 5000, "9" * 5000),
        (">-\n  a\n  b", "a b"),
        ("=", "="),
        ("{a: [1, {b: ~}]}", {"a": [1, {"b": None}]}),
    ],
)
def test_values_are_read_as_yaml_1_2_has_them(tmp_path: Path, written: str, read_as: object) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(f"key: {written}\n")
    value = read(file).content["key"]
    assert value == read_as
    assert isinstance(value, type(read_as))
    assert isinstance(value, bool) is isinstance(read_as, bool)


def test_norway_is_a_country(folder: Folder) -> None:
    folder.replace(US, "country: US", "country: NO")
    assert folder.load().tenants["us"].country == "NO"


# Places


@pytest.mark.parametrize(
    ("path", "key", "line", "column"),
    [
        ((), False, 1, 1),
        (("name",), False, 2, 7),
        (("name",), True, 2, 1),
        (("purpose", 0), False, 4, 11),
        (("programs", "CSP", "enrolled_on"), False, 6, 22),
        (("programs", "CSP", "enrolled_on"), True, 6, 9),
        (("people", "ada"), True, 11, 3),
        (("people", "ada"), False, 12, 5),
        (("people", "carla"), True, 21, 3),
        (("people", "carla", "full_name"), False, 22, 16),
        (("people", "carla", "upn"), False, 23, 10),
        (("people", "carla", "roles", 1), False, 26, 9),
        (("people", "ines", "roles", 0), False, 27, 84),
        (("people", "ines", "email"), False, 27, 9),
        (("people", "nobody", "email"), False, 11, 3),
        (("nothing",), False, 1, 1),
    ],
)
def test_a_field_has_its_place_in_every_style_and_a_missing_one_its_parents(
    folder: Folder, path: tuple[str | int, ...], key: bool, line: int, column: int
) -> None:
    place = read(folder.path / US).place(path, key=key)
    assert place == Place(shown(folder.path / US), line, column)


def test_a_file_below_the_current_folder_is_named_from_there(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.path.parent)
    assert str(folder.load().place("us", ("name",))) == "contoso/tenants/us.yaml:2:7"
    assert str(folder.load().place(None, ("partner_id",))) == "contoso/partner.yaml:7:13"


def test_a_number_is_a_plain_one_however_it_is_written(folder: Folder) -> None:
    folder.replace("tenants/us.yaml", "mode: authoritative", "mode: authoritative\nlimits: {removal_count: 0o17}")
    count = load(folder.path).tenants["us"].limits.removal_count
    assert (type(count), count, str(count)) == (int, 15, "15")


def test_while_the_paperwork_is_open_a_partner_needs_its_name_and_tenants_alone(folder: Folder) -> None:
    folder.write(PARTNER, "name: Contoso\ntenants: [own-use, us]\n")
    dated = '{enrolled_on: 2025-02-17, location_id: "5120344"}'
    folder.replace(US, f"programs:\n  CSP: {dated}\n", "paperwork: open\nprograms:\n  CSP: {}\n")
    tenant = folder.load().tenants["us"]
    assert tenant.paperwork_is_open
    assert tenant.programs[Program.CSP].enrolled_on is None
