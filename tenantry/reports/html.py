"""A review as an HTML page: one file, to read in a browser, to print, and to keep."""

from tenantry.reports.layout import layout, reaches
from tenantry.reports.page import page
from tenantry.reports.review import Report


def render(report: Report) -> str:
    """A review as a page without scripts, links or anything from elsewhere; every text of the report is escaped."""
    return page("review.html.j2", told=layout(report), reaches=reaches)
