"""What a report of drift shows of the comparison and of the program's own refusals."""

import pytest

from tenantry.drift.model import DriftReport
from tenantry.findings import NotEvaluated
from tenantry.reports import html, markdown
from tenantry.reports.document import Tone
from tenantry.reports.drift import layout
from tests.review.rendered import html_text, printed

TOO_MUCH = "Refused (PT-204): this change takes SalesAgents from 2 of the 2 who can use it."
NOT_PINNED = "Refused (PT-108): Ada Moss holds Global Administrator already."
UNREAD = NotEvaluated(side="tenant", what="the members of SalesAgents", why="the permission is missing")


def report(*refusals: str, not_evaluated: tuple[NotEvaluated, ...] = ()) -> DriftReport:
    return DriftReport(
        stack="us", tenant="acme/us", name="Acme US", changes=(), not_evaluated=not_evaluated, refusals=refusals
    )


def test_a_refused_update_is_shown_in_each_format_after_what_was_not_evaluated() -> None:
    document = layout(report(TOO_MUCH, NOT_PINNED, not_evaluated=(UNREAD,)))
    for shown in (markdown.render(document), html_text(html.render(document)), printed(document, width=1000)):
        places = [shown.replace("`", "").index(text) for text in (UNREAD.why, TOO_MUCH, NOT_PINNED)]
        assert places == sorted(places)
        assert shown.count("the next update would be refused: ") == 2


@pytest.mark.parametrize(
    ("found", "exit_code", "headline"),
    [
        (report(), 0, "No drift."),
        (report(TOO_MUCH), 7, "No drift; the next update would be refused."),
        (
            report(TOO_MUCH, not_evaluated=(UNREAD,)),
            1,
            "Not evaluated in 1 part; the next update would be refused.",
        ),
    ],
    ids=["nothing", "refused", "refused and not evaluated"],
)
def test_a_refused_update_is_in_the_headline_and_the_exit_code(
    found: DriftReport, exit_code: int, headline: str
) -> None:
    assert (found.exit_code, found.headline) == (exit_code, headline)
    assert layout(found).tone is (Tone.WARNING if exit_code else Tone.GOOD)


def test_the_json_carries_the_refusals_beside_the_comparison() -> None:
    written = report(TOO_MUCH, NOT_PINNED).model_dump(mode="json")
    assert (written["changes"], written["refusals"]) == ([], [TOO_MUCH, NOT_PINNED])


def test_a_report_says_that_it_did_not_look_at_relationships_with_customers() -> None:
    text = "Not evaluated: relationships with customers (GDAP)."
    assert text in markdown.render(layout(report().model_copy(update={"at_customers": False})))
    assert text not in markdown.render(layout(report()))
