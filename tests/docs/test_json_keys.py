"""No key of a JSON answer comes, goes or changes its place without a line in `json_keys/`, nor its kind of value.

Each file there lists the paths of one command's answer: `[]` is a list's item, `*` a name that a policy, a mapping or
the CRM gives. What values are like say the shipped schemas. The answers come from one small world in which everything
happens that an answer can tell of.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import pytest
from fixed_world import INSTANT, clock_at, fixed_world
from forms_of_reports import forms_of, unknown
from jsonschema import Draft202012Validator, FormatChecker
from long_histories import long_history
from recounts import RECOUNTS, STAGES, World, counted, world_of
from rehearsal import WRITE, Rehearsal

from crmsync.cli.main import cli
from crmsync.cli.report import report
from crmsync.cli.schema import ANSWERS as SHOWN
from crmsync.operations.status.population import Population, populations
from crmsync.settings import load_settings
from crmsync.showing.answers.every import ANSWERS
from crmsync.store import Store
from suite.receivers import web_hook

LISTS = Path(__file__).with_name("json_keys")
SCHEMAS = Path(__file__).parents[2] / "docs" / "reference" / "schemas" / "answers"
LIKE = {"apply": "run", "undo": "run", "redistribute": "run", "simulate-policy": "simulate"}
"""Command → the one that answers the same."""
LEFT_OUT = (
    r"plans\[\]\.changes\[\]\.(outcome|message|may_be_written)",
    r"pages\[\]\.text",
    "holds|released",
    r"connections\[\]\.lists\.(short|quiet|returning|won)",
    r"connections\[\]\.(read|facts|stages|unmanaged|activities|unnamed)",
    r"stages\.\*\.(label|set|leaving)(\..*)?",
    r"(runs\[\]|connections\[\]\.last_run)\.counts\..*",
    r"counters\.\*\.\*\.\*\.(?!turns).*",
    r".*\.(parts|evidence|term|activities|points_each|cut_by_\w+|more_evidence)",
    r".*\.(evidence|activities)\[\]\.(kind|day|outcome|direction|by|by_role|certain)",
    r"sections.*\.text",
)
"""Paths of keys that are there only now and then."""
FORMATS = FormatChecker(["date"])
FORMATS.checks("date-time", ValueError)(lambda value: not isinstance(value, str) or datetime.fromisoformat(value))
CRM = "hubspot"
SECRET = "a-secret-for-touches"
LEADS = 16
NAMED = (
    r"stages",
    r"plans\[\](\.rest)?\.stages",
    r"plans\[\]\.changes\[\]\.(writes|scores|beside|creates\[\]\.values|records\[\]\.writes)",
    "(conditions|criteria|points|scores|stage_native)",
    r"counters(\.\*){0,2}",
    r"alerts\[\]\.told",
    r"deeds\[\]\.about",
    r"(runs\[\]|connections\[\]\.last_run)\.outcomes",
    r"simulations\[\]\.(by|stages|by\.\*\[\]\.stages|movers\[\]\.scores)",
    r"backtests\[\]\.moments\[\]\.(scores|left_out)",
)
"""Paths of objects whose keys are names that a policy, a mapping or the CRM gives."""
HAND_OFF = """
hand_off:
  stage: sql
  task: {subject: Get in touch}
  first_touch: {within_hours: 4, remind_after_hours: 4, reassign_after_hours: 12}
  returned: {to: bdr, at_most: 3, again_after_days: 14}
segments: [{name: large, when: {fact: employees, at_least: 1000}, policy: {name: Large}}]
"""
OTHER = """
criteria: {mql_evidence: {fact: employees, at_least: 0}}
"""
MORE = {"funnel": ("--by", "cohort"), "near-miss": ("--won", "customer", "--quiet-days", "0", "--points", "1000")}
"""What a report has to be asked for so that it tells of everything."""
CHANNELS = {"channels": {"pager": {"by": "webhook", "only": ["writes_off"]}}}
REFUSAL = {"status": "error", "category": "VALIDATION_ERROR", "message": "this property is read only"}
YESTERDAY = "2026-11-19T10:00:00Z"


def paths(value: Any, place: str = "") -> Iterator[str]:
    """The path of every key and of every list's item, also of those that hold nothing."""
    if place:
        yield place
    if isinstance(value, Mapping):
        named = any(re.fullmatch(pattern, place) for pattern in NAMED)
        for key, inner in value.items():
            yield from paths(inner, ".".join(filter(None, (place, "*" if named else key))))
    if isinstance(value, list):
        for inner in value:
            yield from paths(inner, f"{place}[]")


