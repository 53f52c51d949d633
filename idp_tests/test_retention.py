"""Retention: one table says of every table how its rows end, and the settings how long that takes."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from idp.adapters.database.tables import metadata
from idp.retention import RULES, Retention
from idp_tests.cases import each


def test_every_table_is_in_the_table_of_retention() -> None:
    assert RULES.keys() == metadata.tables.keys()


def test_every_setting_decides_about_some_table_and_every_table_names_settings_that_exist() -> None:
    named = {setting for rule in RULES.values() for setting in rule.settings}
    assert named | {"unused_account_warning"} == Retention.model_fields.keys()


def test_what_is_kept_for_ever_has_its_reason() -> None:
    assert all(rule.end for rule in RULES.values())
    assert {name for name, rule in RULES.items() if rule.kept} == {
        "people", "registered_clients", "supported_programs", "secret_canaries", "audit_ends",
    }  # fmt: skip


def test_what_a_dispute_may_ask_for_stays_for_ten_years_and_what_only_a_login_left_for_three_months() -> None:
    kept = Retention()
    assert kept.link == kept.registration_evidence == kept.consent_evidence == timedelta(days=3653)
    assert kept.login == kept.login_evidence == timedelta(days=90)
    assert (kept.audit, kept.unused_account) == (timedelta(days=365), timedelta(days=730))


@each(
    "name, days",
    {
        "evidence of a login that ends before its session can": ("login_evidence", 30),
        "an audit log of a week": ("audit", 7),
        "an account that is unused after a holiday": ("unused_account", 40),
        "a warning without time to log in": ("unused_account_warning", 13),
        "a message forgotten at once": ("message", 0),
        "evidence for ever": ("link", 9999),
    },
)
def test_a_time_that_nobody_can_mean_is_refused(name: str, days: int) -> None:
    with pytest.raises(ValidationError):
        Retention(**{name: timedelta(days=days)})
