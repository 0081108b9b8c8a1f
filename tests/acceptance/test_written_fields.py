"""Fields that reps see, on both practice CRMs: planned, journaled, written with stage and owner, read back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from forging import forged
from rehearsal import CRMS, STAGE_FIELDS, WRITE, Rehearsal, on_one, personal_data, rehearsal, told_in
from small_world import small_world
from written_fields import asked, held, native, plain, switched_on

from crmsync.clock import now

both = pytest.mark.parametrize("crm", CRMS)
REP = "bdr-2"


@pytest.fixture
def own(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Rehearsal]:
    """The practice CRM that the test is about, or both, with the small world, `write:` switched on."""
    asked_for = [str(request.getfixturevalue("crm"))] if "crm" in request.fixturenames else CRMS
    options = ("--crm", asked_for[0] if len(asked_for) == 1 else "both")
    with rehearsal(tmp_path / "own", *options, "--import", str(small_world(tmp_path / "world"))) as crms:
        for crm in asked_for:
            switched_on(crms, crm)
        yield crms


def plan_of(here: Rehearsal, crm: str, *options: str, code: int = 0) -> Mapping[str, Any]:
    [plan] = here.json("run", crm, *options, code=code)["plans"]
    return dict(plan)


def by_lead(here: Rehearsal, crm: str, plan: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Import id → its change."""
    names = {number: name for name, number in here.native(crm).items()}
    return {names[change["lead"]]: change for change in plan["changes"]}


@both
def test_what_a_rep_reads_is_what_the_plan_said_and_then_nothing_is_left(own: Rehearsal, crm: str) -> None:
    today = now().date().isoformat()
    check = own.json("check", crm, code=(0,))
    assert [each for each in check["findings"] if each["severity"] == "error"] == []
    plan = plan_of(own, crm, "--dry-run")
    note = "fields for people are written on 9 leads, of which 3 are written for them alone: no further call"
    assert note in plan["notes"]
    changes = by_lead(own, crm, plan)
    done = plan_of(own, crm)
    assert {change["outcome"] for change in done["changes"]} == {"written"}
    for name, record in own.native(crm).items():
        if name == "parked":
            assert held(own, crm, record) == {}, "nobody manages it"
            continue
        shown = {plain(crm, field): changes[name]["writes"][field]["after"] for field in changes[name]["fields"]}
        expected = {field: value for field, value in shown.items() if value is not None}
        assert {field: _text(value) for field, value in held(own, crm, record).items()} == _moments(expected)
    assert {field: _text(value) for field, value in held(own, crm, own.native(crm)["sql-1"]).items()} == {
        "fit": "0",
        "engagement": "30",
        "fit_band": "C",
        "engagement_band": "2",
        "grade": "C2",
        "reasons": "Sales qualified lead (asked for a consultation); not yet Sales qualified opportunity: not known: "
        "budget; interest; industry; company size; seniority; job title",
        "ask": changes["sql-1"]["writes"][native(crm, "ask")]["after"],
        "next_action": "Invite them to a webinar and make an exclusive offer",
        "attempts": "1",
        "previous_owner": "Brigitta Qvist",
        "decided_by": f"decided by policy Rehearsal on {today}",
        "sql_first": f"{today}T00:00:00",
        "sql_latest": today,
    }
    for options in (("--dry-run",), ("--full", "--dry-run"), ()):
        assert plan_of(own, crm, *options)["changes"] == []


def _text(value: Any) -> str:
    """Numbers as text; instants without what the CRMs put behind their seconds."""
    text = f"{value:g}" if isinstance(value, int | float) else str(value)
    return text[:19] if "T00:" in text else text


def _moments(values: Mapping[str, str]) -> dict[str, str]:
    return {name: _text(value) for name, value in values.items()}


@pytest.mark.breadth
@both
def test_stage_owner_and_fields_go_in_one_update_and_cost_no_call(own: Rehearsal, crm: str, tmp_path: Path) -> None:
    with rehearsal(tmp_path / "without", "--crm", crm, "--import", str(tmp_path / "world")) as without:
        usual = plan_of(without, crm)
    plan = plan_of(own, crm)
    assert (len(usual["changes"]), len(plan["changes"])) == (6, 9)
    assert plan["counts"]["calls"] == usual["counts"]["calls"]
    mine = [each["after"] for each in own.writes(crm) if each["id"] == own.native(crm)["sqo-1"]]
    whole = {STAGE_FIELDS[crm][0], native(crm, "reasons"), native(crm, "fit"), native(crm, "previous_owner")}
    assert [whole <= set(after) for after in mine] == [True]


