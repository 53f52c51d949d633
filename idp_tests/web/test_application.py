from idp_tests.browser import Browser
from idp_tests.provider import ISSUER, Provider
from idp_tests.scripted_bankid import ANNA


def test_what_a_caller_calls_us_changes_no_address(provider: Provider) -> None:
    response = provider.app.test_client().get(
        "/signin/AAAAAAAAAAAAAAAAAAAAAA/bankid/", headers={"Host": "evil.example"}
    )
    assert "evil.example" not in response.get_data(as_text=True) + str(response.headers)


def test_an_answer_has_its_length_and_head_has_no_body(provider: Provider) -> None:
    client = provider.app.test_client()
    whole, head = client.get("/livez"), client.head("/livez")
    assert head.headers["Content-Length"] == whole.headers["Content-Length"] == str(len(whole.get_data()))
    assert head.get_data() == b""


def test_an_answer_without_a_body_has_no_length(provider: Provider) -> None:
    response = provider.app.test_client().options("/token", headers={"Origin": ISSUER})
    assert (response.status_code, response.headers.get("Content-Length")) == (204, None)


def test_a_file_is_streamed_as_the_framework_does(provider: Provider) -> None:
    with provider.app.test_client().get("/static/idp.css") as response:
        assert response.headers["Content-Length"] == str(len(response.get_data()))


def test_an_answer_varies_by_a_cookie_only_where_a_form_was_shown(provider: Provider) -> None:
    browser = provider.browser().authorize()
    assert "Cookie" in browser.response.headers["Vary"]
    assert "Cookie" not in browser.client.post("/token", base_url=ISSUER).headers.get("Vary", "")


def test_what_was_typed_can_be_sent_after_the_browser_was_closed(provider: Provider) -> None:
    """A phone closes its browser when it likes, and brings the tab back without the cookies of the session."""
    browser = provider.browser().authorize().identify(ANNA)
    close(browser)
    browser.link()
    close(browser)
    browser.register()
    assert browser.step == "again"


def close(browser: Browser) -> None:
    for cookie in list((browser.client._cookies or {}).values()):
        if cookie.expires is None and cookie.max_age is None:
            browser.client.delete_cookie(cookie.key, domain=cookie.domain, path=cookie.path)
