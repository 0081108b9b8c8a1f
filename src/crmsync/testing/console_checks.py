"""Checks of what a store remembers of the console: who is signed in, tries, what was done, and plans that wait."""

from __future__ import annotations

from datetime import timedelta

from crmsync.model import SetAside
from crmsync.store import NewPlan, OlderThan, PlannedChange, PlanOrder, Pulled, Session, Sought, Store
from crmsync.testing.store_frames import DAY, NOW, lead, leads
from crmsync.testing.store_steps import Stores

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
ADA = Session("ada", "stamp", NOW, NOW, NOW + 12 * HOUR)


def planned(name: str, move: str = "a→b", owner: str | None = None, points: int = 0) -> PlannedChange:
    """A change of one lead."""
    return PlannedChange(name, move, owner, owner is not None, points, {"lead": name, "reasons": ["ç'est ça"]})


ASIDE = [{"lead": each, "reason": "left alone: as somebody said"} for each in "12"]


def keep(store: Store, *changes: PlannedChange, connection: str = "c") -> int:
    """A plan of these changes."""
    plan = NewPlan("run", 7, None, "digest", "ada", {"notes": ["n"], "guards": [], "set_aside": ASIDE})
    return store.plans.keep(connection, plan, changes, now=NOW)


def open_ones(store: Store, plan: int, which: Sought | None = None, order: PlanOrder = "name") -> list[str]:
    """Leads of a page of the plan."""
    _, page = store.plans.page("c", plan, which or Sought(), order=order, first=0, most=10)
    return [each.lead for each in page]


