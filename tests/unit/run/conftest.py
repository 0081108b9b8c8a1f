"""A small firm for the tests of this folder, and one store for all of them: each firm has a connection of its own."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from crmsync.store import Store

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "cases" / "route")]

from five_leads import crm, store  # noqa: E402, F401 - fixtures; it stands beside this file
from small_firm import Firm  # noqa: E402

_NUMBERS = itertools.count()


@pytest.fixture(scope="session")
def one_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Migrated once."""
    kept = Store(tmp_path_factory.mktemp("store") / "store.db")
    yield kept
    kept.close()


@pytest.fixture
def founded(one_store: Store) -> Callable[..., Firm]:
    """Makes a firm; arguments: see `small_firm.prepared_for`."""
    return lambda **texts: Firm(one_store, f"firm {next(_NUMBERS)}", texts)


@pytest.fixture
def firm(founded: Callable[..., Any]) -> Firm:
    """The usual one."""
    return founded()
