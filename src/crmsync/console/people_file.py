"""The file of who may sign in, written: roles, and passwords as hashes alone."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, MutableSequence
from pathlib import Path
from typing import Any, Literal

from ruamel.yaml import YAML

from crmsync.configuration import read_document, validated
from crmsync.console.passwords import LONGEST, SHORTEST, hash_of
from crmsync.errors import UsageError
from crmsync.files import Unreadable, led_to, put_in_place, read_text, write_for_this_user
from crmsync.settings import ConsolePeople, ConsoleSettings, Role, Settings

_LARGEST_BYTES = 1_000_000
_HEAD = "# Who may sign in to the console; `crmsync console person NAME` writes it.\n"

SignsInBy = Literal["as before", "new password", "provider"]


def with_person(
    settings: Settings, name: str, *, role: Role | None, email: str | None, by: SignsInBy, typed: Callable[[], str]
) -> Path:
    """Write or change somebody; the file. What is not given stays as it is. `typed`: asks for a password."""
    data, people, path = _read(settings)
    known = next((each for each in people if each.get("name") == name), None)
    if known is None and role is None:
        raise UsageError(f"{name} is new: say what they may do", hint="--role viewer, approver or admin")
    entry = known if known is not None else {"name": name}
    entry.update({key: value for key, value in (("role", role), ("email", email)) if value is not None})
    if by == "provider":
        entry.pop("password", None)
        if not entry.get("email"):
            raise UsageError(f"the provider would not know {name}", hint="name their e-mail address: --email ADDRESS")
    elif by == "new password" or known is None:
        entry["password"] = _hash_of_typed(typed)
    if known is None:
        people.append(entry)
    return _write(path, data)


def _hash_of_typed(typed: Callable[[], str]) -> str:
    password = typed()
    if not SHORTEST <= len(password) <= LONGEST:
        raise UsageError(
            f"a password has {SHORTEST} characters at least, and {LONGEST} at most",
            hint="some words in a row are easy to remember and hard to guess",
        )
    return hash_of(password)


def without_person(settings: Settings, name: str) -> Path:
    """Take somebody out; the file. Raises `UsageError` where they are not in it."""
    data, people, path = _read(settings)
    known = next((each for each in people if each.get("name") == name), None)
    if known is None:
        raise UsageError(f"there is no `{name}` in {path}", hint="names are written as they stand there")
    people.remove(known)
    return _write(path, data)


def _read(settings: Settings) -> tuple[Any, MutableSequence[Any], Path]:
    """The file as it is, its comments included. Raises `ConfigurationError` where it is not right."""
    path = settings.directory / (settings.console or ConsoleSettings()).people
    try:
        text = read_text(path, largest_bytes=_LARGEST_BYTES)
        validated(ConsolePeople, read_document(text, str(path)))
    except Unreadable as error:
        if not error.missing:
            raise UsageError(f"{path} {error}", hint=error.hint) from None
        text = _HEAD + "format: 1\npeople: []\n"
    data = YAML().load(text)
    return data, data["people"], path


def _write(path: Path, data: Any) -> Path:
    yaml, written = YAML(), io.StringIO()
    yaml.width = 10_000
    yaml.dump(data, written)
    validated(ConsolePeople, read_document(written.getvalue(), str(path)))
    try:
        _put(led_to(path), written.getvalue())
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", hint="mend that, and call it again") from None
    return path


def _put(path: Path, text: str) -> None:
    """Where the file is already it stays whose it was: the service reads it, whoever called the command."""
    if not path.exists():
        write_for_this_user(path, text)
        return
    with path.open("rb") as held:
        put_in_place(path, text.replace("\n", os.linesep).encode("utf-8"), like=held.fileno())
