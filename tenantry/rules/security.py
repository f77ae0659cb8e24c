"""PT-701 to PT-710: what guards the power that a tenant gives. Evaluated on the tenant itself, as it is."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final

from tenantry.access.declared import powers_of
from tenantry.access.grants import Grant, Kind
from tenantry.access.observed import GroupMembers
from tenantry.access.parts import NotRead, or_none
from tenantry.access.posture import Posture, PoweredApplication
from tenantry.access.principals import Principal, in_tenant
from tenantry.findings import Finding, Level, Severity
from tenantry.graph.models import (
    GUESTS,
    ConditionalAccessPolicy,
    ConditionUsers,
    ConsentType,
    Credential,
    MemberKind,
)
from tenantry.graph_permissions import writes_directory
from tenantry.role_templates import GLOBAL_ADMINISTRATOR
from tenantry.rules.accounts import declared, enabled_people, of_account, unread_holders
from tenantry.rules.model import Evidence, Rule, Said, Source, View, violation


def _is_global(grants: Iterable[Grant]) -> bool:
    return any(one.kind is Kind.DIRECTORY_ROLE and one.target == GLOBAL_ADMINISTRATOR.id for one in grants)


# --- multifactor authentication


_EVERY_CLIENT: Final = {"browser", "mobileappsanddesktopclients", "exchangeactivesync", "other"}


def requires_of_everybody(policy: ConditionalAccessPolicy) -> bool:
    """Whether a policy, if it is enabled, requires multifactor authentication of everybody for every application.

    One that holds only in some places, on some devices or at some risk does not; nor one with another way out.
    """
    conditions, controls = policy.conditions, policy.grant_controls
    if controls is None or conditions.users is None or conditions.applications is None:
        return False
    narrowed = (
        conditions.locations,
        conditions.platforms,
        conditions.devices,
        conditions.authentication_flows,
        conditions.sign_in_risk_levels,
        conditions.user_risk_levels,
        conditions.insider_risk_levels,
        conditions.applications.exclude_applications,
        conditions.applications.application_filter,
        conditions.users.exclude_guests_or_external_users,
        GUESTS in conditions.users.exclude_users,
    )
    clients = {one.casefold() for one in conditions.client_app_types}
    if any(narrowed) or not ("all" in clients or clients >= _EVERY_CLIENT):
        return False
    asked = [*controls.built_in_controls, *controls.custom_authentication_factors, *controls.terms_of_use]
    strength = controls.authentication_strength
    # A strength that a tenant made itself may allow a password alone.
    strong = "mfa" in controls.built_in_controls or bool(strength and strength.get("requirementsSatisfied") != "none")
    alternatives = len(asked) + (strength is not None)
    alone = alternatives == 1 or (controls.operator or "").upper() == "AND"
    everybody = {"All"} <= set(conditions.users.include_users)
    everything = {"All"} <= set(conditions.applications.include_applications)
    return strong and alone and everybody and everything


def _left_out(posture: Posture, policy: ConditionalAccessPolicy) -> set[str]:
    """The object ids that a policy leaves out by name or by a group."""
    users = policy.conditions.users or ConditionUsers()
    groups = {} if isinstance(posture.left_out_groups, NotRead) else posture.left_out_groups
    inside = (or_none(groups.get(id_.lower(), ())) for id_ in users.exclude_groups)
    return {one.lower() for one in users.exclude_users} | {member.id for some in inside for member in some}


def _is_excluded(posture: Posture, policy: ConditionalAccessPolicy, object_id: str, grants: Iterable[Grant]) -> bool:
    users = policy.conditions.users
    if users is None:
        return True
    roles = {one.target for one in grants if one.kind is Kind.DIRECTORY_ROLE}
    by_role = roles & {one.lower() for one in users.exclude_roles}
    return bool(by_role) or object_id in _left_out(posture, policy)


def _is_bound(posture: Posture, policy: ConditionalAccessPolicy, object_id: str, grants: tuple[Grant, ...]) -> bool:
    """Whether a policy may hold for somebody. Who is in a group that it is for was not asked."""
    users = policy.conditions.users or ConditionUsers()
    roles = {one.target for one in grants if one.kind is Kind.DIRECTORY_ROLE}
    named = {"all", object_id} & {one.lower() for one in users.include_users}
    meant = named or users.include_groups or roles & {one.lower() for one in users.include_roles}
    return bool(meant) and not _is_excluded(posture, policy, object_id, grants)


def _required(evidence: Evidence) -> Said:
    posture, tenant = evidence.seen.posture, evidence.tenant
    if posture.security_defaults is True:
        return
    policies = posture.conditional_access
    if isinstance(policies, NotRead):
        yield policies
        return
    candidates = [one for one in policies if requires_of_everybody(one)]
    enabled = [one for one in candidates if one.state == "enabled"]
    if not enabled:
        if isinstance(posture.security_defaults, NotRead):
            yield posture.security_defaults
            return
        reported = ", ".join(f"`{one.display_name}`" for one in candidates)
        nearly = f"; {reported} would, but is not enabled" if reported else ""
        yield violation(
            tenant.name,
            "security defaults are off, and no Conditional Access policy requires multifactor authentication of "
            f"everybody for every application{nearly}",
            "multifactor authentication for every account of a partner tenant, including guests",
            "enable security defaults, or a Conditional Access policy for all users and all applications that grants "
            "access only with multifactor authentication",
            ("id",),
            severity=Severity.CRITICAL,
        )
        return
    yield from _left_out_not_read(posture, enabled)
    yield from unread_holders(evidence)
    yield from _excluded(evidence, enabled)


def _excluded(evidence: Evidence, enabled: list[ConditionalAccessPolicy]) -> Iterator[Finding]:
    names = ", ".join(f"`{one.display_name}`" for one in enabled)
    posture = evidence.seen.posture
    for id_, grants in enabled_people(evidence):
        if all(_is_excluded(posture, one, id_, grants) for one in enabled):
            person = declared(evidence, id_)
            emergency = person is not None and person[1].emergency
            # Microsoft wants one emergency account left out of the policies, and multifactor authentication of all: a
            # passkey is both.
            if emergency and _has_passkey(evidence, id_):
                continue
            yield of_account(
                evidence,
                id_,
                f"excluded from {names}: may sign in without multifactor authentication",
                "no excluded account in a partner tenant",
                "remove them from the policy's exclusions; an emergency account signs in with a passkey"
                if emergency
                else "remove them from the policy's exclusions",
                level=Level.ADVISORY if emergency else None,
            )
    others = _others_left_out(evidence, enabled)
    if others:
        number = f"{len(others):,} account{'s' * (len(others) > 1)} that hold{'s' * (len(others) == 1)} nothing"
        few = ", ".join(others[:_NAMES_SHOWN]) + (", …" if len(others) > _NAMES_SHOWN else "")
        yield violation(
            evidence.tenant.name,
            f"{number}, excluded from {names}, may sign in without multifactor authentication ({few})",
            "no excluded account in a partner tenant",
            "remove them and their groups from the policy's exclusions",
            ("id",),
        )


_NAMES_SHOWN: Final = 5


def _others_left_out(evidence: Evidence, enabled: list[ConditionalAccessPolicy]) -> list[str]:
    """The names of those who hold nothing, can sign in, and whom each policy leaves out by name or by a group."""
    posture = evidence.seen.posture
    groups = {} if isinstance(posture.left_out_groups, NotRead) else posture.left_out_groups
    named = [in_tenant(one) for one in or_none(posture.left_out_accounts)]
    inside = [in_tenant(member) for members in groups.values() for member in or_none(members)]
    by_all = set.intersection(*(_left_out(posture, one) for one in enabled))
    # Of those who hold something each is a finding of its own, and emergency accounts have their own rule.
    powerful = {*evidence.seen.holders} | {id_ for _, id_ in _emergency_ids(evidence)}
    found = {one.object_id: str(one) for one in (*named, *inside) if one.kind is MemberKind.USER and one.enabled}
    return sorted(name for id_, name in found.items() if id_ in by_all - powerful)


def _left_out_not_read(posture: Posture, enabled: list[ConditionalAccessPolicy]) -> Iterator[NotRead]:
    """Why it is not known whom policies leave out."""
    if isinstance(posture.left_out_accounts, NotRead):
        yield posture.left_out_accounts
    if isinstance(posture.left_out_groups, NotRead):
        yield posture.left_out_groups
        return
    groups = {id_.lower() for one in enabled if one.conditions.users for id_ in one.conditions.users.exclude_groups}
    yield from (one for id_, one in posture.left_out_groups.items() if id_ in groups and isinstance(one, NotRead))


def _registered(evidence: Evidence) -> Said:
    registrations = evidence.seen.posture.registrations
    if isinstance(registrations, NotRead):
        yield registrations
        return
    yield from unread_holders(evidence)
    for id_, grants in enabled_people(evidence):
        registration = registrations.get(id_)
        if registration and registration.is_mfa_capable:
            continue
        methods = ", ".join(registration.methods_registered) if registration else ""
        weak = f"; registered: {methods}, which is not strong enough or not allowed" if methods else ""
        yield of_account(
            evidence,
            id_,
            f"holds {', '.join(evidence.seen.held_by(id_))} without multifactor authentication registered{weak}",
            "a strong method, registered and allowed, for everybody with privileged access",
            "have them register one (https://aka.ms/mfasetup), with a Temporary Access Pass where they have none",
            severity=Severity.CRITICAL if _is_global(grants) else None,
        )


# --- emergency accounts

_PHISHING_RESISTANT: Final = ("passkey", "fido", "certificate", "windowshello")


def _emergency_ids(evidence: Evidence) -> Iterator[tuple[str, str]]:
    """The emergency accounts that the tenant has: key and object id."""
    for id_, (key, person) in evidence.declared_by_object_id.items():
        if person.emergency and not person.leaves:
            yield key, id_


def _has_passkey(evidence: Evidence, object_id: str) -> bool:
    registrations = evidence.seen.posture.registrations
    one = None if isinstance(registrations, NotRead) else registrations.get(object_id)
    methods = one.methods_registered if one else ()
    return any(method.casefold().startswith(_PHISHING_RESISTANT) for method in methods)


def _lock_out(evidence: Evidence) -> Said:
    posture = evidence.seen.posture
    emergency = dict(_emergency_ids(evidence))
    policies = posture.conditional_access
    if isinstance(policies, NotRead):
        yield policies
    else:
        enabled = [one for one in policies if one.state == "enabled"]
        grants = evidence.seen.people
        free = [
            id_
            for id_ in emergency.values()
            if not any(_is_bound(posture, one, id_, grants.get(id_, ())) for one in enabled)
        ]
        if enabled and emergency and not free:
            yield violation(
                evidence.tenant.name,
                "every emergency account is subject to a Conditional Access policy: a mistake can lock all of them out",
                "at least one emergency account that is excluded from every policy, and signs in with a passkey",
                "exclude one emergency account from every policy; a passkey gives it the multifactor authentication "
                "that Microsoft requires",
                ("people",),
            )
    registrations = posture.registrations
    if isinstance(registrations, NotRead):
        yield registrations
        return
    for id_ in emergency.values():
        one = registrations.get(id_)
        methods = one.methods_registered if one else ()
        if not _has_passkey(evidence, id_):
            yield of_account(
                evidence,
                id_,
                f"an emergency account with {', '.join(methods) or 'no method'} registered",
                "a passkey (FIDO2) or a certificate, which depends on no telephone or other service",
                "register a security key for it, and keep the key in a safe place",
            )


_TRIED: Final = timedelta(days=90)
_JUST_NOW: Final = timedelta(days=7)


def _emergency_use(evidence: Evidence) -> Said:
    sign_ins = evidence.seen.posture.sign_ins
    if isinstance(sign_ins, NotRead):
        yield sign_ins
        return
    for _, id_ in _emergency_ids(evidence):
        activity = sign_ins.get(id_)
        last = activity.last if activity else None
        tried = activity.last_try if activity else None
        if tried and _age(tried, evidence.today) <= _JUST_NOW:
            yield of_account(
                evidence,
                id_,
                f"an emergency account that was used on {tried:%Y-%m-%d}, or that somebody tried to use",
                "an emergency account that is used only in an emergency or a drill",
                "find out who used it and why; if nobody knows, change its credentials today",
                severity=Severity.HIGH,
            )
        elif last is None or _age(last, evidence.today) > _TRIED:
            yield of_account(
                evidence,
                id_,
                f"an emergency account that was last used {_on(last)}",
                "an emergency account that is tested every 90 days",
                "sign in with it to test it, and record the test",
            )


# --- who holds power and does not use it


def _asleep(evidence: Evidence) -> Said:
    seen = evidence.seen
    sign_ins = seen.posture.sign_ins
    if isinstance(sign_ins, NotRead):
        yield sign_ins
        return
    yield from unread_holders(evidence)
    emergency = {id_ for _, id_ in _emergency_ids(evidence)}
    for id_, _ in enabled_people(evidence):
        account = seen.accounts.get(id_)
        new = account and account.created_date_time and _age(account.created_date_time, evidence.today) <= _TRIED
        activity = sign_ins.get(id_)
        last = activity.last if activity else None
        if id_ in emergency or (new and last is None) or (last and _age(last, evidence.today) <= _TRIED):
            continue
        yield of_account(
            evidence,
            id_,
            f"holds {', '.join(seen.held_by(id_))} and "
            + (f"last signed in {_on(last)}" if last else "has never signed in, as far as the tenant knows"),
            "privileged access only for people who have used it within 90 days",
            "remove the access that they do not use, or declare them `state: leaver`",
        )


def _age(moment: datetime, today: date) -> timedelta:
    return datetime(today.year, today.month, today.day, tzinfo=UTC) - moment.astimezone(UTC)


def _on(moment: datetime | None) -> str:
    return f"on {moment:%Y-%m-%d}" if moment else "never, as far as the tenant knows"


# --- who can give power, beside administrators


def _group_names(evidence: Evidence) -> dict[str, str]:
    """What groups that give power are called, by object id."""
    seen = evidence.seen
    found = {id_: one.name for id_, one in seen.known.items() if one.is_group}
    agent_groups = seen.tenant.agent_groups.items()
    return found | {one.group.id: name.value for name, one in agent_groups if isinstance(one, GroupMembers)}


def _declared_in(evidence: Evidence) -> dict[str, frozenset[str]]:
    """The keys of the people whom the declaration puts into each group for customers, by the group's object id."""
    plan, there = evidence.tenant.gdap, evidence.seen.tenant.at_customers
    found = ((there.group_named(one), one.people) for one in plan.groups.values()) if plan and there else ()
    return {group.group.id: frozenset(people) for group, people in found if group}


