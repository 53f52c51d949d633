"""Emails: two languages, no markup, nothing a stranger typed, nothing that logs anybody in."""

import random
import re
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from idp.brand import Brand
from idp.core.messages import (
    ACCESS_ENDED_KIND,
    ACCOUNT_UNUSED_KIND,
    APPROVAL_ANSWERED_KIND,
    APPROVAL_ASKED_KIND,
    CONFIRM_EMAIL_KIND,
    CONTACT_CODE_KIND,
    INVITATION_KIND,
    LINK_FROZEN_KIND,
    LOGIN_KIND,
    NEW_USER_KIND,
    TRIES_GIVEN_BACK_KIND,
    USER_LEFT_KIND,
    Message,
    OutgoingEmail,
    Undelivered,
)
from idp.core.oidc.keys.reference_tokens import DeviceProof, ReferenceTokens, SecretKey
from idp.jobs.email_texts import CONFIRM_WITHIN, DISOWN_WITHIN, TRANSLATIONS, Emails
from idp.web.language import Catalogs
from idp_tests.builders import NOW

CATALOGS = Catalogs.load(TRANSLATIONS)
REFERENCE_TOKENS = ReferenceTokens(
    tokens=(SecretKey(version=1, value=b"s" * 32),), identity=SecretKey(version=1, value=b"i" * 32)
)
PERSON = "0193" * 8


class Outgoing:
    def __init__(self, problem: Undelivered | None = None) -> None:
        self.emails: list[OutgoingEmail] = []
        self.problem = problem

    def send(self, email: OutgoingEmail) -> None:
        if self.problem is not None:
            raise self.problem
        self.emails.append(email)

    def check(self) -> None: ...


def emails(sender: Outgoing | None = None, **brand: Any) -> Emails:
    return Emails(
        catalogs=CATALOGS,
        sender=sender or Outgoing(),
        brand=Brand(**brand),
        issuer="https://id.example",
        reference_tokens=lambda: REFERENCE_TOKENS,
    )


def registered(**changes: Any) -> Message:
    payload = {"to": "anna@example.se", "name": "Anna", "person_id": PERSON, "registered_at": NOW.isoformat()}
    return Message(id="m1", kind=CONFIRM_EMAIL_KIND, key="k", payload=payload | changes, created_at=NOW, tries=0)


def new_user(**changes: Any) -> Message:
    payload = {
        "to": "bo@example.se",
        "recipient": "linked_user",
        "customer_name": "Exempelbolaget AB",
        "customer_number": "10012345",
        "person_name": "Anna Svensson",
        "linked_at": NOW.isoformat(),
        "freeze": "the-secret",
        "freeze_until": (NOW + timedelta(days=30)).isoformat(),
    }
    return Message(id="m2", kind=NEW_USER_KIND, key="k", payload=payload | changes, created_at=NOW, tries=0)


def account_unused() -> Message:
    payload = {
        "to": "anna@example.se",
        "used_at": NOW.isoformat(),
        "erased_at": (NOW + timedelta(days=730)).isoformat(),
    }
    return Message(id="m5", kind=ACCOUNT_UNUSED_KIND, key="k", payload=payload, created_at=NOW, tries=0)


def access_ended(**changes: Any) -> Message:
    payload = {
        "to": "anna@example.se",
        "recipient": "person",
        "customer_name": "Exempelbolaget AB",
        "customer_number": "10012345",
        "ended_at": NOW.isoformat(),
    }
    return Message(id="m3", kind=ACCESS_ENDED_KIND, key="k", payload=payload | changes, created_at=NOW, tries=0)


def contact_code(**changes: Any) -> Message:
    payload = {
        "to": "info@example.se",
        "code": "042195",
        "customer_name": "Exempelbolaget AB",
        "customer_number": "10012345",
        "person_name": "Bo Ek",
        "expires_at": NOW.isoformat(),
    }
    return Message(id="m4", kind=CONTACT_CODE_KIND, key="k", payload=payload | changes, created_at=NOW, tries=0)


