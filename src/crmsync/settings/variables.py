"""`.env` beside crmsync.yaml: which variables stand in which line, and what in it is wrong. Values are never told."""

from __future__ import annotations

import io
import logging
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import Binding, parse_stream
from msgspec import Struct

from crmsync.configuration import did_you_mean
from crmsync.errors import ConfigurationError, Finding
from crmsync.files import Unreadable, read_text

PREFIX = "CRMSYNC_"
LARGEST_DOTENV_BYTES = 1_000_000

logging.getLogger("dotenv").addHandler(logging.NullHandler())  # it would tell lines it cannot read in its own words
logging.getLogger("dotenv").propagate = False


class Dotenv(Struct, frozen=True):
    """Name in capitals → its value (empty where it has none), and → the number of its line, from 1.

    `doubts`: variables of crmsync that stand there twice, of which the last counts.
    """

    values: Mapping[str, str]
    lines: Mapping[str, int]
    doubts: tuple[Finding, ...]


def read_dotenv(directory: Path) -> Dotenv:
    """What `.env` says; nothing when there is none.

    Raises `ConfigurationError` for what is no such file, lines that say nothing, and variables of crmsync without a
    value or that go on over several lines without being a key.
    """
    file = directory / ".env"
    text = _text(file)
    lines: dict[str, int] = {}
    findings: list[Finding] = []
    doubts: list[Finding] = []
    for found in parse_stream(io.StringIO(text)):
        line = _line(found)
        name = (found.key or "").upper()
        if found.error:
            hint = "write `NAME=value` on one line; a value with spaces or `#` between two quotes of one kind"
            findings.append(Finding(str(file), line, 1, "this line is no `NAME=value`", hint))
        elif name.startswith(PREFIX):
            findings += [Finding(str(file), line, 1, *words) for words in _wrong(name, found)]
            if name in lines:
                message = f"`{name}` stands here and in line {lines[name]}; this one counts"
                doubts.append(Finding(str(file), line, 1, message, "keep one of them", "warning"))
        if name:
            lines[name] = line
    if findings:
        raise ConfigurationError(findings)
    values = dotenv_values(stream=io.StringIO(text), interpolate=False)  # `${` may be part of a secret
    return Dotenv({name.upper(): value or "" for name, value in values.items()}, lines, tuple(doubts))


def variables_set(directory: Path) -> dict[str, str]:
    """Every variable of the environment and of `.env` (the environment's wins), by its name in capitals.

    Those that are empty count as not set. Raises `ConfigurationError`.
    """
    there = {name: value for name, value in read_dotenv(directory).values.items() if value}
    return there | {name.upper(): value for name, value in os.environ.items() if value}


def variable_prefix(connection: str) -> str:
    """`crm-eu` → `CRMSYNC_CRM_EU_`."""
    return f"{PREFIX}{connection.replace('-', '_').upper()}_"


def unknown_variables(directory: Path, known: Iterable[str]) -> Iterator[tuple[str, int, str | None]]:
    """(name, line, hint) of each variable in `.env` that begins like one of crmsync's and means nothing."""
    names = set(known)
    for name, line in read_dotenv(directory).lines.items():
        if name.startswith(PREFIX) and name not in names:
            yield name, line, did_you_mean(name, names)


def misspelt(
    directory: Path, missing: Iterable[str], known: Iterable[str], others: Iterable[str]
) -> Iterator[tuple[str, str]]:
    """(where it stands, what is probably meant) of each variable that is like one of the `missing`.

    `known`: variables that mean something. `others`: prefixes of other connections, whose variables are their own.
    """
    import difflib  # noqa: PLC0415 - only for what is wrong

    lines = read_dotenv(directory).lines
    wanted, own, apart = sorted(missing), set(known), tuple(others)
    for name in dict.fromkeys((*lines, *sorted(each.upper() for each in os.environ))):
        if name in own or (apart and name.startswith(apart)):
            continue
        bare = f"{PREFIX}{name}"
        near = [bare] if bare in wanted else difflib.get_close_matches(name, wanted, n=1, cutoff=0.85)
        if near:
            yield f"{name} in `.env`, line {lines[name]}" if name in lines else f"{name} in the environment", near[0]


def _text(file: Path) -> str:
    try:
        return read_text(file, largest_bytes=LARGEST_DOTENV_BYTES)
    except Unreadable as error:
        if error.missing:
            return ""
        hint = error.hint or "make it a small text file that this user may read"
        raise ConfigurationError([Finding(str(file), 0, 0, str(error), hint)]) from None


def _wrong(name: str, found: Binding) -> Iterator[tuple[str, str]]:
    """(message, next step) of a mistake in one variable of crmsync."""
    if found.value is None:
        yield f"`{name}` has no value", f"write `{name}=…`, or take the line out"
    elif "\n" in found.original.string.strip() and not found.value.lstrip().startswith("-----BEGIN "):
        yield (
            f"`{name}` goes on over several lines",
            "close its quotes on its own line; only a key in PEM form has several",
        )


def _line(found: Binding) -> int:
    """The line of the variable itself: what was read for it may begin with empty lines."""
    text = found.original.string
    return found.original.line + text[: len(text) - len(text.lstrip())].count("\n")