def keys_of(answers: list[Any]) -> list[str]:
    """All paths, each once; a condition's parts are conditions, so they are told once however deep they lie."""
    return sorted({re.sub(r"(\.parts\[\])+(?=\.parts)", "", path) for answer in answers for path in paths(answer)})


def asked(crm: Rehearsal, *arguments: str) -> list[Any]:
    """A command's JSON answer, or its lines."""
    form = () if arguments[0] == "counters" else ("--format", "json")
    done = crm.crmsync(*arguments, *form)
    assert done.stdout, done.stderr
    try:
        return [json.loads(done.stdout)]
    except json.JSONDecodeError:
        return [json.loads(line) for line in done.stdout.splitlines()]


def make_it_eventful(crm: Rehearsal) -> None:
    """Hand-offs are watched, some may belong to a segment, one lead was won, a lost one looks again and again."""
    for name in crm.urls:
        mapping = crm.file(f"mappings/{name}.yaml")
        text = mapping.read_text(encoding="utf-8").replace(", SENT: null", "")  # a word that no rule names
        mapping.write_text(
            re.sub(r"^# (hand_off|write):\n(# .*\n)+", _uncommented, text, flags=re.M), encoding="utf-8"
        )
    policy = crm.file("policy.yaml")
    text = policy.read_text(encoding="utf-8")
    crm.file("other.yaml").write_text(text + OTHER, encoding="utf-8")
    policy.write_text(text + HAND_OFF, encoding="utf-8")
    won = {"id": min(crm.native("hubspot")), "stage": {"hubspot": "customer"}}
    lost = {"id": "back", "email": "back@again.example", "last_name": "Back", "stage": {"hubspot": "UNQUALIFIED"}}
    looked = {"lead": "back", "kind": "content_download", "at": YESTERDAY, "direction": "inbound"}
    crm.edit("hubspot", leads=[won, lost], activities=[{"id": f"again-{number}", **looked} for number in range(11)])


def _uncommented(found: re.Match[str]) -> str:
    return re.sub("^# ", "", found[0], flags=re.M)


