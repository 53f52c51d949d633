"""The next step that an error page finds."""

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy.exc import OperationalError

from idp.assembly.web import make_error_page
from idp_tests.cases import each
from idp_tests.provider import ISSUER, Provider
from idp_tests.scripted_bankid import ANNA


def gone(*_: object, **__: object) -> None:
    raise OperationalError("", {}, Exception("gone"))


def form_again(page: str) -> dict[str, str]:
    form = page[page.index('id="again"') :].partition("</form>")[0]
    return {name: unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form)}


@each("key", ["locked", "company_locked", "blocked"])
def test_what_only_support_can_mend_is_a_call_away(provider: Provider, key: str) -> None:
    with provider.app.test_request_context("/signin/x/link", base_url=ISSUER):
        page = make_error_page(provider.parts)(key, 403, values={"wait": timedelta(hours=1)}).get_data(as_text=True)
    assert 'class="button" id="call" href="tel:0771000000"' in page


def test_a_page_that_failed_is_tried_again_at_its_own_address(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = provider.browser().authorize()
    with monkeypatch.context() as broken:
        broken.setattr("idp.web.signin.bankid.log_in.find_present", gone)
        browser.get(browser.path)
    assert browser.status == 503
    assert 'class="button" id="retry" href=""' in browser.page


def test_what_was_typed_is_sent_once_more_after_an_outage(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = provider.browser().authorize().identify(ANNA).link()
    with monkeypatch.context() as broken:
        broken.setattr("idp.core.signin.steps.register.SubmitContact.__call__", gone)
        browser.register(name="Anna S")
    assert browser.status == 503
    assert 'name="name" value="Anna S"' in browser.page
    assert browser.post(browser.path, **form_again(browser.page)).step == "again"
    assert provider.scalar("SELECT count(*) FROM people") == 1


def test_a_form_is_sent_once_more_with_the_token_it_had_and_no_other(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = provider.browser().authorize()
    monkeypatch.setattr("idp.adapters.database.interactions.DatabaseInteractions.find", gone)
    browser.post(f"{browser.base}/register", csrf_token="forged", name="Mallory")
    assert browser.page.count('name="csrf_token"') == browser.page.count('name="csrf_token" value="forged"')


def test_a_press_that_failed_leads_back_to_the_page_that_has_the_button(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = provider.browser().authorize()
    with monkeypatch.context() as broken:
        broken.setattr("idp.core.signin.leave.Leave.__call__", gone)
        browser.submit("/bankid/cancel").submit("/leave")
    assert browser.status == 503
    assert f'class="button" id="go-on" href="{browser.base}"' in browser.page


@each(
    "path, form, address",
    [
        ("/logout/answer", {"answer": "logout"}, "/logout"),
        ("/confirm-email", {"proof": "em_x&y"}, "/confirm-email?proof=em_x%26y"),
    ],
)
def test_a_form_that_lost_its_cookies_is_shown_once_more(
    provider: Provider, path: str, form: dict[str, str], address: str
) -> None:
    browser = provider.browser().post(path, **form)
    assert browser.status == 403
    assert f'class="button" id="retry" href="{address}"' in browser.page
