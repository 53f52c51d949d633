import re
from dataclasses import replace
from ipaddress import ip_network

import pytest
from structlog.testing import capture_logs

from idp.core.identification.bankid.api import BankIdRefused, BankIdUnavailable, Failed, Pending, Risk
from idp.core.identification.bankid.qr_encoder import path
from idp_tests.browser import Browser
from idp_tests.builders import an_organisation_number
from idp_tests.provider import Provider, restarted
from idp_tests.qr_reader import read, rows
from idp_tests.scripted_bankid import ANNA, BO


def test_opening_the_page_starts_no_order(provider: Provider) -> None:
    provider.browser().authorize().get("/")
    provider.collect()
    assert provider.bankid.requests == []


def test_the_code_moves_every_second_and_its_secret_stays_here(provider: Provider) -> None:
    browser = provider.browser().authorize().start()
    frames = []
    for _ in range(3):
        shown = browser.look()
        frames.append(shown["qr"])
        assert "d28db9a7-4cde-429e-a983-359be676944c" not in str(shown)
        assert "order-1" not in str(shown)
        provider.clock.advance(seconds=1)
    assert frames[0] == (
        "bankid.67df3917-fa0d-44e5-b327-edcc928297f8.0.dc69358e712458a66a7525beef148ae8526b1c71610eff2c16cdffb4cdac9bf8"
    )
    assert len(set(frames)) == 3


def test_a_qr_order_has_no_start_link_and_a_same_device_order_no_code(provider: Provider) -> None:
    browser = provider.browser().authorize().start("qr")
    assert "open_url" not in browser.look()
    assert "autostarttoken" not in browser.get(f"{browser.base}/bankid").page
    browser.submit("/bankid/start", launch="same_device")
    provider.collect()
    shown = browser.look()
    assert "qr" not in shown
    assert "autostarttoken=start-" in shown["open_url"]


def test_switching_the_way_gives_up_the_first_order_at_bankid(provider: Provider) -> None:
    browser = provider.browser().authorize().start("qr")
    browser.get(f"{browser.base}/bankid").start("same_device")
    provider.collect()
    assert provider.bankid.cancelled == ["order-1"]


def test_an_unscanned_code_is_followed_by_another_without_a_word(provider: Provider) -> None:
    browser = provider.browser().authorize().start()
    for _ in range(3):
        provider.clock.advance(seconds=29)
        browser.look()
        provider.clock.advance(seconds=2)
        provider.bankid.tell(Failed("startFailed"))
        provider.collect()
        provider.collect()
        assert browser.look()["state"] == "pending"
    assert len(provider.bankid.requests) == 4


def test_after_three_minutes_the_code_is_paused(provider: Provider) -> None:
    browser = provider.browser().authorize().start()
    for _ in range(8):
        provider.clock.advance(seconds=25)
        browser.look()
        provider.bankid.tell(Failed("startFailed"))
        provider.collect()
        provider.collect()
    assert browser.look()["state"] == "paused"
    assert len(provider.bankid.requests) <= 8


def test_nobody_pays_for_codes_that_nobody_looks_at(provider: Provider) -> None:
    provider.browser().authorize().start()
    provider.clock.advance(seconds=31)
    provider.bankid.tell(Failed("startFailed"))
    provider.collect()
    provider.collect()
    assert len(provider.bankid.requests) == 1


def test_a_completed_order_waits_for_a_browser_that_slept(provider: Provider) -> None:
    browser = provider.browser().authorize().start()
    provider.clock.advance(seconds=3)
    provider.bankid.approve(ANNA)
    provider.collect()
    provider.clock.advance(minutes=9)
    assert browser.look()["next"] == browser.base
    assert browser.get(browser.base).step == "link"


@pytest.mark.each_database
def test_a_completion_logs_in_once(provider: Provider) -> None:
    browser = provider.browser().authorize().identify()
    assert provider.scalar("SELECT count(*) FROM bankid_orders WHERE state = 'used'") == 1
    browser.get(browser.base)
    assert browser.step == "link"
    assert provider.scalar("SELECT count(*) FROM authentications") == 1


