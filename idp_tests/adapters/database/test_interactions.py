"""Interactions: one browser, one version at a time, one end."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from idp.adapters.database.engine import unit_of_work
from idp.adapters.database.interactions import DatabaseInteractions
from idp.core.identification.verdict import Verdict
from idp.core.ids import new_id
from idp.core.linking.contact_code import ContactCode
from idp.core.linking.second_person import SecondPerson
from idp.core.overtaken import Overtaken
from idp.core.people.customer import LinkAssurance
from idp.core.signin.interaction import Identified, Interaction, Outcome, ProvedNumber
from idp.core.signin.ports import Interactions
from idp_tests.adapters.database.seeds import not_overtaken, open_interaction, race
from idp_tests.builders import a_pending_identity, an_identity
from idp_tests.databases import CIPHER, NOW

pytestmark = pytest.mark.usefixtures("database_context")

INTERACTIONS = DatabaseInteractions(CIPHER)
BROWSER = "b" * 43
LATER = NOW + timedelta(minutes=1)
ANNA = a_pending_identity()
IDENTIFIED = Identified(at=NOW, authentication_id="a" * 32, person_id=None, pending=ANNA, verdict=Verdict.STEP_UP)
LINKED = ProvedNumber(at=NOW, customer_id="c" * 32, number="123456", assurance=LinkAssurance.SIGNATORY)
CODE = ContactCode(customer_id="c" * 32, number="123456", digest="d" * 64, expires_at=LATER, tries_left=3)


def _open() -> Interaction:
    with unit_of_work():
        return open_interaction(BROWSER)


def _find(interaction: Interaction) -> Interaction:
    with unit_of_work():
        found = INTERACTIONS.find(interaction.id, BROWSER, LATER)
    assert found is not None
    return found


def test_an_interaction_is_found_by_the_browser_that_opened_it() -> None:
    interaction = _open()

    assert _find(interaction) == interaction
    with unit_of_work():
        assert INTERACTIONS.find(interaction.id, "other", LATER) is None
        assert INTERACTIONS.exists_elsewhere(interaction.id, "other", LATER)
        assert not INTERACTIONS.exists_elsewhere(interaction.id, BROWSER, LATER)
        assert not INTERACTIONS.exists_elsewhere("nothing", "other", LATER)


def test_an_expired_interaction_is_not_found() -> None:
    interaction = _open()

    with unit_of_work():
        assert INTERACTIONS.find(interaction.id, BROWSER, interaction.expires_at) is None
        assert not INTERACTIONS.exists_elsewhere(interaction.id, "other", interaction.expires_at)


def test_the_client_of_an_interaction_is_known_to_anybody_who_asks() -> None:
    interaction = _open()

    with unit_of_work():
        assert INTERACTIONS.client_of(interaction.id) == interaction.client_id
        assert INTERACTIONS.client_of("nothing") is None


def test_an_interaction_opened_with_evidence_keeps_it() -> None:
    with unit_of_work():
        known = replace(IDENTIFIED, person_id="p" * 32, pending=None)
        interaction = open_interaction(BROWSER, identified=known, session_id="s" * 32)

    assert _find(interaction) == interaction


WRITES: dict[str, Callable[[Interaction], object]] = {
    "hold": lambda read: INTERACTIONS.hold(read, LATER),
    "record_identified": lambda read: INTERACTIONS.record_identified(read, IDENTIFIED, None, LATER),
    "record_linked": lambda read: INTERACTIONS.record_linked(read, LINKED, LATER),
    "record_contact_code": lambda read: INTERACTIONS.record_contact_code(read, CODE, LATER),
    "record_registered": lambda read: INTERACTIONS.record_registered(read, "p" * 32, LATER),
    "record_customer": lambda read: INTERACTIONS.record_customer(read, "c" * 32, LATER),
    "record_passed": lambda read: INTERACTIONS.record_passed(read, "consent", LATER),
    "record_set_aside": lambda read: INTERACTIONS.record_set_aside(read, "new_customer", LATER),
    "finish": lambda read: INTERACTIONS.finish(read, None, Outcome.LEFT, LATER),
}


def test_every_write_of_the_port_is_tried_here() -> None:
    assert WRITES.keys() == {name for name in vars(Interactions) if name.startswith("record_")} | {"hold", "finish"}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_a_write_moves_the_version_and_counts_once(write: Callable[[Interaction], object]) -> None:
    interaction = _open()

    with unit_of_work():
        write(interaction)
    with unit_of_work(), pytest.raises(Overtaken):
        write(interaction)

    assert _find(interaction).version == 1


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_nothing_is_written_to_an_interaction_that_has_ended(write: Callable[[Interaction], object]) -> None:
    interaction = _open()
    with unit_of_work():
        INTERACTIONS.finish(interaction, None, Outcome.FINISHED, LATER)
    ended = _find(interaction)

    with unit_of_work(), pytest.raises(Overtaken):
        write(ended)

    assert _find(interaction) == ended


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_nothing_is_written_to_an_interaction_that_has_expired(write: Callable[[Interaction], object]) -> None:
    with unit_of_work():
        interaction = open_interaction(BROWSER, expires_at=LATER)

    with unit_of_work(), pytest.raises(Overtaken):
        write(interaction)


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_of_twenty_tabs_that_write_at_once_one_does(
    write: Callable[[Interaction], object], database_app: Flask
) -> None:
    interaction = _open()

    outcomes = race(database_app, lambda: not_overtaken(lambda: write(interaction)), runners=20)

    assert outcomes.count(True) == 1


def test_each_step_is_recorded_on_the_version_it_was_made_from() -> None:
    interaction = _open()

    with unit_of_work():
        INTERACTIONS.record_identified(interaction, IDENTIFIED, None, LATER)
    identified = _find(interaction)
    assert identified.identified == IDENTIFIED
    assert (identified.version, identified.acted_at) == (1, LATER)
    with unit_of_work():
        INTERACTIONS.record_linked(identified, LINKED, LATER)
    assert _find(interaction).linked == LINKED


def test_what_was_proved_is_kept_with_its_strength_and_with_what_it_waits_for() -> None:
    interaction = _open()
    waiting = replace(LINKED, assurance=LinkAssurance.CONTACT_CONFIRMED, waits_for=SecondPerson.CONTACT)
    with unit_of_work():
        INTERACTIONS.record_linked(interaction, waiting, LATER)
    assert _find(interaction).linked == waiting


@pytest.mark.parametrize("after", ["record_linked", "record_identified", "record_registered"])
def test_a_code_is_kept_until_it_has_done_its_work_or_somebody_else_identifies(after: str) -> None:
    interaction = _open()
    with unit_of_work():
        INTERACTIONS.record_contact_code(interaction, CODE, LATER)
    found = _find(interaction)
    assert found.contact_code == CODE
    with unit_of_work():
        WRITES[after](found)
    assert _find(interaction).contact_code is None


def test_who_holds_an_interaction_writes_to_it_and_nobody_else() -> None:
    interaction = _open()

    with unit_of_work():
        held = INTERACTIONS.hold(interaction, LATER)
        with pytest.raises(Overtaken):
            INTERACTIONS.record_linked(interaction, LINKED, LATER)
        INTERACTIONS.record_linked(held, LINKED, LATER)

    assert held == replace(interaction, version=1, acted_at=LATER)
    assert _find(interaction) == replace(interaction, version=2, acted_at=LATER, linked=LINKED)


def test_what_one_person_proved_is_forgotten_when_another_identifies() -> None:
    interaction = _open()
    with unit_of_work():
        INTERACTIONS.record_identified(interaction, IDENTIFIED, None, LATER)
        INTERACTIONS.record_linked(replace(interaction, version=1), LINKED, LATER)
        other = replace(IDENTIFIED, pending=replace(ANNA, identity=an_identity("197001010018")))
        INTERACTIONS.record_identified(replace(interaction, version=2), other, None, LATER)

    found = _find(interaction)
    assert found.identified == other
    assert found.linked is None


def test_registration_erases_the_pending_identity_and_keeps_its_time() -> None:
    interaction = _open()
    with unit_of_work():
        INTERACTIONS.record_identified(interaction, IDENTIFIED, None, LATER)
        INTERACTIONS.record_linked(replace(interaction, version=1), LINKED, LATER)
        INTERACTIONS.record_registered(replace(interaction, version=2), "p" * 32, LATER)

    found = _find(interaction)
    assert found.identified == replace(IDENTIFIED, person_id="p" * 32, pending=None)
    assert found.registered_at == LATER
    assert found.linked is None


def test_the_chosen_customer_and_consent_are_kept() -> None:
    interaction = _open()
    with unit_of_work():
        INTERACTIONS.record_customer(interaction, "c" * 32, LATER)
        INTERACTIONS.record_passed(replace(interaction, version=1), "consent", LATER)

    found = _find(interaction)
    assert (found.chosen_customer_id, found.passed) == ("c" * 32, {"consent": LATER})


def test_a_touch_moves_the_end_and_the_language_but_no_version() -> None:
    interaction = _open()
    with unit_of_work():
        INTERACTIONS.touch(interaction.id, LATER, NOW + timedelta(minutes=45), "en")
        INTERACTIONS.touch(interaction.id, LATER, NOW + timedelta(minutes=50))

    found = _find(interaction)
    assert found == replace(interaction, acted_at=LATER, expires_at=NOW + timedelta(minutes=50), language="en")


def test_an_end_keeps_its_grant_and_erases_the_pending_identity() -> None:
    interaction, grant_id = _open(), new_id(NOW)
    with unit_of_work():
        INTERACTIONS.record_identified(interaction, IDENTIFIED, None, LATER)
        INTERACTIONS.finish(replace(interaction, version=1), grant_id, Outcome.FINISHED, LATER)
        INTERACTIONS.touch(interaction.id, LATER, NOW + timedelta(hours=9))

    ended = _find(interaction)
    assert (ended.outcome, ended.grant_id, ended.finished_at) == (Outcome.FINISHED, grant_id, LATER)
    assert ended.identified is None
    assert ended.expires_at == interaction.expires_at


def test_what_is_set_aside_forgets_what_was_proved_and_chosen_and_keeps_what_was_passed() -> None:
    interaction = _open()
    with unit_of_work():
        INTERACTIONS.record_linked(interaction, LINKED, LATER)
        INTERACTIONS.record_customer(replace(interaction, version=1), "c" * 32, LATER)
        INTERACTIONS.record_passed(replace(interaction, version=2), "consent", LATER)
        read = replace(interaction, version=3, passed={"consent": LATER})
        INTERACTIONS.record_set_aside(read, "new_customer", LATER)
    found = _find(interaction)
    assert (found.linked, found.chosen_customer_id) == (None, None)
    assert found.passed == {"consent": LATER, "new_customer": LATER}
