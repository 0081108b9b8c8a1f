"""`make machines`, or `python tests/acceptance/many_machines.py [--connections 20] [--frozen 60]`: two machines serve
the same connections over one store in PostgreSQL, and what can happen to a machine happens to them, each time while
they write what people's changes ask for.

One is killed; the server is stopped at once and started; one is frozen, and wakes up after the other has taken
over; one loses the network to the database, and to the CRMs: bytes go nowhere for a time, then connections are reset.
In the end CRMs, turns, journal and every lead's way are as after one process that nobody disturbed. Printed: seconds
from each loss to the takeover, and what the lost machine sent to CRMs after it. Exit code 0: all equal, and that was
nothing.
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
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parents[1]))  # for `suite`

import yaml
from commands import crmsync, environment
from killing import written_twice
from lost_network import Line, lines
from rehearsal import WRITE, Rehearsal, practice
from small_world import small_world
from sqlalchemy import make_url

from crmsync.cli.main import main as crmsync_main
from crmsync.clock import now
from crmsync.schedule import service
from crmsync.store import Store
from crmsync.store.locks import lease
from suite import postgresql
from suite.waiting import wait_until
from suite.warm import WarmProcess

LEASE_SECONDS, LOOK_SECONDS = 3.0, 0.5
FEW = 8
"""Fewer connections than that can be run every three seconds."""
SWALLOWED_SECONDS = 8.0
HAPPENS = {
    "killed": (),
    "frozen": ("mql-1", "sal-1"),
    "cut off from the database": ("mql-2", "sal-2"),
    "cut off from the CRMs": ("lead-1", "lead-2"),
}
"""What happens to a machine → leads that ask for a demo before, so that there is something to write."""

WRITTEN = rb"^(PATCH \S+/composite/sobjects|POST \S+/batch/update)"
"""How the first bytes of a write to a practice CRM look."""


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
                schedule = {"every_minutes": 0.05 if connections < FEW else 0.3, "full_every_hours": None}
                configured[name] = {**said["connections"][crm], "schedule": schedule}
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
            natives = {native: lead for lead, native in asked.native(crm).items()}
            ways = opened.history.stages(name, list(natives))
            told[name] = {
                "ways": {
                    natives[native]: [(move.stage_before, move.stage_after, move.cause) for move in moves]
                    for native, moves in ways.items()
                },
                "leads": {lead["id"]: (lead["stage"], lead["owner"]) for lead in asked.state(crm)["leads"]},
                "turns": turns,
                "held": dict(Counter(entry.turn for entry in entries if entry.turn)),
                "open": len(opened.journal.pending(name)),
                "twice": written_twice(asked.writes(crm)),
            }
    return told


def asks_for_a_demo(here: Firm, names: Sequence[str]) -> None:
    """These leads do, on every CRM."""
    at = now().strftime("%Y-%m-%dT%H:%M:%SZ")
    news = [{"id": f"{lead}-demo", "lead": lead, "kind": "demo_request", "at": at} for lead in names]
    for crm, asked in here.crms.values():
        asked.edit(crm, activities=news)


def calm(where: Path, connections: int) -> dict[str, Any]:
    """One process, a file, nobody disturbs it."""
    with firm(where, connections, str(where / "calm.db")) as here:
        for names in HAPPENS.values():
            if names:
                asks_for_a_demo(here, names)
            done = crmsync("run", cwd=here.directory)
            assert done.returncode in (0, 4), done.stderr
        return ends(here, str(where / "calm.db"))


def machine() -> None:
    """A machine's `crmsync serve`, less patient than a real one."""
    lease.LEASE_SECONDS, lease.RENEW_SECONDS, lease.STILL_SECONDS = LEASE_SECONDS, 0.3, 1.5  # type: ignore[assignment]
    service.LOOK_SECONDS = LOOK_SECONDS
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


def disturbed(
    where: Path, connections: int, address: str, *, restart: bool, frozen_seconds: float = 0.0
) -> dict[str, Any]:
    """Two machines, and what happens to them. `restart`: to the database's server, too."""
    with firm(where, connections, address) as here, closing(Store(address)) as store, ExitStack() as machines:
        one, two = (machines.enter_context(started(here, name)) for name in ("one", "two"))
        victim, other, lost = in_mid_write(here, store, (one, two), "killed")
        victim.kill()
        taken_over("killed in the middle of a write", store, lost)
        if restart:
            began = time.monotonic()
            postgresql.restarted()
            print(f"the server was stopped at once and started: {time.monotonic() - began:.1f} s", flush=True)
        all_settles(here, address)
        third = machines.enter_context(started(here, "three"))
        victim, other, lost = in_mid_write(here, store, (other, third), "frozen")
        os.kill(victim.pid, signal.SIGSTOP)
        began = time.monotonic()
        taken_over(f"frozen (not heard of for {LEASE_SECONDS:g} s)", store, lost)
        time.sleep(max(0.0, frozen_seconds - (time.monotonic() - began)))
        os.kill(victim.pid, signal.SIGCONT)
        print(f"woken after {time.monotonic() - began:.0f} s", flush=True)
        all_settles(here, address)
        assert victim.end() == 0, victim.stderr
        with apart(here, address) as (elsewhere, to_database, to_crms):
            fourth = machines.enter_context(started(elsewhere, "four"))
            for what, cut in (
                ("cut off from the database", [to_database]),
                ("cut off from the CRMs", list(to_crms.values())),
            ):
                _, _, lost = in_mid_write(here, store, (other, fourth), what, victim=fourth)
                lose(what, cut, store, lost, to_crms if to_database in cut else {})
                all_settles(here, address)
            for process in (other, fourth):
                assert process.end() == 0, process.stderr
                assert "Traceback" not in process.stderr, process.stderr
        done = crmsync("run", "--full", cwd=here.directory)
        assert done.returncode in (0, 4), done.stderr
        return ends(here, address)


