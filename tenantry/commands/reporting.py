"""The options that every command has that reports something: `--json` and `--quiet`."""

import functools
import inspect
from collections.abc import Callable
from contextlib import nullcontext, redirect_stdout
from io import StringIO
from typing import Annotated, Any, Final, get_type_hints

import typer

_JSON: Final = "json"
_ADDED: Final[dict[str, Any]] = {
    "as_json": Annotated[bool, typer.Option("--json", help="Same as --format json.")],
    "quiet": Annotated[bool, typer.Option("--quiet", "-q", help="No report: errors and the exit code alone.")],
}


def reporting(command: Callable[..., None]) -> Callable[..., None]:
    """A command with `--quiet` and, where it has `--format json`, with `--json` for that."""
    hints = get_type_hints(command, include_extras=True)
    signature = inspect.signature(command)
    added = {name: hint for name, hint in _ADDED.items() if name == "quiet" or "form" in hints}

    @functools.wraps(command)
    def run(context: typer.Context, *, quiet: bool, **given: Any) -> None:
        if "as_json" in added and given.pop("as_json"):
            if quiet:
                raise typer.BadParameter("--json and --quiet; choose one")
            given["form"] = _as_json(context, given["form"])
        with redirect_stdout(StringIO()) if quiet else nullcontext():
            command(**given)

    run.__annotations__ = {"context": typer.Context, **hints, **added}
    parameters = [
        inspect.Parameter("context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context),
        *signature.parameters.values(),
        *(
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=False, annotation=hint)
            for name, hint in added.items()
        ),
    ]
    run.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    return run


def _as_json(context: typer.Context, form: Any) -> Any:
    source = context.get_parameter_source("form")
    if form != _JSON and source is not None and source.name == "COMMANDLINE":
        raise typer.BadParameter(f"--json and --format {form}; choose one")
    return type(form)(_JSON)
