"""The tenant's consent to FTOP, as it is there: whose it is and since when, the tenant does not say."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from tenantry.access.danger import Danger
from tenantry.access.observed import ObservedTenant
from tenantry.access.parts import or_none
from tenantry.adopt.people import Content
from tenantry.adopt.questions import LATER, LEGEND, About, Choice, Question
from tenantry.declaration.consent import MICROSOFT_GRAPH
from tenantry.graph.models import ConsentGrant, ConsentType

_APPROVED: Final = re.compile(r"(?P<by>[a-z][a-z0-9-]*)@(?P<on>\d{4}-\d\d-\d\d)", re.ASCII)
KEY: Final = f"{About.CONSENT}/approval"


@dataclass(frozen=True)
class FtopConsent:
    """A consent to FTOP for everybody in the tenant."""

    application_id: str
    grant: ConsentGrant
    resource_application_id: str

    def question(self) -> Question:
        """Who gave it, and when."""
        return Question(
            key=KEY,
            subject="FTOP",
            holds=tuple(f"the permission {name} for everybody" for name in self.permissions),
            asks="The tenant approved FTOP, and does not say which Global admin did, and when.",
            choices=(Choice(LATER, LEGEND[LATER]),),
            danger=Danger.PEOPLE_AND_MONEY,
            free="PERSON@DAY: the approval, by the key of the person, such as `ada@2026-01-31`; it is pinned",
        )

    @property
    def permissions(self) -> list[str]:
        """What FTOP may do in people's names."""
        return sorted((self.grant.scope or "").split())

    def declared(self, answer: str, people: Mapping[str, object], today: date) -> Content | None:
        """What the file says of it, where an answer says who gave it, and when; else None."""
        found = _APPROVED.fullmatch(answer)
        if found is None or found["by"] not in people:
            return None
        try:
            day = date.fromisoformat(found["on"])
        except ValueError:
            return None
        resource = self.resource_application_id
        return (
            {
                "application_id": self.application_id,
                "approval": {"on": day, "by": found["by"]},
                **({"resource_application_id": resource} if resource != MICROSOFT_GRAPH else {}),
                "permissions": self.permissions,
                "pins": {"consent_grant": self.grant.id},
            }
            if day <= today
            else None
        )


def consent_of(observed: ObservedTenant, application_id: str, resources: Mapping[str, str]) -> FtopConsent | None:
    """The consent to FTOP for everybody; of several that on Microsoft Graph.

    ``resources`` are application ids by object id.
    """
    clients = {one.id for one in or_none(observed.service_principals) if one.app_id == application_id.lower()}
    found = [
        FtopConsent(application_id.lower(), grant, resources[grant.resource_id])
        for grant in or_none(observed.consents)
        if grant.client_id in clients and grant.consent_type is ConsentType.ALL_PRINCIPALS
        if grant.resource_id in resources and (grant.scope or "").strip()
    ]
    return min(found, key=lambda one: (one.resource_application_id != MICROSOFT_GRAPH, one.grant.id), default=None)
