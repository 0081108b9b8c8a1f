"""Files that a result must never replace: what the configuration names, and what crmsync itself reads or keeps.

The list is made from whatever can be read: a configuration with a mistake in it is as dear as a right one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from crmsync.connection import registry
from crmsync.errors import CrmsyncError, UsageError
from crmsync.operations.policy.case_files import FOLDERS
from crmsync.qualify.language.reading import files_needed
from crmsync.settings import SettingsFile, document_at, presets, store_url, variable_prefix, variables_set
from crmsync.store import lock_file

COMPANIONS = ("-wal", "-shm", "-journal")
"""What SQLite appends to the store's name for the files beside it."""

_BY_DEFAULT: Mapping[str, str] = {
    name: SettingsFile.model_fields[name].default for name in ("policy", "roster", "store")
}


def own_file(path: Path, config: Path) -> str | None:
    """What `path` is for crmsync (`the policy`, say), however it is spelt or linked; none where it is nothing."""
    for own, what in own_files(config):
        if same_file(path, own):
            return what
    return None


def same_file(one: Path, other: Path) -> bool:
    """Whether both names lead to one file, also one that is yet to be made."""
    try:
        return one.samefile(other)
    except (OSError, ValueError):  # one of them is not there
        with suppress(OSError, ValueError, RuntimeError):
            return one.resolve() == other.resolve()
    return False


def own_files(config: Path) -> Iterator[tuple[Path, str]]:
    """(file, what it is) of each, whether it is there or not."""
    folder = config.parent
    yield config, "the configuration"
    yield folder / ".env", "the file of variables"
    said = _mapping(_data(config))
    names = {name: str(said[name]) if name in said else by_default for name, by_default in _BY_DEFAULT.items()}
    variables = _variables(folder)
    connections = _mapping(said.get("connections"))
    yield folder / names["policy"], "the policy"
    yield from ((path, "a list of the policy") for path in _lists(folder / names["policy"]))
    yield folder / names["roster"], "the roster"
    for store in (names["store"], variables.get("CRMSYNC_STORE")):
        yield from _of_store(store, folder, [str(name) for name in connections])
    for name, connection in connections.items():
        yield from _of_connection(str(name), _mapping(connection), folder, variables)
    for place in FOLDERS:
        yield from ((path, "a file of examples") for path in sorted((folder / place).glob("*.y*ml")))


def _of_connection(
    name: str, connection: Mapping[Any, Any], folder: Path, variables: Mapping[str, str]
) -> Iterator[tuple[Path, str]]:
    mapping = connection.get("mapping")
    yield folder / (mapping if isinstance(mapping, str) else f"mappings/{name}.yaml"), f"the mapping of {name}"
    options = {**_kept_by(str(connection.get("connector"))), **_mapping(connection.get("options"))}
    prefix = variable_prefix(name)
    options |= {variable: value for variable, value in variables.items() if variable.startswith(prefix)}
    for value in options.values():
        if value and isinstance(value, str | Path):  # whether an option is a file only its connector knows
            path = folder / value
            yield path, f"a file that an option of {name} names"
            if path.name:
                yield path.with_name(f"{path.name}.lock"), f"a file that {name} keeps"


def _kept_by(connector: str) -> Mapping[str, Path]:
    """Option → file that the connector reads or keeps unless it is told another name."""
    with suppress(UsageError):
        fields = registry.load(connector).settings.model_fields
        return {name: field.default for name, field in fields.items() if isinstance(field.default, Path)}
    return {}


def _of_store(store: str | None, folder: Path, connections: list[str]) -> Iterator[tuple[Path, str]]:
    with suppress(SQLAlchemyError, ValueError, OSError, RuntimeError):
        url = make_url(store_url(store, folder)) if store else None
        if url is not None and url.get_backend_name() == "sqlite" and url.database:
            path = Path(url.database)
            yield path, "the store"
            yield from ((path.with_name(path.name + end), "a part of the store") for end in COMPANIONS)
            yield from ((lock_file(path, name), "a lock of the store") for name in connections)


def _lists(policy: Path) -> list[Path]:
    with suppress(CrmsyncError):
        return [policy.parent / name for name in files_needed(document_at(policy), presets())]
    return []


def _variables(folder: Path) -> Mapping[str, str]:
    with suppress(CrmsyncError):
        return variables_set(folder)
    return {}


def _data(path: Path) -> Any:
    with suppress(CrmsyncError):
        return document_at(path).data
    return None


def _mapping(value: Any) -> Mapping[Any, Any]:
    return value if isinstance(value, Mapping) else {}
