"""A whole provider in this process: real database, real keys, real pages; only BankID is scripted.

`provider` is on SQLite; a test with the mark `each_database` runs on PostgreSQL too. `Browser` presses the buttons that a
person would, without script. What is costly and the same for every provider (parsed keys, compiled templates) is made once
per process.
"""

import hashlib
import html
import json
import re
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from joserfc.jwk import Key
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from idp.adapters.database.engine import database
from idp.adapters.keys.changes import KeyDirectory
from idp.app import create_app
from idp.assembly.jobs import make_collector
from idp.assembly.provider import Provider as Assembled
from idp.core.customer_register.facts import NumberState
from idp.core.identification.bankid.api import (
    Answered,
    BankId,
    BankIdError,
    Complete,
    Completion,
    Ended,
    Failed,
    OrderGone,
    Pending,
    Risk,
    StartedOrder,
    User,
)
from idp.core.identification.bankid.order_request import OrderRequest
from idp.core.identification.bankid.trust import EvidenceReader
from idp.core.oidc.keys.keyring import import_private_key
from idp.jobs.bankid.collector import Collector
from idp.settings import Settings
from idp.settings_file import load_settings
from idp.web.language import Catalogs
from idp_tests import client_side as clients
from idp_tests.client_side import code_form
from idp_tests.customer_register import a_registered_customer, fill_register
from idp_tests.relying_party import CLIENT_KEY, PARTNER_SECRET, RelyingParty, client_side

ISSUER = clients.ISSUER
START = datetime(2026, 5, 5, 12, 0, tzinfo=UTC)
ANNA = User(personal_number="199001012385", name="Anna Svensson", given_name="Anna", surname="Svensson")
BO = User(personal_number="191212121212", name="TOLVAN TOLVANSSON", given_name="TOLVAN", surname="TOLVANSSON")

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

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **amount: float) -> None:
        self.now += timedelta(**amount)


Told = Pending | Answered | Ended | BankIdError


@dataclass
class ScriptedBankId:
    """Satisfies the port `BankId`: what people do in the app is decided by the test."""

    requests: list[OrderRequest] = field(default_factory=list)
    answers: dict[str, Told] = field(default_factory=dict)
    cancelled: list[str] = field(default_factory=list)
    refuse_start: BankIdError | None = None
    collects: int = 0

    def auth(self, request: OrderRequest) -> StartedOrder:
        if self.refuse_start is not None:
            raise self.refuse_start
        self.requests.append(request)
        order_ref = f"order-{len(self.requests)}"
        self.answers[order_ref] = Pending("outstandingTransaction")
        return StartedOrder(
            order_ref=order_ref,
            auto_start_token=f"start-{secrets.token_hex(4)}",
            qr_start_token="67df3917-fa0d-44e5-b327-edcc928297f8",
            qr_start_secret="d28db9a7-4cde-429e-a983-359be676944c",
        )

    def collect(self, order_ref: str) -> Pending | Answered:
        self.collects += 1
        answer = self.answers.get(order_ref)
        if answer is None:
            raise OrderGone("invalidParameters")
        if isinstance(answer, BankIdError):
            raise answer
        if isinstance(answer, Pending):
            return answer
        del self.answers[order_ref]  # told once
        match answer:
            case Complete(completion):
                return Answered(json.dumps(completion.as_dict()).encode())
            case Failed(hint_code):
                return Answered(json.dumps({"hint_code": hint_code}).encode())
            case Answered():
                return answer

    def read(self, body: bytes, order_ref: str) -> Ended:
        told = json.loads(body)
        return Failed(told["hint_code"]) if "hint_code" in told else Complete(Completion.from_dict(told))

    def cancel(self, order_ref: str) -> None:
        self.cancelled.append(order_ref)
        self.answers.pop(order_ref, None)

    def ping(self) -> datetime | None: ...
    def close(self) -> None: ...

    @property
    def latest(self) -> str:
        return f"order-{len(self.requests)}"

    def tell(self, answer: Told) -> None:
        """Decide what the newest order's next collect says."""
        self.answers[self.latest] = answer

    def approve(self, user: User, *, device_ip: str = "127.0.0.1", risk: Risk | None = Risk.LOW) -> None:
        self.tell(
            Complete(
                Completion(
                    user=user,
                    device_ip=device_ip,
                    device_uhi="uhi",
                    issue_date=date(2025, 1, 1),
                    signature="c2lnbmF0dXJl",
                    ocsp="b2NzcA==",
                    risk=risk,
                )
            )
        )


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
        return _catalogs()


