from dataclasses import replace
from datetime import timedelta
from typing import Any

from idp.core.accounts.freeze_link import Asked, FreezeLink, Frozen, FrozenBefore, LinkGone, TooLate
from idp.core.evidence.bundle import ActKind, written_time
from idp.core.link_events import LinkFrozen
from idp.core.linking.freeze_secrets import Held, Known, SpentSecret
from idp.core.linking.ports import OnFile
from idp_tests.builders import NOW, a_customer, a_person
from idp_tests.cases import each
from idp_tests.recorder import Recorder

HELD = Held(person_id="p1", customer_id="c1", linked_at=NOW, told="contact_on_file")
ANNA = a_person(links=(a_customer("c1"),))


def use_case(ports: Recorder) -> FreezeLink:
    ports.answers = {
        "secrets.look": Known(HELD),
        "secrets.use": Known(HELD),
        "links.freeze": True,
        "links.is_frozen": False,
        "people.find": ANNA,
        "contacts.of_customer": OnFile(customer_id="c1", customer_name="Bolaget AB", email=None),
        **ports.answers,
    }
    port: Any = ports.port
    end_logins: Any = ports.function("end_logins")
    return FreezeLink(
        secrets=port("secrets"),
        links=port("links"),
        people=port("people"),
        contacts=port("contacts"),
        grants=port("grants"),
        end_logins=end_logins,
        outbox=port("outbox"),
        evidence=port("evidence"),
        audit=port("audit"),
    )


def freeze(ports: Recorder) -> Any:
    return use_case(ports)("secret", NOW, reference="ABCD2345")


def test_the_secret_is_used_up_and_the_link_suspended_before_anything_else_and_all_the_persons_logins_end() -> None:
    ports = Recorder()
    assert freeze(ports) == Frozen(reference="ABCD2345", held=HELD)
    assert ports.names == [
        "secrets.use",
        "links.freeze",
        "audit link.frozen",
        "evidence.keep_act",
        "grants.revoke_for_person",
        "people.find",
        "contacts.of_customer",
        "end_logins",
        "outbox.put",
    ]
    assert ports.event(LinkFrozen) == LinkFrozen(
        person_id="p1", customer_id="c1", told="contact_on_file", reference="ABCD2345"
    )


def test_evidence_says_which_link_was_frozen_by_whom_who_was_told_and_in_which_case() -> None:
    ports = Recorder()
    freeze(ports)
    [(_, (act,), named)] = [call for call in ports.calls if call[0] == "evidence.keep_act"]
    assert (act.kind, act.person_id, act.customer_id, act.at) == (ActKind.FREEZE, "p1", "c1", NOW)
    assert act.facts == {"case": "ABCD2345", "told": "contact_on_file", "linked_at": written_time(NOW)}
    assert named == {"authentication_id": None, "now": NOW}


def test_the_person_concerned_is_told_with_the_case() -> None:
    ports = Recorder()
    freeze(ports)
    kind, _, payload, _ = ports.arguments("outbox.put")
    assert kind == "mail.link_frozen"
    assert payload == {
        "to": "anna@example.se",
        "customer_name": "Bolaget AB",
        "frozen_at": NOW.isoformat(),
        "reference": "ABCD2345",
    }


@each(
    "answers, outcome",
    [
        ({"secrets.use": None}, TooLate()),
        ({"secrets.use": SpentSecret("ZZZZ2345")}, FrozenBefore(reference="ZZZZ2345")),
        ({"links.freeze": False, "links.is_frozen": True}, FrozenBefore(reference=None)),
        ({"links.freeze": False}, LinkGone()),
    ],
)
def test_what_cannot_be_frozen_changes_nothing(answers: dict[str, Any], outcome: object) -> None:
    ports = Recorder(answers)
    assert freeze(ports) == outcome
    assert not {"grants.revoke_for_person", "end_logins", "outbox.put", "audit.record"} & set(ports.names)


@each(
    "answers, outcome",
    [
        ({}, Asked(person_name="Anna Svensson", customer_name="Bolaget AB", linked_at=NOW)),
        ({"secrets.look": None}, TooLate()),
        ({"secrets.look": SpentSecret("ZZZZ2345")}, FrozenBefore(reference="ZZZZ2345")),
        ({"people.find": None}, LinkGone()),
        ({"people.find": replace(ANNA, links=())}, LinkGone()),
        ({"people.find": replace(ANNA, links=()), "links.is_frozen": True}, FrozenBefore(reference=None)),
        ({"people.find": replace(ANNA, links=(a_customer("c1", linked_at=NOW + timedelta(days=1)),))}, LinkGone()),
    ],
)
def test_asking_says_what_would_be_frozen_and_changes_nothing(answers: dict[str, Any], outcome: object) -> None:
    ports = Recorder(answers)
    assert use_case(ports).ask("secret", NOW) == outcome
    assert set(ports.names) <= {"secrets.look", "people.find", "contacts.of_customer", "links.is_frozen"}
