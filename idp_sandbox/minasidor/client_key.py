"""The client key: MinaSidor's own ES256 key, with which it proves who it is at the token endpoint (private_key_jwt).

`python -m idp_sandbox.minasidor.client_key` makes it beforehand, where somebody else needs the public half first.
"""

import argparse
import json
import os
from pathlib import Path

from joserfc.jwk import ECKey

FILE_NAME = "client-key.json"


def load_or_make(directory: Path) -> ECKey:
    """Read the key of this installation; make it, readable by the owner alone, when there is none."""
    path = directory / FILE_NAME
    if path.exists():
        return ECKey.import_key(json.loads(path.read_text(encoding="utf-8")))
    directory.mkdir(parents=True, exist_ok=True)
    key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, private=True, auto_kid=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(key.as_dict(private=True), file)
    return key


def public_jwks(key: ECKey) -> dict[str, list[dict[str, object]]]:
    """The key set that the provider is given: the public half alone (RFC 7517 5)."""
    return {"keys": [dict(key.as_dict(private=False))]}


def main(arguments: list[str] | None = None) -> None:
    """Make the key in --data unless it is there, and write its public half to --publish."""
    parser = argparse.ArgumentParser(prog="python -m idp_sandbox.minasidor.client_key")
    parser.add_argument("--data", type=Path, required=True, help="MinaSidor's directory")
    parser.add_argument("--publish", type=Path, required=True, help="file for the public key set (RFC 7517 5)")
    found = parser.parse_args(arguments)
    found.publish.write_text(json.dumps(public_jwks(load_or_make(found.data)), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
