"""The same people, facts and activities, imported into both CRMs, get the same stages, scores and owners.

Each world goes through everything real: an import directory, both practice CRMs in a process of their own, the
command's dry run on both. The plan tells what changes; for the leads that do not, the decision is made again from
what the dry run has stored. Leads are joined by their import id. A difference is shown with the smallest lead that
still shows it. `explain` is asked for a smaller world.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from rehearsal import Rehearsal, rehearsal, write_world
from same_policy import policy_text
from same_world import DIRECTIONS, FACTS, KINDS, OUTCOMES, STAGES, World, make_world
from written_fields import plain, switched_on

from crmsync.connection.prepared import Prepared, prepared
from crmsync.connection.snapshot import Snapshot
from crmsync.run.aims.everybody import whole_course
from crmsync.run.decide import decide_and_plan
from crmsync.run.gather import gathered
from crmsync.settings import load_settings
from crmsync.store import Store
from crmsync.values import replace
from suite.breadth import broadly

SEED = 31
LEADS = 950
CRMS = ("salesforce", "hubspot")
WORLDS = {
    "the night the clock goes back, New York": ("America/New_York", date(2026, 11, 1)),
    "an offset of 5:45, Kathmandu": ("Asia/Kathmandu", date(2026, 6, 15)),
    "ahead of UTC, the clock goes back, Auckland": ("Pacific/Auckland", date(2026, 4, 5)),
    "the night the clock goes forward, Berlin": ("Europe/Berlin", date(2026, 3, 29)),
}
ROUNDS_OF_SHRINKING = 12
ROOM = 200
"""Characters that no field for people cuts."""
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
COMPARED = (
    r"^(email|created_at|stage|managed|stage_after|earned_stage|stage_why|reason|priority|review_day|grade\..*"
    r"|fact\..*|score\..*|band\..*|verdict\..*)$"
)
"""Columns of a decision that must be the same."""


@dataclass(frozen=True)
class Answer:
    """What one CRM's connection says, by import id: words that must be the same on the other."""

    leads: Mapping[str, Mapping[str, Any]]
    activities: Mapping[str, Counter[tuple[Any, ...]]]


def answers(world: World, directory: Path) -> dict[str, Answer]:
    """Import, dry run and explain on both CRMs."""
    imported = write_world(directory / "world", world.users, world.leads, world.activities)
    latest = max((_day(world, activity["at"]) for activity in world.activities), default=world.as_of)
    options = ["--crm", "both", "--import", str(imported), "--timezone", world.zone, "--today", latest.isoformat()]
    with rehearsal(directory / "config", *options) as here:
        _configure(here)
        as_of = world.as_of.isoformat()
        report = here.json("run", "--dry-run", "--as-of", as_of, code=(0, 4))
        plans = {plan["connection"]: plan for plan in report["plans"]}
        return {crm: _answer(here, crm, plans[crm]) for crm in CRMS}


def _day(world: World, at: str) -> date:
    return datetime.fromisoformat(at).astimezone(ZoneInfo(world.zone)).date()


def _configure(here: Rehearsal, *, policy: bool = True) -> None:
    """The policy of this test; a date that an import can only hold as a text is mapped as a date."""
    if policy:
        (here.directory / "policy.yaml").write_text(policy_text(), encoding="utf-8")
    for crm in CRMS:
        file = here.directory / "mappings" / f"{crm}.yaml"
        lines = file.read_text(encoding="utf-8").splitlines()
        lines = [line.replace("type: text", "type: date") if "renewal_on:" in line else line for line in lines]
        lines = [line for one in lines for line in (one, *_about_its_subject(one))]
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        switched_on(here, crm)


def _about_its_subject(line: str) -> tuple[str, ...]:
    """What the subject says is what an activity is about: both CRMs keep it."""
    return (line.replace("subject:", "about:"),) if line.startswith("  subject:") else ()


