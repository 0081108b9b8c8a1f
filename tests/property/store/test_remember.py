"""What a store knows after any pulls is what a few dictionaries know, however the pulls were cut and ordered."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from crmsync.store import Pulled, Store, remember
from crmsync.testing.store_frames import DAY, FACTS, NOW, activities, activity, decided, due, lead, leads

LEADS = st.sampled_from(["1", "2", "3", "4"])
CONNECTIONS = (f"example {number}" for number in itertools.count())

Row = dict[str, Any]

lead_rows = st.builds(
    lambda name, stage, owner, title: lead(name, stage, owner, title=title),
    LEADS,
    st.sampled_from(["mql", "sql"]),
    st.sampled_from([None, "anna"]),
    st.sampled_from([None, "CEO"]),
)
activity_rows = st.builds(activity, st.sampled_from("abc"), LEADS, st.sampled_from(["call", "demo"]))
PULL = st.fixed_dictionaries(
    {
        "leads": st.lists(lead_rows, unique_by=lambda row: row["lead"]),
        "activities": st.lists(activity_rows, unique_by=lambda row: (row["activity"], row["lead"])),
        "gone_leads": st.sets(LEADS, max_size=1),
        "gone_activities": st.sets(st.sampled_from(["Task:a", "Task:b"]), max_size=1),
        "complete": st.booleans(),
        "decided_before": st.sets(LEADS),
        "cuts": st.integers(1, 3),
    }
)


class Model:
    """What the store ought to know."""

    def __init__(self) -> None:
        self.leads: dict[str, Row] = {}
        self.activities: dict[tuple[str, str], Row] = {}
        self.due: set[str] = set()
        self.stage_edited: dict[str, date] = {}
        self.owner_edited: dict[str, date] = {}
        self.left: dict[str, tuple[Row, date | None, date | None]] = {}

    def pull(self, pull: dict[str, Any], today: date) -> None:
        """What has gone and comes again in the same pull has not gone."""
        before = dict(self.activities)
        came = {row["lead"] for row in pull["leads"]}
        named = {row["activity"] for row in pull["activities"]}
        replaced = named | pull["gone_activities"] | ({name for name, _ in before} if pull["complete"] else set())
        self.activities = {pair: row for pair, row in before.items() if pair[0] not in replaced}
        self.activities |= {(row["activity"], row["lead"]): row for row in pull["activities"]}
        for row in pull["leads"]:
            self.see(row, today)
        touched = {
            pair[1] for pair in before.keys() | self.activities if before.get(pair) != self.activities.get(pair)
        }
        self.due |= touched & set(self.leads)
        for name in (pull["gone_leads"] | (set(self.leads) if pull["complete"] else set())) - came:
            self.drop(name)

    def see(self, row: Row, today: date) -> None:
        name = row["lead"]
        known = self.leads.get(name)
        if known == row:
            return
        if name in self.left:  # one that comes back is known
            known, stage_edited, owner_edited = self.left.pop(name)
            self.stage_edited |= {name: stage_edited} if stage_edited else {}
            self.owner_edited |= {name: owner_edited} if owner_edited else {}
        if known and known["stage"] != row["stage"]:
            self.stage_edited[name] = today
        if known and known["owner"] != row["owner"]:
            self.owner_edited[name] = today
        self.leads[name] = row
        self.due.add(name)

    def drop(self, name: str) -> None:
        self.due.discard(name)
        if name in self.leads:
            self.left[name] = (self.leads[name], self.stage_edited.get(name), self.owner_edited.get(name))
        for kept in (self.leads, self.stage_edited, self.owner_edited):
            kept.pop(name, None)
        self.activities = {pair: row for pair, row in self.activities.items() if pair[1] != name}


def parts(pull: dict[str, Any]) -> Iterator[Pulled]:
    """The pull in pieces: what has gone first, then activities and leads in turns."""
    yield Pulled(gone_leads=sorted(pull["gone_leads"]), gone_activities=sorted(pull["gone_activities"]))
    cuts = pull["cuts"]
    for number in range(cuts):
        yield Pulled(activities=activities(*pull["activities"][number::cuts]))
        yield Pulled(leads=leads(*pull["leads"][number::cuts]))
    yield Pulled(leads=leads(*pull["leads"][:1]), cursors={"Lead": "end"})


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store; every example has a connection of its own."""
    store = Store(tmp_path_factory.mktemp("store") / "store.db")
    yield store
    store.close()


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pulls=st.lists(PULL, min_size=1, max_size=4), rows_at_once=st.sampled_from([1, 3, 100_000]))
def test_a_store_knows_what_it_was_told(
    store: Store, monkeypatch: pytest.MonkeyPatch, pulls: list[dict[str, Any]], rows_at_once: int
) -> None:
    monkeypatch.setattr(remember, "ROWS_AT_ONCE", rows_at_once)
    connection, model = next(CONNECTIONS), Model()
    for number, pull in enumerate(pulls):
        today = DAY + timedelta(days=number)
        settled = pull["decided_before"] & set(model.leads)
        record(store, connection, settled)
        model.due -= settled
        model.pull(pull, today)
        counted = store.facts.remember(connection, parts(pull), today=today, complete=pull["complete"])
        event(f"removed {counted.leads_removed}, changed {min(counted.leads_changed, 2)}")
        assert known(store, connection) == expected(model)
    again = store.facts.remember(connection, parts(pulls[-1]), today=today, complete=pulls[-1]["complete"])
    assert (again.leads_new, again.leads_changed) == (0, 0)
    assert known(store, connection) == expected(model)


def record(store: Store, connection: str, names: set[str]) -> None:
    run = store.runs.start(connection, now=NOW, dry_run=False)
    store.history.record(connection, run, decided(*names), policy_digest="p", as_of=DAY, now=NOW)


def known(store: Store, connection: str) -> dict[str, Any]:
    batches = list(store.facts.gather(connection, DAY, everything=True, fact_types=FACTS))
    rows = [row for batch in batches for row in batch.leads.drop("row").iter_rows(named=True)]
    remembered = ("stage_edited_on", "owner_edited_on", "stage_since", "written_on")
    return {
        "leads": [{name: value for name, value in row.items() if name not in remembered} for row in rows],
        "edited": [(row["stage_edited_on"], row["owner_edited_on"]) for row in rows],
        "activities": sorted(
            (row for batch in batches for row in batch.activities.drop("row").iter_rows(named=True)), key=pair
        ),
        "due": due(store, connection),
    }


def expected(model: Model) -> dict[str, Any]:
    names = sorted(model.leads)
    return {
        "leads": [model.leads[name] for name in names],
        "edited": [(model.stage_edited.get(name), model.owner_edited.get(name)) for name in names],
        "activities": sorted((row for row in model.activities.values() if row["lead"] in model.leads), key=pair),
        "due": sorted(model.due),
    }


def pair(row: Row) -> tuple[str, str]:
    return row["activity"], row["lead"]
