from collections.abc import Iterator
from datetime import timedelta

import pytest

from idp.core.linking.invitation import Invited, NoSuchCompany
from idp.core.linking.second_person import SecondPerson
from idp.core.people.contact import Email
from idp_tests.browser import Browser
from idp_tests.provider import Provider, restarted
from idp_tests.scripted_bankid import ANNA, BO
from idp_tests.web.messages import messages

TO = Email.parse("bo@example.se")


@pytest.fixture
def closed(provider: Provider) -> Iterator[Provider]:
    """A provider whose policy is `invite-only`, with one person who is linked already."""
    with restarted(provider, linking={"second_person": SecondPerson.INVITE_ONLY}) as other:
        other.browser().first_login(user=ANNA)
        yield other


def invited_by_support(provider: Provider) -> str:
    """The address in the e-mail."""
    with provider.parts.database.unit_of_work():
        answer = provider.parts.accounts.invite.for_support(
            "10012345", TO, provider.clock(), operator="eva", case_id="K-1"
        )
    assert answer == Invited(customer_name="Exempelbolaget AB")
    return f"/invitation?proof={messages(provider, 'mail.invitation')[-1]['secret']}"


def invited_by_anna(provider: Provider) -> str:
    customer = str(provider.scalar("SELECT customer_id FROM customer_numbers WHERE number = '10012345'"))
    with provider.parts.database.unit_of_work():
        anna = provider.parts.store.people.find(str(provider.scalar("SELECT person_id FROM links")))
        assert anna is not None
        provider.parts.accounts.invite.by_person(anna, customer, TO, provider.clock())
    return f"/invitation?proof={messages(provider, 'mail.invitation')[-1]['secret']}"


def accept(provider: Provider, link: str) -> Browser:
    return provider.browser().get(link).submit("/invitation")


def test_a_second_person_reads_how_to_be_invited_and_not_by_whom(closed: Provider) -> None:
    browser = closed.browser().authorize().identify(BO).link()
    assert browser.step == "invitation"
    assert "Exempelbolaget AB använder redan tjänsten" in browser.page
    assert "Svensson" not in browser.page
    assert browser.get(f"{browser.base}/link").link("10012346", "7569").step == "register"


@pytest.mark.each_database
def test_an_invited_person_logs_in_registers_and_is_in_without_any_digits(closed: Provider) -> None:
    browser = closed.browser().get(invited_by_anna(closed))
    assert "Anna Svensson bjuder in dig till Exempelbolaget AB" in browser.page
    assert "b•••@example.se" in browser.page
    browser.submit("/invitation").identify(BO)
    assert browser.step == "register"
    browser.register(email="bo@example.se")
    closed.clock.advance(seconds=5)
    browser.identify(BO)
    assert "Du har nu tillgång till Exempelbolaget AB" in browser.page
    assert closed.scalar("SELECT assurance FROM links ORDER BY id DESC LIMIT 1") == "owner_approved"
    assert "code" in closed.browser().authorize().identify(BO).answer


def test_a_person_with_another_company_is_let_in_by_the_word_of_customer_service(closed: Provider) -> None:
    closed.browser().authorize().identify(BO).link("10012346", "7569").register(email="bo@example.se")
    closed.clock.advance(seconds=5)
    browser = accept(closed, invited_by_support(closed)).identify(BO)
    assert "Du har nu tillgång till Exempelbolaget AB" in browser.page
    assert closed.scalar("SELECT assurance FROM links ORDER BY id DESC LIMIT 1") == "support_verified"


def test_an_invitation_that_was_taken_is_nobody_elses(closed: Provider) -> None:
    link = invited_by_support(closed)
    forwarded = closed.browser().get(link)
    accept(closed, link).identify(BO)
    assert "Inbjudan gäller inte" in forwarded.submit("/invitation").page
    late = closed.browser().get(link)
    assert late.status == 400
    assert "redan använd" in late.page


def test_a_login_that_was_left_can_be_finished_within_the_hour(closed: Provider) -> None:
    browser = accept(closed, invited_by_support(closed)).identify(BO)
    assert browser.step == "register"
    again = browser.authorize().identify(BO)
    assert again.step == "register"
    closed.clock.advance(minutes=61)
    assert browser.authorize("minasidor", prompt="login").identify(BO).step == "link"


def test_who_invited_cannot_take_the_own_invitation(closed: Provider) -> None:
    link = invited_by_anna(closed)
    closed.browser().authorize().identify(ANNA)
    browser = accept(closed, link).identify(ANNA)
    assert "eller din egen" in browser.page
    assert "Logga in med BankID" in closed.browser().get(link).page


def test_an_invitation_ends_after_seven_days_and_with_the_link_of_who_gave_it(closed: Provider) -> None:
    by_anna = invited_by_anna(closed)
    closed.clock.advance(seconds=1)
    by_support = invited_by_support(closed)
    with closed.parts.database.unit_of_work():
        person = str(closed.scalar("SELECT person_id FROM links"))
        closed.parts.accounts.end_link(person, "10012345", closed.clock(), operator="eva", reason="left")
    assert closed.browser().get(by_anna).status == 400
    assert closed.browser().get(by_support).status == 200
    closed.clock.advance(seconds=timedelta(days=7).total_seconds())
    assert closed.browser().get(by_support).status == 400


def test_opening_the_link_takes_nothing_and_a_made_up_one_is_over(closed: Provider) -> None:
    link = invited_by_support(closed)
    for _ in range(3):
        assert closed.browser().get(link).status == 200
    assert closed.scalar("SELECT count(*) FROM invitations WHERE taken_at IS NOT NULL") == 0
    for secret in ("", "x", "å", "a" * 5000):
        assert closed.browser().get(f"/invitation?proof={secret}").status == 400
    assert closed.browser().get("/invitation/taken").status == 400


def test_an_invitation_lets_in_under_the_default_policy_too(provider: Provider) -> None:
    provider.browser().first_login(user=ANNA)
    assert accept(provider, invited_by_support(provider)).identify(BO).step == "register"


def test_nobody_invites_to_a_company_that_is_not_there_or_not_the_own(closed: Provider) -> None:
    with closed.parts.database.unit_of_work():
        invite, anna = (
            closed.parts.accounts.invite,
            closed.parts.store.people.find(str(closed.scalar("SELECT person_id FROM links"))),
        )
        assert anna is not None
        assert invite.for_support("99999999", TO, closed.clock(), operator="eva", case_id="K") == NoSuchCompany()
        assert invite.by_person(anna, "0" * 32, TO, closed.clock()) == NoSuchCompany()


def test_the_secret_of_an_invitation_is_kept_as_a_hash_only(closed: Provider) -> None:
    secret = invited_by_support(closed).partition("=")[2]
    row = closed.scalar("SELECT secret_hash FROM invitations")
    assert secret.encode() not in bytes(row)
