"""Merging two records: a new record comes of it, to which both their ids lead from then on.

So it is for contacts and companies too since 2025 (developer changelog, "Updated merge functionality"): before, the
primary record's id stayed. Values are the primary's, the other's fill the gaps.
"""

from __future__ import annotations

from collections.abc import Iterable

from crmsync.practice.hubspot import associations, lifecycle
from crmsync.practice.hubspot.call import Call, Change
from crmsync.practice.hubspot.errors import validation
from crmsync.practice.hubspot.events import record_event
from crmsync.practice.hubspot.object_types import ObjectType
from crmsync.practice.hubspot.portal import Portal
from crmsync.practice.hubspot.records import write
from crmsync.practice.hubspot.storage import MERGED, Record


def merge(portal: Portal, call: Call, kind: ObjectType, primary: Record, other: Record) -> Record:
    """Makes one record of two and gives it."""
    if primary.id == other.id:
        raise validation("Can't merge an object into itself")
    now = portal.now()
    created = min(primary.created, other.created)
    made = Record(portal.next_id(kind), created, now, dict(primary.props), import_id=primary.import_id)
    definitions = portal.properties.of(kind)
    filled: dict[str, str | None] = {
        name: value
        for name, value in other.props.items()
        if name not in primary.props and not (name in definitions and definitions[name].unique)
    }
    _keep_latest_stage(portal, kind, primary, other, filled)
    lost = [
        text for each in (primary, other) for text in (each.props.get("hs_merged_object_ids"), str(each.id)) if text
    ]
    filled["hs_merged_object_ids"] = ";".join(lost)
    if kind.name == "contacts":
        filled["hs_calculated_merged_vids"] = f"{primary.id}:{now};{other.id}:{now}"
        _keep_email(primary, other, filled)
    primary.import_id = None
    for each in (primary, other):
        call.changes.append(Change(kind.name, str(each.id), dict(each.props), None))
        _lead_to(portal, kind, each, made)
    before = {name: primary.props.get(name) for name in filled}
    write(portal, call, kind, made, filled)
    record_event(
        portal, call, kind, made, "merge",
        primaryObjectId=primary.id, mergedObjectIds=[other.id], newObjectId=made.id,
        numberOfPropertiesMoved=len(filled),
    )  # fmt: skip
    call.changes.append(Change(kind.name, str(made.id), before, dict(filled)))
    return made


def _lead_to(portal: Portal, kind: ObjectType, old: Record, made: Record) -> None:
    """The old record ends; what belonged to it is the new one's, of its history what that does not have already."""
    old.archived, old.merged_into = MERGED, made.id
    old.archived_at = old.updated = portal.now()
    portal.storage.save(kind, old)
    connection = portal.storage.connection
    connection.execute("UPDATE hubspot_submissions SET contact = ? WHERE contact = ?", (made.id, old.id))
    connection.execute(
        "UPDATE OR IGNORE hubspot_history SET id = ? WHERE type = ? AND id = ?", (made.id, kind.id, old.id)
    )
    associations.move_all(portal.storage, portal.types.all(), kind, old.id, made.id)


def _keep_latest_stage(
    portal: Portal, kind: ObjectType, primary: Record, other: Record, filled: dict[str, str | None]
) -> None:
    """The stage furthest down the funnel survives a merge (DOC)."""
    definition = portal.properties.of(kind).get(lifecycle.STAGE)
    before, after = primary.props.get(lifecycle.STAGE), other.props.get(lifecycle.STAGE)
    if definition is not None and after and lifecycle.direction(definition, before, after) > 0:
        filled[lifecycle.STAGE] = after


def _keep_email(primary: Record, other: Record, filled: dict[str, str | None]) -> None:
    """The other contact's address becomes an additional one, or the only one."""
    email = other.props.get("email")
    if email is None:
        return
    if primary.props.get("email") is None:
        filled["email"] = email
    else:
        known: Iterable[str] = (primary.props.get("hs_additional_emails") or "").split(";")
        filled["hs_additional_emails"] = ";".join([*(each for each in known if each), email])
