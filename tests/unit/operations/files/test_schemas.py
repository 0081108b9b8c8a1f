"""The published schemas accept what the program reads, and refuse what it refuses for its shape."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from crmsync.configuration import read_document
from crmsync.errors import ConfigurationError
from crmsync.mapping import mapping_from
from crmsync.operations.files.answers_file import Answers
from crmsync.operations.files.schemas import KINDS, schema_of, schema_text
from crmsync.operations.files.shipped_pages import shipped_pages
from crmsync.operations.init.answers import text_of_answers
from crmsync.operations.rehearse.configuration import mapping_text, policy_text, roster_text, settings_text
from crmsync.qualify.language.reading import policy_from
from crmsync.route.roster.roster import roster_from
from crmsync.settings import presets

ROOT = Path(__file__).parents[4]


def plain(value: Any) -> Any:
    """As an editor sees it: days are texts."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def complaints(kind: str, text: str) -> list[str]:
    data = plain(read_document(text, "a file").data)
    return [error.message for error in Draft202012Validator(schema_of(kind)).iter_errors(data)]


@pytest.mark.parametrize("kind", list(KINDS))
def test_schema_is_one_and_is_published(kind: str) -> None:
    Draft202012Validator.check_schema(schema_of(kind))
    published = ROOT / "docs" / "reference" / "schemas" / f"{kind}.json"
    assert published.read_text(encoding="utf-8") == schema_text(kind)
    assert json.loads(schema_text(kind)) == schema_of(kind)


@pytest.mark.parametrize("name", sorted(presets()))
def test_every_shipped_policy_is_accepted(name: str) -> None:
    validator = Draft202012Validator(schema_of("policy"))
    assert [error.message for error in validator.iter_errors(plain(presets()[name].data))] == []


@pytest.mark.parametrize(
    "path", sorted((ROOT / "tests" / "cases" / "presets").glob("*.yaml")), ids=lambda path: path.stem
)
def test_every_shipped_file_of_examples_is_accepted(path: Path) -> None:
    assert complaints("tests", path.read_text("utf-8")) == []


def test_the_files_of_a_rehearsal_are_accepted() -> None:
    users = [
        {"id": "u1", "type": "person", "email": "a@b.example", "roles": ["ae"], "team": "T", "timezone": "UTC"},
        {"id": "u2", "type": "person", "email": None, "roles": ["bdr"], "territories": ["DE"]},
    ]
    native = {"salesforce": {"u1": "005", "u2": "006"}, "hubspot": {"u1": "1", "u2": "2"}}
    assert complaints("policy", policy_text()) == []
    assert complaints("roster", roster_text(users, native)) == []
    assert complaints("settings", settings_text({"salesforce": "http://x", "hubspot": "http://y"})) == []
    for writes in ("on", "off", "true", "false"):
        assert complaints("settings", f"connections: {{a: {{connector: salesforce, writes: {writes}}}}}") == []


REMOVALS = """
extends: saas
criteria: {answered: null, size_fits: {fact: employees, at_least: 5}, sal_evidence: {any: [gave_details, bant]}}
scores: {fit: {cap: 60, bands: null}}
grades: null
sales_confirmation: null
movement: {cool_down_days: null}
segments: [{name: big, when: size_fits, policy: {next_action: {mql: null, sql: Call}}}]
"""
ELSEWHERE = """
ladder: [{stage: kunnskap}, {stage: møte-avtalt, label: Møte avtalt, when: har_møte}]
criteria: {har_møte: {activities: {kind: meeting}}}
facts: {größe: {type: date}}
derived: {seit: {days_since: größe}}
"""
SHORT_ROSTER = """
people:
  - {user: 4711, role: ae, territories: DE, weight: 1.5, starts: 2026-01-01, hours: {mon-fri: "09:00-17:00"}}
  - user: {hubspot: 17}
    roles: [ae, 7]
    absences: [{from: 2026-12-24T12:00, to: 2027-01-02}]
    calendar: off.ics
    holidays: norway
  - {user: 4712, calendar: [off.ics, {file: off.ics, only: OOO}], role: ae}
  - {user: 4713, calendar: {file: off.ics, events: all}}
holidays: {norway: [2026-05-17], germany: germany.ics, others: {file: others.ics, for: {team: x}}}
from_crm: [{connection: salesforce, group: AE EMEA, role: ae, except: 4711, hours: {mon: "09:00-17:00"}}]
pools: {all: {role: ae}}
rules: {hand_off: [{strategy: round_robin, pool: all}], otherwise: {queue: Rest}}
"""


MAPPING = """
connector: salesforce
lead: {object: Lead, email: Email, created_at: CreatedDate, name: NAME}
stage: {field: Status, values: {lead: Open, top: STAGE}}
owner: {field: OwnerId}
facts: {budget: FACT, need: unmapped}
activities: [{object: Task, at: ActivityDate, kind: KIND}]
"""
FORMS = {"NAME": "Name", "STAGE": "Top", "FACT": "{field: Budget__c, type: text}", "KIND": "call"}


