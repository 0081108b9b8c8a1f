"""A lead's ways up alone, for a page behind which they come: some hundred variants of it are tried for them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import datetime

from crmsync.clock import local_day
from crmsync.operations.explain.shown_lead import shown_lead
from crmsync.operations.run.ready import stored
from crmsync.qualify.explain import explain
from crmsync.qualify.telling.explanation import Explanation
from crmsync.settings import Settings
from crmsync.store import Store
from crmsync.tongue import Tongue


def explained_with_ways(
    settings: Settings, connection: str, lead: str, *, now: Callable[[], datetime], tongue: Tongue
) -> Explanation:
    """Its explanation, with them. Never asks the CRM. Raises `NotStored` and `NeverRead`."""
    with closing(Store(settings.store)) as store:
        prepared = stored(settings, settings.connection(connection), store)
        today = local_day(now(), prepared.org.time_zone)
        batch = shown_lead(prepared, store, lead, today)
        return explain(prepared.compiled, batch, today, ways=True, tongue=tongue)[0]
