"""What is fuzzed: each target takes any input, and fails where it gives neither an answer nor a refusal in words."""

import csv
import io
import json
import tempfile
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, Final, get_type_hints

import httpx
import pytest
from hypothesis import strategies as st
from ruamel.yaml import YAML

from tenantry.access.preview import PlanError, parse, parse_refresh
from tenantry.adopt.propose import Written, propose
from tenantry.adopt.run import Options, read_facts
from tenantry.adopt.write import partner_file, tenant_file
from tenantry.audit.model import AuditReport
from tenantry.audit.run import audit_tenant
from tenantry.declaration import DeclarationError, Stack, load, quick
from tenantry.declaration.document import read_bytes
from tenantry.declaration.explain import valid
from tenantry.directory.seed_model import Seed
from tenantry.engine.directory_files import SeedFile, parse_faults
from tenantry.engine.interrupted import Found, completed, pending_creates
from tenantry.errors import EngineError
from tenantry.graph.client import GraphReader
from tenantry.graph.errors import GraphError
from tenantry.graph.permissions import EVERY_FEATURE
from tenantry.graph.transport import RETRY
from tenantry.project.paths import Project
from tenantry.project.stack_files import stack_files
from tenantry.reports import audit as audit_report
from tenantry.reports import html, markdown
from tenantry.reports.check import check_partner
from tenantry.reports.document import Cell, Document, Entries, Entry, Facts, Group, Lines, Piece, Section, Table, Voice
from tenantry.reports.layout import layout
from tenantry.reports.spreadsheet import csv_text
from tenantry.review.of_plan import review
from tests.audit.world import OTHERS, TODAY, audited
from tests.declaration.test_quick import outcome
from tests.deep.test_declarations import Folder, assert_told
from tests.directory.samples import UNITED_STATES, enrolled
from tests.fuzz.damage import damaged_bytes, damaged_tree
from tests.graph.in_process import CLOUD, signed_in
from tests.review.plans import SCENARIOS, declared_in, plan_of
from tests.review.rendered import html_shape, markdown_shape, markdown_words, printed, tokens, without_colours
from tests.review.test_render_hostile import READ_BY_HOSTS, texts

ROOT: Final = Path(__file__).resolve().parents[2]
CORPUS: Final = Path(__file__).with_name("corpus")
"""Inputs that once broke something, and some that could: a folder a target, tried in each run of the tests."""


@dataclass(frozen=True)
class Target:
    """One reader or renderer."""

    name: str
    inputs: st.SearchStrategy[Any]
    run: Callable[[Any], None]
    from_bytes: Callable[[bytes], Any] | None = lambda content: content
    """How a file of the corpus becomes an input; None where there are none."""


def _bytes_of(*patterns: str, most: int = 20_000) -> list[bytes]:
    files = sorted({file for pattern in patterns for file in ROOT.glob(pattern)})
    found = [content for file in files if len(content := file.read_bytes()) <= most]
    assert found
    return found


def _tree(file: Path) -> Any:
    return json.loads(json.dumps(YAML(typ="safe", pure=True).load(file.read_text("utf-8")), default=str))


# --- the declaration

YAML_FILES: Final = (
    "partners/**/*.yaml", "examples/**/*.yaml", "tests/data/bad/*-example/tenants/us.yaml", "Pulumi*.yaml",
)  # fmt: skip


def readers_agree(content: bytes) -> None:
    """Both readers of YAML understand the same, in the same places."""
    text = content.decode("utf-8", "replace")
    fast = outcome(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quick, "read", lambda *_: None)
        assert fast == outcome(text)


ADATUM: Final = ROOT / "examples/adatum"
ADATUM_FILES: Final = {file.relative_to(ADATUM).as_posix(): file.read_bytes() for file in ADATUM.rglob("*.yaml")}


@cache
def _memory() -> Path:
    shared = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix="tenantry-fuzz-", dir=shared if shared.is_dir() else None))


@cache
def _adatum() -> Folder:
    folder = Folder(_memory() / "adatum")
    (folder.path / "customers").mkdir()
    return folder


def declaration_is_told(named: tuple[str, bytes]) -> None:
    """A partner with one damaged file is valid, or everything that is wrong with it is said in full, in each format."""
    folder = _adatum()
    folder.write({**ADATUM_FILES, named[0]: named[1]})
    checked = check_partner(folder.path)
    assert_told(folder.path, checked)
    renders(checked.layout)
    assert json.loads(checked.document.model_dump_json())


