"""A declaration that a program passes is read as a file is, and its mistakes are reported alike."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from tenantry.declaration import DeclarationError, Tenant
from tenantry.declaration.argument import tenant_from
from tenantry.declaration.document import read
from tenantry.declaration.shape import Kind, shape_of
from tenantry.findings import Finding

from .folder import OWN, US, Folder
from .program import EVERY_FIELD, as_sent
from .test_mistakes import CASES, Case

SAMPLES = [EVERY_FIELD, *sorted((Path(__file__).parents[2] / "partners/contoso/tenants").glob("*.yaml"))]


def problems(argument: Any) -> tuple[Finding, ...]:
    with pytest.raises(DeclarationError) as caught:
        tenant_from(argument)
    return caught.value.problems


def problem(argument: Any) -> Finding:
    (only,) = problems(argument)
    return only


def models(value: Any) -> Iterator[BaseModel]:
    if isinstance(value, BaseModel):
        yield value
        value = dict(value)
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else ():
        yield from models(inner)


def every_field() -> dict[str, Any]:
    return dict(as_sent(read(EVERY_FIELD).content))


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.stem)
def test_what_a_program_passes_is_what_the_file_declares(file: Path) -> None:
    content = read(file).content
    declared = Tenant.model_validate(content)
    assert tenant_from(as_sent(content)) == declared


def test_the_sample_of_every_field_has_every_field() -> None:
    """A field that is new in the models is to be written there: the round trips through the plugin rest on it."""
    filled: dict[type[BaseModel], set[str]] = {}
    for model in models(tenant_from(every_field())):
        filled.setdefault(type(model), set()).update(model.model_fields_set)
    missing = {f"{model.__name__}.{name}" for model in filled for name in model.model_fields.keys() - filled[model]}
    assert missing == set()
    waiting, reachable = [shape_of(Tenant)], set()
    while waiting:
        shape = waiting.pop()
        reachable |= {shape.model} - {None}
        waiting += [*shape.fields.values(), *filter(None, [shape.inner])]
    assert reachable == set(filled)


def test_a_program_may_pass_on_what_it_read_from_a_file() -> None:
    content = every_field()
    content["people"]["ada"]["full_name"] = content["people"]["ada"].pop("fullName")
    assert tenant_from(content) == Tenant.model_validate(read(EVERY_FIELD).content)


def test_a_field_by_both_of_its_names_is_a_mistake() -> None:
    content = every_field()
    content["people"]["ada"]["full_name"] = "Eve"
    message = problem(content)
    assert message.field == "tenant.people.ada.full_name"
    assert (message.actual, message.remediation) == ("`full_name` and `fullName`", "remove one of the two")


def test_people_come_in_the_order_of_their_keys_since_the_way_here_keeps_none() -> None:
    content = every_field()
    content["people"] = dict(reversed(content["people"].items()))
    assert list(tenant_from(content).members) == ["ada", "by-upn", "full-name", "nobody", "rescue-1", "unit"]


def test_keys_of_maps_are_nobodys_to_rename() -> None:
    content = every_field()
    content["people"]["fullName"] = content["people"].pop("full-name")
    messages = problems(content)
    assert "tenant.people.fullName" in {item.field for item in messages}
    assert any("a key like `ada-lovelace`" in item.remediation for item in messages)


def in_tenants() -> list[Any]:
    # A day is text in a program, and may stand where text does; a number is a float there, and loses digits.
    different = ("a day for text", "an override of a digest that is read as a number")
    cases = {name: case for name, case in CASES.items() if case.file in (US, OWN) and name not in different}
    return [pytest.param(case, id=name) for name, case in cases.items()]


@pytest.mark.parametrize("case", in_tenants())
def test_a_mistake_is_reported_as_a_files_is(folder: Folder, case: Case) -> None:
    folder.replace(case.file, case.old, case.new)
    in_file = folder.problem()
    document = read(folder.path / case.file)
    if document.problems:
        pytest.skip("a mistake that YAML alone can have")
    message = problem(as_sent(document.content))
    assert message.field.lower() == f"tenant.{in_file.field}".lower().replace("_", "")
    for part in ("actual", "expected", "remediation"):
        text, in_words = getattr(message, part), getattr(in_file, part)
        assert as_compared(text) == as_compared(in_words)


def as_compared(text: str) -> str:
    """Without what programs and files write differently: names of fields, days, quotes round days."""
    return re.sub(r"[_\"]|, without quotes", "", text).lower()


@pytest.mark.parametrize(
    "day", ["2026-1-31", "2026-02-30", "yesterday", "", "٢٠٢٦-٠١-٣١", 20260131.0, True, ["2026-01-31"]]
)
def test_what_is_no_day_is_reported_with_how_to_write_one(day: Any) -> None:
    content = every_field()
    content["people"]["ada"]["emailVerifiedOn"] = day
    message = problem(content)
    assert message.field == "tenant.people.ada.emailVerifiedOn"
    assert (message.expected, message.remediation) == ("a date", 'write it like "2026-01-31"')


def test_a_day_is_a_day() -> None:
    person = tenant_from(every_field()).members["ada"]
    assert person.email_verified_on == date(2025, 6, 1)


@pytest.mark.parametrize("round_", [2.5, "2", True, 0.0])
def test_what_is_no_whole_number_is_no_round(round_: Any) -> None:
    content = every_field()
    content["people"]["full-name"]["passwordRound"] = round_
    assert problem(content).field == "tenant.people.full-name.passwordRound"


def test_all_mistakes_come_at_once_and_name_fields_as_programs_do() -> None:
    content = every_field()
    people = content["people"]
    people["ada"]["passwordRound"] = 2.0
    people["full-name"]["roles"] = ["Admn agent"]
    people["nobody"]["fulName"] = people["nobody"].pop("fullName")
    content["country"] = "UK"
    message = {item.field: item for item in problems(content)}
    assert message["tenant.people.ada.passwordRound"].actual == "`passwordRound` with `adopted`"
    assert message["tenant.people.full-name.roles[0]"].remediation == "did you mean `Admin agent`?"
    assert message["tenant.people.nobody.fullName"].remediation == "add `fullName:`"
    assert message["tenant.people.nobody.fulName"].remediation == "did you mean `fullName`?"
    assert message["tenant.country"].remediation == "write GB"


@pytest.mark.parametrize("nothing", [None, "contoso/us", [], 1.0])
def test_an_argument_that_is_no_map_is_reported(nothing: Any) -> None:
    message = problem(nothing)
    assert (message.field, message.expected) == ("tenant", "the tenant's fields")


def test_a_kind_of_field_without_a_shape_is_a_failure_of_tests_and_not_a_guess() -> None:
    assert shape_of(tuple[int, ...]).kind is Kind.LIST
    for kind in (bytes, int | str, Any):
        with pytest.raises(TypeError, match="a field"):
            shape_of(kind)
