"""What needs a person though no run tells of it: files, the store, a sign-in that ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from crmsync.clock import local_day
from crmsync.connection.snapshot import Snapshot
from crmsync.connection.stored_kind import ANOTHER_OBJECT_HINT, another_object
from crmsync.enumeration import first_few
from crmsync.errors import ConfigurationError
from crmsync.settings import OpenNeed, Settings
from crmsync.store import Store


def broken_files(settings: Settings, name: str) -> Iterator[OpenNeed]:
    if name in settings.broken:
        told, command = f"its files are not right: {_first_line(settings.broken[name])}", f"crmsync check {name}"
        yield OpenNeed("files_wrong", told, command, command)


def of_other_records(settings: Settings, store: Store, name: str) -> Iterator[OpenNeed]:
    """Runs refuse a store of another object, and say so before they are counted as runs."""
    configuration, text = settings.connections.get(name), store.runs.snapshot(name)
    if configuration is not None and (told := another_object(configuration, Snapshot.from_text(text or ""))):
        yield OpenNeed("other_records", told, ANOTHER_OBJECT_HINT, f"crmsync check {name}")


def renamed(settings: Settings, store: Store, name: str) -> Iterator[OpenNeed]:
    """Of a connection that was never read; runs look whether its leads are those, and refuse them then."""
    if others := [f"`{other}`" for other in store.runs.other_snapshots(name) if other not in settings.configured]:
        those = "a connection" if len(others) == 1 else "connections"
        told = f"the store holds what is known of {those} that crmsync.yaml no longer names ({first_few(others)})"
        yield OpenNeed("renamed", told, "put the name back if it was renamed", f"crmsync status {name}", len(others))


def sign_in_ends(settings: Settings, name: str, now: datetime) -> Iterator[OpenNeed]:
    """By the day that crmsync.yaml tells: no CRM says when credentials end."""
    ends = settings.configured[name].sign_in_ends
    if ends is None or (days := (ends - local_day(now, "UTC")).days) > settings.alerts.sign_in_days:
        return
    when = f"ends on {ends}" if days > 0 else f"ended on {ends}" if days < 0 else "ends today"
    mend = f"renew it, then write the new day as `sign_in_ends` of {name}"
    yield OpenNeed("sign_in_ends", f"the sign-in {when}", mend, f"crmsync check {name}", max(days, 0))


def damaged_runs(name: str, runs: Sequence[int]) -> Iterator[OpenNeed]:
    if runs:
        named = f"run {runs[0]}" if len(runs) == 1 else f"runs {first_few([str(number) for number in runs])}"
        mend = "look after the disk, and restore a backup if there is more"
        yield OpenNeed(
            "store_damaged", f"what is kept of {named} is damaged", mend, f"crmsync status {name}", len(runs)
        )


def _first_line(error: ConfigurationError) -> str:
    return f"{error.findings[0].file}:{error.findings[0].line}: {error.findings[0].message}"
