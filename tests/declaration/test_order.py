"""Sorting a declaration: what it moves, what it leaves, and when it touches nothing."""

import stat
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenantry.declaration import DeclarationError, Partner, Tenant, load
from tenantry.declaration.document import Document, read_text
from tenantry.declaration.ftop import FtopRole
from tenantry.declaration.order import in_order, sort_files, unsorted, unsorted_at
from tenantry.declaration.shape import Kind, Shape, shape_of
from tenantry.roles import CompanyRole, PartnerRole
from tests.depth import slow

from .folder import FILES, OWN, PARTNER, US, Folder

FILE = Path("us.yaml")
PLACE = ("us.yaml", (1, 1), (1, 1))


def ordered(text: str) -> str:
    return in_order(read_text(FILE, text), text)


def test_people_stand_by_key_and_take_what_is_theirs_with_them() -> None:
    assert ordered("""\
mode: authoritative
people:
  # Zoe came last.
  # She likes it.
  zoe:
    roles: [Sales agent]  # sells
    email: zoe@contoso.com
    # a word below

  "ben": {roles: []}

  # Ada's comment
  ada:
    # inside
    roles: [Global admin]
  # nobody's
# about FTOP
ftop: {}
""") == """\
mode: authoritative
people:
  # Ada's comment
  ada:
    # inside
    roles: [Global admin]

  "ben": {roles: []}

  # Zoe came last.
  # She likes it.
  zoe:
    roles: [Sales agent]  # sells
    email: zoe@contoso.com
    # a word below
  # nobody's
# about FTOP
ftop: {}
"""  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "people:\n  a: {roles: [Sales agent, 'Global admin']}\n",
            "people:\n  a: {roles: ['Global admin', Sales agent]}\n",
        ),
        (
            "people:\n  a:\n    roles:\n    - Sales agent # s\n    # g\n    - Global admin\n    upn: x\n",
            "people:\n  a:\n    roles:\n    # g\n    - Global admin\n    - Sales agent # s\n    upn: x\n",
        ),
        ("serves: [US, CA]\r\npeople: {}\r\n", "serves: [CA, US]\r\npeople: {}\r\n"),
        ("domains:\n  verified:\n    - b.com\n    - a.com", "domains:\n  verified:\n    - a.com\n    - b.com\n"),
        ('{"people": {\n  "b": {"upn": "x"},\n  "a": {}\n}}\n', '{"people": {\n  "a": {},\n  "b": {"upn": "x"}\n}}\n'),
        ("people:\n  b: {upn: 'a # b'} # c\n\n\n  a:\n# end", "people:\n  a:\n\n\n  b: {upn: 'a # b'} # c\n# end\n"),
        ("people:\n  b:\n    upn: x\n      y\n#low\n  a: {}\n", "people:\n#low\n  a: {}\n  b:\n    upn: x\n      y\n"),
        ("purpose: [own use, partner]\n", "purpose: [partner, own use]\n"),
        ("tools: {Power BI: [b, a], FTOP: [c]}\n", "tools: {FTOP: [c], Power BI: [a, b]}\n"),
        ("exceptions:\n  b:\n    reason: >-\n      why\n      not\n  a:\n    reason: x\n",
         "exceptions:\n  a:\n    reason: x\n  b:\n    reason: >-\n      why\n      not\n"),
        ("exceptions:\n  b:\n    reason: |\n      # no comment\n  a:\n    reason: x\n",
         "exceptions:\n  a:\n    reason: x\n  b:\n    reason: |\n      # no comment\n"),
    ],
)  # fmt: skip
def test_a_layout_stays_as_it_is_written(text: str, expected: str) -> None:
    assert ordered(text) == expected
    assert ordered(expected) == expected


def test_fields_keep_the_order_in_which_somebody_wrote_them() -> None:
    text = "name: x\nid: y\npeople:\n  a: {upn: x, full_name: y, former_upns: [b, a]}\n"
    assert ordered(text) == text


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("serves: [\n  US, # why\n  CA]\n", 1),
        ("people:\n  ? b\n  : {}\n  a: {}\n", 2),
        ("serves:\n- # why\n  US\n- CA\n", 2),
        ('people: {b: {}, "a": }\n', 1),
        ("exceptions:\n  b:\n    reason: |+\n      x\n\n  a: {}\n", 1),
    ],
)
def test_what_moving_lines_cannot_sort_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(DeclarationError) as caught:
        ordered(text)
    (problem,) = caught.value.problems
    assert problem.line == line
    assert "by hand" in problem.remediation
    assert caught.value.exit_code == 1


