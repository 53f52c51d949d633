"""Hints: an ID Token of ours counts, however old; nothing else of ours or of others does."""

from typing import Any

import pytest

from idp.core.oidc.clients.id_token_hint import IdTokenHint, read_id_token_hint
from idp.core.oidc.keys.jose import JoseRefused
from idp_tests.authorization_requests import ISSUER, OTHER_KEY, OUR_KEY, an_id_token
from idp_tests.cases import each


def read(hint: str, client_id: str | None = "rp") -> IdTokenHint:
    return read_id_token_hint(hint, keys=[OUR_KEY], issuer=ISSUER, client_id=client_id)


def test_an_expired_id_token_is_a_hint() -> None:
    hint = read(an_id_token())
    assert (hint.sub, hint.client_id, hint.sid) == ("subject-1", "rp", "sid-1")


def test_the_client_may_be_learnt_from_the_hint() -> None:
    assert read(an_id_token(aud="some-client"), client_id=None).client_id == "some-client"


def test_a_hint_may_lack_sid_and_typ() -> None:
    assert read(an_id_token(without=["sid"])).sid is None
    assert read(an_id_token(typ=None)).sub == "subject-1"


@each(
    "hint",
    [
        "",
        "a.b.c",
        an_id_token(key=OTHER_KEY),
        an_id_token()[:-8] + "AAAAAAAA",
        an_id_token(typ="at+jwt"),
        an_id_token(typ="logout+jwt"),
        an_id_token(typ="token-introspection+jwt"),
        an_id_token(iss="https://other.example"),
        an_id_token(iss=ISSUER + "/"),
        an_id_token(without=["iss"]),
        an_id_token(aud="other"),
        an_id_token(aud=[]),
        an_id_token(aud=["rp", "other"]),
        an_id_token(without=["aud"]),
        an_id_token(without=["sub"]),
        an_id_token(sub=5),
        an_id_token(without=["auth_time"]),
        an_id_token(events={"http://schemas.openid.net/event/backchannel-logout": {}}),
    ],
)
def test_anything_else_is_refused(hint: Any) -> None:
    with pytest.raises(JoseRefused):
        read(hint)


def test_a_single_audience_in_a_list_counts_as_that_client() -> None:
    assert read(an_id_token(aud=["rp"])).client_id == "rp"


def test_it_is_never_too_old() -> None:
    assert read(an_id_token(exp=0, iat=0, auth_time=0)).sub == "subject-1"
