"""A whole provider in this process: real database, real keys, real pages; only BankID is scripted.

`provider` is on SQLite; a test with the mark `each_database` runs on PostgreSQL too.
"""

import hashlib
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from flask import Flask
from flask.testing import FlaskClient

from idp.adapters.database.engine import database
from idp.adapters.keys.changes import KeyDirectory
from idp.app import create_app
from idp.assembly.jobs import make_collector
from idp.assembly.provider import Provider as Assembled
from idp.core.customer_register.facts import NumberState
from idp.core.identification.bankid.api import (
    BankId,
)
from idp.core.identification.bankid.trust import EvidenceReader
from idp.jobs.bankid.collector import Collector
from idp.jobs.patient_write import PatientWrite
from idp.settings import Settings
from idp.settings_file import load_settings
from idp.web.language import Catalogs
from idp_tests import client_side as clients
from idp_tests.at_once import WriteHere, at_once, hand_back
from idp_tests.browser import Browser
from idp_tests.customer_register import a_registered_customer, fill_register
from idp_tests.made_once import TEMPLATES, catalogs
from idp_tests.relying_party import CLIENT_KEY, PARTNER_SECRET
from idp_tests.scripted_bankid import ScriptedBankId

ISSUER = clients.ISSUER
START = datetime(2026, 5, 5, 12, 0, tzinfo=UTC)
SETTINGS = """
mode = "sandbox"
issuer = "https://id.example"
clients = ["clients"]
[database]
url = "{database_url}"
[keys]
directory = "keys"
[bankid]
api_url = "https://localhost:1/rp/v6.0"
server_ca = "rp.pem"
client_certificate = "rp.pem"
test_environment = true
orders_per_browser = 0
orders_per_address = 0
orders_per_network = 0
[brand]
support_phone = "0771-00 00 00"
[linking]
untold = "four_digits"
"""
MINASIDOR = """
client_name = "MinaSidor"
security_profile = "web_confidential"
first_party = true
redirect_uris = ["https://minasidor.example/cb"]
post_logout_redirect_uris = ["https://minasidor.example/bye"]
backchannel_logout_uri = "https://minasidor.example/backchannel"
client_uri = "https://minasidor.example/"
initiate_login_uri = "https://minasidor.example/login"
scope = "openid profile email phone customer"
[[jwks.keys]]
{jwk}
"""
MITTPREZERO = """
client_name = "MittPreZero"
security_profile = "native_public"
application_type = "native"
first_party = true
redirect_uris = ["http://127.0.0.1/cb", "https://app.example/cb"]
client_uri = "https://app.example/"
scope = "openid profile email phone customer offline_access"
"""
PARTNER = """
client_name = "Partnern"
security_profile = "third_party"
token_endpoint_auth_methods = ["client_secret_basic", "client_secret_post"]
client_secret_hash = "{secret_hash}"
redirect_uris = ["https://partner.example/cb", "https://partner.example/other?x=1"]
client_uri = "https://partner.example/"
require_customer_link = false
scope = "openid profile email phone offline_access"
grant_types = ["authorization_code", "refresh_token"]
"""


class Clock:
    """Time that a test moves."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **amount: float) -> None:
        self.now += timedelta(**amount)


@dataclass(frozen=True, kw_only=True)
class WithScriptedBankId(Assembled):
    """The provider as it is assembled, but for BankID."""

    scripted: ScriptedBankId
    scripted_evidence: EvidenceReader | None = None
    talks_to_developers: bool = False
    """As in production; the sandbox's own way is a test's to ask for."""

    @cached_property
    def explains_refusals(self) -> bool:
        return self.talks_to_developers

    @cached_property
    def bankid(self) -> BankId:
        return self.scripted

    @cached_property
    def evidence(self) -> EvidenceReader:
        return self.scripted_evidence or super().evidence

    @cached_property
    def catalogs(self) -> Catalogs:
        return catalogs()


@dataclass(kw_only=True)
class Provider:
    """One running provider and everything around it that a test touches."""

    parts: WithScriptedBankId
    app: Flask
    clock: Clock
    bankid: ScriptedBankId
    collector: Collector
    directory: Path

    @property
    def settings(self) -> Settings:
        return self.parts.settings

    def collect(self) -> None:
        """Let the collector do whatever is due."""
        with self.parts.database.unit_of_work():
            due = self.parts.store.orders.lease_due("test", self.clock(), self.clock() + timedelta(seconds=30), 10)
        for order in due:
            at_once(self.collector.work_on(order, hand_back))

    @property
    def issuer(self) -> str:
        return ISSUER

    def calls(self) -> FlaskClient:
        """A program's way to us: it keeps no cookies."""
        return self.app.test_client(use_cookies=False)

    def browser(self, **headers: str) -> Browser:
        return Browser(self, headers)

    def scalar(self, statement: str) -> Any:
        """The first column of the first row, straight from the database."""
        with self.app.app_context():
            return database.session.connection().exec_driver_sql(statement).scalar()


