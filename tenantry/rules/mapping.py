"""PT-101 to PT-111: who is in the agent groups and directory roles is who Table 1 puts there."""

from collections.abc import Iterable, Iterator
from typing import Final

from tenantry.access import AssignmentType, Grant, Kind, Principal
from tenantry.access.declared import has_row_for_ftop, target_name, who
from tenantry.access.registered import RegisteredResource, RegisteredView
from tenantry.access.resource_changes import ChangeType, ResourceChange
from tenantry.declaration import GroupSource, Mode, Person, Program, Purpose
from tenantry.findings import FieldPath, Finding, Level, Severity
from tenantry.graph.models import MemberKind
from tenantry.role_templates import ROLE_TEMPLATES, at_customers, role_name
from tenantry.roles import NEVER_ASSIGNED, TABLE_1, AgentGroup, DirectoryRole, PartnerRole, Power
from tenantry.rules import in_the_tenant
from tenantry.rules.change import eligibilities, pins, services
from tenantry.rules.consent import ftop_users
from tenantry.rules.model import Evidence, Fault, Rule, Scope, Source, View, of_person, violation

_TABLE_1: Final = f"{Source.ESTABLISHING}, Table 1"
_ONE_OWNER: Final = "one resource that manages its members"


def _how_to_declare(power: Power) -> str:
    """What gives a power and nothing beside it; of half a row, that its role gives the other half too."""
    row = min((row for row in TABLE_1 if power in row.powers), key=lambda row: len(row.powers))
    more = sorted(other.value for other in row.powers - {power})
    return row.role.value + (f", which also gives {', '.join(more)}" if more else "")


def _of_grant(
    evidence: Evidence,
    grant: Grant,
    actual: str,
    expected: str = "",
    remediation: str = "",
    path: FieldPath = (),
    *,
    about: str = "",
) -> Finding:
    """A finding about what the program gives somebody."""
    urn = min((reason.source for reason in evidence.program.access.grants[grant]), default=None)
    return violation(evidence.named(grant.principal), actual, expected, remediation, path, resource=urn, about=about)


def _object(evidence: Evidence, principal: Principal) -> str:
    """What an exemption names: a person's key; else the UPN, object id or resource that somebody goes by."""
    found = evidence.person(principal) or evidence.service(principal)
    return found[0] if found else _last(principal.value)


def _last(urn: str) -> str:
    return urn.rsplit("::", 1)[-1]


def _alike(grants: Iterable[Grant]) -> dict[tuple[Principal, Kind, str], list[Grant]]:
    """Grants by who has what: they may differ in assignment type and scope."""
    found: dict[tuple[Principal, Kind, str], list[Grant]] = {}
    for grant in grants:
        found.setdefault((grant.principal, grant.kind, grant.target), []).append(grant)
    return found


def _undeclared(evidence: Evidence, kind: Kind) -> Iterator[Grant]:
    """What the program gives and the declaration does not; who is declared with a role may also be eligible for it."""
    declared = _alike(evidence.declared.grants)
    for grant in evidence.program.access.grants:
        theirs = declared.get((grant.principal, kind, grant.target), ())
        if grant.kind is kind and not any(given.covers(grant) for given in theirs):
            yield grant


def _members_without_a_role(evidence: Evidence) -> Iterator[Finding]:
    for grant in _undeclared(evidence, Kind.AGENT_GROUP):
        if not grant.principal.is_member_account:
            continue  # PT-106 and PT-107 speak of them
        group = AgentGroup(grant.target)
        found = evidence.person(grant.principal)
        if found is None:
            remediation = f"declare them with the role {_how_to_declare(group)}, or remove them from {group}"
        elif found[1].emergency:
            remediation = f"remove them from {group}: an emergency account holds only its directory role"
        elif group in found[1].without:
            remediation = f"remove them from {group}, or remove `without.{group}` from the declaration"
        else:
            remediation = f"give them the role {_how_to_declare(group)} in the declaration, or remove them from {group}"
        roles = " or ".join(row.role.value for row in TABLE_1 if group in row.powers)
        yield _of_grant(
            evidence,
            grant,
            f"a member of {group} without a role that gives it (Table 1)",
            f"{roles} in {group}, as declared",
            remediation,
            evidence.field_of(grant.principal, "roles"),
            about=_object(evidence, grant.principal),
        )


