"""The rows behind the status and stage picklists of every org: LeadStatus, OpportunityStage, TaskStatus and so on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from crmsync_practice.salesforce.objects import CONVERTED_STATUS, TASK_STATUSES
from crmsync_practice.salesforce.opportunities import STAGES
from crmsync_practice.salesforce.storage import Store


def add_lead_statuses(store: Store, values: Iterable[str | None]) -> None:
    """Makes these values choices of a lead's status, behind those that every org has; kept with the data."""
    lead = store.schema["Lead"]
    field = lead.fields["Status"]
    added = [each for each in dict.fromkeys(values) if each and each not in field.picklist]
    lead.add(replace(field, picklist=(*field.picklist, *added)))
    store.write_meta("lead_statuses", added)


def recall_lead_statuses(store: Store) -> None:
    """Makes the values that a file holds choices again."""
    lead = store.schema["Lead"]
    field = lead.fields["Status"]
    lead.add(replace(field, picklist=(*field.picklist, *(store.read_meta("lead_statuses") or []))))


def seed_statuses(store: Store, stamp: str, by: str) -> None:
    """Fills those of these tables that are empty, as made by the user `by` at `stamp`."""
    system = {
        "CreatedDate": stamp,
        "CreatedById": by,
        "LastModifiedDate": stamp,
        "LastModifiedById": by,
        "SystemModstamp": stamp,
    }
    lead_statuses = store.schema["Lead"].fields["Status"].picklist
    for name, rows in _tables(lead_statuses).items():
        sobject = store.schema[name]
        if not store.all_rows(sobject):
            for row in rows:
                store.insert(sobject, {**row, **system})


def _tables(lead_statuses: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    stages = zip(_labelled(*(each.label for each in STAGES)), STAGES, strict=True)
    return {
        "LeadStatus": [
            {**row, "IsDefault": int(first), "IsConverted": int(row["MasterLabel"] == CONVERTED_STATUS)}
            for row, first in _with_default(*lead_statuses)
        ],
        "OpportunityStage": [
            {
                **row,
                "IsActive": 1,
                "IsClosed": int(stage.closed),
                "IsWon": int(stage.won),
                "ForecastCategory": stage.forecast,
                "ForecastCategoryName": stage.forecast_name,
                "DefaultProbability": float(stage.probability),
            }
            for row, stage in stages
        ],
        "TaskStatus": [
            {**row, "IsDefault": int(first), "IsClosed": int(row["MasterLabel"] in ("Completed", "Cancelled"))}
            for row, first in _with_default(*TASK_STATUSES)
        ],
        "TaskPriority": [
            {**row, "IsDefault": int(row["MasterLabel"] == "Normal"), "IsHighPriority": int(row["SortOrder"] == 1)}
            for row in _labelled("High", "Normal", "Low")
        ],
        "CaseStatus": [
            {**row, "IsDefault": int(first), "IsClosed": int(row["MasterLabel"] == "Closed")}
            for row, first in _with_default("New", "Working", "Escalated", "Closed")
        ],
        "ContractStatus": [
            {**row, "IsDefault": int(code == "Draft"), "StatusCode": code}
            for row, code in zip(
                _labelled("In Approval Process", "Activated", "Draft"),
                ("InApproval", "Activated", "Draft"),
                strict=True,
            )
        ],
    }


def _labelled(*labels: str) -> Iterator[dict[str, Any]]:
    return ({"MasterLabel": label, "ApiName": label, "SortOrder": n} for n, label in enumerate(labels, start=1))


def _with_default(*labels: str) -> Iterator[tuple[dict[str, Any], bool]]:
    """The first is the default."""
    return ((row, row["SortOrder"] == 1) for row in _labelled(*labels))
