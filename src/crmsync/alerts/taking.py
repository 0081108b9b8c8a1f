"""Why a channel did not take a message: in our own words, as those of others may hold addresses and secrets."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Mapping

LONGEST_SECONDS = 30.0
"""A message that takes longer counts as not taken, however slowly the other side goes on answering."""
SOCKET_SECONDS = 10.0
_IN_WORDS: Mapping[type[BaseException], str] = {
    ssl.SSLCertVerificationError: "its certificate is not trusted by this machine",
    ssl.SSLError: "no encrypted connection came about",
    TimeoutError: f"no answer within {SOCKET_SECONDS:.0f} s",
    socket.gaierror: "its name is not found",
    ConnectionRefusedError: "the connection was refused",
    ConnectionError: "the connection broke off",
}
"""The first that fits."""


class NotTaken(Exception):
    """The message was not taken. `after_seconds`: the receiver's wish, if it told one."""

    def __init__(self, words: str, *, after_seconds: float | None = None) -> None:
        super().__init__(words)
        self.words = words
        self.after_seconds = after_seconds


def network_in_words(error: BaseException) -> str:
    """What kept the message on this side."""
    reason = getattr(error, "reason", None)
    if isinstance(reason, BaseException):
        error = reason
    for kind, words in _IN_WORDS.items():
        if isinstance(error, kind):
            return words
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return f"no answer that can be read ({type(error).__name__})"


def within(seconds: float, send: Callable[[], str | None], *, name: str) -> str | None:
    """Send in a thread of its own, and give what that gives.

    Raises `NotTaken`, also when it takes too long; the thread ends by itself, and keeps no process from ending.
    """
    ended: list[NotTaken | str | None] = []

    def work() -> None:
        try:
            ended.append(send())
        except NotTaken as error:
            ended.append(error)
        except Exception as error:
            ended.append(NotTaken(network_in_words(error)))

    thread = threading.Thread(target=work, name=name, daemon=True)
    thread.start()
    thread.join(seconds)
    outcome = ended[0] if ended else NotTaken(f"no whole answer within {seconds:.0f} s")
    if isinstance(outcome, NotTaken):
        raise outcome
    return outcome
