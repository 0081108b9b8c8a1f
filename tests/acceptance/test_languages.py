"""A rep in Milan reads Italian: both practice CRMs in languages other than English, and what a change of it means."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from rehearsal import CRMS, Rehearsal, rehearsal
from small_world import small_world
from test_hand_off import MAPPED, tasks
from written_fields import held, switched_on

both = pytest.mark.parametrize("crm", CRMS)
ENGLISH = re.compile(r"\b(the|and|not|is|for|this|asked|with|known)\b", re.IGNORECASE)
TOLD = ("reasons", "ask", "next_action", "decided_by")


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Rehearsal]:
    """Both practice CRMs with the small world, fields for reps, and tasks for receivers."""
    with rehearsal(tmp_path / "here", "--import", str(small_world(tmp_path / "world"))) as crms:
        for crm in CRMS:
            switched_on(crms, crm)
            crms.change(f"mappings/{crm}.yaml", lambda mapping, crm=crm: mapping.update(hand_off=MAPPED[crm]))
        crms.change("policy.yaml", lambda policy: policy.update(hand_off={"stage": "sql", "task": {}}))
        yield crms


def speaking(here: Rehearsal, language: str, crm: str | None = None) -> None:
    """All connections in this language, or one of them."""
    part = (lambda file: file) if crm is None else (lambda file: file["connections"][crm])
    here.change("crmsync.yaml", lambda file: part(file).update(language=language))


def words(here: Rehearsal, crm: str) -> dict[str, dict[str, Any]]:
    """Import id → the texts that reps see."""
    native = here.native(crm)
    fields = {name: held(here, crm, record) for name, record in native.items()}
    return {name: {key: value for key, value in told.items() if key in TOLD} for name, told in fields.items()}


@pytest.mark.breadth
def test_what_reps_read_is_italian_and_the_same_on_both(here: Rehearsal) -> None:
    speaking(here, "it")
    here.json("run")
    told, other = (words(here, crm) for crm in CRMS)
    assert told == other
    assert told["sql-1"]["reasons"] == (
        "Sales qualified lead (ha chiesto una consulenza); non ancora Sales qualified opportunity: informazioni "
        "mancanti: budget; interesse; settore; dimensione dell'azienda; livello di responsabilità; qualifica"
    )
    assert told["sql-1"]["next_action"] == "Invitare a un webinar e fare un'offerta esclusiva"
    assert told["sql-1"]["ask"].startswith(
        "Quale problema deve risolvere, e quanto è urgente? C'è un budget per questo?"
    )
    assert re.fullmatch(r"deciso secondo la policy Rehearsal il \d+ \w+ \d{4}", told["sql-1"]["decided_by"])
    assert [text for lead in told.values() for text in lead.values() if ENGLISH.search(text)] == []
    subjects = [tasks(here, crm, "sql-1")[-1]["subject"] for crm in CRMS]
    assert subjects == ["Prendere contatto (passaggio 1)"] * 2
    for crm in CRMS:
        assert here.json("run", crm)["plans"][0]["changes"] == [], "and nothing is left"


@pytest.mark.breadth
def test_each_crm_may_have_its_own_language(here: Rehearsal) -> None:
    speaking(here, "de", "salesforce")
    speaking(here, "nb", "hubspot")
    here.json("run")
    actions = [words(here, crm)["sql-1"]["next_action"] for crm in CRMS]
    assert dict(zip(CRMS, actions, strict=True)) == {
        "salesforce": "Zu einem Webinar einladen und ein exklusives Angebot machen",
        "hubspot": "Inviter til et webinar og gi et eksklusivt tilbud",
    }


@pytest.mark.breadth
@both
def test_another_language_is_written_once_somebody_has_seen_it(here: Rehearsal, crm: str) -> None:
    here.json("run", crm)
    before = words(here, crm)
    speaking(here, "nl")
    shown = here.json("run", crm, "--dry-run", code=3)["plans"][0]
    assert len(shown["changes"]) == 9
    assert any(note.startswith("the language has changed from English to Dutch") for note in shown["notes"])
    [guard] = [each for each in shown["guards"] if each["breached"]]
    assert (guard["name"], guard["value"]) == ("language", 9)
    here.json("run", crm, code=3)
    assert words(here, crm) == before
    assert guard["way_on"].endswith(f"crmsync run {crm} --allow language=9")
    here.json("run", crm, "--allow", "language=9")
    assert words(here, crm)["sql-1"]["next_action"] == "Uitnodigen voor een webinar en een exclusief aanbod doen"
    assert here.json("run", crm)["plans"][0]["changes"] == []


@pytest.mark.breadth
@both
def test_a_saved_plan_keeps_the_texts_as_they_were_planned(here: Rehearsal, crm: str) -> None:
    speaking(here, "it")
    here.crmsync("run", crm, "--dry-run", "--format", "json", "--out", "plan.json")
    speaking(here, "de")
    plan = json.loads(here.file("plan.json").read_text(encoding="utf-8"))["plans"][0]
    done = here.crmsync("apply", "plan.json", "--format", "json")
    assert done.returncode == 0, done.stderr
    told = words(here, crm)["sql-1"]
    assert told["next_action"] == "Invitare a un webinar e fare un'offerta esclusiva"
    names = {number: name for name, number in here.native(crm).items()}
    reasons = {names[change["lead"]]: change["reasons"] for change in plan["changes"]}
    assert reasons["sql-1"][0] == "Sales qualified lead: ha chiesto una consulenza"


@pytest.mark.breadth
@both
def test_an_explanation_is_in_the_language_asked_for(here: Rehearsal, crm: str) -> None:
    speaking(here, "it", crm)
    here.json("run", crm)
    lead = here.native(crm)["sql-1"]
    assert "Prossimo passo" in told(here, crm, lead)
    assert "Nächster Schritt" in told(here, crm, lead, "--language", "de")
    assert "Volgende stap" in told(here, crm, lead, CRMSYNC_LANGUAGE="nl")
    assert "Neste steg" in told(here, crm, lead, "--language", "nb", CRMSYNC_LANGUAGE="nl")
    english, german = (
        json.loads(told(here, crm, lead, "--language", language, "--format", "json")) for language in ("en", "de")
    )
    assert keys(english) == keys(german)
    for name in ("stage", "stage_why", "scores", "conditions", "points", "earned_stage"):
        if name != "points":
            assert english[name] == german[name]
    assert german["why"] == "die Nachweise ergeben diese Stufe"
    assert "Zu fragen" in told(here, crm, lead, "--language", "de")


def told(here: Rehearsal, crm: str, lead: str, *options: str, **env: str) -> str:
    done = here.crmsync("explain", crm, lead, *options, env=env)
    assert done.returncode == 0, done.stderr
    return done.stdout


def keys(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: keys(inner) for key, inner in value.items()}
    return [keys(each) for each in value] if isinstance(value, list) else None


def test_the_page_of_a_policy_is_in_the_language_asked_for(here: Rehearsal) -> None:
    def page(*options: str, **env: str) -> str:
        done = here.crmsync("policy", "describe", *options, env=env)
        assert done.returncode == 0, done.stderr
        return done.stdout

    speaking(here, "it")
    assert "## Le fasi" in page()
    assert "## Die Stufen" in page("--language", "de")
    assert "## De fasen" in page(CRMSYNC_LANGUAGE="nl")
    assert '<html lang="nb">' in page("--language", "nb", "--format", "html")
    assert "## Trinnene" in page("--policy", "saas", "--language", "nb")


def test_a_language_that_is_not_there_is_refused(here: Rehearsal) -> None:
    speaking(here, "fr")
    done = here.crmsync("check")
    assert done.returncode == 2
    assert "there are no texts in the language `fr`" in done.stderr + done.stdout
