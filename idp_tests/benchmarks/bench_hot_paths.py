"""What the hot paths cost, side by side in one process: CPU per request, and as a ratio to a bare Flask answer.

By hand: `.venv/bin/pytest idp_tests/benchmarks/bench_hot_paths.py -s`. Machines are noisy: compare the ratios of one run.
"""

import time
from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from idp import log
from idp_tests.provider import ISSUER, Browser, Provider, credentials

ROUNDS = 200


def microseconds(call: Callable[[], None]) -> float:
    """CPU of one call, the best of three batches, so that a neighbour's work counts less."""
    call()
    batches = []
    for _ in range(3):
        began = time.process_time()
        for _ in range(ROUNDS // 3):
            call()
        batches.append((time.process_time() - began) / (ROUNDS // 3) * 1e6)
    return min(batches)


def bare() -> FlaskClient:
    app = Flask("bare")
    app.add_url_rule("/", view_func=lambda: "ok")
    return app.test_client()


def test_cost_of_the_hot_paths(provider: Provider) -> None:
    log.configure("WARNING")  # the line per request is measured by leaving this out
    browser = provider.browser().first_login()
    app_browser = provider.browser().authorize("mittprezero", scope="openid offline_access").identify()
    costs = {"bare Flask": microseconds(_get(bare(), "/"))}
    costs["authorize with a session"] = microseconds(lambda: _authorize(browser))
    tokens = browser.redeem().get_json()
    costs["token (code, ES256, with the authorize before it)"] = microseconds(lambda: _login(browser))
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    costs["userinfo"] = microseconds(_get(browser.client, "/userinfo", bearer))
    costs["introspection"] = microseconds(
        lambda: _post(browser, "/introspect", "minasidor", token=tokens["access_token"])
    )
    app_browser.left_to = app_browser.page.partition('id="continue" href="')[2].partition('"')[0].replace("&amp;", "&")
    held = app_browser.redeem("mittprezero").get_json()
    costs["refresh"] = microseconds(lambda: _refresh(app_browser, held))
    waiting = provider.browser().authorize().start()
    costs["BankID status"] = microseconds(_get(waiting.client, f"{waiting.base}/bankid/status", waiting.headers))
    costs["discovery"] = microseconds(_get(browser.client, "/.well-known/openid-configuration"))
    width = max(map(len, costs))
    for name, cost in costs.items():
        print(f"{name:<{width}}  {cost:8.0f} us  x{cost / costs['bare Flask']:5.1f}")


def _get(client: FlaskClient, path: str, headers: dict[str, str] | None = None) -> Callable[[], None]:
    def call() -> None:
        assert client.get(path, headers=headers, base_url=ISSUER).status_code == 200

    return call


def _authorize(browser: Browser) -> None:
    assert "code" in browser.authorize().answer


def _login(browser: Browser) -> None:
    _authorize(browser)
    assert browser.redeem().status_code == 200


def _post(browser: Browser, path: str, client_id: str, **form: str) -> None:
    sent = form | credentials(client_id, browser.provider.clock())
    assert browser.client.post(path, data=sent, base_url=ISSUER).status_code == 200


def _refresh(browser: Browser, held: dict[str, str]) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": held["refresh_token"], "client_id": "mittprezero"}
    response = browser.client.post("/token", data=form, base_url=ISSUER)
    assert response.status_code == 200
    held["refresh_token"] = response.get_json()["refresh_token"]
