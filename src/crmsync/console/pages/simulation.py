"""Months of made-up leads through the roster's rules, as `crmsync simulate routing` tries it. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from starlette.requests import Request

from crmsync.clock import local_day
from crmsync.console.background import StillComputing
from crmsync.console.chosen import chosen_connection
from crmsync.console.kept import files_of, state_of
from crmsync.console.shown import Shown
from crmsync.console.site import Site
from crmsync.console.templating import as_html
from crmsync.operations.simulate.routing import RoutingRequest, RoutingSimulation, simulate_routing
from crmsync.progress import Progress
from crmsync.settings import Settings
from crmsync.showing.report_page import within
from crmsync.showing.simulate.routing_html import routing_page
from crmsync.tongue import to_say


@dataclass(frozen=True, slots=True)
class NumberField:
    """A number of the form: what it is called, where it begins, and what it may be."""

    label: str
    default: int | None
    least: int
    most: int


FIELDS: Mapping[str, NumberField] = {
    "days": NumberField(to_say("Days"), 90, 1, 366),
    "leads": NumberField(to_say("Leads in all"), 5_000, 1, 100_000),
    "every": NumberField(to_say("Minutes between runs"), 15, 1, 10_080),
    "sla": NumberField(to_say("Hours to the first contact"), 4, 1, 168),
    "each": NumberField(to_say("Minutes of work a lead"), 10, 0, 480),
    "open_days": NumberField(to_say("Days that a lead is open"), 30, 0, 366),
    "people": NumberField(to_say("Made-up people instead"), None, 1, 500),
    "seed": NumberField(to_say("Seed"), 1, 0, 1_000_000),
}
CHOICES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "rejoin": (to_say("After an absence"), ("", "no_catch_up", "catch_up", "gradual")),
    "outside_hours": (to_say("Outside working hours"), ("", "last_resort", "wait", "ignore")),
    "absences": (to_say("Absences"), ("", "none")),
}
VALUES = {
    "": to_say("as the roster says"),
    "none": to_say("as if nobody were ever away"),
    "no_catch_up": to_say("nothing is made up for"),
    "catch_up": to_say("missed turns are made up for"),
    "gradual": to_say("missed turns are made up for slowly"),
    "last_resort": to_say("only if nobody is at work"),
    "wait": to_say("leads wait"),
    "ignore": to_say("hours do not matter"),
}


def simulation(site: Site, settings: Settings, request: Request) -> Shown:
    """The form, and once something was asked what came of it."""
    connection = chosen_connection(settings, request)
    told = _told(request)
    asked = "days" in request.query_params
    found = None
    if asked:
        key = f"simulation {connection} {sorted(told.items())}"
        wanted = _wanted(told, connection, site)

        def tried(progress: Progress) -> RoutingSimulation:
            return simulate_routing(settings.files[0], wanted, progress=progress)

        found = site.background.of(key, (wanted.start, _rests_on(settings, wanted, connection, site)), tried)
    told_page = None
    if isinstance(found, RoutingSimulation):
        told_page = as_html(within(routing_page(found, site.tongue(settings))))
    return Shown(
        "simulation.html",
        {
            "connection": connection,
            "connections": list(settings.configured),
            "fields": FIELDS,
            "choices": CHOICES,
            "values": VALUES,
            "chosen": told,
            "query": urlencode({"connection": connection, **told}),
            "standing": found if isinstance(found, StillComputing) else None,
            "told": told_page,
        },
    )


def _rests_on(settings: Settings, wanted: RoutingRequest, connection: str, site: Site) -> object:
    """People whom the CRM names are those of the last run."""
    asks_crm = wanted.people is None and bool(settings.roster.from_crm)
    return state_of(settings, connection, site.now) if asks_crm else files_of(settings)


def _told(request: Request) -> dict[str, str]:
    """What the form says; what it may not say counts as nothing."""
    asked = request.query_params
    told = {}
    for name, field in FIELDS.items():
        text = asked.get(name, "")
        there = text.isascii() and text.isdigit() and len(text) < len("1000000000")
        number = min(max(int(text), field.least), field.most) if there else field.default
        told[name] = "" if number is None else str(number)
    return told | {name: asked[name] if asked.get(name) in may else "" for name, (_, may) in CHOICES.items()}


def _wanted(told: Mapping[str, str], connection: str, site: Site) -> RoutingRequest:
    return RoutingRequest(
        start=local_day(site.now(), "UTC"),
        days=int(told["days"]),
        leads=int(told["leads"]),
        seed=int(told["seed"]),
        people=int(told["people"]) if told["people"] else None,
        connection=connection,
        absences=told["absences"] != "none",
        every=timedelta(minutes=int(told["every"])),
        sla=timedelta(hours=int(told["sla"])),
        each=timedelta(minutes=int(told["each"])),
        open_days=int(told["open_days"]),
        rejoin=told["rejoin"] or None,  # type: ignore[arg-type]
        outside_hours=told["outside_hours"] or None,  # type: ignore[arg-type]
    )
