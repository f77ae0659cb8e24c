"""Takes over a tenant that exists: reads it, and writes the declaration that changes nothing in it."""
