"""What workers tell of tests: a test that passed in one short message, any other in full."""

from __future__ import annotations

import json
from typing import Any, Literal

import pytest

from suite.kinds import PROCESSOR
from suite.messages import InShort, pytest_report_from_serializable, worth_telling

Outcome = Literal["passed", "failed", "skipped"]
PLACE = ("tests/unit/test_it.py", 7, "test_it[a\nb]")


def reports(**outcomes: Outcome) -> list[pytest.TestReport]:
    made = []
    for when in ("setup", "call", "teardown"):
        outcome = outcomes.get(when, "passed")
        report = pytest.TestReport(
            "tests/unit/test_it.py::test_it[a\nb]", PLACE, {}, outcome, None, when, duration=0.25
        )  # type: ignore[arg-type]
        setattr(report, PROCESSOR, 0.125)
        made.append(report)
    return made


def sent(report: pytest.TestReport) -> dict[str, Any] | None:
    return InShort().pytest_report_to_serializable(report)


def test_a_test_that_passed_is_told_once_with_the_times_of_all_its_parts() -> None:
    [told] = worth_telling(reports())
    message = sent(told)
    assert message is not None
    arrived = pytest_report_from_serializable(json.loads(json.dumps(message)))
    assert arrived is not None
    assert (arrived.nodeid, arrived.location, arrived.when) == (told.nodeid, PLACE, "call")
    assert (arrived.passed, arrived.duration, getattr(arrived, PROCESSOR)) == (True, 0.75, 0.375)


@pytest.mark.parametrize("when", ["setup", "call", "teardown"])
@pytest.mark.parametrize("outcome", ["failed", "skipped"])
def test_any_other_is_told_in_full(when: str, outcome: Outcome) -> None:
    made = reports(**{when: outcome})
    assert worth_telling(made) == made
    assert [sent(report) for report in made] == [None] * 3, "pytest sends it"


def test_one_that_passed_though_it_should_not_have_is_told_in_full() -> None:
    made = reports()
    made[1].wasxfail = "to be mended"  # type: ignore[attr-defined]
    assert worth_telling(made) == made


def test_a_set_up_that_failed_stands_before_its_tear_down() -> None:
    made = [report for report in reports(setup="failed") if report.when != "call"]
    assert worth_telling(made) == made


def test_what_pytest_sent_is_left_to_pytest() -> None:
    assert pytest_report_from_serializable({"$report_type": "TestReport"}) is None