@pytest.mark.breadth
@on_one("hubspot")
def test_a_reps_own_words_are_no_conflict_and_are_put_right(own: Rehearsal, crm: str) -> None:
    plan_of(own, crm)
    record, other = own.native(crm)["lead-1"], own.native(crm)["done-lead"]
    words = "Call me, Xenia Secret-Words, on 555-0100"
    assert asked(own, crm, other, {native(crm, "reasons"): words})[0] in (200, 204)
    assert [change["lead"] for change in plan_of(own, crm, "--dry-run")["changes"]] == [other]

    def types(_: str) -> None:
        assert asked(own, crm, record, {native(crm, "next_action"): words})[0] in (200, 204)

    own.edit(crm, leads=[{"id": "lead-1"}], activities=[_demo("lead-1")])
    with own.meanwhile({crm: WRITE[crm]}, types):
        plan = plan_of(own, crm)
    ends = by_lead(own, crm, plan)
    assert {ends[name]["outcome"] for name in ("lead-1", "done-lead")} == {"written"}
    assert words not in {*held(own, crm, record).values(), *held(own, crm, other).values()}
    assert plan_of(own, crm, "--full", "--dry-run")["changes"] == []


def _demo(lead: str) -> dict[str, Any]:
    at = now().isoformat(timespec="seconds")
    return {"id": f"{lead}-asks", "lead": lead, "kind": "demo_request", "at": at, "direction": "inbound"}


@both
def test_what_the_crm_does_not_have_or_cannot_hold_stops_before_anything_is_written(own: Rehearsal, crm: str) -> None:
    reasons, band, hot = (native(crm, name) for name in ("reasons", "fit_band", "hot"))
    own.change("policy.yaml", lambda data: data.update(scores={"fit": {"bands": {"A": 40, "B": 25, "Cold": 0}}}))
    own.change(f"mappings/{crm}.yaml", lambda data: data["write"].update(reasons=f"{reasons}x", ask=hot))
    found = [each for each in own.json("check", crm, code=2)["findings"] if each["severity"] == "error"]
    told = {each["message"]: each for each in found}
    missing = next(each for message, each in told.items() if f"no field `{reasons}x`" in message)
    assert missing["hint"].startswith("make it there: a long text, or a text of 255 characters")
    assert missing["file"].endswith(f"mappings/{crm}.yaml")
    assert missing["line"] > 50
    assert f"{hot} is a checkbox and cannot hold questions" in told
    own.change(f"mappings/{crm}.yaml", lambda data: data["write"].update(reasons=reasons, ask=native(crm, "ask")))
    [finding] = [each for each in own.json("check", crm, code=2)["findings"] if each["severity"] == "error"]
    assert finding["message"] == f"{band} has no active value `Cold`"
    assert own.crmsync("run", crm).returncode == 2
    assert own.writes(crm) == []


@both
def test_the_practice_crms_hold_to_types_and_lengths(own: Rehearsal, crm: str) -> None:
    record = own.native(crm)["lead-1"]
    for name, value in {"fit_band": "D", "mql_first": "tomorrow", "fit": "many"}.items():
        assert asked(own, crm, record, {native(crm, name): value})[0] == 400, name
    too_much = {
        "salesforce": {"reasons": "x" * 256, "attempts": 1000, "grade": "x" * 11},
        "hubspot": {"ask": "x" * 65537},
    }
    for name, value in too_much[crm].items():
        assert asked(own, crm, record, {native(crm, name): value})[0] == 400, name
    assert held(own, crm, record) == {}
    assert asked(own, crm, record, {native(crm, "hot"): True, native(crm, "fit"): 12})[0] in (200, 204)


@pytest.mark.breadth
@both
def test_long_words_are_cut_at_the_field_and_stay_so(own: Rehearsal, crm: str) -> None:
    say = "There is no budget this year, " * 15
    own.change("policy.yaml", lambda data: data.update(disqualified={"reasons": [_reason(say)]}))
    plan_of(own, crm)
    shown = held(own, crm, own.native(crm)["disqualified-1"])["disqualification_reason"]
    if crm == "salesforce":
        assert len(shown) <= 255
        assert shown.endswith("year…") or shown.endswith("…")
        assert say.startswith(shown[:-1])
    else:
        assert shown == " ".join(say.split())
    assert plan_of(own, crm, "--full", "--dry-run")["changes"] == []


