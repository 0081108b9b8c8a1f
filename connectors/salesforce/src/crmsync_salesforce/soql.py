"""The queries of pulls, and which of the records they find count as gone.

Full: live records only. Incremental: `queryAll` with everything whose stamp lies in the window, also deleted,
converted and re-parented records; those are told apart here, so that one query serves both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from simple_salesforce.format import quote_soql_value

from crmsync.sdk import FullReadNeeded, Narrowing, PullRequest
from crmsync_salesforce.belonging import Belonging, belonging
from crmsync_salesforce.describe import ObjectSchema
from crmsync_salesforce.replies import Record

LONGEST_QUERY = 15_500
"""A URI may hold 16,384 bytes; the rest is left for the address and other parameters."""
_MOST_VALUES = 200


@dataclass(frozen=True, slots=True)
class Selection:
    """One pull's query. `belonging` set: activities, and how they tell whose they are. `stamp`: the field that says
    when a record was changed, where only changed ones are asked for; a record without it is none the worse.
    """

    object: str
    fields: tuple[str, ...]
    conditions: tuple[str, ...]
    with_deleted: bool
    belonging: Belonging | None
    stamp: str | None = None

    @property
    def lead_field(self) -> str | None:
        """The field that holds the lead's id; null for records that stand for themselves."""
        return self.belonging.id_field if self.belonging else None

    def soql(self, after: str = "", *, up_to: str = "") -> str:
        """The query for records with an Id after this one, by Id: each comes once, whatever changes meanwhile."""
        conditions = [
            *self.conditions,
            *([f"Id > '{after}'"] if after else []),
            *([f"Id <= '{up_to}'"] if up_to else []),
        ]
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        # Names were looked up in describe; there is nothing else in here.
        names = _unique((*self.fields, *([self.stamp] if self.stamp else [])))
        return f"SELECT {', '.join(names)} FROM {self.object}{where} ORDER BY Id"  # noqa: S608

    def parted(self, records: Sequence[Record]) -> tuple[list[Record], list[str]]:
        """Records that stand, and ids of those that are gone."""
        live: list[Record] = []
        gone: list[str] = []
        for record in records:
            if self._stands(record):
                live.append(record)
            else:
                gone.append(str(record["Id"]))
        return live, gone

    def _stands(self, record: Record) -> bool:
        if record.get("IsDeleted") or (self.object == "Lead" and record.get("IsConverted")):
            return False
        return self.belonging is None or self.belonging.holds(record)


def selection_for(schema: ObjectSchema, request: PullRequest, since: datetime | None, *, archived: bool) -> Selection:
    """The query for this request; `since` null = everything. `archived`: whether archived activities count."""
    whose = belonging(schema, request.leads_object) if request.leads_object else None
    extra = ["Id", *(["IsConverted"] if schema.name == "Lead" else []), *(whose.fields if whose else ())]
    conditions: list[str] = []
    stamp = None if since is None else stamp_of(schema)
    if schema.name == "Event" and schema.has("IsChild"):
        # A child event is an invitee's copy of its parent.
        conditions.append("IsChild = false")
    # `query` does not see archived activities; `queryAll` sees them, and deleted records.
    with_archived = archived and schema.has("IsArchived")
    if since is None:
        conditions += ["IsConverted = false"] if schema.name == "Lead" else []
        conditions += [whose.condition] if whose else []
        conditions += ["IsDeleted = false"] if with_archived else []
        conditions += [found for each in request.narrowings if (found := _narrowed(schema, each))]
    else:
        extra += ["IsDeleted"] if schema.has("IsDeleted") else []
        conditions.append(f"{stamp} >= {instant_literal(since)}")
        if schema.has("IsArchived") and not archived:
            conditions.append("(IsArchived = false OR IsDeleted = true)")
    return Selection(
        object=schema.name,
        fields=_unique((*extra, *request.fields)),
        conditions=tuple(conditions),
        with_deleted=since is not None or with_archived,
        belonging=whose,
        stamp=stamp,
    )


def _narrowed(schema: ObjectSchema, narrowing: Narrowing) -> str | None:
    """The condition of one narrowing; null where SOQL cannot filter by the field, or so many values."""
    field = schema.fields.get(narrowing.field.lower())
    if field is None or not field.filterable:
        return None
    parts = []
    if narrowing.any_of is not None and len(narrowing.any_of) <= _MOST_VALUES:
        boolean = field.type == "boolean"
        values = f"({', '.join(narrowing.any_of)})" if boolean else quote_soql_value(list(narrowing.any_of))
        parts.append(f"{field.name} IN {values}")
    if narrowing.not_before is not None and field.type in ("date", "datetime"):
        day = narrowing.not_before.isoformat()
        parts.append(f"{field.name} >= {day if field.type == 'date' else f'{day}T00:00:00Z'}")
    return " AND ".join(parts) or None


def instant_literal(instant: datetime) -> str:
    """An instant as SOQL and getUpdated take it, in whole seconds rounded down."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def stamp_of(schema: ObjectSchema) -> str:
    """The stamp that people and automations move. Raises `FullReadNeeded` where a query cannot ask by any."""
    for name in ("SystemModstamp", "LastModifiedDate"):
        known = schema.fields.get(name.lower())
        if known and known.filterable:
            return known.name
    raise FullReadNeeded(f"{schema.name} has no time stamp by which its changes can be asked for")


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    """Each name once, whatever its case: a query that names a field twice is refused."""
    return tuple(
        {name.lower(): name for name in reversed(names)}[key] for key in dict.fromkeys(map(str.lower, names))
    )
