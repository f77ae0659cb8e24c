"""What a rule is, what it evaluates, and what it finds."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Final, TypeAlias

from tenantry.access import AccessMap, Principal, Principals
from tenantry.access.change import Change
from tenantry.access.declared import identities, who
from tenantry.access.parts import NotRead
from tenantry.access.registered import RegisteredView
from tenantry.declaration import Declaration, Person, Purpose, Tenant
from tenantry.declaration.decisions import DeclaredIdentity
from tenantry.findings import FieldPath, Finding, Level, Severity
from tenantry.rules.change.refusal import Kind, Refusal
from tenantry.rules.code_owners import Ownership
from tenantry.rules.observed import Observed
from tenantry.rules.planned import Planned
from tenantry.rules.settings import Settings


class Scope(StrEnum):
    """The tenants that a rule speaks of; elsewhere it is not applicable, which is no pass."""

    PARTNER = "partner tenants, also those with own use"
    PARTNER_ALONE = "tenants for partner business only"
    OWN_USE = "tenants for own use only"
    ALL = "all tenants"
    ACROSS = "all tenants of a partner, compared"

    def applies_to(self, tenant: Tenant) -> bool:
        """Whether a tenant is among them; rules across tenants are evaluated on none by itself."""
        match self:
            case Scope.PARTNER:
                return Purpose.PARTNER in tenant.purpose
            case Scope.PARTNER_ALONE:
                return tenant.purpose == {Purpose.PARTNER}
            case Scope.OWN_USE:
                return tenant.purpose == {Purpose.OWN_USE}
            case Scope.ALL:
                return True
            case Scope.ACROSS:
                return False


class View(StrEnum):
    """What a rule can be evaluated on."""

    DECLARED = "declared"
    REGISTERED = "registered"
    PLANNED = "planned"
    """What an update would do to what is registered now: a review of the plan shows it, and nothing else does."""
    CHANGED = "changed"
    """What a declaration changes of an earlier one: a review of a change in git shows it, and nothing else does."""
    OBSERVED = "observed"
    """What the tenant itself says: an audit shows it, and nothing else does."""


class Source(StrEnum):
    """The documents that the rules come from."""

    CREDENTIALS = "Partner Center Org ID credentials for FRPs"
    ESTABLISHING = "Establishing Partner Center (Org ID) credentials"
    USERS = "How to associate a Microsoft account to your organization's MPN ID in Partner Center"
    PARTNER_CENTER = "Microsoft Partner Center and administration"
    WORK_ACCOUNT = "Create work account"
    ENTRA = "Microsoft Entra built-in roles and limits"
    SECURITY = "Partner security requirements"
    EMERGENCY = "Manage emergency access accounts in Microsoft Entra ID"
    APPLICATIONS = "Securing service principals in Microsoft Entra ID"
    CSP = "Cloud Solution Provider program overview"
    GDAP = "Introduction to granular delegated admin privileges (GDAP)"
    GDAP_FAQ = "GDAP frequently asked questions"
    GDAP_API = "Microsoft Graph: delegatedAdminRelationship resource type"


@dataclass(frozen=True)
class Previous:
    """A tenant as it was declared before a change."""

    tenant: Tenant
    managed: bool = True
    """Whether a stack manages the tenant before and after, so that a preview compares it with what there is."""


@dataclass(frozen=True)
class Evidence:
    """One tenant, as far as it is known: what is declared, what a program registers for it, and what a plan does."""

    declaration: Declaration
    tenant_name: str
    declared: AccessMap
    registered: RegisteredView | None = None
    today: date = field(default_factory=date.today)
    """The day by which stated dates are evaluated."""
    settings: Settings = field(default_factory=Settings)
    ownership: Ownership | None = None
    """The repository's CODEOWNERS, where there is one."""
    planned: Planned | None = None
    """What an update would do, where its plan is known."""
    previous: Previous | None = None
    """What was declared before, where that is known."""
    refusals: Mapping[View, tuple[Refusal, ...]] = field(default_factory=dict)
    """What the rules refuse of the change of access that a plan or an earlier declaration shows."""
    observed: Observed | None = None
    """What the tenant itself says, where it was read."""

    @property
    def tenant(self) -> Tenant:
        """The tenant's declaration."""
        return self.declaration.tenants[self.tenant_name]

    @property
    def program(self) -> RegisteredView:
        """The registered view, for rules that are evaluated on it. Raises ValueError without one."""
        if self.registered is None:
            raise ValueError("no program was run")
        return self.registered

    @property
    def plan(self) -> Planned:
        """The plan, for rules that are evaluated on it. Raises ValueError without one."""
        if self.planned is None:
            raise ValueError("no plan was given")
        return self.planned

    @property
    def before(self) -> Previous:
        """What was declared before, for rules that are evaluated on a change. Raises ValueError where nothing was."""
        if self.previous is None:
            raise ValueError("there is no earlier declaration to compare with")
        return self.previous

    @property
    def seen(self) -> Observed:
        """What the tenant says, for rules that are evaluated on it. Raises ValueError where it was not read."""
        if self.observed is None:
            raise ValueError("the tenant was not read")
        return self.observed

    def person(self, principal: Principal) -> tuple[str, Person] | None:
        """The declared person behind a principal, with their key."""
        return self._people.get(principal)

    def service(self, principal: Principal) -> tuple[str, DeclaredIdentity] | None:
        """The declared identity behind a principal, with its key."""
        id_ = principal.object_id or principal.value
        return next(((key, item) for key, item in self.tenant.identities.items() if item.object_id == id_), None)

    def named(self, principal: Principal) -> str:
        """A principal as a message names it: by full name and UPN where they are declared."""
        found, service = self.person(principal), self.service(principal)
        if found:
            return who(found[1])
        return f"{service[1].name} ({service[1].object_id})" if service else str(principal)

    def field_of(self, principal: Principal, field: str) -> FieldPath:
        """The way to a field of the declared person behind a principal, or to the groups of a declared identity.

        None where nobody declares them.
        """
        if service := self.service(principal):
            return ("identities", service[0], "groups")
        found = self.person(principal)
        return ("people", found[0], field) if found else ()

    def people(self) -> Iterable[tuple[str, Person]]:
        """The declared people who stay, by key."""
        return self._staying

    @cached_property
    def declared_by_object_id(self) -> Mapping[str, tuple[str, Person]]:
        """The declared people whose account the tenant has, with their key, by its object id."""
        found = (
            (self.seen.object_id_of(person.upn, person.adopted_id), key) for key, person in self.tenant.members.items()
        )
        return {id_: (key, self.tenant.members[key]) for id_, key in found if id_}

    @cached_property
    def _staying(self) -> Sequence[tuple[str, Person]]:
        return [(key, person) for key, person in self.tenant.members.items() if not person.leaves]

    @cached_property
    def _people(self) -> dict[Principal, tuple[str, Person]]:
        known = self.registered.principals if self.registered else Principals(identities(self.tenant))
        return {known.resolve(upn=person.upn): (key, person) for key, person in self.tenant.members.items()}


