"""Leads that leave the CRM or the scope, and those that come back. Part of `store_kit`."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from crmsync.model import LEADS
from crmsync.store import Missing, Pulled, Remembered, Settlement
from crmsync.testing.store_frames import DAY, FACTS, activities, activity, due, lead, lead_row, leads
from crmsync.testing.store_steps import (
    TOMORROW,
    Stores,
    activities_of,
    change,
    days_of,
    decide,
    intend,
    settle,
)
from crmsync.values import replace


class ComingChecks:
    """Who is there, who is gone, and what is known of those who return."""

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