@pytest.fixture(scope="session")
def provider_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys, clients and a certificate, made once."""
    directory = tmp_path_factory.mktemp("provider")
    KeyDirectory(directory / "keys").init(START - timedelta(days=1))
    _write_certificate(directory / "rp.pem")
    (directory / "clients").mkdir()
    jwk = "\n".join(f'{name} = "{value}"' for name, value in CLIENT_KEY.as_dict(private=False).items())
    (directory / "clients/minasidor.toml").write_text(MINASIDOR.format(jwk=jwk))
    (directory / "clients/mittprezero.toml").write_text(MITTPREZERO)
    secret_hash = hashlib.sha256(PARTNER_SECRET.encode()).hexdigest()
    (directory / "clients/partner.toml").write_text(PARTNER.format(secret_hash=secret_hash))
    return directory


def _write_certificate(path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "PreZero Test")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(START - timedelta(days=1))
        .not_valid_after(START + timedelta(days=700))
        .sign(key, hashes.SHA256())
    )
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )


@pytest.fixture
def provider(database_url: str, provider_files: Path, tmp_path: Path) -> Iterator[Provider]:
    """A provider with an empty people table and two companies in its register."""
    directory = tmp_path / "provider"
    shutil.copytree(provider_files, directory)
    (directory / "idp.toml").write_text(SETTINGS.format(database_url=database_url))
    yield from run_provider(directory)


def run_provider(directory: Path) -> Iterator[Provider]:
    """Build it, fill the register, and let go of the database afterwards."""
    clock = Clock()
    settings = load_settings(directory / "idp.toml")
    parts = WithScriptedBankId(settings=settings, clock=clock, scripted=ScriptedBankId())
    provider = _serve(parts, clock, directory)
    with parts.database.unit_of_work():
        fill_register(parts.store.register, REGISTER, clock())
    yield provider
    parts.close()


@contextmanager
def restarted(
    provider: Provider,
    *,
    evidence: EvidenceReader | None = None,
    talks_to_developers: bool = False,
    **tables: Mapping[str, object],
) -> Iterator[Provider]:
    """The same people, clients, BankID and time under other settings, or with other evidence."""
    changed = {name: getattr(provider.settings, name).model_copy(update=members) for name, members in tables.items()}
    settings = provider.settings.model_copy(update=changed)
    parts = replace(
        provider.parts, settings=settings, scripted_evidence=evidence, talks_to_developers=talks_to_developers
    )
    parts.clients.replace({client.client_id: client for client in provider.parts.clients.all()})
    yield _serve(parts, provider.clock, provider.directory)
    parts.close()


def _serve(parts: WithScriptedBankId, clock: Clock, directory: Path) -> Provider:
    app = create_app(parts)
    app.jinja_env.bytecode_cache = TEMPLATES
    collector = a_collector(parts)
    return Provider(parts=parts, app=app, clock=clock, bankid=parts.scripted, collector=collector, directory=directory)


def a_collector(parts: WithScriptedBankId) -> Collector:
    """The provider's own, working at once."""
    made = make_collector(parts, "test")
    write = PatientWrite(unit_of_work=parts.database.unit_of_work, clock=parts.clock, wait=time.sleep)
    return replace(made, write=WriteHere(write))


REGISTER = [
    a_registered_customer("10012345"),
    a_registered_customer("10012346", organisation_number="556074-7569", name="Andra bolaget AB"),
    a_registered_customer(
        organisation_number="556703-7485", name="Stängda bolaget AB", states={"10012347": NumberState.CLOSED}
    ),
]
