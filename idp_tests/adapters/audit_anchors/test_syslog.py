"""Anchors to syslog: one message each, by a socket of this machine or by UDP."""

import re
import socket
from pathlib import Path

import pytest

from idp.adapters.audit_anchors.syslog import AnchorsToSyslog
from idp.core.audit_chain.anchor import AnchorFailed

MESSAGE = re.compile(r"<109>1 - \S+ idp [0-9]+ audit-anchor - (.*)")


def test_a_socket_of_this_machine_gets_one_message(tmp_path: Path) -> None:
    address = str(tmp_path / "log")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(address)
        AnchorsToSyslog(address).add('{"position":7}')
        received = MESSAGE.fullmatch(listener.recv(4096).decode())
    assert received is not None
    assert received[1] == '{"position":7}'


def test_another_machine_gets_one_datagram() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        AnchorsToSyslog(f"127.0.0.1:{listener.getsockname()[1]}").add("line")
        received = MESSAGE.fullmatch(listener.recv(4096).decode())
    assert received is not None


@pytest.mark.parametrize("address", ["/absent/log", "nowhere.invalid:514"])
def test_a_place_that_cannot_be_reached_is_named(address: str) -> None:
    with pytest.raises(AnchorFailed, match=re.escape(address)):
        AnchorsToSyslog(address).add("line")