def test_the_first_unsorted_place_is_named() -> None:
    found = unsorted_at(read_text(FILE, "serves: [CA]\npeople:\n  b: {}\n  a: {}\n"))
    assert found
    place, field = found
    assert (place.line, place.column, field) == (2, 1, ("people",))


def unsorted_fields(shape: Shape, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Each map and list that a file can hold, by its path, as content in which it stands the wrong way round."""
    if shape.kind is Kind.RECORD:
        for name, field in shape.fields.items():
            yield from (((name, *inner), {name: content}) for inner, content in unsorted_fields(field))
    if shape.kind is Kind.MAP:
        yield (), {"b": {}, "a": {}}
        assert shape.inner
        yield from ((("x", *inner), {"x": content}) for inner, content in unsorted_fields(shape.inner))
    if shape.kind is Kind.LIST:
        assert shape.inner
        yield (), list(reversed(shape.inner.choices)) or ["b", "a"]


FIELDS = [*unsorted_fields(shape_of(Partner)), *unsorted_fields(shape_of(Tenant))]


def test_every_map_and_list_has_an_order_but_the_history_of_names() -> None:
    kept = {path for path, content in FIELDS if path not in unsorted(Document(FILE, content, (), {(): PLACE}))}
    assert {("people", "x", "roles"), ("programs",), ("tenants",)} <= {path for path, _ in FIELDS}
    assert kept == {("people", "x", "former_upns"), ("people", "x", "former_keys")}


keys = st.lists(st.sampled_from(["ada", "ben", "b2", "carla", "zoe"]), min_size=1, max_size=5, unique=True)
lists_of_roles = st.lists(st.sampled_from(list(PartnerRole)), max_size=4, unique=True)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A valid tenant, laid out as people do: styles, comments, blank lines and quotes as they come."""

    def listed(names: list[str], indent: str) -> str:
        quote = draw(st.sampled_from(["", "'", '"']))
        names = [f"{quote}{name}{quote}" for name in names]
        if not names or draw(st.booleans()):
            return f" [{draw(st.sampled_from([', ', ',', ' ,  '])).join(names)}]\n"
        dash = indent + draw(st.sampled_from(["", "  "]))
        lines = ""
        for name in names:
            lines += f"{dash}# above {name}\n" * draw(st.booleans())
            lines += f"{dash}- {name}{draw(st.sampled_from(['', '  # beside']))}\n"
        return "\n" + lines

    text = draw(st.sampled_from(["", "# head\n", "# head\n\n"])) + "id: 6f1f7c0e-52a3-4d0b-9e57-2b8b9f4c1a10\n"
    text += "name: x\ncountry: US\npurpose: [partner]\ndomains: {initial: c.onmicrosoft.com}\nmode: authoritative\n"
    text += "serves:" + listed(draw(st.lists(st.sampled_from(["US", "CA", "GB"]), unique=True)), "") + "people:\n"
    people = draw(keys)
    for key in people:
        text += "\n" * draw(st.booleans())
        text += f"  # above {key}\n" * draw(st.booleans())
        quote = draw(st.sampled_from(["", "'", '"']))
        fields = f"full_name: X, upn: {key}@c.onmicrosoft.com, roles: [{', '.join(draw(lists_of_roles))}]"
        if draw(st.booleans()):
            text += f"  {quote}{key}{quote}: {{{fields}}}{draw(st.sampled_from(['', ' # beside']))}\n"
            continue
        text += f"  {quote}{key}{quote}:\n    full_name: X\n    upn: {key}@c.onmicrosoft.com\n"
        text += "    roles:" + listed(list(draw(lists_of_roles)), "    ")
        company = draw(st.lists(st.sampled_from(list(CompanyRole)), max_size=3, unique=True))
        text += "    company_roles:" + listed(list(company), "    ")
        text += f"    # below {key}\n" * draw(st.booleans())
    if draw(st.booleans()):
        assigned = draw(st.lists(st.sampled_from(people), min_size=1, unique=True))
        roles = [draw(st.lists(st.sampled_from(list(FtopRole)), min_size=1, max_size=3, unique=True)) for _ in assigned]
        inside = ", ".join(f"{key}: [{', '.join(of)}]" for key, of in zip(assigned, roles, strict=True))
        text += f"ftop:\n  customers:\n    z: {{name: Z, assignments: {{{inside}}}}}\n"
        text += "    a: {name: A, assignments: {}}\n"
    ending = draw(st.sampled_from(["\n", "\r\n"]))
    text = text.replace("\n", ending)
    return text.removesuffix(ending) if draw(st.booleans()) else text


def lists_aside(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: lists_aside(inner) for key, inner in value.items()}
    return sorted(map(str, value)) if isinstance(value, list | tuple | set | frozenset) else value


def pieces(text: str) -> list[str]:
    """Everything that is written in a text but the layout of brackets, in no order."""
    return sorted(
        text.replace(",", " ").replace("[", " ").replace("]", " ").replace("{", " ").replace("}", " ").split()
    )


@slow
@given(texts())
def test_sorting_loses_nothing_means_the_same_and_is_done_once(text: str) -> None:
    before = read_text(FILE, text)
    after = ordered(text)
    document = read_text(FILE, after)
    assert unsorted(document) == []
    assert ordered(after) == after
    assert lists_aside(Tenant.model_validate(document.content).model_dump()) == lists_aside(
        Tenant.model_validate(before.content).model_dump()
    )
    assert pieces(after) == pieces(text)
    assert (text == after) == (not unsorted(before))


@slow
@given(texts())
def test_a_comment_above_a_person_stays_above_that_person(text: str) -> None:
    lines = [line.strip() for line in ordered(text).splitlines() if line.strip()]
    for above, line in pairwise(lines):
        if above.startswith("# above "):
            name = above.removeprefix("# above ")
            assert line.removeprefix("- ").split("#")[0].split(":")[0].strip().strip("'\"") == name.strip("'\"")


UNSORTED_US = FILES[US]
"""Carla's roles stand the other way round than Table 1 has them."""


def test_only_files_that_change_are_written_and_named(folder: Folder) -> None:
    folder.write(US, UNSORTED_US)
    others = {name: (folder.path / name).stat().st_mtime_ns for name in (PARTNER, OWN)}
    assert sort_files(load(folder.path)) == [folder.path / US]
    assert {name: (folder.path / name).stat().st_mtime_ns for name in others} == others
    assert sort_files(load(folder.path)) == []


def test_a_file_keeps_its_permissions_its_mark_and_leaves_nothing_beside_it(folder: Folder) -> None:
    file = folder.path / US
    file.write_bytes(b"\xef\xbb\xbf" + UNSORTED_US.encode())
    file.chmod(0o640)
    assert sort_files(load(folder.path)) == [file]
    assert file.read_bytes().startswith(b"\xef\xbb\xbfid")
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert [item.name for item in file.parent.iterdir() if item.suffix != ".yaml"] == []


def test_a_link_stays_a_link(folder: Folder, tmp_path: Path) -> None:
    real = tmp_path / "real.yaml"
    real.write_text(UNSORTED_US, encoding="utf-8")
    (folder.path / US).unlink()
    (folder.path / US).symlink_to(real)
    sort_files(load(folder.path))
    assert (folder.path / US).is_symlink()
    assert real.read_text(encoding="utf-8") != UNSORTED_US


def test_a_read_only_file_stays_and_is_named(folder: Folder) -> None:
    folder.write(US, UNSORTED_US)
    (folder.path / US).chmod(0o444)
    with pytest.raises(DeclarationError, match=r"us\.yaml.*cannot be written") as caught:
        sort_files(load(folder.path))
    assert caught.value.exit_code == 2
    assert (folder.path / US).read_text(encoding="utf-8") == UNSORTED_US


def test_where_one_file_cannot_be_sorted_none_is_written(folder: Folder) -> None:
    folder.write(PARTNER, FILES[PARTNER].replace("[own-use, us]", "[us, own-use]"))
    folder.write(US, FILES[US] + "serves: [\n  US, # why\n  CA]\n")
    before = {name: (folder.path / name).read_bytes() for name in FILES}
    with pytest.raises(DeclarationError):
        sort_files(load(folder.path))
    assert {name: (folder.path / name).read_bytes() for name in FILES} == before


def test_a_file_that_changed_since_it_was_read_is_left_alone(folder: Folder) -> None:
    folder.write(US, UNSORTED_US)
    declaration = load(folder.path)
    folder.write(US, UNSORTED_US.replace("Carla Jensen", "Carla Other"))
    with pytest.raises(DeclarationError, match="changed while it was sorted"):
        sort_files(declaration)
    assert "Carla Other" in (folder.path / US).read_text(encoding="utf-8")
