"""`idp people`: enough to help somebody on the telephone, never a personal number."""

from dataclasses import replace
from datetime import timedelta

import pytest

from idp.core.oidc.dynamic_registration.registered_client import Admission, InitialToken
from idp.core.oidc.dynamic_registration.registration_tokens import token_hash
from idp_tests.adapters.database.seeds import a_registered_client
from idp_tests.cli.installation import Installation
from idp_tests.cli.seeds import PERSONAL_NUMBER, add_anna, assembled
from idp_tests.provider import Provider


@pytest.fixture
def anna(installed: Installation) -> str:
    return add_anna(installed)


@pytest.mark.parametrize("text", ["anna@example.se", "ANNA@EXAMPLE.SE", "0701740605", "+46 70 174 06 05", "10012345"])
def test_a_person_is_found_and_shown_masked(installed: Installation, anna: str, text: str) -> None:
    shown = installed.done("people", "find", text)
    assert shown.startswith(f"{anna}  A. M. Öberg  registered 2026-05-05 12:00 UTC")
    assert "a…@example.se  …605" in shown
    assert "customer 10012345  Exempelbolaget AB, Malmö" in shown
    for secret in ("anna@example.se", "+4670", PERSONAL_NUMBER, PERSONAL_NUMBER[2:], "Anna"):
        assert secret not in shown


def test_what_is_shown_unmasked_is_in_the_audit_log(installed: Installation, anna: str) -> None:
    assert "anna@example.se  +46701740605" in installed.done("people", "find", "--full", anna)
    assert "person.shown  operator=" in installed.done("audit", "show", anna)


@pytest.mark.parametrize("text", [PERSONAL_NUMBER, "19900101-2385", "900101-2385"])
def test_personal_numbers_are_not_searched_for(installed: Installation, anna: str, text: str) -> None:
    result = installed.run("people", "find", text)
    assert result.exit_code == 2
    assert anna not in result.output
    assert text not in result.output


def test_nobody_found_is_exit_code_one(installed: Installation) -> None:
    assert installed.run("people", "find", "nobody@example.se").exit_code == 1


def test_a_blocked_account_is_shown_as_such_until_it_is_opened(installed: Installation, anna: str) -> None:
    installed.done("people", "block", anna, "--reason", "fraud")
    assert "BLOCKED" in installed.done("people", "find", anna)
    installed.done("people", "unblock", anna)
    assert "registered" in installed.done("people", "find", anna)
    events = installed.done("audit", "show", anna)
    assert "person.unblocked" in events
    assert "person.blocked" in events
    assert "reason=fraud" in events


def test_blocking_ends_every_login_and_tells_the_apps(provider: Provider) -> None:
    browser = provider.browser().first_login()
    assert browser.redeem().status_code == 200
    person_id = provider.scalar("SELECT id FROM people")
    assert "logins ended: 1" in Installation(provider.directory).done("people", "block", person_id)
    assert provider.scalar("SELECT count(*) FROM sessions WHERE ended_at IS NULL") == 0
    assert provider.scalar("SELECT count(*) FROM grants WHERE revoked_at IS NULL") == 0
    assert provider.scalar("SELECT count(*) FROM outbox WHERE kind = 'backchannel_logout'") == 1


@pytest.mark.parametrize("enabled", [True, False])
def test_apps_that_registered_themselves_are_told_only_while_they_are_known(
    installed: Installation, *, enabled: bool
) -> None:
    installed.change("[mail]", f"[dynamic_registration]\nenabled = {str(enabled).lower()}\n[mail]")
    with assembled(installed) as provider:
        secret, now, store = "iat_x", provider.clock(), provider.store
        initial = InitialToken(id="token", note="Partner", created_at=now, expires_at=now + timedelta(days=1))
        store.initial_tokens.issue(initial, token_hash(secret))
        client = replace(a_registered_client(), initial_token_id=initial.id)
        admitted = store.registered_clients.admit(client, token_hash(secret), per_hour=9, most=9, now=now)
        assert admitted is Admission.ADMITTED
        assert (provider.clients.find(client.client_id) is not None) is enabled


def test_blocking_twice_is_refused(installed: Installation, anna: str) -> None:
    installed.done("people", "block", anna)
    result = installed.run("people", "block", anna)
    assert (result.exit_code, result.stderr) == (2, f"{anna} is blocked already\n")


def test_a_reason_is_a_word_and_never_a_story(installed: Installation, anna: str) -> None:
    assert installed.run("people", "block", anna, "--reason", "Anna ringde själv").exit_code == 2


def test_a_link_ends_by_its_customer_number(installed: Installation, anna: str) -> None:
    installed.done("people", "unlink", anna, "10012345")
    assert "customer" not in installed.done("people", "find", anna)
    assert "link.ended" in installed.done("audit", "show", anna)


def test_who_is_kept_out_is_let_in_again_by_a_plain_unlink(installed: Installation, anna: str) -> None:
    installed.done("people", "unlink", anna, "10012345", "--keep-out")
    assert "customer" not in installed.done("people", "find", anna)
    assert "link.suspended" in installed.done("audit", "show", anna)
    installed.done("people", "unlink", anna, "10012345")
    assert installed.run("people", "unlink", anna, "10012345").exit_code == 2


def test_a_link_that_is_not_there_is_answered_with_those_that_are(installed: Installation, anna: str) -> None:
    result = installed.run("people", "unlink", anna, "999")
    assert result.exit_code == 2
    assert "linked: 10012345" in result.stderr


@pytest.mark.parametrize("command", ["block", "unblock"])
def test_an_unknown_person_is_refused(installed: Installation, command: str) -> None:
    result = installed.run("people", command, "0" * 32)
    assert result.exit_code == 2
    assert "no such person" in result.stderr
