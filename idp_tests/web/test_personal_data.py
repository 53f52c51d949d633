"""The page on personal data: what is kept and how long as it is, in both languages, linked where the company has no own page."""

from datetime import timedelta

from idp.core.personal_data.inventory import INVENTORY
from idp.core.personal_data.summary import summaries
from idp_tests.provider import Provider, restarted


def test_every_kind_of_data_is_told_with_its_real_period(provider: Provider) -> None:
    page = provider.browser().get("/personal-data").page
    assert "<h1>Så behandlar vi personuppgifter</h1>" in page
    assert page.count('<dl class="facts">') == len(summaries(INVENTORY.values()))
    assert "Tills du tar tillbaka godkännandet, högst ett år." in page
    assert "I ett år efter händelsen." in page
    assert "I 90 dygn efter inloggningen." in page
    assert "imy.se" in page


def test_it_speaks_english_too(provider: Provider) -> None:
    page = provider.browser().get("/personal-data?lang=en").page
    assert "Until you take the consent back, at most a year." in page


def test_a_period_of_the_settings_is_told(provider: Provider) -> None:
    with restarted(provider, sign_in={"consent_lifetime": timedelta(days=730)}) as longer:
        assert "högst 2 år." in longer.browser().get("/personal-data").page


def test_it_is_at_the_foot_of_every_page_unless_the_company_has_its_own(provider: Provider) -> None:
    assert 'href="/personal-data"' in provider.browser().get("/").page
    with restarted(provider, brand={"privacy_url": "https://example.se/privacy"}) as own:
        page = own.browser().get("/").page
        assert 'href="https://example.se/privacy"' in page
        assert "/personal-data" not in page
