"""Names of clients that register themselves: nobody else's, and nothing that looks like another's."""

from idp.core.oidc.dynamic_registration.members import MetadataRefused
from idp.core.oidc.dynamic_registration.names import ReservedNames, check_names

RESERVED = ReservedNames(parts=("BankID", "PreZero"), whole=("MinaSidor",))
TAKEN = [
    ("client_name", "BankID"),
    ("client_name", "Mitt Bank-ID"),
    ("client_name", "ＢａｎｋＩＤ"),
    ("client_name", "B\u00e4nkID"),
    ("client_name", "Prezero Sverige"),
    ("client_name", "PREZER0"),
    ("client_name", "Mina sidor"),
    ("client_name", "M1naSidor"),
    ("client_name", "Рartner"),
    ("client_name", "Παρτνερ"),
    ("client_name#sv", "BankID"),
    ("client_name#en", "MinaSidor"),
    ("client_name", "BankıD"),
    ("client_name", "BankĺD"),
    ("client_name", "Vi på PreZerø"),
    ("client_name", "Preƶero"),
    ("client_name", "Prɛzero"),
    ("client_name", "PɾeZero"),
    ("client_name", "PreZer°"),
    ("client_name", "ＰｒｅＺｅｒｏ"),
    ("client_name", "Ring 0900, http://evil.example"),
    ("client_name", "evil.example/login"),
    ("client_name", "a" * 61),
    ("client_name", "two\nlines"),
    ("client_name", "left\u202eright"),
    ("client_name", "   "),
]
"""Names that nobody may bear."""


def refuses(**names: str) -> bool:
    try:
        check_names(names, RESERVED)
    except MetadataRefused as refused:
        return refused.member == "client_name"
    return False


def test_a_name_that_is_or_looks_like_anothers_or_an_address_is_refused() -> None:
    assert [name for member, name in TAKEN if not refuses(**{member: name})] == []


def test_honest_names_are_kept() -> None:
    for name in ("Partner AB", "Öresunds Återvinning & Söner (2026)", "Kim Bank", "L'Été", "Mina Sidorna"):
        assert not refuses(client_name=name), name


def test_our_own_relying_parties_names_are_reserved_in_every_language() -> None:
    from idp_tests.authorization_requests import an_rp

    ours = an_rp(first_party=True, client_name="MinaSidor", client_names={"en": "My Pages"})
    reserved = ReservedNames.of("PreZero", [ours, an_rp(client_name="Partner")])
    assert reserved == ReservedNames(parts=("BankID", "PreZero"), whole=("MinaSidor", "My Pages"))
