"""Reads what the checks are made of: this machine, the environment and the tenant. What cannot be read is a fact too.

It writes nothing. Of a variable that may hold a secret it keeps whether it is set, of an address neither user, password
nor query. What needs an optional part of the installation is imported where it is needed: its absence is a finding.
"""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit, urlunsplit

import yaml
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from tenantry.access.declared import access_map
from tenantry.declaration import DeclarationError, Stack, Tenant
from tenantry.declaration.document import read, shown, text_of
from tenantry.doctor import engine, network, python, repository, review, sign_in, state, tenant
from tenantry.engine import provider, pulumi_cli
from tenantry.engine.interrupted import pending_creates
from tenantry.errors import EngineError, EngineMissingError, NoProjectError
from tenantry.findings import Place
from tenantry.project.paths import Project
from tenantry.project.stacks import DEV_STACK, declared_stack, stack_names
from tenantry.role_templates import ROLE_TEMPLATES
from tenantry.roles import AssignmentType
from tenantry.sandbox.isolation import Sandbox
from tenantry.sandbox.recording import RecordingFailed

if TYPE_CHECKING:
    from tenantry.graph.client import GraphReader
    from tenantry.graph.clouds import Cloud
    from tenantry.graph.credentials import SignIn

_MAKEFILES: Final = ("GNUmakefile", "makefile", "Makefile")
"""In the order in which make looks for them."""
_RULE: Final = re.compile(r"(?P<targets>[^\t#:=][^#:=]*)::?(?![:=])(?!\s*[\w.-]+\s*[:+?!]*=)")
"""A line of a makefile that says what a target needs: no recipe, no comment, no variable, nor a target's own one."""
_LOCKS: Final = ("requirements.lock", "requirements.txt")
_TO_READ: Final = (
    "httpx",
    "azure.identity",
    "jwt",
    "starlette",
    "uvicorn",
    "pulumi",
    "pulumi_azuread",
    "pulumi_policy",
)
"""What the commands that read a tenant, the embedded directory and the engine's programs import."""
_OF_A_PROGRAM: Final = ("tenantry", "pulumi", "pulumi_azuread")
_OF_A_PACK: Final = ("tenantry", "pulumi_policy")
_NO_CLI: Final = "no variable says how to sign in, and the Azure CLI, which is taken then, is not on the PATH"
_SECONDS: Final = 20
_SECONDS_TO_ANSWER: Final = 10


# --- the repository


def repository_of(here: Path, stack: str | None) -> tuple[repository.Facts, Project | None, Stack | None]:
    """The repository around a folder, and the stack that is meant: the named one, else the only one."""
    try:
        project = Project.around(here)
    except NoProjectError:
        return repository.Facts(here, stack=stack), None, None
    names = tuple(stack_names(project))
    meant = stack or (names[0] if len(names) == 1 else None)
    facts = repository.Facts(here, project.root, names, meant, settings_problem=_settings_problem(project))
    if meant is None or meant not in names:
        return facts, project, None
    try:
        declared = declared_stack(project, meant)
    except DeclarationError as error:
        return replace(facts, problems=tuple(map(str, error.problems))), project, None
    return replace(facts, tenant=declared.name), project, declared


def _settings_problem(project: Project) -> str:
    """Why Pulumi could not start with Pulumi.yaml, with its fix; empty where nothing is found."""
    content, at, problem = _pulumi_yaml(project.root / "Pulumi.yaml")
    runtime = content.get("runtime")
    if problem or (isinstance(runtime, (str, dict)) and runtime):
        return problem
    return f"{at}: runtime: found {runtime!r}; expected: the name of a language. Fix: write `runtime: python`"


def _settings(project: Project | None) -> dict[str, Any]:
    """What Pulumi.yaml says; nothing where it cannot be read, which is a finding of its own."""
    return _pulumi_yaml(project.root / "Pulumi.yaml")[0] if project else {}


