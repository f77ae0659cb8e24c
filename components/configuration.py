"""What a stack's configuration says: which tenant it is, and the secret behind the temporary passwords."""

from pathlib import Path
from typing import Final

import pulumi

from components.people import HOW_TO_SET_IT
from tenantry.declaration import DeclarationError, Stack, load_stack
from tenantry.project.paths import Project
from tenantry.project.stacks import named_at

_PROJECT: Final = Project(Path(__file__).resolve().parent.parent)


def declared_tenant() -> Stack:
    """The tenant that ``tenantry:tenant`` names ("contoso/us"), from a declaration that is valid as a whole.

    Raises :class:`pulumi.RunError` with every problem of the declaration.
    """
    name = pulumi.Config("tenantry").get("tenant")
    if not name:
        raise _missing("tenant", "Set it: pulumi config set tenantry:tenant PARTNER/TENANT")
    try:
        return load_stack(_PROJECT.partners, name, named_at=named_at(_PROJECT, pulumi.get_stack()))
    except DeclarationError as error:
        raise pulumi.RunError(f"The declaration cannot be used; nothing was changed.\n{error}") from None


def password_secret() -> pulumi.Output[str]:
    """The secret ``tenantry:passwordSecret`` of the stack.

    Raises :class:`pulumi.RunError` where it is not set, or is stored for everybody to read who reads the stack's file.
    """
    config = pulumi.Config("tenantry")
    secret = config.get_secret("passwordSecret")
    if secret is None:
        raise _missing("passwordSecret", HOW_TO_SET_IT)
    if not pulumi.runtime.is_config_secret(config.full_key("passwordSecret")):
        raise pulumi.RunError(
            f"Refused: `tenantry:passwordSecret` is stored as plain text in Pulumi.{pulumi.get_stack()}.yaml, and "
            "every temporary password is made from it. Nothing was changed. Store a new one as a secret: pulumi config "
            'set --secret tenantry:passwordSecret "$(openssl rand -base64 33)". Where this stack has made accounts '
            "with the old one, that gives each of them a new temporary password; to keep theirs although others may "
            "have read it, store the same one: pulumi config set --secret tenantry:passwordSecret, which asks for it."
        )
    return secret


def _missing(key: str, remediation: str) -> pulumi.RunError:
    return pulumi.RunError(f"The stack's configuration lacks `tenantry:{key}`. {remediation}")
