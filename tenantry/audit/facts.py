"""Who and what holds power in a tenant and how it is guarded, as an auditor's table has it. Pure."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

from tenantry.access.parts import NotRead, or_none
from tenantry.access.principals import in_tenant
from tenantry.audit.model import Application, Holder
from tenantry.rules import Evidence


def holders(evidence: Evidence) -> Iterator[Holder]:
    """The accounts that hold something, in order of their names."""
    seen = evidence.seen
    registrations, sign_ins = seen.posture.registrations, seen.posture.sign_ins
    for id_ in sorted(seen.holders, key=lambda one: (seen.known[one].name.casefold(), one)):
        person = evidence.declared_by_object_id.get(id_)
        places = (
            [
                evidence.declaration.place(evidence.tenant_name, ("people", person[0], *field))
                for field in ((), ("roles",), *(("roles", index) for index in range(len(person[1].roles))))
            ]
            if person
            else []
        )
        place = places[0] if places else None
        registration = None if isinstance(registrations, NotRead) else registrations.get(id_)
        activity = None if isinstance(sign_ins, NotRead) else sign_ins.get(id_)
        unread = isinstance(registrations, NotRead) or not seen.known[id_].enabled
        yield Holder(
            name=f"{person[1].full_name} ({person[1].upn})" if person else str(seen.known[id_]),
            object_id=id_,
            holds=seen.held_by(id_),
            declared_at=f"{place.file}:{place.line}" if place else "",
            file=place.file if place else "",
            lines=tuple(sorted({one.line for one in places})),
            enabled=seen.known[id_].enabled,
            mfa=None if unread else bool(registration and registration.is_mfa_capable),
            methods=registration.methods_registered if registration else (),
            last_sign_in=activity.last if activity else None,
            sign_ins_read=not isinstance(sign_ins, NotRead) and id_ in sign_ins,
        )


def applications(evidence: Evidence) -> Iterator[Application]:
    """The applications that hold something or may write the directory, in order of their names."""
    found = evidence.seen.posture.applications
    now = _beginning(evidence.today)
    for one in () if isinstance(found, NotRead) else found:
        credentials = or_none(one.credentials)
        # Those of a registration in another tenant are known there alone.
        unread = isinstance(one.credentials, NotRead) or one.registered_in is not None
        running = [known for known in credentials if known.end_date_time is None or known.end_date_time >= now]
        yield Application(
            name=one.name,
            object_id=one.principal.id,
            registered_in=one.registered_in or "",
            permissions=one.permissions,
            credentials=None if unread else len(running),
            until=tuple(sorted(known.end_date_time for known in running if known.end_date_time)),
            ended=None if unread else len(credentials) - len(running),
            owners=None if isinstance(one.owners, NotRead) else tuple(str(in_tenant(owner)) for owner in one.owners),
        )


def _beginning(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
