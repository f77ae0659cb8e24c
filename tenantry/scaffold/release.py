"""The files that this release brings to a partner's repository.

They are those that this project itself runs on: a wheel carries them as data, and a checkout has them in their places.
"""

from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from tenantry.project.stacks import DEV_STACK
from tenantry.scaffold.origin import Origin
from tenantry.scaffold.pipelines import Pipeline

Files = Mapping[str, bytes]
"""Path from the repository's folder to content."""

README: Final = "README.md"
INVENTED: Final = "7d1f0c52-3a86-4c0b-9e57-2b8b9f4c1a33"
"""The id of the invented tenant with which a repository begins."""
CODEOWNERS: Final = ".github/CODEOWNERS"
_PROGRAM: Final = ("Pulumi.yaml", "__main__.py", "components", "policies")
_SCHEMAS: Final = ("partner", "tenant", "customers")
_TEMPLATES: Final = {"Makefile": "Makefile", ".gitignore": "gitignore"}
_LOCK: Final = ("requirements.lock", "requirements-project.lock")
"""What it is called in a partner's repository, and here."""


def kept_current(pipeline: Pipeline, origin: Origin) -> Files:
    """The files that `tenantry upgrade` brings anew."""
    source = _source()
    found = {path: content for name in _PROGRAM for path, content in _below(source / name, name)}
    found |= {f"schemas/{name}.schema.json": _read(source / f"schemas/{name}.schema.json") for name in _SCHEMAS}
    if pipeline.folder:
        found |= dict(_below(source / "pipelines" / pipeline, pipeline.folder))
    found |= {path: rendered(template).encode() for path, template in _TEMPLATES.items()}
    found |= {_LOCK[0]: _read(source / _LOCK[1]), "requirements.txt": origin.requirements.encode()}
    return found | ({origin.wheel.path: origin.wheel.content} if origin.wheel else {})


def made_once(partner: str, pipeline: Pipeline) -> Files:
    """The files that are the partner's own from the beginning: an invented tenant to practise on, and a README."""
    values = {"partner": partner, "pipelines": pipeline.folder, "id": INVENTED}
    stack = f"Pulumi.{DEV_STACK}.yaml"
    return {
        README: rendered("README.md", **values).encode(),
        stack: _read(_source() / stack).replace(b"contoso/us", f"{partner}/main".encode()),
        f"partners/{partner}/partner.yaml": rendered("partner.yaml", **values).encode(),
        f"partners/{partner}/tenants/main.yaml": rendered("tenant.yaml", **values).encode(),
    }


def rendered(template: str, **values: str) -> str:
    """Render a template of ``tenantry/scaffold/templates``; one that lacks a value is an error."""
    environment = Environment(  # noqa: S701 - YAML and Markdown of our own, and a name that is a key
        loader=PackageLoader("tenantry.scaffold"),
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(template).render(values)


def _source() -> Path:
    package = Path(str(files("tenantry")))
    data = package / "data/project"
    return data if data.is_dir() else package.parent


def _below(place: Path, name: str) -> Iterator[tuple[str, bytes]]:
    """A file, or those of a folder, by the paths that they have in the repository."""
    if place.is_file():
        yield name, _read(place)
        return
    for file in sorted(place.rglob("*")):
        path = file.relative_to(place)
        # What speaks of this project's own pages stays here.
        if file.is_file() and "__pycache__" not in path.parts and file.name != README:
            yield f"{name}/{path.as_posix()}", _read(file)


def _read(file: Path) -> bytes:
    return file.read_bytes()
