"""This machine's clock against the CRM's: minutes are told, hours end the run, and what is no time is left aside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest

from crmsync.connection.machine_clock import clock_held_against, clock_notes, confirmed, refuse_wrong
from crmsync.connection.opening import Opened
from crmsync.contract import CrmClock
from crmsync.errors import SignInRefused, WrongClock
from crmsync.sdk import running_seconds, server_date
from crmsync.testing.memory_crm import MemoryCrm
from crmsync.values import replace

NOW = datetime(2026, 11, 28, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("apart", "words"),
    [
        ({"minutes": 4}, None),
        ({"minutes": -4}, None),
        ({"minutes": 6}, "is 6 minutes ahead of the CRM's (2026-11-28 15:00 and 2026-11-28 14:54 UTC)"),
        ({"minutes": -90}, "is 90 minutes behind the CRM's (2026-11-28 15:00 and 2026-11-28 16:30 UTC)"),
    ],
)
def test_minutes_are_told(apart: dict[str, int], words: str | None) -> None:
    told = CrmClock(NOW - timedelta(**apart))
    refuse_wrong(told, NOW)
    assert clock_notes(told, NOW) == (() if words is None else (f"this machine's clock {words}: set it right",))


@pytest.mark.parametrize(
    ("apart", "words"),
    [
        ({"hours": 3}, "3 hours ahead of"),
        ({"hours": -13}, "13 hours behind"),
        ({"days": 365}, "365 days ahead of"),
        ({"days": -20_000}, "20,000 days behind"),
    ],
)
def test_hours_stop(apart: dict[str, int], words: str) -> None:
    with pytest.raises(WrongClock, match=words) as stopped:
        refuse_wrong(CrmClock(NOW - timedelta(**apart)), NOW)
    assert stopped.value.exit_code == 1
    assert "clock" in (stopped.value.hint or "")


def test_a_crm_that_tells_no_time_is_believed() -> None:
    refuse_wrong(CrmClock(), NOW)
    assert clock_notes(CrmClock(), NOW) == ()
    [note] = clock_notes(CrmClock(unreadable=3), NOW)
    assert note.startswith("3 of the CRM's answers tell a time that cannot be")
    assert note.endswith("nothing says whether this machine's clock is right")
    [note] = clock_notes(CrmClock(NOW, unreadable=1), NOW)
    assert note.endswith("ignored")


def test_a_refusal_by_a_wrong_clock_is_told_as_that() -> None:
    """A signed assertion is refused when its time is wrong: the credentials are not to blame."""

    class Late(MemoryCrm):
        def clock(self) -> CrmClock:
            return CrmClock(NOW - timedelta(days=1))

    for crm, error in ((Late({}), WrongClock), (MemoryCrm({}), SignInRefused)):
        with (
            mock.patch("crmsync.clock.now", lambda: NOW),
            pytest.raises(error),
            clock_held_against(crm),
        ):
            raise SignInRefused("no")


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("Sat, 28 Nov 2026 15:00:00 GMT", NOW),
        ("Sat, 28 Nov 2026 16:00:00 +0100", None),
        ("Sat, 28 Nov 2026 15:00:00 -0000", None),
        ("Fri, 31 Dec 9999 23:59:59 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 -2300", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("soon", None),
        ("", None),
        ("Sat, 99 Nov 2026 15:00:00 GMT", None),
        (None, None),
    ],
)
def test_a_date_header(text: str | None, at: datetime | None) -> None:
    assert server_date(text) == at


@pytest.mark.parametrize(("apart", "right"), [(4, True), (-4, True), (6, False), (-90, False), (None, False)])
def test_only_a_clock_that_is_right_puts_stored_times_right(apart: int | None, right: bool) -> None:
    told = CrmClock() if apart is None else CrmClock(NOW - timedelta(minutes=apart))
    crm = mock.Mock(clock=lambda: told)
    with mock.patch("crmsync.clock.now", lambda: NOW):
        assert Opened(mock.Mock(), crm, mock.Mock()).clock_confirmed is right


def test_a_wait_since_the_latest_answer_puts_no_clock_wrong() -> None:
    """The run waited for three hours, asleep or for the CRM: both clocks went on."""
    told = CrmClock(NOW - timedelta(hours=3), heard=running_seconds() - 3 * 3600)
    refuse_wrong(told, NOW)
    assert clock_notes(told, NOW) == ()
    assert confirmed(told, NOW)
    with pytest.raises(WrongClock, match="hours ahead of"):
        refuse_wrong(replace(told, heard=running_seconds()), NOW)
