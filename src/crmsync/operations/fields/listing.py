"""`crmsync fields`: the fields of a CRM's object, how full they are, what stands in them, and what they are for."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from crmsync.connection import registry
from crmsync.connection.machine_clock import clock_held_against
from crmsync.connection.opening import connector_of
from crmsync.connection.parents import fields_behind, fields_of_parents
from crmsync.contract import Connector, FieldKind, NativeField
from crmsync.errors import ConfigurationError, UsageError
from crmsync.mapping import CrmMapping, Uses, uses_of
from crmsync.operations.fields.masking import masked_values
from crmsync.operations.fields.sample import FieldSample, Sample, sample_of
from crmsync.progress import Progress, silent
from crmsync.settings import Settings

_MOST_VALUES = 5
_PERSONAL = ("email", "name", "company")
"""Parts of a mapping whose fields name people."""
_NAMES_PEOPLE = re.compile(
    r"e-?mail|phone|mobile|\bfax|(first|last|sur|full)[ _]?name|^name$|^company( name)?$|address|street|website"
    "|linkedin",
    re.I,
)
"""Names, labels and types of texts that do so whatever the mapping says."""


@dataclass(frozen=True, slots=True)
class ListedChoice:
    """One value of a choice field; `count`: records of the sample that hold it, null where none could be read."""

    value: str
    label: str
    count: int | None


@dataclass(frozen=True, slots=True)
class ListedField:
    """One field; `type` in the CRM's word, `kind` in that of all CRMs. `mapped_to`: parts of the mapping with it.

    `filled`: share of the sample, null where it could not be read. `values`: the most frequent ones, masked.
    """

    object: str
    name: str
    label: str
    type: str
    kind: FieldKind
    writable: bool
    choices: tuple[ListedChoice, ...]
    filled: float | None
    values: tuple[tuple[str, int], ...]
    mapped_to: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """For `--format json`."""
        return {
            "object": self.object,
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "kind": self.kind,
            "writable": self.writable,
            "choices": [{"value": it.value, "label": it.label, "count": it.count} for it in self.choices],
            "filled": self.filled,
            "values": [{"value": value, "count": count} for value, count in self.values],
            "mapped_to": ", ".join(self.mapped_to) or None,
        }


@dataclass(frozen=True, slots=True)
class FieldListing:
    """The fields found, and of how many records that tells. `others`: further objects that the mapping reads.

    `parents`: relationships of the object whose fields are listed by themselves (`Contact.Account`). `near`: where
    nothing was found, words that look like the one searched for. `notes`: what could not be read.
    """

    connection: str
    object: str
    records: int
    whole: bool
    fields: tuple[ListedField, ...]
    of: int
    others: tuple[str, ...]
    parents: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """For `--format json`."""
        return {
            "format": 1,
            "connection": self.connection,
            "object": self.object,
            "sample": {"records": self.records, "complete": self.whole},
            "fields": [field.to_json() for field in self.fields],
            "parents": list(self.parents),
            "notes": list(self.notes),
        }


def fields_of(
    settings: Settings,
    connection: str,
    object_name: str | None = None,
    search: str | None = None,
    progress: Progress = silent,
) -> FieldListing:
    """The object's fields, those of the lead's object where none is named; all, or those that `search` finds.

    With a path (`Contact.Account`, `contacts.company`) those of the parent there, as the object's records see them;
    without one, fields of parents that the mapping names come beside the object's own. Works beside a mapping that is
    wrong: then nothing is told to be mapped. Raises `UsageError` for a connection or an object that is not there,
    `RunStopped` when the CRM refuses or does not answer.
    """
    settings.named((connection,))
    mapping, notes = _mapping(settings, connection)
    with connector_of(settings, connection) as connector:
        with clock_held_against(connector):
            connector.org()
        wanted = object_name or _leads_object(settings, connection, mapping)
        wanted, _, behind = wanted.partition(".")
        uses = uses_of(mapping) if mapping else {}
        fields = fields_behind(connector, wanted, behind) if behind else fields_with_parents(connector, wanted, uses)
        parents = () if behind else _parents(connector, wanted)
        sample, more = sample_if_readable(connector, wanted, fields, progress)
        notes += [*more, *connector.left_out()]
    listed = [listed_field(wanted, field, sample, uses) for field in fields]
    found = tuple(field for field in listed if search is None or _holds(field, search))
    others = tuple(dict.fromkeys(it.object for it in mapping.activities)) if mapping else ()
    return FieldListing(
        connection,
        wanted,
        sample.records,
        sample.whole,
        found,
        len(listed),
        tuple(name for name in others if name.lower() != wanted.lower()),
        parents,
        _near(listed, search) if search and not found else (),
        tuple(notes),
    )


def _mapping(settings: Settings, connection: str) -> tuple[CrmMapping | None, list[str]]:
    try:
        return settings.connection(connection).mapping, []
    except ConfigurationError as error:
        count = len(error.findings)
        mistakes = "a mistake" if count == 1 else f"{count:,} mistakes"
        return None, [f"the mapping has {mistakes}, so nothing is told to be mapped: `crmsync check` tells them"]


def _leads_object(settings: Settings, connection: str, mapping: CrmMapping | None) -> str:
    """Where a lead stands; by the connector's starter where the mapping cannot say."""
    if mapping is not None:
        return mapping.lead.object
    from crmsync.configuration import read_document  # noqa: PLC0415 - only beside a broken mapping

    starter = read_document(registry.starter_mapping(settings.configured[connection].connector), "starter mapping")
    return str(starter.data["lead"]["object"])


