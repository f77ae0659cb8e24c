"""The tenant's approval of FTOP: its application in the tenant, and consent to it for everybody."""

from dataclasses import dataclass

import pulumi
import pulumi_azuread as azuread

from components.applications import existing_application
from components.providers import first_line
from tenantry.declaration.consent import TenantConsent


@dataclass(frozen=True)
class FtopAccessArgs:
    """What the tenant's approval of FTOP is made from."""

    consent: TenantConsent
    """The consent that the declaration gives for everybody."""
    resource_object_id: str
    """The object id of the service principal whose permissions are granted, from :func:`find_resource`."""
    existing: str | None = None
    """The object id of FTOP's service principal, where the tenant has one: it is taken over as it is."""


class FtopAccess(pulumi.ComponentResource):
    """FTOP's service principal, and one consent grant for the whole tenant: what a Global admin's Accept makes.

    Service principals are never written once they are there, and stay in the tenant whatever becomes of the program:
    by itself FTOP's opens nothing, and with it each person's own consent would go. A pinned grant is protected and
    retained for as long as the pin stands.
    """

    def __init__(self, name: str, args: FtopAccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("tenantry:index:FtopAccess", name, None, opts)
        consent = args.consent
        application = existing_application(f"{name}-ftop", consent.application_id, args.existing, self)
        # Imported too, since the policy pack is shown no resource that is only referred to: it sees by this one whose
        # permissions are granted.
        resource = existing_application(f"{name}-ftop-resource", consent.resource_id, args.resource_object_id, self)
        azuread.ServicePrincipalDelegatedPermissionGrant(
            f"{name}-ftop",
            service_principal_object_id=application.object_id,
            resource_service_principal_object_id=resource.object_id,
            claim_values=sorted(consent.permissions),
            opts=pulumi.ResourceOptions(
                parent=self,
                import_=f"/oauth2PermissionGrants/{consent.pinned}" if consent.pinned else None,
                protect=consent.pinned is not None,
                retain_on_delete=consent.pinned is not None,
            ),
        )
        self.register_outputs({"application_id": consent.application_id, "permissions": sorted(consent.permissions)})


def find_resource(consent: TenantConsent, invoke: pulumi.InvokeOptions | None = None) -> str:
    """The object id of the service principal whose permissions are granted.

    Called before anything is registered. Raises :class:`pulumi.RunError` where the tenant has none, or it may not be
    read.
    """
    try:
        return azuread.get_service_principal(client_id=consent.resource_id, opts=invoke).object_id
    except Exception as error:  # noqa: BLE001 (the SDK raises plain exceptions for a failed look-up)
        raise pulumi.RunError(
            f"Could not read the application {consent.resource_id}, whose permissions FTOP is granted: "
            f"{first_line(error)} Nothing was changed. Correct `ftop.resource_application_id`, or let the deploying "
            "identity read applications (`tenantry docs permissions`)."
        ) from None
