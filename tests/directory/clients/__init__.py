"""Programs that nobody here wrote, against the embedded directory. `CONTRIBUTING.md` says where they are looked for."""