def test_every_way_to_fail_is_told_with_a_way_on(provider: Provider) -> None:
    browser = provider.browser().authorize()
    for outcome, words in (
        (Failed("userCancel"), "Du avbröt i BankID-appen"),
        (Failed("expiredTransaction"), "Tiden gick ut"),
        (Failed("certificateErr"), "spärrat eller för gammalt"),
        (Failed("somethingNew"), ""),
    ):
        browser.start()
        provider.clock.advance(seconds=3)
        provider.bankid.tell(outcome)
        provider.collect()
        shown = browser.look()
        assert shown["state"] == "failed"
        assert shown["start"]["label"] == "Försök igen"
        assert words in shown["message"]
        browser.get(f"{browser.base}/bankid")
        assert "Försök igen" in browser.page


def test_a_failure_has_a_code_that_support_can_look_up_the_same_however_often_it_is_seen(provider: Provider) -> None:
    browser, codes = provider.browser().authorize(), []
    for _ in range(2):
        browser.start()
        provider.clock.advance(seconds=3)
        provider.bankid.tell(Failed("userCancel"))
        provider.collect()
        codes.append(browser.look()["code"])
        assert browser.look()["code"] == codes[-1]
        assert f'translate="no">{codes[-1]}</code>' in browser.get(f"{browser.base}/bankid").page
    assert codes[0] != codes[1]
    with provider.app.app_context():
        facts = provider.parts.store.incidents.find(codes[0])
    assert facts is not None
    assert (facts["page"], facts["message"], facts["hint_code"]) == ("bankid", "bankid.user_cancel", "userCancel")
    assert browser.base.endswith(facts["interaction_id"])


def test_an_unknown_hint_is_progress(provider: Provider) -> None:
    browser = provider.browser().authorize().start()
    provider.clock.advance(seconds=3)
    provider.bankid.tell(Pending("userDances"))
    provider.collect()
    shown = browser.look()
    assert shown["state"] == "pending"
    assert shown["message"] == "Inloggningen pågår."
    assert "qr" not in shown


def test_a_lost_answer_lets_the_person_try_again(provider: Provider) -> None:
    browser = provider.browser().authorize().start()
    provider.clock.advance(seconds=3)
    provider.bankid.answers.clear()
    provider.collect()
    assert browser.look()["state"] == "failed"


def test_bankid_out_of_reach_is_said_and_sent_to_the_client_when_the_person_leaves(provider: Provider) -> None:
    browser = provider.browser().authorize()
    provider.bankid.refuse_start = BankIdUnavailable("internalError")
    browser.start()
    shown = browser.look()
    assert shown["state"] == "failed"
    browser.submit("/leave") if "/leave" in browser.page else browser.submit("/bankid/cancel").submit("/leave")
    assert browser.answer["error"] in {"temporarily_unavailable", "access_denied"}


def test_a_person_who_waits_for_a_start_in_vain_is_told_and_tries_again(provider: Provider) -> None:
    browser = provider.browser().authorize().submit("/bankid/start", launch="qr")
    provider.clock.advance(seconds=15)
    assert browser.look()["state"] == "starting"
    provider.clock.advance(seconds=1)
    with capture_logs() as logs:
        shown = browser.look()
        browser.look()
        provider.clock.advance(seconds=9)
        browser.look()
    assert (shown["state"], shown["launch"], shown["start"]["launch"]) == ("failed", "qr", "qr")
    assert shown["message"] == "BankID svarar inte just nu. Vänta en stund och försök igen."
    assert [entry["log_level"] for entry in logs if entry["event"] == "order not started"] == ["warning"]
    assert "BankID svarar inte just nu" in browser.get(f"{browser.base}/bankid").page
    assert browser.start().look()["state"] == "pending"


def test_a_refused_start_names_the_reason(provider: Provider) -> None:
    browser = provider.browser().authorize()
    provider.bankid.refuse_start = BankIdRefused("alreadyInProgress")
    browser.start()
    assert "En annan inloggning pågår redan" in browser.look()["message"]


