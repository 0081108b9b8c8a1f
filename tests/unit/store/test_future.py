"""What a clock that ran a year ahead left in the store is of now, once the clock is right."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from crmsync.errors import StoreUnavailable
from crmsync.store import Overruling, Pulled, Settlement, Store, Turns
from crmsync.store.encoding import day_number
from crmsync.store.tables import leads as stored
from crmsync.testing.hand_off_checks import handed
from crmsync.testing.store_frames import DAY, FACTS, NOW, decided, lead, lead_row, leads
from crmsync.testing.store_steps import ANNA, BEN, change, intend, prepare, settle

YEAR = timedelta(days=365)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Everything in it happened as of NOW and DAY."""
    with closing(Store(tmp_path / "store.db")) as opened:
        prepare(opened, "c")
        intend(opened, handed("1"), turns={ANNA: state(DAY), BEN: state(DAY - timedelta(days=300))})
        settle(opened, Settlement("1", "written"))
        run = opened.runs.last("c")[0].id
        opened.history.record("c", run, decided("3"), policy_digest="p", as_of=DAY, now=NOW)
        opened.runs.end("c", run, now=NOW, exit_code=0, counts={})
        yield opened


def state(day: datetime | object) -> Turns:
    told = {"turns": 3, "day": str(day), "today": 2, "week": "2026-W47", "this_week": 3}
    return Turns(3, {**told, "earlier": {"2025-11-01": 1, "2026-11-16": 1}} if day == DAY else told)


def test_times_of_the_future_count_as_now(store: Store) -> None:
    now, today = NOW - YEAR, DAY - YEAR
    found = store.runs.put_right("c", now=now, today=today)
    assert found.keys() >= {"runs", "hand-offs", "changes", "leads", "turns", "reviews"}
    [live] = store.hand_offs.live("c")
    assert live.hand_off.handed_at == now
    assert all(run.started_at == now for run in store.runs.last("c"))
    assert {entry.intended_at for entry in store.journal.entries("c")} == {now}
    assert lead_row(store, "c", "1")["stage_since"] == today
    due = {row for batch in store.facts.gather("c", today, fact_types=FACTS) for row in batch.leads["lead"]}
    assert "3" in due, "its review day was counted from a day of the future"
    turns = store.journal.turns("c")
    assert (turns[ANNA].state["day"], turns[ANNA].state["week"]) == (str(today), "2025-W47")
    assert (turns[ANNA].count, turns[ANNA].state["today"]) == (3, 3), "what was given stays given"
    assert turns[ANNA].state["earlier"] == {"2025-11-01": 1}
    assert store.runs.put_right("c", now=now, today=today) == {}, "told once"


def test_days_of_what_people_did_are_days_of_now(store: Store) -> None:
    """Else hands would stay off a lead for a year, and what was replaced before and after would be one quarrel."""
    intend(store, change("2"))
    settle(store, Settlement("2", "conflict", overruled=(Overruling("2", "stage", "sql", "mql"),)))
    with store._database.writing() as at:
        at.execute(stored.update().values(undone_on=day_number(DAY), written_on=day_number(DAY)))
    store.facts.remember("c", [Pulled(gone_leads=["3"])], today=DAY)
    found, today = store.runs.put_right("c", now=NOW - YEAR, today=DAY - YEAR), DAY - YEAR
    assert found.keys() >= {"leads that have left", "values replaced"}
    assert store.left_alone.undone("c") == {"1": today, "2": today}
    assert lead_row(store, "c", "1")["written_on"] == today
    assert [each.day for each in store.left_alone.overruled("c")] == [today]
    store.facts.remember("c", [Pulled(leads=leads(lead("3")))], today=today)
    assert lead_row(store, "c", "3")["written_on"] == today


def test_what_lies_in_the_past_stays(store: Store) -> None:
    before = store.hand_offs.read("c"), store.journal.entries("c"), store.runs.last("c"), store.journal.turns("c")
    assert store.runs.put_right("c", now=NOW + YEAR, today=DAY + YEAR) == {}
    assert store.runs.put_right("c", now=NOW - timedelta(minutes=2), today=DAY) == {}, "two machines' clocks"
    after = store.hand_offs.read("c"), store.journal.entries("c"), store.runs.last("c"), store.journal.turns("c")
    assert before == after


def test_another_connection_is_left_alone(store: Store) -> None:
    store.facts.remember("d", [], today=DAY)
    run = store.runs.start("d", now=NOW, dry_run=False)
    store.runs.put_right("c", now=NOW - YEAR, today=DAY - YEAR)
    assert store.runs.last("d")[0].started_at == NOW
    assert store.runs.last("d")[0].id == run


def test_a_lock_of_the_future_says_so(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with closing(Store(path)) as one, closing(Store(path)) as two, one.hold("c", now=NOW):
        for now, ahead in ((NOW - YEAR, True), (NOW + timedelta(hours=1), False)):
            with pytest.raises(Exception, match="since 2026-11-21T09:30:00") as refused, two.hold("c", now=now):
                pass
            assert ("by a clock that runs ahead" in str(refused.value)) == ahead


def test_a_folder_that_takes_no_locks_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(_: object) -> bool:
        raise OSError(37, "No locks available")

    monkeypatch.setattr("crmsync.store.locks.file_lock.take_lock", none)
    with (
        closing(Store(tmp_path / "store.db")) as store,
        pytest.raises(StoreUnavailable, match="takes no locks: no locks available"),
        store.hold("c", now=NOW),
    ):
        pass
