from idp_tests.provider import ISSUER, Provider


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
