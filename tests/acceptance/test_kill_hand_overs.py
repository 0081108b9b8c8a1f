"""Several hand-overs killed at any point: after one more run the CRM and the store are as after one calm run.

The situation holds leads that go from a raw queue to BDRs and to AEs at once, from a BDR to an AE (which ends the
BDR's process), back to the BDR who gave them, to another of a pool as the first was not in touch, from an AE who was
not into a queue, and into the queue of the disqualified. The method is that of `test_kill`.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from killing import CRMS, End, calm, in_words, killed, zone_at_midday
from rehearsal import rehearsal, write_world
from small_world import TODAY, activity, lead
from test_hand_off import MAPPED, answer
from test_kill_hand_off import points_of

from crmsync.clock import now

POINTS, CREATE_POINTS = 3, 1
HAND_OVERS = [
    {
        "name": "to_bdr",
        "stage": "mql",
        "from": ["nobody", {"queue": "Marketing"}],
        "task": {"subject": "Qualify"},
        "first_touch": {"within_hours": 1, "reassign_after_hours": 4, "reassign_to": {"pool": "bdrs"}},
    },
    {
        "name": "to_ae",
        "stage": "sql",
        "task": {"subject": "Call"},
        "returned": {"to": "giver", "at_most": 3},
        "first_touch": {"within_hours": 1, "reassign_after_hours": 4, "reassign_to": {"queue": "Idle"}},
    },
    {"name": "nurture", "leaving": True},
]
RULES = {
    "to_bdr": [{"pool": "bdrs"}],
    "to_ae": [{"pool": "receivers"}],
    "nurture": [{"strategy": "queue", "queue": "Nurture"}],
}
LATER = ("back", "on", "late", "slow", "gone", "stays")
"""Leads that a first run hands to BDRs, named after what becomes of them in the run that is killed."""


def frozen(crm: str, where: Path) -> tuple[Path, str]:
    """The files as they are when people have worked with their leads for some hours."""
    zone, place = zone_at_midday(), where / "frozen"
    place.mkdir()
    users = [
        {"id": f"{role}-{n}", "email": f"{role}-{n}@s.example", "name": f"{role} {n}", "roles": [role]}
        for role in ("bdr", "ae")
        for n in (1, 2, 3)
    ]
    users = [{**user, "type": "person", "timezone": zone} for user in users]
    users += [
        {"id": name, "type": "queue", "name": name, "email": None, "roles": [], "active": True}
        for name in ("Marketing", "Nurture", "Idle")
    ]
    leads = [lead(name, owner="Marketing") for name in (*LATER, "new-1", "new-2", "raw")]
    noted = lead("noted", owner="ae-1", attributes={"need": "some", "budget": "available"})
    evidence = [activity(name, "form_submission", TODAY) for name in LATER]
    world = write_world(where / "world", users, [*leads, noted], evidence)
    options = ["--crm", crm, "--timezone", zone, "--db", str(place / "crm.db")]
    with rehearsal(place / "config", *options, "--import", str(world)) as here:
        here.change(f"mappings/{crm}.yaml", lambda mapping: mapping.update(hand_off=MAPPED[crm]))
        here.change(
            "policy.yaml", lambda policy: (policy.pop("hand_off", None), policy.update(hand_overs=HAND_OVERS))
        )
        here.change("roster.yaml", lambda roster: roster.update(rules=RULES))
        assert len(here.json("run", crm)["plans"][0]["changes"]) == len(LATER)
        at = now().isoformat()
        here.edit(crm, activities=[activity(name, "consultation_request", at) for name in ("back", "slow")])
        here.json("run", crm)
        answer(here, crm, "back", "returned", hand_off_return_reason="too small")
        news = [activity(name, "consultation_request", at) for name in ("on", "new-1")]
        here.edit(crm, activities=[*news, activity("new-2", "form_submission", at)])
        here.edit(crm, leads=[{"id": "gone", "attributes": {"need": "none", "budget": "none"}}])
        native = here.native(crm)
    with closing(sqlite3.connect(place / "config" / "crmsync.db")) as store, store:
        moved = "UPDATE hand_offs SET handed_at = handed_at - ? WHERE lead = ? AND ended_at IS NULL"
        hours = timedelta(hours=6) // timedelta(microseconds=1)
        assert [store.execute(moved, (hours, native[name])).rowcount for name in ("late", "slow")] == [1, 1]
    return place, zone


def other_tasks(end: End) -> list[str]:
    """Leads that have other tasks than one for each hand-off."""
    words = {"to_bdr": "Qualify (to bdr {})", "to_ae": "Call (to ae {})"}
    found = []
    for name, rows in end.hand_offs.items():
        made = Counter(subject for subject, *_ in end.tasks.get(name, ()))
        wanted = Counter(words[row[-1]].format(row[0]) for row in rows)
        if made != wanted:
            found.append(f"tasks of {name}: {dict(made)} instead of {dict(wanted)}")
    return found


@pytest.mark.breadth
@pytest.mark.parametrize("crm", CRMS)
def test_hand_overs_killed_anywhere_end_as_the_calm_one(tmp_path: Path, crm: str) -> None:
    directory, zone = frozen(crm, tmp_path)
    situation = calm("run", crm, directory, zone, tmp_path, ("run", crm))
    end = situation.end
    assert other_tasks(end) == []
    ends = Counter((row[-1], row[5]) for rows in end.hand_offs.values() for row in rows)
    assert ends.keys() >= {("to_bdr", "handed_on"), ("to_bdr", "reassigned"), ("to_ae", None), ("to_bdr", None)}, ends
    owners = [end.leads[name][2] for name in ("gone", "raw", "slow")]
    assert owners == ["Nurture", "Marketing", "Idle"]
    wrong = killed(situation, tmp_path / "points", points_of(situation, POINTS, CREATE_POINTS))
    assert not wrong, in_words(wrong)
