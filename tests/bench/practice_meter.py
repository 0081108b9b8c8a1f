"""What the benches of the practice CRMs share: a server of their own, one cheap connection, and rates.

Each rate is given by the clock on the wall and by the server's own processor time: the second does not suffer from
busy neighbours.
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CONNECTIONS = 8


class Client:
    """One keep-alive connection, as little work as can be."""

    def __init__(self, port: int, headers: dict[str, str]) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port)
        self._headers = headers

    def call(self, method: str, path: str, body: Any = None) -> bytes:
        """The body of an answer that must succeed."""
        text = None if body is None else json.dumps(body)
        headers = self._headers if body is None else {**self._headers, "Content-Type": "application/json"}
        self._connection.request(method, path, text, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        assert answer.status < 300, content[:500]
        return content


class Meter:
    """Rates of one server process."""

    def __init__(self, pid: int, port: int, headers: dict[str, str]) -> None:
        self.pid = pid
        self._port = port
        self._headers = headers
        self.client = Client(port, headers)

    def rate(self, work: Callable[[], int]) -> dict[str, int]:
        """What `work` did (it says how much) per second and per second of the server's processor time."""
        wall, processor = time.perf_counter(), self._processor_seconds()
        done = work()
        wall, processor = time.perf_counter() - wall, self._processor_seconds() - processor
        return {"per_second": round(done / wall), "per_cpu_second": round(done / max(processor, 0.01))}

    def calls(self, method: str, path: str, times: int, body: Any = None, weight: int = 1) -> dict[str, int]:
        """The same call over and over; `weight` is what one call counts for."""

        def work() -> int:
            for _ in range(times):
                self.client.call(method, path, body)
            return times * weight

        return self.rate(work)

    def parallel(self, path: str, times: int) -> dict[str, int]:
        """The same call over eight connections at once."""
        clients = [Client(self._port, self._headers) for _ in range(CONNECTIONS)]

        def several(client: Client) -> None:
            for _ in range(times // len(clients)):
                client.call("GET", path)

        def work() -> int:
            with ThreadPoolExecutor(len(clients)) as threads:
                list(threads.map(several, clients))
            return times

        return self.rate(work)

    def memory_mib(self) -> dict[str, int]:
        """Resident memory of the server now and at its peak."""
        lines = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii").splitlines()
        found = {
            line.split(":")[0]: int(line.split()[1]) // 1024 for line in lines if line.startswith(("VmRSS", "VmHWM"))
        }
        return {"now": found["VmRSS"], "peak": found["VmHWM"]}

    def _processor_seconds(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(crm: str, leads: int, headers: dict[str, str]) -> Iterator[tuple[Meter, dict[str, Any]]]:
    """A practice CRM with so many leads, and the first figures: how long it took and what it holds."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "crmsync_practice", "serve", "--crm", crm, "--port", "0", "--leads", str(leads)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        port = int(json.loads(server.stdout.readline())[crm].rsplit(":", 1)[1])
        ready = round(time.perf_counter() - started, 1)
        meter = Meter(server.pid, port, headers)
        yield meter, {"leads": leads, "ready_seconds": ready, "memory_loaded_mib": meter.memory_mib()}
    finally:
        server.terminate()
        server.wait(20)


def leads_asked_for() -> int:
    """The argument of the command, 100,000 without one."""
    return int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
