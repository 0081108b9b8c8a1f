"""What a worker tells of a test that passed: one short message instead of five long ones.

pytest-xdist tells that a test begins, reports of its set-up, call and tear-down, tells that it has ended, and each
message is written and read value by value in Python. Of a test that takes 2 ms that took 4 ms of the processors, and
most of our tests are such. A test that did anything else than pass is told of in full, as are all where somebody asks
for what a short message leaves out.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from suite.kinds import PROCESSOR

KIND, PASSED = "$report_type", "PassedTest"
"""What pytest calls its own reports by, and these."""
_ALONE = "passed_in_all_its_parts"


def pytest_configure(config: pytest.Config) -> None:
    """Workers of pytest-xdist tell in short, unless asked for times of parts, output, or a file of all that."""
    option = config.option
    if hasattr(config, "workerinput") and not (
        option.durations or option.xmlpath or set("PA") & {*option.reportchars}
    ):
        config.pluginmanager.register(InShort())


class InShort:
    """In place of pytest's own protocol of a test."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        """Run it, then tell of it; should the worker die of it, pytest-xdist knows which test that was."""
        for report in worth_telling(runtestprotocol(item, log=False, nextitem=nextitem)):
            item.ihook.pytest_runtest_logreport(report=report)
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_to_serializable(self, report: pytest.TestReport) -> dict[str, Any] | None:
        """Text in JSON, which is written and read in C."""
        if not hasattr(report, _ALONE):
            return None
        told = [report.nodeid, report.location, report.duration, getattr(report, PROCESSOR, 0.0)]
        return {KIND: PASSED, "told": json.dumps(told)}


def worth_telling(reports: Sequence[pytest.TestReport]) -> list[pytest.TestReport]:
    """All; of a test that passed in every part its call alone, with the times of the three."""
    if len(reports) < 3 or not all(report.passed and not hasattr(report, "wasxfail") for report in reports):
        return [*reports]
    call = reports[1]
    call.duration = sum(report.duration for report in reports)
    setattr(call, PROCESSOR, sum(getattr(report, PROCESSOR, 0.0) for report in reports))
    setattr(call, _ALONE, True)
    return [call]


@pytest.hookimpl(tryfirst=True)
def pytest_report_from_serializable(data: dict[str, Any]) -> pytest.TestReport | None:
    """Where the messages arrive."""
    if data.get(KIND) != PASSED:
        return None
    nodeid, location, duration, processor = json.loads(data["told"])
    report = pytest.TestReport(nodeid, tuple(location), {}, "passed", None, "call", duration=duration)
    setattr(report, PROCESSOR, processor)
    return report
