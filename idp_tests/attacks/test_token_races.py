"""Fifty at once: whatever is good for one use has exactly one effect, on every kind of database."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from idp_tests.client_side import ProofKey
from idp_tests.provider import Provider
from idp_tests.relying_party import RelyingParty, become_fapi2, change, press_continue

pytestmark = pytest.mark.each_database

AT_ONCE = 50


def all_at_once(call: Callable[[], TestResponse]) -> list[TestResponse]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [future.result() for future in [pool.submit(call) for _ in range(AT_ONCE)]]


def outcomes(responses: list[TestResponse]) -> Counter[str]:
    """How often each answer came: `ok`, or the error word."""
    return Counter(response.get_json().get("error", "ok") for response in responses)


def test_one_code_gives_tokens_once(provider: Provider) -> None:
    browser = press_continue(provider.browser().first_login("mittprezero"))
    form = {**browser.code_form(), "client_id": "mittprezero"}
    responses = all_at_once(lambda: RelyingParty(provider, "mittprezero").post("/token", form))
    assert outcomes(responses) == {"ok": 1, "invalid_grant": AT_ONCE - 1}
    winner = next(response for response in responses if response.status_code == 200).get_json()
    assert RelyingParty(provider).userinfo(winner["access_token"]).status_code == 401


def test_one_refresh_token_has_one_successor(provider: Provider) -> None:
    browser = press_continue(provider.browser().first_login("mittprezero"))
    old = browser.redeem("mittprezero").get_json()["refresh_token"]
    responses = all_at_once(lambda: RelyingParty(provider, "mittprezero").refresh(old))
    given = [response.get_json()["refresh_token"] for response in responses if response.status_code == 200]
    assert 1 <= len(given) <= 4
    assert len(set(given)) == 1
    assert set(outcomes(responses)) == {"ok", "invalid_grant"}


def test_one_client_assertion_is_good_once(provider: Provider) -> None:
    rp = RelyingParty(provider)
    form = {**rp.credentials, "token": "x"}
    responses = all_at_once(lambda: RelyingParty(provider).post("/introspect", form))
    assert outcomes(responses) == {"ok": 1, "invalid_client": AT_ONCE - 1}


def test_one_proof_is_good_once(provider: Provider) -> None:
    become_fapi2(provider)
    change(provider, "minasidor", refresh_lifetime=timedelta(hours=1))
    device, rp = ProofKey(), RelyingParty(provider)
    browser = provider.browser().first_login()
    headers = {"DPoP": device.proof(provider.clock())}
    token = rp.call("/token", headers, **browser.code_form()).get_json()["refresh_token"]
    proof = {"DPoP": device.proof(provider.clock())}
    responses = all_at_once(lambda: RelyingParty(provider).refresh(token, proof))
    assert outcomes(responses) == {"ok": 1, "invalid_dpop_proof": AT_ONCE - 1}
