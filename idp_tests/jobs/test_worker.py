"""The worker: every job runs, a dead process's leases are freed, and a stop ends all of it."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from idp.assembly.jobs import make_worker
from idp.assembly.provider import Provider as Assembled
from idp.jobs.worker import node_name
from idp.settings import Mail
from idp_tests.patience import PATIENCE, soon
from idp_tests.provider import Provider


def test_a_node_has_the_same_name_at_every_start_and_another_than_its_neighbour(provider: Provider) -> None:
    settings = provider.settings
    neighbour = settings.model_copy(update={"server": settings.server.model_copy(update={"port": 8001})})
    assert node_name(settings) == node_name(settings.model_copy())
    assert node_name(settings) != node_name(neighbour)


@pytest.mark.each_database
def test_leases_of_a_dead_process_are_freed_and_everything_stops(provider: Provider) -> None:
    outbox = provider.parts.store.outbox
    with provider.parts.database.unit_of_work():
        outbox.put("mail.new_user", "k", a_notice(provider), provider.clock())
        until = provider.clock() + timedelta(hours=1)
        outbox.lease_due("node-1.dead", provider.clock(), until, 10)
    folder = provider.directory / "mail"
    with at_work(provider, replaced=["node-1.dead"]):
        soon(lambda: list(folder.glob("*.eml")), "the e-mail is delivered")
    assert len(list(folder.glob("*.eml"))) == 1
    assert (
        provider.scalar("SELECT count(*) FROM outbox WHERE delivered_at IS NOT NULL AND payload_encrypted IS NULL") == 1
    )


def test_a_worker_that_replaces_nobody_takes_no_leases_and_one_that_ends_leaves_none(provider: Provider) -> None:
    """At a reload the new worker runs before the old one stops."""
    outbox = provider.parts.store.outbox
    with provider.parts.database.unit_of_work():
        for number in range(2):
            outbox.put("mail.new_user", f"k{number}", a_notice(provider), provider.clock())
        until = provider.clock() + timedelta(hours=1)
        outbox.lease_due("node-1.other", provider.clock(), until, 1)
        outbox.lease_due("node-1.alive", provider.clock(), until, 1)
    started = threading.Event()
    with at_work(provider, replaced=[], started=started.set):
        assert started.wait(PATIENCE)
    assert provider.scalar("SELECT count(*) FROM outbox WHERE leased_by = 'node-1.other'") == 1
    assert provider.scalar("SELECT count(*) FROM outbox WHERE leased_by = 'node-1.alive'") == 0


@contextmanager
def at_work(
    provider: Provider, *, replaced: Sequence[str], started: Callable[[], None] = lambda: None
) -> Iterator[None]:
    """A worker in a thread; it is stopped in order when the block ends."""
    assembled = _with_a_mail_folder(provider)
    stop, worker = threading.Event(), make_worker(assembled, "node-1.alive")
    working = threading.Thread(target=worker.run, args=(stop,), kwargs={"replaced": replaced, "started": started})
    working.start()
    yield
    stop.set()
    working.join(PATIENCE)
    assembled.database.close()
    assert not working.is_alive()


def a_notice(provider: Provider) -> dict[str, str]:
    return {
        "to": "bo@example.se",
        "recipient": "contact_on_file",
        "customer_name": "Exempelbolaget AB",
        "customer_number": "10012345",
        "person_name": "Anna Svensson",
        "linked_at": provider.clock().isoformat(),
        "freeze": "the-secret",
        "freeze_until": (provider.clock() + timedelta(days=30)).isoformat(),
    }


def _with_a_mail_folder(provider: Provider) -> Assembled:
    mail = Mail(folder=provider.directory / "mail")
    return replace(provider.parts, settings=provider.settings.model_copy(update={"mail": mail}))
