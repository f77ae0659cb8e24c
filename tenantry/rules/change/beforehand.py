"""What a change of a declaration would be refused for, as far as two declarations tell: no tenant is asked.

The tenant is taken for what the earlier declaration makes of it, and the same judgement as before an update says the
rest (:func:`tenantry.access.change.change`, :mod:`tenantry.rules.change.evaluate`). It counts declared holders; before
an update the real ones are counted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from tenantry.access.change import Change, change
from tenantry.access.declared import account_of, declared_grant, powers_of
from tenantry.access.existing import Existing, OwnedAccount, access_of
from tenantry.access.grants import Grant, Reason
from tenantry.access.principals import Principal
from tenantry.declaration.models import Person, Tenant
from tenantry.rules.change.evaluate import against
from tenantry.rules.change.override import why_not_lifted
from tenantry.rules.change.refusal import Kind, Refusal
from tenantry.spelling import folded_upn

#: What is refused because of the change itself. Who is too few, and who is required and missing, is a fault of the
#: later declaration by itself, of which `tenantry check` speaks already.
_OF_THE_CHANGE: Final = frozenset(
    {Kind.LAST_ADMINISTRATOR, Kind.EMERGENCY_ACCOUNT, Kind.ACCOUNT_DELETED, Kind.REMOVAL_CEILING}
)
_APPROVAL: Final = "Or have exactly this change approved: what `pulumi preview` says of it has the line to write."


def renamed(before: Tenant, after: Tenant) -> dict[str, str]:
    """People whose account has another sign-in name than before that `former_upns` does not state: key to that name."""
    was = {account_of(key, person): person.upn for key, person in before.members.items()}
    found = {}
    for key, person in after.members.items():
        old = was.get(account_of(key, person))
        if old and folded_upn(old) not in {folded_upn(name) for name in (person.upn, *person.former_upns)}:
            found[key] = old
    return found


def taken_names(before: Tenant, after: Tenant) -> dict[str, str]:
    """People with a sign-in name that was somebody else's until now: their key to that other's key before."""
    was = {folded_upn(person.upn): (key, person) for key, person in before.members.items()}
    found = {}
    for key, person in after.members.items():
        other = was.get(folded_upn(person.upn))
        if other and account_of(*other) != account_of(key, person):
            found[key] = other[0]
    return found


def change_between(before: Tenant, after: Tenant | None) -> Change:
    """What the later of two declarations takes and gives, if the tenant is as the earlier one says.

    ``after`` is None where the tenant is no longer declared: everybody loses everything.
    """
    later = after or before.model_copy(update={"people": {}})
    ids = {key: _object_id(key, person) for key, person in later.looked_up.items()}
    later = later.with_object_ids(ids)
    return change(later, _as_declared(before, later))


def refused_beforehand(tenant: Tenant, changed: Change, today: date) -> Iterator[Refusal]:
    """What a preview will refuse of a change, where two declarations tell, the most dangerous first.

    ``changed`` is what :func:`change_between` says of the later declaration, ``tenant``. An override that may be for
    this change lifts what it can lift: only the tenant's object ids tell whether it is.
    """
    why_not = why_not_lifted(tenant, changed, today, whichever=True)
    refusals = (refusal for refusal in against(tenant, changed) if refusal.kind in _OF_THE_CHANGE)
    for refusal in sorted(refusals, key=lambda refusal: refusal.order):
        if not refusal.liftable:
            yield refusal
        elif why_not is not None:
            yield replace(refusal, remediation=" ".join(filter(None, (why_not, refusal.remediation, _APPROVAL))))


def _as_declared(before: Tenant, later: Tenant) -> Existing:
    """A tenant that is as a declaration says, and whose accounts, memberships and roles an update of it made."""
    today = {_object_id(key, person): key for key, person in later.members.items() if not person.adopted}
    holders = {key: _holder(key, person) for key, person in before.members.items()}
    made = {key: person for key, person in before.members.items() if not person.adopted}
    # Who is adopted from now on exists already, although nothing says what they hold.
    adopted = (_holder(key, person) for key, person in later.members.items() if person.adopted)
    return Existing(
        access=access_of(_held(before, holders)),
        accounts=tuple(
            OwnedAccount(today.get(_object_id(key, person), key), holders[key]) for key, person in made.items()
        ),
        caller=None,
        known=(*adopted, *holders.values()),
        emergency=frozenset(_object_id(key, person) for key, person in made.items() if person.emergency),
    )


def _held(tenant: Tenant, holders: Mapping[str, Principal]) -> Iterator[tuple[Grant, Reason]]:
    for key, person in tenant.members.items():
        for power in powers_of(tenant, person):
            yield declared_grant(holders[key], person, power), Reason(owned=True)


def _object_id(key: str, person: Person) -> str:
    """What stands for the object id of an account where no tenant is asked; the id itself where it is declared."""
    account = account_of(key, person)
    return account.object_id or f"{account.by}: {account.value}".casefold()


def _holder(key: str, person: Person) -> Principal:
    return Principal.in_directory(
        _object_id(key, person), person.full_name, person.upn, enabled=person.may_sign_in, guest=person.is_guest
    )
