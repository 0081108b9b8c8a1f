"""Records of a pull that came without some of the fields that were asked for: asked again, by their ids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote_plus

from crmsync.sdk import replace
from crmsync_salesforce.describe import ObjectSchema
from crmsync_salesforce.replies import Record
from crmsync_salesforce.soql import LONGEST_QUERY, Selection
from crmsync_salesforce.transport import Transport, identified

_MOST_IDS = 300
_ID_CHARACTERS = 30
"""What an id takes in an address, with its quotes, comma and space as they are written there."""


@dataclass
class AskedAgain:
    """One pull's torn records. `torn`: how many came torn a second time, too, and were left out."""

    transport: Transport
    schema: ObjectSchema
    torn: int = 0

    def whole(self, records: Sequence[Record], selection: Selection) -> list[Record]:
        """Those that tell every field of the selection they came by, in their order."""
        asked = self.schema.asked(selection.fields)
        lacking = [str(record["Id"]) for record in asked.lacking(records)]
        if not lacking:
            return list(records)
        again = {record["Id"]: record for record in self._read(lacking, selection)}
        found = [again.get(record["Id"], record) for record in records]
        whole = [record for record in found if asked.told_by(record)]
        self.torn += len(records) - len(whole)
        return whole

    def next_cursor(self, before: str | None, after: str) -> str:
        """Where the next pull begins: where this one did, when something of it came torn. Tells what did."""
        if not self.torn:
            return after
        then = "the next run reads them again" if before else "run again with --full"
        self.transport.leave_out(
            f"{self.torn:,} of the {self.schema.name} records came without all of the fields that were asked "
            f"for and were left out: {then}; if it stays, look for a server in between that changes answers"
        )
        return before or after

    def _read(self, ids: Sequence[str], selection: Selection) -> Iterator[Record]:
        what = f"the query on {selection.object}"
        room = (LONGEST_QUERY - len(quote_plus(selection.soql()))) // _ID_CHARACTERS
        size = max(1, min(_MOST_IDS, room))
        for start in range(0, len(ids), size):
            listed = ", ".join(f"'{number}'" for number in ids[start : start + size])
            some = replace(selection, conditions=(*selection.conditions, f"Id IN ({listed})"))
            found = self.transport.records(some.soql(), what=what, with_deleted=selection.with_deleted)
            yield from identified(list(found), what)
