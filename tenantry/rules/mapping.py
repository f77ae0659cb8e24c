"""PT-101 to PT-111: who is in the agent groups and directory roles is who Table 1 puts there."""

from collections.abc import Iterator
from typing import Final

from tenantry.access import AssignmentType, Grant, Kind, Principal, Reason
from tenantry.access.declared import has_row_for_ftop, target_name
from tenantry.access.registered import RegisteredView
from tenantry.access.resource_changes import ChangeType, ResourceChange
from tenantry.declaration import GroupSource, Mode, Person, Program, Purpose
from tenantry.findings import Finding, Level, Severity
from tenantry.graph.models import MemberKind
from tenantry.role_templates import ROLE_TEMPLATES
from tenantry.roles import NEVER_ASSIGNED, TABLE_1, AgentGroup, DirectoryRole, PartnerRole, Power
from tenantry.rules import in_the_tenant
from tenantry.rules.change import eligibilities, licence, pins
from tenantry.rules.consent import ftop_users
from tenantry.rules.model import Evidence, Rule, Scope, Source, View, violation

_TABLE_1: Final = f"{Source.ESTABLISHING}, Table 1"
_CONSENT_DOC: Final = f"{Source.ESTABLISHING}, Table 1 and Microsoft's security guidance for partners"


def _roles_that_give(power: Power) -> str:
    return " or ".join(row.role.value for row in TABLE_1 if power in row.powers)


def _how_to_declare(power: Power) -> str:
    """What gives a power and nothing beside it; of half a row, that its role gives the other half too."""
    row = min((row for row in TABLE_1 if power in row.powers), key=lambda row: len(row.powers))
    more = sorted(other.value for other in row.powers - {power})
    return row.role.value + (f", which gives {', '.join(more)} as well" if more else "")


def _why(evidence: Evidence, grant: Grant) -> frozenset[Reason]:
    return evidence.program.access.grants[grant]


def _object(evidence: Evidence, principal: Principal) -> str:
    """What an exemption names: a person's key; else the UPN, object id or resource that somebody goes by."""
    found = evidence.person(principal)
    return found[0] if found else principal.value.rsplit("::", 1)[-1]


def _urn(evidence: Evidence, grant: Grant) -> str | None:
    return min((reason.source for reason in _why(evidence, grant)), default=None)


def _person_path(evidence: Evidence, principal: Principal, field: str = "roles") -> tuple[str, ...] | None:
    found = evidence.person(principal)
    return ("people", found[0], field) if found else None


def _undeclared(evidence: Evidence, kind: Kind) -> Iterator[Grant]:
    """What the program gives and the declaration does not; who is declared with a role may also be eligible for it."""
    declared: dict[tuple[Principal, str], list[Grant]] = {}
    for grant in evidence.declared.grants:
        if grant.kind is kind:
            declared.setdefault((grant.principal, grant.target), []).append(grant)
    for grant in evidence.program.access.grants:
        if grant.kind is kind:
            theirs = declared.get((grant.principal, grant.target), ())
            if not any(given.covers(grant) for given in theirs):
                yield grant


def _members_without_a_role(evidence: Evidence) -> Iterator[Finding]:
    for grant in _undeclared(evidence, Kind.AGENT_GROUP):
        if not grant.principal.is_member_account:
            continue  # PT-106 and PT-107 speak of them
        found = evidence.person(grant.principal)
        roles = _roles_that_give(AgentGroup(grant.target))
        role = _how_to_declare(AgentGroup(grant.target))
        if found is None:
            remediation = f"declare them with the role {role}, or take them out of {grant.target}"
        elif found[1].emergency:
            remediation = f"take them out of {grant.target}: an emergency account holds its directory role only"
        else:
            remediation = f"give them the role {role} in the declaration, or take them out of {grant.target}"
        yield violation(
            evidence.named(grant.principal),
            f"a member of {grant.target} without a role that Table 1 puts there",
            f"{roles} in {grant.target}, as declared",
            remediation,
            _person_path(evidence, grant.principal),
            resource=_urn(evidence, grant),
            about=_object(evidence, grant.principal),
        )


