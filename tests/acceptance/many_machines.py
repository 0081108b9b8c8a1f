"""`make machines`, or `python tests/acceptance/many_machines.py [--connections 20]`: two machines serve the same
connections over one store in PostgreSQL, and what can happen to a machine happens to them.

One is killed in the middle of a write; the server is stopped at once and started; one is frozen until the other has
taken over, and wakes up. In the end CRMs, turns and journal are as after one process that nobody disturbed. Printed:
seconds from each loss to the takeover. Exit code 0: all equal.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # for `suite`

import yaml
from commands import crmsync, environment
from killing import written_twice
from rehearsal import WRITE, Rehearsal, practice, wait_until
from small_world import small_world

from crmsync.cli.main import main as crmsync_main
from crmsync.schedule import service
from crmsync.store import Store
from crmsync.store.locks import lease
from suite import postgresql
from suite.warm import WarmProcess

LEASE_SECONDS, LOOK_SECONDS = 3.0, 0.5
SCHEDULE = {"every_minutes": 0.05, "full_every_hours": None}


@dataclass(frozen=True)
class Firm:
    """`crms`: connection → its CRM's name and a way to ask it. `directory`: crmsync.yaml and what it names."""

    directory: Path
    crms: Mapping[str, tuple[str, Rehearsal]]