def violation(
    subject: str,
    actual: str,
    expected: str = "",
    remediation: str = "",
    path: FieldPath = (),
    *,
    of_partner: bool = False,
    tenant: str | None = None,
    resource: str | None = None,
    about: str = "",
    level: Level | None = None,
    severity: Severity | None = None,
) -> Finding:
    """What a check finds; its rule adds the id, the place and what is not stated here.

    The field is in the file of the tenant that is evaluated, or of ``tenant``, or with ``of_partner`` in the partner's.
    ``about`` is what an exemption would name, where the path does not say.
    """
    stated = {"tenant": tenant, "resource": resource, "object": about, "level": level, "severity": severity}
    return Finding(
        subject=subject,
        actual=actual,
        expected=expected,
        remediation=remediation,
        path=path,
        **{key: value for key, value in stated.items() if value or (of_partner and key == "tenant")},
    )


def of_person(
    key: str,
    person: Person,
    field: str,
    actual: str,
    expected: str = "",
    remediation: str = "",
    *,
    tenant: str | None = None,
    level: Level | None = None,
) -> Finding:
    """What a check finds in a field of a declared person."""
    path = ("people", key, field)
    return violation(who(person), actual, expected, remediation, path, tenant=tenant, level=level)


@dataclass(frozen=True)
class NotApplicable:
    """That a declaration says nothing that a check could compare, which is no pass."""

    why: str


Fault: TypeAlias = tuple[str, str, str]
"""The actual, the expected and the remediation of a finding."""
Said: TypeAlias = Iterator[Finding | NotRead | NotApplicable]
Check: TypeAlias = Callable[[Evidence], Iterable[Finding | NotRead | NotApplicable]]
"""What it finds, the parts of the tenant that it would have had to read, and that there is nothing to evaluate."""
ChangeCheck: TypeAlias = Callable[[Tenant, Change], Iterable[Refusal]]
AcrossCheck: TypeAlias = Callable[[Declaration], Iterable[Finding]]
Needs: TypeAlias = Callable[[Evidence], str | None]

#: Parts of a file whose keys are what an exemption names.
_KEYED: Final = (("people",), ("identities",), ("ftop", "customers"), ("customers",), ("gdap", "groups"))


