"""The simulator put together: keys, clock, orders, API and phone, as one thing to start and stop."""

from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask

from idp_sandbox.bankid.api import create_api
from idp_sandbox.bankid.clock import Clock
from idp_sandbox.bankid.keystore import KeyStore
from idp_sandbox.bankid.order import Pace
from idp_sandbox.bankid.order_store import OrderStore
from idp_sandbox.bankid.personas import Persona
from idp_sandbox.bankid.phone import add_phone
from idp_sandbox.bankid.phone_api import add_phone_api
from idp_sandbox.bankid.scenario import Rate, Scenario
from idp_sandbox.bankid.server import Server, mutual_tls, server_tls


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How to run the simulator; port 0 means any free port."""

    data: Path
    host: str = "localhost"
    api_port: int = 8004
    phone_port: int = 8003
    autopilot: Persona | None = None
    phone_tls: tuple[Path, Path] | None = None
    qr_slack: int = 5
    collect_rate: Rate = "count"
    relying_party: str = "PreZero"
    public_phone_url: str | None = None
    pace: Pace = field(default_factory=Pace)


class Simulator:
    """A running simulator; raises OSError when a port or file cannot be had."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.scenario = Scenario(autopilot=settings.autopilot, rate=settings.collect_rate)
        self.orders = OrderStore(self.clock, self.scenario, pace=settings.pace, qr_slack=settings.qr_slack)
        self.keys = KeyStore(settings.data, host=settings.host, relying_party=settings.relying_party)
        certificate, key = self.keys.server_files
        tls = mutual_tls(str(certificate), str(key), str(self.keys.rp_ca_file))
        phone_tls = server_tls(*map(str, settings.phone_tls)) if settings.phone_tls else None
        self._api = Server(create_api(self.orders, self.scenario, self.keys), settings.host, settings.api_port, tls=tls)
        self._phone = Server(create_phone(self), settings.host, settings.phone_port, tls=phone_tls)
        scheme = "https" if phone_tls else "http"
        self.api_url = f"https://{settings.host}:{self._api.port}/rp/v6.0"
        self.phone_url = settings.public_phone_url or f"{scheme}://{settings.host}:{self._phone.port}"

    def start(self) -> None:
        """Begin to answer on both ports."""
        self._api.start()
        self._phone.start()

    def stop(self) -> None:
        """Stop answering."""
        self._api.stop()
        self._phone.stop()


def bare_phone_app() -> Flask:
    """An application that finds the phone's templates and style, and has no pages yet."""
    return Flask("bankid_phone", root_path=str(Path(__file__).parent))


def create_phone(simulator: Simulator) -> Flask:
    """The WSGI application behind the phone's port."""
    app = bare_phone_app()
    add_phone(app, simulator.orders, simulator.clock)
    add_phone_api(app, simulator.orders, simulator.scenario, simulator.clock)

    @app.get("/health")
    def health() -> dict[str, object]:
        return {"status": "ok", "simulator": True, "phone": simulator.phone_url, "api": simulator.api_url}

    return app
