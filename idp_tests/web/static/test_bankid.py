"""The BankID page in a browser: when an order is started, what is shown, and when the page asks or rests."""

from typing import Any

import pytest
from playwright.sync_api import expect

from idp.core.identification.bankid.order import Order, OrderState
from idp_tests.web.showcase import BASE, OPEN, STARTED, an_order_of, status_of
from idp_tests.web.static.stand_in import ORIGIN, POLL_MS, PROBE, Provider

pytestmark = pytest.mark.browser


def order(launch: str, state: OrderState = OrderState.PENDING, **changes: Any) -> Order:
    return an_order_of(launch, state, **changes)


WAITING = status_of("computer", order("qr"))
QR = WAITING["qr"]
LATER = {second: status_of("computer", order("qr"), seconds=30 - second) for second in (27, 30, 29, 12, 11, 9)}
RUN_OUT = status_of("computer", order("qr"), seconds=30)
STARTING = status_of("computer", order("qr", OrderState.WANTED, restarts=1))
SIGNING = status_of("computer", order("qr", hint_code="userSign", hint_since=STARTED))
OPENING = status_of("phone", order("same_device"))
OPENED = {**OPENING, "open_url": "#opened"}
CANCELLED = status_of("computer", order("qr", OrderState.FAILED, hint_code="userCancel"))
LINK_RUN_OUT = status_of("phone", order("same_device", OrderState.FAILED, hint_code="startFailed"))
DONE = status_of("computer", order("qr", OrderState.COMPLETE, completed_at=STARTED)) | {"order": "0a1b2c3d"}


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
    expect(page.locator("#bankid-failure-code")).to_have_text("K7QM2XPA")
    expect(page).to_have_title("Fel: Logga in på MinaSidor – PreZero")
    provider.status = WAITING
    page.get_by_role("button", name="Försök igen").click()
    expect(page.locator("#bankid-qr svg")).to_be_visible()
    expect(page.locator("#bankid-failure")).to_be_hidden()
    expect(page.locator("h1")).to_be_focused()
    assert [start["launch"] for start in provider.starts] == ["qr"]


def test_a_paused_code_waits_for_the_person(provider: Provider) -> None:
    page = told(provider, status_of("computer", order("qr", OrderState.FAILED, hint_code="paused"))).show(
        "bankid-computer-qr"
    )
    expect(page.locator("#bankid-message")).to_have_text("Koden är pausad eftersom ingen har skannat den.")
    provider.status = WAITING
    page.get_by_role("button", name="Visa ny QR-kod").click()
    expect(page.locator("#bankid-qr svg")).to_be_visible()


def test_the_code_goes_away_when_the_app_has_it(provider: Provider) -> None:
    page = told(provider, WAITING).show("bankid-computer-idle")
    expect(page.locator("#bankid-qr svg")).to_be_visible()
    provider.tell(SIGNING)
    expect(page.locator("#bankid-qr-panel")).to_be_hidden()
    expect(page.locator("#bankid-message")).to_have_text(SIGNING["message"])
    expect(page.locator("#bankid-qr")).to_have_attribute("data-qr", "")


def test_the_page_moves_on_once(provider: Provider) -> None:
    page = told(provider, DONE).show("bankid-computer-qr")
    page.wait_for_url(f"{ORIGIN}{BASE}")
    assert len([request for request in provider.requests if request.url == f"{ORIGIN}{BASE}"]) == 1


def test_the_ear_hears_of_the_seconds_at_ten_and_when_a_new_code_comes(provider: Provider) -> None:
    page = told(provider, LATER[12]).show("bankid-computer-qr")
    expect(page.locator("#bankid-countdown")).to_have_text("Koden gäller i 00:12")
    expect(page.locator("#bankid-aside")).to_be_empty()
    provider.tell(LATER[9])
    expect(page.locator("#bankid-aside")).to_have_text("Tio sekunder kvar. En ny kod kommer automatiskt.")
    provider.tell(LATER[30])
    expect(page.locator("#bankid-aside")).to_have_text("En ny kod visas nu.")


