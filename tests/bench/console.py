"""Time of the console's pages at the server, and their weight on the wire: python tests/bench/console.py CRMSYNC.YAML

Each page is asked for so often; told are processor milliseconds and those of the clock in the median, and its size as
it is sent. Stylesheets and scripts come once to each browser and are told by themselves. What is made behind its page
takes from those that are asked for meanwhile.
"""

from __future__ import annotations

import re
import statistics
import sys
import time
from pathlib import Path

from starlette.testclient import TestClient

from crmsync.clock import now
from crmsync.console import Site, application
from crmsync.console.assets import FILES, address_of
from crmsync.schedule import first_due
from crmsync.settings import load_settings

TIMES = 9


def main(config: Path) -> None:
    """Ask, and print a line for each page."""
    site = Site(lambda: load_settings(config), now, first_due)
    client = TestClient(application(site), base_url="http://127.0.0.1", follow_redirects=False)
    found = client.get("/leads?sought=an").text
    lead = re.findall(r'href="(/leads/[^"?]+/[^"?]+)"', found)[0]
    runs = re.findall(r'href="(/runs/\d+)"', client.get("/runs").text)
    files = sum(_sent(client, address_of(name)) for name in FILES)
    print(f"{'files, once':<44} {files:>9,} bytes")
    plans = [f"/plan/{name}" for name in load_settings(config).configured]
    sought = ("/leads", "/leads?sought=an", "/leads?sought=nobody")
    others = ("/routing", "/routing/simulation", "/reports", "/reports/hand-offs", "/reports/funnel", "/settings")
    for path in ("/", *plans, *sought, lead, "/runs", *runs[-1:], *others):
        spent, passed = [], []
        for _ in range(TIMES):
            processor, clock = time.process_time(), time.perf_counter()
            assert client.get(path).status_code == 200
            spent.append((time.process_time() - processor) * 1000)
            passed.append((time.perf_counter() - clock) * 1000)
        told = f"{statistics.median(spent):7.0f} ms of the processor {statistics.median(passed):7.0f} ms by the clock"
        print(f"{path:<44} {_sent(client, path):>9,} bytes {told}")


def _sent(client: TestClient, path: str) -> int:
    """Bytes of the body as they are sent."""
    with client.stream("GET", path) as answer:
        return sum(len(part) for part in answer.iter_raw())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
