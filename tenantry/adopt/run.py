"""``tenantry adopt``: reads a tenant, and writes the files that declare it as it is. Writes nothing to the tenant."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from tenantry.access.observed import GroupMembers, ObservedTenant, observe
from tenantry.access.parts import NotRead, Parts, or_none
from tenantry.access.parts import read as read_part
from tenantry.adopt.consent import FtopConsent, consent_of, own_consents_of
from tenantry.adopt.model import Adopted, Change
from tenantry.adopt.propose import AdoptError, Facts, Proposal, Written, propose
from tenantry.adopt.questions import LATER, About, Answer, Question
from tenantry.adopt.write import customers_file, partner_file, stack_file, tenant_file
from tenantry.declaration import load
from tenantry.declaration.customers import GdapPlan
from tenantry.declaration.document import read
from tenantry.declaration.fields import is_key
from tenantry.errors import NOT_FOUND, NOT_REACHED, EngineError
from tenantry.graph.client import GraphReader
from tenantry.graph.models import Group
from tenantry.project.paths import Project
from tenantry.project.stack_files import StackFile, stack_files
from tenantry.project.stacks import DEV_STACK
from tenantry.roles import AgentGroup
from tenantry.scaffold.release import INVENTED


class NotNamedError(EngineError):
    """A name on the command line that names no tenant."""

    exit_code = NOT_FOUND


class NotReadError(EngineError):
    """A part of the tenant that a declaration cannot do without was not read."""

    exit_code = NOT_REACHED


@dataclass(frozen=True)
class Options:
    """What the command line says."""

    answers: Mapping[str, Answer] = field(default_factory=dict)
    stack: str | None = None
    country: str | None = None
    ftop_application: str | None = None


Ask = Callable[[tuple[Question, ...]], Mapping[str, Answer]]
"""Puts the open questions to somebody, and gives the answers."""

_GROUP_NAME: Final = f"{About.GROUP_NAME}/"


def adopt(
    project: Project,
    name: str,
    options: Options = Options(),
    ask: Ask | None = None,
    environment: Mapping[str, str] | None = None,
    today: date | None = None,
) -> Adopted:
    """Read the tenant that the environment signs in to, and say what to write of it.

    Raises GraphError where nothing was read, DeclarationError where the files that are there are wrong, and EngineError
    where the tenant cannot be declared as it is.
    """
    partner, tenant_name = _names(name)
    written = _written(project, partner, tenant_name)
    stack = options.stack or _free_stack(project, partner, tenant_name)
    variables = os.environ if environment is None else environment
    with GraphReader.from_environment(variables) as graph:
        facts = read_facts(graph, partner, tenant_name, written, options, today or date.today())
    _refuse_another_tenant(facts.observed, name, written)
    answers = {key: one for key, one in options.answers.items() if not key.startswith(_GROUP_NAME)}
    proposal = propose(facts, written, answers)
    if ask and proposal.questions:
        given = ask(proposal.questions)
        answers |= {key: one for key, one in given.items() if not key.startswith(_GROUP_NAME)}
        proposal = propose(facts, written, answers)
    return Adopted(name, stack, facts.observed.tenant_id or "", proposal, _files(project, name, stack, proposal))


def _files(project: Project, name: str, stack: str, proposal: Proposal) -> tuple[Change, ...]:
    customers = customers_file(project, name, proposal)
    return (
        partner_file(project, name, proposal.tenant.name),
        tenant_file(project, name, proposal),
        *((customers,) if customers else ()),
        stack_file(project, stack, name),
    )


def _names(name: str) -> tuple[str, str]:
    partner, _, tenant = name.partition("/")
    if not (is_key(partner) and is_key(tenant)):
        raise NotNamedError(
            f"{name!r} does not name a tenant with its partner. Write PARTNER/TENANT, such as northwind/main: "
            "lower-case letters, digits and hyphens, a letter first."
        )
    return partner, tenant


def _written(project: Project, partner: str, tenant_name: str) -> Written:
    folder = project.partners / partner
    if not (folder / "partner.yaml").exists():
        return Written()
    declaration = load(folder)
    if tenant_name not in declaration.tenants:
        return Written(declaration)
    files = [folder / "tenants" / f"{tenant_name}.yaml", folder / "customers" / f"{tenant_name}.yaml"]
    content = {name: value for file in files if file.exists() for name, value in read(file).content.items()}
    return Written(declaration, content)


def _free_stack(project: Project, partner: str, tenant_name: str) -> str:
    """The stack that manages the tenant, or the name of a new one."""
    files = [one for one in stack_files(project.root) if isinstance(one, StackFile)]
    own = [one.name for one in files if one.tenant == f"{partner}/{tenant_name}" and one.name != DEV_STACK]
    taken = {one.name for one in files} | {DEV_STACK}
    return own[0] if own else tenant_name if tenant_name not in taken else f"{partner}-{tenant_name}"


# --- reading


def read_facts(
    graph: GraphReader, partner: str, tenant_name: str, written: Written, options: Options, today: date
) -> Facts:
    """What a proposal takes of a tenant. Raises GraphError, and NotReadError where a part of it was not read."""
    pinned = _pinned(written)
    chosen = {key: one.choice for key, one in options.answers.items() if key.startswith(_GROUP_NAME)}
    named = _named(graph)
    pins: dict[AgentGroup, str] = {}
    look_alikes: dict[AgentGroup, tuple[Group, ...]] = {}
    for group, candidates in named.items():
        choice = chosen.get(f"{_GROUP_NAME}{group}", LATER).lower()
        if choice not in {LATER, *(one.id for one in candidates)}:
            ids = " or ".join(one.id for one in candidates) or "none: no security group has this name"
            raise NotNamedError(f"`{_GROUP_NAME}{group}={choice}` is no group of that name. Found: {ids}.")
        taken = choice if choice != LATER else pinned.get(group) or _partner_centers(group, candidates)
        if taken:
            pins[group] = taken
        others = tuple(one for one in candidates if one.id != taken)
        if others and taken:
            look_alikes[group] = others
    stated = GdapPlan.model_validate((written.content or {}).get("gdap") or {})
    observed = observe(graph, pins, customer_groups=stated.groups.values())
    _refuse_parts(observed)
    _refuse_without_a_country(observed, written, options)
    _refuse_missing_groups(observed)
    _refuse_other_groups(observed)
    return Facts(
        observed,
        partner,
        tenant_name,
        today,
        look_alikes,
        _beyond_reach(graph, observed),
        {group: Parts(graph).group_eligibilities(group) for group in sorted(observed.customer_groups)},
        _consent(graph, observed, written, options),
        own_consents_of(observed, application) if (application := _ftop_application(written, options)) else None,
        options.country,
    )


def _consent(graph: GraphReader, observed: ObservedTenant, written: Written, options: Options) -> FtopConsent | None:
    """The consent to FTOP, where its application is known. Raises NotReadError where consents are not."""
    application = _ftop_application(written, options)
    if application is None:
        return None
    if observed.consents_not_read:
        raise NotReadError(f"Nothing was written: the consent to FTOP was not read. {observed.consents_not_read.text}")
    ids = {grant.resource_id for grant in or_none(observed.consents)}
    found = read_part(lambda: tuple(graph.service_principals_by_id(ids)))
    if isinstance(found, NotRead):
        raise NotReadError(f"Nothing was written: the consent to FTOP was not read. {found.text}")
    return consent_of(observed, application, {one.id: one.app_id for one in found})


def _ftop_application(written: Written, options: Options) -> str | None:
    return options.ftop_application or (written.content or {}).get("ftop", {}).get("application_id")


def _beyond_reach(graph: GraphReader, observed: ObservedTenant) -> frozenset[str]:
    """The eligible roles that no stack can take over: the provider does it by a request that says a reason."""
    ids = {one.id for one in or_none(observed.role_eligibilities)}
    found = read_part(lambda: tuple(graph.role_eligibility_requests())) if ids else ()
    return frozenset(ids - {request.id for request in or_none(found) if request.justification})


def _pinned(written: Written) -> dict[AgentGroup, str]:
    ids = (written.content or {}).get("agent_groups", {}).get("ids", {})
    return {AgentGroup(group): object_id.lower() for group, object_id in ids.items()}


def _named(graph: GraphReader) -> dict[AgentGroup, list[Group]]:
    """The security groups that are called like an agent group."""
    names = [name for group in AgentGroup for name in (group.value, group.title)]
    found: dict[AgentGroup, list[Group]] = {group: [] for group in AgentGroup}
    for one in graph.groups_named(names):
        group = AgentGroup.by_display_name(one.display_name or "")
        if group and one.security_enabled:
            found[group].append(one)
    return found


def _partner_centers(group: AgentGroup, candidates: list[Group]) -> str | None:
    """The group that Partner Center made: the only one of its name, or the only one that is spelt as it spells it."""
    spelt = [one for one in candidates if one.display_name == group.value]
    if len(candidates) > 1 and len(spelt) != 1:
        ids = " or ".join(f"`--answer {_GROUP_NAME}{group}={one.id}`" for one in candidates)
        raise AdoptError(
            f"The tenant has {len(candidates)} security groups named {group}, and nothing tells which one Partner "
            f"Center made. Look at their members and their dates in the Entra admin center, and say which it is: {ids}."
        )
    return spelt[0].id if spelt else candidates[0].id if candidates else None


def _refuse_parts(observed: ObservedTenant) -> None:
    """Refuse what was read in part: who was not seen would be left out in silence."""
    unread = [observed.organization, observed.users, observed.roles_not_read]
    unread += [one for one in observed.agent_groups.values() if isinstance(one, NotRead) and one.cause.name != "GONE"]
    reasons = dict.fromkeys(one.text for one in unread if isinstance(one, NotRead))
    if reasons:
        raise NotReadError("Nothing was written: parts of the tenant could not be read. " + " ".join(reasons))


def _refuse_without_a_country(observed: ObservedTenant, written: Written, options: Options) -> None:
    organization = observed.organization
    unsaid = isinstance(organization, NotRead) or not organization.country_letter_code
    if unsaid and not options.country and written.content is None:
        raise AdoptError(
            "The tenant does not show its country. Add --country with the two letters that were chosen when it was "
            "created, such as US. A tenant's country never changes."
        )


def _refuse_missing_groups(observed: ObservedTenant) -> None:
    missing = [group for group in AgentGroup if isinstance(observed.agent_groups.get(group), NotRead)]
    if missing and len(missing) < len(AgentGroup):
        raise AdoptError(
            f"The tenant has some agent groups and lacks {', '.join(missing)}. Partner Center makes all three at "
            "enrolment, and every update would be refused: if one was renamed, rename it back in the Entra admin "
            "center."
        )


def _refuse_other_groups(observed: ObservedTenant) -> None:
    """Refuse a group that the file names and that is called otherwise: its members would become agents."""
    for group, found in observed.agent_groups.items():
        if isinstance(found, GroupMembers) and AgentGroup.by_display_name(found.group.display_name or "") is not group:
            raise AdoptError(
                f"{group.renamed(found.group.id, found.group.display_name or '')} If it is another group, correct "
                f"`agent_groups.ids.{group}`. Nothing was written."
            )


def _refuse_another_tenant(observed: ObservedTenant, name: str, written: Written) -> None:
    declared = (written.content or {}).get("id")
    if declared and str(declared).lower() != observed.tenant_id:
        remediation = "sign in to the declared tenant (ARM_TENANT_ID), or give this one another name."
        if declared == INVENTED:
            folder = f"partners/{name.partition('/')[0]}"
            remediation = f"that is the invented one; delete it first: rm -r {folder} Pulumi.{DEV_STACK}.yaml"
        raise AdoptError(
            f"The environment signs in to the tenant {observed.tenant_id}, but {name} is {declared}: nothing was "
            f"written. Fix: {remediation}"
        )
