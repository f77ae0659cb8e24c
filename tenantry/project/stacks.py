"""Which tenant a stack manages: `tenantry:tenant` in the stack's configuration."""

from dataclasses import dataclass
from datetime import date

from tenantry.declaration import DeclarationError, Stack, load_stack
from tenantry.declaration.document import described, read, shown
from tenantry.declaration.load import NamedAt
from tenantry.findings import Finding, Place, mistake
from tenantry.project.paths import Project

DEV_STACK = "dev"
"""The stack of the sample partner on the embedded directory."""

_KEY = "tenantry:tenant"
_PATH = ("config", _KEY)


def stack_tenant(project: Project, stack: str) -> str:
    """The tenant that `Pulumi.<stack>.yaml` names, such as `contoso/us`.

    Raises DeclarationError, with the place in the file, where it is missing, is not YAML, or names no tenant.
    """
    file = project.stack_file(stack)
    if not file.exists():
        raise DeclarationError([_no_stack(project, stack).at(Place(shown(file)))])
    document = read(file)
    config = document.content.get("config")
    name = config.get(_KEY) if isinstance(config, dict) else None
    if isinstance(name, str) and name:
        return name
    raise DeclarationError(
        [
            mistake(
                described(name),
                "the name of a tenant, such as contoso/us",
                f"pulumi config set {_KEY} PARTNER/TENANT --stack {stack}",
                _PATH,
            ).at(document.place(_PATH))
        ]
    )


def named_at(project: Project, stack: str) -> NamedAt:
    """Where `Pulumi.<stack>.yaml` names the stack's tenant, for messages: as near as the file can be read."""
    file = project.stack_file(stack)
    try:
        return read(file).place(_PATH), _PATH
    except DeclarationError:
        return Place(shown(file)), _PATH


def stack_names(project: Project) -> list[str]:
    """The stacks that the project has files for."""
    return sorted(
        file.name.removeprefix("Pulumi.").removesuffix(".yaml") for file in project.root.glob("Pulumi.*.yaml")
    )


def _no_stack(project: Project, stack: str) -> Finding:
    existing = ", ".join(stack_names(project)) or "none"
    return mistake(
        f"no file of the stack {stack}",
        f"the file of a stack; the stacks here are: {existing}",
        "name one of these with --stack, or create the file",
        unreadable=True,
    )


def declared_stack(project: Project, stack: str, today: date | None = None) -> Stack:
    """The declaration of the tenant that a stack manages.

    Raises DeclarationError as :func:`stack_tenant` and :func:`tenantry.declaration.load_stack` do.
    """
    return load_stack(project.partners, stack_tenant(project, stack), today, named_at(project, stack))


@dataclass(frozen=True)
class Managed:
    """A stack with the tenant that it manages."""

    stack: str
    declared: Stack

    @property
    def embedded(self) -> bool:
        """Whether it is the embedded directory's, not a tenant of Microsoft's."""
        return self.stack == DEV_STACK


def all_stacks(project: Project, *, real: bool = False) -> list[Managed]:
    """Every stack that has a `Pulumi.<stack>.yaml`, by name; ``real`` leaves out the embedded directory's, unread.

    Raises DeclarationError with the problems of all of them, also where two stacks manage one tenant: each would
    undo the other's changes.
    """
    names = [name for name in stack_names(project) if not (real and name == DEV_STACK)]
    found: list[Managed] = []
    problems: list[Finding] = []
    for name in names:
        try:
            found.append(Managed(name, declared_stack(project, name)))
        except DeclarationError as error:
            problems += error.problems
    for one in found:
        rivals = [other.stack for other in found if other.declared.name == one.declared.name and other is not one]
        if rivals and not one.embedded and rivals != [DEV_STACK]:
            place = read(project.stack_file(one.stack)).place(_PATH)
            remediation = "name another tenant, or remove the stack"
            what = f"{one.declared.name}, which the stack {' and '.join(rivals)} manages too"
            problems.append(mistake(what, "a tenant that no other stack manages", remediation, _PATH).at(place))
    if problems:
        raise DeclarationError(list(dict.fromkeys(problems)))
    return found
