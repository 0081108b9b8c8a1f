"""How a touch is signed: HMAC-SHA256 over its time and its body, with a secret that both sides know."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime, timedelta

TIMESTAMP, SIGNATURE = "x-crmsync-timestamp", "x-crmsync-signature"
SIGNED_WITHIN = timedelta(minutes=5)
"""A touch that is older, or younger than now by as much, is refused: it may be one that somebody has listened to."""


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """In hexadecimal. `timestamp`: seconds since 1970, as they stand in the header."""
    return hmac.digest(secret.encode(), timestamp.encode() + b"." + body, "sha256").hex()


def signed(secret: str, body: bytes, now: datetime) -> dict[str, str]:
    """The headers of a touch that is sent now."""
    timestamp = str(int(now.timestamp()))
    return {TIMESTAMP: timestamp, SIGNATURE: signature(secret, timestamp, body)}


def is_right(secret: str, given: str, timestamp: str, body: bytes) -> bool:
    """Whether the signature is the secret's."""
    return hmac.compare_digest(signature(secret, timestamp, body).encode(), given.encode())


def is_of_now(timestamp: str, now: datetime) -> bool:
    """Whether it was signed within the last minutes."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    try:
        return abs(now - datetime.fromtimestamp(int(timestamp), UTC)) <= SIGNED_WITHIN
    except (ValueError, OverflowError, OSError):
        return False
