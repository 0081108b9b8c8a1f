"""What tests of a store do with it, said in a line; and a store that ends in the middle of a verb."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Engine, event

from crmsync.model import Change, HandOffStep, NewRecord, Routing
from crmsync.store import Overruling, Pulled, Settlement, Store, Turns
from crmsync.testing.store_frames import (
    DAY,
    FACTS,
    NOW,
    account,
    accounts,
    activities,
    activity,
    decided,
    lead,
    lead_row,
    leads,
)
from crmsync.values import replace

TOMORROW = DAY + timedelta(days=1)
ANNA = ("aes", "anna")
BEN = ("aes", "ben")


class Crash(BaseException):
    """The process is gone from here on."""


@contextmanager
def crash_at(step: int) -> Iterator[Callable[[], None]]:
    """Raise `Crash` before the `step`-th (from 0) SQL statement or commit of any store within the block.

    Gives a function that counts one step more, for other things that a process could end at.
    """
    steps = itertools.count()

    def before(*_: Any) -> None:
        if next(steps) == step:
            raise Crash

    event.listen(Engine, "before_cursor_execute", before)
    event.listen(Engine, "commit", before)
    try:
        yield before
    finally:
        event.remove(Engine, "before_cursor_execute", before)
        event.remove(Engine, "commit", before)


class Stores:
    """Opens the store under test, as often as a test likes: every opening is another process's view of it."""

    def __init__(self, make: Callable[[Any], Store], location: Any) -> None:
        self.location = location
        self._make = make
        self._opened: list[Store] = []

    def open(self) -> Store:
        """Another view of the same store."""
        store = self._make(self.location)
        self._opened.append(store)
        return store

    def close(self) -> None:
        """Close all views."""
        for store in self._opened:
            store.close()


def change(name: str, stage: str = "sql", owner: str | None = "anna", turn: str | None = "aes") -> Change:
    """A hand-off of a lead as `lead(name)` makes it."""
    writes = {"Status": ("mql", stage), "OwnerId": (None, owner)}
    return Change(
        name, "mql", stage, None, owner, writes, {"fit": (12_000, 15_000)}, ("because",), turn, {"Stage__c": None}
    )


def backward(name: str, before: str | None) -> Change:
    """A change of the stage alone, to one that some CRMs set only where the field is empty."""
    return Change(name, before, "sal", None, None, {"Status": (before, "sal")}, {}, ("because",))


def with_task(change: Change) -> Change:
    """The change as a first hand-off by the BDR Bob that makes a task."""
    task = NewRecord("Task", {"Subject": "Call (hand-off 1)"}, ("Subject",))
    routing = Routing("their turn", "aes", 0, 1, (("ben", "away"),))
    return replace(change, hand_off=HandOffStep("handed", 1, "bob"), creates=(task,), routing=routing)


def decide(
    store: Store,
    *names: str,
    connection: str = "c",
    review_day: date | None = None,
    keep_due: list[str] | None = None,
    policy: str = "policy",
    run: int | None = None,
) -> None:
    """Record decisions on these leads."""
    run = store.runs.start(connection, now=NOW, dry_run=False) if run is None else run
    frame = decided(*names, review_day=review_day)
    store.history.record(connection, run, frame, policy_digest=policy, as_of=DAY, now=NOW, keep_due=keep_due or ())


def intend(
    store: Store,
    *changes: Change,
    turns: dict[tuple[str, str], Turns] | None = None,
    given_back: list[str] | None = None,
    connection: str = "c",
) -> int:
    """A new run that intends these changes; its number."""
    run = store.runs.start(connection, now=NOW, dry_run=False)
    store.journal.intend(connection, run, changes, turns or {}, given_back=given_back or (), now=NOW)
    return run


def settle(store: Store, *settlements: Settlement, today: date = DAY, connection: str = "c") -> tuple[float, ...]:
    """Record outcomes; gives the seconds that changes had waited for them."""
    return store.journal.record_outcomes(connection, settlements, now=NOW, today=today)


