"""The store's tables. The migrations make the same schema; a test compares the two.

Days are whole days since 1970-01-01 (Integer), instants are microseconds since then in UTC (BigInteger): plain
numbers go between frames and the database without a conversion per value, sort alike everywhere and index small.
`due_on` is such a day: the lead is to be looked at again from then on, `DUE_NOW` at once, null never.

Nothing here is SQLite's alone: PostgreSQL takes the same tables. What differs is said by variants (ids sort by
their bytes, as frames sort them) and in `crmsync.store.dialects.statements`.

A person's data stands in `leads`, `activities`, `unread`, `decisions`, `lead_search`, `stage_history`,
`earlier_stages`, `journal`, `hand_offs`, `holds`, `left_leads`, `overruled`, `plan_changes`, `set_aside` and
`unanswered`, each reached by (connection, lead), or by the lead's key: that is what `Store.forget` goes through.
`lead_search_blocks` holds what many leads are called, and is made anew when one of them goes.
`accounts` holds companies and their owners; `tellings` ids of records alone. The tables of alerts know of nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmsync.faces import shown_late

if TYPE_CHECKING:
    from crmsync.store.tables.base import DUE_NOW, HEAD, LAST_DAY, NAMELESS, connections, identity
    from crmsync.store.tables.of_leads import (
        accounts,
        activities,
        decisions,
        earlier_stages,
        lead_search,
        lead_search_blocks,
        leads,
        left_leads,
        policies,
        stage_history,
        unread,
    )
    from crmsync.store.tables.of_people import credits, hand_offs, holds, made_records, overruled, unanswered
    from crmsync.store.tables.of_runs import counters, cursors, digests, journal, plan_changes, plans, runs, set_aside
    from crmsync.store.tables.of_the_service import (
        alert_channels,
        alerts,
        alerts_told,
        console_log,
        console_sessions,
        console_tries,
        subscriptions,
        telling_counts,
        tellings,
    )
    from crmsync.store.tables.whole import metadata
else:
    __getattr__ = shown_late(
        __name__,
        {
            ".base": "DUE_NOW HEAD LAST_DAY NAMELESS connections identity",
            ".of_leads": (
                "accounts activities decisions earlier_stages lead_search lead_search_blocks leads left_leads "
                "policies stage_history unread"
            ),
            ".of_people": "credits hand_offs holds made_records overruled unanswered",
            ".of_runs": "counters cursors digests journal plan_changes plans runs set_aside",
            ".of_the_service": (
                "alert_channels alerts alerts_told console_log console_sessions console_tries subscriptions "
                "telling_counts tellings"
            ),
            ".whole": "metadata",
        },
    )

__all__ = [
    "DUE_NOW",
    "HEAD",
    "LAST_DAY",
    "NAMELESS",
    "accounts",
    "activities",
    "alert_channels",
    "alerts",
    "alerts_told",
    "connections",
    "console_log",
    "console_sessions",
    "console_tries",
    "counters",
    "credits",
    "cursors",
    "decisions",
    "digests",
    "earlier_stages",
    "hand_offs",
    "holds",
    "identity",
    "journal",
    "lead_search",
    "lead_search_blocks",
    "leads",
    "left_leads",
    "made_records",
    "metadata",
    "overruled",
    "plan_changes",
    "plans",
    "policies",
    "runs",
    "set_aside",
    "stage_history",
    "subscriptions",
    "telling_counts",
    "tellings",
    "unanswered",
    "unread",
]
