"""What a store keeps of writes: intentions, turns, ends. Part of `store_kit`."""

from __future__ import annotations

import itertools

import pytest

from crmsync.store import Pulled, Settlement, Turns
from crmsync.testing.store_frames import DAY, due, lead, lead_row, leads, state_of
from crmsync.testing.store_steps import (
    ANNA,
    BEN,
    TOMORROW,
    Crash,
    Stores,
    change,
    crash_at,
    decide,
    held_turns,
    intend,
    prepare,
    settle,
    verbs,
    without_ids,
)


class WritingChecks:
    """Entries of the journal and the turns that they hold."""

    def test_intentions_and_counters_are_kept(self, stores: Stores) -> None:
        """As they were given, with routing's own state; counters of people not named stay."""
        store = stores.open()
        store.facts.remember("c", [Pulled(leads=leads(lead("1"), lead("2")))], today=DAY)
        state = {"lag": [5, 12], "day": "2026-11-21"}
        run = intend(
            store, change("1"), change("2", owner="ben", turn=None), turns={ANNA: Turns(1, state), BEN: Turns(4)}
        )
        intend(store, turns={("queue", ""): Turns(0, {"next": 2})})
        again = stores.open()
        assert again.journal.turns("c") == {
            ANNA: Turns(1, state),
            BEN: Turns(4),
            ("queue", ""): Turns(0, {"next": 2}),
        }
        assert [(entry.change, entry.run_id) for entry in again.journal.pending("c")] == [
            (change("1"), run),
            (change("2", owner="ben", turn=None), run),
        ]
        assert again.journal.reserved_turns("c") == {"1": ANNA}

    def test_every_end_settles_its_turn(self, stores: Stores) -> None:
        """Held where the CRM has the owner, given back where not: the count is what entries hold."""
        store = stores.open()
        ends: dict[str, Settlement] = {
            "1": Settlement("1", "written"),
            "2": Settlement("2", "unchanged"),
            "3": Settlement("3", "conflict", "why"),
            "4": Settlement("4", "refused", "why"),
            "5": Settlement("5", "did_not_stick", "why", owner_holds=True),
            "6": Settlement("6", "did_not_stick", "why"),
            "7": Settlement("7", "gone", "why"),
        }
        store.facts.remember("c", [Pulled(leads=leads(*map(lead, "12345678")))], today=DAY)
        intend(store, *map(change, "12345678"), turns={ANNA: Turns(8)})
        settle(store, *ends.values())
        assert store.journal.turns("c")[ANNA].count == held_turns(store)[ANNA] == 4
        assert {entry.change.lead: (entry.state, entry.message) for entry in store.journal.entries("c")} == {
            **{name: (end.outcome, end.message) for name, end in ends.items()},
            "8": ("intended", ""),
        }
        assert store.journal.reserved_turns("c") == {"8": ANNA}
        settle(store, *ends.values())
        assert store.journal.turns("c")[ANNA].count == 4, "an outcome counts once"

    def test_a_later_run_takes_over_what_an_earlier_one_intended(self, stores: Stores) -> None:
        """A turn is used again, given back by routing, or spent: never counted twice, never lost."""
        store = stores.open()
        store.facts.remember("c", [Pulled(leads=leads(*map(lead, "1234")))], today=DAY)
        intend(store, *map(change, "1234"), turns={ANNA: Turns(4)})
        run = intend(
            store,
            change("1"),
            change("2", owner="ben"),
            change("3", owner=None, turn=None),
            turns={ANNA: Turns(3), BEN: Turns(1)},
            given_back=["2"],
        )
        decide(store, *"1234", run=run)
        assert {entry.change.lead for entry in store.journal.pending("c")} == {"1", "2", "3"}
        assert {entry.run_id for entry in store.journal.pending("c")} == {run}
        assert store.journal.reserved_turns("c") == {"1": ANNA, "2": BEN}
        assert held_turns(store) == {ANNA: 3, BEN: 1}
        settle(store, Settlement("1", "written"), Settlement("2", "refused"), Settlement("3", "written"))
        assert {turn: it.count for turn, it in store.journal.turns("c").items()} == {ANNA: 3, BEN: 0}

    def test_the_stored_lead_follows_what_was_written(self, stores: Stores) -> None:
        """And only that; what ended otherwise is due again."""
        store = stores.open()
        store.facts.remember("c", [Pulled(leads=leads(lead("1"), lead("2")))], today=DAY)
        run = intend(store, change("1"), change("2"))
        decide(store, "1", "2", run=run)
        settle(store, Settlement("1", "written"), Settlement("2", "refused", "no"), today=TOMORROW)
        one, two = (lead_row(store, "c", name) for name in "12")
        assert (one["stage"], one["owner"], one["stage_since"]) == ("sql", "anna", TOMORROW)
        assert one["stage_native"] == '{"Status":"sql"}'
        assert (two["stage"], two["owner"], two["stage_since"]) == ("mql", None, DAY)
        assert due(store, "c") == ["2"]
        [move] = store.history.stages_of("c", "1")
        assert (move.stage_before, move.stage_after, move.cause, move.run_id) == ("mql", "sql", "crmsync", run)
        assert store.history.stages_of("c", "2") == ()

    @pytest.mark.parametrize("verb", ["remember", "record_decisions", "intend", "record_outcomes"])
    def test_a_verb_happens_whole_or_not_at_all(self, stores: Stores, verb: str) -> None:
        """Ended before any of its statements and commits, it has either done nothing or everything."""
        store = stores.open()
        for name in ("calm", "crashing"):
            prepare(store, name)
        before = state_of(store, "crashing")
        verbs(store, "calm")[verb]()
        for step in itertools.count():
            try:
                with crash_at(step):
                    verbs(store, "crashing")[verb]()
            except Crash:
                assert state_of(stores.open(), "crashing") == before, f"half of it before step {step}"
            else:
                assert without_ids(state_of(store, "crashing")) == without_ids(state_of(store, "calm"))
                assert step > 2, "no statement was counted"
                return