def test_high_risk_is_refused(provider: Provider) -> None:
    browser = provider.browser().authorize().start()
    provider.clock.advance(seconds=3)
    provider.bankid.approve(ANNA, risk=Risk.HIGH)
    provider.collect()
    browser.get(browser.base)
    assert browser.step == "bankid"
    assert "BankID stoppade inloggningen" in browser.page
    assert provider.scalar("SELECT count(*) FROM authentications") == 0


def test_a_start_link_sent_to_a_victim_does_not_log_the_attacker_in(provider: Provider) -> None:
    attacker = at("198.51.100.7", provider.browser()).authorize().start("same_device")
    provider.clock.advance(seconds=3)
    provider.bankid.approve(ANNA, device_ip="203.0.113.9", risk=None)
    provider.collect()
    attacker.get(attacker.base)
    assert attacker.step == "bankid"
    assert "på en annan enhet" in attacker.page
    assert provider.scalar("SELECT count(*) FROM sessions") == 0


def at(address: str, browser: Browser) -> Browser:
    """The browser, calling from there."""
    browser.client.environ_base["REMOTE_ADDR"] = address
    return browser


IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)
ANDROID = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36"
)
COMPUTER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36"


@pytest.mark.parametrize("agent", [ANDROID, IPHONE], ids=["android", "iphone"])
def test_where_the_app_comes_back_no_address_replaces_the_return(provider: Provider, agent: str) -> None:
    browser = at("198.51.100.7", provider.browser(**{"User-Agent": agent})).authorize().start("same_device")
    provider.clock.advance(seconds=3)
    provider.bankid.approve(ANNA, device_ip="198.51.100.7", risk=Risk.LOW)
    provider.collect()
    assert browser.get(browser.base).step == "bankid"
    assert browser.get(_return_path(provider)).step == "link"


@pytest.mark.parametrize(
    ("browsing", "approving", "risk", "step"),
    [
        ("198.51.100.7", "198.51.100.7", Risk.LOW, "link"),
        ("198.51.100.7", "198.51.100.7", Risk.MODERATE, "bankid"),
        ("198.51.100.7", "198.51.100.7", None, "bankid"),
        ("198.51.100.7", "203.0.113.9", Risk.LOW, "bankid"),
        ("2001:db8::7", "2001:db8::7", Risk.LOW, "link"),
        ("2001:db8::7", "2001:db8::9", Risk.LOW, "bankid"),
        ("2001:db8::7", "198.51.100.7", Risk.LOW, "bankid"),
    ],
    ids=["here", "moderate", "unknown", "elsewhere", "here by IPv6", "same home", "one of each kind"],
)
def test_a_computer_is_believed_at_the_very_same_address_and_low_risk(
    provider: Provider, browsing: str, approving: str, risk: Risk | None, step: str
) -> None:
    """BankID says low of nearly everybody: of the victim of a forwarded start link, too (CWE-384)."""
    browser = at(browsing, provider.browser(**{"User-Agent": COMPUTER})).authorize().start("same_device")
    provider.clock.advance(seconds=3)
    provider.bankid.approve(ANNA, device_ip=approving, risk=risk)
    provider.collect()
    assert browser.get(browser.base).step == step


def test_behind_a_proxy_that_cannot_be_read_nobody_is_at_the_same_address(provider: Provider) -> None:
    with restarted(provider, server={"trusted_proxies": (ip_network("10.0.0.0/8"),)}) as behind:
        agent = {"User-Agent": COMPUTER, "X-Forwarded-For": "unknown"}
        browser = at("10.0.0.1", behind.browser(**agent)).authorize().start("same_device")
        behind.clock.advance(seconds=3)
        behind.bankid.approve(ANNA, device_ip="10.0.0.1", risk=Risk.LOW)
        behind.collect()
        assert browser.get(browser.base).step == "bankid"