def set_up(crm: Rehearsal) -> list[Any]:
    """What `init` says in a folder of its own: of new files, and of one that a person has changed."""
    folder = crm.directory.with_name("init")
    folder.mkdir()
    (folder / ".env").write_bytes(crm.file(".env").read_bytes())
    here = Rehearsal(folder, crm.urls)
    given = ("--connector", CRM, "--url", crm.urls[CRM], "--set", "calls_per_10_seconds=10000", "--yes")
    made = asked(here, "init", *given)
    mapping = here.file(f"mappings/{CRM}.yaml")
    mapping.write_text(mapping.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    return made + asked(here, "init", *given)


def taken_back_in_part(crm: Rehearsal, run: int, wrote: list[Any]) -> tuple[str, int]:
    """A lead of the run that stays as it is, and a run that set some aside."""
    lead, *_, other = (entry["lead"] for entry in wrote[0]["entries"])
    asked(crm, "undo", str(run), "--lead", other)
    return lead, max(line["id"] for line in asked(crm, "runs")[0]["runs"] if line["counts"].get("set_aside"))


def name_of(leads: Mapping[str, str], lead: str) -> str:
    """Under which the practice CRM knows it."""
    return next(name for name, native in leads.items() if native == lead)


def log_of_the_console(crm: Rehearsal) -> Iterator[tuple[str, list[Any]]]:
    """With somebody's deed, and what would go of it."""
    with closing(Store(crm.store)) as store:
        store.console.note("plan_made", now=INSTANT - timedelta(days=2000), person="ada", connection=CRM, about={})
        store.console.note("plan_made", now=INSTANT, person="ada", connection=CRM, about={"plan": 1, "leads": 9})
    yield "console-log", asked(crm, "console", "log")
    yield "tidy", asked(crm, "tidy", "--dry-run")


def answers(crm: Rehearsal, forms: dict[str, dict[str, str]]) -> Iterator[tuple[str, list[Any]]]:
    """Name of a list → what a command answers, in a world where much happens. `forms`: see `reported`."""
    leads, users = crm.native("hubspot"), crm.state("hubspot")["users"]
    receivers = [word for user in users if "ae" in (user["roles"] or ()) for word in ("--from", user["native_id"])]
    mapping = crm.file("mappings/hubspot.yaml").read_text(encoding="utf-8")
    crm.file("mappings/hubspot.yaml").write_text("lead: {}\n", encoding="utf-8")
    run, check = asked(crm, "run", "--dry-run"), asked(crm, "check")
    crm.file("mappings/hubspot.yaml").write_text(mapping, encoding="utf-8")
    yield "check", check + asked(crm, "check", "--data")
    yield "init", set_up(crm)
    yield "fields", asked(crm, "fields", "hubspot")
    then = INSTANT - timedelta(days=60)
    crm.control("hubspot", "clock", "PUT", {"now": then.isoformat()})
    with clock_at(then):
        run += asked(crm, "run", "--dry-run")
        run += asked(crm, "run", "--dry-run", "--limit", "1", "--allow", "stage-changes=1")
    crm.control("hubspot", "clock", "PUT", {"now": INSTANT.isoformat()})
    asked(crm, "run", "--dry-run", "--out", "plan.json")
    crm.control("hubspot", "faults", "PUT", [{"path": WRITE["hubspot"], "status": 400, "body": REFUSAL}])
    run += asked(crm, "run")
    crm.control("hubspot", "faults", "DELETE")
    run += asked(crm, "run")
    run += asked(crm, "redistribute", "hubspot", *receivers, "--dry-run")
    yield "apply", asked(crm, "apply", "plan.json", "--dry-run")
    written = max(line["id"] for line in asked(crm, "runs")[0]["runs"] if "written" in line["outcomes"])
    run += asked(crm, "undo", str(written), "--dry-run")
    yield "run", run
    wrote = asked(crm, "history", "--run", str(written))
    lead, refused = taken_back_in_part(crm, written, wrote)
    crm.edit("hubspot", leads=[{"id": name_of(leads, lead), "owner": None, "stage": {"hubspot": "customer"}}])
    crm.change("crmsync.yaml", lambda data: data["connections"]["hubspot"].update(writes="off"))
    asked(crm, "run")
    yield "history", wrote + asked(crm, "history", lead) + asked(crm, "history", "--run", str(refused))
    yield "runs", asked(crm, "runs")
    yield from standing(crm)
    crm.change("crmsync.yaml", lambda data: data["connections"]["hubspot"].update(writes="on"))
    yield from reported(crm, forms)
    held = asked(crm, "hold", min(leads.values()), "--until", "2999-01-01", "--why", "for good")
    yield "hold", held + asked(crm, "hold", min(leads.values()), "--release")
    asked(crm, "hold", min(leads.values()), "--until", "2999-01-01", "--why", "for good")
    yield "holds", asked(crm, "holds")
    told = asked(crm, "explain", "hubspot", "--all")
    yield "explain", told + asked(crm, "explain", "hubspot", min(leads.values()))
    yield from log_of_the_console(crm)
    yield "provision", asked(crm, "provision", "hubspot", "--dry-run")
    yield "simulate", asked(crm, "simulate", "--policy", "other.yaml", "--by", "employees")
    yield "counters", asked(crm, "counters", "export")
    yield "simulate-routing", asked(crm, "simulate", "routing", "--days", "3", "--leads", "30")
    yield "backtest", asked(crm, "backtest", "--outcome", "stage=sqo")
    yield "forget", asked(crm, "forget", "hubspot", min(leads.values()))
    yield from without_a_crm(crm)


def reported(crm: Rehearsal, forms: dict[str, dict[str, str]]) -> Iterator[tuple[str, list[Any]]]:
    """Every report. `forms`: gets what each is told in beside JSON."""
    for name in report.commands:
        forms[name] = forms_of(crm, name, MORE.get(name, ()))
        yield f"report-{name}", asked(crm, "report", name, *MORE.get(name, ())) + long_history(name)


def standing(crm: Rehearsal) -> Iterator[tuple[str, list[Any]]]:
    """How a connection stands that needs a person, and somebody is told."""
    with web_hook() as hook:
        with crm.file(".env").open("a", encoding="utf-8") as variables:
            variables.write(f"\nCRMSYNC_ALERTS_PAGER_URL={hook.address}\nCRMSYNC_HOOKS_SECRET={SECRET}\n")
        hooks = {"listen": urlsplit(hook.address).netloc}
        crm.change("crmsync.yaml", lambda data: data.update(alerts=CHANNELS, hooks=hooks))
        yield "alerts-send", asked(crm, "alerts", "send")
        yield "alerts-test", asked(crm, "alerts", "test", "pager")
        yield "alerts-show", asked(crm, "alerts")
        yield "hooks-test", asked(crm, "hooks", "test", CRM)
    yield "status", asked(crm, "status")


def without_a_crm(crm: Rehearsal) -> Iterator[tuple[str, list[Any]]]:
    """Answers that tell of nothing in a CRM."""
    yield "test", asked(crm, "test", "--preset", "saas")
    yield "docs", asked(crm, "docs") + asked(crm, "docs", "guards")
    yield "fmt", asked(crm, "fmt", "--check")
    yield "store-copy", asked(crm, "store", "copy", "crmsync.db", "copy.db")
    yield "policy-describe", asked(crm, "policy", "describe")
    yield "policy-presets", asked(crm, "policy", "presets")
    yield "policy-routing", asked(crm, "policy", "routing")


class Found:
    """Name of a list → what the program answers today; asked no further than somebody looks.

    `worlds`: of the answers whose figures are counted again, what the CRM and the store held then. `forms`: of each
    report, form → text.
    """

    def __init__(self, crm: Rehearsal) -> None:
        self.forms: dict[str, dict[str, str]] = {}
        self.populations: list[Population] = []
        self._crm, self._told = crm, answers(crm, self.forms)
        self._known: dict[str, list[Any]] = {}
        self.worlds: dict[str, World] = {}
        self._latest: World | None = None

    def __getitem__(self, name: str) -> list[Any]:
        while name not in self._known:
            self._next()
        return self._known[name]

    def _next(self) -> None:
        known, told = next(self._told)
        self._known[known] = told
        if known == "status":
            self.populations = populations(load_settings(self._crm.file("crmsync.yaml")), (CRM,))
        if known in RECOUNTS:
            self._latest = self.worlds[known] = world_of(self._crm, CRM, self._latest)

    def names(self) -> list[str]:
        """Of all lists."""
        with suppress(StopIteration):
            while True:
                self._next()
        return sorted(self._known)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Found]:
    """The answers of one eventful world."""
    with fixed_world(tmp_path_factory.mktemp("keys") / "rehearsal", LEADS, CRM) as crm:
        make_it_eventful(crm)
        yield Found(crm)


