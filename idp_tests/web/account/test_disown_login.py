"""A login with a new device is told to its person, who may say that it was somebody else."""

import re

import pytest
from sqlalchemy import select, update

from idp.adapters.database.encryption import FieldCipher
from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.tables import outbox, people
from idp.core.identification.bankid.api import Risk
from idp.core.messages import LOGIN_KIND
from idp.core.oidc.keys.reference_tokens import DeviceProof
from idp.jobs.email_texts import DISOWN_WITHIN
from idp_tests.browser import Browser
from idp_tests.provider import Provider
from idp_tests.scripted_bankid import ANNA


def with_account(provider: Provider) -> Browser:
    """Anna's own browser, after her first login; her address is confirmed."""
    browser = provider.browser().first_login()
    with provider.app.app_context(), unit_of_work():
        connection().execute(update(people).values(email_confirmed_at=provider.clock()))
    return browser


def logs_in_elsewhere(provider: Provider, network: str = "198.51.100.7") -> Browser:
    browser = provider.browser()
    browser.client.environ_base["REMOTE_ADDR"] = network
    return browser.authorize().identify(ANNA)


def told(provider: Provider) -> list[str]:
    """The links of the e-mails about logins, in their order, as of when each was written."""
    keys = provider.parts.keys
    cipher = FieldCipher(lambda: keys.secrets.fields)
    messages = select(outbox.c.id, outbox.c.payload_encrypted, outbox.c.created_at).where(outbox.c.kind == LOGIN_KIND)
    with provider.app.app_context(), unit_of_work():
        rows = connection().execute(messages.order_by(outbox.c.created_at)).all()
    links = []
    for message_id, payload, at in rows:
        device_id = cipher.decrypt_json(f"outbox.payload.{message_id}", payload)["device_id"]
        proof = DeviceProof(device_id=device_id, expires_at=at + DISOWN_WITHIN)
        links.append(f"/not-me?proof={keys.reference_tokens.device_proof_for(proof)}")
    return links


def test_the_first_login_and_one_with_the_same_browser_are_not_told_of(provider: Provider) -> None:
    browser = with_account(provider)
    browser.authorize(prompt="login").identify(ANNA)
    assert told(provider) == []


@pytest.mark.each_database
def test_a_login_with_another_browser_is_told_of_once(provider: Provider) -> None:
    with_account(provider)
    other = logs_in_elsewhere(provider)
    assert len(told(provider)) == 1
    other.authorize(prompt="login").identify(ANNA)
    assert len(told(provider)) == 1


def test_without_cookies_one_network_is_told_of_once_a_day_and_another_at_once(provider: Provider) -> None:
    with_account(provider)
    for _ in range(3):
        logs_in_elsewhere(provider)
    assert len(told(provider)) == 1
    logs_in_elsewhere(provider, "203.0.113.9")
    assert len(told(provider)) == 2
    provider.clock.advance(hours=25)
    logs_in_elsewhere(provider)
    assert len(told(provider)) == 3


def test_an_address_that_was_merely_typed_is_told_nothing(provider: Provider) -> None:
    provider.browser().first_login()
    logs_in_elsewhere(provider)
    assert told(provider) == []


def test_a_login_of_moderate_risk_is_told_of_with_the_very_same_browser(provider: Provider) -> None:
    browser = with_account(provider).authorize(prompt="login").start()
    provider.clock.advance(seconds=3)
    provider.bankid.approve(ANNA, risk=Risk.MODERATE)
    provider.collect()
    browser.get(browser.base)
    assert len(told(provider)) == 1


@pytest.mark.each_database
def test_the_button_ends_every_session_and_token_and_names_a_case(provider: Provider) -> None:
    own = with_account(provider)
    tokens = own.redeem().get_json()
    thief = logs_in_elsewhere(provider)
    stolen = thief.redeem().get_json()
    reader = provider.browser().get(told(provider)[0])
    assert "Var det inte du som loggade in?" in reader.page
    reader.submit("/not-me")
    assert "Alla dina inloggningar är avslutade" in reader.page
    case = re.search(r"kod är ([A-Z0-9]{8})", reader.page)
    assert case is not None
    for token in (tokens["access_token"], stolen["access_token"]):
        headers = {"Authorization": f"Bearer {token}"}
        assert reader.client.get("/userinfo", headers=headers, base_url="https://id.example").status_code == 401
    assert own.get("/").authorize().step == "bankid"
    assert thief.get("/").authorize().step == "bankid"
    assert provider.scalar(f"SELECT count(*) FROM incidents WHERE code = '{case[1]}'") == 1


def test_the_link_works_once_and_says_so_afterwards(provider: Provider) -> None:
    with_account(provider)
    logs_in_elsewhere(provider)
    first, second = (provider.browser().get(told(provider)[0]) for _ in range(2))
    first.submit("/not-me")
    again = provider.browser().authorize().identify(ANNA)
    assert "code" in again.answer
    assert "Länken är redan använd" in second.submit("/not-me").page
    assert "Länken är redan använd" in second.get(told(provider)[0]).page
    assert again.get("/").authorize().left_to is not None, "a link that was used ends nothing"


def test_opening_the_link_alone_ends_nothing_since_scanners_do_it(provider: Provider) -> None:
    own = with_account(provider)
    logs_in_elsewhere(provider)
    provider.browser().get(told(provider)[0])
    assert own.get("/").authorize().left_to is not None


def test_a_late_or_a_forged_link_is_over(provider: Provider) -> None:
    with_account(provider)
    logs_in_elsewhere(provider)
    late = told(provider)[0]
    provider.clock.advance(seconds=DISOWN_WITHIN.total_seconds())
    browser = provider.browser()
    for path in (late, "/not-me?proof=dv_x", "/not-me"):
        browser.get(path)
        assert browser.status == 400
        assert "Länken har gått ut" in browser.page


def test_a_device_that_was_disowned_is_new_again(provider: Provider) -> None:
    with_account(provider)
    thief = logs_in_elsewhere(provider)
    provider.browser().get(told(provider)[0]).submit("/not-me")
    provider.clock.advance(hours=25)
    thief.get("/").authorize().identify(ANNA)
    assert len(told(provider)) == 2


def test_a_case_of_nobody_is_not_shown(provider: Provider) -> None:
    page = provider.browser().get("/not-me?case=ring%20070-123").page
    assert "ring 070" not in page
