"""A saved plan of 500 leads, 5 % of them edited since: exactly these conflict, the others are written, once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from rehearsal import CRMS, LEAD_OBJECT, Rehearsal, on_one, rehearsal, write_world
from small_world import EVIDENCE, NATIVE, USERS, activity, lead, small_world
from test_hand_off import MAPPED, TASK
from written_fields import held, switched_on

from crmsync.store import Store

LEADS, HANDED_EVERY, EDITED_EVERY = 500, 25, 20


@pytest.fixture(params=CRMS)
def crm(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def here(tmp_path: Path, crm: str) -> Iterator[Rehearsal]:
    """Leads that all move, some to an AE with a task; all get fields for reps."""
    earned = ["sql" if number % HANDED_EVERY == 0 else "mql" for number in range(LEADS)]
    leads = [lead(f"{stage}-{number:04}") for number, stage in enumerate(earned)]
    acts = [activity(each["id"], EVIDENCE[stage][0]) for each, stage in zip(leads, earned, strict=True)]
    world = write_world(tmp_path / "world", USERS, leads, acts)
    with rehearsal(tmp_path / "here", "--crm", crm, "--import", str(world)) as made:
        as_a_process(made, crm)
        yield made


def as_a_process(here: Rehearsal, crm: str) -> None:
    """Hand-offs make tasks, and reps see crmsync's fields."""
    switched_on(here, crm)
    here.change(f"mappings/{crm}.yaml", lambda mapping: mapping.update(hand_off=MAPPED[crm]))
    here.change("policy.yaml", lambda policy: policy.update(hand_off={"stage": "sql", "task": TASK}))


def turns(here: Rehearsal, crm: str) -> dict[tuple[str, str], int]:
    """Counters, each of which is what the journal holds."""
    with closing(Store(here.store)) as store:
        counted = {key: it.count for key, it in store.journal.turns(crm).items() if it.count}
        assert counted == dict(Counter(entry.turn for entry in store.journal.entries(crm) if entry.turn))
        return counted


@pytest.mark.breadth
def test_what_was_edited_since_is_a_conflict_and_the_others_are_written_once(here: Rehearsal, crm: str) -> None:
    [plan] = here.json("run", crm, "--dry-run", "--out", "plan.json", code=(0, 3))["plans"]
    assert len(plan["changes"]) == LEADS
    let_through = [part for it in plan["guards"] if it["breached"] for part in ("--allow", _of(it["name"]))]
    edited = [lead["id"] for lead in here.state(crm)["leads"]][::EDITED_EVERY]
    owner, stage = {"owner": "bdr-2"}, {"stage": {crm: NATIVE[crm]["sqo"]}}
    edits = [{"id": name, **(owner, stage)[place % 2]} for place, name in enumerate(edited)]
    here.edit(crm, by="bdr-2", leads=edits)
    stood = {each["id"]: (each["stage"], each["owner"]) for each in here.state(crm)["leads"]}
    at = here.last_write(crm)
    [done] = here.json("apply", "plan.json", *let_through, code=4)["plans"]
    names = {native: name for name, native in here.native(crm).items()}
    outcomes = {names[change["lead"]]: change["outcome"] for change in done["changes"]}
    assert {name for name, outcome in outcomes.items() if outcome == "conflict"} == set(edited)
    assert Counter(outcomes.values()) == {"conflict": len(edited), "written": LEADS - len(edited)}
    state = here.state(crm)
    stands = {each["id"]: (each["stage"], each["owner"]) for each in state["leads"]}
    assert {name: stands[name] for name in edited} == {name: stood[name] for name in edited}
    written = Counter(each["id"] for each in here.writes(crm, at) if each["object"] == LEAD_OBJECT[crm])
    assert set(written) == {change["lead"] for change in done["changes"] if change["outcome"] == "written"}
    assert set(written.values()) == {1}
    handed = {names[change["lead"]]: change for change in plan["changes"] if change["creates"]}
    tasks = Counter(each["lead"] for each in state["activities"] if each["kind"] == "task")
    assert tasks == dict.fromkeys(set(handed).difference(edited), 1)
    taken = Counter(
        (change["turn"], change["owner"]["after"]) for name, change in handed.items() if name not in edited
    )
    assert turns(here, crm) == dict(taken)
    one = next(name for name in handed if name not in edited)
    assert "reasons" in held(here, crm, handed[one]["lead"])

    at = here.last_write(crm)
    [again] = here.json("apply", "plan.json", *let_through, code=4)["plans"]
    ends = Counter(change["outcome"] for change in again["changes"])
    assert ends == {"conflict": len(edited), "unchanged": LEADS - len(edited)}
    assert here.writes(crm, at) == []
    assert turns(here, crm) == dict(taken)


def _of(guard: str) -> str:
    return f"{guard.replace('_', '-')}={LEADS}"


@pytest.mark.breadth
@on_one("salesforce")
def test_members_who_have_changed_since_refuse_it_and_turns_taken_since_are_counted_beside(
    tmp_path: Path, crm: str
) -> None:
    world = small_world(tmp_path / "world", copies=3)
    with rehearsal(tmp_path / "here", "--crm", crm, "--import", str(world)) as here:
        as_a_process(here, crm)
        [plan] = here.json("run", crm, "--dry-run", "--out", "plan.json")["plans"]
        here.edit(crm, users=[{"id": "ae-2", "active": False}])
        refused = here.crmsync("apply", "plan.json")
        assert (refused.returncode, here.writes(crm)) == (2, [])
        assert "who is active in the CRM, has changed since this plan was made" in refused.stderr
        assert turns(here, crm) == {}
        here.edit(crm, users=[{"id": "ae-2", "active": True}])
        [pilot] = here.json("run", crm, "--limit", "2")["plans"]
        assert len(pilot["changes"]) == 2
        [done] = here.json("apply", "plan.json")["plans"]
        piloted = {change["lead"] for change in pilot["changes"]}
        assert {change["lead"] for change in done["changes"] if change["outcome"] == "unchanged"} == piloted
        changes = [change for change in done["changes"] if change["turn"]]
        taken = Counter((change["turn"], change["owner"]["after"]) for change in changes)
        assert turns(here, crm) == dict(taken)
        assert len(plan["changes"]) == len(done["changes"])
