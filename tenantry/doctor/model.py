"""What a check says: it is fine, it is wrong and this fixes it, or nobody looked."""

from enum import StrEnum

from tenantry.findings import Record


class Standing(StrEnum):
    """What became of a check."""

    FINE = "fine"
    WRONG = "wrong"
    NOT_LOOKED_AT = "not looked at"


class Area(StrEnum):
    """What a check is about."""

    REPOSITORY = "Repository"
    ENGINE = "Engine"
    PYTHON = "Python"
    STATE = "State"
    NETWORK = "Network"
    SIGN_IN = "Sign-in"
    TENANT = "Tenant"
    REVIEW = "Review"


class Check(Record):
    """One thing that was checked."""

    area: Area
    name: str
    """What was checked: the same in every run."""
    standing: Standing
    found: str
    """What is there, what is wrong, or why nobody looked."""
    remediation: str = ""
    """What to do where something is wrong; commands in it are to be copied."""


class DoctorReport(Record):
    """What ``tenantry doctor --json`` writes."""

    version: int = 1
    """Changes when a key is removed or changes its meaning, not when one is added."""
    ok: bool
    """Whether nothing is wrong: the exit code is 0."""
    stack: str | None
    """The stack that was meant; null where there is none, or several and none was named."""
    checks: tuple[Check, ...]
    """Every check, by area."""

    @property
    def wrong(self) -> tuple[Check, ...]:
        """What is wrong."""
        return tuple(check for check in self.checks if check.standing is Standing.WRONG)

    @property
    def exit_code(self) -> int:
        """0 where nothing is wrong, else 1."""
        return int(bool(self.wrong))


def fine(area: Area, name: str, found: str) -> Check:
    """A check that passed."""
    return Check(area=area, name=name, standing=Standing.FINE, found=found)


def wrong(area: Area, name: str, found: str, remediation: str) -> Check:
    """A check that failed."""
    return Check(area=area, name=name, standing=Standing.WRONG, found=found, remediation=remediation)


def not_looked_at(area: Area, name: str, why: str) -> Check:
    """A check that could not be made, or not here."""
    return Check(area=area, name=name, standing=Standing.NOT_LOOKED_AT, found=why)
