"""What a change does to access: the recorder, and the reports made from what it records."""
