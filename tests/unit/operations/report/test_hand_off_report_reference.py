"""docs/reference/routing-reports.md names every key of the report of hand-offs, and every state and end."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

from crmsync.hand_off import Clock, ClockReading, HandOffRecord
from crmsync.hand_off.state import EndedBy
from crmsync.operations.report.hand_off_clocks import clock_figures
from crmsync.operations.report.hand_offs import HandOffLine, HandOffReport, ReceiverFigures, State, WatchedHandOver
from crmsync.qualify.language.clocks import NamedClock
from crmsync.qualify.language.hand_overs import HandOver

PAGE = (Path(__file__).parents[4] / "docs" / "reference" / "routing-reports.md").read_text(encoding="utf-8")
CHAPTER = PAGE.partition("## `crmsync report hand-offs")[2].partition("\n## ")[0]
AT = datetime(2026, 11, 16, 9, tzinfo=UTC)


def test_every_key_is_described() -> None:
    hand_off = HandOffRecord(1, "a", 1, "bert", "ann", None, AT, *(None,) * 7, "to_ae", AT, "desk")  # type: ignore[arg-type]
    reading = ClockReading(NamedClock(name="answer", within_hours=4.0), "unknown")
    line = HandOffLine(hand_off, Clock(AT, None, None, timedelta(), late=False), "Nadia", {}, clocks=(reading,))
    hand_over = HandOver(name="to_ae", stage="sql", clocks=(reading.clock,))
    clocks = tuple(clock_figures([hand_over], [line]))
    figures = ReceiverFigures("ann", 1, 1, 0, 0, 0, None, "to_ae")
    several = (WatchedHandOver("to_ae", "AE", True, 4.0),)
    report = HandOffReport("salesforce", AT, 30, True, 4.0, (line,), (figures,), {}, several, clocks, 1).to_json()
    described = {key for row in re.findall(r"^\| (`.*?) \|", CHAPTER, re.M) for key in re.findall(r"`(\w+)`", row)}
    [told] = report["hand_offs"]
    parts = (report["receivers"][0], report["hand_overs"][0], report["clocks"][0], told["clocks"][0])
    assert {*report, *told, *(key for part in parts for key in part)} == described


def test_every_state_and_end_is_named() -> None:
    [states] = re.findall(r"^\| `state` \|(.*)$", CHAPTER, re.M)
    assert set(re.findall(r"`(\w+)`", states)) == set(get_args(State))
    [ends] = re.findall(r"^\| `ended_by` \|(.*)$", CHAPTER, re.M)
    assert set(re.findall(r"`(\w+)`", ends)) == set(get_args(EndedBy))
