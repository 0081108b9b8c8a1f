"""Five leads of a CRM in memory, remembered, and hand-offs of them to write: for tests of the only writer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from crmsync.model import Change, Plan
from crmsync.run.apply import ApplyReport, apply_plan
from crmsync.store import Pulled, Store, Turns
from crmsync.testing import MemoryCrm
from crmsync.testing.store_frames import lead, leads

TODAY = date(2026, 11, 21)

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)

NAMES = ("1", "2", "3", "4", "5")

BEFORE = {"Status": "mql", "OwnerId": None}

AFTER = {"Status": "sql", "OwnerId": "anna"}


def change(name: str) -> Change:
    """A hand-off to anna."""
    writes = {"Status": ("mql", "sql"), "OwnerId": (None, "anna")}
    return Change(name, "mql", "sql", None, "anna", writes, {}, ("because",), "aes")


def plan(*names: str) -> Plan:
    """A plan of hand-offs."""
    return Plan("c", TODAY, tuple(map(change, names)), (), (), {}, {}, "digest")


@pytest.fixture
def crm() -> MemoryCrm:
    """Five leads, two writes a call."""
    return MemoryCrm(dict.fromkeys(NAMES, BEFORE))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """The five leads remembered, nothing due."""
    store = Store(tmp_path / "store.db")
    store.facts.remember("c", [Pulled(leads=leads(*map(lead, NAMES)))], today=TODAY)
    yield store
    store.close()


def intended(store: Store, *names: str) -> int:
    """A run that intends hand-offs of these leads."""
    run = store.runs.start("c", now=NOW, dry_run=False)
    store.journal.intend("c", run, plan(*names).changes, {("aes", "anna"): Turns(len(names))}, now=NOW)
    return run


def applied(crm: MemoryCrm, store: Store, *names: str) -> ApplyReport:
    """Intend and apply."""
    run = intended(store, *names)
    return apply_plan(crm, store, plan(*names), "Lead", run_id=run, now=lambda: NOW, today=TODAY)


def states(store: Store) -> dict[str, str]:
    """Lead → state of its newest entry."""
    return {entry.change.lead: entry.state for entry in store.journal.entries("c")}


def turns(store: Store) -> int:
    """Anna's count."""
    return store.journal.turns("c")["aes", "anna"].count
