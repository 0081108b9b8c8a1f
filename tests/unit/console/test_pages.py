"""What pages tell, from a store that a run has filled; no browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest
from starlette.testclient import TestClient

from crmsync.cli.report import report
from crmsync.clock import now
from crmsync.connection.snapshot import Snapshot
from crmsync.console import OneAddress, Site, answering, application
from crmsync.console.access import Looking
from crmsync.console.background import StillComputing
from crmsync.console.pages import reports as report_pages
from crmsync.console.report_choices import Field, fields
from crmsync.console.reports import REPORTS
from crmsync.console.templating import environment, filled
from crmsync.contract import Choice, NativeField, Org
from crmsync.languages.known import Language
from crmsync.languages.tongues import tongue_of
from crmsync.model import SetAside
from crmsync.schedule import first_due
from crmsync.settings import KeptSettings, Role, load_settings
from crmsync.store import Breach, Pulled, Settlement, Store
from crmsync.testing.store_frames import DAY, leads
from crmsync.testing.store_frames import lead as row_of
from crmsync.testing.store_steps import change, settle
from crmsync.tongue import ENGLISH, Tongue
from crmsync.values import replace
from suite.naughty import NAUGHTY
from unit.console.signing_in import behind_sign_in, let_in, sign_in
from unit.console.test_plan import keep

TEXTS = tuple(text.encode("utf-8", "replace").decode("utf-8").replace("\0", "") for text in NAUGHTY)
NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
MAPPING = """
format: 1
connector: salesforce
lead: {object: Lead, email: Email, created_at: CreatedDate}
owner: {field: OwnerId}
stage: {field: Status, values: {lead: Open, mql: Warm}}
facts: {}
"""
POLICY = """
format: 1
name: Small
ladder:
  - {stage: lead, label: Beginning}
  - {stage: mql, label: Warmed up, when: {activities: {kind: demo_request}, at_least: 1}}
"""


@pytest.fixture
def here(tmp_path: Path) -> Path:
    texts = {
        "crmsync.yaml": "format: 1\nconnections:\n  c: {connector: salesforce, mapping: mapping.yaml, writes: on}\n",
        "mapping.yaml": MAPPING,
        "policy.yaml": POLICY,
        "roster.yaml": "format: 1\npeople:\n  - {user: ann, role: ae}\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / "crmsync.yaml"


@pytest.fixture
def store(here: Path) -> Iterator[Store]:
    opened = Store(load_settings(here).store)
    yield opened
    opened.close()


def lead(number: str, **more: object) -> dict[str, Any]:
    return row_of(number) | more


def client(here: Path, language: Language | None = None, role: Role | None = None) -> TestClient:
    """`role`: of whoever came by the console's one address; null = everybody looks."""
    access = Looking() if role is None else OneAddress(role, "ada")
    site = Site(KeptSettings(here), now, first_due, language, access)
    browser = TestClient(application(site), base_url="http://127.0.0.1", follow_redirects=False)
    if isinstance(access, OneAddress):
        assert browser.get(f"/{access.path}").status_code == 303
    return browser


