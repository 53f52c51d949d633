"""The animated QR code: what one frame says, and whether a scanned frame is genuine and fresh (BankID RP 6.0, QR code)."""

import hashlib
import hmac
import re
from dataclasses import dataclass

_FRAME = re.compile(r"bankid\.([0-9a-f-]{36})\.(0|[1-9][0-9]{0,5})\.([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Frame:
    """A scanned frame: which order it points at, its second, and its proof."""

    qr_start_token: str
    second: int
    proof: str

    def is_genuine(self, secret: str) -> bool:
        """True when the proof was made with this order's qrStartSecret."""
        return hmac.compare_digest(self.proof, proof(secret, self.second))

    def is_fresh(self, age: float, slack: int) -> bool:
        """True when the frame's second is within `slack` seconds of the order's age in seconds."""
        return abs(self.second - int(age)) <= slack


def proof(secret: str, second: int) -> str:
    """HMAC-SHA-256 of the decimal second with the secret's ASCII text as key, in lower-case hexadecimal."""
    return hmac.new(secret.encode("ascii"), str(second).encode("ascii"), hashlib.sha256).hexdigest()


def frame_text(token: str, secret: str, second: int) -> str:
    """The content of the QR code for this second."""
    return f"bankid.{token}.{second}.{proof(secret, second)}"


def find_frame(text: str) -> Frame | None:
    """Read a scanned text; None when it is not a frame of BankID's."""
    match = _FRAME.fullmatch(text.strip())
    return Frame(match[1], int(match[2]), match[3]) if match else None
