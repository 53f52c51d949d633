"""Interactions: one browser, one version at a time, one end."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from idp.adapters.database.engine import unit_of_work
from idp.adapters.database.interactions import DatabaseInteractions
from idp.core.oidc.tokens.grant import new_id
from idp.core.signin.interaction import Consented, Identified, Interaction, Linked, Outcome, PendingIdentity
from idp_tests.adapters.database.seeds import open_interaction, race
from idp_tests.databases import CIPHER, NOW

pytestmark = pytest.mark.usefixtures("database_context")

INTERACTIONS = DatabaseInteractions(CIPHER)
BROWSER = "b" * 43
LATER = NOW + timedelta(minutes=1)
ANNA = PendingIdentity(personal_number="199001010017", name="Anna A", given_name="Anna", surname="A")
IDENTIFIED = Identified(at=NOW, authentication_id="a" * 32, person_id=None, pending=ANNA)
LINKED = Linked(at=NOW, customer_id="c" * 32, number="123456")


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


def test_the_client_of_an_interaction_is_known_to_whoever_asks() -> None:
    interaction = _open()

    with unit_of_work():
        assert INTERACTIONS.client_of(interaction.id) == interaction.client_id
        assert INTERACTIONS.client_of("nothing") is None


def test_an_interaction_opened_with_evidence_keeps_it() -> None:
    with unit_of_work():
        known = replace(IDENTIFIED, person_id="p" * 32, pending=None)
        interaction = open_interaction(BROWSER, identified=known, session_id="s" * 32)

    assert _find(interaction) == interaction


def test_each_step_is_recorded_on_the_version_it_was_made_from() -> None:
    interaction = _open()

    with unit_of_work():
        assert INTERACTIONS.record_identified(interaction, IDENTIFIED, None, LATER)
        assert not INTERACTIONS.record_linked(interaction, LINKED, LATER)
    identified = _find(interaction)
    assert identified.identified == IDENTIFIED
    assert (identified.version, identified.acted_at) == (1, LATER)
    with unit_of_work():
        assert INTERACTIONS.record_linked(identified, LINKED, LATER)
    linked = _find(interaction)
    assert linked.linked == LINKED
    with unit_of_work():
        assert INTERACTIONS.record_linked(linked, None, LATER)
    assert _find(interaction).linked is None


def test_the_same_step_of_fifty_tabs_is_recorded_once(database_app: Flask) -> None:
    interaction = _open()

    outcomes = race(database_app, lambda: INTERACTIONS.record_identified(interaction, IDENTIFIED, None, LATER))

    assert outcomes.count(True) == 1


def test_what_one_person_proved_is_forgotten_when_another_identifies() -> None:
    interaction = _open()
    with unit_of_work():
        INTERACTIONS.record_identified(interaction, IDENTIFIED, None, LATER)
        INTERACTIONS.record_linked(replace(interaction, version=1), LINKED, LATER)
        other = replace(IDENTIFIED, pending=replace(ANNA, personal_number="197001010018"))
        assert INTERACTIONS.record_identified(replace(interaction, version=2), other, None, LATER)

    found = _find(interaction)
    assert found.identified == other
    assert found.linked is None


def test_registration_erases_the_pending_identity_and_keeps_its_time() -> None:
    interaction = _open()
    with unit_of_work():
        INTERACTIONS.record_identified(interaction, IDENTIFIED, None, LATER)
        INTERACTIONS.record_linked(replace(interaction, version=1), LINKED, LATER)
        assert INTERACTIONS.record_registered(replace(interaction, version=2), "p" * 32, LATER)

    found = _find(interaction)
    assert found.identified == replace(IDENTIFIED, person_id="p" * 32, pending=None)
    assert found.registered_at == LATER
    assert found.linked is None


def test_the_chosen_customer_and_consent_are_kept() -> None:
    interaction = _open()
    with unit_of_work():
        assert INTERACTIONS.record_customer(interaction, "c" * 32, LATER)
        consented = Consented(at=LATER, scope=("openid", "profile"))
        assert INTERACTIONS.record_consent(replace(interaction, version=1), consented, LATER)

    found = _find(interaction)
    assert (found.chosen_customer_id, found.consented) == ("c" * 32, consented)


def test_a_touch_moves_the_end_and_the_language_but_no_version() -> None:
    interaction = _open()
    with unit_of_work():
        INTERACTIONS.touch(interaction.id, LATER, NOW + timedelta(minutes=45), "en")
        INTERACTIONS.touch(interaction.id, LATER, NOW + timedelta(minutes=50))

    found = _find(interaction)
    assert found == replace(interaction, acted_at=LATER, expires_at=NOW + timedelta(minutes=50), language="en")


def test_an_interaction_is_finished_once_and_then_nothing_is_recorded() -> None:
    interaction = _open()
    with unit_of_work():
        INTERACTIONS.record_identified(interaction, IDENTIFIED, None, LATER)
        grant_id = new_id(NOW)
        assert INTERACTIONS.finish(interaction.id, grant_id, Outcome.FINISHED, LATER)
        assert not INTERACTIONS.finish(interaction.id, None, Outcome.LEFT, LATER)
        ended = INTERACTIONS.find(interaction.id, BROWSER, LATER)
        assert ended is not None
        assert not INTERACTIONS.record_linked(ended, LINKED, LATER)
        INTERACTIONS.touch(interaction.id, LATER, NOW + timedelta(hours=9))

    assert (ended.outcome, ended.grant_id, ended.finished_at) == (Outcome.FINISHED, grant_id, LATER)
    assert ended.identified is None
    assert ended.expires_at == interaction.expires_at


def test_of_fifty_that_finish_at_once_exactly_one_does(database_app: Flask) -> None:
    interaction = _open()

    outcomes = race(database_app, lambda: INTERACTIONS.finish(interaction.id, None, Outcome.FINISHED, LATER))

    assert outcomes.count(True) == 1


def test_an_expired_interaction_is_not_finished() -> None:
    interaction = _open()

    with unit_of_work():
        assert not INTERACTIONS.finish(interaction.id, None, Outcome.FINISHED, interaction.expires_at)
