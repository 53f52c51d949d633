"""The application: the only place where core, adapters and web meet."""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask, has_app_context
from flask_wtf.csrf import CSRFProtect

from idp.adapters.bankid.answers import Environment
from idp.adapters.bankid.certificate import CertificateProblem, RelyingPartyCertificate, load_roots, load_server_roots
from idp.adapters.bankid.client import BankIdClient
from idp.adapters.bankid.evidence_reader import BankIdEvidence
from idp.adapters.client_files import load_clients
from idp.adapters.database.attempts import DatabaseAttempts
from idp.adapters.database.audit import DatabaseAudit
from idp.adapters.database.consents import DatabaseConsents
from idp.adapters.database.customers import DatabaseCustomers
from idp.adapters.database.encryption import FieldCipher, Pepper
from idp.adapters.database.engine import OUTAGES, configure, database, is_writable
from idp.adapters.database.grants import DatabaseGrants
from idp.adapters.database.incidents import DatabaseIncidents
from idp.adapters.database.interactions import DatabaseInteractions
from idp.adapters.database.orders import DatabaseOrders
from idp.adapters.database.outbox import DatabaseOutbox
from idp.adapters.database.people import DatabasePeople
from idp.adapters.database.pushed_requests import DatabasePushedRequests
from idp.adapters.database.registered_clients import DatabaseInitialTokens, DatabaseRegisteredClients
from idp.adapters.database.seen_ids import DatabaseSeenIds
from idp.adapters.database.sessions import DatabaseSessions
from idp.adapters.keys.files import KeyFiles, load_keys
from idp.core.identification.bankid.api import BankIdKind
from idp.core.oidc.clients.registry import ClientRegistry
from idp.core.oidc.dynamic_registration.recent_clients import RecentClients
from idp.core.oidc.dynamic_registration.registered_client import RegisteredClient
from idp.settings import Settings
from idp.web import errors, headers, health, origin, paths, request_log, transaction
from idp.web.account import confirm_email
from idp.web.cookies import Cookies
from idp.web.language import Catalogs
from idp.web.oidc import (
    authorize,
    discovery,
    dynamic_registration,
    introspection,
    logout,
    par,
    revocation,
    token,
    userinfo,
)
from idp.web.services import EXTENSION, Services
from idp.web.signin import bankid_login, choose_customer, consent, handover, leave, link_customer, register
from idp.web.signin import next as dispatcher

_PROTOCOL = (authorize, discovery, introspection, par, revocation, token, userinfo, health)
"""Called by programs, or cross-site by design: they have their own proofs instead of a CSRF token."""
_PAGES = (
    dispatcher,
    bankid_login,
    link_customer,
    register,
    choose_customer,
    consent,
    handover,
    leave,
    logout,
    confirm_email,
)


class _CommitAndRollBack:
    def commit(self) -> None:
        database.session.commit()

    def roll_back(self) -> None:
        database.session.rollback()


class _RegisteredClients(DatabaseRegisteredClients):
    """Can be read anywhere: jobs look clients up outside of any request."""

    def __init__(self, cipher: FieldCipher, app: Flask) -> None:
        super().__init__(cipher)
        self._app = app

    def find(self, client_id: str) -> RegisteredClient | None:
        with self._context():
            return super().find(client_id)

    def all(self) -> Sequence[RegisteredClient]:
        with self._context():
            return super().all()

    def _context(self) -> AbstractContextManager[object]:
        return nullcontext() if has_app_context() else self._app.app_context()


@dataclass(frozen=True, kw_only=True)
class Provider:
    """What the command line and the jobs need beside the services."""

    settings: Settings
    keys: KeyFiles
    certificate: RelyingPartyCertificate
    bankid: BankIdClient
    services: Services


def create_app(settings: Settings, *, clock: Callable[[], datetime] | None = None) -> Flask:
    """Build the WSGI application.

    Raises KeyProblem, CertificateProblem and ClientProblems; the command line turns them into exit code 2.
    """
    app = Flask("idp", template_folder="web/templates", static_folder="web/static", root_path=_root())
    # No address of ours has a doubled slash; the repair would be a permanent redirect to whatever host the caller named.
    app.url_map.merge_slashes = False
    keys = load_keys(settings.keys.directory)
    configure(app, settings.database)
    app.config.update(
        SECRET_KEY=_csrf_key(keys),
        SESSION_COOKIE_NAME="__Host-form" if settings.secure_cookies else "idp-form",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,  # it wants a Referer, which our pages do not send; see idp.web.origin
        PREFERRED_URL_SCHEME=settings.issuer.partition(":")[0],
        MAX_CONTENT_LENGTH=64 * 1024,
        MAX_FORM_PARTS=100,
        SEND_FILE_MAX_AGE_DEFAULT=3600,
    )
    provider = _assemble(app, settings, keys, clock or (lambda: datetime.now(UTC)))
    app.extensions[EXTENSION] = provider.services
    app.extensions["idp.provider"] = provider
    _install_web(app, registration_enabled=settings.registration.enabled)
    return app