def _may_join(evidence: Evidence) -> Said:
    """Who may activate a place in a group, but for people to whom the declaration gives what the group gives."""
    seen, names, at_customers = evidence.seen, _group_names(evidence), _declared_in(evidence)
    found = seen.tenant.agent_groups.items()
    agent_groups = {one.group.id: group for group, one in found if isinstance(one, GroupMembers)}
    yield from unread_holders(evidence)
    for group_id, eligible in seen.posture.eligible.items():
        if isinstance(eligible, NotRead):
            yield eligible
            continue
        name = names.get(group_id, group_id)
        for one in eligible:
            person = declared(evidence, one.principal_id)
            given = powers_of(evidence.tenant, person[1]) if person else frozenset()
            is_declared = agent_groups.get(group_id) in given or (
                person is not None and not person[1].leaves and person[0] in at_customers.get(group_id, ())
            )
            if one.access_id != "owner" and is_declared:
                continue
            place = "ownership" if one.access_id == "owner" else "membership"
            yield of_account(
                evidence,
                one.principal_id,
                f"may activate {place} of the group {name}",
                "eligible membership of a privileged group only for people to whom the declaration gives its access",
                "declare the role that they need, or remove the eligibility in Privileged Identity Management",
            )


def _owners(evidence: Evidence) -> Said:
    seen = evidence.seen
    yield from unread_holders(evidence)
    names = _group_names(evidence)
    for group_id, owners in seen.posture.owners.items():
        name = names.get(group_id, group_id)
        if isinstance(owners, NotRead):
            yield owners
            continue
        for owner in owners:
            yield _owned(evidence, in_tenant(owner), f"owns the group {name}, and can add anybody to it", name)