def _reason(say: str) -> dict[str, Any]:
    return {"name": "no_budget", "when": {"fact": "budget", "is": "none"}, "say": say}


@pytest.mark.breadth
def test_both_crms_write_the_same_words(own: Rehearsal) -> None:
    for crm in CRMS:
        plan_of(own, crm)
    salesforce, hubspot = (
        {
            lead: {name: _text(value) for name, value in held(own, crm, record).items()}
            for lead, record in own.native(crm).items()
        }
        for crm in CRMS
    )
    assert salesforce == hubspot


@pytest.mark.breadth
@on_one("salesforce")
def test_nothing_personal_is_in_logs_and_messages_and_a_forgotten_lead_leaves_no_words(
    own: Rehearsal, crm: str
) -> None:
    words = personal_data(own.state(crm))
    own.control(crm, "faults", "PUT", [{"path": WRITE[crm], "status": 400, "times": 1}])
    first = own.crmsync("run", crm, "--format", "json")
    own.control(crm, "faults", "DELETE")
    done = own.crmsync("run", crm)
    assert told_in(first.stderr + done.stderr, words) == []
    record = own.native(crm)["sql-1"]
    own.crmsync("run", crm)
    kept = b"asked for a consultation"
    assert kept in _store(own)
    own.json("forget", crm, record)
    assert kept not in _store(own)


def _store(here: Rehearsal) -> bytes:
    with sqlite3.connect(here.file("crmsync.db")) as store:
        store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return b"".join(file.read_bytes() for file in sorted(here.directory.glob("crmsync.db*")))


REFUSED_WORDS = {
    "salesforce": {"FIELD_CUSTOM_VALIDATION_EXCEPTION"},
    "hubspot": {"INVALID_LONG"},
}


@contextmanager
def refusing(here: Rehearsal, crm: str) -> Iterator[None]:
    """The CRM takes no record whose `attempts` are written."""
    field = native(crm, "attempts")
    rule = {"object": "Lead", "condition": f"{field} > 0", "message": "No more attempts", "field": field}
    if crm == "salesforce":
        here.control(crm, "switches", "PUT", {"validation_rules": [rule]})
        yield
        here.control(crm, "switches", "PUT", {"validation_rules": []})
        return
    refusal = {
        "status": "error",
        "category": "VALIDATION_ERROR",
        "message": f'Property values were not valid: [{{"isValid":false,"error":"INVALID_LONG","name":"{field}"}}]',
    }
    answer = json.dumps(refusal).encode()
    with forged(here, crm, instead=lambda _, path, body: (400, answer) if told(path, body, field) else None):
        yield


def told(path: str, body: bytes, field: str) -> bool:
    """Whether a batch of updates has the field in it."""
    return "batch/update" in path and f'"{field}"'.encode() in body


@pytest.mark.breadth
@both
def test_a_field_that_the_crm_refuses_keeps_neither_stage_nor_owner_from_the_lead(own: Rehearsal, crm: str) -> None:
    planned = by_lead(own, crm, plan_of(own, crm, "--dry-run"))
    moved = {name for name, change in planned.items() if change["stage"] or change["owner"]}
    refused = {name for name in planned if native(crm, "attempts") in planned[name]["writes"]}
    assert moved & refused
    with refusing(own, crm):
        plan = plan_of(own, crm, code=4)
    changes = by_lead(own, crm, plan)
    assert {changes[name]["outcome"] for name in moved} == {"written"}
    assert {changes[name]["outcome"] for name in refused - moved} <= {"refused"}
    aside = {each["lead"]: each["reason"] for each in plan["set_aside"]}
    for name in moved & refused:
        lead = own.lead(crm, name)
        assert aside[changes[name]["lead"]].startswith("written without ")
        assert any(word in changes[name]["message"] for word in REFUSED_WORDS[crm])
        for part in ("stage", "owner"):
            if changes[name][part]:
                assert lead[part] is not None
        assert "attempts" not in held(own, crm, lead["native_id"])
    with refusing(own, crm):
        again = by_lead(own, crm, plan_of(own, crm, code=4))
    assert again.keys() == refused, "it stays due as long as the fault lasts"
    assert not any(change["stage"] or change["owner"] for change in again.values())
    assert plan_of(own, crm, "--full")["changes"], "and is written when the fault has gone"
    assert plan_of(own, crm, "--full")["changes"] == []
