"""Writes the dump of the present schema with data in every table: `python tests/migration/make_dump.py`.

To be run once when a schema is released; the file it writes (`stores/<schema>.sql`) is never changed after that.
"""

from __future__ import annotations

import sqlite3
import tempfile
from datetime import timedelta
from pathlib import Path

import polars as pl

from crmsync.model import SetAside
from crmsync.store import (
    EARLIER,
    HeardUpTo,
    NeedFound,
    NewPlan,
    PlannedChange,
    Pulled,
    Session,
    Settlement,
    Store,
    ToldRecord,
)
from crmsync.store.tables import HEAD
from crmsync.testing.store_frames import DAY, NOW, activities, activity, lead, leads, unread
from crmsync.testing.store_steps import change, intend, prepare, settle, verbs_done

DUMP = Path(__file__).with_name("stores") / f"{HEAD}.sql"


def fill(store: Store) -> None:
    """Something in every table: a hand-off from pull to outcome, and one that is still open."""
    verbs_done(store, "salesforce")
    prepare(store, "hubspot")
    edited = Pulled(
        leads=leads(lead("3", "sal", title="Chef d'équipe")),
        activities=activities(activity("b", "3")),
        unread=unread(("3", "3", "fact", "size", "Size__c", "1.000")),
        stamps=pl.DataFrame({"record": ["3"], "changed_at": [1_767_225_600_000_000]}),
    )
    store.facts.remember("hubspot", [edited], today=DAY + timedelta(days=1))
    settle(store, Settlement("2", "refused", "no"), connection="hubspot")
    intend(store, change("3", owner="ben"), connection="hubspot")
    told = pl.DataFrame(
        [("3", 0, None, '{"Status":"lead"}'), ("3", 1, NOW, '{"Status":"mql"}')], EARLIER, orient="row"
    )
    unasked = store.history.unasked("hubspot", ["Status"], limit=10)
    store.history.remember_earlier("hubspot", ["Status"], unasked, told)
    store.runs.set_digests("hubspot", {"policy": "p", "roster": "r"})
    store.runs.set_snapshot("hubspot", "{}")
    alerts(store)
    console(store)
    told = [ToldRecord("contacts", "3", NOW, ("calls",)), ToldRecord("tasks", "58000000001")]
    store.tellings.take_in("hubspot", told, now=NOW, refused={"wrong_signature": 2})
    store.tellings.take_in(
        "salesforce", [], now=NOW, heard=[HeardUpTo("00D000000000001", "/data/ChangeEvents", "0a1b")]
    )
    aside = [SetAside("2", "OwnerId was empty")]
    last = store.runs.last("hubspot")[0].id
    store.runs.end("hubspot", last, now=NOW, exit_code=4, counts={"read": 3}, aside=aside)


def alerts(store: Store) -> None:
    """One that a channel was told of and one that is over, and a channel that takes nothing."""
    connections, channels = ("salesforce", "hubspot"), ("ops", "mail")
    both = [
        NeedFound("salesforce", "run_failed", 1, "crmsync status"),
        NeedFound("hubspot", "lag", 90, "crmsync status"),
    ]
    for found, channel in ((both, "ops"), (both, "mail"), (both[:1], None)):
        store.alerts.note(connections, found, known=connections, channels=channels, now=NOW)
        if channel is None:
            continue
        taken = store.alerts.take(
            channel, kinds=("run_failed", "lag"), repeat=None, now=NOW, until=NOW, longest_pause=timedelta(hours=1)
        )
        assert taken
        if channel == "ops":
            store.alerts.was_told(taken, now=NOW)
        else:
            later = NOW + timedelta(minutes=1)
            store.alerts.was_not_told(taken, now=NOW, next_try_at=later, trouble="the connection was refused")


def console(store: Store) -> None:
    """Somebody who is signed in and was wrong once, and a plan of theirs that waits."""
    until = NOW + timedelta(hours=12)
    store.console.begin("secret", Session("ada", "stamp", NOW, NOW, until))
    store.console.tried("name ada", now=NOW, within=timedelta(minutes=15))
    store.console.note("plan_made", now=NOW, person="ada", connection="hubspot", about={"leads": 1})
    plan = NewPlan("run", 1, None, "digest", "ada", {"notes": []})
    store.plans.keep("hubspot", plan, [PlannedChange("3", "lead → mql", "ben", True, 7, {"lead": "3"})], now=NOW)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        store = Store(path)
        fill(store)
        store.close()
        with sqlite3.connect(path) as raw:
            DUMP.write_text("\n".join(raw.iterdump()) + "\n", encoding="utf-8")
