import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from idp.adapters.database.engine import database
from idp.core.linking.second_person import SecondPerson
from idp_tests.browser import Browser
from idp_tests.builders import an_organisation_number
from idp_tests.customer_register import a_registered_customer, fill_register
from idp_tests.provider import Provider, restarted
from idp_tests.scripted_bankid import ANNA, BO
from idp_tests.web.messages import messages as waiting_messages

ON_FILE = a_registered_customer("10012345", email="anna.ek@bolaget.example")


@pytest.fixture
def asking(provider: Provider) -> Iterator[Provider]:
    """A provider whose policy is `contact`, with a contact on file and one person who is linked already."""
    with provider.parts.database.unit_of_work():
        fill_register(provider.parts.store.register, [ON_FILE], provider.clock())
    with restarted(provider, linking={"second_person": SecondPerson.CONTACT}) as other:
        other.browser().first_login(user=ANNA)
        yield other


def messages(provider: Provider) -> list[dict[str, Any]]:
    return waiting_messages(provider, "mail.contact_code")


def second(provider: Provider) -> Browser:
    """Somebody else, with a right claim."""
    return provider.browser().authorize().identify(BO).link()


def another(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def use_up_tries(browser: Browser, number: str = "10012345") -> Browser:
    """Until whole numbers are not looked at at this company."""
    for serial in range(4):
        browser.get(f"{browser.base}/link").submit(
            "/link", customer_number=number, last_four=an_organisation_number(serial)
        )
    return browser


@pytest.mark.each_database
def test_a_second_person_is_confirmed_by_a_code_to_the_contact_on_file(asking: Provider) -> None:
    browser = second(asking)
    assert browser.step == "contact_code"
    assert "Exempelbolaget AB använder redan tjänsten" in browser.page
    assert "a•••@bolaget.example" in browser.page
    assert "anna.ek@" not in browser.page
    assert messages(asking) == []
    browser.submit("/contact_code/send")
    assert 'autocomplete="one-time-code"' in browser.page
    [message] = messages(asking)
    assert message["to"] == "anna.ek@bolaget.example"
    assert browser.submit("/contact_code", code=message["code"]).step == "register"
    browser.register(email="bo@example.se")
    asking.clock.advance(seconds=5)
    assert "code" in browser.identify(BO).answer
    assert asking.scalar("SELECT assurance FROM links ORDER BY id DESC LIMIT 1") == "contact_confirmed"


def test_a_person_with_an_account_is_linked_at_once(asking: Provider) -> None:
    asking.browser().authorize().identify(BO).link("10012346", "7569").register(email="bo@example.se")
    asking.clock.advance(seconds=5)
    person = asking.scalar("SELECT id FROM people ORDER BY id DESC LIMIT 1")
    with asking.parts.database.unit_of_work():
        asking.parts.accounts.end_link(person, "10012346", asking.clock(), operator="eva", reason="support")
    browser = asking.browser().authorize().identify(BO).link()
    browser.submit("/contact_code/send")
    assert "code" in browser.submit("/contact_code", code=messages(asking)[0]["code"]).answer


def test_a_wrong_claim_does_not_tell_whether_a_company_has_users(asking: Provider) -> None:
    browser = asking.browser().authorize().identify(BO)
    pages = [_bare(browser.link(number, "0000").page).replace(number, "N") for number in ("10012345", "10012346")]
    assert re.sub(r"\d försök", "", pages[0]) == re.sub(r"\d försök", "", pages[1])


def test_a_company_without_users_asks_for_no_code(asking: Provider) -> None:
    assert asking.browser().authorize().identify(BO).link("10012346", "7569").step == "register"


def test_five_wrong_codes_end_the_code_and_another_can_be_sent(asking: Provider) -> None:
    browser = second(asking).submit("/contact_code/send")
    code = messages(asking)[0]["code"]
    assert "Koden har sex siffror" in browser.submit("/contact_code", code="12").page
    for left in ("4 försök kvar", "3 försök kvar", "2 försök kvar", "ett försök kvar", "gäller inte längre"):
        assert left in browser.submit("/contact_code", code=another(code)).page
    assert browser.status == 422
    assert 'name="code"' not in browser.page
    asking.clock.advance(seconds=1)
    browser.submit("/contact_code/send")
    assert browser.submit("/contact_code", code=messages(asking)[1]["code"]).step == "register"


def test_a_code_is_over_after_ten_minutes(asking: Provider) -> None:
    browser = second(asking).submit("/contact_code/send")
    form = browser.page
    asking.clock.advance(minutes=10)
    browser.page = form
    assert "gäller inte längre" in browser.submit("/contact_code", code=messages(asking)[0]["code"]).page


def test_a_code_of_one_login_or_person_opens_no_other(asking: Provider) -> None:
    second(asking).submit("/contact_code/send")
    other = second(asking).submit("/contact_code/send")
    first_code, second_code = (message["code"] for message in messages(asking))
    if first_code != second_code:
        assert "stämmer inte" in other.submit("/contact_code", code=first_code).page


def test_a_person_gets_three_codes_an_hour_and_reads_when_the_next_can_be_sent(asking: Provider) -> None:
    browser = second(asking)
    for _ in range(3):
        browser.submit("/contact_code/send")
    browser.submit("/contact_code/send")
    assert browser.status == 429
    assert "Du kan be om en ny kod om 60 minuter" in browser.page
    assert browser.get(browser.base).step == "contact_code"
    assert len(messages(asking)) == 3


def test_a_company_without_an_address_is_told_to_call(asking: Provider) -> None:
    with asking.parts.database.unit_of_work():
        fill_register(asking.parts.store.register, [a_registered_customer("10012345")], asking.clock())
    browser = second(asking)
    assert "vi har ingen e-postadress till företaget" in browser.page
    assert "/contact_code/send" not in browser.page


def test_another_company_can_be_proved_instead(asking: Provider) -> None:
    browser = second(asking)
    assert browser.get(f"{browser.base}/link").step == "link"
    assert "Du har valt" not in browser.page
    assert browser.link("10012346", "7569").step == "register"


@pytest.mark.each_database
def test_a_person_whose_tries_are_used_up_gets_in_by_a_code(asking: Provider, provider: Provider) -> None:
    del asking  # the policy is `notify`
    browser = use_up_tries(provider.browser().authorize().identify(BO))
    assert browser.status == 429
    browser.submit("/contact_code/send")
    assert "Om kundnumret 10012345 finns hos oss" in browser.page
    assert "bolaget" not in browser.page.lower().replace("företaget", "")
    assert browser.submit("/contact_code", code=messages(provider)[0]["code"]).step == "register"
    browser.register(email="bo@example.se")
    assert provider.scalar("SELECT assurance FROM links ORDER BY id DESC LIMIT 1") == "contact_confirmed"


def test_the_pages_for_a_number_that_reaches_somebody_and_one_that_does_not_are_the_same(asking: Provider) -> None:
    pages = []
    for number in ("10012345", "99999999"):
        browser = use_up_tries(asking.browser().authorize().identify(BO), number).submit("/contact_code/send")
        seen = [browser.page, browser.submit("/contact_code", code="000000").page]
        pages.append([_bare(page).replace(number, "N") for page in seen])
    assert pages[0] == pages[1]
    assert [message["to"] is None for message in messages(asking)] == [False, True]


def test_nobody_asks_for_a_code_by_number_who_may_still_try(asking: Provider) -> None:
    browser = asking.browser().authorize().identify(BO)
    token = re.findall(r'name="csrf_token" value="([^"]+)"', browser.page)[0]
    browser.post(f"{browser.base}/contact_code/send", csrf_token=token, customer_number="10012345")
    assert browser.step == "link"
    assert messages(asking) == []


def test_a_code_does_not_stand_in_the_database(asking: Provider) -> None:
    second(asking).submit("/contact_code/send")
    code = messages(asking)[0]["code"]
    with asking.app.app_context():
        rows = database.session.connection().exec_driver_sql("SELECT * FROM interactions").mappings().all()
    assert code not in json.dumps([dict(row) for row in rows], default=str)


def _bare(page: str) -> str:
    return re.sub(r"/signin/[\w-]+|value=\"[^\"]{20,}\"", "", page)