def words(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def ended(store: Store, code: int, **more: object) -> int:
    run = store.runs.start("c", dry_run=False, now=NOW, kind="run", by="ann")
    store.runs.end("c", run, exit_code=code, counts={"read": 3, "changes": 2}, now=NOW, **more)  # type: ignore[arg-type]
    return run


def test_before_the_first_run_every_page_says_so(here: Path) -> None:
    asked = client(here)
    assert "none yet" in words(asked.get("/").text)
    assert "never read" in words(asked.get("/").text)
    assert "all is understood" not in asked.get("/").text
    assert "No run yet." in words(asked.get("/runs").text)
    for path in ("/leads", "/leads?sought=anna"):
        page = asked.get(path).text
        assert "No lead has been read yet." in page, "nobody is told to write more of the name"
        assert '<a href="/plan/c">Make the plan of c, which reads the CRM</a>' in page
    assert 'hx-get="/first-to-contact' not in asked.get("/").text  # it would read the CRM
    assert asked.get("/first-to-contact/c").status_code == 404
    assert asked.get("/leads/c/nobody").status_code == 404
    for number in ("7", "9" * 19, "9" * 5_000, "x"):
        answer = asked.get(f"/runs/{number}")
        assert (answer.status_code, "no run" in answer.text) == (404, True)
        assert asked.get(f"/runs?show={number}").status_code == 200


def test_home_tells_what_status_tells(here: Path, store: Store) -> None:
    store.facts.remember("c", [Pulled(leads=leads(lead("1", stage="mql"), lead("2", stage=None)))], today=DAY)
    ended(store, 3, breaches=(Breach("owner_changes", 9, 5),))
    page = words(client(here).get("/").text)
    for told in ("2 things need a person", "owner_changes", "of 2 leads", "Warmed up 1", "no stage of the policy 1"):
        assert told in page


def test_a_connection_that_is_not_configured_is_refused(here: Path) -> None:
    answer = client(here).get("/runs?connection=elsewhere")
    assert answer.status_code == 404
    assert "No connection elsewhere is configured" in words(answer.text)


def test_runs_are_listed_and_opened_page_by_page(here: Path, store: Store) -> None:
    names = [f"{number:03}" for number in range(120)]
    store.facts.remember("c", [Pulled(leads=leads(*(lead(name, name=f"Lead {name}") for name in names)))], today=DAY)
    run = store.runs.start("c", dry_run=False, now=NOW, kind="run", by="ann")
    store.journal.intend("c", run, [change(name) for name in names], {}, now=NOW)
    store.runs.end("c", run, exit_code=4, counts={"changes": 120}, now=NOW)
    asked = client(here)
    assert f'href="/runs/{run}"' in asked.get("/runs").text
    seen: list[str] = []
    address = f"/runs/{run}"
    for _ in range(3):
        text = asked.get(address).text
        seen += re.findall(r"/leads/c/(\d+)", text)
        address = unescape((re.findall(r'href="(/runs/\d+\?after=[^"]+)"', text) or [""])[0])
    assert seen == names
    assert address == ""


def test_the_journal_tells_values_as_the_crm_calls_them(here: Path, store: Store) -> None:
    """HubSpot's own stages are numbers."""
    stages = tuple(Choice(value, label) for value, label in (("mql", "Warm"), ("sql", "Called <twice>")))
    snapshot = Snapshot(Org("o", "Firm", "UTC"), (), (NativeField("Status", "Status", "picklist", True, stages),))
    store.runs.set_snapshot("c", snapshot.to_text())
    store.facts.remember("c", [Pulled(leads=leads(lead("1")))], today=DAY)
    run = wrote(store, "1")
    assert "Warm → becomes Called <twice>" in words(client(here).get(f"/runs/{run}").text)


def wrote(store: Store, *names: str, undo_of: int | None = None, **more: Any) -> int:
    """A run that has written to these leads."""
    run = store.runs.start("c", dry_run=False, now=NOW, kind="undo" if undo_of else "run", undo_of=undo_of)
    store.journal.intend("c", run, [change(name) for name in names], {}, now=NOW)
    settle(store, *(Settlement(name, "written", "") for name in names))
    store.runs.end("c", run, exit_code=0, counts={"changes": len(names)}, now=NOW, **more)
    return run


def test_a_run_that_was_taken_back_says_by_which_and_offers_what_is_left(here: Path, store: Store) -> None:
    store.facts.remember("c", [Pulled(leads=leads(*(lead(name) for name in "12")))], today=DAY)
    asked, admin = client(here), client(here, role="approver")
    first = wrote(store, "1", "2")
    assert "Take it back" in admin.get(f"/runs/{first}").text
    assert "takes the place" not in admin.get(f"/runs/{first}").text
    keep(here, 3)
    assert "3 changes are open there" in admin.get(f"/runs/{first}").text
    part = wrote(store, "1", undo_of=first)
    page = words(admin.get(f"/runs/{first}").text)
    assert f"1 of 2 leads taken back: run {part} , 2026-11-16" in page
    assert "Take the rest back" in page
    assert "taken back in part" in words(asked.get("/runs").text)
    rest = wrote(store, "2", undo_of=first)
    page = words(admin.get(f"/runs/{first}").text)
    assert f"1 of 2 leads taken back: run {rest}" in page
    assert "Take" not in page
    assert f"crmsync undo {first}" not in asked.get(f"/runs/{first}").text
    assert "done taken back" in words(asked.get("/runs").text)
    assert "Take this undo back" in admin.get(f"/runs/{rest}").text
    wrote(store, "2", undo_of=rest)
    page = words(admin.get(f"/runs/{first}").text)
    assert f"run {rest}" not in page
    assert "Take the rest back" in page


def test_a_run_whose_owners_alone_were_taken_back_is_offered_for_the_rest(here: Path, store: Store) -> None:
    run = wrote(store, "1", "2")
    undo = store.runs.start("c", dry_run=False, now=NOW, kind="undo", undo_of=run)
    owners = [
        replace(change(name), stage_before="sql", owner_before="anna", owner_after=None, turn=None)
        for name in ("1", "2")
    ]
    store.journal.intend("c", undo, owners, {}, now=NOW)
    settle(store, *(Settlement(name, "written", "") for name in ("1", "2")))
    store.runs.end("c", undo, exit_code=0, counts={"changes": 2}, now=NOW)
    admin = client(here, role="admin")
    assert "Take the rest back" in admin.get(f"/runs/{run}").text
    assert "taken back in part" in words(admin.get("/runs").text)
    stages = store.runs.start("c", dry_run=False, now=NOW, kind="undo", undo_of=run)
    back = [replace(it, stage_before="sql", stage_after="mql", owner_before=None) for it in owners]
    store.journal.intend("c", stages, back, {}, now=NOW)
    settle(store, *(Settlement(name, "written", "") for name in ("1", "2")))
    store.runs.end("c", stages, exit_code=0, counts={"changes": 2}, now=NOW)
    assert "Take" not in words(admin.get(f"/runs/{run}").text).replace("Taken", "")
    assert "taken back in part" not in words(admin.get("/runs").text)


def test_what_a_run_set_aside_is_told_on_its_page_and_home_leads_there(here: Path, store: Store) -> None:
    store.facts.remember("c", [Pulled(leads=leads(lead("1", name="Eva Ash"), lead("2")))], today=DAY)
    run = wrote(store, "2", aside=[SetAside("1", "`OwnerId` was empty"), SetAside("9", "no owner")])
    store.runs.end("c", run, exit_code=4, counts={"set_aside": 2}, now=NOW)
    asked = client(here)
    page = asked.get(f"/runs/{run}").text
    assert '<a href="/leads/c/1">Eva Ash · Example</a>' in page
    assert "<code>OwnerId</code> was empty" in page
    assert "No owner" in page
    home = asked.get("/").text
    assert f'<a href="/runs/{run}#aside">Look at run {run}</a>' in home
    assert f'<a href="/runs/{run}#aside">2</a>' in asked.get("/runs").text
    old = ended(store, 4)
    store.runs.end("c", old, exit_code=4, counts={"set_aside": 3}, now=NOW)
    assert "not kept any more" in asked.get(f"/runs/{old}").text


def test_a_next_step_is_a_page_where_the_console_has_one(here: Path) -> None:
    """Commands say the same by a command."""
    asked = client(here)
    for path, told, way in (
        ("/runs/7", "There is no run 7", "/runs"),
        ("/reports/conflicts", "Nothing is stored of c yet", "/plan/c"),
    ):
        page = asked.get(path).text
        assert "anew" not in page
        assert told in page
        assert f'<p><a href="{way}">' in page, path
        assert "crmsync run" not in page
    assert '<a href="/plan/c">Make the plan</a>' in asked.get("/").text


def test_words_of_ours_begin_with_a_capital_and_show_code_as_code() -> None:
    made = environment()
    made.globals["text"] = "the fact `size` is <b>, `a` too"
    assert made.from_string("{{ text | sentence }}").render() == (
        "The fact <code>size</code> is &lt;b&gt;, <code>a</code> too"
    )
    for other in ("crmsync run says why", "00Q1 was empty", "`size` is", "aB is"):
        made.globals["text"] = other
        assert (
            made.from_string("{{ text | sentence }}").render().replace("<code>", "`").replace("</code>", "`") == other
        )
    made.globals["text"] = "ciò che è cambiato"
    assert made.from_string("{{ text | sentence }}").render() == "Ciò che è cambiato"


@pytest.mark.parametrize(
    ("sought", "found"),
    [("müll", ["1"]), ("MÜLL", ["1"]), ("öst ANN", ["2"]), ("ann@", ["2"]), ("100%", []), ("_", []), ("an zz", [])],
)
def test_leads_are_found_by_parts_of_what_they_are_called(
    here: Path, store: Store, sought: str, found: list[str]
) -> None:
    rows = (
        lead("1", name="Eva Müller", company="Post"),
        lead("2", name="Ann Ash", company="Öst AB", email="ann@x.example"),
    )
    store.facts.remember("c", [Pulled(leads=leads(*rows))], today=DAY)
    page = client(here).get("/leads", params={"sought": sought}, headers={"HX-Request": "true"}).text
    assert re.findall(r"/leads/c/(\d)", page) == found
    assert "<html" not in page


def test_the_only_lead_that_is_found_is_opened(here: Path, store: Store) -> None:
    store.facts.remember("c", [Pulled(leads=leads(lead("1", name="Eva Müller")))], today=DAY)
    answer = client(here).get("/leads", params={"sought": "müller"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/leads/c/1")


def test_texts_that_are_not_ours_stay_texts(here: Path, store: Store) -> None:
    rows = [lead(f"{number:03}", name=f"Zq{text}", company=text) for number, text in enumerate(TEXTS)]
    store.facts.remember("c", [Pulled(leads=leads(*rows))], today=DAY)
    asked = client(here)
    plain = set(re.findall(r"<[a-z]+", asked.get("/leads?sought=nobodyatall").text)) | {"<ul", "<small", "<li"}
    shown = 0
    for text in TEXTS[::6]:
        page = asked.get("/leads", params={"sought": f"Zq{text}"[:400]}).text
        assert set(re.findall(r"<[a-zA-Z]+", page)) <= plain, text
        shown += "/leads/c/" in page
    assert shown > 20


@pytest.mark.parametrize(
    ("language", "told"), [("de", "Läufe"), ("it", "Esecuzioni"), ("nb", "Kjøringer"), (None, "Runs")]
)
def test_pages_speak_the_readers_language(here: Path, language: Language | None, told: str) -> None:
    page = client(here, language).get("/runs").text
    assert f"<h1>{told}</h1>" in page
    assert f'<html lang="{language or "en"}"' in page


def test_what_there_is_not_is_told_in_the_frame_of_whoever_asks(here: Path) -> None:
    answer = client(here, "de").get("/nowhere")
    assert (answer.status_code, "Eine solche Seite gibt es nicht." in answer.text) == (404, True)
    assert '<a href="/runs">Läufe</a>' in answer.text
    let_in(here)
    stranger = behind_sign_in(here).get("/nowhere")
    assert (stranger.status_code, "/runs" in stranger.text) == (404, False)


def test_every_report_has_a_page() -> None:
    """That of the load is the page on routing."""
    assert set(REPORTS) | {"load"} == set(report.commands), "console/reports.py has an entry for each report"


EVERYWHERE = {"config", "form", "out", "language"}
ASKS_THE_CRM = {"no_ask"}
CALLED = {"within_days": "within", "quiet_days": "quiet", "stages": "stage"}


@pytest.mark.parametrize("name", REPORTS)
def test_what_a_reports_command_takes_can_be_chosen_on_its_page(name: str) -> None:
    options = {str(each.name) for each in report.commands[name].params if isinstance(each, click.Option)}
    wanted = {CALLED.get(each, each) for each in options - EVERYWHERE - ASKS_THE_CRM}
    told = "`choices` of the report's entry in console/reports.py are the options of its command, by their names"
    assert set(REPORTS[name].choices) == wanted, told


FACTS_TO_PART_BY = """facts:
  lead_source: {field: LeadSource, type: text}
  need: {field: Need__c, type: choice, values: {hot: clear}}
  need_detail: {field: Detail__c, type: text}
"""


def test_what_is_chosen_comes_from_the_policy_and_the_mapping(here: Path, store: Store) -> None:
    """Nobody is asked to choose where there is nothing to choose from."""
    with_facts = MAPPING.replace("facts: {}", FACTS_TO_PART_BY).replace("mql: Warm", "mql: {label: <warm>}")
    (here.parent / "mapping.yaml").write_text(with_facts, encoding="utf-8")
    settings = load_settings(here)
    stages = tuple(Choice(value, f"<{value}>") for value in ("Open", "Warm", "Closed Won"))
    snapshot = Snapshot(Org("o", "Firm", "UTC"), (), (NativeField("Status", "Status", "picklist", True, stages),))
    store.runs.set_snapshot("c", snapshot.to_text())

    def form(name: str, **asked: str) -> dict[str, Field]:
        page = REPORTS[name]
        chosen = page.chosen(asked, settings, "c")
        return {each.name: each for each in fields(page.choices, chosen, settings, "c", ENGLISH)}

    funnel = form("funnel", by="lead_source", since="2026-02-30", as_of="2026-03-01", within="1 OR 1")
    assert funnel["by"].options["lead_source"] == "lead source"
    assert {"need", "need_detail"} & set(funnel["by"].options) == {"need"}
    assert form("scorecard", by="need_detail")["by"].chosen == ""
    assert [funnel[each].chosen for each in ("by", "since", "as_of", "within")] == [
        "lead_source",
        "",
        "2026-03-01",
        "90",
    ]
    for no_day in ("0001-01-01", "9999-12-31", "2026-W48-1", "20260301"):
        assert form("funnel", as_of=no_day)["as_of"].chosen == ""
    near = form("near-miss", won="Closed Won", hand_over="sales")
    assert near["won"].options == {"": "not told", "Closed Won": "<Closed Won>"}
    assert near["won"].chosen == "Closed Won"
    assert "hand_over" not in near
    assert form("near-miss", won="Warm")["won"].chosen == ""
    assert form("worklist", stage="mql")["stage"].options["mql"] == "Warmed up"
    assert set(form("forecast")["stage"].options) == {"", "mql"}


@pytest.mark.parametrize("name", ["funnel", "scorecard"])
def test_nobody_from_whom_personal_data_is_hidden_parts_leads_by_what_their_fields_hold(
    here: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(report_pages, "_answer", lambda *_: StillComputing())
    monkeypatch.setattr(answering, "PATIENCE_SECONDS", 0.0)
    (here.parent / "mapping.yaml").write_text(MAPPING.replace("facts: {}", FACTS_TO_PART_BY), encoding="utf-8")
    let_in(here, console="{personal_data: hidden_from_viewers}")
    for who, may in (("vic", {"lead_source"}), ("app", {"lead_source", "need"})):
        browser = behind_sign_in(here)
        assert sign_in(browser, who) == 303
        page = browser.get(f"/reports/{name}?by=lead_source").text
        assert set(re.findall(r'option value="((?:lead_source|need\w*))"', page)) == may
        for path in (name, f"{name}/csv", f"{name}/json"):
            answer = browser.get(f"/reports/{path}?by=need")
            assert ("hidden from you" in answer.text) is (who == "vic"), (who, path)
            assert "hidden from you" not in browser.get(f"/reports/{path}?by=source").text


def test_what_brought_a_lead_back_is_hidden_and_days_are_the_readers() -> None:
    more = {"engaged_on": "2026-11-02", "engagement": ["demo_request"], "disqualified_since": "2026-10-01"}
    each = SimpleNamespace(
        lead="1", name="n", company="", stage_label="", priority=0, owner_name="", days_since_touch=None, more=more
    )
    listing = SimpleNamespace(name="returning", title="Back", note="", entries=(each,), total=1)
    tongue = tongue_of("de")
    for hidden in (False, True):
        page = near_misses_page(listing, tongue, hidden=hidden)
        assert ("Demo-Anfrage" in page, "02.11.2026" in page) == (not hidden, not hidden)
        assert "01.10.2026" in page


def near_misses_page(listing: SimpleNamespace, tongue: Tongue = ENGLISH, **more: object) -> str:
    given = {
        "page": REPORTS["near-miss"],
        "it": SimpleNamespace(listings=(listing,)),
        "standing": None,
        "fields": (),
        "query": "",
        "connections": ["c"],
        "connection": "c",
        "chosen": {"won": ""},
        "part": True,
        "hidden": False,
        "who": lambda _name, lead: lead,
        **more,
    }
    return filled(environment(tongue), "report_near_misses.html", given, tongue)


def test_nobody_is_told_to_choose_above_where_nothing_can_be_chosen() -> None:
    for unmanaged in ((), (("Nurturing", 7),)):
        listing = SimpleNamespace(
            name="won", title="Won", note="--won VALUE", entries=(), total=0, unmanaged=unmanaged
        )
        field = Field("won", "Won means", "one", {"": "not told", "Nurturing": "Nurturing"}, "")
        alone, beside = near_misses_page(listing), near_misses_page(listing, fields=(field,))
        assert ("Choose above" in alone, "Choose above" in beside) == (False, True)
        assert ("Nurturing (7)" in words(alone)) is bool(unmanaged)
        assert "--won" not in alone + beside
