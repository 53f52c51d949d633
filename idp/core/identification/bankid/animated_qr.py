"""The animated QR code's text, second by second (BankID RP 6.0, animated QR)."""

import hmac
from datetime import datetime, timedelta

START_WINDOW = timedelta(seconds=30)
"""BankID gives an order up when nobody has opened it within this time."""


def frame_second(created_at: datetime, now: datetime) -> int:
    """Whole seconds since BankID answered the start, rounded down and never below zero.

    Rounding to the nearest would run ahead of BankID's clock. Another node's clock may lag, hence the zero.
    """
    return max(0, (now - created_at) // timedelta(seconds=1))


def seconds_left(created_at: datetime, now: datetime) -> int:
    """Whole seconds, rounded up, until the code can no longer be scanned; zero afterwards."""
    window = START_WINDOW // timedelta(seconds=1)
    return max(0, window - frame_second(created_at, now))


def qr_text(qr_start_token: str, qr_start_secret: str, second: int) -> str:
    """Write the frame of one second; raises ValueError for a second before the order existed.

    The secret is used as its ASCII text, hyphens included, and never leaves the server.
    """
    if second < 0:
        raise ValueError("second: an order has no frames before its start")
    time = str(second)
    code = hmac.new(qr_start_secret.encode("ascii"), time.encode("ascii"), "sha256").hexdigest()
    return f"bankid.{qr_start_token}.{time}.{code}"


def find_current_frame(qr_start_token: str, qr_start_secret: str, created_at: datetime, now: datetime) -> str | None:
    """The frame to show now, or None when the start window is over.

    Only the current frame is ever given out: each is a capability to open the order, so frames sent ahead would defeat
    the animation that stops a copied code.
    """
    if now - created_at >= START_WINDOW:
        return None
    return qr_text(qr_start_token, qr_start_secret, frame_second(created_at, now))
