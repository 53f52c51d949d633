from datetime import timedelta

from idp.assembly.signin import make_sign_in
from idp_tests.provider import Provider


def test_the_settings_decide_how_long_things_live_and_how_often_somebody_may_try(provider: Provider) -> None:
    settings = provider.settings
    chosen = settings.model_copy(
        update={
            "sign_in": settings.sign_in.model_copy(
                update={
                    "interaction_idle": timedelta(minutes=1),
                    "interaction_absolute": timedelta(minutes=2),
                    "session_idle": timedelta(minutes=3),
                    "session_absolute": timedelta(minutes=4),
                    "consent_lifetime": timedelta(minutes=5),
                }
            ),
            "linking": settings.linking.model_copy(update={"person_per_day": 6, "company_four_digits_per_year": 7}),
        }
    )
    parts = provider.parts
    made = make_sign_in(chosen, parts.store, parts.keys, (), parts.accounts, parts.archive.keep)
    lives = (
        made.lifetime.idle,
        made.lifetime.absolute,
        made.read_journey.session_idle,
        made.identify.policy.session_life,
        made.decide_consent.lifetime,
    )
    assert lives == tuple(timedelta(minutes=minutes) for minutes in (1, 2, 3, 4, 5))
    limits = made.claim_customer.prove.limits
    assert (limits.person_per_day, limits.company_four_digits_per_year) == (6, 7)


def test_identifying_and_leaving_know_the_same_methods(provider: Provider) -> None:
    made = provider.parts.sign_in
    assert made.identify.methods is made.leave.methods is provider.parts.methods
