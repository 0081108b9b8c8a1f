"""The store keeps its contract; and the suite that says so fails for every store that does not.

Each planted fault is a store with one thing wrong. Together they make every check of the suite fail at least once.
"""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path

import pytest
from planted_faults import FAULTS, Patch

from crmsync.testing import StoreConformance
from crmsync.testing.store_steps import Stores
from suite.breadth import broadly

for each in ("faults_of_facts", "faults_of_people", "faults_of_the_service"):
    importlib.import_module(each)  # puts its faults into FAULTS


class TestSqlite(StoreConformance):
    """SQLite in a file."""

    location = pytest.fixture(lambda self, tmp_path: tmp_path / "store.db")


@pytest.mark.breadth
class TestPostgresql(StoreConformance):
    """A database of its own on a real PostgreSQL for each test."""

    location = pytest.fixture(lambda self, postgresql_database: postgresql_database)


CHECKS = [name for name, _ in inspect.getmembers(StoreConformance, inspect.isfunction) if name.startswith("test_")]


@pytest.mark.filterwarnings("ignore:transaction already deassociated")
@pytest.mark.parametrize("name", broadly(sorted(FAULTS), core=14))
def test_the_suite_notices(name: str, tmp_path: Path, monkeypatch: Patch) -> None:
    """Each planted fault makes the check fail that is there for it, by an assertion of the check's own."""
    plant, check = FAULTS[name]
    check, _, verb = check.partition("[")
    arguments = [verb.rstrip("]")] if verb else []
    stores = Stores(StoreConformance().open_store, tmp_path / "store.db")
    plant(monkeypatch)
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        getattr(StoreConformance(), check)(stores, *arguments)
    monkeypatch.undo()
    stores.close()


def test_every_check_can_fail() -> None:
    """A check that no planted fault touches proves nothing."""
    noticed = {check.partition("[")[0] for _, check in FAULTS.values()}
    assert noticed == set(CHECKS)
