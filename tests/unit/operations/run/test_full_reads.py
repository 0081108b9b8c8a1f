"""`crmsync serve` reads everything again after a while: what a CRM calculates changes without a trace."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crmsync.operations.run import connection_job
from crmsync.operations.run.connection_job import ConnectionJob
from crmsync.run.reading import READ_IN_FULL
from crmsync.run.running import RunRequest
from crmsync.settings import load_settings
from crmsync.store import Store

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
MAPPING = """
connector: salesforce
lead: {object: Lead, email: Email, created_at: CreatedDate}
owner: {field: OwnerId}
stage: {field: Status, values: {lead: New}}
"""


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., bool]:
    """Whether the job's run, with this schedule and that long after the last full reading, is to read everything."""

    def ask(schedule: str, since: timedelta | None) -> bool:
        text = f"connections: {{salesforce: {{connector: salesforce, schedule: {schedule}}}}}\n"
        (tmp_path / "crmsync.yaml").write_text(text, encoding="utf-8")
        (tmp_path / "policy.yaml").write_text("ladder: [{stage: lead}]\n", encoding="utf-8")
        (tmp_path / "roster.yaml").write_text("people: []\n", encoding="utf-8")
        (tmp_path / "mappings").mkdir(exist_ok=True)
        (tmp_path / "mappings" / "salesforce.yaml").write_text(MAPPING, encoding="utf-8")
        settings = load_settings(tmp_path / "crmsync.yaml")
        requests: list[RunRequest] = []

        def run_one(*arguments: Any, **_: Any) -> None:
            requests.append(arguments[3])
            raise KeyError

        monkeypatch.setattr(connection_job, "run_one", run_one)
        with closing(Store(settings.store)) as store:
            if since is not None:
                store.runs.set_digests("salesforce", {READ_IN_FULL: (NOW - since).isoformat()})
        ConnectionJob("salesforce", settings, lambda: NOW, lambda: settings)(lambda: False)
        return requests[0].full

    return ask


@pytest.mark.parametrize(
    ("schedule", "since", "full"),
    [
        ("{every_minutes: 15}", None, False),
        ("{every_minutes: 15}", timedelta(hours=23, minutes=59), False),
        ("{every_minutes: 15}", timedelta(hours=24), True),
        ("{every_minutes: 15, full_every_hours: 2}", timedelta(hours=2), True),
        ("{every_minutes: 15, full_every_hours: 2}", timedelta(hours=1), False),
        ("{cron: 0 6 * * *, full_every_hours: null}", timedelta(days=900), False),
        ("{every_minutes: 15}", timedelta(days=-365), True),  # a clock that was ahead
        ("{cron: 0 6 * * *, full_every_hours: null}", timedelta(days=-365), False),
        ('{every_minutes: 15, full_cron: "0 8 * * *"}', timedelta(minutes=59), False),
        ('{every_minutes: 15, full_cron: "0 8 * * *"}', timedelta(minutes=61), True),
        ('{every_minutes: 15, full_cron: "0 9 * * *"}', timedelta(minutes=1), True),
        ('{every_minutes: 15, full_cron: "0 9 * * *"}', timedelta(0), False),
        ('{every_minutes: 15, full_cron: "0 9 * * *"}', timedelta(days=-365), True),
    ],
)
def test_a_run_reads_everything_again_when_it_is_due(
    asked: Callable[..., bool], schedule: str, since: timedelta | None, full: bool
) -> None:
    assert asked(schedule, since) is full
