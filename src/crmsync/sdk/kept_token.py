"""Refresh tokens that a sign-in replaces: the new one is kept, so that the next process can sign in, too.

A login host that rotates refresh tokens takes each one once. So the token in use lives in a file that only this user
may read, and a sign-in holds a lock on it from reading the token to writing the new one. What the admin gave
goes before whatever was kept when it has changed since.

An answer that is lost takes the new token with it, and the old one is used up. So the lock's file notes which token
was asked with (as a digest), until its answer has come: a later refusal then has its true cause.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from crmsync.errors import RunStopped, SignInRefused
from crmsync.files import Unreadable, read_text, take_lock, write_for_this_user

LARGEST_FILE_BYTES = 1_000_000
LONGEST_TURN_SECONDS = 600.0
_LOOK_AGAIN_SECONDS = 0.1

UNANSWERED = "the answer to an earlier sign-in with this refresh token was lost"
UNANSWERED_HINT = (
    "a login host that replaces refresh tokens counts this one as used, and the new one never came: "
    "let a user approve the app again for a new refresh_token"
)
"""What a refused token means where `KeptToken.unanswered`, and the mend."""


class KeptToken:
    """The refresh token of one account.

    `file`: where tokens are kept. `owner`: whose token it is, without secrets (address and client). `given`: the
    token in the settings.
    """

    def __init__(self, file: Path, owner: str, given: str, *, sleep: Callable[[float], None] = time.sleep) -> None:
        """Nothing is read yet. `sleep` takes seconds."""
        self._file = file
        self._owner = owner
        self._given = given
        self._mark = sha256(given.encode()).hexdigest()
        self._sleep = sleep
        self._unanswered = False
        self._lost = False

    @property
    def unanswered(self) -> bool:
        """Whether an earlier sign-in with this turn's token got no answer, or one that could not be kept."""
        return self._unanswered

    @contextmanager
    def in_turn(self) -> Iterator[str]:
        """The token to sign in with; until the block ends nobody else signs in with it.

        Raises `RunStopped` when others take too long. In a folder where nothing can be written there is no turn to
        wait for: a token that is not replaced needs none.
        """
        lock = self._file.with_name(f"{self._file.name}.lock")
        try:
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:
            yield self._token()
            return
        with os.fdopen(descriptor, "r+b") as file:
            waited = 0.0
            while not self._taken(file):
                if waited > LONGEST_TURN_SECONDS:
                    raise RunStopped(
                        f"another process has been signing in with the token in {self._file} for minutes",
                        hint="wait until it has ended, or stop it",
                    )
                self._sleep(_LOOK_AGAIN_SECONDS)
                waited += _LOOK_AGAIN_SECONDS
            token = self._token()
            with self._noted(file, sha256(f"{self._owner} {token}".encode()).hexdigest()):
                yield token

    @contextmanager
    def _noted(self, file: BinaryIO, asked_with: str) -> Iterator[None]:
        """The note stands until the block ends well, or the login host refuses a token that had an answer."""
        notes = _notes(file)
        self._unanswered, self._lost = asked_with in notes, False
        _note(file, notes | {asked_with})
        try:
            yield
        except SignInRefused:
            if not (self._unanswered or self._lost):
                _note(file, notes - {asked_with})
            raise
        _note(file, notes - {asked_with})

    def _taken(self, file: BinaryIO) -> bool:
        try:
            return take_lock(file)
        except OSError as error:
            raise RunStopped(
                f"the folder of {self._file} takes no locks: {(error.strerror or 'it says no').lower()}",
                hint="name a file on another disk as `refresh_token_file`: of a login host that replaces tokens each "
                "may be used once, so two sign-ins must not meet",
            ) from error

    def keep(self, token: str | None) -> None:
        """Keep what the sign-in gave, within the turn. Nothing is written for none, or for the token in use.

        Raises `SignInRefused` when it cannot be kept: the token in use is worth nothing any more.
        """
        if not token or token == self._token():
            return
        self._lost = True
        kept = {**self._all(), self._owner: {"in_place_of": self._mark, "token": token}}
        text = json.dumps({"format": 1, "tokens": kept}, indent=1) + "\n"
        if len(text) > LARGEST_FILE_BYTES:  # json.dumps gives ASCII: a character is a byte
            raise SignInRefused(
                f"the login host gave a refresh token too long to be kept ({len(token):,} characters)",
                hint="check that the connection's `url` is the CRM's own login host, and give a new refresh_token",
            )
        try:
            write_for_this_user(self._file, text)
        except OSError as error:
            raise SignInRefused(
                "the login host replaces the refresh token at every sign-in, and the new one cannot be kept in "
                f"{self._file}: {(error.strerror or 'it cannot be written').lower()}",
                hint="let this user write there (or name another file as `refresh_token_file`), and give a new "
                "refresh_token; or sign in in a way that needs none",
            ) from error
        self._lost = False

    def _token(self) -> str:
        kept = self._all().get(self._owner)
        if isinstance(kept, dict) and kept.get("in_place_of") == self._mark and isinstance(kept.get("token"), str):
            return str(kept["token"])
        return self._given

    def _all(self) -> dict[str, Any]:
        """All kept tokens; none when the file is not there or damaged: the login host tells what that means."""
        try:
            content = json.loads(read_text(self._file, largest_bytes=LARGEST_FILE_BYTES))
            tokens = content["tokens"]
        except (Unreadable, ValueError, TypeError, KeyError, RecursionError):
            return {}
        return tokens if isinstance(tokens, dict) else {}


def _notes(file: BinaryIO) -> set[str]:
    """Digests of the tokens that wait for an answer; none in a file that is damaged: they are for words only."""
    try:
        file.seek(0)
        noted = json.loads(file.read(LARGEST_FILE_BYTES) or b"[]")
    except (OSError, ValueError, RecursionError):
        return set()
    return {each for each in noted if isinstance(each, str)} if isinstance(noted, list) else set()


def _note(file: BinaryIO, digests: set[str]) -> None:
    with suppress(OSError):  # a full disk
        file.seek(0)
        file.truncate()
        file.write(json.dumps(sorted(digests)).encode() if digests else b"")
        file.flush()
