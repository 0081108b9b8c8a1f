"""What the CRM holds of leads and records at this moment, read for an aim that decides by it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct, field

from crmsync.contract import RECORD_ID, Closing, Connector
from crmsync.run.held import Values, unread


class Looked(Struct, frozen=True):
    """`leads`: id → native values; `gone`: id → why it is not there. `records`: (object, id) → native values of
    records beside leads; one that is gone is not there. `unread`: those that are there and could not be read.
    `closing`: object → how its records are closed, where that is known.
    """

    leads: Mapping[str, Values] = field(default_factory=dict)
    gone: Mapping[str, str] = field(default_factory=dict)
    records: Mapping[tuple[str, str], Values] = field(default_factory=dict)
    closing: Mapping[str, Closing] = field(default_factory=dict)
    unread: Collection[tuple[str, str]] = ()


def look(
    connector: Connector,
    object_name: str,
    leads: Sequence[str],
    fields: Collection[str],
    records: Mapping[str, Mapping[str, Collection[str]]],
) -> Looked:
    """Read these fields of these leads. `records`: object → id → fields, beside those by which it is closed."""
    held, gone = read_values(connector, object_name, leads, fields)
    beside: dict[tuple[str, str], Values] = {}
    closing: dict[str, Closing] = {}
    there: set[tuple[str, str]] = set()
    for name, wanted in records.items():
        how = connector.closing(name)
        if how is not None:
            closing[name] = how
        asked = {each for names in wanted.values() for each in names} | ({how.field} if how else set())
        if asked:
            found, missing = read_values(connector, name, sorted(wanted), asked)
            beside |= {(name, number): values for number, values in found.items()}
            there |= {(name, number) for number, why in missing.items() if unread(why)}
    return Looked(held, gone, beside, closing, there)


def read_values(
    connector: Connector, object_name: str, ids: Sequence[str], fields: Collection[str]
) -> tuple[dict[str, Values], dict[str, str]]:
    """Id → native values of these records as they stand now; and why others are not there."""
    held: dict[str, Values] = {}
    gone: dict[str, str] = {}
    size = connector.capabilities.write_batch_size
    for start in range(0, len(ids), size):
        reading = connector.read(object_name, ids[start : start + size], sorted(fields))
        held |= {row[RECORD_ID]: row for row in reading.records.iter_rows(named=True)}
        gone |= reading.gone
    return held, gone
