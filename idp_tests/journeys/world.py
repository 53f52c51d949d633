"""A world for tests: `python -m idp_sandbox up` as a person would start it, with its addresses, its phone and its processes."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from idp_sandbox.ports import Ports
from idp_tests.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
CUSTOMER, DIGITS, COMPANY = "10012345", "0680", "Exempelbolaget AB"
OTHER_CUSTOMER, OTHER_DIGITS, OTHER_COMPANY = "10012417", "3383", "Åkessons Måleri AB"


@dataclass(frozen=True, kw_only=True)
class RunningWorld:
    """Everything that a test needs to know about a running world."""

    data: Path
    ports: Ports
    tls: bool
    lines: list[str] = field(repr=False)
    process: subprocess.Popen[str] = field(repr=False)

    @property
    def idp(self) -> str:
        return self._address(self.ports.idp)

    @property
    def minasidor(self) -> str:
        return self._address(self.ports.minasidor)

    @property
    def mittprezero(self) -> str:
        return self._address(self.ports.mittprezero)

    @property
    def playground(self) -> str:
        return self._address(self.ports.playground)

    @property
    def phone(self) -> "Phone":
        return Phone(self._address(self.ports.phone), self.trusted)

    @property
    def trusted(self) -> str | bool:
        """What `requests` is given to verify certificates with."""
        return str(self.data / "tls" / "ca.pem") if self.tls else True

    def _address(self, port: int) -> str:
        return f"{'https' if self.tls else 'http'}://localhost:{port}"

    def stop(self, number: signal.Signals) -> int:
        """End it before its time; returns its exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=PATIENCE)

    def provider_log(self) -> str:
        return (self.data / "logs" / "idp.log").read_text(encoding="utf-8", errors="replace")


class Phone:
    """The virtual phone by its JSON API: what people do in the BankID app."""

    def __init__(self, address: str, trusted: str | bool = True) -> None:
        self.address = address
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.verify = trusted

    def scan(self, frame: str, persona: str) -> str:
        """Scan a QR frame and return the app's session with the order."""
        return str(self._post("scan", {"qr": frame, "persona": persona})["session"])

    def open(self, autostarttoken: str, persona: str) -> dict[str, Any]:
        return self._post("open", {"autostarttoken": autostarttoken, "persona": persona})

    def approve(self, session: str) -> None:
        self._post("approve", {"session": session})

    def cancel(self, session: str) -> None:
        self._post("cancel", {"session": session})

    def identify(self, frame: str, persona: str) -> None:
        """Scan and approve."""
        self.approve(self.scan(frame, persona))

    def order_behind(self, frame: str) -> str:
        """The reference of the order whose QR frame this is, while it waits to be scanned."""
        token = frame.split(".")[1]
        return str(next(order["orderRef"] for order in self.orders() if f".{token}." in str(order["qr"])))

    def order(self, order_ref: str) -> dict[str, Any]:
        return next(order for order in self.orders() if order["orderRef"] == order_ref)

    def orders(self) -> list[dict[str, Any]]:
        """Newest first."""
        response = self._http.get(f"{self.address}/api/orders", timeout=PATIENCE)
        response.raise_for_status()
        orders: list[dict[str, Any]] = response.json()["orders"]
        return orders

    def direct(self, **scenario: object) -> None:
        """Set up what goes wrong, or who approves by himself."""
        self._post("scenario", scenario)

    def faults_left(self) -> list[dict[str, Any]]:
        response = self._http.get(f"{self.address}/api/scenario", timeout=PATIENCE)
        faults: list[dict[str, Any]] = response.json()["faults"]
        return faults

    def behave(self) -> None:
        """Forget what was set up."""
        self._http.delete(f"{self.address}/api/scenario", timeout=PATIENCE).raise_for_status()

    def _post(self, call: str, body: Mapping[str, object]) -> dict[str, Any]:
        response = self._http.post(f"{self.address}/api/{call}", json=body, timeout=PATIENCE)
        if not response.ok:
            raise AssertionError(f"the phone says {response.status_code}: {response.text}")
        answer: dict[str, Any] = response.json() if response.content else {}
        return answer


@contextmanager
def running_world(data: Path, *options: str) -> Iterator[RunningWorld]:
    """Start a world in `data`, wait for its `Ready`, and stop it afterwards."""
    ports = free_ports()
    command = [sys.executable, "-m", "idp_sandbox", "up", "--data", str(data), "--ports-from", str(ports.idp), *options]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    try:
        lines = _read_until_ready(process)
        yield RunningWorld(data=data, ports=ports, tls="--tls" in options, lines=lines, process=process)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()


def _read_until_ready(process: subprocess.Popen[str]) -> list[str]:
    lines: list[str] = []
    watchdog = threading.Timer(PATIENCE, process.kill)
    watchdog.start()
    try:
        for line in process.stdout or ():
            lines.append(line.rstrip("\n"))
            if lines[-1] == "Ready":
                return lines
    finally:
        watchdog.cancel()
    raise AssertionError("the world did not start:\n" + "\n".join(lines))


def free_ports() -> Ports:
    """Six in a row, away from the range that the system hands out by itself."""
    for _ in range(200):
        first = 10_000 + int.from_bytes(os.urandom(2)) % 20_000
        if not Ports.starting_at(first).taken():
            return Ports.starting_at(first)
    raise AssertionError("no six free ports in a row")
