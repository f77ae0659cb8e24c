"""Which account is which on both sides of a review, and what happens to it beside its access."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from tenantry.access.principals import By, folded_upn
from tenantry.declaration import Person

if TYPE_CHECKING:
    from tenantry.review.compare import Seen

_MADE_HERE: Final = "made here"

Declared = tuple[str, Person]
"""A declared person with their key."""


@dataclass(frozen=True, order=True)
class Account:
    """What makes an account the same one on both sides, whatever it is called.

    An account that exists already is its object id; one that the stack makes goes by the first key that it had; what
    nobody declared goes by the best name that is known of it.
    """

    by: str
    value: str

    @classmethod
    def of(cls, key: str, person: Person) -> Self:
        """A declared person's account."""
        if person.adopted:
            return cls.with_object_id(person.adopted)
        return cls(_MADE_HERE, person.first_key(key))

    @classmethod
    def with_object_id(cls, object_id: str) -> Self:
        """The account with an object id."""
        return cls(By.OBJECT_ID.value, object_id.casefold())

    @property
    def upn(self) -> str | None:
        """What nobody declared signs in with, where that is known."""
        return self.value if self.by == By.UPN.value else None


def notes(was: Declared | None, now: Declared | None, base: "Seen | None", head: "Seen | None") -> Iterator[str]:
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
        yield from _arrives(person, base, head)
    elif was:
        key, person = was
        after = head.tenant.members.get(key) if head and head.tenant else None
        if after is not None:
            yield "this account is no longer the one that is declared under the key"
        else:
            yield "no longer declared: adopted, so the account stays" if person.adopted else "the account is deleted"
        if person.emergency:
            yield "emergency account: it is removed"
        yield from _goes(person, base, head)


def _changed(was: Declared, now: Declared) -> Iterator[str]:
    (old_key, before), (key, after) = was, now
    if key != old_key:
        yield f"key {key} instead of {old_key}"
    renamed = before.full_name != after.full_name
    signs_in = folded_upn(before.upn) != folded_upn(after.upn)
    if renamed:
        yield f"called {after.full_name} instead of {before.full_name}"
    if before.upn != after.upn:
        yield f"signs in as {after.upn} instead of {before.upn}"
    if before.email != after.email:
        yield f"e-mail {after.email or 'none'} instead of {before.email or 'none'}"
    if before.handle != after.handle:
        old, new = (one.handle or one.email or "nobody" for one in (before, after))
        yield f"named {new} to the code host instead of {old}: whoever approves changes in CODEOWNERS by that name"
    if renamed and signs_in and before.email != after.email:
        yield "name, sign-in name and e-mail all change: make sure that this is the same person"
    if after.leaves and not before.leaves:
        yield "leaves"
    elif before.leaves and not after.leaves:
        yield "comes back"
    elif before.state != after.state:
        yield f"state: {after.state or 'not managed'} instead of {before.state or 'not managed'}"
    if after.emergency and not before.emergency:
        yield "becomes an emergency account"
    elif before.emergency and not after.emergency:
        yield "is no emergency account any more"
    was_round, is_round = before.password_round or 1, after.password_round or 1
    if was_round != is_round:
        yield f"gets a new temporary password (round {is_round} instead of {was_round})"
    if before.pins != after.pins:
        yield "other existing role assignments are taken over (`pins`)"


def _another_account(before: Person, after: Person) -> str:
    """What is said where the same key names another account than it did."""
    if before.adopted and after.adopted:
        return f"another account: {after.adopted} instead of {before.adopted}"
    if after.adopted:
        return f"adopted now: the existing account {after.adopted} instead of the one that was made here"
    return f"a new account is made here, instead of the adopted {before.adopted}"


def context(was: Declared | None, now: Declared | None, head: "Seen | None") -> Iterator[str]:
    """What a reviewer should know of somebody with whom something happens, whether or not that changes."""
    if now and now[1].emergency and (was is None or was[1].emergency):
        yield "emergency account"
    if now and head:
        for name in sorted(_tenants_of(now[1], head) - {head.name}):
            yield f"also has an account in {name}"


def _arrives(person: Person, base: "Seen | None", head: "Seen | None") -> Iterator[str]:
    """Where the same human, by e-mail address, had an account until now."""
    here = head.name if head else ""
    for name in sorted(_tenants_of(person, base) - _tenants_of(person, head) - {here}):
        yield f"moves here from {name}"


def _goes(person: Person, base: "Seen | None", head: "Seen | None") -> Iterator[str]:
    now, then = _tenants_of(person, head), _tenants_of(person, base)
    here = base.name if base else ""
    for name in sorted(now - then - {here}):
        yield f"moves to {name}"
    for name in sorted((now & then) - {here}):
        yield f"keeps an account in {name}"


def _tenants_of(person: Person, seen: "Seen | None") -> set[str]:
    """The tenants in which somebody with this person's e-mail address has an account, leavers aside."""
    if person.email is None or seen is None or seen.declaration is None:
        return set()
    return {
        f"{seen.declaration.key}/{name}"
        for name, tenant in seen.declaration.tenants.items()
        for other in tenant.members.values()
        if other.email and not other.leaves and folded_upn(other.email) == folded_upn(person.email)
    }