def _incomplete_rows(evidence: Evidence) -> Iterator[Finding]:
    access = evidence.program.access
    given = _alike(access.grants)
    hidden = {place.target for place in access.unresolved}
    for grant, reasons in evidence.declared.grants.items():
        theirs = given.get((grant.principal, grant.kind, grant.target), [])
        if not grant.is_power or grant.target in hidden or any(item.covers(grant) for item in theirs):
            continue
        roles = ", ".join(sorted(reason.text for reason in reasons))
        less = f" as {_how(grant)}, only as {' and '.join(sorted(map(_how, theirs)))}" if theirs else ""
        yield violation(
            evidence.named(grant.principal),
            f"declared as {roles}, but the program does not give {target_name(grant)}{less}",
            f"everything that Table 1 gives to {roles}"
            if evidence.person(grant.principal)
            else f"{target_name(grant)} for {roles}",
            f"let the program give {target_name(grant)}{' as declared' if less else ''} (the component "
            "PartnerTenant does), or remove the role from `roles`",
            evidence.field_of(grant.principal, "roles"),
            resource=min((reason.source for item in theirs for reason in access.grants[item]), default=None),
        )


def _stated_deviations(evidence: Evidence) -> Iterator[Finding]:
    for key, person in evidence.people():
        for group, deviation in person.without.items():
            is_over, is_early = deviation.until < evidence.today, deviation.decided_on > evidence.today
            over, later = (", which has ended", "write a later `until`, ") if is_over else ("", "")
            if is_early:
                over = f", decided on {deviation.decided_on}, which is in the future"
                later = "write the date of the decision, and an end within a year of it; or "
            yield violation(
                who(person),
                f"{PartnerRole.GLOBAL_ADMIN} without {group} until {deviation.until}{over}: {deviation.reason} "
                f"({deviation.owner})",
                f"everything that Table 1 gives to {PartnerRole.GLOBAL_ADMIN}",
                f"{later}remove `without.{group}`, which adds them to {group}, or give them a smaller role",
                ("people", key, "without", group.value),
                level=None if is_over or is_early else Level.ADVISORY,
            )


def _how(grant: Grant) -> str:
    """How somebody holds a role: "active", "eligible over /administrativeUnits/…"."""
    return grant.assignment_type if grant.scope == "/" else f"{grant.assignment_type} over {grant.scope}"


def _roles_off_the_list(evidence: Evidence) -> Iterator[Finding]:
    more = evidence.tenant.allowed_roles if Purpose.OWN_USE in evidence.tenant.purpose else {}
    allowed = {**{role.template_id: role.value for role in DirectoryRole}, **{id_: name for name, id_ in more.items()}}
    elsewhere = (*NEVER_ASSIGNED, "unknown")  # PT-104 and PT-108 speak of them
    for grant in evidence.program.access.grants:
        if grant.kind is not Kind.DIRECTORY_ROLE or grant.target.casefold() in allowed or grant.target in elsewhere:
            continue
        built_in = ROLE_TEMPLATES.get(grant.target)
        yield _of_grant(
            evidence,
            grant,
            f"the directory role {f'{built_in.name} ({grant.target})' if built_in else grant.target}",
            ", ".join(f"{name} ({template_id})" for template_id, name in allowed.items()),
            about=_object(evidence, grant.principal),
        )


def _partner_support_roles(evidence: Evidence) -> Iterator[Finding]:
    for grant in evidence.program.access.grants:
        if grant.kind is Kind.DIRECTORY_ROLE and grant.target in NEVER_ASSIGNED:
            yield _of_grant(evidence, grant, f"the directory role {NEVER_ASSIGNED[grant.target]}")


