"""What the identity that deploys may not do, and the service would refuse halfway (rule PT-206).

The application permissions of the identity, as its token says, and the directory roles that it holds: sensitive actions
on administrators take both (:mod:`tenantry.sensitive_actions`).
"""

from collections.abc import Iterator
from typing import Final

from tenantry.access.change import Cause, Change
from tenantry.access.existing import Existing, OwnedAccount
from tenantry.access.grants import WHOLE_TENANT, Grant, Reason
from tenantry.declaration.person import Person, PersonState
from tenantry.declaration.tenant import Tenant
from tenantry.graph.permissions import SUFFICES, Writing
from tenantry.roles import AgentGroup, AssignmentType
from tenantry.rules.change.refusal import Kind, Refusal, refused
from tenantry.sensitive_actions import Operation, Rank, Role

_ENDS: Final = (Operation.DISABLE, Operation.DELETE)


def missing_roles(tenant: Tenant, change: Change) -> Iterator[Refusal]:
    """Accounts of which the change does what takes a directory role that the identity that deploys does not hold."""
    own, roles = _roles_of_caller(change.before), _directory_roles(change.before)
    for account, operation in operations(change):
        # The engine takes a role that the stack gave before it deletes the account, and updates the account before.
        held = [
            (role, record)
            for role, record in roles.get(account.principal.object_id, ())
            if not (operation is Operation.DELETE and record.owned)
        ]
        guarded = account.principal.object_id in change.before.in_role_assignable_groups
        rank = Rank(
            frozenset(power.template_id for role, _ in held if not isinstance(power := role.power, AgentGroup)), guarded
        )
        needed = operation.needed(rank)
        if needed and not any(role.template_id in own for role in needed):
            yield _missing_role(
                tenant.members.get(account.key), change, account, operation, held, guarded=guarded, needed=needed
            )


def missing_permissions(_tenant: Tenant, change: Change) -> Iterator[Refusal]:
    """What the change writes and the identity that deploys has no permission of Microsoft Graph for.

    An identity that holds a directory role may do by that role what no permission of its says: nothing is refused.
    """
    permissions = change.before.permissions
    if permissions is None or _roles_of_caller(change.before):
        return
    for writing, what in _writes(change):
        enough = SUFFICES[writing]
        if not permissions & set(enough):
            yield refused(
                Kind.MISSING_PERMISSION,
                writing.value,
                f"this is {what}, but the deploying identity ({change.before.caller}) lacks the permission: "
                "Microsoft Entra ID would refuse the update halfway",
                f"add {enough[0]} in Entra ID under App registrations, API permissions, and have an administrator "
                "consent to it (`tenantry docs permissions`)",
                f"the application permission {' or '.join(enough)}",
            )


def operations(change: Change) -> Iterator[tuple[OwnedAccount, Operation]]:
    """What the change does to each account that the stack has already."""
    before = {account.principal.object_id: account for account in change.before.accounts}
    for account in change.after.accounts:
        old = before.get(account.principal.object_id)
        if old is not None:
            yield from ((old, operation) for operation in _differences(old, account))
    yield from ((account, Operation.DELETE) for account in change.deleted)


def _differences(old: OwnedAccount, new: OwnedAccount) -> Iterator[Operation]:
    is_, was = new.principal, old.principal
    if is_.enabled != was.enabled:
        yield Operation.ENABLE if is_.enabled else Operation.DISABLE
    if new.password_round != old.password_round and None not in (new.password_round, old.password_round):
        yield Operation.RENEW_PASSWORD
    renamed = (is_.upn or "").casefold() != (was.upn or "").casefold()
    if renamed:
        yield Operation.RENAME
    elif is_.name != was.name or (is_.email or "") != (was.email or ""):
        yield Operation.DESCRIBE


def _directory_roles(existing: Existing) -> dict[str, list[tuple[Grant, Reason]]]:
    """By object id, the directory roles that each holds, active or eligible, over whatever scope, also by a group."""
    roles: dict[str, list[tuple[Grant, Reason]]] = {}
    for grant, record in existing.access.records():
        if not isinstance(grant.power, AgentGroup):
            roles.setdefault(grant.principal.object_id, []).append((grant, record))
    return roles


def _held_by_caller(existing: Existing) -> list[tuple[Grant, Reason]]:
    return _directory_roles(existing).get(existing.caller.object_id, []) if existing.caller else []


