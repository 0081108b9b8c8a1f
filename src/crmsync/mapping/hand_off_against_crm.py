"""Holding what a mapping says of hand-offs against the CRM's own fields: of the lead, and of the receiver's task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from crmsync.configuration import Document, did_you_mean
from crmsync.contract import NativeField
from crmsync.errors import Finding
from crmsync.mapping.against_crm import Fields, Path, missing_field, read_only
from crmsync.mapping.hand_off import HandOffTask
from crmsync.mapping.schema import CrmMapping


def hand_off_findings_against(mapping: CrmMapping, lead_fields: Fields, document: Document) -> Iterator[Finding]:
    """Fields of the lead that crmsync may not write, and answers that they cannot hold.

    That a field is there at all is looked at with the lead's other fields.
    """
    hand_off = mapping.hand_off
    if hand_off is None:
        return
    if hand_off.bdr:
        yield from read_only(mapping.lead.object, hand_off.bdr, lead_fields, document, ("hand_off", "bdr"))
    response = hand_off.response
    if response is None:
        return
    place: Path = ("hand_off", "response")
    yield from read_only(mapping.lead.object, response.field, lead_fields, document, (*place, "field"))
    field = lead_fields.get(response.field)
    for name in ("pending", "accepted", "returned"):
        yield from _not_offered(field, getattr(response, name), document, (*place, name))


def task_findings(task: HandOffTask, fields: Mapping[str, NativeField], document: Document) -> Iterator[Finding]:
    """What in the task's mapping the CRM does not have, or does not let the signed-in user write."""
    place: Path = ("hand_off", "task")
    named: list[tuple[str, Path]] = [(task.subject, (*place, "subject")), (task.owner, (*place, "owner"))]
    for key, part in (("body", task.body), ("due", task.due)):
        if part is not None:
            named.append((part.field, (*place, key)))
    named += [(name, (*place, "set", name)) for name in task.set]
    for name, where in named:
        yield from missing_field(task.object, name, fields, document, where)
        yield from read_only(task.object, name, fields, document, where)
    for name, value in task.set.items():
        yield from _not_offered(fields.get(name), value, document, (*place, "set", name))


def _not_offered(field: NativeField | None, value: str | None, document: Document, place: Path) -> Iterator[Finding]:
    """A finding for a value that a field with a closed list of values does not have."""
    if field is None or field.open_choices or value is None:
        return
    choices = {choice.value for choice in field.choices if choice.active}
    if choices and value not in choices:
        yield document.finding(
            place,
            f"{field.name} has no active value `{value}`",
            did_you_mean(value, choices) or f"add the value to {field.name} in the CRM",
        )
