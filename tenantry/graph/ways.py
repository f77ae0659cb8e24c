"""The ways to sign in to Microsoft Graph, in the order in which to prefer them, and the variables of each.

Source: the azuread provider's own documentation of its authentication, whose variables `credentials` reads. Rendered
in docs/permissions.md; tests compare it with what `credentials` reads.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Way:
    """One way to sign in."""

    title: str
    why: str
    """Why it stands where it stands, and what to see to. In sentences."""
    variables: Mapping[str, str]
    """What each variable of it holds, beside those that all ways share. A name with " or " is of either."""


SHARED: Final[Mapping[str, str]] = {
    "ARM_TENANT_ID": "the tenant's id",
    "ARM_CLIENT_ID or ARM_CLIENT_ID_FILE_PATH": "the application (client) id, or a file that holds it",
}
"""What every way takes; the tenant's id is enough for the Azure CLI and a managed identity."""

_USE_OIDC: Final = {"ARM_USE_OIDC": "`true`"}

WAYS: Final[tuple[Way, ...]] = (
    Way(
        "OIDC in GitHub Actions",
        "Workload identity federation: nothing secret is kept anywhere, and a token lasts for minutes. Give the "
        "application a federated credential for the repository and environment, and the job `id-token: write`; the "
        "runner then sets the address and its token. Federate with a protected environment, not with any branch.",
        {
            **_USE_OIDC,
            "ARM_OIDC_REQUEST_URL or ACTIONS_ID_TOKEN_REQUEST_URL": "where to ask for a token; set by the runner",
            "ARM_OIDC_REQUEST_TOKEN or ACTIONS_ID_TOKEN_REQUEST_TOKEN": "what to ask with; set by the runner",
        },
    ),
    Way(
        "OIDC in Azure Pipelines",
        "The same, through a service connection with workload identity federation. Map `System.AccessToken` into the "
        "step's environment; the agent sets the address.",
        {
            **_USE_OIDC,
            "ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID or ARM_OIDC_AZURE_SERVICE_CONNECTION_ID": "the connection's id",
            "SYSTEM_OIDCREQUESTURI": "where to ask for a token; set by the agent",
            "SYSTEM_ACCESSTOKEN": "`$(System.AccessToken)`",
        },
    ),
    Way(
        "OIDC with any other issuer",
        "The same, where something else issues the token. A file can be renewed. "
        "Pulumi's azuread provider, up to 6.10, reads none: for `pulumi` write the token itself, "
        '`ARM_OIDC_TOKEN="$(cat FILE)"`, and leave the file out.',
        {**_USE_OIDC, "ARM_OIDC_TOKEN_FILE_PATH or ARM_OIDC_TOKEN": "a file that holds the token, or the token"},
    ),
    Way(
        "Client certificate",
        "The private key never travels, and it can stay where only the pipeline reads it. Rotate it before it expires. "
        "Pulumi's azuread provider, up to 6.10, takes the file alone, and not what is in base64.",
        {
            "ARM_CLIENT_CERTIFICATE_PATH or ARM_CLIENT_CERTIFICATE": "a PKCS#12 file, or the same in base64",
            "ARM_CLIENT_CERTIFICATE_PASSWORD": "its password, if it has one",
        },
    ),
    Way(
        "Client secret",
        "It travels with every sign-in, and works for everybody who finds it. Let it expire soon, and never commit it.",
        {"ARM_CLIENT_SECRET or ARM_CLIENT_SECRET_FILE_PATH": "the secret, or a file that holds it"},
    ),
    Way(
        "Azure CLI",
        "For a person at their own machine, after `az login`: what is done is done in their name, with what they may "
        "do. Not for pipelines.",
        {"ARM_USE_CLI": "`true`, which is what it is if left out; `false` never takes it"},
    ),
)
"""The most preferable first."""

MANAGED_IDENTITY: Final = Way(
    "Managed identity",
    "On a machine in Azure nothing secret is kept either. Everything that runs on that machine is the same identity.",
    {"ARM_USE_MSI": "`true`"},
)
"""Stands beside OIDC, where there is such a machine."""

SURROUNDINGS: Final[Mapping[str, str]] = {
    "ARM_ENVIRONMENT": "the cloud: `public` if left out, `usgovernment`, `dod` or `china`",
    "ARM_METADATA_HOSTNAME": "a cloud by its metadata, such as the embedded directory; `ARM_ENVIRONMENT` is left aside",
    "HTTPS_PROXY or ALL_PROXY": "the proxy; this machine is always reached without one",
    "NO_PROXY": "what is reached without the proxy",
    "SSL_CERT_FILE or SSL_CERT_DIR": "whom TLS trusts, if not the usual authorities",
}
"""What is shared by the sign-in and everything that is read."""


def names(variables: Mapping[str, str]) -> list[str]:
    """The variables' names, each by itself."""
    return [name for either in variables for name in either.split(" or ")]
