"""Writing and looking in one call: what the records held right before the write, and what they hold right after.

Salesforce compares nothing before it sets fields of many records: a person's edit between the last reading and the
write would be overwritten unseen. A composite request does its parts one after the other and counts as one call; so
the records are read, written and read again in it. What differs right after the write is the org's own doing (a rule,
a trigger, a flow), and no later edit of a person's is taken for it: nobody has to be asked who it was.
Source: REST API Developer Guide, "Composite": up to 25 subrequests, 5 of them queries or sObject Collections.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
from simple_salesforce.api import Salesforce

from crmsync.sdk import RECORD_ID, AnswerLost, Seen
from crmsync_salesforce import errors
from crmsync_salesforce.describe import ObjectSchema
from crmsync_salesforce.ids import is_id, long_id
from crmsync_salesforce.records import native_records
from crmsync_salesforce.replies import CompositeAnswer, CompositePart, Record

Held = Mapping[str, Mapping[str, str | None]]
"""Long id → field → native value."""

BEFORE, WRITE, AFTER = "before", "write", "after"


def read_write_read(
    client: Salesforce,
    object_name: str,
    ids: Sequence[str],
    fields: Sequence[str],
    body: Mapping[str, Any],
    headers: Mapping[str, str],
) -> object:
    """Send one composite request: read these fields of these records, PATCH `body`, read them again.

    `headers`: of the PATCH; a part of a composite request inherits none.
    """
    wanted = list({name.lower(): name for name in ("Id", *fields)}.values())
    sobjects = f"/services/data/v{client.sf_version}/composite/sobjects"
    look = {"method": "POST", "url": f"{sobjects}/{object_name}", "body": {"ids": list(ids), "fields": wanted}}
    write = {
        "method": "PATCH",
        "url": sobjects,
        "referenceId": WRITE,
        "httpHeaders": dict(headers),
        "body": body,
    }
    parts = [{**look, "referenceId": BEFORE}, write, {**look, "referenceId": AFTER}]
    request = {"allOrNone": False, "collateSubrequests": False, "compositeRequest": parts}
    return client.restful("composite", method="POST", json=request)


def taken_apart(
    answer: CompositeAnswer, what: str, of: Sequence[str]
) -> tuple[CompositePart, CompositePart, CompositePart]:
    """The three parts of the answer. Raises for a write that was refused as a whole, as if it had come alone.

    `of`: values of the records, which must not be told.
    """
    if len(answer.composite_response) != len((BEFORE, WRITE, AFTER)):
        raise AnswerLost("Salesforce gave a torn answer to a write")
    before, write, after = answer.composite_response
    if write.http_status_code != HTTPStatus.OK:
        raise errors.from_answer(write.http_status_code, write.body, {}, what, of)
    return before, write, after


def seen(schema: ObjectSchema, fields: Sequence[str], before: CompositePart, after: CompositePart) -> dict[str, Seen]:
    """What was seen of each record, by long id; records that were not to be read both times are left out."""
    first, second = _held(schema, fields, before), _held(schema, fields, after)
    return {record: Seen(first[record], second[record]) for record in first if record in second}


def _held(schema: ObjectSchema, fields: Sequence[str], part: CompositePart) -> Held:
    if part.http_status_code != HTTPStatus.OK:
        return {}
    try:
        records = [
            record for record in msgspec.convert(part.body, list[Record | None]) if record and is_id(record.get("Id"))
        ]
    except msgspec.ValidationError:
        return {}
    asked = schema.asked(("Id", *fields))
    frame = native_records([record for record in records if asked.told_by(record)], fields, schema)
    return {long_id(row[RECORD_ID]): {name: row[name] for name in fields} for row in frame.iter_rows(named=True)}
