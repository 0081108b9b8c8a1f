"""Plans and reports of hand-offs on narrow terminals: nothing is cut off, nothing is drawn as a picture."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from crmsync.hand_off import Clock, HandOffRecord
from crmsync.model import Change, HandOffStep, NewRecord, Plan, Routing
from crmsync.operations.explain.owner_story import OwnerStory
from crmsync.operations.report.hand_offs import HandOffLine, HandOffReport, ReceiverFigures
from crmsync.operations.run.every_connection import ConnectionReport
from crmsync.showing.explain.owner_parts import owner_parts
from crmsync.showing.rendering import rendered
from crmsync.showing.report.hand_off_table import hand_off_parts
from crmsync.showing.run.plan_table import plan_parts
from crmsync.store import OwnerMove
from crmsync.values import replace

NAMES = {"u1": "Maximiliane Breitenbacher", "u2": "Bartholomew Featherstonehaugh"}
LEAD = "00QKp0000000003MAA"
HANDED = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)


def hand_off(**more: Any) -> HandOffRecord:
    empty = dict.fromkeys(
        ("touched_at", "accepted_at", "reminded_at", "returned_at", "reason", "ended_at", "ended_by")
    )
    values = {"id": 1, "lead": LEAD, "attempt": 1, "bdr": "u1", "receiver": "u2", "pool": "receivers"}
    return HandOffRecord(**{**values, "handed_at": HANDED, **empty, **more})


def line(*, late: bool = False, **more: Any) -> HandOffLine:
    due = HANDED + timedelta(hours=4)
    clock = Clock(due, None, None, timedelta(hours=5 if late else 1), late)
    return HandOffLine(hand_off(**more), clock, "Nadia Müller · Sparrow Travel BV", NAMES)


def report(*lines: HandOffLine) -> HandOffReport:
    figures = (ReceiverFigures("u2", 12, 3, 8, 1, 2, 3.25),)
    return HandOffReport("salesforce", HANDED, 30, True, 4.0, lines, figures, NAMES)


@pytest.fixture(params=[80, 120])
def columns(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setenv("COLUMNS", str(request.param))
    monkeypatch.setenv("NO_COLOR", "1")
    width: int = request.param
    return width


def fits(text: str, columns: int) -> list[str]:
    lines = [each.rstrip() for each in text.splitlines()]
    assert max(map(len, lines)) <= columns
    assert "…" not in text, "something is cut off"
    return lines


def test_a_report_of_hand_offs_fits(columns: int) -> None:
    returned = line(late=True, returned_at=HANDED, reason="wrong region [red]")
    text = rendered(*hand_off_parts(report(line(), returned), 50))
    shown = fits(text, columns)
    joined = " ".join(" ".join(shown).split())
    for words in ("2026-11-20 20:00", "no contact yet", "returned (late)", "[red]"):
        assert words in joined
    assert sum(each.startswith(f" {LEAD} ") for each in shown) == 2, "an id is never broken"
    assert sum("after 5.0 working" in each for each in shown) == 1


def test_late_ones_only_and_none_is(columns: int) -> None:
    text = rendered(*hand_off_parts(report(), 50))
    assert fits(text, columns)[-1] == "  None of them is late."
    assert "Handed off, due" not in text


def change() -> Change:
    return Change(
        lead=LEAD,
        stage_before="sal",
        stage_after="sql",
        owner_before="u1",
        owner_after="u2",
        writes={"OwnerId": ("u1", "u2")},
        scores={},
        reasons=("Sales qualified lead: asked for a demo; nothing known speaks against it",),
        hand_off=HandOffStep("passed_on", 2, "u1", "wrong region"),
        creates=(NewRecord("Task", {"Subject": "Get in touch (hand-off 2)"}, ("Subject",)),),
        routing=Routing("next in the rotation of pool receivers", "receivers", 4, 5),
    )


def test_a_plan_fits_and_tells_what_becomes_of_hand_offs(columns: int) -> None:
    counts = {"read": 1, "decided": 1, "changes": 1, "set_aside": 0, "calls": 3}
    plan = Plan("salesforce", date(2026, 11, 20), (change(),), (), (), counts, {}, "d", outcomes={LEAD: "written"})
    told = ConnectionReport(plan=plan, dry_run=False, user_names=NAMES, lead_names={LEAD: "Nadia Müller · Sparrow"})
    shown = fits(rendered(*plan_parts(told, show=20)), columns)
    joined = " ".join(" ".join(each.replace("│", " ") for each in shown).split())
    assert "Hand-offs: returned and passed on 1" in joined
    assert "1 change ·" in joined
    assert sum(each.startswith(f" {LEAD} ") for each in shown) == 1
    assert "sal → sql" in joined
    assert "wrong region" in joined


def test_turns_stand_once_per_pool(columns: int) -> None:
    counts = {"read": 2, "decided": 2, "changes": 2, "set_aside": 0, "calls": 3}
    turns = (4, 5), (5, 6)
    changes = tuple(replace(change(), routing=Routing("next", "receivers", *turn)) for turn in turns)
    plan = Plan("salesforce", date(2026, 11, 20), changes, (), (), counts, {}, "d")
    told = ConnectionReport(plan=plan, dry_run=True, user_names=NAMES, lead_names={})
    joined = " ".join(" ".join(fits(rendered(*plan_parts(told, show=20)), columns)).split())
    assert "Turns in pool receivers: Bartholomew Featherstonehaugh 4 → 6" in joined
    assert joined.count("receivers") == 1


def test_how_the_owner_was_found_is_told_with_the_counter_of_the_right_kind() -> None:
    def story(pool: str) -> str:
        routing = Routing("same company as lead 7, which goes to the same owner", pool, 0, 1)
        shown = rendered(*owner_parts(OwnerStory(OwnerMove("u2", HANDED, routing), (line(late=True),), NAMES)))
        return " ".join(shown.split())

    assert "their leads outside any rotation: 0 before, 1 after" in story("direct")
    told = story("receivers")
    assert "their turns in pool receivers: 0 before, 1 after" in told
    assert (
        "1. 2026-11-20 16:00 UTC Maximiliane Breitenbacher → Bartholomew Featherstonehaugh: no contact yet, "
        "late: due 2026-11-20 20:00"
    ) in told


def test_a_place_in_a_file_is_not_drawn_as_a_picture() -> None:
    assert rendered("policy.yaml:100:18 is wrong").strip() == "policy.yaml:100:18 is wrong"