def test_a_code_that_is_renewed_keeps_its_place(provider: Provider) -> None:
    page = told(provider, LATER[11]).show("bankid-computer-qr")
    expect(page.locator("#bankid-qr svg")).to_be_visible()
    provider.tell(LATER[9])
    expect(page.locator("#bankid-aside")).to_have_text("Tio sekunder kvar. En ny kod kommer automatiskt.")
    place, button = page.locator("#bankid-qr").bounding_box(), page.locator("#bankid-other").bounding_box()
    for state, between in (("pending", RUN_OUT), ("starting", STARTING)):
        provider.tell(between)
        expect(page.locator("#bankid-qr")).to_have_class("qr is-old")
        expect(page.locator("#bankid")).to_have_attribute("data-state", state)
        expect(page.locator("#bankid-qr")).to_have_attribute("data-qr", "")
        expect(page.locator("#bankid-qr svg")).to_be_visible()
        expect(page.locator("#bankid-pulse")).to_be_hidden()
        assert page.locator("#bankid-qr").bounding_box() == place
        assert page.locator("#bankid-other").bounding_box() == button
    provider.tell(LATER[29])
    expect(page.locator("#bankid-aside")).to_have_text("En ny kod visas nu.")
    expect(page.locator("#bankid-qr")).to_have_class("qr")
    assert page.locator("#bankid-other").bounding_box() == button


def test_the_ear_hears_no_more_of_a_code_that_has_been_scanned(provider: Provider) -> None:
    page = told(provider, LATER[12]).show("bankid-computer-qr")
    expect(page.locator("#bankid-countdown")).to_have_text("Koden gäller i 00:12")
    provider.tell(LATER[9])
    expect(page.locator("#bankid-aside")).not_to_be_empty()
    provider.tell(SIGNING)
    expect(page.locator("#bankid-aside")).to_be_empty()


def test_a_phone_says_what_to_tap_then_that_it_opens_then_that_it_goes_on(provider: Provider) -> None:
    page = told(provider, OPENED).show("bankid-phone-idle")
    message = page.locator("#bankid-message")
    expect(message).to_have_text("Tryck på Öppna BankID.")
    expect(page.locator("#bankid-pulse")).to_be_hidden()
    page.locator("#bankid-open").click()
    expect(message).to_have_text("Öppnar BankID-appen.")
    expect(page.locator("#bankid-pulse")).to_be_visible()
    page.evaluate("beSeen('hidden')")
    page.evaluate("beSeen('visible')")
    expect(message).to_have_text("Inloggningen pågår.")


@pytest.mark.parametrize("name", ["bankid-computer-idle", "bankid-phone-idle"])
def test_where_scripts_are_blocked_the_button_comes_and_leads_to_the_page_without(
    provider: Provider, name: str
) -> None:
    provider.blocked = True
    page = provider.show(name)
    expect(page.locator("#bankid-start")).to_be_visible()
    page.locator("#bankid-start").click()
    page.wait_for_url(f"{ORIGIN}{BASE}/bankid/start")
    assert provider.starts == [], "the form went by itself, and the provider answers it with ?script=0"


def test_where_scripts_are_blocked_a_running_order_shows_its_code_and_a_way_on(provider: Provider) -> None:
    provider.blocked = True
    page = provider.show("bankid-computer-qr")
    expect(page.locator("#bankid-qr svg path")).to_be_visible()
    page.get_by_role("link", name="Fortsätt ändå").click()
    page.wait_for_url(f"{ORIGIN}{BASE}/bankid?script=0")


def test_where_the_script_works_nothing_speaks_of_browsers_without(provider: Provider) -> None:
    page = told(provider, WAITING).show("bankid-computer-qr")
    expect(page.locator("#bankid")).to_have_attribute("data-script", "yes")
    expect(page.locator(".without-script")).to_be_hidden()


def test_the_script_draws_what_the_server_describes_and_the_page_shows_the_same_without(provider: Provider) -> None:
    page = told(provider, WAITING).show("bankid-computer-qr")
    drawn = provider.html.partition('<path d="')[2].partition('"')[0]
    expect(page.locator("#bankid")).to_have_attribute("data-script", "yes")
    provider.pass_time(POLL_MS)
    assert page.locator("#bankid-qr path").get_attribute("d") == drawn


def test_a_second_completion_within_seconds_moves_on_too(provider: Provider) -> None:
    page = told(provider, DONE).show("bankid-computer-qr")
    page.wait_for_url(f"{ORIGIN}{BASE}")
    provider.status = DONE | {"order": "another1"}
    page.goto(f"{ORIGIN}{BASE}/bankid")
    page.wait_for_url(f"{ORIGIN}{BASE}")


def test_a_browser_that_withholds_its_storage_moves_on(provider: Provider) -> None:
    provider.context.add_init_script(
        "Object.defineProperty(window, 'sessionStorage', { get() { throw new DOMException('no', 'SecurityError'); } });"
    )
    page = told(provider, DONE).show("bankid-computer-qr")
    page.wait_for_url(f"{ORIGIN}{BASE}")


