"""Whole runs on a CRM in memory, in a language: what is written, and what becomes of it when the language changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from pseudo import PSEUDO, unsaid
from small_firm import MAPPING, PEOPLE, POLICY, ROSTER, Crm, Firm

from crmsync.connection import prepared
from crmsync.languages.tongues import tongue_of
from crmsync.model import Plan
from crmsync.operations.explain.owner_story import owner_stories
from crmsync.plan import plan_to_json
from crmsync.store import Store
from crmsync.values import replace
from suite.breadth import broadly

WRITE = """
write: {reasons: Why, ask: Ask, next_action: Next, decided_by: By}
"""
SCORES = """
next_action: {mql: Wait, sql: Call}
criteria:"""
HAND_OFF = """hand_off:
  stage: sql
  task: {subject: Call, accepted_by: [done], returned_by: [declined]}
  first_touch: {within_hours: 2, remind_after_hours: 2, reassign_after_hours: 4, kinds: [call]}
  returned: {to: bdr, at_most: 1}
"""
TASK = "task: {object: Task, subject: Subject, body: Status, owner: OwnerId}"
TEXTS = {
    "mapping": MAPPING.replace("task: {object: Task, subject: Subject, owner: OwnerId}", TASK) + WRITE,
    "policy": POLICY.replace("\ncriteria:", SCORES).replace(
        "hand_off: {stage: sql, task: {subject: Call}}", HAND_OFF
    ),
}
NAMES = (*PEOPLE, "mql", "sql", "Small", "AEs", "Company", "closers", "desk", "_", "memory")


class WrittenCrm(Crm):
    """Leads that have the fields for people."""

    def __init__(self) -> None:
        super().__init__()
        for values in self.records.values():
            values.update(dict.fromkeys(("Why", "Ask", "Next", "By")))


@pytest.fixture
def store(tmp_path: object) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path}/store.db")
    yield store
    store.close()


class Spoken(Firm):
    """A firm whose connection has a language."""

    language = "en"

    @property
    def prepared(self) -> Any:
        usual = super().prepared
        return replace(usual, configuration=replace(usual.configuration, language=self.language))


@pytest.fixture
def firm(store: Store) -> Spoken:
    return Spoken(store, "spoken", TEXTS, WrittenCrm())


def shown(firm: Firm, lead: str) -> Mapping[str, str | None]:
    return {name: firm.crm.records[lead][name] for name in ("Why", "Ask", "Next", "By")}


def texts_of(plan: Plan) -> list[str]:
    """What a plan says of its changes, and what it writes for people."""
    told = []
    for change in plan.changes:
        told += change.reasons
        told += [str(change.writes[name][1]) for name in change.fields if name in ("Why", "Ask", "Next", "By")]
        told += [str(value) for record in change.creates for value in record.values.values()]
        if change.routing:
            told += [change.routing.reason, *(why for _, why in change.routing.passed_over)]
    return [*told, *(item.reason for item in plan.set_aside)]


POOLS = "facts: {territory: heat}\npools: {closers: {role: ae}}\n"


@pytest.mark.parametrize(
    "rule",
    broadly(
        [
            "{strategy: round_robin, pool: closers}",
            "{strategy: least_loaded, pool: closers}",
            "{strategy: capacity, pool: closers}",
            "{strategy: territory, pool: closers}",
            "{strategy: named_account, pool: closers}",
            "{strategy: partner}",
            "{strategy: account_owner}",
            "{strategy: keep_owner}",
            "{strategy: queue, queue: desk}",
        ]
    ),
)
def test_no_word_of_a_run_is_born_untranslated(store: Store, monkeypatch: pytest.MonkeyPatch, rule: str) -> None:
    """Hand-offs by each strategy, reminders, returns, what people wrote: in a made-up language."""
    monkeypatch.setattr(prepared, "tongue_of", lambda _: PSEUDO)
    roster = f"{ROSTER}{POOLS}rules: {{hand_off: [{rule}, {{pool: closers}}]}}\n"
    firm = Firm(store, "spoken", {**TEXTS, "roster": roster}, WrittenCrm())
    told = []
    firm.crm.records["a"]["Heat"] = firm.crm.records["b"]["Heat"] = "hot"
    told += texts_of(firm.run(allowed=9))
    for hours in (3, 3, 3):
        firm.now += timedelta(hours=hours)
        told += texts_of(firm.run(allowed=9))
    firm.crm.inactive.add("ann")
    told += texts_of(firm.run("abe", allowed=9))
    firm.crm.records["c"]["Heat"] = "hot"
    told += texts_of(firm.run(allowed=9))
    assert len(told) > 10
    assert {text: words for text in told if (words := unsaid(text, NAMES))} == {}


def test_what_is_written_and_what_a_plan_says_is_in_the_connections_language(firm: Spoken) -> None:
    firm.language = "it"
    firm.crm.records["a"]["Heat"] = "hot"
    plan = firm.run(allowed=9)
    change = next(each for each in plan.changes if each.lead == "a")
    assert change.reasons[0] == "sql: heat è hot"
    assert shown(firm, "a")["Why"] == "sql (heat è hot)"
    assert shown(firm, "b")["Why"] == "mql; non ancora sql: condizioni non soddisfatte: heat è hot; chiamata (da bdr)"
    assert shown(firm, "a")["By"] == "deciso secondo la policy Small il 16 nov 2026"
    [task] = change.creates
    assert task.values["Subject"] == "Call (passaggio 1)"
    assert task.values["Status"] == "- " + "\n- ".join(change.reasons)
    assert change.reasons[1].startswith("il prossimo nella rotazione del pool ")
    later = firm.run()
    assert (later.changes, [guard for guard in later.guards if guard.breached]) == ((), [])


def test_another_language_is_shown_before_it_is_written(firm: Spoken) -> None:
    firm.run(allowed=9)
    before = {lead: shown(firm, lead) for lead in firm.crm.records}
    firm.language = "de"
    for _ in range(2):
        plan = firm.run(dry_run=True)
        assert {change.lead for change in plan.changes} == {"a", "b", "c"}
        assert all(change.fields_alone for change in plan.changes)
        assert plan.changes[0].writes["Why"][1].startswith("mql; noch nicht sql: nicht erfüllt:")  # type: ignore[union-attr]
        assert any(note.startswith("the language has changed from English to German") for note in plan.notes)
        [guard] = [each for each in plan.guards if each.breached]
        assert (guard.name, guard.value, guard.way_on.rpartition(": ")[2]) == (
            "language",
            3,
            "crmsync run spoken --allow language=3",
        )
    stopped = firm.run()
    assert [guard.name for guard in stopped.guards if guard.breached] == ["language"]
    assert {lead: shown(firm, lead) for lead in firm.crm.records} == before, "nothing is written unseen"
    written = firm.run(allowed_guards={"language": 3})
    assert set(written.outcomes.values()) == {"written"}
    assert shown(firm, "a")["Why"].startswith("mql; noch nicht sql")  # type: ignore[union-attr]
    again = firm.run()
    assert (again.changes, [guard for guard in again.guards if guard.breached]) == ((), [])


def test_fewer_than_asked_for_are_not_let_through(firm: Spoken) -> None:
    firm.run(allowed=9)
    firm.language = "nl"
    plan = firm.run(allowed_guards={"language": 2})
    assert [guard.name for guard in plan.guards if guard.breached] == ["language"]


def test_without_texts_in_the_crm_another_language_stops_nothing(store: Store) -> None:
    firm = Spoken(store, "bare", {})
    firm.run(allowed=9)
    firm.language = "nb"
    plan = firm.run()
    assert (plan.changes, [guard for guard in plan.guards if guard.breached]) == ((), [])


def test_what_was_said_of_an_owner_stays_as_it_was_said(firm: Spoken) -> None:
    """The store keeps sentences: an explanation in another language tells how it was recorded."""
    firm.language = "it"
    firm.crm.records["a"]["Heat"] = "hot"
    firm.run(allowed=9)
    firm.language = "nl"
    move = owner_stories(firm.prepared, firm.store, {"a": None}, firm.now)["a"].move
    assert move is not None
    assert "rotazione" in move.routing.reason


def test_keys_and_words_for_machines_are_the_same_in_every_language(store: Store) -> None:
    shapes = []
    for language in ("en", "de", "it", "nl", "nb"):
        firm = Spoken(store, f"spoken in {language}", TEXTS, WrittenCrm())
        firm.language = language
        firm.crm.records["a"]["Heat"] = "hot"
        shapes.append(_shape(plan_to_json(firm.run(allowed=9))))
        assert firm.prepared.tongue is tongue_of(language)
    assert shapes[1:] == shapes[:1] * 4


def _shape(value: Any) -> Any:
    """Keys, numbers and truths; texts only where no space is in them."""
    if isinstance(value, Mapping):
        return {key: _shape(inner) for key, inner in value.items() if key not in ("connection", "digest", "bound_to")}
    if isinstance(value, list | tuple):
        return [_shape(each) for each in value]
    return "…" if isinstance(value, str) and " " in value else value
