"""Settings: everything an operator decides, read from one TOML file and validated as a whole.

No secret is ever a value here, only a path to a file. Relative paths are relative to the settings file.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from pydantic import Field, ValidationInfo, field_validator, model_validator

from idp.brand import Brand, Notice
from idp.core.oidc.claims.table import OPEN_SCOPES
from idp.retention import Retention
from idp.settings_bankid import BankIdSettings
from idp.settings_fields import ConsentTime, LoginTime, SessionTime, Table, path_beside
from idp.settings_linking import ContactCodes, Linking

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_DEFAULT_PORTS = {"https": 443, "http": 80}


class Mode(StrEnum):
    """`production` refuses everything that only a play world may have."""

    PRODUCTION = "production"
    SANDBOX = "sandbox"


class Server(Table):
    """How the provider listens."""

    host: str = "127.0.0.1"
    """Address to listen on; a proxy with TLS stands in front of it."""
    port: int = Field(default=8000, ge=1, le=65535)
    """TCP port to listen on."""
    workers: int = Field(default=2, ge=1, le=64)
    """Worker processes; as many as cores."""
    threads: int = Field(default=8, ge=1, le=64)
    """Blocking threads per worker: as many commits may be on their way to the disk together. Browsers never wait for BankID here."""
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """Networks of the proxies that are believed about a caller's address, right-most first. Empty: none is believed."""
    client_address_header: str = Field(default="X-Forwarded-For", pattern="^[A-Za-z0-9-]+$")
    """Where those proxies write it: X-Forwarded-For, Forwarded (RFC 7239), or a header of one address; always set by the proxy."""
    tls_certificate: Path | None = None
    """PEM chain, when this process ends TLS by itself (sandbox, or the way from the proxy)."""
    tls_key: Path | None = None
    """PEM key of the certificate."""
    collector_seen_within: timedelta = Field(
        default=timedelta(seconds=30), ge=timedelta(seconds=15), le=timedelta(hours=1)
    )
    """After so long without any BankID collector on any node `/readyz` says no; a balancer asks `/readyz?exclude=collector`,
    because all nodes say so at once, and people who are logged in need none."""

    _paths = field_validator("tls_certificate", "tls_key")(lambda value, info: value and path_beside(value, info))


class Database(Table):
    """Where everything is stored."""

    url: str = "sqlite:///idp.db"
    """SQLAlchemy address: `sqlite:///file` (one node) or `postgresql+psycopg://…` (any number of nodes)."""
    password_file: Path | None = None
    """File with the database password, so that the address needs none."""
    pool_size: int = Field(default=8, ge=1)
    """Connections per process, at least `server.threads`. The jobs are one process more; each may open two more for a moment."""

    _paths = field_validator("password_file")(lambda value, info: value and path_beside(value, info))

    @field_validator("url")
    @classmethod
    def _file_is_beside_the_settings(cls, value: str, info: ValidationInfo) -> str:
        if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("must begin with sqlite:/// or postgresql+psycopg://")
        kind, file, name = value.partition("sqlite:///")
        return f"{kind}{file}{path_beside(Path(name), info)}" if file else value


class Keys(Table):
    """Where keys and secrets lie; made by `idp keys init`."""

    directory: Path = Path("keys")
    """Has `signing/` (one JWK file per key, with its state) and `secrets/` (tokens, pepper, field encryption, evidence)."""
    next_for: timedelta = Field(default=timedelta(hours=24), ge=timedelta(hours=1), le=timedelta(days=365))
    """How long a new signing key is published before it may sign; at least PT1H, as relying parties keep the old ones."""

    _paths = field_validator("directory")(path_beside)


class SignIn(Table):
    """Sessions and the journey."""

    session_idle: SessionTime = timedelta(minutes=30)
    """Single sign-on ends after so long without use. BankID's rules against standing in for BankID: keep below 2 h."""
    session_absolute: SessionTime = timedelta(minutes=60)
    """Single sign-on ends after so long whatever happens."""
    interaction_idle: LoginTime = timedelta(minutes=30)
    """A started login waits so long after the last action."""
    interaction_absolute: LoginTime = timedelta(hours=6)
    """And so long in all. At least eleven times `interaction_idle`: a person may say ten times that more time is needed
    (WCAG 2.2.1)."""
    consent_lifetime: ConsentTime = timedelta(days=365)
    """How long a third party's consent is remembered."""

    @model_validator(mode="after")
    def _time_can_be_extended_ten_times(self) -> "SignIn":
        if self.interaction_absolute < 11 * self.interaction_idle:
            raise ValueError("interaction_absolute: must be at least eleven times interaction_idle")
        return self


