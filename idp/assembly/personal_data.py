"""How long personal data is kept: the periods that the settings and the sweeper really use."""

from collections.abc import Mapping
from datetime import timedelta

from idp.adapters.database.sweeper import (
    AFTER_EXPIRY,
    AUDIT_KEPT,
    AUTHENTICATIONS_KEPT,
    DELIVERED_KEPT,
    INCIDENTS_KEPT,
    INTERACTIONS_AFTER_EXPIRY,
)
from idp.core.linking.limits import YEAR
from idp.core.personal_data.classification import Kept
from idp.settings import Settings


def periods(settings: Settings) -> Mapping[Kept, timedelta]:
    """By what the inventory calls them; what is not here ends with something that a person knows."""
    return {
        Kept.DAY: INTERACTIONS_AFTER_EXPIRY,
        Kept.SESSION: AFTER_EXPIRY,
        Kept.LOGIN_RECORD: AUTHENTICATIONS_KEPT,
        Kept.CONSENT: settings.sign_in.consent_lifetime,
        Kept.BUDGET: YEAR,
        Kept.MESSAGE: DELIVERED_KEPT,
        Kept.INCIDENT: INCIDENTS_KEPT,
        Kept.AUDIT: AUDIT_KEPT,
    }
