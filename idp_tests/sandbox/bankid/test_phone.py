import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from idp_sandbox.bankid.keystore import KeyStore
from idp_sandbox.bankid.phone import add_phone
from idp_sandbox.bankid.qr import frame_text
from idp_sandbox.bankid.simulator import bare_phone_app
from idp_tests.sandbox.bankid.rig import Rig, encoded


@pytest.fixture
def page(rig: Rig) -> FlaskClient:
    app = bare_phone_app()
    add_phone(app, rig.orders, rig.clock)
    return app.test_client()


def frame(order: dict[str, Any], second: int = 0) -> str:
    return frame_text(order["qrStartToken"], order["qrStartSecret"], second)


def launch(page: FlaskClient, order: dict[str, Any], extra: str = "&redirect=null") -> TestResponse:
    return page.get(f"/?autostarttoken={order['autoStartToken']}{extra}", follow_redirects=True)


def press(page: FlaskClient, shown: TestResponse, button: str, **form: str) -> TestResponse:
    """Press a button of the shown order as a browser would."""
    button_tag = re.search(rf'<button id="{button}"[^>]*>', shown.text)
    form_tag = re.search(r'<form method="post" action="([^"]+)"', shown.text)
    assert button_tag, shown.text
    assert form_tag, shown.text
    target = re.search('formaction="([^"]+)"', button_tag[0])
    legacy = re.search(r'name="redirect" value="([^"]*)"', shown.text)
    chosen = re.search(r'value="(\w+)" selected', shown.text)
    fields = {"redirect": legacy[1] if legacy else "", "persona": chosen[1] if chosen else ""} | form
    return page.post(target[1] if target else form_tag[1], data=fields)


def text_of(shown: TestResponse, element: str) -> str:
    found = re.search(rf'id="{element}"[^>]*>(.*?)</(?:p|div|h1)>', shown.text, re.DOTALL)
    assert found, shown.text
    return found[1]


def test_every_page_says_it_is_a_simulator(rig: Rig, page: FlaskClient) -> None:
    for shown in (page.get("/"), launch(page, rig.auth()), page.get("/order/nothing")):
        assert "SIMULATOR" in shown.text
        assert shown.headers["Cache-Control"] == "no-store"


def test_scanning_shows_who_asks_and_why(rig: Rig, page: FlaskClient) -> None:
    order = rig.auth(userVisibleData=encoded("Logga in på <b>MinaSidor</b>.\nTänk efter."))
    shown = page.post("/scan", data={"qr": frame(order), "persona": "karin"}, follow_redirects=True)
    assert text_of(shown, "relying-party") == "PreZero"
    assert text_of(shown, "intention") == "Logga in på &lt;b&gt;MinaSidor&lt;/b&gt;.<br>Tänk efter."
    assert '<option value="karin" selected>' in shown.text
    assert ">Identifiera</button>" in shown.text


def test_markdown_is_shown_as_markdown(rig: Rig, page: FlaskClient) -> None:
    body = {"userVisibleData": encoded("# Rubrik"), "userVisibleDataFormat": "simpleMarkdownV1"}
    assert text_of(launch(page, rig.auth(**body)), "intention") == "<h3>Rubrik</h3>"


def test_after_a_scan_the_person_is_told_to_go_back(rig: Rig, page: FlaskClient) -> None:
    order = rig.auth(returnUrl="https://rp.example/back#n=1")
    shown = page.post("/scan", data={"qr": frame(order)}, follow_redirects=True)
    answer = press(page, shown, "approve")
    assert answer.headers["Location"].startswith("/order/")
    assert text_of(page.get(answer.headers["Location"]), "result") == "Klart! Gå tillbaka till tjänsten."
    assert rig.collect(order)["status"] == "complete"


def test_after_a_launch_the_browser_goes_to_the_return_url_with_its_fragment(rig: Rig, page: FlaskClient) -> None:
    order = rig.auth(returnUrl="https://rp.example/back?a=1#n=åäö")
    answer = press(page, launch(page, order), "approve")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("https://rp.example/back?a=1#n=")
    assert rig.collect(order)["status"] == "complete"


def test_the_old_redirect_parameter_works_when_there_is_no_return_url(rig: Rig, page: FlaskClient) -> None:
    with_url, without_url = rig.auth(returnUrl="https://rp.example/new"), rig.auth()
    extra = "&redirect=https%3A%2F%2Frp.example%2Fold"
    assert press(page, launch(page, with_url, extra), "approve").headers["Location"] == "https://rp.example/new"
    assert press(page, launch(page, without_url, extra), "approve").headers["Location"] == "https://rp.example/old"


@pytest.mark.parametrize("url", ["javascript:alert(1)", " JavaScript:alert(1)", "data:text/html,x"])
def test_a_script_is_no_place_to_go_back_to(rig: Rig, page: FlaskClient, url: str) -> None:
    shown = page.get(
        "/", query_string={"autostarttoken": rig.auth()["autoStartToken"], "redirect": url}, follow_redirects=True
    )
    assert press(page, shown, "approve").headers["Location"].startswith("/order/")


def test_reloading_the_launch_link_shows_the_same_order(rig: Rig, page: FlaskClient) -> None:
    order = rig.auth()
    first, second = launch(page, order), launch(page, order)
    assert first.request.path == second.request.path
    assert text_of(second, "relying-party") == "PreZero"


