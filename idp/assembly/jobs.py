"""The jobs: what runs without a browser, made from a provider."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Final

from idp.adapters.database.sweeper import sweep
from idp.adapters.database.unused_accounts import DatabaseUnusedAccounts
from idp.adapters.messages.back_channel_logout import BackChannelCalls
from idp.assembly.provider import Provider
from idp.core.accounts.unused import RetireUnused
from idp.core.identification.bankid.breaker import Breaker
from idp.core.messages import MAIL_KINDS, NEW_USER_SMS_KIND, Message
from idp.core.oidc.logout.end_session import BACKCHANNEL_KIND
from idp.core.oidc.tokens.token_issuer import TokenIssuer
from idp.jobs import outbox
from idp.jobs.anchoring import Anchoring
from idp.jobs.bankid.collector import Collector
from idp.jobs.bankid.waiting_room import WaitingRoom
from idp.jobs.email_texts import Emails
from idp.jobs.expiry_warnings import Expiring, ExpiryWarnings, client_keys_end, signing_ends
from idp.jobs.heartbeat import Heartbeat
from idp.jobs.leased_work import LeasedWork
from idp.jobs.logout_calls import LogoutCalls
from idp.jobs.outbox import OutboxDelivery
from idp.jobs.patient_write import PatientWrite, WriteInThread
from idp.jobs.sms_texts import TextMessages
from idp.jobs.sweeper import Sweeper
from idp.jobs.unused_accounts import UnusedAccountsJob
from idp.jobs.worker import Worker
from idp.metrics import Reading

_ORDER_WRITERS: Final = 4
"""Threads, each with a database connection while it writes what BankID told."""


def make_worker(provider: Provider, name: str) -> Worker:
    """Everything that one process runs. Raises what the provider's parts raise."""
    return Worker(
        name=name,
        jobs={
            "collector": make_waiting_room(provider, name).run,
            "outbox": make_delivering(provider, name).run,
            "sweeper": make_sweeper(provider).run,
            "anchoring": make_anchoring(provider).run,
            "expiry": make_expiry_warnings(provider).run,
            "unused accounts": make_unused_accounts_job(provider).run,
        },
        queues={"orders": provider.store.orders, "messages": provider.store.outbox},
        unit_of_work=provider.database.unit_of_work,
        outages=provider.database.outages,
    )


def make_waiting_room(provider: Provider, worker: str) -> WaitingRoom:
    """A slow call to BankID holds up nobody else."""
    heartbeat = Heartbeat(
        heartbeats=provider.store.heartbeats, unit_of_work=provider.database.unit_of_work, worker=worker
    )
    return WaitingRoom(
        orders=provider.store.orders,
        collector=make_collector(provider, worker),
        unit_of_work=provider.database.unit_of_work,
        outages=provider.database.outages,
        clock=provider.clock,
        worker=worker,
        at_work=heartbeat,
    )


def make_delivering(provider: Provider, worker: str) -> LeasedWork[Message]:
    """A relying party that is slow holds up a few others at most."""
    return LeasedWork(
        name="outbox",
        queue=provider.store.outbox,
        do=make_delivery(provider, worker).work_on,
        unit_of_work=provider.database.unit_of_work,
        outages=provider.database.outages,
        clock=provider.clock,
        worker=worker,
        lease=outbox.LEASE,
        threads=4,
        idle_seconds=0.5,
    )


def make_readings(provider: Provider) -> Sequence[Reading]:
    """The figures that are read when somebody asks for them."""

    def silence() -> float | None:
        with provider.database.unit_of_work():
            lasted = provider.collector_watch.silence(provider.clock())
        return None if lasted is None else lasted.total_seconds()

    what = "How long no BankID collector has been seen on any node; missing when none ever was."
    return [Reading(name="idp_collector_silent_seconds", what=what, read=silence)]


def make_collector(provider: Provider, worker: str) -> Collector:
    """What speaks to BankID."""
    return Collector(
        orders=provider.store.orders,
        bankid=provider.bankid,
        write=WriteInThread(write=_patient_write(provider), threads=ThreadPoolExecutor(_ORDER_WRITERS, "order-writer")),
        clock=provider.clock,
        worker=worker,
        chain=timedelta(seconds=provider.settings.bankid.chain_seconds),
        breaker=Breaker(),
    )


