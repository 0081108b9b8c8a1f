"""A quarter of the leads out of scope and back in: `python tests/bench/scope.py [salesforce|hubspot] [LEADS]`.

By the mapping (a new `lead: when`, and the old one again) and by people's edits of the records (out, and in again).
Each tenth lead has evidence that moves it. Prints one JSON line: leads that left, faults (there must be none: leads
that were moved, writes that were not to be), and calls and seconds of each step.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1] / "acceptance"), str(Path(__file__).parents[1])]

from rehearsal import Rehearsal, rehearsal, write_world  # noqa: E402 - it stands beside this folder
from small_world import USERS, activity, lead  # noqa: E402 - it stands beside this folder

FIELD = {"salesforce": "Scope__c", "hubspot": "scope"}
Steps = dict[str, dict[str, Any]]


def name_of(number: int) -> str:
    return f"l{number:05}"


def stands(here: Rehearsal, crm: str) -> dict[str, tuple[Any, Any]]:
    """Lead → stage and owner in the CRM."""
    return {each["id"]: (each["stage"], each["owner"]) for each in here.state(crm)["leads"]}


def step(here: Rehearsal, crm: str, steps: Steps, name: str, *options: str) -> dict[str, Any]:
    """A run; noted with its counts and what it took. Gives the counts."""
    before, calls, began = here.last_write(crm), sum(here.calls(crm).values()), time.perf_counter()
    [plan] = here.json("run", *options)["plans"]
    told = {key: plan["counts"][key] for key in ("leads", "left_scope", "changes", "set_aside")}
    steps[name] = {
        **told,
        "writes": len({entry["id"] for entry in here.writes(crm, before)}),
        "calls": sum(here.calls(crm).values()) - calls,
        "seconds": round(time.perf_counter() - began, 1),
    }
    return steps[name]


def measured(crm: str, count: int, folder: Path) -> dict[str, Any]:
    """The whole way."""
    quarter = range(0, count, 4)
    leads = [
        lead(name_of(number), attributes={"scope": "Software" if number % 4 else "Services"})
        for number in range(count)
    ]
    evidence = [activity(name_of(number), "demo_request") for number in range(0, count, 10)]
    world = write_world(folder / "world", USERS, leads, evidence)
    steps: Steps = {}
    faults: list[str] = []
    with rehearsal(folder / "here", "--import", str(world), "--crm", crm) as here:
        step(here, crm, steps, "all are leads")
        begun = stands(here, crm)
        file = here.file(f"mappings/{crm}.yaml")
        wide = file.read_text(encoding="utf-8")
        here.change(f"mappings/{crm}.yaml", lambda data: data["lead"].update(when={FIELD[crm]: "Software"}))
        out = step(here, crm, steps, "out by the mapping")
        faults += [] if out["left_scope"] == len(quarter) and out["leads"] == count - len(quarter) else ["out"]
        # Outside, a person moves every tenth of them; nobody puts that back.
        moved = [name_of(number) for number in list(quarter)[::10]]
        here.edit(crm, by="bdr-2", leads=[{"id": name, "owner": "bdr-2"} for name in moved])
        step(here, crm, steps, "while they are out")
        file.write_text(wide, encoding="utf-8")
        back = step(here, crm, steps, "back in by the mapping")
        faults += [] if (back["leads"], back["left_scope"]) == (count, 0) else ["back"]
        wanted = {**begun, **{name: (begun[name][0], "bdr-2") for name in moved}}
        faults += [f"moved: {name}" for name, held in stands(here, crm).items() if held != wanted[name]]

        here.change(f"mappings/{crm}.yaml", lambda data: data["lead"].update(when={FIELD[crm]: {"none_of": "Away"}}))
        step(here, crm, steps, "a scope that all fit")
        for word, name in (("Away", "out by edits"), ("Services", "back in by edits")):
            here.edit(crm, leads=[{"id": name_of(each), "attributes": {"scope": word}} for each in quarter])
            told = step(here, crm, steps, name)
            faults += [] if told["left_scope"] == (len(quarter) if word == "Away" else 0) else [name]
        faults += [f"moved: {name}" for name, held in stands(here, crm).items() if held != wanted[name]]
        faults += [name for name, told in steps.items() if name != "all are leads" and told["writes"]]
    return {"crm": crm, "leads": count, "out": len(quarter), "faults": faults, "steps": steps}


if __name__ == "__main__":
    crms = [sys.argv[1]] if len(sys.argv) > 1 else ["salesforce", "hubspot"]
    for crm in crms:
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps(measured(crm, int(sys.argv[2]) if len(sys.argv) > 2 else 2_000, Path(folder))))
