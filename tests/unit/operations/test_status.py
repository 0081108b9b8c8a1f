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
from crmsync.settings import ScheduleSettings, Settings, load_settings
from crmsync.store import Breach, Store

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
