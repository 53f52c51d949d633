"""Somebody who was shut out stays out: a suspended colleague, a blocked account, whatever was begun before."""

import pytest
from sqlalchemy import text

from idp.adapters.database.engine import connection, unit_of_work
from idp_tests.provider import Provider
from idp_tests.scripted_bankid import ANNA


def _store(provider: Provider, statement: str) -> None:
    with provider.app.app_context(), unit_of_work():
        connection().execute(text(statement))


def test_the_old_digits_do_not_bring_a_suspended_colleague_back(provider: Provider) -> None:
    """Not with the company, and not without one, where the client wants one."""
    provider.browser().first_login()
    _store(provider, "UPDATE links SET suspended_at = linked_at")
    grants = provider.scalar("SELECT count(*) FROM grants")
    browser = provider.browser().authorize().identify(ANNA).link()
    assert browser.status == 403
    assert browser.get(browser.base).step == "link"
    assert provider.scalar("SELECT count(*) FROM grants") == grants
    assert provider.scalar("SELECT count(*) FROM links WHERE suspended_at IS NULL") == 0


def test_a_suspended_colleague_may_still_link_another_company(provider: Provider) -> None:
    provider.browser().first_login()
    _store(provider, "UPDATE links SET suspended_at = linked_at")
    browser = provider.browser().authorize().identify(ANNA).link("10012346", "7569")
    assert "code" in browser.answer


@pytest.mark.each_database
def test_a_registration_begun_before_the_block_adds_nothing_to_the_account(provider: Provider) -> None:
    kept_open = provider.browser().authorize().identify(ANNA).link("10012346", "7569")
    assert kept_open.step == "register"
    provider.browser().first_login()
    _store(provider, "UPDATE people SET blocked_at = registered_at")
    letters = provider.scalar("SELECT count(*) FROM outbox")
    kept_open.register(email="other@example.se")
    assert kept_open.status == 403
    assert provider.scalar("SELECT count(*) FROM links") == 1
    assert provider.scalar("SELECT count(*) FROM outbox") == letters
