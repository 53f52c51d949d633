"""An order at BankID may cost: nobody makes us start them without end, from one browser, one address or one network."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_network
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from idp.settings_bankid import BankIdSettings
from idp_tests.browser import Browser
from idp_tests.provider import ISSUER, SETTINGS, Provider, restarted, run_provider
from idp_tests.scripted_bankid import ANNA

LIMITS = {"orders_per_browser": 3, "orders_per_address": 5, "orders_per_network": 8}


@pytest.fixture
def limited(database_url: str, provider_files: Path, tmp_path: Path) -> Iterator[Provider]:
    """A provider that lets few orders through."""
    directory = tmp_path / "provider"
    shutil.copytree(provider_files, directory)
    text = SETTINGS.format(database_url=database_url)
    for name, limit in LIMITS.items():
        assert f"{name} = 0" in text
        text = text.replace(f"{name} = 0", f"{name} = {limit}")
    (directory / "idp.toml").write_text(text)
    yield from run_provider(directory)


def _at(provider: Provider, address: str) -> Browser:
    browser = provider.browser()
    browser.client.environ_base["REMOTE_ADDR"] = address
    return browser.authorize()


def _press(browser: Browser) -> TestResponse:
    """What the page's script sends."""
    token = browser.page.partition('name="csrf_token" value="')[2].partition('"')[0]
    response = browser.client.post(
        f"{browser.base}/bankid/start",
        data={"launch": "qr", "csrf_token": token},
        headers={**browser.headers, "Accept": "application/json"},
        base_url=ISSUER,
    )
    browser.provider.collect()
    return response


def test_one_browser_starts_so_many_and_no_more_whatever_it_begins_again(limited: Provider) -> None:
    browser = _at(limited, "192.0.2.1")
    statuses = [_press(browser).status_code for _ in range(2)]
    clients = ("mittprezero", "minasidor", "minasidor")
    statuses += [_press(browser.authorize(client_id)).status_code for client_id in clients]
    assert statuses == [200, 200, 200, 429, 429]
    assert len(limited.bankid.requests) == 3


def test_a_browser_that_throws_its_cookies_away_is_counted_by_its_address(limited: Provider) -> None:
    statuses = [_press(_at(limited, "192.0.2.1")).status_code for _ in range(7)]
    assert statuses == [200] * 5 + [429] * 2
    assert _press(_at(limited, "192.0.2.2")).status_code == 200


@pytest.mark.parametrize(
    ("addresses", "limit"),
    [
        ([f"192.0.2.{host}" for host in range(1, 12)], "orders_per_network"),
        ([f"2001:db8:1:{net:x}::1" for net in range(1, 12)], "orders_per_network"),
        ([f"2001:db8:1:1::{host:x}" for host in range(1, 12)], "orders_per_address"),
        ([f"::ffff:192.0.2.{host}" for host in range(1, 12)], "orders_per_network"),
    ],
)
def test_a_whole_network_is_one_place(limited: Provider, addresses: list[str], limit: str) -> None:
    statuses = [_press(_at(limited, address)).status_code for address in addresses]
    assert statuses == [200] * LIMITS[limit] + [429] * (len(addresses) - LIMITS[limit])
    assert _press(_at(limited, "198.51.100.1")).status_code == 200


def test_what_is_refused_in_one_scope_costs_nothing_in_the_others(limited: Provider) -> None:
    greedy = _at(limited, "192.0.2.1")
    assert [_press(greedy).status_code for _ in range(20)].count(200) == 3
    assert [_press(_at(limited, "192.0.2.1")).status_code for _ in range(3)] == [200, 200, 429]


def test_an_address_that_the_caller_made_up_is_not_counted(limited: Provider) -> None:
    browsers = []
    for host in range(7):
        browser = limited.browser(**{"X-Forwarded-For": f"203.0.113.{host}"})
        browser.client.environ_base["REMOTE_ADDR"] = "192.0.2.1"
        browsers.append(browser.authorize())
    assert [_press(browser).status_code for browser in browsers] == [200] * 5 + [429] * 2


def test_people_behind_a_proxy_that_cannot_be_read_do_not_shut_one_another_out(limited: Provider) -> None:
    with restarted(limited, server={"trusted_proxies": (ip_network("10.0.0.0/8"),)}) as behind:
        statuses = [_press(_through_a_proxy(behind, "unknown")).status_code for _ in range(9)]
        assert statuses == [200] * 9
        statuses = [_press(_through_a_proxy(behind, "203.0.113.9:51234")).status_code for _ in range(6)]
        assert statuses == [200] * 5 + [429]
        assert behind.bankid.requests[-1].end_user_ip == "203.0.113.9"