def _incomplete_rows(evidence: Evidence) -> Iterator[Finding]:
    given: dict[tuple[Principal, Kind, str], list[Grant]] = {}
    for grant in evidence.program.access.grants:
        given.setdefault((grant.principal, grant.kind, grant.target), []).append(grant)
    hidden = {place.target for place in evidence.program.access.unresolved}
    for grant, reasons in evidence.declared.grants.items():
        if grant.kind not in (Kind.AGENT_GROUP, Kind.DIRECTORY_ROLE) or grant.target in hidden:
            continue
        theirs = given.get((grant.principal, grant.kind, grant.target), [])
        if not any(one.covers(grant) for one in theirs):
            roles = ", ".join(sorted(reason.text for reason in reasons))
            less = f" as {_how(grant)}, only as {' and '.join(sorted(map(_how, theirs)))}" if theirs else ""
            yield violation(
                evidence.named(grant.principal),
                f"declared as {roles}, but the program does not give {target_name(grant)}{less}",
                f"the complete row of Table 1 for {roles}",
                f"let the program give {target_name(grant)}{' as declared' if less else ''} (PartnerTenant does), or "
                "take the role away",
                _person_path(evidence, grant.principal),
                resource=min((reason.source for one in theirs for reason in _why(evidence, one)), default=None),
            )


def _how(grant: Grant) -> str:
    """How somebody holds a role: "active", "eligible over /administrativeUnits/…"."""
    how = "eligible" if grant.assignment_type is AssignmentType.ELIGIBLE else "active"
    return how if grant.scope == "/" else f"{how} over {grant.scope}"


def _roles_off_the_list(evidence: Evidence) -> Iterator[Finding]:
    more = evidence.tenant.allowed_roles if Purpose.OWN_USE in evidence.tenant.purpose else {}
    allowed = [*((role.value, role.template_id) for role in DirectoryRole), *more.items()]
    for grant in evidence.program.access.grants:
        if grant.kind is not Kind.DIRECTORY_ROLE or grant.target.casefold() in {id_ for _, id_ in allowed}:
            continue
        if grant.target in NEVER_ASSIGNED or grant.target == "unknown":
            continue  # PT-104 and PT-108 speak of them
        yield violation(
            evidence.named(grant.principal),
            f"the directory role {_directory_role(grant.target)}",
            ", ".join(f"{name} ({template_id})" for name, template_id in allowed),
            "remove the assignment; Table 1 knows no other directory role",
            resource=_urn(evidence, grant),
            about=_object(evidence, grant.principal),
        )


def _directory_role(template_id: str) -> str:
    built_in = ROLE_TEMPLATES.get(template_id)
    return f"{built_in.name} ({template_id})" if built_in else template_id


def _partner_support_roles(evidence: Evidence) -> Iterator[Finding]:
    for grant in evidence.program.access.grants:
        if grant.kind is Kind.DIRECTORY_ROLE and grant.target in NEVER_ASSIGNED:
            yield violation(
                evidence.named(grant.principal),
                f"the directory role {NEVER_ASSIGNED[grant.target]}",
                "nobody in this role: Microsoft lists it as not intended for use",
                "remove the assignment",
                resource=_urn(evidence, grant),
            )


def _one_owner_of_each_group(evidence: Evidence) -> Iterator[Finding]:
    view = evidence.program
    pinned = evidence.tenant.agent_groups.ids
    adopting = evidence.tenant.agent_groups.source is GroupSource.ADOPT
    if evidence.settings.strict and adopting and Program.CSP in evidence.tenant.programs:
        yield from _not_pinned(evidence)
    for group in AgentGroup:
        # The adopted and protected one first: the others are the ones to remove.
        owners = sorted(
            (resource for owned, resource in view.agent_groups if owned is group),
            key=lambda resource: (resource.object_id is None, not resource.protected, resource.urn),
        )
        for resource in owners[1:]:
            yield violation(
                group,
                f"{len(owners)} resources claim to be this group",
                "one resource that owns its members",
                "remove all but the one that PartnerTenant registers",
                resource=resource.urn,
            )
        for resource in owners if adopting else ():
            if resource.object_id is None:
                yield violation(
                    group,
                    f"a new group {resource.known('displayName')!r}, a look-alike without meaning to Partner Center",
                    "the group that Partner Center made, adopted by import",
                    "leave the group to PartnerTenant, which adopts it",
                    ("agent_groups",) if evidence.tenant.agent_groups.ids else ("id",),
                    resource=resource.urn,
                )
                continue
            if resource.object_id != pinned.get(group, resource.object_id):
                yield violation(
                    group,
                    f"the group {resource.object_id} under this name, a look-alike",
                    f"{pinned[group]}, which the declaration pins",
                    "adopt the pinned group, or correct the pin if Partner Center made another one",
                    ("agent_groups", "ids", group.value),
                    resource=resource.urn,
                )
            name = resource.known("displayName")
            if name is not None and AgentGroup.by_display_name(name) is not group:
                yield violation(
                    group,
                    f"the group under the new name {name!r}",
                    f"its own name, {group}",
                    "leave its name as Partner Center made it",
                    resource=resource.urn,
                )
            if not resource.protected and not evidence.tenant.agent_groups.release:
                yield violation(
                    group,
                    "adopted without protection, so that a mistake could delete it",
                    "`protect=True` on an adopted agent group",
                    "protect it (PartnerTenant does)",
                    resource=resource.urn,
                )
    yield from _additive(view) if evidence.tenant.mode is Mode.ADDITIVE else _members_beside(view)


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
_LET_GO: Final = "the stack lets go of the group: nobody owns its membership afterwards"