@cache
def _catalogs() -> Catalogs:
    """Nobody changes them, and reading them takes a fifth of the time that a provider takes."""
    return Catalogs.load()


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
            self.collector.work_on(order)

    @property
    def issuer(self) -> str:
        return ISSUER

    def calls(self) -> FlaskClient:
        """A program's way to us: it keeps no cookies."""
        return self.app.test_client(use_cookies=False)

    def browser(self, **headers: str) -> "Browser":
        return Browser(self, headers)

    def scalar(self, statement: str) -> Any:
        """The first column of the first row, straight from the database."""
        with self.app.app_context():
            return database.session.connection().exec_driver_sql(statement).scalar()


class Browser:
    """A browser without script; keeps cookies, follows our own redirects, stops at the client's."""

    def __init__(self, provider: Provider, headers: dict[str, str]) -> None:
        self.provider = provider
        self.client: FlaskClient = provider.app.test_client()
        self.headers = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/130", **headers}
        self.path = ""
        self.page = ""
        self.status = 0
        self.left_to: str | None = None
        self.verifier = secrets.token_urlsafe(32)

    def get(self, path: str) -> "Browser":
        return self._follow(self.client.get(path, headers=self.headers, base_url=ISSUER), path)

    def post(self, path: str, **form: str) -> "Browser":
        return self._follow(self.client.post(path, data=form, headers=self.headers, base_url=ISSUER), path)

    def submit(self, to: str, **form: str) -> "Browser":
        """Send the form of this page whose action ends with `to`, its hidden fields included."""
        for action, body in re.findall(r'<form[^>]*action="([^"]+)"[^>]*>(.*?)</form>', self.page, re.DOTALL):
            if action.endswith(to):
                fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', body)
                hidden = {name: html.unescape(value) for name, value in fields}
                return self.post(html.unescape(action), **hidden | form)
        raise AssertionError(f"no form to {to} at {self.path}")

    def _follow(self, response: TestResponse, path: str) -> "Browser":
        self.path, self.status, self.left_to = path, response.status_code, None
        for _ in range(10):
            if response.status_code not in {302, 303}:
                break
            location = response.headers["Location"]
            if urlsplit(location).netloc not in {"", "id.example"}:
                self.left_to, self.status = location, response.status_code
                return self
            self.path = location
            response = self.client.get(location, headers=self.headers, base_url=ISSUER)
        self.response = response
        self.status, self.page = response.status_code, response.get_data(as_text=True)
        return self

    @property
    def base(self) -> str:
        """`/signin/<id>` of the page being shown."""
        return "/".join(urlsplit(self.path).path.split("/")[:3])

    @property
    def step(self) -> str:
        return urlsplit(self.path).path.split("/")[-1]

    @property
    def answer(self) -> dict[str, str]:
        """The authorization response that the client got."""
        assert self.left_to is not None, f"still here: {self.path} {self.status}"
        return {name: values[0] for name, values in parse_qs(urlsplit(self.left_to).query).items()}

    def authorize(self, client_id: str = "minasidor", **parameters: str) -> "Browser":
        wanted = {name: value or None for name, value in parameters.items()}
        query = client_side(client_id).authorization_request(self.verifier, **wanted)
        return self.open(query)

    def open(self, parameters: Mapping[str, str]) -> Self:
        """Open the authorization endpoint with these parameters."""
        response = self.client.get("/authorize", query_string=parameters, headers=self.headers, base_url=ISSUER)
        self._follow(response, "/authorize")
        return self

    def start(self, launch: str = "qr") -> "Browser":
        """Press the button and let the collector start the order."""
        self.submit("/bankid/start", launch=launch)
        self.provider.collect()
        return self

    def look(self) -> dict[str, Any]:
        """What the page's status call says."""
        response = self.client.get(f"{self.base}/bankid/status", headers=self.headers, base_url=ISSUER)
        assert response.status_code == 200, response.get_data(as_text=True)
        return dict(json.loads(response.get_data()))

    def identify(self, user: User = ANNA, launch: str = "qr") -> "Browser":
        """Start, let the person approve in the app, and go on."""
        self.start(launch)
        self.provider.clock.advance(seconds=3)
        self.provider.bankid.approve(user)
        self.provider.collect()
        return self.get(self.base)

    def link(self, number: str = "10012345", digits: str = "0680") -> "Browser":
        return self.submit("/link", customer_number=number, last_four=digits)

    def link_whole(self, number: str, organisation_number: str) -> "Browser":
        """Where four digits are not enough."""
        return self.submit("/link", customer_number=number, whole_number=organisation_number)

    def register(
        self, name: str = "Anna Svensson", phone: str = "070-174 06 05", email: str = "anna@example.se"
    ) -> "Browser":
        return self.submit("/register", name=name, phone=phone, email=email)

    def first_login(self, client_id: str = "minasidor", user: User = ANNA, **parameters: str) -> "Browser":
        """The whole leaflet."""
        self.authorize(client_id, **parameters).identify(user).link().register()
        self.provider.clock.advance(seconds=5)
        return self.identify(user)

    def code_form(self, **changes: str) -> dict[str, str]:
        """The form that redeems the code of the answer, without credentials; an empty value leaves a member out."""
        assert self.left_to is not None
        wanted = {name: value or None for name, value in changes.items()}
        return code_form(self.answer["code"], self.left_to.partition("?")[0], self.verifier, **wanted)

    def redeem(self, client_id: str = "minasidor", **changes: str) -> TestResponse:
        """Exchange the code of the answer, as the client would."""
        return RelyingParty(self.provider, client_id).redeem(self.code_form(**changes))


