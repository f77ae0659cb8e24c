"""The tenant's consent to FTOP, as it is there: whose it is and since when, the tenant does not say."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from tenantry.access.danger import Danger
from tenantry.access.observed import ObservedTenant
from tenantry.access.parts import or_none
from tenantry.adopt.people import Content
from tenantry.adopt.questions import LATER, LEGEND, About, Choice, Question
from tenantry.declaration.consent import MICROSOFT_GRAPH
from tenantry.declaration.ftop import Consent
from tenantry.graph.models import ConsentGrant, ConsentType

_APPROVED: Final = re.compile(r"(?P<by>[a-z][a-z0-9-]*)@(?P<on>\d{4}-\d\d-\d\d)", re.ASCII)
KEY: Final = f"{About.CONSENT}/approval"
OWN: Final = f"{About.CONSENT}/own-consents"


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
            asks="The tenant approved FTOP, but does not show which Global admin did so, and when.",
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


@dataclass(frozen=True)
class OwnConsents:
    """The consents to FTOP that people gave for themselves."""

    application_id: str
    people: tuple[str, ...]
    """By object id."""

    def question(self, called: Iterable[str], *, for_all: bool) -> Question:
        """Since when they hold; beside a consent for everybody they are not needed, and no file has them."""
        away = "revoke them in the Entra admin center, at the application's permissions"
        asks = "The tenant also approved FTOP for everybody (PT-502)" if for_all else "The tenant does not show when"
        return Question(
            key=OWN,
            subject="FTOP",
            holds=tuple(f"the own consent of {one}" for one in called),
            asks=f"{asks}: {away}{'.' if for_all else ', or say when.'}",
            choices=(Choice(LATER, LEGEND[LATER]),),
            free="" if for_all else "DAY: such as 2026-01-31, of those who are declared; written to `ftop.consents`",
        )

    def declared(self, answer: str, keys: Collection[str], today: date) -> Content | None:
        """What the file says of them, by keys of people, where an answer is a day; else None."""
        try:
            day = date.fromisoformat(answer)
        except ValueError:
            return None
        if day > today or not keys:
            return None
        approval = {"state": Consent.PER_USER.value}
        return {"application_id": self.application_id, "approval": approval, "consents": dict.fromkeys(keys, day)}


def own_consents_of(observed: ObservedTenant, application_id: str) -> OwnConsents | None:
    """Who consented to FTOP for themselves; None where nobody did."""
    people = {
        one.principal_id
        for one in or_none(observed.consents)
        if one.client_id in _clients(observed, application_id) and one.principal_id
        if one.consent_type is ConsentType.PRINCIPAL
    }
    return OwnConsents(application_id.lower(), tuple(sorted(people))) if people else None


def _clients(observed: ObservedTenant, application_id: str) -> set[str]:
    return {one.id for one in or_none(observed.service_principals) if one.app_id == application_id.lower()}


def consent_of(observed: ObservedTenant, application_id: str, resources: Mapping[str, str]) -> FtopConsent | None:
    """The consent to FTOP for everybody; of several that on Microsoft Graph.

    ``resources`` are application ids by object id.
    """
    clients = _clients(observed, application_id)
    found = [
        FtopConsent(application_id.lower(), grant, resources[grant.resource_id])
        for grant in or_none(observed.consents)
        if grant.client_id in clients and grant.consent_type is ConsentType.ALL_PRINCIPALS
        if grant.resource_id in resources and (grant.scope or "").strip()
    ]
    return min(found, key=lambda one: (one.resource_application_id != MICROSOFT_GRAPH, one.grant.id), default=None)
