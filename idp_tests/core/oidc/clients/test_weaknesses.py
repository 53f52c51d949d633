import pytest

from idp.core.oidc.clients.weaknesses import weaknesses_of
from idp_tests.builders import a_client


def test_a_strong_client_has_no_weak_choice() -> None:
    assert weaknesses_of(a_client(client_uri="https://a.example/")) == []


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"client_secret_hashes": ("a" * 64,)}, "shared secret"),
        ({}, "no address where people can start"),
        ({"client_secret_hashes": ("a" * 64, "b" * 64)}, "two secrets"),
        ({"require_pkce": False}, "PKCE"),
        ({"redirect_uris": frozenset({"se.prezero:/cb"})}, "private-use scheme"),
        ({"redirect_uris": frozenset({"http://x.example/cb"})}, "without https"),
        ({"personal_number_allowed": True}, "personal identity number"),
        ({"unconfirmed_contact_allowed": True, "first_party": False}, "merely typed"),
    ],
)
def test_a_weak_choice_is_named(changes: dict[str, object], word: str) -> None:
    assert any(word in text for text in weaknesses_of(a_client(**changes)))
