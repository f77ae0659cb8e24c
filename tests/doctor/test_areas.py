"""Every check, once fine and once for each thing that can be wrong with it: facts in, words out."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from tenantry.doctor import engine, network, python, repository, review, sign_in, state, tenant
from tenantry.doctor.model import Check, Standing
from tenantry.engine.pulumi_cli import PulumiCli
from tenantry.graph.permissions import EVERY_FEATURE, READINGS, WRITINGS
from tests.directory.samples import REQUIRED

FINE, WRONG, SKIPPED = Standing.FINE, Standing.WRONG, Standing.NOT_LOOKED_AT
HERE = Path("/home/ada/partner")
CLI = PulumiCli(Path("/home/ada/.pulumi/bin/pulumi"), "3.259.0")
TENANT = "6f1f7c0e-52a3-4d0b-9e57-2b8b9f4c1a10"
OTHER = "0d9a4b52-3c1e-4f7a-8b60-51f3c27ad901"

REPOSITORY = repository.Facts(HERE, HERE, ("dev", "main"), "main", "contoso/us")
ENGINE = engine.Facts(
    found=CLI,
    on_path=CLI.path,
    required=">=3.249.0",
    has_host=True,
    plugin="6.9.1",
    installed=("6.9.1",),
)
RUNS = python.Runs(HERE / ".venv/bin/python")
PYTHON = python.Facts(
    (3, 12), HERE / ".venv/bin/python", lock="requirements.lock", environment=".venv", program=RUNS, pack=RUNS
)
STATE = state.Facts(
    "main",
    "https://api.pulumi.com",
    "`pulumi login`",
    logged_in=True,
    provider=None,
    passphrase=state.Passphrase.MISSING,
    contents=state.Contents(),
)
FOLDER = replace(
    STATE,
    backend="file:///srv/state",
    folder=Path("/srv/state"),
    folder_is_there=True,
    folder_is_writable=True,
    logged_in=False,
    provider="passphrase",
    passphrase=state.Passphrase.GIVEN,
)
ANSWERS = (
    network.Answer("login.microsoftonline.com", ahead=timedelta(seconds=1)),
    network.Answer("graph.microsoft.com", ahead=timedelta(seconds=-2)),
)
NETWORK = network.Facts(answers=ANSWERS)
SIGN_IN = sign_in.Facts("client secret", "the application c0ffee", signed_in=True)
WRITES = frozenset(need.permission for need in WRITINGS if not need.only_where)
TENANT_FACTS = tenant.Facts(
    declared=TENANT,
    name="contoso/us",
    signed_in=TENANT,
    client_id="c0ffee",
    held=WRITES,
    p1=tenant.Licence.THERE,
    p2=tenant.Licence.THERE,
)
READER = replace(TENANT_FACTS, held=frozenset(EVERY_FEATURE))
REVIEW = review.Facts("/usr/bin/git")


def checked(facts: object) -> list[Check]:
    areas = (repository, engine, python, state, network, sign_in, tenant, review)
    (area,) = (module for module in areas if isinstance(facts, module.Facts))
    found: Iterator[Check] = area.check(facts)
    return list(found)


SOUND = (REPOSITORY, ENGINE, PYTHON, STATE, FOLDER, NETWORK, SIGN_IN, TENANT_FACTS, READER, REVIEW)


@pytest.mark.parametrize("facts", SOUND, ids=lambda facts: type(facts).__module__.rpartition(".")[2])
def test_where_everything_is_there_every_check_is_fine(facts: object) -> None:
    found = checked(facts)
    assert found
    assert {check.standing for check in found} == {FINE}
    assert all(check.found and not check.remediation for check in found)


@dataclass(frozen=True)
class Fault:
    facts: object
    name: str
    """Of the check."""
    standing: Standing
    found: str
    fix: str = ""


FAULTS = {
    # repository
    "outside": Fault(repository.Facts(HERE), "project", WRONG, "there is no Pulumi.yaml in", "`tenantry init PARTNER`"),
    "no stack": Fault(
        replace(REPOSITORY, stacks=(), stack=None), "stack", WRONG, "no Pulumi.<stack>.yaml", "`pulumi stack init NAME`"
    ),
    "several stacks": Fault(
        replace(REPOSITORY, stack=None, tenant=None), "stack", SKIPPED, "several (dev, main): name one with --stack"
    ),
    "another stack": Fault(
        replace(REPOSITORY, stack="uk", tenant=None),
        "stack",
        WRONG,
        "no Pulumi.uk.yaml here; stacks of this project: dev, main",
        "`pulumi stack init uk`",
    ),
    "invalid": Fault(
        replace(REPOSITORY, problems=("us.yaml:3:1: x", "y")),
        "declaration",
        WRONG,
        "us.yaml:3:1: x (and 1 more)",
        "`tenantry check`",
    ),
    "no tenant": Fault(replace(REPOSITORY, tenant=None), "declaration", SKIPPED, "no stack says"),
    # engine
    "no engine": Fault(
        engine.Facts(passed_over=("/usr/bin/pulumi is Pulumi 3.1.0, older than 3.249.0: upgrade it.",)),
        "Pulumi",
        WRONG,
        "no Pulumi CLI of 3.249.0 or newer was found. /usr/bin/pulumi is Pulumi 3.1.0",
        "https://get.pulumi.com",
    ),
    "older than asked": Fault(
        replace(ENGINE, required=">=3.300.0"),
        "Pulumi",
        WRONG,
        "older than Pulumi.yaml asks for",
        "https://get.pulumi.com",
    ),
    "odd range": Fault(
        replace(ENGINE, required="^3.0.0"), "Pulumi", SKIPPED, "asks for ^3.0.0, which Pulumi itself compares"
    ),
    "not on the path": Fault(
        replace(ENGINE, on_path=None), "PATH", WRONG, "not on the PATH", 'export PATH="/home/ada/.pulumi/bin:$PATH"'
    ),
    "another on the path": Fault(
        replace(ENGINE, on_path=Path("/usr/bin/pulumi")),
        "PATH",
        WRONG,
        "/usr/bin/pulumi, which will not do",
        'export PATH="/home/ada/.pulumi/bin:$PATH"',
    ),
    "no host": Fault(
        replace(ENGINE, has_host=False),
        "language host",
        WRONG,
        "pulumi-language-python is neither",
        "https://get.pulumi.com",
    ),
    "no plugin": Fault(
        replace(ENGINE, installed=()),
        "azuread provider",
        WRONG,
        "6.9.1, which belongs to the Python package pulumi_azuread, is not installed",
        "`pulumi plugin install resource azuread 6.9.1`",
    ),
    "another plugin": Fault(
        replace(ENGINE, installed=("6.8.0", "5.1.0")),
        "azuread provider",
        WRONG,
        "installed is 6.8.0, 5.1.0",
        "azuread 6.9.1",
    ),
    "no package": Fault(
        replace(ENGINE, plugin=None), "azuread provider", SKIPPED, "pulumi_azuread, which names its version, is missing"
    ),
    "unlisted": Fault(replace(ENGINE, unlisted="it hangs"), "azuread provider", SKIPPED, "it hangs"),
    # python
    "old Python": Fault(
        replace(PYTHON, version=(3, 10)), "version", WRONG, "Python 3.10", "`python3.11 -m venv --clear .venv`"
    ),
    "core alone": Fault(
        replace(PYTHON, lacks=("httpx", "pulumi")),
        "packages",
        WRONG,
        "missing in /home/ada/partner/.venv/bin/python: httpx, pulumi",
        "-m pip install 'tenantry[pulumi,directory,graph]'",
    ),
    "other packages": Fault(
        replace(
            PYTHON,
            differences=(python.Difference("httpx", "0.28.1", "0.27.0"), python.Difference("pulumi", "3.259.0", None)),
        ),
        "packages",
        WRONG,
        "httpx 0.27.0 (locked: 0.28.1), pulumi is missing (locked: 3.259.0)",
        "-m pip install --requirement requirements.lock",
    ),
    "no lock": Fault(replace(PYTHON, lock=None), "packages", SKIPPED, "no requirements.lock"),
    "no environment": Fault(
        replace(PYTHON, program=python.Runs(None)),
        "program",
        WRONG,
        "names the virtual environment .venv, which is not there",
        "python3 -m venv .venv && .venv/bin/python -m pip install --requirement requirements.lock",
    ),
    "no environment, which make setup makes": Fault(
        replace(PYTHON, program=python.Runs(None), has_setup=True),
        "program",
        WRONG,
        "names the virtual environment .venv, which is not there",
        "`make setup`",
    ),
    "empty environment": Fault(
        replace(PYTHON, program=replace(RUNS, lacks=("pulumi",))),
        "program",
        WRONG,
        "in which is missing: pulumi",
        "-m pip install --requirement requirements.lock",
    ),
    "no python3": Fault(
        replace(PYTHON, pack=python.Runs(None)),
        "policy pack",
        WRONG,
        "no python3 on the PATH",
        'export PATH="/home/ada/partner/.venv/bin:$PATH"',
    ),
    "another python3": Fault(
        replace(PYTHON, pack=python.Runs(Path("/usr/bin/python3"), ("pulumi_policy",))),
        "policy pack",
        WRONG,
        "/usr/bin/python3, in which is missing: pulumi_policy",
        'export PATH="/home/ada/partner/.venv/bin:$PATH"',
    ),
    "no program": Fault(replace(PYTHON, program=None), "program", SKIPPED, "no Python program here"),
    # state
    "no backend": Fault(replace(STATE, backend=None), "backend", WRONG, "nobody is logged in", "`pulumi login`"),
    "no token": Fault(
        replace(STATE, logged_in=False), "backend", WRONG, "no access token", "`pulumi login https://api.pulumi.com`"
    ),
    "no folder": Fault(
        replace(FOLDER, folder_is_there=False), "backend", WRONG, "no such folder", "`mkdir -p -m 700 /srv/state`"
    ),
    "read-only": Fault(
        replace(FOLDER, folder_is_writable=False),
        "backend",
        WRONG,
        "nothing can be written",
        "`chmod -R u+rwX /srv/state`",
    ),
    "no stack in the backend": Fault(
        replace(STATE, contents=state.Contents(has_stack=False)),
        "contents",
        WRONG,
        "the backend has no stack main",
        "`pulumi stack init main`",
    ),
    "no sample's stack yet": Fault(
        replace(FOLDER, stack="dev", contents=state.Contents(has_stack=False)), "contents", SKIPPED, "`tenantry up`"
    ),
    "damaged": Fault(
        replace(FOLDER, contents=state.Contents(problem="failed to load checkpoint")),
        "contents",
        WRONG,
        "the state cannot be read: failed to load checkpoint",
        "`tenantry docs reliability`",
    ),
    "killed": Fault(
        replace(STATE, contents=state.Contents(being_created=("us-fay (User)", "us-max (User)"))),
        "contents",
        WRONG,
        "an update is running, or was killed while it created us-fay (User), us-max (User)",
        "`tenantry recover --stack main`",
    ),
    "unasked": Fault(
        replace(STATE, contents=None, unasked="--offline was given"), "contents", SKIPPED, "--offline was given"
    ),
    "contents of no stack": Fault(replace(STATE, stack=None), "contents", SKIPPED, "no stack is meant"),
    "no passphrase": Fault(
        replace(FOLDER, passphrase=state.Passphrase.MISSING),
        "secrets",
        WRONG,
        "none is given",
        "PULUMI_CONFIG_PASSPHRASE_FILE=FILE",
    ),
    "no passphrase file": Fault(
        replace(FOLDER, passphrase=state.Passphrase.UNREADABLE), "secrets", WRONG, "cannot be read", "name the file"
    ),
    "key vault": Fault(
        replace(STATE, provider="azurekeyvault://x.vault.azure.net/keys/y"),
        "secrets",
        FINE,
        "azurekeyvault://x.vault.azure.net/keys/y",
    ),
    "secrets of no stack": Fault(replace(STATE, stack=None), "secrets", SKIPPED, "no stack is meant"),
    # network
    "settings": Fault(
        network.Facts(problem="SSL_CERT_FILE is /x, where no certificates can be read."),
        "settings",
        WRONG,
        "SSL_CERT_FILE is /x",
        "unset it",
    ),
    "settings, then": Fault(network.Facts(problem="x"), "reach", SKIPPED, "the settings above are wrong"),
    "proxy": Fault(
        replace(NETWORK, proxy="http://proxy:3128"), "settings", FINE, "through the proxy http://proxy:3128"
    ),
    "not reached": Fault(
        network.Facts(answers=(network.Answer("graph.microsoft.com", "it does not answer in time"),)),
        "reach",
        WRONG,
        "graph.microsoft.com is not reached: it does not answer in time",
        "`export HTTPS_PROXY=http://HOST:PORT`",
    ),
    "not reached by proxy": Fault(
        network.Facts(proxy="http://proxy:3128", answers=(network.Answer("graph.microsoft.com", "x"),)),
        "reach",
        WRONG,
        "through the proxy http://proxy:3128",
        "correct HTTPS_PROXY",
    ),
    "offline": Fault(network.Facts(offline="--offline was given"), "reach", SKIPPED, "--offline"),
    "slow clock": Fault(
        network.Facts(answers=(network.Answer("graph.microsoft.com", ahead=timedelta(minutes=-12)),)),
        "clock",
        WRONG,
        "12 minutes behind graph.microsoft.com's",
        "`sudo timedatectl set-ntp true`",
    ),
    "fast clock": Fault(
        network.Facts(answers=(network.Answer("graph.microsoft.com", ahead=timedelta(hours=1)),)),
        "clock",
        WRONG,
        "60 minutes ahead of graph.microsoft.com's",
        "timedatectl",
    ),
    "no time": Fault(
        network.Facts(answers=(network.Answer("graph.microsoft.com"),)),
        "clock",
        SKIPPED,
        "no host answered with its time",
    ),
    # sign-in
    "no method": Fault(
        sign_in.Facts(problem="To sign in, ARM_TENANT_ID must be set."),
        "method",
        WRONG,
        "ARM_TENANT_ID must be set",
        "ARM_TENANT_ID, ARM_CLIENT_ID and ARM_CLIENT_SECRET (or ARM_CLIENT_CERTIFICATE_PATH, or ARM_USE_OIDC=true)",
    ),
    "another method": Fault(
        replace(SIGN_IN, incomplete=("ARM_USE_OIDC is set, and x lacks y",)),
        "other method",
        WRONG,
        "x lacks y",
        "unset",
    ),
    "refused": Fault(
        replace(SIGN_IN, signed_in=False, refused="AADSTS7000222: the secret has expired."),
        "sign-in",
        WRONG,
        "the secret has expired",
        "renew",
    ),
    "refused to a person": Fault(
        replace(SIGN_IN, method="Azure CLI", signed_in=False, refused="x"), "sign-in", WRONG, "x", "`az login`"
    ),
    "not tried": Fault(sign_in.Facts(unasked="--offline was given"), "sign-in", SKIPPED, "--offline"),
    # tenant
    "another tenant": Fault(
        replace(TENANT_FACTS, signed_in=OTHER),
        "tenant",
        WRONG,
        f"the sign-in is for {OTHER}, and contoso/us is declared with {TENANT}",
        f"export ARM_TENANT_ID={TENANT}",
    ),
    "another tenant offline": Fault(
        replace(TENANT_FACTS, signed_in=None, named=OTHER),
        "tenant",
        WRONG,
        f"ARM_TENANT_ID is {OTHER}",
        f"export ARM_TENANT_ID={TENANT}",
    ),
    "named offline": Fault(
        replace(TENANT_FACTS, signed_in=None, named=TENANT.upper()), "tenant", FINE, "the tenant itself was not asked"
    ),
    "no declared tenant": Fault(replace(TENANT_FACTS, declared=None), "tenant", SKIPPED, "no stack says"),
    "nobody": Fault(
        replace(TENANT_FACTS, signed_in=None, unasked="--offline was given"), "permissions", SKIPPED, "--offline"
    ),
    "a person": Fault(replace(TENANT_FACTS, held=None), "permissions", SKIPPED, "a person is signed in"),
    "lacks one to write": Fault(
        replace(TENANT_FACTS, held=WRITES - {"Group.ReadWrite.All"}),
        "permissions",
        WRONG,
        "missing to provision: Group.ReadWrite.All (adopting the agent groups",
        "--api 00000003-0000-0000-c000-000000000000 --api-permissions 62a82d76-70ea-41e2-9197-370581804d09=Role",
    ),
    "lacks FTOP's": Fault(
        replace(TENANT_FACTS, needs=tenant.Needs(ftop=True)),
        "permissions",
        WRONG,
        "DelegatedPermissionGrant.ReadWrite.All",
        "admin-consent --id c0ffee",
    ),
    "lacks customers'": Fault(
        replace(TENANT_FACTS, needs=tenant.Needs(customers=True)),
        "permissions",
        WRONG,
        "DelegatedAdminRelationship.ReadWrite.All",
        "admin-consent",
    ),
    "lacks one to read": Fault(
        replace(READER, held=frozenset(EVERY_FEATURE) - {"AuditLog.Read.All"}),
        "permissions",
        WRONG,
        "who did something, and when",
        "grant AuditLog.Read.All:",
    ),
    "lacks all": Fault(
        replace(READER, held=frozenset()), "permissions", WRONG, "not shown by `tenantry audit`", "Directory.Read.All"
    ),
    "roles unread": Fault(
        replace(TENANT_FACTS, roles_unread="not permitted"), "directory roles", SKIPPED, "not permitted"
    ),
    "a lesser role": Fault(
        replace(TENANT_FACTS, roles=("User Administrator",)), "directory roles", FINE, "lesser administrators"
    ),
    "the highest role": Fault(
        replace(TENANT_FACTS, roles=("Privileged Authentication Administrator",)),
        "directory roles",
        FINE,
        "every account",
    ),
    "another role": Fault(replace(TENANT_FACTS, roles=("Reports Reader",)), "directory roles", FINE, "none of them"),
    "a reader's role": Fault(replace(READER, roles=("Global Reader",)), "directory roles", FINE, "to read takes none"),
    "no P2, needed": Fault(
        replace(TENANT_FACTS, p2=tenant.Licence.MISSING, needs=tenant.Needs(eligible=True)),
        "licence",
        WRONG,
        "takes Microsoft Entra ID P2, and the tenant has none",
        "without `eligible: true`",
    ),
    "no P2": Fault(
        replace(TENANT_FACTS, p2=tenant.Licence.MISSING), "licence", FINE, "no P2, without which nobody can be eligible"
    ),
    "no P1": Fault(
        replace(TENANT_FACTS, p1=tenant.Licence.MISSING, p2=tenant.Licence.MISSING),
        "licence",
        FINE,
        "no P1, without which sign-ins",
    ),
    "licence unread": Fault(
        replace(TENANT_FACTS, p1=tenant.Licence.UNKNOWN, p2=tenant.Licence.UNKNOWN, licence_unread="not permitted"),
        "licence",
        SKIPPED,
        "not permitted",
    ),
    # review
    "no git": Fault(replace(REVIEW, git=None), "git", WRONG, "git is not on the PATH", "`sudo apt-get install git`"),
    "no namespaces": Fault(
        replace(REVIEW, missing=frozenset({"network", "processes", "files"})),
        "sandbox",
        WRONG,
        "no user namespaces",
        "kernel.apparmor_restrict_unprivileged_userns=0",
    ),
    "no mounts": Fault(
        replace(REVIEW, missing=frozenset({"files"})), "sandbox", WRONG, "no mounts in a namespace", "another machine"
    ),
    "not Linux": Fault(replace(REVIEW, linux=False), "sandbox", SKIPPED, "only Linux has namespaces"),
    "not tried here": Fault(replace(REVIEW, failed="x."), "sandbox", SKIPPED, "it could not be tried: x"),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_each_fault_is_said_with_what_fixes_it_and_spoils_no_other_check_silently(fault: Fault) -> None:
    found = checked(fault.facts)
    assert [check.name for check in found if fault.name == check.name], [check.name for check in found]
    (check,) = (check for check in found if check.name == fault.name)
    assert check.standing is fault.standing, check
    assert fault.found in check.found
    assert fault.fix in check.remediation
    assert bool(check.remediation) is (check.standing is WRONG)
    assert len(check.found.splitlines()) == 1
    assert not check.found.endswith("."), "the report ends its sentences itself"


@pytest.mark.parametrize("permission", tenant.WIDER)
def test_a_wider_permission_suffices_for_all_that_the_smaller_one_is_for(permission: str) -> None:
    needs = [need for need in (*READINGS.values(), *WRITINGS) if need.permission == permission]
    requests = [request for need in needs for request in need.requests]
    assert requests
    for request in requests:
        assert set(tenant.WIDER[permission]) <= REQUIRED[request].any_of, request


def test_every_check_has_a_fault_of_its_own() -> None:
    names = {(type(facts).__module__, check.name) for facts in SOUND for check in checked(facts)}
    faulty = {(type(fault.facts).__module__, fault.name) for fault in FAULTS.values() if fault.standing is not FINE}
    assert names - faulty == set()


SECRET = "canary-c4n4ry-secret"


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, []),
        ({"ARM_CLIENT_SECRET": SECRET}, []),
        ({"ACTIONS_ID_TOKEN_REQUEST_URL": SECRET, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": SECRET}, []),
        (
            {"ARM_USE_OIDC": "true", "ACTIONS_ID_TOKEN_REQUEST_URL": SECRET},
            [
                "ARM_USE_OIDC is set, and OIDC in GitHub Actions lacks "
                "ARM_OIDC_REQUEST_TOKEN or ACTIONS_ID_TOKEN_REQUEST_TOKEN"
            ],
        ),
        (
            {"ARM_USE_OIDC": "true", "ARM_OIDC_TOKEN": SECRET},
            [],
        ),
        ({"ARM_OIDC_TOKEN": SECRET}, ["ARM_OIDC_TOKEN is set, and ARM_USE_OIDC is not `true`"]),
        (
            {"ARM_CLIENT_CERTIFICATE_PASSWORD": SECRET},
            ["ARM_CLIENT_CERTIFICATE_PASSWORD is set, and no certificate: ARM_CLIENT_CERTIFICATE_PATH"],
        ),
    ],
)
def test_a_way_to_sign_in_that_is_begun_and_not_completed_is_named_by_its_variables(
    environment: dict[str, str], said: list[str]
) -> None:
    assert list(sign_in.incomplete(environment)) == said
