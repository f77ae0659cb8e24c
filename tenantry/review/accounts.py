"""Which account is which on both sides of a review, and what happens to it beside its access."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tenantry.declaration import Person
from tenantry.rules.change.names import round_line
from tenantry.spelling import folded_upn

if TYPE_CHECKING:
    from tenantry.review.compare import Snapshot

Declared = tuple[str, Person]
"""A declared person with their key."""


def notes(
    was: Declared | None, now: Declared | None, base: "Snapshot | None", head: "Snapshot | None"
) -> Iterator[str]:
    """What the declaration does to one account, beside its access."""
    if was and now:
        yield from _changed(was, now)
    elif now:
        key, person = now
        before = base.tenant.members.get(key) if base and base.tenant else None
        if before is None:
            yield "adopts an account that exists" if person.adopted else "new account"
        else:
            yield _another_account(before, person)
        if person.leaves:
            yield "declared as a leaver"
        elif not person.may_sign_in:
            yield "cannot sign in: declared as disabled"
        yield from (f"{what} {how}" for what, how in _for_a_time(person).items())
        yield from _arrives(person, base, head)
    elif was:
        key, person = was
        after = head.tenant.members.get(key) if head and head.tenant else None
        if after is not None:
            yield "this account is no longer the one declared under the key"
        else:
            yield "no longer declared: adopted, so the account stays" if person.adopted else "the account is deleted"
        if person.emergency:
            yield "emergency account: it is removed"
        yield from _goes(person, base, head)


def _changed(was: Declared, now: Declared) -> Iterator[str]:
    (old_key, before), (key, after) = was, now
    if key != old_key:
        yield f"key {key} instead of {old_key}"
    if before.adopted and after.adopted and before.adopted != after.adopted:
        yield (
            f"adopted {_by_what(after)} instead of {_by_what(before)}: must be the same account, otherwise the preview "
            "refuses it"
        )
    renamed = before.full_name != after.full_name
    signs_in = folded_upn(before.upn) != folded_upn(after.upn)
    if renamed:
        yield f"name {after.full_name} instead of {before.full_name}"
    if before.upn != after.upn:
        yield f"signs in as {after.upn} instead of {before.upn}"
    if before.email != after.email:
        yield f"e-mail {after.email or 'none'} instead of {before.email or 'none'}"
    if before.handle != after.handle:
        old, new = (item.handle or item.email or "nobody" for item in (before, after))
        yield f"name at the code host {new} instead of {old}: CODEOWNERS names approvers by it"
    if renamed and signs_in and before.email != after.email:
        yield "name, sign-in name and e-mail all change: check that this is the same person"
    if after.leaves and not before.leaves:
        yield "leaves"
    elif before.leaves and not after.leaves:
        yield "comes back"
    elif before.state != after.state:
        yield f"state: {after.state or 'not managed'} instead of {before.state or 'not managed'}"
    if not before.may_sign_in and after.state is None:
        yield "stays disabled: without `state` no update enables the account; `state: present` does"
    if after.emergency and not before.emergency:
        yield "becomes an emergency account"
    elif before.emergency and not after.emergency:
        yield "is no longer an emergency account"
    was_round, is_round = before.password_round or 1, after.password_round or 1
    if is_round > was_round:
        yield f"gets a new temporary password (round {is_round} instead of {was_round})"
    elif was_round > is_round:
        yield (
            f"password_round goes back from {was_round} to {is_round}, which the preview refuses where the stack has "
            f"given it: rounds only go up. Fix: {round_line(key, was_round)}."
        )
    yield from _stated(before, after)
    yield from _pins(before, after)


def _for_a_time(person: Person) -> dict[str, str]:
    """What the declaration says of somebody until a day, and why."""
    ends = {role.value: f"until {end.date}: {end.reason}" for role, end in person.until.items()}
    kept_out = {
        f"kept out of {group}": f"until {item.until}: {item.reason} ({item.owner})"
        for group, item in person.without.items()
    }
    return {**ends, **kept_out}


def _stated(before: Person, after: Person) -> Iterator[str]:
    was, now = _for_a_time(before), _for_a_time(after)
    for what in sorted(was.keys() | now.keys()):
        if what in now and was.get(what) == now[what]:
            continue
        if what not in now:
            stays = what in (role.value for role in after.roles)
            yield f"{what} no longer has an end ({was[what]})" if stays else f"no longer {what} ({was[what]})"
        else:
            yield f"{what} {now[what]}" + (f"; before: {was[what]}" if what in was else "")


def _pins(before: Person, after: Person) -> Iterator[str]:
    """A pin takes over what exists already; without it the next update would make the same again, and is refused."""
    was = {role.value: id_ for role, id_ in before.pins.role_assignments.items()}
    now = {role.value: id_ for role, id_ in after.pins.role_assignments.items()}
    for role in sorted(was.keys() | now.keys()):
        old, new = was.get(role), now.get(role)
        if old is None:
            yield f"the existing assignment {new} of {role} is taken over (`pins`)"
        elif new is None:
            yield (
                f"the assignment {old} of {role} is no longer pinned: where the stack does not hold it yet, "
                "`pulumi preview` asks for the pin again"
            )
        elif old != new:
            yield f"another assignment of {role} is pinned: {new} instead of {old}"


def _by_what(person: Person) -> str:
    return "by its sign-in name" if person.is_looked_up else f"by the object id {person.adopted}"


def _another_account(before: Person, after: Person) -> str:
    """The note where the same key names another account than it did."""
    if before.adopted and after.adopted:
        return f"another account: {after.adopted} instead of {before.adopted}"
    if after.adopted:
        return f"adopted now: the existing account {after.adopted} instead of the one that this stack created"
    return f"a new account is created, instead of the adopted {before.adopted}"


def context(was: Declared | None, now: Declared | None, head: "Snapshot | None") -> Iterator[str]:
    """What a reviewer should know of somebody with whom something happens, whether or not that changes."""
    if now and now[1].emergency and (was is None or was[1].emergency):
        yield "emergency account"
    if now and head:
        for name in sorted(_tenants_of(now[1], head) - {head.name}):
            yield f"also has an account in {name}"


def _arrives(person: Person, base: "Snapshot | None", head: "Snapshot | None") -> Iterator[str]:
    """Where the same human, by e-mail address, had an account until now."""
    here = head.name if head else ""
    for name in sorted(_tenants_of(person, base) - _tenants_of(person, head) - {here}):
        yield f"moves here from {name}"


def _goes(person: Person, base: "Snapshot | None", head: "Snapshot | None") -> Iterator[str]:
    now, then = _tenants_of(person, head), _tenants_of(person, base)
    here = base.name if base else ""
    for name in sorted(now - then - {here}):
        yield f"moves to {name}"
    for name in sorted((now & then) - {here}):
        yield f"keeps an account in {name}"


def _tenants_of(person: Person, seen: "Snapshot | None") -> set[str]:
    """The tenants in which somebody with this person's e-mail address has an account, leavers aside."""
    if person.email is None or seen is None or seen.declaration is None:
        return set()
    return {
        f"{seen.declaration.key}/{name}"
        for name, tenant in seen.declaration.tenants.items()
        for other in tenant.members.values()
        if other.email and not other.leaves and folded_upn(other.email) == folded_upn(person.email)
    }