def held_turns(store: Store, connection: str = "c") -> dict[tuple[str, str], int]:
    """How many turns the journal's entries hold."""
    held = [entry.turn for entry in store.journal.entries(connection) if entry.turn]
    return {turn: held.count(turn) for turn in held}


def days_of(store: Store, name: str) -> tuple[date | None, date | None, date | None]:
    """Stage edited on, owner edited on, stage since."""
    row = lead_row(store, "c", name)
    return row["stage_edited_on"], row["owner_edited_on"], row["stage_since"]


def activities_of(store: Store, connection: str = "c") -> set[tuple[str, str]]:
    """(activity, lead) of all leads."""
    batches = store.facts.gather(connection, DAY, everything=True, fact_types=FACTS)
    return {pair for batch in batches for pair in batch.activities.select("activity", "lead").rows()}


def prepare(store: Store, connection: str) -> None:
    """Three leads, the first with an activity, one decided; an open change of each by an earlier run."""
    firms = Pulled(accounts=accounts(account("a", created_at=NOW, facts='{"region":"North"}'), account("b")))
    part = Pulled(leads=leads(*map(lead, "123")), activities=activities(activity("a", "1")), cursors={"Lead": "1"})
    store.facts.remember(connection, [firms, part], today=DAY)
    decide(store, "3", connection=connection, review_day=TOMORROW)
    changes = (with_task(change("1")), change("2"), change("3"))
    intend(store, *changes, turns={ANNA: Turns(3)}, connection=connection)


def verbs(store: Store, connection: str) -> dict[str, Callable[[], Any]]:
    """The verbs that change much at once, each doing all that it can do to what `prepare` made."""
    run = store.runs.last(connection)[0].id
    news = Pulled(
        leads=leads(lead("1", "sal", title="x"), lead("4")),
        activities=activities(activity("a", "2"), activity("b", "3")),
        accounts=accounts(account("a", "ben"), account("c")),
        gone_leads=["2"],
        gone_accounts=["Account:b"],
        cursors={"Lead": "2", "Task": "1"},
    )
    ends = [
        Settlement("1", "written", made=("Task:9",)),
        Settlement("2", "refused", "no", overruled=(Overruling("2", "owner", "anna", "eve"),)),
        Settlement("3", "gone"),
    ]
    wanted = [change("1"), change("2", owner="ben")]
    return {
        "remember": lambda: store.facts.remember(connection, [news], today=TOMORROW),
        "record_decisions": lambda: decide(store, *"123", connection=connection, run=run + 1, review_day=TOMORROW),
        "intend": lambda: store.journal.intend(
            connection, run, wanted, {ANNA: Turns(2), BEN: Turns(1)}, given_back=["2"], now=NOW
        ),
        "record_outcomes": lambda: settle(store, *ends, connection=connection),
    }


def verbs_done(store: Store, connection: str) -> None:
    """One hand-off from pull to outcome."""
    firms = Pulled(accounts=accounts(account("a"), account("b", name=None)))
    part = Pulled(leads=leads(*map(lead, "123")), activities=activities(activity("a", "1")), cursors={"Lead": "1"})
    store.facts.remember(connection, [firms, part], today=DAY)
    run = intend(store, with_task(change("1")), turns={ANNA: Turns(1)}, connection=connection)
    settle(store, Settlement("1", "written", made=("Task:9",)), connection=connection)
    decide(store, *"123", connection=connection, run=run)


def without_ids(state: dict[str, Any]) -> dict[str, Any]:
    """A state without the numbers that the database gives out, so that two connections can be compared."""
    entries = [(it.change, it.state, it.message, it.turn_held) for it in state["entries"]]
    history = {name: [replace(move, run_id=None) for move in moves] for name, moves in state["history"].items()}
    hand_offs = [replace(it, id=0) for it in state["hand_offs"]]
    credits = [replace(it, id=0) for it in state["credits"]]
    overruled = [replace(it, id=0) for it in state["overruled"]]
    told = {"entries": entries, "history": history, "hand_offs": hand_offs}
    return state | told | {"credits": credits, "overruled": overruled}
