"""The stages of opportunities: which are open, from the least likely to be won to the most."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from crmsync_salesforce.describe import Describer
from crmsync_salesforce.errors import HIDDEN, Refusal
from crmsync_salesforce.transport import Transport


@dataclass(frozen=True, slots=True)
class SalesStage:
    """One stage, by its name and as people read it."""

    name: str
    label: str
    is_open: bool


def stages_of_opportunities(transport: Transport, describer: Describer) -> Iterable[SalesStage]:
    """From the least likely to be won to the most, then in the org's order; the picklist's where they are hidden."""
    soql = "SELECT ApiName, MasterLabel, IsClosed, DefaultProbability FROM OpportunityStage ORDER BY SortOrder"
    try:
        rows = list(transport.facts(soql, what="the query on OpportunityStage"))
    except Refusal as refusal:
        if refusal.code not in HIDDEN:
            raise
        transport.leave_out("which stages of opportunities are closed: this user may not read OpportunityStage")
        listed = next(each for each in describer.native_fields("Opportunity") if each.name == "StageName")
        return [SalesStage(choice.value, choice.label, is_open=True) for choice in listed.choices]
    rows.sort(key=lambda row: float(row.get("DefaultProbability") or 0))
    return [
        SalesStage(str(row.get("ApiName")), str(row.get("MasterLabel")), is_open=not row.get("IsClosed"))
        for row in rows
    ]
