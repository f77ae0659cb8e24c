"""How does the environment sign in, is anything missing for it, and does it work?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from tenantry.doctor import model
from tenantry.doctor.model import Area, Check
from tenantry.graph.ways import Way, ways_to_sign_in

_fine = partial(model.fine, Area.SIGN_IN)
_wrong = partial(model.wrong, Area.SIGN_IN)
_skipped = partial(model.not_looked_at, Area.SIGN_IN)

_IF_IT_HAS_ONE: Final = "ARM_CLIENT_CERTIFICATE_PASSWORD"
_USES_OIDC: Final = "ARM_USE_OIDC"


@dataclass(frozen=True)
class Facts:
    """What is there to sign in with. Of variables only their names are known."""

    method: str = ""
    """How the environment signs in: "client secret"."""
    who: str = ""
    """The application, or the account."""
    problem: str = ""
    """What is missing or contradicts itself."""
    incomplete: tuple[str, ...] = ()
    """Other ways that were begun, each with what it lacks."""
    refused: str = ""
    """Why the sign-in did not work."""
    signed_in: bool = False
    unasked: str = ""
    """Why nobody tried."""


def check(facts: Facts) -> Iterator[Check]:
    """Evaluate it."""
    if facts.problem:
        fix = (
            "set ARM_TENANT_ID, ARM_CLIENT_ID and ARM_CLIENT_SECRET (or ARM_CLIENT_CERTIFICATE_PATH, or "
            "ARM_USE_OIDC=true); `tenantry docs permissions` lists the variables of each way to sign in"
        )
        yield _wrong("method", facts.problem.rstrip("."), fix)
    elif facts.method:
        yield _fine("method", f"{facts.method}: {facts.who}")
    else:
        yield _skipped("method", facts.unasked)
    for other in facts.incomplete:
        yield _wrong("other method", other, "set what it lacks, or unset what belongs to it")
    if facts.refused:
        fix = "renew or correct what it signs in with, and see that ARM_TENANT_ID and ARM_CLIENT_ID belong together"
        if facts.method == "Azure CLI":
            fix = "`az login`"
        yield _wrong("sign-in", facts.refused.partition(" Fix: ")[0].rstrip("."), fix)
    elif facts.signed_in:
        yield _fine("sign-in", f"{facts.who} signs in")
    else:
        yield _skipped("sign-in", facts.unasked or "the method is not settled")


def incomplete(environment: Mapping[str, str]) -> Iterator[str]:
    """Ways to sign in that an environment begins and does not complete. It names variables, and no value."""
    given = {name for name, value in environment.items() if value}
    uses_oidc = environment.get(_USES_OIDC, "").lower() in ("1", "t", "true")
    oidc = [way for way in ways_to_sign_in().ways if _USES_OIDC in way.variables]
    own = {name for way in oidc for name in _names(way) if name.startswith("ARM_OIDC_")} & given
    if uses_oidc and all(_lacks(way, given) for way in oidc):
        nearest = min(oidc, key=lambda way: len(_lacks(way, given)))
        yield f"{_USES_OIDC} is set, and {nearest.title} lacks {' and '.join(_lacks(nearest, given))}"
    elif own and not uses_oidc:
        yield f"{', '.join(sorted(own))} {'is' if len(own) == 1 else 'are'} set, and {_USES_OIDC} is not `true`"
    if _IF_IT_HAS_ONE in given and not given & {"ARM_CLIENT_CERTIFICATE", "ARM_CLIENT_CERTIFICATE_PATH"}:
        yield f"{_IF_IT_HAS_ONE} is set, and no certificate: ARM_CLIENT_CERTIFICATE_PATH"


def _names(way: Way) -> Iterator[str]:
    return (name for either in way.variables for name in either.split(" or "))


def _lacks(way: Way, given: set[str]) -> list[str]:
    return [either for either in way.variables if not given & set(either.split(" or "))]
