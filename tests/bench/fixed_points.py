"""Whether runs come to rest: `python tests/bench/fixed_points.py [POLICIES] [FIRST_SEED]`, on both practice CRMs.

Random policies over the whole language, all with recycling, `since`, a running total and points for silence, two of
three with several hand-overs; then every preset, one after the other on the same leads; then the whole definitions of
`docs/examples`, each on its own. Under each one days pass, people change facts and stages, something happens; and
after each run `run --full --dry-run` must plan nothing, nor a dry run of what is due. Prints what moved under each
policy, and what a second look would still have changed. Exit code: 0, or 1 where there was something.

Clocks are the only thing that is not real: crmsync's and both CRMs' are moved together.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock

import yaml

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "acceptance"))
sys.path.insert(0, str(Path(__file__).parents[1] / "property" / "qualify"))

from generated_policies import AS_OF, FACTS, Maker
from rehearsal import CRMS, Rehearsal, rehearsal, write_world
from small_world import NATIVE, USERS
from test_hand_off import MAPPED
from whole_definitions import EXAMPLES, FOREIGN, Definition, definition, lead_id, native, practised

from crmsync import clock
from crmsync.configuration import read_document
from crmsync.operations.policy.named import preset, preset_summaries
from crmsync.operations.policy.written_out import resolved_yaml

REAL = clock.now
LEADS = 90
ROUNDS = 3
ALLOWED = ("--allow", "few-leads=0", "--allow", "few-activities=0")
"""What was changed in a month that is skipped, and what in the same hour, are no readings to compare."""
POLICIES_AT_ONCE = 10
"""Policies on the same leads, before there are new ones."""
PEOPLE = ("bdr-1", "bdr-2", "ae-1", "ae-gone", "queue-1", None)
OTHER_WORDS = {"form": "form_submission", "out": "disqualified"}
"""Kinds and stages of the generator that have a home in practice CRMs by another name."""
STAGES = (None, "lead", "mql", "sql", "sqo", "disqualified")


@dataclass
class Rest:
    """What became of one policy. `moved`: changes that runs made; `still`: those that a second look planned."""

    name: str
    moved: int = 0
    still: list[str] = field(default_factory=list)


class Firm:
    """One rehearsal, whose people do things, and whose time goes on."""

    def __init__(self, here: Rehearsal, chance: Random, maker: Maker) -> None:
        self.here, self.chance, self.maker = here, chance, maker
        self.now = REAL()
        self.happened = 0
        users = here.state("hubspot")["users"]
        self.people = [*(user["id"] for user in users if user["type"] == "person"), None]
        kept = ("roster.yaml", *(f"mappings/{crm}.yaml" for crm in CRMS))
        self.starters = {name: here.file(name).read_text(encoding="utf-8") for name in kept}

    def settles_under(self, name: str, policy: Mapping[str, Any], *, rounds: int = ROUNDS) -> Rest:
        """Days pass and things happen under this policy: what the runs move, and what is still left to move then."""
        for file, text in self.starters.items():
            self.here.file(file).write_text(text, encoding="utf-8")
        for crm in CRMS:
            self.here.change(f"mappings/{crm}.yaml", lambda data: _fitted(data, policy))
        if "hand_overs" in policy:
            self.here.change("roster.yaml", lambda data: data.update(_rules(policy["hand_overs"])))
            for crm in CRMS:
                self.here.change(f"mappings/{crm}.yaml", lambda data, crm=crm: data.update(hand_off=MAPPED[crm]))
        (self.here.directory / "policy.yaml").write_text(yaml.safe_dump(policy, allow_unicode=True), encoding="utf-8")
        return self.settles(name, rounds=rounds)

    def settles(self, name: str, *, rounds: int = ROUNDS) -> Rest:
        """The same under the files as they stand."""
        rest = Rest(name)
        for number in range(rounds):
            with self.another_day():
                if number:
                    self.things_happen()
                rest.moved += len(self.changes(rest, "run"))
                for again in (("run", "--full", "--dry-run"), ("run", "--dry-run")):
                    rest.still += [f"{' '.join(again)}: {change}" for change in self.changes(rest, *again)]
        return rest

    def changes(self, rest: Rest, *command: str) -> list[str]:
        """What a run changes, or would."""
        told = self.here.json(*command, *ALLOWED, code=(0, 3, 4))
        found = []
        for plan in told["plans"]:
            breached = [guard["name"] for guard in plan["guards"] if guard["breached"]]
            rest.still += [f"{' '.join(command)}: {name} is breached" for name in breached]
            for change in plan["changes"]:
                if change.get("outcome", "written") != "written":
                    rest.still.append(f"{' '.join(command)}: {change['outcome']}")
                found.append(f"{plan['connection']} {change['lead']} {change['stage']} {change['owner']}")
        return found

    @contextmanager
    def another_day(self) -> Iterator[None]:
        """None, one or many days later, for crmsync and for both CRMs."""
        self.now += timedelta(days=self.chance.choice([0, 1, 1, 2, 7, 31]))
        ahead = self.now - REAL()
        for crm in CRMS:
            self.here.control(crm, "clock", "PUT", {"now": self.now.isoformat()})
        with mock.patch("crmsync.clock.now", lambda: REAL() + ahead):
            yield

    def things_happen(self) -> None:
        """The same in both CRMs: facts, stages and owners change, activities come."""
        pick = self.chance.choice
        leads = [lead["id"] for lead in self.here.state("hubspot")["leads"]]
        some = self.chance.sample(leads, 12)
        activities = []
        for lead in some[:8]:
            self.happened += 1
            activities += _activities(self.maker, f"later {self.happened}", lead, self.now, self.people)
        words = ("accepted", "returned", "returned", None)
        facts = {lead: _facts(self.maker, 0) | {"hand_off_response": pick(words)} for lead in some[4:9]}
        changed = [{"id": lead, "attributes": facts[lead]} for lead in facts]
        moved = [(lead, pick(STAGES[1:]), pick(self.people)) for lead in some[9:]]
        for crm in CRMS:
            edits = [{"id": lead, "stage": NATIVE[crm][stage], "owner": owner} for lead, stage, owner in moved]
            self.here.edit(crm, by=self.people[0], leads=[*changed, *edits], activities=activities)


class DefinedFirm(Firm):
    """One whole definition of `docs/examples`: its leads have each other's facts and deeds as time goes on."""

    def __init__(self, here: Rehearsal, chance: Random, told: Definition) -> None:
        super().__init__(here, chance, Maker(chance))
        self.told = told
        self.now = datetime.combine(told.as_of, time_of_day(12), UTC)

    def things_happen(self) -> None:
        pick, told = self.chance.choice, self.told
        leads = [lead_id(each) for each in told.examples if each.get("managed", True)]
        some = self.chance.sample(leads, 9)
        activities, changed = [], []
        for lead in some[:6]:
            for number, one in enumerate(pick(told.examples).get("activities", ())):
                self.happened += 1
                at = self.now - timedelta(hours=self.chance.randrange(1, 400))
                activity = {"id": f"later {self.happened} {number}", "lead": lead, "at": at.isoformat()}
                asked = {key: one.get(key) for key in ("kind", "outcome", "direction", "by")}
                activities.append(activity | {"subject": None} | asked)
        for lead in some[3:8]:
            facts = {name: value for name, value in pick(told.examples).get("facts", {}).items() if name != "email"}
            facts |= {name: value.isoformat() for name, value in facts.items() if isinstance(value, date)}
            company = {"company": facts.pop("company")} if "company" in facts else {}
            changed.append({"id": lead, "attributes": facts, **company})
        left = [told.policy["disqualified"]["stage"]] if "disqualified" in told.policy else []
        stages = [*(rung["stage"] for rung in told.policy["ladder"]), *left]
        moved = [(lead, native(told, pick(stages)), pick(self.people)) for lead in some[7:]]
        for crm in CRMS:
            edits = [{"id": lead, "stage": (to or FOREIGN)[crm], "owner": owner} for lead, to, owner in moved]
            self.here.edit(crm, by=self.people[0], leads=[*changed, *edits], activities=activities)


