"""Associating records by request: checks both ends, stores, and lets the contact's summary properties follow."""

from __future__ import annotations

from crmsync_practice.hubspot import activity_summary, associations, records
from crmsync_practice.hubspot.association_types import AssociationType
from crmsync_practice.hubspot.call import Call, Change, NewAssociation
from crmsync_practice.hubspot.errors import validation
from crmsync_practice.hubspot.events import association_event
from crmsync_practice.hubspot.instants import iso
from crmsync_practice.hubspot.object_types import ObjectType
from crmsync_practice.hubspot.portal import Portal
from crmsync_practice.hubspot.storage import Record


def link_new(portal: Portal, call: Call, kind: ObjectType, record: Record, wanted: NewAssociation) -> None:
    """Makes the associations of a record that is being created; the type number tells the other object."""
    for spec in wanted.types:
        for other in portal.types.all():
            known = [
                each
                for each in associations.known_types(kind, other)
                if each.number == spec.association_type_id and each.category == spec.association_category
            ]
            if known:
                target = records.resolve(portal, other, wanted.to.id)
                if target is None:
                    raise validation(f"No {other.singular.upper()} with ID {str(wanted.to.id)[:30]} exists")
                link(portal, call, kind, record, other, target, known[0])
                break
        else:
            raise validation(
                f"Association type {spec.association_category[:30]} {spec.association_type_id} does not exist "
                f"for {kind.singular.upper()}"
            )


def link(
    portal: Portal,
    call: Call,
    kind: ObjectType,
    record: Record,
    other: ObjectType,
    target: Record,
    how: AssociationType,
) -> None:
    """Associates two live records and tells everyone concerned; nothing happens if they already are."""
    if not associations.add(portal.storage, kind, other, how, record.id, target.id):
        return
    name = f"{kind.singular}_TO_{other.singular}".upper()
    association_event(portal, call, kind, record.id, target.id, name, removed=False)
    call.changes.append(_change(kind, record.id, other, target.id, how, made=True))
    for one, first, two, second in ((kind, record, other, target), (other, target, kind, record)):
        if (one.name, two.name) == ("companies", "deals"):
            records.count_deals(portal, call, first)
        if one.name != "contacts":
            continue
        changes = activity_summary.logged(first.props, two.name, second.props, iso(portal.now()))
        if two.name == "companies" and "associatedcompanyid" not in first.props:
            changes["associatedcompanyid"] = str(second.id)
            primary = next(each for each in associations.known_types(one, two) if each.label == "Primary")
            associations.add(portal.storage, one, two, primary, first.id, second.id)
        if two.name == "deals":
            changes["num_associated_deals"] = str(int(first.props.get("num_associated_deals", "0")) + 1)
        if changes:
            records.write(portal, call, one, first, changes)


def unlink(
    portal: Portal,
    call: Call,
    kind: ObjectType,
    from_id: int,
    other: ObjectType,
    to_id: int,
    types: list[AssociationType] | None,
) -> None:
    """Ends associations: the given types, or all between the two records."""
    if not associations.remove(portal.storage, kind, other, from_id, to_id, types):
        return
    name = f"{kind.singular}_TO_{other.singular}".upper()
    association_event(portal, call, kind, from_id, to_id, name, removed=True)
    for one, number in ((kind, from_id), (other, to_id)):
        company = portal.storage.get(one, number) if one.name == "companies" else None
        if company is not None:
            records.count_deals(portal, call, company)
    how = types[0] if types else associations.default_type(kind, other)
    call.changes.append(_change(kind, from_id, other, to_id, how, made=False))


def _change(
    kind: ObjectType, from_id: int, other: ObjectType, to_id: int, how: AssociationType, *, made: bool
) -> Change:
    shown = {"to": other.name, "toObjectId": str(to_id), "typeId": how.number, "category": how.category}
    return Change(
        f"associations/{kind.name}/{other.name}",
        str(from_id),
        None if made else shown,
        shown if made else None,
    )
