"""A review for machines."""

from typing import Any

from tenantry.review.report import Report


def as_json(report: Report) -> dict[str, Any]:
    """A review as JSON: every field of :class:`Report`, beside them what it comes to and how much must be mended."""
    return {
        "verdict": report.verdict.value,
        "headline": report.headline,
        "blocking": report.blocking,
        **report.model_dump(mode="json"),
    }
