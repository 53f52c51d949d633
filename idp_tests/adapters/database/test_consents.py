"""Consents: what a person allowed a client, until when, and that it can be taken back."""

from datetime import timedelta

import pytest

from idp.adapters.database.consents import DatabaseConsents
from idp.adapters.database.engine import unit_of_work
from idp_tests.adapters.database.seeds import add_person
from idp_tests.databases import NOW

pytestmark = pytest.mark.usefixtures("database_context")

CONSENTS = DatabaseConsents()
LATER = NOW + timedelta(days=1)


def test_consents_add_up_until_they_expire() -> None:
    with unit_of_work():
        person = add_person()
        CONSENTS.allow(person.id, "shop", ["openid", "email"], NOW, LATER)
        CONSENTS.allow(person.id, "shop", ["openid", "phone"], NOW, LATER + timedelta(days=1))

        assert CONSENTS.find(person.id, "shop", NOW) == {"openid", "email", "phone"}
        assert CONSENTS.find(person.id, "shop", LATER) == {"openid", "phone"}
        assert CONSENTS.find(person.id, "other", NOW) == frozenset()


def test_what_everybody_allowed_a_client_goes_with_it() -> None:
    with unit_of_work():
        first, second = add_person(), add_person("197001010018")
        for person in (first, second):
            CONSENTS.allow(person.id, "gone", ["openid", "email"], NOW, LATER)
        CONSENTS.allow(first.id, "shop", ["openid"], NOW, LATER)

        assert CONSENTS.withdraw_for_client("gone") == 4
        assert CONSENTS.find(first.id, "gone", NOW) == CONSENTS.find(second.id, "gone", NOW) == frozenset()
        assert CONSENTS.find(first.id, "shop", NOW) == {"openid"}


def test_a_withdrawn_consent_is_gone() -> None:
    with unit_of_work():
        person = add_person()
        CONSENTS.allow(person.id, "shop", ["openid"], NOW, LATER)

        assert CONSENTS.withdraw(person.id, "shop", NOW)
        assert not CONSENTS.withdraw(person.id, "shop", NOW)
        assert CONSENTS.find(person.id, "shop", NOW) == frozenset()
