"""Runs another revision's program in a sandbox, and records what it registers."""
