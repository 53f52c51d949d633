"""The BankID page in a browser: when an order is started, what is shown, and when the page asks or rests."""

from typing import Any

import pytest
from playwright.sync_api import expect

from idp_tests.web.showcase import BASE, OPEN, QR
from idp_tests.web.static.stand_in import ORIGIN, POLL_MS, Provider

pytestmark = pytest.mark.browser

WAITING = {
    "state": "pending",
    "launch": "qr",
    "message": "Väntar på att du skannar koden.",
    "qr": QR,
    "seconds_left": 27,
}
OPENING = {"state": "pending", "launch": "same_device", "message": "Tryck på Öppna BankID.", "open_url": OPEN}
STARTING = {"state": "starting", "launch": "qr", "message": "Väntar på att du skannar koden."}
CANCELLED = {"state": "failed", "launch": "qr", "message": "Du avbröt i BankID-appen.", "can_retry": True}


def told(provider: Provider, status: dict[str, Any]) -> Provider:
    provider.status = status
    return provider


def test_a_computer_starts_an_order_by_itself_and_draws_the_code(provider: Provider) -> None:
    page = told(provider, WAITING).show("bankid-computer-idle")
    expect(page.locator("#bankid-qr svg path")).to_be_visible()
    expect(page.locator("#bankid-qr")).to_have_attribute("data-qr", QR)
    expect(page.locator("#bankid-message")).to_have_text("Väntar på att du skannar koden.")
    expect(page.locator("#bankid-countdown")).to_have_text("Koden gäller i 00:27")
    expect(page.locator("#bankid-start")).to_be_hidden()
    [start] = provider.starts
    assert (start["launch"], start["csrf_token"], start["header"]) == ("qr", "IjQ3.token", "IjQ3.token")


def test_a_hidden_page_starts_nothing_until_it_is_seen(provider: Provider) -> None:
    provider.context.add_init_script("window.seenFirst = 'hidden';")
    provider.after_start = WAITING
    with provider.context.expect_event("requestfinished", lambda request: request.url.endswith("/status")):
        page = provider.show("bankid-computer-idle")
    assert provider.starts == []
    page.evaluate("beSeen('visible')")
    expect(page.locator("#bankid-qr svg")).to_be_visible()
    assert [start["launch"] for start in provider.starts] == ["qr"]


def test_an_order_that_does_not_stay_is_not_started_over_and_over(provider: Provider) -> None:
    page = provider.show("bankid-computer-idle")
    expect(page.get_by_role("button", name="Visa QR-kod")).to_be_visible()
    assert len(provider.starts) == 1
    provider.after_start = WAITING
    page.locator("#bankid-start").click()
    expect(page.locator("#bankid-qr svg")).to_be_visible()
    assert len(provider.starts) == 2


def test_a_page_that_waits_for_a_press_starts_nothing_alone(provider: Provider) -> None:
    page = told(provider, WAITING).show("again-computer")
    expect(page.locator("#bankid-start")).to_be_visible()
    assert provider.starts == []
    page.locator("#bankid-start").click()
    expect(page.locator("#bankid-qr svg")).to_be_visible()
    assert len(provider.starts) == 1


def test_a_running_order_is_not_started_again_by_a_reload(provider: Provider) -> None:
    page = told(provider, WAITING).show("bankid-computer-qr")
    expect(page.locator("#bankid-qr svg")).to_be_visible()
    page.reload()
    expect(page.locator("#bankid-qr svg")).to_be_visible()
    assert provider.starts == []


def test_a_phone_shows_the_link_to_the_app(provider: Provider) -> None:
    page = told(provider, OPENING).show("bankid-phone-idle")
    expect(page.locator("#bankid-open")).to_be_visible()
    expect(page.locator("#bankid-open")).to_have_attribute("href", OPEN)
    expect(page.locator("#bankid-qr-panel")).to_be_hidden()
    assert provider.starts[0]["launch"] == "same_device"
    expect(page.locator("#bankid-other")).to_have_text("Använd BankID på en annan enhet")


def test_the_other_way_is_one_press_away(provider: Provider) -> None:
    page = told(provider, WAITING).show("bankid-computer-idle")
    expect(page.locator("#bankid-qr svg")).to_be_visible()
    provider.status = OPENING
    page.locator("#bankid-other").click()
    expect(page.locator("#bankid-open")).to_be_focused()
    assert [start["launch"] for start in provider.starts] == ["qr", "same_device"]
    expect(page.locator("#bankid-other")).to_have_text("Använd BankID på en annan enhet")
    assert page.url == f"{ORIGIN}{BASE}/bankid"


