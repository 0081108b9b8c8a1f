"""`make soak MINUTES=30`, or `python tests/acceptance/soak.py 30 [sqlite|postgresql …]`: a service at work for long.

Both practice CRMs are stormy; people's changes come all the time; HubSpot tells of them by webhooks, Salesforce by
change events, but for every third, which polling has to find; every three minutes a CRM is away for half a minute.
Looked at every five seconds: memory and descriptors of the service. In the end no change is open, what was written
last stands in the CRM, and a full dry run plans nothing. Each outage was told once when it came and once when it was
over. Printed: how long changes waited, and memory and descriptors by quarters of the time.
Exit code 0: the last quarter's are within a tenth of the second's, and the rest holds.
"""

from __future__ import annotations

import argparse
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # for `suite`

from commands import environment
from receiving import hooks_at
from rehearsal import CRMS, Rehearsal, keep_in, rehearsal
from small_world import small_world

from crmsync.clock import now
from crmsync.store import Store
from suite import postgresql
from suite.receivers import web_hook
from suite.waiting import wait_until

LOOK_SECONDS = 5.0
EDIT_SECONDS = 2.0
OUTAGE_EVERY_SECONDS, OUTAGE_SECONDS = 180.0, 30.0
COPIES = 20
TOLERATED = 1.10
KINDS = ("content_download", "consultation_request", "demo_request", "form_submission")
AWAY = [{"status": 503}]
UNSEEN_EACH = 3
"""Of so many changes the CRM tells nothing of one."""
DEAF = {"salesforce": {"change_objects": []}, "hubspot": {"webhook_url": None}}
"""Switches by which a CRM tells nothing."""


class Soak:
    """One service on one store, and what is done to it."""

    def __init__(self, here: Rehearsal, name: str, seed: int) -> None:
        self.here, self.name = here, name
        self.chance = random.Random(seed)
        self.looks: list[tuple[int, int]] = []
        self.outages: Counter[str] = Counter()
        self.number = 0

    def edit(self) -> None:
        """Somebody does something that may move a lead."""
        crm = self.chance.choice(CRMS)
        lead = f"{self.chance.choice(('lead', 'mql', 'sal', 'sql'))}-{self.chance.randint(1, COPIES)}"
        self.number += 1
        at = now().strftime("%Y-%m-%dT%H:%M:%SZ")
        news = {"id": f"soak-{self.number}", "lead": lead, "kind": self.chance.choice(KINDS), "at": at}
        if self.number % UNSEEN_EACH:
            self.here.edit(crm, activities=[news])
            return
        before = {name: self.here.control(crm, "switches")[name] for name in DEAF[crm]}
        self.here.control(crm, "switches", "PUT", DEAF[crm])
        self.here.edit(crm, activities=[news])
        self.here.control(crm, "switches", "PUT", before)

    def look(self, pid: int) -> None:
        """KiB of memory, and descriptors."""
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        resident = re.search(r"VmRSS:\s+(\d+)", status)
        assert resident
        self.looks.append((int(resident[1]), len(list(Path(f"/proc/{pid}/fd").iterdir()))))

    def work(self, pid: int, seconds: float) -> None:
        """Let time pass, with what belongs to it."""
        began = looked = edited = time.monotonic()
        outage_until, outage = 0.0, None
        next_outage = began + OUTAGE_EVERY_SECONDS
        while (at := time.monotonic()) < began + seconds or outage:
            if at - looked >= LOOK_SECONDS and at < began + seconds:
                looked = at
                self.look(pid)
            if at - edited >= EDIT_SECONDS and at < began + seconds:
                edited = at
                self.edit()
            if outage is None and at >= next_outage and at + OUTAGE_SECONDS < began + seconds:
                outage, outage_until = self.chance.choice(CRMS), at + OUTAGE_SECONDS
                next_outage = at + OUTAGE_EVERY_SECONDS
                self.outages[outage] += 1
                self.here.control(outage, "faults", "PUT", AWAY)
            if outage and at >= outage_until:
                self.storm(outage)
                outage = None
            time.sleep(0.2)

    def storm(self, crm: str) -> None:
        """As unreliable as before."""
        self.here.control(crm, "faults", "PUT", {"profile": "stormy", "seed": self.number})