def _groups_that_a_plan_changes(evidence: Evidence) -> Iterator[Finding]:
    for group, resource in evidence.plan.before.agent_groups:
        resource_change = evidence.plan.by_urn[resource.urn]
        allowed = f"{group} as it is, with other members at most"
        if resource_change.ends:
            held_by = len(evidence.plan.before.access.holders(Kind.AGENT_GROUP, group.value))
            yield violation(
                group,
                f"the group {resource_change.change_type}, with the {held_by} who are in it; what Partner Center knows "
                "is lost",
                allowed,
                "keep the group in the program, under its own name and adopted by import",
                resource=resource_change.urn,
            )
        elif resource_change.change_type is ChangeType.LET_GO and not _may_let_go(evidence):
            yield violation(
                group,
                _LET_GO,
                "one resource that owns its members",
                "keep it in the program; to let go of it, declare `agent_groups: {release: true}` first",
                resource=resource_change.urn,
            )
        for what in sorted({said for name, said in _OF_THE_GROUP_ITSELF.items() if _changes(resource_change, name)}):
            actual, remediation = f"the plan changes {what}", "leave it as Partner Center made it"
            yield violation(group, actual, allowed, remediation, resource=resource_change.urn)
    yield from _emptied_by_late_deletions(evidence)


def _may_let_go(evidence: Evidence) -> bool:
    tenant = evidence.tenant
    return tenant.agent_groups.release or tenant.mode is Mode.ADDITIVE or Program.CSP not in tenant.programs


def _changes(resource_change: ResourceChange, name: str) -> bool:
    if resource_change.change_type is not ChangeType.UPDATED and resource_change.change_type is not ChangeType.IMPORTED:
        return False
    if name in resource_change.changed:
        return True
    before, after = resource_change.before, resource_change.after
    return (
        name == "displayName" and before is not None and after is not None and before.known(name) != after.known(name)
    )


def _emptied_by_late_deletions(evidence: Evidence) -> Iterator[Finding]:
    """The engine deletes last: whoever moves from a membership of their own into the list is taken out of the group."""
    lists = {group for group, _ in evidence.plan.after.agent_groups}
    for group, resource in evidence.plan.before.members_beside:
        resource_change = evidence.plan.by_urn[resource.urn]
        if group in lists and resource_change.ends:
            yield violation(
                group,
                f"both kinds of ownership at once: {resource_change.name} is deleted after the list of members is "
                "written, and takes its member out of the group",
                "a change of ownership in two steps",
                "let go of the single memberships first (docs/decisions/0011-a-change-of-mode-in-two-steps.md)",
                resource=resource_change.urn,
            )


def _not_pinned(evidence: Evidence) -> Iterator[Finding]:
    for group in AgentGroup:
        if group not in evidence.tenant.agent_groups.ids:
            yield violation(
                group,
                "no object id in the declaration, so that the program's word for it is believed",
                "all three pinned, at level `strict`",
                f"write its object id: `agent_groups: {{ids: {{{group}: ID}}}}`",
                ("agent_groups",) if evidence.tenant.agent_groups.ids else ("id",),
                about=group.value,
            )


def _members_beside(view: RegisteredView) -> Iterator[Finding]:
    for group, resource in view.members_beside:
        yield violation(
            group,
            f"the GroupMember {resource.name} beside the group's own list of members",
            "one authoritative owner of the membership",
            "remove the GroupMember and declare the person's role",
            resource=resource.urn,
        )


