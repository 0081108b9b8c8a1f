"""A service that CRMs tell of changes: how it is started, what it logs, and when it has come to rest."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import closing
from typing import Any

from rehearsal import (
    CRMS,
    Rehearsal,
)

from crmsync.store import Store
from suite.waiting import wait_until
from suite.warm import WarmProcess

JSON_LOG = {"CRMSYNC_LOG_FORMAT": "json", "CRMSYNC_LOG_LEVEL": "debug"}
SELDOM = {"cron": "0 0 1 1 *", "full_every_hours": None}
NAME = "Somebody else"
"""In the deliveries that are made up here: a value, which is never looked at."""


def run_unheard(here: Rehearsal) -> None:
    """Everybody to where they belong, before anybody listens: nobody is told, else CRMs would try for long."""
    hooks = {crm: ("outbound_url" if crm == "salesforce" else "webhook_url") for crm in here.urls}
    told = {crm: here.control(crm, "switches")[name] for crm, name in hooks.items()}
    for crm, name in hooks.items():
        here.control(crm, "switches", "PUT", {name: None})
    here.json("run")
    for crm, name in hooks.items():
        here.control(crm, "switches", "PUT", {name: told[crm]})


def seldom(data: Any) -> None:
    """No run by schedule, and short faults."""
    for connection in data["connections"].values():
        connection["schedule"] = dict(SELDOM)
        connection["options"] |= {"attempts": 1}
    data["hooks"] |= {"gather_seconds": 0.05, "slowest_seconds": 1}


def serving(here: Rehearsal) -> WarmProcess:
    """Start it and wait until it listens."""
    running = here.start("serve", env=JSON_LOG)
    wait_until(lambda: [line for line in lines(running) if line["event"] == "hooks"], what="a service that listens")
    return running


def lines(running: WarmProcess) -> list[dict[str, Any]]:
    """The log so far; each line is JSON. A line that is being written is left out."""
    text = running.stderr
    return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]


def runs_by_tellings(running: WarmProcess, crm: str) -> list[dict[str, Any]]:
    """The log lines of runs that read what was told."""
    told = {"run ended", "told of changes; nothing follows"}
    return [line for line in lines(running) if line["event"] in told and line["connection"] == crm and "told" in line]


def standing(here: Rehearsal, crm: str) -> Mapping[str, Any]:
    """What `status` says of tellings."""
    [one] = here.json("status", crm, code=[0, 1])["connections"]
    told: Mapping[str, Any] = one["tellings"]
    return told


def all_read(here: Rehearsal, *crms: str) -> None:
    """Wait until nothing waits to be read, and go on a moment: what was written is told, too."""
    for crm in crms or CRMS:
        wait_until(lambda crm=crm: waiting(here, crm) == 0, what=f"everything told by {crm} read")
    time.sleep(0.3)
    for crm in crms or CRMS:
        wait_until(lambda crm=crm: waiting(here, crm) == 0, what=f"everything told by {crm} read")


def comes_to_rest(here: Rehearsal, crm: str) -> None:
    """Wait until the CRM is asked nothing more. What was written is told, read once more, and answered by nothing."""
    looks = [here.calls(crm)]

    def rests() -> bool:
        time.sleep(1)
        looks.append(here.calls(crm))
        return looks[-1] == looks[-2]

    wait_until(rests, 60, f"rest of {crm}")


def waiting(here: Rehearsal, crm: str) -> int:
    with closing(Store(here.store)) as store:
        return store.tellings.standing(crm).waiting


def stage_of(here: Rehearsal, crm: str, lead: str) -> Any:
    held = here.lead(crm, lead)
    return (held.get("native") or {}).get("hs_lead_status") or held["stage"]


def stored(here: Rehearsal, crm: str) -> tuple[str, ...]:
    with closing(Store(here.store)) as store:
        return store.facts.leads_of_connection(crm, limit=1000)


def gone_from(here: Rehearsal, crm: str, native: str) -> None:
    wait_until(lambda: native not in stored(here, crm), 60, f"a lead of {crm} out")
