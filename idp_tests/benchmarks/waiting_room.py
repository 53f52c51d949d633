"""How many people may wait for BankID at once: `python -m idp_tests.benchmarks.waiting_room --people 4000 --latency 0.3`.

The product's own collector, in a process like that of the jobs, on SQLite or the database named by `--database-url`, before a BankID of another
process that answers each call after the latency, over TLS. People come evenly for ten seconds, then each approves at a moment of the next twenty.
Printed are the waits beyond BankID's own latency, and the processor time. Machines are noisy: compare the ratios of one run.
"""

import argparse
import asyncio
import base64
import json
import logging
import random
import resource
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import structlog
from sqlalchemy import select

from idp.adapters.database.engine import connection
from idp.adapters.database.tables import bankid_orders
from idp.assembly.jobs import make_waiting_room
from idp.assembly.provider import Provider, assemble
from idp.core.identification.bankid.order import Launch
from idp.core.identification.bankid.order_request import OrderRequest
from idp.core.identification.bankid.ports import WantedOrder
from idp.core.ids import new_id
from idp.settings_file import load_settings
from idp_sandbox.local_authority import LocalAuthority
from idp_tests.cli.installation import Installation, write_certificate

COME_WITHIN, APPROVE_WITHIN, PATIENCE = 10.0, 20.0, 90.0
SETTINGS = """
mode = "sandbox"
issuer = "https://id.example"
clients = ["clients"]
[database]
url = "{database_url}"
[bankid]
api_url = "https://localhost:{port}/rp/v6.0"
server_ca = "tls/ca.pem"
client_certificate = "rp.pem"
test_environment = true
[mail]
folder = "mail"
"""
PERSON = {"personalNumber": "199001012385", "name": "Anna Svensson", "givenName": "Anna", "surname": "Svensson"}
SIGNATURE = base64.b64encode(bytes(9000)).decode()
"""As long as a real one, which nothing reads here."""


@dataclass
class BankId:
    """Orders by their references: when each is approved."""

    latency: float
    approved_at: dict[str, float] = field(default_factory=dict)

    def answer(self, operation: str, asked: dict[str, str]) -> dict[str, object]:
        now = time.time()
        if operation == "auth":
            ref = str(uuid4())
            self.approved_at[ref] = now + COME_WITHIN + random.uniform(0, APPROVE_WITHIN)
            return {
                "orderRef": ref,
                "autoStartToken": str(uuid4()),
                "qrStartToken": str(uuid4()),
                "qrStartSecret": str(uuid4()),
            }
        ref = asked["orderRef"]
        if now < self.approved_at[ref]:
            return {"orderRef": ref, "status": "pending", "hintCode": "outstandingTransaction"}
        about = {"user": PERSON, "device": {"ipAddress": "192.0.2.1"}, "signature": SIGNATURE}
        return {"orderRef": ref, "status": "complete", "completionData": about}


class Connection(asyncio.Protocol):
    """One keeps many calls, one after the other."""

    transport: asyncio.Transport

    def __init__(self, bankid: BankId) -> None:
        self.bankid, self.received = bankid, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data
        head, end, body = self.received.partition(b"\r\n\r\n")
        if not end or len(body) < int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]):
            return
        self.received = b""
        operation = head.partition(b" HTTP")[0].rpartition(b"/")[2].decode()
        asyncio.get_running_loop().call_later(self.bankid.latency, self._say, operation, json.loads(body))

    def _say(self, operation: str, asked: dict[str, str]) -> None:
        body = json.dumps(self.bankid.answer(operation, asked)).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self.transport.write(head.encode() + body)


