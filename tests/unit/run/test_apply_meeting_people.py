"""The only writer where people edit between look and write: given back, told, or left to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import pytest
from five_leads import AFTER, BEFORE, NOW, TODAY, applied, change, plan, states, turns

from crmsync.contract import CreationResult, Reading, Replaced, Seen, Write, WriteResult
from crmsync.errors import CrmUnreachable
from crmsync.model import NewRecord
from crmsync.run.apply import apply_plan
from crmsync.store import Store, Turns
from crmsync.testing import MemoryCrm
from crmsync.testing.store_frames import due
from crmsync.values import replace


def test_a_conflict_that_the_connector_saw_stays_one_whatever_is_read_back(
    crm: MemoryCrm, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody undid the write while its answer was lost: the old value is there, and is theirs."""
    told = [WriteResult("1", "conflict", "somebody else changed the record while the answer was lost")]
    monkeypatch.setattr(crm, "push", lambda _object, _writes: told)
    report = applied(crm, store, "1")
    assert report.outcomes == {"1": "conflict"}
    assert report.messages == {"1": told[0].message}
    assert due_now(store) == ["1"]


def edit_meanwhile(crm: MemoryCrm, lead: str, **values: str | None) -> None:
    """A person sets these values between crmsync's look and its first write."""
    crm.tells_what_it_met = True
    waiting = [values]

    def edit(_: Sequence[Write]) -> None:
        if waiting:
            crm.records[lead].update(waiting.pop())

    crm.before_push = edit


@pytest.mark.parametrize(
    ("theirs", "named"),
    [
        ({"OwnerId": "paul"}, "OwnerId to paul"),
        ({"Status": "closed"}, "Status to closed"),
        ({"OwnerId": "paul", "Status": None}, "OwnerId to paul"),
    ],
)
def test_what_somebody_set_between_look_and_write_is_given_back_and_told(
    crm: MemoryCrm, store: Store, theirs: dict[str, str | None], named: str
) -> None:
    edit_meanwhile(crm, "1", **theirs)
    report = applied(crm, store, "1", "2")
    assert crm.records["1"] == {**BEFORE, **theirs}
    assert crm.records["2"] == AFTER
    assert report.outcomes == {"1": "conflict", "2": "written"}
    assert named in report.messages["1"]
    assert "has given it back" in report.messages["1"]
    assert turns(store) == 1
    assert states(store) == {"1": "conflict", "2": "written"}


def test_what_has_been_set_again_after_the_write_is_left_to_whoever_did(crm: MemoryCrm, store: Store) -> None:
    """Paul takes the lead between look and write, a workflow hands it to Rita right after: Rita keeps it."""
    edit_meanwhile(crm, "1", OwnerId="paul")
    crm.rewrites["1"] = {"OwnerId": "rita"}
    report = applied(crm, store, "1", "2")
    assert (crm.records["1"]["OwnerId"], crm.records["1"]["Status"]) == ("rita", BEFORE["Status"])
    assert report.outcomes == {"1": "conflict", "2": "written"}
    assert "set OwnerId to paul between" in report.messages["1"]
    assert "OwnerId has been set again since; nothing is given back there" in report.messages["1"]
    assert turns(store) == 1


def test_somebody_who_did_the_same_meanwhile_is_no_conflict(crm: MemoryCrm, store: Store) -> None:
    edit_meanwhile(crm, "1", OwnerId="anna")
    assert applied(crm, store, "1").outcomes == {"1": "written"}
    assert crm.records["1"] == AFTER


@pytest.mark.parametrize(("met", "told"), [("she said no", True), ("7", False), ("12.0", False), (None, True)])
def test_words_that_stood_in_a_field_of_crmsyncs_are_written_over_and_told(
    crm: MemoryCrm, store: Store, met: str | None, told: bool
) -> None:
    scored = replace(change("1"), writes={**change("1").writes, "Score": ("7", "12")}, fields=("Score",))
    crm.records["1"] = {**BEFORE, "Score": "7"}
    edit_meanwhile(crm, "1", Score=met)
    run = store.runs.start("c", now=NOW, dry_run=False)
    store.journal.intend("c", run, [scored], {("aes", "anna"): Turns(1)}, now=NOW)
    report = apply_plan(crm, store, plan("1"), "Lead", run_id=run, now=lambda: NOW, today=TODAY)
    assert report.outcomes == {"1": "written"}
    assert crm.records["1"] == {**AFTER, "Score": "12"}
    words = "somebody else had set Score since this was decided; crmsync wrote over it, as it is its own"
    assert report.messages == ({"1": words} if told else {})


def test_what_cannot_be_given_back_is_told_and_the_turn_is_used(crm: MemoryCrm, store: Store) -> None:
    edit_meanwhile(crm, "1", OwnerId="paul")
    first = crm.before_push

    def edit_then_refuse(writes: Sequence[Write]) -> None:
        if writes[0].values.get("OwnerId") == "paul":
            crm.refusals["1"] = "no"
        first(writes)

    crm.before_push = edit_then_refuse
    report = applied(crm, store, "1")
    assert report.outcomes == {"1": "conflict"}
    assert "the CRM did not take it back; look at this lead" in report.messages["1"]
    assert turns(store) == 1