def _answer(here: Rehearsal, crm: str, plan: Mapping[str, Any]) -> Answer:
    """What the plan changes, and the decision on every lead, changed or not, from what the dry run has stored."""
    state = here.state(crm)
    lead_ids = {lead["native_id"]: lead["id"] for lead in state["leads"]}
    user_ids = {user["native_id"]: user["id"] for user in state["users"]}
    settings = load_settings(here.directory / "crmsync.yaml")
    as_of = date.fromisoformat(plan["as_of"])
    with closing(Store(settings.store)) as store:
        snapshot = Snapshot.from_text(store.runs.snapshot(crm) or "")
        ready = prepared(settings, settings.connections[crm], snapshot)
        course = whole_course(ready, store, as_of=as_of, now=NOW, open_entries=store.journal.pending(crm))
        decided = decide_and_plan(ready, store, course, as_of=as_of, now=NOW)
        activities = _activities(ready, store, as_of, lead_ids, user_ids)
    changes = {change["lead"]: change for change in plan["changes"]}
    assert set(changes) == {change.lead for change in decided.changes}, "the plan is not what was stored"
    leads = {}
    for row in decided.frame.select(pl.col(COMPARED), "lead", "owner", "owner_after").iter_rows(named=True):
        native, owner, after = row.pop("lead"), row.pop("owner"), row.pop("owner_after")
        planned = changes.get(native, {"owner": None, "stage": None, "scores": None})
        if planned["owner"]:
            assert planned["owner"]["after"] == after
        row |= {"owner": user_ids.get(owner, owner), "owner after": user_ids.get(after, after)}
        told = {"planned stage": planned["stage"], "planned scores": planned["scores"]}
        leads[lead_ids[native]] = row | told | _written(crm, planned)
    return Answer(leads, activities)


def _written(crm: str, planned: Mapping[str, Any]) -> dict[str, str]:
    """What people read on the lead's page, as far as both CRMs have room for it."""
    told = {plain(crm, field): planned["writes"][field]["after"] for field in planned.get("fields", ())}
    return {f"written {name}": (value or "")[:ROOM] for name, value in told.items()}


def _activities(
    ready: Prepared, store: Store, as_of: date, lead_ids: Mapping[str, str], user_ids: Mapping[str, str]
) -> dict[str, Counter[tuple[Any, ...]]]:
    """Import id of the lead → its activities as read: kind, day, outcome, direction, who, and their roster role."""
    found: dict[str, Counter[tuple[Any, ...]]] = defaultdict(Counter)
    for batch in gathered(ready, store, as_of, everything=True):
        rows = batch.activities.select("lead", "kind", "day", "outcome", "direction", "by_role", "by").iter_rows()
        for lead, kind, day, outcome, direction, role, by in rows:
            found[lead_ids[lead]][kind, str(day), outcome, direction, role, user_ids.get(by, by)] += 1
    return found


def differences(world: World, told: Mapping[str, Answer]) -> dict[str, list[str]]:
    """Import id → what the two CRMs say differently. Salesforce's converted leads are no leads any more."""
    salesforce, hubspot = (told[crm] for crm in CRMS)
    converted = {lead["id"] for lead in world.leads if lead["stage"] == STAGES["customer"]}
    found: dict[str, list[str]] = {}
    for lead in (lead["id"] for lead in world.leads):
        if lead in converted:
            if lead in salesforce.leads or hubspot.leads[lead]["managed"]:
                found[lead] = ["a converted lead is read from Salesforce, or managed in HubSpot"]
            continue
        here, there = salesforce.leads[lead], hubspot.leads[lead]
        said = list(_unlike("", here, there))
        mine, theirs = (each.activities.get(lead, Counter()) for each in (salesforce, hubspot))
        if mine != theirs:
            said.append(f"activities: {list((mine - theirs).elements())} ≠ {list((theirs - mine).elements())}")
        if said:
            found[lead] = said
    return found


def _unlike(what: str, here: Mapping[str, Any], there: Mapping[str, Any]) -> Iterator[str]:
    for key in sorted({*here, *there}):
        mine, theirs = here.get(key), there.get(key)
        if mine == theirs:
            continue
        if isinstance(mine, Mapping) and isinstance(theirs, Mapping):
            yield from _unlike(f"{what}{key}.", mine, theirs)
        else:
            yield f"{what}{key}: {mine!r} ≠ {theirs!r}"