def test_a_code_says_who_asks_for_which_company_and_to_whom_it_is_given() -> None:
    text = emails().email(contact_code(), NOW).text
    for fact in ("Bo Ek", "Exempelbolaget AB", "10012345", "042195", "2026-05-05 14:00"):
        assert text.count(fact) >= 2
    assert "Lämna aldrig koden till någon som säger sig ringa från oss" in text


def approval_asked(**changes: Any) -> Message:
    payload = {
        "to": "anna@example.se",
        "approval_id": "0" * 32,
        "person_name": "Bo Ek",
        "customer_name": "Exempelbolaget AB",
        "customer_number": "10012345",
        "asked_at": NOW.isoformat(),
    }
    return Message(id="m5", kind=APPROVAL_ASKED_KIND, key="k", payload=payload | changes, created_at=NOW, tries=0)


def approval_answered(**changes: Any) -> Message:
    payload = {"to": "bo@example.se", "approved": True, "customer_name": "Exempelbolaget AB"}
    return Message(id="m6", kind=APPROVAL_ANSWERED_KIND, key="k", payload=payload | changes, created_at=NOW, tries=0)


def test_a_request_says_who_asks_for_which_company_and_where_it_is_answered() -> None:
    text = emails().email(approval_asked(), NOW).text
    for fact in ("Bo Ek", "Exempelbolaget AB", "10012345", "2026-05-05 14:00"):
        assert text.count(fact) >= 2
    assert text.count(f"https://id.example/approvals/{'0' * 32}") == 2


@pytest.mark.parametrize(("approved", "words"), [(True, "Du har fått tillgång"), (False, "Du har inte fått tillgång")])
def test_who_asked_is_told_the_answer(approved: bool, words: str) -> None:
    assert words in emails().email(approval_answered(approved=approved), NOW).subject


def invitation(**changes: Any) -> Message:
    payload = {
        "to": "bo@example.se",
        "secret": "s" * 43,
        "customer_name": "Exempelbolaget AB",
        "inviter_name": "Anna Svensson",
        "expires_at": NOW.isoformat(),
    }
    return Message(id="m7", kind=INVITATION_KIND, key="k", payload=payload | changes, created_at=NOW, tries=0)


@pytest.mark.parametrize(
    ("inviter", "words"), [("Anna Svensson", "Anna Svensson bjuder in dig"), (None, "Kundservice")]
)
def test_an_invitation_says_who_invites_to_what_and_leads_to_the_page_that_takes_it(
    inviter: str | None, words: str
) -> None:
    text = emails().email(invitation(inviter_name=inviter), NOW).text
    assert words in text
    assert text.count("Exempelbolaget AB") == 2
    assert text.count(f"https://id.example/invitation?proof={'s' * 43}") == 2


def test_a_message_for_nobody_is_delivered_by_sending_nothing() -> None:
    outgoing = Outgoing()
    emails(outgoing).deliver(contact_code(to=None), NOW)
    assert outgoing.emails == []


def login(**changes: Any) -> Message:
    payload = {
        "to": "anna@example.se",
        "reason": "new_device",
        "device_id": PERSON,
        "browser": "Chrome, Windows",
        "logged_in_at": NOW.isoformat(),
    }
    return Message(id="m5", kind=LOGIN_KIND, key="k", payload=payload | changes, created_at=NOW, tries=0)


def user_left(**changes: Any) -> Message:
    payload = {
        "to": "info@example.se",
        "customer_name": "Exempelbolaget AB",
        "customer_number": "10012345",
        "person_name": "Anna Svensson",
        "left_at": NOW.isoformat(),
    }
    return Message(id="m6", kind=USER_LEFT_KIND, key="k", payload=payload | changes, created_at=NOW, tries=0)


def test_who_left_a_company_is_told_to_its_contact() -> None:
    text = emails().email(user_left(), NOW).text
    for fact in ("Anna Svensson", "Exempelbolaget AB", "10012345", "2026-05-05 14:00"):
        assert text.count(fact) >= 2


def test_a_login_with_a_new_device_is_told_with_its_browser_and_its_time_in_sweden() -> None:
    email = emails().email(login(), NOW)
    assert email.subject == "Ny inloggning på ditt konto hos PreZero"
    assert "2026-05-05 14:00" in email.text
    assert "förut: Chrome, Windows." in email.text
    assert "before: Chrome, Windows." in email.text


