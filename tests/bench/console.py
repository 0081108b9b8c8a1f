"""Time of the console's pages at the server, and their weight on the wire.

`python tests/bench/console.py LEADS [ADDRESS]`: on a store that `grown.py` makes and removes, at the address of an
empty PostgreSQL database if one is given. `python tests/bench/console.py CRMSYNC.YAML`: on one that is there.

Each page is asked for so often. Told are its size as it is sent, processor milliseconds of this process and of its
sessions in PostgreSQL (which is told to work with one processor for each) in the median, and those of the clock: they
say something only on a machine that does nothing else. Stylesheets and scripts come once to each browser and are told
by themselves. What is made behind its page takes from those that are asked for meanwhile; they come last.
"""

from __future__ import annotations

import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from grown import grown  # it stands beside this file
from services import of
from starlette.testclient import TestClient

from crmsync.clock import now
from crmsync.console import Site, application
from crmsync.console.assets import FILES, address_of
from crmsync.schedule import first_due
from crmsync.settings import KeptSettings, load_settings
from crmsync.store import Store
from crmsync.store.dialects.backend import file_at

TIMES = 9


def main(config: Path) -> None:
    """Ask, and print a line for each page."""
    used = _processor_of(load_settings(config).store)
    site = Site(KeptSettings(config), now, first_due)
    client = TestClient(application(site), base_url="http://127.0.0.1", follow_redirects=False)
    found = client.get("/leads?sought=an").text
    lead = re.findall(r'href="(/leads/[^"?]+/[^"?]+)"', found)[0]
    runs = re.findall(r'href="(/runs/\d+)"', client.get("/runs").text)
    files = sum(_sent(client, address_of(name)) for name in FILES)
    print(f"{'files, once':<44} {files:>9,} bytes")
    plans = [
        f"/plan/{name}{how}"
        for name in load_settings(config).configured
        for how in ("", "?order=name", "?words=an", "?words=nobody", "?order=points")
    ]
    sought = ("/leads", "/leads?sought=an", "/leads?sought=nobody", "/leads?sought=anna+nobody", "/leads/left-alone")
    others = ("/routing", "/mapping", "/policy", "/settings", "/reports")
    changes = re.findall(r'"(/plan/[^"?]+/changes/[^"?]+)"', client.get(plans[0]).text)
    of_lead = (lead, *(f"/{part}{lead.removeprefix('/leads')}" for part in ("ways", "course", "routing/way")))
    behind = (*of_lead, "/routing/simulation", "/reports/hand-offs", "/reports/funnel")
    for path in ("/", *plans, *changes[:1], *sought, "/runs", *runs, *others, *behind):
        spent, passed = [], []
        for _ in range(TIMES):
            processor, clock = used(), time.perf_counter()
            answer = client.get(path)
            assert answer.status_code == 200, (path, answer.status_code)
            spent.append((used() - processor) * 1000)
            passed.append((time.perf_counter() - clock) * 1000)
        told = f"{statistics.median(spent):7.0f} ms of the processor {statistics.median(passed):7.0f} ms by the clock"
        print(f"{path:<44} {_sent(client, path):>9,} bytes {told}", flush=True)


def _processor_of(store: Path | str) -> Callable[[], float]:
    """Seconds that this process and its sessions in the database's server have computed."""
    if file_at(store) is not None:
        return time.process_time
    import psycopg

    asking, held = psycopg.connect(store, autocommit=True), Store(store)  # whose sessions stay, and are counted
    name = asking.info.dbname
    asking.execute(f'ALTER DATABASE "{name}" SET max_parallel_workers_per_gather = 0'.encode())

    def used() -> float:
        assert held is not None
        pids = [pid for (pid,) in asking.execute("SELECT pid FROM pg_stat_activity WHERE datname = %s", [name])]
        return time.process_time() + of([pid for pid in pids if Path(f"/proc/{pid}").exists()])

    return used


def _sent(client: TestClient, path: str) -> int:
    """Bytes of the body as they are sent."""
    with client.stream("GET", path) as answer:
        return sum(len(part) for part in answer.iter_raw())


if __name__ == "__main__":
    if sys.argv[1].isdigit():
        with tempfile.TemporaryDirectory() as folder:
            main(grown(Path(folder) / "here", int(sys.argv[1]), *sys.argv[2:3]))
    else:
        main(Path(sys.argv[1]))
