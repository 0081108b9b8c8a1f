"""Records by id as they stand now, and why some are missing.

Source: REST API Developer Guide, "Get Multiple Records with Fewer Round-Trips": at most 2,000 ids a call, null
for an id without a live record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from crmsync.sdk import Reading, in_halves
from crmsync_salesforce.describe import Describer, ObjectSchema
from crmsync_salesforce.errors import Refusal
from crmsync_salesforce.ids import is_id, long_id
from crmsync_salesforce.open_deals import OpenDeals
from crmsync_salesforce.records import native_records
from crmsync_salesforce.replies import Record
from crmsync_salesforce.told_fields import TORN
from crmsync_salesforce.transport import Transport, identified

NOT_VISIBLE = "not there, or not visible to this user"

_STAMP = "SystemModstamp"
_IDS_PER_READ = 2000
# A GET's address may hold 16,384 bytes, an id takes 27 of them.
_IDS_PER_QUERY = 300
_BAD_ID = {"MALFORMED_ID", "INVALID_CROSS_REFERENCE_KEY", "NOT_FOUND", "INVALID_ID_FIELD"}


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads of one connection. `stamps`: `SystemModstamp` by long id of the records that the latest reading found."""

    transport: Transport
    describer: Describer
    stamps: dict[str, str] = field(default_factory=dict)

    def reading(self, object_name: str, ids: Sequence[str], fields: Sequence[str]) -> Reading:
        """The live records among these, with a reason for each of the others."""
        schema = self.describer.schema(object_name)
        deals = OpenDeals(self.transport, self.describer, schema.name, fields)
        schema.check(deals.own)
        asked = {long_id(text): text for text in ids if is_id(text)}
        extra = [name for name in ("IsConverted", _STAMP) if schema.has(name)]
        wanted = ["Id", *extra, *deals.own]
        records, torn = self._whole(schema, list(asked), wanted)
        self.stamps.clear()
        self.stamps.update((id_, str(record[_STAMP])) for id_, record in records.items() if record.get(_STAMP))
        gone = {text: NOT_VISIBLE for text in ids if not is_id(text)}
        converted = {id_ for id_, record in records.items() if schema.name == "Lead" and record.get("IsConverted")}
        missing = [id_ for id_ in asked if id_ not in records and id_ not in torn]
        reasons = {**dict.fromkeys(converted, "converted"), **self._reasons(schema, missing)}
        gone.update({asked[id_]: reason for id_, reason in reasons.items()})
        gone.update({asked[id_]: TORN for id_ in torn if id_ in asked})
        live = [records[id_] for id_ in asked if id_ in records and id_ not in converted]
        return Reading(records=deals.filled(native_records(live, deals.own, schema)), gone=gone)

    def _whole(
        self, schema: ObjectSchema, ids: Sequence[str], fields: Sequence[str]
    ) -> tuple[dict[str, Record], set[str]]:
        """By long id the records that tell all of these fields; and the ids of those that twice did not."""
        what, asked = f"reading {schema.name} by id", schema.asked(fields)
        found = {long_id(each["Id"]): each for each in identified(list(self._records(schema, ids, fields)), what)}
        if lacking := [id_ for id_, record in found.items() if not asked.told_by(record)]:
            again = identified(list(self._records(schema, lacking, fields)), what)
            found |= {long_id(each["Id"]): each for each in again}
        whole = {id_: record for id_, record in found.items() if asked.told_by(record)}
        return whole, found.keys() - whole.keys()

    def _records(self, schema: ObjectSchema, ids: Sequence[str], fields: Sequence[str]) -> Iterator[Record]:
        unique = list({name.lower(): name for name in fields}.values())
        if any("." in name for name in unique):
            # The call by ids reads no fields of parents.
            for part in _parts(ids, _IDS_PER_QUERY):
                yield from self._queried(schema, part, unique, with_deleted=False)
            return
        for part in _parts(ids, _IDS_PER_READ):
            # One id of another object spoils the whole call; alone it has no record.
            for _, found in in_halves(
                part, lambda some: self._retrieved(schema, some, unique), Refusal, halve=_names_a_bad_id
            ):
                if not isinstance(found, Refusal):
                    yield from (record for record in found if record is not None)

    def _retrieved(self, schema: ObjectSchema, ids: Sequence[str], fields: Sequence[str]) -> Sequence[Record | None]:
        body = {"ids": list(ids), "fields": list(fields)}
        return self.transport.call(
            f"reading {schema.name} by id",
            lambda client: client.restful(f"composite/sobjects/{schema.name}", method="POST", json=body),
            list[Record | None],
        )

    def _queried(
        self, schema: ObjectSchema, ids: Sequence[str], fields: Sequence[str], *, with_deleted: bool
    ) -> Iterator[Record]:
        listed = ", ".join(f"'{id_}'" for id_ in ids)
        # Names were looked up in describe, ids have the form of ids.
        soql = f"SELECT {', '.join(fields)} FROM {schema.name} WHERE Id IN ({listed})"  # noqa: S608
        return self.transport.records(soql, what=f"the query on {schema.name}", with_deleted=with_deleted)

    def _reasons(self, schema: ObjectSchema, missing: Sequence[str]) -> Mapping[str, str]:
        """Why these ids have no live record: deleted, merged into another, or not visible."""
        fields = ["Id", "IsDeleted", *(["MasterRecordId"] if schema.has("MasterRecordId") else [])]
        reasons = dict.fromkeys(missing, NOT_VISIBLE)
        for part in _parts(missing, _IDS_PER_QUERY):
            found = list(self._queried(schema, part, fields, with_deleted=True))
            for record in identified(found, f"the query on {schema.name}"):
                if master := record.get("MasterRecordId"):
                    reasons[long_id(record["Id"])] = f"merged into {master}"
                elif record.get("IsDeleted"):
                    reasons[long_id(record["Id"])] = "deleted"
        return reasons


def _names_a_bad_id(refusal: Refusal) -> bool:
    return refusal.code in _BAD_ID


def _parts(ids: Iterable[str], size: int) -> Iterator[list[str]]:
    rest = iter(ids)
    while part := list(islice(rest, size)):
        yield part
