"""Who approves which change: CODEOWNERS, written from the declaration, and read for rule PT-205.

Source: *How to associate a Microsoft account to your organization's MPN ID in Partner Center*, Summary: managing users
"must be done by the user management admin, accounts admin or the global admin".
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from codeowners import CodeOwners

from tenantry.declaration import Declaration, Person, Tenant
from tenantry.spelling import folded
from tenantry.todo import Task, people_who_may

PLACES: Final = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where code hosts look for the file, in their order. The first one that is there counts."""

BEGIN: Final = "# tenantry: begin"
END: Final = "# tenantry: end"
_HEAD: Final = (
    f"{BEGIN} (written by `tenantry codeowners`: do not edit, run it again when people change)",
    "# The approval of one owner is enough. The last line that matches a file decides.",
)
_COMMENT: Final = re.compile(r"(?:^|\s)#.*")
_PLAIN: Final = re.compile(r"[!-\"$-~]+")
"""What an owner can be made of: ASCII without blanks and without the sign that begins a comment."""


class NobodyMayApproveError(Exception):
    """Nobody who may approve a file can be named to the code host."""


@dataclass(frozen=True)
class Owned:
    """Who owns one file."""

    line: int | None
    """The line of CODEOWNERS that decides; None where none fits."""
    owners: tuple[str, ...]
    """Handles, teams and addresses, as they stand there."""


@dataclass(frozen=True)
class Ownership:
    """A CODEOWNERS file, as far as it speaks of one partner's folder."""

    file: str
    """From the root of the repository."""
    folder: str
    """The partner's folder, from the root of the repository."""
    text: str

    def of_tenant(self, tenant: str) -> Owned:
        """Who owns a tenant's file. Raises ValueError where a line cannot be read: what it means is then unknown."""
        without_comments = "\n".join(_COMMENT.sub("", line) for line in self.text.splitlines())
        try:
            owners, line, _, _ = CodeOwners(without_comments).matching_line(f"{self.folder}/tenants/{tenant}.yaml")
        except re.error as error:
            raise ValueError(f"an invalid pattern: {error}") from error
        return Owned(line, tuple(owner for _, owner in owners))


def root_of(folder: Path) -> Path | None:
    """The repository around a folder, if it is in one."""
    return next(
        (parent for parent in (folder.resolve(), *folder.resolve().parents) if (parent / ".git").exists()), None
    )


def around(folder: Path, root: Path | None = None) -> Ownership | None:
    """The CODEOWNERS file that decides about a partner's folder; None without a repository or a file.

    ``root`` is the repository's folder where that is known: a checkout need not be a repository itself.
    """
    root = root.resolve() if root else root_of(folder)
    file = next((root / place for place in PLACES if (root / place).is_file()), None) if root else None
    if root is None or file is None:
        return None
    within = folder.resolve().relative_to(root)
    text = file.read_text("utf-8", errors="replace")
    return Ownership(file.relative_to(root).as_posix(), within.as_posix(), text)


def owner_of(person: Person) -> str | None:
    """How a code host knows somebody: by their handle, else by their e-mail address; None where it has neither."""
    named = person.handle or person.email
    return named if named and _PLAIN.fullmatch(named) else None


def whose(tenant: Tenant, owner: str) -> Person | None:
    """The declared person behind an owner's handle or address, case aside."""
    wanted = folded(owner)
    for person in tenant.members.values():
        if wanted in {folded(name) for name in (person.handle, person.email) if name}:
            return person
    return None


def block(declaration: Declaration, folder: str) -> str:
    """The lines of a partner whose folder is at ``folder``, from the repository's root.

    Raises :class:`NobodyMayApproveError` where a file would be without an owner: anybody's approval would do.
    """
    partner_tenants = [stack.tenant for stack in declaration.stacks()]
    administrators = _named(
        [person for tenant in partner_tenants for person in people_who_may(tenant, Task.ENTRA_ROLES).values()],
        f"a Global admin of {declaration.partner.name}",
    )
    lines = [*_HEAD, "", "# Code, rules, pipelines, own-use tenants and everything else: the Global admins"]
    lines.append(f"* {' '.join(administrators)}")
    for stack in declaration.stacks():
        may = people_who_may(stack.tenant, Task.CREATE_PEOPLE).values()
        owners = _named(may, f"a User management admin, Account admin or Global admin of {stack.tenant.name}")
        path = f"/{folder}/tenants/{stack.tenant_name}.yaml".replace(" ", "\\ ")
        lines += [
            "",
            f"# {' '.join(stack.tenant.name.split())}: the people who may manage users there",
            f"{path} {' '.join(owners)}",
        ]
    return "\n".join((*lines, END, ""))


def merged(text: str, lines: str) -> str:
    """A CODEOWNERS file with a partner's lines in the place of the former ones, else at its end, where they decide."""
    kept = re.sub(rf"{re.escape(BEGIN)}[^\n]*\n.*?{re.escape(END)}\n?", "\0", text, count=1, flags=re.DOTALL)
    if "\0" in kept:
        return kept.replace("\0", lines)
    return f"{text.rstrip()}\n\n{lines}" if text.strip() else lines


def _named(people: Iterable[Person], whom: str) -> tuple[str, ...]:
    owners = tuple(dict.fromkeys(owner for person in people if (owner := owner_of(person))))
    if not owners:
        raise NobodyMayApproveError(
            f"no owner can be named in CODEOWNERS for {whom}. Fix: give one of them an `email` or a `handle`"
        )
    return owners
