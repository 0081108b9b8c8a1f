"""From a change in the CRM to its verified write-back: `python tests/bench/prompt.py [WAY] [SECONDS]`.

WAY: `hubspot` or `salesforce`, or `change-events`.

Twenty changes a second on a practice CRM, each of another lead that has to be written for it: one half are facts of
leads, the other activities. Told by the CRM, and by polling once a minute. Then a flood of touches of leads that have
nothing new, beside a schedule of a run every six seconds. Prints one JSON line: seconds from each change to the
journal's word that it is written (which it says after reading back), calls to the CRM for each change, and how late
runs of the schedule began, with and without the flood. `change-events`: Salesforce tells over its event bus, and only
that is measured.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1] / "acceptance"), str(Path(__file__).parents[1])]

from receiving import hooks_at, touched  # noqa: E402 - it stands beside this folder
from rehearsal import Rehearsal, rehearsal, write_world  # noqa: E402
from small_world import DISQUALIFYING, USERS, activity, lead  # noqa: E402

from crmsync.clock import now  # noqa: E402
from crmsync.store import Store  # noqa: E402
from suite.waiting import wait_until  # noqa: E402

A_SECOND = 20
NOTED = {"need": "some", "budget": "available"}
POLLED = {"every_minutes": 1, "full_every_hours": None}
SELDOM = {"every_minutes": 60, "full_every_hours": None}
OFTEN = {"every_minutes": 0.1, "full_every_hours": None}


def name_of(number: int) -> str:
    return f"l{number:05}"


def changed(here: Rehearsal, crm: str, numbers: Sequence[int]) -> dict[str, datetime]:
    """One change after the other at the given pace; lead → when it was asked for."""
    began, at = time.monotonic(), {}
    for place, number in enumerate(numbers):
        time.sleep(max(0.0, began + place / A_SECOND - time.monotonic()))
        name = name_of(number)
        at[name] = now()
        if place % 2:
            here.edit(crm, leads=[{"id": name, "attributes": DISQUALIFYING}])
        else:
            here.edit(crm, activities=[activity(name, "demo_request", now().isoformat())])
    return at


def written(here: Rehearsal, crm: str, after: int) -> dict[str, datetime]:
    """Native id → when the journal says that it was read back."""
    with closing(Store(here.store)) as store:
        entries = store.journal.entries(crm, state="written")
    return {each.change.lead: each.settled_at for each in entries if each.run_id > after and each.settled_at}


def measured(here: Rehearsal, crm: str, numbers: Sequence[int]) -> dict[str, Any]:
    """All of the changes, and how long each took."""
    native = here.native(crm)
    with closing(Store(here.store)) as store:
        after = max(run.id for run in store.runs.last(crm))
    calls = sum(here.calls(crm).values())
    at = changed(here, crm, numbers)
    wanted = {native[name] for name in at}
    wait_until(lambda: written(here, crm, after).keys() >= wanted, what="every change written")
    done = written(here, crm, after)
    seconds = sorted((done[native[name]] - begun).total_seconds() for name, begun in at.items())
    time.sleep(2)  # echoes are read, too
    return {
        "changes": len(at),
        "median_seconds": round(statistics.median(seconds), 2),
        "99_percent_seconds": round(seconds[int(len(seconds) * 0.99) - 1], 2),
        "longest_seconds": round(seconds[-1], 2),
        "calls_per_change": round((sum(here.calls(crm).values()) - calls) / len(at), 2),
    }


@contextmanager
def serving(here: Rehearsal, crm: str, schedule: Mapping[str, Any]) -> Iterator[None]:
    """The service with this schedule; everything is read and written before."""
    here.change("crmsync.yaml", lambda data: data["connections"][crm].update(schedule=dict(schedule)))
    here.json("run", crm)
    with here.start("serve", env={"CRMSYNC_LOG_FORMAT": "json"}) as running:
        wait_until(lambda: '"scheduled"' in running.stderr or "scheduled" in running.stderr, what="a schedule")
        yield
        assert running.end() == 0, running.stderr


def lateness(here: Rehearsal, crm: str, since: datetime) -> list[float]:
    """How long after its time each run of the schedule began: six seconds after the one before, as ticks go."""
    with closing(Store(here.store)) as store:
        begun = sorted(run.started_at for run in store.runs.last(crm, limit=100, with_told=False))
    begun = [each for each in begun if each >= since]
    step = timedelta(minutes=OFTEN["every_minutes"])
    return [max(0.0, (each - (begun[0] + place * step)).total_seconds()) for place, each in enumerate(begun)][1:]


def punctual(here: Rehearsal, crm: str, seconds: float, *, flood: bool) -> dict[str, Any]:
    """The schedule's runs within so many seconds. `flood`: fifty touches a second of forty leads each."""
    leads, over, sent = list(here.native(crm).values()), threading.Event(), [0]

    def pour() -> None:
        place = 0
        while not over.is_set():
            some = [leads[(place + step) % len(leads)] for step in range(40)]
            place += 40
            sent[0] += touched(here, crm, some) == 200
            over.wait(0.02)

    since = now()
    senders = [threading.Thread(target=pour) for _ in range(2 if flood else 0)]
    for sender in senders:
        sender.start()
    time.sleep(seconds)
    over.set()
    for sender in senders:
        sender.join()
    late = lateness(here, crm, since)
    return {
        "runs": len(late) + 1,
        "late_median_seconds": round(statistics.median(late), 2) if late else None,
        "late_longest_seconds": round(max(late), 2) if late else None,
        "touches": sent[0],
    }


