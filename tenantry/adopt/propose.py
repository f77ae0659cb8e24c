"""From a tenant as it is to the declaration that gives exactly that, and to the questions that it leaves. Pure.

A person is declared with the roles of Table 1 that what they hold directly amounts to. Nothing that somebody holds is
left out in silence, and nothing becomes right by being written down: what is not declared is in a question.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path as File
from typing import Final

from pydantic import ValidationError

from tenantry.access.declared import access_map, powers_of
from tenantry.access.diff import covering
from tenantry.access.grants import Kind
from tenantry.access.observed import GroupMembers, ObservedTenant
from tenantry.access.parts import NotRead, or_none
from tenantry.access.principals import Principal
from tenantry.adopt.asking import Left
from tenantry.adopt.consent import KEY as CONSENT
from tenantry.adopt.consent import OWN as OWN_CONSENTS
from tenantry.adopt.consent import FtopConsent, OwnConsents
from tenantry.adopt.customers import DECLARE, Customers
from tenantry.adopt.holdings import Holdings
from tenantry.adopt.people import Account, Content, is_person
from tenantry.adopt.questions import LATER, LEGEND, About, Answer, Question
from tenantry.declaration.document import read_text
from tenantry.declaration.explain import valid
from tenantry.declaration.insert import block
from tenantry.declaration.keys import name_for
from tenantry.declaration.load import Declaration
from tenantry.declaration.partner import Partner
from tenantry.declaration.tenant import Mode, Paperwork, Program, Tenant
from tenantry.drift.advice import Adviser
from tenantry.drift.model import Edit
from tenantry.errors import NOT_FOUND, EngineError
from tenantry.graph.models import Group, GroupEligibility, MemberKind
from tenantry.roles import AgentGroup
from tenantry.rules import evaluate, evidence_of
from tenantry.spelling import folded_upn

_HALF_A_YEAR: Final = timedelta(days=180)
_A_YEAR: Final = timedelta(days=366)
_NOT_READ: Final = (
    "Relationships with customers (GDAP) were not read, and are not known to be absent. {} It also takes the "
    "application `Partner Customer Delegated Administration` in the tenant."
)
_PERHAPS_ACTIVATED: Final = (
    "Who may activate a place in a group that works at customers was not read: somebody who has activated one for some "
    "hours is declared as a permanent member. {} Compare each group with Privileged Identity Management before an "
    "update."
)


class AdoptError(EngineError):
    """A tenant that cannot be taken over as it is."""


class UnsignedError(EngineError):
    """A decision without an owner, a reason or an end that it may have."""

    exit_code = NOT_FOUND


@dataclass(frozen=True)
class Facts:
    """What was read of a tenant, and whose it is to be."""

    observed: ObservedTenant
    partner: str
    """The partner's key."""
    tenant_name: str
    today: date
    look_alikes: Mapping[AgentGroup, tuple[Group, ...]] = field(default_factory=dict)
    """Further groups with the name of an agent group, where one of them was taken for it."""
    beyond_reach: frozenset[str] = frozenset()
    """The ids of the eligible roles that no stack can take over: the request for them is gone, or says no reason."""
    group_eligibilities: Mapping[str, tuple[GroupEligibility, ...] | NotRead] = field(default_factory=dict)
    """Who may activate a place in a group that has roles at customers, by the group's object id."""
    consent: FtopConsent | None = None
    """The tenant's approval of FTOP, where it was looked for and is there."""
    own_consents: OwnConsents | None = None
    """Those of people for themselves, likewise."""
    country: str | None = None
    """In place of what the tenant says, where it says nothing."""


@dataclass(frozen=True)
class Written:
    """What the files say already."""

    declaration: Declaration | None = None
    """The partner, if there is one."""
    content: Content | None = None
    """The tenant's file, if there is one."""