def _one_owner_of_each_group(evidence: Evidence) -> Iterator[Finding]:
    adopting = evidence.tenant.agent_groups.source is GroupSource.ADOPT
    if evidence.settings.strict and adopting and Program.CSP in evidence.tenant.programs:
        yield from _not_pinned(evidence)
    for group in AgentGroup:
        # The adopted and protected one first: the others are the ones to remove.
        owners = sorted(
            (resource for owned, resource in evidence.program.agent_groups if owned is group),
            key=lambda resource: (resource.object_id is None, not resource.protected, resource.urn),
        )
        for resource in owners[1:]:
            actual = f"{len(owners)} resources claim to be this group"
            remediation = "remove all except the one that PartnerTenant registers"
            yield violation(group, actual, _ONE_OWNER, remediation, resource=resource.urn)
        for resource in owners if adopting else ():
            yield from _not_as_adopted(evidence, group, resource)
    additive = evidence.tenant.mode is Mode.ADDITIVE
    yield from _lists_of_all_members(evidence.program) if additive else _members_beside(evidence.program)


def _not_as_adopted(evidence: Evidence, group: AgentGroup, resource: RegisteredResource) -> Iterator[Finding]:
    """What makes a resource another group than the one that Partner Center made, or lets that one be lost."""
    declared = evidence.tenant.agent_groups
    name = resource.known("displayName")
    if resource.object_id is None:
        yield violation(
            group,
            f"a new group {name!r}, a look-alike that Partner Center does not know",
            "the group that Partner Center created, adopted by import",
            "leave the group to PartnerTenant, which adopts it",
            ("agent_groups",) if declared.ids else ("id",),
            resource=resource.urn,
        )
        return
    if resource.object_id != declared.ids.get(group, resource.object_id):
        yield violation(
            group,
            f"the group {resource.object_id} under this name, a look-alike",
            f"{declared.ids[group]}, which the declaration pins",
            "adopt the pinned group, or correct the pin if Partner Center created another one",
            ("agent_groups", "ids", group.value),
            resource=resource.urn,
        )
    if name is not None and AgentGroup.by_display_name(name) is not group:
        actual, remediation = f"the group under the new name {name!r}", "remove the change of its name"
        yield violation(group, actual, f"its own name, {group}", remediation, resource=resource.urn)
    if not resource.protected and not declared.release:
        actual = "adopted without protection: it can be deleted by mistake"
        expected = "`protect=True` on an adopted agent group"
        yield violation(group, actual, expected, "protect it (the component PartnerTenant does)", resource=resource.urn)


#: What may not change on an agent group: its name, what kind of group it is, and who owns it. Its members may.
_OF_THE_GROUP_ITSELF: Final = {
    "assignableToRole": "whether it may hold directory roles",
    "displayName": "its name",
    "dynamicMembership": "the rule that fills it",
    "mailEnabled": "its type",
    "owners": "its owners, who can add members",
    "securityEnabled": "its type",
    "types": "its type",
}


def _groups_that_a_plan_changes(evidence: Evidence) -> Iterator[Finding]:
    for group, resource in evidence.plan.before.agent_groups:
        for fault in _changes_of_a_group(evidence, group, evidence.plan.by_urn[resource.urn]):
            yield violation(group, *fault, resource=resource.urn)
    yield from _emptied_by_late_deletions(evidence)


def _changes_of_a_group(evidence: Evidence, group: AgentGroup, change: ResourceChange) -> Iterator[Fault]:
    allowed = f"{group} unchanged, except for its members"
    if change.ends:
        count = len(evidence.plan.before.access.holders(Kind.AGENT_GROUP, group.value))
        yield (
            f"the group {change.change_type}, with its {count} members; Partner Center no longer knows it",
            allowed,
            "keep the group in the program, under its own name and adopted by import",
        )
    elif change.change_type is ChangeType.LET_GO and not _may_let_go(evidence):
        yield (
            "the stack stops managing the group: nothing manages its members afterwards",
            _ONE_OWNER,
            "keep it in the program; to stop managing it, declare `agent_groups: {release: true}` first",
        )
    for what in sorted({what for name, what in _OF_THE_GROUP_ITSELF.items() if _changes(change, name)}):
        yield f"the plan changes {what}", allowed, "remove this change from the program"


def _may_let_go(evidence: Evidence) -> bool:
    tenant = evidence.tenant
    return tenant.agent_groups.release or tenant.mode is Mode.ADDITIVE or Program.CSP not in tenant.programs


