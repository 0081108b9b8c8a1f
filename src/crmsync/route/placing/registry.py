"""The strategies by name."""

from __future__ import annotations

from collections.abc import Mapping

from crmsync.route.placing.choice import Strategy
from crmsync.route.strategies import (
    account_owner,
    capacity,
    keep_owner,
    language,
    least_loaded,
    named_account,
    partner,
    queue,
    round_robin,
    segment,
    territory,
)

STRATEGIES: Mapping[str, Strategy] = {
    "account_owner": account_owner.choose,
    "capacity": capacity.choose,
    "keep_owner": keep_owner.choose,
    "language": language.choose,
    "least_loaded": least_loaded.choose,
    "named_account": named_account.choose,
    "partner": partner.choose,
    "queue": queue.choose,
    "round_robin": round_robin.choose,
    "segment": segment.choose,
    "territory": territory.choose,
}

NEEDS_NO_POOL = frozenset({"account_owner", "keep_owner", "partner", "queue"})
"""These find their people without a pool; a `pool` beside them is a mistake."""
