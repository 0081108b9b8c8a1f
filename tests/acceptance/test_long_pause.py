"""A store that has waited for weeks: what cannot be told any more is read whole, and the plan says so."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from rehearsal import CRMS, Rehearsal

from suite.breadth import broadly

LEADS = 10


def let_it_wait(own: Rehearsal, days: int) -> None:
    """Move all cursors of the store back, as if the last run had been so long ago."""
    then = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="seconds")  # noqa: TID251 - the CRMs' clock
    with closing(sqlite3.connect(own.file("crmsync.db"))) as store, store:
        store.execute("UPDATE cursors SET cursor = ?", (then.replace("+00:00", "Z"),))


@pytest.mark.breadth
@pytest.mark.parametrize(
    ("days", "read_whole"), broadly([(95, {"salesforce", "hubspot"}), (12, set()), (60, {"salesforce"})])
)
def test_a_lead_that_was_deleted_in_a_long_pause_is_gone_after_it(
    own: Rehearsal, days: int, read_whole: set[str]
) -> None:
    own.json("run")
    for crm in CRMS:
        own.delete_lead(crm, "done-lead")
        own.edit(crm, leads=[{"id": "lead-1", "attributes": {"interest": "strong"}}])
    let_it_wait(own, days)
    done = own.crmsync("run", "--dry-run", "--format", "json")
    assert done.returncode == 0, done.stderr
    plans = {plan["connection"]: plan for plan in json.loads(done.stdout)["plans"]}
    for crm in CRMS:
        notes = [note for note in plans[crm]["notes"] if "forgets deleted records" in note]
        assert bool(notes) == (crm in read_whole), plans[crm]["notes"]
        assert all(f"was {days} days ago" in note and "all records are read again" in note for note in notes)
        assert plans[crm]["counts"]["leads"] == LEADS - 1
    own.json("run")
    for plan in own.json("run")["plans"]:
        assert plan["notes"] == [], "the next run goes on from there"