def _install_web(app: Flask, *, registration_enabled: bool) -> None:
    paths.install(app)
    # before_request functions run in this order: the origin is checked before a form's token makes anybody read the body;
    # after_request functions run in reverse: the log sees the final answer, the commit comes before the headers.
    request_log.install(app)
    origin.install(app)
    csrf = CSRFProtect(app)
    protocol = (*_PROTOCOL, dynamic_registration) if registration_enabled else _PROTOCOL
    for module in protocol:
        csrf.exempt(module.blueprint)
    for module in (*protocol, *_PAGES):
        app.register_blueprint(module.blueprint)
    headers.install(app)
    transaction.install(app)
    errors.install(app, OUTAGES)


def _assemble(app: Flask, settings: Settings, keys: KeyFiles, clock: Callable[[], datetime]) -> Provider:
    certificate = RelyingPartyCertificate.load(
        settings.bankid.client_certificate,
        now=clock(),
        key_path=settings.bankid.client_key,
        passphrase_path=settings.bankid.passphrase_file,
    )
    if certificate.is_public_test_certificate and not settings.is_sandbox:
        raise CertificateProblem(certificate.path, "this is BankID's public test certificate, whose key everybody has")
    environment = Environment.TEST if settings.bankid.test_environment else Environment.PRODUCTION
    kinds = frozenset(BankIdKind(kind) for kind in settings.bankid.certificate_policies)
    cipher = _cipher(keys)
    recent = RecentClients(
        _RegisteredClients(cipher, app), issuer=settings.issuer, sandbox=settings.is_sandbox, clock=clock
    )
    clients = ClientRegistry(
        load_clients(settings.clients, issuer=settings.issuer, sandbox=settings.is_sandbox),
        recent if settings.registration.enabled else None,
    )
    bankid = BankIdClient(
        settings.bankid.api_url,
        certificate=certificate,
        server_roots=load_server_roots(settings.bankid.api_url, settings.bankid.server_ca),
        environment=environment,
    )
    evidence = BankIdEvidence(
        environment,
        relying_party=certificate.subject,
        kinds=kinds,
        roots=load_roots(*settings.bankid.people_roots),
        ocsp_required=settings.bankid.evidence_required,
    )
    services = _services(settings, keys, clients, recent, evidence, clock)
    return Provider(settings=settings, keys=keys, certificate=certificate, bankid=bankid, services=services)


def _services(
    settings: Settings,
    keys: KeyFiles,
    clients: ClientRegistry,
    registered_clients: RecentClients,
    evidence: BankIdEvidence,
    clock: Callable[[], datetime],
) -> Services:
    cipher, peppers = _cipher(keys), keys.secrets.pepper
    pepper = Pepper({key.version: key.value for key in peppers}, peppers[0].version)
    return Services(
        settings=settings,
        clients=clients,
        grants=DatabaseGrants(cipher),
        initial_tokens=DatabaseInitialTokens(),
        registered_clients=registered_clients,
        pushed_requests=DatabasePushedRequests(cipher),
        seen_ids=DatabaseSeenIds(),
        outbox=DatabaseOutbox(cipher),
        interactions=DatabaseInteractions(cipher),
        orders=DatabaseOrders(cipher),
        sessions=DatabaseSessions(cipher),
        people=DatabasePeople(cipher, pepper),
        customers=DatabaseCustomers(cipher, pepper),
        attempts=DatabaseAttempts(pepper),
        consents=DatabaseConsents(),
        audit=DatabaseAudit(),
        incidents=DatabaseIncidents(),
        evidence=evidence,
        keys=keys,
        catalogs=Catalogs.load(),
        cookies=Cookies(secure=settings.secure_cookies),
        unit_of_work=_CommitAndRollBack(),
        checks={"database": is_writable, "keys": lambda: bool(keys.keyring.keys)},
        clock=clock,
    )


def _cipher(keys: KeyFiles) -> FieldCipher:
    fields = keys.secrets.fields
    return FieldCipher({key.version: key.value for key in fields}, fields[0].version)


def _csrf_key(keys: KeyFiles) -> bytes:
    """Signs the form token's cookie; derived, so that it needs no file and changes with the sealing secret."""
    return hmac.digest(keys.secrets.sealing[0].value, b"form token", hashlib.sha256)


def _root() -> str:
    return str(Path(__file__).parent)
