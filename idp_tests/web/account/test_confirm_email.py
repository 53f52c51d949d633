import html
import re
from datetime import timedelta

import pytest

from idp.core.oidc.keys.reference_tokens import AddressProof
from idp_tests.browser import Browser
from idp_tests.provider import Provider


def link(provider: Provider, address: str = "anna@example.se", *, hours: float = 48) -> str:
    person_id = str(provider.scalar("SELECT id FROM people"))
    proof = AddressProof(person_id=person_id, address=address, expires_at=provider.clock() + timedelta(hours=hours))
    return f"/confirm-email?proof={provider.parts.keys.reference_tokens.address_proof_for(proof)}"


def confirmed(provider: Provider) -> bool:
    return provider.scalar("SELECT email_confirmed_at FROM people") is not None


@pytest.mark.each_database
def test_pressing_the_button_confirms_the_address(provider: Provider) -> None:
    browser = provider.browser().first_login()
    browser.get(link(provider))
    assert "Bekräfta anna@example.se" in browser.page
    browser.submit("/confirm-email")
    assert "Adressen är bekräftad" in browser.page
    assert confirmed(provider)
    browser.get("/").authorize(scope="openid email")
    token = browser.redeem().get_json()["access_token"]
    told = browser.client.get("/userinfo", headers={"Authorization": f"Bearer {token}"}, base_url="https://id.example")
    assert told.get_json()["email_verified"] is True


def test_the_page_says_whose_account_gets_the_address(provider: Provider) -> None:
    """Anybody may register with a colleague's address and wait for the colleague to press a button."""
    provider.browser().first_login()
    colleague = provider.browser().get(link(provider))
    assert "Kontot tillhör Anna Svensson." in colleague.page
    assert "Är det inte du? Stäng sidan" in colleague.page


def test_opening_the_link_alone_confirms_nothing_since_scanners_do_it(provider: Provider) -> None:
    provider.browser().first_login().get(link(provider))
    assert not confirmed(provider)


def test_a_link_to_another_address_a_late_or_a_forged_one_has_expired(provider: Provider) -> None:
    browser = provider.browser().first_login()
    for path in (
        link(provider, "old@example.se"),
        link(provider, hours=-1),
        "/confirm-email?proof=em_x",
        "/confirm-email",
    ):
        browser.get(path)
        assert browser.status == 400
        assert "Länken har gått ut" in browser.page
    assert not confirmed(provider)


def test_the_link_logs_nobody_in(provider: Provider) -> None:
    provider.browser().first_login()
    stranger = provider.browser().get(link(provider))
    stranger.submit("/confirm-email")
    assert confirmed(provider)
    assert stranger.authorize().step == "bankid"


def test_the_page_is_the_same_in_the_other_language(provider: Provider) -> None:
    browser = provider.browser().first_login()
    browser.get(link(provider))
    browser.get(f"/confirm-email{other_language(browser)}")
    assert "Confirm anna@example.se" in browser.page
    browser.submit("/confirm-email")
    assert confirmed(provider)
    browser.get(f"/confirm-email{other_language(browser)}")
    assert "Adressen är bekräftad" in browser.page


def other_language(browser: Browser) -> str:
    """The address of the link in the page's corner."""
    found = re.search(r'<a class="language" href="([^"]+)"', browser.page)
    assert found is not None
    return html.unescape(found[1])


@pytest.mark.parametrize("wrong", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_a_button_on_another_site_confirms_nothing(provider: Provider, wrong: dict[str, str]) -> None:
    browser = provider.browser().first_login()
    browser.get(link(provider))
    browser.headers.update(wrong)
    browser.submit("/confirm-email")
    assert browser.status == 403
    assert not confirmed(provider)
