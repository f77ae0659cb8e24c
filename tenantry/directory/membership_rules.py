"""The rules of dynamic groups: who a group contains, by what is known of them.

Source: Microsoft Entra, "Manage rules for dynamic membership groups". Evaluated are the properties of a user with
`-eq`, `-ne`, `-startsWith`, `-contains`, `-in` and their contraries, joined by `-and`, `-or`, `-not` and parentheses. A
rule with anything else (`-match`, `-any`, `memberOf`, direct reports, devices) is refused by name: its group stays
empty and says so. Texts compare without regard to case. A comparison binds more tightly than `-not`, that more tightly
than `-and`, and `-or` least.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from tenantry.spelling import folded

from .documents import JsonObject, JsonValue
from .token_reader import TokenReader

Condition = Callable[[JsonObject], bool]
"""Whether a user fulfils a rule."""


class RuleError(ValueError):
    """A rule cannot be evaluated; the message says why."""


_NAMED_OTHERWISE: Final = {
    "dirSyncEnabled": "onPremisesSyncEnabled",
    "facsimileTelephoneNumber": "faxNumber",
    "mailNickName": "mailNickname",
    "mobile": "mobilePhone",
    "objectId": "id",
    "physicalDeliveryOfficeName": "officeLocation",
    "telephoneNumber": "businessPhones",
}
_NAMED_ALIKE: Final = """
    accountEnabled city companyName country department displayName employeeId employeeType givenName jobTitle mail
    onPremisesDistinguishedName onPremisesSecurityIdentifier otherMails passwordPolicies postalCode preferredLanguage
    proxyAddresses state streetAddress surname usageLocation userPrincipalName userType
"""
_PROPERTIES: Final[Mapping[str, str]] = {
    **{name.lower(): name for name in _NAMED_ALIKE.split()},
    **{name.lower(): known for name, known in _NAMED_OTHERWISE.items()},
}
"""What a rule calls a property of a user, in lower case, and what Microsoft Graph calls it."""
_FLAGS: Final = frozenset({"accountEnabled", "onPremisesSyncEnabled"})

_TOKEN: Final = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"`]|`.)*")|(?P<property>[A-Za-z]\w*(?:\.\w+)+)|(?P<word>-?[A-Za-z]\w*)|(?P<mark>[()\[\],]))""",
    re.IGNORECASE,
)
_ESCAPED: Final = re.compile(r"`(.)")
_CONSTANTS: Final[Mapping[str, JsonValue]] = {"true": True, "false": False, "null": None}


def read_rule(text: str) -> Condition:
    """Return what a rule demands of a user. Raises RuleError."""
    return _Reader(text, _TOKEN).read()


def _equals(expected: JsonValue, actual: JsonValue) -> bool:
    return actual == expected if actual is None or expected is None else _text(actual) == _text(expected)


def _starts(expected: JsonValue, actual: JsonValue) -> bool:
    return actual is not None and _text(actual).startswith(_text(expected))


def _contains(expected: JsonValue, actual: JsonValue) -> bool:
    return actual is not None and _text(expected) in _text(actual)


def _text(value: JsonValue) -> str:
    return folded(str(value))


_COMPARISONS: Final[Mapping[str, tuple[Callable[[JsonValue, JsonValue], bool], bool]]] = {
    "eq": (_equals, True),
    "ne": (_equals, False),
    "startswith": (_starts, True),
    "notstartswith": (_starts, False),
    "contains": (_contains, True),
    "notcontains": (_contains, False),
    "in": (_equals, True),
    "notin": (_equals, False),
}
"""What compares, and whether it has to hold or must not."""
_WITH_A_LIST: Final = frozenset({"in", "notin"})


class _Reader(TokenReader):
    """One method for each rule of the grammar."""

    def read(self) -> Condition:
        condition = self._alternatives()
        self._expect_end()
        return condition

    def _alternatives(self) -> Condition:
        parts = self._parted("or", self._conjunction)
        return lambda user: any(part(user) for part in parts)

    def _conjunction(self) -> Condition:
        parts = self._parted("and", self._condition)
        return lambda user: all(part(user) for part in parts)

    def _condition(self) -> Condition:
        with self._nested():
            if self._took("not"):
                inner = self._condition()
                return lambda user: not inner(user)
            if self._took("("):
                nested = self._alternatives()
                self._expect(")")
                return nested
            return self._comparison()

    def _comparison(self) -> Condition:
        kind, word = self._next
        if kind != "property":
            raise self._unexpected()
        self._at += 1
        owner, _, called = word.lower().partition(".")
        name = _PROPERTIES.get(called) if owner == "user" else None
        if name is None:
            raise RuleError(f"the property '{word}' is not evaluated")
        operator = self._operator()
        compare, demanded = _COMPARISONS[operator]
        expected = self._list() if operator in _WITH_A_LIST else [self._value()]
        if name in _FLAGS and not all(value is None or isinstance(value, bool) for value in expected):
            raise RuleError(f"'{word}' is true or false")

        def holds(user: JsonObject) -> bool:
            found = any(compare(value, actual) for value in expected for actual in _actual(user, name))
            return found is demanded

        return holds

    def _operator(self) -> str:
        kind, word = self._next
        operator = word.lower().removeprefix("-")
        if kind != "word":
            raise self._unexpected()
        if operator not in _COMPARISONS:
            raise RuleError(f"the operator '{word}' is not evaluated")
        self._at += 1
        return operator

    def _list(self) -> list[JsonValue]:
        self._expect("[")
        values = [self._value()]
        while self._took(","):
            values.append(self._value())
        self._expect("]")
        return values

    def _value(self) -> JsonValue:
        kind, word = self._next
        if kind == "text":
            self._at += 1
            return _ESCAPED.sub(r"\1", word[1:-1])
        if kind == "word" and word.lower() in _CONSTANTS:
            self._at += 1
            return _CONSTANTS[word.lower()]
        raise self._unexpected()

    def _is(self, word: str) -> bool:
        kind, found = self._next
        return kind != "text" and found.lower().removeprefix("-") == word

    def _refused(self, why: str) -> RuleError:
        return RuleError(why)


def _actual(user: JsonObject, name: str) -> list[JsonValue]:
    """What a user has of a property: each of a list, and null where there is nothing."""
    value = user[name]
    return (value or [None]) if isinstance(value, list) else [value]
