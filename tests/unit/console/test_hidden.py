"""Whoever may not read personal data reads none: every page and file of a store whose every free text is marked.

The pages are those of the route table, so that a new one is looked at, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from itertools import product
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from crmsync.connection.snapshot import Snapshot
from crmsync.console.reports import REPORTS
from crmsync.console.routes import FILES, FORMS, PAGES
from crmsync.contract import Choice, CrmUser, NativeField, Org
from crmsync.hand_off import HandOffEvent
from crmsync.model import HandOffStep, NewRecord, Routing, SetAside
from crmsync.settings import load_settings
from crmsync.store import Hold, NewPlan, Overruling, Pulled, Settlement, Store
from crmsync.testing.store_frames import DAY, account, accounts, activities, activity, leads, unread
from crmsync.testing.store_frames import NOW as THEN
from crmsync.testing.store_frames import lead as row_of
from crmsync.testing.store_steps import change
from crmsync.values import replace
from suite.waiting import wait_until
from unit.console.signing_in import HERE, behind_sign_in, let_in, sign_in, small_configuration, token_in
from unit.console.test_plan import planned, told

MARK = "Zqzq"
"""Begins every text that people wrote or that is of a person; but for e-mails."""
MAIL = "kite1@firm1.example"
CONFIGURATION = {
    "crmsync.yaml": "format: 1\nconnections:\n  c: {connector: salesforce, mapping: mapping.yaml, writes: on}\n",
    "mapping.yaml": """\
format: 1
connector: salesforce
lead: {object: Lead, email: Email, created_at: CreatedDate, name: Name, company: Company}
owner: {field: OwnerId}
stage: {field: Status, values: {lead: Open, mql: Warm, sql: Called}}
facts:
  title: {field: Title, type: text}
  need: {field: Need__c, type: choice, values: {Hot: clear}}
  source: {field: LeadSource, type: text}
activities:
  - {object: Task, at: ActivityDate, by: OwnerId, kind: [{is: webinar, when: {Type: Webinar}}, {is: call}]}
""",
    "policy.yaml": """\
format: 1
name: Small
facts: {need: {type: choice, values: [none, clear]}, title: {type: text}}
criteria: {bossy: {fact: title, contains_any: [boss]}}
scores:
  priority: {rules: [{when: {activities: {kind: webinar}, at_least: 1}, points: 12}]}
priority: priority
ladder:
  - {stage: lead, label: Beginning}
  - {stage: mql, label: Warmed up, when: {any: [{fact: title, contains_any: [boss]}, {activities: {kind: call}}]}}
  - {stage: sql, label: Called, when: {all: [{fact: title, contains_any: [boss]}, {fact: need, is: clear}]}}
hand_off:
  stage: sql
  first_touch: {within_hours: 4}
""",
    "roster.yaml": """\
format: 1
people:
  - {user: anna, role: ae}
  - {user: ben, role: ae}
  - {user: bob, role: bdr}
pools: {aes: {role: ae}, bdrs: {role: bdr}}
rules:
  hand_off: [{strategy: account_owner, pool: aes}, {strategy: round_robin, pool: aes}]
  new_lead: [{when: bossy, pool: bdrs}]
