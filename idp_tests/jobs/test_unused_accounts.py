"""Accounts that nobody uses: warned, erased after the time that the warning named, and kept by a login."""

import threading
from datetime import timedelta

from prometheus_client import REGISTRY

from idp.assembly.jobs import make_unused_accounts_job
from idp_tests.provider import Provider

NEVER = threading.Event()


def erased(provider: Provider) -> int:
    return int(provider.scalar("SELECT count(*) FROM people WHERE erased_at IS NOT NULL"))


def warnings(provider: Provider) -> int:
    return int(provider.scalar("SELECT count(*) FROM outbox WHERE kind = 'mail.account_unused'"))


def test_two_years_after_the_last_login_an_account_is_erased_thirty_days_after_a_warning(provider: Provider) -> None:
    provider.browser().first_login()
    job = make_unused_accounts_job(provider.parts)
    job.beat(NEVER)
    provider.clock.advance(seconds=timedelta(days=699).total_seconds())
    job.beat(NEVER)
    assert (warnings(provider), erased(provider)) == (0, 0)
    provider.clock.advance(seconds=timedelta(days=1).total_seconds())
    job.beat(NEVER)
    provider.clock.advance(seconds=timedelta(days=29).total_seconds())
    job.beat(NEVER)
    assert (warnings(provider), erased(provider)) == (1, 0)
    provider.clock.advance(seconds=timedelta(days=1).total_seconds())
    job.beat(NEVER)
    assert erased(provider) == 1
    assert provider.scalar("SELECT count(*) FROM audit WHERE event = 'person.erased'") == 1
    assert (REGISTRY.get_sample_value("idp_unused_accounts_total", {"step": "erased"}) or 0) >= 1


def test_a_login_after_the_warning_keeps_the_account(provider: Provider) -> None:
    provider.browser().first_login()
    job = make_unused_accounts_job(provider.parts)
    provider.clock.advance(seconds=timedelta(days=701).total_seconds())
    job.beat(NEVER)
    provider.browser().authorize().identify()
    provider.clock.advance(seconds=timedelta(days=60).total_seconds())
    job.beat(NEVER)
    assert (warnings(provider), erased(provider)) == (1, 0)
