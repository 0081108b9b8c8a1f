"""What stands above a plan that guards have stopped, and in lists of runs."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from crmsync.model import GuardReading
from crmsync.plan import with_way_on
from crmsync.showing.run.guard_words import guard_lines
from crmsync.store import Breach


def breached(name: str, options: str) -> GuardReading:
    advice = f"look at {name}" if options else ""
    return GuardReading(name, 2, 1, breached=True, words="2", way_on="switch it on", advice=advice, options=options)


def test_the_command_that_lets_all_through_stands_once_at_the_last() -> None:
    readings = [
        breached("writes_off", ""),
        breached("backward", "--allow backward=2"),
        breached("calls", "--allow calls=2"),
    ]
    lines = list(guard_lines(SimpleNamespace(guards=with_way_on(readings, "run c"))))  # type: ignore[arg-type]
    assert lines[1::2] == [
        "    → switch it on",
        "    → look at backward: the command below",
        "    → look at calls: crmsync run c --allow backward=2 --allow calls=2",
    ]


def test_one_breach_has_its_command() -> None:
    readings = with_way_on([breached("calls", "--allow calls=2")], "run c")
    lines = list(guard_lines(SimpleNamespace(guards=readings)))  # type: ignore[arg-type]
    assert lines[1] == "    → look at calls: crmsync run c --allow calls=2"


@pytest.mark.parametrize(
    ("breach", "words"),
    [
        (Breach("writes_off", 1, 0), "writes_off"),
        (Breach("changed_share", 0.5103, 0.3), "changed_share 51.0% over 30.0%"),
        (Breach("backward", 12, 5), "backward 12 over 5"),
    ],
)
def test_a_breach_in_a_list(breach: Breach, words: str) -> None:
    assert str(breach) == words
