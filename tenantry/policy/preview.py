"""What the pack is shown of one run of the engine, and what the rules say of it.

A policy sees resources twice. *Resource policies* see inputs element by element, where an object id that was
slipped in beside a new person's is visible; *stack policies* see which resources a value came from, by which new
people are known. :class:`Preview` puts the two together. The declaration is read from its own folder: what the
program says of itself counts for nothing.
"""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pulumi
from google.protobuf import json_format
from pulumi_policy import ReportViolation, StackValidationArgs, proxy
from pulumi_policy.deserialize import deserialize_properties

from tenantry.access import Kind
from tenantry.access.declared import identities, target_name
from tenantry.access.principals import Identity
from tenantry.access.registered import LEFT_OUT, PROPERTIES, UNKNOWN, RegisteredResource, RegisteredView, Value, read
from tenantry.declaration import DeclarationError, Stack, Tenant, load_stack
from tenantry.findings import statement
from tenantry.rules import Evidence, Level, Rule, Scope, Settings, Verdict, evaluate, evaluate_across, evidence_of

_PROVIDER: Final = "pulumi:providers:azuread"
#: What the engine sends in place of a value that it does not know yet, by the kind of value.
_UNKNOWN: Final = frozenset(
    {
        proxy.UNKNOWN_ARCHIVE_VALUE,
        proxy.UNKNOWN_ARRAY_VALUE,
        proxy.UNKNOWN_ASSET_VALUE,
        proxy.UNKNOWN_BOOLEAN_VALUE,
        proxy.UNKNOWN_NUMBER_VALUE,
        proxy.UNKNOWN_OBJECT_VALUE,
        proxy.UNKNOWN_STRING_VALUE,
    }
)


@dataclass
class Preview:
    """What the pack has seen of one run of the engine."""

    folder: Path
    """The pack's own folder."""
    settings: Settings = field(default_factory=Settings)
    _inputs: dict[str, dict[str, Value]] = field(default_factory=dict)
    _resources: list[RegisteredResource] = field(default_factory=list)
    _read: RegisteredView | None = None
    _known: Evidence | None = None

    def collect(self, resource: Any) -> None:
        """Remember what a resource is registered with (the protocol's ``AnalyzeRequest``)."""
        self._inputs[resource.urn] = _values(resource.properties)

    @cached_property
    def stack(self) -> Stack | DeclarationError | None:
        """The declared tenant of this stack; its error; None where the stack names none."""
        name = self._named_by_the_stack or self.settings.tenant
        if not name:
            return None
        try:
            return load_stack((self.folder / self.settings.partners).resolve(), name)
        except DeclarationError as error:
            return error

    @property
    def _named_by_the_stack(self) -> str | None:
        return pulumi.Config("tenantry").get("tenant")

    def begin(self, resources: Iterable[Any]) -> None:
        """Take in the whole stack (the protocol's ``AnalyzerResource``): one reading serves every rule."""
        self._resources = [self._registered(resource) for resource in resources]
        self._read = self._known = None

    def check_tenant(self, _args: StackValidationArgs, report: ReportViolation) -> None:
        """Refuse a declaration that cannot be read, partner power without one, and another tenant than declared."""
        stack_says, configured = self._named_by_the_stack, self.settings.tenant
        if stack_says and configured and stack_says != configured:
            report(
                statement(
                    f"the stack's configuration names the tenant {stack_says}, "
                    f"but the pack's configuration names {configured}",
                    "one",
                    "remove `tenant` from the pack's configuration",
                ),
                None,
            )
        if isinstance(self.stack, DeclarationError):
            for mistake in self.stack.problems:
                report(str(mistake), None)
        elif self.stack is None:
            for message, urn in _undeclared(self._view()):
                report(message, urn)
        else:
            tenant = self.stack.tenant
            for problem in (*self._adopted_by_upn.problems, *self._unfit_identities):
                report(problem, None)
            for where, tenant_id in self._signed_in():
                if tenant_id != tenant.id:
                    report(
                        statement(
                            f"{where} names the tenant {tenant_id}",
                            f"{tenant.id}, {tenant.name}",
                            "sign in to the declared tenant, or select its stack",
                        ),
                        None,
                    )

    @cached_property
    def _adopted_by_upn(self) -> "_LookedUp":
        """Whose account an object id is that no file says: asked of the tenant, and not of the program."""
        tenant = self.stack.tenant if isinstance(self.stack, Stack) else None
        return _look_up(tenant) if tenant and tenant.looked_up else _LookedUp()

    @cached_property
    def _unfit_identities(self) -> tuple[str, ...]:
        """Declared identities that are no service principals: asked of the tenant, whichever program names them."""
        tenant = self.stack.tenant if isinstance(self.stack, Stack) else None
        return tuple(_unfit(tenant)) if tenant and tenant.identities else ()

    def _signed_in(self) -> Iterator[tuple[str, str]]:
        """The tenants that the environment and the providers name."""
        if tenant_id := os.environ.get("ARM_TENANT_ID"):
            yield "ARM_TENANT_ID", tenant_id.lower()
        for provider in self._resources:
            if provider.type == _PROVIDER and provider.registered and provider.inputs.get("tenantId"):
                tenant_id = provider.known("tenantId")
                yield f"the provider {provider.name}", tenant_id.lower() if tenant_id else "(not known yet)"

    def report(self, rule: Rule, args: StackValidationArgs, report: ReportViolation, levels: Collection[Level]) -> None:
        """Evaluate the stack by one rule and report its findings of some levels."""
        if not isinstance(self.stack, Stack):
            args.not_applicable("no declaration was found; see declared-tenant")
            return
        if rule.scope is Scope.ACROSS:
            (result,) = evaluate_across(self.stack.declaration, date.today(), [rule])
        else:
            (result,) = evaluate(self._evidence(self.stack), [rule])
        if result.verdict in (Verdict.NOT_APPLICABLE, Verdict.NOT_EVALUATED):
            args.not_applicable(result.because)
        for finding in result.findings:
            if finding.level in levels:
                report(str(finding), finding.resource)

    def _evidence(self, stack: Stack) -> Evidence:
        if self._known is None:
            self._known = evidence_of(stack.declaration, stack.tenant_name, self._view(), settings=self.settings)
        return self._known

    def _view(self) -> RegisteredView:
        if self._read is None:
            tenant = self.stack.tenant if isinstance(self.stack, Stack) else None
            people, pinned = (identities(tenant), tenant.agent_groups.ids) if tenant else ([], None)
            consent = tenant.ftop_consent if tenant else None
            known = [*people, *self._adopted_by_upn.identities]
            self._read = read(self._resources, known, pinned, self.settings.allowed, consent)
        return self._read

    def _registered(self, resource: Any) -> RegisteredResource:
        outputs = _values(resource.properties)
        return RegisteredResource(
            urn=resource.urn,
            type=resource.type,
            inputs=self._inputs.get(resource.urn, outputs),
            outputs=outputs,
            depends={name: frozenset(of.urns) for name, of in resource.propertyDependencies.items()},
            protected=resource.options.protect,
            ignores=frozenset(resource.options.ignoreChanges),
            # With `--refresh` a stack policy is also shown what this run is about to delete: only what was registered
            # was analyzed before.
            registered=resource.urn in self._inputs,
            component=not resource.HasField("provider") and not resource.type.startswith("pulumi:"),
        )