def fields_with_parents(connector: Connector, object_name: str, uses: Uses) -> list[NativeField]:
    """The object's own, and those of parents that the mapping names."""
    own = connector.fields(object_name)
    named = [field for name, field in uses if name == object_name.lower() and "." in field]
    beyond = fields_of_parents(connector, object_name, named) if named else ()
    return [*own, *(field for field in beyond if field.name.lower() in named)]


def _parents(connector: Connector, object_name: str) -> tuple[str, ...]:
    leads = connector.parents(object_name) or {}
    return tuple(f"{object_name}.{name}" for name, parent in sorted(leads.items()) if parent.objects)


def sample_if_readable(
    connector: Connector, object_name: str, fields: Sequence[NativeField], progress: Progress
) -> tuple[Sample, list[str]]:
    """What stands in the records, where this user may read them."""
    try:
        return sample_of(connector, object_name, fields, progress=progress), []
    except UsageError as error:
        return Sample(object_name, 0, False, {}), [f"no record of {object_name} could be read: {error.message}"]


def listed_field(object_name: str, field: NativeField, sample: Sample, uses: Uses) -> ListedField:
    """A field with what the sample tells of it, masked."""
    mapped = uses.get((object_name.lower(), field.name.lower()), ())
    told = sample.fields.get(field.name)
    personal = any(part in _PERSONAL for part in mapped)
    personal |= field.kind in ("text", "unknown") and any(
        _NAMES_PEOPLE.search(words) is not None for words in (field.name, field.label, field.type)
    )
    return ListedField(
        object=object_name,
        name=field.name,
        label=field.label,
        type=field.type,
        kind=field.kind,
        writable=field.writable,
        choices=tuple(ListedChoice(it.value, it.label, _count(told, it.value)) for it in field.choices),
        filled=sample.share(field.name),
        values=masked_values(told.counted, field.kind, personal=personal, most=_MOST_VALUES) if told else (),
        mapped_to=mapped,
    )


def _count(told: FieldSample | None, value: str) -> int | None:
    return told.counted[value] if told else None


def _holds(field: ListedField, word: str) -> bool:
    """Whether name, label, a choice or a part of the mapping holds the word, letter case aside."""
    return any(word.casefold() in text.casefold() for text in _texts(field))


def _texts(field: ListedField) -> Iterator[str]:
    yield from (field.name, field.label, *field.mapped_to)
    for choice in field.choices:
        yield from (choice.value, choice.label)


def _near(listed: Sequence[ListedField], word: str) -> tuple[str, ...]:
    names = {text.casefold(): field.name for field in listed for text in (field.label, field.name)}
    close = difflib.get_close_matches(word.casefold(), names, n=3, cutoff=0.5)
    return tuple(dict.fromkeys(names[each] for each in close))
