"""What pages ask a store for: leads by what they are called, a run's journal page by page. Part of `store_kit`."""

from __future__ import annotations

from crmsync.model import Change
from crmsync.store import Pulled, Settlement
from crmsync.testing.store_frames import DAY, NOW, lead, leads
from crmsync.testing.store_steps import Stores, change, intend, settle

LONG = "long " * 2_000
"""Texts longer than some databases let an index hold."""


class LookChecks:
    """What is shown a part at a time, and found by a part of it."""

    def test_leads_are_called_by_each_word_in_any_of_their_texts(self, stores: Stores) -> None:
        """Capitals and accents do not matter in any script, signs of patterns are letters; by name."""
        store = stores.open()
        rows = (
            {**lead("1"), "name": "Eva Müller", "company": "Post 100%"},
            {**lead("2"), "name": "Ann Ash", "company": "ÖST AB", "email": "ann@x.example"},
            {**lead("3"), "name": "Ann_Bo", "company": None, "email": None},
            {**lead("4"), "name": None, "company": "ann & sons", "email": LONG},
            {**lead("5"), "name": "Zoe", "company": "R\\D", "email": None},
            {**lead("6"), "name": "ΣΟΦΌΣ Ivić", "company": None, "email": None},
            {**lead("7"), "name": "김가영", "company": "Łódź Größe", "email": None},
            {**lead("8"), "name": None, "company": None, "email": None},
        )
        store.facts.remember("c", [Pulled(leads=leads(*rows))], today=DAY)
        store.facts.remember("other", [Pulled(leads=leads({**lead("9"), "name": "Ann"}))], today=DAY)
        found = {
            ("ann",): {"2", "3", "4"},
            ("MÜLL",): {"1"},
            ("öst", "ANN"): {"2"},
            ("n_b",): {"3"},
            ("0%",): {"1"},
            ("_",): {"3"},
            ("ann", "zz"): set(),
            ("/",): set(),
            ("r\\d",): {"5"},
            ("ONG LON",): {"4"},
            ("σοφός",): {"6"},
            ("όΣ", "IVIĆ"): {"6"},
            ("muller",): {"1"},
            ("σοφος", "ivic"): {"6"},
            ("가영", "lodz", "GROSSE"): {"7"},
            ("Müller\u0301",): {"1"},
        }
        for words, named in found.items():
            assert set(store.facts.leads_called("c", words, most=9)) == named
        assert store.facts.leads_called("c", ["ann"], most=9) == ("2", "3", "4"), "who has no name comes last"
        assert store.facts.leads_called("c", ["ann"], most=2) == ("2", "3")

    def test_leads_that_nothing_manages_are_counted(self, stores: Stores) -> None:
        """As they are listed by their stage in the CRM, and of this connection alone."""
        store = stores.open()
        rows = [lead(f"{each}") | {"managed": each > 2, "stage_native": f"{each % 2}"} for each in range(7)]
        store.facts.remember("c", [Pulled(leads=leads(*rows))], today=DAY)
        store.facts.remember("other", [Pulled(leads=leads(lead("9") | {"managed": False}))], today=DAY)
        assert (store.facts.unmanaged_count("c"), store.facts.lead_count("c")) == (3, 7)
        assert store.facts.unmanaged("c")["count"].to_list() == [2, 1]

    def test_a_rare_name_is_found_among_many(self, stores: Stores) -> None:
        """Far behind those that come first in the order of names; and nobody, where nobody is called so."""
        store = stores.open()
        rows = [lead(f"{each:04}") | {"name": f"Ann {each}", "email": None} for each in range(1_000)]
        rows[990]["name"] = "Zoe 990"
        store.facts.remember("c", [Pulled(leads=leads(*rows))], today=DAY)
        store.facts.remember("other", [Pulled(leads=leads({**lead("1"), "name": "Zoe"}))], today=DAY)
        found = {("zoe",): ("0990",), ("zoe", "991"): (), ("ann",): ("0000",), ("ann", "999"): ("0999",)}
        for words, named in found.items():
            assert store.facts.leads_called("c", words, most=1) == named
        rows[989]["name"], rows[990]["name"] = "Zoe 989", "Ann 990"
        store.facts.remember("c", [Pulled(leads=leads(*rows[:995]))], today=DAY, complete=True)
        assert store.facts.leads_called("c", ["zoe"], most=1) == ("0989",)
        assert store.facts.leads_called("c", ["999"], most=1) == ()

    def test_leads_are_found_by_what_they_are_called_now(self, stores: Stores) -> None:
        """By a former name no more, nor once they are gone or forgotten; and again when they come back."""
        store = stores.open()

        def pulled(*rows: dict[str, object], complete: bool = False) -> None:
            store.facts.remember("c", [Pulled(leads=leads(*rows))], today=DAY, complete=complete)

        def found(word: str) -> tuple[str, ...]:
            return store.facts.leads_called("c", [word], most=9)

        ann, bo = ({**lead(number), "name": name} for number, name in (("1", "Ann Ash"), ("2", "Bo Bell")))
        pulled(ann, bo)
        pulled({**ann, "name": "Ann Ćosić"}, {**bo, "stage": "sql"})
        assert (found("ash"), found("cosic"), found("bell")) == ((), ("1",), ("2",))
        pulled(bo, complete=True)
        assert (found("ann"), found("bell")) == ((), ("2",))
        pulled(ann)
        assert (found("ash"), found("cosic")) == (("1",), ())
        pulled({**bo, "name": None, "company": None, "email": None})
        assert found("bell") == ()
        store.forget("c", "1")
        assert found("ash") == ()

    def test_a_runs_journal_comes_page_by_page(self, stores: Stores) -> None:
        """In the order of the leads' ids, each entry once, and of no other run."""
        store = stores.open()
        names = [f"{number}" for number in range(7)]
        store.facts.remember("c", [Pulled(leads=leads(*map(lead, names)))], today=DAY)
        intend(store, *(change(name) for name in reversed(names)))
        settle(store, Settlement("3", "refused", "no"))
        intend(store, change("3"))
        first, second = store.runs.last("c", limit=2)[1].id, store.runs.last("c", limit=2)[0].id
        seen: list[str] = []
        for most in (3, 3, 3, 1):
            page = store.journal.page("c", first, after=seen[-1] if seen else None, most=3)
            assert len(page) <= most
            seen += [entry.change.lead for entry in page]
        assert seen == names
        assert [entry.change.lead for entry in store.journal.page("c", second, after=None, most=9)] == ["3"]
        assert store.journal.page("other", first, after=None, most=9) == ()
        assert store.journal.ends("c", [first, second]) == {
            first: {"intended": 6, "refused": 1},
            second: {"intended": 1},
        }
        assert store.journal.ends("c", [second]) == {second: {"intended": 1}}

    def test_what_was_taken_back_of_a_run_is_told_as_it_stands(self, stores: Stores) -> None:
        """In part, and then the rest; put back again; while it is open and once it is settled."""
        store = stores.open()
        store.facts.remember("c", [Pulled(leads=leads(*map(lead, "123")))], today=DAY)

        def wrote(*changes: Change, undo_of: int | None = None, open_ones: str = "") -> int:
            run = store.runs.start("c", now=NOW, dry_run=False, kind="undo" if undo_of else "run", undo_of=undo_of)
            store.journal.intend("c", run, changes, {}, given_back=(), now=NOW)
            settle(store, *(Settlement(it.lead, "written") for it in changes if it.lead not in open_ones))
            store.runs.end("c", run, now=NOW, exit_code=0, counts={})
            return run

        def taken_back(run: int) -> tuple[dict[int, int], bool] | None:
            found = stores.open().journal.taken_back("c", [run]).get(run)
            return None if found is None else (dict(found.by), found.left)

        run = wrote(change("1"), change("2", owner="ben"), change("3"))
        store.runs.start("c", now=NOW, dry_run=True, kind="undo", undo_of=run)
        assert taken_back(run) is None
        first = wrote(change("1"), change("2", owner=None, turn=None), undo_of=run)
        assert taken_back(run) == ({first: 2}, True), "whose owner stays is taken back in part"
        second = wrote(change("3"), change("2", owner="ben"), undo_of=run, open_ones="3")
        assert taken_back(run) == ({first: 2, second: 1}, True)
        settle(store, Settlement("3", "written"))
        assert taken_back(run) == ({first: 2, second: 2}, False)
        again = wrote(change("1"), undo_of=first)
        assert (taken_back(run), taken_back(first)) == (({first: 1, second: 2}, True), ({again: 1}, True))
        assert set(store.journal.taken_back("c", [run, first, second])) == {run, first}

    def test_what_became_of_a_runs_changes_is_kept_once_nothing_is_open(self, stores: Stores) -> None:
        """And counted before: a later run may settle it yet."""
        store = stores.open()
        store.facts.remember("c", [Pulled(leads=leads(lead("1"), lead("2")))], today=DAY)
        runs = []
        for name in "12":
            runs.append(intend(store, change(name)))
            if name == "1":
                settle(store, Settlement(name, "written"))
            store.runs.end("c", runs[-1], now=NOW, exit_code=0, counts={})
        first, second = runs
        assert store.journal.ends("c", runs) == {first: {"written": 1}, second: {"intended": 1}}
        settle(store, Settlement("2", "refused", "no"))
        assert stores.open().journal.ends("c", runs) == {first: {"written": 1}, second: {"refused": 1}}