def _damaged_declarations() -> st.SearchStrategy[tuple[str, bytes]]:
    trees = {name: _tree(ADATUM / name) for name in ADATUM_FILES}

    def written(tree: Any) -> bytes:
        # JSON is YAML too, and keeps what a writer of YAML refuses.
        return json.dumps(tree, indent=1).encode("utf-8", "replace")

    return st.sampled_from(sorted(ADATUM_FILES)).flatmap(
        lambda name: st.tuples(
            st.just(name), damaged_bytes([ADATUM_FILES[name]]) | damaged_tree([trees[name]]).map(written)
        )
    )


def stack_file_is_read(content: bytes) -> None:
    """A stack's configuration is read, or why it cannot be."""
    root = _memory() / "stacks"
    root.mkdir(exist_ok=True)
    (root / "Pulumi.yaml").write_text("name: tenantry\nruntime: python\n")
    (root / "Pulumi.dev.yaml").write_bytes(content)
    (found,) = stack_files(root)
    assert found.name == "dev"


# --- the embedded directory's files

NORTHWIND: Final = ROOT / "examples/seeds/northwind.yaml"


@cache
def _tenant_to_seed() -> Any:
    return enrolled()


class _UndoneError(Exception):
    """The end of a transaction that is not kept."""


def seed_is_planted(content: bytes) -> None:
    """A seed is planted whole, or refused with the place of each mistake."""
    file = Path("seed.yaml")
    try:
        document = read_bytes(file, content)
        seed = SeedFile(valid(Seed, document), document)
        with suppress(_UndoneError), _tenant_to_seed().writing(UNITED_STATES.tenant_id) as tenant:
            seed.plant(tenant)
            raise _UndoneError
    except DeclarationError as error:
        _is_told(error)


def faults_are_read(content: bytes) -> None:
    """Faults are read, or every mistake in them is said."""
    with suppress(ValueError):
        parse_faults(content)


def _is_told(error: DeclarationError) -> None:
    assert error.problems
    for problem in error.problems:
        assert problem.place is not None
        assert problem.actual
        assert problem.expected
        assert problem.remediation
        message = str(problem).replace("\u200c", "").replace("\u200d", "")
        assert message.isprintable(), message


def _is_one_line(error: EngineError) -> None:
    assert str(error)
    assert len(str(error).splitlines()) == 1, str(error)


def _seeds() -> st.SearchStrategy[bytes]:
    tree = _tree(NORTHWIND)
    return damaged_bytes([NORTHWIND.read_bytes()]) | damaged_tree([tree]).map(
        lambda damaged: json.dumps(damaged).encode("utf-8", "replace")
    )


def hostile_tenant_is_taken_over(hostile: str) -> None:
    """A tenant in which every name is hostile: the declaration that is written of it loads."""
    name = hostile[:200] or "x"
    seed = {
        "users": {f"{key}@contoso.example": {"displayName": name} for key in ("bob", "no", "24")},
        "guests": {"eva@fabrikam.example": {"displayName": name}},
        "applications": {"Robot": {}},
        "groups": {
            "AdminAgents": {"members": ["bob@contoso.example", "eva@fabrikam.example", "Robot"]},
            "Crew": {"isAssignableToRole": True, "members": ["no@contoso.example"]},
        },
        "roles": {"Global Administrator": ["24@contoso.example", "Crew"]},
    }
    store = enrolled()
    with closing(store):
        try:
            document = read_bytes(Path("seed.yaml"), json.dumps(seed).encode("utf-8", "surrogatepass"))
            with store.writing(UNITED_STATES.tenant_id) as tenant:
                SeedFile(valid(Seed, document), document).plant(tenant)
        except DeclarationError as error:
            _is_told(error)
            return
        with _reader(store, UNITED_STATES.tenant_id, {}) as reader:
            facts = read_facts(reader, "northwind", "main", Written(), Options(), TODAY)
    with tempfile.TemporaryDirectory(dir=_memory()) as folder:
        Path(folder, "Pulumi.yaml").write_text("name: tenantry\nruntime: python\n")
        project = Project(Path(folder))
        proposal = propose(facts, Written(), {})
        for change in (
            tenant_file(project, "northwind/main", proposal),
            partner_file(project, "northwind/main", "Northwind"),
        ):
            change.file.parent.mkdir(parents=True, exist_ok=True)
            change.file.write_text(change.after, "utf-8")
        assert load(project.partners / "northwind").tenants["main"] == proposal.tenant


# --- what the engine writes