def soaked(where: Path, minutes: float, kind: str, seed: int) -> list[str]:
    """What is wrong after so many minutes on a store of this kind."""
    with ExitStack() as held:
        world = str(small_world(where / "world", copies=COPIES))
        options = ("--import", world, "--hooks", held.enter_context(hooks_at()), "--change-events")
        here = held.enter_context(rehearsal(where / "here", *options))
        here.control("salesforce", "switches", "PUT", {"outbound_url": None})
        hook = held.enter_context(web_hook())
        store: Path | str = here.directory / "crmsync.db"
        if kind == "postgresql":
            store = held.enter_context(postgresql.database())
            keep_in(here.directory / "crmsync.yaml", store)
        settle(here, hook.address)
        soak = Soak(here, kind, seed)
        for crm in CRMS:
            soak.storm(crm)
        log = held.enter_context((where / "serve.log").open("w", encoding="utf-8"))
        command = [sys.executable, "-m", "crmsync", "serve"]
        service = subprocess.Popen(command, cwd=here.directory, env=environment(), stderr=log)
        try:
            soak.work(service.pid, 60 * minutes)
            for crm in CRMS:
                here.control(crm, "faults", "DELETE")
            settled(here, store)
            wait_until(lambda: told(hook.events, soak.outages) == [], what="the end of alerts", seconds=120)
            figures = metrics(here)
        finally:
            service.terminate()
            code = service.wait(120)
        lines = (where / "serve.log").read_text(encoding="utf-8")
        wrong = [] if code == 0 else [f"serve ended with {code}"]
        wrong += ["a traceback in the log"] if "Traceback" in lines else []
        wrong += told(hook.events, soak.outages) + apart(here, store) + grown(soak.looks)
        print(f"{kind}: {soak.number} changes by people, {sum(soak.outages.values())} outages; {figures}", flush=True)
        return [f"{kind}: {each}" for each in wrong]


def settle(here: Rehearsal, address: str) -> None:
    """A run every six seconds, metrics, and a channel that is told when runs stop."""

    def change(data: Any) -> None:
        data["watch"] = {"listen": "127.0.0.1:0"}
        data["alerts"] = {"channels": {"pager": {"by": "webhook", "only": ["run_failed", "sign_in_refused"]}}}
        for connection in data["connections"].values():
            connection["schedule"] = {"every_minutes": 0.1, "full_every_hours": 0.25}
            connection["options"] |= {"attempts": 4, "longest_wait_seconds": 1}

    here.change("crmsync.yaml", change)
    with here.file(".env").open("a", encoding="utf-8") as variables:
        variables.write(f"\nCRMSYNC_ALERTS_PAGER_URL={address}\n")


def settled(here: Rehearsal, store: Path | str) -> None:
    """Wait until each connection was run twice since, to a good end."""
    since = now()

    def well() -> bool:
        with closing(Store(store)) as opened:
            return all(
                sum(run.exit_code == 0 and run.started_at > since for run in opened.runs.last(crm)) >= 2
                for crm in CRMS
            )

    wait_until(well, what="two good runs of each connection", seconds=180)


