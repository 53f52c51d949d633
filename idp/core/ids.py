"""Ids: what our rows are called."""

import secrets
from datetime import datetime


def new_id(now: datetime) -> str:
    """A fresh identifier: 6 bytes of time in milliseconds, 10 random bytes, 32 hex digits.

    Time first keeps inserts at the right edge of the index; 80 random bits are never the only proof of anything,
    since every reference is encrypted or checked against a cookie.
    """
    return (int(now.timestamp() * 1000) & 0xFFFFFFFFFFFF).to_bytes(6, "big").hex() + secrets.token_hex(10)
