"""Crashes and faults never lose, repeat or misplace a rotation turn, and never write a lead twice.

A miniature of the run (settle, pull, decide, route by the least turns, intend, apply, record) works on the real
store and the real writer; the CRM is in memory. It is ended at every step there is, and started again.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from crmsync.model import Change, Plan
from crmsync.run.apply import ApplyReport, apply_plan
from crmsync.run.settle import settle_open
from crmsync.store import Pulled, Store, Turns
from crmsync.testing import MemoryCrm
from crmsync.testing.store_frames import decided, lead, leads
from crmsync.testing.store_steps import Crash, crash_at, held_turns

TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
POOL = "aes"
PEOPLE = ("anna", "ben", "cleo")
NAMES = ("1", "2", "3", "4", "5")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store; every example has a connection of its own."""
    store = Store(tmp_path_factory.mktemp("store") / "store.db")
    yield store
    store.close()


def fresh_crm() -> MemoryCrm:
    return MemoryCrm({name: {"Status": "mql", "OwnerId": None} for name in NAMES})


def miniature_run(store: Store, crm: MemoryCrm, connection: str) -> ApplyReport:
    """One run, hop by hop as docs/decisions/0002 tells it."""
    run_id = store.runs.start(connection, now=NOW, dry_run=False)
    settle_open(crm, store, connection, "Lead", now=NOW, today=TODAY)
    rows = [lead(name, it["Status"], it["OwnerId"], stage_native=native(it)) for name, it in crm.records.items()]
    store.facts.remember(
        connection, [Pulled(leads=leads(*rows), cursors={"Lead": "end"})], today=TODAY, complete=True
    )
    batches = list(store.facts.gather(connection, TODAY, fact_types={}))
    due = pl.concat([batch.leads for batch in batches]) if batches else leads()
    changes, turns, given_back = route(due, store.journal.turns(connection), store.journal.reserved_turns(connection))
    plan = Plan(connection, TODAY, tuple(sorted(changes, key=lambda it: it.lead)), (), (), {}, {}, "digest")
    store.journal.intend(connection, run_id, plan.changes, turns, given_back=given_back, now=NOW)
    report = apply_plan(crm, store, plan, "Lead", run_id=run_id, now=lambda: NOW, today=TODAY)
    unwritten = {change.lead for change in changes} - report.done
    store.history.record(
        connection,
        run_id,
        decided(*due["lead"], stage="sql"),
        policy_digest="policy",
        as_of=TODAY,
        now=NOW,
        keep_due=unwritten,
    )
    return report


def native(values: Mapping[str, str | None]) -> str:
    return json.dumps({"Status": values["Status"]}, separators=(",", ":"))


def route(
    due: pl.DataFrame, stored: Mapping[tuple[str, str], Turns], reserved: Mapping[str, tuple[str, str]]
) -> tuple[list[Change], dict[tuple[str, str], Turns], list[str]]:
    """Every lead that nobody of the pool owns, last id first, to whom had the fewest turns."""
    counts = {person: stored.get((POOL, person), Turns()).count for person in PEOPLE}
    changes, given_back = [], []
    for row in due.sort("lead", descending=True).iter_rows(named=True):
        turn = reserved.get(row["lead"])
        if row["owner"] in PEOPLE:
            if turn and turn[1] != row["owner"]:
                counts[turn[1]] -= 1
                given_back.append(row["lead"])
            owner, pool = row["owner"], None
        elif turn:
            pool, owner = turn
        else:
            owner, pool = min(PEOPLE, key=lambda person: (counts[person], person)), POOL
            counts[owner] += 1
        writes = {"Status": (row["stage"], "sql"), "OwnerId": (row["owner"], owner)}
        writes = {field: pair for field, pair in writes.items() if pair[0] != pair[1]}
        if writes:
            changes.append(Change(row["lead"], row["stage"], "sql", row["owner"], owner, writes, {}, (), turn=pool))
    return changes, {(POOL, person): Turns(count) for person, count in counts.items()}, given_back


def counts(store: Store, connection: str) -> dict[tuple[str, str], int]:
    return {turn: it.count for turn, it in store.journal.turns(connection).items() if it.count}


