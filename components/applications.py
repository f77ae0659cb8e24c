"""Service principals of applications that others made: registered so that they exist, and never written after that."""

from typing import Final

import pulumi
import pulumi_azuread as azuread

#: Every setting of an application in the tenant, such as whether people must be assigned to it: no declaration states
#: one, and it belongs to those who edit it. A test compares this with the installed provider.
SETTINGS: Final = (
    "account_enabled",
    "alternative_names",
    "app_role_assignment_required",
    "description",
    "feature_tags",
    "features",
    "login_url",
    "notes",
    "notification_email_addresses",
    "owners",
    "preferred_single_sign_on_mode",
    "saml_single_sign_on",
    "tags",
    "use_existing",
)


def existing_application(
    name: str, client_id: str, existing: str | None, parent: pulumi.Resource
) -> azuread.ServicePrincipal:
    """An application in the tenant. ``existing`` is the object id of its service principal, where it has one."""
    return azuread.ServicePrincipal(
        name,
        client_id=client_id,
        # For one that somebody's consent makes between the look and the update. One that is seen is imported:
        # by this switch the provider would write its defaults over every setting of it.
        use_existing=True,
        opts=pulumi.ResourceOptions(
            parent=parent,
            import_=f"/servicePrincipals/{existing}" if existing else None,
            retain_on_delete=True,
            ignore_changes=list(SETTINGS),
        ),
    )