def test_another_browser_cannot_open_the_order_again(rig: Rig, page: FlaskClient) -> None:
    order = rig.auth()
    launch(page, order)
    page.delete_cookie("phone_session")
    shown = launch(page, order)
    assert shown.status_code == 409
    assert 'data-error="already_opened"' in shown.text


def test_the_person_can_be_changed_before_approving(rig: Rig, page: FlaskClient) -> None:
    order = rig.auth()
    press(page, launch(page, order), "approve", persona="tolvan")
    assert rig.collect(order)["completionData"]["user"]["personalNumber"] == "191212121212"


def test_cancelling_says_so(rig: Rig, page: FlaskClient) -> None:
    order = rig.auth(returnUrl="https://rp.example/back")
    answer = press(page, launch(page, order), "cancel")
    shown = page.get(answer.headers["Location"])
    assert text_of(shown, "result") == "Du avbröt."
    assert 'id="back" class="button" href="https://rp.example/back"' in shown.text
    assert rig.collect(order)["hintCode"] == "userCancel"


def test_a_blocked_bankid_is_told_to_the_person(rig: Rig, page: FlaskClient) -> None:
    answer = press(page, launch(page, rig.auth(returnUrl="https://rp.example/back")), "approve", persona="bertil")
    assert text_of(page.get(answer.headers["Location"]), "result") == "Ditt BankID är spärrat eller för gammalt."


@pytest.mark.parametrize(("qr", "word"), [("", "qr_unreadable"), ("hej", "qr_unreadable")])
def test_a_bad_scan_is_explained(page: FlaskClient, qr: str, word: str) -> None:
    shown = page.post("/scan", data={"qr": qr})
    assert shown.status_code == 409
    assert f'data-error="{word}"' in shown.text


def test_an_unusable_bankid_is_explained_and_can_be_changed(rig: Rig, page: FlaskClient) -> None:
    order = rig.auth(requirement={"personalNumber": "198507232380"})
    refused = press(page, launch(page, order), "approve")
    assert 'data-error="no_usable_bankid"' in refused.text
    press(page, refused, "approve", persona="johan")
    assert rig.collect(order)["status"] == "complete"


def test_looking_at_the_screen_scans_the_newest_code(rig: Rig, page: FlaskClient) -> None:
    rig.auth()
    newest = rig.auth()
    rig.wait(7)
    page.post("/look", data={"persona": "anna"}, follow_redirects=True)
    assert rig.collect(newest)["hintCode"] == "userSign"


def test_looking_at_an_empty_screen_is_explained(page: FlaskClient) -> None:
    assert 'data-error="no_qr_in_sight"' in page.post("/look").text


def test_a_call_is_confirmed_on_the_page(rig: Rig, page: FlaskClient) -> None:
    order = rig.call("phone/auth", {"personalNumber": "199001012385", "callInitiator": "RP"}).json or {}
    assert 'id="call"' in page.get("/").text
    question = page.post("/call", data={"persona": "anna"}, follow_redirects=True)
    assert "Har PreZero ringt till dig?" in question.text
    shown = page.get(press(page, question, "confirm").headers["Location"])
    press(page, shown, "approve")
    assert rig.collect(order)["status"] == "complete"


@pytest.mark.parametrize("launched_after", [0, 0.3, 3])
def test_the_autopilot_brings_the_browser_back(rig: Rig, page: FlaskClient, launched_after: float) -> None:
    rig.scenario.set_up({"autopilot": "anna"})
    order = rig.auth(returnUrl="https://rp.example/back#n=1")
    rig.wait(launched_after)
    path = page.get(f"/?autostarttoken={order['autoStartToken']}").headers["Location"]
    if launched_after < 1:
        assert page.get(path).headers["Refresh"] == "1"
    rig.wait(1)
    answer = page.get(path)
    assert (answer.status_code, answer.headers["Location"]) == (303, "https://rp.example/back#n=1")


def test_a_payment_shows_to_whom_and_how_much(rig: Rig, page: FlaskClient) -> None:
    transaction = {
        "transactionType": "card",
        "recipient": {"name": "Butiken"},
        "money": {"amount": "1000,00", "currency": "SEK"},
    }
    order = rig.call("payment", {"endUserIp": "192.0.2.1", "userVisibleTransaction": transaction}).json or {}
    shown = launch(page, order)
    assert "1000,00 SEK" in shown.text
    assert ">Skriv under</button>" in shown.text


def test_an_unknown_order_is_explained(page: FlaskClient, keys: KeyStore) -> None:
    for answer in (page.get("/order/x"), page.post("/order/x/approve"), page.post("/order/x/cancel")):
        assert answer.status_code == 404
        assert 'data-error="unknown_order"' in answer.text


def test_an_autopilot_that_gets_nowhere_leaves_the_order_to_the_person(rig: Rig, page: FlaskClient) -> None:
    rig.scenario.set_up({"autopilot": "anna"})
    order = rig.auth(requirement={"personalNumber": "198507232380"})
    rig.wait(1)
    shown = launch(page, order)
    assert "refresh" not in shown.text
    press(page, shown, "approve", persona="johan")
    assert rig.collect(order)["status"] == "complete"
