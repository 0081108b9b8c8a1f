"""What a store keeps of runs. Part of `store_kit`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from crmsync.store import Breach, RunKind
from crmsync.testing.store_frames import NOW
from crmsync.testing.store_steps import (
    Stores,
)


class RunChecks:
    """Runs, what they were made with, and which of them was the last of its kind."""

    def test_runs_digests_and_the_snapshot_are_kept(self, stores: Stores) -> None:
        """By name; unnamed digests stay; the newest run comes first."""
        store = stores.open()
        store.runs.set_digests("c", {"policy": "1", "roster": "1"})
        store.runs.set_digests("c", {"policy": "2"})
        store.runs.set_snapshot("c", "first")
        store.runs.set_snapshot("c", "second")
        first = store.runs.start("c", now=NOW, dry_run=True, by="ada")
        second = store.runs.start("c", now=NOW + timedelta(hours=1), dry_run=False, kind="undo", undo_of=first)
        breach = Breach("changed_share", 0.5, 0.3)
        store.runs.end(
            "c",
            first,
            now=NOW + timedelta(seconds=5),
            exit_code=4,
            counts={"read": 3},
            plan="d1",
            breaches=[breach],
            measures={"unknown.budget": 0.25},
        )
        again = stores.open()
        assert again.runs.digests("c") == {"policy": "2", "roster": "1"}
        assert again.runs.snapshot("c") == "second"
        newest, oldest = again.runs.last("c")
        assert (newest.id, newest.dry_run, newest.ended_at, newest.exit_code) == (second, False, None, None)
        assert (oldest.id, oldest.dry_run, oldest.exit_code, oldest.counts) == (first, True, 4, {"read": 3})
        assert (oldest.started_at, oldest.ended_at) == (NOW, NOW + timedelta(seconds=5))
        assert (oldest.kind, oldest.by, oldest.plan, oldest.undo_of) == ("run", "ada", "d1", None)
        assert (oldest.breaches, oldest.measures) == ((breach,), {"unknown.budget": 0.25})
        assert (newest.kind, newest.by, newest.undo_of, newest.breaches) == ("undo", None, first, ())
        assert again.runs.one("c", first) == oldest
        assert (again.runs.one("c", second + 1), again.runs.one("other", first)) == (None, None)
        assert len(again.runs.identity()) == 32
        assert again.runs.identity() == store.runs.identity()
        assert [run.id for run in again.runs.last("c", limit=1)] == [second]

    def test_the_last_run_that_was_to_write_is_found_behind_any_number_of_dry_ones(self, stores: Stores) -> None:
        """Of those that have ended; those of tellings look at a few leads only."""
        store = stores.open()
        assert (store.runs.last_to_write("c"), store.runs.last_of_everybody("c")) == (None, None)

        def ended(connection: str = "c", kind: RunKind = "run", *, dry_run: bool = False, **how: Any) -> int:
            run = store.runs.start(connection, now=NOW, dry_run=dry_run, kind=kind, partial=how.pop("partial", False))
            store.runs.end(connection, run, now=NOW, exit_code=0, counts={}, **how)
            return run

        ended()
        everybody = ended(measures={"calls": 1})
        ended(partial=True)
        ended(partial=True, measures={"calls": 1})
        wrote = ended(kind="apply")
        ended(kind="told")
        for _ in range(25):
            ended(dry_run=True)
        store.runs.start("c", now=NOW, dry_run=False)
        ended("other")
        found = store.runs.last_to_write("c")
        assert found is not None
        assert (found.id, found.kind) == (wrote, "apply")
        of_everybody = store.runs.last_of_everybody("c")
        assert of_everybody is not None, "those that looked at a part only are passed over, too"
        assert of_everybody.id == everybody
