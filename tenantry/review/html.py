"""A review as an HTML page: one file, to read in a browser, to print, and to keep."""

from tenantry.html import page
from tenantry.review.outline import outline, reaches
from tenantry.review.report import Report


def render(report: Report) -> str:
    """A review as a page without scripts, links or anything from elsewhere; every text of the report is escaped."""
    return page("tenantry.review", "review.html.j2", told=outline(report), reaches=reaches)
