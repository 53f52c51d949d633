from collections.abc import Iterator

import pytest

from idp.core.linking.second_person import SecondPerson
from idp_tests.browser import Browser
from idp_tests.customer_register import a_registered_customer, fill_register
from idp_tests.provider import Provider, restarted
from idp_tests.scripted_bankid import ANNA, BO
from idp_tests.web.messages import messages

ON_FILE = a_registered_customer("10012345", email="info@bolaget.example")


@pytest.fixture
def asking(provider: Provider) -> Iterator[Provider]:
    """A provider whose policy is `approve`, with a contact on file and one person who is linked already."""
    with provider.parts.database.unit_of_work():
        fill_register(provider.parts.store.register, [ON_FILE], provider.clock())
    with restarted(provider, linking={"second_person": SecondPerson.APPROVE}) as other:
        other.browser().first_login(user=ANNA)
        yield other


def asker(provider: Provider) -> Browser:
    """Somebody else with a right claim, who has asked."""
    return provider.browser().authorize().identify(BO).link().submit("/approval", email="bo@example.se")


def answer(provider: Provider, choice: str) -> Browser:
    """Anna follows the link in her e-mail, logs in and answers."""
    page = f"/approvals/{messages(provider, 'mail.approval_asked')[-1]['approval_id']}"
    browser = provider.browser().get(page).get(f"{page}/log-in").identify(ANNA)
    assert browser.path == page
    return browser.submit(page, answer=choice)


@pytest.mark.each_database
def test_a_second_person_asks_is_approved_and_goes_on(asking: Provider) -> None:
    browser = asking.browser().authorize().identify(BO).link()
    assert browser.step == "approval"
    assert "Exempelbolaget AB använder redan tjänsten" in browser.page
    assert "Svensson" not in browser.page
    assert "Fyll i en e-postadress" in browser.submit("/approval", email="").page
    browser.submit("/approval", email="bo@example.se")
    assert "Du får ett mejl till bo@example.se" in browser.page
    assert {message["to"] for message in messages(asking, "mail.approval_asked")} == {
        "info@bolaget.example",
        "anna@example.se",
    }
    assert browser.get(browser.base).step == "approval"

    approver = answer(asking, "approve")
    assert "Frågan är besvarad: ja" in approver.page
    [told] = messages(asking, "mail.approval_answered")
    assert (told["to"], told["approved"]) == ("bo@example.se", True)

    assert browser.get(browser.base).step == "register"
    browser.register(email="bo@example.se")
    assert asking.scalar("SELECT assurance FROM links ORDER BY id DESC LIMIT 1") == "owner_approved"


def test_the_asker_may_leave_and_the_next_login_goes_on_where_it_was(asking: Provider) -> None:
    asker(asking)
    waiting = asking.browser().authorize().identify(BO)
    assert waiting.step == "approval"
    assert "Frågan är skickad" in waiting.page
    answer(asking, "approve")
    assert asking.browser().authorize("mittprezero").identify(BO).step == "register"


def test_a_refusal_is_told_and_another_company_may_be_proved(asking: Provider) -> None:
    browser = asker(asking)
    assert "Frågan är besvarad: nej" in answer(asking, "refuse").page
    assert "Du har inte fått tillgång" in browser.get(browser.base).page
    assert messages(asking, "mail.approval_answered")[0]["approved"] is False
    assert browser.get(f"{browser.base}/link").link("10012346", "7569").step == "register"
    again = asking.browser().authorize().identify(BO)
    assert again.step == "link"
    assert "Du har inte fått tillgång" in again.link().page


def test_the_first_answer_counts(asking: Provider) -> None:
    asker(asking)
    page = f"/approvals/{messages(asking, 'mail.approval_asked')[0]['approval_id']}"
    first = asking.browser().get(f"{page}/log-in").identify(ANNA)
    late = first.page
    first.submit(page, answer="refuse")
    first.page = late
    assert "Frågan är besvarad: nej" in first.submit(page, answer="approve").page
    assert len(messages(asking, "mail.approval_answered")) == 1


