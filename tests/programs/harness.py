"""Writes a raw program with what somebody adds to it, records it, and gives what the policy pack would be shown."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tenantry.access.registered import RegisteredResource
from tenantry.reference.evasions import Evasion
from tenantry.reference.pages import examples
from tenantry.roles import AgentGroup
from tenantry.sandbox.recording import ExistingResource, InvokeAnswer, Recording, RecordingRequest, record
from tenantry.sandbox.registrations import registrations
from tests import forks
from tests.acme import GROUP_IDS, TENANT_ID

from .legitimate import Legitimate

RAW = (Path(__file__).parent / "raw.py").read_text(encoding="utf-8")
STACK = "acme/us"
SECRET = "canary-0123456789-abcdefghij-secret"
CLUB_ID = "cccccccc-0000-4000-8000-0000000000c1"
TEAM_ID = "cccccccc-0000-4000-8000-0000000000c2"
"""Groups that the tenant has already, of which nothing is known but what a look-up tells."""


def source(before: str = "", after: str = "") -> str:
    """The raw program, with something before its groups are registered and something after everything."""
    assert RAW.count("# mark: before\n") == RAW.count("# mark: after\n") == 1
    return RAW.replace("# mark: before\n", before).replace("# mark: after\n", after)


def evading(evasion: Evasion | Legitimate | None) -> str:
    """The raw program with something in it; the honest one without."""
    if evasion is None:
        return source()
    program = source(evasion.before, evasion.after)
    for old, new in evasion.replace.items():
        assert program.count(old) == 1, old
        program = program.replace(old, new)
    return program


def recorded_evasion(folder: Path, evasion: Evasion | None = None, *, preview: bool = True) -> list[RegisteredResource]:
    """What the policy pack is shown of a way round it."""
    return shown(folder, evading(evasion), preview=preview)


def write_partner(folder: Path, over: Mapping[str, str] | None = None) -> Path:
    """The partner of the examples, with pieces of YAML put over its files."""
    writer = YAML(typ="safe", pure=True)
    for name, text in examples()[0].items():
        target = folder / "acme" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("w", encoding="utf-8") as stream:
            writer.dump(put_over(plain(text), plain((over or {}).get(name, "{}"))), stream)
    return folder / "acme"


def plain(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def put_over(below: Any, above: Any) -> Any:
    """A piece of a declaration over a whole one: maps are merged, anything else is replaced, null takes away."""
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return above
    merged = {**below, **{key: put_over(below.get(key), value) for key, value in above.items()}}
    return {key: value for key, value in merged.items() if value is not None}


def group_urn(name: str) -> str:
    return f"urn:pulumi:dev::tenantry::azuread:index/group:Group::{name}"


def _group(object_id: str, name: str, **more: Any) -> ExistingResource:
    outputs = {"objectId": object_id, "displayName": name, "securityEnabled": True, "assignableToRole": False}
    return ExistingResource(id=f"/groups/{object_id}", outputs=outputs | more)


#: What a program may look up by ``Group.get``, by the name that it gives the look-up.
READABLE = {
    group_urn("seen-admins"): _group(GROUP_IDS[AgentGroup.ADMIN_AGENTS], "AdminAgents"),
    group_urn("seen-club"): _group(CLUB_ID, "Book club"),
    group_urn("seen-team"): _group(TEAM_ID, "Tier 0", assignableToRole=True),
}


def answers() -> list[InvokeAnswer]:
    """What the tenant answers to look-ups."""
    function = "azuread:index/{0}:{0}".format
    found = {"securityEnabled": True, "assignableToRole": False}
    return [
        InvokeAnswer(
            token=function("getClientConfig"),
            result={"tenantId": TENANT_ID, "clientId": "", "objectId": "", "id": "test"},
        ),
        InvokeAnswer(
            token=function("getDomains"),
            result={"domains": [{"domainName": "acme-partner.onmicrosoft.com"}], "id": "test"},
        ),
        *(
            InvokeAnswer(
                token=function("getGroups"),
                args={"displayNamePrefix": name.removesuffix("Agents")},
                result={"objectIds": [object_id], "displayNames": [name], "id": "test"},
            )
            for name, object_id in GROUP_IDS.items()
        ),
        *(
            InvokeAnswer(
                token=function("getGroup"),
                args={key: value},
                result={"objectId": object_id, "displayName": name, "id": object_id, **found},
            )
            for name, object_id in (*GROUP_IDS.items(), ("Book club", CLUB_ID))
            for key, value in (("displayName", name), ("objectId", object_id))
        ),
        InvokeAnswer(
            token=function("getServicePrincipal"),
            result={"objectId": "dddddddd-0000-4000-8000-0000000000d1", "displayName": "Microsoft Graph", "id": "x"},
        ),
    ]


Existing = Mapping[str, ExistingResource]


def recorded(folder: Path, program: str, *, preview: bool = True, existing: Existing | None = None) -> Recording:
    """Record a program's text. It ran to its end, or the test fails with what it said."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "__main__.py").write_text(program, encoding="utf-8")
    request = RecordingRequest(
        project="tenantry",
        stack="dev",
        config={"tenantry:tenant": STACK, "tenantry:passwordSecret": SECRET},
        secret_config_keys=("tenantry:passwordSecret",),
        preview=preview,
        reveal_secrets=True,
        invokes=tuple(answers()),
        resources=READABLE | dict(existing or {}),
    )
    recording = record(folder, request, environment={"ARM_METADATA_HOSTNAME": "127.0.0.1"}, start=forks.start)
    assert recording.error is None, str(recording.error)
    return recording


def shown(
    folder: Path, program: str, *, preview: bool = True, existing: Existing | None = None
) -> list[RegisteredResource]:
    """What the rules are shown of a program: as the policy pack at a preview, or with the ids known.

    The engine shows a policy nothing of what a program only reads (``Group.get``).
    """
    present = READABLE | dict(existing or {})
    resources = registrations(recorded(folder, program, preview=preview, existing=existing), present)
    return [item for item in resources if item.registered or not preview]


def existing_after(resources: Iterable[RegisteredResource]) -> Existing:
    """What there is after an `up` of these: everything has an id, and an object id where its type has one."""
    ids = {item.urn: item.object_id or f"{n:08}-0000-4000-8000-00000000e415" for n, item in enumerate(resources)}
    return {urn: ExistingResource(id=id_, outputs={"objectId": id_}) for urn, id_ in ids.items()}


def declared(program: Evasion | Legitimate) -> str:
    """What a program changes in the declaration, with dates that hold today."""
    today = date.today()
    days = {"{today}": str(today - timedelta(days=9)), "{later}": str(today + timedelta(days=90))}
    text = program.declare or "{}"
    for mark, day in days.items():
        text = text.replace(mark, day)
    return text