PLAN_NAMES: Final = ("leaver-promotion-undeclared", "customers", "eligible", "group-replaced")


@cache
def _stack_of(name: str) -> Stack:
    return declared_in(_memory() / f"plan-{name}", SCENARIOS[name].edit)


def plan_is_reviewed(named: tuple[str, bytes]) -> None:
    """A plan is reviewed and shown in each format, or refused in a sentence."""
    try:
        plan = parse(Path("plan.json"), named[1])
        report = review(_stack_of(named[0]), plan, date(2026, 11, 2), root="/nowhere")
    except PlanError as error:
        _is_one_line(error)
        return
    assert json.loads(json.dumps(report.model_dump(mode="json")))
    renders(layout(report))


def _damaged_plans() -> st.SearchStrategy[tuple[str, bytes]]:
    contents = {name: plan_of(name).read_bytes() for name in PLAN_NAMES}
    return st.sampled_from(PLAN_NAMES).flatmap(
        lambda name: st.tuples(
            st.just(name),
            damaged_tree([json.loads(contents[name])]).map(lambda tree: json.dumps(tree).encode("utf-8", "replace"))
            | damaged_bytes([contents[name]]),
        )
    )


def refresh_is_read(content: bytes) -> None:
    """The events of a refresh are read, or refused in a sentence."""
    with suppress(ValueError):
        parse_refresh(content)


STATE: Final = {
    "version": 3,
    "deployment": {
        "manifest": {"time": "2026-11-30T04:05:00Z", "magic": "x", "version": "v3.259.0"},
        "secrets_providers": {"type": "passphrase", "state": {"salt": "v1:abc"}},
        "resources": [{"urn": "urn:pulumi:dev::tenantry::pulumi:pulumi:Stack::tenantry-dev", "custom": False}],
        "pending_operations": [
            {
                "type": "creating",
                "resource": {
                    "urn": "urn:pulumi:dev::tenantry::azuread:index/user:User::us-judy",
                    "type": "azuread:index/user:User",
                    "custom": True,
                    "inputs": {"__defaults": [], "userPrincipalName": "judy@contoso.example", "displayName": "Judy"},
                },
            },
            {
                "type": "updating",
                "resource": {"urn": "urn:pulumi:dev::tenantry::azuread:index/group:Group::us-x", "type": "x"},
            },
        ],
    },
}


def state_is_completed(content: bytes) -> None:
    """An exported state is completed, or refused in a sentence that holds nothing of it."""
    exported = content.decode("utf-8", "replace")
    try:
        pending = pending_creates(exported)
    except EngineError as error:
        _is_one_line(error)
        return
    found = {item.urn: Found("00000000-0000-4000-8000-000000000001") for item in pending}
    after = json.loads(completed(exported, found))
    assert not [one for one in after["deployment"]["pending_operations"] if one["type"] == "creating"]


# --- what Microsoft Graph answers


class _Recorded(httpx.BaseTransport):
    """Answers as the directory did, but for one answer, which is damaged."""

    def __init__(self, answers: Mapping[str, bytes], instead: Mapping[str, bytes]) -> None:
        self._answers, self._instead = answers, instead

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = str(request.url)
        if url in self._instead:
            return httpx.Response(200, content=self._instead[url])
        found = self._answers.get(url)
        return (
            httpx.Response(404, json={"error": {"code": "x"}}) if found is None else httpx.Response(200, content=found)
        )


class _Remembering(httpx.BaseTransport):
    def __init__(self, inner: httpx.BaseTransport, answers: dict[str, bytes]) -> None:
        self._inner, self._answers = inner, answers

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._inner.handle_request(request)
        if answer.status_code == 200:
            self._answers[str(request.url)] = answer.read()
        return answer

    def close(self) -> None:
        self._inner.close()


def _reader(store: Any, tenant_id: str, answers: dict[str, bytes]) -> GraphReader:
    from tenantry.directory.app import create_app
    from tests.graph.in_process import Door

    door = _Remembering(Door(create_app(store), {}), answers)
    return GraphReader(CLOUD, signed_in(store, tenant_id), {}, transport=door, retry=RETRY.copy_with(total=0))


@dataclass(frozen=True)
class _World:
    stack: Stack
    identity: Any
    answers: Mapping[str, bytes]