def test_a_computer_gets_a_code_where_the_settings_believe_no_address(provider: Provider) -> None:
    with restarted(provider, bankid={"same_address_suffices": False}) as strict:
        browser = strict.browser(**{"User-Agent": COMPUTER}).authorize()
        assert "Öppna BankID på den här enheten" not in browser.page
        browser.post(f"{browser.base}/bankid/start", launch="same_device", csrf_token=_token(browser))
        strict.collect()
        assert "qr" in browser.look()


def _token(browser: Browser) -> str:
    return browser.page.partition('name="csrf_token" value="')[2].partition('"')[0]


def test_only_a_person_at_a_page_keeps_a_session_from_idling(provider: Provider) -> None:
    browser = provider.browser().first_login().get("/").authorize(prompt="login")
    assert browser.step == "bankid"
    for minutes in (10, 10, 9):
        provider.clock.advance(minutes=minutes)
        browser.look()
    provider.clock.advance(minutes=2)
    assert browser.get("/").authorize(prompt="none").answer["error"] == "login_required"


def _return_path(provider: Provider) -> str:
    url = provider.bankid.requests[-1].return_url
    assert url is not None
    return url.removeprefix("https://id.example")


def test_the_return_to_the_same_browser_proves_the_device(provider: Provider) -> None:
    browser = provider.browser(**{"User-Agent": IPHONE}).authorize().start("same_device")
    provider.clock.advance(seconds=3)
    provider.bankid.approve(ANNA, device_ip="203.0.113.9", risk=None)
    provider.collect()
    browser.get(_return_path(provider))
    assert browser.step == "link"


def test_a_phone_is_told_what_to_tap_and_after_the_return_that_it_goes_on(provider: Provider) -> None:
    browser = provider.browser(**{"User-Agent": IPHONE}).authorize()
    browser.submit("/bankid/start", launch="same_device")
    assert browser.look()["message"] == "Förbereder inloggningen."
    provider.collect()
    assert browser.look()["message"] == "Tryck på Öppna BankID."
    browser.get(_return_path(provider))
    assert browser.look()["message"] == "Inloggningen pågår."
    assert "open_url" not in browser.look()


def test_a_return_in_another_browser_ends_the_order(provider: Provider) -> None:
    attacker = provider.browser(**{"User-Agent": IPHONE}).authorize().start("same_device")
    victim = provider.browser(**{"User-Agent": IPHONE})
    victim.get(_return_path(provider))
    assert "annan webbläsare" in victim.page
    assert 'href="https://minasidor.example/login?iss=https%3A%2F%2Fid.example"' in victim.page
    assert "BankID-appen öppnade en annan webbläsare" in attacker.look()["message"]
    provider.clock.advance(seconds=3)
    provider.bankid.approve(ANNA)
    provider.collect()
    attacker.get(attacker.base)
    assert attacker.step == "bankid"
    assert provider.scalar("SELECT count(*) FROM authentications") == 0


def test_a_native_client_is_brought_to_the_front_by_our_own_return_page(provider: Provider) -> None:
    client = provider.parts.clients.find("mittprezero")
    assert client is not None
    native = replace(client, bankid_return_uri="se.prezero.mittprezero:/back")
    provider.parts.clients.replace({"mittprezero": native})
    app = provider.browser(**{"User-Agent": IPHONE}).authorize("mittprezero").start("same_device")
    provider.clock.advance(seconds=3)
    provider.bankid.approve(ANNA, device_ip="203.0.113.9", risk=None)
    provider.collect()
    page = app.get(_return_path(provider)).page
    assert 'href="se.prezero.mittprezero:/back"' in page
    assert app.look()["next"] == app.base
    assert app.get(app.base).step == "link"


def test_a_return_with_a_wrong_nonce_proves_nothing(provider: Provider) -> None:
    browser = provider.browser(**{"User-Agent": IPHONE}).authorize().start("same_device")
    browser.get(_return_path(provider)[:-3] + "xyz")
    provider.clock.advance(seconds=3)
    provider.bankid.approve(ANNA, device_ip="203.0.113.9")
    provider.collect()
    assert browser.get(browser.base).step == "bankid"


