"""Fields that crmsync fills for people, in whole runs on a CRM in memory: when they are written, whose they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from small_firm import MAPPING, POLICY, Crm, Firm

from crmsync.contract import Choice, NativeField
from crmsync.errors import ConfigurationError
from crmsync.model import Rest
from crmsync.run.aims.chosen import Chosen
from crmsync.store import Store
from suite.breadth import broadly

WRITE = """
write:
  scores: {heat: Points}
  bands: {heat: Band}
  reasons: Why
  ask: Ask
  next_action: Next
  stage_days: {sql: {first: First, latest: Latest}}
  attempts: Attempts
  previous_owner: Before
  decided_by: By
"""
SCORES = """
scores:
  heat:
    rules:
      - {when: {fact: heat, is: hot}, points: 60}
      - {activities: {kind: call}, points: 10, half_life_days: 30}
    bands: {warm: 50, cold: 0}
next_action: {mql: Wait, sql: Call}
criteria:"""
FIELDS = ("Points", "Band", "Why", "Ask", "Next", "First", "Latest", "Attempts", "Before", "By")
STAYS = "mql; not yet sql: not met: heat is hot; call (by bdr)"
TEXTS = {"mapping": MAPPING + WRITE, "policy": POLICY.replace("\ncriteria:", SCORES)}


class WrittenCrm(Crm):
    """Leads that have the fields, too."""

    def __init__(self) -> None:
        super().__init__()
        self.described: dict[str, NativeField] = {}
        for values in self.records.values():
            values.update(dict.fromkeys(FIELDS))

    def fields(self, object_name: str) -> tuple[NativeField, ...]:
        return tuple(self.described.get(field.name, field) for field in super().fields(object_name))


@pytest.fixture
def firm(store: Store) -> Iterator[Firm]:
    yield Firm(store, "written", TEXTS, WrittenCrm())


@pytest.fixture
def store(tmp_path: object) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path}/store.db")
    yield store
    store.close()


def later(firm: Firm, days: int) -> None:
    firm.now += timedelta(days=days)


def shown(firm: Firm, lead: str) -> dict[str, str | None]:
    return {name: firm.crm.records[lead][name] for name in FIELDS}


def test_a_lead_that_moves_is_written_once_with_all_that_its_page_tells(firm: Firm) -> None:
    firm.crm.records["a"]["Heat"] = "hot"
    plan = firm.run()
    assert plan.outcomes == dict.fromkeys("abc", "written")
    assert shown(firm, "a") == {
        "Points": "60",
        "Band": "warm",
        "Why": "sql (heat is hot)",
        "Ask": None,
        "Next": "Call",
        "First": "2026-11-16",
        "Latest": "2026-11-16",
        "Attempts": "1",
        "Before": "Bea",
        "By": "decided by policy Small on 2026-11-16",
    }
    assert shown(firm, "b")["Why"] == STAYS
    assert shown(firm, "b")["First"] is None, "nobody has seen it there"
    assert [lead for lead, _ in firm.crm.log].count("a") == 1, "one update of the record"
    assert [change.fields_alone for change in plan.changes] == [False, True, True]


def test_after_a_run_nothing_is_left_to_write(firm: Firm) -> None:
    firm.crm.records["a"]["Heat"] = "hot"
    firm.run()
    firm.did("b", "call")
    firm.run()
    for full in (False, True):
        assert firm.run(dry_run=True, full=full).changes == ()
    firm.crm.records["a"]["Heat"] = "cold"  # backward
    firm.run()
    assert shown(firm, "a")["Why"] == STAYS
    assert firm.run(dry_run=True, full=True).changes == ()
    firm.crm.records["a"]["Heat"] = "hot"
    later(firm, 5)
    firm.run()
    assert (shown(firm, "a")["First"], shown(firm, "a")["Latest"]) == ("2026-11-16", "2026-11-21")
    assert shown(firm, "a")["Attempts"] == "2"
    assert firm.run(dry_run=True, full=True).changes == ()


def test_a_score_that_only_ages_waits_and_is_looked_at_on_its_day(firm: Firm) -> None:
    firm.did("b", "call", by="ann")
    firm.run()
    assert shown(firm, "b")["Points"] == "10"
    for days in (1, 28):
        later(firm, days)
        assert firm.run(dry_run=True, full=True).changes == (), firm.now
        assert firm.run().counts["decided"] == 0, "nobody is looked at for ageing's sake"
    later(firm, 1)
    assert [change.lead for change in firm.run().changes] == ["b"]
    assert shown(firm, "b")["Points"] == "5"
    assert shown(firm, "b")["By"] == "decided by policy Small on 2026-12-16"


AGEING = """
scores:
  heat:
    rules:
      - {activities: {kind: call}, points: 10, half_life_days: 7}
      - {activities: {kind: note}, points: -20, half_life_days: 7}
      - {activities: {kind: email, within_days: 12}, points: 7}
      - {when: {fact: heat, is: hot}, points: 60}
