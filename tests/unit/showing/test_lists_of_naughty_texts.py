"""History, holds and conflicts show whatever stands in the CRM or was typed: on its line, and it steers nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from crmsync.operations.history.lead_history import Entry, LeadHistory
from crmsync.operations.left_alone.holds import Kept
from crmsync.operations.report.conflicts import Conflict, ConflictReport
from crmsync.run.left_alone import LeftAlone
from crmsync.showing.foreign_text import _STEERING
from crmsync.showing.history.history_table import history_parts
from crmsync.showing.left_alone.holds_table import holds_parts
from crmsync.showing.rendering import as_json, rendered
from crmsync.showing.report.conflict_table import conflict_parts
from crmsync.store import Overruled, Overruling, StageMove
from suite.naughty import COUNT, NAUGHTY

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = date(2026, 11, 21)


def history(text: str) -> tuple[str, Any]:
    """A change, a closed task, a move and an overruling that say `text` wherever it is not ours."""
    values: dict[str, Any] = {"connection": text, "run": 7, "at": AT, "lead": text, "field": text}
    values |= {"before": text, "after": f"{text}!", "part": "other", "outcome": "refused", "state": "refused"}
    entries = (
        Entry(**values, message=text, reasons=(text, f"and {text}")),
        Entry(**{**values, "part": "record"}, message=text, reasons=(), object=text, record=text),
    )
    moves = ((text, text, StageMove(1, text, f"{text}!", DAY, DAY, "crm", None)),)
    told = Overruled(1, Overruling(text, "stage", text, f"{text}!"), DAY, None, None)
    made = LeadHistory(entries, moves, ((text, told),), {text: text}, {text: text})
    return rendered(*history_parts(made)), made.to_json()


def holds(text: str) -> tuple[str, Any]:
    """A hold whose reason, lead, name and author say so."""
    made = [Kept(text, LeftAlone(text, "held", text, DAY), text, text, AT)]
    return rendered(*holds_parts(made)), [each.to_json() for each in made]


def conflicts(text: str) -> tuple[str, Any]:
    """A person's and an automation's conflict of which every word says so."""
    people = ({"kind": "person", "user": "u1", "source": text}, {"kind": "automation", "user": None, "source": text})
    found = tuple(
        Conflict(
            text, text, part, (Overruled(1, Overruling(text, part, "u1", text), DAY, actor, None),), stopped=True
        )
        for part, actor in zip(("owner", "stage"), people, strict=True)
    )
    made = ConflictReport(text, 3, found, {"u1": text, text: text}, text)
    return rendered(*conflict_parts(made)), made.to_json()


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """So wide that no line is folded."""
    monkeypatch.setenv("COLUMNS", "20000")


@pytest.mark.breadth
@pytest.mark.parametrize("told", [history, holds, conflicts])
def test_no_naughty_text_makes_a_line_or_steers(told: Callable[[str], tuple[str, Any]]) -> None:
    assert len(NAUGHTY) == COUNT
    lines = len(told("harmless")[0].splitlines())
    for text in NAUGHTY:
        shown, data = told(text)
        where = ascii(text[:80])
        assert len(shown.splitlines()) <= lines, where  # nothing is told of an empty name
        assert not _STEERING.search(shown.replace("\n", "")), where
        assert "\x1b" not in shown, where
        assert json.loads(as_json(data)) == json.loads(json.dumps(data)), where


def test_a_leak_would_be_seen() -> None:
    """What is shown without `markup`, planted, changes the lines."""
    text = next(text for text in NAUGHTY if "\n" in text)
    assert len(rendered(f"x {text} y").splitlines()) > 1
