"""At the end of a run: how many tests of each kind there were, and how long they took.

`seconds` are those in which a worker was busy with tests of the kind, fixtures included, so that two workers together
spend two seconds a second. `processor` are those in which a worker, or a process that it started and ended, computed;
they are fewer than `seconds` where a test waits, and where other programs have the machine.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import pytest

from suite import warm

PROCESSOR = "processor_seconds"
STARTED = pytest.StashKey[float]()
TIMES = pytest.StashKey["defaultdict[str, KindTimes]"]()


@dataclass
class KindTimes:
    """Sums over the tests of a kind."""

    tests: int = 0
    seconds: float = 0.0
    processor: float = 0.0


def kind_of(nodeid: str) -> str:
    """`unit`, `property`, … for tests/<kind>; `connectors` for theirs."""
    first, second, *_ = nodeid.split("/")
    return second.split(".py")[0] if first == "tests" else first


def pytest_configure(config: pytest.Config) -> None:
    """Begin to count."""
    config.stash[STARTED] = time.monotonic()
    config.stash[TIMES] = defaultdict(KindTimes)
    config.stash[COUNTING] = _Counting(config.stash[TIMES])
    config.pluginmanager.register(config.stash[COUNTING])


class _Counting:
    """Where the reports of all workers arrive."""

    def __init__(self, times: defaultdict[str, KindTimes]) -> None:
        self._times = times
        self.workers = 0.0
        """Processor seconds of those that have ended: their imports and their warm processes are in it."""

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """A worker has ended; one that broke says nothing."""
        self.workers += getattr(node, "workeroutput", {}).get(PROCESSOR, 0.0)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Set-up, call and tear-down each make a report."""
        times = self._times[kind_of(report.nodeid)]
        times.tests += report.when == "call"
        times.seconds += report.duration
        times.processor += getattr(report, PROCESSOR, 0.0)


COUNTING = pytest.StashKey[_Counting]()


def _processor() -> float:
    """Of this process, and of those of its descendants that have ended."""
    return sum(os.times()[:4]) + warm.processor_seconds()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Every phase's report tells what was computed since the last one."""
    item.stash[STARTED] = _processor()
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """The report of a phase carries its processor time from the worker to where the times are told."""
    report = yield
    now = _processor()
    setattr(report, PROCESSOR, now - item.stash[STARTED])
    item.stash[STARTED] = now
    return report


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker tells what it has computed in all."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput[PROCESSOR] = _processor()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """A small table, above pytest's own last line."""
    times = config.stash[TIMES]
    terminalreporter.section("times by kind")
    terminalreporter.write_line(f"{'':<12}{'tests':>7}{'seconds':>10}{'processor':>11}")
    for kind, its in sorted(times.items(), key=lambda item: -item[1].seconds):
        terminalreporter.write_line(f"{kind:<12}{its.tests:>7,}{its.seconds:>10.1f}{its.processor:>11.1f}")
    tests, seconds = sum(its.tests for its in times.values()), sum(its.seconds for its in times.values())
    processor = sum(its.processor for its in times.values())
    terminalreporter.write_line(f"{'together':<12}{tests:>7,}{seconds:>10.1f}{processor:>11.1f}")
    passed = time.monotonic() - config.stash[STARTED]
    workers = config.stash[COUNTING].workers
    computed = workers + time.process_time() if workers else _processor()
    terminalreporter.write_line(f"{passed:.0f} s by the clock, {computed:.0f} s of processor time")
