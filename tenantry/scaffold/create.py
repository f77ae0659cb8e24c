"""Makes a partner's repository in an empty folder."""

import tempfile
from pathlib import Path
from typing import Final

from tenantry.declaration import load
from tenantry.project.paths import RECORD
from tenantry.rules import code_owners
from tenantry.sanitize import sanitize
from tenantry.scaffold.folder import RepositoryError, write
from tenantry.scaffold.origin import Origin
from tenantry.scaffold.pipelines import Pipeline
from tenantry.scaffold.record import record_of
from tenantry.scaffold.release import CODEOWNERS, kept_current, made_once

_MAY_BE_THERE: Final = frozenset({".git", ".venv"})
_FEW: Final = 10


def create(root: Path, partner: str, pipeline: Pipeline, origin: Origin) -> list[str]:
    """Make a partner's repository in a folder: the paths of its files.

    Raises RepositoryError, and writes nothing then.
    """
    _refuse_what_is_there(root)
    current = kept_current(pipeline, origin)
    record = record_of(origin.version, pipeline, current)
    content = {**current, **made_once(partner, pipeline), RECORD: record.text.encode()}
    try:
        with tempfile.TemporaryDirectory(prefix=".tenantry-init-", dir=root) as folder:
            draft = Path(folder)
            write(draft, content)
            owners = code_owners.block(load(draft / "partners" / partner), f"partners/{partner}")
            write(draft, {CODEOWNERS: owners.encode()})
            # What a full disk cuts short is no repository at all.
            for item in sorted(draft.iterdir()):
                item.rename(root / item.name)
    except OSError as error:
        raise RepositoryError(
            f"{root} cannot be written ({error.strerror}). Fix: correct its permissions, or make room on the disk."
        ) from None
    return sorted([*content, CODEOWNERS])


def _refuse_what_is_there(root: Path) -> None:
    existing = sorted(item.name for item in root.iterdir() if item.name not in _MAY_BE_THERE)
    if RECORD in existing:
        raise RepositoryError(
            f"{root} has been made by `tenantry init` already: it holds {RECORD}. Fix: run `tenantry upgrade`, which "
            "brings the files of a later release."
        )
    if existing:
        few = ", ".join(map(sanitize, existing[:_FEW])) + (", …" if len(existing) > _FEW else "")
        raise RepositoryError(
            f"{root} is not empty; nothing was written. Found: {few}; expected: an empty folder (.git and .venv may "
            "be there). Fix: run `tenantry init` in a new folder, or move these files away first."
        )
