"""Who would get an example lead: the roster by itself, without a CRM.

Everybody of the roster is taken as active, each example is routed alone with counters at their beginning, and the
time is noon UTC of the day of the test.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import polars as pl

from crmsync.hand_off import resolved_hand_overs
from crmsync.model import FACT_PREFIX, Batch
from crmsync.operations.policy.roster_alone import resolved_alone
from crmsync.qualify.language.policy import Policy
from crmsync.route.placing.assignment import assign
from crmsync.route.placing.circumstances import RoutingCircumstances, RoutingStanding
from crmsync.route.roster.roster import Roster

NOBODY = "nobody"


class RosterAlone:
    """A roster with made-up users, one for each person and queue it names."""

    def __init__(self, roster: Roster, connection: str | None) -> None:
        """`connection`: whose users count where the roster names several; null = the first one named."""
        self._resolved = resolved_alone(roster, connection)
        self._connection = connection or ""
        self._keys = {member.user: member.key for member in self._resolved.members}
        self._users = {key: user for user, key in self._keys.items()}

    def user_of(self, key: str | None) -> str | None:
        """The made-up user of a person; somebody who is not in the roster stays as written."""
        if key is None:
            return None
        return self._users.get(key.lower() if "@" in key else key, key)

    def owner(self, policy: Policy, batch: Batch, decisions: pl.DataFrame, row: int, as_of: date) -> str:
        """The key of the person (or the queue) whom the lead in this row belongs to afterwards, or `nobody`.

        `batch.leads` holds made-up users as owners. `decisions`: what `decide` gave for the batch.
        """
        facts = [name for name in batch.leads.columns if name.startswith(FACT_PREFIX)]
        lead = batch.leads.filter(pl.col("row") == row).select(
            "row", "lead", "email", "company", "created_at", "owner", "owner_edited_on", *facts
        )
        decided = decisions.filter(pl.col("row") == row)
        verdicts = [name for name in decided.columns if name.startswith("verdict.")]
        circumstances = RoutingCircumstances(
            self._resolved,
            resolved_hand_overs(policy, self._resolved, self._connection, lambda written: written),
            tuple(rung.stage for rung in policy.ladder),
            as_of,
            datetime.combine(as_of, time(12), UTC),
            hands_off_days=policy.movement.hands_off_days or None,
        )
        leads = lead.hstack(decided.select("stage", "priority", "reason", *verdicts))
        given = assign(leads, circumstances, RoutingStanding()).assigned
        owner: str | None = given["owner"][0] if given.height else lead["owner"][0]
        return NOBODY if owner is None else self._keys.get(owner, owner)
