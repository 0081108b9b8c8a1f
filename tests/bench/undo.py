"""A run over some 10,000 leads, taken back, and that undone: `tests/bench/undo.py [salesforce|hubspot] [LEADS]`.

One lead in twenty is changed by a person in between. Prints one JSON line: leads changed, given back, set aside,
left wrong (must be 0), calls, seconds and processor seconds of each.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1] / "acceptance"), str(Path(__file__).parents[1])]

from rehearsal import Rehearsal, rehearsal  # noqa: E402 - it stands beside this folder

Lead = tuple[Any, Any, str]
GUARDS = ("changes", "stage-changes", "owner-changes", "backward", "disqualified", "owner-lost", "per-receiver")


def leads(here: Rehearsal, crm: str) -> dict[str, Lead]:
    """Native id → stage, owner, everything else."""
    return {
        lead["native_id"]: (lead["stage"], lead["owner"], json.dumps(lead["attributes"], sort_keys=True))
        for lead in here.state(crm)["leads"]
    }


def timed(here: Rehearsal, crm: str, *arguments: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The command's plan, and what it took."""
    calls, began, worked = sum(here.calls(crm).values()), time.perf_counter(), time.process_time()
    options = [f"--allow={guard}=1000000" for guard in GUARDS]
    [plan] = here.json(*arguments, *options, code=(0, 4))["plans"]
    took = {
        "seconds": round(time.perf_counter() - began, 1),
        "processor_seconds": round(time.process_time() - worked, 1),
        "calls": sum(here.calls(crm).values()) - calls,
    }
    return plan, took


def measured(crm: str, count: int, folder: Path) -> dict[str, Any]:
    """The whole way."""
    with rehearsal(folder / "here", "--leads", str(count), "--seed", "7", "--crm", crm) as here:
        before = leads(here, crm)
        names = {native: name for name, native in here.native(crm).items()}
        ran, of_run = timed(here, crm, "run", crm)
        changed = [change["lead"] for change in ran["changes"]]
        edited = changed[::20]
        person = next(user["id"] for user in here.state(crm)["users"] if user["active"] and user["type"] == "person")
        stands = leads(here, crm)
        here.edit(crm, by=person, leads=[{"id": names[lead], "owner": person} for lead in edited])
        kept = leads(here, crm)
        touched = {lead for lead in edited if kept[lead] != stands[lead]}
        undone, of_undo = timed(here, crm, "undo", str(ran["bound_to"]["run"]))
        after = leads(here, crm)
        redone, of_redo = timed(here, crm, "undo", str(undone["bound_to"]["run"]))
        again = leads(here, crm)
        owner_written = {change["lead"] for change in ran["changes"] if change["owner"]}
        told = {item["lead"] for item in undone["set_aside"]}
        wrong = [lead for lead in before if lead not in touched | told and after[lead] != before[lead]]
        wrong += [lead for lead in touched & owner_written if after[lead][1] != person]
        told_again = {item["lead"] for item in redone["set_aside"]}
        wrong += [lead for lead in before if lead not in touched | told | told_again and again[lead] != stands[lead]]
    return {
        "crm": crm,
        "leads": len(before),
        "changed": len(changed),
        "changed_by_people": len(touched),
        "given_back": sum(change["outcome"] == "written" for change in undone["changes"]),
        "set_aside": len(told),
        "wrong": len(wrong),
        "run": of_run,
        "undo": of_undo,
        "undo_of_undo": of_redo,
    }


if __name__ == "__main__":
    named = [word for word in sys.argv[1:] if not word.isdigit()] or ["salesforce", "hubspot"]
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()] or [20_000]
    for each in named:
        with tempfile.TemporaryDirectory() as place:
            sys.stdout.write(json.dumps(measured(each, numbers[0], Path(place))) + "\n")
            sys.stdout.flush()