class CustomerRegister(Table):
    """Imports of the customer register; see `idp customers import`."""

    close_at_most_percent: int = Field(default=10, ge=0, le=100)
    """So many of the active customers may be closed by one import; one customer always may."""


class Dpop(Table):
    """Tokens bound to a key of the client (RFC 9449)."""

    nonce_required: bool = False
    """True: a proof must carry a fresh nonce of ours, which costs clients a second request every few minutes."""


class DynamicRegistration(Table):
    """Clients that register themselves with an initial access token (RFC 7591); made by `idp clients token new`."""

    enabled: bool = False
    """False: the endpoint does not exist, and no client that registered itself earlier is known."""
    scopes: tuple[str, ...] = ("openid", "profile", "email", "phone", "offline_access")
    """What such a client may ask people for; never the personal identity number."""
    secret_lifetime: timedelta | None = None
    """After so long a client's secret is void; it gets a new one when it changes itself in the second half. None: never."""
    per_hour: int = Field(default=20, ge=1)
    """Registrations with one initial access token, and changes of one client, in an hour."""
    most_clients: int = Field(default=500, ge=1, le=5000)
    """So many clients that registered themselves may exist."""

    @field_validator("scopes")
    @classmethod
    def _scopes_may_be_given_away(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        refused = [word for word in value if word not in OPEN_SCOPES]
        if refused or "openid" not in value:
            raise ValueError("must hold openid, and only known scopes without the personal identity number")
        return value

    @field_validator("secret_lifetime")
    @classmethod
    def _secrets_live_for_a_while(cls, value: timedelta | None) -> timedelta | None:
        if value is not None and value < timedelta(days=1):
            raise ValueError("must be at least a day")
        return value


class Metrics(Table):
    """Figures of a node's processes for Prometheus: what expires, waits or was delivered or swept, BankID, unknown callers."""

    host: str = "127.0.0.1"
    """Address to show them on."""
    port: int = Field(default=0, ge=0, le=65535)
    """TCP port to show them on, at `/metrics`; 0: nowhere."""


class Audit(Table):
    """A second place that says where the audit log stood, so that nobody who owns the database can cut it off unseen."""

    anchor_file: Path | None = None
    """Signed anchors are added to this file, one JSON line each. It belongs on another volume, best where lines can only be
    added (`chattr +a`). None: to no file."""
    anchor_syslog: str = Field(default="", pattern=r"^(/\S+|\S+:[0-9]{1,5})?$")
    """And sent to syslog: a socket such as `/dev/log`, or `host:port` by UDP. Empty: not."""
    anchor_every: timedelta = Field(default=timedelta(hours=1), ge=timedelta(minutes=1), le=timedelta(days=1))
    """How often; what was cut off since the last anchor shows less surely."""

    _paths = field_validator("anchor_file")(lambda value, info: value and path_beside(value, info))


class Logging(Table):
    """Logs, as JSON lines on standard error."""

    level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    """Least level that is written."""


class Mail(Table):
    """How people are written to. Without `smtp_host` and `folder` nothing is sent; messages wait for a day."""

    sender: str = "no-reply@localhost"
    """The address that messages come from."""
    smtp_host: str = ""
    """The mail server; empty when `folder` is used."""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    """TCP port of the mail server."""
    starttls: bool = True
    """Encrypt the connection before anything is said; refused when the server cannot. Needed whenever `user` is set."""
    user: str = ""
    """Name to log in to the mail server with; empty: without."""
    password_file: Path | None = None
    """File with the password for `user`."""
    folder: Path | None = None
    """Write messages into this directory instead of sending them; for the sandbox."""

    _paths = field_validator("password_file", "folder")(lambda value, info: value and path_beside(value, info))

    @field_validator("sender")
    @classmethod
    def _sender_is_an_address(cls, value: str) -> str:
        if not _ADDRESS.fullmatch(value):
            raise ValueError("must be one bare e-mail address")
        return value

    @model_validator(mode="after")
    def _password_is_protected(self) -> "Mail":
        if self.user and not self.starttls:
            raise ValueError("starttls: must be true when user is set, or the password is sent in the clear")
        if self.user and self.password_file is None:
            raise ValueError("password_file: is missing; user is set")
        if self.smtp_host and self.folder is not None:
            raise ValueError("folder: stands beside smtp_host; keep one of them")
        return self


class Sms(Table):
    """How people are told who have a telephone only. Without `gateway` and `folder` no text message is sent."""

    gateway: str = ""
    """Address of an HTTP gateway that takes `POST` of JSON: id, from, to (E.164), text. Empty when `folder` is used."""
    secret_file: Path | None = None
    """File with the secret that is sent as `Authorization: Bearer`."""
    sender: str = Field(default="", max_length=15)
    """The number or name that messages come from, as the gateway knows it."""
    ca: Path | None = None
    """PEM roots that the gateway's certificate is checked against. None: those of the public web."""
    folder: Path | None = None
    """Write text messages into this directory instead of sending them; for the sandbox."""

    _paths = field_validator("secret_file", "ca", "folder")(lambda value, info: value and path_beside(value, info))

    @model_validator(mode="after")
    def _gateway_is_safe(self) -> "Sms":
        if self.gateway and not self.gateway.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
            raise ValueError("gateway: must be https, because people's names and a secret go there")
        if self.gateway and self.folder is not None:
            raise ValueError("folder: stands beside gateway; keep one of them")
        return self

    @property
    def leaves(self) -> bool:
        """Whether a text message would reach anybody."""
        return bool(self.gateway) or self.folder is not None


class BackChannel(Table):
    """Calls to relying parties: back-channel logout."""

    ca: Path | None = None
    """PEM roots that relying parties' certificates are checked against. None: those of the public web."""
    private_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    """Networks inside that may be called in production; every other private, loopback or link-local one is refused."""

    _paths = field_validator("ca")(lambda value, info: value and path_beside(value, info))


class Settings(Table):
    """One provider."""

    mode: Mode = Mode.PRODUCTION
    """`production`, or `sandbox` for laptops and tests."""
    issuer: str
    """The one public address, without a trailing slash; every link and token is made from it."""
    clients: tuple[Path, ...] = (Path("clients"),)
    """Directories with one TOML file per relying party; a later directory overrides an earlier one by client_id."""
    server: Server = Server()
    database: Database = Field(default_factory=lambda: cast("Database", {}))  # validated here, as keys are
    keys: Keys = Field(default_factory=lambda: cast("Keys", {}))  # validated here, so that its path is resolved
    bankid: BankIdSettings
    sign_in: SignIn = SignIn()
    linking: Linking = Linking()
    contact_codes: ContactCodes = ContactCodes()
    customer_register: CustomerRegister = CustomerRegister()
    retention: Retention = Retention()
    dpop: Dpop = Dpop()
    dynamic_registration: DynamicRegistration = DynamicRegistration()
    brand: Brand = Field(default_factory=lambda: cast("Brand", {}))
    notice: Notice = Notice()
    mail: Mail = Mail()
    sms: Sms = Sms()
    back_channel: BackChannel = BackChannel()
    audit: Audit = Audit()
    metrics: Metrics = Metrics()
    logging: Logging = Logging()

    _client_paths = field_validator("clients")(lambda values, info: tuple(path_beside(value, info) for value in values))

    @field_validator("issuer")
    @classmethod
    def _issuer_is_an_origin(cls, value: str) -> str:
        """Spelled as browsers spell it in `Origin` (RFC 6454 6.2), for forms are believed by that."""
        if value.endswith("/"):
            raise ValueError("must not end with a slash")
        parts = urlsplit(value)
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc:
            raise ValueError("must be an http(s) address without user")
        if value != f"{parts.scheme}://{parts.netloc.lower()}":
            raise ValueError("must be in small letters, without path, query and fragment")
        if parts.port == _DEFAULT_PORTS[parts.scheme]:
            raise ValueError(f"must not name port {parts.port}, which {parts.scheme} means anyway")
        return value

    @model_validator(mode="after")
    def _production_is_safe(self) -> "Settings":
        if self.mode is Mode.PRODUCTION:
            unsafe = list(self._unsafe_in_production())
            if unsafe:
                raise ValueError("\n".join(unsafe))
        if (self.server.tls_certificate is None) != (self.server.tls_key is None):
            raise ValueError("server.tls_certificate, server.tls_key: belong together")
        if self.database.pool_size < self.server.threads:
            raise ValueError("database.pool_size: must be at least server.threads, or requests wait for each other")
        return self

    def _unsafe_in_production(self) -> Iterator[str]:
        if not self.issuer.startswith("https://"):
            yield "issuer: must be https in production"
        if not f".{urlsplit(self.bankid.api_url).hostname or ''}".endswith(".bankid.com"):
            yield "bankid.api_url: production speaks to bankid.com only"
        if self.bankid.test_environment or ".test." in self.bankid.api_url:
            yield "bankid.test_environment: the test environment cannot be used in production"
        if self.bankid.launch_url != "https://app.bankid.com/":
            yield "bankid.launch_url: production opens the real BankID app only"
        if self.mail.folder is not None:
            yield "mail.folder: production sends its messages"

    @property
    def is_sandbox(self) -> bool:
        return self.mode is Mode.SANDBOX

    @property
    def secure_cookies(self) -> bool:
        """Loopback over plain HTTP cannot keep `Secure` cookies in every browser."""
        return self.issuer.startswith("https://")
