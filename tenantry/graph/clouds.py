"""Which addresses make up the cloud that is signed in to.

Source: Microsoft's "Microsoft Graph and identity endpoints in national clouds". The names are those of the azuread
provider, which takes a metadata endpoint as well: the embedded directory is reached by one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import httpx
from httpx_retries import retry_request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tenantry.graph.errors import CredentialsError, UnreachableError
from tenantry.graph.transport import RETRY, client, reason


@dataclass(frozen=True)
class Cloud:
    """Where people sign in and where Microsoft Graph answers, each without a slash at the end."""

    login: str
    graph: str
    known: bool = True
    """Whether it is one of Microsoft's, which azure-identity can check."""

    @property
    def scope(self) -> str:
        """What a token for Microsoft Graph is asked for with."""
        return f"{self.graph}/.default"


_PUBLIC: Final = Cloud("https://login.microsoftonline.com", "https://graph.microsoft.com")
_US_GOVERNMENT: Final = Cloud("https://login.microsoftonline.us", "https://graph.microsoft.us")
_US_DEFENCE: Final = Cloud("https://login.microsoftonline.us", "https://dod-graph.microsoft.us")
_CHINA: Final = Cloud("https://login.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn")

CLOUDS: Final[Mapping[str, Cloud]] = {
    "public": _PUBLIC,
    "global": _PUBLIC,
    "usgovernment": _US_GOVERNMENT,
    "usgovernmentl4": _US_GOVERNMENT,
    "usgovernmentl5": _US_DEFENCE,
    "dod": _US_DEFENCE,
    "china": _CHINA,
}
"""The clouds by the names that `ARM_ENVIRONMENT` takes."""

_METADATA: Final = "/metadata/endpoints?api-version=2022-09-01"


class _Authentication(BaseModel):
    login_endpoint: str = Field(alias="loginEndpoint", pattern="^https://")


class _Metadata(BaseModel):
    model_config = ConfigDict(extra="ignore")

    authentication: _Authentication
    graph: str = Field(alias="microsoftGraphResourceId", pattern="^https://")


def cloud_of(environment: Mapping[str, str]) -> Cloud:
    """The cloud that the variables name: `ARM_METADATA_HOSTNAME` first, then `ARM_ENVIRONMENT`, else the public one.

    Raises CredentialsError for a name that no cloud has, and UnreachableError where the metadata cannot be had.
    """
    host = environment.get("ARM_METADATA_HOSTNAME")
    if host:
        return _described_by(host, environment)
    name = (environment.get("ARM_ENVIRONMENT") or "public").lower()
    if name not in CLOUDS:
        raise CredentialsError(f"ARM_ENVIRONMENT is {name!r}, and must be one of: {', '.join(sorted(CLOUDS))}.")
    return CLOUDS[name]


def _described_by(host: str, environment: Mapping[str, str]) -> Cloud:
    where = f"https://{host}"
    try:
        with client(where, environment) as http:
            answer = retry_request(http, "GET", _METADATA, retry=RETRY)
        answer.raise_for_status()
        metadata = _Metadata.model_validate_json(answer.content)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise UnreachableError(
            f"The cloud's metadata at {where} (ARM_METADATA_HOSTNAME) cannot be read: {reason(error)}."
        ) from None
    except ValidationError as error:
        wrong = ", ".join(".".join(map(str, mistake["loc"])) for mistake in error.errors(include_input=False))
        raise UnreachableError(
            f"{where} (ARM_METADATA_HOSTNAME) does not answer with the metadata of a cloud: {wrong or 'not JSON'}. "
            "Both addresses in it must begin with https://."
        ) from None
    return Cloud(metadata.authentication.login_endpoint.rstrip("/"), metadata.graph.rstrip("/"), known=False)
