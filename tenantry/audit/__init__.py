"""Audit: how tenants differ from what is declared, rule by rule, by reading Microsoft Graph alone.

It needs no engine and no state: what is declared counts as what the last update left, and the comparison is the
drift's (:mod:`tenantry.drift.compare`). :mod:`tenantry.audit.run` does all of it, and :mod:`tenantry.reports.audit`
shows it.
"""
