"""Scripts, look-alikes and spellings of names, addresses and domains."""

import pytest

from tenantry.rules import addresses
from tenantry.rules.letters import beyond_western_european, script_of, transliterated


@pytest.mark.parametrize(
    ("text", "beyond"),
    [
        ("1 Main Street", ""),
        ("Straße 1 – Ærø, Œuvre, Žižkova, €", ""),
        ("Cafe\u0301", ""),
        ("Łódź", "Łź"),
        ("Αθήνα", "Αήαθν"),
        ("東京", "京東"),
        ("a\u0000b", "\u0000"),
    ],
)
def test_western_european_characters(text: str, beyond: str) -> None:
    assert "".join(beyond_western_european(text)) == beyond


@pytest.mark.parametrize(
    ("text", "offer"),
    [
        ("Łódź, ul. Świętojańska", "Lódz, ul. Swietojanska"),
        ("Ștefan cel Mare", "Stefan cel Mare"),
        ("İstanbul, Kadıköy", "Istanbul, Kadiköy"),
        ("Đà Nẵng", "Dà Nang"),
        ("Zürich", "Zürich"),
        ("Ερμού 10, Αθήνα", "Ermoy 10, Athina"),
        ("ул. Ленина 1, Москва", "ul. Lenina 1, Moskva"),
        ("თბილისი", "tbilisi"),
        ("東京", None),
        ("القاهرة", None),
        ("Αθήνα 東京", None),
    ],
)
def test_a_transliteration_is_offered_where_a_person_could_read_it(text: str, offer: str | None) -> None:
    assert transliterated(text) == offer


@pytest.mark.parametrize(
    ("letter", "script"),
    [("a", "Latin"), ("а", "Cyrillic"), ("α", "Greek"), ("漢", "CJK"), ("7", ""), ("\u0301", "")],
)
def test_the_script_of_a_letter(letter: str, script: str) -> None:
    assert script_of(letter) == script


@pytest.mark.parametrize("address", ["info@x.org", "INFO+me@x.org", "ｉｎｆｏ@x.org", "іnfо@x.org", "ınfo@x.org"])
def test_role_based_names_are_compared_as_they_look(address: str) -> None:
    assert addresses.role_name(address) == "info"


def test_the_list_of_role_based_names_holds_names_alone() -> None:
    names = addresses.role_names()
    assert {"abuse", "postmaster", "billing", "no-reply"} <= names
    assert not names & addresses.ROLE_NAMES_OF_THE_SOURCE
    assert all(name == name.strip().casefold() and "#" not in name and name for name in names)


@pytest.mark.parametrize(
    ("domain", "headquarters", "regional"),
    [
        ("contoso.uk", "contoso.com", True),
        ("contoso.co.uk", "contoso.com", True),
        ("mail.contoso.de", "contoso.com", True),
        ("contoso.com", "contoso.co.uk", True),
        ("contoso.com", "contoso.com", False),
        ("uk.contoso.com", "contoso.com", False),
        ("contoso.onmicrosoft.com", "contoso.com", False),
        ("fabrikam.uk", "contoso.com", False),
        ("co.uk", "contoso.co.uk", False),
        ("localhost", "contoso.com", False),
    ],
)
def test_regional_domains(domain: str, headquarters: str, regional: bool) -> None:
    assert addresses.is_regional(domain, headquarters) is regional


def test_one_domain_has_one_spelling() -> None:
    assert addresses.domain_of("x@Bücher.example") == addresses.domain_of("x@xn--bcher-kva.example")
    assert addresses.domain_of("x@straße.example") != addresses.domain_of("x@strasse.example")
    assert addresses.domain_of("x@-–-.example") == "-–-.example"


def test_an_illegal_letter_is_reported_with_its_script() -> None:
    fault = addresses.upn_fault("f\u0430y@acme.example")
    assert fault is not None
    assert "'\u0430' (Cyrillic, U+0430)" in fault[0]
    assert "no other script" in fault[1]


@pytest.mark.parametrize(
    ("address", "valid"),
    [
        ("ada.moss@acme.example", True),
        ("ada+codes@acme.example", True),
        ("o'neil@acme.example", True),
        ("ada@bücher.example", True),
        ("ada..moss@acme.example", False),
        (".ada@acme.example", False),
        ("ada@acme", False),
        ("ada@-acme.example", False),
        ("ada@acme.invalid", False),
        (f"{'a' * 65}@acme.example", False),
        (f"ada@{'a' * 64}.example", False),
        (f"{'a' * 60}@{'.'.join(['a' * 60] * 4)}.example", False),
        ('"ada moss"@acme.example', False),
    ],
)
def test_the_syntax_of_an_address(address: str, valid: bool) -> None:
    assert (addresses.syntax_fault(address) is None) is valid