""",
}


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hidden")
    for name, text in CONFIGURATION.items():
        (folder / name).write_text(text, encoding="utf-8")
    made = folder / "crmsync.yaml"
    let_in(made, console="{personal_data: hidden_from_viewers}")
    with closing(Store(load_settings(made).store)) as store:
        filled(store)
    return made


def filled(store: Store) -> None:
    """Whatever a store can hold of a lead, marked."""
    seen_of_the_crm(store)
    pulled(store)
    wrote(store)
    planned_and_noted(store)


def seen_of_the_crm(store: Store) -> None:
    fields = tuple(
        NativeField(name, name, kind, True, options, kind=kind)  # type: ignore[arg-type]
        for name, kind, options in (
            ("Status", "choice", tuple(Choice(each, each) for each in ("Open", "Warm", "Called"))),
            ("Need__c", "choice", (Choice("Hot", "Hot"),)),
            ("Title", "text", ()),
            ("LeadSource", "text", ()),
            *((name, "text", ()) for name in ("Email", "Name", "Company")),
            ("CreatedDate", "datetime", ()),
            ("OwnerId", "reference", ()),
        )
    )
    users = tuple(CrmUser(name, name.title(), f"{name}@ours.example") for name in ("anna", "ben", "bob"))
    store.runs.set_snapshot("c", Snapshot(Org("o", "Firm", "UTC"), users, fields, lead_object="Lead").to_text())


def pulled(store: Store) -> None:
    rows = [
        row_of(f"00{number}", stage=stage, owner=owner)
        | {name: f"{MARK} kite {name} {number}" for name in ("name", "company")}
        | {"email": f"kite{number}@firm{number}.example", "fact.title": f"{MARK} boss", "fact.need": "clear"}
        | {"fact.source": "fair"}
        for number, stage, owner in ((1, "mql", "anna"), (2, "sql", "anna"), (3, "lead", None), (4, None, "ben"))
    ]
    happened = [
        activity(str(number), f"00{number}", kind, by="anna", subject=f"{MARK} subject", about=f"{MARK} about")
        for number, kind in product((1, 2, 3, 4), ("call", "webinar"))
    ]
    happened = [{**each, "activity": f"Task:{number}"} for number, each in enumerate(happened)]
    part = Pulled(
        accounts=accounts(account("1", name=f"{MARK} account", domain="firm1.example")),
        leads=leads(*rows),
        activities=activities(*happened),
        unread=unread(("Lead:001", "001", "fact", "need", "Need__c", f"{MARK} unread")),
        cursors={"Lead": "end"},
    )
    store.facts.remember("c", [part], today=DAY)


def wrote(store: Store) -> None:
    """A run that was refused one lead, set another aside, and handed a third off; and its return."""
    run = store.runs.start("c", dry_run=False, now=THEN, kind="run", by="ann")
    task = NewRecord("Task", {"Subject": f"{MARK} task"}, ("Subject",))
    changes = [
        replace(
            change(f"00{number}"),
            hand_off=HandOffStep("handed", 1, "bob"),
            creates=(task,),
            routing=Routing("their turn", "aes", 0, 1, (("ben", "away"),)),
            writes={"Status": ("mql", "sql"), "Phone": (f"{MARK} before", f"{MARK} after")},
        )
        for number in (1, 2)
    ]
    store.journal.intend("c", run, changes, {}, now=THEN)
    over = (Overruling("001", "owner", "anna", "ben"),)
    ends = [
        Settlement("001", "refused", f"{MARK} message", overruled=over),
        Settlement("002", "written", made=("Task:9",)),
    ]
    store.journal.record_outcomes("c", ends, now=THEN, today=DAY)
    aside = [SetAside("003", f"`Need__c` is {MARK} aside")]
    store.runs.end("c", run, exit_code=4, counts={"changes": 2, "set_aside": 1, "written": 1}, now=THEN, aside=aside)
    for each in store.hand_offs.read("c"):
        store.hand_offs.record("c", [HandOffEvent(each.id, touched_at=THEN)])
    back = replace(
        change("002", stage="sql", owner="bob"), hand_off=HandOffStep("returned", 1, "bob", f"{MARK} returned")
    )
    again = store.runs.start("c", dry_run=False, now=THEN, kind="run", by="ann")
    store.journal.intend("c", again, [back], {}, now=THEN)
    store.journal.record_outcomes("c", [Settlement("002", "written")], now=THEN, today=DAY)
    store.runs.end("c", again, exit_code=0, counts={"changes": 1, "written": 1}, now=THEN)


def planned_and_noted(store: Store) -> None:
    store.left_alone.hold("c", Hold("003", DAY.replace(year=2999), f"{MARK} held", "ada", THEN))
    plan = told(
        notes=["1 lead is held"],
        set_aside=[{"lead": "003", "reason": f"{MARK} aside", "url": None}],
    )
    rows_of_plan = [planned(number) for number in (1, 2)]
    for row in rows_of_plan:
        row.change["writes"]["Phone"] = {"before": f"{MARK} before", "after": f"{MARK} after"}
        row.change["creates"] = [{"object": "Task", "values": {"Subject": f"{MARK} task"}}]
        row.change["records"] = [
            {"object": "Contact", "id": "003x", "writes": {"Phone": {"before": None, "after": MARK}}}
        ]
    store.plans.keep("c", NewPlan("run", 1, None, "digest", "ada", plan), rows_of_plan, now=THEN)
    for what in ("plan_approved", "lead_released", "file_changed"):
        about = {"file": "policy.yaml", "before": "a", "after": "b"} if what == "file_changed" else {"lead": "001"}
        store.console.note(what, now=THEN, person="ada", connection="c", reason=f"{MARK} reason", about=about)


NAMES = {
    "connection": ["c"],
    "lead": ["001", "003", MAIL],
    "run": ["1", "2"],
    "person": ["anna"],
    "report": list(REPORTS),
    "form": ["html", "csv", "json"],
}
ASKED = {
    "/leads": ["?sought=kite", "?sought=00"],
    "/plan/{connection}": ["?words=kite", "?order=name&all=yes"],
    "/routing": ["?lead=001", f"?lead={MAIL}"],
    "/runs": ["?connection=c", "?connection=nowhere"],
    "/reports/{report}": ["?by=title", "?by=source&credit=last"],
    "/reports/{report}/{form}": ["?by=title"],
}
WRITTEN = ("kite name", "kite company", "boss", "about", "task", "before", "after", "message", "aside", "returned",
           "held", "reason")  # fmt: skip


def addresses(path: str) -> Iterator[str]:
    """A page of the table with what it can be about; a new name in braces has to be told above."""
    names = re.findall(r"{(\w+)(?::path)?}", path)
    for values in product(*(NAMES[name] for name in names)):
        made = path.replace(":path", "")
        for name, value in zip(names, values, strict=True):
            made = made.replace(f"{{{name}}}", value)
        yield from (made + asked for asked in ("", *ASKED.get(path, ())))


def got(browser: TestClient, address: str, **headers: str) -> str:
    """What is answered once nothing is being computed for it any more, and where it leads."""
    a_file = address.startswith("/reports/") and address.count("/") == 3

    def there() -> str:
        answer = browser.get(address, headers={name.replace("_", "-"): value for name, value in headers.items()})
        if 'hx-trigger="load delay' in answer.text or (a_file and answer.status_code == 303):
            return ""
        assert answer.status_code in (200, 303, 403, 404), f"{address}: {answer.text}"
        return f"{answer.text} {answer.headers.get('Location', '')}"

    return str(wait_until(there, what=address))


def entered(config: Path, name: str) -> TestClient:
    browser = behind_sign_in(config, lambda: THEN)
    assert sign_in(browser, name) == 303
    return browser


def told_of(text: str, asked: str) -> bool:
    """Whether it holds what is hidden. What readers have sent comes back to them, and tells them nothing."""
    return MARK in text or ("@firm" in text and MAIL not in asked)


def test_no_page_tells_a_viewer_what_is_hidden_from_them(config: Path) -> None:
    browser = entered(config, "vic")
    seen = {address: got(browser, address) for path in (*PAGES, *FILES) for address in addresses(path)}
    seen |= {f"part of {it}": got(browser, it, hx_request="true") for it in seen if "/reports/" not in it}
    assert [address for address, text in seen.items() if told_of(text, address)] == []
    assert "sent back" in seen["/reports/scorecard?by=source&credit=last"].lower()
    assert "(hidden)" in seen["/reports/scorecard"]


def test_no_form_tells_a_viewer_what_is_hidden_from_them(config: Path) -> None:
    browser = entered(config, "vic")
    token = token_in(browser.get("/").text)
    for path in FORMS:
        for address in addresses(path):
            answer = browser.post(address, data={"csrf": token, "lead": "001"}, headers={"Origin": HERE})
            assert (answer.status_code, told_of(answer.text, address)) == (403, False), address


def test_all_of_it_is_told_to_an_admin(config: Path) -> None:
    """Else the pages would be without it for another reason."""
    browser = entered(config, "ada")
    pages = (
        "/leads/c/001",
        "/leads/c/003",
        "/runs/1",
        "/plan/c",
        "/plan/c/changes/001",
        "/reports/scorecard",
        "/log",
    )
    seen = " ".join(got(browser, each) for each in pages)
    assert [each for each in WRITTEN if f"{MARK} {each}" not in seen] == []
    assert "kite1@firm1.example" in got(browser, f"/routing?lead={MAIL}")


def test_a_viewer_finds_a_lead_by_its_id_alone(tmp_path: Path) -> None:
    """In the form that reports of the CRM have it, too; and by no address that holds the id."""
    made, whole = small_configuration(tmp_path, "{personal_data: hidden_from_viewers}"), "00Q000000000001EAA"
    with closing(Store(load_settings(made).store)) as store:
        rows = [row_of(lead) | {"email": f"{lead}@firm.example"} for lead in (whole, "1")]
        part = Pulled(accounts=accounts(), leads=leads(*rows), activities=activities(), unread=unread(), cursors={})
        store.facts.remember("c", [part], today=DAY)
    browser = entered(made, "vic")
    for sought in (whole, whole[:15]):
        assert browser.get(f"/leads?sought={sought}").headers["Location"] == f"/leads/c/{whole}"
    for sought in ("1@firm.example", "firm", f"{whole}@firm.example"):
        assert "/leads/c/" not in got(browser, f"/leads?sought={sought}")
