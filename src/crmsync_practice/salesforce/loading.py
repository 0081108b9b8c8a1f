"""Loads a world into the empty org, bypassing its own required and unique rules."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from crmsync_practice.records import Activity, Campaign, Lead, World
from crmsync_practice.salesforce import activity_rows
from crmsync_practice.salesforce.carriers import PARENT, Accounts, Carrier
from crmsync_practice.salesforce.custom_fields import Home
from crmsync_practice.salesforce.field_history import load_stages
from crmsync_practice.salesforce.ids import make_id
from crmsync_practice.salesforce.instants import local_day, to_stamp
from crmsync_practice.salesforce.objects import CONVERTED_STATUS
from crmsync_practice.salesforce.org import INTEGRATION_USER_ID
from crmsync_practice.salesforce.people import save_user
from crmsync_practice.salesforce.storage import Store

_COLUMNS = (
    "n",
    "_import_id",
    "Id",
    "IsDeleted",
    "FirstName",
    "LastName",
    "Name",
    "Email",
    "OwnerId",
    "CreatedDate",
    "CreatedById",
    "LastModifiedDate",
    "LastModifiedById",
    "SystemModstamp",
    "LastActivityDate",
)
_LEADS_ALONE = ("Company", "IsConverted", "ConvertedDate", "IsUnreadByOwner")
"""Columns of leads that contacts do not have."""
_LINKS = ("n", "_import_id", "Id", "WhoId", "OwnerId", "Subject", "CreatedDate", "LastModifiedDate", "SystemModstamp")
_ACTORS = ("CreatedById", "LastModifiedById")
_BY = dict.fromkeys(_ACTORS, INTEGRATION_USER_ID)


def full_name(first: str | None, last: str | None) -> str:
    """The calculated Name."""
    return " ".join(part for part in (first, last) if part)


class Loader:
    """One load; `today` is the day the data is anchored to."""

    def __init__(self, store: Store, carrier: Carrier, homes: list[Home], today: date, zone: ZoneInfo) -> None:
        self._store = store
        self._carrier = carrier
        self._homes = homes
        self._today = today
        self._zone = zone
        self._user_ids: dict[str, str] = {}
        self._owners: dict[str, str] = {}
        self._lead_ids: dict[str, str] = {}
        self._modified: dict[str, datetime] = {}

    def load(self, world: World, stamp: str) -> None:
        """Inserts everything; `stamp` is when the users came to be."""
        store = self._store
        for user in world.users:
            self._user_ids[user.id] = save_user(store, user, stamp)
        people = {user.id for user in world.users if user.type == "person"}
        self._owners = {id_: native for id_, native in self._user_ids.items() if self._may_own(id_, people)}
        lead = store.schema[self._carrier.object]
        for number, each in enumerate(world.leads, start=1):
            self._lead_ids[each.id] = make_id(lead.prefix, number)
            self._modified[each.id] = each.modified_at
        latest = self._latest_days(world.activities)
        own = [home.field for home in self._homes if not home.field.startswith(PARENT)]
        beside = ("AccountId",) if self._carrier.has_account else _LEADS_ALONE
        names = (*_COLUMNS, self._carrier.stage, *beside, *own)
        store.insert_many(lead, names, list(self._leads(world.leads, latest)))
        told = ((self._lead_ids[each.id], each) for each in world.leads if each.stage_history)
        load_stages(store, lead, self._carrier.stage, told, self._user_ids, INTEGRATION_USER_ID)
        task, event = store.schema["Task"], store.schema["Event"]
        task_names = (*_LINKS, *_ACTORS, "IsDeleted", "Priority", "IsHighPriority", *activity_rows.TASK_COLUMNS)
        store.insert_many(task, task_names, self._tasks(world.activities))
        event_names = (*_LINKS, *_ACTORS, "IsDeleted", "ShowAs", "EventSubtype", *activity_rows.EVENT_COLUMNS)
        store.insert_many(event, event_names, self._events(world.activities))
        for campaign in world.campaigns:
            self._campaign(campaign, stamp)

    def _campaign(self, campaign: Campaign, stamp: str) -> None:
        store = self._store
        stamped = {**dict.fromkeys(("CreatedDate", "LastModifiedDate", "SystemModstamp"), stamp), **_BY}
        values = {"Name": campaign.name, "Type": campaign.type, "IsActive": 1, "OwnerId": INTEGRATION_USER_ID}
        number = store.insert(store.schema["Campaign"], {**values, "IsDeleted": 0, **stamped})
        for place, label in enumerate(campaign.statuses):
            row = {"CampaignId": number, "Label": label, "SortOrder": place + 1, "IsDefault": int(place == 0)}
            row |= {"HasResponded": int(place > 0), "IsDeleted": 0}
            store.insert(store.schema["CampaignMemberStatus"], {**row, **stamped})
        for member in campaign.members:
            responded = member.responded_at
            changed = to_stamp(responded or member.at)
            row = {
                "CampaignId": number,
                f"{self._carrier.object}Id": self._lead_ids[member.lead],
                "Status": member.status,
                "HasResponded": int(responded is not None),
                "FirstRespondedDate": local_day(responded, self._zone) if responded else None,
                "IsDeleted": 0,
                "CreatedDate": to_stamp(member.at),
                "LastModifiedDate": changed,
                "SystemModstamp": changed,
            }
            store.insert(store.schema["CampaignMember"], {**row, **_BY})

    def _may_own(self, user: str, people: set[str]) -> bool:
        return user in people or not self._carrier.has_account

    def _leads(self, leads: tuple[Lead, ...], latest: dict[str, str]) -> Iterator[tuple[Any, ...]]:
        accounts = Accounts(self._store, self._homes)
        for number, lead in enumerate(leads, start=1):
            modified = to_stamp(lead.modified_at)
            values = {home.field: home.to_native(lead.attributes.get(home.attribute)) for home in self._homes}
            parents = {name: values.pop(name) for name in list(values) if name.startswith(PARENT)}
            yield (
                number,
                lead.id,
                self._lead_ids[lead.id],
                0,
                lead.first_name,
                lead.last_name,
                full_name(lead.first_name, lead.last_name),
                lead.email,
                None if lead.owner is None else self._owners.get(lead.owner),
                to_stamp(lead.created_at),
                INTEGRATION_USER_ID,
                modified,
                INTEGRATION_USER_ID,
                modified,
                latest.get(lead.id),
                *self._beside(lead, modified, parents, accounts),
                *values.values(),
            )

    def _beside(self, lead: Lead, modified: str, parents: dict[str, Any], accounts: Accounts) -> tuple[Any, ...]:
        """The stage, and what the other object does not have."""
        status = lead.stage_for("salesforce")
        if self._carrier.has_account:
            return status, accounts.id_of(lead.company, parents, modified)
        converted = status == CONVERTED_STATUS
        return status, lead.company, int(converted), modified[:10] if converted else None, 0

    def _latest_days(self, activities: tuple[Activity, ...]) -> dict[str, str]:
        """The local day of each lead's latest activity that is done."""
        latest: dict[str, str] = {}
        today = self._today.isoformat()
        for each in activities:
            if each.outcome != "scheduled":
                day = local_day(each.at, self._zone)
                if day <= today and day > latest.get(each.lead, ""):
                    latest[each.lead] = day
        return latest

    def _links(self, prefix: str, number: int, activity: Activity) -> tuple[Any, ...]:
        owner = None if activity.by is None else self._user_ids[activity.by]
        planned = activity.at.astimezone(self._zone).date() > self._today
        created = to_stamp(min(activity.at, self._modified[activity.lead]) if planned else activity.at)
        actor = owner or INTEGRATION_USER_ID
        return (
            number,
            activity.id,
            make_id(prefix, number),
            self._lead_ids[activity.lead],
            owner,
            activity.subject,
            created,
            created,
            created,
            actor,
            actor,
        )

    def _tasks(self, activities: tuple[Activity, ...]) -> Iterator[tuple[Any, ...]]:
        number = 0
        for each in activities:
            if activity_rows.is_event(each.kind):
                continue
            number += 1
            values = activity_rows.task_values(
                each.kind,
                at=each.at,
                outcome=each.outcome,
                direction=each.direction,
                today=self._today,
                zone=self._zone,
            )
            yield (*self._links("00T", number, each), 0, "Normal", 0, *values)

    def _events(self, activities: tuple[Activity, ...]) -> Iterator[tuple[Any, ...]]:
        number = 0
        for each in activities:
            if not activity_rows.is_event(each.kind):
                continue
            number += 1
            values = activity_rows.event_values(each.at, each.outcome, each.direction, self._zone)
            yield (*self._links("00U", number, each), 0, "Busy", "Event", *values)
