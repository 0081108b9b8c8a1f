"""Which reports have a page: what each asks, what a reader may choose, and the forms in which it can be taken along.

A report that can be one HTML file has its page by that: what the file holds, in the console's frame. The others name
a template.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crmsync.operations.report.capacity import CapacityRequest, capacity_reports
from crmsync.operations.report.conflicts import conflict_reports
from crmsync.operations.report.forecast import ForecastRequest, forecast_reports
from crmsync.operations.report.funnel import FunnelRequest, funnel_reports
from crmsync.operations.report.hand_offs import hand_off_reports
from crmsync.operations.report.sales import sales_reports
from crmsync.operations.report.scorecard import ScorecardRequest, scorecard_reports
from crmsync.operations.report.worklist import work_lists
from crmsync.settings import Settings
from crmsync.showing.rendering import as_json
from crmsync.showing.report.capacity_forms import capacity_text
from crmsync.showing.report.forecast_forms import forecast_text
from crmsync.showing.report.funnel_forms import funnel_text
from crmsync.showing.report.hand_off_forms import hand_off_text
from crmsync.showing.report.parts import report_text
from crmsync.showing.report.sales_forms import sales_text
from crmsync.showing.report.scorecard_forms import scorecard_text
from crmsync.tongue import Tongue, to_say

Chosen = Mapping[str, str]
MOST = 200
"""So many hand-offs or conflicts stand on a page."""


@dataclass(frozen=True, slots=True)
class ReportAsked:
    """What a report is made for."""

    settings: Settings
    connection: str
    chosen: Chosen
    now: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class ReportPage:
    """`made`: the answer; `text`: the same in a form; `choices`: name → what may be chosen, the first by default.

    `template`: of the page, where the report is no HTML file. `names_leads`: whether it tells who leads are.
    """

    name: str
    label: str
    about: str
    made: Callable[[ReportAsked], Any]
    text: Callable[[Any, str, Chosen, Tongue], str]
    forms: tuple[str, ...] = ("html", "csv", "json")
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    template: str | None = None
    names_leads: bool = False

    def chosen(self, asked: Mapping[str, str]) -> Chosen:
        """What was chosen of each; what may not be counts as nothing."""
        return {name: asked[name] if asked.get(name) in may else may[0] for name, may in self.choices.items()}


CHOICES = {
    "show": to_say("How many"),
    "by": to_say("Part by"),
    "per": to_say("Count"),
    "within": to_say("Within days"),
    "months": to_say("Months"),
    "days": to_say("Days"),
    "late": to_say("Which"),
    "quiet": to_say("Quiet for days"),
    "credit": to_say("Credit to"),
    "parts": to_say("Part by"),
}
VALUES = {
    "": to_say("nothing"),
    "cohort": to_say("cohort"),
    "source": to_say("source"),
    "owner": to_say("owner"),
    "team": to_say("team"),
    "segment": to_say("segment"),
    "attempt": to_say("each attempt"),
    "person": to_say("each person once"),
    "first": to_say("the first touch"),
    "last": to_say("the last touch"),
    "linear": to_say("all touches alike"),
    "campaign": to_say("campaign"),
    "kind": to_say("kind of activity"),
    "all": to_say("all"),
    "only": to_say("late ones"),
}
"""Numbers say themselves."""


def _worklist(asked: ReportAsked) -> Any:
    return list(
        work_lists(
            asked.settings,
            (asked.connection,),
            stages=(),
            hand_over=None,
            show=int(asked.chosen["show"]),
            as_of=None,
            now=asked.now,
        )
    )


def _funnel(asked: ReportAsked) -> Any:
    it = asked.chosen
    by = (it["by"],) if it["by"] else ()
    request = FunnelRequest(per=it["per"], by=by, within_days=int(it["within"]))  # type: ignore[arg-type]
    return list(funnel_reports(asked.settings, (asked.connection,), request, now=asked.now))


def _scorecard(asked: ReportAsked) -> Any:
    by = (asked.chosen["parts"],) if asked.chosen["parts"] else ()
    request = ScorecardRequest(by, int(asked.chosen["within"]))
    return list(scorecard_reports(asked.settings, (asked.connection,), request, now=asked.now))


def _sales(asked: ReportAsked) -> Any:
    days, quiet = int(asked.chosen["days"]), int(asked.chosen["quiet"])
    return list(sales_reports(asked.settings, (asked.connection,), days=days, quiet_days=quiet, now=asked.now))


def _forecast(asked: ReportAsked) -> Any:
    request = ForecastRequest(None, int(asked.chosen["months"]), None)
    return list(forecast_reports(asked.settings, (asked.connection,), request, now=asked.now))


def _capacity(asked: ReportAsked) -> Any:
    request = CapacityRequest(None, int(asked.chosen["months"]), None)
    return list(capacity_reports(asked.settings, (asked.connection,), request, now=asked.now))


def _hand_offs(asked: ReportAsked) -> Any:
    days, late = int(asked.chosen["days"]), asked.chosen["late"] == "only"
    return list(hand_off_reports(asked.settings, (asked.connection,), days=days, late_only=late, now=asked.now))


def _conflicts(asked: ReportAsked) -> Any:
    """Nobody is asked who it was: a page never reads the CRM."""
    return conflict_reports(asked.settings, (asked.connection,), show=MOST, ask=False, now=asked.now)


def _as_json(name: str) -> Callable[[Any, str, Chosen, Tongue], str]:
    def text(reports: Any, _form: str, _chosen: Chosen, _tongue: Tongue) -> str:
        return as_json({"format": 1, "report": name, "connections": [one.to_json() for one in reports]})

    return text


_MONTHS = ("3", "6", "12")
REPORTS: Mapping[str, ReportPage] = {
    each.name: each
    for each in (
        ReportPage(
            "worklist",
            to_say("Work list"),
            to_say("Whom to contact first, why, and with which next action."),
            _worklist,
            lambda reports, form, _, _tongue: report_text("worklist", reports, form),
            forms=("csv", "json"),
            choices={"show": ("50", "20", "100", "200")},
            template="report_worklist.html",
            names_leads=True,
        ),
        ReportPage(
            "funnel",
            to_say("Funnel"),
            to_say("How many come to each stage, how many move on, how long it takes."),
            _funnel,
            lambda reports, form, _, tongue: funnel_text(reports, form, tongue),
            choices={
                "by": ("", "cohort", "source", "owner", "team", "segment"),
                "per": ("attempt", "person"),
                "within": ("90", "30", "180", "365"),
            },
        ),
        ReportPage(
            "scorecard",
            to_say("Marketing's scorecard"),
            to_say("What campaigns and sources have brought, and what of it sales gave back."),
            _scorecard,
            lambda reports, form, it, tongue: scorecard_text(reports, form, it["credit"], MOST, tongue),  # type: ignore[arg-type]
            choices={
                "credit": ("first", "last", "linear", "attempt"),
                "parts": ("", "campaign", "source", "kind"),
                "within": ("90", "30", "180", "365"),
            },
        ),
        ReportPage(
            "sales",
            to_say("Sales"),
            to_say("How hand-offs go: to whom, how soon, accepted or not; load, and leads that nobody nurtures."),
            _sales,
            lambda reports, form, _, tongue: sales_text(reports, form, MOST, tongue),
            choices={"days": ("30", "7", "90", "365"), "quiet": ("14", "7", "30", "90")},
            names_leads=True,
        ),
        ReportPage(
            "forecast",
            to_say("Forecast"),
            to_say("How many will come by month, and how far off that would have been."),
            _forecast,
            lambda reports, form, _, tongue: forecast_text(reports, form, tongue),
            choices={"months": _MONTHS},
        ),
        ReportPage(
            "capacity",
            to_say("Capacity"),
            to_say("Expected hand-offs against what receivers can take."),
            _capacity,
            lambda reports, form, _, tongue: capacity_text(reports, form, tongue),
            choices={"months": _MONTHS},
        ),
        ReportPage(
            "hand-offs",
            to_say("Hand-offs"),
            to_say("Who was handed what, who was in touch in time, what came back and why."),
            _hand_offs,
            lambda reports, form, _, tongue: hand_off_text(reports, form, MOST, tongue),
            choices={"days": ("30", "7", "90", "365"), "late": ("all", "only")},
            template="report_hand_offs.html",
            names_leads=True,
        ),
        ReportPage(
            "conflicts",
            to_say("Conflicts"),
            to_say("Values of crmsync's that somebody replaced."),
            _conflicts,
            _as_json("conflicts"),
            forms=("json",),
            template="report_conflicts.html",
            names_leads=True,
        ),
    )
}
"""In the order in which they are named."""
