"""The provider: every part of one installation, made from its settings and a clock when it is first used."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from idp.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from typing import Any

    from idp.adapters.bankid.certificate import RelyingPartyCertificate
    from idp.adapters.database.engine import Database
    from idp.adapters.database.installation import Installation
    from idp.adapters.keys.changes import KeyDirectory
    from idp.adapters.keys.files import KeyFiles
    from idp.assembly.accounts import Accounts
    from idp.assembly.audit import AuditProof
    from idp.assembly.customer_register import CustomerRegister
    from idp.assembly.dynamic_registration import DynamicRegistration
    from idp.assembly.evidence import Archive
    from idp.assembly.oidc import Oidc
    from idp.assembly.own_database import OwnDatabase
    from idp.assembly.secrets import OwnSecrets
    from idp.assembly.signin import SignIn
    from idp.assembly.store import Store
    from idp.core.accounts.find_people import FindPeople
    from idp.core.heartbeat import CollectorWatch
    from idp.core.identification.bankid.address_probe import AddressProbe
    from idp.core.identification.bankid.api import BankId
    from idp.core.identification.bankid.method import BankIdMethod
    from idp.core.identification.bankid.trust import EvidenceReader
    from idp.core.identification.method import AnyMethod
    from idp.core.linking.support import GiveTryBack
    from idp.core.messages import EmailSender, SmsSender
    from idp.core.oidc.clients.client import Client
    from idp.core.oidc.clients.registry import ClientRegistry
    from idp.core.oidc.clients.sector_document import CheckSector
    from idp.core.oidc.dynamic_registration.recent_clients import RecentClients
    from idp.core.oidc.keys.make_keys import MakeKeys
    from idp.core.oidc.keys.ports import KeyChanges
    from idp.core.oidc.keys.rotation import Reencryption, Rotation
    from idp.web.client_address import ReadCallerAddress
    from idp.web.language import Catalogs


@dataclass(frozen=True, kw_only=True)
class Provider:
    """What one installation is made of.

    A part whose files or settings are wrong raises when it is first used. A test replaces a part in a subclass.
    """

    settings: Settings
    clock: Callable[[], datetime]
    """The time now: aware, UTC."""

    @cached_property
    def keys(self) -> "KeyFiles":
        """Signing keys and secrets. Raises KeyProblem."""
        from idp.adapters.keys.files import load_keys

        return load_keys(self.settings.keys.directory, self.clock)

    @cached_property
    def key_changes(self) -> "KeyChanges":
        """What an operator does with the keys, also before there are any."""
        return self._key_directory

    @cached_property
    def _key_directory(self) -> "KeyDirectory":
        """The files of keys and secrets, where they are changed."""
        from idp.adapters.keys.changes import KeyDirectory

        return KeyDirectory(self.settings.keys.directory)

    @cached_property
    def make_keys(self) -> "MakeKeys":
        """Makes the keys that are missing, also before there is a database."""
        from idp.core.oidc.keys.make_keys import MakeKeys

        return MakeKeys(changes=self.key_changes, noted=self.own_secrets.noted_if_it_answers)

    @cached_property
    def rotation(self) -> "Rotation":
        """What an operator does with the versions of secrets. Raises KeyProblem."""
        from idp.adapters.database.canaries import DatabaseCanaries
        from idp.adapters.database.secret_use import DatabaseSecretUse
        from idp.core.oidc.keys.rotation import Rotation

        return Rotation(
            files=self._key_directory,
            canaries=DatabaseCanaries(),
            use=DatabaseSecretUse(),
            audit=self.store.audit,
        )

    @cached_property
    def reencryption(self) -> "Reencryption":
        """Writes rows again under the newest version. Raises KeyProblem."""
        from idp.assembly.store import make_reencryption

        return make_reencryption(self.keys)

    @cached_property
    def own_secrets(self) -> "OwnSecrets":
        """Whether the secrets are those with which the database was filled."""
        from idp.assembly.secrets import OwnSecrets

        return OwnSecrets(
            directory=self.settings.keys.directory,
            keys=lambda: self.keys,
            database=self.database,
            installation=self.installation,
            begin_audit=self._begin_audit,
        )

    def _begin_audit(self) -> None:
        self.store.audit_chain.begin()

    @cached_property
    def database(self) -> "Database":
        """Connections and transactions; opened at the first statement."""
        from idp.adapters.database.engine import Database

        return Database(self.settings.database)

    @cached_property
    def installation(self) -> "Installation":
        """The database as its operator meets it, whatever its schema."""
        from idp.adapters.database.installation import Installation

        return Installation(self.database)

    @cached_property
    def own_database(self) -> "OwnDatabase":
        """The same, refused where it is not ours."""
        from idp.assembly.own_database import OwnDatabase

        return OwnDatabase(
            database=self.database,
            installation=self.installation,
            own_secrets=self.own_secrets,
            seal_audit=lambda: self.store.audit_chain.seal_if_whole(self.clock()),
        )

    @cached_property
    def store(self) -> "Store":
        """What lies in the database, one port each. Raises KeyProblem."""
        from idp.assembly.store import make_store

        return make_store(self.database, self.keys, self.settings.retention)

    @cached_property
    def audit_proof(self) -> "AuditProof":
        """What proves the audit log to others. Raises KeyProblem."""
        from idp.adapters.database.audit import AuditKeys
        from idp.assembly.audit import AuditProof

        return AuditProof(keys=AuditKeys(lambda: self.keys.secrets.audit), settings=self.settings)

    @cached_property
    def collector_watch(self) -> "CollectorWatch":
        """Whether somebody speaks to BankID. Raises KeyProblem."""
        from idp.core.heartbeat import CollectorWatch

        return CollectorWatch(self.store.heartbeats, self.settings.server.collector_seen_within)

    @cached_property
    def accounts(self) -> "Accounts":
        """The use cases about an account. Raises KeyProblem and ClientProblems."""
        from idp.assembly.accounts import make_accounts

        return make_accounts(self.store, self.clients, self.keys, self.archive.keep, self.settings)

    @cached_property
    def archive(self) -> "Archive":
        """Keeps evidence of what people do; and what an operator does with it. Raises KeyProblem."""
        from idp.assembly.evidence import make_archive

        return make_archive(self.store, self.keys, self.settings.issuer)

    @cached_property
    def find_people(self) -> "FindPeople":
        """Support's look at people; works without any client's file. Raises KeyProblem."""
        from idp.core.accounts.find_people import FindPeople

        return FindPeople(people=self.store.people, audit=self.store.audit)

    @cached_property
    def sign_in(self) -> "SignIn":
        """The use cases of the sign-in. Raises what their parts raise."""
        from idp.assembly.signin import make_sign_in

        return make_sign_in(self.settings, self.store, self.keys, self.methods, self.accounts, self.archive.keep)

    @cached_property
    def give_try_back(self) -> "GiveTryBack":
        """What the support desk may do where tries were used up. Raises KeyProblem."""
        from idp.assembly.signin import make_give_try_back

        return make_give_try_back(self.settings, self.store)

    @cached_property
    def customer_register(self) -> "CustomerRegister":
        """What an import of customers needs. Raises KeyProblem and ClientProblems."""
        from idp.assembly.customer_register import make_customer_register

        return make_customer_register(self.settings, self.store, self.accounts)

    @cached_property
    def catalogs(self) -> "Catalogs":
        """Every text a person can meet on a page, the company's own in place of ours. Raises BrokenCatalogError."""
        from idp.web.language import Catalogs

        catalogs, own = Catalogs.load(), self.settings.brand.texts
        if own is None:
            return catalogs
        always = frozenset({"organisation", "customer_service"})
        return catalogs.with_own(own, always=always, concerns=lambda key: not key.startswith(("mail.", "sms.")))

    @cached_property
    def email_texts(self) -> "Catalogs":
        """The same of messages. Raises BrokenCatalogError."""
        from idp.jobs.email_texts import TRANSLATIONS
        from idp.web.language import Catalogs

        catalogs, own = Catalogs.load(TRANSLATIONS), self.settings.brand.texts
        if own is None:
            return catalogs
        always = frozenset({"brand", "support_phone"})
        return catalogs.with_own(own, always=always, concerns=lambda key: key.startswith(("mail.", "sms.")))

    @cached_property
    def clients(self) -> "ClientRegistry":
        """The relying parties: files, and while registration is enabled those that registered. Raises ClientProblems."""
        from idp.assembly.clients import make_registry, own_pages

        registered = self.registered_clients if self.settings.dynamic_registration.enabled else None
        return make_registry(self.client_files, registered, own_pages(self.settings))

    @cached_property
    def client_files(self) -> "Mapping[str, Client]":
        """The relying parties that have a file. Raises ClientProblems."""
        from idp.assembly.clients import read_files

        return read_files(self.settings)

    def read_client_file(self, path: "Path") -> "Client":
        """Read one that is not in use yet. Raises ClientProblems."""
        from idp.assembly.clients import read_file

        return read_file(path, self.settings)

    @cached_property
    def explains_refusals(self) -> bool:
        """Whether a client's developer is told what was sent and what is registered: in the sandbox, never in production."""
        return self.settings.is_sandbox

    @cached_property
    def check_sector(self) -> "CheckSector":
        """Asks clients' servers, so it is for commands alone."""
        from idp.assembly.clients import make_sector_check

        return make_sector_check()

    @cached_property
    def registered_clients(self) -> "RecentClients":
        """Clients that registered themselves, as of a few seconds ago at most."""
        from idp.assembly.clients import remember

        return remember(self.store.registered_clients, self.settings, self.clock)

    @cached_property
    def dynamic_registration(self) -> "DynamicRegistration":
        """The use cases of dynamic registration. Raises KeyProblem."""
        from idp.assembly.dynamic_registration import make_dynamic_registration

        return make_dynamic_registration(
            self.settings,
            self.store,
            self.registered_clients,
            lambda: self.clients,
            lambda: self.acrs,
            self.keys,
            self.clock,
        )

    @cached_property
    def oidc(self) -> "Oidc":
        """The use cases of the protocol. Raises KeyProblem and ClientProblems."""
        from idp.assembly.oidc import make_oidc

        return make_oidc(self.settings, self.store, self.clients, self.keys, self.acrs)

    @cached_property
    def certificate(self) -> "RelyingPartyCertificate":
        """Our certificate at BankID. Raises CertificateProblem."""
        from idp.assembly.bankid import load_certificate

        return load_certificate(self.settings, self.clock())

    @cached_property
    def bankid(self) -> "BankId":
        """BankID over mutual TLS. Raises CertificateProblem."""
        from idp.assembly.bankid import make_client

        return make_client(self.settings.bankid, self.certificate)

    @cached_property
    def evidence(self) -> "EvidenceReader":
        """What verifies BankID's signatures. Raises CertificateProblem."""
        from idp.assembly.bankid import make_evidence_reader

        return make_evidence_reader(self.settings.bankid, self.certificate)

    @cached_property
    def address_probe(self) -> "AddressProbe":
        """Proves a browser's second address to BankID's page. Raises KeyProblem."""
        from idp.assembly.bankid import make_address_probe

        return make_address_probe(self.keys)

    @cached_property
    def caller_address(self) -> "ReadCallerAddress":
        """Tells by which address the present request comes."""
        from idp.web.client_address import ReadCallerAddress

        server = self.settings.server
        return ReadCallerAddress(server.trusted_proxies, server.client_address_header, self.clock)

    @cached_property
    def bankid_method(self) -> "BankIdMethod":
        """BankID as a method of identification. Raises CertificateProblem and KeyProblem."""
        from idp.assembly.bankid import make_method

        return make_method(self.settings, self.store, self.evidence)

    @cached_property
    def methods(self) -> "Sequence[AnyMethod]":
        """Every method of identification that somebody may log in with. Raises what their parts raise."""
        return (self.bankid_method,)

    @cached_property
    def reasons(self) -> "Mapping[str, str]":
        """What words of the methods mean that decided about an identification, for support."""
        from idp.core.identification.bankid.risk_policy import SENTENCES

        return SENTENCES

    @property
    def acrs(self) -> tuple[str, ...]:
        """The levels of assurance that the methods reach, each once. Raises what their parts raise."""
        return tuple(dict.fromkeys(method.facts.acr for method in self.methods))

    @cached_property
    def email_sender(self) -> "EmailSender":
        """The way by which e-mail leaves. Raises SecretFileProblem."""
        from idp.adapters.messages.email import make_email_sender

        return make_email_sender(self.settings.mail, self.settings.brand.name)

    @cached_property
    def sms_sender(self) -> "SmsSender":
        """The way by which text messages leave. Raises SecretFileProblem."""
        from idp.adapters.messages.sms import make_sms_sender

        return make_sms_sender(self.settings.sms)

    def tls_expires_at(self) -> datetime | None:
        """When the certificate that we serve TLS with ends, as its file is now; None without one. Raises CertificateProblem."""
        from idp.adapters.bankid.certificate import load_roots

        path = self.settings.server.tls_certificate
        return load_roots(path)[0].not_valid_after_utc if path is not None else None

    def ask_own_address(self, host: str, question: str) -> "Mapping[str, Any]":
        """What our own address probe answers under a host name. Raises OSError and ValueError."""
        from idp.adapters.own_address import ask_own_address

        settings = self.settings
        return ask_own_address(host, issuer=settings.issuer, question=question, ca=settings.back_channel.ca)

    def close(self) -> None:
        """Give up the connections of every part that was used."""
        if "database" in self.__dict__:
            self.database.close()


def assemble(settings: Settings, clock: Callable[[], datetime] | None = None) -> Provider:
    """Make a provider; nothing is read or opened yet. The clock is this machine's unless a test has another."""
    return Provider(settings=settings, clock=clock or _machine_clock)


def _machine_clock() -> datetime:
    return datetime.now(UTC)
