"""What a model finds wrong, in words for the writer of the file: pydantic's errors as :class:`Problem`."""

from collections.abc import Iterator
from difflib import get_close_matches
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from tenantry.declaration.document import Document, described
from tenantry.declaration.problems import FieldPath, Problem, quoted

#: What pydantic calls a wrong type, and what a person would call the right one.
_WANTED: Final = {
    "string_type": "text (in quotes where it looks like a number)",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "tuple_type": "a list",
    "frozen_set_type": "a list",
    "dict_type": "a map",
    "model_type": "a map",
    "model_attributes_type": "a map",
}


def explained(error: ValidationError, model: type[BaseModel], document: Document) -> list[Problem]:
    """Every mistake that a model found in a document, each with its place."""
    details = error.errors(include_url=False, include_input=False)
    return [problem for detail in details for problem in _problems(model, document, detail)]


def did_you_mean(value: object, names: list[str], otherwise: str) -> str:
    """How to mend a name that is none: the nearest of those there are, if one is near."""
    near = get_close_matches(str(value), names, n=1)
    return f"did you mean `{near[0]}`?" if near else otherwise


def _problems(model: type[BaseModel], document: Document, error: ErrorDetails) -> Iterator[Problem]:
    """One of pydantic's errors as messages for the writer of the file."""
    context = error.get("ctx", {})
    path: FieldPath = error["loc"]
    about_key = error["type"] == "extra_forbidden"
    if path[-1:] == ("[key]",) and not about_key:
        about_key, path = True, path[:-1]
    if error["type"] == "declaration":
        for mistake in context["mistakes"]:
            below = (*path, *mistake.at)
            yield Problem.at(document.place(below, key=about_key), below, mistake.found, mistake.allowed, mistake.mend)
        return
    value = path[-1] if about_key else _at(document.content, path)
    found, mend = described(value), "correct the value"
    match error["type"]:
        case "missing":
            found, allowed, mend = "nothing", f"`{path[-1]}`, which is required", f"add `{path[-1]}:`"
        case "extra_forbidden":
            names = _fields_at(model, path[:-1])
            found, allowed, mend = (
                f"the unknown key {quoted(value)}",
                ", ".join(names),
                did_you_mean(value, names, "remove it"),
            )
        case "enum":
            names = context["expected"].replace("' or '", "', '").strip("'").split("', '")
            found, allowed, mend = quoted(value), ", ".join(names), did_you_mean(value, names, "choose one of them")
        case "too_short":
            allowed = f"at least {_entries(context['min_length'])}"
            mend = "add one"
        case "too_long":
            found = _entries(context["actual_length"])
            allowed, mend = f"at most {_entries(context['max_length'])}", "remove some"
        case "greater_than_equal":
            allowed = f"{context['ge']} or more"
        case "less_than_equal":
            allowed = f"{context['le']} or less"
        case kind if kind in _WANTED:
            allowed, mend = _WANTED[kind], f"write {_WANTED[kind]} there"
        case _:
            allowed = error["msg"].removeprefix("Input ").removeprefix("should be ")
    yield Problem.at(document.place(path, key=about_key), path, found, allowed, mend)


def _entries(number: int) -> str:
    return f"{number} {'entry' if number == 1 else 'entries'}"


def _at(content: Any, path: FieldPath) -> Any:
    for step in path:
        try:
            content = content[step]
        except (KeyError, IndexError, TypeError):
            return None
    return content


def _fields_at(model: type[BaseModel], path: FieldPath) -> list[str]:
    """The field names that the model has at a path, looking through maps and optional fields."""
    here: Any = model
    for step in path:
        # A map has any key, and its values' type comes last.
        here = _bare(here.model_fields[step].annotation if _is_model(here) else get_args(here)[-1])
    return sorted(here.model_fields) if _is_model(here) else []


def _bare(annotation: Any) -> Any:
    """A type without what pydantic attaches to it, and without None."""
    while get_origin(annotation) in (Annotated, Union, UnionType):
        annotation = next(kind for kind in get_args(annotation) if kind is not NoneType)
    return annotation


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
