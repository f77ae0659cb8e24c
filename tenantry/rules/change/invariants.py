"""What no change may do, whatever override is approved (rules PT-203, PT-204 and PT-206)."""

from collections.abc import Iterator

from tenantry.access.change import Change, Loss
from tenantry.access.existing import OwnedAccount
from tenantry.access.grants import WHOLE_TENANT
from tenantry.access.principals import Principal
from tenantry.declaration.tenant import Tenant
from tenantry.graph.models import MemberKind
from tenantry.roles import AgentGroup, AssignmentType, DirectoryRole
from tenantry.rules.change.ceilings import emergency_ids, listed
from tenantry.rules.change.refusal import Kind, Refusal, refused
from tenantry.spelling import folded_upn


def last_administrator(_tenant: Tenant, change: Change) -> Iterator[Refusal]:
    """A change after which nobody is an active Global Administrator who can sign in, emergency accounts counted."""
    role = DirectoryRole.GLOBAL_ADMINISTRATOR
    losses = [loss for loss in change.losses if loss.grant.power is role]
    left = any(
        held.power is role
        and held.assignment_type is AssignmentType.ACTIVE
        and held.scope == WHOLE_TENANT
        and held.principal.kind is MemberKind.USER
        and held.principal.enabled
        for held in change.after.access.grants
    )
    if losses and not left:
        yield refused(
            Kind.LAST_ADMINISTRATOR,
            str(role),
            f"this change leaves nobody with {role}: it removes it from {listed(losses)}",
            "first give another person the role Global admin and run `pulumi up`, then make this change",
            power=role,
        )


def emergency_accounts(_tenant: Tenant, change: Change) -> Iterator[Refusal]:
    """Emergency accounts that would be deleted, disabled, weakened, given an agent group, or declared ordinary ones."""
    before = {id_.casefold() for id_ in change.before.emergency}
    after = {id_.casefold() for id_ in change.after.emergency}
    for id_ in sorted(emergency_ids(change)):
        touched = list(_touches(change, id_))
        if id_ in before and id_ not in after:
            touched.append("is no longer declared as an emergency account")
        if touched:
            who = _who(change, id_)
            yield refused(
                Kind.EMERGENCY_ACCOUNT,
                who,
                f"the emergency account {who} {', '.join(touched)}",
                "keep it in the file with `emergency: true`, `roles: [Global admin]` and no `state`. To retire one, "
                "first run `pulumi state unprotect` and `pulumi state delete` on it and its role assignment",
            )


def _touches(change: Change, id_: str) -> Iterator[str]:
    if any(account.principal.object_id == id_ for account in change.deleted):
        yield "would be deleted"
    if any(account.principal.object_id == id_ for account in change.disabled):
        yield "would be disabled"
    own = [loss for loss in change.losses if loss.grant.principal.object_id == id_]
    # Leaving an agent group is no loss to an emergency account: it should never have been in one.
    roles = sorted({str(loss.grant.power) for loss in own if not isinstance(loss.grant.power, AgentGroup)})
    if roles:
        yield f"would lose {', '.join(roles)}"
    groups = sorted(
        gain.grant.power.value
        for gain in change.gains
        if isinstance(gain.grant.power, AgentGroup) and gain.grant.principal.object_id == id_
    )
    if groups:
        yield f"would be added to {', '.join(groups)}"


def _who(change: Change, id_: str) -> str:
    known: dict[str, Principal | OwnedAccount] = {
        account.principal.object_id: account for account in (*change.before.accounts, *change.after.accounts)
    }
    return str({**change.after.holders(), **known, **change.before.holders()}.get(id_, id_))


def own_access(_tenant: Tenant, change: Change) -> Iterator[Refusal]:
    """What the deploying identity would take from itself."""
    caller = change.before.caller
    if caller is None:
        return
    id_ = caller.object_id
    lost = [_what(loss) for loss in change.losses if loss.grant.principal.object_id == id_]
    lost += ["its account, which is deleted" for item in change.deleted if item.principal.object_id == id_]
    lost += ["the use of its account, which is disabled" for item in change.disabled if item.principal.object_id == id_]
    if lost:
        yield refused(
            Kind.OWN_ACCESS,
            str(caller),
            f"{caller} is the deploying identity and would lose {', '.join(sorted(lost))}",
            "keep this access in the declaration, or deploy with another identity",
        )


def _what(loss: Loss) -> str:
    through = f" through {loss.group}" if loss.group else ""
    return f"{loss.grant.power}{through}"


def accounts_deleted(tenant: Tenant, change: Change) -> Iterator[Refusal]:
    """Accounts of this stack that would be deleted in one step, or that the declaration takes for somebody else's.

    The program refuses most of these before (``components/account_guard.py``, by what its state says). This goes by
    the tenant as it is, where somebody may have enabled an account again since, and says what is lost with it.
    """
    emergency = emergency_ids(change)
    for account in change.deleted:
        way_out = _way_out(tenant, change, account)
        if account.principal.object_id in emergency or way_out is None:
            continue
        theirs = (loss for loss in change.losses if loss.grant.principal.object_id == account.principal.object_id)
        lost = ", ".join(sorted({str(loss.grant.power) for loss in theirs}))
        with_it = f", who loses {lost} with it" if lost else ""
        yield refused(
            Kind.ACCOUNT_DELETED, str(account), f"this change deletes the account of {account}{with_it}", *way_out
        )


def _way_out(tenant: Tenant, change: Change, account: OwnedAccount) -> tuple[str, str] | None:
    """What to do instead of deleting an account, and what is expected; None where it may be deleted."""
    upn = folded_upn(account.principal.upn or "")
    for key, person in tenant.members.items():
        if person.adopted and person.adopted == account.principal.object_id:
            remediation = (
                f"remove `adopted` from `people.{key}` and keep its key `{account.key}`: this stack created it"
            )
            return remediation, "accounts that this stack created, without `adopted`"
    for key, person in tenant.members.items():
        if not person.adopted and key != account.key and folded_upn(person.upn) == upn:
            remediation = f"write `former_keys: [{account.key}]` under `people.{key}`, so that they keep the account"
            return remediation, "one key for one account"
    if not account.principal.enabled:
        return None
    new = ", ".join(sorted(item.key for item in change.after.accounts if item.principal.is_pending))
    only_the_key = (
        f". If only the key was changed, write `former_keys: [{account.key}]` under it ({new})" if new else ""
    )
    remediation = (
        f"put `{account.key}` back into `people` with `state: leaver`, run `pulumi up`, and remove it from the "
        f"file afterwards{only_the_key}"
    )
    return remediation, Kind.ACCOUNT_DELETED.value