@pytest.mark.breadth
def test_a_run_that_ends_at_any_step_and_is_run_again_ends_like_a_calm_one(store: Store) -> None:
    """Between any two SQL statements, commits, calls and writes: same owners, same counters, one write each."""
    calm = fresh_crm()
    miniature_run(store, calm, "calm")
    assert {it["OwnerId"] for it in calm.records.values()} == set(PEOPLE)
    for step in itertools.count():
        crm, connection = fresh_crm(), f"crash {step}"
        store.journal.turns(connection)  # the connection's own number is given out before
        try:
            with crash_at(step) as crm.at_step:
                miniature_run(store, crm, connection)
        except Crash:
            crm.at_step = lambda: None
            miniature_run(store, crm, connection)
            assert crm.records == calm.records, step
            assert sorted(name for name, _ in crm.log) == list(NAMES), f"a lead is written twice after step {step}"
            assert counts(store, connection) == counts(store, "calm"), step
            assert held_turns(store, connection) == counts(store, connection), step
            assert store.journal.pending(connection) == ()
        else:
            assert step > 60, "the steps are not counted"
            return


FAULTS = st.fixed_dictionaries(
    {
        "refusals": st.sets(st.sampled_from(NAMES)),
        "ignored": st.sets(st.sampled_from(NAMES)),
        "cleared_only": st.sets(st.sampled_from(NAMES)),
        "lost_before": st.sets(st.sampled_from(NAMES)),
        "lost_after": st.sets(st.sampled_from(NAMES)),
        "rewrites": st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["anna", "somebody", None])),
    }
)
HUMANS = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["anna", "ben", "somebody", "gone"]))
RUN = st.fixed_dictionaries({"faults": FAULTS, "humans": HUMANS, "crash": st.integers(0, 400)})


@settings(max_examples=35, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(runs=st.lists(RUN, max_size=4))
def test_whatever_happens_counters_are_the_turns_that_entries_hold(store: Store, runs: list[dict[str, Any]]) -> None:
    """Refusals, rewrites, lost answers, half steps, people, crashes: and a calm run at the end brings all home."""
    crm, connection = fresh_crm(), f"example {next(EXAMPLES)}"
    for run in runs:
        disturb(crm, run)
        try:
            with crash_at(run["crash"]) as crm.at_step:
                for report in [miniature_run(store, crm, connection)]:
                    for outcome in report.outcomes.values():
                        event(outcome)
        except Crash:
            event("crash")
        crm.at_step = lambda: None
        assert held_turns(store, connection) == counts(store, connection)
        pending = [entry.change.lead for entry in store.journal.pending(connection)]
        assert len(pending) == len(set(pending))
    for name in ("refusals", "lost_answers", "rewrites"):
        getattr(crm, name).clear()
    crm.ignored, crm.cleared_only = set(), set()
    crm.before_push = lambda _: None
    for _ in range(2):
        miniature_run(store, crm, connection)
    assert all(it["Status"] == "sql" and it["OwnerId"] in PEOPLE for it in crm.records.values())
    assert held_turns(store, connection) == counts(store, connection)
    assert store.journal.pending(connection) == ()
    before = len(crm.log)
    miniature_run(store, crm, connection)
    assert len(crm.log) == before, "there is nothing left to write"


EXAMPLES = itertools.count()


def disturb(crm: MemoryCrm, run: dict[str, Any]) -> None:
    """Set the faults; people come while the first push is on its way."""
    faults = run["faults"]
    crm.refusals = dict.fromkeys(faults["refusals"], "no")
    crm.ignored, crm.cleared_only = faults["ignored"], faults["cleared_only"]
    crm.lost_answers = dict.fromkeys(faults["lost_before"], False) | dict.fromkeys(faults["lost_after"], True)
    crm.rewrites = {name: {"OwnerId": owner} for name, owner in faults["rewrites"].items()}
    humans = dict(run["humans"])

    def people_come(_: object) -> None:
        for name, what in humans.items():
            if what == "gone" and name in crm.records:
                crm.remove(name, "deleted")
            elif name in crm.records:
                crm.records[name]["OwnerId"] = what
        humans.clear()

    crm.before_push = people_come