def _changes(change: ResourceChange, name: str) -> bool:
    if change.change_type not in (ChangeType.UPDATED, ChangeType.IMPORTED):
        return False
    renamed = change.before and change.after and change.before.known(name) != change.after.known(name)
    return name in change.changed or (name == "displayName" and bool(renamed))


def _emptied_by_late_deletions(evidence: Evidence) -> Iterator[Finding]:
    """The engine deletes last: who moves from a membership of their own into the list is taken out of the group."""
    lists = {group for group, _ in evidence.plan.after.agent_groups}
    for group, resource in evidence.plan.before.members_beside:
        change = evidence.plan.by_urn[resource.urn]
        if group in lists and change.ends:
            yield violation(
                group,
                f"two kinds of membership management at once: {change.name} is deleted after the list of members is "
                "written, which removes its member from the group",
                "a change between them in two steps",
                "release the single memberships first (`tenantry docs decisions/0011`)",
                resource=change.urn,
            )


def _not_pinned(evidence: Evidence) -> Iterator[Finding]:
    for group in AgentGroup:
        if group not in evidence.tenant.agent_groups.ids:
            yield violation(
                group,
                "no object id in the declaration, so that the id in the program cannot be checked",
                "all three pinned, at level `strict`",
                f"write its object id: `agent_groups: {{ids: {{{group}: ID}}}}`",
                ("agent_groups",) if evidence.tenant.agent_groups.ids else ("id",),
                about=group.value,
            )


def _members_beside(view: RegisteredView) -> Iterator[Finding]:
    for group, resource in view.members_beside:
        actual = f"the GroupMember {resource.name} in addition to the group's own list of members"
        remediation = "remove the GroupMember and declare the person's role"
        yield violation(group, actual, _ONE_OWNER, remediation, resource=resource.urn)


def _lists_of_all_members(view: RegisteredView) -> Iterator[Finding]:
    for group, resource in view.agent_groups:
        if resource.inputs.get("members") is not None:
            yield violation(
                group,
                f"a list of all members in {resource.name}, which removes everybody else from the group",
                "one GroupMember per person, because the tenant is declared `mode: additive`",
                "remove `members`, or declare `mode: authoritative` and everybody who is to stay a member",
                ("mode",),
                resource=resource.urn,
            )


def _mode_changed_in_one_step(evidence: Evidence) -> Iterator[Finding]:
    """The program refuses it by what its state holds (``components/mode_guard.py``)."""
    was, now = evidence.before.tenant, evidence.tenant
    groups = Program.CSP in was.programs and Program.CSP in now.programs
    if evidence.before.managed and groups and was.mode is not now.mode and not was.agent_groups.release:
        yield violation(
            now.name,
            f"`mode: {now.mode}` instead of `{was.mode}` in one step, which would empty the agent groups",
            "a change of mode in two steps",
            f"put `mode: {was.mode}` back with `agent_groups: {{release: true}}`, run `pulumi up`, then change it",
            ("mode",),
        )


def _guests(evidence: Evidence) -> Iterator[Finding]:
    for grant in evidence.program.access.grants:
        if grant.principal.guest:
            yield _of_grant(evidence, grant, f"a guest with {target_name(grant)}")


def _declared_guests(evidence: Evidence) -> Iterator[Finding]:
    for key, person in evidence.people():
        if person.is_guest and person.roles:
            yield of_person(key, person, "upn", f"a guest with {', '.join(person.roles)}")


def _of_no_user(evidence: Evidence, kind: Kind) -> Iterator[Grant]:
    for grant in evidence.program.access.grants:
        if grant.kind is kind and grant.principal.kind is not MemberKind.USER:
            yield grant


def _groups_and_services(evidence: Evidence) -> Iterator[Finding]:
    for grant in _of_no_user(evidence, Kind.AGENT_GROUP):
        if grant in evidence.declared.grants:
            continue
        actual, about = f"a {grant.principal.kind} in {grant.target}", _object(evidence, grant.principal)
        remediation = ""
        if grant.principal.kind is MemberKind.SERVICE_PRINCIPAL:
            remediation = f"remove it from {grant.target}, or declare it under `identities` until a date"
        yield _of_grant(evidence, grant, actual, remediation=remediation, about=about)


