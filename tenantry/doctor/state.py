"""Does the engine know where the stack's state is, can it read it, and can it open the secrets in it?"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path

from tenantry.doctor import model
from tenantry.doctor.model import Area, Check
from tenantry.project.stacks import DEV_STACK

_fine = partial(model.fine, Area.STATE)
_wrong = partial(model.wrong, Area.STATE)
_skipped = partial(model.not_looked_at, Area.STATE)


class Passphrase(StrEnum):
    """Whether the passphrase of a stack is given."""

    GIVEN = "given"
    MISSING = "missing"
    UNREADABLE = "unreadable"
    """A file is named that cannot be read."""


@dataclass(frozen=True)
class Facts:
    """What is there of the state. No address has a user, a password or a query in it."""

    stack: str | None = None
    backend: str | None = None
    """The address of the backend."""
    named_by: str = ""
    """What names it: PULUMI_BACKEND_URL, Pulumi.yaml or `pulumi login`."""
    folder: Path | None = None
    """Where it is a folder, that one."""
    folder_is_there: bool = False
    folder_is_writable: bool = False
    logged_in: bool = False
    """Where it is a service, whether a token for it is there."""
    provider: str | None = None
    """What encrypts the stack's secrets: an address, "passphrase", or None for the backend itself."""
    passphrase: Passphrase = Passphrase.MISSING
    contents: "Contents | None" = None
    """What the engine finds of the stack; None where it was not asked."""
    unasked: str = ""
    """Why it was not asked."""


@dataclass(frozen=True)
class Contents:
    """What the engine exports of a stack's state."""

    has_stack: bool = True
    """Whether the backend has the stack."""
    problem: str = ""
    """Why the state cannot be read."""
    remediation: str = "`tenantry docs reliability`"
    """What to do about that."""
    being_created: tuple[str, ...] = ()
    """What an update that is not over was creating."""


def check(facts: Facts) -> Iterator[Check]:
    """Evaluate it."""
    yield _backend(facts)
    yield _contents(facts)
    yield _secrets(facts)


def _backend(facts: Facts) -> Check:
    if facts.backend is None:
        fix = "`pulumi login`, or for a folder `pulumi login 'file://FOLDER?metadata=skip'`, or set PULUMI_BACKEND_URL"
        return _wrong("backend", "nobody is logged in to a backend, and PULUMI_BACKEND_URL is not set", fix)
    named = f"{facts.backend} ({facts.named_by})"
    if facts.folder is not None:
        if not facts.folder_is_there:
            return _wrong("backend", f"{named}: there is no such folder", f"`mkdir -p -m 700 {facts.folder}`")
        if not facts.folder_is_writable:
            found = f"{named}: nothing can be written in that folder"
            return _wrong("backend", found, f"`chmod -R u+rwX {facts.folder}`, as its owner")
    elif not facts.logged_in and facts.backend.startswith("https://"):
        fix = f"`pulumi login {facts.backend}`, or set PULUMI_ACCESS_TOKEN"
        return _wrong("backend", f"{named}: there is no access token for it", fix)
    return _fine("backend", named)


def _contents(facts: Facts) -> Check:
    name, found = "contents", facts.contents
    if facts.stack is None:
        return _skipped(name, "no stack is meant")
    if found is None:
        return _skipped(name, facts.unasked)
    if not found.has_stack:
        if facts.stack == DEV_STACK:
            return _skipped(name, f"the backend has no stack {facts.stack} yet; `tenantry up` makes it")
        fix = f"`pulumi stack init {facts.stack}`, or, if it was made elsewhere, log in to the backend that has it"
        return _wrong(name, f"the backend has no stack {facts.stack}", fix)
    if found.problem:
        return _wrong(name, f"the state cannot be read: {found.problem}", found.remediation)
    if found.being_created:
        what = ", ".join(found.being_created)
        fix = f"if no update is running, `tenantry recover --stack {facts.stack}`"
        return _wrong(name, f"an update is running, or was killed while it created {what}", fix)
    return _fine(name, "the state can be read, and no update was killed while it created something")


def _secrets(facts: Facts) -> Check:
    name = "secrets"
    if facts.stack is None:
        return _skipped(name, "no stack is meant")
    if facts.provider is None:
        return _fine(name, "encrypted by the backend")
    if facts.provider != "passphrase":
        return _fine(name, f"encrypted by {facts.provider}; whether it opens them shows with `pulumi preview`")
    match facts.passphrase:
        case Passphrase.GIVEN:
            return _fine(name, "encrypted by a passphrase, which is given; `pulumi preview` shows whether it is right")
        case Passphrase.UNREADABLE:
            found = "PULUMI_CONFIG_PASSPHRASE_FILE names a file that cannot be read"
            return _wrong(name, found, "name the file that holds the passphrase")
        case Passphrase.MISSING:
            found = f"the stack {facts.stack} is encrypted by a passphrase, and none is given"
            fix = "`export PULUMI_CONFIG_PASSPHRASE_FILE=FILE`, or set PULUMI_CONFIG_PASSPHRASE"
            return _wrong(name, found, fix)