def play_bankid(port: int, latency: float, directory: Path) -> None:
    """Serve until standard input ends, then print when which order was approved."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / "localhost.pem", directory / "localhost-key.pem")
    bankid = BankId(latency)

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: Connection(bankid), "127.0.0.1", port, ssl=context, backlog=4096, reuse_address=True
        )
        async with server:
            print("ready", flush=True)
            await loop.run_in_executor(None, sys.stdin.read)

    asyncio.run(serve())
    print(json.dumps(bankid.approved_at), flush=True)


def come(provider: Provider, people: int) -> None:
    """People press the button, evenly over COME_WITHIN."""
    began = time.monotonic()
    for number in range(people):
        time.sleep(max(0.0, began + number * COME_WITHIN / people - time.monotonic()))
        now = datetime.now(UTC)
        order = WantedOrder(
            id=new_id(now),
            identification_id=f"person-{number}",
            launch=Launch.SAME_DEVICE,
            request=OrderRequest(end_user_ip="192.0.2.7", user_visible_data="Logga in"),
            return_nonce_hash=None,
            wanted_at=now,
        )
        with provider.database.unit_of_work():
            provider.store.orders.want(order, now)


def measure(provider: Provider, people: int, bankid: "subprocess.Popen[str]", latency: float) -> None:
    stop = threading.Event()
    room = threading.Thread(target=make_waiting_room(provider, "bench.1").run, args=(stop,))
    room.start()
    begun, used = time.monotonic(), time.process_time()
    come(provider, people)
    arrived = time.process_time() - used
    states: dict[str, int] = {}
    while time.monotonic() - begun < PATIENCE and states.get("complete", 0) + states.get("failed", 0) < people:
        time.sleep(1)
        states = count_states(provider)
    took = time.process_time() - used
    stop.set()
    room.join()
    approved_at = json.loads(bankid.communicate("")[0])
    rows = provider.store.orders._rows
    with provider.database.unit_of_work():
        orders = [rows.order(row) for row in connection().execute(select(bankid_orders)).mappings()]
    begins = [(one.started_at - one.wanted_at).total_seconds() - latency for one in orders if one.started_at]
    arrives = [
        one.completed_at.timestamp() - approved_at[one.order_ref or ""] - latency for one in orders if one.completed_at
    ]
    print(f"{people} people, BankID after {latency} s: {states}")
    print(f"  start -> BankID's reference stored, beyond its latency: {percentiles(begins)}")
    print(f"  approval -> stored, beyond its latency: {percentiles(arrives)}")
    print(
        f"  processor: {took:.1f} s in {time.monotonic() - begun:.0f} s, {arrived:.1f} s of it while people came, who are played here too"
    )


def count_states(provider: Provider) -> dict[str, int]:
    states: dict[str, int] = {}
    with provider.database.unit_of_work():
        for state in connection().execute(select(bankid_orders.c.state)).scalars():
            states[state] = states.get(state, 0) + 1
    return states


def percentiles(values: Sequence[float]) -> str:
    ordered = sorted(values)
    if not ordered:
        return "none"
    found = (ordered[min(len(ordered) - 1, int(len(ordered) * share))] for share in (0.5, 0.99, 1))
    return "p50 {:.2f} s, p99 {:.2f} s, longest {:.2f} s".format(*found)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--latency", type=float, default=0.3, help="seconds that BankID takes")
    parser.add_argument("--database-url", default="sqlite:///idp.db")
    parser.add_argument("--bankid", nargs=2, metavar=("PORT", "DIRECTORY"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(limit, 65536), limit))
    if asked.bankid:
        play_bankid(int(asked.bankid[0]), asked.latency, Path(asked.bankid[1]))
        return
    with TemporaryDirectory() as name:
        directory = Path(name)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        (directory / "clients").mkdir()
        text = SETTINGS.format(database_url=asked.database_url, port=port)
        (directory / "idp.toml").write_text(text, encoding="utf-8")
        write_certificate(directory / "rp.pem")
        LocalAuthority.load_or_make(directory / "tls", now=datetime.now(UTC))
        installation = Installation(directory)
        installation.done("keys", "init")
        installation.done("db", "upgrade")
        command = [sys.executable, "-m", "idp_tests.benchmarks.waiting_room", "--latency", str(asked.latency)]
        with subprocess.Popen(
            [*command, "--bankid", str(port), str(directory / "tls")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as bankid:
            assert bankid.stdout is not None
            assert bankid.stdout.readline() == "ready\n"
            provider = assemble(load_settings(directory / "idp.toml"))
            measure(provider, asked.people, bankid, asked.latency)
            provider.close()


if __name__ == "__main__":
    main()
