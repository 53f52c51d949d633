"""The logout token of the back channel."""

from datetime import timedelta

from idp.core.oidc.logout.logout_token import logout_token
from idp_tests.builders import NOW
from idp_tests.cases import each
from idp_tests.client_side import ISSUER
from idp_tests.tokens import TOKEN_ISSUER, portal, read


def test_a_logout_token_is_what_the_specification_says() -> None:
    claims = read(logout_token(portal(), sub="sub-1", sid="sid-1", token_issuer=TOKEN_ISSUER, now=NOW))
    members = dict(claims.members)
    assert claims.header["typ"] == "logout+jwt"
    assert len(members.pop("jti")) >= 16
    assert members == {
        "iss": ISSUER,
        "sub": "sub-1",
        "aud": "minasidor",
        "iat": int(NOW.timestamp()),
        "exp": int((NOW + timedelta(minutes=2)).timestamp()),
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        "sid": "sid-1",
    }


@each("alg", ["RS256", "ES256", "PS256"])
def test_a_logout_token_is_signed_like_the_clients_id_tokens(alg: str) -> None:
    client = portal(id_token_signed_response_alg=alg)
    assert read(logout_token(client, sub="s", sid="s", token_issuer=TOKEN_ISSUER, now=NOW)).header["alg"] == alg
