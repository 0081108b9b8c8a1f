"""Every answer that names a lead links to its record, and the link leads to the record's page in a practice CRM."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message
from typing import Any

import pytest
from rehearsal import CRMS, Rehearsal, rehearsal, write_world
from small_world import USERS, activity, lead

NAME = '<b>Naughty</b> & "quoted" | name'


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    folder = tmp_path_factory.mktemp("links")
    leads = [lead("sql-1"), lead("mql-1", company=NAME), lead("lead-1")]
    asked = [activity("sql-1", "consultation_request"), activity("mql-1", "form_submission")]
    world = write_world(folder / "world", USERS, leads, asked)
    with rehearsal(folder / "here", "--import", str(world)) as crm:
        yield crm


def page(url: str, **headers: str) -> tuple[int, Message, str]:
    request = urllib.request.Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=300) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers, refused.read().decode()


def urls(value: Any) -> Iterator[tuple[str, str | None]]:
    """Each lead of an answer, and its address."""
    if isinstance(value, dict):
        if isinstance(value.get("lead"), str) and "url" in value:
            yield value["lead"], value["url"]
        for inner in value.values():
            yield from urls(inner)
    if isinstance(value, list):
        for inner in value:
            yield from urls(inner)


@pytest.mark.breadth
@pytest.mark.parametrize("crm", CRMS)
def test_every_answer_links_to_the_records_page(here: Rehearsal, crm: str) -> None:
    natives = here.native(crm)
    answers = [
        here.json("run", crm, "--dry-run"),
        here.json("report", "worklist", crm, "--stage", "lead"),
        here.json("report", "near-miss", crm, "--quiet-days", "0", "--points", "1000"),
        json.loads(here.crmsync("explain", crm, natives["sql-1"], "--format", "json").stdout),
        here.json("hold", natives["lead-1"], crm, "--until", "2099-01-01", "--why", "a test"),
        here.json("holds", crm),
    ]
    here.json("hold", natives["lead-1"], crm, "--release")
    for answer in answers:
        found = dict(urls(answer))
        assert found
        for native, url in found.items():
            assert url is not None
            assert url.startswith(f"{here.urls[crm]}/")
            assert native in url
            status, _, text = page(url)
            assert status == 200, url
            assert native in text
    table = next(iter(csv.DictReader(io.StringIO(here.crmsync("run", crm, "--dry-run", "--format", "csv").stdout))))
    assert table["url"] == dict(urls(answers[0]))[table["lead"]]
    for form in ("markdown", "html"):
        told = here.crmsync("run", crm, "--dry-run", "--format", form).stdout
        assert all(str(url) in told for _, url in urls(answers[0]))


@pytest.mark.parametrize("crm", CRMS)
def test_a_page_is_a_look_that_counts_as_no_call(here: Rehearsal, crm: str) -> None:
    natives = here.native(crm)
    url = dict(urls(here.json("run", crm, "--dry-run")))[natives["mql-1"]]
    calls, writes = here.calls(crm), here.writes(crm)
    here.control(crm, "faults", "PUT", {"rules": [{"path": ".*", "status": 500}]})
    try:
        status, headers, text = page(str(url))
    finally:
        here.control(crm, "faults", "DELETE")
    assert status == 200
    assert "&lt;b&gt;Naughty" in text
    assert "<b>" not in text
    assert "frame-ancestors 'none'" in str(headers["content-security-policy"])
    assert (here.calls(crm), here.writes(crm)) == (calls, writes)
    native = natives["mql-1"]
    nobody = f"{native[:12]}999" if crm == "salesforce" else "999999999999"
    assert page(str(url).replace(f"/{native}", f"/{nobody}"))[0] == 404


@pytest.mark.parametrize("crm", CRMS)
def test_stage_and_owner_stand_on_top_of_a_page_in_words(here: Rehearsal, crm: str) -> None:
    url = str(dict(urls(here.json("run", crm, "--dry-run")))[here.native(crm)["sql-1"]])
    rows = [html.unescape(row) for row in re.findall("<tr>(.*?)</tr>", page(url)[2])]
    stage, owner = rows[:2]
    assert {"salesforce": "<code>Status<", "hubspot": "<code>lifecyclestage<"}[crm] in stage
    assert {"salesforce": "<code>OwnerId<", "hubspot": "<code>hubspot_owner_id<"}[crm] in owner
    assert re.search(r"<td>[^<(]*[A-Za-z][^<(]* \(\w+\)</td>", owner), owner
    assert re.search(r"<td>[A-Z]", stage), stage


@pytest.mark.breadth
@pytest.mark.parametrize("crm", CRMS)
def test_a_link_may_stand_anywhere_and_no_other_site_reads_the_page(here: Rehearsal, crm: str) -> None:
    url = str(dict(urls(here.json("run", crm, "--dry-run")))[here.native(crm)["sql-1"]])
    clicked = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}
    assert page(url, **clicked)[0] == 200
    assert page(url, **{**clicked, "Sec_Fetch_Dest": "iframe"})[0] == 403
    assert page(url, **{**clicked, "Sec_Fetch_Mode": "no-cors"})[0] == 403
    assert page(url, Origin="https://evil.example")[0] == 403
    assert page(url, Host="evil.example")[0] == 421
    assert page(f"{here.urls[crm]}/_practice/state", **clicked)[0] == 403


@pytest.mark.breadth
def test_formats_stand_in_a_file_as_on_stdout_and_csv_tells_the_rest_beside(here: Rehearsal) -> None:
    for form in ("markdown", "html", "csv"):
        done = here.crmsync("run", "hubspot", "--dry-run", "--limit", "1", "--format", form, "--out", f"plan.{form}")
        assert done.returncode == 0, done.stderr
        assert here.file(f"plan.{form}").read_text(encoding="utf-8") == done.stdout
        told = done.stderr if form == "csv" else done.stdout
        assert "left out would change as well" in told
    left = here.native("hubspot", "users")["bdr-1"]
    done = here.crmsync("redistribute", "hubspot", "--from", left, "--dry-run", "--format", "markdown")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("## hubspot: ")
