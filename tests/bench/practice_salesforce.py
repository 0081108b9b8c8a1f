"""The practice org's own ceiling: what a client can at most get out of it, and what it costs.

`python tests/bench/practice_salesforce.py [LEADS]` (default 100,000) prints one JSON object: seconds to be ready,
requests a second for small answers, records a second for paged queries, bulk results and collections, and memory.
What a rate means is in `practice_meter`.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from practice_meter import Meter, leads_asked_for, serving

HEADERS = {"Authorization": "Bearer 00Dpractice!token", "Sforce-Auto-Assign": "FALSE"}
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


def main(leads: int) -> dict[str, Any]:
    """Runs everything against a server of its own."""
    with serving("salesforce", leads, HEADERS) as (meter, figures):
        some = query("SELECT Id FROM Lead WHERE IsConverted = false LIMIT 200")
        ids = [record["Id"] for record in json.loads(meter.client.call("GET", some))["records"]]
        row = f"{DATA}/sobjects/Lead/{ids[0]}?fields=Id,Status,OwnerId"
        writes = [{"attributes": {"type": "Lead"}, "id": each, "Status": "Sales Accepted"} for each in ids]
        wanted = {"ids": ids, "fields": ["Id", "Status", "OwnerId", "LastModifiedDate"]}
        figures["requests"] = {
            "limits": meter.calls("GET", f"{DATA}/limits", 2000),
            "row": meter.calls("GET", row, 1000),
            "query_of_one": meter.calls("GET", query(f"SELECT Id FROM Lead WHERE Id = '{ids[0]}'"), 1000),
            "row_over_8_connections": meter.parallel(row, 2000),
        }
        collections = f"{DATA}/composite/sobjects"
        figures["records"] = {
            "lead_pages": pages(meter, f"SELECT {LEAD_FIELDS} FROM Lead ORDER BY SystemModstamp, Id"),
            "lead_pages_with_owner": pages(meter, "SELECT Id, Status, Owner.Name, Owner.Type FROM Lead"),
            "task_pages": pages(meter, f"SELECT {TASK_FIELDS} FROM Task WHERE Who.Type = 'Lead'"),
            "bulk_query": bulk(meter, f"SELECT {LEAD_FIELDS} FROM Lead"),
            "collections_update": meter.calls("PATCH", collections, 20, {"records": writes}, len(ids)),
            "collections_read": meter.calls("POST", f"{collections}/Lead", 50, wanted, len(ids)),
        }
        figures["memory_after_mib"] = meter.memory_mib()
        return figures


def query(soql: str) -> str:
    """The path of a query."""
    return f"{DATA}/query?q={quote(soql)}"


def pages(meter: Meter, soql: str) -> dict[str, int]:
    """Records over all pages; only as much is parsed as paging needs."""

    def work() -> int:
        content = meter.client.call("GET", query(soql))
        total = int(content.split(b'"totalSize":', 1)[1].split(b",", 1)[0])
        while b'"nextRecordsUrl":"' in content[:300]:
            following = content.split(b'"nextRecordsUrl":"', 1)[1].split(b'"', 1)[0].decode()
            content = meter.client.call("GET", following)
        return total

    return meter.rate(work)


def bulk(meter: Meter, soql: str) -> dict[str, int]:
    """Records of a bulk query, from making the job to the last byte."""

    def work() -> int:
        made = meter.client.call("POST", f"{DATA}/jobs/query", {"operation": "query", "query": soql})
        job = json.loads(made)["id"]
        done = json.loads(meter.client.call("GET", f"{DATA}/jobs/query/{job}"))
        assert done["state"] == "JobComplete"
        meter.client.call("GET", f"{DATA}/jobs/query/{job}/results?maxRecords=250000")
        return min(int(done["numberRecordsProcessed"]), 250_000)

    return meter.rate(work)


if __name__ == "__main__":
    print(json.dumps(main(leads_asked_for()), indent=2))
