"""Stages and activities of a mapping, changed by forms: what is written then, and what stays as somebody wrote it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from crmsync.console.pages import mapping as mapping_page
from crmsync.errors import UsageError
from crmsync.operations.edit.activities import activities_of, with_rules
from crmsync.operations.edit.offers import Offer
from crmsync.operations.edit.stages import stages_of, with_stages
from crmsync.settings import Settings, load_settings
from crmsync.values import replace
from unit.console.editing import Browser, offer, words
from unit.console.signing_in import let_in

MAPPING = """\
format: 1
connector: hubspot
lead: {object: contacts, email: email, created_at: createdate}
owner: {field: hubspot_owner_id}
stage:
  field: lifecyclestage
  values:
    disqualified: {set: {hs_lead_status: UNQUALIFIED}, leaving: {hs_lead_status: OPEN}}
    lead: [lead, subscriber]   # both are young
    sal: {label: Sales Accepted}
    # won by marketing
    mql: marketingqualifiedlead
facts: {}
activities:
  - object: calls
    at: hs_timestamp
    kind: [{from: activity_kind}, {is: call}]
    outcome:
      - {from: activity_outcome}
      - from: hs_call_status
        values:
          QUEUED: scheduled
          COMPLETED: null   # says nothing
  - object: notes   # by hand
    at: hs_timestamp
    kind: note
"""
POLICY = """\
format: 1
name: Small
ladder:
  - {stage: lead, label: Beginning}
  - {stage: mql, label: Warm, when: {activities: {kind: call}, at_least: 1}}
  - {stage: sal, label: Taken, when: {activities: {kind: call}, at_least: 2}}
