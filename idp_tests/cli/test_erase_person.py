"""`idp people erase`: who it was is gone for ever, and the operator reads what stays, why and until when."""

import pytest

from idp_tests.cli.installation import Installation
from idp_tests.cli.seeds import PERSONAL_NUMBER, add_anna, add_own_firm
from idp_tests.provider import Provider
from idp_tests.relying_party import RelyingParty
from idp_tests.scripted_bankid import ANNA


@pytest.fixture
def anna(installed: Installation) -> str:
    return add_anna(installed)


def test_an_operator_confirms_after_seeing_who_it_is(installed: Installation, anna: str) -> None:
    shown = installed.done("people", "erase", anna, "--case", "C-1", typed="y\n")
    assert f"{anna}  A. M. Öberg  registered" in shown
    assert f"{anna} is erased; logins ended: 0" in shown
    assert installed.run("people", "find", anna).exit_code == 1
    assert "person.erased  case_id=C-1  operator=" in installed.done("audit", "show", anna)


def test_without_a_yes_nothing_happens(installed: Installation, anna: str) -> None:
    assert installed.run("people", "erase", anna, "--case", "C-1", typed="n\n").exit_code == 1
    assert "registered" in installed.done("people", "find", anna)


def test_what_stays_is_named_with_its_reason_and_its_end(installed: Installation, anna: str) -> None:
    add_own_firm(installed)
    shown = installed.done("people", "erase", anna, "--case", "C-1", typed="y\n")
    assert "1 ended links with customer numbers and times, without a name: for disputes with the company" in shown
    assert "counters of wrong tries" in shown
    assert "1 the person's own firm in the customer register: as long as the register has it" in shown
    for secret in ("anna@example.se", PERSONAL_NUMBER, PERSONAL_NUMBER[2:], "Anna"):
        assert secret not in shown


def test_erasing_twice_is_refused_and_so_is_nobody(installed: Installation, anna: str) -> None:
    installed.done("people", "erase", anna, "--case", "C-1", typed="y\n")
    again = installed.run("people", "erase", anna, "--case", "C-1", typed="y\n")
    assert (again.exit_code, again.stderr.splitlines()[-1]) == (2, f"{anna} is erased already")
    assert "no such person" in installed.run("people", "erase", "nobody", "--case", "C-1", typed="y\n").stderr


def test_who_is_blocked_is_erased_only_when_the_operator_knows_it(installed: Installation, anna: str) -> None:
    installed.done("people", "block", anna)
    refused = installed.run("people", "erase", anna, "--case", "C-1", typed="y\n")
    assert "--although-shut-out" in refused.stderr
    installed.done("people", "erase", anna, "--case", "C-1", "--although-shut-out", typed="y\n")


@pytest.mark.parametrize("case", ["Anna ringde", "", "x" * 41])
def test_a_case_is_named_and_never_told(installed: Installation, anna: str, case: str) -> None:
    assert installed.run("people", "erase", anna, "--case", case, typed="y\n").exit_code == 2


def _erase(provider: Provider) -> str:
    person_id = str(provider.scalar("SELECT id FROM people WHERE erased_at IS NULL"))
    Installation(provider.directory).done("people", "erase", person_id, "--case", "C-1", typed="y\n")
    return person_id


def _subject_of_a_first_login(provider: Provider) -> object:
    tokens = provider.browser().first_login().redeem().get_json()
    return RelyingParty(provider, "minasidor").read(tokens["id_token"]).text("sub")


def test_logins_and_tokens_end_and_the_apps_are_told(provider: Provider) -> None:
    browser = provider.browser().first_login()
    tokens = browser.redeem().get_json()
    _erase(provider)
    assert RelyingParty(provider, "minasidor").userinfo(tokens["access_token"]).status_code == 401
    assert provider.scalar("SELECT count(*) FROM sessions WHERE ended_at IS NULL") == 0
    assert provider.scalar("SELECT count(*) FROM grants WHERE revoked_at IS NULL") == 0
    assert provider.scalar("SELECT count(*) FROM outbox WHERE kind = 'backchannel_logout' AND next_at IS NOT NULL") >= 1
    assert browser.authorize(prompt="none").answer["error"] == "login_required"


def test_a_login_in_progress_of_the_erased_one_cannot_finish(provider: Provider) -> None:
    provider.browser().first_login()
    browser = provider.browser().authorize(prompt="login").identify()
    under_way = provider.browser().authorize().start()
    answered = browser.left_to
    _erase(provider)
    assert answered is not None
    assert browser.redeem().get_json()["error"] == "invalid_grant"
    provider.clock.advance(seconds=3)
    provider.bankid.approve(ANNA)
    provider.collect()
    assert under_way.get(under_way.base).step == "link"


def test_a_form_that_the_erased_person_had_open_leads_nowhere(provider: Provider) -> None:
    half_way = provider.browser().authorize().identify().link().register()
    assert half_way.status == 200
    _erase(provider)
    assert half_way.get(half_way.base).status == 400


def test_the_same_bankid_is_a_new_person_with_a_new_subject(provider: Provider) -> None:
    before = _subject_of_a_first_login(provider)
    _erase(provider)
    assert _subject_of_a_first_login(provider) != before
    assert provider.scalar("SELECT count(*) FROM people") == 2
