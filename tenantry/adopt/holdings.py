"""Who holds what in a tenant that is taken over, under the names and keys by which all of it is spoken of."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from tenantry.access.declared import identities
from tenantry.access.grants import Grant
from tenantry.access.observed import ObservedTenant, access_map, who_is_who
from tenantry.access.parts import or_none
from tenantry.access.principals import Principal
from tenantry.declaration.keys import key_for
from tenantry.declaration.person import Person
from tenantry.declaration.tenant import Tenant
from tenantry.drift.advice import Path
from tenantry.drift.names import Names
from tenantry.graph.models import MemberKind
from tenantry.roles import AssignmentType
from tenantry.sanitize import sanitize


class Holdings:
    """Everything that people and things hold in a tenant: agent groups and directory roles, in every way."""

    def __init__(
        self, observed: ObservedTenant, declared: Tenant | None, beyond_reach: frozenset[str] = frozenset()
    ) -> None:
        """``declared`` is what a file says already: who it knows goes by its names and keys.

        ``beyond_reach`` are the ids of eligible roles that no stack can take over.
        """
        self._declared, self._beyond_reach, self._names = declared, beyond_reach, Names.of(observed)
        people = declared.members if declared else {}
        stated = identities(declared) if declared else []
        self._principals = who_is_who(observed, stated)
        self.known: Mapping[Principal, Principal] = {
            self._principals.resolve(object_id=id_): one for id_, one in observed.principals().items()
        }
        """What the tenant shows of each."""
        self.stated: Mapping[Principal, tuple[str, Person]] = {
            self._principals.resolve(upn=person.upn): (key, person) for key, person in people.items()
        }
        """Those whom the file has already, with their keys."""
        found: dict[Principal, list[Path]] = defaultdict(list)
        # What is held at customers is asked relationship by relationship.
        for grant, reason in access_map(replace(observed, at_customers=None), stated).records():
            found[grant.principal].append(Path(grant, reason.through, reason.assignment_id))
        self.paths: Mapping[Principal, tuple[Path, ...]] = {
            principal: tuple(sorted(paths, key=_broadest_first)) for principal, paths in found.items()
        }
        """Each way in which each holds something, the broadest first."""
        groups = observed.customer_groups.values()
        self.at_customers: Mapping[Principal, None] = {
            self.of_id(item.id): None for one in groups for item in or_none(one.members)
        }

    @property
    def everything(self) -> Iterator[Path]:
        """All ways of all."""
        return (path for paths in self.paths.values() for path in paths)

    def can_be_taken_over(self, path: Path) -> bool:
        """Whether a stack can take over what somebody holds in this way."""
        return not path.through and path.assignment_id not in self._beyond_reach

    @property
    def people(self) -> list[Principal]:
        """The people who hold anything, guests and disabled ones among them, in order."""
        humans = (principal for principal in self.paths if self.is_account(principal))
        return sorted(humans, key=lambda one: (self.called(one).casefold(), one))

    @cached_property
    def keys(self) -> Mapping[Principal, str]:
        """A key for everybody and everything that holds something, whatever becomes of it: the same each time."""
        taken = {name for key, person in self.stated.values() for name in (key, *person.former_keys)}
        keys = {principal: key for principal, (key, _) in self.stated.items()}
        for key, one in (self._declared.identities if self._declared else {}).items():
            taken.add(key)
            keys[self.of_id(one.object_id)] = key
        others = [one for one in {**self.paths, **self._groups_between(), **self.at_customers} if one not in keys]
        for principal in sorted(others, key=lambda one: (not self.is_account(one), self.called(one).casefold(), one)):
            known = self.known.get(principal)
            keys[principal] = key_for((known.upn or known.name) if known else principal.value, taken)
            taken.add(keys[principal])
        return keys

    def _groups_between(self) -> dict[Principal, None]:
        return {self.of_id(path.through): None for path in self.everything if path.through}

    def of_id(self, object_id: str) -> Principal:
        """Whoever has an object id."""
        return self._principals.resolve(object_id=object_id)

    def of_upn(self, upn: str) -> Principal:
        """Whoever has a sign-in name."""
        return self._principals.resolve(upn=upn)

    def is_account(self, principal: Principal) -> bool:
        """Whether it is a person's account, a guest's among them."""
        known = self.known.get(principal)
        return known is not None and known.kind is MemberKind.USER

    def through(self, group: Principal) -> list[Path]:
        """What others hold through a group."""
        return [path for path in self.everything if path.through and self.of_id(path.through) == group]

    def called(self, principal: Principal) -> str:
        """What people call it: "Erik Dahl (erik.dahl@…)", "the group Support Team"."""
        known = self.known.get(principal)
        if known is None:
            return sanitize(f"the object {principal.value}")
        return sanitize(str(known) if known.upn else f"the {known.kind} {known.name}")

    def what(self, grant: Grant) -> str:
        """What people call an agent group or a directory role."""
        return self._names.what(grant)

    def described(self, path: Path) -> str:
        """The same, and in which way it is held: "User Administrator (eligible)"."""
        grant = path.grant
        how = [
            *(["eligible"] if grant.assignment_type is AssignmentType.ELIGIBLE else []),
            *([f"over {sanitize(self._names.scope(grant.scope))}"] if grant.scope != "/" else []),
        ]
        return sanitize(self.what(grant)) + (f" ({', '.join(how)})" if how else "")


def _broadest_first(path: Path) -> tuple[bool, bool, str, str, str, bool, str]:
    grant = path.grant
    eligible = grant.assignment_type is AssignmentType.ELIGIBLE
    return (grant.scope != "/", eligible, grant.kind, grant.target, grant.scope, bool(path.through), path.assignment_id)