@cache
def _audited() -> _World:
    answers: dict[str, bytes] = {}
    with audited() as one:
        one.world.join(one.directory.group("AdminAgents"), one.newcomer())
        one.world.permit(*OTHERS, *EVERY_FEATURE)
        stack = Stack(one.declaration, "us")
        identity = signed_in(one.world.store, one.tenant.id)
        with _reader(one.world.store, one.tenant.id, answers) as graph:
            audit_tenant(graph, stack, TODAY)
    return _World(stack, identity, answers)


def answer_is_understood(named: tuple[str, bytes]) -> None:
    """A tenant of which one answer is damaged is audited, and what was not understood is named, in each format."""
    world = _audited()
    transport = _Recorded(world.answers, {named[0]: named[1]})
    with GraphReader(CLOUD, world.identity, {}, transport=transport, retry=RETRY.copy_with(total=0)) as graph:
        try:
            found = audit_tenant(graph, world.stack, TODAY)
        except GraphError as error:
            _is_one_line(error)
            return
    report = AuditReport(tenants=(found,))
    assert json.loads(report.model_dump_json())
    renders(audit_report.layout(report))
    rows = list(csv.reader(io.StringIO(audit_report.as_csv(report))))
    assert len({len(row) for row in rows}) == 1


def _damaged_answers() -> st.SearchStrategy[tuple[str, bytes]]:
    answers = _audited().answers
    return st.sampled_from(sorted(answers)).flatmap(
        lambda url: st.tuples(
            st.just(url),
            damaged_tree([json.loads(answers[url])] if answers[url][:1] in b"{[" else [answers[url].decode()]).map(
                lambda tree: json.dumps(tree).encode("utf-8", "replace")
            )
            | damaged_bytes([answers[url]]),
        )
    )


# --- renderers


def _with_texts(value: Any, text: str) -> Any:
    """A document in which every text of somebody else is another; notes of our own stay."""
    if isinstance(value, Lines) and value.voice is Voice.OURS:
        return value
    if isinstance(value, Entry):
        return replace(value, head=text, parts=tuple((label, text) for label, _ in value.parts))
    if is_dataclass(value) and not isinstance(value, type):
        kept = {"icon", "marker", "whole", "sign", "what", "headings"}
        return replace(
            value,
            **{one.name: _with_texts(getattr(value, one.name), text) for one in fields(value) if one.name not in kept},
        )
    if isinstance(value, str) and not isinstance(value, Enum):
        return text if value else value
    return tuple(_with_texts(item, text) for item in value) if isinstance(value, tuple) else value


def renders(document: Document) -> None:
    """A document is shown in each format: nothing obeys what stands in it, and nothing is linked or mentioned."""
    shown = without_colours(printed(document, colours=True))
    plain = printed(document)
    for text in (shown, plain):
        assert all(character.isprintable() or character in "\n\u200c\u200d" for character in text)
    page = html.render(document)
    assert not {tag for tag, _ in html_shape(page)} & {"script", "img", "a", "iframe", "form", "link", "object"}
    written = markdown.render(document)
    written.encode("utf-8")
    kinds = {token.type for token in tokens(written)}
    assert not kinds & {"image", "fence", "code_block", "lheading"}
    if not _has_notes(document):
        for words in markdown_words(written):
            assert not READ_BY_HOSTS.search(words), words


def _has_notes(block: Document | Section) -> bool:
    return bool(getattr(block, "whole", "")) or any(
        (isinstance(one, Lines) and one.voice is Voice.OURS) or (isinstance(one, Section) and _has_notes(one))
        for one in block.blocks
    )


def _elements(page: str) -> list[tuple[str, Any]]:
    """The elements of a page, with the names of their attributes: a heading may stand in one."""
    return [(tag, [name for name, _ in more] if isinstance(more, list) else more) for tag, more in html_shape(page)]


def _of_markdown(document: Document) -> list[tuple[str, Any]]:
    """What a comment is made of; of its HTML, which folds a section, the elements."""
    written = markdown.render(document, limit=10**9)
    return [(kind, _elements(what) if kind.startswith("html") else what) for kind, what in markdown_shape(written)]


def document_keeps_its_shape(drawn: tuple[Document, str]) -> None:
    """Whatever a text is, a page and a comment have the elements that they have with a harmless one."""
    document, text = drawn
    hostile, calm = _with_texts(document, text), _with_texts(document, "word")
    renders(hostile)
    assert _elements(html.render(hostile)) == _elements(html.render(calm))
    assert _of_markdown(hostile) == _of_markdown(calm)
    # Shortened as well.
    cut = markdown.render(hostile, limit=2000)
    assert not {token.type for token in tokens(cut)} & {"image", "fence", "code_block", "lheading"}


