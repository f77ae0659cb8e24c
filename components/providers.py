"""Which azuread provider a component works through, and what it says when it fails."""

from collections.abc import Mapping

import pulumi
import pulumi_azuread as azuread

_A_GROUP = "azuread:index/group:Group"


def invoke_options(opts: pulumi.ResourceOptions | None) -> pulumi.InvokeOptions:
    """Look-ups through the very provider that a component's resources will use.

    The one that the caller gave, else the one that its parent passes on, else the default one: a look-up by
    another provider than the resources' could check one tenant and write another.
    """
    return pulumi.InvokeOptions(provider=_azuread_provider(opts))


def child_options(
    parent: pulumi.ComponentResource, name: str, tenant_id: str, invoke: pulumi.InvokeOptions
) -> pulumi.ResourceOptions:
    """How a partner tenant's components are made: through the provider that looked up, where the caller gave one.

    Else through one that is bound to the declared tenant, and so is what the state remembers of it: credentials of
    another tenant are refused by the other side, even by a refresh that runs before this program does.
    """
    if invoke.provider:
        return pulumi.ResourceOptions(parent=parent)
    bound = azuread.Provider(name, tenant_id=tenant_id, opts=pulumi.ResourceOptions(parent=parent))
    return pulumi.ResourceOptions(parent=parent, providers=[bound])


def _azuread_provider(opts: pulumi.ResourceOptions | None) -> pulumi.ProviderResource | None:
    if opts is None:
        return None
    given = opts.providers or []
    candidates: list[pulumi.ProviderResource | None] = [
        opts.provider,
        *(given.values() if isinstance(given, Mapping) else given),
    ]
    for provider in candidates:
        if provider is not None and provider.package == "azuread":
            return provider
    return opts.parent.get_provider(_A_GROUP) if opts.parent else None


def first_line(error: Exception) -> str:
    """What a failed look-up says, as one sentence of bounded length.

    The provider begins with "1 error occurred:", and says below what it was.
    """
    first, *more = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    if first.endswith(":") and more:
        first = f"{first} {more[0].removeprefix('* ')}"
    return first[:500].rstrip(".") + "."
