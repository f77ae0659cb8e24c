"""What is suggested to whoever misspelt a name."""

import pytest

from tenantry.spelling import alike, folded, misspelt


def test_a_text_is_looked_up_in_any_unicode_form_and_case() -> None:
    assert folded("Jose\u0301") == folded("JOS\u00c9")
    assert folded("\u1e9e") == folded("ss")


@pytest.mark.parametrize(
    "written", ["globl admin", "Global-Admin", "globaladmin", "GLOBAL ADMINISTRATOR", "Gobal admins"]
)
def test_a_letter_or_two_make_no_other_name(written: str) -> None:
    assert misspelt(written, ["Sales agent", "Global admin"]) == "Global admin"


@pytest.mark.parametrize("written", ["Sales admin", "Global agent", "Global", "admin", "Helpdesk agent", ""])
def test_another_word_is_another_name(written: str) -> None:
    assert misspelt(written, ["Sales agent", "Global admin"]) is None


@pytest.mark.parametrize(
    ("written", "names"), [("enabled", ["disabled"]), ("Disabled", ["enabled"]), ("active", ["inactive"])]
)
def test_the_contrary_is_never_suggested(written: str, names: list[str]) -> None:
    assert alike(written, names) is None


def test_a_key_may_differ_more_than_a_role() -> None:
    assert alike("fulname", ["full_name", "upn"]) == "full_name"
