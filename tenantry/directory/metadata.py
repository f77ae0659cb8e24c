"""The metadata endpoint: where a client learns which addresses make up this cloud.

Clients of Azure's clouds read it from a host that they are given; the azuread provider does with
`ARM_METADATA_HOSTNAME`, and the Azure CLI with `az cloud register`. Everything of the embedded directory is at one
address.
"""

from . import errors
from .documents import JsonObject

_VERSION = "2022-09-01"


def endpoints(api_version: str | None, origin: str) -> JsonObject:
    """Return the cloud's description in the one version of it that the directory knows."""
    if api_version != _VERSION:
        raise errors.not_implemented(f"the metadata version {api_version!r}, only {_VERSION}")
    return {
        "authentication": {
            "audiences": [origin],
            "identityProvider": "AAD",
            "loginEndpoint": origin,
            "tenant": "common",
        },
        "microsoftGraphResourceId": origin,
        "name": "EmbeddedDirectory",
        "resourceManager": origin,
        # The domains of Azure's other services, of which none is here. The Azure CLI reads the object in any case.
        "suffixes": {},
    }
