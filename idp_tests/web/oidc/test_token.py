import sys

import pytest

from idp import log
from idp_tests.client_side import ProofKey
from idp_tests.provider import ISSUER, Provider
from idp_tests.relying_party import FORM, RelyingParty, basic, change, error_of, press_continue


@pytest.fixture
def partner(provider: Provider) -> RelyingParty:
    return RelyingParty(provider, "partner")


def test_tokens_are_answered_as_json_that_nobody_keeps(provider: Provider) -> None:
    response = provider.browser().first_login().redeem()
    assert response.status_code == 200
    assert response.mimetype == "application/json"
    assert (response.headers["Cache-Control"], response.headers["Pragma"]) == ("no-store", "no-cache")
    assert "Set-Cookie" not in response.headers


def test_every_client_authenticates_in_its_own_way(provider: Provider, partner: RelyingParty) -> None:
    browser = provider.browser().first_login()
    assert browser.redeem().status_code == 200
    for headers, form in ((basic(), {}), ({}, partner.credentials)):
        browser.authorize("partner", prompt="login").identify()
        if browser.step == "consent":
            browser.submit("/consent", answer="allow")
        assert partner.post("/token", {**browser.code_form(), **form}, headers).status_code == 200
    assert press_continue(browser.authorize("mittprezero")).redeem("mittprezero").status_code == 200


def test_refusals_are_json_with_one_challenge_for_basic(partner: RelyingParty) -> None:
    wrong = partner.post("/token", {"grant_type": "authorization_code"}, basic(secret="wrong"))
    assert (wrong.status_code, error_of(wrong)) == (401, "invalid_client")
    assert wrong.headers["WWW-Authenticate"] == f'Basic realm="{ISSUER}", charset="UTF-8"'
    posted = partner.call("/token", client_secret="wrong", grant_type="authorization_code")
    assert (posted.status_code, error_of(posted)) == (401, "invalid_client")
    assert "WWW-Authenticate" not in posted.headers


def test_a_malformed_authorization_header_is_a_401(partner: RelyingParty) -> None:
    for header in ("Basic %%%", "Basic /////w==", "Basic", "Bearer x", "Basic w7bDpTrDtg==", "\xff"):
        response = partner.post("/token", {"grant_type": "authorization_code"}, {"Authorization": header})
        assert (response.status_code, error_of(response)) == (401, "invalid_client"), header


BAD_BODIES: list[tuple[bytes, str]] = [
    (b"", FORM),
    (b"grant_type=\xff\xfe", FORM),
    (b"grant_type=authorization_code%00", FORM),
    (b"&".join(b"a%d=1" % number for number in range(200)), FORM),
    (b'{"grant_type": "authorization_code"}', "application/json"),
    (b"grant_type=authorization_code", "text/plain"),
    (b"--x\r\n\r\n--x--", "multipart/form-data; boundary=x"),
    (b"x" * 70_000, FORM),
]


def test_a_body_that_is_no_form_is_refused(partner: RelyingParty) -> None:
    for path in ("/token", "/introspect", "/revoke"):
        for body, content_type in BAD_BODIES:
            response = partner.post(path, body, basic(), content_type)
            assert response.status_code in {400, 413}, (path, body[:40])
            assert error_of(response) == "invalid_request", (path, body[:40])


def test_parameters_in_the_address_do_not_count(provider: Provider, partner: RelyingParty) -> None:
    secret = partner.credentials["client_secret"]
    response = partner.post(f"/token?client_id=partner&client_secret={secret}", {"grant_type": "authorization_code"})
    assert error_of(response) == "invalid_client"
    browser = provider.browser().first_login()
    minasidor = RelyingParty(provider)
    form = {**minasidor.credentials, **browser.code_form(code="")}
    response = minasidor.post(f"/token?code={browser.answer['code']}", form)
    assert error_of(response) == "invalid_request"


def test_unknown_parameters_are_ignored(provider: Provider) -> None:
    response = provider.browser().first_login().redeem(**{"x-client-SKU": "ID_NET9_0", "unknown": "å"})
    assert response.status_code == 200


def test_only_post_asks_for_tokens(partner: RelyingParty) -> None:
    for method in ("GET", "PUT", "DELETE", "PATCH", "HEAD"):
        response = partner.http.open("/token", method=method, base_url=ISSUER)
        assert response.status_code == 405, method
        assert "POST" in response.headers["Allow"], method


