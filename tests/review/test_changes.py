"""What a review says of the changes that people make, and of those that somebody tries to get through."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tenantry.reports import markdown
from tenantry.reports.layout import layout
from tenantry.reports.review import Verdict
from tenantry.review.command import exit_code
from tenantry.review.options import FailOn
from tests.acme import OWN, PARTNER
from tests.acme import US as ACME

from .change import Reviewer, edit
from .changes import BEFORE, CHANGES

VERDICTS = {
    "lock-that-differs": Verdict.NOT_EVALUATED,
    "program-that-does-not-start": Verdict.NOT_EVALUATED,
    "unreadable-declaration": Verdict.NOT_EVALUATED,
    "raw-door": Verdict.NOT_EVALUATED,
    "formatting": Verdict.NO_CHANGES,
    **dict.fromkeys(
        (
            "demotion",
            "mass-removal",
            "mapping-edited-in-code",
            "raw-resource",
            "apply-that-swaps-an-id",
            "mode-change",
            "emergency-account-removed",
        ),
        Verdict.REFUSED,
    ),
    "rename": Verdict.NO_CHANGES,
    "limits-loosened": Verdict.NO_CHANGES,
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_reported_as_committed(
    reviewer: Reviewer, matches_golden: Callable[[str, str], None], name: str
) -> None:
    report = reviewer.review(CHANGES[name], BEFORE.get(name))
    assert report.verdict is VERDICTS.get(name, Verdict.CHANGES)
    assert exit_code(report, None) == (report.verdict is Verdict.NOT_EVALUATED)
    assert exit_code(report, FailOn.FINDINGS) == (report.verdict in (Verdict.NOT_EVALUATED, Verdict.REFUSED))
    matches_golden(
        f"review-changes/{name}.json", json.dumps(report.model_dump(mode="json"), indent=1, ensure_ascii=False) + "\n"
    )
    matches_golden(f"review-changes/{name}.md", markdown.render(layout(report)))


def test_once_the_sample_partner_is_deleted_its_stack_is_nothing_to_evaluate(reviewer: Reviewer) -> None:
    def own_partner(project: Path) -> None:
        shutil.rmtree(project / "partners/contoso")
        for name, text in (("partner.yaml", PARTNER), ("tenants/own.yaml", OWN), ("tenants/us.yaml", ACME)):
            file = project / "partners/acme" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)

    report = reviewer.review(edit("partners/acme/tenants/us.yaml", "Dora Lake", "Dora Sea"), own_partner)
    assert (report.verdict, report.not_evaluated) == (Verdict.NO_CHANGES, ())
    assert [item.tenant for item in report.tenants if item.touched] == ["acme/us"]
