"""What the service has done since it started, counted as it happens."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics

from crmsync.operations.run.connection_job import RunEnd

_CHANGE_SECONDS = (1, 2, 3, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 86_400)
_SECONDS = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200)


disable_created_metrics()  # type: ignore[no-untyped-call]  # when each counter began: twice as much to tell, and nobody asks


class Counted:
    """Counters of one service. `registry` holds them, and what else is to be told."""

    def __init__(self) -> None:
        """Nothing has happened yet."""
        self.registry = CollectorRegistry()
        self._runs = Counter(
            "crmsync_runs",
            "Runs that ended, by exit code; `fault` for one that ended by a fault of crmsync.",
            ("connection", "exit_code"),
            registry=self.registry,
        )
        self._changes = Counter(
            "crmsync_changes",
            "Changes of leads that runs came to, by outcome.",
            ("connection", "outcome"),
            registry=self.registry,
        )
        self._calls = Counter("crmsync_calls", "Calls to the CRM.", ("connection",), registry=self.registry)
        self._refused = Counter(
            "crmsync_calls_refused",
            "Calls that the CRM took for one too many: in a second, at once or in a day.",
            ("connection",),
            registry=self.registry,
        )
        self._retries = Counter(
            "crmsync_call_retries",
            "Calls that were made again after a passing fault.",
            ("connection",),
            registry=self.registry,
        )
        self._waited = Counter(
            "crmsync_call_wait_seconds",
            "How long calls were held back, to stay below the CRM's limits or because the last one failed.",
            ("connection",),
            registry=self.registry,
        )
        self._alerts = Counter(
            "crmsync_alert_messages",
            "Messages to channels of alerts, by whether they were taken.",
            ("channel", "outcome"),
            registry=self.registry,
        )
        self._tellings = Counter(
            "crmsync_tellings", "Records that CRMs told to have changed.", ("connection",), registry=self.registry
        )
        self._hooks_refused = Counter(
            "crmsync_tellings_refused",
            "Deliveries to hooks that were refused, by reason; without a connection where it is not known.",
            ("connection", "reason"),
            registry=self.registry,
        )
        self._took = Histogram(
            "crmsync_run_seconds", "How long runs took.", ("connection",), buckets=_SECONDS, registry=self.registry
        )
        self._answered = Histogram(
            "crmsync_change_seconds",
            "From a change in the CRM to the verified write that answers it.",
            ("connection",),
            buckets=_CHANGE_SECONDS,
            registry=self.registry,
        )

    def told(self, channel: str, *, taken: bool) -> None:
        """A message about what needs a person went to a channel."""
        self._alerts.labels(channel, "taken" if taken else "not_taken").inc()

    def told_of(self, connection: str, what: str, number: int) -> None:
        """Records were told (`taken`), or deliveries refused (by their reason)."""
        if what == "taken":
            self._tellings.labels(connection).inc(number)
        else:
            self._hooks_refused.labels(connection, what).inc(number)

    def ended(self, run: RunEnd) -> None:
        """One run has."""
        self._runs.labels(run.connection, "fault" if run.exit_code is None else str(run.exit_code)).inc()
        self._took.labels(run.connection).observe(run.seconds)
        usage = run.meter.usage
        self._calls.labels(run.connection).inc(usage.calls)
        self._refused.labels(run.connection).inc(usage.refused)
        self._retries.labels(run.connection).inc(usage.retries)
        self._waited.labels(run.connection).inc(usage.waited_seconds)
        for seconds in run.meter.waited:
            self._answered.labels(run.connection).observe(seconds)
        for outcome, changes in run.outcomes.items():
            self._changes.labels(run.connection, outcome).inc(changes)
