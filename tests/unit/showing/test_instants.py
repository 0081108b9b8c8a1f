"""Instants in the zone of whoever reads them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from crmsync.showing.instants import instant, zone_name

WINTER = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
SUMMER = datetime(2026, 7, 1, 0, 5, tzinfo=UTC)


@pytest.fixture
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine stands somewhere else."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("zone", "winter", "summer"),
    [
        ("UTC", "2026-01-31 23:30 UTC", "2026-07-01 00:05 UTC"),
        ("Europe/Rome", "2026-02-01 00:30 CET", "2026-07-01 02:05 CEST"),
        ("America/New_York", "2026-01-31 18:30 EST", "2026-06-30 20:05 EDT"),
        ("Asia/Kathmandu", "2026-02-01 05:15 +05:45", "2026-07-01 05:50 +05:45"),
        ("<WEuropeStandardTime>-1", "2026-02-01 00:30 +01:00", "2026-07-01 01:05 +01:00"),
    ],
    indirect=["zone"],
)
@pytest.mark.usefixtures("zone")
def test_an_instant_is_told_in_the_zone_of_the_machine(winter: str, summer: str) -> None:
    assert (instant(WINTER), instant(SUMMER)) == (winter, summer)


@pytest.mark.parametrize("zone", ["Europe/Rome"], indirect=True)
@pytest.mark.usefixtures("zone")
def test_a_zone_that_is_told_already_is_not_told_again_but_another_is() -> None:
    told = zone_name(WINTER)
    assert told == "CET"
    assert instant(WINTER, in_zone=told) == "2026-02-01 00:30"
    assert instant(SUMMER, in_zone=told) == "2026-07-01 02:05 CEST"
