"""Contoso's partner tenant of the United Kingdom: who works there, and with which Partner Center roles."""

import pulumi
import pulumi_tenantry as tenantry

DOMAIN = "contoso-partner-uk.onmicrosoft.com"


def emergency_account(number: int) -> tenantry.PersonArgsDict:
    """An account for the day on which nobody else can sign in."""
    return {
        "full_name": f"Emergency access {number}",
        "upn": f"rescue-{number}@{DOMAIN}",
        "roles": ["Global admin"],
        "emergency": True,
    }


tenant = tenantry.PartnerTenant(
    "uk",
    password_secret=pulumi.Config().require_secret("passwordSecret"),
    tenant={
        "id": "b2a7d9c4-1e08-4b6f-a7d3-9c5e0f21d720",
        "name": "Contoso Partner (UK)",
        "country": "GB",
        "purpose": ["partner"],
        "serves": ["GB"],
        "programs": {"CSP": {"enrolled_on": "2025-06-02", "location_id": "5120391"}},
        "domains": {"initial": DOMAIN},
        "mode": "authoritative",
        "people": {
            "ada": {
                "full_name": "Ada Nakamura",
                "upn": f"ada.nakamura@{DOMAIN}",
                "email": "ada.nakamura@contoso.com",
                "roles": ["Global admin"],
                "company_roles": ["Account admin"],
                # She enrolled the tenant: her account and her role were there before this program.
                "adopted": "91d5f0b7-6f4b-4b59-8f0c-6e0a7c1d2f02",
                "pins": {"role_assignments": {"Global Administrator": "lAPpYvVpN0KRkAEhdxReELfw1ZFLb1lLjwxuCnwdLwI-1"}},
            },
            "jonas": {
                "full_name": "Jonas Whitfield",
                "upn": f"jonas.whitfield@{DOMAIN}",
                "email": "jonas.whitfield@contoso.com",
                "roles": ["Global admin"],
            },
            "kavya": {
                "full_name": "Kavya Rao",
                "upn": f"kavya.rao@{DOMAIN}",
                "email": "kavya.rao@contoso.com",
                "roles": ["Admin agent"],
            },
            "rescue-1": emergency_account(1),
            "rescue-2": emergency_account(2),
        },
    },
)

pulumi.export("who_has_what", tenant.who_has_what)
pulumi.export("to_do", tenant.to_do)
