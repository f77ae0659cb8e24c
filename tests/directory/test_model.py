"""The directory against a simple model of it: whatever happens in whatever order, both say the same."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from tenantry.directory.enrolment import deployment_principal_id
from tenantry.directory.local import LocalGraph
from tests.depth import examples

from .samples import (
    ADA,
    BILLING_ADMINISTRATOR,
    GLOBAL_ADMINISTRATOR,
    PRIVILEGED_AUTHENTICATION_ADMINISTRATOR,
    UNITED_STATES,
    Tenant,
    enrolled,
    group_body,
    user_body,
)

NAMES = st.sampled_from(["bob", "Bob", "carol", "dave", "DAVE"])
ROLES = st.sampled_from([GLOBAL_ADMINISTRATOR, BILLING_ADMINISTRATOR])
ASSIGNMENTS = "/v1.0/roleManagement/directory/roleAssignments"


class Directory(RuleBasedStateMachine):
    """People, groups, members and roles. An object's id is all that the model takes from the directory.

    Who or what is deleted keeps its places and its roles out of sight, and has them again when it is restored.
    """

    people = Bundle("people")
    groups = Bundle("groups")
    deleted_people = Bundle("deleted people")
    deleted_groups = Bundle("deleted groups")

    @initialize(target=people)
    def begin(self) -> str:
        self.store = enrolled()
        self.graph = LocalGraph(self.store, UNITED_STATES.tenant_id)
        self.tenant = Tenant(self.graph, UNITED_STATES)
        self.tenant.empower()
        self.names = {ADA.object_id: "ada"}
        self.deleted_names: dict[str, str] = {}
        self.members: dict[str, set[str]] = {}
        self.deleted_members: dict[str, set[str]] = {}
        self.roles = {
            (GLOBAL_ADMINISTRATOR, ADA.object_id),
            (PRIVILEGED_AUTHENTICATION_ADMINISTRATOR, deployment_principal_id(UNITED_STATES.tenant_id)),
        }
        return ADA.object_id

    def teardown(self) -> None:
        if hasattr(self, "graph"):
            self.graph.close()
            self.store.close()

    def _asked(self, allowed: bool, method: str, path: str, body: Any = None) -> Any:
        """Send a request that the model says must succeed, or must be refused and change nothing."""
        status, answer = self.graph.request(method, path, body)
        assert (status < 300) is allowed, (status, answer)
        return answer

    def _taken(self, name: str, by_other_than: str = "") -> bool:
        return any(n.lower() == name.lower() for id_, n in self.names.items() if id_ != by_other_than)

    def _administers_alone(self, person: str) -> bool:
        return {who for role, who in self._roles_in_sight() if role == GLOBAL_ADMINISTRATOR} == {person}

    def _roles_in_sight(self) -> set[tuple[str, str]]:
        return {(role, who) for role, who in self.roles if who not in self.deleted_names}

    @rule(target=people, name=NAMES, role=st.none() | ROLES)
    def add_person(self, name: str, role: str | None) -> Any:
        allowed = not self._taken(name)
        answer = self._asked(allowed, "POST", "/v1.0/users", user_body(name))
        if not allowed:
            return multiple()
        self.names[answer["id"]] = name
        if role is not None:
            self._give(role, answer["id"])
        return answer["id"]

    @rule(person=people, name=NAMES)
    def rename(self, person: str, name: str) -> None:
        allowed = person in self.names and not self._taken(name, person)
        body = {"userPrincipalName": f"{name}@contoso.example"}
        self._asked(allowed, "PATCH", f"/v1.0/users/{person}", body)
        if allowed:
            self.names[person] = name

    @rule(target=deleted_people, person=people)
    def remove_person(self, person: str) -> Any:
        allowed = person in self.names and not self._administers_alone(person)
        self._asked(allowed, "DELETE", f"/v1.0/users/{person}")
        if not allowed:
            return multiple()
        self.deleted_names[person] = self.names.pop(person)
        return person

    @rule(person=deleted_people)
    def restore_person(self, person: str) -> None:
        allowed = person in self.deleted_names and not self._taken(self.deleted_names[person])
        self._asked(allowed, "POST", f"/v1.0/directory/deletedItems/{person}/restore")
        if allowed:
            self.names[person] = self.deleted_names.pop(person)

    @rule(target=groups, assignable=st.booleans())
    def add_group(self, assignable: bool) -> str:
        group = self.tenant.post("/beta/groups", group_body("g", isAssignableToRole=assignable))["id"]
        self.members[group] = set()
        return str(group)

    @rule(target=deleted_groups, group=groups)
    def remove_group(self, group: str) -> Any:
        allowed = group in self.members
        self._asked(allowed, "DELETE", f"/beta/groups/{group}")
        if not allowed:
            return multiple()
        self.deleted_members[group] = self.members.pop(group)
        return group

    @rule(group=deleted_groups)
    def restore_group(self, group: str) -> None:
        allowed = group in self.deleted_members
        self._asked(allowed, "POST", f"/v1.0/directory/deletedItems/{group}/restore")
        if allowed:
            self.members[group] = self.deleted_members.pop(group)

    @rule(group=groups, person=people)
    def add_member(self, group: str, person: str) -> None:
        allowed = group in self.members and person in self.names and person not in self.members[group]
        self._asked(allowed, "POST", f"/beta/groups/{group}/members/$ref", self.tenant.reference(person))
        if allowed:
            self.members[group].add(person)

    @rule(group=groups, person=people)
    def remove_member(self, group: str, person: str) -> None:
        allowed = person in self.names and person in self.members.get(group, ())
        self._asked(allowed, "DELETE", f"/beta/groups/{group}/members/{person}/$ref")
        if allowed:
            self.members[group].remove(person)

    @rule(role=ROLES, person=people)
    def give_role(self, role: str, person: str) -> None:
        self._give(role, person)

    def _give(self, role: str, person: str) -> None:
        allowed = person in self.names and (role, person) not in self.roles
        body = {"roleDefinitionId": role, "principalId": person, "directoryScopeId": "/"}
        self._asked(allowed, "POST", ASSIGNMENTS, body)
        if allowed:
            self.roles.add((role, person))

    @rule(role=ROLES, person=people)
    def take_role(self, role: str, person: str) -> None:
        held = {(one["roleDefinitionId"], one["principalId"]): one["id"] for one in self._listed(ASSIGNMENTS)}
        if (role, person) in held:
            allowed = role != GLOBAL_ADMINISTRATOR or not self._administers_alone(person)
            self._asked(allowed, "DELETE", f"{ASSIGNMENTS}/{held[role, person]}")
            if allowed:
                self.roles.remove((role, person))

    def _listed(self, path: str) -> list[Any]:
        """Everything in a listing, three at a time."""
        found: list[Any] = []
        link = f"{path}?$top=3"
        while link:
            answer = self.tenant.get(link)
            assert len(answer["value"]) <= 3
            found += answer["value"]
            link = answer.get("@odata.nextLink", "")
        return found

    @invariant()
    def people_are_the_same(self) -> None:
        if hasattr(self, "graph"):
            shown = {one["id"]: one["userPrincipalName"].partition("@")[0] for one in self._listed("/v1.0/users")}
            assert shown == self.names
            for person, name in self.names.items():
                (one,) = self.tenant.get(f"/v1.0/users?$filter=userPrincipalName eq '{name.upper()}@contoso.example'")[
                    "value"
                ]
                assert one["id"] == person

    @invariant()
    def members_are_the_same(self) -> None:
        if hasattr(self, "graph"):
            for group, members in self.members.items():
                assert {
                    one["id"] for one in self._listed(f"/beta/groups/{group}/members")
                } == members & self.names.keys()
            for person in self.names:
                of = {one["id"] for one in self._listed(f"/v1.0/users/{person}/memberOf")}
                assert of & self.members.keys() == {g for g, members in self.members.items() if person in members}

    @invariant()
    def roles_are_the_same(self) -> None:
        if hasattr(self, "graph"):
            shown = {(one["roleDefinitionId"], one["principalId"]) for one in self._listed(ASSIGNMENTS)}
            assert shown == self._roles_in_sight()


TestDirectory = Directory.TestCase
TestDirectory.settings = settings(examples(10), stateful_step_count=25)