def test_a_failure_takes_the_focus_and_the_same_way_is_tried_again(provider: Provider) -> None:
    page = told(provider, CANCELLED).show("bankid-computer-qr")
    expect(page.locator("#bankid-failure")).to_be_focused()
    expect(page.locator("#bankid-failure-text")).to_have_text("Du avbröt i BankID-appen.")
    expect(page).to_have_title("Fel: Logga in på MinaSidor – PreZero")
    provider.status = WAITING
    page.get_by_role("button", name="Försök igen").click()
    expect(page.locator("#bankid-qr svg")).to_be_visible()
    expect(page.locator("#bankid-failure")).to_be_hidden()
    expect(page.locator("h1")).to_be_focused()
    assert [start["launch"] for start in provider.starts] == ["qr"]


def test_a_failure_that_cannot_be_retried_has_no_button(provider: Provider) -> None:
    page = told(provider, CANCELLED | {"can_retry": False}).show("bankid-computer-qr")
    expect(page.locator("#bankid-failure")).to_be_visible()
    expect(page.locator("#bankid-start")).to_be_hidden()


def test_a_paused_code_waits_for_the_person(provider: Provider) -> None:
    page = told(provider, {"state": "paused", "launch": "qr", "message": ""}).show("bankid-computer-qr")
    expect(page.locator("#bankid-message")).to_have_text("Koden är pausad eftersom ingen har skannat den.")
    provider.status = WAITING
    page.get_by_role("button", name="Visa ny QR-kod").click()
    expect(page.locator("#bankid-qr svg")).to_be_visible()


def test_the_code_goes_away_when_the_app_has_it(provider: Provider) -> None:
    page = told(provider, WAITING).show("bankid-computer-idle")
    expect(page.locator("#bankid-qr svg")).to_be_visible()
    provider.tell({"state": "pending", "launch": "qr", "message": "Bekräfta i BankID-appen."})
    expect(page.locator("#bankid-qr-panel")).to_be_hidden()
    expect(page.locator("#bankid-message")).to_have_text("Bekräfta i BankID-appen.")
    expect(page.locator("#bankid-qr")).to_have_attribute("data-qr", "")


def test_the_page_moves_on_once(provider: Provider) -> None:
    done = {"state": "complete", "launch": "qr", "message": "Klart! Du skickas vidare.", "next": BASE}
    page = told(provider, done).show("bankid-computer-qr")
    page.wait_for_url(f"{ORIGIN}{BASE}")
    assert len([request for request in provider.requests if request.url == f"{ORIGIN}{BASE}"]) == 1


def test_the_ear_hears_of_the_seconds_at_ten_and_when_a_new_code_comes(provider: Provider) -> None:
    page = told(provider, WAITING | {"seconds_left": 12}).show("bankid-computer-qr")
    expect(page.locator("#bankid-countdown")).to_have_text("Koden gäller i 00:12")
    expect(page.locator("#bankid-aside")).to_be_empty()
    provider.tell(WAITING | {"seconds_left": 9})
    expect(page.locator("#bankid-aside")).to_have_text("Tio sekunder kvar. En ny kod kommer automatiskt.")
    provider.tell(WAITING | {"seconds_left": 30})
    expect(page.locator("#bankid-aside")).to_have_text("En ny kod visas nu.")


def test_a_code_that_is_renewed_keeps_its_place(provider: Provider) -> None:
    page = told(provider, WAITING | {"seconds_left": 11}).show("bankid-computer-qr")
    expect(page.locator("#bankid-qr svg")).to_be_visible()
    provider.tell(WAITING | {"seconds_left": 9})
    expect(page.locator("#bankid-aside")).to_have_text("Tio sekunder kvar. En ny kod kommer automatiskt.")
    place, button = page.locator("#bankid-qr").bounding_box(), page.locator("#bankid-other").bounding_box()
    run_out = WAITING | {"qr": "", "seconds_left": 0}
    for state, between in (("pending", run_out), ("starting", STARTING)):
        provider.tell(between)
        expect(page.locator("#bankid-qr")).to_have_class("qr is-old")
        expect(page.locator("#bankid")).to_have_attribute("data-state", state)
        expect(page.locator("#bankid-qr")).to_have_attribute("data-qr", "")
        expect(page.locator("#bankid-qr svg")).to_be_visible()
        expect(page.locator("#bankid-pulse")).to_be_hidden()
        assert page.locator("#bankid-qr").bounding_box() == place
        assert page.locator("#bankid-other").bounding_box() == button
    provider.tell(WAITING | {"seconds_left": 29})
    expect(page.locator("#bankid-aside")).to_have_text("En ny kod visas nu.")
    expect(page.locator("#bankid-qr")).to_have_class("qr")
    assert page.locator("#bankid-other").bounding_box() == button


