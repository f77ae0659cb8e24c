"""Policies of Privileged Identity Management: under which rules a role is made eligible, given and activated.

A policy exists for every directory role and, for members and for owners, of every group: nobody creates or deletes one.
Only what was changed is kept; every other policy is as Microsoft leaves it. For how long something is given binds
requests, and whether with a justification or a ticket; an activation that takes approval waits for it, and nobody
approves here. The rest is kept and checked alone: nobody is notified, and nobody is asked for a second factor.

Sources: Microsoft Graph's reference (v1.0) for `unifiedRoleManagementPolicy`, its assignments and its rules; "List
rules (for a role management policy)" for the rules that a policy begins with. Groups with a dynamic rule have no policy
("Privileged Identity Management for Groups"). That a group's policy has another id after a change is an observation of
the azuread provider's. In which words a filter without a scope is refused is not documented.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from tenantry.role_templates import ROLE_TEMPLATES

from . import errors
from .complex_types import NUMBER, OBJECTS, SWITCH, TEXT, TEXTS, Complex, UnfitError, Value, one_of, some_of
from .documents import JsonObject, JsonValue, now
from .endpoint import Call, Category, found
from .families import Family, declared
from .identifiers import TENANT_SCOPE, new_id, stable_id
from .licences import Licence
from .permissions import (
    READ_GROUP_POLICIES,
    READ_ROLE_POLICIES,
    WRITE_GROUP_POLICIES,
    WRITE_ROLE_POLICIES,
    Requirement,
    either,
)
from .resources import ROLE_POLICY, ROLE_POLICY_ASSIGNMENT, Kind
from .schedules import Period
from .tenant import Entity, Tenant

_GROUP: Final = "Group"
_DIRECTORY_SCOPES: Final = ("DirectoryRole", "Directory")
"""Two names of one scope: the policies are the same, and have ids of their own."""
_ROLES_IN_GROUPS: Final = ("member", "owner")
_POLICY_ID: Final = re.compile(r"(?P<type>[A-Za-z]+)_(?P<scope>[0-9a-fA-F-]{36})_(?P<id>[0-9a-fA-F-]{36})")
_DURATION: Final = re.compile(
    r"P(?=.)((?P<years>\d+)Y)?((?P<months>\d+)M)?((?P<weeks>\d+)W)?((?P<days>\d+)D)?"
    r"(T(?=.)((?P<hours>\d+)H)?((?P<minutes>\d+)M)?((?P<seconds>\d+)S)?)?"
)
_DAYS: Final = {"years": 365, "months": 30}
"""How many days a year and a month have here, which Microsoft does not document."""


# --- rules

_TARGET: Final = Complex(
    {"caller": TEXT, "enforcedSettings": TEXTS, "inheritableSettings": TEXTS, "level": TEXT, "operations": TEXTS}
)
_SETTING: Final = Complex(
    {
        "approvalMode": TEXT,
        "approvalStages": OBJECTS,
        "isApprovalRequired": SWITCH,
        "isApprovalRequiredForExtension": SWITCH,
        "isRequestorJustificationRequired": SWITCH,
    }
)
_STAGE: Final = Complex(
    {
        "approvalStageTimeOutInDays": NUMBER,
        "escalationApprovers": OBJECTS,
        "escalationTimeInMinutes": NUMBER,
        "isApproverJustificationRequired": SWITCH,
        "isEscalationEnabled": SWITCH,
        "primaryApprovers": OBJECTS,
    }
)
_FIRST_STAGE: Final[JsonObject] = {
    "approvalStageTimeOutInDays": 1,
    "escalationApprovers": [],
    "escalationTimeInMinutes": 0,
    "isApproverJustificationRequired": True,
    "isEscalationEnabled": False,
    "primaryApprovers": [],
}
_PROPERTIES: Final[Mapping[str, Mapping[str, Value | Complex]]] = {
    "Expiration": {"isExpirationRequired": SWITCH, "maximumDuration": TEXT},
    "Enablement": {"enabledRules": some_of("MultiFactorAuthentication Justification Ticketing")},
    "Approval": {"setting": _SETTING},
    "AuthenticationContext": {"claimValue": TEXT, "isEnabled": SWITCH},
    "Notification": {
        "isDefaultRecipientsEnabled": SWITCH,
        "notificationLevel": one_of("None Critical All"),
        "notificationRecipients": TEXTS,
        "notificationType": one_of("Email"),
        "recipientType": one_of("Requestor Approver Admin"),
    },
}
_TYPES: Final = {
    name: Complex({"id": TEXT, "target": _TARGET, **properties}) for name, properties in _PROPERTIES.items()
}
"""The types of rules, by how the id of a rule begins."""


def _first_rules(*, of_group: bool) -> list[JsonValue]:
    """Return the rules that a policy begins with."""
    proofs: list[JsonValue] = ["Justification"] if of_group else ["MultiFactorAuthentication", "Justification"]
    approval: JsonObject = {
        "approvalMode": "SingleStage",
        "approvalStages": [_FIRST_STAGE],
        "isApprovalRequired": False,
        "isApprovalRequiredForExtension": False,
        "isRequestorJustificationRequired": True,
    }
    rules: list[tuple[str, JsonObject]] = [
        ("Expiration_Admin_Eligibility", {"isExpirationRequired": of_group, "maximumDuration": "P365D"}),
        ("Enablement_Admin_Eligibility", {"enabledRules": []}),
        *_first_notifications("Admin_Eligibility"),
        ("Expiration_Admin_Assignment", {"isExpirationRequired": of_group, "maximumDuration": "P180D"}),
        ("Enablement_Admin_Assignment", {"enabledRules": ["Justification"]}),
        *_first_notifications("Admin_Assignment"),
        ("Expiration_EndUser_Assignment", {"isExpirationRequired": True, "maximumDuration": "PT8H"}),
        ("Enablement_EndUser_Assignment", {"enabledRules": proofs}),
        ("Approval_EndUser_Assignment", {"setting": approval}),
        ("AuthenticationContext_EndUser_Assignment", {"claimValue": "" if of_group else None, "isEnabled": False}),
        *_first_notifications("EndUser_Assignment"),
    ]
    return [_rule(rule_id, values, "All" if of_group else "all") for rule_id, values in rules]


def _first_notifications(about: str) -> Iterator[tuple[str, JsonObject]]:
    for recipient in ("Admin", "Requestor", "Approver"):
        yield (
            f"Notification_{recipient}_{about}",
            {
                "isDefaultRecipientsEnabled": True,
                "notificationLevel": "All",
                "notificationRecipients": [],
                "notificationType": "Email",
                "recipientType": recipient,
            },
        )


def _rule(rule_id: str, values: JsonObject, operations: str) -> JsonObject:
    caller, level = rule_id.split("_")[-2:]
    target: JsonObject = {
        "caller": caller,
        "enforcedSettings": [],
        "inheritableSettings": [],
        "level": level,
        "operations": [operations],
    }
    return {"@odata.type": _type_name(rule_id), "id": rule_id, **values, "target": target}


def _type_name(rule_id: str) -> str:
    return f"#microsoft.graph.unifiedRoleManagementPolicy{rule_id.partition('_')[0]}Rule"


def _changed(rule: JsonObject, body: JsonValue) -> JsonObject:
    """Return a rule after a change, or refuse it."""
    rule_id = str(rule["id"])
    if not isinstance(body, dict) or str(body.get("@odata.type")).removeprefix("#") != _type_name(rule_id)[1:]:
        raise errors.invalid_role_policy_rule(rule_id)
    try:
        changed = _TYPES[rule_id.partition("_")[0]].accept(body, rule)
        setting = changed.get("setting")
        if isinstance(setting, dict) and isinstance(setting["approvalStages"], list):
            setting["approvalStages"] = [_STAGE.accept(stage, _FIRST_STAGE) for stage in setting["approvalStages"]]
    except UnfitError:
        raise errors.invalid_role_policy_rule(rule_id) from None
    duration = changed.get("maximumDuration")
    is_limited = _length(duration) is not None
    if "maximumDuration" in changed and not is_limited and (duration or changed["isExpirationRequired"] is True):
        raise errors.invalid_role_policy_rule(rule_id)
    return changed


def _length(duration: JsonValue) -> timedelta | None:
    match = _DURATION.fullmatch(str(duration))
    try:
        parts = {name: int(number) for name, number in match.groupdict().items() if number} if match else {}
        days = sum(parts.pop(name, 0) * number for name, number in _DAYS.items())
        return timedelta(days=days) + timedelta(**parts) if match else None
    except (ValueError, OverflowError):  # more digits, or more days, than there are
        return None


# --- policies


@dataclass(frozen=True)
class _Place:
    """What a policy is about: a role in a scope."""

    scope_type: str
    scope_id: str
    role_id: str

    @property
    def is_group(self) -> bool:
        return self.scope_type == _GROUP

    @property
    def key(self) -> str:
        """The name under which the changed policy is kept."""
        return f"{self.scope_id}/{self.role_id}"


def _places(tenant: Tenant, scope_type: str, scope_id: str) -> Iterator[_Place]:
    """Yield what there are policies about in a scope."""
    if scope_type in _DIRECTORY_SCOPES and scope_id == TENANT_SCOPE:
        own = (definition.id for definition in tenant.scan(Kind.ROLE_DEFINITION))
        for role_id in (*ROLE_TEMPLATES, *own):
            yield _Place(scope_type, scope_id, role_id)
    group = tenant.get(Kind.GROUP, scope_id) if scope_type == _GROUP else None
    if group is not None and group.document["membershipRule"] is None:
        for role_id in _ROLES_IN_GROUPS:
            yield _Place(scope_type, group.id, role_id)


def _policy(tenant: Tenant, place: _Place) -> Entity:
    kept = tenant.named(Kind.ROLE_POLICY, place.key)
    number = kept.id if kept else stable_id(tenant.id, f"rolePolicies/{place.key}")
    scope = place.scope_id if place.is_group else tenant.id
    rules = kept.document["rules"] if kept else _first_rules(of_group=place.is_group)
    changed = kept.document if kept else ROLE_POLICY.blank()
    document: JsonObject = {
        "id": f"{place.scope_type}_{scope}_{number}",
        "description": place.scope_type,
        "displayName": place.scope_type,
        "effectiveRules": rules,
        "isOrganizationDefault": False,
        "lastModifiedBy": changed["lastModifiedBy"] or {"displayName": None, "id": None},
        "lastModifiedDateTime": changed["lastModifiedDateTime"],
        "rules": rules,
        "scopeId": place.scope_id,
        "scopeType": place.scope_type,
    }
    return Entity(0, str(document["id"]), Kind.ROLE_POLICY, document)


def _assignment(call: Call, place: _Place) -> Entity:
    policy = _policy(call.tenant, place)
    hidden = () if "rules" in str(call.query.expand) else ROLE_POLICY.related
    document: JsonObject = {
        "id": f"{policy.id}_{place.role_id}",
        "policy": {name: value for name, value in policy.document.items() if name not in {*hidden, "effectiveRules"}},
        "policyId": policy.id,
        "roleDefinitionId": place.role_id,
        "scopeId": place.scope_id,
        "scopeType": place.scope_type,
    }
    return Entity(0, str(document["id"]), Kind.ROLE_POLICY_ASSIGNMENT, document)


def _check_permission(call: Call, of_roles: Requirement, of_groups: Requirement, scope_type: str) -> None:
    required = of_groups if scope_type == _GROUP else of_roles
    if not required.any_of & call.held:
        raise errors.denied()


def _places_asked_for(call: Call) -> Iterator[_Place]:
    """Yield what a listing is about: its filter must name the scope."""
    scope_id, scope_type = (call.query.where.equals(name) for name in ("scopeId", "scopeType"))
    if scope_id is None or scope_type is None:
        raise errors.role_policies_need_a_scope()
    _check_permission(call, READ_ROLE_POLICIES, READ_GROUP_POLICIES, scope_type)
    return _places(call.tenant, scope_type, scope_id)


def _find_place(call: Call, policy_id: str, of_roles: Requirement, of_groups: Requirement) -> _Place:
    match = errors.existing(_POLICY_ID.fullmatch(policy_id), policy_id)
    _check_permission(call, of_roles, of_groups, match["type"])
    is_tenant = match["type"] in _DIRECTORY_SCOPES and match["scope"].lower() == call.tenant.id
    places = _places(call.tenant, match["type"], TENANT_SCOPE if is_tenant else match["scope"])
    return errors.existing(next((one for one in places if _policy(call.tenant, one).id == policy_id), None), policy_id)


def _find_policy(call: Call) -> Entity:
    place = _find_place(call, call["policy"], READ_ROLE_POLICIES, READ_GROUP_POLICIES)
    return _policy(call.tenant, place)


def _find_assignment(call: Call) -> Entity:
    policy_id, _, role_id = call["assignment"].rpartition("_")
    place = _find_place(call, policy_id, READ_ROLE_POLICIES, READ_GROUP_POLICIES)
    if place.role_id != role_id:
        raise errors.not_found(call["assignment"])
    return _assignment(call, place)


def _rules_of(policy: Entity) -> dict[str, JsonObject]:
    rules = policy.document["rules"]
    return {str(rule["id"]): rule for rule in rules if isinstance(rule, dict)} if isinstance(rules, list) else {}


class About(StrEnum):
    """What a request asks for, by how the ids of the rules that bind it end."""

    ELIGIBILITY = "Admin_Eligibility"
    ASSIGNMENT = "Admin_Assignment"
    ACTIVATION = "EndUser_Assignment"


def _place(role_id: str, group_id: str) -> _Place:
    return _Place(_GROUP, group_id, role_id) if group_id else _Place(_DIRECTORY_SCOPES[0], TENANT_SCOPE, role_id)


def check_request(tenant: Tenant, about: About, given: JsonObject, period: Period, role_id: str, group_id: str) -> None:
    """Refuse a request that the rules of the role do not allow; without a group it is a directory role.

    Sources: "Common errors" of role assignment schedule requests in Azure, and field reports, for the rules' names.
    "Activation is always time-bound": it has an end whatever its rule says.
    """
    rules = _rules_of(_policy(tenant, _place(role_id, group_id)))
    expiration, enabled = rules[f"Expiration_{about}"], rules[f"Enablement_{about}"]["enabledRules"]
    longest = _length(expiration["maximumDuration"])
    ticket = given.get("ticketInfo")
    failed = []
    if (expiration["isExpirationRequired"] is True or about is About.ACTIVATION) and (
        period.ends is None or (longest is not None and period.ends - period.starts > longest)
    ):
        failed.append("ExpirationRule")
    asked = enabled if isinstance(enabled, list) else []
    if "Justification" in asked and not str(given.get("justification") or "").strip():
        failed.append("JustificationRule")
    if "Ticketing" in asked and not (isinstance(ticket, dict) and ticket.get("ticketNumber")):
        failed.append("TicketingRule")
    if failed:
        raise errors.policy_rules_failed(*failed)


def takes_approval(tenant: Tenant, role_id: str, group_id: str) -> bool:
    """Whether an activation waits for somebody to approve it; without a group it is that of a directory role."""
    setting = _rules_of(_policy(tenant, _place(role_id, group_id)))[f"Approval_{About.ACTIVATION}"]["setting"]
    return isinstance(setting, dict) and setting["isApprovalRequired"] is True


def _change(call: Call, changes: Mapping[str, JsonValue]) -> None:
    """Change rules of a policy, by their ids."""
    place, tenant = _find_place(call, call["policy"], WRITE_ROLE_POLICIES, WRITE_GROUP_POLICIES), call.tenant
    rules = _rules_of(_policy(tenant, place))
    for rule_id, body in changes.items():
        if rule_id not in rules:
            raise errors.not_found(rule_id)
        rules[rule_id] = _changed(rules[rule_id], body)
    caller = found(tenant.find(call.caller.object_id), call.caller.object_id)
    changed: JsonObject = {
        "lastModifiedBy": {"displayName": caller.document["displayName"], "id": caller.id},
        "lastModifiedDateTime": now(),
        "rules": [*rules.values()],
    }
    kept = tenant.named(Kind.ROLE_POLICY, place.key)
    if kept is not None and not place.is_group:
        tenant.update(kept, changed)
        return
    if kept is not None:
        tenant.remove(kept)
    number = new_id() if place.is_group else stable_id(tenant.id, f"rolePolicies/{place.key}")
    about: JsonObject = {"displayName": place.key, "scopeId": place.scope_id, "scopeType": place.scope_type}
    tenant.create(ROLE_POLICY, {**about, **changed}, object_id=number, name=place.key)


# --- the endpoints

_READS, _WRITES = either(READ_ROLE_POLICIES, READ_GROUP_POLICIES), either(WRITE_ROLE_POLICIES, WRITE_GROUP_POLICIES)
_POLICIES: Final = Family(
    ROLE_POLICY,
    "/policies/roleManagementPolicies/{policy}",
    _READS,
    category=Category.ROLES,
    licence=Licence.ENTRA_ID_P2,
    paged=False,
    parts=("rules", "effectiveRules"),
    listed=lambda call: (_policy(call.tenant, place) for place in _places_asked_for(call)),
    find=_find_policy,
)
ENDPOINTS: Final = declared(
    _POLICIES,
    Family(
        ROLE_POLICY_ASSIGNMENT,
        "/policies/roleManagementPolicyAssignments/{assignment}",
        _READS,
        category=Category.ROLES,
        licence=Licence.ENTRA_ID_P2,
        paged=False,
        listed=lambda call: (_assignment(call, place) for place in _places_asked_for(call)),
        find=_find_assignment,
    ),
)
_RULE_PATH: Final = f"{_POLICIES.path}/rules/{{rule}}"


@ENDPOINTS.get(_RULE_PATH, _READS, licence=Licence.ENTRA_ID_P2)
def _get_rule(call: Call) -> JsonObject:
    policy = _find_policy(call)
    rule = errors.existing(_rules_of(policy).get(call["rule"]), call["rule"])
    return {"@odata.context": f"{call.root}/$metadata#{ROLE_POLICY.set_name}('{policy.id}')/rules/$entity", **rule}


@ENDPOINTS.change("PATCH", _RULE_PATH, _WRITES, "Update role setting in PIM", licence=Licence.ENTRA_ID_P2)
def _update_rule(call: Call) -> None:
    _change(call, {call["rule"]: call.body})


@ENDPOINTS.change("PATCH", _POLICIES.path, _WRITES, "Update role setting in PIM", licence=Licence.ENTRA_ID_P2)
def _update_policy(call: Call) -> None:
    rules = call.body.get("rules")
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        raise errors.invalid_value("rules", ROLE_POLICY.title)
    _change(call, {str(rule.get("id")): rule for rule in rules if isinstance(rule, dict)})
