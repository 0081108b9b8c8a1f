"""Leads that people keep for themselves: decided and explained like any other, and not changed in anything.

`held`: somebody said so (`crmsync hold`), up to a day. `pinned`: a field in the CRM says so. `stopped`: a value of
ours was replaced as often as the policy's `tug_of_war` allows; until a person lets crmsync go on. `undone`: what a
run wrote there was taken back, for the policy's hands-off time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Literal

import polars as pl
from msgspec import Struct

from crmsync.connection.prepared import Prepared
from crmsync.enumeration import first_few
from crmsync.mapping import CrmMapping
from crmsync.qualify.language.ladder import Movement
from crmsync.route.placing.orders import Order
from crmsync.run.hands_off import hands_off, hands_off_since
from crmsync.store import Overruled, Part, Store
from crmsync.tongue import ENGLISH, Tongue, to_say
from crmsync.values import replace

if TYPE_CHECKING:
    from crmsync.run.course import Course

Cause = Literal["held", "pinned", "stopped", "undone"]
CAUSES: tuple[Cause, ...] = ("held", "pinned", "stopped", "undone")

_WAITS = Order(to_say("left alone"), waits=True)
_PARTS: Mapping[str | None, str] = {"stage": to_say("stage"), "owner": to_say("owner")}


class LeftAlone(Struct, frozen=True):
    """Why a lead is left alone. `until`: the last such day; null = until somebody says otherwise.

    `said`: of a hold, what was said; of a pin, the fields that may say so. `part`, `times`, `on`: of a stop, what was
    replaced how often and when last; of an undo, the day.
    """

    lead: str
    cause: Cause
    said: str = ""
    until: date | None = None
    part: Part | None = None
    times: int = 0
    on: date | None = None

    @property
    def why(self) -> str:
        """In English."""
        return self.because(ENGLISH)

    def because(self, tongue: Tongue) -> str:
        """Why, without until when and what ends it. What people said, and names of fields, stay as they are."""
        if self.on is None:
            return self.said
        if self.cause == "undone":
            return tongue.say("what a run wrote was taken back on {day}", day=tongue.day(self.on))
        return tongue.say_many(
            "its {part} was replaced {number} time, last on {day}",
            "its {part} was replaced {number} times, last on {day}",
            self.times,
            part=tongue.say(_PARTS[self.part]) if self.part in _PARTS else self.part,
            day=tongue.day(self.on),
        )

    @property
    def words(self) -> str:
        """For the reader of a plan."""
        return self.told(ENGLISH)

    def told(self, tongue: Tongue, *, with_command: bool = True) -> str:
        """For the reader of an explanation. `with_command`: naming the command that lets crmsync go on."""
        say, why = tongue.say, _no_code(self.because(tongue))
        until = tongue.day(self.until) if self.until else None
        if self.cause == "held":
            return say("held until {day}: {why}", day=until, why=why)
        if self.cause == "pinned":
            return say("pinned in the CRM ({why})", why=why)
        if self.cause == "undone":
            return say("{why}, and hands are off it until {day}", why=why, day=until)
        if not with_command:
            return say("stopped, because {why}", why=why)
        command = f"crmsync hold {self.lead} --release"
        return say("stopped, because {why}; `{command}` lets crmsync go on", why=why, command=command)

    def to_json(self, tongue: Tongue = ENGLISH) -> dict[str, Any]:
        """`cause`, `until`, `why`."""
        until = self.until.isoformat() if self.until else None
        return {"cause": self.cause, "until": until, "why": self.because(tongue)}


def left_alone(prepared: Prepared, store: Store, as_of: date) -> Mapping[str, LeftAlone]:
    """The connection's leads that are left alone on this day, by lead, each with one cause."""
    return kept(prepared.name, prepared.mapping, prepared.settings.policy.movement, store, as_of)


def kept(connection: str, mapping: CrmMapping, movement: Movement, store: Store, as_of: date) -> dict[str, LeftAlone]:
    """The same for a connection that is not prepared."""
    pin = " or ".join(mapping.lead.leave_alone)
    found = taken_back(store.left_alone.undone(connection), movement, as_of)
    found |= {lead: LeftAlone(lead, "pinned", pin) for lead in store.left_alone.pinned(connection)}
    found |= stopped(store.left_alone.overruled(connection, counting=True), movement)
    for hold in store.left_alone.holds(connection):
        if hold.until >= as_of:
            found[hold.lead] = LeftAlone(hold.lead, "held", hold.why, hold.until)
    return found