@dataclass(frozen=True)
class Rule:
    """A named, pure check with a source."""

    id: str
    title: str
    level: Level
    severity: Severity
    source: str
    remediation: str
    checks: Mapping[View, Check] = field(default_factory=dict)
    scope: Scope = Scope.PARTNER
    of_changes: tuple[ChangeCheck, ...] = ()
    """What it refuses of a change of access: before an update, and on a plan or in git where `views` has that."""
    expected: str = ""
    """What would be right, where that is the same for all its findings."""
    also_advises: bool = False
    """Whether some of its findings only advise, beside those of its own level."""
    also_binds: bool = False
    """Whether some of its findings cannot be lowered, although the rule itself can."""
    across: AcrossCheck | None = None
    """The check of a rule that spans the tenants of a partner."""
    elsewhere: str = ""
    """What of it neither declaration nor program can show, and where that is evaluated."""
    on_a_plan: str = ""
    """Of a rule that is evaluated on a plan too: what only that shows."""
    on_a_change: str = ""
    """Of a rule that is evaluated on a change of the declaration too: what only that shows."""
    on_the_tenant: str = ""
    """Of a rule that is evaluated on the tenant itself too: what only that shows."""
    needs: Needs | None = None
    """What the declaration would have to say first; None from it where nothing is missing."""
    exemptible: bool = False
    """Whether a rule that cannot be lowered takes exemptions all the same."""

    @property
    def takes_exemptions(self) -> bool:
        """Whether an exemption from it can be declared."""
        return self.exemptible or self.level is not Level.ALWAYS

    def exempts(self, finding: Finding) -> bool:
        """Whether a finding of it is one that an exemption may silence."""
        return self.exemptible or finding.level is not Level.ALWAYS

    @property
    def views(self) -> list[View]:
        """What it is evaluated on."""
        shown = {
            View.PLANNED: self.on_a_plan,
            View.CHANGED: self.on_a_change,
            View.OBSERVED: self.on_the_tenant,
        }
        return [view for view in View if view in self.checks or shown.get(view)]

    def refusals(self, tenant: Tenant, change: Change) -> Iterator[Refusal]:
        """What it refuses of a change of access."""
        for check in self.of_changes:
            for refusal in check(tenant, change):
                yield refusal.model_copy(update={"rule": self.id})

    def findings(self, evidence: Evidence, view: View) -> list[Finding]:
        """Evaluate one view. A view that the rule does not read gives nothing."""
        return self.evaluate(evidence, view)[0]

    def evaluate(self, evidence: Evidence, view: View) -> tuple[list[Finding], list[NotRead | NotApplicable]]:
        """What it finds in one view, and what of it was not evaluated: not read, or nothing to evaluate."""
        check = self.checks.get(view)
        results = list(check(evidence)) if check else []
        rest = [item for item in results if not isinstance(item, Finding)]
        found = [item for item in results if isinstance(item, Finding)]
        # What could not be evaluated stands in the report as such, and is no fault of the change.
        found += (
            refusal
            for refusal in evidence.refusals.get(view, ())
            if refusal.rule == self.id and refusal.kind is not Kind.NOT_EVALUATED
        )
        completed = {self.completed(item, evidence.declaration, evidence.tenant_name) for item in found}
        return sorted(completed, key=str), rest

    def findings_across(self, declaration: Declaration) -> list[Finding]:
        """Evaluate a partner's tenants together."""
        found = self.across(declaration) if self.across else ()
        return sorted({self.completed(item, declaration, None) for item in found}, key=str)

    def completed(self, found: Finding, declaration: Declaration, tenant: str | None) -> Finding:
        """What a check found in a tenant, with all that it does not state itself."""
        defaults = {
            "expected": self.expected,
            "remediation": self.remediation[0].lower() + self.remediation[1:].removesuffix("."),
            "rule": self.id,
            "title": self.title,
            "level": self.level,
            "severity": self.severity,
            "tenant": tenant,
            "object": _object(found, found.tenant or tenant or declaration.key),
        }
        stated = found.model_fields_set - {name for name in ("expected", "remediation") if not getattr(found, name)}
        whole = found.model_copy(update={key: value for key, value in defaults.items() if key not in stated})
        return whole.at(declaration.place(whole.tenant, whole.path)) if whole.path else whole


def _object(found: Finding, tenant: str) -> str:
    """What a finding is about, by the name that an exemption gives it."""
    for head in _KEYED:
        if len(found.path) > len(head) and found.path[: len(head)] == head:
            return str(found.path[len(head)])
    if found.resource and not found.path:
        return found.resource.rsplit("::", 1)[-1]
    return tenant
