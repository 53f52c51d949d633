"""The store: everything that lies in the database, behind one port each."""

from dataclasses import dataclass

from idp.adapters.database.approvals import DatabaseApprovals
from idp.adapters.database.attempts import DatabaseAttempts, DatabaseUnlocks
from idp.adapters.database.audit import AuditKeys, DatabaseAudit
from idp.adapters.database.audit_chain import DatabaseAuditChain
from idp.adapters.database.bankid.orders import DatabaseOrders
from idp.adapters.database.budgets import DatabaseBudgets
from idp.adapters.database.consents import DatabaseConsents
from idp.adapters.database.customer_register import DatabaseRegister
from idp.adapters.database.customers import DatabaseCustomers
from idp.adapters.database.encryption import FieldCipher, Pepper
from idp.adapters.database.engine import Database
from idp.adapters.database.erasures import DatabaseTraces, KeylessPeople
from idp.adapters.database.evidence import DatabaseEvidence
from idp.adapters.database.extracts import DatabaseExtracts
from idp.adapters.database.freeze_secrets import DatabaseFreezeSecrets
from idp.adapters.database.grants import DatabaseGrants
from idp.adapters.database.heartbeats import DatabaseHeartbeats
from idp.adapters.database.incidents import DatabaseIncidents
from idp.adapters.database.interactions import DatabaseInteractions
from idp.adapters.database.invitations import DatabaseInvitations
from idp.adapters.database.known_devices import DatabaseKnownDevices
from idp.adapters.database.links import DatabaseLinks
from idp.adapters.database.outbox import DatabaseOutbox
from idp.adapters.database.people import DatabasePeople
from idp.adapters.database.pushed_requests import DatabasePushedRequests
from idp.adapters.database.reencryption import DatabaseReencryption
from idp.adapters.database.registered_clients import ClientsFromAnywhere, DatabaseInitialTokens
from idp.adapters.database.seen_ids import DatabaseSeenIds
from idp.adapters.database.sessions import DatabaseSessions
from idp.adapters.keys.files import KeyFiles
from idp.retention import Retention


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """The ports that the database satisfies; statements need an open connection, and nobody here commits."""

    approvals: DatabaseApprovals
    attempts: DatabaseAttempts
    audit: DatabaseAudit
    audit_chain: DatabaseAuditChain
    budgets: DatabaseBudgets
    consents: DatabaseConsents
    customers: DatabaseCustomers
    evidence: DatabaseEvidence
    extracts: DatabaseExtracts
    freeze_secrets: DatabaseFreezeSecrets
    grants: DatabaseGrants
    heartbeats: DatabaseHeartbeats
    incidents: DatabaseIncidents
    initial_tokens: DatabaseInitialTokens
    interactions: DatabaseInteractions
    orders: DatabaseOrders
    known_devices: DatabaseKnownDevices
    keyless: KeylessPeople
    invitations: DatabaseInvitations
    links: DatabaseLinks
    outbox: DatabaseOutbox
    people: DatabasePeople
    pushed_requests: DatabasePushedRequests
    register: DatabaseRegister
    registered_clients: ClientsFromAnywhere
    seen_ids: DatabaseSeenIds
    sessions: DatabaseSessions
    traces: DatabaseTraces
    unlocks: DatabaseUnlocks


def make_store(database: Database, keys: KeyFiles, retention: Retention) -> Store:
    """Make every port with the keys that open its encrypted fields and find people."""
    cipher, pepper = FieldCipher(lambda: keys.secrets.fields), Pepper(lambda: keys.secrets.pepper)
    audit_keys = AuditKeys(lambda: keys.secrets.audit)
    budgets = DatabaseBudgets(pepper)
    return Store(
        approvals=DatabaseApprovals(cipher, pepper),
        attempts=DatabaseAttempts(cipher, pepper),
        audit=DatabaseAudit(audit_keys),
        audit_chain=DatabaseAuditChain(audit_keys),
        budgets=budgets,
        consents=DatabaseConsents(),
        customers=DatabaseCustomers(cipher, pepper),
        evidence=DatabaseEvidence(cipher),
        extracts=DatabaseExtracts(cipher, pepper),
        freeze_secrets=DatabaseFreezeSecrets(),
        grants=DatabaseGrants(cipher),
        heartbeats=DatabaseHeartbeats(),
        incidents=DatabaseIncidents(),
        initial_tokens=DatabaseInitialTokens(),
        interactions=DatabaseInteractions(cipher),
        orders=DatabaseOrders(cipher),
        known_devices=DatabaseKnownDevices(),
        keyless=KeylessPeople(),
        invitations=DatabaseInvitations(cipher, pepper),
        links=DatabaseLinks(cipher),
        outbox=DatabaseOutbox(cipher),
        people=DatabasePeople(cipher, pepper),
        pushed_requests=DatabasePushedRequests(cipher),
        register=DatabaseRegister(cipher, pepper),
        registered_clients=ClientsFromAnywhere(cipher, budgets, database.opened),
        seen_ids=DatabaseSeenIds(),
        sessions=DatabaseSessions(cipher),
        traces=DatabaseTraces(cipher, pepper, retention),
        unlocks=DatabaseUnlocks(pepper),
    )


def make_reencryption(keys: KeyFiles) -> DatabaseReencryption:
    """What writes rows again under the newest version of a secret."""
    return DatabaseReencryption(FieldCipher(lambda: keys.secrets.fields), Pepper(lambda: keys.secrets.pepper))
