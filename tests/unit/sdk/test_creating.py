"""Looking, making, and looking again: the order of steps that every connector's `create` follows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import pytest

from crmsync.errors import CrmUnreachable, SignInRefused, TryAgain
from crmsync.sdk import STILL_THERE, Creation, CreationResult, CreationSteps, Held, create_once
from crmsync.values import replace


def task(lead: str, subject: str = "Take over", **more: str) -> Creation:
    return Creation(lead, {"Subject": subject, **more}, known_by=("Subject",))


class Crm:
    """Tasks by id; every step is kept. `lost`: leads whose answers are lost, with how many looks see nothing."""

    def __init__(self, *tasks: tuple[str, str], looks: int = 3) -> None:
        self.tasks = {f"T{n}": Held(f"T{n}", lead, {"Subject": text}) for n, (lead, text) in enumerate(tasks)}
        self.leads = {"L1", "L2", "L3"}
        self.lost: dict[str, int] = {}
        self.refused: set[str] = set()
        self.leaving: set[str] = set()
        self.torn: set[str] = set()
        self.steps: list[tuple[str, list[str]]] = []
        self.looks = looks

    def gone(self, leads: Sequence[str]) -> Mapping[str, str]:
        self.steps.append(("gone", list(leads)))
        torn = {lead: f"{STILL_THERE}and torn" for lead in leads if lead in self.torn}
        return {**{lead: "deleted" for lead in leads if lead not in self.leads}, **torn}

    def look(self, creations: Sequence[Creation]) -> Iterator[Held]:
        self.steps.append(("look", [each.lead for each in creations]))
        for record in self.tasks.values():
            if self.lost.get(record.lead, 0) <= 0:
                yield record
            else:
                self.lost[record.lead] -= 1

    def make(self, creations: Sequence[Creation]) -> list[CreationResult]:
        self.steps.append(("make", [each.lead for each in creations]))
        return [self.make_one(each) for each in creations]

    def make_one(self, creation: Creation) -> CreationResult:
        if creation.lead in self.leaving:
            self.leads.remove(creation.lead)
        if creation.lead in self.refused | self.leaving:
            return CreationResult(creation.lead, "refused", message="no")
        number = f"T{len(self.tasks)}"
        self.tasks[number] = Held(number, creation.lead, creation.values)
        if creation.lead in self.lost:
            return CreationResult(creation.lead, "uncertain", message="lost")
        return CreationResult(creation.lead, "made", number)

    def retried(self, function: Callable[[], None]) -> None:
        for _ in range(self.looks):
            try:
                return function()
            except TryAgain:
                pass
        raise CrmUnreachable("gave up")

    def create(self, *creations: Creation) -> list[tuple[str, str, str | None]]:
        steps = CreationSteps(self.gone, self.look, self.make, self.retried)
        return [(each.lead, each.outcome, each.id) for each in create_once(creations, steps)]


def test_what_is_there_is_not_made() -> None:
    crm = Crm(("L1", "Take over"), ("L2", "Something else"))
    assert crm.create(task("L1"), task("L2"), task("L4")) == [
        ("L1", "there", "T0"),
        ("L2", "made", "T2"),
        ("L4", "gone", None),
    ]
    assert crm.steps == [("gone", ["L1", "L2", "L4"]), ("look", ["L1", "L2"]), ("make", ["L2"])]


def test_a_lead_that_is_there_and_cannot_be_read_is_not_gone_and_nothing_is_made_for_it_yet() -> None:
    crm = Crm()
    crm.torn = {"L1"}
    assert crm.create(task("L1"), task("L2")) == [("L1", "uncertain", None), ("L2", "made", "T0")]


def test_a_refusal_stays_one_where_its_lead_cannot_be_read_afterwards() -> None:
    crm = Crm()
    crm.refused = {"L1"}
    make = crm.make_one

    def make_one(creation: Creation) -> CreationResult:
        crm.torn = {"L1"}
        return make(creation)

    crm.make_one = make_one  # type: ignore[method-assign]
    assert crm.create(task("L1")) == [("L1", "refused", None)]


def test_beside_a_record_that_cannot_be_read_nothing_is_made_that_it_may_be() -> None:
    """It may be the very task: a second one would be made."""
    crm = Crm(("L1", "Take over"), ("L2", "Something else"), ("L2", "Take over"))
    for number in ("T0", "T1"):
        crm.tasks[number] = replace(crm.tasks[number], unread=True)
    assert crm.create(task("L1"), task("L2"), task("L3")) == [
        ("L1", "uncertain", None),
        ("L2", "there", "T2"),
        ("L3", "made", "T3"),
    ]


def test_nothing_is_asked_for_nothing() -> None:
    crm = Crm()
    assert crm.create() == []
    assert crm.steps == []


def test_nothing_is_made_when_all_is_there_or_all_are_gone() -> None:
    crm = Crm(("L1", "Take over"))
    assert crm.create(task("L1")) == [("L1", "there", "T0")]
    assert crm.create(task("L4")) == [("L4", "gone", None)]
    assert "make" not in {step for step, _ in crm.steps}


def test_twins_of_one_call_share_a_record_and_its_fate() -> None:
    crm = Crm()
    crm.refused = {"L2"}
    assert crm.create(task("L1"), task("L2"), task("L1", Note="other"), task("L2")) == [
        ("L1", "made", "T0"),
        ("L2", "refused", None),
        ("L1", "there", "T0"),
        ("L2", "refused", None),
    ]


@pytest.mark.parametrize(
    ("held", "wanted", "outcome"),
    [
        ("Take over", "Take over ", "there"),
        ("2026-12-01T09:00:00.000Z", "2026-12-01T09:00:00Z", "there"),
        ("2026-12-01T10:00:00.000+0100", "2026-12-01T09:00:00Z", "there"),
        ("Take over", "Take  over", "made"),
        ("Take over", "take over", "made"),
        ("2026-12-01", "2026-12-01T00:00:00Z", "made"),
    ],
)
def test_what_counts_as_the_same(held: str, wanted: str, outcome: str) -> None:
    assert Crm(("L1", held)).create(task("L1", wanted))[0][1] == outcome


def test_an_empty_value_is_known_by_holding_nothing() -> None:
    crm = Crm()
    crm.tasks["T0"] = Held("T0", "L1", {"Subject": None})
    assert crm.create(task("L1", "")) == [("L1", "there", "T0")]


def test_all_of_known_by_must_be_the_same() -> None:
    crm = Crm()
    crm.tasks["T0"] = Held("T0", "L1", {"Subject": "Take over", "Day": "2026-12-01"})
    both = ("Subject", "Day")
    same, other = (Creation("L1", {"Subject": "Take over", "Day": f"2026-12-0{day}"}, both) for day in (1, 2))
    assert crm.create(same, other) == [("L1", "there", "T0"), ("L1", "made", "T1")]


def test_the_first_of_several_is_named() -> None:
    assert Crm(("L1", "Take over"), ("L1", "Take over")).create(task("L1")) == [("L1", "there", "T0")]


@pytest.mark.parametrize(("unseen", "outcome"), [(0, "made"), (2, "made"), (3, "uncertain")])
def test_a_lost_answer_is_looked_for_and_never_asked_for_again(unseen: int, outcome: str) -> None:
    crm = Crm()
    crm.lost = {"L1": unseen}
    results = crm.create(task("L1"), task("L2"), task("L1"))
    assert [result[1] for result in results] == [outcome, "made", "there" if outcome == "made" else "uncertain"]
    assert [leads for step, leads in crm.steps if step == "make"] == [["L1", "L2"]]
    later = [leads for step, leads in crm.steps if step == "look"][1:]
    assert later == [["L1"]] * min(unseen + 1, 3)


def test_a_lead_that_left_meanwhile_is_gone_not_refused() -> None:
    crm = Crm()
    crm.leaving, crm.refused = {"L1"}, {"L2"}
    assert [result[1] for result in crm.create(task("L1"), task("L2"), task("L3"))] == ["gone", "refused", "made"]


def test_a_crm_that_is_away_while_looking_again_leaves_it_uncertain() -> None:
    class Away(Crm):
        def look(self, creations: Sequence[Creation]) -> Iterator[Held]:
            if self.tasks:
                raise CrmUnreachable("away")
            return super().look(creations)

    crm = Away()
    crm.lost = {"L1": 0}
    assert crm.create(task("L1")) == [("L1", "uncertain", None)]


def test_other_errors_while_looking_again_stop_the_run() -> None:
    class Out(Crm):
        def look(self, creations: Sequence[Creation]) -> Iterable[Held]:  # type: ignore[override]
            if self.tasks:
                raise SignInRefused("out")
            return ()

    crm = Out()
    crm.lost = {"L1": 0}
    with pytest.raises(SignInRefused):
        crm.create(task("L1"))


@pytest.mark.parametrize("known_by", [(), ("Other",), ("Subject", "Other")])
def test_a_creation_is_known_by_its_own_values(known_by: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="known_by"):
        Creation("L1", {"Subject": "Take over"}, known_by)
