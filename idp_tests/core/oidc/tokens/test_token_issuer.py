"""What signs tokens, and what it takes for its own."""

from dataclasses import replace
from datetime import timedelta

import pytest

from idp.core.oidc.keys.jose import JoseRefused
from idp.core.oidc.keys.keyring import Keyring, NoSigningKey
from idp.core.oidc.tokens.token_issuer import TokenIssuer
from idp_tests.builders import NOW, REFERENCE_TOKENS
from idp_tests.client_side import ISSUER
from idp_tests.fakes import KeysInMemory
from idp_tests.tokens import KEYRING, TOKEN_ISSUER

JWT = frozenset({"jwt"})


def a_token(typ: str = "JWT", **changes: str) -> str:
    return TOKEN_ISSUER.sign(typ, {"iss": ISSUER, "sub": "s", **changes}, "ES256", NOW)


def test_it_takes_the_keys_that_are_in_force() -> None:
    nothing = KeysInMemory(Keyring(keys=()), REFERENCE_TOKENS)
    issuer = TokenIssuer.of(ISSUER, nothing)
    with pytest.raises(NoSigningKey):
        issuer.sign("JWT", {}, "ES256", NOW)


def test_it_recognises_what_any_of_its_keys_signed_whatever_its_state() -> None:
    retired = Keyring(keys=tuple(replace(key, retires_at=NOW) for key in KEYRING.keys))
    later = TokenIssuer.of(ISSUER, KeysInMemory(retired, REFERENCE_TOKENS))
    assert later.recognise(a_token(), JWT).text("sub") == "s"
    with pytest.raises(NoSigningKey):
        later.sign("JWT", {}, "ES256", NOW + timedelta(seconds=1))


def test_another_issuers_name_another_type_or_no_name_is_not_recognised() -> None:
    for token, typ in (
        (a_token(iss="https://other.example"), JWT),
        (a_token("at+jwt"), JWT),
        (a_token(), frozenset({"at+jwt"})),
        (TOKEN_ISSUER.sign("JWT", {"sub": "s"}, "ES256", NOW), JWT),
        ("x", JWT),
    ):
        with pytest.raises(JoseRefused):
            TOKEN_ISSUER.recognise(token, typ)
