"""The worker: one process that runs every job, each in a thread of its own, until it is told to stop."""

import hashlib
import secrets
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final, cast

import structlog
from flask import Flask
from prometheus_client import start_http_server

from idp.adapters.database.audit import DatabaseAudit
from idp.adapters.database.engine import unit_of_work
from idp.adapters.database.links import NEW_USER_KIND
from idp.adapters.database.orders import DatabaseOrders
from idp.adapters.database.outbox import DatabaseOutbox
from idp.adapters.database.registration import CONFIRM_EMAIL_KIND
from idp.adapters.database.sweeper import sweep
from idp.adapters.messages.back_channel_logout import BackChannel
from idp.adapters.messages.email import post_office
from idp.app import Provider
from idp.core.oidc.logout import BACKCHANNEL_KIND
from idp.core.oidc.tokens.token_issuer import Mint
from idp.jobs.collector import Collector
from idp.jobs.emails import TRANSLATIONS, Letters
from idp.jobs.expiry_warnings import ExpiryWarnings, find_expiring
from idp.jobs.logout_calls import LogoutCalls
from idp.jobs.outbox import OutboxDelivery
from idp.jobs.sweeper import Sweeper
from idp.settings import Metrics, Settings
from idp.web.language import Catalogs

_log = structlog.get_logger("idp.jobs")

_PATIENCE_SECONDS: Final = 1.0


def node_name(settings: Settings) -> str:
    """The same for every start of one node, different for two nodes: 16 hex digits."""
    facts = "\n".join((socket.gethostname(), settings.server.host, str(settings.server.port), settings.issuer))
    return hashlib.sha256(facts.encode()).hexdigest()[:16]


def run_jobs(app: Flask, node: str, stop: threading.Event) -> None:
    """Free what a dead process of this node held, then work until `stop` is set; returns when every job has ended."""
    provider = cast("Provider", app.extensions["idp.provider"])
    worker = f"{node}.{secrets.token_hex(4)}"

    @contextmanager
    def unit_in_context() -> Iterator[None]:
        with app.app_context(), unit_of_work():
            yield

    jobs = Jobs(provider=provider, worker=worker, unit_of_work=unit_in_context)
    _show_figures(provider.settings.metrics)
    jobs.free(node, stop)
    threads = [threading.Thread(target=run, args=(stop,), name=name) for name, run in jobs.all().items()]
    _log.info("jobs started", worker=worker)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    _log.info("jobs stopped", worker=worker)


def _show_figures(metrics: Metrics) -> None:
    """Serve them to Prometheus in a thread of its own; a taken port is said aloud and stops nothing."""
    if metrics.port:
        try:
            start_http_server(metrics.port, metrics.host)
        except OSError as problem:
            _log.error("figures not shown", host=metrics.host, port=metrics.port, reason=problem.strerror)


@dataclass(frozen=True, slots=True, kw_only=True)
class Jobs:
    """What runs, made from the provider."""

    provider: Provider
    worker: str
    """In every lease: the node's name, a full stop, and a word of this process."""
    unit_of_work: Callable[[], AbstractContextManager[object]]

    def free(self, node: str, stop: threading.Event) -> None:
        """Take the leases of this node's earlier processes; patient while the database is away."""
        services = self.provider.services
        while not stop.is_set():
            try:
                with self.unit_of_work():
                    orders, messages = services.orders.release(node), self._outbox().release(node)
            except Exception:  # noqa: BLE001 - whatever the database says, there is nothing to do but to wait
                _log.exception("leases not freed")
                stop.wait(_PATIENCE_SECONDS)
            else:
                _log.info("leases freed", orders=orders, messages=messages)
                return

    def all(self) -> Mapping[str, Callable[[threading.Event], None]]:
        """The jobs by name; each runs until the event is set."""
        return {
            "collector": self.collector().run,
            "outbox": self.delivery().run,
            "sweeper": self.sweeper().run,
            "expiry": self.expiry_warnings().run,
        }

    def collector(self) -> Collector:
        services = self.provider.services
        return Collector(
            orders=services.orders,
            bankid=self.provider.bankid,
            unit_of_work=self.unit_of_work,
            clock=services.clock,
            worker=self.worker,
            chain=timedelta(seconds=services.settings.bankid.chain_seconds),
        )

    def delivery(self) -> OutboxDelivery:
        services, settings = self.provider.services, self.provider.settings
        letters = Letters(
            catalogs=Catalogs.load(TRANSLATIONS),
            post=post_office(settings.mail, settings.brand.name),
            brand=settings.brand,
            issuer=settings.issuer,
            sealer=lambda: services.sealer,
        )
        called = settings.back_channel
        calls = LogoutCalls(
            clients=services.clients,
            back_channel=BackChannel(ca=called.ca, public_only=not settings.is_sandbox, inside=called.private_networks),
            mint=lambda: Mint(issuer=settings.issuer, keyring=services.keyring, sealer=services.sealer),
        )
        return OutboxDelivery(
            outbox=self._outbox(),
            deliver={
                CONFIRM_EMAIL_KIND: letters.deliver,
                NEW_USER_KIND: letters.deliver,
                BACKCHANNEL_KIND: calls.deliver,
            },
            unit_of_work=self.unit_of_work,
            clock=services.clock,
            worker=self.worker,
        )

    def sweeper(self) -> Sweeper:
        return Sweeper(
            sweep=sweep,
            seal_audit=DatabaseAudit().seal,
            count_waiting=self._outbox().waiting,
            count_overdue=cast("DatabaseOrders", self.provider.services.orders).overdue,
            unit_of_work=self.unit_of_work,
            clock=self._clock,
        )

    def expiry_warnings(self) -> ExpiryWarnings:
        return ExpiryWarnings(find=partial(find_expiring, self.provider), clock=self._clock)

    def _clock(self) -> datetime:
        return self.provider.services.now()

    def _outbox(self) -> DatabaseOutbox:
        return cast("DatabaseOutbox", self.provider.services.outbox)