def _additive(view: RegisteredView) -> Iterator[Finding]:
    for group, resource in view.agent_groups:
        if resource.inputs.get("members") is not None:
            yield violation(
                group,
                f"a list of all its members in {resource.name}, which takes out whoever is not in it",
                "one GroupMember a person, since the tenant is declared `mode: additive`",
                "leave `members` out, or declare `mode: authoritative` and everybody who is to stay",
                ("mode",),
                resource=resource.urn,
            )


def _of_no_user(view: RegisteredView) -> Iterator[Grant]:
    return (grant for grant in view.access.grants if grant.principal.kind is not MemberKind.USER)


def _guests(evidence: Evidence) -> Iterator[Finding]:
    for grant in (grant for grant in evidence.program.access.grants if grant.principal.guest):
        yield violation(
            evidence.named(grant.principal),
            f"a guest with {target_name(grant)}",
            "members of the tenant's own directory",
            "give the person an account of this tenant, and the guest nothing",
            resource=_urn(evidence, grant),
        )


def _declared_guests(evidence: Evidence) -> Iterator[Finding]:
    for key, person in evidence.people():
        if person.is_guest and person.roles:
            yield violation(
                f"{person.full_name} ({person.upn})",
                f"a guest with {', '.join(person.roles)}",
                "members of the tenant's own directory",
                "give the person an account of this tenant",
                ("people", key, "upn"),
            )


def _groups_and_services(evidence: Evidence) -> Iterator[Finding]:
    for grant in _of_no_user(evidence.program):
        if grant.kind is Kind.AGENT_GROUP:
            yield violation(
                evidence.named(grant.principal),
                f"a {grant.principal.kind} in {grant.target}",
                "people; members of AdminAgents own customers' Azure subscriptions",
                f"take it out of {grant.target}, and declare the people behind it",
                resource=_urn(evidence, grant),
                about=_object(evidence, grant.principal),
            )


def _outside_the_declaration(evidence: Evidence) -> Iterator[Finding]:
    allowed = "partner power through the declaration alone"
    for grant in _undeclared(evidence, Kind.DIRECTORY_ROLE):
        role = DirectoryRole.by_template_id(grant.target)
        if role is None or not grant.principal.is_member_account:
            continue  # PT-103, PT-104 and PT-106 speak of them
        person = evidence.person(grant.principal)
        if person and _is_agent_alone(person[1].roles):
            continue  # PT-111 speaks of them
        how = "eligible for" if grant.assignment_type is AssignmentType.ELIGIBLE else "assigned"
        eligible = (
            f" and `assignments: {{{role}: {{eligible: true}}}}`"
            if grant.assignment_type is AssignmentType.ELIGIBLE
            else ""
        )
        yield violation(
            evidence.named(grant.principal),
            f"{how} {role} outside the declaration",
            allowed,
            f"remove the assignment, or declare them as {_how_to_declare(role)}{eligible}",
            _person_path(evidence, grant.principal),
            resource=_urn(evidence, grant),
        )
    for grant in _of_no_user(evidence.program):
        if grant.kind is Kind.DIRECTORY_ROLE and DirectoryRole.by_template_id(grant.target):
            yield violation(
                evidence.named(grant.principal),
                f"assigned {target_name(grant)} outside the declaration",
                allowed,
                "remove the assignment",
                resource=_urn(evidence, grant),
            )
    for account, resource in evidence.program.accounts:
        found = evidence.person(account)
        if found and found[1].adopted:
            yield violation(
                evidence.named(account),
                f"the User {resource.name} takes over an adopted account, its password with it",
                "adopted people by object id, never written",
                "remove the User; PartnerTenant refers to adopted people by their object id",
                ("people", found[0], "adopted"),
                resource=resource.urn,
            )
        elif (
            found
            and found[1].says_who_may_sign_in
            and not found[1].may_sign_in
            and resource.inputs.get("accountEnabled", False) is not False
        ):
            yield violation(
                evidence.named(account),
                f"declared `state: {found[1].state}`, and the program lets them sign in",
                "`account_enabled=False` for whom the declaration disables",
                "write it (PartnerTenant does), or correct `state`",
                ("people", found[0], "state"),
                resource=resource.urn,
            )
    for outside in evidence.program.out_of_policy:
        yield violation(_last(outside.urn), outside.what, allowed, outside.remediation, resource=outside.urn)
    for principal, policy in evidence.program.left_out:
        found = evidence.person(principal)
        if found is None or not found[1].emergency:
            yield violation(
                evidence.named(principal),
                f"left out of the Conditional Access policy {policy.name}",
                "nobody left out of a protection but emergency accounts",
                "take them out of `excluded_users`",
                resource=policy.urn,
            )
    for place in sorted(evidence.program.access.unresolved):
        yield violation(
            _last(place.where),
            f"what this gives in {place.kind} {_power(place.target)} cannot be told: {place.why}",
            "access of which it is known before the update who gets it, and which",
            place.remediation or "write each id as text, or take it straight from the one resource that it belongs to",
            resource=place.where,
        )
    yield from _before_their_id_is_known(evidence) if evidence.settings.strict else ()