disqualified: {stage: disqualified, reasons: [{name: none, say: nothing, when: {activities: {kind: never}}}]}
"""
LAST, SAYS = "ifiedlead\n", "# says nothing\n"
WITH_THE_LABEL = "ifiedlead, {label: Sales Accepted}]\n"
BESIDE = "{set: {lifecyclestage: customer, hs_lead_status: UNQUALIFIED}}"
STAGES = (("lead", "Lead", 9), ("subscriber", "Subscriber", 2), ("marketingqualifiedlead", "Marketing", 1),
          ("5847", "Sales Accepted", 3), ("customer", "Customer", 4))  # fmt: skip


@pytest.fixture
def here(tmp_path: Path) -> Path:
    texts = {
        "crmsync.yaml": "format: 1\nconnections:\n  c: {connector: hubspot, mapping: mapping.yaml, writes: on}\n",
        "mapping.yaml": MAPPING,
        "policy.yaml": POLICY,
        "roster.yaml": "format: 1\npeople:\n  - {user: ann, role: ae}\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    let_in(tmp_path / "crmsync.yaml")
    return tmp_path / "crmsync.yaml"


@pytest.fixture
def settings(here: Path) -> Settings:
    return load_settings(here)


def known(settings: Settings, connection: str = "c", progress: object = None) -> Offer:
    calls = {("calls", "hs_call_status"): ("QUEUED", "BUSY")}
    return replace(offer(settings, connection), options={"lifecyclestage": STAGES}, activity_options=calls)


def told(*changes: tuple[str, str]) -> str:
    text = MAPPING
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def test_stages_stand_beside_the_crms_values(settings: Settings) -> None:
    found = stages_of(settings, "c", known(settings))
    assert {each.native: (each.label, each.stage) for each in found.options} == {
        "lead": ("Lead", "lead"),
        "subscriber": ("Subscriber", "lead"),
        "marketingqualifiedlead": ("Marketing", "mql"),
        "label:Sales Accepted": ("Sales Accepted", "sal"),
        "customer": ("Customer", None),
    }
    assert found.unmanaged == 1
    assert [line.stage for line in found.lines if not line.simple] == ["disqualified"]
    assert stages_of(settings, "c", None).unmanaged == 0


@pytest.mark.parametrize(
    ("of", "written", "after"),
    [
        ({"customer": "mql"}, {}, told(("mql: marketingqualifiedlead", "mql: [marketingqualifiedlead, customer]"))),
        ({"subscriber": ""}, {}, told(("lead: [lead, subscriber]", "lead: lead"))),
        ({"lead": "lead"}, {"lead": "subscriber"}, told(("[lead, subscriber]", "[subscriber, lead]"))),
        (
            {"label:Sales Accepted": "mql"},
            {},
            told(("    sal: {label: Sales Accepted}\n", ""), ("mql: m", "mql: [m"), (LAST, WITH_THE_LABEL)),
        ),
        ({"lead": "lead", "customer": ""}, {"lead": "lead"}, MAPPING),
    ],
)  # fmt: skip
def test_a_value_of_another_stage_changes_these_lines_alone(
    settings: Settings, of: dict[str, str], written: dict[str, str], after: str
) -> None:
    assert with_stages(settings, "c", MAPPING, of, written) == after


LEAD = "lead: [lead, subscriber]"


@pytest.mark.parametrize(
    ("stages", "native", "read_as", "unmanaged"),
    [
        ((("mql: marketingqualifiedlead", "mql: [marketingqualifiedlead, lead]"),), "lead", "lead", 1),
        (
            (("{set: {hs_lead_status: UNQUALIFIED}, leaving: {hs_lead_status: OPEN}}", BESIDE),),
            "customer",
            "disqualified",
            0,
        ),
        (
            (("mql: marketingqualifiedlead", "mql: {set: {lifecyclestage: marketingqualifiedlead}, leaving: {}}"),),
            "marketingqualifiedlead",
            "mql",
            1,
        ),
    ],
)
def test_a_form_that_nobody_touched_changes_nothing(
    settings: Settings, here: Path, stages: tuple[tuple[str, str], ...], native: str, read_as: str, unmanaged: int
) -> None:
    """Also where a value stands in two stages, of which the first is read, or takes more fields than this one."""
    text = told(*stages)
    (here.parent / "mapping.yaml").write_text(text, encoding="utf-8")
    settings = load_settings(here)
    found = stages_of(settings, "c", known(settings))
    assert found.unmanaged == unmanaged
    assert {each.native: each.stage for each in found.options}[native] == read_as
    sent = {each.native: each.stage or "" for each in found.options if not each.several}
    assert with_stages(settings, "c", text, sent, {}) == text
    assert with_stages(settings, "c", text, {**sent, "subscriber": ""}, {}) == text.replace(LEAD, "lead: lead")


@pytest.mark.parametrize("stage", ["nothing", "disqualified"])
def test_a_stage_that_a_form_cannot_change_is_refused(settings: Settings, stage: str) -> None:
    with pytest.raises(UsageError):
        with_stages(settings, "c", MAPPING, {"customer": stage}, {})


def test_rules_stand_beside_the_crms_values(settings: Settings) -> None:
    calls, notes = activities_of(settings, "c", known(settings))
    assert (calls.kinds, notes.kinds) == (("call",), ("note",))
    assert [rule.own_words for rule in calls.parts["kind"]] == [True, False]
    assert calls.parts["outcome"][1].values == (("QUEUED", "scheduled"), ("COMPLETED", "null"), ("BUSY", None))


@pytest.mark.parametrize(
    ("activity", "part", "words", "after"),
    [
        (0, "kind", {(1, ""): "demo"}, told(("{is: call}", "{is: demo}"))),
        (1, "kind", {(0, ""): "task"}, told(("kind: note", "kind: task"))),
        (
            0,
            "outcome",
            {(1, "QUEUED"): "open", (1, "COMPLETED"): "null", (1, "BUSY"): "no_answer"},
            told(("QUEUED: scheduled", "QUEUED: open"), (SAYS, f"{SAYS}          BUSY: no_answer\n")),
        ),
        (0, "outcome", {(1, "QUEUED"): ""}, told(("          QUEUED: scheduled\n", ""))),
        (0, "outcome", {(1, "queued"): "open"}, told(("QUEUED: scheduled", "QUEUED: open"))),
        (0, "outcome", {(1, "Com-pleted"): "null"}, MAPPING),
    ],
)  # fmt: skip
def test_another_word_for_an_activity_changes_its_line_alone(
    settings: Settings, activity: int, part: str, words: dict[tuple[int, str], str], after: str
) -> None:
    called = ("calls", "notes")[activity]
    assert with_rules(settings, "c", MAPPING, activity, called, part, words) == after


@pytest.mark.parametrize(
    ("activity", "part", "rule"),
    [(2, "kind", 0), (0, "at", 0), (0, "kind", 7), (-1, "kind", 0), (0, "direction", 0), (1, "kind", 0)],
)
def test_a_rule_that_is_gone_is_refused(settings: Settings, activity: int, part: str, rule: int) -> None:
    """The last is a rule of another object than the form was of."""
    for sent in ({(rule, ""): "x"}, {}) if rule == 0 else ({(rule, ""): "x"},):
        with pytest.raises(UsageError, match="no such rule any more"):
            with_rules(settings, "c", MAPPING, activity, "calls", part, sent)


@pytest.mark.parametrize("word", ["", "null", " "])
def test_a_rule_that_holds_in_any_case_gives_a_word(settings: Settings, word: str) -> None:
    with pytest.raises(UsageError, match="none was named"):
        with_rules(settings, "c", MAPPING, 1, "notes", "kind", {(0, ""): word})


def test_both_are_changed_in_one_draft_by_forms(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapping_page, "offer_of", known)
    ada = Browser(here, "ada")
    page = ada.get("/mapping/c").text
    for shown in ("Stages", "Activities", "Beginning", "no value of the CRM", "Told by more than one field"):
        assert (shown in words(page)) is (shown != "no value of the CRM")
    first = ada.post(
        "/mapping/c/stages",
        native=["lead", "subscriber"],
        stage=["lead", ""],
        of="lead",
        written="lead",
        digest=_digest(page),
    )
    assert first.status_code == 303
    number = _draft(first)
    of_draft = ada.get(f"/mapping/c?draft={number}").text
    assert 'name="object" value="notes"' in of_draft
    shown_with = {"draft": number, "digest": _digest(of_draft), "object": "notes"}
    sent: dict[str, Any] = {"activity": 1, "part": "kind", "rule": 0, "native": "", "word": "task", **shown_with}
    second = ada.post("/mapping/c/rules", **sent)
    shown = words(ada.get(f"/mapping/c?draft={_draft(second)}").text)
    for line in ("+ lead: lead # both are young", "+ kind: task"):
        assert line in shown
    for other in ({"rule": 9}, {"rule": "9" * 5_000}, {"activity": "9" * 5_000}, {"object": "calls"}):
        refused = ada.post("/mapping/c/rules", **{**sent, **other})
        assert (refused.status_code, "no such rule any more" in refused.text) == (404, True)
    assert ada.post("/mapping/c/rules", **{**sent, "digest": _digest(page)}).status_code == 404
    vic = Browser(here, "vic", ada)
    page = vic.get("/mapping/c").text
    assert "<select" not in page
    assert vic.post("/mapping/c/stages", native="lead", stage="").status_code == 403
    assert (here.parent / "mapping.yaml").read_text() == MAPPING


@pytest.mark.parametrize("form", ["stages", "rules"])
def test_a_form_that_is_older_than_the_file_is_refused(here: Path, form: str) -> None:
    """Its rules are other ones by now."""
    ada = Browser(here, "ada")
    sent = {"digest": _digest(ada.get("/mapping/c").text), "native": "", "activity": 1, "object": "notes"}
    sent |= {"part": "kind", "rule": 0, "word": "task"} if form == "rules" else {"native": "lead", "stage": ""}
    assert ada.post(f"/mapping/c/{form}", **sent).status_code == 303
    (here.parent / "mapping.yaml").write_text(f"{MAPPING}# another\n", encoding="utf-8")
    refused = ada.post(f"/mapping/c/{form}", **sent)
    assert (refused.status_code, "another one than when this page" in refused.text) == (404, True)


def _digest(page: str) -> str:
    return re.findall(r'name="digest" value="([0-9a-f]{64})"', page)[0]


def _draft(answer: Any) -> str:
    found = re.search(r"draft=([^#&]+)", answer.headers["Location"])
    assert found
    return found[1]
