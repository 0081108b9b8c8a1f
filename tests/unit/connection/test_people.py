"""People as an admin names them, and whether they are still there. Names are resolved against the CRM's users."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from crmsync.connection.people import has_left, user_named
from crmsync.contract import CrmUser
from crmsync.errors import UsageError
from crmsync.route.roster.resolution import resolve

sys.path.insert(0, str(Path(__file__).parents[2] / "cases" / "route"))
from routing_world import roster

NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)
USERS = (
    CrmUser("u1", "Ann Lee", "ann@firm.example", True),
    CrmUser("u2", "Abe Fox", "abe@firm.example", False),
    CrmUser("u3", "Bea Kay", "twins@firm.example", True),
    CrmUser("u4", "Bob Kay", "twins@firm.example", True),
    CrmUser("u5", "Eve", None, True),
    CrmUser("q1", "Inbound", None, True, kind="queue"),
)
ROSTER = roster(
    """
people:
  - {user: ann@firm.example, role: ae, ends: 2026-11-16, time_zone: Pacific/Auckland}
  - {user: abe@firm.example, role: ae}
  - {user: u3, role: bdr}
"""
)


def prepared() -> Any:
    """As much of a prepared connection as names take."""
    return SimpleNamespace(name="east", users=USERS, roster=resolve(ROSTER, USERS, "east"))


@pytest.mark.parametrize(
    ("written", "user"),
    [
        ("u1", "u1"),
        ("ann@firm.example", "u1"),
        ("ANN@firm.example", "u1"),
        ("abe@firm.example", "u2"),
        ("u5", "u5"),
        ("gone-owner", "gone-owner"),
    ],
)
def test_one_person_is_meant(written: str, user: str) -> None:
    assert user_named(prepared(), written, {"gone-owner": 3}) == user


@pytest.mark.parametrize(
    ("written", "message", "hint"),
    [
        ("twins@firm.example", "several users of east have this e-mail address", "name one by its id: u3, u4"),
        ("q1", "`q1` is a queue of east, not a person", "write the e-mail"),
        ("Inbound", "`Inbound` is a queue of east, not a person", "write the e-mail"),
        ("ann@firm.exmple", "this e-mail address is no user of east", "did you mean `--from u1`?"),
        ("Ann Le", "`Ann Le` is no user of east", "did you mean `--from u1`?"),
        ("somebody quite else", "`somebody quite else` is no user of east", "write the e-mail"),
    ],
)
def test_one_who_is_nobody_or_several_is_told_without_an_address(written: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as raised:
        user_named(prepared(), written, {})
    assert raised.value.message == message
    assert (raised.value.hint or "").startswith(hint)


@pytest.mark.parametrize(
    ("user", "hours", "left"),
    [
        ("u1", -2, False),
        ("u1", 0, True),
        ("u2", 0, True),
        ("u3", 0, False),
        ("u5", 0, False),
        ("q1", 0, False),
        ("nobody", 0, True),
    ],
)
def test_who_has_left(user: str, hours: int, left: bool) -> None:
    """Midnight of Ann's last day is 11:00 UTC."""
    assert has_left(prepared(), user, now=NOON + timedelta(hours=hours)) is left
