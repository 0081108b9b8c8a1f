"""A lead's ways up alone, for a page behind which they come: some hundred variants of it are tried for them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import datetime

from crmsync.clock import local_day
from crmsync.operations.run.ready import stored
from crmsync.qualify.explain import explain
from crmsync.qualify.telling.explanation import Explanation
from crmsync.run.gather import gathered_to_show
from crmsync.settings import Settings
from crmsync.store import Store
from crmsync.tongue import Tongue


def explained_with_ways(
    settings: Settings, connection: str, lead: str, *, now: Callable[[], datetime], tongue: Tongue
) -> Explanation | None:
    """Its explanation, with them; null for a lead that is not stored. Never asks the CRM."""
    with closing(Store(settings.store)) as store:
        prepared = stored(settings, settings.connection(connection), store)
        today = local_day(now(), prepared.org.time_zone)
        for batch in gathered_to_show(prepared, store, today, leads=[lead]):
            for explanation in explain(prepared.compiled, batch, today, ways=True, tongue=tongue):
                return explanation
    return None
