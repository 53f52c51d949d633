"""Client files: one TOML file per relying party, its name the client_id, its members those of RFC 7591 and our own."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from idp.core.oidc.clients.client import Client
from idp.core.oidc.clients.metadata import MetadataProblems, read_client
from idp.misconfiguration import Mistakes, read_toml


class ClientProblems(Mistakes):
    """Some client file cannot be used; each line names the file and the member."""


def load_clients(directories: Sequence[Path], *, issuer: str, sandbox: bool) -> Mapping[str, Client]:
    """Read every `*.toml` of the directories; a file of a later directory replaces one of the same name before it.

    `sandbox` allows http on loopback and secrets for trials. Raises ClientProblems with every mistake of every file.
    """
    problems = [f"{directory}: is no directory" for directory in directories if not directory.is_dir()]
    files = {path.stem: path for directory in directories for path in sorted(directory.glob("*.toml"))}
    clients: dict[str, Client] = {}
    for client_id, path in sorted(files.items()):
        try:
            clients[client_id] = load_client(path, issuer=issuer, sandbox=sandbox)
        except ClientProblems as found:
            problems += found.lines
    if problems:
        raise ClientProblems(problems)
    return MappingProxyType(clients)


def load_client(path: Path, *, issuer: str, sandbox: bool) -> Client:
    """Read one client file. Raises ClientProblems with every mistake in it."""
    members = _read(path)
    try:
        return read_client(path.stem, members, issuer=issuer, sandbox=sandbox)
    except MetadataProblems as error:
        raise ClientProblems([f"{path}: {problem}" for problem in error.problems]) from None


def _read(path: Path) -> dict[str, Any]:
    members = read_toml(path, ClientProblems)
    if "jwks_file" not in members:
        return members
    if "jwks" in members:
        raise ClientProblems([f"{path}: jwks_file: stands beside jwks; keep one of them"])
    members["jwks"] = _read_keys(path, members.pop("jwks_file"))
    return members


def _read_keys(path: Path, name: object) -> Any:
    """Read a JWK Set, or one JWK, from a JSON file beside the client file."""
    try:
        keys = json.loads((path.parent / str(name)).read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ClientProblems([f"{path}: jwks_file: cannot be read: {error.strerror}"]) from None
    except ValueError:
        raise ClientProblems([f"{path}: jwks_file: is not JSON"]) from None
    return [keys] if isinstance(keys, dict) and "kty" in keys else keys
