"""The worker: every job runs, a dead process's leases are freed, and a stop ends all of it."""

import threading
from dataclasses import replace
from datetime import timedelta

from idp.assembly.jobs import make_worker
from idp.assembly.provider import Provider as Assembled
from idp.jobs.worker import node_name
from idp.settings import Mail
from idp_tests.provider import Provider


def test_a_node_has_the_same_name_at_every_start_and_another_than_its_neighbour(provider: Provider) -> None:
    settings = provider.settings
    neighbour = settings.model_copy(update={"server": settings.server.model_copy(update={"port": 8001})})
    assert node_name(settings) == node_name(settings.model_copy())
    assert node_name(settings) != node_name(neighbour)


def test_leases_of_a_dead_process_are_freed_and_everything_stops(provider: Provider) -> None:
    outbox = provider.parts.store.outbox
    with provider.parts.database.unit_of_work():
        outbox.put("mail.new_user", "k", a_notice(provider), provider.clock())
        until = provider.clock() + timedelta(hours=1)
        outbox.lease_due("node-1.dead", provider.clock(), until, 10)
    stop = threading.Event()
    working = threading.Thread(target=make_worker(_with_a_mail_folder(provider), "node-1").run, args=(stop,))
    working.start()
    folder = provider.directory / "mail"
    for _ in range(400):
        if folder.exists() and list(folder.glob("*.eml")):
            break
        threading.Event().wait(0.05)
    stop.set()
    working.join(30)
    assert not working.is_alive()
    assert len(list(folder.glob("*.eml"))) == 1
    assert provider.scalar("SELECT count(*) FROM outbox WHERE delivered_at IS NOT NULL AND payload_sealed IS NULL") == 1


def a_notice(provider: Provider) -> dict[str, str]:
    return {
        "to": "bo@example.se",
        "recipient": "contact_on_file",
        "customer_name": "Exempelbolaget AB",
        "customer_number": "10012345",
        "person_name": "Anna Svensson",
        "linked_at": provider.clock().isoformat(),
    }


def _with_a_mail_folder(provider: Provider) -> Assembled:
    mail = Mail(folder=provider.directory / "mail")
    return replace(provider.parts, settings=provider.settings.model_copy(update={"mail": mail}))