def test_the_person_reads_in_the_app_whose_login_it_is(provider: Provider) -> None:
    provider.browser().authorize().start()
    text = provider.bankid.requests[-1].user_visible_data
    assert "MinaSidor" in text
    assert "Avbryt om någon annan har bett dig logga in" in text


def test_the_order_is_bound_to_the_very_request(provider: Provider) -> None:
    first = provider.browser().authorize(nonce="one").start()
    second = provider.browser().authorize(nonce="two").start()
    assert first.base != second.base
    hidden = {request.user_non_visible_data for request in provider.bankid.requests}
    assert len(hidden) == 2


def test_a_spoofed_address_never_reaches_bankid(provider: Provider) -> None:
    provider.browser(**{"X-Forwarded-For": "203.0.113.66"}).authorize().start()
    assert provider.bankid.requests[-1].end_user_ip == "127.0.0.1"


def test_the_session_cookie_is_new_at_every_login(provider: Provider) -> None:
    browser = provider.browser().first_login()
    before = _session_cookie(browser)
    browser.authorize(prompt="login").identify(ANNA)
    assert _session_cookie(browser) != before


@pytest.mark.each_database
def test_another_person_in_the_same_browser_never_inherits_the_session(provider: Provider) -> None:
    provider.browser().first_login(user=BO)
    browser = provider.browser().first_login(user=ANNA)
    anna = browser.redeem().get_json()
    browser.authorize(prompt="login").identify(BO)
    bo = browser.redeem().get_json()
    assert anna["access_token"] != bo["access_token"]
    assert provider.scalar("SELECT count(*) FROM sessions WHERE ended_at IS NULL") == 2


def _session_cookie(browser: Browser) -> str:
    jar = browser.client._cookies or {}
    return next(str(cookie.value) for cookie in jar.values() if "session" in cookie.key)


def test_the_page_draws_the_code_that_the_status_describes(provider: Provider) -> None:
    browser = provider.browser().authorize().start()
    shown = browser.look()
    assert read(rows(int(shown["modules"], 16))) == shown["qr"]
    assert f'<path d="{path(int(shown["modules"], 16))}"/>' in browser.get(f"{browser.base}/bankid").page


def test_a_form_that_no_script_took_over_leads_to_the_page_without_script(provider: Provider) -> None:
    browser = provider.browser().authorize().start()
    assert browser.path == f"{browser.base}/bankid?script=0"
    assert "bankid.js" not in browser.page
    browser = provider.browser().authorize().identify(ANNA).link().register().start()
    assert browser.path == f"{browser.base}/again?script=0"


def test_the_page_without_script_reloads_while_the_order_runs_until_it_is_stopped(provider: Provider) -> None:
    browser = provider.browser().authorize().start()
    page = f"{browser.base}/bankid"
    assert browser.get(f"{page}?script=0").response.headers["Refresh"] == "2"
    for other in (page, f"{page}?script=0&stop=1"):
        assert "Refresh" not in browser.get(other).response.headers
    provider.bankid.tell(Failed("userCancel"))
    provider.clock.advance(seconds=3)
    provider.collect()
    assert "Refresh" not in browser.get(f"{page}?script=0").response.headers, "nothing goes on by itself"


def test_a_person_who_comes_back_by_hand_is_not_left_alone(provider: Provider) -> None:
    browser = provider.browser(**{"User-Agent": IPHONE}).authorize().start("same_device")
    provider.clock.advance(seconds=3)
    provider.bankid.approve(ANNA)
    provider.collect()
    assert browser.look()["message"] == "Klart i BankID-appen, som tar dig tillbaka hit."
    provider.clock.advance(seconds=6)
    shown = browser.look()
    assert "har inte öppnat den här sidan igen" in shown["message"]
    assert (shown["start"]["label"], shown["other"]["label"]) == ("Försök igen", "Använd BankID på en annan enhet")
    assert browser.get(_return_path(provider)).step == "link", "and the return still counts"


