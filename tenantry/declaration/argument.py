"""A tenant's declaration as a program passes it, and not a file: text, numbers, flags, lists and maps.

Fields go by the names of the package's schema (`fullName`), which programs of every language send, or by those of a
file (`full_name`), so that a program may pass on what it read from one. Keys of maps are never touched.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from tenantry.declaration.document import DeclarationError, Document, Value, described
from tenantry.declaration.explain import explained
from tenantry.declaration.fields import DAYS_ARE_TEXT
from tenantry.declaration.shape import Kind, Shape, shape_of
from tenantry.declaration.tenant import Tenant
from tenantry.findings import FieldPath, Finding, Place, mistake

#: What the program calls the argument: the first step of every field's path.
ARGUMENT: Final = "tenant"

#: How Pulumi's protocol writes a value that is not known yet. A test compares it with the SDK's.
_NOT_KNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_PLACE: Final = Place("program")
_SHAPE: Final = shape_of(Tenant)
_SEVERAL_WORDS: Final = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")
_IN_BACKTICKS: Final = re.compile("`[^`]*`")


def tenant_from(argument: Any) -> Tenant:
    """The tenant that a program's argument declares.

    Raises :class:`DeclarationError` with every mistake; fields have the names of the package's schema.
    """
    problems = list(_promised(argument, (ARGUMENT,)))
    if not problems and not isinstance(argument, dict):
        actual, expected = described(argument), "the tenant's fields"
        problems.append(mistake(actual, expected, "pass the fields of the tenant's schema", (ARGUMENT,)).at(_PLACE))
    if problems:
        raise DeclarationError(problems)
    content = _as_in_files(argument, _SHAPE, (ARGUMENT,), problems)
    document = Document(Path(ARGUMENT), content, (), {(): (ARGUMENT, (1, 1), (1, 1))})
    try:
        tenant = Tenant.model_validate(content, context=DAYS_ARE_TEXT)
    except ValidationError as error:
        problems += [_as_in_schema(problem) for problem in explained(error, Tenant, document)]
    if problems:
        raise DeclarationError(problems)
    return tenant


def schema_name(field: str) -> str:
    """A field's name as the package's schema has it: ``full_name`` is ``fullName``."""
    first, *more = field.split("_")
    return first + "".join(word.capitalize() for word in more)


def schema_names_in(text: str) -> str:
    """A text with the fields that it names in backticks named as in the schema."""
    return _IN_BACKTICKS.sub(lambda span: _renamed_in(span[0]), text)


def _promised(value: Any, path: FieldPath) -> Iterator[Finding]:
    """Where an argument holds a value that is secret, or not known yet."""
    if isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _promised(inner, (*path, step))
    elif value == _NOT_KNOWN or not isinstance(value, str | int | float | None):
        actual = "a secret, or a value that is not known before the program has run"
        expected = "a plain value: the rules check who has which access before anything is created"
        yield mistake(actual, expected, "write the value itself", path).at(_PLACE)


def _as_in_files(value: Any, shape: Shape, path: FieldPath, problems: list[Finding]) -> Any:
    """A value with the fields of its records named as files name them, and with whole numbers (all come as floats)."""
    if shape.kind is Kind.RECORD and isinstance(value, dict):
        names = {schema_name(field): field for field in shape.fields}
        content: dict[str, Value] = {}
        for name, inner in value.items():
            field, at = names.get(name, str(name)), (*path, name)
            if field in content:
                actual, remediation = f"`{field}` and `{schema_name(field)}`", "remove one of the two"
                problems.append(mistake(actual, "each field once", remediation, at).at(_PLACE))
            known = shape.fields.get(field)
            content[field] = _as_in_files(inner, known, at, problems) if known else inner
        return content
    if shape.inner and isinstance(value, dict):
        # In order of their keys, as files are sorted: on the way here the entries lose the order that they had.
        value = dict(sorted(value.items()))
        return {key: _as_in_files(inner, shape.inner, (*path, key), problems) for key, inner in value.items()}
    if shape.inner and isinstance(value, list):
        return [_as_in_files(inner, shape.inner, (*path, index), problems) for index, inner in enumerate(value)]
    return int(value) if isinstance(value, float) and value.is_integer() else value


@cache
def _renamed() -> dict[str, str]:
    """Each field of the models whose name in the schema is another one."""
    seen: dict[str, str] = {}
    waiting = [_SHAPE]
    while waiting:
        shape = waiting.pop()
        waiting += [*([shape.inner] if shape.inner else []), *shape.fields.values()]
        seen |= {field: schema_name(field) for field in shape.fields}
    return {field: name for field, name in seen.items() if field != name}


def _renamed_in(text: str) -> str:
    return _SEVERAL_WORDS.sub(lambda word: _renamed().get(word[0], word[0]), text)


def _as_in_schema(problem: Finding) -> Finding:
    """A message with the fields named as the program names them. What is quoted of the program stays as it is."""
    steps = (_renamed_in(step) if isinstance(step, str) else step for step in problem.path)
    words = {
        "path": (ARGUMENT, *steps),
        "actual": schema_names_in(problem.actual),
        "expected": _renamed_in(problem.expected),
        "remediation": _renamed_in(problem.remediation),
    }
    return problem.model_copy(update=words)
