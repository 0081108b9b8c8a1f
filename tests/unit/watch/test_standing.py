"""How a connection stands, as gauges, and what has been counted."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from crmsync.contract import Usage
from crmsync.operations.run.connection_job import RunEnd
from crmsync.operations.status.status import HandOffsStanding, Status
from crmsync.run.meter import Meter
from crmsync.settings import OpenNeed
from crmsync.store import Breach, Pulled, Store
from crmsync.testing.store_frames import DAY, lead, leads
from crmsync.watch import Counted, StandingGauges
from crmsync.watch import standing as module
from crmsync.watch.standing import figures

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


def status(**other: Any) -> Status:
    """A connection that was never run."""
    usual = {
        "connection": "sf", "writes": True, "last": None, "next_run": NOW + timedelta(minutes=5), "running": False,
        "due": 3, "leads": 9, "guard": (), "read_at": None, "set_aside": 0, "calls_left": None,
        "hand_offs": HandOffsStanding(4, 2, None), "left_alone": {}, "now": NOW,
    }  # fmt: skip
    return Status(**{**usual, **other})


def told(found: Status) -> dict[tuple[str, ...], float]:
    return {(name, *labels): value for name, labels, value in figures(found, {"mql": 7, "": 2})}


def test_what_is_not_known_has_no_sample() -> None:
    samples = told(status())
    assert (samples["crmsync_leads", "mql"], samples["crmsync_leads", "none"]) == (7, 2)
    assert samples["crmsync_hand_offs", "waiting"] == 2
    names = {name for name, *_ in samples}
    assert not {"crmsync_calls_left", "crmsync_last_run_exit_code", "crmsync_last_reading_timestamp_seconds"} & names
    assert ("crmsync_hand_offs", "late") not in samples


@pytest.mark.parametrize(("waiting", "sample"), [(None, None), (0, 0), (5, 5)])
def test_leads_that_nobody_has_yet_are_told_where_there_may_be_any(waiting: int | None, sample: int | None) -> None:
    samples = told(status(nobody_yet=waiting))
    assert samples.get(("crmsync_leads_nobody_yet",)) == sample


def test_a_run_and_what_stopped_it() -> None:
    run = SimpleNamespace(run=SimpleNamespace(ended_at=NOW, exit_code=3))
    found = status(
        last=run, guard=(Breach("owner_changes", 40, 30),), read_at=NOW, calls_left=12,
        hand_offs=HandOffsStanding(4, 2, 1),
        needs=(OpenNeed("run_failed", "a", None, "c"), OpenNeed("lag", "b", None, "c")),
    )  # fmt: skip
    samples = told(found)
    assert samples["crmsync_last_run_exit_code",] == 3
    assert samples["crmsync_last_run_end_timestamp_seconds",] == NOW.timestamp()
    assert samples["crmsync_guards_open", "owner_changes"] == 1
    assert (samples["crmsync_calls_left",], samples["crmsync_hand_offs", "late"]) == (12, 1)
    assert samples["crmsync_needs_a_person",] == 2


def test_one_answer_serves_whoever_asks_within_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "store.db"
    with closing(Store(file)) as store:
        store.facts.remember("sf", [Pulled(leads=leads(lead("1"), lead("2", stage=None)))], today=DAY)
    now, reads = NOW, []

    def read(*_: object, **__: object) -> list[Status]:
        reads.append(now)
        return [status()]

    monkeypatch.setattr(module, "statuses", read)
    standing = StandingGauges(lambda: (SimpleNamespace(store=str(file)), ("sf",)), lambda: now, lambda *_: now)  # type: ignore[arg-type, return-value]
    registry = CollectorRegistry()
    registry.register(standing)
    assert reads == [], "registering asks nobody"
    text = generate_latest(registry).decode()
    assert 'crmsync_leads{connection="sf",stage="none"} 1.0' in text
    generate_latest(registry)
    now = NOW + timedelta(seconds=9)
    generate_latest(registry)
    assert len(reads) == 1
    for later in (NOW + timedelta(seconds=10), NOW):  # the clock may be set back
        now = later
        generate_latest(registry)
    assert len(reads) == 3
    file.write_bytes(b"no database")
    now = NOW + timedelta(minutes=1)
    assert "cannot be used" in str(standing.trouble())


def test_runs_are_counted_by_how_they_end() -> None:
    counted, ends = Counted(), {"written": 5, "conflict": 1}
    counted.ended(RunEnd("sf", 0, 2.5, Meter(Usage(14, retries=3, refused=2, waited_seconds=4.5), [0.5, 40.0]), ends))
    counted.ended(RunEnd("sf", 0, 0.5, Meter(Usage(3)), {"written": 2}))
    counted.ended(RunEnd("sf", None, 1.0, Meter(Usage(1, retries=1))))
    text = generate_latest(counted.registry).decode().splitlines()
    assert 'crmsync_runs_total{connection="sf",exit_code="0"} 2.0' in text
    assert 'crmsync_runs_total{connection="sf",exit_code="fault"} 1.0' in text
    assert 'crmsync_changes_total{connection="sf",outcome="written"} 7.0' in text
    assert 'crmsync_calls_total{connection="sf"} 18.0' in text, "also those of a run that stopped"
    assert 'crmsync_calls_refused_total{connection="sf"} 2.0' in text
    assert 'crmsync_call_retries_total{connection="sf"} 4.0' in text
    assert 'crmsync_call_wait_seconds_total{connection="sf"} 4.5' in text
    assert 'crmsync_change_seconds_bucket{connection="sf",le="30.0"} 1.0' in text
    assert 'crmsync_change_seconds_sum{connection="sf"} 40.5' in text
    assert 'crmsync_run_seconds_count{connection="sf"} 3.0' in text
    assert not [line for line in text if "_created" in line]
