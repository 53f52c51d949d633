"""Threats to linking, T-C1 to T-C14 of the security specification: where each is shown, and those that no other room shows."""

from pathlib import Path

import pytest

from idp.adapters.database.engine import unit_of_work
from idp.core.identification.bankid.api import User
from idp.core.people.digits import passes_luhn
from idp_tests.browser import Browser
from idp_tests.builders import an_organisation_number
from idp_tests.cases import each
from idp_tests.customer_register import a_registered_customer, fill_register
from idp_tests.provider import Provider, restarted
from idp_tests.scripted_bankid import ANNA, BO

TESTS = Path(__file__).parents[1]
SHOWN = {
    "T-C1 races": "attacks/test_guessing_races.py test_many_peoples_whole_numbers_at_one_company",
    "T-C2 oracle": "attacks/test_linking_oracle.py "
    "test_no_answer_to_a_wrong_claim_says_whether_the_number_exists_is_active_or_has_people",
    "T-C3 restarts and clocks": "attacks/test_linking_threats.py test_a_restart_and_a_clock_that_jumps_give_no_more_tries",
    "T-C4 other browsers": "attacks/test_guessing.py test_tries_follow_the_person_into_other_browsers_and_apps",
    "T-C5 many at one company": "attacks/test_guessing.py "
    "test_what_strangers_spend_takes_the_four_digits_and_never_the_way_in",
    "T-C6 spellings": "attacks/test_guessing.py test_a_number_in_other_spellings_is_the_same_number",
    "T-C7 two first users": "adapters/database/test_links.py test_of_many_who_prove_a_company_at_once_one_is_its_first",
    "T-C8 two tabs": "adapters/database/test_links.py test_of_fifty_links_at_once_one_is_made",
    "T-C9 bound proofs": "web/signin/test_contact_code.py test_a_code_of_one_login_or_person_opens_no_other",
    "T-C10 told and noted": "attacks/test_linking_threats.py test_every_link_has_its_notices_its_events_and_its_try",
    "T-C11 freeze": "web/account/test_freeze_link.py "
    "test_a_freeze_link_ends_the_persons_tokens_and_sessions_on_every_node_and_tells_the_clients",
    "T-C12 brake": "attacks/test_linking_threats.py test_the_brake_trips_for_everybody_is_told_once_and_clears_and_nobody_is_kept_from_logging_in",
    "T-C13 two operators": "cli/test_linking.py "
    "test_a_company_that_was_used_up_is_opened_by_one_try_when_a_second_operator_asks_for_it",
    "T-C14 the model": "core/linking/test_guessing_model.py "
    "test_ten_attackers_reach_some_customer_with_half_a_percent_in_any_month_at_most",
}


@each("threat", list(SHOWN))
def test_every_threat_has_its_test(threat: str) -> None:
    module, name = SHOWN[threat].split()
    assert f"def {name}(" in (TESTS / module).read_text(encoding="utf-8")


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