@pytest.mark.parametrize("path", sorted((ROOT / "mappings").glob("*.yaml")), ids=lambda path: path.stem)
def test_the_starter_mappings_are_accepted(path: Path) -> None:
    assert complaints("mapping", path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("place", "form", "right"),
    [
        ("NAME", "[FirstName, LastName]", True),
        ("NAME", "7", False),
        ("STAGE", "5", True),
        ("STAGE", "true", True),
        ("STAGE", "[A, B]", True),
        ("STAGE", "{label: Sales Top}", True),
        ("STAGE", "[{label: Sales Top}, 7]", True),
        ("STAGE", "{Status: A, Other__c: [x, {label: Y}]}", True),
        ("STAGE", "{set: {Status: A}, leaving: {Other__c: null}}", True),
        ("STAGE", "{set: {Status: A}, leavng: {Other__c: null}}", False),
        ("STAGE", "[[A]]", False),
        ("STAGE", "{Status: {labl: A}}", False),
        ("FACT", "{field: [A, B], type: text, values: [x, 5, true]}", True),
        ("FACT", "{field: A, type: integer, values: {1-5: 1}}", True),
        ("FACT", "{field: A, type: colour}", False),
        ("FACT", "somewhere", False),
        ("KIND", "{is: call}", True),
        ("KIND", "[{from: Type, values: {Call: call}}, {is: task, when: {A: x, B: [x, 1], C: {known: true}}}]", True),
        ("KIND", "[call]", False),
        ("KIND", "{is: call, when: {A: {equal: x}}}", False),
    ],
)
def test_short_forms_of_a_mapping_are_those_that_are_read(place: str, form: str, right: bool) -> None:
    text = MAPPING
    for name, usual in FORMS.items():
        text = text.replace(name, form if name == place else usual)
    try:
        mapping_from(read_document(text, "m"))
        read = True
    except ConfigurationError:
        read = False
    assert read is right
    assert (complaints("mapping", text) == []) is right


def test_a_policy_may_take_away_what_it_extends() -> None:
    policy_from(read_document(REMOVALS, "p"), presets())
    assert complaints("policy", REMOVALS) == []


def test_names_of_any_language_are_accepted() -> None:
    policy_from(read_document(ELSEWHERE, "p"), presets())
    assert complaints("policy", ELSEWHERE) == []


def test_short_forms_of_a_roster_are_accepted() -> None:
    roster_from(read_document(SHORT_ROSTER, "r"))
    assert complaints("roster", SHORT_ROSTER) == []


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("policy", "ladder: [{stage: a}, {stage: b, wen: x}]"),
        ("policy", "criteria: {x: {fact: employees, atleast: 3}}"),
        ("policy", "criteria: {'a b': {known: employees}}"),
        ("policy", "movement: {backward: sometimes}"),
        ("policy", "facts: {x: {type: colour}}"),
        ("roster", "people: [{rolle: ae, user: x}]"),
        ("roster", "rejoin: never"),
        ("roster", "people: [{user: x, calendar: {fiel: a.ics}}]"),
        ("roster", "holidays: {norway: {dyas: [2026-05-17]}}"),
        ("settings", "conections: {}"),
        ("settings", "connections: {a: {connector: salesforce, writes: maybe}}"),
        ("settings", "connections: {a: {connector: salesforce, guards: {changed_share: 7}}}"),
        ("tests", "examples: [{name: x, expect: {stag: sqo}}]"),
    ],
)
def test_mistakes_are_seen(kind: str, text: str) -> None:
    assert complaints(kind, text) != []


EDITOR = "# yaml-language-server: $schema="


@pytest.mark.parametrize("path", sorted((ROOT / "mappings").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_starter_tells_editors_its_schema(path: Path) -> None:
    """Where it is copied to, and once only when the rehearsal makes a mapping of it."""
    assert path.read_text("utf-8").splitlines()[0] == f"{EDITOR}../schemas/mapping.json"


def test_a_rehearsed_mapping_and_kept_answers_tell_it_once() -> None:
    for text in (mapping_text("salesforce", {}), text_of_answers(Answers(connector="salesforce"))):
        assert text.startswith(EDITOR)
        assert text.count(EDITOR) == 1


def test_kept_answers_are_accepted() -> None:
    told = Answers(connector="salesforce", facts={"need": "unmapped"}, values={"need": {"Vielleicht": None}})
    assert complaints("answers", text_of_answers(told)) == []
    assert complaints("answers", "format: 1\nfact: {}\n")


@pytest.mark.parametrize("path", sorted((ROOT / "mappings").glob("*.yaml")), ids=lambda path: path.stem)
def test_a_starter_points_to_pages_that_an_installation_shows(path: Path) -> None:
    """Wheels have no folder `docs`; they have `crmsync docs`."""
    text = path.read_text("utf-8")
    assert "docs/" not in text
    topics = set(re.findall(r"crmsync docs ([a-z-]+)", text))
    assert topics
    assert topics <= {page.topic for page in shipped_pages(None)}
