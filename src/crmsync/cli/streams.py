"""Standard streams: those that are closed, full, or cannot say every sign.

A result that cannot be said is an error in words. A message that cannot be said stops nothing: there is nobody to
tell, and what the command does is right without it. Where an encoding lacks a sign, ours are written in ASCII.
"""

from __future__ import annotations

import codecs
import io
import os
import sys
from collections.abc import Mapping
from typing import Any

from crmsync.errors import RunStopped, UsageError

SIGNS: Mapping[str, str] = {
    "✓": "+", "✗": "x", "→": "->", "←": "<-", "…": "...", "·": "-", "×": "x", "–": "-", "—": "-", "−": "-",
    "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "≥": ">=", "≤": "<=", "•": "*", "ß": "ss",
}  # fmt: skip
"""Sign → what stands for it."""

PLAIN = "crmsync-plain"


def plain(text: str) -> str:
    """The text in ASCII: letters lose their accents, boxes become lines, and `?` stands for what has no likeness."""
    return "".join(_plain(sign) for sign in text)


def _plain(sign: str) -> str:
    if sign.isascii() or sign in SIGNS:
        return SIGNS.get(sign, sign)
    import unicodedata

    if "\u2500" <= sign <= "\u257f":
        return "-" if "HORIZONTAL" in unicodedata.name(sign).split("AND")[0] else "|"
    return "".join(part for part in unicodedata.normalize("NFKD", sign) if part.isascii()) or "?"


class ResultLost(OSError):
    """Stdout cannot take the result; not a reader who has had enough, which is a `BrokenPipeError`."""


class _Result(io.FileIO):
    """Stdout, whose errors are told from all others."""

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise ResultLost(error.errno, error.strerror) from None


class _Messages(io.FileIO):
    """Stderr, which loses what it cannot take."""

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except OSError:
            return len(data)


def make_ready() -> None:
    """From now on both streams are there, take any text, and are as the classes above say.

    Raises `UsageError` when one of them is closed: the next file to be opened, the store perhaps, would get its
    number and all that is said into it.
    """
    if sys.stdin is None:
        os.open(os.devnull, os.O_RDONLY)
    streams: Mapping[str, Any] = {"stdout": sys.stdout, "stderr": sys.stderr}
    closed = [name for name, stream in streams.items() if stream is None]
    if closed:
        raise UsageError(
            f"{' and '.join(closed)} cannot be written: closed", hint="to throw away what is said, use /dev/null"
        )
    for name, kind in (("stdout", _Result), ("stderr", _Messages)):
        if streams[name] is getattr(sys, f"__{name}__"):  # not one that somebody put in its place
            setattr(sys, name, _stream(kind, streams[name]))
    take_all_signs()


def _stream(kind: type[io.FileIO], like: Any) -> io.TextIOWrapper:
    lines = like.line_buffering or like.isatty()
    raw = io.BufferedWriter(kind(like.fileno(), "w", closefd=False))
    return io.TextIOWrapper(raw, encoding=like.encoding, errors=like.errors, line_buffering=lines)


def lost_in_words(error: ResultLost) -> RunStopped:
    """Why the result could not be said; what is left of it is thrown away, so that the end is quiet."""
    throw_away_the_rest()
    return RunStopped(
        f"the result cannot be written to stdout: {error.strerror}",
        hint="what the command did stays done, and a run's journal has it; `--out FILE` keeps the result, too",
    )


def throw_away_the_rest() -> None:
    """Nobody reads on: what is still to be said to stdout goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def take_all_signs() -> None:
    """From now on stdout and stderr take any text, whatever their encoding."""
    codecs.register_error(PLAIN, _replaced)
    for stream in (sys.stdout, sys.stderr):
        if not str(stream.encoding or "utf-8").lower().startswith("utf") and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=PLAIN)


def _replaced(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return plain(error.object[error.start : error.end]), error.end