def in_mid_write(
    here: Firm,
    store: Store,
    machines: Sequence[WarmProcess],
    what: str,
    victim: WarmProcess | None = None,
) -> tuple[WarmProcess, WarmProcess, Mapping[int, int]]:
    """Let there be something to write that takes a while; the machine that is at it (or this one), another, and what
    the first holds.
    """
    slowly(here, list(here.crms), 6.0)
    if HAPPENS[what]:
        asks_for_a_demo(here, HAPPENS[what])
    wait_until(lambda: fired(here, list(here.crms)), what="a write")
    among = [victim] if victim else list(machines)

    def holding() -> tuple[WarmProcess, dict[int, int]] | None:
        return next(((each, found) for each in among if (found := held_by(store, each.pid))), None)

    at_work, found = wait_until(holding, what="a holder")
    return at_work, next(each for each in machines if each is not at_work), found


@contextmanager
def apart(here: Firm, address: str) -> Iterator[tuple[Firm, Line, Mapping[str, Line]]]:
    """The same configuration on a machine that reaches the database and each CRM by a way of its own."""
    url = make_url(address)
    server = url.query.get("host") or url.host
    port = url.port or 5432
    database = f"{server}/.s.PGSQL.{port}" if str(server).startswith("/") else (str(server), port)
    ports = {name: urlsplit(asked.urls[crm]).port or 0 for name, (crm, asked) in here.crms.items()}
    with lines([database, *(("127.0.0.1", port) for port in ports.values())]) as (to_database, *to_crms):
        ways = dict(zip(ports, to_crms, strict=True))
        there = here.directory.with_name("config-apart")
        shutil.copytree(here.directory, there)
        said = yaml.safe_load((there / "crmsync.yaml").read_text(encoding="utf-8"))
        query = {key: value for key, value in url.query.items() if key != "host"}
        through = url.set(host="127.0.0.1", port=to_database.port, query=query)
        said["store"] = through.render_as_string(hide_password=False)
        for name, line in ways.items():
            said["connections"][name]["options"]["url"] = f"http://127.0.0.1:{line.port}"
        (there / "crmsync.yaml").write_text(yaml.safe_dump(said), encoding="utf-8")
        yield Firm(there, here.crms), to_database, ways


def lose(what: str, cut: Sequence[Line], store: Store, lost: Mapping[int, int], watched: Mapping[str, Line]) -> None:
    """Nothing passes for a while; then connections that lost bytes are reset. A database out of reach is a takeover:
    `watched` lines carry no write of what was taken over from then on.
    """
    for line in cut:
        line.swallow()
    began = time.monotonic()
    if watched:
        taken_over(what, store, lost)
    taken = time.monotonic()
    time.sleep(max(0.0, SWALLOWED_SECONDS - (taken - began)))
    reset = sum(line.heal() for line in cut)
    print(f"{what} for {time.monotonic() - began:.1f} s, {reset // 2} connections reset", flush=True)
    if watched:
        names = {number: name for name in watched if (number := store._numbers[name]) in lost}
        late = [
            (name, first.split(b"\r", 1)[0].decode("ascii", "replace"))
            for name in names.values()
            for at, first in watched[name].sent
            if at > taken and first.startswith((b"PATCH ", b"POST ")) and re.search(WRITTEN, first)
        ]
        print(f"after the takeover it sent {len(late)} writes to the CRMs of what it had lost", flush=True)
        assert not late, late


def taken_over(what: str, store: Store, lost: Mapping[int, int]) -> None:
    """Wait until another machine has taken all of these connections; print how long that took."""
    began = time.monotonic()

    def all_taken() -> bool:
        with store._database.reading() as at:
            now = {row[0]: row[1] for row in at.exec_driver_sql("SELECT connection_id, epoch FROM leases")}
        return all(now[number] > epoch for number, epoch in lost.items())

    wait_until(all_taken, what="the takeover")
    print(f"{what}: {len(lost)} connections taken over within {time.monotonic() - began:.1f} s", flush=True)


def all_settles(here: Firm, address: str) -> None:
    """Wait until every connection has been run to its end by a run that began later than now, and nothing is open."""
    since = now()

    def settled() -> bool:
        with closing(Store(address)) as store:
            return all(
                not store.journal.pending(name)
                and any(run.exit_code in (0, 4) and run.started_at > since for run in store.runs.last(name))
                for name in here.crms
            )

    wait_until(settled, what="the end of all work")


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
        if this["turns"] != this["held"] or this["open"]:
            told.append(f"{name}: {this}")
    return told


def main() -> None:
    """See the module."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--connections", type=int, default=20)
    arguments.add_argument("--frozen", type=float, default=60.0, help="seconds that a machine is frozen at least")
    asked = arguments.parse_args()
    postgresql.roomy()
    with tempfile.TemporaryDirectory() as folder, postgresql.database() as address:
        expected = calm(Path(folder) / "calm", asked.connections)
        found = disturbed(
            Path(folder) / "disturbed", asked.connections, address, restart=True, frozen_seconds=asked.frozen
        )
    told = wrong(expected, found)
    print(f"{asked.connections} connections, {len(told)} differences")
    if told:
        sys.exit("\n".join(told))


if __name__ == "__main__":
    main()