def random_policy(seed: int) -> tuple[str, dict[str, Any]]:
    """A policy with recycling, `since`, a running total and silence among all else, in words that CRMs know."""
    for number in range(100):
        maker = Maker(Random(f"{seed} {number}"))
        data = maker.policy()
        data["scores"]["work"] = maker.running()
        _asking_of_the_way(data, maker)
        text = str(data)
        if "recycle" in data.get("disqualified", {}) and "'since'" in text and "'silence'" in text:
            break
    handed = maker.pick([{}, {"hand_off": {"stage": "sql"}}, {"hand_off": {"stage": "mql"}}])
    if seed % 3:
        handed = {"hand_overs": hand_overs(maker)}
    told = _in_other_words(data | handed)
    assert isinstance(told, dict)
    return f"random {seed}", told


PROCESS: dict[str, Any] = {
    "task": {"subject": "Get in touch", "due_hours": 4},
    "first_touch": {"within_hours": 4, "remind_after_hours": 4, "reassign_after_hours": 8},
    "returned": {"to": "bdr", "at_most": 2, "again_after_days": 3},
}
TO: dict[str, Any] = {
    "to_bdr": [{"pool": "bdrs"}],
    "to_ae": [{"pool": "aes"}],
    "hot": [{"pool": "aes", "strategy": "least_loaded"}],
    "nurture": [{"strategy": "queue", "queue": "Unassigned Queue"}],
}


