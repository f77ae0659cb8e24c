"""Whatever a file holds, reading it gives a declaration or problems that each say everything."""

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from tenantry.declaration import Declaration, DeclarationError, load
from tests.depth import slow

from .folder import FILES, Folder

LARGE = settings(slow, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
SCALARS: list[Any] = [
    None,
    True,
    0,
    -1,
    2.5,
    "",
    " ",
    "x",
    "a@b",
    "../x",
    "\x1b[2J",
    "Global admin",
    "ada",
    "NO",
    "é\u202e",
]
KEYS: list[Any] = ["roles", "people", "ada", "[key]", "", "<<", "1", "x" * 100, "a b", "\n", 7, None, True, "emergency"]
values = st.recursive(
    st.sampled_from(SCALARS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=6,
)
TREES = {name: YAML(typ="safe", pure=True).load(text) for name, text in FILES.items()}


def loaded(files: dict[str, bytes]) -> Declaration | DeclarationError:
    with tempfile.TemporaryDirectory() as place:
        folder = Folder(Path(place) / "contoso")
        for name, content in files.items():
            (folder.path / name).write_bytes(content)
        try:
            return load(folder.path)
        except DeclarationError as error:
            return error


def assert_told(result: Declaration | DeclarationError) -> None:
    if isinstance(result, Declaration):
        return
    assert result.problems
    assert result.exit_code in (1, 2)
    for problem in result.problems:
        assert problem.place is not None
        assert problem.place.line >= 1
        assert problem.place.column >= 1
        assert problem.place.file.endswith((".yaml", ".yml"))
        assert problem.actual
        assert problem.expected
        assert problem.remediation
        assert str(problem).isprintable()
        assert "Traceback" not in str(problem)
        assert "pydantic" not in str(problem)


def paths(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to everything in a tree, the tree itself left out."""
    steps = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [below for step, inner in steps for below in ((*path, step), *paths(inner, (*path, step)))]


def changed(tree: Any, path: tuple[Any, ...], how: str, key: Any, value: Any) -> Any:
    """A copy of a tree with one thing in it deleted, replaced, renamed, or something put beside it."""
    if isinstance(tree, list):
        tree = dict(enumerate(tree))
        return list(changed(tree, path, how, len(tree), value).values())
    if len(path) > 1:
        return {k: changed(v, path[1:], how, key, value) if k == path[0] else v for k, v in tree.items()}
    match how:
        case "delete":
            return {k: v for k, v in tree.items() if k != path[0]}
        case "replace":
            return {k: value if k == path[0] else v for k, v in tree.items()}
        case "rename":
            return {key if k == path[0] else k: v for k, v in tree.items()}
        case _:
            return tree | {key: value}


def dumped(tree: Any) -> bytes:
    with tempfile.TemporaryFile() as stream:
        YAML(typ="safe", pure=True).dump(tree, stream)
        stream.seek(0)
        return stream.read()


@LARGE
@given(
    st.sampled_from(sorted(TREES)).flatmap(lambda name: st.tuples(st.just(name), st.sampled_from(paths(TREES[name])))),
    st.sampled_from(["delete", "replace", "rename", "insert"]),
    st.sampled_from(KEYS),
    values,
)
def test_a_changed_field_gives_a_declaration_or_full_messages(
    at: tuple[str, tuple[Any, ...]], how: str, key: Any, value: Any
) -> None:
    name, path = at
    assert_told(loaded({name: dumped(changed(TREES[name], path, how, key, value))}))


@LARGE
@given(st.sampled_from(sorted(FILES)), st.data())
def test_garbled_bytes_give_a_declaration_or_full_messages(name: str, data: st.DataObject) -> None:
    content = FILES[name].encode()
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(len(content), start + 40)))
    piece = data.draw(
        st.binary(max_size=8) | st.text(alphabet="{}[]:,-?&*!|>'\"%@`#\n\t <é\0", max_size=8).map(str.encode)
    )
    assert_told(loaded({name: content[:start] + piece + content[end:]}))


@LARGE
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_at_all_give_full_messages(content: bytes) -> None:
    assert_told(loaded({"partner.yaml": content}))
