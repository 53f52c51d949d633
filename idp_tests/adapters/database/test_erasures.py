"""Erasures: of every column that the inventory says goes, nothing is left; of what stays, the operator is told."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import insert, select, update

from idp.adapters.database.bankid.orders import DatabaseOrders
from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.erasures import DatabaseTraces, KeylessPeople
from idp.adapters.database.evidence import DatabaseEvidence
from idp.adapters.database.interactions import DatabaseInteractions
from idp.adapters.database.links import DatabaseLinks
from idp.adapters.database.outbox import DatabaseOutbox
from idp.adapters.database.people import DatabasePeople
from idp.adapters.database.person_keys import PersonKeys
from idp.adapters.database.tables import (
    bankid_orders,
    evidence,
    interactions,
    known_devices,
    metadata,
    outbox,
    people,
    person_keys,
)
from idp.core.accounts.ports import Remainder
from idp.core.evidence.bundle import ActKind
from idp.core.identification.bankid.order import Launch
from idp.core.identification.bankid.order_request import OrderRequest
from idp.core.identification.bankid.ports import WantedOrder
from idp.core.identification.verdict import Verdict
from idp.core.ids import new_id
from idp.core.oidc.logout.end_session import BACKCHANNEL_KIND
from idp.core.people.person import PendingIdentity, Person
from idp.core.personal_data.classification import Erasure
from idp.core.personal_data.inventory import INVENTORY
from idp.core.signin.interaction import Identified
from idp.retention import Retention
from idp_tests.adapters.database.seeds import (
    add_customer,
    add_link,
    add_person,
    not_overtaken,
    open_interaction,
    race,
)
from idp_tests.adapters.database.test_accounts import ANNA, LATER, assertion, register
from idp_tests.builders import a_bundle, a_profile, an_act, an_authentication, an_identity, kept
from idp_tests.databases import CIPHER, NOW, PEPPER

pytestmark = pytest.mark.usefixtures("database_context")

TRACES = DatabaseTraces(CIPHER, PEPPER, Retention())
PEOPLE = DatabasePeople(CIPHER, PEPPER)
EVIDENCE = DatabaseEvidence(CIPHER)
OUTBOX = DatabaseOutbox(CIPHER)
GOING = [
    place for place, column in INVENTORY.items() if column.erasure in {Erasure.DELETED, Erasure.SHREDDED}
]  # fmt: skip


def _left() -> list[str]:
    """Columns that say something, of those that an erasure empties; the database is one person's."""
    found = []
    for table, name in GOING:
        column = metadata.tables[table].c[name]
        values = connection().execute(select(column).where(column.is_not(None))).scalars()
        found += [f"{table}.{name}" for value in values if value != b""][:1]
    return found


def _identified(*, person_id: str | None = None, pending: PendingIdentity | None = None) -> Identified:
    return Identified(at=NOW, authentication_id="a", person_id=person_id, pending=pending, verdict=Verdict.ALLOW)


def with_everything() -> Person:
    person = register(authentication_id=new_id(NOW))
    with unit_of_work():
        PEOPLE.record_authentication(an_authentication(id=new_id(NOW), person_id=person.id), assertion())
        PEOPLE.confirm_email(person.id, "anna@bolaget.se", LATER)
        add_link(person, add_customer())
        interaction = open_interaction()
        identified = _identified(person_id=person.id)
        DatabaseInteractions(CIPHER).record_identified(interaction, identified, None, NOW)
        _want(interaction.id)
        known = {"id": new_id(NOW), "person_id": person.id, "cookie_hash": "c", "logins": 1, "expires_at": LATER}
        connection().execute(insert(known_devices).values(known))
        OUTBOX.put("mail.confirm_email", "letter", {"to": "Anna@Bolaget.se"}, NOW)
        OUTBOX.put("mail.new_user", f"mail.new_user:{person.id}", {"person_name": "Anna"}, NOW)
    return person


def _want(identification_id: str) -> str:
    order_id = new_id(NOW)
    request = OrderRequest(end_user_ip="192.0.2.99", user_visible_data="text")
    wanted = WantedOrder(
        id=order_id, identification_id=identification_id, launch=Launch.QR, request=request, return_nonce_hash="n", wanted_at=NOW
    )  # fmt: skip
    DatabaseOrders(CIPHER).want(wanted, NOW)
    return order_id


def _erase(person: Person) -> list[Remainder] | None:
    with unit_of_work():
        kept = TRACES.erase(person, LATER)
    return None if kept is None else [each.what for each in kept]


def test_of_what_the_inventory_says_goes_nothing_is_left() -> None:
    person = with_everything()
    with unit_of_work():
        assert {"people.contact_encrypted", "identities.key_hash", "interactions.request_encrypted"} <= set(_left())

    assert _erase(person) == [Remainder.LINKS, Remainder.TRIES]

    with unit_of_work():
        assert _left() == []
        assert PEOPLE.find(person.id) is None
        tombstone = connection().execute(select(people)).mappings().one()
    assert (tombstone["id"], tombstone["sub"], tombstone["erased_at"]) == (person.id, person.sub, LATER)


def test_an_erasure_is_done_once() -> None:
    person = register()
    assert _erase(person) is not None
    assert _erase(person) is None
    with unit_of_work():
        assert TRACES.was_erased(person.id)
        assert not TRACES.was_erased("nobody")


def test_the_same_identity_opens_another_account_with_another_subject() -> None:
    first = register()
    _erase(first)
    second = register()
    assert first.id != second.id
    assert first.sub != second.sub


