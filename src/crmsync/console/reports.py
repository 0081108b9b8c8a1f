"""Which reports have a page: what each asks, what a reader may choose, and the forms in which it can be taken along.

A report that can be one HTML file has its page by that: what the file holds, in the console's frame. The others name
a template.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from crmsync.console import report_answers as answers
from crmsync.console import report_choices as may
from crmsync.console.hidden_words import without_reasons
from crmsync.console.report_answers import ReportAsked
from crmsync.console.report_choices import Chosen, FormChoice
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


@dataclass(frozen=True, slots=True)
class ReportPage:
    """`made`: the answer; `text`: the same in a form; `choices`: what may be chosen, by the name in the address.

    `template`: of the page, where the report is no HTML file. `names_leads`: whether it tells who leads are.
    `in_words`: whether the answer is another in each language. `for_hidden`: of the answer what those may read from
    whom personal data is hidden.
    """

    name: str
    label: str
    about: str
    made: Callable[[ReportAsked], Any]
    text: Callable[[Any, str, Chosen, Tongue], str]
    forms: tuple[str, ...] = ("html", "csv", "json")
    choices: Mapping[str, FormChoice] = field(default_factory=dict)
    template: str | None = None
    names_leads: bool = False
    in_words: bool = False
    for_hidden: Callable[[Any, Tongue], Any] = lambda answer, _tongue: answer

    def chosen(
        self, asked: Mapping[str, str], settings: Settings, connection: str, *, hidden: bool = False
    ) -> Chosen:
        """What was chosen of each; what may not be counts as nothing."""
        return {
            name: choice.of(asked.get(name), settings, connection, hidden=hidden)
            for name, choice in self.choices.items()
        }


def _as_json(name: str) -> Callable[[Any, str, Chosen, Tongue], str]:
    def text(reports: Any, _form: str, _chosen: Chosen, _tongue: Tongue) -> str:
        return as_json({"format": 1, "report": name, "connections": [one.to_json() for one in reports]})

    return text


REPORTS: Mapping[str, ReportPage] = {
    each.name: each
    for each in (
        ReportPage(
            "worklist",
            to_say("Work list"),
            to_say("Whom to contact first, why, and with which next action."),
            answers.worklist,
            lambda reports, form, _, _tongue: report_text("worklist", reports, form),
            forms=("csv", "json"),
            choices={"show": may.SHOW, "stage": may.STAGE, "hand_over": may.HAND_OVER, "as_of": may.AS_OF},
            template="report_worklist.html",
            names_leads=True,
        ),
        ReportPage(
            "near-miss",
            to_say("Near-misses"),
            to_say(
                "Leads that rigid criteria would overlook: a little short, quiet, back again, or won all the same."
            ),
            answers.near_misses,
            lambda reports, form, _, _tongue: report_text("near-miss", reports, form),
            forms=("csv", "json"),
            choices={
                "only": may.LISTS,
                "points": may.POINTS,
                "quiet": may.QUIET_LONGER,
                "won": may.WON,
                "show": may.SHOW,
                "hand_over": may.HAND_OVER,
                "as_of": may.AS_OF,
            },
            template="report_near_misses.html",
            names_leads=True,
            in_words=True,
        ),
        ReportPage(
            "funnel",
            to_say("Funnel"),
            to_say("How many come to each stage, how many move on, how long it takes."),
            answers.funnel,
            lambda reports, form, _, tongue: funnel_text(reports, form, tongue),
            choices={
                "by": may.PART_FUNNEL,
                "cohort": may.COHORT,
                "per": may.PER,
                "within": may.WITHIN,
                "since": may.SINCE,
                "as_of": may.AS_OF,
            },
        ),
        ReportPage(
            "scorecard",
            to_say("Marketing's scorecard"),
            to_say("What campaigns and sources have brought, and what of it sales gave back."),
            answers.scorecard,
            lambda reports, form, chosen, tongue: scorecard_text(
                reports,
                form,
                chosen["credit"],  # type: ignore[arg-type]
                int(chosen["show"]),
                tongue,
            ),
            choices={
                "credit": may.CREDIT,
                "by": may.PART_CREDITS,
                "within": may.WITHIN,
                "show": may.SHOW_SOME,
                "since": may.SINCE,
                "as_of": may.AS_OF,
            },
            for_hidden=without_reasons,
        ),
        ReportPage(
            "sales",
            to_say("Sales"),
            to_say("How hand-offs go: to whom, how soon, accepted or not; load, and leads that nobody nurtures."),
            answers.sales,
            lambda reports, form, chosen, tongue: sales_text(reports, form, int(chosen["show"]), tongue),
            choices={"days": may.DAYS, "quiet": may.QUIET, "show": may.SHOW_ALL},
            names_leads=True,
        ),
        ReportPage(
            "forecast",
            to_say("Forecast"),
            to_say("How many will come by month, and how far off that would have been."),
            answers.forecast,
            lambda reports, form, _, tongue: forecast_text(reports, form, tongue),
            choices={"stage": may.STAGE_ABOVE, "months": may.MONTHS, "as_of": may.AS_OF},
        ),
        ReportPage(
            "capacity",
            to_say("Capacity"),
            to_say("Expected hand-offs against what receivers can take."),
            answers.capacity,
            lambda reports, form, _, tongue: capacity_text(reports, form, tongue),
            choices={"hand_over": may.HAND_OVER_PLANNED, "months": may.MONTHS, "as_of": may.AS_OF},
        ),
        ReportPage(
            "hand-offs",
            to_say("Hand-offs"),
            to_say("Who was handed what, who was in touch in time, what came back and why."),
            answers.hand_offs,
            lambda reports, form, chosen, tongue: hand_off_text(reports, form, int(chosen["show"]), tongue),
            choices={"days": may.DAYS, "late": may.LATE, "show": may.SHOW_ALL},
            template="report_hand_offs.html",
            names_leads=True,
        ),
        ReportPage(
            "conflicts",
            to_say("Conflicts"),
            to_say("Values of crmsync's that somebody replaced."),
            answers.conflicts,
            _as_json("conflicts"),
            forms=("json",),
            choices={"show": may.SHOW_ALL},
            template="report_conflicts.html",
            names_leads=True,
        ),
    )
}
"""In the order in which they are named."""
