"""What the core asks of a CRM connector. Implemented by distributions of their own, found by entry point.

A connector speaks the CRM's own words: native records in, native values out. It never hears of stages, criteria
or roles. It is used by one thread. Entry point group `crmsync.connectors`; the entry is a `ConnectorPlugin`.

Native values are text. A connector turns every value of the wire into String: booleans `true`/`false`, numbers
as the shortest decimal text (`250`, `1234.5`), instants as ISO-8601 with zone (`2026-01-31T09:30:00Z`), days as
`YYYY-MM-DD`, several choices joined by `;`, an empty string as null.

Every method may raise `errors.RunStopped` (and its children) after its own retries; never a client library's or
a socket's own exception. Time limits are always set. Nothing personal and no secret goes into a message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmsync.faces import shown_late

if TYPE_CHECKING:
    from crmsync.contract.account import CrmClock, CrmUser, Currencies, Org, Usage
    from crmsync.contract.connector import Capabilities, Connector
    from crmsync.contract.fields import Choice, FieldKind, NativeField, Parent
    from crmsync.contract.plugin import ConnectorPlugin, SignInWay
    from crmsync.contract.provisions import (
        AccessProvision,
        FieldProvision,
        ListProvision,
        Provided,
        Provision,
        ValuesProvision,
    )
    from crmsync.contract.reading import (
        CHANGED_AT,
        LEAD_ID,
        RECORD_ID,
        STILL_THERE,
        Edit,
        Narrowing,
        Page,
        PullRequest,
        Reading,
    )
    from crmsync.contract.telling import (
        ALL_ACTIVITIES,
        Delivery,
        Doubt,
        Heard,
        PositionLost,
        Subscription,
        Telling,
        TellingReader,
    )
    from crmsync.contract.writing import Closing, Creation, CreationResult, Replaced, Seen, Write, WriteResult
else:
    __getattr__ = shown_late(
        __name__,
        {
            ".account": "CrmClock CrmUser Currencies Org Usage",
            ".connector": "Capabilities Connector",
            ".fields": "Choice FieldKind NativeField Parent",
            ".plugin": "ConnectorPlugin SignInWay",
            ".provisions": "AccessProvision FieldProvision ListProvision Provided Provision ValuesProvision",
            ".reading": "CHANGED_AT LEAD_ID RECORD_ID STILL_THERE Edit Narrowing Page PullRequest Reading",
            ".telling": "ALL_ACTIVITIES Delivery Doubt Heard PositionLost Subscription Telling TellingReader",
            ".writing": "Closing Creation CreationResult Replaced Seen Write WriteResult",
        },
    )

__all__ = [
    "ALL_ACTIVITIES",
    "CHANGED_AT",
    "LEAD_ID",
    "RECORD_ID",
    "STILL_THERE",
    "AccessProvision",
    "Capabilities",
    "Choice",
    "Closing",
    "Connector",
    "ConnectorPlugin",
    "Creation",
    "CreationResult",
    "CrmClock",
    "CrmUser",
    "Currencies",
    "Delivery",
    "Doubt",
    "Edit",
    "FieldKind",
    "FieldProvision",
    "Heard",
    "ListProvision",
    "Narrowing",
    "NativeField",
    "Org",
    "Page",
    "Parent",
    "PositionLost",
    "Provided",
    "Provision",
    "PullRequest",
    "Reading",
    "Replaced",
    "Seen",
    "SignInWay",
    "Subscription",
    "Telling",
    "TellingReader",
    "Usage",
    "ValuesProvision",
    "Write",
    "WriteResult",
]
