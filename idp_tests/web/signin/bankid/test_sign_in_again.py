from idp_tests.provider import ANNA, BO, Provider


def test_another_persons_bankid_cannot_finish_the_registration(provider: Provider) -> None:
    browser = provider.browser().authorize().identify(ANNA).link().register()
    provider.clock.advance(seconds=5)
    browser.identify(BO)
    assert browser.step.startswith("again")
    assert "Det här är inte samma BankID" in browser.page
    browser.identify(ANNA)
    assert "code" in browser.answer


def test_the_person_may_come_back_in_another_browser_after_registering(provider: Provider) -> None:
    provider.browser().authorize().identify(ANNA).link().register()
    provider.clock.advance(minutes=1)
    assert "code" in provider.browser().authorize().identify(ANNA).answer
