"""Threats to linking that no other room shows; README.md says where each of them is shown."""

import pytest

from idp.adapters.database.engine import unit_of_work
from idp.core.identification.bankid.api import User
from idp.core.people.digits import passes_luhn
from idp_tests.browser import Browser
from idp_tests.builders import an_organisation_number
from idp_tests.customer_register import a_registered_customer, fill_register
from idp_tests.provider import Provider, restarted
from idp_tests.scripted_bankid import ANNA, BO


def newcomer(provider: Provider, serial: int) -> Browser:
    nine = f"800101{serial:03}"
    number = next(f"19{nine}{check}" for check in range(10) if passes_luhn(f"{nine}{check}"))
    user = User(personal_number=number, name="Olle Okänd", given_name="Olle", surname="Okänd")
    return provider.browser().authorize().identify(user)


@pytest.mark.each_database
def test_a_restart_and_a_clock_that_jumps_give_no_more_tries(provider: Provider) -> None:
    """Nothing is counted in memory, and whoever moves our clock by a day has no more than a month's tries."""
    for serial, hours in enumerate((0, 25, -25, 49, -24, 0, 25, 25, -50, 75, 1, 25, -1, 25)):
        provider.clock.advance(hours=hours)
        with restarted(provider) as node:
            node.browser().authorize().identify(ANNA).link(f"9000{serial:04}", an_organisation_number(serial))
    judged = provider.scalar("SELECT count(*) FROM link_attempts WHERE result = 'mismatch'")
    assert judged == provider.scalar("SELECT count(*) FROM link_attempts") - 4 == 10


def test_every_link_has_its_notices_its_events_and_its_try(provider: Provider) -> None:
    company = a_registered_customer("10012345", email="info@bolaget.example")
    with unit_of_work(provider.app):
        fill_register(provider.parts.store.register, [company], provider.clock())
    for user in (ANNA, BO):
        provider.browser().first_login(user=user)
    for serial in range(3):
        newcomer(provider, serial).link().register()
    made = provider.scalar("SELECT count(*) FROM links")
    assert made == 5
    for rows in (
        "audit WHERE event = 'link.made'",
        "link_attempts WHERE result = 'proved'",
        "freeze_secrets WHERE told = 'contact_on_file'",
    ):
        assert provider.scalar(f"SELECT count(*) FROM {rows}") == made
    contact, colleagues = made, 0 + 1 + 2 + 3 + 4
    assert provider.scalar("SELECT count(*) FROM outbox WHERE kind = 'mail.new_user'") == contact + colleagues
    unproved = (
        "link_attempts WHERE authentication_id NOT IN (SELECT authentication_id FROM evidence)"
        " AND authentication_id NOT IN (SELECT id FROM authentications)"
    )
    assert provider.scalar(f"SELECT count(*) FROM {unproved}") == 0


def test_the_brake_trips_for_everybody_is_told_once_and_clears_and_nobody_is_kept_from_logging_in(
    provider: Provider,
) -> None:
    provider.browser().first_login(user=BO)
    with restarted(provider, linking={"everybody_per_day": 4}) as braked:
        for serial in range(4):
            newcomer(braked, serial).link(f"9000000{serial}", "0001")
        told = "SELECT count(*) FROM audit WHERE event = 'linking.alarm'"
        assert braked.scalar(told) == 1
        held = braked.browser().authorize().identify(ANNA).link("10012346", "7569")
        assert "De fyra sista siffrorna räcker inte den här gången" in held.page
        assert held.link_whole("10012346", "556074-7569").step == "register"
        assert "code" in braked.browser().authorize().identify(BO).answer
        braked.clock.advance(hours=25)
        assert newcomer(braked, 5).link("10012346", "7569").step == "register"
        assert braked.scalar(told) == 1