def _owned(evidence: Evidence, owner: Principal, actual: str, what: str) -> Finding:
    """What ownership comes to: advice where the owner can give as much anyway."""
    grants = evidence.seen.people.get(owner.object_id, ())
    person = declared(evidence, owner.object_id)
    subject = f"{person[1].full_name} ({person[1].upn})" if person else str(owner)
    return violation(
        subject,
        actual,
        "no owners: an owner can give privileged access outside the declaration",
        f"remove them from the owners of {what} in the Entra admin center",
        ("people", person[0]) if person else ("people",),
        about=person[0] if person else owner.object_id,
        level=Level.ADVISORY if person and _is_global(grants) else None,
    )


_OWN_PROFILE: Final = "User.ReadWrite"


def _in_names_of_all(evidence: Evidence) -> Said:
    """Applications that write the directory as anybody who signs in to them, by a consent for the whole tenant."""
    tenant = evidence.seen.tenant
    for part in (tenant.consents, tenant.service_principals):
        if isinstance(part, NotRead):
            yield part
            return
    known = {one.id: one for one in or_none(tenant.service_principals)}
    granted: dict[str, set[str]] = {}
    for consent in or_none(tenant.consents):
        client = known.get(consent.client_id)
        is_ftop = client is not None and client.app_id == (evidence.seen.ftop_application or "").lower()
        if consent.consent_type is ConsentType.ALL_PRINCIPALS and not is_ftop:
            writing = {one for one in (consent.scope or "").split() if writes_directory(one)}
            granted.setdefault(consent.client_id, set()).update(writing - {_OWN_PROFILE})
    for id_, names in sorted(granted.items()):
        if names:
            name = known[id_].display_name if id_ in known else None
            yield violation(
                f"the application {name or id_} ({id_})",
                f"may change the directory in the name of anybody who signs in to it ({', '.join(sorted(names))})",
                "for each application that can change the directory, a person responsible",
                "revoke the consent in Entra ID under Enterprise applications, or declare an exception for "
                f"`{id_}` with its owner and its end",
                ("id",),
                about=id_,
                level=Level.ADVISORY,
            )


