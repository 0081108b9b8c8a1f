"""The practice org's own ceiling: what a client can at most get out of it, and what it costs.

`python tests/bench/practice_salesforce.py [LEADS]` (default 100,000) prints one JSON object: seconds to be ready,
requests a second for small answers, records a second for paged queries, bulk results and collections, and memory.
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
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

TOKEN = {"Authorization": "Bearer 00Dpractice!token"}
DATA = "/services/data/v59.0"
LEAD_FIELDS = (
    "Id, Name, FirstName, LastName, Email, Company, Status, OwnerId, IsConverted, CreatedDate, LastModifiedDate, "
    "SystemModstamp, LastActivityDate, Industry, Country, Title, NumberOfEmployees, LeadSource, Budget__c, "
    "Authority__c, Need__c, Timeline__c, Interest__c"
)
TASK_FIELDS = (
    "Id, WhoId, OwnerId, Subject, Status, IsClosed, ActivityDate, CompletedDateTime, TaskSubtype, Type, CallType, "
    "CallDisposition, CreatedDate, SystemModstamp, Activity_Kind__c, Activity_Outcome__c"
)


class Client:
    """One keep-alive connection, as little work as can be."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port)

    def call(self, method: str, path: str, body: Any = None) -> bytes:
        """The body of an answer that must succeed."""
        text = None if body is None else json.dumps(body)
        headers = (
            TOKEN if body is None else {**TOKEN, "Content-Type": "application/json", "Sforce-Auto-Assign": "FALSE"}
        )
        self._connection.request(method, path, text, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        assert answer.status < 300, content[:500]
        return content


def main(leads: int) -> dict[str, Any]:
    """Runs everything against a server of its own."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "crmsync.practice", "serve", "--crm", "salesforce", "--port", "0", "--leads"]
    server = subprocess.Popen([*command, str(leads)], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        port = int(json.loads(server.stdout.readline())["salesforce"].rsplit(":", 1)[1])
        figures: dict[str, Any] = {"leads": leads, "ready_seconds": round(time.perf_counter() - started, 1)}
        figures["memory_loaded_mib"] = memory_mib(server.pid)
        some = query("SELECT Id FROM Lead WHERE IsConverted = false LIMIT 200")
        ids = [record["Id"] for record in json.loads(Client(port).call("GET", some))["records"]]
        row = f"{DATA}/sobjects/Lead/{ids[0]}?fields=Id,Status,OwnerId"
        writes = [{"attributes": {"type": "Lead"}, "id": each, "Status": "Sales Accepted"} for each in ids]
        wanted = {"ids": ids, "fields": ["Id", "Status", "OwnerId", "LastModifiedDate"]}
        meter = Meter(server.pid, port)
        figures["requests"] = {
            "limits": meter.calls("GET", f"{DATA}/limits", 2000),
            "row": meter.calls("GET", row, 1000),
            "query_of_one": meter.calls("GET", query(f"SELECT Id FROM Lead WHERE Id = '{ids[0]}'"), 1000),
            "row_over_8_connections": meter.parallel(row, 2000),
        }
        collections = f"{DATA}/composite/sobjects"
        figures["records"] = {
            "lead_pages": meter.pages(f"SELECT {LEAD_FIELDS} FROM Lead ORDER BY SystemModstamp, Id"),
            "lead_pages_with_owner": meter.pages("SELECT Id, Status, Owner.Name, Owner.Type FROM Lead"),
            "task_pages": meter.pages(f"SELECT {TASK_FIELDS} FROM Task WHERE Who.Type = 'Lead'"),
            "bulk_query": meter.bulk(f"SELECT {LEAD_FIELDS} FROM Lead"),
            "collections_update": meter.calls("PATCH", collections, 20, {"records": writes}, len(ids)),
            "collections_read": meter.calls("POST", f"{collections}/Lead", 50, wanted, len(ids)),
        }
        figures["memory_after_mib"] = memory_mib(server.pid)
        return figures
    finally:
        server.terminate()
        server.wait(20)


def query(soql: str) -> str:
    """The path of a query."""
    return f"{DATA}/query?q={quote(soql)}"


class Meter:
    """Rates of one server process."""

    def __init__(self, pid: int, port: int) -> None:
        self._pid = pid
        self._port = port
        self._client = Client(port)

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
                self._client.call(method, path, body)
            return times * weight

        return self.rate(work)

    def parallel(self, path: str, times: int) -> dict[str, int]:
        """The same call over eight connections at once."""
        clients = [Client(self._port) for _ in range(8)]

        def several(client: Client) -> None:
            for _ in range(times // 8):
                client.call("GET", path)

        def work() -> int:
            with ThreadPoolExecutor(8) as threads:
                list(threads.map(several, clients))
            return times

        return self.rate(work)

    def pages(self, soql: str) -> dict[str, int]:
        """Records over all pages; only as much is parsed as paging needs."""

        def work() -> int:
            content = self._client.call("GET", query(soql))
            total = int(content.split(b'"totalSize":', 1)[1].split(b",", 1)[0])
            while b'"nextRecordsUrl":"' in content[:300]:
                following = content.split(b'"nextRecordsUrl":"', 1)[1].split(b'"', 1)[0].decode()
                content = self._client.call("GET", following)
            return total

        return self.rate(work)

    def bulk(self, soql: str) -> dict[str, int]:
        """Records of a bulk query, from making the job to the last byte."""

        def work() -> int:
            made = self._client.call("POST", f"{DATA}/jobs/query", {"operation": "query", "query": soql})
            job = json.loads(made)["id"]
            done = json.loads(self._client.call("GET", f"{DATA}/jobs/query/{job}"))
            assert done["state"] == "JobComplete"
            self._client.call("GET", f"{DATA}/jobs/query/{job}/results?maxRecords=250000")
            return min(int(done["numberRecordsProcessed"]), 250_000)

        return self.rate(work)

    def _processor_seconds(self) -> float:
        fields = Path(f"/proc/{self._pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mib(pid: int) -> dict[str, int]:
    """Resident memory of a process now and at its peak."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    found = {
        line.split(":")[0]: int(line.split()[1]) // 1024 for line in lines if line.startswith(("VmRSS", "VmHWM"))
    }
    return {"now": found["VmRSS"], "peak": found["VmHWM"]}


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000), indent=2))
