"""Are the addresses of the cloud reached, by which way, and is this machine's clock right?"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from tenantry.doctor import model
from tenantry.doctor.model import Area, Check

_fine = partial(model.fine, Area.NETWORK)
_wrong = partial(model.wrong, Area.NETWORK)
_skipped = partial(model.not_looked_at, Area.NETWORK)

TOLERATED: Final = timedelta(minutes=5)
"""By how much a clock may be off: Microsoft Entra ID takes no token of a certificate that is issued later than that."""


@dataclass(frozen=True)
class Answer:
    """What came of asking a host for anything."""

    host: str
    problem: str = ""
    """Why it did not answer."""
    ahead: timedelta | None = None
    """By how much this machine's clock is ahead of its."""


@dataclass(frozen=True)
class Facts:
    """What is there of the network. No proxy has a user or a password in it."""

    proxy: str | None = None
    bypassed: bool = False
    """Whether a proxy is set, and not used for these hosts."""
    problem: str = ""
    """Why nothing can be asked: the cloud, the proxy or the trusted certificates are not understood."""
    trusted: str = ""
    """What names the trusted certificates, where it is not the usual list."""
    answers: tuple[Answer, ...] = ()
    offline: str = ""
    """Why nobody asked."""


def check(facts: Facts) -> Iterator[Check]:
    """Evaluate it."""
    yield _way(facts)
    if facts.problem:
        yield _skipped("reach", "the settings above are wrong")
    elif facts.offline:
        yield _skipped("reach", facts.offline)
    for answer in facts.answers:
        if answer.problem:
            through = f" through the proxy {facts.proxy}" if facts.proxy else ""
            fix = (
                f"let this machine reach {answer.host} on port 443, or name the proxy: "
                "`export HTTPS_PROXY=http://HOST:PORT`"
            )
            if facts.proxy:
                fix = f"correct HTTPS_PROXY, or let the proxy reach {answer.host} on port 443"
            yield _wrong("reach", f"{answer.host} is not reached{through}: {answer.problem}", fix)
        else:
            yield _fine("reach", f"{answer.host} answers")
    yield _clock(facts)


def _way(facts: Facts) -> Check:
    if facts.problem:
        return _wrong("settings", facts.problem.rstrip("."), "correct the variable that is named, or unset it")
    trusted = f"; TLS trusts {facts.trusted}" if facts.trusted else ""
    if facts.proxy:
        return _fine("settings", f"through the proxy {facts.proxy}{trusted}")
    bypass = " (a proxy is set, and not used for these addresses)" if facts.bypassed else ""
    return _fine("settings", f"without a proxy{bypass}{trusted}")


def _clock(facts: Facts) -> Check:
    known = [answer for answer in facts.answers if answer.ahead is not None]
    if not known:
        return _skipped("clock", facts.offline or "no host answered with its time")
    furthest = max(known, key=lambda answer: abs(answer.ahead or timedelta()))
    ahead = furthest.ahead or timedelta()
    if abs(ahead) <= TOLERATED:
        return _fine("clock", f"within {round(abs(ahead).total_seconds())} s of {furthest.host}'s")
    minutes = round(abs(ahead) / timedelta(minutes=1))
    found = f"this machine's is {minutes} minutes {'ahead of' if ahead > timedelta() else 'behind'} {furthest.host}'s"
    return _wrong(
        "clock",
        f"{found}: sign-ins are refused, and ends of access are taken wrongly",
        "set it by the network: `sudo timedatectl set-ntp true`",
    )