def _applications(evidence: Evidence) -> tuple[tuple[PoweredApplication, ...], tuple[NotRead, ...]]:
    """The applications that hold power; and why they are not known."""
    found = evidence.seen.posture.applications
    return ((), (found,)) if isinstance(found, NotRead) else (found, ())


def _that_write(evidence: Evidence) -> Said:
    yield from _in_names_of_all(evidence)
    applications, unread = _applications(evidence)
    yield from unread
    for one in applications:
        if one.permissions:
            elsewhere = f", and is registered in the tenant {one.registered_in}" if one.registered_in else ""
            yield _of_application(
                one,
                f"may change the directory on its own, without a user ({', '.join(one.permissions)}){elsewhere}",
                "for each application that can change the directory, a person responsible",
                "remove the permissions in Entra ID under Enterprise applications, or declare an exception for "
                f"`{one.principal.id}` with its owner and its end",
            )


def _owners_of_applications(evidence: Evidence) -> Said:
    yield from unread_holders(evidence)
    applications, unread = _applications(evidence)
    yield from unread
    for one in applications:
        yield from _registered_elsewhere(
            one, "who owns it", "no owners: an owner can give privileged access outside the declaration"
        )
        if isinstance(one.owners, NotRead):
            yield one.owners
            continue
        held = (*one.permissions, *evidence.seen.at_customers.get(one.principal.id, ()))
        power = ", ".join(held) or "its access in the tenant"
        for owner in one.owners:
            actual = f"owns the application {one.name}, and can sign in as it and use {power}"
            yield _owned(evidence, in_tenant(owner), actual, f"the application {one.name}")


