"""Plays the engine to the policy pack: starts it as Pulumi's Python host does, and speaks its analyzer protocol."""

import json
import os
import select
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime import set_all_config
from pulumi.runtime.proto import analyzer_pb2 as pb
from pulumi.runtime.proto import analyzer_pb2_grpc
from pulumi_policy import EnforcementLevel
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE

from tenantry.access.registered import RegisteredResource, Unknown
from tenantry.policy import NAME, policies, servicer
from tenantry.policy.preview import Preview

ROOT = Path(__file__).resolve().parents[2]
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
STACK = "urn:pulumi:dev::tenantry::pulumi:pulumi:Stack::tenantry-dev"
PATIENCE = 60
"""Seconds: a hang becomes a failure."""


def wire(value: Any) -> Any:
    """A value as the engine sends it: an unknown one as the SDK's mark."""
    if isinstance(value, Unknown):
        return UNKNOWN_STRING_VALUE
    if isinstance(value, Mapping):
        return {key: wire(item) for key, item in value.items()}
    return [wire(item) for item in value] if isinstance(value, list) else value


def _struct(values: Mapping[str, Any]) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    struct.update({key: SECRET | {"value": item} if key == "password" else item for key, item in wire(values).items()})
    return struct


def _provider(resource: RegisteredResource) -> pb.AnalyzerProviderResource | None:
    """What stands behind a resource; a component and a provider have none."""
    if resource.component or resource.package == "pulumi":
        return None
    type_ = f"pulumi:providers:{resource.package}"
    urn = f"urn:pulumi:dev::tenantry::{type_}::default"
    return pb.AnalyzerProviderResource(type=type_, urn=urn, name="default", properties=_struct({}))


def _options(resource: RegisteredResource) -> pb.AnalyzerResourceOptions:
    return pb.AnalyzerResourceOptions(protect=resource.protected, ignoreChanges=sorted(resource.ignores))


@dataclass(frozen=True)
class Said:
    """What the pack says of a whole preview."""

    diagnostics: list[pb.AnalyzeDiagnostic]
    not_applicable: dict[str, str]

    @property
    def mandatory(self) -> set[str]:
        return {item.policyName for item in self.diagnostics if item.enforcementLevel == pb.MANDATORY}

    @property
    def advisory(self) -> set[str]:
        return {item.policyName for item in self.diagnostics if item.enforcementLevel == pb.ADVISORY}

    @property
    def text(self) -> str:
        return "\n".join(str(item) for item in self.diagnostics)

    def of(self, policy: str) -> str:
        return "\n".join(item.message for item in self.diagnostics if item.policyName == policy)


@dataclass(frozen=True)
class Analyzer:
    """A policy pack that runs."""

    stub: Any

    def configure(self, **policies: pb.PolicyConfig) -> None:
        self.stub.Configure(pb.ConfigureAnalyzerRequest(policyConfig=policies), timeout=PATIENCE)

    def configure_pack(self, settings: Mapping[str, Any]) -> None:
        configured = pb.PolicyConfig(enforcementLevel=pb.MANDATORY)
        configured.properties.update(settings)
        self.configure(tenantry=configured)

    def info(self) -> pb.AnalyzerInfo:
        return self.stub.GetAnalyzerInfo(empty_pb2.Empty(), timeout=PATIENCE)

    def preview(self, resources: Iterable[RegisteredResource]) -> Said:
        """Analyze each resource by its inputs, then the stack by its outputs: what the engine does."""
        resources = [RegisteredResource(STACK, "pulumi:pulumi:Stack", {}), *resources]
        answers = [self._analyze(resource) for resource in resources if resource.registered]
        request = pb.AnalyzeStackRequest(resources=[self._in_stack(resource) for resource in resources])
        answers.append(self.stub.AnalyzeStack(request, timeout=PATIENCE))
        return Said(
            [diagnostic for answer in answers for diagnostic in answer.diagnostics],
            {item.policy_name: item.reason for answer in answers for item in answer.not_applicable},
        )

    def _analyze(self, resource: RegisteredResource) -> pb.AnalyzeResponse:
        return self.stub.Analyze(
            pb.AnalyzeRequest(
                type=resource.type,
                urn=resource.urn,
                name=resource.name,
                properties=_struct(resource.inputs),
                options=_options(resource),
                provider=_provider(resource),
            ),
            timeout=PATIENCE,
        )

    @staticmethod
    def _in_stack(resource: RegisteredResource) -> pb.AnalyzerResource:
        return pb.AnalyzerResource(
            type=resource.type,
            urn=resource.urn,
            name=resource.name,
            properties=_struct(resource.outputs),
            options=_options(resource),
            provider=_provider(resource),
            propertyDependencies={
                key: pb.AnalyzerPropertyDependencies(urns=sorted(urns)) for key, urns in resource.depends.items()
            },
        )


class _InProcess:
    """A servicer that is called and not connected to."""

    def __init__(self, servicer: Any) -> None:
        self._servicer = servicer

    def __getattr__(self, name: str) -> Any:
        return lambda request, timeout=0: getattr(self._servicer, name)(request, None)


def in_process(folder: Path, preview: Preview | None = None) -> Analyzer:
    """The pack in a folder, in this process."""
    preview = preview or Preview(folder)
    made = policies(preview)
    served = servicer(preview, made)(NAME, "0.0.1", made, EnforcementLevel.MANDATORY)
    return Analyzer(_InProcess(served))


@contextmanager
def configured_in_process(
    pack: Path, config: Mapping[str, str], settings: Mapping[str, Any] | None = None, **environ: str
) -> Iterator[Analyzer]:
    """The pack in a folder, in this process, which has the environment of the pack's own meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        theirs = environment(config, **environ)
        for name in os.environ.keys() - theirs.keys():
            patch.delenv(name)
        for name, value in theirs.items():
            patch.setenv(name, value)
        patch.chdir(pack)
        set_all_config(dict(config))
        analyzer = in_process(pack)
        if settings is not None:
            analyzer.configure_pack(settings)
        try:
            yield analyzer
        finally:
            set_all_config({})  # the pack's library copies it there, for as long as the process lives


def command(pack: Path, *, python: Iterable[str] = (sys.executable,)) -> list[str]:
    """How Pulumi's Python host starts a policy pack (pulumi-language-python, RunPlugin)."""
    return [*python, "-u", "-m", "pulumi.policy", "127.0.0.1:0", str(pack)]


def environment(config: Mapping[str, str], **more: str) -> dict[str, str]:
    """What the host puts into the pack's environment, beside all that is there already."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("ARM_", "PULUMI_"))}
    stack = {"PULUMI_PROJECT": "tenantry", "PULUMI_STACK": "dev", "PULUMI_DRY_RUN": "true"}
    return kept | stack | {"PULUMI_CONFIG": json.dumps(config)} | more


@contextmanager
def running(
    pack: Path, config: Mapping[str, str], settings: Mapping[str, Any] | None = None, **environ: str
) -> Iterator[Analyzer]:
    """The pack in a folder, in a process of its own with the folder as its working directory."""
    process = subprocess.Popen(
        command(pack), cwd=pack, env=environment(config, **environ), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        assert process.stdout is not None
        ready, _, _ = select.select([process.stdout], [], [], PATIENCE)
        assert ready, "the pack names no port"
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}", [("grpc.max_receive_message_length", -1)]) as channel:
            analyzer = Analyzer(analyzer_pb2_grpc.AnalyzerStub(channel))
            if settings is not None:
                analyzer.configure_pack(settings)
            yield analyzer
    finally:
        process.kill()
        process.communicate()