def test_others_keep_everything() -> None:
    with unit_of_work():
        bo = add_person("197001010018", email="bo@bolaget.se")
        add_link(bo, add_customer())
        interaction = open_interaction()
        pending = PendingIdentity(identity=an_identity("197001010018"), profile=a_profile())
        identified = _identified(pending=pending)
        DatabaseInteractions(CIPHER).record_identified(interaction, identified, None, NOW)
        OUTBOX.put("mail.confirm_email", f"mail.confirm_email:{bo.id}", {"to": "bo@bolaget.se"}, NOW)
        before = PEOPLE.find(bo.id)
    _erase(register())
    with unit_of_work():
        assert PEOPLE.find(bo.id) == before
        assert connection().execute(select(interactions.c.id)).scalars().all() == [interaction.id]
        assert connection().execute(select(outbox.c.payload_encrypted)).scalar_one() is not None


def test_a_login_of_a_person_who_has_another_account_pending_is_ended() -> None:
    person = register()
    with unit_of_work():
        interaction = open_interaction()
        pending = PendingIdentity(identity=an_identity(ANNA), profile=a_profile())
        identified = _identified(pending=pending)
        DatabaseInteractions(CIPHER).record_identified(interaction, identified, None, NOW)
        completed = _want("elsewhere")
        said = CIPHER.encrypt_json(f"bankid_orders.completion.{completed}", {"user": {"personalNumber": ANNA}})
        connection().execute(update(bankid_orders).values(completion_encrypted=said))
        _want("of somebody else")
    _erase(person)
    with unit_of_work():
        assert connection().execute(select(interactions.c.id)).first() is None
        assert connection().execute(select(bankid_orders.c.identification_id)).scalars().all() == ["of somebody else"]


def test_clients_are_still_told_of_the_logout() -> None:
    person = register()
    with unit_of_work():
        OUTBOX.put(BACKCHANNEL_KIND, f"{BACKCHANNEL_KIND}:{person.id}", {"sub": person.sub}, NOW)
    _erase(person)
    with unit_of_work():
        assert connection().execute(select(outbox.c.payload_encrypted)).scalar_one() is not None


def test_what_is_kept_is_named() -> None:
    first_login = an_authentication(id=new_id(NOW), person_id="")
    with unit_of_work():
        PEOPLE.record_authentication(first_login, assertion())
        add_customer(organisation_number=ANNA[2:])
        EVIDENCE.keep(kept(a_bundle(act=an_act(person_id=None)), first_login.id))
    person = register(authentication_id=first_login.id)
    with unit_of_work():
        registration = an_act(kind=ActKind.REGISTRATION, person_id=person.id)
        EVIDENCE.keep(kept(a_bundle(reference="e2", act=registration, identification=None), first_login.id))
        EVIDENCE.keep(kept(a_bundle(reference="e3", act=an_act(person_id=person.id)), "another login"))
    assert _erase(person) == [Remainder.EVIDENCE, Remainder.TRIES, Remainder.OWN_FIRM]
    with unit_of_work():
        left = connection().execute(select(evidence.c.id).order_by(evidence.c.id)).scalars().all()
    assert left == ["e1", "e2"], "the login that the registration rests on stays with it, and no other"


def test_a_login_that_never_became_an_account_is_forgotten_with_its_person() -> None:
    person = register()
    with unit_of_work():
        for reference, number in (("e1", ANNA), ("e2", "191212121212")):
            found = a_bundle().identification
            assert found is not None
            signed = replace(found, parts={**found.parts, "personal_number": number})
            bundle = a_bundle(reference=reference, act=an_act(person_id=None), identification=signed)
            EVIDENCE.keep(kept(bundle, reference))
    _erase(person)
    with unit_of_work():
        assert connection().execute(select(evidence.c.id)).scalars().all() == ["e2"]


def test_who_is_kept_out_of_a_company_is_known() -> None:
    with unit_of_work():
        person = add_person()
        add_link(person, add_customer())
        assert not TRACES.is_kept_out(person.id)
        DatabaseLinks(CIPHER).keep_out(person.id, "123456", LATER)
        assert TRACES.is_kept_out(person.id)


def test_of_many_erasures_at_once_one_is_done_and_no_login_survives_it(database_app: Flask) -> None:
    person = register()

    def login_or_erase() -> bool:
        if race_turns.pop() % 2:
            event = an_authentication(id=new_id(NOW), person_id=person.id)
            not_overtaken(lambda: PEOPLE.record_authentication(event, assertion()))
            return False
        return TRACES.erase(person, LATER) is not None

    race_turns = list(range(20))
    outcomes = race(database_app, login_or_erase, runners=20)

    assert outcomes.count(True) == 1
    with unit_of_work():
        assert [left for left in _left() if not left.startswith("authentications.credential")] == []


def test_rows_that_an_old_backup_brings_back_without_their_key_are_emptied_as_by_an_erasure() -> None:
    person = with_everything()
    with unit_of_work():
        other = add_person("197001010018")
        PersonKeys.destroy(person.id)
        assert KeylessPeople().count() == 1
        assert KeylessPeople().forget(LATER) == [person.id]
        assert KeylessPeople().count() == 0
        assert PEOPLE.find(other.id) is not None
        assert PEOPLE.find_by_identity(an_identity(ANNA)) is None
    assert register().id != person.id


def test_nothing_of_the_key_is_left_in_the_files_of_sqlite(sqlite_app: Flask, sqlite_url: str) -> None:
    with sqlite_app.app_context():
        person = register()
        with unit_of_work():
            wrapped = bytes(connection().execute(select(person_keys.c.key_encrypted)).scalar_one())
            number = bytes(connection().execute(select(people.c.profile_encrypted)).scalar_one())
        with unit_of_work():
            TRACES.erase(person, LATER + timedelta(days=1))
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    stored = b"".join(path.read_bytes() for path in file.parent.glob("idp.db*"))

    assert person.sub.encode() in stored
    assert wrapped not in stored
    assert number not in stored
