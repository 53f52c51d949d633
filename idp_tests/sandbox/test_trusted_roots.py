"""Trusted roots: a relying party with its own certificate can be called once that certificate is given."""

import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from idp.adapters.messages.back_channel_logout import BackChannelCalls
from idp.core.messages import Undelivered
from idp.settings_file import load_settings
from idp_sandbox.local_authority import LocalAuthority
from idp_sandbox.plan import Plan
from idp_sandbox.ports import Ports
from idp_sandbox.trusted_roots import NotCertificatesError, read_certificates
from idp_sandbox.world import World, WorldProblem


@dataclass
class Suite:
    """A relying party elsewhere, behind a certificate that it signed itself."""

    pem: Path
    address: str = ""
    received: list[str] = field(default_factory=list)


@pytest.fixture
def suite(tmp_path: Path) -> Iterator[Suite]:
    suite = Suite(write_self_signed(tmp_path / "suite.pem"))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            suite.received.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(suite.pem)
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        suite.address = f"https://localhost:{server.server_address[1]}/backchannel-logout"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield suite
        server.shutdown()
        thread.join()


def write_self_signed(path: Path) -> Path:
    """A certificate for localhost and its key, in one file as such suites have it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    moment = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(moment - timedelta(hours=1))
        .not_valid_after(moment + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(identifier, critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path


def written_roots(data: Path, *, trust: tuple[Path, ...], tls: bool) -> Path | None:
    """What the provider's own settings say after the world has written them."""
    world = World(Plan(data=data, ports=Ports.starting_at(9100), tls=tls, trust=trust))
    world._read_given_certificates()
    if tls:
        world._authority = LocalAuthority.load_or_make(data / "tls", now=datetime.now(UTC))
    world._run_provider_command = lambda *_: None  # type: ignore[method-assign]
    world._prepare_provider()
    return load_settings(data / "idp" / "idp.toml").back_channel.ca


@pytest.mark.parametrize("tls", [False, True])
def test_a_relying_party_whose_certificate_is_given_receives_its_logout_token(
    suite: Suite, tmp_path: Path, tls: bool
) -> None:
    ca = written_roots(tmp_path / "data", trust=(suite.pem,), tls=tls)
    BackChannelCalls(ca=ca, public_only=False).post_logout_token(suite.address, "word")
    assert suite.received == ["logout_token=word"]


@pytest.mark.parametrize("tls", [False, True])
def test_a_relying_party_whose_certificate_is_not_given_is_not_believed(
    suite: Suite, tmp_path: Path, tls: bool
) -> None:
    ca = written_roots(tmp_path / "data", trust=(), tls=tls)
    with pytest.raises(Undelivered, match="SSLError"):
        BackChannelCalls(ca=ca, public_only=False).post_logout_token(suite.address, "word")
    assert suite.received == []


def test_the_sandboxes_authority_every_given_file_and_the_usual_roots_are_in_one_bundle(tmp_path: Path) -> None:
    given = (write_self_signed(tmp_path / "a.pem"), write_self_signed(tmp_path / "b.pem"))
    ca = written_roots(tmp_path / "data", trust=given, tls=True)
    assert ca is not None
    assert ca.is_relative_to(tmp_path / "data")
    bundle = ca.read_text(encoding="utf-8")
    for path in (*given, tmp_path / "data" / "tls" / "ca.pem"):
        assert read_certificates(path) in bundle
    assert Path(DEFAULT_CA_BUNDLE_PATH).read_text(encoding="utf-8") in bundle


def test_without_tls_and_without_files_the_provider_keeps_its_own_default(tmp_path: Path) -> None:
    assert written_roots(tmp_path / "data", trust=(), tls=False) is None


def test_a_private_key_beside_the_certificate_is_left_where_it_was(tmp_path: Path) -> None:
    assert "PRIVATE KEY" not in read_certificates(write_self_signed(tmp_path / "both.pem"))


@pytest.mark.parametrize("content", ["", "not a certificate", "-----BEGIN CERTIFICATE-----\nAA==\n"])
def test_a_file_without_certificates_is_refused_by_name(tmp_path: Path, content: str) -> None:
    path = tmp_path / "odd.pem"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(NotCertificatesError, match=r"odd\.pem holds no certificate in PEM form"):
        read_certificates(path)


def test_a_file_that_is_not_there_stops_the_start_before_anything_is_written(tmp_path: Path) -> None:
    world = World(Plan(data=tmp_path / "data", ports=Ports.starting_at(9100), trust=(tmp_path / "none.pem",)))
    with pytest.raises(WorldProblem, match=r"--trust: .*none\.pem cannot be read: No such file or directory"):
        world.start()
    assert not (tmp_path / "data").exists()
