"""Tenants that others made, on the embedded directory, as a reader sees them: a test says what is in one."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from tenantry.adopt.model import Change
from tenantry.adopt.propose import Facts, Proposal, Written, propose
from tenantry.adopt.questions import Answer, Signature
from tenantry.adopt.run import Options, read_facts
from tenantry.adopt.write import tenant_file
from tenantry.directory.enrolment import Enrolment
from tenantry.directory.onboarding import enrol
from tenantry.directory.seed import plant
from tenantry.directory.seed_model import Seed
from tenantry.directory.store import Store
from tenantry.project.paths import Project
from tests.directory.samples import ADA, CLIENT_SECRET, UNITED_STATES
from tests.graph.in_process import reader_of

TODAY: Final = date(2026, 11, 29)
DOMAIN: Final = "contoso.example"
SIGNED: Final = Signature("Grace Mbeki", "Until the migration is over")


@dataclass
class Adopting:
    """A tenant that is taken over as northwind/main."""

    facts: Facts
    written: Written = field(default_factory=Written)

    def propose(self, answers: Mapping[str, str] | None = None, signed: Signature = SIGNED) -> Proposal:
        return propose(self.facts, self.written, {key: Answer(one, signed) for key, one in (answers or {}).items()})

    def file(self, project: Project, answers: Mapping[str, str] | None = None) -> Change:
        return tenant_file(project, "northwind/main", self.propose(answers))


@contextmanager
def store_of(seed: Mapping[str, Any], enrolment: Enrolment = UNITED_STATES) -> Iterator[Store]:
    """A directory with one tenant, as Partner Center leaves it, and what a seed adds."""
    store = Store()
    try:
        enrol(store, enrolment, CLIENT_SECRET)
        with store.writing(enrolment.tenant_id) as tenant:
            plant(tenant, Seed.model_validate(seed))
        yield store
    finally:
        store.close()


def adopting(
    seed: Mapping[str, Any], enrolment: Enrolment = UNITED_STATES, options: Options | None = None, **facts: Any
) -> Adopting:
    """What is read of a tenant in which there is, beside Ada, what a seed says."""
    with store_of(seed, enrolment) as store, reader_of(store, enrolment.tenant_id) as reader:
        read = read_facts(reader, "northwind", "main", Written(), options or Options(), TODAY)
    return Adopting(replace(read, **facts))


def people(*names: str, **more: Any) -> dict[str, Any]:
    """Users of a seed, by sign-in name."""
    return {f"{name}@{DOMAIN}": {"displayName": name.replace(".", " ").title(), **more} for name in names}


def project_in(folder: Path) -> Project:
    """A project with nothing in it."""
    (folder / "Pulumi.yaml").write_text("name: tenantry\nruntime: python\n")
    return Project(folder)


ADA_KEY: Final = ADA.upn.partition("@")[0]
