"""The provider's files in the sandbox: its settings and its relying parties, filled in from templates."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from idp_sandbox.playground.credentials import Credentials

REPOSITORY = Path(__file__).resolve().parents[1]
TEMPLATES = REPOSITORY / "config" / "sandbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Every address in the world, without a trailing slash."""

    idp: str
    minasidor: str
    mittprezero: str
    phone: str
    bankid: str
    playground: str


def write_settings(
    directory: Path,
    *,
    addresses: Addresses,
    port: int,
    simulator: Path,
    tls: tuple[Path, Path] | None,
    trials: Path,
    relying_party_roots: Path | None = None,
) -> Path:
    """Write idp.toml for these addresses and return its path.

    `relying_party_roots` is believed in calls to relying parties; `trials` has the client files that are tried.
    """
    directories = [*client_directories(directory), trials]
    tls_lines = f"tls_certificate = {_toml(tls[0])}\ntls_key = {_toml(tls[1])}\n" if tls else ""
    values = {
        "issuer": _toml(addresses.idp),
        "client_directories": ", ".join(map(_toml, directories)),
        "port": str(port),
        "tls": tls_lines,
        "back_channel": f"\n[back_channel]\nca = {_toml(relying_party_roots)}\n" if relying_party_roots else "",
        "database": _toml(f"sqlite:///{directory / 'idp.db'}"),
        "bankid_api": _toml(addresses.bankid + "/rp/v6.0"),
        "bankid_server_ca": _toml(simulator / "server-ca.pem"),
        "bankid_certificate": _toml(simulator / "rp.p12"),
        "bankid_passphrase": _toml(simulator / "rp-passphrase.txt"),
        "bankid_people_root": _toml(simulator / "people-root.pem"),
        "bankid_launch": _toml(addresses.phone + "/"),
        "help": _toml(addresses.minasidor + "/help"),
        "privacy": _toml(addresses.minasidor + "/privacy"),
        "accessibility": _toml(addresses.minasidor + "/accessibility"),
    }
    return _fill("idp.toml", directory / "idp.toml", values)


def client_directories(directory: Path) -> list[Path]:
    """Where people put client files: the repository's, and the provider's own."""
    return [path for path in (REPOSITORY / "config" / "clients", directory / "clients") if path.is_dir()]


def write_clients(
    directory: Path, *, addresses: Addresses, minasidor_jwk: Mapping[str, object], playground: Credentials
) -> None:
    """Write the client files of the relying parties; other files in the directory stay."""
    portal = addresses.minasidor
    _fill(
        "clients/minasidor.toml",
        directory / "minasidor.toml",
        {
            "base_url": _toml(portal),
            "base_url_callback": _toml(portal + "/callback"),
            "base_url_logged_out": _toml(portal + "/logged-out"),
            "base_url_backchannel": _toml(portal + "/backchannel-logout"),
            "base_url_frontchannel": _toml(portal + "/frontchannel-logout"),
            "jwk": _toml_lines(minasidor_jwk),
        },
    )
    app = addresses.mittprezero
    _fill(
        "clients/mittprezero.toml",
        directory / "mittprezero.toml",
        {
            "base_url": _toml(app),
            "base_url_redirect": _toml(app + "/oauth2redirect"),
            "base_url_logged_out": _toml(app + "/logged-out"),
        },
    )

    ground = addresses.playground
    _fill(
        "clients/playground.toml",
        directory / "playground.toml",
        {
            "base_url": _toml(ground),
            "base_url_callback": _toml(ground + "/callback"),
            "base_url_logged_out": _toml(ground + "/logged-out"),
            "base_url_backchannel": _toml(ground + "/backchannel-logout"),
            "secret_hash": _toml(playground.secret_hash),
            "jwk": _toml_lines(playground.public_jwk),
        },
    )


def _toml_lines(members: Mapping[str, object]) -> str:
    return "\n".join(f"{name} = {_toml(value)}" for name, value in members.items())


def _fill(template: str, target: Path, values: Mapping[str, str]) -> Path:
    text = (TEMPLATES / f"{template}.template").read_text(encoding="utf-8")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(Template(text).substitute(values), encoding="utf-8")
    return target


def _toml(value: object) -> str:
    """A TOML basic string; JSON escapes the same characters in the same way."""
    return json.dumps(str(value), ensure_ascii=False)
