"""The plugin's side of the engine's protocol: components by Pulumi's SDK, relationships beside them.

The SDK's server makes components and nothing else: what it leaves unanswered is answered here, for one resource type.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable
from typing import Any, NoReturn, ParamSpec, TypeVar

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct
from pulumi.provider import Provider
from pulumi.provider.server import ProviderServicer
from pulumi.runtime import proto
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import provider_pb2_grpc

from components.relationships.resource import RelationshipResource
from tenantry.access.state import RELATIONSHIP
from tenantry.graph.errors import GraphError

_Given = ParamSpec("_Given")
_Answer = TypeVar("_Answer")


class Servicer(ProviderServicer):
    """Answers the engine. What takes requests to Microsoft Graph runs in a thread, so that many can at once."""

    def __init__(self, provider: Provider, resource: RelationshipResource, engine: str) -> None:
        super().__init__(provider, [], engine)
        self._resource = resource

    async def Check(self, request: proto.CheckRequest, context: Any) -> proto.CheckResponse:  # noqa: N802 - as below
        """Whether inputs are well formed."""
        if (type_ := request.urn.split("::")[2].rpartition("$")[2]) != RELATIONSHIP:
            await context.abort(
                grpc.StatusCode.INVALID_ARGUMENT, f"This plugin has no resource {type_}, only {RELATIONSHIP}."
            )
        failures = [
            proto.CheckFailure(property=name, reason=f"{name}: {why}")
            for name, why in self._resource.check(_dict(request.news))
        ]
        return proto.CheckResponse(inputs=request.news, failures=failures)

    async def Diff(self, request: proto.DiffRequest, context: Any) -> proto.DiffResponse:  # noqa: N802
        """What an update would do."""
        olds, before, news = _dict(request.olds), _dict(request.old_inputs), _dict(request.news)
        found = await self._run(context, self._resource.diff, olds, before, news)
        changed = proto.DiffResponse.DIFF_SOME if found else proto.DiffResponse.DIFF_NONE
        kinds = {name: proto.PropertyDiff(kind=proto.PropertyDiff.UPDATE) for name in found}
        return proto.DiffResponse(changes=changed, diffs=found, detailedDiff=kinds, hasDetailedDiff=bool(found))

    async def Create(self, request: proto.CreateRequest, context: Any) -> proto.CreateResponse:  # noqa: N802
        """Make a relationship."""
        made = await self._run(context, self._resource.create, _dict(request.properties))
        return proto.CreateResponse(id=made.id, properties=_struct(made.outputs))

    async def Read(self, request: proto.ReadRequest, context: Any) -> proto.ReadResponse:  # noqa: N802
        """Read a relationship, to refresh or to import it."""
        found = await self._run(context, self._resource.read, request.id, _dict(request.inputs))
        if found is None:
            return proto.ReadResponse()
        return proto.ReadResponse(id=found.id, properties=_struct(found.outputs), inputs=_struct(found.inputs))

    async def Update(self, request: proto.UpdateRequest, context: Any) -> proto.UpdateResponse:  # noqa: N802
        """Do what is left to be done."""
        found = await self._run(context, self._resource.update, request.id, _dict(request.news))
        return proto.UpdateResponse(properties=_struct(found.outputs))

    async def Delete(self, request: proto.DeleteRequest, context: Any) -> Empty:  # noqa: N802
        """Delete, forget or refuse to."""
        await self._run(context, self._resource.delete, request.id, _dict(request.old_inputs))
        return Empty()

    async def _run(
        self, context: Any, what: Callable[_Given, _Answer], *args: _Given.args, **more: _Given.kwargs
    ) -> _Answer:
        try:
            return await asyncio.to_thread(what, *args, **more)
        except GraphError as refusal:
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(refusal))
            raise  # never reached: aborting raises


def serve(provider: Provider) -> None:
    """Answer the engine until it ends."""
    arguments = argparse.ArgumentParser(description="The plugin that the Pulumi engine starts.")
    arguments.add_argument("engine", help="the engine's address")
    engine: str = arguments.parse_known_args()[0].engine

    async def answer() -> None:
        server = grpc.aio.server(options=_GRPC_CHANNEL_OPTIONS)
        servicer = Servicer(provider, RelationshipResource(), engine)
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        sys.stdout.write(f"{port}\n")
        sys.stdout.flush()
        await _end_with(engine)

    asyncio.run(answer())


async def _end_with(engine: str) -> NoReturn:
    """Wait for the engine's end, and end with it: nobody would know what a killed engine's plugin still does."""
    async with grpc.aio.insecure_channel(engine) as channel:
        state = channel.get_state(try_to_connect=True)
        while state is not grpc.ChannelConnectivity.TRANSIENT_FAILURE:
            await channel.wait_for_state_change(state)
            state = channel.get_state(try_to_connect=True)
    os._exit(0)


def _dict(struct: Struct) -> dict[str, Any]:
    return dict(MessageToDict(struct))


def _struct(values: dict[str, Any]) -> Struct:
    struct = Struct()
    struct.update(values)
    return struct
