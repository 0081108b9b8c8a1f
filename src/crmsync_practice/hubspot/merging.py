"""Merging two records: one survives, the other's id leads to it from then on (wire notes, section 2.3)."""

from __future__ import annotations

from collections.abc import Iterable

from crmsync_practice.hubspot import lifecycle
from crmsync_practice.hubspot.call import Call, Change
from crmsync_practice.hubspot.errors import validation
from crmsync_practice.hubspot.events import record_event
from crmsync_practice.hubspot.object_types import ObjectType
from crmsync_practice.hubspot.portal import Portal
from crmsync_practice.hubspot.records import write
from crmsync_practice.hubspot.storage import MERGED, Record


def merge(portal: Portal, call: Call, kind: ObjectType, primary: Record, other: Record) -> Record:
    """Merges `other` into `primary`: its values fill the gaps, its id leads to the survivor from now on."""
    if primary.id == other.id:
        raise validation("Can't merge an object into itself")
    definitions = portal.properties.of(kind)
    filled: dict[str, str | None] = {
        name: value
        for name, value in other.props.items()
        if name not in primary.props and not (name in definitions and definitions[name].unique)
    }
    _keep_latest_stage(portal, kind, primary, other, filled)
    merged = [primary.props.get("hs_merged_object_ids"), str(other.id), other.props.get("hs_merged_object_ids")]
    filled["hs_merged_object_ids"] = ";".join(text for text in merged if text)
    if kind.name == "contacts":
        now = portal.now()
        filled["hs_calculated_merged_vids"] = f"{primary.id}:{now};{other.id}:{now}"
        _keep_email(primary, other, filled)
    other.archived = MERGED
    other.merged_into = primary.id
    other.archived_at = other.updated = portal.now()
    portal.storage.save(kind, other)
    portal.storage.connection.execute(
        "UPDATE hubspot_submissions SET contact = ? WHERE contact = ?", (primary.id, other.id)
    )
    before = {name: primary.props.get(name) for name in filled}
    write(portal, call, kind, primary, filled)
    record_event(
        portal, call, kind, primary, "merge",
        primaryObjectId=primary.id, mergedObjectIds=[other.id], newObjectId=primary.id,
        numberOfPropertiesMoved=len(filled),
    )  # fmt: skip
    call.changes.append(Change(kind.name, str(other.id), dict(other.props), None))
    call.changes.append(Change(kind.name, str(primary.id), before, dict(filled)))
    return primary


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
