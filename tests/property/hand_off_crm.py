"""The leads and people of a CRM in memory, for the hand-off process."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from crmsync.contract import LEAD_ID, RECORD_ID, CrmUser, NativeField, Page, PullRequest
from crmsync.testing import MemoryCrm

NAMES = ("a", "b", "c")
PEOPLE = ("bdr-1", "bdr-2", "ae-1", "ae-2", "ae-3", "desk")
RECEIVERS = {"ae-1", "ae-2", "ae-3"}


class Crm(MemoryCrm):
    """Leads with their activities: calls by people, and the tasks that crmsync makes."""

    def __init__(self) -> None:
        lead = dict.fromkeys(("Status", "Bdr", "Answer", "Reason"), None)
        super().__init__(
            {
                name: {
                    **lead,
                    "Status": "mql",
                    "Heat": "hot",
                    "OwnerId": f"bdr-{1 + number % 2}",
                    "Email": f"{name}@{name}.example",
                    "Company": f"Company {name}",
                    "CreatedDate": "2026-11-01T00:00:00Z",
                }
                for number, name in enumerate(NAMES)
            },
            write_batch_size=200,
        )
        self.gone_people: set[str] = set()

    def users(self) -> tuple[CrmUser, ...]:
        people = [CrmUser(name, name, None, name not in self.gone_people) for name in PEOPLE[:-1]]
        return (*people, CrmUser("desk", "Desk", None, True, kind="queue"))

    def fields(self, object_name: str) -> tuple[NativeField, ...]:
        task = ("At", "OwnerId", "Kind", "Outcome", "Subject")
        names = task if object_name == "Task" else tuple(next(iter(self.records.values())))
        return tuple(NativeField(name, name, "text", True) for name in names)

    def pull(self, request: PullRequest) -> Iterator[Page]:
        if request.leads_object is None:
            yield from super().pull(request)
            return
        rows = [
            {RECORD_ID: record, LEAD_ID: values[LEAD_ID], **{name: values.get(name) for name in request.fields}}
            for record, values in self.created.items()
        ]
        yield Page(
            pl.DataFrame(rows, schema=dict.fromkeys((RECORD_ID, LEAD_ID, *request.fields), pl.String)), cursor="end"
        )
