"""Texts of a CRM and of files as they may be: labels of fields and options, names of people, teams and queues.

Whatever they hold, pages have the elements that they have of harmless ones, and no other.
"""

from __future__ import annotations

import json
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from crmsync.connection.snapshot import Snapshot
from crmsync.contract import Choice, CrmUser, NativeField, Org
from crmsync.settings import load_settings
from crmsync.store import Pulled, Store
from crmsync.testing.store_frames import DAY, NOW, leads
from crmsync.testing.store_frames import lead as row_of
from crmsync.testing.store_steps import change
from crmsync.values import replace
from suite.naughty import NAUGHTY
from unit.console.signing_in import behind_sign_in, let_in, sign_in
from unit.console.test_plan import keep

TEXTS = tuple(text.encode("utf-8", "replace").decode("utf-8").replace("\0", "") for text in NAUGHTY)
LEADS_ON = {"href", "src", "action", "formaction", "hx-get", "hx-post"}
OPTIONS = 190
"""So many of a field are set side by side."""
CONFIGURATION = {
    "crmsync.yaml": "format: 1\nconnections:\n  c: {connector: salesforce, mapping: mapping.yaml}\n",
    "mapping.yaml": """\
format: 1
connector: salesforce
lead: {object: Lead, email: Email, created_at: CreatedDate}
owner: {field: OwnerId}
stage: {field: Status, values: {lead: Open}}
facts:
  need: {field: Need__c, type: choice, values: {Hot: clear}}
  source: {field: Source, type: text}
""",
    "policy.yaml": "format: 1\nname: Small\nfacts: {need: {type: choice, values: [none, clear]}}\n"
    "ladder:\n  - {stage: lead, label: Beginning}\n",
}
PAGES = ("/", "/mapping/c", "/routing", "/plan/c", "/plan/c/changes/001", "/runs/1", "/leads/c/001", "/settings",
         "/reports/near-miss?connection=c", "/reports/sales?connection=c", "/reports/worklist")  # fmt: skip


class Shape(HTMLParser):
    """Elements with their attributes' names; and addresses that run something."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[tuple[str, ...]] = set()
        self.runs: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen |= {(tag, name) for name, _ in attrs} | {(tag,)}
        for name, told in attrs:
            if name in LEADS_ON and (told or "").strip().lower().startswith(("javascript", "data", "vbscript")):
                self.runs.append(f"{name}={told}")


def shapes(folder: Path, texts: tuple[str, ...]) -> dict[str, Shape]:
    """Each page of a firm whose CRM and files say these texts."""
    folder.mkdir()
    people = [
        {
            "user": f"u{number}",
            "role": "ae",
            **({"team": text.strip()[:60]} if text.strip() and text.isprintable() else {}),
        }
        for number, text in enumerate(texts)
    ]
    rules = {"otherwise": {"queue": texts[0]}}
    roster = json.dumps({"format": 1, "people": people, "rules": rules}, ensure_ascii=False)
    for name, text in {**CONFIGURATION, "roster.yaml": roster}.items():
        (folder / name).write_text(text, encoding="utf-8")
    config = folder / "crmsync.yaml"
    let_in(config)
    some = texts[:OPTIONS]
    options = tuple(Choice(f"o{number}{text}", text) for number, text in enumerate(some))
    fields = tuple(
        NativeField(name, text, "picklist", True, (*options, Choice("Open", "Open")), kind="choice")
        for name, text in zip(("Status", "Need__c", "Source"), texts[3:], strict=False)
    )
    plain = {"Email": "text", "CreatedDate": "datetime", "OwnerId": "reference"}
    fields += tuple(
        NativeField(name, text, kind, True, kind=kind)  # type: ignore[arg-type]
        for (name, kind), text in zip(plain.items(), texts[6:], strict=False)
    )
    users = tuple(CrmUser(f"u{number}", text, f"u{number}@x.example") for number, text in enumerate(texts))
    queue = CrmUser("q1", texts[0], kind="queue")
    with closing(Store(load_settings(config).store)) as store:
        snapshot = Snapshot(Org("o", texts[1], "UTC"), (*users, queue), fields, lead_object="Lead")
        store.runs.set_snapshot("c", snapshot.to_text())
        rows = [
            row_of(f"{number:03}") | {"name": text, "company": text, "owner": f"u{number}"}
            for number, text in enumerate(texts)
        ]
        store.facts.remember("c", [Pulled(leads=leads(*rows), cursors={"Lead": "end"})], today=DAY)
        run = store.runs.start("c", dry_run=False, now=NOW, kind="run", by=texts[2])
        moved = [replace(change(f"{number:03}"), owner_after=f"u{number + 1}") for number in range(len(some))]
        store.journal.intend("c", run, moved, {}, now=NOW)
        store.runs.end("c", run, exit_code=0, counts={"changes": len(some)}, now=NOW)
    keep(config, 60, notes=[f"1 lead is held ({text})" for text in some[:60]])
    browser = behind_sign_in(config)
    assert sign_in(browser, "ada") == 303
    return {path: shape_of(browser, path) for path in PAGES}


def shape_of(browser: TestClient, path: str) -> Shape:
    for _ in range(400):
        answer = browser.get(path)
        if 'hx-trigger="load delay' not in answer.text:
            break
    assert answer.status_code == 200, f"{path}: {answer.text[-900:]}"
    shape = Shape()
    shape.feed(answer.text)
    return shape


@pytest.mark.breadth
@pytest.mark.parametrize("part", range(3))
def test_pages_of_naughty_texts_have_no_other_elements(tmp_path: Path, part: int) -> None:
    some = TEXTS[part::3]
    harmless = shapes(tmp_path / "harmless", tuple(f"Zq {number}" for number in range(len(some))))
    for path, shape in shapes(tmp_path / "naughty", some).items():
        assert shape.seen - harmless[path].seen == set(), path
        assert shape.runs == [], path