def _declared_identities(evidence: Evidence) -> Iterator[Finding]:
    for key, item in evidence.tenant.identities.items():
        # Decided on a day to come, it would run for longer than the year that it may.
        early = item.decided_on > evidence.today
        future = f", decided on {item.decided_on}, which is in the future" if early else ""
        date_it = "write the date of the decision, and an end within a year of it; or " if early else ""
        yield violation(
            f"{item.name} ({item.object_id})",
            f"a service principal in {', '.join(item.groups)} until {item.until}{future}: {item.reason} ({item.owner})",
            remediation=f"{date_it}give it access by GDAP instead, and remove it from the group and from `identities`",
            path=("identities", key, "groups"),
            level=None if early else Level.ADVISORY,
        )


def _outside_the_declaration(evidence: Evidence) -> Iterator[Finding]:
    yield from _undeclared_roles(evidence)
    yield from _undeclared_at_customers(evidence)
    yield from _accounts_against_their_declaration(evidence)
    for outside in evidence.program.out_of_policy:
        yield violation(_last(outside.urn), outside.what, remediation=outside.remediation, resource=outside.urn)
    for principal, policy in evidence.program.left_out:
        found = evidence.person(principal)
        if not (found and found[1].emergency):
            yield violation(
                evidence.named(principal),
                f"excluded from the Conditional Access policy {policy.name}",
                "only emergency accounts excluded from a Conditional Access policy",
                "remove them from `excluded_users`",
                resource=policy.urn,
            )
    for place in sorted(evidence.program.access.unresolved):
        yield violation(
            _last(place.where),
            f"it is not known who gets access to {place.kind} {_power(place.target)}, or which: {place.why}",
            "access that is known before the update",
            place.remediation or "write each id as text, or read it directly from its resource",
            resource=place.where,
        )
    for pending in evidence.program.pending if evidence.settings.strict else ():
        yield violation(
            _last(pending.urn),
            f"{pending.count} in {_power(pending.where)} whose object id is not known yet",
            "at level `strict`, access only for accounts whose object id is known",
            "create the account first, and give it access in a second `pulumi up`",
            resource=pending.urn,
        )


def _power(target: str) -> str:
    built_in = ROLE_TEMPLATES.get(target)
    return built_in.name if built_in else target


def _undeclared_roles(evidence: Evidence) -> Iterator[Finding]:
    for grant in _undeclared(evidence, Kind.DIRECTORY_ROLE):
        role = DirectoryRole.by_template_id(grant.target)
        person = evidence.person(grant.principal)
        if role is None or not grant.principal.is_member_account or (person and _is_agent_alone(person[1])):
            continue  # PT-103, PT-104, PT-106 and PT-111 speak of them
        how, as_declared = "assigned", _how_to_declare(role)
        if grant.assignment_type is AssignmentType.ELIGIBLE:
            how, as_declared = "eligible for", f"{as_declared} and `assignments: {{{role}: {{eligible: true}}}}`"
        yield _of_grant(
            evidence,
            grant,
            f"{how} {role} outside the declaration",
            remediation=f"remove the assignment, or declare them as {as_declared}",
            path=evidence.field_of(grant.principal, "roles"),
        )
    for grant in _of_no_user(evidence, Kind.DIRECTORY_ROLE):
        if DirectoryRole.by_template_id(grant.target):
            actual = f"assigned {target_name(grant)} outside the declaration"
            yield _of_grant(evidence, grant, actual, remediation="remove the assignment")


def _undeclared_at_customers(evidence: Evidence) -> Iterator[Finding]:
    """What relationships give beside the declaration: a finding a role of somebody, at however many customers."""
    found: dict[tuple[Principal, str], list[Grant]] = {}
    for grant in evidence.program.access.grants:
        if grant.kind is Kind.CUSTOMER_ROLE and grant not in evidence.declared.grants:
            found.setdefault((grant.principal, grant.scope), []).append(grant)
    declared = {customer.tenant_id: customer.name for customer in evidence.tenant.customers.values()}
    names = {**evidence.program.customer_names, **declared}
    for (principal, role), grants in found.items():
        where = at_customers(role_name(role), [names.get(grant.target, grant.target) for grant in grants])
        yield _of_grant(
            evidence,
            grants[0],
            f"{where} outside the declaration",
            remediation="declare the relationship under `customers` and the person in its group, or remove it",
            path=evidence.field_of(principal, "roles"),
            about=_object(evidence, principal),
        )


