"""What a store makes of a pull. Part of `store_kit`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

import polars as pl
import pytest

from crmsync.model import LEADS
from crmsync.store import Missing, Pulled, Remembered, Settlement
from crmsync.testing.store_frames import DAY, FACTS, NOW, activities, activity, due, lead, lead_row, leads, state_of
from crmsync.testing.store_steps import (
    TOMORROW,
    Crash,
    Stores,
    activities_of,
    backward,
    change,
    days_of,
    decide,
    intend,
    settle,
)
from crmsync.values import replace


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

    def test_a_complete_pull_removes_what_it_does_not_bring(self, stores: Stores) -> None:
        """Leads leave the working set, their history stays; any other pull removes nothing."""
        store = stores.open()
        both = Pulled(
            leads=leads(lead("1"), lead("2")), activities=activities(activity("a", "1"), activity("b", "1"))
        )
        store.facts.remember("c", [both], today=DAY)
        store.facts.remember("c", [Pulled(leads=leads(lead("2", "sql")))], today=DAY)
        decide(store, "1", "2")
        store.facts.remember("c", [Pulled(leads=leads(lead("1")))], today=DAY)
        assert store.facts.lead_count("c") == 2
        one = Pulled(leads=leads(lead("1")), activities=activities(activity("b", "1")))
        counted = store.facts.remember("c", [one], today=DAY, complete=True)
        assert (counted.leads_removed, counted.activities_changed) == (1, 1)
        [batch] = store.facts.gather("c", DAY, everything=True, fact_types=FACTS)
        assert (batch.leads["lead"].to_list(), batch.activities["activity"].to_list()) == (["1"], ["Task:b"])
        assert due(store, "c") == ["1"]
        assert [move.stage_after for move in store.history.stages_of("c", "2")] == ["sql"]

    def test_gone_leads_leave_the_working_set(self, stores: Stores) -> None:
        """What a later part says wins over an earlier one."""
        store = stores.open()
        store.facts.remember("c", [Pulled(leads=leads(lead("1"), lead("2")))], today=DAY)
        parts = [
            Pulled(leads=leads(lead("3"), lead("4")), gone_leads=["1"]),
            Pulled(gone_leads=["3", "2"]),
            Pulled(leads=leads(lead("2", title="back"))),
        ]
        store.facts.remember("c", parts, today=DAY)
        assert due(store, "c") == ["2", "4"]
        assert lead_row(store, "c", "2")["fact.title"] == "back"

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

    # Telling people's edits from our own

    def test_values_found_at_first_sight_are_nobodys_edit(self, stores: Stores) -> None:
        """Whatever they are: nobody knows since when they stand there."""
        store = stores.open()
        store.facts.remember("c", [Pulled(leads=leads(lead("1", "mql", "anna")))], today=TOMORROW)
        assert days_of(store, "1") == (None, None, TOMORROW)

    @pytest.mark.parametrize("way", ["gone_leads", "outside"])
    def test_a_lead_that_left_and_comes_back_is_known(self, stores: Stores, way: str) -> None:
        """What people did before and meanwhile is theirs, what crmsync wrote is its own."""
        store = stores.open()
        both = leads(lead("1", "mql", "anna"), lead("2", "mql", "anna"))
        store.facts.remember("c", [Pulled(leads=both, activities=activities(activity("a", "1")))], today=DAY)
        store.facts.remember("c", [Pulled(leads=leads(lead("1", "mql", "ben")))], today=DAY)
        leaves = Pulled(gone_leads=["1"]) if way == "gone_leads" else Pulled(outside=["1"])
        told = change("1")
        intend(store, replace(told, writes={**told.writes, "Why": (None, "asked")}, fields=("Why",)))
        settle(store, Settlement("1", "written"))
        assert store.facts.remember("c", [leaves], today=DAY).leads_removed == 1
        assert (store.facts.lead_count("c"), due(store, "c")) == (1, ["2"])
        bare = {"1"} if way == "gone_leads" else set()
        assert store.facts.left_with_everything("c", ["1", "2"]) == bare, "its activities are to be read again"
        came = leads(lead("1", "sql", "anna", title="Head"))
        back = store.facts.remember("c", [Pulled(leads=came)], today=TOMORROW)
        assert (back.leads_new, back.leads_changed) == (0, 1)
        assert days_of(store, "1") == (None, DAY, DAY), "what crmsync wrote is no edit, what Ben got by a person is"
        assert lead_row(store, "c", "1")["fact.title"] == "Head"
        assert lead_row(store, "c", "1")["written_on"] == DAY, "fields for people are not written again at once"
        assert "1" in due(store, "c")
        assert activities_of(store) == ({("Task:a", "1")} if way == "outside" else set())
        store.facts.remember("c", [leaves], today=TOMORROW)
        again = store.facts.remember("c", [leaves], today=TOMORROW)
        assert again.leads_removed == 0, "it was away, and is read once more from there"
        store.facts.remember("c", [Pulled(leads=leads(lead("1", "mql", "eve")))], today=TOMORROW)
        assert days_of(store, "1") == (TOMORROW, TOMORROW, TOMORROW), "changed while it was away"

    def test_a_lead_that_comes_back_with_nothing_known_of_it_is_due(self, stores: Stores) -> None:
        """It left as it comes, its decision went meanwhile."""
        store = stores.open()
        row = lead("1") | dict.fromkeys(("email", "name", "company", "created_at"))
        bare = Pulled(leads=leads(row).select(*LEADS))
        store.facts.remember("c", [bare], today=DAY)
        decide(store, "1")
        store.facts.remember("c", [Pulled(outside=["1"])], today=DAY)
        back = store.facts.remember("c", [bare], today=TOMORROW)
        assert (back.leads_new, back.leads_changed, due(store, "c")) == (0, 0, ["1"])

    def test_leads_out_of_scope_are_not_missing(self, stores: Stores) -> None:
        """A complete pull asks which of those that it did not meet are there and out of scope."""
        store = stores.open()
        store.facts.remember("c", [Pulled(leads=leads(*map(lead, "1234")))], today=DAY)
        asked: list[object] = []

        def none_may(missing: int, known: int) -> bool:
            asked.append((missing, known))
            return missing == 0

        def complete(missing: Missing) -> Remembered:
            some = [Pulled(leads=leads(lead("1")), outside=["2"])]
            return store.facts.remember("c", some, today=DAY, complete=True, missing=missing)

        told = complete(Missing(lambda _: ["3"], none_may))
        assert (told.leads_missing, asked, store.facts.lead_count("c")) == (1, [(1, 4)], 4)
        assert told.unmet == ("4",)
        told = complete(Missing(lambda _: ["3", "4"], none_may))
        assert (told.leads_missing, told.leads_outside, told.leads_removed) == (0, 3, 3)
        assert store.facts.lead_count("c") == 1

    def test_leads_that_are_there_all_the_same_stay(self, stores: Stores) -> None:
        """A complete pull asks which of those that it did not meet, and that are not out of scope, are there."""
        store = stores.open()
        store.facts.remember("c", [Pulled(leads=leads(*map(lead, "1234")))], today=DAY)
        asked: list[tuple[str, ...]] = []

        def there(unmet: Sequence[str]) -> tuple[str, ...]:
            asked.append(tuple(sorted(unmet)))
            return ("4",)

        missing = Missing(lambda _: ["3"], lambda hidden, _: hidden == 2, there)
        some = [Pulled(leads=leads(lead("1")))]
        told = store.facts.remember("c", some, today=DAY, complete=True, missing=missing)
        assert asked == [("2", "4")]
        assert (told.leads_missing, told.leads_overlooked, told.leads_removed) == (0, 1, 2)
        assert store.facts.lead_count("c") == 2
        assert store.facts.lead_names("c", ["1", "4"]).keys() == {"1", "4"}

    def test_a_change_by_somebody_else_is_dated(self, stores: Stores) -> None:
        """Stage and owner each by themselves, a taken away owner too; the day stays when other facts change."""
        store = stores.open()
        store.facts.remember(
            "c", [Pulled(leads=leads(lead("1", "mql", "anna"), lead("2", "mql", "anna")))], today=DAY
        )
        store.facts.remember(
            "c", [Pulled(leads=leads(lead("1", "sql", "anna"), lead("2", "mql", None)))], today=TOMORROW
        )
        later = TOMORROW + timedelta(days=9)
        facts = leads(lead("1", "sql", "anna", title="x"), lead("2", "mql", None, title="x"))
        store.facts.remember("c", [Pulled(leads=facts)], today=later)
        assert days_of(store, "1") == (TOMORROW, None, TOMORROW)
        assert days_of(store, "2") == (None, TOMORROW, DAY)

    def test_another_reading_of_the_same_native_value_is_nobodys_edit(self, stores: Stores) -> None:
        """The mapping may change, and a native value may change within one stage."""
        store = stores.open()
        native = '{"Status":"Working"}'
        store.facts.remember(
            "c", [Pulled(leads=leads(lead("1", "mql", stage_native=native), lead("2", "mql")))], today=DAY
        )
        news = leads(lead("1", "sal", stage_native=native), lead("2", "mql", stage_native='{"Status":"mql, called"}'))
        store.facts.remember("c", [Pulled(leads=news)], today=TOMORROW)
        assert (days_of(store, "1"), days_of(store, "2")) == ((None, None, DAY), (None, None, DAY))
        assert store.history.stages_of("c", "1") == ()

    def test_our_own_write_coming_back_is_no_news(self, stores: Stores) -> None:
        """Whether it was settled before or is still open; after that, other values are edits again."""
        store = stores.open()
        store.facts.remember("c", [Pulled(leads=leads(lead("1"), lead("2"), lead("3")))], today=DAY)
        intend(store, change("1"), change("2"), change("3"))
        settle(store, Settlement("1", "written"), Settlement("3", "written"))
        decide(store, "1", "2", "3")
        back = [lead(name, "sql", "anna") for name in "12"]
        store.facts.remember("c", [Pulled(leads=leads(*back, lead("3", "sal", "ben")))], today=TOMORROW)
        assert due(store, "c") == ["2", "3"]
        assert days_of(store, "1") == (None, None, DAY)
        assert days_of(store, "2")[:2] == (None, None)
        assert days_of(store, "3") == (TOMORROW, TOMORROW, TOMORROW)

    def test_a_stage_cleared_on_our_way_is_nobodys_edit(self, stores: Stores) -> None:
        """Some CRMs clear a stage before they set an earlier one; a crash may come between."""
        store = stores.open()
        store.facts.remember("c", [Pulled(leads=leads(lead("1"), lead("2")))], today=DAY)
        intend(store, change("1", owner=None, turn=None))
        empty = [lead(name, None, stage_native='{"Status":null}') for name in "12"]
        store.facts.remember("c", [Pulled(leads=leads(*empty))], today=TOMORROW)
        assert (days_of(store, "1")[0], days_of(store, "2")[0]) == (None, TOMORROW)

    def test_a_stage_cleared_on_our_way_is_half_a_move(self, stores: Stores) -> None:
        """The history knows the move when it is whole, from the stage before the clearing; whoever makes it whole."""
        store = stores.open()
        names = ("written", "seen", "edited", "restored")
        store.facts.remember("c", [Pulled(leads=leads(*(lead(name, "sqo") for name in names)))], today=DAY)
        run = intend(store, *(backward(name, "sqo") for name in names))
        empty = [lead(name, None, stage_native='{"Status":null}') for name in names]
        store.facts.remember("c", [Pulled(leads=leads(*empty))], today=TOMORROW)
        assert {days_of(store, name)[2] for name in names} == {DAY}
        assert not any(store.history.stages("c", names).values())
        rest = intend(store, *(backward(name, None) for name in names))
        settle(store, Settlement("written", "written"), today=TOMORROW)
        found = leads(lead("seen", "sal"), lead("edited", "mql"), lead("restored", "sqo"))
        store.facts.remember("c", [Pulled(leads=found)], today=TOMORROW)
        moves = {
            name: [(it.stage_before, it.stage_after, it.since, it.cause, it.run_id) for it in each]
            for name, each in store.history.stages("c", names).items()
        }
        assert moves == {
            "written": [("sqo", "sal", DAY, "crmsync", rest)],
            "seen": [("sqo", "sal", DAY, "crmsync", None)],
            "edited": [("sqo", "mql", DAY, "crm", None)],
            "restored": [],
        }
        assert run != rest
        later = TOMORROW + timedelta(days=1)
        store.facts.remember("c", [Pulled(leads=leads(*(lead(name, "sql") for name in names)))], today=later)
        assert [store.history.stages_of("c", name)[-1].stage_before for name in names] == ["sal", "sal", "mql", "sqo"]

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
