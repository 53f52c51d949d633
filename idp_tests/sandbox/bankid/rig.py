"""The rig: a simulator whose clock is in the test's hand and whose API is called without a network."""

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from idp_sandbox.bankid.api import create_api
from idp_sandbox.bankid.clock import Clock
from idp_sandbox.bankid.keystore import KeyStore
from idp_sandbox.bankid.order import Pace
from idp_sandbox.bankid.order_store import OrderStore
from idp_sandbox.bankid.scenario import Scenario
from idp_sandbox.bankid.server import CLIENT_CERTIFICATE

START = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


@dataclass
class Rig:
    """One simulator: `api` as a relying party, `phone` as a person, `wait` for time to pass."""

    keys: KeyStore
    qr_slack: int = 5
    now: datetime = START
    clock: Clock = field(init=False)

    def __post_init__(self) -> None:
        self.clock = Clock(lambda: self.now)
        self.scenario = Scenario()
        self.orders = OrderStore(self.clock, self.scenario, qr_slack=self.qr_slack, pace=Pace())
        app = create_api(self.orders, self.scenario, self.keys)
        self.client: FlaskClient = app.test_client()
        self.certificate_der = self.certificate("rp")

    def certificate(self, stem: str) -> bytes:
        pem = (self.keys.directory / f"{stem}-cert.pem").read_bytes()
        return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def call(self, operation: str, body: Any, **more: Any) -> TestResponse:
        return self.client.post(
            f"/rp/v6.0/{operation}", json=body, environ_overrides={CLIENT_CERTIFICATE: self.certificate_der}, **more
        )

    def auth(self, **more: Any) -> dict[str, Any]:
        response = self.call("auth", {"endUserIp": "192.0.2.7", "web": {"userAgent": "test"}} | more)
        assert response.status_code == 200, response.text
        return dict(response.json or {})

    def collect(self, order: dict[str, Any], *, after: float = 2) -> dict[str, Any]:
        self.wait(after)
        return dict(self.call("collect", {"orderRef": order["orderRef"]}).json or {})


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
