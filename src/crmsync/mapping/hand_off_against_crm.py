"""Holding what a mapping says of hand-offs against the CRM's own fields: of the lead, and of the receiver's task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from crmsync.configuration import Document
from crmsync.contract import NativeField
from crmsync.errors import Finding
from crmsync.mapping.against_crm import Fields, Path, missing_field, read_only
from crmsync.mapping.hand_off import HandOffResponse, HandOffTask
from crmsync.mapping.offered import written_findings
from crmsync.mapping.schema import CrmMapping

ID_LENGTH = 18
"""Characters of the longest id of a user that a CRM gives."""


def hand_off_findings_against(mapping: CrmMapping, lead_fields: Fields, document: Document) -> Iterator[Finding]:
    """Fields of the lead that crmsync may not write, and answers that they cannot hold.

    That a field is there at all is looked at with the lead's other fields.
    """
    for place, part in mapping.hand_off_parts:
        if part.bdr:
            yield from read_only(mapping.lead.object, part.bdr, lead_fields, document, (*place, "bdr"))
            yield from _holds_no_id(lead_fields.get(part.bdr), document, (*place, "bdr"))
        if part.response:
            yield from _response(part.response, mapping.lead.object, lead_fields, document, (*place, "response"))


def _response(
    response: HandOffResponse, lead: str, lead_fields: Fields, document: Document, place: Path
) -> Iterator[Finding]:
    yield from read_only(lead, response.field, lead_fields, document, (*place, "field"))
    field = lead_fields.get(response.field)
    for name in ("pending", "accepted", "returned"):
        yield from written_findings(field, getattr(response, name), document, (*place, name))


def task_findings(
    task: HandOffTask, fields: Mapping[str, NativeField], document: Document, place: Path
) -> Iterator[Finding]:
    """What in the task's mapping the CRM does not have, or does not let the signed-in user write."""
    named: list[tuple[str, Path]] = [(task.subject, (*place, "subject")), (task.owner, (*place, "owner"))]
    for key, part in (("body", task.body), ("due", task.due)):
        if part is not None:
            named.append((part.field, (*place, key)))
    named += [(name, (*place, "set", name)) for name in task.set]
    for name, where in named:
        yield from missing_field(task.object, name, fields, document, where)
        yield from read_only(task.object, name, fields, document, where)
    for name, value in task.set.items():
        yield from written_findings(fields.get(name), value, document, (*place, "set", name))
    yield from _holds_no_id(fields.get(task.owner), document, (*place, "owner"))
    yield from _due_differs(task, fields, document, (*place, "due"))


def _holds_no_id(field: NativeField | None, document: Document, place: Path) -> Iterator[Finding]:
    """A finding for a field that a CRM user's id does not fit into."""
    if field is None:
        return
    closed = bool(field.choices) and not field.open_choices
    short = field.kind == "text" and field.max_length is not None and field.max_length < ID_LENGTH
    if field.kind in ("boolean", "date", "datetime", "money") or closed or short:
        message = f"{field.name} cannot hold a CRM user's id"
        hint = f"name a field for users, or a text of at least {ID_LENGTH} characters"
        yield document.finding(place, message, hint)


def _due_differs(
    task: HandOffTask, fields: Mapping[str, NativeField], document: Document, place: Path
) -> Iterator[Finding]:
    """A finding when the field takes a day and an instant would be written, or the other way round."""
    field = fields.get(task.due.field) if task.due else None
    if task.due and field and field.kind in ("date", "datetime") and field.kind != task.due.type:
        held = {"date": "a day", "datetime": "an instant"}[field.kind]
        message = f"{field.name} holds {held}"
        yield document.finding(place, message, f"write `due: {{field: {field.name}, type: {field.kind}}}`")
