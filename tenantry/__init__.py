"""Tenantry: Microsoft partner tenants as code."""

__version__ = "0.1.0"
"""The release. The wheel, the plugin and the policy pack have it from here (docs/releases.md)."""
