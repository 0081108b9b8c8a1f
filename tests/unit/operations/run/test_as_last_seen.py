"""A connection as last seen is made ready once of the same settings and the same set-up, and never of others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crmsync.connection.prepared import Prepared
from crmsync.connection.snapshot import Snapshot
from crmsync.contract import CrmUser, NativeField, Org
from crmsync.operations.run.ready import stored
from crmsync.settings import KeptSettings, Settings, load_settings
from crmsync.store import Pulled, Store
from crmsync.testing.store_frames import DAY
from unit.console.signing_in import small_configuration

NOW = datetime(2026, 1, 10, 12, tzinfo=UTC)
ANN, BO = CrmUser("u1", "Ann", "ann@x.example"), CrmUser("u2", "Bo", "bo@x.example")
ROSTER = "format: 1\npeople:\n  - {user: ann@x.example, role: ae}\n"
WITH_CALENDAR = ROSTER.replace("}", ", calendar: [{file: ann.ics}]}")
FIELDS = tuple(
    NativeField(name, name, kind, True, (), kind=kind)  # type: ignore[arg-type]
    for name, kind in (("Email", "text"), ("CreatedDate", "datetime"), ("OwnerId", "reference"), ("Status", "text"))
)
AWAY = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//x//x//EN
BEGIN:VEVENT
UID:1
DTSTAMP:20260101T000000Z
DTSTART;VALUE=DATE:{day}
SUMMARY:Away
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture
def config(tmp_path: Path) -> Iterator[Path]:
    found = small_configuration(tmp_path)
    (tmp_path / "roster.yaml").write_text(ROSTER)
    settings = load_settings(found)
    seen(settings, ANN)
    with closing(Store(settings.store)) as store:
        store.facts.remember("c", [Pulled(cursors={"leads": "1"})], today=DAY)
    yield found


def seen(settings: Settings, *users: CrmUser) -> None:
    with closing(Store(settings.store)) as store:
        store.runs.set_snapshot("c", Snapshot(Org("o", "Firm", "UTC"), users, FIELDS, lead_object="Lead").to_text())


def now_ready(settings: Settings) -> Prepared:
    with closing(Store(settings.store)) as store:
        return stored(settings, settings.connection("c"), store, lambda: NOW)


def test_the_same_settings_and_set_up_are_made_ready_once(config: Path) -> None:
    kept = KeptSettings(config)
    assert now_ready(kept()) is now_ready(kept())


def test_another_set_up_is_another(config: Path) -> None:
    settings = load_settings(config)
    assert now_ready(settings).users == (ANN,)
    seen(settings, ANN, BO)
    assert now_ready(settings).users == (ANN, BO)


def test_a_changed_file_is_seen(config: Path) -> None:
    kept = KeptSettings(config)
    assert [each.person.role for each in now_ready(kept()).roster.members] == [("ae",)]
    (config.parent / "roster.yaml").write_text(ROSTER.replace("ae", "bdr"))
    assert [each.person.role for each in now_ready(kept()).roster.members] == [("bdr",)]


def test_a_calendar_is_read_each_time(config: Path) -> None:
    """Its file is none of those that settings are made of."""
    (config.parent / "roster.yaml").write_text(WITH_CALENDAR)
    kept = KeptSettings(config)
    for day in ("20260105", "20260204"):
        (config.parent / "ann.ics").write_text(AWAY.format(day=day))
        [ann] = now_ready(kept()).roster.members
        assert [away.start.strftime("%Y%m%d") for away in ann.away] == [day]
