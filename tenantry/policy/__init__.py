"""The rules as Pulumi policies: ``pulumi preview --policy-pack policies``."""

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any, Final

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyComplianceFramework,
    PolicyConfigSchema,
    PolicyPack,
    ReportViolation,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy import Severity as PulumiSeverity
from pulumi_policy import policy as sdk

from tenantry.policy.preview import Preview
from tenantry.policy.servicer import servicer_of
from tenantry.rules import RULES, Level, Rule, Settings, View

NAME: Final = "tenantry"
SETTINGS: Final = "tenantry"
"""The policy whose configuration holds the pack's :class:`~tenantry.rules.Settings`."""
TENANT: Final = "declared-tenant"
IN_THE_PACK: Final = tuple(rule for rule in RULES if rule.views != [View.OBSERVED])
"""The rules that a preview can answer: not those that are evaluated on the tenant itself alone."""
_ALWAYS_TAG: Final = Level.ALWAYS.name.lower()
_TABLE_1: Final = "Table 1: Mapping Partner Center Agent/Admin roles to Office 365 Admin Center"


def pack(folder: Path) -> None:
    """Serve the policy pack that lies in a folder; its declarations are in ``partners`` beside it. Never returns."""
    preview = Preview(folder.resolve())
    made = policies(preview)
    sdk._PolicyAnalyzerServicer = servicer(preview, made)  # type: ignore[misc]
    PolicyPack(name=NAME, enforcement_level=EnforcementLevel.MANDATORY, policies=made)


def servicer(preview: Preview, made: Iterable[Policy]) -> type[Any]:
    """What speaks the engine's protocol for these policies."""
    return servicer_of(preview, SETTINGS, [policy.name for policy in made if _ALWAYS_TAG in (policy.tags or ())])


def policies(preview: Preview) -> list[Policy]:
    """Every policy of the pack, looking at one :class:`Preview`."""
    settings = ResourceValidationPolicy(
        name=SETTINGS,
        description="Holds the pack's configuration; reports nothing.",
        enforcement_level=EnforcementLevel.MANDATORY,
        config_schema=PolicyConfigSchema(properties=_config_properties()),
        validate=lambda _args, _report: None,
        tags=[_ALWAYS_TAG],
    )
    declared = StackValidationPolicy(
        name=TENANT,
        description="The stack manages a declared tenant, and is signed in to it.",
        enforcement_level=EnforcementLevel.MANDATORY,
        severity=PulumiSeverity.CRITICAL,
        remediation_steps="Set `tenantry:tenant`, correct the declaration, or sign in to the declared tenant.",
        validate=preview.check_tenant,
        tags=[_ALWAYS_TAG],
    )
    return [settings, declared, *(policy for rule in IN_THE_PACK for policy in _policies_of(rule, preview))]


def _policies_of(rule: Rule, preview: Preview) -> list[Policy]:
    """A rule's own policy, and one for its findings of another level, since a policy has one level."""
    beside = {Level.ALWAYS: f"{rule.id}-always"} if rule.also_binds else {}
    beside |= {Level.ADVISORY: f"{rule.id}-advice"} if rule.also_advises else {}
    own = _policy(rule, preview, rule.id, rule.level, set(Level) - beside.keys())
    return [own, *(_policy(rule, preview, name, level, {level}) for level, name in beside.items())]


def _policy(rule: Rule, preview: Preview, name: str, level: Level, levels: Collection[Level]) -> Policy:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        preview.report(rule, args, report, levels)

    return StackValidationPolicy(
        name=name,
        description=f"{rule.title}.",
        display_name=f"{name} {rule.title}",
        enforcement_level=EnforcementLevel.MANDATORY if level.blocks else EnforcementLevel.ADVISORY,
        severity=PulumiSeverity(rule.severity.value),
        framework=PolicyComplianceFramework(
            name="Microsoft's guidance for partners",
            reference=rule.source,
            specification=_TABLE_1 if "Table 1" in rule.source else rule.title,
        ),
        tags=["partner-center", "entra-id", level.name.lower()],
        remediation_steps=rule.remediation,
        url=f"tenantry docs rules/{rule.id}",
        validate=validate,
    )


def _config_properties() -> dict[str, dict[str, object]]:
    """The settings as the engine checks them; the pack itself checks the rest."""
    schema = Settings.model_json_schema()
    kept = ("type", "description", "items", "default", "pattern", "minLength", "minimum", "enum", "uniqueItems")
    found: dict[str, dict[str, object]] = {}
    for name, field in schema["properties"].items():
        (reference,) = {part["$ref"] for part in field.get("allOf", [field]) if "$ref" in part} or {""}
        inner = schema["$defs"][reference.rsplit("/", 1)[-1]] if reference else {}
        (given,) = [part for part in field.get("anyOf", [{}]) if part.get("type") != "null"]
        merged = {**inner, **given, **field}
        found[name] = {key: merged[key] for key in kept if merged.get(key) is not None}
    return found
