"""The playground's credentials: one secret and one ES256 key, with which it plays every client that is tried in it."""

import hashlib
import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from joserfc.jwk import ECKey

FILE_NAME = "credentials.json"
ALGORITHM = "ES256"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the playground proves itself with."""

    secret: str = field(repr=False)
    key: ECKey = field(repr=False)

    @property
    def secret_hash(self) -> str:
        """The SHA-256 of the secret, in hexadecimal, as a client file has it."""
        return hashlib.sha256(self.secret.encode()).hexdigest()

    @property
    def public_jwk(self) -> dict[str, object]:
        return dict(self.key.as_dict(private=False))


def load_or_make(directory: Path) -> Credentials:
    """Read the credentials of this installation; make them, readable by the owner alone, when there are none."""
    path = directory / FILE_NAME
    if path.exists():
        kept = json.loads(path.read_text(encoding="utf-8"))
        return Credentials(kept["secret"], ECKey.import_key(kept["key"]))
    directory.mkdir(parents=True, exist_ok=True)
    key = ECKey.generate_key("P-256", {"use": "sig", "alg": ALGORITHM}, private=True, auto_kid=True)
    made = Credentials(secrets.token_urlsafe(32), key)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump({"secret": made.secret, "key": key.as_dict(private=True)}, file)
    return made