def _registered_elsewhere(one: PoweredApplication, what: str, expected: str) -> Iterator[Finding]:
    """Advice, which an exception settles: no permission would ever show what another tenant keeps."""
    if one.registered_in:
        yield _of_application(
            one,
            f"is registered in the tenant {one.registered_in}, and only that tenant shows {what}: not evaluated",
            expected,
            "ask its publisher, and declare an exception for "
            f"`{one.principal.id}` with its owner and its end, or remove its access",
            Level.ADVISORY,
        )


_LONGEST: Final = timedelta(days=366)
_ONE_CREDENTIAL: Final = (
    "for a privileged application, one credential at a time, valid for at most a year, and none that has expired"
)


def _credentials(evidence: Evidence) -> Said:
    yield from unread_holders(evidence)
    applications, unread = _applications(evidence)
    yield from unread
    for one in applications:
        yield from _registered_elsewhere(one, "its credentials", _ONE_CREDENTIAL)
        if isinstance(one.credentials, NotRead):
            yield one.credentials
            continue
        ended, running = _parted(one.credentials, evidence.today)
        wrong = [
            *([f"{len(ended)} that expired"] if ended else []),
            *([f"{len(running)} valid at the same time"] if len(running) > 1 else []),
            *(
                [f"one that is valid until {max(running):%Y-%m-%d}"]
                if running and max(running) - _today(evidence.today) > _LONGEST
                else []
            ),
        ]
        if wrong:
            until = ", ".join(f"{end:%Y-%m-%d}" for end in sorted(running))
            number = f"{_count(len(running), 'credential')} valid" + (f", until {until}" if until else "")
            yield _of_application(
                one,
                f"{number}: {', '.join(wrong)}",
                _ONE_CREDENTIAL,
                "remove expired and unused credentials, and renew the others within a year; a federated or managed "
                "identity needs none",
            )


