"""The answers of reports that have a page, each by the operation that its command calls, too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crmsync.console.report_choices import Chosen, day_of
from crmsync.operations.report.capacity import CapacityRequest, capacity_reports
from crmsync.operations.report.conflicts import conflict_reports
from crmsync.operations.report.forecast import ForecastRequest, forecast_reports
from crmsync.operations.report.funnel import FunnelRequest, funnel_reports
from crmsync.operations.report.hand_offs import hand_off_reports
from crmsync.operations.report.near_misses import LISTS, NearMissRequest, near_miss_reports
from crmsync.operations.report.sales import sales_reports
from crmsync.operations.report.scorecard import ScorecardRequest, scorecard_reports
from crmsync.operations.report.worklist import work_lists
from crmsync.settings import Settings
from crmsync.tongue import Tongue


@dataclass(frozen=True, slots=True)
class ReportAsked:
    """What a report is made for."""

    settings: Settings
    connection: str
    chosen: Chosen
    now: Callable[[], datetime]
    tongue: Tongue


def worklist(asked: ReportAsked) -> Any:
    """Whom to contact first."""
    return list(
        work_lists(
            asked.settings,
            (asked.connection,),
            stages=tuple(filter(None, (asked.chosen["stage"],))),
            hand_over=asked.chosen["hand_over"] or None,
            show=int(asked.chosen["show"]),
            as_of=day_of(asked.chosen["as_of"]),
            now=asked.now,
        )
    )


def near_misses(asked: ReportAsked) -> Any:
    """Whom rigid criteria would overlook."""
    told = asked.chosen
    request = NearMissRequest(
        lists=LISTS if told["only"] == "every" else (told["only"],),  # type: ignore[arg-type]
        points=float(told["points"]),
        quiet_days=int(told["quiet"]),
        won=tuple(filter(None, (told["won"],))),
        show=int(told["show"]),
        as_of=day_of(told["as_of"]),
        hand_over=told["hand_over"] or None,
    )
    return list(near_miss_reports(asked.settings, (asked.connection,), request, now=asked.now, tongue=asked.tongue))


def funnel(asked: ReportAsked) -> Any:
    """How many come to each stage."""
    told = asked.chosen
    by = (told["by"],) if told["by"] else ()
    request = FunnelRequest(
        per=told["per"],  # type: ignore[arg-type]
        by=by,
        cohort=told["cohort"],  # type: ignore[arg-type]
        within_days=int(told["within"]),
        since=day_of(told["since"]),
        as_of=day_of(told["as_of"]),
    )
    return list(funnel_reports(asked.settings, (asked.connection,), request, now=asked.now))


def scorecard(asked: ReportAsked) -> Any:
    """What campaigns and sources have brought."""
    told = asked.chosen
    by = (told["by"],) if told["by"] else ()
    request = ScorecardRequest(by, int(told["within"]), day_of(told["since"]), day_of(told["as_of"]))
    return list(scorecard_reports(asked.settings, (asked.connection,), request, now=asked.now))


def sales(asked: ReportAsked) -> Any:
    """How hand-offs go, by people."""
    days, quiet = int(asked.chosen["days"]), int(asked.chosen["quiet"])
    return list(sales_reports(asked.settings, (asked.connection,), days=days, quiet_days=quiet, now=asked.now))


def forecast(asked: ReportAsked) -> Any:
    """How many will come."""
    told = asked.chosen
    request = ForecastRequest(told["stage"] or None, int(told["months"]), day_of(told["as_of"]))
    return list(forecast_reports(asked.settings, (asked.connection,), request, now=asked.now))


def capacity(asked: ReportAsked) -> Any:
    """What receivers can take of that."""
    told = asked.chosen
    request = CapacityRequest(told["hand_over"] or None, int(told["months"]), day_of(told["as_of"]))
    return list(capacity_reports(asked.settings, (asked.connection,), request, now=asked.now))


def hand_offs(asked: ReportAsked) -> Any:
    """What became of hand-offs."""
    days, late = int(asked.chosen["days"]), asked.chosen["late"] == "only"
    return list(hand_off_reports(asked.settings, (asked.connection,), days=days, late_only=late, now=asked.now))


def conflicts(asked: ReportAsked) -> Any:
    """Nobody is asked who it was: a page never reads the CRM."""
    show = int(asked.chosen["show"])
    return conflict_reports(asked.settings, (asked.connection,), show=show, ask=False, now=asked.now)
