"""A suite that any store has to pass. Three lines make it yours:

```
class TestMine(StoreConformance):
    location = pytest.fixture(lambda self, tmp_path: tmp_path / "store.db")
```

It looks at a store through its verbs alone, but for one thing: `crash_at` ends a verb before one of its SQL
statements or commits, to see that all of it happened or nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crmsync.errors import UsageError
from crmsync.store import Store, Turns
from crmsync.testing.account_checks import AccountChecks
from crmsync.testing.alert_checks import AlertChecks
from crmsync.testing.apart_checks import ApartChecks
from crmsync.testing.coming_checks import ComingChecks
from crmsync.testing.console_checks import ConsoleChecks
from crmsync.testing.deciding_checks import DecidingChecks
from crmsync.testing.earlier_stages_checks import EarlierStagesChecks
from crmsync.testing.edit_checks import EditChecks
from crmsync.testing.hand_off_checks import HandOffChecks
from crmsync.testing.left_alone_checks import LeftAloneChecks
from crmsync.testing.look_checks import LookChecks
from crmsync.testing.remembering_checks import RememberingChecks
from crmsync.testing.run_checks import RunChecks
from crmsync.testing.store_steps import (
    ANNA,
    Stores,
    activities_of,
    change,
    held_turns,
    intend,
    verbs_done,
)
from crmsync.testing.telling_checks import TellingChecks
from crmsync.testing.writing_checks import WritingChecks


class StoreConformance(
    RememberingChecks,
    ComingChecks,
    EditChecks,
    DecidingChecks,
    WritingChecks,
    ApartChecks,
    RunChecks,
    EarlierStagesChecks,
    AccountChecks,
    HandOffChecks,
    LeftAloneChecks,
    AlertChecks,
    TellingChecks,
    ConsoleChecks,
    LookChecks,
):
    """The checks. Subclasses give the fixture `location`; `open_store` may be overridden."""

    def open_store(self, location: Any) -> Store:
        """Open the store under test."""
        return Store(location)

    @pytest.fixture
    def stores(self, location: Any) -> Iterator[Stores]:
        """The store under test."""
        stores = Stores(self.open_store, location)
        yield stores
        stores.close()

    def test_a_forgotten_person_leaves_only_the_turn(self, stores: Stores) -> None:
        """Counters stay right; a lead whose change is open cannot be forgotten."""
        store = stores.open()
        verbs_done(store, "c")
        intend(store, change("2"), turns={ANNA: Turns(2)})
        with pytest.raises(UsageError, match="still open"):
            store.forget("c", "2")
        store.forget("c", "1")
        assert store.facts.lead_count("c") == 2
        assert activities_of(store) == set()
        assert store.history.stages_of("c", "1") == ()
        [entry] = [entry for entry in store.journal.entries("c") if entry.change.lead == "1"]
        assert (entry.change.writes, entry.change.beside, entry.change.reasons, entry.change.scores) == (
            {},
            {},
            (),
            {},
        )
        assert store.journal.turns("c")[ANNA].count == held_turns(store)[ANNA] == 2

    def test_the_file_is_for_its_owner_only(self, stores: Stores) -> None:
        """It holds people's data. Stores that are no file have nothing to show here."""
        stores.open()
        if isinstance(stores.location, Path) and sys.platform != "win32":
            assert stores.location.stat().st_mode & 0o077 == 0
