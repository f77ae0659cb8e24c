"""A tenant as its file declares it and as it exists, in accord: a change that takes and gives nothing."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from tenantry.access.change import Change, change
from tenantry.access.declared import powers_of
from tenantry.access.existing import Existing, OwnedAccount, access_of
from tenantry.access.grants import Grant, HeldPower, OtherRole, Reason, power_id
from tenantry.access.principals import Principal
from tenantry.declaration.tenant import Tenant
from tenantry.graph.models import MemberKind
from tenantry.roles import AgentGroup, DirectoryRole
from tenantry.rules.change.evaluate import evaluate
from tenantry.rules.change.refusal import Refusal
from tenantry.sensitive_actions import PRIVILEGED_AUTHENTICATION_ADMINISTRATOR
from tests.acme import ADA_ID, AT, tenant_file

TODAY = date(2026, 6, 1)
Held = tuple[Grant, Reason]
ADAS_ASSIGNMENT = "ada-global-1"
ROBOT = Principal.in_directory("00000000-0000-4000-8000-0000000000ff", "Pipeline", kind=MemberKind.SERVICE_PRINCIPAL)

#: With it the deploying identity may do what a test is not about.
ROBOTS_ROLE = Grant.of(ROBOT, OtherRole(PRIVILEGED_AUTHENTICATION_ADMINISTRATOR.template_id))

#: What a file says of a tenant in mode additive, which pins its groups.
ADDITIVE: dict[str, Any] = {
    "mode": "additive",
    "agent_groups": {
        "ids": {group.value: f"00000000-0000-4000-8000-0000000008{n:02}" for n, group in enumerate(AgentGroup)}
    },
}

PEOPLE: dict[str, dict[str, Any]] = {
    "ada": {
        "full_name": "Ada Moss",
        "roles": ["Global admin"],
        "company_roles": ["Account admin"],
        "adopted": ADA_ID,
        "pins": {"role_assignments": {"Global Administrator": ADAS_ASSIGNMENT}},
    },
    "bruno": {"full_name": "Bruno Vale", "roles": ["Global admin"]},
    "carla": {"full_name": "Carla Wood", "roles": ["Admin agent"]},
    "dora": {"full_name": "Dora Lake", "roles": ["Helpdesk agent"]},
    "emil": {"full_name": "Emil Hill", "roles": ["Helpdesk agent"]},
    "fay": {"full_name": "Fay Ford", "roles": ["User management admin"]},
    "gus": {"full_name": "Gus Dale", "roles": ["Helpdesk agent"]},
    "rescue-1": {"full_name": "Emergency access 1", "roles": ["Global admin"], "emergency": True},
    "rescue-2": {"full_name": "Emergency access 2", "roles": ["Global admin"], "emergency": True},
}


def id_of(key: str) -> str:
    """The object id of the account of a person of :data:`PEOPLE`."""
    return ADA_ID if key == "ada" else f"00000000-0000-4000-8000-{list(PEOPLE).index(key):012}"


def account(number: int, name: str, **about: Any) -> Principal:
    """Somebody whom nobody declares."""
    return Principal.in_directory(
        f"00000000-0000-4000-8000-{number:012}", name, f"{name.lower().replace(' ', '.')}{AT}", **about
    )


UNDECLARED = account(900, "Sven Dahl")


def existing_of(tenant: Tenant, ids: Callable[[str], str] = id_of) -> Existing:
    """The tenant after a declaration was applied: everything that it gives, held and owned."""
    holders = {
        key: Principal.in_directory(ids(key), person.full_name, person.upn, enabled=person.may_sign_in)
        for key, person in tenant.members.items()
    }
    held = (
        (
            Grant.of(holders[key], power),
            Reason(
                assignment_id=tenant.pinned_roles.get((key, power), f"{key}-{power.template_id[:8]}")
                if isinstance(power, DirectoryRole)
                else "",
                owned=True,
            ),
        )
        for key, person in tenant.members.items()
        for power in sorted(powers_of(tenant, person), key=power_id)
    )
    return Existing(
        access=access_of([(ROBOTS_ROLE, Reason()), *held]),
        accounts=tuple(OwnedAccount(key, holders[key]) for key, person in tenant.members.items() if not person.adopted),
        caller=ROBOT,
        known=tuple(holders.values()),
        emergency=frozenset(ids(key) for key, person in tenant.members.items() if person.emergency),
    )


@dataclass
class World:
    """What is declared and what exists, which a test changes. Unchanged, nothing is refused."""

    file: dict[str, Any] = field(default_factory=lambda: tenant_file(PEOPLE))
    existing: Existing = field(default_factory=lambda: existing_of(Tenant.model_validate(tenant_file(PEOPLE))))
    today: date = TODAY

    @property
    def people(self) -> dict[str, dict[str, Any]]:
        return self.file["people"]

    @property
    def tenant(self) -> Tenant:
        return Tenant.model_validate(self.file).as_of(self.today)

    @property
    def change(self) -> Change:
        return change(self.tenant, self.existing)

    @property
    def refusals(self) -> list[Refusal]:
        return evaluate(self.tenant, self.change, self.today)

    def limits(self, **limits: Any) -> None:
        self.file.setdefault("limits", {}).update(limits)

    def person(self, key: str, **fields: Any) -> None:
        """Change fields of a declared person; None takes one out."""
        self.people.setdefault(key, {"upn": f"{key}{AT}"}).update(fields)
        self.people[key] = {name: value for name, value in self.people[key].items() if value is not None}

    def drop(self, *keys: str) -> None:
        """Take people out of the file."""
        for key in keys:
            del self.people[key]

    @property
    def held(self) -> list[Held]:
        """What is held directly, through no group, with the record of it."""
        return [(grant, why) for grant, why in self.existing.access.records() if not why.through]

    def holds(
        self, power: HeldPower, *holders: Principal, assignment_id: str = "", owned: bool = False, **how: Any
    ) -> None:
        """Let the tenant have more."""
        record = Reason(assignment_id=assignment_id, owned=owned)
        self.facts(access=access_of([*self.held, *((Grant.of(holder, power, **how), record) for holder in holders)]))

    def facts(self, **facts: Any) -> None:
        """Change facts about the tenant."""
        self.existing = replace(self.existing, **facts)

    def remake(self, each: Callable[[Grant], Grant | None]) -> None:
        """Change or take out (None) what is held."""
        self.facts(access=access_of([(item, why) for old, why in self.held if (item := each(old))]))

    def record(self, which: Callable[[Grant], bool], **record: Any) -> None:
        """Change the records by which something is held."""
        held = [(grant, replace(why, **record) if which(grant) else why) for grant, why in self.held]
        self.facts(access=access_of(held))

    def account(self, key: str, **about: Any) -> None:
        """Change facts about an account that the stack made, and about its holder."""
        stack = {name: about.pop(name) for name in ("password_round",) if name in about}

        def as_it_is(item: Principal) -> Principal:
            return replace(item, **about) if item.object_id == id_of(key) else item

        self.facts(
            accounts=tuple(
                replace(item, principal=as_it_is(item.principal), **stack) if item.key == key else item
                for item in self.existing.accounts
            ),
            known=tuple(map(as_it_is, self.existing.known)),
        )
        self.remake(lambda held: replace(held, principal=as_it_is(held.principal)))
