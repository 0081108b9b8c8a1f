"""The behaviours of the Salesforce side that a test may turn, with their defaults."""

from __future__ import annotations

from typing import Any

DEFAULTS: dict[str, Any] = {
    # An active assignment rule takes a lead's owner on every write without `Sforce-Auto-Assign: FALSE`.
    "assignment_rule": True,
    # Admin's rules: [{"object": "Lead", "condition": "SOQL condition that is an error", "message": …, "field": …}].
    "validation_rules": [],
    # A trigger that rewrites the status after it was written: {"Sales Qualified": "Nurturing"}.
    "status_rewrites": {},
    # Ids of records that somebody else holds locked (UNABLE_TO_LOCK_ROW).
    "locked_ids": [],
    # Fields that field-level security hides: ["Lead.Industry"]. Applied at each request.
    "hidden_fields": [],
    # Picklists that refuse unknown values: ["Lead.Rating"].
    "restricted_picklists": [],
    # Edits by the control API become visible so much later than they are stamped, as long transactions do.
    "late_visibility_seconds": 0.0,
    # The integration user may change converted leads.
    "edit_converted_leads": False,
    # Open tasks follow their lead to its new owner.
    "transfer_open_tasks": True,
    # How often a bulk job is told as InProgress before it is done.
    "bulk_polls": 0,
    # Bulk result downloads name their charset.
    "csv_charset": False,
    # The daily API quota; None: 5,000,000 (a sandbox), or 300 under the profile quota-poor.
    "daily_api_requests": None,
    # Whether SOAP login() still works: it is off by default in new orgs.
    "soap_login": True,
}