def _power(target: str) -> str:
    built_in = ROLE_TEMPLATES.get(target)
    return built_in.name if built_in else target


def _before_their_id_is_known(evidence: Evidence) -> Iterator[Finding]:
    for place in evidence.program.pending:
        yield violation(
            _last(place.urn),
            f"{place.count} in {_power(place.where)} whose object id is not known yet",
            "nobody, at level `strict`, before their object id is known",
            "make the account first, and give it power in a second `up`",
            resource=place.urn,
        )


def _ftop_users_without_a_row(evidence: Evidence) -> Iterator[Finding]:
    """That they are people of the same tenant, in one to three roles, is a matter of the files' own form."""
    for key, path in ftop_users(evidence.tenant).items():
        person = evidence.tenant.members[key]
        if not has_row_for_ftop(evidence.tenant, key):
            yield violation(
                f"{person.full_name} ({person.upn})",
                f"an FTOP user {_what_they_have(person)}",
                f"one of {', '.join(PartnerRole)}, active and for the whole tenant (an agent role needs CSP enrolment)",
                "give them one of these roles under `roles`, or take them out of FTOP",
                path,
                about=key,
            )


def _what_they_have(person: Person) -> str:
    if person.emergency:
        return "who is an emergency account, without a complete row of Table 1"
    if person.roles:
        return (
            f"with {', '.join(person.roles)}, without a complete row of Table 1 at all times and for the whole tenant"
        )
    return f"with {', '.join(person.company_roles or ()) or 'no role'}, without a complete row of Table 1"


def _all_users_written(evidence: Evidence) -> Iterator[Finding]:
    for resource in evidence.program.writes_all_users:
        yield violation(
            "All Users",
            f"created or written by {resource.name}",
            "Partner Center alone fills All Users",
            "remove the resource",
            resource=resource.urn,
        )


def _is_agent_alone(roles: tuple[PartnerRole, ...]) -> bool:
    return bool(roles) and set(roles) <= {PartnerRole.SALES_AGENT, PartnerRole.HELPDESK_AGENT}


def _agents_with_admin_access(evidence: Evidence) -> Iterator[Finding]:
    for grant in evidence.program.access.grants:
        found = evidence.person(grant.principal) if grant.kind is Kind.DIRECTORY_ROLE else None
        if found and _is_agent_alone(found[1].roles):
            yield violation(
                evidence.named(grant.principal),
                f"{', '.join(found[1].roles)} with {target_name(grant)}",
                'no directory role, active or eligible ("no admin access")',
                "remove the assignment, or declare the admin role that they need",
                ("people", found[0], "roles"),
                resource=_urn(evidence, grant),
            )


def _last(urn: str) -> str:
    return urn.rsplit("::", 1)[-1]


def _mode_changed_in_one_step(evidence: Evidence) -> Iterator[Finding]:
    """The program refuses it by what its state holds (``components/mode_guard.py``)."""
    was, now = evidence.before.tenant, evidence.tenant
    groups = Program.CSP in was.programs and Program.CSP in now.programs
    if evidence.before.managed and groups and was.mode is not now.mode and not was.agent_groups.release:
        yield violation(
            now.name,
            f"`mode: {now.mode}` instead of `{was.mode}` in one step, which would empty the agent groups",
            "a change of mode in two steps",
            f"put `mode: {was.mode}` back with `agent_groups: {{release: true}}`, apply that, and change the mode then",
            ("mode",),
        )