def listed(name: str) -> list[str]:
    return (LISTS / f"{name}.txt").read_text(encoding="utf-8").splitlines()


def test_every_answer_has_a_list(found: Found) -> None:
    assert found.names() == sorted(path.stem for path in LISTS.glob("*.txt"))


@pytest.mark.parametrize("name", sorted(path.stem for path in LISTS.glob("*.txt")))
def test_keys_are_those_that_are_listed(found: Found, name: str) -> None:
    there, told = set(keys_of(found[name])), listed(name)
    assert told == sorted(told), "in order, so that a change is easy to read"
    assert {"new": sorted(there.difference(told)), "gone": sorted(set(told) - there)} == {"new": [], "gone": []}


@pytest.mark.parametrize("name", sorted(RECOUNTS))
def test_figures_are_those_of_the_crm_and_the_store(found: Found, name: str) -> None:
    RECOUNTS[name](found[name], found.worlds[name], [each for each in found["explain"] if "criteria" in each])


def test_the_consoles_strip_counts_the_leads_of_the_crm(found: Found) -> None:
    """What its first page tells beside the answer of `status`."""
    status, world = found["status"][0]["connections"][0], found.worlds["status"]
    [strip] = found.populations
    there = [STAGES.get(each["stage"]) for each in world.leads.values()]
    assert {rung.stage: rung.leads for rung in strip.rungs if rung.leads} == counted(there)
    assert strip.leads == status["leads"] == len(there)
    assert strip.unmanaged == there.count(None) > 0


