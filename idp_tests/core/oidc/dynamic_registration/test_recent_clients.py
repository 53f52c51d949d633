"""Registered clients, remembered for seconds."""

import dataclasses
from datetime import timedelta

import pytest

from idp.core.oidc.dynamic_registration.recent_clients import BELIEVED_FOR, RecentClients
from idp_tests.registrations import (
    ISSUER,
    NOW,
    TERMS,
    Endpoints,
    many,
)


class Remembered:
    """A memory in front of one provider, and the clock that both share."""

    def __init__(self, endpoints: Endpoints) -> None:
        self.endpoints = endpoints
        self.recent = RecentClients(endpoints.registered, issuer=ISSUER, sandbox=False, clock=lambda: endpoints.now)

    def wait(self, seconds: float) -> None:
        self.endpoints.now += timedelta(seconds=seconds)


def test_a_client_is_read_once_in_a_few_seconds() -> None:
    world = Remembered(Endpoints())
    told = world.endpoints.register()
    before = world.endpoints.registered.reads
    for _ in range(10):
        assert world.recent.client(told["client_id"])
    assert world.endpoints.registered.reads == before + 1
    assert timedelta(0) < BELIEVED_FOR < timedelta(seconds=5)


def test_a_change_by_another_process_is_seen_within_five_seconds() -> None:
    world = Remembered(Endpoints())
    told = world.endpoints.register()
    client_id = told["client_id"]
    assert world.recent.client(client_id)
    world.endpoints.change(told, client_name="Nytt namn")
    world.wait(5)
    changed = world.recent.client(client_id)
    assert changed is not None
    assert changed.client_name == "Nytt namn"
    world.endpoints.registered.remove(client_id)
    world.wait(5)
    assert world.recent.client(client_id) is None
    assert world.recent.clients() == []


def test_a_client_that_was_not_there_is_seen_within_five_seconds() -> None:
    world = Remembered(many())
    told = world.endpoints.register()
    row = world.endpoints.registered.rows.pop(told["client_id"])
    assert world.recent.client(told["client_id"]) is None
    world.endpoints.registered.rows[told["client_id"]] = row
    world.wait(5)
    assert world.recent.client(told["client_id"]) is not None


def test_what_this_process_does_it_sees_at_once() -> None:
    world = Remembered(Endpoints())
    told = world.endpoints.register()
    assert world.recent.client(told["client_id"])
    assert len(world.recent.clients()) == 1
    stored = world.recent.find(told["client_id"])
    assert stored is not None
    metadata = {**stored.metadata, "client_name": "Nytt namn"}
    world.recent.change(dataclasses.replace(stored, metadata=metadata), per_hour=9, now=NOW)
    changed = world.recent.client(told["client_id"])
    assert changed is not None
    assert changed.client_name == "Nytt namn"
    world.recent.remove(told["client_id"])
    assert world.recent.client(told["client_id"]) is None
    assert world.recent.clients() == []


def test_ids_of_another_shape_cost_no_read() -> None:
    world = Remembered(Endpoints())
    for client_id in ("minasidor", "", "dcr-", "dcr-" + "A" * 32, "x" * 10_000, "dcr-" + "0" * 32 + "\n"):
        assert world.recent.client(client_id) is None
    assert world.endpoints.registered.reads == 0


def test_what_is_remembered_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("idp.core.oidc.dynamic_registration.recent_clients.MOST_ENTRIES", 3)
    world = Remembered(many())
    for number in range(3):
        known = world.endpoints.register()["client_id"]
        for client_id in (known, f"dcr-{number:032x}"):
            world.recent.client(client_id)
            assert len(world.recent._seen) <= 3
    for _ in range(3):
        world.recent.client(world.endpoints.register()["client_id"])
        assert len(world.recent._built) <= 3


def test_a_secret_that_expires_while_remembered_opens_nothing() -> None:
    world = Remembered(Endpoints(terms=dataclasses.replace(TERMS, secret_lifetime=timedelta(days=1))))
    told = world.endpoints.register()
    world.wait(86_400 - 1)
    client = world.recent.client(told["client_id"])
    assert client is not None
    assert client.client_secret_hashes
    world.wait(1)
    client = world.recent.client(told["client_id"])
    assert client is not None
    assert not client.client_secret_hashes


def test_a_client_that_breaks_a_newer_rule_is_unknown_and_hurts_nobody() -> None:
    world = Remembered(many())
    told, other = world.endpoints.register(), world.endpoints.register()
    row = world.endpoints.registered.rows[told["client_id"]]
    broken = {**row.metadata, "redirect_uris": ["http://rp.example/cb"]}
    world.endpoints.registered.rows[told["client_id"]] = dataclasses.replace(row, metadata=broken)
    assert world.recent.client(told["client_id"]) is None
    assert [client.client_id for client in world.recent.clients()] == [other["client_id"]]


def test_a_clock_that_is_set_back_makes_nothing_last() -> None:
    world = Remembered(Endpoints())
    told = world.endpoints.register()
    assert world.recent.client(told["client_id"])
    world.endpoints.registered.remove(told["client_id"])
    world.wait(-3_600)
    assert world.recent.client(told["client_id"]) is None
