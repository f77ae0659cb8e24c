"""What the engine asks the plugin: `PartnerTenant` for programs in every language, and relationships with customers."""

from datetime import date
from pathlib import Path
from typing import Final

import pulumi
from pulumi.provider import ConstructResult, Provider

from components.partner_tenant import PartnerTenant, PartnerTenantArgs
from components.relationships import serving
from tenantry.declaration import DeclarationError
from tenantry.declaration.argument import ARGUMENT, tenant_from
from tenantry.findings import mistake
from tenantry.passwords import MIN_SECRET
from tenantry.reference.pulumi_schema import COMPONENT, PASSWORD_SECRET, VERSION

_SCHEMA: Final = Path(__file__).with_name("schema.json")


class Plugin(Provider):
    """Makes a `PartnerTenant` where a program asks for one.

    It reports every mistake in its arguments at once, in the words of the checks of files, before any resource is
    registered: also a field that no declaration has, which the SDK's host of components would drop in silence.
    """

    def __init__(self) -> None:
        super().__init__(VERSION, _SCHEMA.read_text(encoding="utf-8"))

    def construct(
        self, name: str, resource_type: str, inputs: pulumi.Inputs, options: pulumi.ResourceOptions | None = None
    ) -> ConstructResult:
        """Register the component.

        Raises :class:`pulumi.InputPropertiesError`, which the engine shows without a traceback.
        """
        if resource_type != COMPONENT:
            raise pulumi.InputPropertiesError(f"This plugin has no resource {resource_type}, only {COMPONENT}.", [])
        arguments = _arguments(inputs)
        try:
            tenant = PartnerTenant(name, arguments, options)
        except pulumi.RunError as refusal:
            raise pulumi.InputPropertiesError(str(refusal), []) from None
        outputs = {
            "tenantId": arguments.tenant.id,
            "whoHasWhat": tenant.who_has_what,
            "toDo": tenant.to_do,
            "temporaryPasswords": tenant.temporary_passwords,
        }
        return ConstructResult(tenant.urn, outputs)


def _arguments(inputs: pulumi.Inputs) -> PartnerTenantArgs:
    """What a program wrote. Raises :class:`pulumi.InputPropertiesError` with everything that is wrong with it."""
    mistakes = []
    try:
        tenant = tenant_from(inputs.get(ARGUMENT)).as_of(date.today())
    except DeclarationError as error:
        mistakes += [problem.message for problem in error.problems]
    secret = inputs.get(PASSWORD_SECRET) or ""
    if not secret:
        missing = mistake("nothing", "a secret", "pass one on from the configuration", (PASSWORD_SECRET,))
        mistakes.append(missing.message)
    if mistakes:
        # In the message, and not as errors of properties: the engine would print each property's value, secret or not.
        raise pulumi.InputPropertiesError(
            "\n".join(["The declaration cannot be used; nothing was changed.", *mistakes]), []
        )
    return PartnerTenantArgs(tenant, pulumi.Output.secret(secret).apply(_long_enough))


def _long_enough(secret: str) -> str:
    """A secret that is known, as it is.

    What fails while the component is made must be an :class:`pulumi.InputPropertiesError` as well: of anything else
    the engine says "Unexpected", and the name of a class.
    """
    if len(secret) < MIN_SECRET:
        short = mistake(
            f"fewer than {MIN_SECRET} characters",
            f"at least {MIN_SECRET}",
            f'pulumi config set --secret {PASSWORD_SECRET} "$(openssl rand -base64 33)"',
            (PASSWORD_SECRET,),
        )
        raise pulumi.InputPropertiesError(short.message, [])
    return secret


def serve() -> None:
    """Answer the engine until it ends."""
    serving.serve(Plugin())