def test_only_who_is_linked_learns_who_asks(asking: Provider) -> None:
    asking.browser().authorize().identify(BO).link("10012346", "7569").register(email="bo@example.se")
    asking.clock.advance(seconds=5)
    browser = asker_with_account(asking)
    page = f"/approvals/{messages(asking, 'mail.approval_asked')[0]['approval_id']}"
    assert "Tolvan" not in asking.browser().get(page).page
    stranger = asking.browser().get(f"{page}/log-in").identify(BO)
    assert stranger.status == 404
    assert "Det finns ingen fråga att svara på" in stranger.page
    unknown = stranger.get(f"/approvals/{'0' * 32}")
    assert (unknown.status, unknown.page.count("Tolvan")) == (404, 0)
    assert browser.step == "approval"


def asker_with_account(provider: Provider) -> Browser:
    person = provider.scalar("SELECT id FROM people ORDER BY id DESC LIMIT 1")
    with provider.parts.database.unit_of_work():
        provider.parts.accounts.end_link(person, "10012346", provider.clock(), operator="eva", reason="support")
    browser = provider.browser().authorize().identify(BO).link()
    assert 'name="email"' not in browser.page
    browser.submit("/approval")
    with provider.parts.database.unit_of_work():
        store = provider.parts.store
        customer = store.customers.on_file("10012346")
        assert customer is not None
        from idp.core.people.customer import LinkAssurance

        store.links.link(
            person,
            customer.customer_id,
            "10012346",
            LinkAssurance.LEGACY_KNOWLEDGE,
            provider.clock(),
            fresh_until=provider.clock(),
        )
    return browser


def test_an_answer_needs_an_identification_of_the_last_ten_minutes(asking: Provider) -> None:
    asker(asking)
    page = f"/approvals/{messages(asking, 'mail.approval_asked')[0]['approval_id']}"
    browser = asking.browser().get(f"{page}/log-in").identify(ANNA)
    form = browser.page
    asking.clock.advance(minutes=11)
    browser.page = form
    browser.submit(page, answer="approve")
    assert "Logga in med BankID för att se vem det är" in browser.page
    assert messages(asking, "mail.approval_answered") == []


def test_an_approval_ends_with_the_link_of_who_gave_it(asking: Provider) -> None:
    browser = asker(asking)
    answer(asking, "approve")
    person = asking.scalar("SELECT person_id FROM links")
    with asking.parts.database.unit_of_work():
        asking.parts.accounts.end_link(person, "10012345", asking.clock(), operator="eva", reason="left")
    browser.get(browser.base)
    assert browser.step == "approval"
    assert "Be om tillgång" in browser.page


def test_a_request_is_over_after_seven_days(asking: Provider) -> None:
    asker(asking)
    page = f"/approvals/{messages(asking, 'mail.approval_asked')[0]['approval_id']}"
    asking.clock.advance(days=7)
    assert asking.browser().get(f"{page}/log-in").identify(ANNA).status == 404
    assert asking.browser().authorize().identify(BO).step == "link"


def test_asking_twice_asks_nobody_twice_and_three_times_a_day_are_enough(asking: Provider) -> None:
    asker(asking)
    asker_again = asking.browser().authorize().identify(BO)
    assert "Frågan är skickad" in asker_again.page
    assert len(messages(asking, "mail.approval_asked")) == 2


def test_a_login_for_our_own_pages_leads_nowhere_else(asking: Provider) -> None:
    for state in ("", "approvals/x", "https://evil.example", f"approvals/{'0' * 32}/x", "//evil.example"):
        assert asking.browser().get(f"/account/back?state={state}").status == 404
    token = asking.browser().get(f"/approvals/{'0' * 32}/log-in")
    assert token.step == "bankid"
