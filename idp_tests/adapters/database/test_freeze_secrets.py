"""Freeze secrets: each works once and in time, whoever is first."""

from datetime import timedelta

import pytest
from flask import Flask

from idp.adapters.database.engine import unit_of_work
from idp.adapters.database.freeze_secrets import DatabaseFreezeSecrets
from idp.adapters.database.links import DatabaseLinks
from idp.core.linking.freeze_secrets import Held, Known, SpentSecret
from idp_tests.adapters.database.seeds import add_customer, add_link, add_person, race
from idp_tests.databases import CIPHER, NOW

pytestmark = pytest.mark.usefixtures("database_context")

SECRETS = DatabaseFreezeSecrets()
HELD = Held(person_id="p" * 32, customer_id="c" * 32, linked_at=NOW, told="contact_on_file")
END = NOW + timedelta(days=30)


def test_a_secret_works_once_and_says_in_which_case() -> None:
    with unit_of_work():
        secret = SECRETS.give_out(HELD, NOW, until=END)
        assert SECRETS.look(secret, NOW) == Known(HELD)
        assert SECRETS.use(secret, NOW, reference="ABCD2345") == Known(HELD)
        assert SECRETS.use(secret, NOW, reference="ZZZZ2345") == SpentSecret("ABCD2345")
        assert SECRETS.look(secret, END) == SpentSecret("ABCD2345")


def test_a_late_secret_and_one_that_is_not_ours_do_nothing() -> None:
    with unit_of_work():
        secret = SECRETS.give_out(HELD, NOW, until=END)
        for known, at in ((secret, END), ("another", NOW), ("", NOW)):
            assert SECRETS.look(known, at) is None
            assert SECRETS.use(known, at, reference="ABCD2345") is None


def test_of_many_at_once_one_uses_it_up(database_app: Flask) -> None:
    with unit_of_work():
        secret = SECRETS.give_out(HELD, NOW, until=END)
    outcomes = race(database_app, lambda: SECRETS.use(secret, NOW, reference="ABCD2345"), runners=6)
    assert outcomes.count(Known(HELD)) == 1
    assert outcomes.count(SpentSecret("ABCD2345")) == 5


def test_only_the_link_that_the_notice_was_about_is_frozen() -> None:
    links = DatabaseLinks(CIPHER)
    with unit_of_work():
        person, customer_id = add_person(), add_customer()
        add_link(person, customer_id, linked_at=NOW)
        that = Held(person_id=person.id, customer_id=customer_id, linked_at=NOW, told="linked_user")
        another = Held(person_id=person.id, customer_id=customer_id, linked_at=END, told="linked_user")
        assert not links.freeze(another, NOW)
        assert not links.is_frozen(that)
        assert links.freeze(that, NOW)
        assert links.is_frozen(that)
        assert not links.is_frozen(another)
        assert not links.freeze(that, NOW)
