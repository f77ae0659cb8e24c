"""The directory's own controls, beside what it emulates: its faults, for whoever has the secret in its state folder."""

import hmac

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from tenantry.declaration import DeclarationError

from .fault_layer import FaultLayer
from .faults import Faults, parse

PATH = "/_control/faults"


def controlled(layer: FaultLayer, secret: str) -> Starlette:
    """Make the application that answers for the controls itself and leaves the rest to the layer."""

    async def faults(request: Request) -> Response:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(given.encode(), secret.encode()):
            return _refused(401, "The controls take the secret in control.json as a bearer token.")
        if request.method == "PUT":
            try:
                layer.switch(parse(await request.body()))
            except DeclarationError as error:
                return _refused(400, str(error))
        if request.method == "DELETE":
            layer.switch(Faults())
        document = layer.faults.model_dump(mode="json", exclude_defaults=True)
        return JSONResponse({"faults": document.get("faults", []), "hits": layer.hits})

    return Starlette(routes=[Route(PATH, faults, methods=["GET", "PUT", "DELETE"]), Mount("/", layer)])


def _refused(status: int, message: str) -> Response:
    return JSONResponse({"error": {"code": "ControlRefused", "message": message}}, status)