def _pulumi_yaml(file: Path) -> tuple[dict[str, Any], Place, str]:
    """What Pulumi.yaml says, where it names the runtime, and what is wrong with it for Pulumi itself.

    Pulumi takes more of YAML than a declaration may hold: aliases, tags, directives, further documents.
    """
    try:
        document = read(file)
    except DeclarationError as error:
        try:
            content = next(yaml.load_all(text_of(file), _Lenient), None)
        except (DeclarationError, yaml.YAMLError, ValueError, RecursionError):
            content = None
        at = Place(shown(file))
        return (content, at, "") if isinstance(content, dict) else ({}, at, str(error.problems[0]))
    return document.content, document.place(("runtime",)), str(next(iter(document.problems), ""))


class _Lenient(yaml.SafeLoader):  # type: ignore[misc]
    """Reads YAML as Pulumi does: a tag that it does not know means nothing, and makes nothing."""


def _untagged(loader: _Lenient, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    return loader.construct_sequence(node, deep=True) if isinstance(node, yaml.SequenceNode) else node.value


_Lenient.add_constructor(None, _untagged)


def _runtime(project: Project | None) -> tuple[str, str | None]:
    """The language of the program, and the virtual environment that it names."""
    runtime = _settings(project).get("runtime")
    if not isinstance(runtime, dict):
        return (runtime if isinstance(runtime, str) else "python"), None
    options = runtime.get("options")
    environment = options.get("virtualenv") if isinstance(options, dict) else None
    return str(runtime.get("name", "python")), environment if isinstance(environment, str) else None


# --- the engine


def engine_of(here: Path, project: Project | None, environment: Mapping[str, str]) -> engine.Facts:
    """The CLI, its language host and the provider."""
    path = environment.get("PATH", os.defpath)
    on_path = shutil.which("pulumi", path=path)
    runtime, _ = _runtime(project)
    passed_over: list[str] = []
    facts = engine.Facts(
        on_path=Path(on_path).absolute() if on_path else None,
        required=str(_settings(project).get("requiredPulumiVersion") or ""),
        runtime=runtime,
    )
    try:
        cli = pulumi_cli.find(project or Project(here), note=passed_over.append)
    except EngineMissingError:
        return replace(facts, passed_over=tuple(passed_over))
    host = f"pulumi-language-{runtime}"
    beside = (cli.path.parent / host).is_file() or (cli.path.resolve().parent / host).is_file()
    facts = replace(
        facts, found=cli, passed_over=tuple(passed_over), has_host=beside or shutil.which(host, path=path) is not None
    )
    try:
        facts = replace(facts, plugin=provider.wanted_version())
    except EngineMissingError:
        return facts
    try:
        return replace(facts, installed=provider.installed_versions(cli))
    except EngineMissingError as error:
        return replace(facts, unlisted=str(error))


# --- Python


def python_of(project: Project | None, environment: Mapping[str, str]) -> python.Facts:
    """This Python and its packages, and the Pythons that the engine would start."""
    executable = Path(sys.executable)
    facts = python.Facts((sys.version_info.major, sys.version_info.minor), executable, tuple(_missing_here()))
    if project is None:
        return facts
    lock = next((name for name in _LOCKS if (project.root / name).is_file()), None)
    runtime, named = _runtime(project)
    return replace(
        facts,
        lock=lock,
        differences=tuple(_differences((project.root / lock).read_text("utf-8", "replace"))) if lock else (),
        environment=named,
        has_setup=_has_setup(project.root, environment),
        program=_runs(project.root, named, environment, _OF_A_PROGRAM) if runtime == "python" else None,
        pack=_runs(project.policies, None, environment, _OF_A_PACK) if project.policies.is_dir() else None,
    )


def _has_setup(root: Path, environment: Mapping[str, str]) -> bool:
    """Whether there is a `make setup`, which makes the virtual environment in a repository of `tenantry init`."""
    makefile = next((file for name in _MAKEFILES if (file := root / name).is_file()), None)
    if makefile is None or shutil.which("make", path=environment.get("PATH", os.defpath)) is None:
        return False
    lines = makefile.read_text("utf-8", "replace").replace("\\\n", " ").splitlines()
    return any("setup" in rule["targets"].split() for line in lines if (rule := _RULE.match(line)))


def _missing_here() -> Iterator[str]:
    for name in _TO_READ:
        try:
            found = importlib.util.find_spec(name)
        except ModuleNotFoundError:  # the package around it is missing
            found = None
        if found is None:
            yield name


def _differences(lock: str) -> Iterator[python.Difference]:
    """The locked packages that are not there in their version; what this machine is not to have is left out."""
    for line in lock.splitlines():
        text = line.strip().removesuffix("\\").strip()
        if not text or text.startswith(("#", "-")):
            continue
        try:
            wanted = Requirement(text.partition(" #")[0].partition(" --")[0])
        except InvalidRequirement:
            continue
        if wanted.marker is not None and not wanted.marker.evaluate():
            continue
        try:
            installed: str | None = version(canonicalize_name(wanted.name))
        except PackageNotFoundError:
            installed = None
        if installed is None or not wanted.specifier.contains(installed, prereleases=True):
            yield python.Difference(wanted.name, str(wanted.specifier).removeprefix("=="), installed)


def _runs(folder: Path, named: str | None, environment: Mapping[str, str], needs: tuple[str, ...]) -> python.Runs:
    """The Python that the engine's language host would start: of the named virtual environment, else of the PATH."""
    if named is not None:
        of_environment = folder / named / "bin" / "python"
        found = of_environment if of_environment.exists() else None
    else:
        path = environment.get("PATH", os.defpath)
        command = environment.get("PULUMI_PYTHON_CMD")
        names = [command] if command else ["python3", "python"]
        which = next((place for name in names if (place := shutil.which(name, path=path))), None)
        found = Path(which) if which else None
    return python.Runs(found, _lacks(found, folder, needs, environment) if found else ())


def _lacks(interpreter: Path, folder: Path, needs: tuple[str, ...], environment: Mapping[str, str]) -> tuple[str, ...]:
    program = f"import importlib.util as u; print(*[n for n in {needs!r} if u.find_spec(n) is None])"
    try:
        answer = subprocess.run(
            [interpreter, "-c", program],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return needs
    return tuple(answer.stdout.split()) if answer.returncode == 0 else needs


# --- the state


def state_of(
    project: Project | None,
    stack: str | None,
    environment: Mapping[str, str],
    cli: pulumi_cli.PulumiCli | None,
    unasked: str,
) -> state.Facts:
    """The backend, by whatever names it, what encrypts the stack's secrets, and what the engine finds there.

    A backend that is not a folder is not asked for a reason: that it is to stay offline.
    """
    address, named_by, logged_in = _backend(project, environment)
    facts = state.Facts(stack, _shown(address) if address else None, named_by, logged_in=logged_in)
    if address and address.startswith("file://"):
        folder = Path(address.removeprefix("file://").partition("?")[0] or "/").expanduser()
        facts = replace(
            facts,
            folder=folder,
            folder_is_there=folder.is_dir(),
            folder_is_writable=all(
                os.access(one, os.W_OK | os.X_OK) for one in (folder, folder / ".pulumi") if one.exists()
            ),
        )
    if project is None or stack is None or not project.stack_file(stack).is_file():
        return replace(facts, stack=None)
    facts = replace(
        facts, provider=_secrets_provider(project, stack, address or ""), passphrase=_passphrase(environment)
    )
    if address is None or (facts.folder is not None and not facts.folder_is_there):
        return replace(facts, unasked="the backend is not there")
    if address.startswith("https://") and not logged_in:
        return replace(facts, unasked="there is no access token for the backend")
    if cli is None:
        return replace(facts, unasked="there is no Pulumi CLI to read it with")
    if unasked and facts.folder is None:
        return replace(facts, unasked=unasked)
    return replace(facts, contents=_contents(project, stack, environment, cli, address))


def _contents(
    project: Project, stack: str, environment: Mapping[str, str], cli: pulumi_cli.PulumiCli, address: str
) -> state.Contents:
    """What the engine exports. Its words are kept where the address that they may hold has nothing secret in it."""
    command = ("stack", "export", "--stack", stack)
    said = f"`pulumi {' '.join(command)}` "
    try:
        ran = pulumi_cli.ask(project, cli, environment, *command, patience=_SECONDS)
        if ran.returncode == 0:
            being_created = pending_creates(ran.stdout.decode(errors="replace"))
            return state.Contents(being_created=tuple(map(str, being_created)))
    except subprocess.TimeoutExpired:
        return state.Contents(problem=f"{said}does not answer within {_SECONDS} seconds")
    except EngineError:
        return state.Contents(problem=f"{said}answers with something else")
    why, fix = pulumi_cli.explained(ran)
    if pulumi_cli.NO_STACK in why:
        return state.Contents(has_stack=False)
    if _shown(address) != address:
        return state.Contents(problem=f"{said}fails, and says why")
    found = state.Contents(problem=why.rstrip("."))
    return replace(found, remediation=fix.rstrip(".")) if fix else found


def _backend(project: Project | None, environment: Mapping[str, str]) -> tuple[str | None, str, bool]:
    """The address of the backend, what names it, and whether a token for it is there. No token is kept."""
    home = Path(environment.get("PULUMI_HOME") or Path(environment.get("HOME", "~")).expanduser() / ".pulumi")
    kept: dict[str, Any] = {}
    try:
        found = json.loads((home / "credentials.json").read_text("utf-8"))
        kept = found if isinstance(found, dict) else {}
    except (OSError, ValueError):
        pass
    configured = _settings(project).get("backend")
    named = configured.get("url") if isinstance(configured, dict) else None
    places = (
        (environment.get("PULUMI_BACKEND_URL"), "PULUMI_BACKEND_URL"),
        (named, "Pulumi.yaml"),
        (kept.get("current"), "`pulumi login`"),
        ("https://api.pulumi.com" if environment.get("PULUMI_ACCESS_TOKEN") else None, "PULUMI_ACCESS_TOKEN"),
    )
    address, by = next(((one, by) for one, by in places if isinstance(one, str) and one), (None, ""))
    tokens = kept.get("accessTokens")
    has_token = bool(environment.get("PULUMI_ACCESS_TOKEN")) or (isinstance(tokens, dict) and address in tokens)
    return address, by, has_token


def _secrets_provider(project: Project, stack: str, backend: str) -> str | None:
    try:
        content = read(project.stack_file(stack)).content
    except DeclarationError:
        return None
    named = content.get("secretsprovider")
    if isinstance(named, str) and named not in ("passphrase", "default", ""):
        return _shown(named)
    encrypted_here = named == "passphrase" or content.get("encryptionsalt") or not backend.startswith("https://")
    return "passphrase" if encrypted_here else None


def _passphrase(environment: Mapping[str, str]) -> state.Passphrase:
    if "PULUMI_CONFIG_PASSPHRASE" in environment:  # an empty one is one too
        return state.Passphrase.GIVEN
    file = environment.get("PULUMI_CONFIG_PASSPHRASE_FILE")
    if not file:
        return state.Passphrase.MISSING
    return state.Passphrase.GIVEN if os.access(file, os.R_OK) else state.Passphrase.UNREADABLE


def _shown(address: str) -> str:
    """An address without user, password and query: they may be secret."""
    try:
        parts = urlsplit(address)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an address that is not understood"
    if not parts.scheme or not parts.hostname:
        return address if address.startswith("file://") else f"{parts.scheme or 'an address'}://…"
    return urlunsplit((parts.scheme, f"{parts.hostname}{port}", parts.path, "", ""))


# --- the tenant, and the way to it


def environment_of(
    project: Project | None, stack: str | None, outside: Mapping[str, str]
) -> tuple[dict[str, str], str]:
    """The environment with which the stack's tenant is read, and why it is not asked, if it is not.

    That of `dev` is the embedded directory's, as `tenantry env` sets it.
    """
    if project is None or stack != DEV_STACK:
        return dict(outside), ""
    try:
        from tenantry.engine.environment import applied, current_environment, state_access

        without = applied(state_access(project, stack), outside)
        return applied(current_environment(project, stack), without), ""
    except ImportError as error:
        return dict(outside), f"the package {error.name} is missing, which the embedded directory needs"
    except (EngineError, DeclarationError):
        start = f"the stack {DEV_STACK} is the embedded directory's, which does not run: `tenantry up` starts it"
        return without, start


def way_of(environment: Mapping[str, str], unasked: str) -> tuple[network.Facts, "Cloud | None"]:
    """Whether the hosts of the cloud answer, and what time they say it is."""
    try:
        from tenantry.graph.clouds import cloud_of
        from tenantry.graph.errors import CredentialsError, GraphError
        from tenantry.graph.transport import trust
    except ImportError as error:
        return network.Facts(offline=f"the package {error.name} is missing"), None
    given = {name.lower() for name, value in environment.items() if value}
    facts = network.Facts(
        bypassed=bool(given & {"https_proxy", "all_proxy"}),
        trusted=next((environment[name] for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if environment.get(name)), ""),
        offline=unasked,
    )
    metadata = environment.get("ARM_METADATA_HOSTNAME")
    try:
        trust(environment)
        if unasked and metadata:
            return facts, None
        cloud = cloud_of(environment)
    except CredentialsError as error:
        return replace(facts, problem=str(error)), None
    except GraphError as error:
        return replace(facts, answers=(network.Answer(metadata or "the cloud", str(error).rstrip(".")),)), None
    return _asked(facts, cloud, environment), cloud


def _asked(facts: network.Facts, cloud: "Cloud", environment: Mapping[str, str]) -> network.Facts:
    from tenantry.graph.errors import CredentialsError
    from tenantry.graph.transport import proxy_for

    proxy = proxy_for(urlsplit(cloud.graph).hostname or "", environment)
    facts = replace(facts, proxy=_shown(proxy) if proxy else None)
    if facts.offline:
        return facts
    answers: list[network.Answer] = []
    for base in dict.fromkeys((cloud.login, cloud.graph)):
        try:
            answers.append(_answer(base, environment))
        except CredentialsError:
            # What the settings hold may be secret.
            return replace(facts, problem="HTTPS_PROXY holds no address of a proxy that is understood")
    return replace(facts, answers=tuple(answers))


def _answer(base: str, environment: Mapping[str, str]) -> network.Answer:
    import httpx

    from tenantry.graph.transport import client, reason

    host = urlsplit(base).hostname or base
    try:
        with client(base, environment) as http:
            asked = datetime.now(UTC)
            answer = http.get("/", timeout=_SECONDS_TO_ANSWER)
            received = datetime.now(UTC)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return network.Answer(host, reason(error))
    try:
        theirs = parsedate_to_datetime(answer.headers["Date"])
    except (KeyError, ValueError):
        return network.Answer(host)
    return network.Answer(host, ahead=asked + (received - asked) / 2 - theirs)


def sign_in_of(
    environment: Mapping[str, str], cloud: "Cloud | None", reached: bool, unasked: str
) -> tuple[sign_in.Facts, "SignIn | None"]:
    """How the environment signs in, and whether that works."""
    facts = sign_in.Facts(incomplete=tuple(sign_in.incomplete(environment)), unasked=unasked)
    if cloud is None:
        return replace(facts, incomplete=(), unasked=unasked or "the cloud is not known"), None
    from tenantry.graph.credentials import Method, token_of
    from tenantry.graph.credentials import sign_in as choose
    from tenantry.graph.errors import GraphError

    try:
        identity = choose(environment, cloud)
    except GraphError as error:
        return replace(facts, problem=str(error), unasked=""), None
    if identity.method is Method.AZURE_CLI and shutil.which("az", path=environment.get("PATH", os.defpath)) is None:
        return replace(facts, problem=_NO_CLI, unasked=""), None
    facts = replace(facts, method=str(identity.method), who=identity.who)
    if unasked or not reached:
        return replace(facts, unasked=unasked or "the network does not reach the cloud"), None
    try:
        token_of(identity, cloud)
    except GraphError as error:
        return replace(facts, refused=str(error)), None
    return replace(facts, signed_in=True), identity


def tenant_of(
    declared: Stack | None,
    environment: Mapping[str, str],
    cloud: "Cloud | None",
    identity: "SignIn | None",
    unasked: str,
) -> tenant.Facts:
    """Which tenant it is, and what whoever signed in may do there."""
    facts = tenant.Facts(
        declared=declared.tenant.id if declared else None,
        name=declared.name if declared else "",
        named=environment.get("ARM_TENANT_ID") or None,
        unasked=unasked or ("" if identity else "nobody is signed in"),
        needs=_needs(declared.tenant) if declared else tenant.Needs(),
    )
    if cloud is None or identity is None:
        return facts
    from tenantry.graph.client import GraphReader
    from tenantry.graph.errors import GraphError

    with GraphReader(cloud, identity, environment) as graph:
        try:
            caller = graph.caller()
            facts = replace(facts, signed_in=caller.tenant_id, client_id=identity.client_id, held=caller.permissions)
            roles, roles_unread = _roles(graph, caller.object_id)
            p1, p2, licence_unread = _licences(graph)
        except GraphError as error:
            return replace(facts, unasked=str(error), roles_unread=str(error), licence_unread=str(error))
    return replace(facts, roles=roles, roles_unread=roles_unread, p1=p1, p2=p2, licence_unread=licence_unread)


def _needs(declared: Tenant) -> tenant.Needs:
    grants = access_map(declared).grants
    return tenant.Needs(
        ftop=bool(declared.ftop and declared.ftop.application_id),
        customers=bool(declared.relationships),
        eligible=any(grant.assignment_type is AssignmentType.ELIGIBLE for grant in grants),
    )


def _roles(graph: "GraphReader", object_id: str | None) -> tuple[tuple[str, ...], str]:
    """The directory roles of an object for the whole tenant, by name, or why they are not known."""
    from tenantry.graph.errors import NotReadableError

    if object_id is None:
        return (), "the token does not say who is signed in"
    try:
        held = {
            one.role_definition_id
            for one in graph.role_assignments()
            if one.principal_id == object_id and one.scope == "/"
        }
    except NotReadableError as error:
        return (), str(error)
    return tuple(sorted(ROLE_TEMPLATES[id_].name if id_ in ROLE_TEMPLATES else id_ for id_ in held)), ""


def _licences(graph: "GraphReader") -> tuple[tenant.Licence, tenant.Licence, str]:
    """Whether the tenant has P1 and P2, as the refusals for want of them say."""
    from tenantry.graph.errors import Cause, NotReadableError

    found: list[tenant.Licence] = []
    unread: list[str] = []
    for listing in (graph.registrations, graph.role_eligibilities):
        try:
            next(iter(listing()), None)
            found.append(tenant.Licence.THERE)
        except NotReadableError as error:
            found.append(tenant.Licence.MISSING if error.cause is Cause.LICENCE else tenant.Licence.UNKNOWN)
            unread += [str(error)] * (error.cause is not Cause.LICENCE)
    return found[0], found[1], next(iter(unread), "")


# --- reviews


def review_of(environment: Mapping[str, str]) -> review.Facts:
    """Whether there is git, and what this machine's kernel allows of the sandbox."""
    facts = review.Facts(shutil.which("git", path=environment.get("PATH", os.defpath)), sys.platform == "linux")
    if not facts.linux:
        return facts
    import tempfile

    sandbox = Sandbox()
    with tempfile.TemporaryDirectory() as folder:
        try:
            sandbox.start([sys.executable, "-c", ""], Path(folder), b"", {"PATH": os.defpath}, _SECONDS)
        except (RecordingFailed, OSError) as error:
            return replace(facts, failed=str(error))
    return replace(facts, missing=frozenset(sandbox.missing))
