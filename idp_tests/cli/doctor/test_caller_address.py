"""Callers' addresses: the proxy is asked by a request to ourselves, and a login host on IPv6 needs a probe."""

import socket
from collections.abc import Mapping
from typing import Any

import pytest

from idp.assembly.provider import Provider
from idp.cli.doctor.caller_address import families, look_at_address_families, look_at_callers_address
from idp.cli.doctor.finding import Grade
from idp_tests.cli.doctor.looking import NOW, assembled
from idp_tests.cli.installation import Installation

BOTH, FOUR = {socket.AF_INET, socket.AF_INET6}, {socket.AF_INET}


def told(provider: Provider, answer: Mapping[str, Any] | Exception) -> tuple[Grade, str, str]:
    def ask(_host: str, question: str) -> Mapping[str, Any]:
        assert provider.address_probe.answer(question, "203.0.113.9", NOW) is not None  # type: ignore[arg-type]
        if isinstance(answer, Exception):
            raise answer
        return answer

    (found,) = look_at_callers_address(provider.settings, provider.address_probe.ask("doctor", NOW), ask)
    return found.grade, found.seen, found.remedy


def test_a_proxy_that_can_be_read_is_well(installed: Installation) -> None:
    grade, seen, _ = told(assembled(installed), {"address": "203.0.113.9", "answer": "…"})
    assert (grade, seen) == (Grade.OK, "https://id.example sees this machine at 203.0.113.9")


@pytest.mark.parametrize("address", ["10.0.1.5", "192.168.0.9", "100.64.0.1", "127.0.0.1", "::1", "fd00::7", "fe80::1"])
def test_a_proxy_that_nobody_named_is_taken_for_everybody(installed: Installation, address: str) -> None:
    """Two proxies, or one outside of the networks that are named: all people share its address, and its budget of orders."""
    grade, seen, remedy = told(assembled(installed), {"address": address, "answer": "…"})
    assert grade is Grade.WARN
    assert seen == f"https://id.example sees this machine at {address}, which is no address of the public network"
    assert "server.trusted_proxies" in remedy


def test_on_a_laptop_its_own_address_is_right(installed: Installation) -> None:
    installed.change("https://id.example", "http://localhost:8000")
    grade, _, _ = told(assembled(installed), {"address": "127.0.0.1", "answer": "…"})
    assert grade is Grade.OK


@pytest.mark.parametrize(
    ("said", "wrote"),
    [("unknown", "writes 'unknown' in X-Forwarded-For"), ("", "names nobody in X-Forwarded-For")],
)
def test_a_proxy_that_cannot_be_read_is_a_failure(installed: Installation, said: str, wrote: str) -> None:
    grade, seen, remedy = told(assembled(installed), {"address": None, "said": said})
    assert grade is Grade.FAIL
    assert wrote in seen
    assert "server.client_address_header" in remedy


@pytest.mark.parametrize(
    ("problem", "said"), [(ConnectionError("no"), "ConnectionError"), (ValueError("HTTP 404"), "HTTP 404")]
)
def test_where_nobody_answers_it_is_said_that_nobody_was_asked(
    installed: Installation, problem: Exception, said: str
) -> None:
    grade, seen, _ = told(assembled(installed), problem)
    assert (grade, seen) == (Grade.WARN, f"https://id.example could not be asked: {said}")


@pytest.mark.parametrize(
    ("settings", "found", "said"),
    [
        ("", BOTH, ["none, but the login host answers on IPv6"]),
        ("", FOUR, []),
        ('address_probes = ["https://four.id.example"]', FOUR, []),
        ('address_probes = ["https://four.id.example"]', BOTH, ["https://four.id.example has addresses of both kinds"]),
        ("same_address_suffices = false", BOTH, []),
    ],
)
def test_a_login_host_on_ipv6_needs_a_probe_with_one_kind_of_address(
    installed: Installation, monkeypatch: pytest.MonkeyPatch, settings: str, found: set[int], said: list[str]
) -> None:
    installed.change("[bankid]", f"[bankid]\n{settings}")
    monkeypatch.setattr("idp.cli.doctor.caller_address.families", lambda _origin: found)
    findings = list(look_at_address_families(assembled(installed).settings))
    assert [finding.seen[: len(text)] for finding, text in zip(findings, said, strict=True)] == said


def test_the_kinds_of_address_are_those_of_the_host_name() -> None:
    assert families("https://127.0.0.1:8443") == FOUR
    assert families("https://[::1]") == {socket.AF_INET6}
    assert families("https://nobody.invalid") == set()
