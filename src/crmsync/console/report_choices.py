"""What a reader may choose of a report: what its command takes as options, as fields of a form and of an address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from typing import Literal

from crmsync.clock import day_from
from crmsync.connection.snapshot import Snapshot
from crmsync.mapping import LABEL
from crmsync.operations.report.capacity import planned_for
from crmsync.operations.report.touches import FACTS
from crmsync.settings import Settings
from crmsync.store import Store
from crmsync.tongue import Tongue, to_say

Chosen = Mapping[str, str]
Offered = Callable[[Settings, str], Mapping[str, str]]
"""Of a connection: value → what it is called."""


@dataclass(frozen=True, slots=True)
class FormChoice:
    """`values`: what may be chosen, the first by default; `own`: what the connection's files add to that.

    `for_hidden`: what they add for those from whom personal data is hidden; none = the same.
    """

    label: str
    values: tuple[str, ...] = ("",)
    own: Offered | None = None
    kind: Literal["one", "day"] = "one"
    for_hidden: Offered | None = None

    def of(self, asked: str | None, settings: Settings, connection: str, *, hidden: bool = False) -> str:
        """What was chosen; what may not be counts as nothing."""
        if self.kind == "day":
            return asked if asked is not None and is_day(asked) else ""
        if asked in self.values:
            return asked
        may = self.added(settings, connection, hidden=hidden) if asked else {}
        return asked if asked is not None and asked in may else self.values[0]

    def added(self, settings: Settings, connection: str, *, hidden: bool) -> Mapping[str, str]:
        """What the connection's files add for this reader."""
        own = self.for_hidden if hidden and self.for_hidden is not None else self.own
        return own(settings, connection) if own is not None else {}


@dataclass(frozen=True, slots=True)
class Field:
    """A choice as the form has it. `options`: value → what it is called; none for a day."""

    name: str
    label: str
    kind: Literal["one", "day"]
    options: Mapping[str, str]
    chosen: str


def fields(
    choices: Mapping[str, FormChoice],
    chosen: Chosen,
    settings: Settings,
    connection: str,
    tongue: Tongue,
    *,
    hidden: bool = False,
) -> tuple[Field, ...]:
    """The form. What nobody has to choose from (one hand-over alone) is left out."""
    made = []
    for name, choice in choices.items():
        options = {value: tongue.say(VALUES[value]) if value in VALUES else value for value in choice.values}
        for value, label in choice.added(settings, connection, hidden=hidden).items():
            options.setdefault(value, tongue.own(label))
        if choice.kind == "day" or len(options) > 1:
            empty = {"": tongue.say(EMPTY[name])} if name in EMPTY and "" in options else {}
            made.append(Field(name, tongue.say(choice.label), choice.kind, options | empty, chosen[name]))
    return tuple(made)


def is_day(text: str) -> bool:
    """As forms and addresses write one."""
    try:
        day_from(text)
    except ValueError:
        return False
    return True


def day_of(text: str) -> date | None:
    """Null where none was chosen."""
    return day_from(text) if text else None


def _stages(settings: Settings, _connection: str) -> Mapping[str, str]:
    return {stage: settings.policy.label_of(stage) for stage in settings.policy.stages}


def _stages_above(settings: Settings, _connection: str) -> Mapping[str, str]:
    """To which leads come from below."""
    return {rung.stage: settings.policy.label_of(rung.stage) for rung in settings.policy.ladder[1:]}


def _hand_overs(settings: Settings, _connection: str) -> Mapping[str, str]:
    """Where there is one alone, nobody has to choose."""
    several = settings.policy.hand_overs
    return {each.name: each.called for each in several} if len(several) > 1 else {}


def _hand_overs_planned_for(settings: Settings, _connection: str) -> Mapping[str, str]:
    """Those of which there is a report of capacity; where there is one alone, nobody has to choose."""
    some = planned_for(settings.policy, settings.roster)
    return {each.name: each.called for each in some} if len(some) > 1 else {}


def _facts(settings: Settings, connection: str) -> Mapping[str, str]:
    """By which leads can be parted: what is one of a few. A text may be another for each lead."""
    there = settings.connection(connection).mapping.fact_types
    few = {name: name.replace("_", " ") for name, kind in there.items() if kind in ("choice", "boolean")}
    return {**few, **_origins(settings, connection)}


