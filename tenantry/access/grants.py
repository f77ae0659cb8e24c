"""The access map: which principal holds what, why, and what a view cannot tell."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from tenantry.access.principals import Principal
from tenantry.roles import Standing


class Kind(StrEnum):
    """The kinds of access that a partner tenant gives."""

    AGENT_GROUP = "agent group"
    ALL_USERS = "All Users"
    DIRECTORY_ROLE = "directory role"
    CONSENT = "application consent"
    FTOP_CUSTOMER = "FTOP customer"
    FTOP_ALL_CUSTOMERS = "FTOP, all customers, read-only"
    TOOL = "tool"
    COMPANY_ROLE = "Partner Center-only role"


@dataclass(frozen=True, order=True)
class Grant:
    """One piece of access. Why it is given is not part of what it is.

    ``target`` is an agent group's name, a directory role's template id, a customer's key, …; ``scope`` is "/"
    for the whole tenant, an administrative unit, or the FTOP role that a customer assignment gives.
    """

    principal: Principal
    kind: Kind
    target: str
    scope: str = "/"
    standing: Standing = Standing.STANDING

    def covers(self, other: "Grant") -> bool:
        """Whether this gives at least what another grant gives: standing covers eligible, everywhere covers a part."""
        return (
            (self.principal, self.kind, self.target) == (other.principal, other.kind, other.target)
            and self.scope in ("/", other.scope)
            and self.standing in (Standing.STANDING, other.standing)
        )


@dataclass(frozen=True, order=True)
class Reason:
    """Why a grant is there: the row of Table 1 or the field that gives it."""

    text: str
    source: str = ""
    through: str = ""
    """The object id of the group through which it is held, in the tenant as it is; empty where it is held directly."""


@dataclass(frozen=True, order=True)
class Answer:
    """What a view can speak of: a kind, for one target or (None) for all."""

    kind: Kind
    target: str | None = None

    def covers(self, grant: Grant) -> bool:
        """Whether this answer says anything about a grant."""
        return grant.kind is self.kind and self.target in (None, grant.target)


@dataclass(frozen=True, order=True)
class Opaque:
    """A place where a view sees that something is there, but not what."""

    kind: Kind
    target: str
    where: str
    why: str
    mend: str = ""
    """How to make it plain, where something else would than to write down what is meant."""


@dataclass(frozen=True)
class AccessMap:
    """All access that one view of a tenant knows of."""

    grants: Mapping[Grant, frozenset[Reason]] = field(default_factory=dict)
    answers: frozenset[Answer] = frozenset()
    opaque: frozenset[Opaque] = frozenset()

    @classmethod
    def of(
        cls,
        grants: Iterable[tuple[Grant, Reason]],
        answers: Iterable[Answer],
        opaque: Iterable[Opaque] = (),
    ) -> Self:
        """Collect grants, putting the reasons of equal ones together."""
        collected: dict[Grant, set[Reason]] = {}
        for grant, reason in grants:
            collected.setdefault(grant, set()).add(reason)
        return cls(
            {grant: frozenset(collected[grant]) for grant in sorted(collected)}, frozenset(answers), frozenset(opaque)
        )

    def answered(self, grant: Grant) -> bool:
        """Whether this view can say that the grant is there or is not."""
        return any(answer.covers(grant) for answer in self.answers)

    def of_principal(self, principal: Principal) -> dict[Grant, frozenset[Reason]]:
        """What one principal holds."""
        return {grant: reasons for grant, reasons in self.grants.items() if grant.principal == principal}

    def holders(self, kind: Kind, target: str) -> list[Principal]:
        """Who holds one thing, in order."""
        return sorted({grant.principal for grant in self.grants if grant.kind is kind and grant.target == target})