@dataclass(frozen=True)
class Proposal:
    """A declaration of a tenant, and what it leaves open."""

    content: Content
    """What the tenant's file is to say."""
    tenant: Tenant
    questions: tuple[Question, ...]
    """Those that are open, most dangerous first."""
    unknown_answers: tuple[str, ...]
    """Answers that fit no question, or no way to settle it."""
    covered: tuple[str, ...]
    """Access that is not declared because other declared access of the person includes it."""
    accounts: int
    """How many accounts the tenant has."""
    holders: int
    """How many people, guests among them, hold an agent group or a directory role."""
    adopted: tuple[str, ...]
    """The keys of those whom this declares."""
    left_out: tuple[str, ...] = ()
    """The relationships with customers that have ended, or were never sent."""
    held_by_nobody: tuple[str, ...] = ()
    """The roles that customers approved and no group holds, by relationship that this declares."""
    not_read: tuple[str, ...] = ()
    """What was not read. It may exist."""

    @property
    def unseen(self) -> tuple[str, ...]:
        """The fields of the tenant's file that Entra does not show, and that nobody has said to be complete."""
        if not self.tenant.paperwork_is_open:
            return ()
        programs = (f"programs.{one}" for one in Program if one not in (Program.CSP, *self.tenant.programs))
        customers = self.tenant.customers.values()
        unsaid = [
            one for one in ("domain", "country", "reseller") if any(getattr(each, one) is None for each in customers)
        ]
        return (
            "purpose",
            *(() if self.tenant.serves else ("serves",)),
            *programs,
            *(f"customers.*.{one}" for one in unsaid),
        )

    @property
    def imports(self) -> int:
        """How many groups, memberships, roles and relationships the first update takes over."""
        people, plan = self.tenant.members.values(), self.tenant.gdap
        pins = sum(len(person.pins.role_assignments) for person in people)
        pins += sum(group.adopted is not None for group in (plan.groups.values() if plan else ()))
        pins += sum(one.adopted is not None for one in self.tenant.relationships)
        # The application that stands for the partner at its customers comes with the first relationship.
        pins += bool(self.tenant.relationships)
        if Program.CSP not in self.tenant.programs:
            return pins
        if self.tenant.mode is Mode.AUTHORITATIVE:
            return pins + len(AgentGroup)
        of_people = sum(isinstance(power, AgentGroup) for one in people for power in powers_of(self.tenant, one))
        return pins + of_people + sum(len(one.groups) for one in self.tenant.identities.values())


def propose(facts: Facts, written: Written = Written(), answers: Mapping[str, Answer] | None = None) -> Proposal:
    """What to write of a tenant.

    ``written`` stays as it is: people are added, and given what they hold beside what is declared of them. Raises
    UnsignedError, AdoptError where the file has another account by a sign-in name, and DeclarationError where the
    tenant says of itself what no declaration may say.
    """
    return _Proposer(facts, written, answers or {}).proposal()


