"""What the embedded directory starts with: each declared partner tenant as Partner Center leaves it."""

from tenantry.declaration import Declaration, GroupSource, Program, Stack, Tenant, load
from tenantry.directory.enrolment import Enrolment, FirstUser
from tenantry.directory.identifiers import stable_id
from tenantry.errors import EngineError
from tenantry.project.paths import Project
from tenantry.roles import PartnerRole
from tenantry.spelling import folded_upn


def declared_enrolments(project: Project) -> list[Enrolment]:
    """The enrolments of all partners in the project. Raises DeclarationError, and EngineError as `enrolments` does."""
    folders = sorted(file.parent for file in project.partners.glob("*/partner.yaml"))
    return [enrolment for folder in folders for enrolment in enrolments(load(folder))]


def enrolments(declaration: Declaration) -> list[Enrolment]:
    """The enrolments of a partner's tenants, but for those for own use only.

    Raises EngineError where a tenant could not have been enrolled as it is declared.
    """
    return [_enrolment(stack) for stack in declaration.stacks()]


def _enrolment(stack: Stack) -> Enrolment:
    tenant = stack.tenant
    try:
        return Enrolment(
            tenant_id=tenant.id,
            display_name=tenant.name,
            country=tenant.country,
            initial_domain=tenant.domains.initial,
            domains=tenant.domains.all,
            global_admins=_first_admins(stack),
            users=_adopted(tenant, admins=False),
            service_principals={item.object_id: item.name for item in tenant.identities.values()},
            # A sandbox that creates its agent groups is one to which Partner Center gave none.
            agent_groups=Program.CSP in tenant.programs and tenant.agent_groups.source is GroupSource.ADOPT,
            pinned_groups={group.value: object_id for group, object_id in tenant.agent_groups.ids.items()},
        )
    except ValueError as error:
        place = stack.declaration.place(stack.tenant_name, ("people",))
        raise EngineError(
            f"{place}: the tenant {stack.name} cannot be added to the embedded directory: {error}"
        ) from None


def _first_admins(stack: Stack) -> tuple[FirstUser, ...]:
    """Who enrolled the tenant: the adopted Global admins, or an undeclared one, as it would be in a real tenant."""
    tenant = stack.tenant
    undeclared = FirstUser(
        stable_id(tenant.id, "users/enrolling-admin"),
        f"enrolling.admin@{tenant.domains.initial}",
        "Enrolling administrator",
    )
    return _adopted(tenant, admins=True) or (undeclared,)


def _adopted(tenant: Tenant, *, admins: bool) -> tuple[FirstUser, ...]:
    """The people whose accounts existed before they were declared: the Global admins among them, or the others."""
    return tuple(
        FirstUser(
            person.adopted_id or stable_id(tenant.id, f"users/{folded_upn(person.upn)}"), person.upn, person.full_name
        )
        for person in tenant.members.values()
        if person.adopted and (PartnerRole.GLOBAL_ADMIN in person.roles) is admins
    )
