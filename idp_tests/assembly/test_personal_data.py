"""Periods: each that has one in the settings or the sweeper is said in words that name it."""

from idp.assembly.personal_data import periods
from idp.core.languages import LANGUAGES
from idp.core.personal_data.classification import Kept
from idp.core.personal_data.inventory import INVENTORY
from idp.core.personal_data.summary import summaries
from idp.web.language import Catalogs, placeholders
from idp_tests.provider import Provider


def test_a_period_is_named_exactly_where_there_is_one(provider: Provider) -> None:
    known = periods(provider.settings)
    told = {kept for each in summaries(INVENTORY.values()) for kept in each.kept}
    for language in LANGUAGES:
        texts = Catalogs.load().texts[language]
        naming = {kept for kept in told if "period" in placeholders(texts[f"personal_data.kept.{kept}"])}
        assert naming == told & known.keys()


def test_consent_lasts_as_long_as_the_settings_say(provider: Provider) -> None:
    assert periods(provider.settings)[Kept.CONSENT] == provider.settings.sign_in.consent_lifetime