def test_a_crm_that_fails_while_giving_back_leaves_no_edit_untold(crm: MemoryCrm, store: Store) -> None:
    edit_meanwhile(crm, "1", OwnerId="paul")
    first = crm.before_push

    def edit_then_fail(writes: Sequence[Write]) -> None:
        if writes[0].values.get("OwnerId") == "paul":
            raise CrmUnreachable("gone")
        first(writes)

    crm.before_push = edit_then_fail
    report = applied(crm, store, "1")
    assert report.outcomes == {"1": "conflict"}
    assert "could not be read; look at this lead" in report.messages["1"]
    assert states(store) == {"1": "conflict"}


def test_an_edit_that_was_met_is_journaled_although_the_others_cannot_be_read_back(
    crm: MemoryCrm, store: Store
) -> None:
    edit_meanwhile(crm, "1", OwnerId="paul")
    push, read = crm.push, crm.read

    def of_the_first_only(object_name: str, writes: Sequence[Write]) -> list[WriteResult]:
        return [each if each.id == "1" else replace(each, seen=None) for each in push(object_name, writes)]

    def fails(object_name: str, ids: Sequence[str], fields: Sequence[str]) -> Reading:
        if list(ids) == ["2"]:
            raise CrmUnreachable("gone away")
        return read(object_name, ids, fields)

    crm.push, crm.read = of_the_first_only, fails  # type: ignore[method-assign]
    report = applied(crm, store, "1", "2")
    assert str(report.error) == "gone away"
    assert states(store) == {"1": "conflict", "2": "intended"}
    assert "has given it back" in report.messages["1"]
    assert "could not be read back" in report.messages["2"]


def test_an_edit_that_was_met_is_journaled_although_no_record_can_be_made(crm: MemoryCrm, store: Store) -> None:
    edit_meanwhile(crm, "1", OwnerId="paul")
    task = NewRecord("Task", {"Subject": "call"}, ("Subject",))
    both = [change("1"), replace(change("2"), creates=(task,))]
    run = store.runs.start("c", now=NOW, dry_run=False)
    store.journal.intend("c", run, both, {("aes", "anna"): Turns(2)}, now=NOW)

    def fails(*_: object) -> list[CreationResult]:
        raise CrmUnreachable("gone away")

    crm.create = fails  # type: ignore[method-assign]
    report = apply_plan(crm, store, plan("1", "2"), "Lead", run_id=run, now=lambda: NOW, today=TODAY)
    assert str(report.error) == "gone away"
    assert states(store) == {"1": "conflict", "2": "intended"}


def test_a_refused_write_has_replaced_nothing_and_nothing_is_given_back(crm: MemoryCrm, store: Store) -> None:
    """Some CRMs tell what a record held also where they refused the write."""
    edit_meanwhile(crm, "1", OwnerId="paul")
    crm.refusals["1"] = "no"
    push = crm.push

    def telling(object_name: str, writes: Sequence[Write]) -> list[WriteResult]:
        results = push(object_name, writes)
        return [replace(each, seen=Seen(crm.records[each.id], crm.records[each.id])) for each in results]

    crm.push = telling  # type: ignore[method-assign]
    report = applied(crm, store, "1")
    assert report.outcomes == {"1": "refused"}
    assert crm.calls.count("push") == 1
    assert "wrote over it" not in report.messages["1"]


def due_now(store: Store) -> list[str]:
    """Due leads of those that have been handled."""
    return [name for name in due(store, "c") if name in states(store) and states(store)[name] != "written"]


@pytest.mark.parametrize(
    ("by", "outcome", "words"),
    [
        ("person", "conflict", "a person has set it after crmsync had written it: CRM_UI"),
        ("program", "conflict", "another program has set it"),
        ("automation", "did_not_stick", "an automation of the CRM has set it"),
    ],
)
def test_who_replaced_what_was_written_decides_what_it_is(
    crm: MemoryCrm, store: Store, by: Literal["person", "program", "automation"], outcome: str, words: str
) -> None:
    crm.tells_what_it_met = True
    crm.rewrites = {"1": {"OwnerId": "ben"}}
    push = crm.push

    def telling(object_name: str, writes: Sequence[Write]) -> list[WriteResult]:
        results = push(object_name, writes)
        replaced = {"OwnerId": Replaced(by, "CRM_UI")}
        return [replace(it, seen=replace(it.seen, replaced=replaced)) if it.seen else it for it in results]

    crm.push = telling  # type: ignore[method-assign]
    report = applied(crm, store, "1")
    assert report.outcomes == {"1": outcome}
    assert words in report.messages["1"]
    assert "should be anna and is ben" in report.messages["1"]
