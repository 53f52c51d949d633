"""The sweeper: what is over goes, what may still be asked for stays."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, update

from idp.adapters.database.approvals import DatabaseApprovals
from idp.adapters.database.attempts import DatabaseAttempts, DatabaseUnlocks
from idp.adapters.database.audit import DatabaseAudit
from idp.adapters.database.audit_chain import DatabaseAuditChain
from idp.adapters.database.bankid.orders import DatabaseOrders
from idp.adapters.database.budgets import DatabaseBudgets
from idp.adapters.database.canaries import DatabaseCanaries
from idp.adapters.database.consents import DatabaseConsents
from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.freeze_secrets import DatabaseFreezeSecrets
from idp.adapters.database.grants import DatabaseGrants
from idp.adapters.database.heartbeats import DatabaseHeartbeats
from idp.adapters.database.incidents import DatabaseIncidents
from idp.adapters.database.invitations import DatabaseInvitations
from idp.adapters.database.known_devices import DatabaseKnownDevices
from idp.adapters.database.outbox import DatabaseOutbox
from idp.adapters.database.pushed_requests import DatabasePushedRequests
from idp.adapters.database.registered_clients import DatabaseInitialTokens, DatabaseRegisteredClients
from idp.adapters.database.seen_ids import DatabaseSeenIds
from idp.adapters.database.sessions import DatabaseSessions
from idp.adapters.database.sweeper import sweep
from idp.adapters.database.tables import evidence, metadata, outbox, seen_ids
from idp.core.budgets import Budget
from idp.core.events import SessionEnded
from idp.core.identification.bankid.order import Launch
from idp.core.identification.bankid.order_request import OrderRequest
from idp.core.identification.bankid.ports import WantedOrder
from idp.core.ids import new_id
from idp.core.linking.approval import Approval
from idp.core.linking.freeze_secrets import Held
from idp.core.linking.invitation import Invitation
from idp.core.oidc.keys.canary import Canary
from idp_tests.adapters.database.seeds import (
    a_grant,
    a_registered_client,
    a_session,
    add_authentication,
    add_customer,
    add_link,
    add_person,
    an_attempt,
    an_initial_token,
    open_interaction,
    race,
)
from idp_tests.builders import an_identity
from idp_tests.databases import AUDIT_KEYS, CIPHER, NOW, PEPPER

pytestmark = pytest.mark.usefixtures("database_context")

KEPT_FOR_EVER = {"person_keys",
    "people", "identities", "customers", "customer_numbers", "links", "registered_clients", "supported_programs",
    "secret_canaries",
}  # fmt: skip


def _event() -> SessionEnded:
    return SessionEnded(person_id="p" * 32, session_id="s" * 32, reason="logout")


def _fill_every_table() -> None:
    with unit_of_work():
        person = add_person()
        customer_id = add_customer()
        add_link(person, customer_id)
        asked = Approval(
            id=new_id(NOW),
            customer_id=customer_id,
            number="123456",
            asker_name="Bo Ek",
            asker_email="bo@example.se",
            asked_at=NOW,
            expires_at=NOW + timedelta(days=7),
        )
        DatabaseApprovals(CIPHER, PEPPER).ask(asked, an_identity(), NOW)
        DatabaseInvitations(CIPHER, PEPPER).put(
            Invitation(
                id=new_id(NOW),
                customer_id=customer_id,
                number="123456",
                customer_name="Bolaget AB",
                email="bo@example.se",
                inviter_id=person.id,
                inviter_name="Anna Andersson",
                invited_at=NOW,
                expires_at=NOW + timedelta(days=7),
            ),
            "secret",
        )
        event = add_authentication(person)
        DatabaseGrants(CIPHER).open(a_grant(person, event))
        DatabaseSessions(CIPHER).start(a_session(person, event), "cookie")
        interaction = open_interaction()
        wanted = WantedOrder(
            id=new_id(NOW),
            identification_id=interaction.id,
            launch=Launch.QR,
            request=OrderRequest(end_user_ip="192.0.2.7", user_visible_data="Logga in"),
            return_nonce_hash=None,
            wanted_at=NOW,
        )
        DatabaseOrders(CIPHER).want(wanted, NOW)
        DatabaseConsents().allow(person.id, "shop", ["openid", "email"], NOW, NOW + timedelta(days=365))
        budget = Budget(limit=5, window=timedelta(hours=24))
        DatabaseBudgets(PEPPER).charge({"p": budget, "c": budget}, NOW, once="x")
        DatabasePushedRequests(CIPHER).push("hash", "one", {}, NOW + timedelta(minutes=10))
        DatabaseKnownDevices().note(person.id, "known", NOW, NOW + timedelta(days=399))
        DatabaseSeenIds().remember("dpop", "one", "jti", NOW + timedelta(minutes=10))
        DatabaseInitialTokens().issue(an_initial_token(), "t" * 64)
        DatabaseRegisteredClients(CIPHER, DatabaseBudgets(PEPPER)).admit(
            a_registered_client(), "t" * 64, per_hour=9, most=9, now=NOW
        )
        DatabaseAttempts(CIPHER, PEPPER).record(an_attempt())
        held = Held(person_id=person.id, customer_id="c" * 32, linked_at=NOW, told="linked_user")
        DatabaseFreezeSecrets().give_out(held, NOW, until=NOW + timedelta(days=30))
        DatabaseUnlocks(PEPPER).second("scope", "K-17", "eva", NOW)
        DatabaseCanaries().note([Canary("pepper", 1, bytes(32))])
        DatabaseHeartbeats().note("node.a", NOW)
        DatabaseIncidents().note("K7Q2", NOW, {})
        DatabaseAudit(AUDIT_KEYS).record(_event(), NOW)
        DatabaseAuditChain(AUDIT_KEYS).begin()
        DatabaseAuditChain(AUDIT_KEYS).seal(NOW)
        proof = {
            "authentication_id": event.id,
            "reference": "o",
            "kind": "bankid",
            "parts_encrypted": b"",
            "recorded_at": NOW,
        }
        connection().execute(insert(evidence), proof | {"expires_at": NOW + timedelta(days=90)})
        DatabaseOutbox(CIPHER).put("mail.test", "key", {}, NOW)
        connection().execute(update(outbox).values(delivered_at=NOW, next_at=None))


def _rows() -> dict[str, int]:
    with unit_of_work():
        return {
            name: connection().execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in metadata.tables.items()
        }


def _sweep(now: datetime, *, batch: int = 500) -> Mapping[str, int]:
    with unit_of_work():
        return sweep(now, batch=batch)


def test_nothing_that_lives_is_swept() -> None:
    _fill_every_table()

    assert all(_rows().values())
    assert _sweep(NOW) == {}
    assert all(_rows().values())


def test_after_two_years_only_people_customers_and_the_schemas_note_are_left() -> None:
    _fill_every_table()

    _sweep(NOW + timedelta(days=730))

    audit_log = {"audit", "audit_seals", "audit_ends"}  # goes from its beginning, see test_audit_chain
    assert {name for name, count in _rows().items() if count} == KEPT_FOR_EVER | audit_log


def test_an_authentication_stays_while_its_evidence_does() -> None:
    _fill_every_table()
    with unit_of_work():
        connection().execute(update(evidence).values(expires_at=None))

    _sweep(NOW + timedelta(days=730))

    assert _rows()["authentications"] == _rows()["evidence"] == 1


def test_a_sweep_takes_so_many_at_a_time() -> None:
    with unit_of_work():
        for number in range(7):
            DatabaseSeenIds().remember("dpop", "one", str(number), NOW)

    assert [_sweep(NOW, batch=3) for _ in range(4)] == [{"seen_ids": 3}, {"seen_ids": 3}, {"seen_ids": 1}, {}]


def test_sweepers_at_once_count_every_row_once(database_app: Flask) -> None:
    with unit_of_work():
        for number in range(40):
            DatabaseSeenIds().remember("dpop", "one", str(number), NOW)

    counts = race(database_app, lambda: sweep(NOW).get("seen_ids", 0), runners=6)

    assert sum(counts) == 40
    with unit_of_work():
        assert connection().execute(select(seen_ids)).first() is None
