"""What a store makes of a pull. Part of `store_kit`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import polars as pl
import pytest

from crmsync.store import Pulled, Settlement
from crmsync.testing.store_frames import DAY, FACTS, NOW, activities, activity, due, lead, lead_row, leads, state_of
from crmsync.testing.store_steps import (
    TOMORROW,
    Crash,
    Stores,
    activities_of,
    change,
    decide,
    intend,
    settle,
)


class RememberingChecks:
    """Facts, due marks, cursors, and whose change it was."""

    def test_every_type_of_fact_comes_back_as_it_was(self, stores: Stores) -> None:
        """Also what JSON and SQL like to bend: quotes, line ends, large and tiny numbers, unknowns."""
        row = lead(
            "1",
            budget='a "b" \\ c\n\u2028é',
            title="",
            employees=2**63 - 1,
            score=5e-324,
            revenue=0.1 + 0.2,
            opted_out=False,
            renewal=date(1, 1, 1),
            seen_at=NOW.replace(microsecond=1),
        )
        stores.open().facts.remember("c", [Pulled(leads=leads(row, lead("2")))], today=DAY)
        for known in (row, lead("2")):
            stored = lead_row(stores.open(), "c", known["lead"])
            assert {name: stored[name] for name in known} == known

    def test_facts_that_are_not_asked_for_or_of_another_type_are_unknown(self, stores: Stores) -> None:
        """A mapping may have changed since the facts were stored."""
        store = stores.open()
        store.facts.remember("c", [Pulled(leads=leads(lead("1", budget="none", employees=5)))], today=DAY)
        [batch] = store.facts.gather(
            "c", DAY, fact_types={"budget": "integer", "employees": "integer", "newer": "date"}
        )
        facts = batch.leads.select("fact.budget", "fact.employees", "fact.newer")
        assert facts.rows() == [(None, 5, None)]

    def test_remembering_the_same_again_changes_nothing(self, stores: Stores) -> None:
        """Rows may come again at any time; only a difference makes a lead due."""
        store = stores.open()
        part = Pulled(leads=leads(lead("1"), lead("2")), activities=activities(activity("a", "1")))
        store.facts.remember("c", [part], today=DAY)
        decide(store, "1", "2")
        before = state_of(store, "c")
        for complete in (False, True):
            again = store.facts.remember("c", [part], today=TOMORROW, complete=complete)
            assert (again.leads_new, again.leads_changed, again.leads_removed, again.activities_changed) == (
                0,
                0,
                0,
                0,
            )
            assert state_of(store, "c") == before
        assert before["due"] == []

    def test_a_change_waits_until_it_is_answered_by_a_verified_write(self, stores: Stores) -> None:
        """From the first change that no run has answered; rows that come again are none."""
        store = stores.open()
        store.facts.remember("c", [Pulled(leads=leads(lead("1"), lead("2"), lead("3"), lead("4")))], today=DAY)
        decide(store, "1", "2", "3", "4")
        news = leads(lead("1", budget="available"), lead("2", budget="available"), lead("3"))
        ago = {"1": 20, "2": 30, "3": 40, "Task:a": 50}
        calls = activities(activity("a", "2"))
        store.facts.remember("c", [Pulled(leads=news, activities=calls, stamps=_stamps(ago))], today=DAY)
        store.facts.remember("c", [Pulled(leads=leads(lead("1")), stamps=_stamps({"1": 10}))], today=DAY)
        intend(store, *(change(name) for name in ("1", "2", "3", "4")))
        refused = Settlement("2", "refused", "no")
        assert settle(store, Settlement("1", "written"), refused, Settlement("3", "written")) == (20.0,)
        decide(store, "1", "3", "4", keep_due=["2"])
        intend(store, change("2"))
        late = NOW + timedelta(minutes=10)
        assert stores.open().journal.record_outcomes("c", [Settlement("2", "written")], now=late, today=DAY) == (
            650.0,
        )
        intend(store, change("1"), change("2"))
        assert settle(store, Settlement("1", "written"), Settlement("2", "written")) == (), "answered once"

    def test_a_change_that_leads_to_nothing_is_answered_by_the_decision(self, stores: Stores) -> None:
        store = stores.open()
        store.facts.remember("c", [Pulled(leads=leads(lead("1"), lead("2")))], today=DAY)
        stamps = _stamps({"1": 20, "2": 20})
        news = leads(lead("1", budget="available"), lead("2", budget="available"))
        store.facts.remember("c", [Pulled(leads=news, stamps=stamps)], today=DAY)
        decide(store, "1", "2", keep_due=["2"])
        intend(store, change("1"), change("2"))
        assert settle(store, Settlement("1", "written"), Settlement("2", "written")) == (20.0,)

    def test_what_differs_is_stored_and_due(self, stores: Stores) -> None:
        """New and changed leads, and leads whose activities are new, changed or gone; no others."""
        store = stores.open()
        names = ("changed", "new_activity", "changed_activity", "gone_activity", "same")
        held = activities(activity("a", "changed_activity"), activity("b", "gone_activity"), activity("c", "same"))
        store.facts.remember("c", [Pulled(leads=leads(*map(lead, names)), activities=held)], today=DAY)
        assert due(store, "c") == sorted(names)
        decide(store, *names)
        news = Pulled(
            leads=leads(lead("changed", title="CEO"), lead("new"), lead("same")),
            activities=activities(activity("a", "changed_activity", kind="demo"), activity("d", "new_activity")),
            gone_activities=["Task:b"],
        )
        store.facts.remember("c", [news], today=DAY)
        assert due(store, "c") == ["changed", "changed_activity", "gone_activity", "new", "new_activity"]
        [batch] = store.facts.gather("c", DAY, everything=True, fact_types=FACTS)
        kept = dict(batch.activities.select("activity", "kind").rows())
        assert kept == {"Task:a": "demo", "Task:c": "call", "Task:d": "call"}
        assert lead_row(store, "c", "changed")["fact.title"] == "CEO"

    def test_an_activity_follows_its_lead(self, stores: Stores) -> None:
        """It may belong to several leads, come before its lead, and move to another one."""
        store = stores.open()
        shared = activities(activity("a", "1"), activity("a", "2"))
        store.facts.remember("c", [Pulled(activities=shared), Pulled(leads=leads(*map(lead, "123")))], today=DAY)
        assert activities_of(store) == {("Task:a", "1"), ("Task:a", "2")}
        decide(store, *"123")
        moved = activities(activity("a", "2"), activity("a", "3"))
        store.facts.remember("c", [Pulled(activities=moved)], today=DAY)
        assert activities_of(store) == {("Task:a", "2"), ("Task:a", "3")}
        assert due(store, "c") == ["1", "3"]

    def test_the_cursor_never_stands_ahead_of_the_facts(self, stores: Stores) -> None:
        """A pull that breaks off is read again from where the last whole one ended."""
        store = stores.open()
        store.facts.remember("c", [Pulled(leads=leads(lead("1")), cursors={"Lead": "first"})], today=DAY)

        def breaks_off() -> Iterator[Pulled]:
            yield Pulled(leads=leads(lead("2")), cursors={"Lead": "second"})
            raise Crash

        with pytest.raises(Crash):
            store.facts.remember("c", breaks_off(), today=DAY)
        assert stores.open().facts.cursors("c") == {"Lead": "first"}
        store.facts.remember("c", [Pulled(cursors={"Task": "t"}), Pulled(cursors={"Lead": "third"})], today=DAY)
        assert stores.open().facts.cursors("c") == {"Lead": "third", "Task": "t"}

    def test_history_keeps_every_attempt(self, stores: Stores) -> None:
        """A second MQL opens a second attempt and erases nothing."""
        store = stores.open()
        way = ["new", "mql", "sql", "disqualified", "mql", "sql", "sqo"]
        for number, stage in enumerate(way):
            store.facts.remember("c", [Pulled(leads=leads(lead("1", stage)))], today=DAY + timedelta(days=number))
        moves = store.history.stages_of("c", "1")
        assert [move.stage_after for move in moves] == way[1:]
        assert [move.attempt for move in moves] == [1, 1, 1, 2, 2, 2]
        assert [(move.day - DAY).days for move in moves] == [1, 2, 3, 4, 5, 6]
        assert [(move.since - DAY).days for move in moves if move.since] == [0, 1, 2, 3, 4, 5]
        assert {(move.cause, move.run_id) for move in moves} == {("crm", None)}
        assert store.history.stages("c", ["1", "nobody"]) == {"1": moves, "nobody": ()}


def _stamps(seconds_ago: Mapping[str, float]) -> pl.DataFrame:
    """When these records were changed."""
    instants = pl.Series(
        [NOW - timedelta(seconds=ago) for ago in seconds_ago.values()], dtype=pl.Datetime("us", "UTC")
    )
    return pl.DataFrame({"record": list(seconds_ago), "changed_at": instants.to_physical()})