class ConsoleChecks:
    """A part of `StoreConformance`."""

    def test_a_session_is_whose_browser_holds_the_secret(self, stores: Stores) -> None:
        """Also after the process; until it signs out, is away for too long, or its end comes."""
        stores.open().console.begin("secret", ADA)
        store = stores.open()
        assert store.console.session("another", now=NOW, idle=HOUR) is None
        for hours in range(11):
            found = store.console.session("secret", now=NOW + hours * 59 * MINUTE, idle=HOUR)
            assert found is not None
            assert (found.person, found.stamp, found.ends_at) == ("ada", "stamp", ADA.ends_at)
        assert store.console.session("secret", now=NOW + 20 * HOUR, idle=100 * HOUR) is None
        assert store.console.session("secret", now=NOW + 11 * HOUR, idle=HOUR) is None
        store.console.begin("another", ADA)
        assert [store.console.end("another") for _ in range(2)] == [True, False]
        assert store.console.session("another", now=NOW, idle=HOUR) is None

    def test_every_session_of_a_person_can_be_ended(self, stores: Stores) -> None:
        """And no other's."""
        store = stores.open()
        for secret, person in (("1", "ada"), ("2", "ada"), ("3", "ben")):
            store.console.begin(secret, Session(person, "", NOW, NOW, NOW + HOUR))
        assert store.console.end_all_of("ada") == 2
        found = [store.console.session(each, now=NOW, idle=HOUR) for each in "123"]
        assert [each is not None for each in found] == [False, False, True]

    def test_tries_are_counted_for_each_and_for_a_time(self, stores: Stores) -> None:
        """By whichever process; from the first of them."""
        store, other = stores.open(), stores.open()
        for number in range(1, 4):
            at = NOW + number * MINUTE
            assert store.console.tried("ada", now=at, within=HOUR) == (2 * number - 1, NOW + MINUTE)
            assert other.console.tried("ada", now=at, within=HOUR) == (2 * number, NOW + MINUTE)
        assert store.console.tried("ben", now=NOW + 4 * MINUTE, within=HOUR) == (1, NOW + 4 * MINUTE)
        store.console.succeeded("ada", all_of_them=False)
        assert store.console.tried("ada", now=NOW + 5 * MINUTE, within=HOUR)[0] == 6
        late = NOW + HOUR + 2 * MINUTE
        assert store.console.tried("ada", now=late, within=HOUR) == (1, late)
        store.console.succeeded("ben", all_of_them=True)
        assert store.console.tried("ben", now=NOW + 6 * MINUTE, within=HOUR)[0] == 1

    def test_what_was_done_is_told_the_newest_first(self, stores: Stores) -> None:
        """Page by page, with all that was said of it."""
        store = stores.open()
        for number in range(5):
            at = NOW + number * MINUTE
            store.console.note("approved", now=at, person="ada", connection="c", reason=f"{number}", about={"n": 1})
        first = store.console.deeds(most=2)
        assert [(each.reason, each.at) for each in first] == [("4", NOW + 4 * MINUTE), ("3", NOW + 3 * MINUTE)]
        told = first[0]
        assert (told.person, told.what, told.connection, told.about) == ("ada", "approved", "c", {"n": 1})
        assert [each.reason for each in store.console.deeds(most=9, before=first[1].id)] == ["2", "1", "0"]
        assert store.console.deeds_in_all() == 5

    def test_what_was_done_long_ago_is_let_go(self, stores: Stores) -> None:
        """Or counted, and left; what is younger stays."""
        store = stores.open()
        for number in range(5):
            store.console.note("approved", now=NOW + number * MINUTE, person="ada", reason=f"{number}")
        assert store.console.tidy(NOW + 3 * MINUTE, only_count=True) == 3
        assert store.console.deeds_in_all() == 5
        assert store.console.tidy(NOW + 3 * MINUTE) == 3
        assert [each.reason for each in store.console.deeds(most=9)] == ["4", "3"]
        assert store.console.tidy(NOW + 3 * MINUTE) == 0

    def test_a_plan_is_kept_as_it_was_made_until_the_next(self, stores: Stores) -> None:
        """One of each connection; its changes to the letter."""
        store = stores.open()
        first = keep(store, planned("1"))
        other = keep(store, planned("9"), connection="d")
        plan = keep(store, planned("1"), planned("2", owner="ben", points=5))
        assert plan != first
        kept = store.plans.of("c")
        assert kept is not None
        assert (kept.id, kept.run, kept.leads, kept.open, kept.state) == (plan, 7, 2, 2, "waiting")
        told = {"notes": ["n"], "guards": [], "set_aside": ASIDE}
        assert (kept.made_at, kept.made_by, kept.told) == (NOW, "ada", told)
        assert store.plans.changes("c", plan, None) == (planned("1"), planned("2", owner="ben", points=5))
        assert store.plans.changes("c", plan, ["2", "3"]) == (planned("2", owner="ben", points=5),)
        assert store.plans.one("c", plan, "1") == planned("1")
        assert store.plans.changes("c", first, None) == ()
        assert [each.lead for each in store.plans.changes("d", other, None)] == ["9"]

    def test_a_page_of_a_plan_holds_what_is_asked_for(self, stores: Stores) -> None:
        """By move, new owner, and parts of what leads are called; in an order."""
        store = stores.open()
        called = (("1", "Zoe", "Öl"), ("2", "Ann", "100% Öl"), ("3", "Bob", "100"))
        rows = leads(*(lead(each) | {"name": name, "company": company} for each, name, company in called))
        store.facts.remember("c", [Pulled(leads=rows)], today=DAY)
        far = 3 * 10**9  # three times the most points of a rule, in thousandths
        changes = (planned("1", points=1), planned("2", "owner", "ben", far), planned("3", "b→c", "amy", 5))
        plan = keep(store, *changes)
        assert open_ones(store, plan) == ["2", "3", "1"]
        assert open_ones(store, plan, order="points") == ["2", "3", "1"]
        assert open_ones(store, plan, order="move") == ["1", "3", "2"]
        assert [each for each in open_ones(store, plan, order="owner") if each != "1"] == ["3", "2"]
        assert open_ones(store, plan, Sought(move="b→c")) == ["3"]
        assert open_ones(store, plan, Sought(owner="ben")) == ["2"]
        assert open_ones(store, plan, Sought(words=("bO",))) == ["3"]
        assert open_ones(store, plan, Sought(words=("100%",))) == ["2"]
        assert open_ones(store, plan, Sought(words=("%",))) == ["2"]
        assert open_ones(store, plan, Sought(words=("ann", "zoe"))) == []
        assert store.plans.page("c", plan, Sought(), order="name", first=2, most=1)[0] == 3
        assert store.plans.moves("c", plan) == [("a→b", 1, 1), ("b→c", 1, 1), ("owner", 1, 1)]

    def test_a_plan_is_looked_through_by_what_its_leads_are_called_now(self, stores: Stores) -> None:
        """Renamed, come to a name, gone, come back, and never seen; in the order of names, who has none last."""
        store = stores.open()

        def pulled(*rows: dict[str, object], complete: bool = False) -> None:
            store.facts.remember("c", [Pulled(leads=leads(*rows))], today=DAY, complete=complete)

        def found(word: str) -> list[str]:
            return open_ones(store, plan, Sought(words=(word,)))

        ann, bo, cy = (lead(each) | {"name": name} for each, name in (("1", "Ann"), ("2", "Bo"), ("3", "Cy")))
        pulled(ann, bo, cy)
        plan = keep(store, *(planned(each) for each in "1234"))
        keep(store, planned("1"), connection="d")
        assert open_ones(store, plan) == ["1", "2", "3", "4"]
        pulled(ann | {"name": "Zoë"}, cy | {"name": None, "company": None, "email": None}, lead("4") | {"name": "Ab"})
        assert open_ones(store, plan) == ["4", "2", "1", "3"]
        assert [found(each) for each in ("ann", "zoe", "cy", "ab", "1")] == [[], ["1"], [], ["4"], ["1"]]
        pulled(bo, complete=True)
        assert (open_ones(store, plan), found("zoe")) == (["2", "1", "3", "4"], [])
        pulled(ann)
        assert (open_ones(store, plan), found("ann")) == (["1", "2", "3", "4"], ["1"])

    def test_of_many_that_a_word_finds_there_is_a_page_too(self, stores: Stores) -> None:
        """And how many there are, in each order, with and without those that are approved."""
        store = stores.open()
        names = [f"{number:04}" for number in range(1_003)]
        rows = leads(*(lead(each) | {"name": f"Ann {9_999 - int(each)}"} for each in names))
        store.facts.remember("c", [Pulled(leads=rows)], today=DAY)
        plan = keep(store, *(planned(each, "b→c" if each == "0500" else "a→b", "ben", int(each)) for each in names))
        store.plans.carried_out("c", plan, 8, {"1002": "written"})
        for order, first in (("name", "1001"), ("points", "1001"), ("owner", "0000"), ("move", "0000")):
            for which, count in ((Sought(words=("ann",)), 1_002), (Sought(words=("ann",), open=False), 1_003)):
                number, page = store.plans.page("c", plan, which, order=order, first=0, most=2)  # type: ignore[arg-type]
                begins = "1002" if count == 1_003 and first == "1001" else first
                assert (number, page[0].lead, len(page)) == (count, begins, 2)
        which = Sought(words=("ann",), move="b→c")
        assert [each.lead for each in store.plans.page("c", plan, which, order="name", first=0, most=2)[1]] == [
            "0500"
        ]
        assert store.plans.page("c", plan, Sought(), order="name", first=1_002, most=2) == (1_002, [])
        assert store.plans.page("c", plan, Sought(owner="ben"), order="name", first=0, most=1)[0] == 1_002

    def test_what_was_carried_out_is_open_no_longer(self, stores: Stores) -> None:
        """The rest waits on, until nothing is left or nobody wants it."""
        store = stores.open()
        plan = keep(store, planned("1"), planned("2"), planned("3"))
        assert store.plans.take("c", plan)
        assert not store.plans.take("c", plan + 1)
        assert not store.plans.drop("c", plan)
        store.plans.carried_out("c", plan, 8, {"1": "written", "2": "conflict"})
        kept = store.plans.of("c")
        assert kept is not None
        assert (kept.open, kept.state, kept.carried_out_by) == (1, "waiting", 8)
        assert open_ones(store, plan) == ["3"]
        assert store.plans.moves("c", plan) == [("a→b", 3, 1)]
        _, page = store.plans.page("c", plan, Sought(open=False), order="name", first=0, most=9)
        assert [each.outcome for each in page] == ["written", "conflict", None]
        store.plans.carried_out("c", plan, 9, {"3": "unchanged", "1": "unchanged"})
        store.plans.carried_out("c", plan, 8, {"3": "written"})
        _, page = store.plans.page("c", plan, Sought(open=False), order="name", first=0, most=9)
        assert [each.outcome for each in page] == ["written", "conflict", "written"], "who wrote it has done it"
        kept = store.plans.of("c")
        assert kept is not None
        assert kept.state == "over"
        assert store.plans.drop("c", plan)
        assert store.plans.of("c") is None

    def test_what_a_run_set_aside_is_told_as_it_told_it(self, stores: Stores) -> None:
        """Of that run, and not of another connection's; the first thousand; until the run is old or gone."""
        store = stores.open()
        aside = [SetAside("2", "no owner"), SetAside("1", "OwnerId was empty"), SetAside("2", "no stage")]
        first, second = (store.runs.start("c", now=NOW + each * HOUR, dry_run=False) for each in (0, 1))
        store.runs.end("c", first, now=NOW, exit_code=4, counts={}, aside=aside)
        many = [SetAside(f"{number}", "why") for number in range(1_200)]
        store.runs.end("c", second, now=NOW, exit_code=4, counts={}, aside=many)
        assert list(stores.open().runs.set_aside("c", first)) == aside
        assert store.runs.set_aside("d", first) == ()
        assert len(store.runs.set_aside("c", second)) == 1_000
        store.runs.tidy("c", OlderThan(NOW + HOUR, DAY, NOW + HOUR))
        assert store.runs.set_aside("c", first) == ()
        assert len(store.runs.set_aside("c", second)) == 1_000

    def test_a_forgotten_person_was_never_set_aside(self, stores: Stores) -> None:
        """And the others were."""
        store = stores.open()
        run = store.runs.start("c", now=NOW, dry_run=False)
        store.runs.end("c", run, now=NOW, exit_code=4, counts={}, aside=[SetAside(each, "why") for each in "12"])
        assert store.forget("c", "1").set_aside == 1
        assert [each.lead for each in store.runs.set_aside("c", run)] == ["2"]

    def test_a_forgotten_person_is_in_no_line_of_the_log(self, stores: Stores) -> None:
        """And the others are, and those of another connection."""
        store = stores.open()
        store.facts.remember("c", [Pulled(leads=leads(lead("1"), lead("2")))], today=DAY)
        for connection, who in (("c", "1"), ("c", "2"), ("d", "1")):
            store.console.note(
                "lead_released", now=NOW, person="ada", connection=connection, reason="why", about={"lead": who}
            )
        assert store.forget("c", "1").marks == 1
        told = [(each.connection, each.about, each.reason) for each in store.console.deeds(most=9)]
        assert told == [("d", {"lead": "1"}, "why"), ("c", {"lead": "2"}, "why"), ("c", {"leads": 1}, "")]

    def test_a_forgotten_person_is_in_no_plan(self, stores: Stores) -> None:
        """And the others are."""
        store = stores.open()
        store.facts.remember("c", [Pulled(leads=leads(lead("1"), lead("2")))], today=DAY)
        plan = keep(store, planned("1"), planned("2"))
        forgotten = store.forget("c", "1")
        assert (forgotten.planned, forgotten.set_aside) == (1, 1)
        assert [each.lead for each in store.plans.changes("c", plan, None)] == ["2"]
        kept = store.plans.of("c")
        assert kept is not None and [each["lead"] for each in kept.told["set_aside"]] == ["2"]
        assert (kept.open, store.plans.moves("c", plan)) == (1, [("a→b", 1, 1)])
