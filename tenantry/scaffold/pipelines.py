"""The pipelines that a repository can have."""

from enum import StrEnum
from typing import Final


class Pipeline(StrEnum):
    """The code host whose pipelines a repository has."""

    GITHUB_ACTIONS = "github-actions"
    AZURE_DEVOPS = "azure-devops"
    NONE = "none"

    @property
    def folder(self) -> str:
        """Where the host looks for them; empty where there are none."""
        return _FOLDERS[self]


_FOLDERS: Final = {
    Pipeline.GITHUB_ACTIONS: ".github/workflows",
    Pipeline.AZURE_DEVOPS: "pipelines/azure-devops",
    Pipeline.NONE: "",
}
