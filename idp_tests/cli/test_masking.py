"""What a terminal may show of a person."""

import pytest

from idp.cli.masking import initials, masked_email, masked_phone


@pytest.mark.parametrize(("name", "shown"), [("Anna Öberg", "A. Öberg"), ("Cher", "Cher"), ("", "")])
def test_given_names_are_initials(name: str, shown: str) -> None:
    assert initials(name) == shown


def test_addresses_and_numbers_are_masked() -> None:
    assert masked_email("anna.oberg@example.se") == "a…@example.se"
    assert masked_phone("+46701740605") == "…605"
