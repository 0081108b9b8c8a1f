"""What became of writes whose answer was lost: looked up before anything is sent again.

Sending again at once would overwrite what a person changed in that second. A record that holds the new values is
written. One that is untouched since it was last read (its `SystemModstamp` stands, and it holds what the change was
decided from) can be sent again. Any other was changed by somebody else and stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crmsync.sdk import RECORD_ID, Write, WriteResult
from crmsync_salesforce.ids import long_id
from crmsync_salesforce.read import Reader

LOST = "the answer was lost; whether Salesforce took the values is not known"
OVERTAKEN = "somebody else changed the record while the answer to the write was lost"

Values = Mapping[str, str | None]


def looked_up(
    reader: Reader, object_name: str, writes: Sequence[Write], stamps: Mapping[str, str]
) -> list[WriteResult | None]:
    """What became of each write; null where the record can be sent again.

    `stamps`: `SystemModstamp` by id as it was when the record was last read before the write.
    """
    names = list(dict.fromkeys(name for write in writes for name in write.values))
    reading = reader.reading(object_name, [write.id for write in writes], names)
    held: dict[str, Values] = {long_id(row[RECORD_ID]): row for row in reading.records.iter_rows(named=True)}
    return [
        _found(write, held.get(long_id(write.id)), reading.gone.get(write.id, ""), _touched(reader, write, stamps))
        for write in writes
    ]


def _touched(reader: Reader, write: Write, stamps: Mapping[str, str]) -> bool:
    before = stamps.get(long_id(write.id))
    return before is not None and reader.stamps.get(long_id(write.id)) != before


def _found(write: Write, held: Values | None, why_gone: str, touched: bool) -> WriteResult | None:
    if held is None:
        return WriteResult(write.id, "gone", why_gone)
    if _are(held, write.values):
        return WriteResult(write.id, "accepted")
    if not write.expected.keys() >= write.values.keys():
        return WriteResult(write.id, "uncertain", LOST)
    if touched or not _are(held, {name: write.expected[name] for name in write.values}):
        return WriteResult(write.id, "conflict", OVERTAKEN)
    return None


def _are(held: Values, wanted: Values) -> bool:
    return all((held.get(name) or None) == (value or None) for name, value in wanted.items())
