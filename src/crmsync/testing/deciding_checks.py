"""Which leads a store holds due, and what it keeps of decisions. Part of `store_kit`."""

from __future__ import annotations

from datetime import date

from crmsync.store import Pulled
from crmsync.testing.store_frames import DAY, FACTS, activities, activity, due, lead, leads
from crmsync.testing.store_steps import (
    TOMORROW,
    Stores,
    decide,
)


class DecidingChecks:
    """Decisions, and the leads that wait for one."""

    def test_a_lead_is_due_again_on_its_review_day(self, stores: Stores) -> None:
        """Not before; at once if it is kept due; never without a review day."""
        store = stores.open()
        store.facts.remember("c", [Pulled(leads=leads(*map(lead, "123")))], today=DAY)
        decide(store, "1", "2", review_day=TOMORROW, keep_due=["2"])
        decide(store, "3")
        assert due(store, "c") == ["2"]
        assert due(store, "c", TOMORROW) == ["1", "2"]
        assert due(store, "c", date(9999, 12, 31)) == ["1", "2"]

    def test_leads_can_be_marked_due(self, stores: Stores) -> None:
        """From outside, too: unknown ids are passed over."""
        store = stores.open()
        store.facts.remember("c", [Pulled(leads=leads(*map(lead, "123")))], today=DAY)
        decide(store, *"123", review_day=TOMORROW)
        store.facts.mark_due("c", ["2", "nobody"])
        assert due(store, "c") == ["2"]

    def test_the_last_decision_can_be_read(self, stores: Stores) -> None:
        """With all its columns, and the policy that made it."""
        store = stores.open()
        store.facts.remember("c", [Pulled(leads=leads(lead("1"), lead("2")))], today=DAY)
        for policy in ("old", "new"):
            decide(store, "1", "no such lead", review_day=TOMORROW, policy=policy)
        decisions = stores.open().history.decisions("c", ["1", "2"])
        assert set(decisions) == {"1"}
        decision = decisions["1"]
        assert (decision.stage, decision.review_day, decision.as_of) == ("mql", TOMORROW, DAY)
        assert decision.policy_digest == "new"
        assert decision.details == {"score.fit.low": 12_000, "verdict.budget": None}

    def test_batches_come_in_the_order_of_ids(self, stores: Stores) -> None:
        """Each with its rows numbered, and its activities sorted by row; the same leads whatever the size."""
        store = stores.open()
        names = ["b", "a", "B", "é", "10", "9"]
        acts = [activity(f"{number}{name}", name) for number in range(3) for name in names]
        store.facts.remember(
            "c", [Pulled(activities=activities(*acts)), Pulled(leads=leads(*map(lead, names)))], today=DAY
        )
        for size in (1, 2, 4, 100):
            batches = list(store.facts.gather("c", DAY, fact_types=FACTS, batch_size=size))
            assert [name for batch in batches for name in batch.leads["lead"]] == sorted(names)
            for batch in batches:
                assert batch.leads["row"].to_list() == list(range(batch.leads.height))
                assert batch.activities["row"].is_sorted()
                by_row = dict(batch.leads.select("row", "lead").rows())
                assert all(by_row[row] == name for row, name in batch.activities.select("row", "lead").rows())
                assert batch.activities.height == 3 * batch.leads.height
        named = list(store.facts.gather("c", DAY, leads=["9", "nobody", "é"], fact_types=FACTS))
        assert [name for batch in named for name in batch.leads["lead"]] == ["9", "é"]
