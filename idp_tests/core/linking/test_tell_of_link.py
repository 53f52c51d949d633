from dataclasses import replace
from datetime import timedelta
from typing import Any

from idp.core.linking.freeze_secrets import Held
from idp.core.linking.ports import Concerned
from idp.core.linking.prove_claim import Proved
from idp.core.linking.tell_of_link import TellOfLink
from idp_tests.builders import NOW
from idp_tests.recorder import Recorder

PROVED = Proved(customer_id="c1", number="10012345")
ALONE = Concerned(customer_name="Bolaget AB", person_name="Anna Andersson", contact_on_file=None, colleagues={})
MONTH = timedelta(days=30)


def tell(concerned: Concerned, *, by_sms: bool = True) -> Recorder:
    secrets = iter(("first", "second", "third"))
    ports = Recorder({"links.concerned": concerned, "freeze_secrets.give_out": lambda *_, **__: next(secrets)})
    use_case = TellOfLink(
        links=ports.port("links"),
        freeze_secrets=ports.port("freeze_secrets"),
        outbox=ports.port("outbox"),
        freeze_within=MONTH,
        by_sms=by_sms,
    )
    use_case("p1", PROVED, NOW)
    return ports


def told(concerned: Concerned, *, by_sms: bool = True) -> dict[str, tuple[str, dict[str, Any]]]:
    """Kind and notice, by address."""
    put = [arguments for name, arguments, _ in tell(concerned, by_sms=by_sms).calls if name == "outbox.put"]
    assert len({key for _, key, _, _ in put}) == len(put)
    return {payload["to"]: (kind, payload) for kind, _, payload, _ in put}


def test_the_contact_on_file_and_every_colleague_are_told_who_was_linked_by_which_number_and_can_freeze_it() -> None:
    notices = told(replace(ALONE, contact_on_file="info@bolaget.se", colleagues={"p2": "bo@bolaget.se"}))
    assert {to: notice["recipient"] for to, (_, notice) in notices.items()} == {
        "info@bolaget.se": "contact_on_file",
        "bo@bolaget.se": "linked_user",
    }
    assert notices["bo@bolaget.se"] == (
        "mail.new_user",
        {
            "to": "bo@bolaget.se",
            "recipient": "linked_user",
            "customer_name": "Bolaget AB",
            "customer_number": "10012345",
            "person_name": "Anna Andersson",
            "linked_at": NOW.isoformat(),
            "freeze": "second",
            "freeze_until": (NOW + MONTH).isoformat(),
        },
    )


def test_each_reader_has_a_secret_for_this_very_link() -> None:
    ports = tell(replace(ALONE, contact_on_file="info@bolaget.se", colleagues={"p2": "bo@bolaget.se"}))
    given = [call[1:] for call in ports.calls if call[0] == "freeze_secrets.give_out"]
    assert given == [
        (
            (Held(person_id="p1", customer_id="c1", linked_at=NOW, told=told), NOW),
            {"until": NOW + MONTH},
        )
        for told in ("contact_on_file", "linked_user")
    ]


def test_a_colleague_who_is_the_contact_on_file_is_told_once() -> None:
    notices = told(replace(ALONE, contact_on_file="bo@bolaget.se", colleagues={"p2": "bo@bolaget.se"}))
    assert [notice["recipient"] for _, notice in notices.values()] == ["contact_on_file"]


def test_a_contact_who_has_a_telephone_only_is_told_by_text_message() -> None:
    by_phone = replace(ALONE, phone_on_file="+46701740605")
    assert [(to, kind) for to, (kind, _) in told(by_phone).items()] == [("+46701740605", "sms.new_user")]
    with_both = replace(by_phone, contact_on_file="info@bolaget.se")
    assert [(to, kind) for to, (kind, _) in told(with_both).items()] == [("info@bolaget.se", "mail.new_user")]


def test_no_text_message_is_written_that_would_never_leave() -> None:
    assert told(replace(ALONE, phone_on_file="+46701740605"), by_sms=False) == {}


def test_a_new_user_of_a_company_without_anybody_is_told_to_nobody() -> None:
    assert told(ALONE) == {}
