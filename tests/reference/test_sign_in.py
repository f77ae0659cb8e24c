"""The page's ways to sign in are those that are taken, by those variables and no others."""

import base64
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import NoEncryption, load_pem_private_key, pkcs12
from cryptography.x509 import load_pem_x509_certificate

from tenantry.graph.clouds import CLOUDS, Cloud, cloud_of
from tenantry.graph.credentials import Method, sign_in
from tenantry.graph.transport import proxy_for, trust
from tenantry.graph.ways import Way, names, ways_to_sign_in
from tests.directory.samples import UNITED_STATES

CLOUD = Cloud("https://login.example", "https://graph.example")
METHODS = [
    Method.OIDC_GITHUB,
    Method.OIDC_AZURE_PIPELINES,
    Method.OIDC_TOKEN,
    Method.CERTIFICATE,
    Method.SECRET,
    Method.AZURE_CLI,
    Method.MANAGED_IDENTITY,
]
WAYS = ways_to_sign_in()
ALL = (*WAYS.ways, WAYS.managed_identity)


@cache
def pkcs12_bundle() -> bytes:
    kind = trustme.KeyType.RSA
    issued = trustme.CA(key_type=kind).issue_cert("tenantry.example", key_type=kind)
    key = load_pem_private_key(issued.private_key_pem.bytes(), None)
    certificate = load_pem_x509_certificate(issued.cert_chain_pems[0].bytes())
    assert isinstance(key, RSAPrivateKey)
    return pkcs12.serialize_key_and_certificates(b"tenantry", key, certificate, None, NoEncryption())


class Environment(dict[str, str]):
    """An environment that remembers what was looked up."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        super().__init__(variables)
        self.asked: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.asked.add(name)
        return super().get(name, default)


def environment(way: Way, which: int, folder: Path) -> Environment:
    """The variables of a way and no others: of "one or other" the first, or the last."""
    bundle = pkcs12_bundle()
    file = folder / "file"
    # Of every other way a file holds text.
    file.write_bytes(bundle if way.title == "Client certificate" else UNITED_STATES.tenant_id.encode())
    certificate = base64.b64encode(bundle).decode()

    def value(name: str) -> str:
        if name.startswith("ARM_USE_"):
            return "true"
        if name.endswith("_PATH"):
            return str(file)
        if "URL" in name or "URI" in name:
            return "https://issuer.example"
        return certificate if name == "ARM_CLIENT_CERTIFICATE" else UNITED_STATES.tenant_id

    # A password would be of another certificate.
    chosen = [either.split(" or ")[which] for either in (*WAYS.every_way, *way.variables) if "PASSWORD" not in either]
    return Environment({name: value(name) for name in chosen})


@pytest.mark.parametrize(("way", "method"), list(zip(ALL, METHODS, strict=True)))
@pytest.mark.parametrize("which", [0, -1])
def test_the_variables_of_a_way_are_enough_for_it(way: Way, method: Method, which: int, tmp_path: Path) -> None:
    assert sign_in(environment(way, which, tmp_path), CLOUD).method is method


def test_no_variable_is_read_that_the_page_does_not_name_and_it_names_no_other(tmp_path: Path) -> None:
    asked = {name for way in ALL for which in (0, -1) for name in _asked(environment(way, which, tmp_path))}
    surroundings = Environment({})
    cloud_of(surroundings)
    trust(surroundings)
    tables = (WAYS.every_way, WAYS.shared_variables, *(way.variables for way in ALL))
    shown = {name for table in tables for name in names(table)}
    # Of proxies it takes either case, and looks through everything for them.
    assert asked | surroundings.asked == {name for name in shown if "PROXY" not in name}
    for name in ("HTTPS_PROXY", "ALL_PROXY"):
        assert proxy_for("graph.example", {name: "http://proxy.example"}) == "http://proxy.example"


def _asked(variables: Environment) -> set[str]:
    sign_in(variables, CLOUD)
    return variables.asked


def test_the_clouds_that_the_page_names_are_known() -> None:
    named = {word.strip("`,") for word in WAYS.shared_variables["ARM_ENVIRONMENT"].split() if word.startswith("`")}
    assert named
    assert named <= set(CLOUDS)
