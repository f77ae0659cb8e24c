"""``tenantry docs``: the documentation of the release that runs, which a partner's repository does not hold."""

import sys
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Final

import typer

from tenantry.commands import completion
from tenantry.sanitize import quoted

_BESIDE: Final = ("policies", "pipelines")
"""Folders whose own README is a page."""


def docs(
    page: Annotated[
        str | None,
        typer.Argument(
            metavar="PAGE",
            help="A page, such as permissions or rules/PT-101. Default: list them.",
            show_default=False,
            autocompletion=completion.pages,
        ),
    ] = None,
) -> None:
    """Show a page of the documentation of this release. Messages name pages so."""
    found = pages()
    if page is None:
        for name, file in found.items():
            print(f"{name}\t{_title(file)}")
        return
    meant = [page] if page in found else [name for name in found if name.startswith(page)]
    if len(meant) != 1:
        several = f"several pages begin so: {', '.join(meant)}" if meant else "no page is called so"
        raise typer.BadParameter(
            f"{quoted(page)}; {several}. Fix: name one that `tenantry docs` lists", param_hint="PAGE"
        )
    text = found[meant[0]].read_text(encoding="utf-8")
    if not sys.stdout.isatty():
        print(text, end="")
        return
    from rich.markdown import Markdown

    from tenantry.commands.shared import console

    console().print(Markdown(text))


def pages() -> dict[str, Path]:
    """Every page by its name: its path below docs/, without the ending."""
    package = Path(str(files("tenantry")))
    # A wheel carries them as data, and a checkout has them in their places.
    top, beside = package / "data/docs", package / "data/project"
    if not top.is_dir():
        top, beside = package.parent / "docs", package.parent
    found = {file.relative_to(top).with_suffix("").as_posix(): file for file in top.rglob("*.md")}
    found |= {name: beside / name / "README.md" for name in _BESIDE}
    return dict(sorted(found.items()))


def _title(file: Path) -> str:
    with file.open(encoding="utf-8") as lines:
        return next((line.removeprefix("# ").rstrip("\n") for line in lines if line.startswith("# ")), "")