def test_a_refusal_never_repeats_what_was_sent(partner: RelyingParty) -> None:
    canary = "canary-4711"
    for name in ("grant_type", "code", "redirect_uri", "code_verifier", "refresh_token", "scope", "resource", canary):
        for grant_type in ("authorization_code", "refresh_token"):
            form = {**partner.credentials, "grant_type": grant_type, name: canary}
            response = partner.post("/token", form, {"DPoP": canary})
            assert canary not in response.get_data(as_text=True) + str(response.headers)


@pytest.mark.each_database
def test_a_replay_is_refused_and_still_stored(provider: Provider) -> None:
    """The refusal commits: rolling back would leave the stolen tokens alive."""
    browser = provider.browser().first_login()
    tokens = browser.redeem().get_json()
    assert error_of(browser.redeem()) == "invalid_grant"
    assert RelyingParty(provider).userinfo(tokens["access_token"]).status_code == 401
    assert provider.scalar("select count(*) from audit where event = 'code.replayed'") == 1


@pytest.mark.each_database
def test_a_used_assertion_is_remembered_even_when_the_request_fails(provider: Provider) -> None:
    rp = RelyingParty(provider)
    form = {**rp.credentials, "grant_type": "authorization_code"}
    assert error_of(rp.post("/token", form)) == "invalid_request"
    assert error_of(rp.post("/token", form)) == "invalid_client"


# --- DPoP ------------------------------------------------------------------------------------------------------------


@pytest.mark.each_database
def test_a_proof_binds_the_tokens(provider: Provider) -> None:
    device, browser = ProofKey(), provider.browser().first_login()
    rp = RelyingParty(provider)
    response = rp.call("/token", {"DPoP": device.proof(provider.clock())}, **browser.code_form())
    assert response.get_json()["token_type"] == "DPoP"
    assert "DPoP-Nonce" not in response.headers


def test_a_bad_proof_is_refused_before_the_code_is_used(provider: Provider) -> None:
    browser, rp, device = provider.browser().first_login(), RelyingParty(provider), ProofKey()
    for proof in ("x", device.proof(provider.clock(), htm="GET"), device.proof(provider.clock(), htu=f"{ISSUER}/par")):
        response = rp.call("/token", {"DPoP": proof}, **browser.code_form())
        assert (response.status_code, error_of(response)) == (400, "invalid_dpop_proof")
    assert rp.call("/token", {"DPoP": device.proof(provider.clock())}, **browser.code_form()).status_code == 200


def test_two_proofs_are_refused(provider: Provider) -> None:
    rp, device = RelyingParty(provider), ProofKey()
    form = {**rp.credentials, "grant_type": "authorization_code"}
    proofs = [("DPoP", device.proof(provider.clock())), ("DPoP", device.proof(provider.clock()))]
    assert error_of(rp.post("/token", form, proofs)) == "invalid_dpop_proof"


def test_a_disabled_client_is_refused_at_once(provider: Provider) -> None:
    browser = provider.browser().first_login()
    change(provider, "minasidor", disabled=True)
    assert error_of(browser.redeem()) == "invalid_client"


def test_no_log_line_holds_a_code_a_token_or_a_proof(
    provider: Provider,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(log, "_writer", log.LineWriter(sys.stderr))
    caplog.set_level("DEBUG")
    browser, rp, device = provider.browser().first_login(), RelyingParty(provider), ProofKey()
    secrets = [device.proof(provider.clock()), rp.credentials["client_assertion"], browser.answer["code"]]
    form = {**rp.credentials, **browser.code_form(), "client_assertion": secrets[1]}
    tokens = rp.post("/token", form, {"DPoP": secrets[0]}).get_json()
    rp.post("/token", form, {"DPoP": secrets[0]})
    rp.userinfo(tokens["access_token"])
    rp.call("/revoke", token=tokens["access_token"])
    rp.call("/introspect", token=tokens["access_token"])
    written = "".join(capfd.readouterr()) + caplog.text
    assert "answered" in written
    for secret in (*secrets, tokens["access_token"], tokens["id_token"], browser.verifier):
        assert secret not in written
