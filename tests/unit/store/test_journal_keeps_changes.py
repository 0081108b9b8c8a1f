"""Whatever stands in a change stands in its journal entry: an undo, a saved plan and a settling read nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from crmsync.model import Change
from crmsync.store import Store, Turns
from crmsync.values import field_names
from suite.every_change import FULL, VARIANTS


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store; every example has a connection of its own."""
    store = Store(tmp_path_factory.mktemp("store") / "store.db")
    yield store
    store.close()


def kept(store: Store, connection: str, change: Change) -> Change:
    """The change as the journal gives it back."""
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    run = store.runs.start(connection, now=now, dry_run=False)
    store.journal.intend(connection, run, [change], {("receivers", "anna"): Turns(1)}, now=now)
    [entry] = store.journal.entries(connection)
    return entry.change


def test_no_field_of_the_example_holds_its_default() -> None:
    empty = (None, (), {}, "")
    left = [name for name in VARIANTS if "." not in name and getattr(FULL, name) in empty]
    assert left == []
    assert {name.split(".")[0] for name in VARIANTS} == set(field_names(Change))


@pytest.mark.parametrize("name", VARIANTS)
def test_every_field_survives(store: Store, name: str) -> None:
    assert VARIANTS[name] != FULL, "the variant does not vary"
    assert kept(store, name, VARIANTS[name]) == VARIANTS[name]


def test_a_change_of_nearly_nothing_survives(store: Store) -> None:
    least = Change("1", None, None, None, None, {}, {}, ())
    assert kept(store, "least", least) == least
