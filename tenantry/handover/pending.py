"""Whose temporary password may be handed over, and the to-do that is done with it.

Source: *How to associate a user to your MPN ID*, "Add a new user": who is added signs in "with their username and
temporary password" and is "prompted to change their password". How they get it, the document leaves open.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from tenantry.declaration import DeclarationError, Person, Stack
from tenantry.declaration.document import shown
from tenantry.findings import FieldPath, mistake
from tenantry.sanitize import quoted
from tenantry.spelling import folded
from tenantry.todo import Todo, TodoKind, all_todos, todo_id


@dataclass(frozen=True)
class Handover:
    """One temporary password that is still to be handed over."""

    key: str
    person: Person
    todo: Todo

    @property
    def password_round(self) -> int:
        """Which of the person's temporary passwords it is; the first is 1."""
        return self.person.password_round or 1


def handover_of(stack: Stack, name: str) -> Handover:
    """What is to be handed to the person with a key.

    Raises DeclarationError where nobody has the key, where the account has no temporary password of ours, where the
    person may not sign in, and where it was handed over already.
    """
    tenant = stack.tenant
    person = tenant.members.get(name)
    if person is None:
        raise _unknown(stack, name)
    if person.adopted:
        remediation = (
            f"{person.full_name} signs in with their own password; if it is lost, reset it in the Entra admin center"
        )
        if person.emergency:
            remediation = (
                "the password that was sealed when the account was made; if it is lost, reset it in the Entra admin "
                "center, sign in once, and seal the new one where two people can reach it"
            )
        actual = f"{name!r}, an adopted account, which has no temporary password here"
        expected = "people whose accounts the stack creates"
        raise _refused(stack, ("people", name, "adopted"), actual, expected, remediation)
    if not person.may_sign_in:
        actual = f"{name!r}, who {'leaves' if person.leaves else 'is disabled'}"
        remediation = "correct `state`, and run `pulumi up`"
        if not person.leaves:
            remediation += ", before the password is handed over"
        raise _refused(stack, ("people", name, "state"), actual, "people who may sign in", remediation)
    wanted = todo_id(TodoKind.HAND_OVER, name, time=person.password_round or 1)
    todo = next(todo for todo in all_todos(stack.tenant) if todo.id == wanted)
    if todo.done_on:
        again = (person.password_round or 1) + 1
        raise _refused(
            stack,
            ("done", todo.id),
            f"{todo.id!r}, which was done on {todo.done_on}",
            "a password that is not handed over yet",
            f"where it was lost, set `password_round: {again}` on `{name}`, run `pulumi up`, and hand the new one over",
        )
    return Handover(name, person, todo)


def _unknown(stack: Stack, name: str) -> DeclarationError:
    """Nobody has this key. A full name or a UPN leads to the nearest key too."""
    keys = {folded(written): key for key, written in _names(stack)}
    near = dict.fromkeys(keys[match] for match in get_close_matches(folded(name), keys, n=5, cutoff=0.6))
    remediation = f"did you mean {' or '.join(f'`{key}`' for key in list(near)[:3])}?" if near else "see `tenantry who`"
    expected = f"a key of `people` in {shown(stack.declaration.tenant_documents[stack.tenant_name].file)}"
    return _refused(stack, ("people",), f"nobody with the key {quoted(name)}", expected, remediation)


def _names(stack: Stack) -> Iterator[tuple[str, str]]:
    for key, person in stack.tenant.members.items():
        yield from ((key, key), (key, person.full_name), (key, person.upn), (key, person.upn.partition("@")[0]))


def _refused(stack: Stack, path: FieldPath, actual: str, expected: str, remediation: str) -> DeclarationError:
    return DeclarationError(
        [mistake(actual, expected, remediation, path).at(stack.declaration.place(stack.tenant_name, path))]
    )
