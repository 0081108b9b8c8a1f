"""Signals at every moment of a run: what was written is told, and nothing is said to be unwritten that may stand."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest
from small_firm import Firm

from crmsync.errors import RunStopped
from crmsync.operations.run import every_connection
from crmsync.operations.status.last_runs import unwritten
from crmsync.run.interruption import Interruption
from crmsync.run.running import RunRequest
from crmsync.run.story import run_connection
from crmsync.store import Store
from crmsync.values import replace

SIGNAL = "Ctrl-C"


@pytest.fixture
def hot(firm: Firm) -> Firm:
    """Two leads are to be handed off."""
    firm.run(dry_run=True)
    for lead in ("a", "b"):
        firm.crm.records[lead]["Heat"] = "hot"
    return firm


def signalled(interruption: Interruption, times: int = 1) -> None:
    """As the handler does."""
    for _ in range(times):
        if interruption.heard(SIGNAL):
            raise KeyboardInterrupt


def run_with(
    firm: Firm, monkeypatch: pytest.MonkeyPatch, at: tuple[Any, str], times: int = 1, *, after: bool = False
) -> Any:
    """The report of a run of the firm in which signals are heard when `at` is called, or has been."""
    interruption = Interruption()
    place, name = at
    real: Callable[..., Any] = getattr(place, name)

    def heard(*arguments: Any, **more: Any) -> Any:
        if not after:
            signalled(interruption, times)
        given = real(*arguments, **more)
        if after:
            signalled(interruption, times)
        return given

    monkeypatch.setattr(place, name, heard)
    monkeypatch.setattr(every_connection, "opened", lambda *_, **__: nullcontext(firm.opened))
    monkeypatch.setattr(every_connection, "Store", lambda _: _Lent(firm.store))
    settings: Any = replace_settings(firm)
    request = RunRequest(dry_run=False, interruption=interruption)
    return every_connection.run_each(
        settings, {firm.name: request}, dry_run=False, now=lambda: firm.now, progress=lambda *_: None
    )


class _Lent:
    """The firm's store, which stays open."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def close(self) -> None:
        """Not ours to close."""


def replace_settings(firm: Firm) -> Any:
    """Settings that know this connection alone."""

    class Known:
        store = ""
        hooks = None

        def connection(self, _: str) -> Any:
            return firm.prepared.configuration

    return Known()


def told(report: Any) -> tuple[list[str], str]:
    """Outcomes of the plan, and the hint of the error."""
    outcomes = sorted(report.done[0].plan.outcomes.values()) if report.done else []
    return outcomes, report.failures[0].error.hint if report.failures else ""


def test_before_the_first_write_nothing_was_written(hot: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    report = run_with(hot, monkeypatch, (hot.crm, "pull"))
    outcomes, hint = told(report)
    assert outcomes == [] and hint.startswith("nothing was written by then")
    assert "push" not in hot.crm.calls
    assert hot.store.runs.last(hot.name, limit=1)[0].exit_code == RunStopped.exit_code


def test_what_is_written_is_told_however_often_somebody_asks(hot: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once while it is written, and once more while it is noted."""
    from crmsync.run import story

    report = run_with(hot, monkeypatch, (story, "recorded"), times=2)
    assert told(report) == (["written", "written"], "")
    last = hot.store.runs.last(hot.name, limit=1)[0]
    assert (last.exit_code, last.counts["changes"]) == (0, 2)


def test_a_second_signal_ends_a_batch_where_it_is(hot: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    report = run_with(hot, monkeypatch, (hot.crm, "push"), times=2, after=True)
    outcomes, hint = told(report)
    assert (outcomes, hint) == (["not_reached"] * 2, "the next run looks first what became of it")
    assert report.done[0].plan.in_doubt == {"a", "b"}
    assert hot.crm.records["a"]["OwnerId"] in ("ann", "abe"), "it had arrived"
    assert set(hot.run().outcomes.values()) == set()
    assert hot.run(dry_run=True).changes == ()


def test_no_further_connection_is_begun(hot: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    interruption = Interruption()
    signalled_before = replace(RunRequest(dry_run=False), interruption=interruption)
    interruption.heard(SIGNAL)
    with pytest.raises(RunStopped, match="stopped by Ctrl-C"):
        signalled_before.interruption.begins()
    assert hot.crm.calls.count("push") == 0


def test_what_earlier_runs_left_open_is_brought_to_its_end() -> None:
    interruption = Interruption()
    done = []

    def settled() -> None:
        with interruption.settling(writes=True):
            signalled(interruption)
            done.append("settled")

    with pytest.raises(KeyboardInterrupt):
        settled()
    assert done == ["settled"]
    assert "in the journal" in (interruption.stopped().hint or ""), "nobody says that nothing was written"


def test_one_signal_waits_for_the_end_of_the_batch(hot: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    report = run_with(hot, monkeypatch, (hot.crm, "push"), after=True)
    assert told(report) == (["written", "written"], ""), "the last batch: there is nothing left to stop"


def test_a_service_that_is_ended_in_a_run_needs_nobody(hot: Firm) -> None:
    """The next run goes on; where the CRM took nothing somebody should know."""
    ran = run_connection(
        hot.opened, hot.store, RunRequest(dry_run=False),
        now=lambda: hot.now, progress=lambda *_: None, stop=lambda: True,
    )  # fmt: skip
    assert set(ran.plan.outcomes.values()) == {"not_reached"}
    [run] = hot.store.runs.last(hot.name, limit=1)
    assert run.measures["stopped"] == 1
    assert unwritten(hot.store, hot.name, run) == 0
    others = {name: value for name, value in run.measures.items() if name != "stopped"}
    assert unwritten(hot.store, hot.name, replace(run, measures=others)) == len(ran.plan.changes) == 2
    assert set(hot.run().outcomes.values()) == {"written"}
