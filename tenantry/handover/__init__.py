"""Temporary passwords: how they are derived, and how one reaches its person."""
