"""What an audit asks and keeps grows with who has privileged access and with the pages of people, not with people."""

from tenantry.access.observed import Counted, Wanted, observe
from tenantry.access.principals import Identity
from tenantry.directory import users
from tenantry.graph.models import Member, MemberKind
from tenantry.graph.permissions import Reading
from tenantry.roles import DirectoryRole
from tests.graph.in_process import reader_of

from .world import Audited

PAGE = 999


def fill(tenant: Audited, number: int) -> None:
    """So many accounts that hold nothing."""
    with tenant.world.store.writing(tenant.tenant.id) as store:
        for one in range(number):
            name = f"p{one:05}"
            users.create(
                store,
                {
                    "accountEnabled": True,
                    "displayName": f"Person {one}",
                    "mailNickname": name,
                    "userPrincipalName": f"{name}@{tenant.tenant.domains.initial}",
                },
            )


def test_a_page_of_people_more_is_a_request_more_and_one_for_their_methods(tenant: Audited) -> None:
    few = tenant.audit().requests
    fill(tenant, PAGE)
    assert tenant.audit().requests == few + 2
    assert few <= 25


def test_of_those_who_hold_nothing_and_are_not_declared_the_number_alone_is_kept(tenant: Audited) -> None:
    fill(tenant, 20)
    crew = tenant.directory.add_group("Crew", isAssignableToRole=True)
    through = tenant.newcomer("through")
    tenant.world.join(crew, through)
    tenant.world.assign(crew, DirectoryRole.USER_ADMINISTRATOR)
    direct = tenant.newcomer("direct")
    tenant.world.assign(direct, DirectoryRole.USER_ADMINISTRATOR)
    declared = [Identity(upn=person.upn, object_id=person.adopted_id) for person in tenant.tenant.members.values()]
    with reader_of(tenant.world.store, tenant.tenant.id) as graph:
        seen = observe(graph, tenant.tenant.agent_groups.ids, Wanted.of(declared))
        assert graph.requests[Reading.USERS] == 1
    assert isinstance(seen.users, tuple)
    assert {user.id for user in seen.users} == {*tenant.world.ids.values(), direct}
    assert seen.counted is not None
    assert (seen.counted.accounts, seen.counted.others) == (len(tenant.world.ids) + 22, 20)
    assert len(seen.counted.some_others) == 5
    assert not any(name.startswith("through") for name in seen.counted.some_others)


def test_a_guest_or_disabled_member_of_a_group_was_never_counted_among_the_others() -> None:
    counted = Counted(5, 3, 1, 0, 2, ("ann@x", "bob@x"))
    holders = [
        Member(
            id=name,
            kind=MemberKind.USER,
            display_name="",
            user_principal_name=name,
            account_enabled=enabled,
            user_type=user_type,
            on_premises_sync_enabled=None,
        )
        for name, enabled, user_type in (
            ("ann@x", True, "Member"),
            ("off@x", False, "Member"),
            ("eve#ext#@x", True, "Guest"),
        )
    ]
    left = counted.without(holders)
    assert (left.others, left.some_others) == (1, ("bob@x",))
