"""The built-in roles of Microsoft Entra ID that the directory knows, by their template ids.

Source: "Microsoft Entra built-in roles" in Microsoft's documentation. Names have been changed several times
there, ids never.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class RoleTemplate:
    """A built-in role; `privileged` as Microsoft labels it."""

    id: str
    name: str
    privileged: bool = False

    @property
    def description(self) -> str:
        """What the directory says of the role: Microsoft's own texts are not repeated here."""
        return f"Microsoft Entra built-in role {self.name}."


_PRIVILEGED = True

GLOBAL_ADMINISTRATOR = RoleTemplate("62e90394-69f5-4237-9190-012177145e10", "Global Administrator", _PRIVILEGED)

ROLE_TEMPLATES: Mapping[str, RoleTemplate] = {
    template.id: template
    for template in (
        GLOBAL_ADMINISTRATOR,
        RoleTemplate("9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3", "Application Administrator", _PRIVILEGED),
        RoleTemplate("cf1c38e5-3621-4004-a7cb-879624dced7c", "Application Developer", _PRIVILEGED),
        RoleTemplate("c4e39bd9-1100-46d3-8c65-fb160da0071f", "Authentication Administrator", _PRIVILEGED),
        RoleTemplate("0526716b-113d-4c15-b2c8-68e3c22b9f80", "Authentication Policy Administrator"),
        RoleTemplate("b0f54661-2d74-4c50-afa3-1ec803f12efe", "Billing Administrator"),
        RoleTemplate("892c5842-a9a6-463a-8041-72aa08ca3cf6", "Cloud App Security Administrator"),
        RoleTemplate("158c047a-c907-4556-b7ef-446551a6b5f7", "Cloud Application Administrator", _PRIVILEGED),
        RoleTemplate("7698a772-787b-4ac8-901f-60d6b08affd2", "Cloud Device Administrator", _PRIVILEGED),
        RoleTemplate("b1be1c3e-b65d-4f19-8427-f6fa0d97feb9", "Conditional Access Administrator", _PRIVILEGED),
        RoleTemplate("17315797-102d-40b4-93e0-432062caca18", "Compliance Administrator"),
        RoleTemplate("88d8e3e3-8f55-4a1e-953a-9b9898b8876b", "Directory Readers"),
        RoleTemplate("9360feb5-f418-4baa-8175-e2a00bac4301", "Directory Writers", _PRIVILEGED),
        RoleTemplate("8329153b-31d0-4727-b945-745eb3bc5f31", "Domain Name Administrator", _PRIVILEGED),
        RoleTemplate("29232cdf-9323-42fd-ade2-1d097af3e4de", "Exchange Administrator"),
        RoleTemplate("f2ef992c-3afb-46b9-b7cf-a126ee74c451", "Global Reader", _PRIVILEGED),
        RoleTemplate("fdd7a751-b60b-444a-984c-02652fe8fa1c", "Groups Administrator"),
        RoleTemplate("95e79109-95c0-4d8e-aee3-d01accf2d47b", "Guest Inviter"),
        RoleTemplate("729827e3-9c14-49f7-bb1b-9608f156bbb8", "Helpdesk Administrator", _PRIVILEGED),
        RoleTemplate("8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2", "Hybrid Identity Administrator", _PRIVILEGED),
        RoleTemplate("3a2c62db-5318-420d-8d74-23affee5d9d5", "Intune Administrator", _PRIVILEGED),
        RoleTemplate("4d6ac14f-3453-41d0-bef9-a3e0c569773a", "License Administrator"),
        RoleTemplate("790c1fb9-7f7d-4f88-86a1-ef1f95c05c1b", "Message Center Reader"),
        RoleTemplate("4ba39ca4-527c-499a-b93d-d9b492c50246", "Partner Tier1 Support", _PRIVILEGED),
        RoleTemplate("e00e864a-17c5-4a4b-9c06-f5b95a8d5bd8", "Partner Tier2 Support", _PRIVILEGED),
        RoleTemplate("966707d0-3269-4727-9be2-8c3a10f19b9d", "Password Administrator", _PRIVILEGED),
        RoleTemplate("11648597-926c-4cf3-9c36-bcebb0ba8dcc", "Power Platform Administrator"),
        RoleTemplate("644ef478-e28f-4e28-b9dc-3fdde9aa0b1f", "Printer Administrator"),
        RoleTemplate("e8cef6f1-e4bd-4ea8-bc07-4b8d950f4477", "Printer Technician"),
        RoleTemplate("7be44c8a-adaf-4e2a-84d6-ab2649e08a13", "Privileged Authentication Administrator", _PRIVILEGED),
        RoleTemplate("e8611ab8-c189-46e8-94e1-60213ab1f814", "Privileged Role Administrator", _PRIVILEGED),
        RoleTemplate("4a5d8f65-41da-4de4-8968-e035b65339cf", "Reports Reader"),
        RoleTemplate("194ae4cb-b126-40b2-bd5b-6091b380977d", "Security Administrator", _PRIVILEGED),
        RoleTemplate("5f2222b1-57c3-48ba-8ad5-d4759f1fde6f", "Security Operator", _PRIVILEGED),
        RoleTemplate("5d6b6bb7-de71-4623-b4af-96380a352509", "Security Reader", _PRIVILEGED),
        RoleTemplate("f023fd81-a637-4b56-95fd-791ac0226033", "Service Support Administrator"),
        RoleTemplate("f28a1f50-f6e7-4571-818b-6a12f2af6b6c", "SharePoint Administrator"),
        RoleTemplate("69091246-20e8-4a56-aa4d-066075b2a7a8", "Teams Administrator"),
        RoleTemplate("fe930be7-5e62-47db-91af-98c3a49a38b1", "User Administrator", _PRIVILEGED),
    )
}