def test_a_browser_that_nobody_knows_is_called_so_in_each_language() -> None:
    text = emails().email(login(reason="unusual", browser=""), NOW).text
    assert "(okänd webbläsare)" in text
    assert "(unknown browser)" in text


def test_the_link_in_it_disowns_that_login_for_two_weeks() -> None:
    found = re.search(r"https://id\.example/not-me\?proof=(\S+)", emails().email(login(), NOW).text)
    assert found is not None
    assert REFERENCE_TOKENS.read_device_proof(found.group(1)) == DeviceProof(
        device_id=PERSON, expires_at=NOW + DISOWN_WITHIN
    )


def test_a_new_account_is_confirmed_in_swedish_and_then_in_english() -> None:
    email = emails().email(registered(), NOW)
    assert (email.to, email.id) == ("anna@example.se", "m1")
    assert email.subject == "Bekräfta din e-postadress hos PreZero"
    assert email.text.index("Ett användarkonto") < email.text.index("A user account")


def test_a_company_is_told_that_customer_service_gave_its_people_another_try() -> None:
    payload = {"to": "info@bolaget.se", "customer_name": "Exempelbolaget AB", "at": NOW.isoformat()}
    message = Message(id="m5", kind=TRIES_GIVEN_BACK_KIND, key="k", payload=payload, created_at=NOW, tries=0)
    text = emails().email(message, NOW).text
    assert text.count("Exempelbolaget AB") == text.count("2026-05-05 14:00") == 2


def test_a_new_user_can_be_frozen_by_the_address_in_the_notice_until_a_day_that_is_named() -> None:
    text = emails().email(new_user(), NOW).text
    assert text.count("https://id.example/freeze?proof=the-secret") == 2
    assert text.count("2026-06-04 14:00") == 2


def test_a_person_whose_link_was_frozen_is_told_with_the_case() -> None:
    payload = {
        "to": "anna@example.se",
        "customer_name": "Exempelbolaget AB",
        "frozen_at": NOW.isoformat(),
        "reference": "ABCD2345",
    }
    message = Message(id="m6", kind=LINK_FROZEN_KIND, key="k", payload=payload, created_at=NOW, tries=0)
    text = emails().email(message, NOW).text
    for fact in ("Exempelbolaget AB", "2026-05-05 14:00", "ABCD2345"):
        assert text.count(fact) == 2


def test_a_person_who_types_somebody_elses_address_sends_them_no_own_words() -> None:
    email = emails().email(registered(name="Vinn pris på http://evil.example <b>nu</b>"), NOW)
    assert "evil" not in email.subject + email.text


def test_a_thousand_names_change_no_letter_of_what_is_sent_to_an_address_that_somebody_typed() -> None:
    def letter(name: str) -> OutgoingEmail:
        email = emails().email(registered(name=name), NOW)
        return replace(email, text=re.sub(r"proof=\S+", "proof", email.text))

    plain, draw = letter("Anna"), random.Random(1)
    pieces = (
        "http://evil.example",
        "\r\nBcc: all@example.se",
        "<a href=//evil>",
        "{link}",
        "%s",
        "\0",
        "å",
        "\u202e",
        " ",
    )
    for _ in range(1_000):
        name = "".join(draw.choices(pieces, k=draw.randint(1, 5)))
        assert letter(name) == plain


def test_a_new_user_is_told_with_who_where_and_when() -> None:
    text = emails().email(new_user(), NOW).text
    for fact in ("Anna Svensson", "Exempelbolaget AB", "10012345", "2026-05-05 14:00"):
        assert text.count(fact) == 2


