"""The company property that sums up deals, `hs_num_open_deals`: kept up as they are linked, moved and deleted."""

from __future__ import annotations

from crmsync_practice.hubspot import associations
from crmsync_practice.hubspot.portal import Portal
from crmsync_practice.hubspot.storage import LIVE, Record

OPEN_DEALS = "hs_num_open_deals"
CLOSED = ("closedwon", "closedlost")


def companies_of(portal: Portal, deal_id: int) -> list[Record]:
    """The live companies that a deal is associated with."""
    deals, companies = portal.types.named("deals"), portal.types.named("companies")
    ids = associations.read(portal.storage, deals, companies, [deal_id]).get(deal_id, {})
    found = [portal.storage.get(companies, number) for number in ids]
    return [record for record in found if record is not None and record.archived == LIVE]


def changes(portal: Portal, company: Record) -> dict[str, str | None]:
    """What is to be written on the company by its deals as they stand; empty when it says so already."""
    deals, companies = portal.types.named("deals"), portal.types.named("companies")
    ids = associations.read(portal.storage, companies, deals, [company.id]).get(company.id, {})
    found = [portal.storage.get(deals, number) for number in ids]
    count = sum(1 for deal in found if deal and deal.archived == LIVE and deal.props.get("dealstage") not in CLOSED)
    return {} if str(count) == company.props.get(OPEN_DEALS, "0") else {OPEN_DEALS: str(count)}
