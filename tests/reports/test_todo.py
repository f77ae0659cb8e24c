"""What is left to people: exactly what no API can do, with who may do it, where, and when it is done."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from tenantry.declaration import Partner, PersonState, Program, Tenant, load
from tenantry.declaration.customers import Customer, GdapGroup, GdapPlan, GdapRelationship
from tenantry.declaration.decisions import End
from tenantry.declaration.fields import TodoId
from tenantry.declaration.ftop import FtopPlan
from tenantry.declaration.tenant import Paperwork, Tool
from tenantry.roles import CompanyRole, PartnerRole
from tenantry.todo import (
    ENROLMENT,
    FTOP,
    FTOP_APPROVAL,
    WHO_MAY,
    Actor,
    Task,
    Todo,
    TodoKind,
    all_todos,
    todos,
    unknown_done,
    who_may,
)
from tests.depth import slow

CONTOSO = load(Path(__file__).resolve().parents[2] / "partners/contoso")
FIELDS = ("what", "who", "where", "steps", "done_when")
DAY = date(2026, 3, 2)
BRUNO_ID = "bbbbbbbb-0000-4000-8000-00000000000b"
APPLICATION = "aa580612-c342-4ace-9055-8edee43ccb89"


@pytest.fixture(scope="module")
def partner() -> Partner:
    return CONTOSO.partner


@pytest.fixture(scope="module")
def us() -> Tenant:
    return changed(CONTOSO.tenants["us"], tools={})


def changed(tenant: Tenant, **fields: Any) -> Tenant:
    return tenant.model_copy(update=fields)


def with_person(tenant: Tenant, key: str, **fields: Any) -> Tenant:
    return changed(tenant, people={**tenant.members, key: tenant.members[key].model_copy(update=fields)})


def with_ftop(tenant: Tenant, **fields: Any) -> Tenant:
    assert tenant.ftop
    return changed(tenant, ftop=FtopPlan.model_validate(tenant.ftop.model_dump() | fields))


def ids(tenant: Tenant, kind: TodoKind, **more: Any) -> list[str]:
    return [todo.id for todo in todos(tenant, **more) if todo.kind is kind]


def the(tenant: Tenant, todo_id: str, **more: Any) -> Todo:
    (found,) = [todo for todo in all_todos(tenant, **more) if todo.id == todo_id]
    return found


def everything(us: Tenant) -> Tenant:
    """A tenant with a to-do of every kind."""
    many = with_ftop(
        us,
        customers={
            "fabrikam": {
                "name": "Fabrikam Inc.",
                "assignments": {"ines": ["FastTrack Engineer"], "emma": ["Regional Manager"]},
            }
        },
    )
    many = with_person(many, "bruno", state=PersonState.LEAVER, adopted=BRUNO_ID)
    many = with_person(many, "emma", state=PersonState.LEAVER)
    many = with_person(
        many, "ines", roles=(PartnerRole.BILLING_ADMIN,), former_upns=("ines.c@contoso.com",), upn="ines@contoso.com"
    )
    ending = {PartnerRole.SALES_AGENT: End(date=DAY, reason="The move")}
    many = with_person(many, "dmitri", until=ending).as_of(DAY)
    many = changed(many, gdap=GdapPlan(groups={"mail": GdapGroup(name="GDAP Mail", people=("carla",))}))
    roles = GdapRelationship(assignments={"mail": ("Exchange Administrator",)})
    fabrikam = Customer(
        name="Fabrikam Inc.", tenant_id=BRUNO_ID, domain="fabrikam.com", country="US", gdap={"a": roles}
    )
    many = changed(many, customers={"fabrikam": fabrikam})
    return changed(many, programs={}, paperwork=Paperwork.OPEN, tools={Tool.FASTTRACK_PORTAL: ("carla",)})


BARE = Partner(name="Contoso", tenants=("us",))


# What every entry has


def test_there_is_a_to_do_of_every_kind(us: Tenant) -> None:
    assert {todo.kind for todo in todos(everything(us), BARE)} == set(TodoKind)


def test_every_entry_says_what_who_where_how_and_when_it_is_done(us: Tenant) -> None:
    for entry in todos(everything(us), BARE):
        assert all(getattr(entry, name) for name in FIELDS)
        assert all(getattr(entry, name) in str(entry) for name in FIELDS)
        assert entry.where.startswith(entry.link)
        assert entry.link.startswith(("https://", "tenantry handover ", "pulumi up"))


@st.composite
def tenants(draw: st.DrawFn) -> Tenant:
    tenant = CONTOSO.tenants["us"]
    domain = st.sampled_from(
        ["contoso.com", "a-b.com", "a.b.com", "contoso-partner.onmicrosoft.com", "münchen.de", "x|y", "a..b"]
    )
    for key in draw(st.sets(st.sampled_from(list(tenant.members)))):
        company = draw(st.sets(st.sampled_from(list(CompanyRole))))
        tenant = with_person(
            tenant,
            key,
            upn=f"{key}@{draw(domain)}",
            state=draw(st.sampled_from([None, *PersonState])),
            former_upns=tuple(f"{key}{n}@contoso.com" for n in range(draw(st.integers(0, 3)))),
            company_roles=tuple(sorted(company)),
            password_round=draw(st.none() | st.integers(1, 3)),
        )
    keys = st.sets(st.sampled_from([*tenant.members, "nobody"])).map(tuple)
    assigned = {
        name: {"name": name, "assignments": {key: ["FastTrack Manager"] for key in draw(keys)}}
        for name in ("one", "two")
    }
    plan = with_ftop(tenant, customers=assigned, approval=draw(st.none() | st.just({"state": "pending"})))
    programs = tenant.programs if draw(st.booleans()) else {}
    return changed(plan, tools=draw(st.dictionaries(st.sampled_from(list(Tool)), keys)), programs=programs)


@slow
@given(tenants())
def test_ids_are_unique_and_can_stand_under_done(tenant: Tenant) -> None:
    entries = all_todos(tenant, BARE, DAY)
    assert len({todo.id for todo in entries}) == len(entries)
    for todo in entries:
        assert TypeAdapter(TodoId).validate_python(todo.id) == todo.id
        assert todo.id.split("/")[0] == todo.kind.value


@slow
@given(tenants(), st.data())
def test_what_is_done_is_no_longer_open_and_nothing_else_changes(tenant: Tenant, data: st.DataObject) -> None:
    entries = all_todos(tenant, BARE, DAY)
    done = data.draw(st.sets(st.sampled_from([todo.id for todo in entries])))
    after = changed(tenant, done=dict.fromkeys(done, DAY))
    assert [todo.id for todo in todos(after, BARE, DAY)] == [todo.id for todo in entries if todo.id not in done]
    messages = all_todos(after, BARE, DAY)
    assert {todo.id for todo in messages} == {todo.id for todo in entries}
    assert [todo.done_on is not None for todo in messages] == sorted(todo.done_on is not None for todo in messages)
    assert unknown_done(after, BARE, DAY) == ()


def test_an_entry_that_is_done_says_when(us: Tenant) -> None:
    done = the(changed(us, done={"hand-over/carla": DAY}), "hand-over/carla")
    assert done.done_on == DAY
    assert "Done on 2026-03-02" in str(done)


def test_what_is_done_and_is_no_to_do_is_named(us: Tenant) -> None:
    strange = changed(
        us, done={"hand-over/nobody": DAY, "hand-over/carla": DAY, "approve": DAY, "address-up-to-date": DAY}
    )
    assert unknown_done(strange) == ("hand-over/nobody", "approve")


def test_a_tenant_of_own_use_leaves_nothing_to_do(us: Tenant) -> None:
    own = CONTOSO.tenants["own-use"]
    assert all_todos(own, BARE) == ()
    assert unknown_done(changed(own, done={"address-up-to-date": DAY})) == ("address-up-to-date",)


# Who may


@pytest.mark.parametrize(
    ("task", "roles"),
    [
        (Task.CREATE_PEOPLE, {PartnerRole.USER_MANAGEMENT_ADMIN, CompanyRole.ACCOUNT_ADMIN, PartnerRole.GLOBAL_ADMIN}),
        (Task.ENTRA_ROLES, {PartnerRole.GLOBAL_ADMIN}),
        (Task.COMPANY_ROLES, {CompanyRole.ACCOUNT_ADMIN, PartnerRole.GLOBAL_ADMIN}),
        (Task.FTOP_APPROVAL, {PartnerRole.GLOBAL_ADMIN}),
        (Task.AGREEMENT, set()),
        (Task.RELATIONSHIP, set()),
    ],
)
def test_who_may_do_what(task: Task, roles: set[Any]) -> None:
    assert set(WHO_MAY[task].roles) == roles


def test_every_task_has_somebody_who_may() -> None:
    assert set(WHO_MAY) == set(Task)
    assert WHO_MAY[Task.AGREEMENT].text == "a person with authority to sign legal agreements"
    assert WHO_MAY[Task.RELATIONSHIP].text == "the customer"


def test_those_who_may_are_named(us: Tenant) -> None:
    assert who_may(us, Task.CREATE_PEOPLE).names == ("Ada Nakamura", "Bruno Keller", "Grace Mbeki")
    assert str(who_may(us, Task.FTOP_APPROVAL)) == "a Global admin of this tenant (Ada Nakamura, Bruno Keller)"


@pytest.mark.parametrize("state", [PersonState.LEAVER, PersonState.DISABLED])
def test_nobody_who_cannot_sign_in_is_named(us: Tenant, state: PersonState) -> None:
    assert who_may(with_person(us, "bruno", state=state), Task.ENTRA_ROLES).names == ("Ada Nakamura",)


def test_those_who_get_into_ftop_assign_its_customers(us: Tenant) -> None:
    assert who_may(us, Task.FTOP_CUSTOMERS).names == ()
    assert who_may(with_ftop(us, consents={"ines": DAY}), Task.FTOP_CUSTOMERS).names == ("Ines Costa",)


# Enrolment, agreement, address, domains


def test_a_tenant_that_is_enrolled_need_not_enrol_again(us: Tenant) -> None:
    assert not ids(us, TodoKind.ENROL)
    assert not ids(changed(us, programs={Program.MAICPP: us.programs[Program.CSP]}), TodoKind.ENROL)


def test_a_tenant_in_no_program_enrols_in_the_one_that_its_people_need(us: Tenant) -> None:
    nowhere = changed(us, programs={})
    assert ids(nowhere, TodoKind.ENROL) == ["enrol/csp"]
    admins = {key: us.members[key] for key in ("ada", "farid")}
    few = changed(nowhere, people=admins, ftop=None)
    assert ids(few, TodoKind.ENROL) == ["enrol/maicpp"]
    assert ids(changed(few, tools={Tool.FTOP: ("farid",)}), TodoKind.ENROL) == ["enrol/fasttrack"]
    entry = the(nowhere, "enrol/csp")
    assert entry.link == ENROLMENT
    for message in ("Choose Partner", "new tenant and a billing account", "exactly as registered", "primary contact"):
        assert message in entry.steps
    assert "authority to sign" in entry.who


def test_the_enrolment_address_is_the_documents() -> None:
    assert ENROLMENT == "https://partnercenter.microsoft.com/pcv/register/joinnow/enrollmentWelcome/valueaddedreseller"


def test_an_agreement_that_is_stated_is_accepted(us: Tenant, partner: Partner) -> None:
    assert not ids(us, TodoKind.ACCEPT_AGREEMENT, partner=partner)
    unsigned = partner.model_copy(update={"agreement": None})
    assert ids(us, TodoKind.ACCEPT_AGREEMENT, partner=unsigned) == ["accept-agreement"]
    assert the(us, "accept-agreement", partner=unsigned).who == "a person with authority to sign legal agreements"


@pytest.mark.parametrize(
    ("checked", "today", "open_"),
    [(DAY, date(2027, 3, 3), False), (DAY, date(2027, 3, 4), True), (None, DAY, True)],
)
def test_an_address_is_looked_at_once_a_year(
    us: Tenant, partner: Partner, checked: date | None, today: date, open_: bool
) -> None:
    assert partner.legal
    stated = partner.model_copy(update={"legal": partner.legal.model_copy(update={"checked_on": checked})})
    assert bool(ids(us, TodoKind.ADDRESS_UP_TO_DATE, partner=stated, today=today)) is open_


def test_what_has_ended_is_to_be_taken_away_and_what_has_not_is_not(us: Tenant) -> None:
    ending = with_person(us, "dmitri", until={PartnerRole.SALES_AGENT: End(date=DAY, reason="The move")})
    assert not ids(ending.as_of(date(2026, 3, 1)), TodoKind.TAKE_AWAY)
    entry = the(ending.as_of(DAY), "take-away/dmitri/sales-agent")
    assert entry.what.startswith("Remove Sales agent from Dmitri")
    assert entry.what.endswith("due since 2026-03-02")
    assert entry.people == ("dmitri",)


def test_open_paperwork_is_one_to_do_with_what_is_left(us: Tenant, partner: Partner) -> None:
    assert not ids(us, TodoKind.PAPERWORK, partner=BARE)
    started = changed(us, paperwork=Paperwork.OPEN)
    csp = started.programs[Program.CSP].model_copy(update={"enrolled_on": None})
    started = changed(started, programs={Program.CSP: csp})
    assert the(started, "paperwork", partner=BARE).what == (
        f"Complete the paperwork of {us.name}: `legal`, `contact`, `agreement`, `account_verified_on`, "
        "`programs.CSP.enrolled_on`"
    )
    assert not ids(started, TodoKind.PAPERWORK), "the partner's file says what is left"
    whole = the(changed(us, paperwork=Paperwork.OPEN), "paperwork", partner=partner)
    assert whole.what == f"Complete the paperwork of {us.name}"
    assert "Then remove `paperwork: open`" in whole.steps


def test_an_address_that_was_done_long_ago_is_to_do_again(us: Tenant) -> None:
    done = changed(us, done={"address-up-to-date": DAY})
    assert not ids(done, TodoKind.ADDRESS_UP_TO_DATE, partner=BARE, today=date(2027, 3, 3))
    assert ids(done, TodoKind.ADDRESS_UP_TO_DATE, partner=BARE, today=date(2027, 3, 4))


def test_a_domain_that_somebody_signs_in_with_is_verified_first(us: Tenant) -> None:
    assert not ids(us, TodoKind.VERIFY_DOMAIN)
    moved = with_person(us, "carla", upn="carla@Contoso.com")
    assert ids(moved, TodoKind.VERIFY_DOMAIN) == ["verify-domain/contoso.com"]
    assert "contoso.com" in the(moved, "verify-domain/contoso.com").what
    verified = changed(moved, domains=us.domains.model_copy(update={"verified": ("contoso.com",)}))
    assert not ids(verified, TodoKind.VERIFY_DOMAIN)


# FTOP and the FastTrack Portal


def test_ftop_is_approved_once_by_a_global_admin_who_is_no_emergency_account(us: Tenant) -> None:
    entry = the(us, "approve-ftop")
    assert entry.where == FTOP_APPROVAL
    assert entry.who == "a Global admin of this tenant (Ada Nakamura, Bruno Keller)"
    assert "private browser window" in entry.steps
    assert '"Page not found"' in entry.steps


def test_with_an_application_id_the_approval_has_a_link_of_its_own(us: Tenant) -> None:
    entry = the(with_ftop(us, application_id=APPLICATION), "approve-ftop")
    assert entry.link == f"https://login.microsoftonline.com/{us.id}/adminconsent?client_id={APPLICATION}"


def test_an_approval_that_is_declared_is_done_and_needs_no_own_consents(us: Tenant) -> None:
    assert ids(us, TodoKind.APPROVE_FTOP)
    assert ids(us, TodoKind.CONSENT) == ["consent/ines"]
    approved = with_ftop(us, approval={"on": DAY, "by": "ada"})
    assert not ids(approved, TodoKind.APPROVE_FTOP)
    assert not ids(approved, TodoKind.CONSENT)


def test_where_each_consents_for_themselves_nobody_is_asked_to_approve_for_all(us: Tenant) -> None:
    users = changed(us, tools={Tool.FTOP: ("dmitri", "carla")})
    alone = with_ftop(users, approval={"state": "per user"}, consents={"carla": DAY})
    assert not ids(alone, TodoKind.APPROVE_FTOP)
    assert ids(alone, TodoKind.CONSENT) == ["consent/dmitri", "consent/ines"]
    assert the(alone, "consent/ines").who == "the person (Ines Costa)"
    assert the(alone, "consent/ines").link == FTOP


def test_pending_waits_for_the_approval_and_lists_own_consents_as_the_other_way(us: Tenant) -> None:
    pending = with_ftop(us, approval={"state": "pending"})
    assert ids(pending, TodoKind.APPROVE_FTOP)
    assert ids(pending, TodoKind.CONSENT) == ["consent/ines"]


@pytest.mark.parametrize("approval", [None, {"state": "pending"}])
def test_nothing_is_approved_where_nobody_uses_ftop(us: Tenant, approval: Any) -> None:
    nobody = with_ftop(us, customers={}, approval=approval)
    assert not ids(nobody, TodoKind.APPROVE_FTOP)
    assert not ids(nobody, TodoKind.CONSENT)
    assert not ids(with_person(us, "ines", state=PersonState.LEAVER), TodoKind.APPROVE_FTOP)


def test_those_who_need_the_fasttrack_portal_register_in_it(us: Tenant) -> None:
    portal = changed(us, tools={Tool.FASTTRACK_PORTAL: ("carla", "dmitri"), Tool.POWER_BI: ("ada",)})
    assert ids(portal, TodoKind.FASTTRACK_REGISTRATION) == [
        "fasttrack-registration/carla",
        "fasttrack-registration/dmitri",
    ]
    gone = with_person(portal, "carla", state=PersonState.DISABLED)
    assert ids(gone, TodoKind.FASTTRACK_REGISTRATION) == ["fasttrack-registration/dmitri"]
    entry = the(portal, "fasttrack-registration/carla")
    assert entry.link == "https://fasttrack.microsoft.com"
    assert "permissions request" in entry.steps
    assert "registration form" in entry.steps


def test_customers_are_assigned_to_those_who_can_get_into_ftop(us: Tenant) -> None:
    entry = the(us, "assign/fabrikam/ines")
    assert entry.what == "Assign Fabrikam Inc. to Ines Costa as FastTrack Engineer"
    assert "ines.costa@contoso-partner.onmicrosoft.com" in entry.steps
    assert "Apply Assignments" in entry.steps
    assert "My Active Tenants" in entry.done_when
    assert not ids(with_person(us, "ines", roles=()), TodoKind.ASSIGN)


def test_a_leavers_customers_are_withdrawn(us: Tenant) -> None:
    left = with_person(us, "ines", state=PersonState.LEAVER, former_upns=("i@contoso.com",))
    assert not ids(us, TodoKind.WITHDRAW)
    assert ids(left, TodoKind.WITHDRAW) == ["withdraw/fabrikam/ines"]
    assert not ids(left, TodoKind.ASSIGN)
    assert not ids(left, TodoKind.REDO_FTOP)


def test_a_changed_sign_in_name_is_assigned_anew_each_time(us: Tenant) -> None:
    assert not ids(us, TodoKind.REDO_FTOP)
    once = with_person(us, "ines", former_upns=("i@contoso.com",))
    twice = with_person(us, "ines", former_upns=("i@contoso.com", "ic@contoso.com"))
    assert ids(once, TodoKind.REDO_FTOP) == ["redo-ftop/fabrikam/ines"]
    assert ids(twice, TodoKind.REDO_FTOP) == ["redo-ftop/fabrikam/ines/2"]
    assert "i@contoso.com" in the(once, "redo-ftop/fabrikam/ines").steps


# Passwords and Partner Center-only roles


def test_passwords_are_handed_to_those_whose_accounts_are_made_here(us: Tenant) -> None:
    handed = ids(us, TodoKind.HAND_OVER)
    assert len(handed) == 10
    assert "hand-over/ada" not in handed


@pytest.mark.parametrize("state", [PersonState.LEAVER, PersonState.DISABLED])
def test_nobody_who_may_not_sign_in_is_handed_a_password(us: Tenant, state: PersonState) -> None:
    assert "hand-over/carla" in ids(us, TodoKind.HAND_OVER)
    assert "hand-over/carla" not in ids(with_person(us, "carla", state=state), TodoKind.HAND_OVER)


def test_a_new_password_is_handed_over_anew(us: Tenant) -> None:
    done = changed(us, done={"hand-over/carla": DAY})
    assert "hand-over/carla" not in ids(done, TodoKind.HAND_OVER)
    assert "hand-over/carla" not in ids(with_person(done, "carla", password_round=1), TodoKind.HAND_OVER)
    again = with_person(done, "carla", password_round=2)
    assert "hand-over/carla/2" in ids(again, TodoKind.HAND_OVER)
    assert unknown_done(again) == (), "the first time is no mistake"
    too_many = changed(again, done={"hand-over/carla": DAY, "hand-over/carla/2": DAY, "hand-over/carla/3": DAY})
    assert unknown_done(too_many) == ("hand-over/carla/3",)


def test_the_password_of_an_emergency_account_is_sealed(us: Tenant) -> None:
    assert "seal" in the(us, "hand-over/rescue-1").steps
    assert "seal" not in the(us, "hand-over/carla").steps


def test_partner_center_roles_are_given_by_an_account_or_global_admin(us: Tenant) -> None:
    entry = the(us, "company-role/emma/support-request-admin")
    assert entry.what == "Give Emma Lindqvist the role Support request admin, if they do not hold it"
    assert entry.who == "an Account admin or Global admin (Ada Nakamura, Bruno Keller)"
    assert entry.where == "https://partnercenter.microsoft.com, Settings, User management"


def test_a_leavers_partner_center_roles_are_taken_by_hand_too(us: Tenant) -> None:
    left = with_person(us, "emma", state=PersonState.LEAVER)
    (entry,) = [todo for todo in todos(left) if "Emma" in str(todo)]
    assert entry.id == "withdraw-company-role/emma/support-request-admin"
    assert entry.what == "Remove the role Support request admin from Emma Lindqvist, if they still hold it"


def test_who_may_is_found_out_once_a_task(us: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Task] = []

    def asking(tenant: Tenant, task: Task) -> Actor:
        asked.append(task)
        return who_may(tenant, task)

    monkeypatch.setattr("tenantry.todo.who_may", asking)
    assert len(todos(us)) > len(asked) == len(set(asked)), "else the time grows with the square of the people"
