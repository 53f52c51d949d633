"""An auditor's reader of `idp audit export`: it shares nothing with the product but the words of the format."""

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def read_export(content: bytes, thumbprint: str) -> list[dict[str, Any]]:
    """An auditor's reader: the rows. Raises ValueError and InvalidSignature."""
    *lines, last_line = content.splitlines(keepends=True)
    head, last = json.loads(lines[0]), json.loads(last_line)
    if head["format"] != "idp audit export 1" or last["sha256"] != hashlib.sha256(b"".join(lines)).hexdigest():
        raise ValueError("the file was changed")
    if _b64(hashlib.sha256(_json(head["key"])).digest()) != thumbprint:
        raise ValueError("another key signed it")
    header, _, signature = last.pop("signature").split(".")
    key = Ed25519PublicKey.from_public_bytes(_unb64(head["key"]["x"]))
    key.verify(_unb64(signature), f"{header}.{_b64(_json(last))}".encode())
    rows = [json.loads(line) for line in lines[1:]]
    if len(rows) != last["rows"] or [each["position"] for each in rows] != list(range(last["first"], last["last"] + 1)):
        raise ValueError("rows are missing")
    if last["findings"]:
        raise ValueError("the log is not as it was written")
    return rows


def _json(members: Any) -> bytes:
    return json.dumps(members, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _b64(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    return urlsafe_b64decode(text + "==")
