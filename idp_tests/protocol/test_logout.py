"""RP-Initiated, Back-Channel and Front-Channel Logout OP, as the certification plans ask."""

from urllib.parse import urlencode

from idp.core.oidc.logout import BACKCHANNEL_KIND
from idp_tests.provider import ISSUER, Browser, Provider
from idp_tests.relying_party import RelyingParty, change

BYE = "https://minasidor.example/bye"
QUESTION, GOODBYE = "Vill du logga ut?", "Du är utloggad"


def log_out(browser: Browser, **parameters: str) -> Browser:
    return browser.get(f"/logout?{urlencode(parameters)}")


def signed_in(provider: Provider) -> tuple[Browser, str]:
    browser = provider.browser().first_login()
    return browser, str(browser.redeem().get_json()["id_token"])


def metadata(provider: Provider) -> dict[str, object]:
    return dict(provider.browser().client.get("/.well-known/openid-configuration", base_url=ISSUER).get_json())


def is_over(browser: Browser) -> bool:
    return browser.authorize(prompt="none").answer.get("error") == "login_required"


def test_oidcc_rp_initiated_logout_discovery_endpoint_verification(provider: Provider) -> None:
    assert metadata(provider)["end_session_endpoint"] == f"{ISSUER}/logout"


def test_oidcc_rp_initiated_logout(provider: Provider) -> None:
    """Hint, address and state: back to the client, and prompt=none says login_required."""
    browser, hint = signed_in(provider)
    log_out(browser, id_token_hint=hint, post_logout_redirect_uri=BYE, state="xyz")
    assert browser.left_to == f"{BYE}?state=xyz"
    assert is_over(browser)


def test_oidcc_rp_initiated_logout_bad_post_logout_redirect_uri(provider: Provider) -> None:
    browser, hint = signed_in(provider)
    log_out(browser, id_token_hint=hint, post_logout_redirect_uri=BYE + "/other", state="xyz")
    assert (browser.status, browser.left_to) == (400, None)
    assert not is_over(browser)


def test_oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri(provider: Provider) -> None:
    browser, hint = signed_in(provider)
    log_out(browser, id_token_hint=hint, post_logout_redirect_uri=BYE + "?foo=bar", state="xyz")
    assert (browser.status, browser.left_to) == (400, None)


def test_oidcc_rp_initiated_logout_modified_id_token_hint(provider: Provider) -> None:
    browser, hint = signed_in(provider)
    head, body, signature = hint.split(".")
    for changed in (f"{head}.{body[:-2]}AA.{signature}", f"{head}.{body}.{signature[::-1]}", f"{head}.{body}."):
        log_out(browser, id_token_hint=changed, post_logout_redirect_uri=BYE, state="xyz")
        assert (browser.status, browser.left_to) == (400, None)


def test_oidcc_rp_initiated_logout_bad_id_token_hint(provider: Provider) -> None:
    browser, _ = signed_in(provider)
    log_out(browser, id_token_hint="not a token", post_logout_redirect_uri=BYE, state="xyz")
    assert (browser.status, browser.left_to) == (400, None)


def test_oidcc_rp_initiated_logout_no_id_token_hint(provider: Provider) -> None:
    """The person is asked, and nobody is sent to an address that no client stands behind."""
    browser, _ = signed_in(provider)
    log_out(browser, post_logout_redirect_uri=BYE, state="xyz")
    assert (browser.left_to, QUESTION in browser.page) == (None, True)
    browser.submit("/logout/answer", answer="logout")
    assert (browser.left_to, GOODBYE in browser.page) == (None, True)
    assert is_over(browser)


def test_oidcc_rp_initiated_logout_no_params(provider: Provider) -> None:
    browser, _ = signed_in(provider)
    log_out(browser).submit("/logout/answer", answer="logout")
    assert (browser.left_to, GOODBYE in browser.page) == (None, True)
    assert is_over(browser)


def test_oidcc_rp_initiated_logout_only_state(provider: Provider) -> None:
    browser, _ = signed_in(provider)
    log_out(browser, state="xyz").submit("/logout/answer", answer="logout")
    assert (browser.left_to, GOODBYE in browser.page) == (None, True)


def test_oidcc_rp_initiated_logout_no_post_logout_redirect_uri(provider: Provider) -> None:
    browser, hint = signed_in(provider)
    log_out(browser, id_token_hint=hint, state="xyz")
    assert (browser.left_to, GOODBYE in browser.page) == (None, True)
    assert is_over(browser)


def test_oidcc_rp_initiated_logout_no_state(provider: Provider) -> None:
    browser, hint = signed_in(provider)
    log_out(browser, id_token_hint=hint, post_logout_redirect_uri=BYE)
    assert browser.left_to == BYE


def test_oidcc_backchannel_logout_discovery_endpoint_verification(provider: Provider) -> None:
    told = metadata(provider)
    assert told["backchannel_logout_supported"] is True
    assert told["backchannel_logout_session_supported"] is True


def test_oidcc_backchannel_rp_initiated_logout(provider: Provider) -> None:
    """The client of the session is told, by the session id that its ID Token has."""
    browser, hint = signed_in(provider)
    log_out(browser, id_token_hint=hint, post_logout_redirect_uri=BYE)
    assert provider.scalar(f"select count(*) from outbox where kind = '{BACKCHANNEL_KIND}'") == 1
    assert RelyingParty(provider).read(hint).members["sid"]


def test_oidcc_frontchannel_logout_discovery_endpoint_verification(provider: Provider) -> None:
    told = metadata(provider)
    assert told["frontchannel_logout_supported"] is True
    assert told["frontchannel_logout_session_supported"] is True


def test_oidcc_frontchannel_rp_initiated_logout(provider: Provider) -> None:
    """A frame with issuer and session id is shown before the browser goes back."""
    change(provider, "minasidor", frontchannel_logout_uri="https://minasidor.example/out")
    browser, hint = signed_in(provider)
    sid = RelyingParty(provider).read(hint).members["sid"]
    log_out(browser, id_token_hint=hint, post_logout_redirect_uri=BYE, state="xyz")
    expected = urlencode({"iss": ISSUER, "sid": sid}).replace("&", "&amp;")
    assert f'src="https://minasidor.example/out?{expected}"' in browser.page
    assert f'href="{BYE}?state=xyz"' in browser.page
