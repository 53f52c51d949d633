"""Warnings of expiry: at 60, 30, 14, 7 and 1 days, once each, for everything that ends."""

import threading
from datetime import datetime, timedelta

import pytest
from structlog.testing import capture_logs

from idp.assembly.jobs import make_expiry_warnings
from idp.core.oidc.keys.keyring import Keyring, SigningKey, generate_key
from idp.jobs.expiry_warnings import DAYS, Expiring, ExpiryWarnings, client_keys_end, signing_ends
from idp_tests.builders import NOW, a_client
from idp_tests.provider import Clock, Provider

KEY = generate_key("ES256")


def ending(days: float, what: str = "BankID certificate") -> Expiring:
    return Expiring(what=what, ends_at=NOW + timedelta(days=days), remedy="order a new one")


def signing(name: str, *, since: float, until: float | None = None) -> SigningKey:
    return SigningKey(
        kid=name,
        alg="ES256",
        created_at=NOW - timedelta(days=100),
        activates_at=NOW + timedelta(days=since),
        retires_at=None if until is None else NOW + timedelta(days=until),
        key=KEY,
    )


@pytest.mark.parametrize(
    ("days", "threshold"),
    [(61, None), (60, 60), (31, 60), (30, 30), (14, 14), (7, 7), (2, 7), (1, 1), (0.5, 1), (0, 0), (-3, 0)],
)
def test_the_nearest_threshold_counts(days: float, threshold: int | None) -> None:
    assert ending(days).threshold(NOW) == threshold


def test_in_two_months_each_threshold_is_said_once_and_then_the_end() -> None:
    clock, certificate = Clock(), ending(61.5)
    clock.now = NOW
    warnings = ExpiryWarnings(look={"certificate": lambda _now: [certificate]}, clock=clock)
    with capture_logs() as logs:
        for _ in range(63 * 24):
            warnings.beat()
            clock.advance(hours=1)
    assert tuple(entry["days"] for entry in logs) == (*DAYS, 0)
    assert [entry["log_level"] for entry in logs] == ["warning"] * 4 + ["error"] * 2
    assert all(entry["remedy"] == "order a new one" for entry in logs)


def test_a_renewed_certificate_may_warn_again_in_its_time() -> None:
    clock, ends = Clock(), [ending(5), ending(500), ending(5)]
    clock.now = NOW
    warnings = ExpiryWarnings(look={"certificate": lambda _now: [ends.pop(0)]}, clock=clock)
    with capture_logs() as logs:
        for _ in range(3):
            warnings.beat()
    assert len(logs) == 2


def test_an_algorithm_without_a_successor_ends_with_its_last_key() -> None:
    keyring = Keyring(keys=(signing("a", since=-50, until=10), signing("b", since=-5, until=20)))
    (found,) = signing_ends(keyring, NOW)
    assert found.ends_at == NOW + timedelta(days=20)
    assert found.remedy == "run `idp keys new ES256`"


@pytest.mark.parametrize("successor", [signing("b", since=5), signing("b", since=-1)])
def test_a_key_with_a_successor_is_no_worry(successor: SigningKey) -> None:
    assert list(signing_ends(Keyring(keys=(signing("a", since=-50, until=10), successor)), NOW)) == []


def test_a_clients_key_that_says_when_it_ends_is_watched() -> None:
    end = NOW + timedelta(days=3)
    client = a_client(jwks={"keys": [{"kid": "k1", "exp": int(end.timestamp())}, {"kid": "k2"}, {"exp": True}]})
    (found,) = client_keys_end(client)
    assert (found.what, found.ends_at) == ("key k1 of client minasidor", end)


@pytest.mark.parametrize(("exp", "grade"), [(1e20, None), (float("inf"), None), (-1e20, 0), (float("-inf"), 0)])
def test_an_end_beyond_every_calendar_is_never_or_long_ago(exp: float, grade: int | None) -> None:
    (found,) = client_keys_end(a_client(jwks={"keys": [{"kid": "k1", "exp": exp}]}))
    assert found.threshold(NOW) == grade


@pytest.mark.parametrize("exp", [float("nan"), True, "1e20", None, {}])
def test_an_end_that_is_no_number_is_none(exp: object) -> None:
    assert list(client_keys_end(a_client(jwks={"keys": [{"kid": "k1", "exp": exp}]}))) == []


def test_two_keys_without_a_name_are_two() -> None:
    ends = [int((NOW + timedelta(days=days)).timestamp()) for days in (3, 40)]
    found = client_keys_end(a_client(jwks={"keys": [{"exp": end} for end in ends]}))
    assert [one.what for one in found] == ["key 1 of client minasidor", "key 2 of client minasidor"]


def test_the_provider_watches_its_bankid_certificate(provider: Provider) -> None:
    (found,) = make_expiry_warnings(provider.parts).look["BankID certificate"](provider.clock())
    assert found.days_left(provider.clock()) == pytest.approx(700, abs=1)


def test_a_file_that_cannot_be_read_hides_nothing_else_that_ends() -> None:
    def broken(_now: datetime) -> list[Expiring]:
        raise OSError("unreadable")

    with capture_logs() as logs:
        ExpiryWarnings(look={"TLS": broken, "certificate": lambda _now: [ending(5)]}, clock=lambda: NOW).beat()
    assert [(entry["event"], entry["what"]) for entry in logs] == [
        ("not looked at", "TLS"),
        ("expires", "BankID certificate"),
    ]


def test_the_warnings_look_until_they_are_stopped() -> None:
    stop = threading.Event()

    def look(_now: datetime) -> list[Expiring]:
        stop.set()
        return []

    ExpiryWarnings(look={"certificate": look}, clock=lambda: NOW).run(stop)