class CompiledTemplates(BytecodeCache):
    """Each provider has its own templates, compiled from the same files."""

    def __init__(self) -> None:
        self.compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """A bucket's key is the template's name, its checksum is of the source."""
        known = self.compiled.get(f"{bucket.key}.{bucket.checksum}")
        if known is not None:
            bucket.bytecode_from_string(known)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.compiled[f"{bucket.key}.{bucket.checksum}"] = bucket.bytecode_to_string()


TEMPLATES = CompiledTemplates()


@cache
def _parsed_key(alg: str, jwk: str) -> Key:
    return import_private_key(alg, json.loads(jwk))


@pytest.fixture(scope="session", autouse=True)
def _keys_parsed_once() -> Iterator[None]:
    """A key's text always gives the same key, and checking an RSA key takes longer than most tests.

    Changed files are seen at once; a running provider looks once a second.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("idp.adapters.keys.files.LOOK_SECONDS", 0)
        patch.setattr(
            "idp.adapters.keys.directory.import_private_key",
            lambda alg, jwk: _parsed_key(alg, json.dumps(jwk, sort_keys=True)),
        )
        yield


@pytest.fixture(scope="session", autouse=True)
def _routes_compiled_once() -> Iterator[None]:
    """What builds a route's addresses depends on its text alone, and compiling it takes most of an application's start."""
    compile_builder = Rule._compile_builder
    builders: dict[object, Callable[..., tuple[str, str]]] = {}

    def find_or_compile(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = (tuple(rule._trace), append_unknown, repr(rule.defaults))
        if key not in builders:
            builders[key] = compile_builder(rule, append_unknown)
        return builders[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", find_or_compile)
        yield


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
    collector = make_collector(parts, "test")
    return Provider(parts=parts, app=app, clock=clock, bankid=parts.scripted, collector=collector, directory=directory)


REGISTER = [
    a_registered_customer("10012345"),
    a_registered_customer("10012346", organisation_number="556074-7569", name="Andra bolaget AB"),
    a_registered_customer(
        organisation_number="556703-7485", name="Stängda bolaget AB", states={"10012347": NumberState.CLOSED}
    ),
]
