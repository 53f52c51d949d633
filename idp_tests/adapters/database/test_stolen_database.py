"""A stolen copy of the database: whatever a login leaves behind, the file names nobody and opens nothing."""

import hashlib
import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from idp.adapters.database.bankid.orders import DatabaseOrders
from idp.adapters.database.budgets import DatabaseBudgets
from idp.adapters.database.customer_register import DatabaseRegister
from idp.adapters.database.customers import DatabaseCustomers
from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.evidence import DatabaseEvidence
from idp.adapters.database.interactions import DatabaseInteractions
from idp.adapters.database.links import DatabaseLinks
from idp.adapters.database.outbox import DatabaseOutbox
from idp.adapters.database.people import DatabasePeople
from idp.adapters.database.pushed_requests import DatabasePushedRequests
from idp.adapters.database.tables import metadata
from idp.core.accounts.ports import NewAccount
from idp.core.budgets import Budget
from idp.core.evidence.bundle import Identification
from idp.core.identification.bankid.api import Complete, Completion, StartedOrder, User
from idp.core.identification.bankid.order import Launch
from idp.core.identification.bankid.order_request import OrderRequest
from idp.core.identification.bankid.ports import WantedOrder
from idp.core.identification.verdict import Verdict
from idp.core.ids import new_id
from idp.core.oidc.claims.authentication import Authentication
from idp.core.people.contact import Contact, Email, Phone
from idp.core.people.customer import LinkAssurance
from idp.core.people.identity import Evidence
from idp.core.people.person import PendingIdentity
from idp.core.signin.interaction import Identified
from idp_tests.adapters.database.seeds import open_interaction
from idp_tests.builders import a_bundle, a_claim, a_profile, a_request, an_act, an_assertion, an_identity, kept
from idp_tests.customer_register import a_registered_customer, fill_register
from idp_tests.databases import CIPHER, NOW, PEPPER

NUMBER, ORGANISATION = "199001010017", "9001010017"
CANARIES = (
    NUMBER,
    ORGANISATION,
    "Anna",
    "Canariensis",
    "0701740605",
    "701740605",
    "canary@",
    "192.0.2.99",
    "canary-",
)


def _first_login() -> None:
    people, orders = DatabasePeople(CIPHER, PEPPER), DatabaseOrders(CIPHER)
    customers = DatabaseCustomers(CIPHER, PEPPER)
    email, phone = Email("canary@example.se"), Phone("+46701740605")
    trader = a_registered_customer(
        "4711", organisation_number=ORGANISATION, name="Firman", email=email.address, phone=phone.e164
    )
    fill_register(DatabaseRegister(CIPHER, PEPPER), [trader], NOW)
    customer_id = customers.verify(a_claim("4711", ORGANISATION[-4:]))
    interaction = open_interaction(request=a_request(hinted_sub="canary-hint", user_message="canary-message"))
    wanted = WantedOrder(
        id=new_id(NOW),
        identification_id=interaction.id,
        launch=Launch.QR,
        request=OrderRequest(end_user_ip="192.0.2.99", user_visible_data="canary-request"),
        return_nonce_hash="n",
        wanted_at=NOW,
    )
    orders.want(wanted, NOW)
    orders.lease_due("one", NOW, NOW + timedelta(seconds=30), 1)
    started = StartedOrder(
        order_ref="canary-ref", auto_start_token="canary-auto", qr_start_token="canary-qr", qr_start_secret="canary-s"
    )
    orders.started(wanted.id, "one", started, NOW, NOW)
    user = User(personal_number=NUMBER, name="Anna Canariensis", given_name="Anna", surname="Canariensis")
    completion = Completion(
        user=user, device_ip="192.0.2.99", device_uhi="canary-u", issue_date=None, signature="canary-g", ocsp="canary-o"
    )
    orders.ended(wanted.id, Complete(completion), NOW)
    event = Authentication(
        id=new_id(NOW),
        person_id="",
        at=NOW,
        method="bankid",
        provider="https://www.bankid.com",
        acr="acr",
        amr=("swk",),
        txn="txn",
        device_ip="192.0.2.99",
    )
    proof = Evidence(kind="signature", parts={"signature": "canary-g", "ocsp": "canary-o"})
    names = a_profile(name=user.name, given_name="Anna", surname="Canariensis")
    people.record_authentication(event, an_assertion(identity=an_identity(NUMBER), profile=names, evidence=proof))
    found = Identification(method="bankid", reference="o1", at=NOW, kind=proof.kind, parts=proof.parts)
    DatabaseEvidence(CIPHER).keep(kept(a_bundle(act=an_act(person_id=None), identification=found), event.id))
    pending = PendingIdentity(identity=an_identity(NUMBER), profile=names)
    identified = Identified(at=NOW, authentication_id=event.id, person_id=None, pending=pending, verdict=Verdict.ALLOW)
    DatabaseInteractions(CIPHER).record_identified(interaction, identified, None, NOW)
    budget = Budget(limit=5, window=timedelta(hours=24))
    DatabaseBudgets(PEPPER).charge({NUMBER: budget, "4711": budget}, NOW, once="4711|0017")
    person_id = new_id(NOW)
    people.register(
        NewAccount(
            person_id=person_id,
            newcomer=pending,
            contact=Contact(name="Anna Canariensis", phone=phone, email=email),
            authentication_id=event.id,
        ),
        NOW,
    )
    assert customer_id is not None
    DatabaseLinks(CIPHER).link(person_id, customer_id, "4711", LinkAssurance.LEGACY_KNOWLEDGE, NOW, fresh_until=NOW)
    DatabasePushedRequests(CIPHER).push("hash", "one", {"login_hint": "canary-pushed"}, NOW + timedelta(minutes=1))
    DatabaseOutbox(CIPHER).put("mail.test", "key", {"to": "canary@example.se"}, NOW)


def _dump() -> bytes:
    """Every cell of every table, text and bytes alike."""
    parts = []
    for table in metadata.sorted_tables:
        for row in connection().execute(table.select()):
            parts += [bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode() for cell in row]
    return b"\n".join(parts)


@pytest.mark.usefixtures("database_context")
def test_a_dump_after_a_first_login_holds_no_canary() -> None:
    with unit_of_work():
        _first_login()
        dump = _dump()

    assert b"Firman" in dump
    assert [canary for canary in CANARIES if canary.encode() in dump] == []


def test_the_files_of_sqlite_hold_no_canary_either(sqlite_app: Flask, sqlite_url: str) -> None:
    with unit_of_work(sqlite_app):
        _first_login()
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    stored = b"".join(path.read_bytes() for path in file.parent.glob("idp.db*"))

    assert b"Firman" in stored
    assert [canary for canary in CANARIES if canary.encode() in stored] == []


@pytest.mark.usefixtures("database_context")
def test_nobody_is_found_by_hashing_every_plausible_number_without_the_key() -> None:
    with unit_of_work():
        _first_login()
        dump = _dump()

    for secret in (NUMBER, ORGANISATION, "4711|0017", "0017", "canary@example.se", "+46701740605"):
        for digest in (hashlib.sha256(secret.encode()), hashlib.sha1(secret.encode()), hashlib.md5(secret.encode())):
            assert digest.digest() not in dump
            assert not re.search(digest.hexdigest().encode(), dump)
