"""The CRM object types this portal serves: type ids, every alias a client may use, default properties.

Type ids and default properties: wire notes, sections 2 and 2.1 (DOC). Custom types are added at run time.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class ObjectType:
    """One object type; `created`/`modified` name the properties that show the record's own instants."""

    id: str
    name: str
    singular: str
    created: str
    modified: str
    defaults: tuple[str, ...]
    searchable: tuple[str, ...]
    display: str
    scope: str = "contacts"
    engagement: bool = False
    custom: bool = False
    aliases: tuple[str, ...] = ()

    @property
    def table(self) -> str:
        """The SQLite table of this type's records."""
        return "hubspot_object_" + self.id.replace("-", "_")

    @cached_property
    def number(self) -> int:
        """A small integer that stands for the type in the association table."""
        family, number = self.id.split("-")
        return int(family) * 1_000_000 + int(number)

    @cached_property
    def columns(self) -> dict[str, str]:
        """Properties that are kept as columns: property name -> column name."""
        found = {"hs_object_id": "id", "hs_lastmodifieddate": "updated", self.modified: "updated"}
        found["hs_createdate"] = "created"
        found[self.created] = "created"
        return found


def _engagement(type_id: str, name: str, singular: str, display: str, body: str) -> ObjectType:
    return ObjectType(
        id=type_id,
        name=name,
        singular=singular,
        created="hs_createdate",
        modified="hs_lastmodifieddate",
        defaults=("hs_createdate", "hs_lastmodifieddate", "hs_object_id"),
        searchable=(display, body),
        display=display,
        engagement=True,
    )


STANDARD_TYPES: tuple[ObjectType, ...] = (
    ObjectType(
        "0-1", "contacts", "contact", "createdate", "lastmodifieddate",
        ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"),
        ("firstname", "lastname", "email", "phone", "company", "hs_additional_emails", "website"),
        "email",
    ),
    ObjectType(
        "0-2", "companies", "company", "createdate", "hs_lastmodifieddate",
        ("name", "domain", "createdate", "hs_lastmodifieddate", "hs_object_id"),
        ("name", "domain", "website", "phone"), "name", scope="companies",
    ),
    ObjectType(
        "0-3", "deals", "deal", "createdate", "hs_lastmodifieddate",
        ("dealname", "amount", "closedate", "pipeline", "dealstage", "createdate", "hs_lastmodifieddate",
         "hs_object_id"),
        ("dealname", "description"), "dealname", scope="deals",
    ),
    ObjectType(
        "0-5", "tickets", "ticket", "createdate", "hs_lastmodifieddate",
        ("content", "hs_pipeline", "hs_pipeline_stage", "hs_ticket_category", "hs_ticket_priority", "subject",
         "createdate", "hs_lastmodifieddate", "hs_object_id"),
        ("subject", "content"), "subject", scope="tickets",
    ),
    ObjectType(
        "0-136", "leads", "lead", "createdate", "hs_lastmodifieddate",
        ("createdate", "hs_lastmodifieddate", "hs_object_id"),
        ("hs_lead_name",), "hs_lead_name", scope="leads",
    ),
    _engagement("0-48", "calls", "call", "hs_call_title", "hs_call_body"),
    _engagement("0-47", "meetings", "meeting", "hs_meeting_title", "hs_meeting_body"),
    _engagement("0-49", "emails", "email", "hs_email_subject", "hs_email_text"),
    _engagement("0-46", "notes", "note", "hs_note_body", "hs_note_body"),
    _engagement("0-27", "tasks", "task", "hs_task_subject", "hs_task_body"),
    _engagement("0-18", "communications", "communication", "hs_communication_body", "hs_communication_body"),
)  # fmt: skip


def aliases_of(kind: ObjectType) -> set[str]:
    """Every spelling a path may use for the type, lower-case: plural, singular, type id, listed aliases."""
    return {kind.id, kind.name.lower(), kind.singular.lower(), *(alias.lower() for alias in kind.aliases)}