def make_delivery(provider: Provider, worker: str) -> OutboxDelivery:
    """What delivers e-mail and logout tokens."""
    emails, calls = _emails(provider), _logout_calls(provider)
    return OutboxDelivery(
        outbox=provider.store.outbox,
        deliver={
            **dict.fromkeys(MAIL_KINDS, emails.deliver),
            NEW_USER_SMS_KIND: _text_messages(provider).deliver,
            BACKCHANNEL_KIND: calls.deliver,
        },
        write=_patient_write(provider),
        clock=provider.clock,
        worker=worker,
    )


def make_sweeper(provider: Provider) -> Sweeper:
    """What deletes, seals the audit log, notes secrets, and counts what waits."""
    store, kept = provider.store, provider.settings.retention
    return Sweeper(
        delete_expired=lambda now, batch: sweep(now, kept, batch=batch),
        seal_audit=store.audit_chain.seal,
        forget_audit=lambda now, limit: store.audit_chain.forget(now - kept.audit, limit=limit),
        look_at_outbox=store.outbox.waiting,
        count_overdue=store.orders.overdue,
        require_secrets=provider.own_secrets.require,
        unit_of_work=provider.database.unit_of_work,
        outages=provider.database.outages,
        clock=provider.clock,
    )


def make_anchoring(provider: Provider) -> Anchoring:
    """What says in a second place where the audit log stands."""
    proof = provider.audit_proof
    return Anchoring(
        chain=provider.store.audit_chain,
        write=proof.line,
        places=proof.places,
        every=provider.settings.audit.anchor_every,
        unit_of_work=provider.database.unit_of_work,
        outages=provider.database.outages,
        clock=provider.clock,
    )


def make_unused_accounts_job(provider: Provider) -> UnusedAccountsJob:
    """What warns people who have not logged in for long, and erases them."""
    kept, store = provider.settings.retention, provider.store

    def retire() -> RetireUnused:
        return RetireUnused(
            accounts=DatabaseUnusedAccounts(),
            people=store.people,
            outbox=store.outbox,
            erase_person=provider.accounts.erase,
            after=kept.unused_account,
            warned_before=kept.unused_account_warning,
        )

    return UnusedAccountsJob(
        retire=retire,
        unit_of_work=provider.database.unit_of_work,
        outages=provider.database.outages,
        clock=provider.clock,
    )


def make_expiry_warnings(provider: Provider) -> ExpiryWarnings:
    """What says in time that something must be renewed."""

    def bankid_certificate(_now: datetime) -> Iterator[Expiring]:
        remedy = "order a new one from the bank and put it at bankid.client_certificate"
        yield Expiring(what="BankID certificate", ends_at=provider.certificate.expires_at, remedy=remedy)

    def tls_certificate(_now: datetime) -> Iterator[Expiring]:
        ends_at = provider.tls_expires_at()
        if ends_at is not None:
            yield Expiring(what="TLS certificate", ends_at=ends_at, remedy="renew server.tls_certificate")

    def client_keys(_now: datetime) -> Iterator[Expiring]:
        for client in provider.clients.all():
            yield from client_keys_end(client)

    return ExpiryWarnings(
        look={
            "BankID certificate": bankid_certificate,
            "TLS certificate": tls_certificate,
            "signing keys": lambda now: signing_ends(provider.keys.keyring, now),
            "client keys": client_keys,
        },
        clock=provider.clock,
    )


def _patient_write(provider: Provider) -> PatientWrite:
    return PatientWrite(unit_of_work=provider.database.unit_of_work, clock=provider.clock, wait=time.sleep)


def _emails(provider: Provider) -> Emails:
    settings = provider.settings
    return Emails(
        catalogs=provider.email_texts,
        sender=provider.email_sender,
        brand=settings.brand,
        issuer=settings.issuer,
        reference_tokens=lambda: provider.keys.reference_tokens,
    )


def _text_messages(provider: Provider) -> TextMessages:
    settings = provider.settings
    return TextMessages(
        catalogs=provider.email_texts, sender=provider.sms_sender, brand=settings.brand, issuer=settings.issuer
    )


def _logout_calls(provider: Provider) -> LogoutCalls:
    settings, called = provider.settings, provider.settings.back_channel
    return LogoutCalls(
        clients=provider.clients,
        back_channel=BackChannelCalls(
            ca=called.ca, public_only=not settings.is_sandbox, inside=called.private_networks
        ),
        token_issuer=lambda: TokenIssuer.of(settings.issuer, provider.keys),
    )