def _accounts_against_their_declaration(evidence: Evidence) -> Iterator[Finding]:
    for account, resource in evidence.program.accounts:
        found = evidence.person(account)
        if found is None:
            continue
        person = found[1]
        kept_out = person.says_who_may_sign_in and not person.may_sign_in
        if person.adopted:
            yield violation(
                evidence.named(account),
                f"the User {resource.name} takes control of an adopted account, including its password",
                "adopted accounts only referenced by object id, never written",
                "remove the User; PartnerTenant refers to adopted people by their object id",
                evidence.field_of(account, "adopted"),
                resource=resource.urn,
            )
        elif kept_out and resource.inputs.get("accountEnabled", False) is not False:
            yield violation(
                evidence.named(account),
                f"declared `state: {person.state}`, but the program lets them sign in",
                "`account_enabled=False` for disabled people and leavers",
                "set it (the component PartnerTenant does), or correct `state`",
                evidence.field_of(account, "state"),
                resource=resource.urn,
            )


def _ftop_users_without_a_row(evidence: Evidence) -> Iterator[Finding]:
    """That they are people of the same tenant, in one to three roles, is a matter of the files' own form."""
    for key, path in ftop_users(evidence.tenant).items():
        person = evidence.tenant.members[key]
        if not has_row_for_ftop(evidence.tenant, key):
            # Where their role has ended, the update that takes it away is not to be stopped.
            level = Level.ADVISORY if has_row_for_ftop(evidence.tenant.written, key) else None
            actual = f"an FTOP user {_what_they_have(person)}"
            yield violation(who(person), actual, path=path, about=key, level=level)


def _what_they_have(person: Person) -> str:
    if person.emergency:
        return "who is an emergency account, and so lacks AdminAgents"
    roles = ", ".join(person.roles or person.company_roles or ()) or "no role"
    always = " at all times and for the whole tenant" if person.roles else ""
    return f"with {roles}, but without everything that a role of Table 1 gives{always}"


def _all_users_written(evidence: Evidence) -> Iterator[Finding]:
    for resource in evidence.program.writes_all_users:
        yield violation("All Users", f"created or written by {resource.name}", resource=resource.urn)


def _is_agent_alone(person: Person) -> bool:
    return bool(person.roles) and set(person.roles) <= {PartnerRole.SALES_AGENT, PartnerRole.HELPDESK_AGENT}


def _agents_with_admin_access(evidence: Evidence) -> Iterator[Finding]:
    for grant in evidence.program.access.grants:
        found = evidence.person(grant.principal) if grant.kind is Kind.DIRECTORY_ROLE else None
        if found and _is_agent_alone(found[1]):
            actual = f"{', '.join(found[1].roles)} with {target_name(grant)}"
            yield _of_grant(evidence, grant, actual, path=("people", found[0], "roles"))


