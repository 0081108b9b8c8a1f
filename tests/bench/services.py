"""How much more several services do on one store: `python tests/bench/services.py [CONNECTIONS] [SECONDS]`.

1, 2 and then 4 services serve the same connections (40) over one store in PostgreSQL, each for so long (60 s), with a
schedule that always wants the next run; every connection has a practice CRM of its own, in which a lead asks for a
demo now and then. Prints one JSON line for each number of services: runs that ended in that time, the ratio to one
service, and of which processes the machine's processors were full: services, CRMs, database.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1] / "acceptance"), str(Path(__file__).parents[1])]

import yaml  # noqa: E402 - so that it stands with the others
from many_machines import Firm, asks_for_a_demo, firm, started  # noqa: E402 - it stands beside this folder
from rehearsal import keep_in  # noqa: E402

from crmsync.clock import now  # noqa: E402
from crmsync.store import Store  # noqa: E402
from suite import postgresql  # noqa: E402
from suite.waiting import wait_until  # noqa: E402

TICKS_A_SECOND = 100
NUMBERS = (1, 2, 4)


def processor_seconds(program: str) -> float:
    """What all processes of this program have computed, those that call themselves `program: …` included."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            first = (folder / "cmdline").read_text(encoding="utf-8", errors="replace").partition("\0")[0]
            if first.startswith(f"{program}:") or Path(first.partition(" ")[0]).name == program:
                fields = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
                total += int(fields[11]) + int(fields[12])
        except (OSError, IndexError):  # it has ended meanwhile
            continue
    return total / TICKS_A_SECOND


def of(pids: Sequence[int]) -> float:
    """What these processes have computed."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / TICKS_A_SECOND


def sessions_of(address: str) -> int:
    """How many sessions crmsync has at the server, but for the one that asks."""
    with closing(Store(address)) as store, store._database.reading() as at:
        asked = "SELECT count(*) - 1 FROM pg_stat_activity WHERE datname = current_database()"
        return int(at.exec_driver_sql(asked).scalar_one())


def ended(address: str, here: Firm) -> int:
    """Runs that have ended so far."""
    with closing(Store(address)) as store:
        return sum(run.ended_at is not None for name in here.crms for run in store.runs.last(name, limit=None))


def always_due(here: Firm) -> None:
    """A schedule that wants the next run when the last one has ended."""
    file = here.directory / "crmsync.yaml"
    said = yaml.safe_load(file.read_text(encoding="utf-8"))
    for connection in said["connections"].values():
        connection["schedule"] = {"every_minutes": 0.02, "full_every_hours": None}
    file.write_text(yaml.safe_dump(said), encoding="utf-8")


def measured(here: Firm, address: str, services: int, seconds: float) -> dict[str, Any]:
    """So many services for so long, once all connections have been run."""
    keep_in(here.directory / "crmsync.yaml", address)
    with ExitStack() as running:
        machines = [running.enter_context(started(here, f"service-{services}-{each}")) for each in range(services)]
        wait_until(lambda: ended(address, here) >= len(here.crms), what="a first run of each", seconds=600)
        pids = [each.pid for each in machines]
        before, began, first = ended(address, here), time.monotonic(), (of(pids), processor_seconds("postgres"))
        sessions = 0
        while (at := time.monotonic()) < began + seconds:
            if int(at - began) % 5 == 0:
                asks_for_a_demo(here, ["lead-1"] if int(now().timestamp()) % 2 else ["lead-2"])
            sessions = max(sessions, sessions_of(address))
            time.sleep(0.5)
        took = time.monotonic() - began
        figures = {
            "services": services,
            "runs_a_second": round((ended(address, here) - before) / took, 2),
            "processors_of_services": round((of(pids) - first[0]) / took, 2),
            "processors_of_the_database": round((processor_seconds("postgres") - first[1]) / took, 2),
            "most_sessions": sessions,
        }
        for each in machines:
            assert each.end() == 0, each.stderr
    return figures


def main(connections: int, seconds: float) -> None:
    """The whole measurement."""
    one: float | None = None
    postgresql.roomy()
    with (
        tempfile.TemporaryDirectory() as folder,
        postgresql.database() as first,
        firm(Path(folder), connections, first) as here,
    ):
        always_due(here)
        for number in NUMBERS:
            with postgresql.database() as address:
                figures = measured(here, address, number, seconds)
            one = one or figures["runs_a_second"]
            ratio = round(figures["runs_a_second"] / one, 2) if one else None
            print(json.dumps({**figures, "ratio": ratio}), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40, float(sys.argv[2]) if len(sys.argv) > 2 else 60)
