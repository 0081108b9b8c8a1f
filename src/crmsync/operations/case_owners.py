"""Who would get an example lead: the roster by itself, without a CRM.

Everybody of the roster is taken as active, each example is routed alone with counters at their beginning, and the
time is noon UTC of the day of the test.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time

import polars as pl

from crmsync.contract import CrmUser
from crmsync.errors import ConfigurationError
from crmsync.model import FACT_PREFIX, Batch
from crmsync.qualify import Policy
from crmsync.route import Resolved, Roster, assign, resolve
from crmsync.route.roster_file import User

NOBODY = "nobody"


class RosterAlone:
    """A roster with made-up users, one for each person and queue it names."""

    def __init__(self, roster: Roster, connection: str | None) -> None:
        """`connection`: whose users count where the roster names several; null = the first one named."""
        self._connection = connection or _first_connection(roster) or "crm"
        self._resolved = self._resolve(roster)
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
        given = assign(
            self._resolved,
            lead.hstack(decided.select("stage", "priority", *verdicts)),
            counters={},
            reserved={},
            as_of=as_of,
            now=datetime.combine(as_of, time(12), UTC),
            hand_off_stage=policy.hand_off.stage if policy.hand_off else None,
            ladder=tuple(rung.stage for rung in policy.ladder),
            hands_off_days=policy.movement.hands_off_days or None,
        ).assigned
        owner: str | None = given["owner"][0] if given.height else lead["owner"][0]
        return NOBODY if owner is None else self._keys.get(owner, owner)

    def _resolve(self, roster: Roster) -> Resolved:
        people = [written for person in roster.people for written in self._here(person.user)]
        rules = [*(roster.rules.hand_off or ()), *(roster.rules.new_lead or ())]
        queues = [rule.queue for rule in rules if rule.queue is not None]
        queues += [roster.rules.otherwise.queue] if roster.rules.otherwise else []
        users = [_user(written, "person") for written in dict.fromkeys(people)]
        users += [
            _user(written, "queue") for written in dict.fromkeys(one for queue in queues for one in self._here(queue))
        ]
        calendars: Mapping[str, tuple[()]] = {one.calendar: () for one in roster.people if one.calendar}
        resolved = resolve(roster, users, self._connection, calendars=calendars)
        if resolved.findings:
            raise ConfigurationError(resolved.findings)
        return resolved

    def _here(self, user: User) -> list[str]:
        if isinstance(user, str):
            return [user]
        return [user[self._connection]] if self._connection in user else []


def _user(written: str, kind: str) -> CrmUser:
    email = written if "@" in written else None
    return CrmUser(id=written, name=written, email=email, active=True, kind="queue" if kind == "queue" else "person")


def _first_connection(roster: Roster) -> str | None:
    named = [connection for person in roster.people if not isinstance(person.user, str) for connection in person.user]
    return named[0] if named else None