def test_a_person_who_comes_back_by_hand_gets_buttons(provider: Provider) -> None:
    came_back = order("same_device", OrderState.COMPLETE, return_nonce_hash="n", completed_at=STARTED)
    page = told(provider, status_of("phone", came_back)).show("bankid-phone-open")
    expect(page.locator("#bankid-message")).to_have_text("Klart i BankID-appen, som tar dig tillbaka hit.")
    expect(page.locator("#bankid-start")).to_be_hidden()
    provider.tell(status_of("phone", came_back, seconds=6))
    expect(page.get_by_role("button", name="Försök igen")).to_be_visible()
    expect(page.get_by_role("button", name="Använd BankID på en annan enhet")).to_be_visible()


def test_the_first_browser_says_why_the_login_went_to_another(provider: Provider) -> None:
    strayed = order("same_device", OrderState.FAILED, hint_code="anotherBrowser")
    page = told(provider, status_of("phone", strayed)).show("bankid-phone-open")
    expect(page.locator("#bankid-failure-text")).to_contain_text("öppnade en annan webbläsare")
    expect(page.locator("#bankid-start")).to_have_text("Använd BankID på en annan enhet")
    expect(page.locator("#bankid-other")).to_be_hidden()
    expect(page.locator("#page-address")).to_have_value("https://a.example/go")
    provider.status = WAITING
    page.locator("#bankid-start").click()
    expect(page.locator("#bankid-qr svg")).to_be_visible()
    assert [start["launch"] for start in provider.starts] == ["qr"], "and not what would stray again"


def test_a_web_view_copies_a_link_that_works_in_any_browser(provider: Provider) -> None:
    page = provider.show("bankid-phone-embedded")
    page.locator("#copy-link").click()
    expect(page.locator("#copy-status")).to_have_text("Länken är kopierad.")
    expect(page.locator("#page-address")).to_have_value("https://a.example/go")


def test_what_is_about_to_be_confirmed_is_not_given_up_by_a_tap(provider: Provider) -> None:
    signing = order("same_device", hint_code="userSign", hint_since=STARTED)
    page = told(provider, status_of("phone", signing)).show("bankid-phone-open")
    expect(page.locator("#bankid-message")).to_contain_text("Bekräfta i BankID-appen")
    for name in ("bankid-open-row", "bankid-start", "bankid-other"):
        expect(page.locator(f"#{name}")).to_be_hidden()
    expect(page.locator("#bankid-cancel")).to_be_visible()


def test_an_empty_box_does_not_ask_to_be_scanned(provider: Provider) -> None:
    provider.after_start = status_of("computer", order("qr", OrderState.WANTED))
    page = provider.show("bankid-computer-idle")
    expect(page.locator("#bankid-qr-panel")).to_be_visible()
    expect(page.locator("#bankid-message")).to_have_text("Förbereder inloggningen.")


def test_a_phone_logs_in_again_with_one_tap(provider: Provider) -> None:
    page = told(provider, OPENING).show("again-phone")
    expect(page.locator("#bankid-open")).to_be_visible()
    assert [start["launch"] for start in provider.starts] == ["same_device"]


def test_without_contact_the_code_is_no_code_any_more(provider: Provider) -> None:
    page = told(provider, WAITING).show("bankid-computer-qr")
    expect(page.locator("#bankid-countdown")).to_have_text("Koden gäller i 00:27")
    provider.failing = True
    provider.pass_time(2 * POLL_MS)
    expect(page.locator("#bankid-qr")).to_have_class("qr is-old")
    expect(page.locator("#bankid-qr")).to_have_attribute("data-qr", "")
    expect(page.locator("#bankid-countdown")).to_be_empty()
    provider.failing = False
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator("#bankid-qr")).to_have_class("qr")
    expect(page.locator("#bankid-qr")).to_have_attribute("data-qr", QR)
    page.evaluate("window.dispatchEvent(new Event('offline'))")
    expect(page.locator("#bankid-qr")).to_have_class("qr is-old")


def test_a_translated_page_is_not_translated_again_every_second(provider: Provider) -> None:
    page = told(provider, WAITING).show("bankid-computer-qr")
    expect(page.locator("#bankid")).to_have_attribute("data-script", "yes")
    page.evaluate(
        "document.querySelectorAll('#bankid-message, #bankid-other').forEach((element) => {"
        "  const font = document.createElement('font'); font.textContent = 'Waiting'; element.replaceChildren(font); })"
    )
    for _ in range(3):
        provider.pass_time(POLL_MS)
    expect(page.locator("#bankid-message font")).to_have_text("Waiting")
    expect(page.locator("#bankid-other font")).to_have_text("Waiting")
    provider.tell(SIGNING)
    expect(page.locator("#bankid-message")).to_have_text(SIGNING["message"])