def test_the_ear_hears_no_more_of_a_code_that_has_been_scanned(provider: Provider) -> None:
    page = told(provider, WAITING | {"seconds_left": 12}).show("bankid-computer-qr")
    expect(page.locator("#bankid-countdown")).to_have_text("Koden gäller i 00:12")
    provider.tell(WAITING | {"seconds_left": 9})
    expect(page.locator("#bankid-aside")).not_to_be_empty()
    provider.tell({"state": "pending", "launch": "qr", "message": "Bekräfta i BankID-appen."})
    expect(page.locator("#bankid-aside")).to_be_empty()


def test_a_phone_says_what_to_tap_then_that_it_opens_then_that_it_goes_on(provider: Provider) -> None:
    page = told(provider, OPENING | {"open_url": "#opened"}).show("bankid-phone-idle")
    message = page.locator("#bankid-message")
    expect(message).to_have_text("Tryck på Öppna BankID.")
    expect(page.locator("#bankid-pulse")).to_be_hidden()
    page.locator("#bankid-open").click()
    expect(message).to_have_text("Öppnar BankID-appen.")
    expect(page.locator("#bankid-pulse")).to_be_visible()
    page.evaluate("beSeen('hidden')")
    page.evaluate("beSeen('visible')")
    expect(message).to_have_text("Inloggningen pågår.")


def test_a_browser_without_modules_shows_the_code_and_reloads(provider: Provider) -> None:
    provider.without_modules = True
    page = provider.show("bankid-computer-qr")
    expect(page.locator("#bankid-qr img")).to_have_attribute("src", f"{BASE}/bankid/qr.svg")
    page.wait_for_event("load")
    expect(page.locator("#bankid-qr img")).to_have_count(1)
    assert provider.loads() == 2


@pytest.mark.parametrize("name", ["bankid-computer-idle", "bankid-computer-failed", "bankid-computer-stopped"])
def test_a_browser_without_modules_stays_where_nothing_runs(provider: Provider, name: str) -> None:
    provider.without_modules = True
    provider.show(name)
    provider.pass_time(60_000)
    assert provider.loads() == 1


def test_a_message_that_stays_the_same_is_not_written_again(provider: Provider) -> None:
    page = told(provider, WAITING).show("bankid-computer-qr")
    expect(page.locator("#bankid-qr svg")).to_be_visible()
    page.evaluate(
        "window.writings = 0;"
        "new MutationObserver((all) => { window.writings += all.length; })"
        ".observe(document.querySelector('[role=status]'), { childList: true, characterData: true, subtree: true })"
    )
    before = provider.polls
    for _ in range(3):
        provider.pass_time(POLL_MS)
    assert provider.polls >= before + 2
    assert page.evaluate("window.writings") == 0


def test_without_contact_the_page_says_so_waits_longer_and_recovers(provider: Provider) -> None:
    page = told(provider, WAITING).show("bankid-computer-qr")
    expect(page.locator("#bankid-qr svg")).to_be_visible()
    provider.stop_time()
    provider.failing = True
    asked = []
    for _ in range(8):
        before = provider.polls
        provider.pass_time(POLL_MS)
        asked.append(provider.polls - before)
    expect(page.locator("#bankid-message")).to_have_text("Ingen kontakt med oss just nu. Vi försöker igen.")
    assert asked == [1, 1, 0, 1, 0, 0, 0, 1]
    provider.failing = False
    page.clock.resume()
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator("#bankid-message")).to_have_text("Väntar på att du skannar koden.")


def test_a_hidden_page_rests_after_a_minute_and_asks_at_once_when_seen(provider: Provider) -> None:
    page = told(provider, WAITING).show("bankid-computer-qr")
    expect(page.locator("#bankid-qr svg")).to_be_visible()
    provider.stop_time()
    page.evaluate("beSeen('hidden')")
    before = provider.polls
    provider.pass_time(POLL_MS)
    assert provider.polls == before + 1
    page.clock.fast_forward(61_000)
    provider.pass_time(POLL_MS)
    rested = provider.polls
    provider.pass_time(10 * POLL_MS)
    assert provider.polls == rested
    page.clock.resume()
    provider.status = {"state": "complete", "launch": "qr", "message": "Klart!", "next": BASE}
    page.evaluate("beSeen('visible')")
    page.wait_for_url(f"{ORIGIN}{BASE}")