criteria:"""
"""No band and no condition looks at it: nothing but its field in the CRM asks for a look."""


@pytest.mark.breadth
@pytest.mark.parametrize(
    ("did", "written"),
    broadly([("email", [0, 13]), ("call", [0, 5, 10, 15, 20, 25]), ("note", [0, 5, 10, 15, 20, 25, 31])]),
)
def test_every_day_a_run_finds_what_a_look_at_all_leads_would(firm: Firm, did: str, written: list[int]) -> None:
    mapping = f"{MAPPING}write: {{scores: {{heat: Points}}}}\nwrite_scores_after_days: 5\n"
    firm.texts = {"policy": POLICY.replace("\ncriteria:", AGEING), "mapping": mapping}
    firm.did("b", did, by="ann")
    found = []
    for day in range(written[-1] + 3):
        whole = firm.run(dry_run=True, full=True)
        usual = firm.run()
        assert [change.lead for change in usual.changes] == [change.lead for change in whole.changes], firm.now
        found += [day for change in usual.changes if change.lead == "b"]
        assert usual.counts["decided"] <= (3 if day == 0 else 1 if found[-1] == day else 0), "looked at for nothing"
        later(firm, 1)
    assert found == written


@pytest.mark.parametrize("window", broadly(["before the look", "between look and write"], core=2))
@pytest.mark.parametrize("field", ["Why", "Points"])
def test_what_a_person_writes_there_is_no_conflict(firm: Firm, field: str, window: str) -> None:
    firm.run()
    firm.crm.records["b"]["Heat"] = "hot"
    words = iter(["a rep's own words"])

    def overtaken(_: object = None) -> None:
        firm.crm.records["b"][field] = next(words, firm.crm.records["b"][field])

    if window == "before the look":
        firm.crm.at_step = overtaken
    else:
        firm.crm.before_push = overtaken
    firm.crm.tells_what_it_met = True
    plan = firm.run()
    assert plan.outcomes == {"b": "written"}
    assert next(words, None) is None, "somebody was there"
    assert (firm.crm.records["b"]["Status"], "own words" in str(shown(firm, "b"))) == ("sql", False)


def test_what_a_person_writes_there_is_put_right(firm: Firm) -> None:
    firm.run()
    firm.crm.records["b"]["Why"] = "a rep's own words"
    assert {change.lead: change.writes["Why"][0] for change in firm.run().changes} == {"b": "a rep's own words"}
    assert shown(firm, "b")["Why"] == STAYS


def test_a_person_who_moves_the_lead_meanwhile_goes_first(firm: Firm) -> None:
    def moves(_: object) -> None:
        firm.crm.records["b"]["OwnerId"] = "bob"
        firm.crm.at_step = lambda: None

    firm.crm.at_step = lambda: moves(None)
    plan = firm.run()
    assert plan.outcomes["b"] == "conflict"
    assert shown(firm, "b")["Why"] is None


def test_what_did_not_stick_is_told_without_what_stands_there(firm: Firm) -> None:
    firm.crm.rewrites["b"] = {"Why": "call Xenia on 555-0100"}
    plan = firm.run()
    assert plan.outcomes["b"] == "did_not_stick"
    assert "Why is not as it was written" in plan.messages["b"]
    assert "Xenia" not in plan.messages["b"]


@pytest.mark.parametrize(("written", "outcome"), [(True, "written"), (False, "not_reached")])
def test_a_lost_answer_is_looked_after(firm: Firm, written: bool, outcome: str) -> None:
    firm.crm.lost_answers["b"] = written
    assert firm.run().outcomes["b"] == outcome
    firm.crm.lost_answers.clear()
    later(firm, 1)
    assert [change.lead for change in firm.run().changes] == ([] if written else ["b"])
    assert shown(firm, "b")["Why"] == STAYS
    assert firm.run(dry_run=True, full=True).changes == ()
    assert firm.store.journal.pending(firm.name) == ()


def test_numbers_count_by_value_when_they_are_read_back(firm: Firm) -> None:
    firm.crm.rewrites["b"] = {"Points": "0.0", "Attempts": "1.0"}
    assert firm.run().outcomes["b"] == "written"
    assert firm.run(dry_run=True, full=True).changes == ()


def test_a_lead_that_nobody_manages_is_not_touched(firm: Firm) -> None:
    firm.crm.records["c"]["Status"] = "customer"
    firm.run()
    assert shown(firm, "c") == dict.fromkeys(FIELDS)


def test_redistributing_writes_the_fields_of_leads_that_move_only(firm: Firm) -> None:
    firm.crm.records["a"]["OwnerId"] = "bob"
    firm.pull(complete=True)
    firm.crm.records["b"]["OwnerId"] = "bob"  # a person's doing: it stays
    plan = firm.run("bob")
    assert plan.counts["decided"] == 2
    assert [change.lead for change in plan.changes] == ["a"]
    assert shown(firm, "a")["Before"] == "Bob"
    assert shown(firm, "b")["By"] is None


def test_who_had_the_lead_is_written_with_the_owner(firm: Firm) -> None:
    """The next run no longer knows of it."""
    firm.run()
    firm.crm.records["a"]["Heat"] = "hot"
    plan = firm.run(aim=Chosen(only="owner"))
    [change] = plan.changes
    assert change.writes == {"OwnerId": ("bea", "ann"), "Bdr": (None, "bea"), "Before": (None, "Bea")}
    assert change.fields == ("Before",)
    assert plan.rest == Rest(1, {"sql": 1}, 0, 1), "its other fields are still to come"
    firm.run()
    assert shown(firm, "a")["Before"] == "Bea"
    assert shown(firm, "a")["Next"] == "Call"
    assert firm.run().changes == ()


@pytest.mark.parametrize(
    ("only", "status", "why"),
    [("stage", "sql", None), ("owner", "mql", None), ("fields", "mql", STAYS)],
)
def test_a_part_of_each_change(firm: Firm, only: str, status: str, why: str | None) -> None:
    firm.crm.records["a"]["Heat"] = "hot"
    firm.run(aim=Chosen(only=only))  # type: ignore[arg-type]
    assert (firm.crm.records["a"]["Status"], shown(firm, "b")["Why"]) == (status, why)
    assert shown(firm, "a")["Why"] is None, "its words tell of a stage that it does not have"
    firm.run()
    assert shown(firm, "a")["Why"] == "sql (heat is hot)"
    assert firm.run(dry_run=True, full=True).changes == ()


def test_a_pilot_tells_of_fields_that_it_leaves_out(firm: Firm) -> None:
    firm.crm.records["a"]["Heat"] = "hot"
    for aim, rest in (
        (Chosen(limit=1), Rest(2, {}, 0, 2)),
        (Chosen(only="stage"), Rest(3, {}, 1, 3)),
        (Chosen(only="fields"), Rest(1, {"sql": 1}, 1, 1)),
    ):
        plan = firm.run(aim=aim, dry_run=True)
        assert plan.rest == rest
        assert any(f"{rest.fields} in fields for people" in note for note in plan.notes)


def test_a_limit_counts_leads_that_are_written_for_their_fields_alone(firm: Firm) -> None:
    assert len(firm.run(aim=Chosen(limit=2)).changes) == 2
    assert len(firm.run().changes) == 1


@pytest.mark.breadth
def test_texts_are_cut_at_the_field(firm: Firm) -> None:
    assert isinstance(firm.crm, WrittenCrm)
    firm.crm.described["Why"] = NativeField("Why", "Why", "text", True, kind="text", max_length=40)
    firm.run()
    assert shown(firm, "b")["Why"] == "mql; not yet sql: not met: heat is hot…"
    assert firm.run(dry_run=True, full=True).changes == ()
    firm.crm.described["Why"] = NativeField("Why", "Why", "text", True, kind="text", max_length=255)
    firm.run()
    assert shown(firm, "b")["Why"] == STAYS, "the field is longer now"


@pytest.mark.parametrize(("before", "stands"), [("bob", "bob"), ("desk", None)])
def test_a_reference_to_users_gets_ids_of_people_and_no_queue(firm: Firm, before: str, stands: str | None) -> None:
    assert isinstance(firm.crm, WrittenCrm)
    firm.crm.described["Before"] = NativeField("Before", "Before", "reference", True, kind="reference")
    firm.crm.records["a"] |= {"Heat": "hot", "OwnerId": before}
    firm.run()
    assert shown(firm, "a")["Before"] == stands


LIST = NativeField("Band", "Band", "picklist", True, kind="choice", choices=(Choice("w", "Warm"),))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda crm: [values.pop("Why") for values in crm.records.values()], "Lead has no field `Why`"),
        (lambda crm: crm.described.update(Band=LIST), "Band has no active value `cold`"),
    ],
)
def test_a_field_that_is_missing_or_does_not_fit_stops_before_the_first_call(
    firm: Firm, change: Callable[[WrittenCrm], object], message: str
) -> None:
    assert isinstance(firm.crm, WrittenCrm)
    change(firm.crm)
    with pytest.raises(ConfigurationError) as raised:
        firm.run()
    assert [each.message.startswith(message) for each in raised.value.findings] == [True]


@pytest.mark.parametrize(
    ("write", "message", "hint"),
    [
        ("scores: {haet: Points}", "the policy has no score `haet`", "did you mean `heat`?"),
        ("bands: {haet: Band}", "the policy has no score `haet` with bands", "did you mean `heat`?"),
        (
            "bands: {heat: {field: Band, values: {wram: w}}}",
            "the policy never says `wram` here",
            "did you mean `warm`?",
        ),
        ("grades: {grade: Band}", "the policy has no grade `grade`", "take it out: the policy has no grades"),
        ("stage_days: {sqll: {first: First}}", "the policy has no stage `sqll`", "did you mean `sql`?"),
    ],
)
def test_what_the_policy_does_not_have_is_told_at_its_line(firm: Firm, write: str, message: str, hint: str) -> None:
    firm.texts = {**TEXTS, "mapping": f"{MAPPING}write:\n  {write}\n"}
    with pytest.raises(ConfigurationError) as raised:
        firm.run()
    [finding] = raised.value.findings
    assert (finding.message, finding.hint) == (message, hint)
    assert finding.line == MAPPING.count("\n") + 2
