"""The sweeper: what is over goes, what may still be asked for stays."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Table, func, select, update

from idp.adapters.database.approvals import DatabaseApprovals
from idp.adapters.database.attempts import DatabaseAttempts, DatabaseUnlocks
from idp.adapters.database.audit import DatabaseAudit
from idp.adapters.database.audit_chain import DatabaseAuditChain
from idp.adapters.database.bankid.orders import DatabaseOrders
from idp.adapters.database.budgets import DatabaseBudgets
from idp.adapters.database.canaries import DatabaseCanaries
from idp.adapters.database.consents import DatabaseConsents
from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.evidence import DatabaseEvidence
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
from idp.adapters.database.tables import authentications, customers, links, metadata, outbox, people, seen_ids
from idp.core.budgets import Budget
from idp.core.events import SessionEnded
from idp.core.evidence.bundle import ActKind
from idp.core.identification.bankid.order import Launch
from idp.core.identification.bankid.order_request import OrderRequest
from idp.core.identification.bankid.ports import WantedOrder
from idp.core.ids import new_id
from idp.core.linking.approval import Approval
from idp.core.linking.freeze_secrets import Held
from idp.core.linking.invitation import Invitation
from idp.core.messages import ACCOUNT_UNUSED_KIND
from idp.core.oidc.keys.canary import Canary
from idp.retention import RULES, Retention
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
from idp_tests.builders import a_bundle, an_act, an_identity, kept
from idp_tests.databases import AUDIT_KEYS, CIPHER, NOW, PEPPER

pytestmark = pytest.mark.usefixtures("database_context")

KEPT = Retention()
KEPT_FOR_EVER = {name for name, rule in RULES.items() if rule.kept}
WITH_THE_ACCOUNT = {"identities", "person_keys", "links", "customers", "customer_numbers", "authentications"}
"""What stays while the account does; its link stands, and so does its company."""
LONG = timedelta(days=8000)


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
        DatabaseEvidence(CIPHER).keep(kept(a_bundle(act=an_act(at=NOW)), event.id))
        DatabaseOutbox(CIPHER).put("mail.test", "key", {}, NOW)
        connection().execute(update(outbox).values(delivered_at=NOW, next_at=None))


def _rows() -> dict[str, int]:
    with unit_of_work():
        return {
            name: connection().execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in metadata.tables.items()
        }


def _sweep(now: datetime, *, batch: int = 500, kept: Retention = KEPT) -> Mapping[str, int]:
    with unit_of_work():
        return sweep(now, kept, batch=batch)


def test_nothing_that_lives_is_swept() -> None:
    _fill_every_table()

    assert all(_rows().values())
    assert _sweep(NOW) == {}
    assert all(_rows().values())


def test_every_table_says_how_its_rows_end() -> None:
    assert RULES.keys() == metadata.tables.keys()


def test_in_the_end_only_accounts_what_belongs_to_them_and_what_is_kept_for_ever_are_left() -> None:
    _fill_every_table()

    _sweep(NOW + LONG)

    audit_log = {"audit", "audit_seals"}  # goes from its beginning, see test_audit_chain
    left = {name for name, count in _rows().items() if count}
    assert left == KEPT_FOR_EVER | WITH_THE_ACCOUNT | audit_log


def _setting(name: str, days: float) -> Retention:
    return Retention().model_copy(update={name: timedelta(days=days)})


@pytest.mark.parametrize(
    ("setting", "table", "days"),
    [
        ("session", "sessions", 7),
        ("session", "grants", 7),
        ("login_under_way", "interactions", 1),
        ("login_under_way", "bankid_orders", 1),
        ("login_evidence", "evidence", 90),
        ("incident", "incidents", 90),
        ("message", "outbox", 30),
        ("initial_token", "initial_tokens", 90),
    ],
)
def test_a_setting_decides_how_long_rows_stay(setting: str, table: str, days: int) -> None:
    _fill_every_table()

    assert RULES[table].settings[0] == setting
    later = NOW + timedelta(days=days + 8)
    assert table not in _sweep(later, kept=_setting(setting, 3000))
    assert table in _sweep(later)


def _columns(table: Table, *names: str) -> list[Any]:
    with unit_of_work():
        return [tuple(row) for row in connection().execute(select(*(table.c[name] for name in names)))]


def test_the_last_login_of_a_person_stays_without_its_address_and_says_since_when_the_account_is_unused() -> None:
    with unit_of_work():
        person = add_person()
        old, last = add_authentication(person), add_authentication(person)
        connection().execute(
            update(authentications).where(authentications.c.id == last.id).values(at=NOW + timedelta(days=1))
        )
        add_authentication(None)

    assert _sweep(NOW + timedelta(days=90)) == {"authentications.device_ip_encrypted": 2, "authentications": 2}
    assert _sweep(NOW + timedelta(days=91)) == {"authentications.device_ip_encrypted": 1}
    assert _columns(authentications, "id", "device_ip_encrypted") == [(last.id, b"")]
    assert old.id != last.id


def _evidence(kind: ActKind, person_id: str = "p1", customer_id: str = "c1") -> None:
    act = an_act(kind=kind, at=NOW, person_id=person_id, customer_id=customer_id, client_id="shop")
    DatabaseEvidence(CIPHER).keep(kept(a_bundle(reference=new_id(NOW), act=act, identification=None), "a1"))


@pytest.mark.parametrize(
    ("kind", "setting"),
    [
        (ActKind.REGISTRATION, "registration_evidence"),
        (ActKind.LINK, "link"),
        (ActKind.CONSENT, "consent_evidence"),
        (ActKind.FREEZE, "freeze_evidence"),
    ],
)
def test_evidence_of_an_act_stays_for_ten_years_or_as_the_settings_say(kind: ActKind, setting: str) -> None:
    with unit_of_work():
        _evidence(kind)

    assert _sweep(NOW + timedelta(days=3652)) == {}
    assert _sweep(NOW + timedelta(days=5000), kept=_setting(setting, 6000)) == {}
    assert _sweep(NOW + timedelta(days=3653)) == {"evidence": 1}


def test_evidence_stays_while_what_it_is_of_stands() -> None:
    with unit_of_work():
        person, customer_id = add_person(), add_customer()
        add_link(person, customer_id)
        DatabaseConsents().allow(person.id, "shop", ["openid"], NOW, NOW + LONG)
        for kind in (ActKind.REGISTRATION, ActKind.LINK, ActKind.CONSENT):
            _evidence(kind, person.id, customer_id)

    assert "evidence" not in _sweep(NOW + timedelta(days=5000))
    with unit_of_work():
        connection().execute(update(links).values(ended_at=NOW + timedelta(days=5000)))
    assert "evidence" not in _sweep(NOW + timedelta(days=7999)), "ten years from the end of the link"
    assert _sweep(NOW + timedelta(days=8653))["evidence"] == 2, "of the link, and of the consent that has ended"
    with unit_of_work():
        connection().execute(update(people).values(erased_at=NOW))
    assert _sweep(NOW + timedelta(days=8653)) == {"evidence": 1}


def test_a_company_that_left_loses_its_contact_its_links_and_in_the_end_its_row() -> None:
    closed, gone = NOW, NOW + timedelta(days=730)
    with unit_of_work():
        add_link(add_person(), add_customer(active=False, contact_email="info@bolaget.se"))
        add_customer(number="7", organisation_number="5599041125", contact_email="info@andra.se")

    assert _sweep(closed + timedelta(days=729)) == {}
    assert _sweep(gone) == {"links.ended_at": 1, "customers.contact_encrypted": 1}
    assert _columns(links, "ended_at", "end_reason") == [(gone, "customer_left")]
    assert _sweep(gone + timedelta(days=3652)) == {}
    assert _sweep(gone + timedelta(days=3653)) == {"links": 1, "customer_numbers": 1, "customers": 1}
    assert _columns(customers, "active") == [(True,)]


def test_a_warning_that_an_account_is_unused_outlives_other_messages() -> None:
    with unit_of_work():
        for kind in ("mail.test", ACCOUNT_UNUSED_KIND):
            DatabaseOutbox(CIPHER).put(kind, kind, {}, NOW)
        connection().execute(update(outbox).values(delivered_at=NOW, next_at=None))

    assert _sweep(NOW + timedelta(days=89)) == {"outbox": 1}
    assert _columns(outbox, "kind") == [(ACCOUNT_UNUSED_KIND,)]
    assert _sweep(NOW + timedelta(days=90)) == {"outbox": 1}


def test_evidence_of_a_login_stays_while_that_of_an_act_after_it_does() -> None:
    consent = a_bundle(reference="e2", act=an_act(kind=ActKind.CONSENT), identification=None)
    with unit_of_work():
        for reference, bundle in (("a1", a_bundle()), ("a1", consent), ("a2", a_bundle(reference="e3"))):
            DatabaseEvidence(CIPHER).keep(kept(bundle, reference))

    assert _sweep(NOW + timedelta(days=730)) == {"evidence": 1}
    assert _rows()["evidence"] == 2


def test_a_sweep_takes_so_many_at_a_time() -> None:
    with unit_of_work():
        for number in range(7):
            DatabaseSeenIds().remember("dpop", "one", str(number), NOW)

    assert [_sweep(NOW, batch=3) for _ in range(4)] == [{"seen_ids": 3}, {"seen_ids": 3}, {"seen_ids": 1}, {}]


def test_sweepers_at_once_count_every_row_once(database_app: Flask) -> None:
    with unit_of_work():
        for number in range(40):
            DatabaseSeenIds().remember("dpop", "one", str(number), NOW)

    counts = race(database_app, lambda: sweep(NOW, KEPT).get("seen_ids", 0), runners=6)

    assert sum(counts) == 40
    with unit_of_work():
        assert connection().execute(select(seen_ids)).first() is None
