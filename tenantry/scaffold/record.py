"""``tenantry.lock``: which release made which files of a repository, and what they were then."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from pydantic import Field, ValidationInfo

from tenantry.declaration.base import Model, check
from tenantry.declaration.document import DeclarationError, read
from tenantry.declaration.explain import valid
from tenantry.declaration.fields import Name
from tenantry.declaration.insert import block
from tenantry.findings import Finding, mistake
from tenantry.project.paths import RECORD
from tenantry.sanitize import quoted
from tenantry.scaffold.pipelines import Pipeline
from tenantry.scaffold.release import Files

_HEAD: Final = (
    "# Which release of tenantry made which files, and their SHA-256. `tenantry upgrade` compares with it.\n"
    "# Commit it, and do not edit it.\n"
)
_DIGEST: Final = re.compile("[0-9a-f]{64}")
_AGAIN: Final = f"restore the file from git: git checkout {RECORD}"


class Record(Model):
    """What a repository has of a release."""

    version: Name = Field(description="The release.")
    pipeline: Pipeline = Field(description="The code host whose pipelines it has.")
    files: dict[Name, Name] = Field(description="The SHA-256 of each file as the release brought it.")

    @check("files")
    @staticmethod
    def _files_lie_in_the_repository(files: dict[str, str], _: ValidationInfo) -> Iterator[Finding]:
        for path, digest in files.items():
            parts = PurePosixPath(path).parts
            if path.startswith("/") or ".." in parts or ".git" in parts or "\\" in path or not parts:
                yield mistake(f"the path {quoted(path)}", "a path inside the repository", _AGAIN, (path,))
            if not _DIGEST.fullmatch(digest):
                yield mistake(f"the digest {quoted(digest)}", "64 hexadecimal digits", _AGAIN, (path,))

    @property
    def text(self) -> str:
        """The content of the file."""
        fields = {"version": self.version, "pipeline": self.pipeline.value, "files": dict(sorted(self.files.items()))}
        return _HEAD + "".join(block(key, value) for key, value in fields.items())


def recorded(root: Path) -> Record:
    """What a repository's record says. Raises DeclarationError: nobody writes it by hand, so git has the right one."""
    try:
        return valid(Record, read(root / RECORD))
    except DeclarationError as error:
        raise DeclarationError(item.model_copy(update={"remediation": _AGAIN}) for item in error.problems) from None


def record_of(version: str, pipeline: Pipeline, files: Files) -> Record:
    """The record of files as a release brings them."""
    return Record(version=version, pipeline=pipeline, files={path: digest(text) for path, text in files.items()})


def digest(content: bytes) -> str:
    """The SHA-256 of a file; ends of lines as git may check them out make no difference."""
    return hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest()
