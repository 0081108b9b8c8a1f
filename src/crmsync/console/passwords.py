"""Passwords: kept as argon2id hashes, compared in the same time whether there is such a person or not."""

from __future__ import annotations

import secrets
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

SHORTEST = 12
LONGEST = 200
_AT_ONCE = 2
"""Each comparison takes 64 MB for a while: however many try, no more than so many do."""

_hasher = PasswordHasher()
_turn = BoundedSemaphore(_AT_ONCE)


def hash_of(password: str) -> str:
    """As it stands in the file of people."""
    return _hasher.hash(password)


def is_right(password: str, hashed: str | None) -> bool:
    """`hashed`: null = there is nobody of that name, or they have no password; it takes as long."""
    with _turn:
        try:
            return _hasher.verify(hashed or _nobodys(), password[:LONGEST]) and hashed is not None
        except (Argon2Error, InvalidHashError):
            return False


@cache
def _nobodys() -> str:
    return _hasher.hash(secrets.token_hex())
