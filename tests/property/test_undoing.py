"""A run taken back, in any state of the firm: what nobody touched since is as before, turns and hand-offs included.

The firm's CRM is in memory, its store and runs are real; the worlds are those of `test_pilots_and_people`.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest
from test_pilots_and_people import EDITS, PILOTS, World

from crmsync.contract import Closing
from crmsync.model import Plan
from crmsync.run.aims.chosen import Chosen
from crmsync.run.aims.undoing import Undoing
from crmsync.run.counters import counters_from
from crmsync.store import Store
from suite.breadth import broadly

Records = Mapping[str, Mapping[str, str | None]]
WITH_OWNER = ("Bdr", "Answer", "Before")


def records(world: World) -> dict[str, dict[str, str | None]]:
    return {name: dict(record) for name, record in world.crm.records.items()}


def turns(world: World) -> dict[Any, Any]:
    """Turns and how far everybody is behind or ahead, as the next run counts them; the day's numbers stay."""
    firm = world.firm
    counted = counters_from(firm.store.journal.turns(firm.name), firm.prepared.roster)
    return {
        (pool, key): (state["turns"], state.get("lag"))
        for pool, people in counted.items()
        for key, state in people.items()
        if state["turns"] or state.get("lag")
    }


def under_way(world: World) -> dict[str, tuple[str, int]]:
    """Lead → receiver and number of its hand-off under way."""
    rows = world.firm.store.hand_offs.read(world.firm.name)
    return {row.lead: (row.receiver, row.attempt) for row in rows if row.ended_at is None}


def some_run(world: World) -> Plan:
    pick = world.chance.choice
    match pick(("run", "run", "pilot", "leaver")):
        case "pilot":
            return world.carry_out(aim=Chosen(**pick(PILOTS), alone=False))
        case "leaver":
            return world.carry_out("abe")
        case _:
            return world.carry_out()


def undo(world: World, run: int | None, **more: Any) -> Plan:
    assert run is not None
    return world.carry_out(aim=Undoing(run, **more))


def as_it_should_be(before: Records, wrote: Records, now: Records, alone: set[str]) -> dict[str, dict[str, Any]]:
    """Each part of each lead by itself: given back unless somebody has touched it since."""
    expected = {name: dict(record) for name, record in now.items()}
    for name in now.keys() - alone:
        held = {field for field in now[name] if now[name][field] == wrote[name][field]}
        back = {field for field in now[name] if now[name][field] == before[name][field]}
        for field in held:
            if field not in WITH_OWNER or "OwnerId" in held | back:
                expected[name][field] = before[name][field]
    return expected


@pytest.mark.breadth
@pytest.mark.parametrize("seed", broadly([5, 0, 2, 7]))  # in 5 a turn is given back that somebody away had shared
def test_what_nobody_touched_since_is_as_before(seed: int, tmp_path: Path) -> None:
    with closing(Store(tmp_path / "store.db")) as store:
        world = World(Random(1_000 + seed), store)
        world.crm.closings["Task"] = Closing("Subject", "closed", frozenset({"closed"}))
        for _ in range(4):
            for _ in range(2):
                world.step()
            world.comes_to_rest()
            for _ in range(4):
                world.people_do(world.chance.choice(("fact", "fact", "call", "owner", "stage", "later")))
            world.firm.run(dry_run=True, allowed=99)
            settled = not world.firm.store.journal.open_credits(world.firm.name)
            before, counted, watched = records(world), turns(world), under_way(world)
            ran = some_run(world)
            wrote = records(world)
            if touched := world.chance.choice((True, False)):
                world.people_do(world.chance.choice(("owner", "stage", "points", "action")))
            now = records(world)
            taken = undo(world, ran.run_id)
            assert records(world) == as_it_should_be(before, wrote, now, world.alone_by_people())
            world.turns_are_those_of_entries()
            if not touched and settled and not world.alone_by_people() & {change.lead for change in ran.changes}:
                assert turns(world) == counted
                gone = {name for name in watched if name not in under_way(world)}
                assert under_way(world).items() <= watched.items(), gone
                assert undo(world, ran.run_id).changes == ()
                undone = {change.lead for change in taken.changes}
                for full in (False, True):
                    plan = world.firm.run(dry_run=True, full=full, allowed=99)
                    assert not undone & {change.lead for change in plan.changes}
                undo(world, taken.run_id)
                assert records(world) == wrote
                world.turns_are_those_of_entries()


def test_the_world_knows_the_fields_that_are_edited() -> None:
    assert {EDITS[what][0] for what in ("owner", "stage", "points", "action")} == {
        "OwnerId", "Status", "Points", "Next"
    }  # fmt: skip