def test_a_second_completion_right_after_another_persons_is_another_order(provider: Provider) -> None:
    browser = provider.browser().authorize().identify(ANNA).link().register()
    orders = []
    for user in (BO, ANNA):
        browser.get(f"{browser.base}/again").start()
        provider.clock.advance(seconds=2)
        provider.bankid.approve(user)
        provider.collect()
        shown = browser.look()
        assert shown["next"] == browser.base
        orders.append(shown["order"])
        browser.get(browser.base)
    assert browser.left_to is not None
    assert len(set(orders)) == 2


def test_a_form_from_another_site_is_refused(provider: Provider) -> None:
    browser = provider.browser().authorize()
    browser.headers["Origin"] = "https://evil.example"
    browser.submit("/bankid/start", launch="qr")
    assert browser.status == 403
    provider.collect()
    assert provider.bankid.requests == []


def test_a_form_without_its_token_is_refused(provider: Provider) -> None:
    browser = provider.browser().authorize()
    browser.post(f"{browser.base}/bankid/start", launch="qr")
    assert browser.status == 403


def test_the_page_after_registering_begins_with_no_order(provider: Provider) -> None:
    browser = provider.browser().authorize().identify(ANNA).link().register()
    assert browser.look()["state"] == "idle"
    assert re.search(r'id="bankid-start-form"[^>]*action="[^"]+"(?![^>]*hidden)', browser.page)


def test_pages_tell_their_own_forms_origin_and_other_sites_nothing(provider: Provider) -> None:
    browser = provider.browser().authorize()
    assert browser.response.headers["Referrer-Policy"] == "same-origin"
    browser.headers["Origin"] = "null"
    browser.submit("/bankid/start", launch="qr")
    assert browser.status == 403


IPAD = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15"


def test_an_ipad_that_calls_itself_a_mac_gets_the_apps_link_and_a_way_back(provider: Provider) -> None:
    browser = provider.browser(**{"User-Agent": IPAD}).authorize()
    browser.submit("/bankid/start", launch="same_device", touch_points="5")
    provider.collect()
    assert browser.look()["open_url"].startswith("https://app.bankid.com/")
    assert provider.bankid.requests[-1].return_url is not None
    assert 'data-device="phone"' in browser.get(f"{browser.base}/bankid").page


def test_an_error_in_the_middle_of_a_login_speaks_the_logins_language(provider: Provider) -> None:
    browser = provider.browser().authorize(ui_locales="en").identify(ANNA)
    for serial in range(5):
        browser.link(f"1001234{serial}", an_organisation_number(serial))
    assert browser.status == 429
    assert 'lang="en"' in browser.page


def test_a_short_stop_at_bankid_during_a_silent_restart_is_waited_out(provider: Provider) -> None:
    browser = provider.browser().authorize().start()
    provider.clock.advance(seconds=29)
    browser.look()
    provider.clock.advance(seconds=2)
    provider.bankid.tell(Failed("startFailed"))
    provider.collect()
    provider.bankid.refuse_start = BankIdUnavailable("maintenance", retryable=True)
    provider.collect()
    provider.bankid.refuse_start = None
    provider.clock.advance(seconds=2)
    provider.collect()
    assert browser.look()["state"] == "pending"


def test_somebody_whose_session_is_older_than_the_account_logs_in_again_on_the_page_that_says_so(
    provider: Provider,
) -> None:
    browser = provider.browser().authorize("partner").identify(ANNA)
    browser.submit("/consent", answer="allow")
    browser.authorize().identify(ANNA).link().register()
    assert browser.step == "again"
    assert "Steg 5 av 5" in browser.page


def test_another_language_keeps_the_page_stopped_and_its_notice(provider: Provider) -> None:
    browser = provider.browser().authorize()
    address = f"{browser.base}/bankid"
    said = "script=0&stop=1&other=1"
    expected = f'href="?{said}&lang=en"'.replace("&", "&amp;")
    assert expected in browser.get(f"{address}?{said}&x=canary").page
    assert 'href="?lang=en"' in browser.get(f"{address}?stop=0").page