def _roles_of_caller(existing: Existing) -> frozenset[str]:
    return frozenset(
        held.power.template_id
        for held, _ in _held_by_caller(existing)
        if held.assignment_type is AssignmentType.ACTIVE
        and held.scope == WHOLE_TENANT
        and not isinstance(held.power, AgentGroup)
    )


def _missing_role(
    person: Person | None,
    change: Change,
    account: OwnedAccount,
    operation: Operation,
    held: list[tuple[Grant, Reason]],
    *,
    guarded: bool,
    needed: tuple[Role, ...],
) -> Refusal:
    what = sorted({str(role.power) for role, _ in held})
    what += ["membership or ownership of a role-assignable group"] if guarded else []
    own = sorted({str(role.power) for role, _ in _held_by_caller(change.before)})
    role, *others = needed
    remediation = ". ".join(_ways(person.state if person else None, account, operation, held, role, guarded=guarded))
    return refused(
        Kind.MISSING_ROLE,
        f"{account}, {operation}",
        (f"{account} holds {', '.join(what)}: " if what else f"{account}: ")
        + f"{operation} needs the directory role {role} (or {' or '.join(map(str, others))}) for the deploying "
        f"identity ({change.before.caller or 'unknown'}), which holds {', '.join(own) or 'none'}; Microsoft Entra ID "
        "would refuse the update halfway",
        remediation[0].lower() + remediation[1:],
    )


def _ways(
    state: PersonState | None,
    account: OwnedAccount,
    operation: Operation,
    held: list[tuple[Grant, Reason]],
    role: Role,
    *,
    guarded: bool,
) -> Iterator[str]:
    owned = any(record.owned for _, record in held)
    others = sorted({str(item.power) for item, record in held if not record.owned})
    if operation is Operation.DISABLE:
        yield (
            f"If they must lose access now, have a {role} disable the account in the Entra admin center "
            "(`tenantry docs runbooks/leaver-today`): the same declaration then only removes the roles"
        )
    if operation in _ENDS:
        if owned and state is PersonState.LEAVER:
            yield (
                f"Take two steps. First declare `state: leaving` under `people.{account.key}`, which removes their "
                "roles, and run `pulumi up`. Once that has taken effect (up to 15 minutes), declare `state: leaver` "
                "and run `pulumi up` again"
            )
        if others:
            yield f"First remove {', '.join(others)} from them in the Entra admin center: this stack did not give it"
        if guarded:
            yield "First remove them from the role-assignable groups"
    elif operation is Operation.RENEW_PASSWORD:
        yield (
            f"Undo the change of `password_round` under `people.{account.key}`, and have a {role} give them a new "
            "password"
        )
    else:
        yield (f"Have a {role} make this change in the Entra admin center; the declaration then agrees with the tenant")
    yield f"Or give the deploying identity the directory role {role}: anybody who controls it then also has that role"


def _writes(change: Change) -> Iterator[tuple[Writing, str]]:
    """What the change writes, with words for it."""
    existing = {account.principal.object_id for account in change.before.accounts}
    made = [account for account in change.after.accounts if account.principal.object_id not in existing]
    touched = {account for account, operation in operations(change) if operation is not Operation.DELETE}
    if change.deleted:
        yield Writing.DELETED_ACCOUNTS, f"a deletion of accounts ({', '.join(sorted(map(str, change.deleted)))})"
    if made or touched:
        yield Writing.ACCOUNTS, f"a change of accounts ({', '.join(sorted(map(str, (*made, *touched))))})"
    # A disabled account keeps, in the tenant, what it holds.
    powers = [loss.grant.power for loss in change.losses if loss.cause is Cause.REMOVED]
    powers += [gain.grant.power for gain in change.gains]
    if any(isinstance(power, AgentGroup) for power in powers):
        groups = ", ".join(sorted({str(power) for power in powers if isinstance(power, AgentGroup)}))
        yield Writing.AGENT_GROUPS, f"a change of the members of {groups}"
    if any(not isinstance(power, AgentGroup) for power in powers):
        roles = ", ".join(sorted({str(power) for power in powers if not isinstance(power, AgentGroup)}))
        yield Writing.DIRECTORY_ROLES, f"a change of the holders of {roles}"
