"""Access tokens for registration: read from one place, kept as a hash."""

import pytest

from idp.core.oidc.dynamic_registration.registration_tokens import read_bearer, token_hash
from idp.core.oidc.errors import Refused
from idp_tests.cases import each
from idp_tests.registrations import (
    INITIAL_TOKEN,
    ISSUER,
    NOW,
    Endpoints,
)


@each(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        f"Basic {INITIAL_TOKEN}",
        f"DPoP {INITIAL_TOKEN}",
        INITIAL_TOKEN,
        "Bearer wrong",
        f"Bearer {INITIAL_TOKEN}x",
        f"Bearer {INITIAL_TOKEN[:-1]}",
        f"Bearer {INITIAL_TOKEN.upper()}",
        f"Bearer  {INITIAL_TOKEN}",
        f"Bearer {INITIAL_TOKEN}, Bearer {INITIAL_TOKEN}",
        "Bearer " + "a" * 5_000,
        "Bearer åäö",
        "Bearer \udcff",
        f"Bearer {token_hash(INITIAL_TOKEN)}",
    ],
)
def test_without_the_initial_token_nobody_registers(authorization: str | None) -> None:
    with pytest.raises(Refused) as refused:
        Endpoints().register_client.permission(authorization, NOW)
    assert (refused.value.status, refused.value.code) == (401, "invalid_token")
    assert refused.value.headers["WWW-Authenticate"].startswith(f'Bearer realm="{ISSUER}"')


def test_a_hash_is_kept_and_no_token_makes_it_crash() -> None:
    assert token_hash("åäö") != token_hash("aao")
    assert len(token_hash("\udcff")) == 64


def test_a_token_is_read_as_it_came() -> None:
    assert read_bearer("bearer rat_x", ISSUER) == "rat_x"