RULES: Final = (
    Rule(
        "PT-101",
        "Agent groups have exactly the members that Table 1 gives them",
        Level.ALWAYS,
        Severity.CRITICAL,
        _TABLE_1,
        "Declare the person with the role, or remove them from the group.",
        {View.REGISTERED: _members_without_a_role},
        exemptible=True,
        on_the_tenant="who is a member of the agent groups",
    ),
    Rule(
        "PT-102",
        "Everybody has all the access that Table 1 gives to their roles",
        Level.ALWAYS,
        Severity.HIGH,
        _TABLE_1,
        "Let the program give all of it; the component PartnerTenant does.",
        {View.DECLARED: _stated_deviations, View.REGISTERED: _incomplete_rows},
        of_changes=(eligibilities.unlicensed,),
        on_the_tenant="whether they have it in the tenant",
        also_advises=True,
    ),
    Rule(
        "PT-103",
        "Only Table 1's directory roles are assigned",
        Level.ALWAYS,
        Severity.HIGH,
        _TABLE_1,
        "Remove the assignment: Table 1 has no other directory role.",
        {View.REGISTERED: _roles_off_the_list},
        exemptible=True,
        on_the_tenant="which directory roles are held in the tenant",
    ),
    Rule(
        "PT-104",
        "Partner Tier1 and Tier2 Support are never assigned",
        Level.ALWAYS,
        Severity.CRITICAL,
        f'{Source.ENTRA}: "Do not use"',
        "Remove the assignment.",
        {View.REGISTERED: _partner_support_roles},
        scope=Scope.ALL,
        expected="nobody in this role: Microsoft lists it as not intended for use",
        on_the_tenant="whether anybody holds them",
    ),
    Rule(
        "PT-105",
        "Each agent group stays unchanged, and one resource manages its members",
        Level.ALWAYS,
        Severity.CRITICAL,
        _TABLE_1,
        "Leave the agent groups to PartnerTenant: it adopts them, protects them and manages their members.",
        {
            View.REGISTERED: _one_owner_of_each_group,
            View.PLANNED: _groups_that_a_plan_changes,
            View.CHANGED: _mode_changed_in_one_step,
            View.OBSERVED: in_the_tenant.look_alikes,
        },
        on_a_plan="what an update replaces, deletes or renames",
        on_a_change="whether the mode changes in one step",
        on_the_tenant="whether another group has the name of an agent group, or one was renamed",
    ),
    Rule(
        "PT-106",
        "No guest in an agent group or a directory role",
        Level.ALWAYS,
        Severity.HIGH,
        f"{Source.PARTNER_CENTER}, User roles and permissions",
        "Create an account in this tenant for the person, and remove the guest's access.",
        {View.DECLARED: _declared_guests, View.REGISTERED: _guests, View.OBSERVED: in_the_tenant.declared_guests},
        expected="members of the tenant's own directory",
        on_the_tenant="which accounts with access are guests",
    ),
    Rule(
        "PT-107",
        "No nested group and no service principal in an agent group",
        Level.ALWAYS,
        Severity.CRITICAL,
        f"{_TABLE_1} and Microsoft's security guidance for partners",
        "Remove it from the group, and declare the people behind it.",
        {View.DECLARED: _declared_identities, View.REGISTERED: _groups_and_services},
        of_changes=(services.identities,),
        exemptible=True,
        also_advises=True,
        expected="only people; members of AdminAgents reach every customer and own customers' Azure subscriptions",
        on_the_tenant="which groups and applications are members of an agent group",
    ),
    Rule(
        "PT-108",
        "No partner access outside the declaration",
        Level.ALWAYS,
        Severity.CRITICAL,
        _TABLE_1,
        "Declare the person's role, or remove what gives the access.",
        {View.REGISTERED: _outside_the_declaration},
        of_changes=(pins.role_assignments, pins.protected_roles, eligibilities.stay, pins.consent_grants),
        expected="partner access only through the declaration",
        on_the_tenant="who holds undeclared access in the tenant",
    ),
    Rule(
        "PT-109",
        "Every FTOP user has all the access of a role of Table 1",
        Level.ALWAYS,
        Severity.HIGH,
        f'{Source.ESTABLISHING}, "User creation and role assignment", step 3, and Table 1',
        "Give them one of Table 1's six roles under `roles`, or remove them from FTOP.",
        {View.DECLARED: _ftop_users_without_a_row},
        also_advises=True,
        expected=f"one of {', '.join(PartnerRole)}, active and for the whole tenant (agent roles need CSP enrolment)",
    ),
    Rule(
        "PT-110",
        "The group All Users is not created or changed",
        Level.ALWAYS,
        Severity.MEDIUM,
        _TABLE_1,
        "Remove the resource: Partner Center manages the group.",
        {View.REGISTERED: _all_users_written, View.OBSERVED: in_the_tenant.outside_all_users},
        expected="All Users managed only by Partner Center",
        on_the_tenant="whether every enabled member is in the group",
    ),
    Rule(
        "PT-111",
        "A Sales or Helpdesk agent without another role has no directory role",
        Level.ALWAYS,
        Severity.HIGH,
        f'{_TABLE_1}: "User (no admin access)"',
        "Remove the assignment, or declare the admin role that they need.",
        {View.REGISTERED: _agents_with_admin_access},
        expected='no directory role, active or eligible ("no admin access")',
        on_the_tenant="which directory roles they hold in the tenant",
    ),
)
