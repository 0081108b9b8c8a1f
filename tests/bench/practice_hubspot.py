"""The practice portal's own ceiling: what a client can at most get out of it, and what it costs.

`python tests/bench/practice_hubspot.py [LEADS]` (default 100,000) prints one JSON object: seconds to be ready,
requests a second for small answers, records a second for lists, searches, associations and batches, and memory. What
a rate means is in `practice_meter`.
"""

from __future__ import annotations

import json
from typing import Any

from practice_meter import Meter, leads_asked_for, serving

HEADERS = {"Authorization": "Bearer pat-na1-practice"}
CONTACTS = "/crm/v3/objects/contacts"
PROPERTIES = (
    "email,firstname,lastname,company,lifecyclestage,hs_lead_status,hubspot_owner_id,createdate,lastmodifieddate,"
    "industry,country,jobtitle,lead_source,budget,authority,need,timeline,interest,num_conversion_events,"
    "recent_conversion_date,notes_last_contacted"
)
SEARCHES = 50
"""Pages of 200 until a search must start anew behind the last id."""


def main(leads: int) -> dict[str, Any]:
    """Runs everything against a server of its own."""
    with serving("hubspot", leads, HEADERS) as (meter, figures):
        first = json.loads(meter.client.call("GET", f"{CONTACTS}?limit=100"))
        ids = [record["id"] for record in first["results"]]
        row = f"{CONTACTS}/{ids[0]}?properties=lifecyclestage,hubspot_owner_id"
        one = {"filterGroups": [{"filters": [{"propertyName": "hs_object_id", "operator": "EQ", "value": ids[0]}]}]}
        figures["requests"] = {
            "details": meter.calls("GET", "/account-info/v3/details", 2000),
            "record": meter.calls("GET", row, 1000),
            "change": meter.calls("PATCH", f"{CONTACTS}/{ids[0]}", 500, {"properties": {"phone": "1"}}),
            "search_of_one": meter.calls("POST", f"{CONTACTS}/search", 500, one),
            "record_over_8_connections": meter.parallel(row, 2000),
        }
        read = {"properties": PROPERTIES.split(","), "inputs": [{"id": each} for each in ids]}
        changes = [{"id": each, "properties": {"hs_lead_status": "OPEN"}, "objectWriteTraceId": each} for each in ids]
        figures["records"] = {
            "contact_lists": pages(meter, f"{CONTACTS}?limit=100&properties={PROPERTIES}"),
            "call_lists_with_contacts": pages(
                meter,
                "/crm/v3/objects/calls?limit=100&associations=contacts&properties=hs_timestamp,hs_call_disposition",
            ),
            "searches": searches(meter, leads),
            "associations_read": meter.calls(
                "POST", "/crm/v4/associations/contacts/calls/batch/read", 50, {"inputs": read["inputs"]}, len(ids)
            ),
            "batch_read": meter.calls("POST", f"{CONTACTS}/batch/read", 50, read, len(ids)),
            "batch_update": meter.calls("POST", f"{CONTACTS}/batch/update", 50, {"inputs": changes}, len(ids)),
        }
        figures["memory_after_mib"] = meter.memory_mib()
        return figures


def pages(meter: Meter, path: str) -> dict[str, int]:
    """Records over all pages of a list; only as much is parsed as paging needs."""

    def work() -> int:
        total, after = 0, ""
        while True:
            content = meter.client.call("GET", path + after)
            total += content.count(b'"archived":false')
            _, found, rest = content.rpartition(b'"paging":{"next":{"after":"')
            if not found:
                return total
            after = "&after=" + rest.split(b'"', 1)[0].decode()

    return meter.rate(work)


def searches(meter: Meter, leads: int) -> dict[str, int]:
    """Records of searches for everyone, by ascending id: 10,000 by offset, then anew behind the last id; at most
    100,000 in all."""

    def work() -> int:
        total, behind = 0, "0"
        while total < min(leads, 100_000):
            for page in range(SEARCHES):
                filters = [{"propertyName": "hs_object_id", "operator": "GT", "value": behind}]
                body = {
                    "filterGroups": [{"filters": filters}],
                    "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
                    "properties": ["email", "lifecyclestage", "hubspot_owner_id"],
                    "limit": 200,
                    "after": str(page * 200),
                }
                found = json.loads(meter.client.call("POST", f"{CONTACTS}/search", body))
                total += len(found["results"])
                if "paging" not in found:
                    break
            if not found["results"]:
                break
            behind = found["results"][-1]["id"]
        return total

    return meter.rate(work)


if __name__ == "__main__":
    print(json.dumps(main(leads_asked_for()), indent=2))