def _documents() -> st.SearchStrategy[Document]:
    word = st.sampled_from(["word", "two words"])
    some = st.sampled_from(["", "word"])

    def of(model: type, /, **given: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        hints = get_type_hints(model)
        made = {name: hints[name] for name in hints if name not in given}
        return st.builds(model, **given, **{n: some if h is str else st.from_type(h) for n, h in made.items()})

    pieces = st.lists(of(Piece, text=word), max_size=3).map(tuple)
    cells: st.SearchStrategy[Cell] = pieces

    @st.composite
    def tables(draw: st.DrawFn) -> Table:
        width = draw(st.integers(1, 3))
        row = st.tuples(*[cells] * width)
        group = of(
            Group,
            name=word,
            rows=st.lists(row, min_size=1, max_size=2).map(tuple),
            upn=st.none() | word,
            notes=st.lists(word, max_size=2).map(tuple),
            alike=st.lists(st.tuples(word, st.none() | word), max_size=2).map(tuple),
            rank=st.just(0),
        )
        return Table(
            tuple(draw(st.lists(word, min_size=width + 1, max_size=width + 1))),
            tuple(draw(st.lists(group, max_size=3))),
            draw(some),
        )

    entries = of(Entry, head=word, parts=st.lists(st.tuples(word, word), max_size=2).map(tuple), rank=st.just(0))
    leaves = st.one_of(
        tables(),
        of(Entries, entries=st.lists(entries, max_size=3).map(tuple), what=st.just("other lines")),
        of(Facts, facts=st.lists(st.tuples(word, word), max_size=3).map(tuple)),
        of(
            Lines,
            lines=st.lists(word, max_size=3).map(tuple),
            voice=st.sampled_from([one for one in Voice if one is not Voice.OURS]),
        ),
    )
    sections = of(
        Section, title=word, blocks=st.lists(leaves, max_size=3).map(tuple), number=st.none() | st.integers(0, 9)
    )
    return of(
        Document,
        title=word,
        blocks=st.lists(leaves | sections, max_size=4).map(tuple),
        kind=word,
        icon=st.just(""),
        marker=st.just(""),
        whole=st.just(""),
    )


def csv_keeps_its_cells(rows: list[list[str]]) -> None:
    """Every cell is read back as it was, with at most a quote before it, and no text ends its cell."""
    written = csv_text(["one", "two"], rows)
    back = list(csv.reader(io.StringIO(written, newline="")))[1:]
    assert [[cell.removeprefix("'") for cell in row] for row in back] == [
        [cell.removeprefix("'") for cell in row] for row in rows
    ]


def _named(content: bytes) -> tuple[str, bytes]:
    """A file of the corpus whose first line says what it stands for."""
    name, _, rest = content.partition(b"\n")
    return name.decode(), rest


def targets() -> tuple[Target, ...]:
    """Every target; its inputs are read when the first is drawn."""
    return (
        Target("yaml", st.deferred(lambda: damaged_bytes(_bytes_of(*YAML_FILES, most=6000))), readers_agree),
        Target("declaration", st.deferred(_damaged_declarations), declaration_is_told, _named),
        Target("stack-file", st.deferred(lambda: damaged_bytes(_bytes_of("Pulumi.dev.yaml"))), stack_file_is_read),
        Target("seed", st.deferred(_seeds), seed_is_planted),
        Target("faults", st.deferred(lambda: damaged_bytes(_bytes_of("tests/fuzz/corpus/faults/*"))), faults_are_read),
        Target("takeover", texts, hostile_tenant_is_taken_over, lambda content: content.decode("utf-8", "replace")),
        Target("plan", st.deferred(_damaged_plans), plan_is_reviewed, _named),
        Target(
            "refresh", st.deferred(lambda: damaged_bytes(_bytes_of("tests/fuzz/corpus/refresh/*"))), refresh_is_read
        ),
        Target(
            "state",
            damaged_tree([STATE]).map(lambda tree: json.dumps(tree).encode("utf-8", "replace"))
            | damaged_bytes([json.dumps(STATE).encode()]),
            state_is_completed,
        ),
        Target("graph-answer", st.deferred(_damaged_answers), answer_is_understood, _named),
        Target("document", st.tuples(st.deferred(_documents), texts.filter(str.strip)), document_keeps_its_shape, None),
        Target("csv", st.lists(st.lists(texts, min_size=2, max_size=2), max_size=4), csv_keeps_its_cells, None),
    )