def _origins(settings: Settings, connection: str) -> Mapping[str, str]:
    """Where leads come from: of facts all that those may read from whom personal data is hidden."""
    there = settings.connection(connection).mapping.fact_types
    names = [name for several in FACTS.values() for name in several]
    return {name: name.replace("_", " ") for name in names if there.get(name) in ("text", "choice")}


def _stages_elsewhere(settings: Settings, connection: str) -> Mapping[str, str]:
    """The CRM's stages that the policy does not manage, as the last run saw them."""
    stage = settings.connection(connection).mapping.stage
    named = {value for each in stage.values.values() for value in each.set.get(stage.field, ())}
    values = {_spelt(value) for value in named if not value.startswith(LABEL)}
    labels = {_spelt(value.removeprefix(LABEL)) for value in named if value.startswith(LABEL)}
    with closing(Store(settings.store)) as store:
        text = store.runs.snapshot(connection)
    seen = Snapshot.from_text(text) if text else None
    return {
        choice.value: choice.label
        for field in (seen.lead_fields if seen else ())
        if field.name == stage.field
        for choice in field.choices
        if _spelt(choice.value) not in values and _spelt(choice.label) not in labels
    }


def _spelt(value: str) -> str:
    return value.strip().casefold()


_WITHIN = ("90", "30", "180", "365")
SHOW = FormChoice(to_say("How many"), ("50", "20", "100", "200"))
SHOW_SOME = FormChoice(to_say("How many"), ("50", "20", "100"))
"""Of lines that are long."""
SHOW_ALL = FormChoice(to_say("How many"), ("200", "20", "50", "100"))
"""Where the page has room for more, and did not ask before."""
PART_FUNNEL = FormChoice(
    to_say("Part by"), ("", "cohort", "source", "owner", "team", "segment"), _facts, for_hidden=_origins
)
PART_CREDITS = FormChoice(to_say("Part by"), ("", "campaign", "source", "kind"), _facts, for_hidden=_origins)
COHORT = FormChoice(to_say("A cohort is"), ("month", "week", "quarter"))
PER = FormChoice(to_say("Count"), ("attempt", "person"))
WITHIN = FormChoice(to_say("Within days"), _WITHIN)
MONTHS = FormChoice(to_say("Months"), ("3", "6", "12"))
DAYS = FormChoice(to_say("Days"), ("30", "7", "90", "365"))
LATE = FormChoice(to_say("Which"), ("all", "only"))
QUIET = FormChoice(to_say("Quiet for days"), ("14", "7", "30", "90"))
QUIET_LONGER = FormChoice(to_say("Quiet for days"), ("30", "7", "14", "90"))
CREDIT = FormChoice(to_say("Credit to"), ("first", "last", "linear", "attempt"))
LISTS = FormChoice(to_say("Lists"), ("every", "short", "quiet", "returning", "won"))
POINTS = FormChoice(to_say("Points short"), ("10", "0", "5", "20", "50"))
STAGE = FormChoice(to_say("Stage"), ("",), _stages)
STAGE_ABOVE = FormChoice(to_say("Stage"), ("",), _stages_above)
HAND_OVER = FormChoice(to_say("Hand-over"), ("",), _hand_overs)
HAND_OVER_PLANNED = FormChoice(to_say("Hand-over"), ("",), _hand_overs_planned_for)
WON = FormChoice(to_say("Won means"), ("",), _stages_elsewhere)
SINCE = FormChoice(to_say("Since"), kind="day")
AS_OF = FormChoice(to_say("As of"), kind="day")

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
    "week": to_say("week"),
    "month": to_say("month"),
    "quarter": to_say("quarter"),
    "every": to_say("all lists"),
    "short": to_say("a little short"),
    "quiet": to_say("nobody in contact"),
    "returning": to_say("disqualified, and active"),
    "won": to_say("won all the same"),
}
"""Numbers say themselves."""
EMPTY = {
    "stage": to_say("as the report has it"),
    "hand_over": to_say("as the report has it"),
    "won": to_say("not told"),
}
"""What it means that nothing is chosen, where it does not mean nothing."""
