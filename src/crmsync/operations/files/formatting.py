"""`crmsync fmt`: the files of a configuration in order, comments and all; they say what they said."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from crmsync.configuration import Path as Place
from crmsync.configuration import read_document
from crmsync.errors import ConfigurationError, Finding, UsageError
from crmsync.files import Unreadable, read_file
from crmsync.operations.files.layout import laid_out
from crmsync.operations.files.shipped_schemas import shipped_schema
from crmsync.settings import SettingsFile, document_at

KINDS = ("settings", "policy", "roster", "mapping", "tests")
LARGEST_FILE_BYTES = 8_000_000
FIRST = (
    ("format", "connector", "lead", "owner", "stage"),
    ("object", "email", "name", "company", "leave_alone", "created_at"),
    ("object", "leave_out", "at", "by", "subject", "about"),
    ("label", "at_least", "of"),
    ("connector", "mapping", "writes"),
    ("user", "roles", "team", "territories", "time_zone"),
    ("stage", "label"),
    ("label",),
)
"""What people write first in an object that has all of these keys; the others follow as the schema has them."""


@dataclass(frozen=True, slots=True)
class FormattedFile:
    """`text`: in order; `before`: as it is. `path`: as it was named."""

    path: Path
    before: str
    text: str

    @property
    def changed(self) -> bool:
        """Whether it is not in order."""
        return self.before != self.text

    def diff(self) -> str:
        """What putting it in order changes."""
        names = (f"{self.path} (as it is)", f"{self.path} (in order)")
        lines = difflib.unified_diff(self.before.splitlines(), self.text.splitlines(), *names, lineterm="")
        return "\n".join(lines)

    def state(self, *, check: bool) -> Literal["in_order", "not_in_order", "put_in_order"]:
        """What is told of it. `check`: nothing is written."""
        if not self.changed:
            return "in_order"
        return "not_in_order" if check else "put_in_order"

    def to_json(self, *, check: bool) -> dict[str, Any]:
        """For `--format json`."""
        return {"path": str(self.path), "state": self.state(check=check), "diff": self.diff() or None}


def formatted_files(config: Path, named: Sequence[Path]) -> list[FormattedFile]:
    """The named files, or all that the configuration names. Nothing is written.

    Raises `ConfigurationError` with the mistakes of all files that cannot be read, `UsageError` for one that is none
    of crmsync's.
    """
    found, findings = [], list[Finding]()
    for path in named or _configured(config):
        try:
            found.append(_formatted(path))
        except ConfigurationError as error:
            findings += error.findings
    if findings:
        raise ConfigurationError(findings)
    return found


def _configured(config: Path) -> Iterator[Path]:
    """crmsync.yaml and the files that it names, each once."""
    said = document_at(config).data
    said = said if isinstance(said, Mapping) else {}
    connections = said.get("connections")
    names = [said.get(name, SettingsFile.model_fields[name].default) for name in ("policy", "roster")]
    for name, connection in connections.items() if isinstance(connections, Mapping) else ():
        own = connection.get("mapping") if isinstance(connection, Mapping) else None
        names.append(own or f"mappings/{name}.yaml")
    yield config
    yield from dict.fromkeys(config.parent / str(name) for name in names)


def _formatted(path: Path) -> FormattedFile:
    try:
        before = read_file(path, largest_bytes=LARGEST_FILE_BYTES).decode("utf-8")
    except Unreadable as error:
        raise UsageError(f"{path} {error}", hint=error.hint or "name files of a configuration") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8 text", hint="save it as UTF-8") from None
    text = before.removeprefix("\ufeff")
    data = read_document(text, str(path)).data
    if not isinstance(data, Mapping):
        return FormattedFile(path, before, before)
    schema = _schema(_kind(path, set(data)))
    return FormattedFile(path, before, laid_out(text, str(path), lambda place, keys: _order(schema, place, keys)))


def _kind(path: Path, keys: set[str]) -> str:
    """Which of crmsync's files this is: the one that has most of its keys."""
    known = {kind: len(keys & _keys(_schema(kind))) for kind in KINDS}
    best = max(known, key=lambda kind: known[kind])
    if keys and not known[best]:
        raise UsageError(f"{path} is no file of crmsync's", hint=f"it has none of the keys of {', '.join(KINDS)}")
    return best


def _keys(schema: Mapping[str, Any]) -> set[str]:
    return {key for each in _objects(schema, [schema]) for key in each.get("properties", ())}


@cache
def _schema(kind: str) -> Mapping[str, Any]:
    schema: Mapping[str, Any] = json.loads(shipped_schema(kind))
    return schema


def _order(schema: Mapping[str, Any], place: Place, keys: Sequence[str]) -> Sequence[str] | None:
    """The keys as the schema has them; null where people give the names, or no object of the schema has them all."""
    found = list(_objects(schema, [schema]))
    for part in place:
        found = list(_objects(schema, [inner for each in found for inner in _below(each, part)]))
    for each in found:
        known = each.get("properties", {})
        if set(keys) <= set(known):
            first = next((words for words in FIRST if set(words) <= set(known)), ())
            return [key for key in dict.fromkeys((*first, *known)) if key in keys]
    return None


def _below(schema: Mapping[str, Any], part: str | int) -> Iterator[Any]:
    """Schemas of what lies in a value: an item of a list, or what stands under a key."""
    if isinstance(part, int):
        yield schema.get("items")
    elif part in schema.get("properties", {}):
        yield schema["properties"][part]
    else:
        yield schema.get("additionalProperties")


def _objects(whole: Mapping[str, Any], waiting: list[Any]) -> Iterator[Mapping[str, Any]]:
    """The alternatives of schemas, references followed."""
    for each in waiting:
        if not isinstance(each, Mapping):
            continue
        if "$ref" in each:
            yield from _objects(whole, [whole["$defs"][each["$ref"].rpartition("/")[2]]])
        else:
            yield each
            yield from _objects(whole, [inner for key in ("anyOf", "oneOf", "allOf") for inner in each.get(key, ())])
