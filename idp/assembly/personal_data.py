"""How long personal data is kept: the periods that the settings say and the sweeper uses."""

from collections.abc import Mapping
from datetime import timedelta

from idp.core.linking.limits import YEAR
from idp.core.personal_data.classification import Kept
from idp.settings import Settings


def periods(settings: Settings) -> Mapping[Kept, timedelta]:
    """By what the inventory calls them; what is not here ends with something that a person knows."""
    kept = settings.retention
    return {
        Kept.DAY: kept.login_under_way,
        Kept.SESSION: kept.session,
        Kept.LOGIN_RECORD: kept.login,
        Kept.CONSENT: settings.sign_in.consent_lifetime,
        Kept.BUDGET: YEAR,
        Kept.MESSAGE: kept.message,
        Kept.INCIDENT: kept.incident,
        Kept.AUDIT: kept.audit,
    }
