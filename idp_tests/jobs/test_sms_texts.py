import pytest

from idp.brand import Brand
from idp.core.messages import NEW_USER_SMS_KIND, Message, OutgoingSms, Undelivered
from idp.jobs.email_texts import TRANSLATIONS
from idp.jobs.sms_texts import TextMessages
from idp.web.language import Catalogs
from idp_tests.builders import NOW

PAYLOAD = {
    "to": "+46701740605",
    "person_name": "Anna Svensson",
    "customer_name": "Exempelbolaget AB",
    "linked_at": NOW.isoformat(),
    "freeze": "the-secret",
}


class Sent:
    def __init__(self) -> None:
        self.messages: list[OutgoingSms] = []

    def send(self, sms: OutgoingSms) -> None:
        self.messages.append(sms)

    def check(self) -> None:
        pass


def texts(sent: Sent) -> TextMessages:
    return TextMessages(
        catalogs=Catalogs.load(TRANSLATIONS), sender=sent, brand=Brand(name="PreZero"), issuer="https://id.example"
    )


def message(kind: str = NEW_USER_SMS_KIND) -> Message:
    return Message(id="m1", kind=kind, key="k", payload=PAYLOAD, created_at=NOW, tries=0)


def test_a_telephone_is_told_who_where_and_when_in_both_languages_with_one_way_to_freeze_it() -> None:
    sent = Sent()
    texts(sent).deliver(message(), NOW)
    [sms] = sent.messages
    assert (sms.id, sms.to) == ("m1", "+46701740605")
    swedish, english, link = sms.text.split("\n")
    assert swedish.startswith("PreZero: Anna Svensson fick 2026-05-05 14:00 tillgång till Exempelbolaget AB.")
    assert "gained access" in english
    assert link == "https://id.example/freeze?proof=the-secret"


def test_another_kind_is_no_text_message() -> None:
    with pytest.raises(Undelivered, match="unknown_kind"):
        texts(Sent()).deliver(message("mail.new_user"), NOW)
