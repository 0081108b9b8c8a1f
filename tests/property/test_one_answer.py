"""One answer for the same facts: run, second run, `run --full`, explain, simulate and work list agree, day by day.

Random policies over everything the language has, on a firm whose CRM is in memory and whose store and runs are real.
Between the days people change facts, owners and stages, and something happens; then the run that looks at what is due
must plan what the one plans that looks at all.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from generated_policies import AS_OF, FACTS, Maker
from ruamel.yaml import YAML
from small_firm import ROSTER, Firm

from crmsync.contract import LEAD_ID
from crmsync.operations.report.worklist import _wanted, _work_list
from crmsync.operations.simulate.policy import _simulated
from crmsync.qualify.explain import explain
from crmsync.run.gather import gathered
from crmsync.store import Store
from crmsync.values import replace
from suite.breadth import broadly

LEADS = 14
STAGES = ("lead", "mql", "sql", "sqo", "out")
NOON = datetime(AS_OF.year, AS_OF.month, AS_OF.day, 12, tzinfo=UTC)
MAPPING = f"""
format: 1
connector: salesforce
lead: {{object: Lead, email: Email, company: Company, created_at: CreatedDate}}
owner: {{field: OwnerId}}
stage: {{field: Status, values: {{{", ".join(f"{stage}: {stage}" for stage in STAGES)}}}}}
facts:
""" + "".join(
    f"  {name}: {{field: F_{name}, type: {fact['type']}}}\n" if name != "ghost" else "  ghost: unmapped\n"
    for name, fact in FACTS.items()
)
MAPPING += """
activities:
  - {object: Task, at: At, by: OwnerId, kind: {from: Kind}, outcome: {from: Outcome}, direction: {from: Direction}}
"""
ROSTERS = (
    ROSTER,
    ROSTER.replace("role: ae}", "role: ae, capacity: {per_day: 2, open_leads: 6}}"),
    ROSTER
    + "rules:\n  hand_off: [{strategy: least_loaded, pool: receivers}]\n"
    + "  new_lead: [{strategy: least_loaded, pool: bdrs}]\n",
)
HAND_OFFS = (None, {"stage": "sql"}, {"stage": "mql"})


def text(value: Any) -> str | None:
    """A value as a CRM tells it."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


class World:
    """One firm with a random policy, and people who change things."""

    def __init__(self, chance: Random, store: Store) -> None:
        self.chance = chance
        self.maker = Maker(chance)
        policy = self.maker.policy()
        hand_off = chance.choice(HAND_OFFS)
        policy |= {"hand_off": hand_off} if hand_off else {}
        written = io.StringIO()
        YAML().dump(policy, written)
        texts = {"policy": written.getvalue(), "roster": chance.choice(ROSTERS), "mapping": MAPPING}
        if "disqualified" not in policy:
            texts["mapping"] = MAPPING.replace(", out: out", "")
        self.firm = Firm(store, "firm", texts, now=NOON)
        self.firm.crm.records = {f"L{number}": self.lead(number) for number in range(LEADS)}

    def lead(self, number: int) -> dict[str, str | None]:
        made = self.maker.lead(number)
        stage = made["stage"]
        return {
            "Status": stage,
            "OwnerId": self.chance.choice([None, "bea", "ann", "eve", "desk"]),
            "Email": f"p{number}@firm{number % 9}.example" if number % 5 else made["email"],
            "Company": f"Firm {number % 9}",
            "CreatedDate": (NOON - timedelta(days=30, minutes=number % 4)).isoformat(),
            **{f"F_{name}": text(made[name]) for name in FACTS if name != "ghost"},
        }

    def things_happen(self) -> None:
        crm, pick = self.firm.crm, self.chance.choice
        for name in self.chance.sample(sorted(crm.records), 4):
            other = self.lead(int(name[1:]))
            field = pick(["Status", "OwnerId", *[key for key in other if key.startswith("F_")]])
            crm.records[name][field] = other[field]
        for name in self.chance.sample(sorted(crm.records), 4):
            for activity in self.maker.activities(0)[:2]:
                day = self.firm.now.date() + (activity["day"] - AS_OF)
                crm.activities[f"t{len(crm.activities)}"] = {
                    LEAD_ID: name,
                    "Kind": activity["kind"],
                    "Outcome": activity["outcome"],
                    "Direction": activity["direction"],
                    "OwnerId": pick(["bea", "ann", None]),
                    "At": day.isoformat(),
                }

    def stages(self) -> Mapping[str, str | None]:
        """Lead → stage as the CRM holds it; of unmanaged ones null."""
        known = self.firm.prepared.mapping.stage.values
        held = {name: record["Status"] for name, record in self.firm.crm.records.items()}
        return {name: "lead" if stage is None else stage if stage in known else None for name, stage in held.items()}

    def plans_alike(self) -> None:
        """Whichever leads a run looks at, it plans the same; then that is carried out."""
        due, whole = self.firm.run(dry_run=True), self.firm.run(dry_run=True, full=True)
        assert _shown(due) == _shown(whole)
        done = self.firm.run()
        assert _shown(due) == _shown(done)
        assert set(done.outcomes.values()) <= {"written"}

    def nothing_is_left(self) -> None:
        """The same facts plan nothing; what explains, simulates and lists says where the leads stand."""
        assert _shown(self.firm.run(dry_run=True)) == {}
        assert _shown(self.firm.run(dry_run=True, full=True)) == {}
        assert _shown(self.firm.run()) == {}
        ready, store, day = self.firm.prepared, self.firm.store, self.firm.now.date()
        stages = self.stages()
        batches = list(gathered(ready, store, day, everything=True))
        told = {one.lead: one.stage for batch in batches for one in explain(ready.compiled, batch, day, ways=False)}
        assert told == stages
        simulation = _simulated(ready, ready, store, (), day, self.firm.now, None)
        assert simulation.moved() == 0
        assert {stage: both for stage, both in simulation.stages.items() if both[0] != both[1]} == {}
        assert [load for load in simulation.owners if load.before != load.after] == []
        wanted = _wanted(ready, [rung.stage for rung in ready.compiled.policy.ladder], None)
        listed = _work_list(ready, store, wanted, 99, day).entries
        assert {one.lead: one.stage for one in listed}.items() <= stages.items()


def _shown(plan: Any) -> dict[str, Any]:
    return {
        change.lead: (change.stage_before, change.stage_after, change.owner_before, change.owner_after)
        for change in plan.changes
    }


@pytest.mark.parametrize(("seed", "rounds"), broadly([(0, 2), *((seed, 3) for seed in range(4))]))
def test_every_way_of_asking_gives_one_answer(seed: int, rounds: int, tmp_path: Path) -> None:
    chance = Random(seed)
    with closing(Store(tmp_path / "store.db")) as store:
        world = World(chance, store)
        world.plans_alike()
        world.nothing_is_left()
        for days in (1, chance.choice([2, 6, 11]), chance.choice([5, 31]))[:rounds]:
            world.firm = replace(world.firm, now=world.firm.now + timedelta(days=days))
            world.plans_alike()
            world.things_happen()
            world.plans_alike()
            world.nothing_is_left()
