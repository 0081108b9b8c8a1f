"""Activities that were told of, read by their ids; and those of leads that were told to have new ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote_plus

from crmsync.sdk import Page, PullRequest, replace
from crmsync_salesforce.asked_again import AskedAgain
from crmsync_salesforce.describe import Describer
from crmsync_salesforce.ids import is_id, long_id
from crmsync_salesforce.records import native_records
from crmsync_salesforce.replies import Record
from crmsync_salesforce.soql import LONGEST_QUERY, Selection, selection_for
from crmsync_salesforce.transport import Transport, identified

_MOST_IDS = 300
_ID_CHARACTERS = 30
"""What an id takes in an address, with its quotes, comma and space as they are written there."""


def reread_activities(
    transport: Transport, describer: Describer, request: PullRequest, ids: Sequence[str], of_leads: Sequence[str]
) -> Iterator[Page]:
    """One page: one query for those with these ids, another for those of these leads, 300 of them in each."""
    schema = describer.schema(request.object)
    schema.check(request.fields)
    selection = selection_for(schema, replace(request, cursor=None), None, archived=False)
    whose = selection.belonging
    if whose is None:
        return
    told = list(dict.fromkeys(long_id(each) for each in ids if is_id(each)))
    again = AskedAgain(transport, schema)
    found: dict[str, Record] = {}
    for field, wanted in (("Id", told), (whose.id_field, [long_id(each) for each in of_leads if is_id(each)])):
        for record in _queried(transport, selection, field, list(dict.fromkeys(wanted))):
            found[str(record["Id"])] = record
    if not found and not told:
        return
    live, _ = selection.parted(again.whole(list(found.values()), selection))
    gone = tuple(each for each in told if each not in found)  # a torn one is there
    yield Page(native_records(live, request.fields, schema, lead_field=selection.lead_field), gone)


def _queried(transport: Transport, selection: Selection, field: str, ids: Sequence[str]) -> Iterator[Record]:
    what = f"the query on {selection.object}"
    room = (LONGEST_QUERY - len(quote_plus(selection.soql()))) // _ID_CHARACTERS
    size = max(1, min(_MOST_IDS, room))
    for start in range(0, len(ids), size):
        some = replace(selection, conditions=(*selection.conditions, _among(field, ids[start : start + size])))
        yield from identified(list(transport.records(some.soql(), what=what, with_deleted=some.with_deleted)), what)


def _among(field: str, ids: Iterable[str]) -> str:
    """The ids have the form of ids."""
    listed = ", ".join(f"'{each}'" for each in ids)
    return f"{field} IN ({listed})"
