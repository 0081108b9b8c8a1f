"""The strategies by name. One file each, whose docstring is its page in the reference."""

from __future__ import annotations

from collections.abc import Mapping

from crmsync.route.choice import Strategy
from crmsync.route.strategies import (
    account_owner,
    keep_owner,
    least_loaded,
    partner,
    queue,
    round_robin,
)

STRATEGIES: Mapping[str, Strategy] = {
    "account_owner": account_owner.choose,
    "keep_owner": keep_owner.choose,
    "least_loaded": least_loaded.choose,
    "partner": partner.choose,
    "queue": queue.choose,
    "round_robin": round_robin.choose,
}

NEEDS_NO_POOL = frozenset({"account_owner", "keep_owner", "partner", "queue"})