def test_the_message_about_a_cut_code_stands_above_it(provider: Provider) -> None:
    page = told(provider, WAITING).show("bankid-computer-qr")
    expect(page.locator("#bankid-qr svg")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 500})
    expect(page.locator("#bankid-off-screen")).to_be_visible()
    above, code = page.locator("#bankid-off-screen").bounding_box(), page.locator("#bankid-qr").bounding_box()
    assert above is not None
    assert code is not None
    assert above["y"] + above["height"] <= code["y"]


def test_an_old_page_is_loaded_again_when_the_server_is_of_another_release(provider: Provider) -> None:
    page = told(provider, WAITING | {"release": "/static/0123456789ab"}).show("bankid-computer-qr")
    page.wait_for_url("**/bankid?reloaded=1")
    expect(page.locator("#bankid")).to_have_attribute("data-script", "yes")
    expect(page.locator("#bankid-countdown")).to_have_text("Koden gäller i 00:27")
    assert provider.loads() == 2, "with nodes of both releases it is not a loop"


def test_a_computer_tells_the_address_that_another_host_name_sees_when_the_app_is_opened_here(
    provider: Provider,
) -> None:
    page = told(provider, WAITING).show("bankid-computer-qr", probes=PROBE, question="i1~1~00")
    expect(page.locator("#bankid")).to_have_attribute("data-script", "yes")
    assert provider.probed == []
    page.locator("#bankid-other").click()
    expect(page.locator("h1")).to_be_focused()
    provider.pass_time(POLL_MS)
    assert provider.probed == ["i1~1~00"]
    assert [start.get("seen_address") for start in provider.starts] == ["signed"]


def test_our_own_fault_is_shown_by_the_page_that_has_an_error_code(provider: Provider) -> None:
    page = told(provider, WAITING).show("bankid-computer-qr")
    expect(page.locator("#bankid")).to_have_attribute("data-script", "yes")
    provider.broken = True
    page.wait_for_url("**/bankid?reloaded=1")


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
    provider.status = DONE
    page.evaluate("beSeen('visible')")
    page.wait_for_url(f"{ORIGIN}{BASE}")


def test_a_tapped_link_that_opened_nothing_is_explained(provider: Provider) -> None:
    page = told(provider, OPENED).show("bankid-phone-idle")
    page.locator("#bankid-open").click()
    provider.pass_time(3 * POLL_MS)
    expect(page.locator("#bankid-not-opened")).to_be_visible()


def test_a_link_that_nobody_tapped_is_renewed_in_silence(provider: Provider) -> None:
    provider.after_start = OPENING
    page = provider.show("bankid-phone-idle")
    expect(page.locator("#bankid-open")).to_be_visible()
    provider.status = LINK_RUN_OUT
    provider.after_start = status_of("phone", order("same_device", OrderState.WANTED))
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
    provider.after_start = OPENED
    page = provider.show("bankid-phone-idle")
    page.locator("#bankid-open").click()
    provider.status = LINK_RUN_OUT
    page.clock.fast_forward(31_000)
    expect(page.locator("#bankid-failure")).to_be_visible()
    assert len(provider.starts) == 1


def test_a_page_out_of_date_is_loaded_again_but_never_in_a_loop(provider: Provider) -> None:
    provider.start_status = 403
    page = provider.show("bankid-computer-idle")
    expect(page.locator("#bankid-failure-text")).to_have_text("Något gick fel. Försök igen.")
    assert provider.loads() == 2


def test_a_page_that_is_sent_on_to_itself_stops_and_offers_another_try(provider: Provider) -> None:
    page = told(provider, DONE | {"next": f"{BASE}/bankid"}).show("bankid-computer-qr")
    expect(page.get_by_role("button", name="Försök igen")).to_be_visible()
    assert provider.loads() == 2


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


@pytest.mark.parametrize("width", [390, 1280])
def test_on_paper_the_code_is_missing_and_nobody_is_told_to_scroll_to_it(provider: Provider, width: int) -> None:
    page = told(provider, WAITING).show("bankid-computer-qr")
    page.set_viewport_size({"width": width, "height": 300})
    expect(page.locator("#bankid-off-screen")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.get_by_text("QR-koden kan inte skrivas ut")).to_be_visible()
    expect(page.locator("#bankid-qr")).to_be_hidden()
    expect(page.locator("#bankid-off-screen")).to_be_hidden()


def test_a_start_that_is_refused_as_one_too_many_says_how_long_to_wait(provider: Provider) -> None:
    provider.start_status = 429
    provider.start_answer = CANCELLED | {"message": "Vänta 360 sekunder."}
    page = provider.show("bankid-computer-idle")
    expect(page.locator("#bankid-failure")).to_contain_text("Vänta 360 sekunder.")
    expect(page.locator("#bankid-start")).to_be_visible()
    assert len(provider.starts) == 1
