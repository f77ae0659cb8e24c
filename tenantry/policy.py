"""The rules as Pulumi policies.

A policy sees resources twice. *Resource policies* see inputs element by element, where an object id that was
slipped in beside a new person's is visible; *stack policies* see which resources a value came from, by which new
people are known. :class:`_Preview` puts the two together. The declaration is read from its own folder: what the
program says of itself counts for nothing.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pulumi
from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyComplianceFramework,
    PolicyConfigSchema,
    PolicyPack,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy import Severity as PulumiSeverity
from pulumi_policy.proxy import UnknownValueError

from tenantry.access import Kind
from tenantry.access.declared import identities, target_name
from tenantry.access.registered import LEFT_OUT, PROPERTIES, UNKNOWN, RegisteredResource, RegisteredView, Value, read
from tenantry.declaration import DeclarationError, Stack, load_stack
from tenantry.rules import RULES, Rule, Scope, Verdict, evidence_of, judge, judge_across

NAME: Final = "tenantry"
_PROVIDER: Final = "pulumi:providers:azuread"
_TABLE_1: Final = PolicyComplianceFramework(
    name="Partner Center role mapping",
    reference="docs/role-mapping.md",
    specification="Table 1: Mapping Partner Center Agent/Admin roles to Office 365 Admin Center",
)


def pack(folder: Path) -> None:
    """Serve the policy pack that lies in a folder; its declarations are in ``partners`` beside it. Never returns."""
    PolicyPack(name=NAME, enforcement_level=EnforcementLevel.MANDATORY, policies=policies(folder))


def policies(folder: Path) -> list[Policy]:
    """Every policy of the pack, sharing one :class:`_Preview`."""
    preview = _Preview(folder.resolve().parent / "partners")
    declared = StackValidationPolicy(
        name="declared-tenant",
        description="The stack manages a tenant that is declared, and is signed in to that one.",
        enforcement_level=EnforcementLevel.MANDATORY,
        severity=PulumiSeverity.CRITICAL,
        remediation_steps="Set `tenantry:tenant`, mend the declaration, or sign in to the declared tenant.",
        validate=preview.check_tenant,
    )
    collector = ResourceValidationPolicy(
        name="inputs",
        description="Reads what resources are registered with; reports nothing by itself.",
        config_schema=PolicyConfigSchema(
            properties={
                "partners": {
                    "type": "string",
                    "description": "The folder of the declarations; relative to the policy pack's folder.",
                    "default": "../partners",
                }
            }
        ),
        validate=preview.collect,
    )
    return [collector, declared, *(policy for rule in RULES for policy in _policies_of(rule, preview))]


def _policies_of(rule: Rule, preview: "_Preview") -> list[Policy]:
    blocking = _policy(rule, preview, rule.id, rule.level.blocks)
    return [blocking, _policy(rule, preview, f"{rule.id}-advice", False)] if rule.also_advises else [blocking]


def _policy(rule: Rule, preview: "_Preview", name: str, blocks: bool) -> Policy:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        preview.report(rule, args, report, blocks)

    return StackValidationPolicy(
        name=name,
        description=f"{rule.title}.",
        display_name=f"{name} {rule.title}",
        enforcement_level=EnforcementLevel.MANDATORY if blocks else EnforcementLevel.ADVISORY,
        severity=PulumiSeverity(rule.severity.value),
        framework=_TABLE_1,
        tags=["partner-center", "entra-id", rule.level.name.lower()],
        remediation_steps=rule.remediation,
        validate=validate,
    )


@dataclass
class _Preview:
    """What the pack has seen of one run of the engine."""

    partners: Path
    _inputs: dict[str, dict[str, Value]] = field(default_factory=dict)
    _read: tuple[list[RegisteredResource], RegisteredView] | None = None
    """What was read last: every policy of a run is shown the same resources, and one reading serves them all."""

    def collect(self, args: ResourceValidationArgs, _report: ReportViolation) -> None:
        """Remember a resource's inputs, and where the declarations are."""
        configured = args.get_config().get("partners")
        if configured:
            self.partners = (Path.cwd() / configured).resolve()
        self._inputs[args.urn] = _values(args.props)

    @cached_property
    def stack(self) -> Stack | DeclarationError | None:
        """The declared tenant of this stack; its error; None where the stack names none."""
        name = pulumi.Config("tenantry").get("tenant")
        if not name:
            return None
        try:
            return load_stack(self.partners, name)
        except DeclarationError as error:
            return error

    def check_tenant(self, args: StackValidationArgs, report: ReportViolation) -> None:
        """Refuse a declaration that cannot be read, partner power without one, and another tenant than declared."""
        if isinstance(self.stack, DeclarationError):
            for problem in self.stack.problems:
                report(str(problem), None)
        elif self.stack is None:
            for message, urn in _undeclared(self._view(args)):
                report(message, urn)
        else:
            tenant = self.stack.tenant
            for where, tenant_id in self._signed_in(args):
                if tenant_id != tenant.id:
                    report(
                        f"{where} names the tenant {tenant_id}; allowed: {tenant.id}, {tenant.name}; "
                        "to mend: sign in to the declared tenant, or select its stack",
                        None,
                    )

    def _signed_in(self, args: StackValidationArgs) -> Iterator[tuple[str, str]]:
        """The tenants that the environment and the providers name."""
        if tenant_id := os.environ.get("ARM_TENANT_ID"):
            yield "ARM_TENANT_ID", tenant_id.lower()
        for provider in map(self._registered, args.resources):
            if provider.type == _PROVIDER and provider.registered and provider.inputs.get("tenantId"):
                tenant_id = provider.known("tenantId")
                yield f"the provider {provider.name}", tenant_id.lower() if tenant_id else "(not known yet)"

    def report(self, rule: Rule, args: StackValidationArgs, report: ReportViolation, blocks: bool) -> None:
        """Judge the stack by one rule and report its findings of one kind."""
        if not isinstance(self.stack, Stack):
            args.not_applicable("there is no declaration; see declared-tenant")
            return
        if rule.scope is Scope.ACROSS:
            (judgement,) = judge_across(self.stack.declaration, date.today(), [rule])
        else:
            evidence = evidence_of(self.stack.declaration, self.stack.tenant_name, self._view(args))
            (judgement,) = judge(evidence, [rule])
        if judgement.verdict in (Verdict.NOT_APPLICABLE, Verdict.NOT_EVALUATED):
            args.not_applicable(judgement.because)
        for finding in judgement.findings:
            if finding.level.blocks is blocks:
                report(str(finding), finding.urn)

    def _view(self, args: StackValidationArgs) -> RegisteredView:
        resources = [self._registered(resource) for resource in args.resources]
        if self._read is None or self._read[0] != resources:
            tenant = self.stack.tenant if isinstance(self.stack, Stack) else None
            known = (identities(tenant), tenant.agent_groups.ids) if tenant else ()
            self._read = (resources, read(resources, *known))
        return self._read[1]

    def _registered(self, resource: PolicyResource) -> RegisteredResource:
        outputs = _values(resource.props)
        return RegisteredResource(
            urn=resource.urn,
            type=resource.resource_type,
            inputs=self._inputs.get(resource.urn, outputs),
            outputs=outputs,
            depends={
                name: frozenset(dependency.urn for dependency in dependencies)
                for name, dependencies in resource.property_dependencies.items()
            },
            protected=bool(resource.opts.protect),
            ignores=frozenset(resource.opts.ignore_changes or ()),
            # With `--refresh` a stack policy is also shown what this run is about to delete. Only what was
            # registered passed the collector; where that was switched off, everything counts.
            registered=resource.urn in self._inputs or not self._inputs,
        )


