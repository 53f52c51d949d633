"""The use cases about an account work on one store, whichever entrance calls them."""

from dataclasses import fields

from idp.core.accounts.block import Blocked
from idp.core.people.person import NoSuchPerson
from idp_tests.provider import Provider


def test_every_use_case_works_on_the_providers_own_store(provider: Provider) -> None:
    accounts, store = provider.parts.accounts, provider.parts.store
    for each in fields(accounts):
        use_case = getattr(accounts, each.name)
        for port in {"people", "links", "grants", "sessions", "consents", "audit"} & {
            one.name for one in fields(use_case)
        }:
            assert getattr(use_case, port) is getattr(store, port), f"{each.name}.{port}"


def test_a_blocked_persons_logins_end_in_one_unit_of_work(provider: Provider) -> None:
    provider.browser().first_login()
    person_id = str(provider.scalar("SELECT id FROM people"))
    with provider.parts.database.unit_of_work():
        block = provider.parts.accounts.block
        assert block("nobody", provider.clock(), operator="eva", reason="test") == NoSuchPerson()
        assert block(person_id, provider.clock(), operator="eva", reason="test") == Blocked(logins_ended=1)
    assert provider.scalar("SELECT count(*) FROM sessions WHERE ended_at IS NULL") == 0
    assert provider.scalar("SELECT count(*) FROM grants WHERE revoked_at IS NULL") == 0
