"""Runs the commands of a workflow's job in order, as the host would; what only the host can do is left out."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .files import read, steps

LEFT_OUT = ("Set up", "Allow the review's sandbox")
"""Steps that make the machine ready, which the tests run on already."""


@dataclass
class Job:
    """One job of a workflow, in a folder."""

    file: Path
    name: str
    folder: Path
    env: Mapping[str, str]
    """What the host and the sign-in give; it wins over what the workflow says of signing in."""
    context: Mapping[str, str]
    """The values of expressions: `matrix.stack`, `inputs.stack`, …"""
    outputs: dict[str, str] = field(default_factory=dict)
    """What steps and jobs put out: `steps.plan.outputs.changes`."""
    ran: list[str] = field(default_factory=list)
    """The names of the steps that ran."""
    output: str = ""
    """What its commands printed."""

    def run(self) -> int:
        """Every command in order, until one fails: its exit code. Later ones run if they say so, as on the host."""
        workflow = read(self.file)
        job = workflow["jobs"][self.name]
        shared = {**workflow.get("env", {}), **job.get("env", {})}
        summary = self.folder.parent / f"summary-{self.name}.md"
        code = 0
        for step in steps(self.file):
            if step.job != self.name or not step.run or step.name in LEFT_OUT:
                continue
            if code and "!cancelled()" not in step.text.get("if", ""):
                continue
            output = self.folder.parent / "output"
            output.write_text("")
            variables = {key: self.value(str(value)) for key, value in {**shared, **step.text.get("env", {})}.items()}
            ran = subprocess.run(
                ["bash", "-e", "-c", step.run],
                cwd=self.folder / step.text.get("working-directory", "."),
                env={
                    **{key: value for key, value in os.environ.items() if key in ("HOME", "LANG")},
                    "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                    **variables,
                    **self.env,
                    "GITHUB_OUTPUT": str(output),
                    "GITHUB_STEP_SUMMARY": str(summary),
                },
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=280,
                check=False,
            )
            self.ran.append(step.name)
            self.output += f"--- {step.name}\n{ran.stdout}"
            code = code or ran.returncode
            for line in output.read_text().splitlines():
                key, _, value = line.partition("=")
                self.outputs[f"steps.{step.text.get('id')}.outputs.{key}"] = value
        return code

    @property
    def summary(self) -> str:
        """What the job showed on its page."""
        return (self.folder.parent / f"summary-{self.name}.md").read_text()

    def value(self, text: str) -> str:
        """A text with its expressions put in."""

        def put(found: re.Match[str]) -> str:
            name = found[1].strip()
            known = {**self.context, **self.outputs}
            assert name in known, f"{self.file.name}: {name}"
            return known[name]

        return re.sub(r"\$\{\{(.*?)\}\}", put, text)
