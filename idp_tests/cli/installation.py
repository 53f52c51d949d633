"""A provider's files on a disk, and the `idp` command run on them in this process."""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from idp.cli.command import idp

SETTINGS = """
mode = "sandbox"
issuer = "https://id.example"
clients = ["clients"]
[database]
url = "sqlite:///idp.db"
[server]
trusted_proxies = ["10.0.0.0/24"]
[bankid]
api_url = "https://localhost:1/rp/v6.0"
server_ca = "rp.pem"
client_certificate = "rp.pem"
test_environment = true
[mail]
folder = "mail"
"""


@dataclass(frozen=True)
class Installation:
    """The directory of one provider, and its operator."""

    directory: Path

    @property
    def settings(self) -> Path:
        return self.directory / "idp.toml"

    def change(self, old: str, new: str) -> None:
        text = self.settings.read_text(encoding="utf-8")
        assert old in text
        self.settings.write_text(text.replace(old, new), encoding="utf-8")

    def run(self, *words: str, typed: str | None = None) -> Result:
        """Run a command; nothing but an orderly exit is accepted."""
        result = CliRunner().invoke(idp, ["--config", str(self.settings), *words], input=typed)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert "Traceback" not in result.output
        return result

    def done(self, *words: str, typed: str | None = None) -> str:
        """Run a command that must succeed, for what it prints."""
        result = self.run(*words, typed=typed)
        assert result.exit_code == 0, result.output
        return result.stdout


def fill(installed: Installation) -> None:
    """Let a command note the secrets with which it works on the database."""
    installed.done("audit", "verify")


@pytest.fixture(scope="session")
def new_installation_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("new")
    (directory / "clients").mkdir()
    (directory / "idp.toml").write_text(SETTINGS, encoding="utf-8")
    write_certificate(directory / "rp.pem")
    return directory


@pytest.fixture(scope="session")
def installation_files(
    new_installation_files: Path, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """With keys and a database, made once."""
    directory = tmp_path_factory.mktemp("installed") / "files"
    shutil.copytree(new_installation_files, directory)
    shutil.copy(sqlite_template, directory / "idp.db")
    Installation(directory).done("keys", "init")
    return directory


@pytest.fixture
def fresh(new_installation_files: Path, tmp_path: Path) -> Installation:
    """Settings and a certificate; no keys and no database yet."""
    shutil.copytree(new_installation_files, tmp_path / "idp")
    return Installation(tmp_path / "idp")


@pytest.fixture
def installed(installation_files: Path, tmp_path: Path) -> Installation:
    """Ready to serve, and empty."""
    shutil.copytree(installation_files, tmp_path / "idp")
    return Installation(tmp_path / "idp")


def write_certificate(path: Path, *, ends: datetime = datetime(2099, 1, 1, tzinfo=UTC)) -> None:
    """A certificate and its key in one PEM file, valid whenever the tests run."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "PreZero Test")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(ends)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    path.chmod(0o600)
