"""The pipelines' files, read as what they are."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
OWN = ROOT / ".github" / "workflows"
GITHUB = ROOT / "pipelines" / "github-actions"
AZURE = ROOT / "pipelines" / "azure-devops"


def read(file: Path) -> dict[str, Any]:
    """A workflow or pipeline."""
    document = YAML(typ="safe").load(file)
    # YAML 1.1 readers take the key `on` for a truth value; this one does not.
    assert isinstance(document, dict)
    return document


@dataclass(frozen=True)
class Step:
    """One step of one job of a workflow."""

    file: str
    job: str
    name: str
    uses: str
    run: str
    text: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.file}, {self.job}, {self.name}"


def steps(file: Path) -> list[Step]:
    """Every step of a workflow, in order."""
    return [
        Step(file.name, job, step.get("name", ""), step.get("uses", ""), step.get("run", ""), step)
        for job, body in read(file)["jobs"].items()
        for step in body.get("steps", ())
    ]


def scripts(node: Any) -> Iterator[str]:
    """Every script in an Azure DevOps pipeline."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("bash", "inlineScript", "script") and isinstance(value, str):
                yield value
            else:
                yield from scripts(value)
    elif isinstance(node, list):
        for item in node:
            yield from scripts(item)
