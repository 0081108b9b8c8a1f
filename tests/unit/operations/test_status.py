"""What `crmsync status` tells a person to do, by the kind of the run that went wrong."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crmsync.operations.status.standing import statuses
from crmsync.operations.status.waiting import waits_for
from crmsync.run.measured import waited_measures
from crmsync.settings import HooksSettings, ScheduleSettings, Settings, load_settings
from crmsync.store import Breach, Store, ToldRecord
from crmsync.values import replace

NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
MAPPING = """
format: 1
connector: salesforce
lead: {object: Lead, email: Email, created_at: CreatedDate}
owner: {field: OwnerId}
stage: {field: Status, values: {lead: Open}}
facts: {}
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "crmsync.yaml").write_text(
        "format: 1\nconnections:\n  c: {connector: salesforce, mapping: mapping.yaml, writes: on}\n", encoding="utf-8"
    )
    (tmp_path / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    policy = "format: 1\nname: Small\nladder:\n  - {stage: lead}\n"
    (tmp_path / "policy.yaml").write_text(policy, encoding="utf-8")
    (tmp_path / "roster.yaml").write_text("format: 1\npeople:\n  - {user: ann, role: ae}\n", encoding="utf-8")
    return load_settings(tmp_path / "crmsync.yaml")


@pytest.mark.parametrize(
    ("run", "command"),
    [
        ({"kind": "run"}, "crmsync run c --dry-run"),
        ({"kind": "apply", "plan_of": 1}, "crmsync run c --dry-run"),
        ({"kind": "undo", "undo_of": 1}, "crmsync undo 1 --dry-run"),
        ({"kind": "redistribute"}, "crmsync redistribute c --from … --dry-run"),
    ],
)
@pytest.mark.parametrize(
    ("end", "told"),
    [
        ({"exit_code": 1}, "the last run stopped with exit 1 → {command} says why"),
        ({"exit_code": 3, "breaches": [Breach("backward", 2, 1)]}, "(backward 2 over 1) → {command}"),
        (
            {"exit_code": 4, "counts": {"set_aside": 3}},
            "3 records were set aside or not written → {command} tells each",
        ),
    ],
)
def test_a_run_that_went_wrong_is_looked_at_by_its_own_command(
    settings: Settings, run: Mapping[str, Any], command: str, end: Mapping[str, Any], told: str
) -> None:
    with closing(Store(settings.store)) as store:
        first = store.runs.start("c", now=NOW, dry_run=False)
        store.runs.end("c", first, now=NOW, exit_code=0, counts={"read": 1})
        number = store.runs.start("c", now=NOW, dry_run=False, **run)
        store.runs.end("c", number, now=NOW, **{"counts": {"read": 1}, **end})
    [status] = statuses(settings, ["c"], now=lambda: NOW, next_run=lambda *_: NOW + timedelta(hours=1))
    [words] = status.attention
    assert words.endswith(told.format(command=command))


def test_a_breach_is_told_however_many_dry_runs_came_since(settings: Settings) -> None:
    with closing(Store(settings.store)) as store:
        for place in range(52):
            number = store.runs.start("c", now=NOW, dry_run=place > 0)
            ends = {} if place else {"breaches": [Breach("backward", 2, 1)]}
            store.runs.end("c", number, now=NOW, exit_code=0 if place else 3, counts={"read": 1}, **ends)
    [status] = statuses(settings, ["c"], now=lambda: NOW, next_run=lambda *_: NOW + timedelta(hours=1))
    assert [breach.name for breach in status.guard] == ["backward"]
    assert any("backward 2 over 1" in words for words in status.attention)


@pytest.mark.parametrize(
    ("next_run", "running", "broken", "waits"),
    [
        (NOW + timedelta(minutes=5), False, False, "time"),
        (NOW + timedelta(hours=2), False, False, "quiet_hours"),
        (NOW + timedelta(hours=2, minutes=1), False, False, "time"),
        (NOW, False, False, "service"),
        (NOW, False, True, "mending"),
        (NOW, True, True, "run"),
    ],
)
def test_what_a_connection_waits_for(next_run: datetime, running: bool, broken: bool, waits: str) -> None:
    """Quiet until noon in Berlin, which is 11:00 UTC."""
    quiet = ScheduleSettings(every_minutes=15, quiet_hours=("10:30-12:00",), time_zone="Europe/Berlin")
    assert waits_for(quiet, next_run, NOW, running=running, broken=broken) == waits


def test_where_a_connection_may_have_been_renamed_its_former_name_is_told(settings: Settings) -> None:
    def told() -> str:
        [status] = statuses(settings, ["c"], now=lambda: NOW, next_run=lambda *_: NOW)
        return " | ".join(status.attention)

    with closing(Store(settings.store)) as store:
        assert "no longer names" not in told()
        store.runs.set_snapshot("old", "{}")
        assert told().startswith(
            "the store holds what is known of a connection that crmsync.yaml no longer names (`old`) → "
            "put the name back if it was renamed | it was never read"
        )
        number = store.runs.start("c", now=NOW, dry_run=True)
        store.runs.end("c", number, now=NOW, exit_code=0, counts={"read": 1})
        assert "no longer names" not in told()


def needs(settings: Settings, **alerts: Any) -> dict[str, tuple[int, str]]:
    """Kind → its number and words, an hour after `NOW`."""
    chosen = replace(settings, told=settings.alerts.model_copy(update=alerts))
    at = NOW + timedelta(hours=1)
    [status] = statuses(chosen, ["c"], now=lambda: at, next_run=lambda *_: at + timedelta(hours=1))
    return {need.kind: (need.number, str(need)) for need in status.needs}


def ran(store: Store, minutes: float, *, kind: Any = "run", **measures: float) -> None:
    at = NOW + timedelta(minutes=minutes)
    number = store.runs.start("c", now=at, dry_run=False, kind=kind)
    store.runs.end("c", number, now=at, exit_code=0, counts={"read": 1}, measures=measures)


@pytest.mark.parametrize(
    ("minutes", "waited", "goal", "told"),
    [(30, 61.4, 60, True), (30, 60.0, 60, False), (30, 61.4, None, False), (-1, 61.4, 60, False)],
    ids=["late", "in time", "no goal", "long ago"],
)
def test_changes_that_wait_longer_than_the_goal(
    settings: Settings, minutes: float, waited: float, goal: float | None, told: bool
) -> None:
    """By the last run that answered any, one by tellings, too; one that answered none says nothing."""
    with closing(Store(settings.store)) as store:
        ran(store, -5, kind="told", change_seconds=900.0)
        ran(store, minutes, kind="told", change_seconds=waited)
        ran(store, minutes, news=3.0)
    found = needs(settings, change_seconds=goal).get("changes_late")
    assert found == ((61, "changes in the CRM waited up to 61 seconds for their write, more than 60 → crmsync runs c "
                          "tells how long runs took") if told else None)  # fmt: skip


@pytest.mark.parametrize(
    ("records", "runs", "hooks", "told"),
    [
        (20, [(3, 1, 0), (18, 2, 0), (33, 1, 0)], True, True),
        (19, [(3, 1, 0), (18, 2, 0), (33, 1, 0)], True, False),
        (20, [(1, 1, 0), (18, 2, 0), (33, 1, 0)], True, False),
        (20, [(3, 1, 0), (18, 2, 0), (33, 0, 0)], True, False),
        (20, [(3, 1, 1), (18, 2, 0), (33, 1, 0)], True, False),
        (20, [(3, 1, 0), (18, 2, 0), (33, 1, 0)], False, False),
    ],
    ids=["ceased", "a trial", "told meanwhile", "nothing new", "a whole reading", "nobody listens"],
)
def test_a_crm_that_has_ceased_to_tell(
    settings: Settings, records: int, runs: list[tuple[float, float, float]], hooks: bool, told: bool
) -> None:
    """Three runs of the schedule found what it did not tell; a whole reading finds what no CRM tells."""
    listening = replace(settings, hooks=HooksSettings(listen="127.0.0.1:9465") if hooks else None)
    with closing(Store(settings.store)) as store:
        store.tellings.take_in("c", [ToldRecord("Lead", str(number)) for number in range(records)], now=NOW)
        for minutes, news, full in runs:
            ran(store, minutes, news=news, full=full)
    found = needs(listening).get("tellings_ceased")
    assert (found is not None) == told
    assert found is None or found == (
        1,
        "the CRM told of no change for 60 minutes, though runs found some → crmsync status c tells by which "
        "way; crmsync hooks test c tries that of `hooks:`",
    )


def test_of_twenty_changes_the_slowest_may_be_slow() -> None:
    assert waited_measures([]) == {}
    assert waited_measures([7.04]) == {"change_seconds": 7.0}
    assert waited_measures([*range(1, 20), 900]) == {"change_seconds": 19}
    assert waited_measures([*range(1, 19), 900, 900]) == {"change_seconds": 900}