def counted(connection: str, movement: Movement, store: Store, as_of: date) -> tuple[dict[Cause, int], list[str]]:
    """How many leads `kept` tells, by cause, and which of them are stopped. Those that were taken back or pinned are
    counted where they are stored: that may be all there are.
    """
    held = {hold.lead for hold in store.left_alone.holds(connection) if hold.until >= as_of}
    given_in = sorted(stopped(store.left_alone.overruled(connection, counting=True), movement).keys() - held)
    since = hands_off_since(movement, as_of)
    pinned, undone = store.left_alone.count(connection, undone_since=since, but=held.union(given_in))
    return {"held": len(held), "pinned": pinned, "stopped": len(given_in), "undone": undone}, given_in


def taken_back(undone: Mapping[str, date], movement: Movement, as_of: date) -> dict[str, LeftAlone]:
    """Leads on which what a run wrote was taken back so lately that hands are off them."""
    return {
        lead: LeftAlone(lead, "undone", until=until, on=undone[lead])
        for lead, until in hands_off(undone, movement, as_of).items()
    }


def stopped(overruled: Iterable[Overruled], movement: Movement) -> Mapping[str, LeftAlone]:
    """Leads in which one value of ours was replaced so often within so many days that crmsync gives in.

    `overruled`: those that count, oldest first. A stop does not run out: only a person ends it.
    """
    times, days = movement.tug_of_war, timedelta(days=movement.tug_of_war_days)
    if times is None:
        return {}
    seen: dict[tuple[str, Part], list[date]] = {}
    for each in overruled:
        seen.setdefault((each.what.lead, each.what.part), []).append(each.day)
    return {
        lead: LeftAlone(lead, "stopped", part=part, times=len(on), on=on[-1])
        for (lead, part), on in seen.items()
        if any(last - first <= days for first, last in zip(on, on[times - 1 :], strict=False))
    }


def marked(frame: pl.DataFrame, alone: Mapping[str, LeftAlone], lowest: str) -> pl.DataFrame:
    """The frame with a column `left_alone` (the cause, or null), and those leads left on their stage."""
    causes = {lead: each.cause for lead, each in alone.items()}
    cause = pl.col("lead").replace_strict(causes, default=None, return_dtype=pl.String) if causes else pl.lit(None)
    told = frame.with_columns(left_alone=cause.cast(pl.String))
    stays = pl.col("left_alone").is_not_null() & pl.col("stage_after").is_not_null()
    return told.with_columns(
        stage_after=pl.when(stays).then(pl.col("stage").fill_null(lowest)).otherwise("stage_after"),
        stage_why=pl.when(stays).then(pl.lit("left_alone")).otherwise("stage_why"),
    )


def respecting(course: Course, alone: Mapping[str, LeftAlone]) -> Course:
    """The course, in which a lead that is left alone gets no owner and nobody a reminder, whatever asks for them."""
    orders = {**course.orders, **dict.fromkeys(alone, _WAITS)}
    return replace(course, orders=orders, reminded=tuple(lead for lead in course.reminded if lead not in alone))


def told_in(frame: pl.DataFrame, alone: Mapping[str, LeftAlone]) -> tuple[LeftAlone, ...]:
    """Those of the frame's leads that are left alone, in its order."""
    return tuple(alone[lead] for lead in frame.filter(pl.col("left_alone").is_not_null())["lead"])


def notes(alone: Sequence[LeftAlone], mapping: CrmMapping, connection: str) -> Iterator[str]:
    """Of the leads that a run has decided: how many are left alone, and why."""
    held, pinned, given_in, undone = (
        sorted((each for each in alone if each.cause == cause), key=lambda each: each.lead) for cause in CAUSES
    )
    if held:
        # without what people said of them: whoever sees a plan need not see that
        told = first_few([f"{each.lead} until {each.until}" for each in held])
        yield f"{_leads(held)} held and left alone ({told}) → `crmsync holds` says why"
    if pinned:
        fields = " or ".join(mapping.lead.leave_alone)
        yield f"{_leads(pinned)} pinned in the CRM by {fields} and left alone ({_first(pinned)})"
    if given_in:
        yield (
            f"{_leads(given_in)} stopped and left alone, because somebody else replaces what crmsync writes "
            f"({_first(given_in)}) → `crmsync report conflicts {connection}` says who; `crmsync hold LEAD --release` "
            "lets crmsync go on"
        )
    if undone:
        latest = max(each.until for each in undone if each.until)
        yield (
            f"{_leads(undone)} left alone until {latest} at the latest, because what a run wrote there was taken "
            f"back ({_first(undone)}) → `crmsync hold LEAD --release` lets crmsync go on"
        )


def _no_code(words: str) -> str:
    """What people wrote, within a sentence of ours: what is in backticks there is shown as code, or as a link."""
    return words.replace("`", "'")


def _leads(some: Sequence[LeftAlone]) -> str:
    return "1 lead is" if len(some) == 1 else f"{len(some):,} leads are"


def _first(some: Sequence[LeftAlone]) -> str:
    return first_few([each.lead for each in some])
