"""Where a project keeps its things: the program and its declarations, and `.tenantry/`, which git ignores."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from tenantry.errors import NoProjectError

RECORD: Final = "tenantry.lock"
"""Which files `tenantry init` made, beside the `Pulumi.yaml` of a repository that it made."""


@dataclass(frozen=True)
class Project:
    """A Pulumi project, by the folder of its `Pulumi.yaml`."""

    root: Path

    @classmethod
    def around(cls, folder: Path) -> Self:
        """The project that a folder is in: the nearest folder upwards that has a `Pulumi.yaml`.

        Raises NoProjectError.
        """
        start = folder.resolve()
        for candidate in (start, *start.parents):
            if (candidate / "Pulumi.yaml").is_file():
                return cls(candidate)
        raise NoProjectError(
            f"No Pulumi.yaml in {start} or above it. Fix: change to the repository's folder, or make one: in an empty "
            "folder, `tenantry init PARTNER`."
        )

    def stack_file(self, stack: str) -> Path:
        """The configuration of a stack."""
        return self.root / f"Pulumi.{stack}.yaml"

    @property
    def is_made_by_init(self) -> bool:
        """Whether `tenantry init` made the repository, and so pinned a tenantry of its own."""
        return (self.root / RECORD).is_file()

    @property
    def environment(self) -> Path:
        """The Python environment that the program and the plugin run in, as Pulumi.yaml says."""
        return self.root / ".venv"

    @property
    def partners(self) -> Path:
        """The declarations, a folder a partner."""
        return self.root / "partners"

    @property
    def policies(self) -> Path:
        """The policy pack."""
        return self.root / "policies"

    @property
    def _kept(self) -> Path:
        return self.root / ".tenantry"

    @property
    def directory(self) -> Path:
        """The state of the embedded directory."""
        return self._kept / "directory"

    @property
    def directory_log(self) -> Path:
        """What the embedded directory's process has logged since its last start."""
        return self.directory / "server.log"

    @property
    def directory_port(self) -> Path:
        """The port of the embedded directory's last start, so that the next start answers there again."""
        return self.directory / "port"

    @property
    def backend(self) -> Path:
        """Pulumi's state, as its `file://` backend keeps it."""
        return self._kept / "state"

    @property
    def backend_url(self) -> str:
        """The address of that backend.

        `metadata=skip`: else the engine writes a file of attributes beside each file of the state, and not in one go.
        An update that is killed meanwhile leaves half of it, and the state cannot be loaded.
        """
        return f"{self.backend.as_uri()}?metadata=skip"

    @property
    def own_engine(self) -> Path:
        """The Pulumi CLI that was installed for this project alone."""
        return self._kept / "pulumi"

    @property
    def downloads(self) -> Path:
        """What is on its way: there only while something is installed."""
        return self._kept / "downloads"
