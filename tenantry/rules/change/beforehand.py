"""What a change of a declaration takes and gives, as far as two declarations say: no tenant is asked.

It takes the tenant to be as the earlier declaration makes it. So the rules count declared holders here
(:mod:`tenantry.rules.change.evaluate`); before an update they count the real ones.
"""

from collections.abc import Iterator, Mapping

from tenantry.access.change import Change, change
from tenantry.access.declared import account_of, customer_roles, declared_grant, identity_grants, powers_of
from tenantry.access.existing import Existing, ExistingRelationship, OwnedAccount, access_of
from tenantry.access.grants import AccessMap, Answer, Grant, Kind, Reason
from tenantry.access.principals import Principal
from tenantry.declaration.customers import Relationship
from tenantry.declaration.person import Person
from tenantry.declaration.tenant import Tenant


def change_between(before: Tenant, after: Tenant | None) -> Change:
    """What the later of two declarations takes and gives, if the tenant is as the earlier one says.

    ``after`` is None where the tenant is no longer declared: everybody loses everything.
    """
    later = after or before.model_copy(update={"people": {}, "customers": {}})
    ids = {key: _object_id(key, person) for key, person in later.looked_up.items()}
    later = later.with_object_ids(ids)
    return change(later, _as_declared(before, later))


def _as_declared(before: Tenant, later: Tenant) -> Existing:
    """A tenant that is as a declaration says, and whose accounts, memberships and roles an update of it made."""
    today = {_object_id(key, person): key for key, person in later.members.items() if not person.adopted}
    holders = {key: _holder(key, person) for key, person in before.members.items()}
    made = {key: person for key, person in before.members.items() if not person.adopted}
    # Who is adopted from now on exists already, although nothing says what they hold.
    adopted = (_holder(key, person) for key, person in later.members.items() if person.adopted)
    services = (grant.principal for _, grant in identity_grants(later))
    return Existing(
        access=access_of(_held(before, holders)),
        accounts=tuple(
            OwnedAccount(today.get(_object_id(key, person), key), holders[key]) for key, person in made.items()
        ),
        caller=None,
        known=(*adopted, *services, *holders.values()),
        emergency=frozenset(_object_id(key, person) for key, person in made.items() if person.emergency),
        relationships=tuple(map(_approved, before.relationships)),
        at_customers=AccessMap.of(
            (
                (
                    Grant.at_customer(holders[held.person], held.relationship.customer.tenant_id, held.role.id),
                    Reason(source=held.relationship.dotted_key),
                )
                for held in customer_roles(before)
            ),
            [Answer(Kind.CUSTOMER_ROLE)],
        ),
    )


def _approved(one: Relationship) -> ExistingRelationship:
    """A declared relationship, if its customer has approved it; one that was to end has ended."""
    status = "terminated" if one.terminate else "active"
    return ExistingRelationship(one.dotted_key, one.display_name, one.customer.name, status, bool(one.terminate))


def _held(tenant: Tenant, holders: Mapping[str, Principal]) -> Iterator[tuple[Grant, Reason]]:
    for key, person in tenant.members.items():
        for power in powers_of(tenant, person):
            yield declared_grant(holders[key], person, power), Reason(owned=True)
    for _, grant in identity_grants(tenant):
        yield grant, Reason(owned=True)


def _object_id(key: str, person: Person) -> str:
    """What stands for the object id of an account where no tenant is asked; the id itself where it is declared."""
    account = account_of(key, person)
    return account.object_id or f"{account.by}: {account.value}".casefold()


def _holder(key: str, person: Person) -> Principal:
    return Principal.in_directory(
        _object_id(key, person), person.full_name, person.upn, enabled=person.may_sign_in, guest=person.is_guest
    )
