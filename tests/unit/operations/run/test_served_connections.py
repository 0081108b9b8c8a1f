"""`crmsync serve` and files that change while it runs: a set that is right is taken, any other is told and left."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import structlog

from crmsync.contract import Usage
from crmsync.errors import UsageError
from crmsync.operations.run import connection_job
from crmsync.operations.run.serve import ServedConnections
from crmsync.run.meter import Meter
from crmsync.settings import ConnectionConfiguration, Settings, load_settings
from crmsync.store import Store

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
MAPPING = """
connector: salesforce
lead: {object: Lead, email: Email, created_at: CreatedDate}
owner: {field: OwnerId}
stage: {field: Status, values: {lead: New}}
"""
POLICY = "ladder: [{stage: lead}]\n"


class Folder:
    """A configuration with two connections, north and south, and the service that runs it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.ran: list[tuple[str, Settings, ConnectionConfiguration]] = []
        self.write("mappings/north.yaml", MAPPING)
        self.write("mappings/south.yaml", MAPPING)
        self.write("policy.yaml", POLICY)
        self.write("roster.yaml", "people: []\n")
        self.connect("north", "south")

    def write(self, file: str, text: str) -> None:
        path = self.directory / file
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        moved = path.stat().st_mtime_ns + 1_000_000_000 * (len(text) + 1)  # whatever the file system's clock can tell
        os.utime(path, ns=(moved, moved))

    def connect(self, *names: str, minutes: int = 15, store: str = "crmsync.db") -> None:
        lines = [f"  {name}: {{connector: salesforce, schedule: {{every_minutes: {minutes}}}}}" for name in names]
        self.write("crmsync.yaml", "\n".join([f"store: {store}", "connections:", *lines]) + "\n")

    def served(self, *names: str) -> ServedConnections:
        def settings() -> Settings:
            return load_settings(self.directory / "crmsync.yaml")

        return ServedConnections(settings(), names, lambda: NOW, settings)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    here = Folder(tmp_path)

    def run_one(settings: Settings, configuration: ConnectionConfiguration, *_: Any, **__: Any) -> None:
        here.ran.append((configuration.name, settings, configuration))
        raise UsageError("far enough")

    monkeypatch.setattr(connection_job, "run_one", run_one)
    return here


def test_nothing_changes_while_no_file_does(folder: Folder) -> None:
    served = folder.served()
    assert list(served.jobs()) == ["north", "south"]
    assert [served.reread(False) for _ in range(3)] == [None] * 3


def test_dry_runs_take_no_place_of_the_last_run(folder: Folder) -> None:
    """However many of them a day sees: its time is not taken for a connection's first."""
    with closing(Store(str(folder.directory / "crmsync.db"))) as store:
        for dry_run in (False, *[True] * 21):
            run = store.runs.start("north", now=NOW, dry_run=dry_run)
            store.runs.end("north", run, now=NOW, exit_code=0, counts={})
    served = folder.served().jobs()
    assert {name: last for name, (_, last, _) in served.items()} == {"north": NOW, "south": None}


def test_a_change_is_taken_once_it_has_stayed_for_a_look(folder: Folder) -> None:
    served = folder.served()
    before = served.jobs()
    folder.connect("north", "east", minutes=30)
    folder.write("mappings/east.yaml", MAPPING)
    assert served.reread(False) is None, "somebody may still be writing"
    jobs = served.reread(False)
    assert jobs is not None
    assert {name: schedule.every_minutes for name, (schedule, _, _) in jobs.items()} == {"north": 30, "east": 30}
    assert jobs["north"][2] is before["north"][2], "a run that is under way stays the connection's only one"
    assert served.reread(False) is None
    jobs["north"][2](lambda: False)
    [(name, settings, _)] = folder.ran
    assert (name, list(settings.configured)) == ("north", ["north", "east"])


def test_a_file_that_is_still_being_written_waits(folder: Folder) -> None:
    served = folder.served()
    for size in range(3):
        folder.write("policy.yaml", POLICY + "# more\n" * size)
        assert served.reread(False) is None
    assert served.reread(False) is not None


def test_sighup_does_not_wait(folder: Folder) -> None:
    served = folder.served()
    folder.connect("north")
    jobs = served.reread(True)
    assert jobs is not None
    assert list(jobs) == ["north"]


def break_policy(folder: Folder) -> None:
    folder.write("policy.yaml", "ladder: [")


def break_one_mapping(folder: Folder) -> None:
    folder.write("mappings/south.yaml", "connector: [")


def take_a_file_away(folder: Folder) -> None:
    (folder.directory / "roster.yaml").unlink()


def take_the_named_one_out(folder: Folder) -> None:
    folder.connect("south")


