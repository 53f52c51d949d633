from typing import Any

from idp.core.budgets import Left
from idp.core.events import LinkUnlocked
from idp.core.linking.limits import Tries
from idp.core.linking.ports import OnFile
from idp.core.linking.support import (
    AnotherMustAsk,
    Found,
    GiveTryBack,
    LookAtTries,
    NoSuchTries,
    NothingKnown,
)
from idp_tests.builders import NOW, a_company, an_identity, linking_limits
from idp_tests.cases import each
from idp_tests.core.linking.test_attempts import a_seen_attempt
from idp_tests.recorder import Recorder

FOUR_DIGITS, WHOLE_NUMBER = "linking.four_digits.company c1", "linking.whole_number.company c1"
DAY = "linking.person_day se.personal_number 191212121212"
CODE, PERSON, NUMBER = "ABCD2345", "0" * 32, "10012345"
EVA = {"operator": "eva", "case_id": "K-17"}


def desk(ports: Recorder) -> GiveTryBack:
    ports.answers = {
        "customers.company_of": a_company(),
        "people.identity_of": an_identity(),
        "attempts.with_reference": a_seen_attempt(person_id=PERSON),
        "attempts.identity_behind": an_identity(),
        "attempts.by_identity": ["by identity"],
        "attempts.at_customer": ["at customer"],
        "attempts.at_number": ["at number"],
        "attempts.pseudonym": "01aa",
        "budgets.left": lambda scopes, _: dict.fromkeys(scopes, Left(2)),
        **ports.answers,
    }
    port: Any = ports.port
    look = LookAtTries(
        customers=port("customers"),
        people=port("people"),
        attempts=port("attempts"),
        budgets=port("budgets"),
        limits=linking_limits(),
    )
    return GiveTryBack(
        look=look, contacts=port("contacts"), unlocks=port("unlocks"), outbox=port("outbox"), audit=port("audit")
    )


OF_PERSON, OF_COMPANY = [*Tries][:4], [*Tries][4:]


@each(
    "words, kinds, seen",
    [
        (CODE, [*Tries], ["by identity"]),
        (PERSON, OF_PERSON, ["by identity"]),
        (NUMBER, OF_COMPANY, ["at customer"]),
    ],
)
def test_a_code_leads_to_person_and_company_an_id_to_the_person_and_a_number_to_the_company(
    words: str, kinds: list[Tries], seen: list[str]
) -> None:
    found = desk(Recorder()).look(words, NOW)
    assert isinstance(found, Found)
    assert [*found.left] == kinds
    assert list(map(str, found.seen)) == seen


def test_a_number_that_is_nobodys_is_known_when_it_was_tried() -> None:
    ports = Recorder({"customers.company_of": a_company("999", is_known=False)})
    found = desk(ports).look("999", NOW)
    assert isinstance(found, Found)
    assert list(map(str, found.seen)) == ["at number"]


@each(
    "words, unknown",
    [
        ("999", {"customers.company_of": a_company("999", is_known=False), "attempts.at_number": []}),
        (PERSON, {"people.identity_of": LookupError}),
    ],
)
def test_what_nobody_has_and_nobody_tried_is_not_known(words: str, unknown: dict[str, Any]) -> None:
    ports = Recorder(unknown)
    assert desk(ports).look(words, NOW) == NothingKnown()
    assert desk(ports)(words, Tries.PERSON_DAY, NOW, **EVA) == NothingKnown()
    assert "budgets.refund" not in ports.names


def test_a_customer_number_that_looks_like_a_code_is_still_a_number() -> None:
    ports = Recorder({"attempts.with_reference": None})
    found = desk(ports).look("23456789", NOW)
    assert isinstance(found, Found)
    assert [*found.left] == OF_COMPANY


def test_one_try_of_one_kind_is_given_back_and_noted_with_its_case() -> None:
    ports = Recorder()
    assert desk(ports)(CODE, Tries.PERSON_DAY, NOW, **EVA) == Left(2)
    refunds = [arguments for name, arguments, _ in ports.calls if name == "budgets.refund"]
    assert refunds == [([DAY],), ([f"linking.alarm {DAY}"],)]
    assert ports.event(LinkUnlocked) == LinkUnlocked(
        customer_id="c1",
        person_id=PERSON,
        guesser="01aa",
        tries="person-day",
        operator="eva",
        asked_first_by=None,
        case_id="K-17",
    )


def test_the_contact_on_file_is_told() -> None:
    ports = Recorder(
        {"contacts.of_customer": OnFile(customer_id="c1", customer_name="Bolaget AB", email="info@bolaget.se")}
    )
    desk(ports)(NUMBER, Tries.COMPANY_FOUR_DIGITS, NOW, **EVA)
    kind, _, payload, _ = ports.arguments("outbox.put")
    assert kind == "mail.tries_given_back"
    assert payload == {"to": "info@bolaget.se", "customer_name": "Bolaget AB", "at": NOW.isoformat()}


def test_a_number_does_not_lead_to_a_persons_tries() -> None:
    ports = Recorder()
    assert desk(ports)(NUMBER, Tries.PERSON_DAY, NOW, **EVA) == NoSuchTries()
    assert "budgets.refund" not in ports.names


@each("words, tries", [(NUMBER, Tries.COMPANY_WHOLE_NUMBER), (PERSON, Tries.PERSON_YEAR)])
def test_a_years_tries_are_opened_by_two(words: str, tries: Tries) -> None:
    """T-C13 of the security specification."""
    alone, second = Recorder(), Recorder({"unlocks.second": "bo"})
    assert desk(alone)(words, tries, NOW, **EVA) == AnotherMustAsk()
    assert "budgets.refund" not in alone.names
    assert desk(second)(words, tries, NOW, **EVA) == Left(2)
    assert second.event(LinkUnlocked).asked_first_by == "bo"