def smallest(world: World, lead_id: str, directory: Path) -> str:
    """The lead that differs, with everything left out that the difference does not need.

    Leads do not influence each other's stage: one world tries all ways to leave one thing out at once.
    """
    alone = world.only({lead_id})
    for number in range(ROUNDS_OF_SHRINKING):
        tried = World(world.seed, world.zone, world.as_of, world.users)
        variants = list(_smaller(alone))
        for index, variant in enumerate(variants):
            lead = {**variant.leads[0], "id": f"v{index}", "email": f"v{index}@v{index}.example"}
            tried.leads.append({**lead, "company": f"V {index}"})
            tried.activities += [
                {**activity, "id": f"v{index}.{activity['id']}", "lead": f"v{index}"}
                for activity in variant.activities
            ]
        _add_anchor(tried, world)
        found = differences(tried, answers(tried, directory / f"round-{number}"))
        still = next((index for index in range(len(variants)) if f"v{index}" in found), None)
        if still is None:
            break
        alone = variants[still]
    lead = {key: value for key, value in alone.leads[0].items() if value not in (None, {})}
    return "\n    ".join(json.dumps(record, ensure_ascii=False) for record in (lead, *alone.activities))


def _add_anchor(tried: World, world: World) -> None:
    """Leads that keep all the rest as it is: the latest activity moves no day, every attribute keeps its type."""
    for number in range(max(map(len, FACTS.values()))):
        attributes = {name: values[number % len(values)] for name, values in FACTS.items()}
        lead = {**world.leads[0], "id": f"anchor-{number}", "email": f"a@anchor-{number}.example"}
        tried.leads.append({**lead, "stage": STAGES["lead"], "owner": None, "attributes": attributes})
    latest = max((activity["at"] for activity in world.activities), key=lambda at: _day(world, at))
    tried.activities.append({"id": "anchor", "lead": "anchor-0", "kind": "note", "at": latest})


def _smaller(world: World) -> Iterator[World]:
    """The one lead with one thing less."""
    lead = world.leads[0]
    for activity in world.activities:
        rest = [each for each in world.activities if each is not activity]
        yield World(world.seed, world.zone, world.as_of, world.users, [lead], rest)
    for name in lead["attributes"]:
        rest = {key: value for key, value in lead["attributes"].items() if key != name}
        yield World(
            world.seed, world.zone, world.as_of, world.users, [{**lead, "attributes": rest}], world.activities
        )
    if lead["stage"] is not None:
        yield World(world.seed, world.zone, world.as_of, world.users, [{**lead, "stage": None}], world.activities)


@pytest.mark.parametrize("name", broadly(WORLDS))
def test_same_answer_on_both_crms(name: str, tmp_path: Path) -> None:
    zone, as_of = WORLDS[name]
    seed = SEED + list(WORLDS).index(name)
    world = make_world(seed, zone, as_of, LEADS)
    told = answers(world, tmp_path / "all")
    _has_every_case(world, told)
    print(f"\n{name}: seed {seed}, {len(world.leads)} leads, {len(world.activities)} activities, as of {as_of}")
    print("  " + ", ".join(f"{count} × {case}" for case, count in sorted(world.tally.items())))
    print("  decided: " + _outcomes(told["hubspot"]))
    found = differences(world, told)
    report = [f"  {lead}: " + "; ".join(said[:6]) for lead, said in list(found.items())[:20]]
    if found:
        first = next((lead for lead, said in found.items() if any(not s.startswith("owner") for s in said)), None)
        if first:
            report.append(
                "  the smallest lead with that difference:\n    " + smallest(world, first, tmp_path / "small")
            )
    assert not found, f"seed {seed}, {name}: {len(found)} leads differ (Salesforce ≠ HubSpot)\n" + "\n".join(report)