def _undeclared(view: RegisteredView) -> list[tuple[str, str | None]]:
    """Without a declaration, every grant of partner power is undeclared."""
    mend = "declare the tenant and set `tenantry:tenant`, or remove the resource"
    found = [
        (f"{grant.principal} gets {grant.kind} {target_name(grant)}", min(r.source for r in reasons))
        for grant, reasons in view.access.grants.items()
        if grant.kind in (Kind.AGENT_GROUP, Kind.DIRECTORY_ROLE)
    ]
    found += [(f"what this gives cannot be told: {place.why}", place.where) for place in sorted(view.access.opaque)]
    found += [(outside.what, outside.urn) for outside in view.outside]
    return [(f"{what}, and this stack has no declaration; to mend: {mend}", urn) for what, urn in found]


def _values(props: Mapping[str, Any]) -> dict[str, Value]:
    """The properties that are read for access, with unknown ones marked."""
    return {**LEFT_OUT} | {key: _plain(props, key) for key in props if key in PROPERTIES}


def _plain(container: Mapping[str, Any] | Sequence[Any], key: Any) -> Value:
    """One property out of the SDK's proxies, which raise where a value is unknown."""
    try:
        value = container[key]
    except UnknownValueError:
        return UNKNOWN
    if isinstance(value, Mapping):
        return {name: _plain(value, name) for name in value}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(value, index) for index in range(len(value))]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
