"""The pack's end of the engine's analyzer protocol: the SDK's, with three things that the SDK does not do.

It refuses a configuration that lowers what cannot be lowered. It reads the stack once for all policies, where the SDK
hands each policy a copy of its own (at a thousand people and fifty policies most of a preview's time). And it keeps of
a resource only what says who has what.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import grpc
from google.protobuf import json_format
from pulumi.runtime import proto
from pulumi_policy import policy as sdk
from pydantic import ValidationError

from tenantry.findings import statement
from tenantry.policy.preview import Preview
from tenantry.rules import Settings

_BINDING = (proto.MANDATORY, proto.REMEDIATE)


def servicer_of(preview: Preview, settings: str, never_lowered: Iterable[str]) -> type[Any]:
    """A servicer class for ``PolicyPack``, whose policies look at ``preview``.

    ``settings`` names the policy that holds :class:`Settings`. The SDK's class has no public name: where it is gone,
    the pack does not start (docs/decisions/0005).
    """
    names = sorted(never_lowered)

    class Servicer(sdk._PolicyAnalyzerServicer):
        def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's names, as below
            problems = [*_lowered(request.policyConfig, names), *_unreadable(request.policyConfig, settings)]
            if problems:
                context.abort(grpc.StatusCode.INVALID_ARGUMENT, "\n".join(problems))
            if settings in request.policyConfig:
                preview.settings = _settings_of(request.policyConfig[settings])
            return super().Configure(request, context)  # type: ignore[no-untyped-call]

        def Remediate(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002 - nothing here changes a resource
            return proto.RemediateResponse()

        def Analyze(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002 - every rule is evaluated on the stack
            preview.collect(request)
            return proto.AnalyzeResponse()

        def AnalyzeStack(self, request: Any, context: Any) -> Any:  # noqa: N802
            preview.begin(request.resources)
            return super().AnalyzeStack(proto.AnalyzeStackRequest(), context)  # type: ignore[no-untyped-call]

    return Servicer


def _lowered(configured: Mapping[str, Any], names: Iterable[str]) -> Iterator[str]:
    for name in names:
        if name in configured and configured[name].enforcementLevel not in _BINDING:
            level = proto.EnforcementLevel.Name(configured[name].enforcementLevel).lower()
            yield statement(
                f"The policy pack's configuration: `{name}`: the level `{level}`",
                "`mandatory`: this rule cannot be lowered",
                "remove the level (also for `all`), and fix the rule's findings",
            )


def _unreadable(configured: Mapping[str, Any], settings: str) -> Iterator[str]:
    if settings not in configured:
        return
    try:
        _settings_of(configured[settings])
    except ValidationError as error:
        allowed = ", ".join(sorted(field.alias or name for name, field in Settings.model_fields.items()))
        for problem in error.errors():
            where = ".".join(map(str, (settings, *problem["loc"])))
            what = "unknown key" if problem["type"] == "extra_forbidden" else problem["msg"]
            yield statement(
                f"The policy pack's configuration: `{where}`: {what}, found {problem['input']!r}",
                f"one of {allowed}",
                "correct it (`tenantry docs policies` describes each setting)",
            )


def _settings_of(configured: Any) -> Settings:
    return Settings.model_validate(json_format.MessageToDict(configured.properties))
