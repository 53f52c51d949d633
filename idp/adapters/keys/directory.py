"""The key directory: reading and writing its files, whole, private and checked.

    DIRECTORY/signing/<kid>.json        one private JWK with its dates
    DIRECTORY/secrets/<name>.json       tokens, pepper, fields, audit, identity, evidence: versions of a 256-bit secret, with their dates

Files are written whole under another name and then renamed, so a reader sees the old or the new one. Every change
changes the folder's own time, which is how running workers notice it.
"""

import json
import secrets
import stat
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from idp.core.oidc.keys.canary import SECRET_NAMES
from idp.core.oidc.keys.keyring import Keyring, SigningKey, import_private_key
from idp.core.oidc.keys.reference_tokens import SecretKey
from idp.misconfiguration import Misconfiguration

_DATES = ("created_at", "activates_at", "retires_at")
_SECRET_DATES = ("made_at", "used_from")
_OWNER_ONLY = 0o600
_OTHERS = stat.S_IRWXG | stat.S_IRWXO

NO_KEYS = "restore the keys from their backup; a provider that never had any runs `idp keys init`"


class KeyProblem(Misconfiguration):
    """A key file or operation cannot be accepted; the text names the file, never its content."""


def read_keyring(folder: Path, known: Mapping[str, SigningKey]) -> Keyring:
    _check_private(folder)
    return Keyring(keys=tuple(_read_key(path, known) for path in sorted(folder.glob("*.json"))))


def write_key(directory: Path, key: SigningKey) -> Path:
    path = key_path(directory, key.kid)
    dates = {name: getattr(key, name) for name in _DATES}
    content = {
        "alg": key.alg,
        **{name: date.isoformat() for name, date in dates.items() if date is not None},
        "jwk": key.key.as_dict(private=True),
    }
    _write_private(path, content)
    return path


def key_path(directory: Path, kid: str) -> Path:
    return directory / "signing" / f"{kid}.json"


def read_secrets(path: Path) -> tuple[SecretKey, ...]:
    _check_private(path.parent)
    raw = _read_json(path)
    try:
        versions = [
            SecretKey(
                version=int(entry["version"]),
                value=urlsafe_b64decode(str(entry["secret"]).encode()),
                **{name: _read_date(entry[name]) for name in _SECRET_DATES if name in entry},
            )
            for entry in raw["keys"]
        ]
    except (KeyError, TypeError, ValueError, AttributeError):
        raise KeyProblem(f"{path}: is no list of versioned 32-byte secrets") from None
    if not versions or len({secret.version for secret in versions}) != len(versions):
        raise KeyProblem(f"{path}: has no secret, or one version twice")
    return tuple(sorted(versions, key=lambda secret: -secret.version))


def write_secrets(path: Path, versions: Sequence[SecretKey]) -> None:
    entries = [
        {
            "version": one.version,
            **{name: date.isoformat() for name in _SECRET_DATES if (date := getattr(one, name)) is not None},
            "secret": urlsafe_b64encode(one.value).decode(),
        }
        for one in versions
    ]
    _write_private(path, {"keys": entries})


def secret_path(directory: Path, name: str) -> Path:
    return directory / "secrets" / f"{name}.json"


def make_private_directory(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise KeyProblem(f"{folder}: cannot be made: {error.strerror}") from None
    _check_private(folder)


def stamp(directory: Path, before: tuple[int, ...] = (0, 0)) -> tuple[int, ...]:
    """When something was last added, renamed or removed; a directory that cannot be read counts as unchanged."""
    try:
        return tuple((directory / name).stat().st_mtime_ns for name in ("signing", "secrets"))
    except OSError:
        return before


def _read_key(path: Path, known: Mapping[str, SigningKey]) -> SigningKey:
    try:
        return _parse_key(path.stem, _read_json(path), known.get(path.stem))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise KeyProblem(f"{path}: is no signing key: {_reason(error)}") from None


def _parse_key(kid: str, raw: Mapping[str, Any], before: SigningKey | None) -> SigningKey:
    jwk, alg = dict(raw["jwk"]), str(raw["alg"])
    unchanged = before is not None and before.alg == alg and before.key.as_dict(private=True) == jwk
    key = before.key if before is not None and unchanged else import_private_key(alg, jwk)
    if key.thumbprint() != kid:
        raise ValueError("the file is not named after its key's thumbprint")
    return SigningKey(
        kid=kid,
        alg=alg,
        created_at=_read_date(raw["created_at"]),
        activates_at=_read_date(raw["activates_at"]),
        retires_at=_read_date(raw["retires_at"]) if "retires_at" in raw else None,
        key=key,
    )


def _reason(error: Exception) -> str:
    return f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)


def _read_date(text: str) -> datetime:
    date = datetime.fromisoformat(text)
    if date.tzinfo is None:
        raise ValueError("a date has no time zone")
    return date


def _read_json(path: Path) -> Mapping[str, Any]:
    try:
        _check_private(path)
        raw = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise KeyProblem(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError:
        raise KeyProblem(f"{path}: is not JSON") from None
    if not isinstance(raw, dict):
        raise KeyProblem(f"{path}: is not a JSON object")
    return raw


def _check_private(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        is_secret = path.name in {f"{name}.json" for name in SECRET_NAMES}  # and making another may be a mistake
        mend = "restore it from the backup of the keys" if is_secret else NO_KEYS
        raise KeyProblem(f"{path}: cannot be read: {error.strerror}; {mend}") from None
    if mode & _OTHERS:
        right = "700" if stat.S_ISDIR(mode) else "600"
        raise KeyProblem(f"{path}: others may read it; run `chmod {right} {path}`")


def _write_private(path: Path, content: Mapping[str, Any]) -> None:
    """Write beside and rename: no reader ever sees half a file, and no other account sees any of it."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        beside.touch(mode=_OWNER_ONLY, exist_ok=False)
        beside.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise KeyProblem(f"{path}: cannot be written: {error.strerror}") from None
