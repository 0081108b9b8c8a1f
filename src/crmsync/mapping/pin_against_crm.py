"""`lead: leave_alone:` held against the CRM: a pin that no lead can have keeps none from being changed. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from crmsync.configuration import Document
from crmsync.contract import NativeField
from crmsync.errors import Finding
from crmsync.mapping.offered import meant_hint, not_offered
from crmsync.mapping.schema import LeadMapping


def pin_findings(lead: LeadMapping, fields: Mapping[str, NativeField], document: Document) -> Iterator[Finding]:
    """A finding for each value that its field does not offer, or cannot hold."""
    for name, test in lead.leave_alone.items():
        field = fields.get(name)
        short = ("lead", "leave_alone", "values")
        place = short if short in document.values else ("lead", "leave_alone", name)
        if field is None:
            continue  # told as missing
        if field.kind == "boolean":
            lost = [value for value in test.equals or () if value not in ("true", "false")]
            hint = "write `true` or `false`"
        else:
            lost = not_offered(field, test.equals or ())
            hint = meant_hint(lost[0], field) if lost else ""
        if lost:
            message = f"{name} never holds `{lost[0]}`, so that `leave_alone` would keep no lead from being changed"
            yield document.finding(place, message, hint)
