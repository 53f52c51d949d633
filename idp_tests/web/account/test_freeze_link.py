import re
from contextlib import ExitStack
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from idp.adapters.database.engine import unit_of_work
from idp.core.languages import LANGUAGES
from idp.core.messages import LINK_FROZEN_KIND, NEW_USER_KIND
from idp_tests.browser import Browser
from idp_tests.customer_register import a_registered_customer, fill_register
from idp_tests.provider import Provider, restarted
from idp_tests.relying_party import RelyingParty
from idp_tests.scripted_bankid import ANNA, BO


@pytest.fixture
def told(provider: Provider) -> Provider:
    """The company has a contact on file."""
    with unit_of_work(provider.app):
        company = a_registered_customer("10012345", email="info@bolaget.se")
        fill_register(provider.parts.store.register, [company], provider.clock())
    return provider


def notices(provider: Provider, kind: str = NEW_USER_KIND) -> list[dict[str, Any]]:
    with unit_of_work(provider.app):
        now = provider.clock()
        waiting = provider.parts.store.outbox.lease_due("test", now, now, 99)
        for message in waiting:
            provider.parts.store.outbox.give_back(message.id, "test")
    return [dict(message.payload) for message in waiting if message.kind == kind]


def link_of(provider: Provider) -> str:
    [notice] = notices(provider)
    return f"/freeze?proof={notice['freeze']}"


def active(provider: Provider) -> bool:
    return int(provider.scalar("SELECT count(*) FROM links WHERE suspended_at IS NULL")) == 1


def userinfo(browser: Browser, access_token: str, provider: Provider) -> int:
    client = provider.app.test_client(use_cookies=False)
    bearer = {"Authorization": f"Bearer {access_token}"}
    return client.get("/userinfo", headers=bearer, base_url="https://id.example").status_code


@pytest.mark.each_database
def test_a_freeze_link_ends_the_persons_tokens_and_sessions_on_every_node_and_tells_the_clients(told: Provider) -> None:
    """T-C11 of the security specification."""
    anna = told.browser().first_login()
    token = anna.redeem().get_json()["access_token"]
    with ExitStack() as stack:
        other_node = stack.enter_context(restarted(told))
        assert userinfo(anna, token, other_node) == 200
        reader = told.browser().get(link_of(told))
        assert "Anna Svensson" in reader.page
        assert "Exempelbolaget AB" in reader.page
        reader.submit("/freeze")
        assert reader.status == 200
        assert "Tillgången är spärrad." in reader.page
        assert [userinfo(anna, token, node) for node in (told, other_node)] == [401, 401]
    assert not active(told)
    assert told.scalar("SELECT count(*) FROM sessions WHERE ended_at IS NULL") == 0
    assert told.scalar("SELECT count(*) FROM outbox WHERE kind = 'backchannel_logout'") == 1
    reference = re.findall(r'id="reference">([^<]+)<', reader.page)[0]
    [mail] = notices(told, LINK_FROZEN_KIND)
    assert (mail["to"], mail["reference"]) == ("anna@example.se", reference)
    assert told.browser().authorize().identify(ANNA).link().status == 403


def test_opening_the_link_freezes_nothing_since_scanners_do_it(told: Provider) -> None:
    told.browser().first_login()
    told.browser().get(link_of(told))
    assert active(told)


def test_a_link_that_was_used_says_so_and_names_the_same_case(told: Provider) -> None:
    told.browser().first_login()
    reader = told.browser().get(link_of(told)).submit("/freeze")
    first = re.findall(r'id="reference">([^<]+)<', reader.page)
    again = told.browser().get(link_of(told))
    assert "Tillgången är redan spärrad." in again.page
    assert re.findall(r'id="reference">([^<]+)<', again.page) == first
    assert 'action="/freeze"' not in again.page


def test_a_late_and_an_unknown_link_say_what_to_do(told: Provider) -> None:
    told.browser().first_login()
    late = link_of(told)
    told.clock.advance(days=31)
    for path in (late, "/freeze?proof=unknown", "/freeze"):
        reader = told.browser().get(path)
        assert reader.status == 400
        assert "Länken fungerar inte längre." in reader.page
    assert active(told)


def test_a_link_that_has_ended_needs_no_freezing(told: Provider) -> None:
    told.browser().first_login()
    with unit_of_work(told.app):
        person_id = str(told.scalar("SELECT id FROM people"))
        told.parts.store.links.end(person_id, "10012345", told.clock(), reason="support")
    assert "Personen har inte längre tillgång." in told.browser().get(link_of(told)).page


def test_a_person_who_is_linked_again_later_is_not_frozen_by_the_old_link(told: Provider) -> None:
    told.browser().first_login()
    old = link_of(told)
    with unit_of_work(told.app):
        person_id = str(told.scalar("SELECT id FROM people"))
        told.parts.store.links.end(person_id, "10012345", told.clock(), reason="support")
    told.clock.advance(hours=2)
    told.browser().authorize().identify(ANNA).link()
    reader = told.browser().get(old)
    assert "Personen har inte längre tillgång." in reader.page
    assert told.scalar("SELECT count(*) FROM links WHERE suspended_at IS NULL AND ended_at IS NULL") == 1


def test_a_colleague_has_a_link_as_well_and_whoever_is_second_reads_that_it_is_done(told: Provider) -> None:
    told.browser().first_login(user=BO)
    told.browser().first_login(user=ANNA)
    about_anna = [notice for notice in notices(told) if notice["person_name"] == "Anna Svensson"]
    assert {notice["recipient"] for notice in about_anna} == {"contact_on_file", "linked_user"}
    pages = [
        told.browser().get(f"/freeze?proof={notice['freeze']}").submit("/freeze").page for notice in about_anna[:1]
    ]
    pages += [told.browser().get(f"/freeze?proof={notice['freeze']}").page for notice in about_anna[1:]]
    assert "Tillgången är spärrad." in pages[0]
    assert "Tillgången är redan spärrad." in pages[1]


def test_nothing_of_the_secret_is_in_the_database(told: Provider) -> None:
    told.browser().first_login()
    secret = parse_qs(urlsplit(link_of(told)).query)["proof"][0]
    assert told.scalar(f"SELECT count(*) FROM freeze_secrets WHERE secret_hash = '{secret}'") == 0
    assert told.scalar("SELECT count(*) FROM freeze_secrets") == 1


def test_the_page_is_in_both_languages(told: Provider) -> None:
    told.browser().first_login()
    english = told.browser(**{"Accept-Language": "en"}).get(link_of(told))
    assert "Freeze the access" in english.page
    assert len(LANGUAGES) == 2


def test_the_tokens_of_others_go_on(told: Provider) -> None:
    bo = told.browser().first_login(user=BO)
    token = bo.redeem().get_json()["access_token"]
    told.browser().first_login(user=ANNA)
    notice = next(notice for notice in notices(told) if notice["person_name"] == "Anna Svensson")
    told.browser().get(f"/freeze?proof={notice['freeze']}").submit("/freeze")
    assert RelyingParty(told).call("/introspect", token=token) is not None
    assert userinfo(bo, token, told) == 200
