from idp_tests.provider import Provider


def test_giving_up_tells_the_client(provider: Provider) -> None:
    browser = provider.browser().authorize()
    browser.submit("/bankid/cancel")
    assert browser.status == 200
    browser.submit("/leave")
    assert browser.answer["error"] == "access_denied"
    assert browser.answer["state"] == "a state"
