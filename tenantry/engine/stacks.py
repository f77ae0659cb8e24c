"""Which tenant a stack manages: `tenantry:tenant` in the stack's configuration."""

from tenantry.declaration import DeclarationError, Stack, load_stack
from tenantry.declaration.document import kind_of, read
from tenantry.declaration.problems import Problem
from tenantry.engine.paths import Project

_KEY = "tenantry:tenant"


def stack_tenant(project: Project, stack: str) -> str:
    """The tenant that `Pulumi.<stack>.yaml` names, such as `contoso/us`.

    Raises DeclarationError, with the place in the file, where it is missing, no YAML, or names no tenant.
    """
    document = read(project.stack_file(stack))
    config = document.content.get("config")
    name = config.get(_KEY) if isinstance(config, dict) else None
    if isinstance(name, str) and name:
        return name
    raise DeclarationError(
        [
            Problem(
                document.place(("config", _KEY)),
                f"config.{_KEY}",
                kind_of(name),
                "the name of a tenant, such as contoso/us",
                f"pulumi config set {_KEY} PARTNER/TENANT --stack {stack}",
            )
        ]
    )


def declared_stack(project: Project, stack: str) -> Stack:
    """The declaration of the tenant that a stack manages.

    Raises DeclarationError as :func:`stack_tenant` and :func:`tenantry.declaration.load_stack` do.
    """
    return load_stack(project.partners, stack_tenant(project, stack))
