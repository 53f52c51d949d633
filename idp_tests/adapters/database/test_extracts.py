"""Extracts: complete by the inventory, readable, about one person alone."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from idp.adapters.database.audit import DatabaseAudit
from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.extracts import TELLING, DatabaseExtracts
from idp.adapters.database.outbox import DatabaseOutbox
from idp.adapters.database.people import DatabasePeople
from idp.adapters.database.tables import metadata
from idp.core.events import PersonBlocked
from idp.core.people.person import Person
from idp.core.personal_data.classification import Whose
from idp.core.personal_data.inventory import INVENTORY
from idp_tests.adapters.database.seeds import add_customer, add_person
from idp_tests.adapters.database.test_accounts import ANNA
from idp_tests.adapters.database.test_erasures import with_everything
from idp_tests.databases import AUDIT_KEYS, CIPHER, NOW, PEPPER

pytestmark = pytest.mark.usefixtures("database_context")

EXTRACTS = DatabaseExtracts(CIPHER, PEPPER)
NOBODY_IS_FOUND_IN = {"budgets", "incidents", "person_keys", "audit_seals"}
"""Tables about people in whose rows nobody can be found: keyed hashes, codes on a screen, keys, marks of other rows."""


def _extract(person: Person) -> dict[str, Any]:
    with unit_of_work():
        known = DatabasePeople(CIPHER, PEPPER).find(person.id)
        assert known is not None
        return dict(EXTRACTS.of(known))


def test_every_table_about_people_is_in_it() -> None:
    about_people = {column.table for column in INVENTORY.values() if column.whose in {Whose.PERSON, Whose.VISITOR}}
    extract = _extract(with_everything())
    assert about_people - extract.keys() <= NOBODY_IS_FOUND_IN
    assert {"customers", "customer_numbers"} <= extract.keys()


def test_every_personal_column_is_in_it_and_says_what_the_database_holds() -> None:
    with unit_of_work():
        add_customer(number="777777", organisation_number=ANNA[2:], contact_email="firma@example.se")
    extract = _extract(with_everything())
    for (table, name), column in INVENTORY.items():
        if column.kind not in TELLING or table not in extract:
            continue
        with unit_of_work():
            stored = connection().execute(select(metadata.tables[table].c[name])).scalars().all()
        told = [row[name] for row in extract[table]]
        if table in {"customers", "customer_numbers", "outbox"}:
            assert told, f"{table}.{name}"
        else:
            assert [value is None for value in told] == [value is None for value in stored], f"{table}.{name}"


def test_what_is_encrypted_is_readable_and_no_hash_or_secret_is_in_it() -> None:
    extract = _extract(with_everything())
    [account] = extract["people"]
    assert account["profile_encrypted"]["name"] == "Anna Andersson"
    assert account["contact_encrypted"]["email"] == "Anna@Bolaget.se"
    assert [identity["key_encrypted"] for identity in extract["identities"]] == [ANNA]
    assert {row["payload_encrypted"].get("to") for row in extract["outbox"]} == {"Anna@Bolaget.se", None}
    names = {name for rows in extract.values() for row in rows for name in row}
    assert [name for name in names if name.endswith("_hash") or name == "started_encrypted"] == []


def test_nothing_about_anybody_else_is_in_it() -> None:
    with unit_of_work():
        bo = add_person("197001010018", name="Bo Bengtsson", email="bo@bolaget.se")
        add_customer(
            number="777777", organisation_number="5590000000", name="Annat AB", contact_email="annat@example.se"
        )
        DatabaseOutbox(CIPHER).put("mail.test", "letter to bo", {"to": "bo@bolaget.se"}, NOW)
    text = json.dumps(_extract(with_everything()))
    for others in (bo.id, bo.sub, "Bengtsson", "bo@bolaget.se", "197001010018", "Annat AB", "annat@example.se"):
        assert others not in text


def test_who_of_the_staff_acted_is_not_told() -> None:
    person = with_everything()
    with unit_of_work():
        DatabaseAudit(AUDIT_KEYS).record(PersonBlocked(person_id=person.id, operator="eva", reason="stolen"), NOW)
    [event] = _extract(person)["audit"]
    assert (event["event"], event["facts"]) == ("person.blocked", {"reason": "stolen"})