def hand_overs(maker: Maker) -> list[dict[str, Any]]:
    """Two or three of four: to a BDR, to an AE, to an AE by a criterion, and into a queue on leaving the ladder."""
    wanted = maker.pick(
        [("to_bdr", "to_ae"), ("to_bdr", "nurture"), ("to_ae", "nurture"), ("to_bdr", "hot", "nurture")]
    )
    ways: dict[str, dict[str, Any]] = {
        "to_bdr": {
            "stage": maker.pick(["lead", "mql"]),
            "from": maker.pick(["nobody", ["nobody", "queue"], "anybody"]),
        },
        "to_ae": {"stage": maker.pick(["sql", "sqo"]), **maker.pick([{}, {"from": ["nobody", {"role": "bdr"}]}])},
        "hot": {"when": maker.pick(["c0", "c1", "c2"]), **maker.pick([{}, {"stage": "mql"}])},
        "nurture": {"leaving": maker.pick([True, "first", ["first", "second"]])},
    }
    found = []
    for name in wanted:
        process = maker.pick([{}, PROCESS, {"task": PROCESS["task"], "returned": PROCESS["returned"]}])
        found.append({"name": name, **ways[name], **({} if name == "nurture" else process)})
    return found


def _rules(several: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The roster's part: to whom each goes, and nobody where no rule takes a lead."""
    pools = {"bdrs": {"role": "bdr"}, "aes": {"role": "ae"}}
    return {"pools": pools, "rules": {**{each["name"]: TO[each["name"]] for each in several}, "otherwise": "nobody"}}


def _asking_of_the_way(data: dict[str, Any], maker: Maker) -> None:
    """Lets a rung depend on where the lead stands and stood: on what runs write themselves."""
    below, rung = maker.pick(list(pairwise(data["ladder"])))
    since: dict[str, Any] = {"since": {maker.pick(["reached", "left"]): below["stage"], "if_never": "all"}}
    asked: list[dict[str, Any]] = [{"came_to": below["stage"]}, {"stands_in": below["stage"]}, {"activities": since}]
    asked += [{"stood_in": below["stage"], "at_most_days": 7}, {"not": {"stood_in": rung["stage"]}}]
    data["criteria"]["on_its_way"] = maker.pick(asked)
    rung["when"] = {maker.pick(["any", "any", "all"]): [rung.get("when", "on_its_way"), "on_its_way"]}
    rung.pop("set_by", None)
    data["movement"] = {**data.get("movement", {}), "backward": maker.pick(["never", "allowed", "allowed"])}


def _in_other_words(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _in_other_words(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_in_other_words(each) for each in value]
    return OTHER_WORDS.get(value, value) if isinstance(value, str) else value


def presets() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every shipped one, with recycling by time and by engagement where it disqualifies."""
    for summary in preset_summaries():
        leaving = dict(read_document(resolved_yaml(preset(summary.name)), summary.name).data["disqualified"])
        leaving["recycle"] = {"after_days": 5, "on_new_engagement": {"direction": "inbound"}}
        yield summary.name, {"format": 1, "name": summary.name, "extends": summary.name, "disqualified": leaving}


def world(place: Path, maker: Maker, now: datetime, count: int) -> Path:
    """Leads and activities of the generator, as an import directory."""
    leads, activities = [], []
    for number in range(count):
        lead_id, stage = f"lead-{number:03}", maker.pick(STAGES)
        created = now - timedelta(days=maker.pick([0, 3, 40, 200]), minutes=number)
        leads.append(
            {
                "id": lead_id,
                "email": f"p{number}@firm{number % 40}.example",
                "first_name": "Pat",
                "last_name": f"Person {number}",
                "company": f"Firm {number % 40}",
                "owner": maker.pick(PEOPLE),
                "stage": stage and {crm: NATIVE[crm][stage] for crm in CRMS},
                "created_at": created.isoformat(),
                "attributes": _facts(maker, number),
            }
        )
        activities += _activities(maker, lead_id, lead_id, now, PEOPLE[:3])
    return write_world(place, USERS, leads, activities)


def _facts(maker: Maker, number: int) -> dict[str, Any]:
    made = maker.lead(number)
    told = {name: made[name] for name in FACTS if name != "ghost" and made[name] is not None}
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in told.items()}


def _activities(
    maker: Maker, name: str, lead: str, now: datetime, people: Sequence[str | None]
) -> list[dict[str, Any]]:
    found = []
    for number, each in enumerate(maker.activities(0)):
        told = {"id": f"{name} {number}", "lead": lead, "kind": OTHER_WORDS.get(each["kind"], each["kind"])}
        told |= {"at": (now + (each["day"] - AS_OF)).isoformat(), "by": maker.pick(people), "subject": each["about"]}
        found.append(told | {"outcome": each["outcome"], "direction": each["direction"]})
    return found


def _fitted(data: dict[str, Any], policy: Mapping[str, Any]) -> None:
    """The mapping's facts as the policy declares them, and no stage that it does not name."""
    stages = {policy["disqualified"]["stage"]}
    if "extends" in policy:
        stages |= set(preset(policy["extends"]).stages)
    else:
        stages |= {rung["stage"] for rung in policy["ladder"]}
        there = data["facts"]
        data["facts"] = {
            name: {"field": there[name]["field"], **fact} for name, fact in FACTS.items() if name in there
        }
        data["facts"]["ghost"] = "unmapped"
        for activity in data["activities"]:
            activity.update({"about": activity["subject"]} if "subject" in activity else {})
    data["stage"]["values"] = {name: to for name, to in data["stage"]["values"].items() if name in stages}


@contextmanager
def firm(place: Path, seed: int, *, leads: int = LEADS, made_up: bool = False) -> Iterator[Firm]:
    """Both CRMs with leads of their own, and a configuration beside them. `made_up`: by the practice CRM itself."""
    chance = Random(f"firm {seed}")
    maker = Maker(chance)
    zone = chance.choice(["UTC", "America/Los_Angeles", "Asia/Kathmandu"])
    people = ["--leads", str(leads), "--seed", str(seed)]
    if not made_up:
        people = ["--import", str(world(place / "world", maker, REAL(), leads))]
    options = ["--crm", "both", "--timezone", zone, *people]
    with rehearsal(place / "here", *options) as here:
        yield Firm(here, chance, maker)


@contextmanager
def defined_firm(place: Path, name: str) -> Iterator[Firm]:
    """A whole definition of `docs/examples`, on its own day."""
    told = definition(name)
    with practised(told, place) as here:
        yield DefinedFirm(here, Random(f"definition {name}"), told)


def definitions() -> list[str]:
    """The names of the whole definitions."""
    return sorted(page.parent.name for page in EXAMPLES.glob("*/README.md"))


def all_that_settle(count: int, first: int) -> Iterator[tuple[Rest, float]]:
    """What became of each policy, and the processor seconds it took."""
    policies = [random_policy(first + number) for number in range(count)]
    groups = [policies[start : start + POLICIES_AT_ONCE] for start in range(0, count, POLICIES_AT_ONCE)]
    for number, group in enumerate([*groups, list(presets())]):
        made_up = number == len(groups)
        with tempfile.TemporaryDirectory() as place, firm(Path(place), first + number, made_up=made_up) as here:
            for name, policy in group:
                begun = time.process_time()
                yield here.settles_under(name, policy), time.process_time() - begun
    for name in definitions():
        begun = time.process_time()
        with tempfile.TemporaryDirectory() as place, defined_firm(Path(place), name) as here:
            yield here.settles(name), time.process_time() - begun


def main() -> int:
    """A line for each policy."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    found: list[Rest] = []
    for rest, spent in all_that_settle(count, first):
        found.append(rest)
        print(f"{rest.name:26} {rest.moved:5} changes, {len(rest.still):3} left   {spent:5.1f} CPU s", flush=True)
        for line in rest.still[:5]:
            print(f"    {line}")
    bad = [rest.name for rest in found if rest.still]
    print(
        f"{len(found)} policies, {sum(rest.moved for rest in found):,} changes; "
        f"not at rest: {', '.join(bad) or 'none'}"
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
