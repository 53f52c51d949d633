import pytest

from idp_tests.client_side import ProofKey
from idp_tests.provider import ISSUER, Provider
from idp_tests.relying_party import FORM, RelyingParty, change, error_of, userinfo_proof

BOTH = f'Bearer realm="{ISSUER}", DPoP realm="{ISSUER}", algs="ES256 PS256 EdDSA"'


def access_token(provider: Provider, scope: str = "openid email") -> str:
    return str(provider.browser().first_login(scope=scope).redeem().get_json()["access_token"])


def test_the_header_and_the_form_body_carry_a_token(provider: Provider) -> None:
    token, rp = access_token(provider), RelyingParty(provider)
    answers = [
        rp.userinfo(token),
        rp.userinfo(token, "bearer"),
        rp.post("/userinfo", {}, {"Authorization": f"Bearer {token}"}),
        rp.post("/userinfo", b"", {"Authorization": f"Bearer {token}"}, "application/octet-stream"),
        rp.post("/userinfo", {"access_token": token}),
    ]
    assert [answer.status_code for answer in answers] == [200] * 5
    assert len({answer.get_data() for answer in answers}) == 1
    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}
    assert answers[0].get_json()["email"] == "anna@example.se"


def test_an_address_never_carries_a_token(provider: Provider) -> None:
    token, rp = access_token(provider), RelyingParty(provider)
    for response in (
        rp.http.get(f"/userinfo?access_token={token}", base_url=ISSUER),
        rp.post(f"/userinfo?access_token={token}", {"access_token": token}),
    ):
        assert (response.status_code, error_of(response)) == (400, "invalid_request")


def test_a_token_comes_in_one_way_only(provider: Provider) -> None:
    token, rp = access_token(provider), RelyingParty(provider)
    response = rp.post("/userinfo", {"access_token": token}, {"Authorization": f"Bearer {token}"})
    assert (response.status_code, error_of(response)) == (400, "invalid_request")
    twice = rp.post("/userinfo", f"access_token={token}&access_token={token}".encode(), None, FORM)
    assert error_of(twice) == "invalid_request"


def test_refusals_carry_the_challenge(provider: Provider) -> None:
    rp = RelyingParty(provider)
    nothing = rp.http.get("/userinfo", base_url=ISSUER)
    assert (nothing.status_code, nothing.headers["WWW-Authenticate"]) == (401, BOTH)
    wrong = rp.userinfo("wrong")
    assert (wrong.status_code, error_of(wrong)) == (401, "invalid_token")
    assert wrong.headers["WWW-Authenticate"] == f'Bearer realm="{ISSUER}", error="invalid_token"'


def test_a_client_may_have_it_signed(provider: Provider) -> None:
    change(provider, "minasidor", userinfo_signed_response_alg="ES256")
    token, rp = access_token(provider), RelyingParty(provider)
    response = rp.userinfo(token)
    assert (response.mimetype, response.headers["Cache-Control"]) == ("application/jwt", "no-store")
    claims = rp.read(response.get_data(as_text=True)).members
    assert (claims["iss"], claims["aud"], claims["email"]) == (ISSUER, "minasidor", "anna@example.se")


def test_a_bound_token_needs_a_fresh_proof_for_each_call(provider: Provider) -> None:
    device, rp = ProofKey(), RelyingParty(provider)
    browser = provider.browser().first_login()
    proof = device.proof(provider.clock())
    token = rp.call("/token", {"DPoP": proof}, **browser.code_form()).get_json()["access_token"]
    fresh = userinfo_proof(device, provider, token)
    assert rp.userinfo(token, "DPoP", DPoP=fresh).status_code == 200
    bad = {
        "used": (token, fresh),
        "of another key": (token, userinfo_proof(ProofKey(), provider, token)),
        "of another token": (token, userinfo_proof(device, provider, "at_x")),
        "for another method": (token, userinfo_proof(device, provider, token, htm="POST")),
        "for another address": (token, userinfo_proof(device, provider, token, htu=f"{ISSUER}/token")),
        "without ath": (token, userinfo_proof(device, provider, token, ath=None)),
    }
    for why, (sent, proof) in bad.items():
        response = rp.userinfo(sent, "DPoP", DPoP=proof)
        assert response.status_code == 401, why
        assert error_of(response) in {"invalid_dpop_proof", "invalid_token"}, why
        assert response.headers["WWW-Authenticate"].startswith("DPoP "), why
    assert rp.userinfo(token, "DPoP").status_code == 401
    assert rp.userinfo(token).status_code == 401


@pytest.mark.each_database
def test_the_personal_number_reaches_only_who_may_have_it(provider: Provider) -> None:
    claim, scope = "https://id.oidc.se/claim/personalIdentityNumber", "https://id.oidc.se/scope/naturalPersonNumber"
    rp = RelyingParty(provider)
    scopes = provider.parts.clients.find("minasidor").scopes | {scope}  # type: ignore[union-attr]
    change(provider, "minasidor", scopes=scopes, personal_number_allowed=True)
    token = access_token(provider, f"openid {scope}")
    assert rp.userinfo(token).get_json()[claim] == "199001012385"
    change(provider, "minasidor", personal_number_allowed=False)
    assert claim not in rp.userinfo(token).get_json()