def told(events: Sequence[tuple[str, str, str]], outages: Mapping[str, int]) -> list[str]:
    """What is wrong with the alerts: each outage came and went, in this order, and nothing was told twice."""
    wrong = []
    for crm in CRMS:
        mine = [state for connection, kind, state in events if (connection, kind) == (crm, "run_failed")]
        if mine != ["new", "over"] * (len(mine) // 2):
            wrong.append(f"{crm}: alerts came as {mine}")
        if len(mine) < 2 * outages[crm]:
            wrong.append(f"{crm}: {len(mine)} alerts of {outages[crm]} outages")
    return wrong


def apart(here: Rehearsal, store: Path | str) -> list[str]:
    """Where store, journal and CRM do not agree."""
    wrong = []
    with closing(Store(store)) as opened:
        for crm in CRMS:
            if open_ones := len(opened.journal.pending(crm)):
                wrong.append(f"{crm}: {open_ones} changes are open")
            held = {lead["native_id"]: lead for lead in here.state(crm)["leads"]}
            last = {entry.change.lead: entry for entry in opened.journal.entries(crm, state="written")}
            owners = {each["id"]: each["native_id"] for each in here.state(crm)["users"]}
            for lead, entry in last.items():
                if entry.change.owner_after and entry.change.owner_after != owners.get(held[lead]["owner"]):
                    wrong.append(f"{crm}: the owner of {lead} is not the one that was written")
    planned = here.process("run", "--full", "--dry-run")
    if "Nothing to change." not in planned.stdout:
        wrong.append(f"a full dry run says: {planned.stdout[-400:]}{planned.stderr[-400:]}")
    return wrong


def grown(looks: Sequence[tuple[int, int]]) -> list[str]:
    """Whether memory or descriptors of the last quarter are more than a tenth above those of the second."""
    quarter = len(looks) // 4
    wrong = []
    for place, name in enumerate(("memory (MiB)", "descriptors")):
        unit = 1024 if place == 0 else 1
        means = [
            sum(look[place] for look in looks[part * quarter : (part + 1) * quarter]) / quarter / unit
            for part in range(4)
        ]
        print(f"  {name} by quarters: {', '.join(f'{mean:.1f}' for mean in means)}", flush=True)
        if means[3] > means[1] * TOLERATED:
            wrong.append(f"{name} has grown from {means[1]:.1f} to {means[3]:.1f}")
    return wrong


def metrics(here: Rehearsal) -> str:
    """How long changes waited, and what calls had to put up with, as the service tells it."""
    log = (here.directory.parent / "serve.log").read_text(encoding="utf-8")
    found = re.search(r"http://127\.0\.0\.1:\d+", log)
    assert found, "the service does not say where it listens"
    with urllib.request.urlopen(f"{found[0]}/metrics", timeout=30) as answer:
        text = answer.read().decode()
    buckets: Counter[float] = Counter()
    for bound, count in re.findall(r'crmsync_change_seconds_bucket\{[^}]*le="([^"]+)"\} (\S+)', text):
        buckets[float(bound)] += int(float(count))
    totals = {
        name: sum(float(value) for value in re.findall(rf"(?m)^crmsync_{name}\{{[^}}]*\}} (\S+)", text))
        for name in ("calls_total", "calls_refused_total", "call_retries_total", "change_seconds_sum")
    }
    answered = buckets[float("inf")]
    within = {
        share: min((b for b, n in buckets.items() if n >= share * answered), default=0) for share in (0.5, 0.99)
    }
    mean = totals["change_seconds_sum"] / answered if answered else 0
    return (
        f"{answered} answered after {mean:.0f} s in the mean, half within {within[0.5]:g} s, 99 % within "
        f"{within[0.99]:g} s; {totals['calls_total']:.0f} calls, {totals['calls_refused_total']:.0f} refused, "
        f"{totals['call_retries_total']:.0f} made again"
    )


def main() -> None:
    """See the module."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("minutes", type=float)
    arguments.add_argument("stores", nargs="*", default=["sqlite", "postgresql"])
    arguments.add_argument("--seed", type=int, default=20261129)
    asked = arguments.parse_args()
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        if "postgresql" in asked.stores:
            postgresql.server()

        def one(kind: str) -> None:
            try:
                wrong.extend(soaked(Path(folder) / kind, asked.minutes, kind, asked.seed))
            except Exception as error:
                wrong.append(f"{kind}: {type(error).__name__}: {error}")

        working = [threading.Thread(target=one, args=(kind,)) for kind in asked.stores]
        for each in working:
            each.start()
        for each in working:
            each.join()
    print(f"{asked.minutes:g} minutes: {len(wrong)} things wrong", flush=True)
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