@dataclass(frozen=True)
class _LookedUp:
    """Whose accounts are adopted by UPN."""

    identities: tuple[Identity, ...] = ()
    problems: tuple[str, ...] = ()


def _look_up(tenant: Tenant) -> _LookedUp:
    """Ask Microsoft Graph, signed in as the provider is."""
    # Here, so that a pack that asks nobody starts without it.
    from tenantry.access.adopted import look_up_in_tenant
    from tenantry.graph.errors import GraphError

    people = ", ".join(f"people.{key}" for key in tenant.looked_up)
    fix = "Fix: write the object id in place of `by-upn`, or give the policy pack the same sign-in as the program"
    try:
        found = look_up_in_tenant(tenant)
    except GraphError as error:
        return _LookedUp(problems=(f"{people}: adopted by UPN, but the tenant cannot be read: {error} {fix}",))
    known = (Identity(upn=item.upn, object_id=item.object_id) for item in found.accounts.values())
    return _LookedUp(tuple(known), found.refusals)


def _unfit(tenant: Tenant) -> Iterator[str]:
    from tenantry.access.adopted import identities_in_tenant
    from tenantry.graph.errors import GraphError
    from tenantry.rules.change import services

    try:
        there = identities_in_tenant(tenant)
    except GraphError as error:
        named = ", ".join(f"identities.{key}" for key in tenant.identities)
        fix = "Fix: give the policy pack the same sign-in as the program"
        yield f"{named}: whether it is a service principal is unknown, since the tenant cannot be read: {error} {fix}"
        return
    for one in services.unfit(tenant, there):
        yield statement(one.actual, one.expected, one.remediation)


def _undeclared(view: RegisteredView) -> list[tuple[str, str | None]]:
    """Without a declaration, every grant of partner power is undeclared."""
    remediation = "declare the tenant and set `tenantry:tenant`, or remove the resource"
    found = [
        (f"{grant.principal} gets {grant.kind} {target_name(grant)}", min(r.source for r in reasons))
        for grant, reasons in view.access.grants.items()
        if grant.kind in (Kind.AGENT_GROUP, Kind.DIRECTORY_ROLE)
    ]
    found += [
        (f"it is unknown which access this gives: {place.why}", place.where) for place in sorted(view.access.unresolved)
    ]
    found += [(outside.what, outside.urn) for outside in view.out_of_policy]
    return [(statement(what, "nothing: this stack has no declaration", remediation), urn) for what, urn in found]


def _values(properties: Any) -> dict[str, Value]:
    """The properties that are read for access, out of a protobuf ``Struct``, with unknown ones marked."""
    read = {key: json_format.MessageToDict(value) for key, value in properties.fields.items() if key in PROPERTIES}
    return {**LEFT_OUT} | {key: _plain(value) for key, value in deserialize_properties(read).items()}


def _plain(value: Any) -> Value:
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, str):
        return UNKNOWN if value in _UNKNOWN else value
    return value if value is None or isinstance(value, bool | int | float) else str(value)