def _through_a_proxy(provider: Provider, said: str) -> Browser:
    browser = provider.browser(**{"X-Forwarded-For": said})
    browser.client.environ_base["REMOTE_ADDR"] = "10.0.0.1"
    return browser.authorize()


@pytest.mark.each_database
def test_many_at_once_get_exactly_what_is_left(limited: Provider) -> None:
    browsers = [_at(limited, "192.0.2.1") for _ in range(12)]
    with ThreadPoolExecutor(6) as pool:
        statuses = sorted(response.status_code for response in pool.map(_press, browsers))
    assert statuses == [200] * 5 + [429] * 7


def test_the_refusal_says_how_long_to_wait_in_json_and_on_a_page(limited: Provider) -> None:
    browser = _at(limited, "192.0.2.1")
    for _ in range(3):
        _press(browser)
    limited.clock.advance(minutes=4)
    refused = _press(browser)
    assert refused.headers["Retry-After"] == "360"
    told = refused.get_json()
    assert (told["state"], "start" in told) == ("failed", True)
    assert "Vänta 6 minuter" in told["message"]
    browser.get(f"{browser.base}/bankid").submit("/bankid/cancel")
    browser.get(f"{browser.base}/bankid").submit("/bankid/start", launch="qr")
    assert browser.status == 429
    assert "Vänta 6 minuter" in browser.page
    assert 'id="error-code"' in browser.page


def test_a_refused_start_leaves_the_order_that_runs(limited: Provider) -> None:
    browser = _at(limited, "192.0.2.1")
    for _ in range(4):
        _press(browser)
    limited.clock.advance(seconds=3)
    limited.bankid.approve(ANNA)
    limited.collect()
    assert browser.get(browser.base).step == "link"


def test_after_the_wait_there_is_room_again(limited: Provider) -> None:
    browser = _at(limited, "192.0.2.1")
    assert [_press(browser).status_code for _ in range(4)] == [200, 200, 200, 429]
    limited.clock.advance(minutes=10)
    assert _press(browser).status_code == 200


def test_the_limits_that_nobody_has_set_are_those_of_a_large_household_and_a_large_network() -> None:
    """An address of a mobile network is thousands of people's; ten thousand starts from it reach BankID forty times."""
    limits = BankIdSettings.model_fields
    assert limits["orders_per_browser"].default <= 12
    assert limits["orders_per_address"].default == 40
    assert limits["orders_per_network"].default == 300


def test_asking_a_thousand_times_a_second_makes_no_call_to_bankid(limited: Provider) -> None:
    """Pages read our rows; the collector alone asks BankID, every other second, however many nodes run one."""
    with restarted(limited) as other:
        browser = _at(limited, "192.0.2.1").start()
        limited.bankid.collects = 0
        for _ in range(60):
            for _ in range(3):
                for _ in range(4):
                    assert browser.look()["state"] == "pending"
                limited.collect()
                other.collect()
            limited.clock.advance(seconds=1)
        assert 20 <= limited.bankid.collects <= 31


def test_pages_that_crawlers_open_start_nothing(limited: Provider) -> None:
    browser = _at(limited, "192.0.2.1")
    for ending in ("", "/bankid", "/bankid/status", "/bankid/qr.svg", "/bankid/back", "/bankid/start", "/again"):
        browser.get(f"{browser.base}{ending}")
    limited.collect()
    assert limited.bankid.requests == []


@pytest.mark.parametrize("act", ["start", "cancel", "back"])
def test_what_a_stranger_repeats_without_end_is_not_written_down_for_a_year(limited: Provider, act: str) -> None:
    """An audit row is kept long and sealed into a chain: before a login only what is bounded may write one."""
    browser = _at(limited, "192.0.2.1")
    start_page = browser.page
    for _ in range(3):
        _press(browser)
    browser.get(f"{browser.base}/bankid")
    running_page, base = browser.page, browser.base
    browser.submit("/bankid/cancel")
    before = limited.scalar("SELECT count(*) FROM audit")
    for _ in range(10):
        if act == "start":
            browser.path, browser.page = f"{base}/bankid", start_page
            assert _press(browser).status_code == 429
        elif act == "cancel":
            browser.page = running_page
            browser.submit("/bankid/cancel")
            assert browser.status == 200
        else:
            browser.get(f"{base}/bankid/back?n=guessed")
    assert limited.scalar("SELECT count(*) FROM audit") == before
