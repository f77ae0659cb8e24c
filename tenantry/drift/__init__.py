"""Drift: what others changed in a tenant, by person, and what the engine cannot see of it.

:mod:`tenantry.drift.compare` puts what the engine found beside what Microsoft Graph shows and what is declared,
:mod:`tenantry.reports.drift` shows it, and :mod:`tenantry.drift.run` does all of it.
"""