def _parted(credentials: Iterable[Credential], today: date) -> tuple[list[datetime], list[datetime]]:
    ends = [one.end_date_time for one in credentials if one.end_date_time]
    now = _today(today)
    return [end for end in ends if end < now], [end for end in ends if end >= now]


def _today(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _of_application(
    one: PoweredApplication, actual: str, expected: str, remediation: str, level: Level | None = None
) -> Finding:
    return violation(
        f"the application {one.name} ({one.principal.id})",
        actual,
        expected,
        remediation,
        ("id",),
        about=one.principal.id,
        level=level,
    )


def _count(number: int, one: str) -> str:
    return f"{number} {one}{'' if number == 1 else 's'}"


RULES: Final = (
    Rule(
        "PT-701",
        "Multifactor authentication is required for everybody",
        Level.MANDATORY,
        Severity.HIGH,
        f'{Source.SECURITY}: "enforce MFA for all user accounts in their partner tenant, including guest users"',
        "Enable security defaults, or a Conditional Access policy for all users and all applications.",
        {View.OBSERVED: _required},
        on_the_tenant="whether security defaults or a policy of Conditional Access require it",
        also_advises=True,
    ),
    Rule(
        "PT-702",
        "Everybody with privileged access has registered multifactor authentication",
        Level.MANDATORY,
        Severity.HIGH,
        f'{Source.SECURITY}: "enforce MFA for all user accounts in their partner tenant"',
        "Have them register a strong method, with a Temporary Access Pass where they have none.",
        {View.OBSERVED: _registered},
        on_the_tenant="who has registered it",
    ),
    Rule(
        "PT-703",
        "No policy can lock out every emergency account, and each signs in with a passkey",
        Level.ADVISORY,
        Severity.HIGH,
        f"{Source.EMERGENCY}: exclude at least one account from Conditional Access policies; use strong authentication",
        "Exclude one emergency account from every policy, and register a security key for each.",
        {View.OBSERVED: _lock_out},
        on_the_tenant="which policies apply to emergency accounts, and how they sign in",
    ),
    Rule(
        "PT-704",
        "Emergency accounts are tested every 90 days, and otherwise used only in an emergency",
        Level.ADVISORY,
        Severity.MEDIUM,
        f"{Source.EMERGENCY}: monitor sign-in and audit logs; validate accounts regularly",
        "Test each of them every 90 days, and investigate every other use.",
        {View.OBSERVED: _emergency_use},
        on_the_tenant="when emergency accounts were last used",
    ),
    Rule(
        "PT-705",
        "Privileged access is used",
        Level.ADVISORY,
        Severity.MEDIUM,
        f"{Source.ENTRA}: best practices for Entra roles, 4: review who holds what; 90 days are ours",
        "Remove privileged access that was not used for 90 days.",
        {View.OBSERVED: _asleep},
        on_the_tenant="when people with privileged access last signed in",
    ),
    Rule(
        "PT-706",
        "A group that gives privileged access has no owners",
        Level.MANDATORY,
        Severity.HIGH,
        f"{Source.ENTRA}: owners of a group manage its members; that this is undeclared access is our reading",
        "Remove the owners: administrators can manage the group without being owners.",
        {View.OBSERVED: _owners},
        on_the_tenant="who owns agent groups and groups that hold directory roles or roles at customers",
        also_advises=True,
    ),
    Rule(
        "PT-707",
        "Every application that can change the directory has a person responsible",
        Level.MANDATORY,
        Severity.HIGH,
        f"{Source.APPLICATIONS}: review application permissions, and grant the least",
        "Remove the permissions, or declare an exception with the application's owner and its end.",
        {View.OBSERVED: _that_write},
        on_the_tenant="what applications may do on their own, and in the name of their users",
        also_advises=True,
    ),
    Rule(
        "PT-708",
        "A privileged application has no owners",
        Level.MANDATORY,
        Severity.HIGH,
        f"{Source.APPLICATIONS}: owners of an application can add credentials to it",
        "Remove the owners: administrators can manage the application without being owners.",
        {View.OBSERVED: _owners_of_applications},
        on_the_tenant="who owns privileged applications",
        also_advises=True,
    ),
    Rule(
        "PT-709",
        "Privileged applications have one credential at a time, valid for at most a year",
        Level.ADVISORY,
        Severity.MEDIUM,
        f"{Source.APPLICATIONS}: rotate credentials, and prefer certificates and managed identities; a year is ours",
        "Remove expired and unused credentials, and renew the others within a year.",
        {View.OBSERVED: _credentials},
        on_the_tenant="which credentials such applications have, and when they expire",
    ),
    Rule(
        "PT-710",
        "Only declared people are eligible for membership of a privileged group",
        Level.MANDATORY,
        Severity.HIGH,
        f"{Source.ENTRA}: Privileged Identity Management for groups; that this is undeclared access is our reading",
        "Declare the role that they need, or remove the eligibility in Privileged Identity Management.",
        {View.OBSERVED: _may_join},
        on_the_tenant="who is eligible for membership of agent groups and groups that hold directory roles or roles at "
        "customers",
    ),
)