def _has_every_case(world: World, told: Mapping[str, Answer]) -> None:
    """The world holds what it promises, and the answers are not all alike."""
    wanted = [f"kind {kind}" for kind in KINDS] + [f"outcome {outcome}" for outcome in OUTCOMES]
    wanted += [f"direction {direction}" for direction in DIRECTIONS] + [f"stage {stage}" for stage in STAGES]
    wanted += ["activity after the day", "activity in the first second of a day", "fact unknown", "owner inactive"]
    wanted += ["activity in the last second of a day", "twin: same e-mail", "twin: same company domain"]
    wanted += ["twin: same e-mail and second", "no e-mail, and the second of others"]
    wanted += ["owner a queue", "owner nobody", "no e-mail or none that is one", "fact null or empty"]
    missing = [case for case in wanted if not world.tally[case]]
    assert not missing, f"cases that this world does not have: {missing}"
    for answer in told.values():
        leads = answer.leads.values()
        assert {"lead", "mql", "sal", "sql", "sqo", "disqualified"} <= {lead["stage_after"] for lead in leads}
        assert sum(lead["planned stage"] is not None for lead in leads) >= 50
        assert sum(lead["review_day"] is not None for lead in leads) >= 50
        for fact in FACTS:
            known = {lead[f"fact.{fact}"] for lead in leads}
            assert None in known
            assert len(known) > 2 - (fact == "campaign"), f"{fact}: only {known}"
        verdicts = Counter(verdict for lead in leads for name, verdict in lead.items() if name.startswith("verdict."))
        assert min(verdicts[True], verdicts[False], verdicts[None]) >= 1000


def _outcomes(answer: Answer) -> str:
    stages = Counter(str(lead["stage_after"]) for lead in answer.leads.values())
    owners = Counter(str(lead["owner after"] or lead["owner"]) for lead in answer.leads.values())
    moved = sum(lead["planned stage"] is not None for lead in answer.leads.values())
    reviews = sum(lead["review_day"] is not None for lead in answer.leads.values())
    said = [f"{count} {stage}" for stage, count in sorted(stages.items())]
    held = [f"{count} {owner}" for owner, count in sorted(owners.items())]
    return f"{', '.join(said)}; {moved} stages move; {reviews} have a review day; owners: {', '.join(held)}"


@pytest.mark.breadth
def test_the_order_in_which_records_got_their_ids_decides_nothing(tmp_path: Path) -> None:
    """Both CRMs number what is imported; here the last is first: leads that are alike in much show it."""
    zone, as_of = WORLDS["an offset of 5:45, Kathmandu"]
    world = make_world(SEED, zone, as_of, LEADS)
    alike = world.only(world.alike)
    _add_anchor(alike, world)
    # The users' order is the roster's, which both must share.
    other = replace(alike, leads=alike.leads[::-1], activities=alike.activities[::-1])
    (salesforce, _), (_, hubspot) = (
        answers(each, tmp_path / name).values() for name, each in (("straight", alike), ("reversed", other))
    )
    found = differences(alike, {"salesforce": salesforce, "hubspot": hubspot})
    assert not found
    assert sum(lead["owner after"] is not None for lead in salesforce.leads.values()) >= 20


@pytest.mark.breadth
def test_both_crms_explain_alike(tmp_path: Path) -> None:
    """What programs read from `explain --all`: stage, scores, review day and every condition."""
    zone, as_of = WORLDS["an offset of 5:45, Kathmandu"]
    world = make_world(SEED, zone, as_of, LEADS)
    world = world.only({lead["id"] for lead in world.leads[-100:]})
    imported = write_world(tmp_path / "world", world.users, world.leads, world.activities)
    options = ["--crm", "both", "--import", str(imported), "--timezone", zone, "--today", as_of.isoformat()]
    with rehearsal(tmp_path / "config", *options) as here:
        _configure(here, policy=False)
        told = [_explained(here, crm, as_of) for crm in CRMS]
    assert len(told[0]) == len(world.leads)
    assert {"met", "not_met", "unknown"} <= {
        word for lead in told[0].values() for word in lead["conditions"].values()
    }
    assert told[0] == told[1]


def _explained(here: Rehearsal, crm: str, as_of: date) -> dict[str, Any]:
    done = here.crmsync("explain", crm, "--all", "--as-of", as_of.isoformat(), "--format", "json")
    assert done.returncode == 0, done.stderr
    ids = {lead["native_id"]: lead["id"] for lead in here.state(crm)["leads"]}
    keys = ("as_of", "stage", "crm_stage", "scores", "review_day", "conditions")
    stories = map(json.loads, done.stdout.splitlines())
    return {ids[story["lead"]]: {key: story[key] for key in keys} for story in stories}