def by_change_events(seconds: int) -> dict[str, Any]:
    """Told over Salesforce's event bus."""
    count, crm = A_SECOND * seconds, "salesforce"
    leads = [lead(name_of(number), attributes=NOTED) for number in range(count)]
    told: dict[str, Any] = {"crm": crm, "way": "change events", "leads": count, "changes_a_second": A_SECOND}
    with tempfile.TemporaryDirectory() as folder:
        world = write_world(Path(folder) / "world", USERS, leads, [activity("l00000", "note")])
        options = ("--import", str(world), "--crm", crm, "--change-events")
        with rehearsal(Path(folder) / "here", *options) as here, serving(here, crm, SELDOM):
            wait_until(lambda: here.json("status", crm, code=[0, 1])["connections"][0]["tellings"], what="a listener")
            told["told"] = measured(here, crm, range(1, count))
    return told


def main(crm: str, seconds: int) -> dict[str, Any]:
    """The whole way."""
    count = A_SECOND * seconds
    leads = [lead(name_of(number), attributes=NOTED) for number in range(2 * count)]
    told: dict[str, Any] = {"crm": crm, "leads": len(leads), "changes_a_second": A_SECOND}
    with tempfile.TemporaryDirectory() as folder:
        world = write_world(Path(folder) / "world", USERS, leads, [activity("l00000", "note")])
        with (
            hooks_at() as hooks,
            rehearsal(Path(folder) / "here", "--import", str(world), "--crm", crm, "--hooks", hooks) as here,
        ):
            with serving(here, crm, SELDOM):
                told["told"] = measured(here, crm, range(1, count))
            with serving(here, crm, OFTEN):
                told["calm"] = punctual(here, crm, 30, flood=False)
                told["flood"] = punctual(here, crm, 30, flood=True)
            again = here.json("run", crm, "--full", "--dry-run")["plans"][0]["counts"]["changes"]
            told["planned_after"] = again
            here.change("crmsync.yaml", lambda data: data.pop("hooks"))
            with serving(here, crm, POLLED):
                told["polled"] = measured(here, crm, range(count, 2 * count))
    return told


if __name__ == "__main__":
    chosen = sys.argv[1] if len(sys.argv) > 1 else "hubspot"
    length = int(sys.argv[2]) if len(sys.argv) > 2 else 60
    print(json.dumps(by_change_events(length) if chosen == "change-events" else main(chosen, length)))