class _Proposer:
    def __init__(self, facts: Facts, written: Written, answers: Mapping[str, Answer]) -> None:
        self._facts, self._written, self._answers = facts, written, answers
        before = Tenant.model_validate(written.content) if written.content is not None else None
        self._holdings = Holdings(facts.observed, before, facts.beyond_reach)
        _refuse_other_accounts(self._holdings)
        self._content: Content = deepcopy(written.content) if written.content is not None else _head(facts)
        _pin_groups(self._content, facts)
        self._has_groups = Program.CSP in self._tenant().programs
        self._refused: dict[Principal, tuple[str, ...]] = {}
        self._without_email: set[Principal] = set()
        self._used: set[str] = set()
        self._stated: Content = {name: self._content[name] for name in ("gdap", "customers") if name in self._content}
        self._customers: Customers | None = None

    def proposal(self) -> Proposal:
        self._declare_people()
        questions = self._questions()
        # One that another answer then leaves no room for was no mistake: its question stays open.
        fitting = {one.key for one in questions if (it := self._answers.get(one.key)) and one.choice(it.choice)}
        # An answer may end other questions and raise new ones: what is asked is asked of the file as it will be.
        while any(self._settled(question) for question in questions if question.key not in self._used):
            questions = self._questions()
        if self._written.content is None and not questions and self._says_who_is_in_the_groups():
            self._content["mode"] = Mode.AUTHORITATIVE.value
        for name in ("people", "identities", "drift", "done"):
            if name in self._content:
                self._content[name] = dict(sorted(self._content[name].items()))
        self._content = {name: self._content[name] for name in Tenant.model_fields if name in self._content}
        tenant = self._tenant()
        declared = access_map(tenant).grants
        is_declared = covering(declared)
        known_before = {key for key, _ in self._holdings.stated.values()}
        return Proposal(
            content=self._content,
            tenant=tenant,
            questions=tuple(sorted(questions, key=lambda one: (one.danger.rank, one.key))),
            unknown_answers=tuple(sorted(set(self._answers) - self._used - fitting - self._settled_by_others())),
            covered=tuple(
                f"{self._holdings.called(path.grant.principal)}: {self._holdings.described(path)}"
                for path in self._holdings.everything
                if path.grant not in declared and is_declared(path.grant)
            ),
            accounts=len(or_none(self._facts.observed.users)),
            holders=len(self._holdings.people),
            adopted=tuple(key for key in tenant.members if key not in known_before),
            left_out=tuple(self._customers.left_out) if self._customers else (),
            held_by_nobody=tuple(self._customers.held_by_nobody) if self._customers else (),
            not_read=tuple(self._not_read()),
        )

    # --- customers

    def _not_read(self) -> Iterator[str]:
        if self._customers and self._customers.not_read:
            yield _NOT_READ.format(self._customers.not_read)
        elif self._customers and self._customers.activations_not_read:
            yield _PERHAPS_ACTIVATED.format(self._customers.activations_not_read)

    def _settled_by_others(self) -> set[str]:
        """The answers of which another one settled the question: no mistakes."""
        known = self._customers.answerable & self._answers.keys() if self._customers else set()
        return {key for key in known if self._answers[key].choice in (DECLARE, *LEGEND)}

    def _declare_customers(self) -> None:
        """Declare what can be of relationships with customers, but what a rule then refuses."""
        found = self._facts.observed.at_customers
        if found is None:
            return
        refused: dict[str, str] = {}
        while True:
            self._content = {
                **{k: v for k, v in self._content.items() if k not in ("gdap", "customers")},
                **self._stated,
            }
            groups = self._facts.observed.agent_groups.items()
            agents = {one.group.id: group for group, one in groups if isinstance(one, GroupMembers)}
            tenant = self._tenant()
            self._customers = Customers(
                found,
                self._holdings,
                agents,
                self._stated,
                tenant,
                self._facts.today,
                self._facts.group_eligibilities,
                refused,
            )
            content = self._customers.content()
            self._content |= content
            more = self._refused_relationships(self._customers, content)
            if not more:
                return
            refused |= more

    def _refused_relationships(self, customers: Customers, content: Content) -> dict[str, str]:
        """What the rules find, and do not only advise, of relationships that this adds: by the relationship's id."""
        ids, found = customers.where(content), defaultdict[str, list[str]](list)
        if not ids:
            return {}
        for result in evaluate(evidence_of(self._declaration(), self._facts.tenant_name, today=self._facts.today)):
            for finding in result.findings:
                path = tuple(map(str, finding.path))
                one = ids.get((path[1], path[3])) if path[:1] == ("customers",) and path[2:3] == ("gdap",) else None
                if one and finding.level.blocks and not self._is_answered(customers.question_key(one), DECLARE):
                    found[one].append(f"[{finding.rule}] {finding.actual}; expected: {finding.expected}")
        return {one: "; ".join(texts) for one, texts in found.items()}

    def _tenant(self) -> Tenant:
        try:
            return Tenant.model_validate(self._content)
        except ValidationError:
            text = "".join(block(name, value) for name, value in self._content.items())
            return valid(Tenant, read_text(File(f"{self._facts.tenant_name}.yaml"), text))

    # --- people

    def _declare_people(self) -> None:
        """Declare everybody who can be, but those whom a rule then refuses: first without their address."""
        nobody = deepcopy(self._content)
        while True:
            self._content = deepcopy(nobody)
            self._content["people"] = self._content.get("people") or {}
            for who in self._holdings.people:
                self._declare(who)
            refused = self._refused_by_rules()
            if not refused:
                return
            for who, found in refused.items():
                if who not in self._without_email and all(name == "email" for name, _ in found):
                    self._without_email.add(who)
                else:
                    self._refused[who] = tuple(text for _, text in found)

    def _declare(self, who: Principal) -> None:
        known, people = self._holdings.known[who], self._content["people"]
        if not known.is_member_account or who in self._refused:
            return
        account = Account.of(
            self._holdings, who, has_groups=self._has_groups, with_email=who not in self._without_email
        )
        if account.stated:
            if account.is_new and not account.stated.leaves and not account.stated.emergency:
                people[account.key] = account.extended(people[account.key])
        elif account.roles and (known.enabled or self._answered(About.DISABLED, who, "declare")):
            entry = account.declared()
            if is_person(entry):
                people[account.key] = entry
            else:
                self._refused[who] = ("a declaration cannot hold the name or sign-in name as it is",)

    def _without_refused_address(self) -> set[Principal]:
        """Who is declared without an address although the tenant has one, and the rules would refuse it.

        Those who only work at customers are declared without an address, and not asked for one.
        """
        holdings, content = self._holdings, self._content
        by_key = {key: who for who, key in holdings.keys.items()}
        missing = {
            who: {**content["people"][key], "email": email}
            for key, person in self._tenant().members.items()
            if person.adopted and person.roles and not (person.email or person.leaves or person.emergency)
            if (who := by_key.get(key)) and (known := holdings.known.get(who)) and (email := known.email)
        }
        invalid = {who for who, entry in missing.items() if not is_person(entry)}
        self._content = {**content, "people": dict(content["people"])}
        for who in missing.keys() - invalid:
            self._content["people"][holdings.keys[who]] = missing[who]
        refused = self._refused_by_rules(of=missing) if missing else {}
        self._content = content
        return invalid | {who for who, found in refused.items() if any(name == "email" for name, _ in found)}

    def _refused_by_rules(self, of: Collection[Principal] | None = None) -> dict[Principal, list[tuple[str, str]]]:
        """What the rules find, and do not only advise, of people: the field, and what was found.

        Left out, of those whom this adds.
        """
        new = self._holdings.keys.keys() - self._holdings.stated.keys()
        by_key = {self._holdings.keys[who]: who for who in (new if of is None else of)}
        found: dict[Principal, list[tuple[str, str]]] = defaultdict(list)
        for result in evaluate(evidence_of(self._declaration(), self._facts.tenant_name, today=self._facts.today)):
            for finding in result.findings:
                key, name = (*map(str, finding.path[1:3]), "", "")[:2]
                who = by_key.get(key) if finding.path[:1] == ("people",) else None
                if who and finding.level.blocks and not self._answered(About.RULES, who, "declare"):
                    text = f"[{finding.rule}] {finding.actual}; expected: {finding.expected}"
                    found[who].append((name, text))
        return found

    def _declaration(self) -> Declaration:
        """The partner with this tenant as it is proposed."""
        name, tenant, today = self._facts.tenant_name, self._tenant(), self._facts.today
        document = read_text(File(f"{name}.yaml"), "{}")
        there = self._written.declaration
        if there is None:
            partner = Partner(name=tenant.name, tenants=(name,))
            return Declaration(self._facts.partner, partner, {name: tenant}, document, {name: document}).as_of(today)
        documents = {**there.tenant_documents, name: document}
        declaration = replace(there, tenants={**there.tenants, name: tenant}, tenant_documents=documents)
        return declaration.as_of(today)

    # --- questions

    def _questions(self) -> list[Question]:
        self._declare_customers()
        # An answer may declare somebody without their address, and a second run would ask for it.
        self._without_email |= self._without_refused_address()
        declaration, tenant = self._declaration(), self._tenant()
        names = {one.object_id: one.name for one in self._holdings.known.values() if one.kind is MemberKind.GROUP}
        adviser = Adviser(
            declaration,
            self._facts.tenant_name,
            self._facts.today,
            {self._holdings.of_upn(one.upn): (key, one) for key, one in tenant.members.items()},
            self._holdings.paths,
            self._holdings.known,
            groups=names,
        )
        left = Left(
            self._holdings,
            self._content,
            tenant,
            adviser,
            self._facts.today,
            self._refused,
            {who for who in self._without_email - self._refused.keys() if not self._has_email(who)},
            self._facts.look_alikes,
        )
        consent = self._facts.consent
        has_approval = "approval" in (self._content.get("ftop") or {})
        own = self._own_consents()
        return [
            *left.questions(),
            *(self._customers.questions() if self._customers else ()),
            *([consent.question()] if consent and not has_approval else []),
            *([own.question(map(self._called, own.people), for_all=consent is not None)] if own else []),
        ]

    def _own_consents(self) -> OwnConsents | None:
        """Who consented for themselves, and the file does not say so."""
        stated = (self._content.get("ftop") or {}).get("consents", {})
        found = self._facts.own_consents
        left = tuple(one for one in found.people if self._key_of(one) not in stated) if found else ()
        return replace(found, people=left) if found and left else None

    def _key_of(self, object_id: str) -> str:
        """The key of somebody who may hold nothing; empty where they have none."""
        return self._holdings.keys.get(self._holdings.of_id(object_id), "")

    def _called(self, object_id: str) -> str:
        return self._holdings.called(self._holdings.of_id(object_id))

    def _has_email(self, who: Principal) -> bool:
        return "email" in self._content["people"].get(self._holdings.keys[who], {})

    def _answered(self, about: About, who: Principal, choice: str) -> bool:
        """Whether a question was answered so that there is none any more."""
        return self._is_answered(f"{about}/{self._holdings.keys[who]}", choice)

    def _is_answered(self, key: str, choice: str) -> bool:
        answer = self._answers.get(key)
        if answer is None or answer.choice != choice:
            return False
        self._used.add(key)
        return True

    def _settled(self, question: Question) -> bool:
        """Whether a question is answered; what the answer says is written down."""
        answer = self._answers.get(question.key)
        choice = question.choice(answer.choice) if answer else None
        if answer and question.key == CONSENT and choice is None:
            return self._is_approved(answer.choice)
        if answer and question.key == OWN_CONSENTS and choice is None:
            return self._is_dated(answer.choice)
        if answer is None or choice is None:
            return False
        self._used.add(question.key)
        for path, value in (*choice.edit, *self._signed(question, answer, choice.decisions)):
            place = self._content
            for name in path[:-1]:
                place = place.setdefault(name, {})
            place[path[-1]] = value
        return choice.name != LATER

    def _is_approved(self, answer: str) -> bool:
        """Whether an answer says who approved FTOP, and when; it is written down then."""
        consent, people = self._facts.consent, self._content["people"]
        approved = consent.declared(answer, people, self._facts.today) if consent else None
        if approved is None:
            return False
        self._used.add(CONSENT)
        self._content["ftop"] = {**(self._content.get("ftop") or {}), **approved}
        return True

    def _is_dated(self, answer: str) -> bool:
        """Whether an answer says since when people's own consents hold; it is written down then, of the declared."""
        own, people = self._own_consents(), self._content["people"]
        keys = [key for one in own.people if (key := self._key_of(one)) in people] if own else []
        dated = own.declared(answer, keys, self._facts.today) if own and self._facts.consent is None else None
        if dated is None:
            return False
        self._used.add(OWN_CONSENTS)
        before = self._content.get("ftop") or {}
        self._content["ftop"] = {**dated, **before, "consents": {**before.get("consents", {}), **dated["consents"]}}
        return True

    def _signed(self, question: Question, answer: Answer, edit: Edit) -> Edit:
        """Decisions with an owner, a reason and an end."""
        by = answer.signature
        owner, reason = name_for(by.owner or ""), name_for(by.reason or "")
        if edit and not (owner and reason):
            raise UnsignedError(
                f"`{question.key}={answer.choice}` is a decision that needs a person responsible: add --owner NAME "
                "and --reason TEXT."
            )
        today = self._facts.today
        until = by.until or today + _HALF_A_YEAR
        if edit and not today < until <= today + _A_YEAR:
            raise UnsignedError(
                f"A decision until {until} ends too early or too late: write --until with a day after {today}, "
                f"{today + _A_YEAR} at the latest."
            )
        more = {"reason": reason, "owner": owner, "decided_on": today, "until": until}
        return tuple((path, {**value, **more}) for path, value in edit)

    def _says_who_is_in_the_groups(self) -> bool:
        """Whether the declaration has everybody and everything that is in an agent group."""
        declared = access_map(self._tenant()).grants
        direct = (path.grant for path in self._holdings.everything if not path.through)
        return all(grant in declared for grant in direct if grant.kind is Kind.AGENT_GROUP)