def test_a_tapped_link_that_opened_nothing_is_explained(provider: Provider) -> None:
    page = told(provider, OPENING | {"open_url": "#opened"}).show("bankid-phone-idle")
    page.locator("#bankid-open").click()
    provider.pass_time(3 * POLL_MS)
    expect(page.locator("#bankid-not-opened")).to_be_visible()


def test_a_link_that_nobody_tapped_is_renewed_in_silence(provider: Provider) -> None:
    provider.after_start = OPENING
    page = provider.show("bankid-phone-idle")
    expect(page.locator("#bankid-open")).to_be_visible()
    provider.status = CANCELLED | {"launch": "same_device"}
    provider.after_start = {"state": "starting", "launch": "same_device", "message": "Förbereder inloggningen."}
    place = page.locator("#bankid-open").bounding_box()
    page.clock.fast_forward(31_000)
    expect(page.locator("#bankid-open")).to_have_class("button is-old")
    assert page.locator("#bankid-open").bounding_box() == place
    expect(page.locator("#bankid-message")).to_have_text("Tryck på Öppna BankID.")
    provider.tell(OPENING | {"open_url": f"{OPEN}&again=1"})
    expect(page.locator("#bankid-open")).to_have_class("button")
    expect(page.locator("#bankid-open")).to_have_attribute("href", f"{OPEN}&again=1")
    expect(page.locator("#bankid-failure")).to_be_hidden()
    assert [start["launch"] for start in provider.starts] == ["same_device", "same_device"]


def test_a_link_that_was_tapped_and_ran_out_is_a_failure(provider: Provider) -> None:
    provider.after_start = OPENING | {"open_url": "#opened"}
    page = provider.show("bankid-phone-idle")
    page.locator("#bankid-open").click()
    provider.status = CANCELLED | {"launch": "same_device"}
    page.clock.fast_forward(31_000)
    expect(page.locator("#bankid-failure")).to_be_visible()
    assert len(provider.starts) == 1


def test_a_page_out_of_date_is_loaded_again_but_never_in_a_loop(provider: Provider) -> None:
    provider.start_status = 403
    page = provider.show("bankid-computer-idle")
    expect(page.locator("#bankid-failure-text")).to_have_text("Något gick fel. Försök igen.")
    loads = [request for request in provider.requests if request.url == f"{ORIGIN}{BASE}/bankid"]
    assert len(loads) == 2


def test_a_page_that_is_sent_on_to_itself_stops_and_offers_another_try(provider: Provider) -> None:
    done = {"state": "complete", "launch": "qr", "message": "Klart!", "next": f"{BASE}/bankid"}
    page = told(provider, done).show("bankid-computer-qr")
    expect(page.get_by_role("button", name="Försök igen")).to_be_visible()
    assert len([request for request in provider.requests if request.url == f"{ORIGIN}{BASE}/bankid"]) == 2


def test_the_page_breaks_no_rule_of_its_policy(provider: Provider) -> None:
    complaints: list[str] = []
    provider.context.on("console", lambda message: complaints.append(message.text))
    provider.context.on("weberror", lambda error: complaints.append(str(error.error)))
    page = told(provider, WAITING).show("bankid-computer-idle")
    expect(page.locator("#bankid-qr svg")).to_be_visible()
    assert complaints == []


def test_a_code_that_is_partly_off_screen_is_told(provider: Provider) -> None:
    page = told(provider, WAITING).show("bankid-computer-qr")
    expect(page.locator("#bankid-off-screen")).to_be_hidden()
    page.set_viewport_size({"width": 1280, "height": 300})
    expect(page.locator("#bankid-off-screen")).to_be_visible()


def test_a_start_that_is_refused_as_one_too_many_says_how_long_to_wait(provider: Provider) -> None:
    provider.start_status = 429
    provider.start_answer = {"state": "failed", "launch": None, "message": "Vänta 360 sekunder.", "can_retry": True}
    page = provider.show("bankid-computer-idle")
    expect(page.locator("#bankid-failure")).to_contain_text("Vänta 360 sekunder.")
    expect(page.locator("#bankid-start")).to_be_visible()
    assert len(provider.starts) == 1
