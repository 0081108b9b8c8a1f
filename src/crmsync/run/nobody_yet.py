"""Leads that nobody has yet, as the last runs left them. Reads the store."""

from __future__ import annotations

from collections.abc import Collection

from crmsync.connection.prepared import Prepared
from crmsync.route.placing.hand_overs import raw_queues, several
from crmsync.store import Store


def nobody_yet(prepared: Prepared, store: Store, *, only: Collection[str] | None = None) -> tuple[str, ...] | None:
    """Leads of the ladder without an owner, or in a raw queue, that are not set aside; null where neither policy nor
    roster says that there may be any. `only`: of these leads.
    """
    if not (several(prepared.hand_overs) or prepared.roster.may_wait):
        return None
    ladder = [rung.stage for rung in prepared.settings.policy.ladder]
    queues = raw_queues(prepared.roster, prepared.hand_overs)
    return store.facts.waiting(prepared.name, ladder, sorted(queues), only=only)
