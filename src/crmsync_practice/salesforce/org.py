"""The rows that every org has: organization, profiles, lead statuses, the integration user."""

from __future__ import annotations

from typing import Any

from crmsync_practice.salesforce.ids import make_id
from crmsync_practice.salesforce.statuses import seed_statuses
from crmsync_practice.salesforce.storage import Store

ORGANIZATION_ID = make_id("00D", 1)
INTEGRATION_USER_ID = make_id("005", 1)
"""Whom every token belongs to that does not name another user."""
ADMINISTRATOR_PROFILE_ID = make_id("00e", 1)
STANDARD_PROFILE_ID = make_id("00e", 2)
INTEGRATION_USERNAME = "integration@ourfirm.example"


def seed_org(store: Store, timezone: str, stamp: str) -> None:
    """Fills the tables that do not depend on the world; `stamp` is when the org came to be."""
    system = {
        "CreatedDate": stamp,
        "CreatedById": INTEGRATION_USER_ID,
        "LastModifiedDate": stamp,
        "LastModifiedById": INTEGRATION_USER_ID,
        "SystemModstamp": stamp,
    }

    def add(name: str, **values: Any) -> None:
        sobject = store.schema[name]
        store.insert(sobject, {**values, **{key: each for key, each in system.items() if key in sobject.fields}})

    add(
        "Organization",
        Name="Practice Org",
        TimeZoneSidKey=timezone,
        LanguageLocaleKey="en_US",
        DefaultLocaleSidKey="en_US",
        OrganizationType="Developer Edition",
        IsSandbox=1,
        InstanceName="PRC1",
        FiscalYearStartMonth=1,
        **{each.name: each.default for each in store.schema["Organization"].stored() if each.default is not None},
    )
    add("Profile", Name="System Administrator")
    add("Profile", Name="Standard User")
    for username, name, kind, alias in (
        (INTEGRATION_USERNAME, "Integration User", "Standard", "integ"),
        ("automated@ourfirm.example", "Automated Process", "AutomatedProcess", "autoproc"),
    ):
        first, last = name.split()
        add(
            "User",
            Username=username,
            FirstName=first,
            LastName=last,
            Name=name,
            Email=username,
            Alias=alias,
            IsActive=1,
            TimeZoneSidKey=timezone,
            LocaleSidKey="en_US",
            LanguageLocaleKey="en_US",
            EmailEncodingKey="UTF-8",
            ProfileId=ADMINISTRATOR_PROFILE_ID,
            UserType=kind,
        )
    seed_statuses(store, stamp, INTEGRATION_USER_ID)