RULES: Final = (
    Rule(
        "PT-101",
        "Agent groups hold exactly those whom Table 1 puts there",
        Level.ALWAYS,
        Severity.CRITICAL,
        Scope.PARTNER,
        _TABLE_1,
        "Declare the person with the role, or take them out of the group.",
        {View.REGISTERED: _members_without_a_role},
        exemptible=True,
        on_the_tenant="who really is in the agent groups",
    ),
    Rule(
        "PT-102",
        "Whoever is declared with a role has the complete row of Table 1",
        Level.ALWAYS,
        Severity.HIGH,
        Scope.PARTNER,
        _TABLE_1,
        "Let the program give the whole row; the component PartnerTenant does.",
        {View.REGISTERED: _incomplete_rows},
        of_changes=(licence.eligible_roles,),
        on_the_tenant="whether they really have it",
    ),
    Rule(
        "PT-103",
        "Only Table 1's directory roles are assigned",
        Level.ALWAYS,
        Severity.HIGH,
        Scope.PARTNER,
        _TABLE_1,
        "Remove the assignment.",
        {View.REGISTERED: _roles_off_the_list},
        exemptible=True,
        on_the_tenant="which directory roles are really held",
    ),
    Rule(
        "PT-104",
        "Partner Tier1 and Tier2 Support are never assigned",
        Level.ALWAYS,
        Severity.CRITICAL,
        Scope.ALL,
        f'{Source.ENTRA}: "Do not use"',
        "Remove the assignment.",
        {View.REGISTERED: _partner_support_roles},
        on_the_tenant="whether anybody holds them",
    ),
    Rule(
        "PT-105",
        "Each agent group has one owner of its membership and stays what it is",
        Level.ALWAYS,
        Severity.CRITICAL,
        Scope.PARTNER,
        _TABLE_1,
        "Leave the agent groups to PartnerTenant: it adopts them, protects them and owns their members.",
        {
            View.REGISTERED: _one_owner_of_each_group,
            View.PLANNED: _groups_that_a_plan_changes,
            View.CHANGED: _mode_changed_in_one_step,
            View.OBSERVED: in_the_tenant.look_alikes,
        },
        on_a_plan="what an update replaces, deletes or renames",
        on_a_change="whether the mode changes in one step",
        on_the_tenant="whether a group is called as an agent group is, or one was renamed",
    ),
    Rule(
        "PT-106",
        "No guest in an agent group or a directory role",
        Level.ALWAYS,
        Severity.HIGH,
        Scope.PARTNER,
        f"{Source.PARTNER_CENTER}, User roles and permissions",
        "Give the person an account of this tenant.",
        {View.DECLARED: _declared_guests, View.REGISTERED: _guests, View.OBSERVED: in_the_tenant.declared_guests},
        on_the_tenant="which accounts that hold something are guests'",
    ),
    Rule(
        "PT-107",
        "No nested group and no service principal in an agent group",
        Level.ALWAYS,
        Severity.CRITICAL,
        Scope.PARTNER,
        _CONSENT_DOC,
        "Take it out, and declare the people behind it.",
        {View.REGISTERED: _groups_and_services},
        exemptible=True,
        on_the_tenant="which groups and applications are really in an agent group",
    ),
    Rule(
        "PT-108",
        "Nobody gets partner power outside the declaration",
        Level.ALWAYS,
        Severity.CRITICAL,
        Scope.PARTNER,
        _TABLE_1,
        "Declare the person's role, or remove what gives the power.",
        {View.REGISTERED: _outside_the_declaration},
        of_changes=(pins.role_assignments, eligibilities.stay, pins.consent_grants),
        on_the_tenant="who really holds what nobody declared",
    ),
    Rule(
        "PT-109",
        "Every FTOP user has a complete row of Table 1",
        Level.ALWAYS,
        Severity.HIGH,
        Scope.PARTNER,
        f'{Source.ESTABLISHING}, "User creation and role assignment", step 3, and Table 1',
        "Give the user one of Table 1's six roles.",
        {View.DECLARED: _ftop_users_without_a_row},
    ),
    Rule(
        "PT-110",
        "Nobody creates or writes All Users",
        Level.ALWAYS,
        Severity.MEDIUM,
        Scope.PARTNER,
        _TABLE_1,
        "Remove the resource: Partner Center fills the group.",
        {View.REGISTERED: _all_users_written, View.OBSERVED: in_the_tenant.outside_all_users},
        on_the_tenant="whether every enabled member is in the group",
    ),
    Rule(
        "PT-111",
        "A Sales or Helpdesk agent alone has no directory role",
        Level.ALWAYS,
        Severity.HIGH,
        Scope.PARTNER,
        f'{_TABLE_1}: "User (no admin access)"',
        "Remove the assignment, or declare the admin role.",
        {View.REGISTERED: _agents_with_admin_access},
        on_the_tenant="which directory roles they really hold",
    ),
)
