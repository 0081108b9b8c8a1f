"""The CRM object types this portal serves: type ids, every alias a client may use, default properties.

Type ids and default properties: wire notes, sections 2 and 2.1 (DOC). Custom types are added at run time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
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


def _plain(
    type_id: str, name: str, singular: str, display: str, scope: str = "", *, created: str = "hs_createdate"
) -> ObjectType:
    """An object that every portal has and few fill."""
    return ObjectType(
        id=type_id,
        name=name,
        singular=singular,
        created=created,
        modified="hs_lastmodifieddate",
        defaults=(created, "hs_lastmodifieddate", "hs_object_id"),
        searchable=(display,),
        display=display,
        scope=scope or name,
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
    replace(
        _engagement("0-116", "postal_mail", "postal_mail", "hs_postal_mail_body", "hs_postal_mail_body"),
        aliases=("postal_mails",),
    ),
    _plain("0-7", "products", "product", "name", created="createdate"),
    _plain("0-8", "line_items", "line_item", "name", created="createdate"),
    _plain("0-14", "quotes", "quote", "hs_title"),
    _plain("0-19", "feedback_submissions", "feedback_submission", "hs_submission_name"),
    _plain("0-28", "forms", "form", "hs_name"),
    replace(_plain("0-74", "goal_targets", "goal_target", "hs_goal_name", "goals"), aliases=("goals", "goal")),
    _plain("0-53", "invoices", "invoice", "hs_title"),
    _plain("0-54", "marketing_events", "marketing_event", "hs_event_name"),
    _plain("0-64", "quote_template", "quote_template", "hs_name", "quotes"),
    _plain("0-69", "subscriptions", "subscription", "hs_name"),
    _plain("0-72", "deal_splits", "deal_split", "hs_object_id", "deals"),
    _plain("0-84", "discounts", "discount", "hs_label", "line_items"),
    _plain("0-85", "fees", "fee", "hs_label", "line_items"),
    _plain("0-86", "taxes", "tax", "hs_label", "line_items"),
    _plain("0-101", "commerce_payments", "commerce_payment", "hs_customer_email"),
    _plain("0-115", "users", "user", "hs_email"),
    _plain("0-123", "orders", "order", "hs_order_name"),
    _plain("0-142", "carts", "cart", "hs_cart_name"),
    _plain("0-162", "services", "service", "hs_name"),
    _plain("0-410", "courses", "course", "hs_name"),
    _plain("0-420", "listings", "listing", "hs_name"),
    _plain("0-421", "appointments", "appointment", "hs_appointment_name"),
)  # fmt: skip


def aliases_of(kind: ObjectType) -> set[str]:
    """Every spelling a path may use for the type, lower-case: plural, singular, type id, listed aliases."""
    return {kind.id, kind.name.lower(), kind.singular.lower(), *(alias.lower() for alias in kind.aliases)}
