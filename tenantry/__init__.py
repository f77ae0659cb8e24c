"""Tenantry: Microsoft partner tenants as code."""
