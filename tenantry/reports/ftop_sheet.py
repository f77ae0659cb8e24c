"""Who is to write which customer's record in FTOP, and what is left to do for it: a sheet, since there is no API.

Source: *Establishing Partner Center (Org ID) credentials*, "Assign a user to a customer record in FTOP": records are
read-only until one is assigned to a user, who "must be specified using their user principal name", in any of three
roles. So a changed sign-in name must be assigned anew, and the former one withdrawn.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from enum import StrEnum
from functools import partial
from typing import Final

from tenantry.access.declared import ftop_of
from tenantry.declaration.ftop import FtopCustomer, FtopRole
from tenantry.declaration.person import Person
from tenantry.declaration.tenant import Tenant
from tenantry.findings import Record
from tenantry.reports.document import Document, Group, Lines, Look, Piece, Table, Voice
from tenantry.reports.spreadsheet import csv_text
from tenantry.roles import Ftop
from tenantry.todo import FTOP, TodoKind, todo_id

HEADER: Final = ("Tenant", "Customer", "FTOP role", "UPN", "Person", "State", "To-do")

HOW: Final = (
    f"At {FTOP}: open the record under Partner List, enter or remove the UPN in the role's field, choose Apply "
    "Assignments; then declare the day under `done`, by the to-do's id. `tenantry todo` shows who may do it.",
    "Every FTOP user who is not marked incomplete can read all customers on the Partner List. An assignment lets "
    "them edit one.",
)
"""What people must know before they work the sheet off."""


class State(StrEnum):
    """How far an assignment is."""

    TO_ASSIGN = "to assign"
    ASSIGNED = "assigned"
    TO_WITHDRAW = "to withdraw"
    WITHDRAWN = "withdrawn"
    INCOMPLETE = "incomplete"
    """They do not get into FTOP: assigning them gives them nothing yet."""
    NOBODY = "nobody assigned"


class FtopAssignment(Record):
    """One sign-in name in one role of one customer's record."""

    tenant: str
    """The tenant's name."""
    customer_key: str
    """The customer's key under `ftop.customers`."""
    customer: str
    """The customer's name."""
    role: FtopRole | None = None
    """Null where nobody is assigned."""
    person_key: str = ""
    """Their key under `people`; empty where nobody is assigned, as the next two."""
    person: str = ""
    """Their full name."""
    upn: str = ""
    """The sign-in name that is assigned, or is to be."""
    state: State
    """How far it is."""
    lacks: tuple[str, ...] = ()
    """What somebody who is incomplete lacks."""
    done_on: date | None = None
    """The day under `done`."""
    todo: str = ""
    """The id to write under `done`; empty if there is nothing to do in FTOP."""

    def __str__(self) -> str:
        """The state in words."""
        lacks = f": lacks {', '.join(self.lacks)}" if self.lacks else ""
        if self.state is State.INCOMPLETE and self.done_on:
            return f"{self.state}{lacks} ({State.ASSIGNED} on {self.done_on})"
        return f"{self.state}{lacks}" + (f" on {self.done_on}" if self.done_on else "")

    @property
    def cells(self) -> tuple[str, ...]:
        """The row under :data:`HEADER`."""
        return (self.tenant, self.customer, self.role or "", self.upn, self.person, str(self), self.todo)


class FtopDocument(Record):
    """What ``tenantry ftop --format json`` writes."""

    version: int = 1
    """Changes when a key is removed or changes its meaning, not when one is added."""
    rows: tuple[FtopAssignment, ...]
    """One for each customer, person, sign-in name and FTOP role."""


def sheet(tenant: Tenant) -> tuple[FtopAssignment, ...]:
    """The rows of a tenant's customers, in the order of the file."""
    customers = tenant.ftop.customers if tenant.ftop else {}
    return tuple(row for key, customer in customers.items() for row in _customer(tenant, key, customer))


def _customer(tenant: Tenant, customer_key: str, customer: FtopCustomer) -> Iterator[FtopAssignment]:
    row = partial(FtopAssignment, tenant=tenant.name, customer_key=customer_key, customer=customer.name)
    people = {key: person for key in customer.assignments if (person := tenant.members.get(key))}
    for key, person in people.items():
        for upn, state, lacks, done_on, todo in _names(tenant, customer_key, key, person):
            for role in customer.assignments[key]:
                yield row(
                    role=role,
                    person_key=key,
                    person=person.full_name,
                    upn=upn,
                    state=state,
                    lacks=lacks,
                    done_on=done_on,
                    todo=todo,
                )
    if all(person.leaves for person in people.values()):
        yield row(state=State.NOBODY)


_Name = tuple[str, State, tuple[str, ...], date | None, str]
"""A sign-in name, how far it is, what it lacks, since when, and the to-do that is about it."""


def _names(tenant: Tenant, customer_key: str, key: str, person: Person) -> Iterator[_Name]:
    """The sign-in names of a person that stand in a customer's record, or are to."""

    def named(kind: TodoKind, time: int = 1) -> str:
        return todo_id(kind, customer_key, key, time=time)

    changes = len(person.former_upns)
    made_anew = max((n for n in range(1, changes + 1) if named(TodoKind.REDO_FTOP, n) in tenant.done), default=0)
    left_behind = person.former_upns[made_anew:]
    if person.leaves:
        todo = named(TodoKind.WITHDRAW)
        done_on = tenant.done.get(todo)
        for upn in (person.upn, *left_behind):
            yield upn, State.WITHDRAWN if done_on else State.TO_WITHDRAW, (), done_on, todo
        return
    wanted = [named(TodoKind.ASSIGN), *([named(TodoKind.REDO_FTOP, changes)] if changes else [])]
    left = [todo for todo in wanted if todo not in tenant.done]
    done_on = None if left else max(tenant.done[todo] for todo in wanted)
    access = ftop_of(tenant, key)
    match access.verdict:
        case Ftop.YES:
            yield person.upn, State.TO_ASSIGN if left else State.ASSIGNED, (), done_on, (left or wanted)[-1]
        case Ftop.INCOMPLETE:
            yield person.upn, State.INCOMPLETE, access.lacks, done_on, (left or wanted)[-1]
        case Ftop.NO:
            yield person.upn, State.INCOMPLETE, ("a role of Table 1",), done_on, ""
    for upn in left_behind:
        yield upn, State.TO_WITHDRAW, (), None, "" if access.verdict is Ftop.NO else named(TodoKind.REDO_FTOP, changes)


def as_csv(rows: Iterable[FtopAssignment]) -> str:
    """The sheet as CSV: no name in it is a formula, and none ends its cell."""
    return csv_text(HEADER, (row.cells for row in rows))


def layout(rows: Sequence[FtopAssignment], title: str) -> Document:
    """The sheet as a table, and how to work it off."""
    if not rows:
        return Document("No FTOP customers are declared.", ())
    table = Table(HEADER, tuple(map(_group, rows)), what="rows")
    return Document(f"FTOP customers of {title}", (table, Lines(HOW, Voice.OURS)), whole="`tenantry ftop --format csv`")


def _group(row: FtopAssignment) -> Group:
    codes = ("UPN", "To-do")
    texts = zip(HEADER[1:], row.cells[1:], strict=True)
    cells = ((Piece(text, Look.CODE if heading in codes else Look.PLAIN),) * bool(text) for heading, text in texts)
    return Group(row.tenant, (tuple(cells),))