def _refuse_other_accounts(holdings: Holdings) -> None:
    """Refuse who holds something by a sign-in name under which the file has another account.

    The account was deleted and made again, or the name went to somebody else: only people know which.
    """
    stated = {folded_upn(person.upn): (key, person.adopted_id) for key, person in holdings.stated.values()}
    for who in {**holdings.paths, **holdings.at_customers}:
        known = holdings.known.get(who)
        key, adopted = stated.get(folded_upn(known.upn or ""), ("", None)) if known else ("", None)
        if known and adopted and adopted.casefold() != known.object_id:
            raise AdoptError(
                f"`people.{key}` has {known.upn} with the object id {adopted}, and the account of that name is "
                f"{known.object_id} now. If it is the same person's, write this id as `people.{key}.adopted`, and take "
                f"out its pins; if it is somebody else's, remove `{key}` or correct `upn`. Nothing was written."
            )


def _pin_groups(content: Content, facts: Facts) -> None:
    """Correct the ids of groups where an answer names another one."""
    ids = content.get("agent_groups", {}).get("ids", {})
    for group, found in facts.observed.agent_groups.items():
        if group in ids and isinstance(found, GroupMembers) and ids[group].lower() != found.group.id:
            ids[group.value] = found.group.id


def _head(facts: Facts) -> Content:
    """What a tenant's file says before anybody is in it."""
    observed = facts.observed
    organization = observed.organization
    assert not isinstance(organization, NotRead)  # noqa: S101 (who reads the facts makes sure of it)
    initial = (organization.initial_domain or "").lower()
    others = sorted({domain.name.lower() for domain in organization.verified_domains} - {initial})
    groups = {
        group: found.group.id for group, found in observed.agent_groups.items() if isinstance(found, GroupMembers)
    }
    return {
        "id": organization.id,
        "name": name_for(organization.display_name or "") or initial,
        "country": organization.country_letter_code or facts.country,
        "purpose": ["partner"],
        "domains": {"initial": initial, **({"verified": others} if others else {})},
        "paperwork": Paperwork.OPEN.value,
        **({"programs": {Program.CSP.value: {}}} if groups else {}),
        "mode": Mode.ADDITIVE.value,
        **({"agent_groups": {"ids": {group.value: groups[group] for group in AgentGroup}}} if groups else {}),
        "people": {},
    }
