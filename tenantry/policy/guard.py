"""Refuses a configuration that lowers what cannot be lowered, or that nobody can read, before anything is judged."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import grpc  # type: ignore[import-untyped]
from google.protobuf import json_format  # type: ignore[import-untyped]
from pulumi.runtime import proto
from pulumi_policy import policy as sdk
from pydantic import ValidationError

from tenantry.rules import Settings

_BINDING: Final = (proto.MANDATORY, proto.REMEDIATE)


def guard_configuration(settings: str, never_lowered: Iterable[str]) -> None:
    """Have every policy pack of this process refuse such a configuration, with all that is wrong with it.

    ``settings`` names the policy that holds :class:`Settings`. The SDK hands a policy its properties and keeps to
    itself the level that the configuration gives it, so the one place that sees it is the SDK's servicer, which is no
    public name: where it is gone, the pack does not start.
    """
    names = sorted(never_lowered)

    class Guarded(sdk._PolicyAnalyzerServicer):
        def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
            problems = [*_lowered(request.policyConfig, names), *_unreadable(request.policyConfig, settings)]
            if problems:
                context.abort(grpc.StatusCode.INVALID_ARGUMENT, "\n".join(problems))
            return super().Configure(request, context)  # type: ignore[no-untyped-call]

    sdk._PolicyAnalyzerServicer = Guarded  # type: ignore[misc]


def _lowered(configured: Mapping[str, Any], names: Iterable[str]) -> Iterator[str]:
    for name in names:
        if name in configured and configured[name].enforcementLevel not in _BINDING:
            level = proto.EnforcementLevel.Name(configured[name].enforcementLevel).lower()
            yield (
                f"The policy pack's configuration: `{name}`: the level `{level}`; allowed: `mandatory`, since this "
                "cannot be lowered; to mend: remove the level (`all` lowers it too), and mend what the rule finds"
            )


def _unreadable(configured: Mapping[str, Any], settings: str) -> Iterator[str]:
    if settings not in configured:
        return
    try:
        settings_of(json_format.MessageToDict(configured[settings].properties))
    except ValidationError as error:
        allowed = ", ".join(sorted(field.alias or name for name, field in Settings.model_fields.items()))
        for problem in error.errors():
            where = ".".join(map(str, (settings, *problem["loc"])))
            what = "a key that there is not" if problem["type"] == "extra_forbidden" else problem["msg"]
            yield (
                f"The policy pack's configuration: `{where}`: {what}, found {problem['input']!r}; "
                f"allowed keys: {allowed}; to mend: correct it (policies/README.md says what each one takes)"
            )


def settings_of(properties: Mapping[str, Any] | None) -> Settings:
    """The settings that a configuration gives. Raises pydantic's ValidationError."""
    return Settings.model_validate(dict(properties or {}))