@pytest.mark.parametrize("name", sorted(report.commands))
def test_every_form_of_a_report_shows_the_numbers_of_its_json(found: Found, name: str) -> None:
    answer = found[f"report-{name}"][0]
    assert {form: unknown(name, form, text, answer) for form, text in found.forms[name].items()} == {
        form: set() for form in found.forms[name]
    }


def shipped(name: str) -> Any:
    return json.loads((SCHEMAS / f"{LIKE.get(name, name)}.json").read_text(encoding="utf-8"))


def right(schema: Any) -> Draft202012Validator:
    return Draft202012Validator(schema, format_checker=FORMATS)


def complaints(schema: Any, answer: Any) -> list[str]:
    return [error.json_path for error in right(schema).iter_errors(answer)]


@pytest.mark.parametrize("name", sorted(path.stem for path in LISTS.glob("*.txt")))
def test_answers_are_as_their_schemas_say(found: Found, name: str) -> None:
    closed = ANSWERS[LIKE.get(name, name)].model.model_json_schema()
    for answer in found[name]:
        assert complaints(shipped(name), answer) == []
        assert complaints(closed, answer) == [], "a key that the schema does not tell"


def places(value: Any, place: str = "") -> Iterator[tuple[str, Any, Any]]:
    """(path, container, key) of every value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    named = any(re.fullmatch(pattern, place) for pattern in NAMED)
    for key, inner in inside:
        path = f"{place}[]" if isinstance(value, list) else ".".join(filter(None, (place, "*" if named else key)))
        yield path, value, key
        yield from places(inner, path)


def shortened(value: Any) -> Any:
    """The same answer with one item of each list, so that it is looked through quickly."""
    if isinstance(value, list) and any(isinstance(each, dict | list) for each in value):
        return [shortened(each) for each in value[:1]]
    return {key: shortened(each) for key, each in value.items()} if isinstance(value, dict) else value


def test_a_value_of_another_kind_and_a_lacking_key_are_seen(found: Found) -> None:
    for name in found.names():
        answer, schema, seen = shortened(found[name][-1]), right(shipped(name)), set[str]()
        for path, container, key in list(places(answer)):
            path = re.sub(r"(\.parts\[\])+(?=\.parts)", "", path)  # noqa: PLW2901 - as `keys_of` tells them
            if path in seen or path.endswith("[]"):
                continue
            seen.add(path)
            kept, container[key] = container[key], [[0.5]]
            assert not schema.is_valid(answer), f"{name}: {path} may be anything"
            container[key] = kept
            if not path.endswith("*") and not any(re.fullmatch(pattern, path) for pattern in LEFT_OUT):
                del container[key]
                assert not schema.is_valid(answer), f"{name}: {path} may be lacking"
                container[key] = kept


def json_commands(command: click.Command, *path: str) -> Iterator[str]:
    """Commands that have `--format json`, as their schemas are called."""
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            inner = command.get_command(click.Context(command), name)
            assert inner is not None
            yield from json_commands(inner, *path, name)
    forms = [option.type.choices for option in command.params if isinstance(option.type, click.Choice)]
    if path and any("json" in choices for choices in forms):
        yield "-".join(path)


def test_every_json_answer_has_a_schema_that_is_printed(found: Found) -> None:
    """`policy show` and `schema` answer with a policy and with a schema."""
    answering = {LIKE.get(name, name) for name in json_commands(cli)} - {"policy-show", "schema"}
    assert answering | {"counters"} == set(ANSWERS) == set(SHOWN)
    assert {LIKE.get(name, name) for name in found.names()} == set(ANSWERS)


def test_a_key_that_comes_or_goes_is_seen() -> None:
    answer = {"format": 1, "plans": [{"stages": {"sql": 3, "mql": 4}, "guards": [{"name": "x"}], "notes": []}]}
    right = ["format", "plans", "plans[]", "plans[].guards", "plans[].guards[]", "plans[].guards[].name",
             "plans[].notes", "plans[].stages", "plans[].stages.*"]  # fmt: skip
    assert keys_of([answer]) == right
    answer["plans"][0]["guards"][0]["limit"] = None  # type: ignore[index]
    assert set(keys_of([answer])) - set(right) == {"plans[].guards[].limit"}