@pytest.mark.parametrize(
    ("at", "shown"),
    [("2026-01-31T23:30:00+00:00", "2026-02-01 00:30"), ("2026-07-01T12:00:00+00:00", "2026-07-01 14:00")],
)
@pytest.mark.parametrize("name", ["UTC", "Asia/Tokyo"])
def test_a_time_is_that_of_the_people_wherever_the_machine_stands(
    at: str, shown: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TZ", name)
        time.tzset()
        texts = [
            emails().email(message, NOW).text for message in (registered(registered_at=at), new_user(linked_at=at))
        ]
    time.tzset()
    assert [text.count(shown) for text in texts] == [2, 2]


def test_another_company_has_its_own_time() -> None:
    text = emails(time_zone="Europe/Helsinki").email(new_user(), NOW).text
    assert text.count("2026-05-05 15:00") == 2


@pytest.mark.parametrize("recipient", ["person", "contact_on_file"])
def test_who_lost_access_by_a_number_that_moved_is_told_which_when_and_what_to_do(recipient: str) -> None:
    email = emails().email(access_ended(recipient=recipient), NOW)
    for fact in ("Exempelbolaget AB", "10012345", "2026-05-05 14:00"):
        assert email.text.count(fact) >= 2
    assert "nuvarande kundnummer" in email.text
    assert "present customer number" in email.text
    assert ("Din tillgång" in email.subject) is (recipient == "person")


def test_who_has_not_logged_in_for_long_reads_since_when_until_when_and_what_keeps_the_account() -> None:
    email = emails().email(account_unused(), NOW)
    for fact in ("2026-05-05 14:00", "2028-05-04 14:00"):
        assert email.text.count(fact) == 2
    assert "Logga in med BankID före dess" in email.text
    assert "Log in with BankID before then" in email.text


@pytest.mark.parametrize(
    "message",
    [
        *(registered(), new_user(), access_ended(), contact_code(), login(), user_left()),
        account_unused(),
        *(approval_asked(), approval_answered(), invitation()),
    ],
)
def test_an_email_has_no_markup_and_no_address_but_our_own_that_confirms_asks_or_ends_something(
    message: Message,
) -> None:
    email = emails(support_phone="0771-00 00 00").email(message, NOW)
    rest = re.sub(
        r"https://id\.example/((confirm-email|not-me|freeze|invitation)\?proof=|approvals/)\S+",
        "",
        email.subject + email.text,
    )
    assert not re.search(r"https?:|www\.|[<>]", rest)


def test_customer_services_number_is_in_the_email_when_there_is_one() -> None:
    assert emails(support_phone="0771-12 34 56").email(registered(), NOW).text.count("0771-12 34 56") == 2
    assert "Kundservice:" not in emails().email(registered(), NOW).text


def test_a_name_that_may_not_be_shown_does_not_keep_the_notice_back() -> None:
    text = emails().email(new_user(person_name="An\nna <script>\u202e"), NOW).text
    assert "Anna script " in text


def test_a_mail_server_that_refuses_is_tried_again_unless_it_refuses_for_good() -> None:
    for final in (True, False):
        with pytest.raises(Undelivered) as problem:
            emails(Outgoing(Undelivered("refused", final=final))).deliver(registered(), NOW)
        assert problem.value.final is final


def test_an_email_is_sent() -> None:
    outgoing = Outgoing()
    emails(outgoing).deliver(new_user(), NOW)
    assert [email.to for email in outgoing.emails] == ["bo@example.se"]


def test_no_text_is_left_over() -> None:
    names = (
        *("registered", "new_user", "contact_code", "access_ended", "number_moved", "new_device", "unusual"),
        *("approval_asked", "approval_given", "approval_refused", "tries_given_back", "link_frozen", "user_left"),
        *("invitation", "invitation_by_support", "account_unused"),
    )
    used = {f"mail.{name}.{part}" for name in names for part in ("subject", "text", "not_you")}
    assert CATALOGS.texts["sv"].keys() == used | {
        "mail.unknown_browser",
        "mail.support",
        "mail.support.phone",
        "mail.sign_off",
        "sms.new_user",
    }


def test_the_link_proves_the_address_it_was_sent_to_and_no_other() -> None:
    email = emails().email(registered(), NOW)
    found = re.search(r"https://id\.example/confirm-email\?proof=(\S+)", email.text)
    assert found is not None
    proof = REFERENCE_TOKENS.read_address_proof(found.group(1), lambda _: "Anna@example.se")
    assert proof is not None
    assert (proof.person_id, proof.expires_at) == (PERSON, NOW + CONFIRM_WITHIN)
    assert REFERENCE_TOKENS.read_address_proof(found.group(1), lambda _: "eve@example.se") is None
