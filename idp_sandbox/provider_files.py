"""The provider's files in the sandbox: its settings and its two relying parties, filled in from templates."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

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


def write_settings(
    directory: Path,
    *,
    addresses: Addresses,
    port: int,
    simulator: Path,
    tls: tuple[Path, Path] | None,
    relying_party_roots: Path | None = None,
) -> Path:
    """Write idp.toml for these addresses and return its path; `relying_party_roots` is believed in calls to them."""
    directories = [path for path in (REPOSITORY / "config" / "clients", directory / "clients") if path.is_dir()]
    tls_lines = f"tls_certificate = {_toml(tls[0])}\ntls_key = {_toml(tls[1])}\n" if tls else ""
    values = {
        "issuer": _toml(addresses.idp),
        "client_directories": ", ".join(_toml(directory) for directory in directories),
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


def write_clients(directory: Path, *, addresses: Addresses, minasidor_jwk: Mapping[str, object]) -> None:
    """Write the client files of the two relying parties; other files in the directory stay."""
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
            "base_url_initiate": _toml(portal + "/initiate"),
            "jwk": "\n".join(f"{name} = {_toml(value)}" for name, value in minasidor_jwk.items()),
        },
    )
    app = addresses.mittprezero
    _fill(
        "clients/mittprezero.toml",
        directory / "mittprezero.toml",
        {
            "base_url": _toml(app),
            "base_url_redirect": _toml(app + "/oauth2redirect"),
            "base_url_initiate": _toml(app + "/initiate"),
            "base_url_logged_out": _toml(app + "/logged-out"),
        },
    )


def _fill(template: str, target: Path, values: Mapping[str, str]) -> Path:
    text = (TEMPLATES / f"{template}.template").read_text(encoding="utf-8")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(Template(text).substitute(values), encoding="utf-8")
    return target


def _toml(value: object) -> str:
    """A TOML basic string; JSON escapes the same characters in the same way."""
    return json.dumps(str(value), ensure_ascii=False)
