"""Absences as the page on routing tells them: days as somebody wrote them, whatever their zone."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from crmsync.route.people.absence import PlannedAbsence
from crmsync.showing.routing.away_words import away_words
from crmsync.tongue import ENGLISH


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Los_Angeles", "Pacific/Kiritimati"])
@pytest.mark.parametrize(
    ("first", "last", "told"),
    [
        ("2026-12-24", "2026-12-31", "2026-12-24 – 2026-12-31"),
        ("2026-12-24", "2026-12-24", "2026-12-24"),
        ("2026-10-24", "2026-10-25", "2026-10-24 – 2026-10-25"),  # clocks change in Berlin
        ("2026-12-24T12:00", "2026-12-26", "2026-12-24 12:00 – 2026-12-27 00:00"),
    ],
)
def test_an_absence_is_told_as_it_was_written(zone: str, first: str, last: str, told: str) -> None:
    absence = PlannedAbsence.model_validate({"from": first, "to": last})
    assert away_words(absence.stretch(ZoneInfo(zone)), ZoneInfo(zone), ENGLISH) == told
