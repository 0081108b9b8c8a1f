"""What was computed behind a page is made anew where anything that it rests on is another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crmsync.connection.snapshot import Snapshot
from crmsync.console.kept import state_of
from crmsync.contract import Org
from crmsync.operations.left_alone.holds import release_lead
from crmsync.operations.store.forget import forget_lead
from crmsync.settings import Settings, load_settings
from crmsync.store import Overruling, Pulled, Settlement, Store
from crmsync.testing.store_frames import DAY, lead, leads
from crmsync.testing.store_steps import change
from suite.waiting import wait_until
from unit.console.editing import words
from unit.console.signing_in import behind_sign_in, sign_in, small_configuration
from unit.operations.run.test_as_last_seen import ANN, AWAY, FIELDS, WITH_CALENDAR

NOW = datetime(2026, 1, 10, 12, tzinfo=UTC)


@pytest.fixture
def config(tmp_path: Path) -> Iterator[Path]:
    made = small_configuration(tmp_path)
    (tmp_path / "roster.yaml").write_text(WITH_CALENDAR)
    (tmp_path / "ann.ics").write_text(AWAY.format(day="20260105"))
    with closing(Store(load_settings(made).store)) as store:
        store.runs.set_snapshot("c", Snapshot(Org("o", "Firm", "UTC"), (ANN,), FIELDS, lead_object="Lead").to_text())
        rows = [lead(each, stage="lead") for each in ("001", "002")]
        store.facts.remember("c", [Pulled(leads=leads(*rows), cursors={"leads": "1"})], today=DAY)
        run = store.runs.start("c", now=NOW, dry_run=False)
        store.journal.intend("c", run, [change("002")], {}, now=NOW)
        over = (Overruling("002", "owner", "anna", "ben"),)
        store.journal.record_outcomes("c", [Settlement("002", "written", overruled=over)], now=NOW, today=DAY)
    yield made


def a_calendar_changes(settings: Settings) -> None:
    (settings.directory / "ann.ics").write_text(AWAY.format(day="20260204") + "\n")


def somebody_is_forgotten(settings: Settings) -> None:
    forget_lead(settings, "c", "001", now=lambda: NOW)


def a_lead_is_let_go(settings: Settings) -> None:
    release_lead(settings, "002", ("c",), now=lambda: NOW)


@pytest.mark.parametrize("happens", [a_calendar_changes, somebody_is_forgotten, a_lead_is_let_go])
def test_what_happens_between_two_runs_makes_it_another(config: Path, happens: Callable[[Settings], None]) -> None:
    settings = load_settings(config)
    before = state_of(settings, "c", lambda: NOW)
    assert state_of(settings, "c", lambda: NOW) == before
    happens(settings)
    assert state_of(settings, "c", lambda: NOW) != before


def test_a_simulation_that_is_asked_for_again_begins_on_the_day_on_which_it_is(config: Path) -> None:
    today = NOW
    browser = behind_sign_in(config, lambda: today)
    for day in ("2026-01-10", "2026-01-11"):
        assert sign_in(browser, "vic") == 303
        assert f"3 made-up people · 10 days from {day}" in simulated(browser.get)
        today = NOW + timedelta(days=1)


def simulated(get: Callable[..., object]) -> str:
    path = "/routing/simulation?days=10&leads=4&people=3"

    def there() -> str:
        text: str = get(path).text  # type: ignore[attr-defined]
        return "" if 'hx-trigger="load delay' in text else words(text)

    return str(wait_until(there, what="the end of the simulation"))
