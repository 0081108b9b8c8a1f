"""docs/reference/roster.md is complete, says what the code says, and its examples are valid."""

import re
from datetime import date
from pathlib import Path

import pytest
from pydantic import BaseModel
from routing_world import roster

from crmsync.route.hours.absence_calendar import read_calendar
from crmsync.route.hours.time_away import Away
from crmsync.route.people.person import CalendarFile, Capacity, FromCrm, Person
from crmsync.route.registry import STRATEGIES
from crmsync.route.roster.lead_hours import LeadHours
from crmsync.route.roster.roster import Roster
from crmsync.route.roster.roster_file import Duplicates, Facts, Holidays, Match, RoutingRule, RoutingRules

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "roster.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


def test_the_examples_together_are_a_valid_roster():
    minimal, people, calendars, holidays, from_crm, pools, rules, owners, several, shares, settings, where = EXAMPLES
    assert [len(person.calendar) for person in roster(calendars).people] == [1, 2, 1]
    assert set(roster(holidays).holidays) == {"germany", "norway"}
    assert [entry.connection for entry in roster(from_crm).from_crm] == ["salesforce", "hubspot"]
    assert len(roster(minimal).people) == 3
    everybody = people.replace("role: ae\n", "roles: [ae, lead]\n") + pools
    whole = roster(everybody + rules + settings + holidays.partition("people:")[0] + where)
    assert whole.lead_hours.facts == ("time_zone", "country")
    assert len(whole.rules.hand_off) == 4
    assert roster(everybody + owners).rules.hand_off[0].same == ("region",)
    named = roster(everybody + several + settings)
    assert set(named.rules.of_hand_overs) == {"to_bdr", "to_ae", "nurture"}
    shared = roster(people + shares).rules.new_lead[0]
    assert (shared.strategy, shared.share) == ("share", {"berlin": 70, "partners": 30})


def test_the_calendar_holds_one_absence():
    (text,) = re.findall(r"```ics\n(.*?)```", PAGE, re.DOTALL)
    found = read_calendar(text, "alice.ics", CalendarFile(file="alice.ics").counting)
    assert found.between(date(2026, 12, 1), date(2027, 3, 1)).away == (Away(date(2026, 12, 23), date(2026, 12, 28)),)


@pytest.mark.parametrize(
    "model",
    [
        Roster,
        Person,
        CalendarFile,
        Holidays,
        FromCrm,
        Capacity,
        Match,
        RoutingRule,
        RoutingRules,
        Facts,
        Duplicates,
        LeadHours,
    ],
)
def test_every_key_is_described(model: type[BaseModel]):
    for name, field in model.model_fields.items():
        assert f"`{field.alias or name}" in PAGE, f"{model.__name__}.{name}"


def test_every_strategy_is_described():
    assert re.findall(r"^### `(\w+)`$", PAGE, re.MULTILINE) == sorted(STRATEGIES)
