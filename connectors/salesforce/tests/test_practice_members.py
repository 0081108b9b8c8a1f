"""Campaign members as activities, against the practice org: all of them, then what changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from practice_org import PracticeOrg

from crmsync.contract import Connector, Page, PullRequest
from crmsync.testing import ConnectorConformance
from crmsync_salesforce.connection import SalesforceConnector
from suite.lookups import called

Open = Callable[..., SalesforceConnector]
FIELDS = ("Status", "HasResponded", "FirstRespondedDate", "Campaign.Type")


def made(org: PracticeOrg, number: int = 4) -> list[tuple[str, str]]:
    """A webinar's members, one for each of the first leads; (member, lead)."""
    campaign = org.create("Campaign", {"Name": "Autumn", "Type": "Webinar"})
    leads = sorted(org.values())[:number]
    return [(org.create("CampaignMember", {"CampaignId": campaign, "LeadId": lead}), lead) for lead in leads]


def there(org: PracticeOrg) -> set[tuple[str, str]]:
    """The made-up firm's own members of leads that are not converted."""
    soql = "SELECT+Id,LeadId+FROM+CampaignMember+WHERE+Lead.IsConverted=false"
    records = called(org.url, "GET", f"query?q={soql}")["records"]
    assert records, "a generated org has campaigns"
    return {(record["Id"], record["LeadId"]) for record in records}


class OfCampaigns:
    """The practice org whose activities are campaign members."""

    activity_object = "CampaignMember"

    def __init__(self, org: PracticeOrg) -> None:
        self._org = org
        self.object = org.object
        self._members = {*there(org), *made(org)}

    def values(self) -> dict[str, str | None]:
        return self._org.values()

    def activities(self) -> set[tuple[str, str]]:
        """Those of this world; the org is a new one for each module, and this test its first."""
        return self._members


def test_the_kit_finds_every_member_once(org: PracticeOrg, connector: SalesforceConnector) -> None:
    world: Any = OfCampaigns(org)
    ConnectorConformance().test_activities_come_once_for_each_of_their_leads(connector, world)


def pulled(connector: Connector, cursor: str | None = None, leads: str = "Lead") -> list[Page]:
    return list(connector.pull(PullRequest("CampaignMember", FIELDS, leads_object=leads, cursor=cursor)))


def rows(pages: list[Page]) -> dict[str, dict[str, Any]]:
    return {row["@id"]: row for page in pages for row in page.records.iter_rows(named=True)}


def gone(pages: list[Page]) -> set[str]:
    return {record for page in pages for record in page.gone}


def test_members_are_read_whole_and_then_what_changed(org: PracticeOrg, open_to: Open) -> None:
    (answers, lead), (leaves, _), (converts, converted), (stays, _) = made(org)
    connector = open_to(org)
    full = pulled(connector)
    sent = {"Status": "Sent", "HasResponded": "false", "FirstRespondedDate": None, "Campaign.Type": "Webinar"}
    assert rows(full)[answers] == {"@id": answers, "@lead": lead, **sent}
    assert gone(full) == set()
    org.update("CampaignMember", answers, {"Status": "Responded"})
    org.delete(leaves, "CampaignMember")
    org.control("POST", "edit", {"leads": [{"id": converted, "converted": True}]})
    later = pulled(connector, full[-1].cursor)
    answered = rows(later)[answers]
    assert (answered["@lead"], answered["Status"], answered["HasResponded"]) == (lead, "Responded", "true")
    assert answered["FirstRespondedDate"]
    assert {leaves, converts} <= gone(later)
    assert stays not in gone(later)
    assert not {leaves, converts} & set(rows(pulled(connector)))


def test_of_contacts_they_are_the_contacts(org: PracticeOrg, open_to: Open) -> None:
    contact = org.create("Contact", {"LastName": "Person"})
    campaign = org.create("Campaign", {"Name": "Spring", "Type": "Email"})
    member = org.create("CampaignMember", {"CampaignId": campaign, "ContactId": contact, "Status": "Responded"})
    connector = open_to(org)
    assert rows(pulled(connector, leads="Contact"))[member]["@lead"] == contact
    assert member not in rows(pulled(connector))