@contextmanager
def firm(where: Path, connections: int, store: str) -> Iterator[Firm]:
    """Each connection has a CRM of its own, with the same people in it."""
    world = small_world(where / "world", copies=2)
    with ExitStack() as running:
        crms: dict[str, tuple[str, Rehearsal]] = {}
        configured: dict[str, Any] = {}
        for number in range((connections + 1) // 2):
            beside = where / f"practice-{number}"
            options = ("--import", str(world), "--config-dir", str(beside / "config"))
            urls = running.enter_context(practice(beside, *options))
            said = yaml.safe_load((beside / "config/crmsync.yaml").read_text(encoding="utf-8"))
            for crm in said["connections"]:
                name = f"{crm}-{number}"
                crms[name] = crm, Rehearsal(beside / "config", urls)
                configured[name] = {
                    **said["connections"][crm],
                    "schedule": {"every_minutes": 0.05, "full_every_hours": None},
                }
        here = where / "config"
        shutil.copytree(where / "practice-0/config", here)
        said |= {"store": store, "connections": configured}
        (here / "crmsync.yaml").write_text(yaml.safe_dump(said), encoding="utf-8")
        secrets = (here / ".env").read_text(encoding="utf-8")
        own = [
            re.sub("_(SALESFORCE|HUBSPOT)_", lambda found, n=name: f"_{n.upper().replace('-', '_')}_", line)
            for name in configured
            for line in secrets.splitlines()
            if f"_{crms[name][0].upper()}_" in line
        ]
        (here / ".env").write_text("\n".join(own) + "\n", encoding="utf-8")
        yield Firm(here, crms)


def ends(firm: Firm, store: str) -> dict[str, Any]:
    """Connection → leads with stage and owner, turns, and changes that were written twice or are still open."""
    told = {}
    with closing(Store(store)) as opened:
        for name, (crm, asked) in firm.crms.items():
            turns = {key: it.count for key, it in opened.journal.turns(name).items() if it.count}
            entries = opened.journal.entries(name)
            told[name] = {
                "leads": {lead["id"]: (lead["stage"], lead["owner"]) for lead in asked.state(crm)["leads"]},
                "turns": turns,
                "held": dict(Counter(entry.turn for entry in entries if entry.turn)),
                "open": len(opened.journal.pending(name)),
                "twice": written_twice(asked.writes(crm)),
            }
    return told


def calm(where: Path, connections: int) -> dict[str, Any]:
    """One process, a file, nobody disturbs it."""
    with firm(where, connections, str(where / "calm.db")) as here:
        done = crmsync("run", cwd=here.directory)
        assert done.returncode in (0, 4), done.stderr
        return ends(here, str(where / "calm.db"))


def machine() -> None:
    """A machine's `crmsync serve`, less patient than a real one."""
    lease.LEASE_SECONDS, lease.RENEW_SECONDS, service.LOOK_SECONDS = LEASE_SECONDS, 0.3, LOOK_SECONDS  # type: ignore[assignment]
    crmsync_main()


def started(here: Firm, name: str) -> WarmProcess:
    """A machine at work."""
    return WarmProcess.start(
        machine, ["crmsync", "serve"], cwd=here.directory, env=environment(), said=here.directory.parent / name
    )


_HELD = """
SELECT connection_id, epoch, holder FROM leases
WHERE holder IS NOT NULL AND extract(epoch FROM clock_timestamp()) * 1000000 - renewed_at < 1000000
"""


def held_by(store: Store, pid: int) -> dict[int, int]:
    """Number of each connection that this process holds, and has just said so → the lease's epoch."""
    with store._database.reading() as at:
        rows = at.exec_driver_sql(_HELD).all()
    return {number: epoch for number, epoch, holder in rows if json.loads(holder)["pid"] == pid}


def slowly(here: Firm, names: Sequence[str], seconds: float) -> None:
    """The first writes of these connections take a while."""
    for name in names:
        crm, asked = here.crms[name]
        asked.control(crm, "faults", "PUT", [{"path": WRITE[crm], "delay_seconds": seconds, "times": 1}])


def fired(here: Firm, names: Sequence[str]) -> list[str]:
    """Those of them that are in the middle of that write."""
    return [name for name in names if here.crms[name][1].control(here.crms[name][0], "faults")[0]["fired"]]


def disturbed(where: Path, connections: int, address: str, *, restart: bool) -> dict[str, Any]:
    """Two machines, and what happens to them."""
    with firm(where, connections, address) as here, closing(Store(address)) as store, ExitStack() as machines:
        names = list(here.crms)
        slowly(here, names, 6.0)
        one, two = (machines.enter_context(started(here, name)) for name in ("one", "two"))
        by_pid = {one.pid: one, two.pid: two}
        wait_until(lambda: fired(here, names), what="a write")
        holding = wait_until(
            lambda: next(((pid, found) for pid in by_pid if (found := held_by(store, pid))), None), what="a holder"
        )
        victim, other = by_pid[holding[0]], by_pid[({one.pid, two.pid} - {holding[0]}).pop()]
        victim.kill()
        taken_over("killed in the middle of a write", store, holding[1])
        if restart:
            began = time.monotonic()
            postgresql.restarted()
            print(f"the server was stopped at once and started: {time.monotonic() - began:.1f} s", flush=True)
        third = machines.enter_context(started(here, "three"))
        frozen = wait_until(lambda: somebody_at_work(store, (other, third)), what="somebody at work")
        os.kill(frozen.pid, signal.SIGSTOP)
        taken_over(f"frozen (not heard of for {LEASE_SECONDS:g} s)", store, held_by(store, frozen.pid))
        os.kill(frozen.pid, signal.SIGCONT)
        wait_until(lambda: settled(here, address), what="the end of all work")
        for process in (other, third):
            assert process.end() == 0, process.stderr
            assert "Traceback" not in process.stderr, process.stderr
        done = crmsync("run", "--full", cwd=here.directory)
        assert done.returncode in (0, 4), done.stderr
        return ends(here, address)


def somebody_at_work(store: Store, machines: Sequence[WarmProcess]) -> WarmProcess | None:
    """One that holds a connection."""
    return next((each for each in machines if held_by(store, each.pid)), None)


def taken_over(what: str, store: Store, lost: Mapping[int, int]) -> None:
    """Wait until another machine has taken all of these connections; print how long that took."""
    began = time.monotonic()

    def all_taken() -> bool:
        with store._database.reading() as at:
            now = {row[0]: row[1] for row in at.exec_driver_sql("SELECT connection_id, epoch FROM leases")}
        return all(now[number] > epoch for number, epoch in lost.items())

    wait_until(all_taken, what="the takeover")
    print(f"{what}: {len(lost)} connections taken over within {time.monotonic() - began:.1f} s", flush=True)


def settled(here: Firm, address: str) -> bool:
    """Whether every connection has been run to its end, and nothing is open."""
    with closing(Store(address)) as store:
        return all(
            not store.journal.pending(name) and any(run.exit_code in (0, 4) for run in store.runs.last(name))
            for name in here.crms
        )


def wrong(expected: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """What is not as in the calm world."""
    told = []
    for name, calm_one in expected.items():
        this = found[name]
        told += [
            f"{name}: {part} {this[part]} instead of {calm_one[part]}"
            for part in calm_one
            if this[part] != calm_one[part]
        ]
        if this["turns"] != this["held"] or this["open"] or this["twice"]:
            told.append(f"{name}: {this}")
    return told


def main() -> None:
    """See the module."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--connections", type=int, default=20)
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder, postgresql.database() as address:
        expected = calm(Path(folder) / "calm", asked.connections)
        found = disturbed(Path(folder) / "disturbed", asked.connections, address, restart=True)
    told = wrong(expected, found)
    print(f"{asked.connections} connections, {len(told)} differences")
    if told:
        sys.exit("\n".join(told))


if __name__ == "__main__":
    main()
