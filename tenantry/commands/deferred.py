"""A command whose module is imported once it is called: most need much that `tenantry --help` and the others do not."""

import ast
from importlib import import_module
from importlib.util import find_spec
from inspect import cleandoc
from typing import Any

import typer
from typer.core import TyperCommand
from typer.main import get_command


class Deferred(TyperCommand):
    """The function of a module below `tenantry.commands` that has the command's name."""

    def __init__(self, name: str, module: str) -> None:
        super().__init__(name)
        self.module = f"{__package__}.{module}"

    @property
    def help(self) -> str | None:
        """What the list of commands says of it: the function's text, read without running the module."""
        spec = find_spec(self.module)
        source = spec.loader.get_source(self.module) if spec and spec.loader else None  # type: ignore[attr-defined]
        tree = ast.parse(source or "")
        texts = {node.name: ast.get_docstring(node) for node in tree.body if isinstance(node, ast.FunctionDef)}
        return cleandoc(texts[str(self.name)] or "")

    @help.setter  # noqa: A003
    def help(self, _: str | None) -> None:
        """As its class sets it, to nothing."""

    def make_context(self, *given: Any, **named: Any) -> Any:
        """The context of the command itself, which runs from here on."""
        alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        alone.command(self.name)(getattr(import_module(self.module), str(self.name)))
        return get_command(alone).make_context(*given, **named)
