"""The API quota: `limits` and the `Sforce-Limit-Info` header (wire notes, section 2.6)."""

from __future__ import annotations

from crmsync_practice.backend import PracticeContext
from crmsync_practice.salesforce.errors import SalesforceError
from crmsync_practice.salesforce.http import Call, Reply

SANDBOX_DAILY_REQUESTS = 5_000_000
POOR_DAILY_REQUESTS = 300


class Quota:
    """Counts API requests against the daily allowance; a day here lasts as long as the process."""

    def __init__(self, context: PracticeContext) -> None:
        self._context = context
        self.used = 0

    @property
    def allowance(self) -> int:
        """Requests a day."""
        given = self._context.switches["daily_api_requests"]
        if isinstance(given, int):
            return given
        return POOR_DAILY_REQUESTS if self._context.profile == "quota-poor" else SANDBOX_DAILY_REQUESTS

    def count(self) -> None:
        """Counts one request; raises REQUEST_LIMIT_EXCEEDED beyond the allowance."""
        if self.used >= self.allowance:
            raise SalesforceError("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", status=403)
        self.used += 1

    def info(self) -> str:
        """The header's value, bare: some clients match exactly this."""
        return f"api-usage={self.used}/{self.allowance}"

    def limits(self, _: Call) -> Reply:
        """`GET limits`."""
        remaining = max(0, self.allowance - self.used)
        return Reply(
            content={
                "ActiveScratchOrgs": {"Max": 3, "Remaining": 3},
                "ConcurrentAsyncGetReportInstances": {"Max": 200, "Remaining": 200},
                "DailyApiRequests": {"Max": self.allowance, "Remaining": remaining},
                "DailyAsyncApexExecutions": {"Max": 250000, "Remaining": 250000},
                "DailyBulkApiBatches": {"Max": 15000, "Remaining": 15000},
                "DailyBulkV2QueryFileStorageMB": {"Max": 976562, "Remaining": 976562},
                "DailyBulkV2QueryJobs": {"Max": 10000, "Remaining": 10000},
                "DailyStreamingApiEvents": {"Max": 10000, "Remaining": 10000},
                "DataStorageMB": {"Max": 200, "Remaining": 150},
                "FileStorageMB": {"Max": 200, "Remaining": 200},
                "HourlyODataCallout": {"Max": 1000, "Remaining": 1000},
                "MassEmail": {"Max": 5000, "Remaining": 5000},
                "SingleEmail": {"Max": 5000, "Remaining": 5000},
            }
        )