def change_the_store(folder: Folder) -> None:
    folder.connect("north", "south", store="other.db")


def name_a_policy_that_is_not_there(folder: Folder) -> None:
    folder.connect("north", "south")
    text = (folder.directory / "crmsync.yaml").read_text(encoding="utf-8")
    folder.write("crmsync.yaml", f"policy: new.yaml\n{text}")


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (break_policy, "policy.yaml"),
        (break_one_mapping, "mappings/south.yaml"),
        (take_a_file_away, "roster.yaml"),
        (take_the_named_one_out, "north"),
        (change_the_store, "the store is another one now"),
        (name_a_policy_that_is_not_there, "new.yaml"),
    ],
)
def test_what_is_not_right_is_told_once_and_the_old_goes_on(
    folder: Folder, spoil: Callable[[Folder], None], word: str
) -> None:
    served = folder.served("north", "south")
    jobs = served.jobs()
    spoil(folder)
    with structlog.testing.capture_logs() as told:
        assert [served.reread(False) for _ in range(4)] == [None] * 4
    [line] = told
    assert line["event"] == "the files have changed and are not taken; what was read before goes on"
    assert word in line["message"]
    jobs["north"][2](lambda: False)
    [(_, settings, configuration)] = folder.ran
    assert (configuration.mapping.connector, list(settings.configured)) == ("salesforce", ["north", "south"])
    assert settings.store.endswith("crmsync.db")
    with structlog.testing.capture_logs() as again:
        assert served.reread(True) is None
    assert len(again) == 1, "who asks is answered"


def test_what_is_mended_is_taken_wherever_it_was_wrong(folder: Folder) -> None:
    """A new file that crmsync.yaml has only just begun to name counts, too."""
    served = folder.served()
    name_a_policy_that_is_not_there(folder)
    assert [served.reread(False) for _ in range(3)] == [None] * 3
    folder.write("new.yaml", POLICY)
    assert any(served.reread(False) is not None for _ in range(2))


def test_a_connection_that_was_broken_already_keeps_nothing_back(folder: Folder) -> None:
    break_one_mapping(folder)
    served = folder.served()
    folder.connect("north", "south", minutes=30)
    jobs = served.reread(True)
    assert jobs is not None
    assert jobs["north"][0].every_minutes == 30


ENDED = SimpleNamespace(
    error=None,
    exit_code=4,
    plan=SimpleNamespace(
        counts={"calls": 7}, outcomes={"1": "written", "2": "not_reached", "3": "written"}, in_doubt={"3"}
    ),
)


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        (ENDED, (4, {"written": 1, "not_reached": 1, "may_be_written": 1})),
        (UsageError("no"), (2, {})),
        (ZeroDivisionError(), (None, {})),
    ],
    ids=["ended", "stopped", "unforeseen"],
)
def test_who_counts_is_told_how_a_run_ended(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, outcome: object, told: tuple[object, ...]
) -> None:
    ends: list[connection_job.RunEnd] = []

    def run_one(*_: Any, meter: Meter, **__: Any) -> Any:
        meter.used(Usage(7, retries=2))
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(connection_job, "run_one", run_one)
    monkeypatch.setattr(connection_job, "tell_run", lambda _line, _report: None)
    settings = load_settings(folder.directory / "crmsync.yaml")
    job = connection_job.ConnectionJob("north", settings, lambda: NOW, lambda: settings, ends.append)
    job(lambda: False)
    assert [(end.connection, end.exit_code, dict(end.outcomes)) for end in ends] == [("north", *told)]
    assert ends[0].seconds >= 0
    assert ends[0].meter.usage == Usage(7, retries=2), "whichever way it ended"


def test_a_run_ends_when_its_time_is_used_up(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.write(
        "crmsync.yaml",
        "connections: {north: {connector: salesforce, schedule: {every_minutes: 5, maximum_minutes: 2}}}\n",
    )
    seconds, answers = iter([0.0, 0.0, 60.0, 119.0, 120.0, 300.0, 301.0]), []

    def run_one(*_: Any, stop: Callable[[], bool], **__: Any) -> SimpleNamespace:
        answers.extend(stop() for _ in range(4))
        return ENDED

    monkeypatch.setattr(connection_job, "run_one", run_one)
    monkeypatch.setattr(connection_job, "tell_run", lambda _line, _report: None)
    monkeypatch.setattr(connection_job, "monotonic", lambda: next(seconds))
    with structlog.testing.capture_logs() as told:
        folder.served().jobs()["north"][2](lambda: False)
    assert answers == [False, False, True, True]
    assert told[0]["event"] == "ended by maximum_minutes, the rest stays due"
