"""What pages on routing, reports and settings tell of a firm that a run has read; no browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest
from markupsafe import escape
from rehearsal import Rehearsal, rehearsal
from starlette.testclient import TestClient

from crmsync.clock import now
from crmsync.console import Site, application
from crmsync.console.report_choices import VALUES
from crmsync.console.reports import REPORTS
from crmsync.schedule import first_due
from crmsync.settings import KeptSettings, load_settings
from crmsync.store import Store
from suite.waiting import wait_until

SECRETS = {
    "CRMSYNC_SALESFORCE_CLIENT_SECRET": "Zq-secret-of-salesforce-1",
    "CRMSYNC_SALESFORCE_CLIENT_ID": "Zq-id-of-salesforce-2",
    "CRMSYNC_ALERTS_OPS_URL": "https://hooks.example/Zq-secret-of-ops-3",
    "CRMSYNC_ALERTS_MAIL_PASSWORD": "Zq-password-of-mail-4",
    "CRMSYNC_WATCH_TOKEN": "Zq-token-of-watch-5",
    "CRMSYNC_HOOKS_SECRET": "Zq-secret-of-hooks-6",
}
MORE = """
alerts:
  channels:
    ops: {by: slack}
    mail: {by: email, server: mail.example, user: crmsync, from: crmsync@mail.example, to: ops@mail.example}
hooks: {listen: "127.0.0.1:9465"}
watch: {listen: "127.0.0.1:9464"}
"""


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """A practice org of sixty leads that one run has read and written."""
    with rehearsal(tmp_path_factory.mktemp("firm"), "--leads", "60", "--crm", "salesforce") as here:
        here.json("run", code=(0, 3))
        yield here


@pytest.fixture(scope="module")
def asked(firm: Rehearsal) -> TestClient:
    site = Site(KeptSettings(config_of(firm)), now, first_due)
    return TestClient(application(site), base_url="http://127.0.0.1", follow_redirects=False)


def config_of(firm: Rehearsal) -> Path:
    return firm.directory / "crmsync.yaml"


def there(asked: TestClient, path: str) -> str:
    """The page once what it asks for is computed."""

    def computed() -> str:
        answer = asked.get(path)
        assert answer.status_code == 200, words(answer.text)
        return "" if 'hx-trigger="load delay' in answer.text else answer.text

    return str(wait_until(computed, what=f"the end of what {path} asks for"))


def words(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def lead_of(firm: Rehearsal) -> str:
    settings = load_settings(config_of(firm))
    store = Store(settings.store)
    runs = store.runs.last("salesforce", limit=1)
    [entry] = store.journal.page("salesforce", runs[0].id, after=None, most=1)
    store.close()
    return entry.change.lead


def test_a_report_is_a_page_of_what_its_file_holds(asked: TestClient) -> None:
    index = words(asked.get("/reports").text)
    for report in REPORTS.values():
        page = there(asked, f"/reports/{report.name}")
        assert report.label in index
        assert f"<h1>{escape(report.label)}</h1>" in page
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|https?://(?!127\.0\.0\.1)", page), report.name
        for form in report.forms:
            answer = asked.get(f"/reports/{report.name}/{form}")
            assert answer.status_code == 200
            assert answer.headers["Content-Disposition"].endswith(f'{report.name}-salesforce.{form}"')
    assert "data-chart" in there(asked, "/reports/funnel")
    assert asked.get("/reports/funnel/json").json()["report"] == "funnel"
    assert asked.get("/reports/nothing").status_code == 404
    assert asked.get("/reports/conflicts/csv").status_code == 404


@pytest.mark.breadth
def test_what_may_not_be_chosen_counts_as_nothing(asked: TestClient) -> None:
    page = there(asked, "/reports/funnel?by=owner&within=1%20OR%201")
    assert 'value="owner" selected' in page
    assert 'value="90" selected' in page
    for report in REPORTS.values():
        for choice in report.choices.values():
            assert all(value in VALUES or value.isdigit() for value in choice.values)


def test_routing_is_drawn_and_a_leads_path_is_lit(asked: TestClient, firm: Rehearsal) -> None:
    page = asked.get("/routing").text
    assert page.count('<svg class="rules"') == 2
    for told in ("Takes leads now", "Turns: receivers", "Deviation"):
        assert told in words(page)
    path = there(asked, f"/routing/way/salesforce/{lead_of(firm)}")
    assert "What becomes of the lead" in words(path) or "No rule is asked" in words(path)
    for part in ("routing/way", "course"):
        assert asked.get(f"/{part}/salesforce/nobody").status_code == 404, f"nothing is computed: {part}"


def test_a_simulation_is_what_the_command_tries(asked: TestClient) -> None:
    assert "Made-up people instead" in words(asked.get("/routing/simulation").text)
    page = there(asked, "/routing/simulation?days=10&leads=40&people=3&sla=x&each=9999999999999")
    assert "3 made-up people · 10 days from" in words(page)
    assert 'name="each" type="number" min="0" max="480" value="10"' in page


def test_a_leads_ways_up_come_behind_its_page_and_are_those_of_explain(asked: TestClient, firm: Rehearsal) -> None:
    leads = sorted(firm.native("salesforce").values())
    told = next(told for lead in leads if (told := firm.json("explain", "salesforce", lead))["ways_up"])
    page = asked.get(f"/leads/salesforce/{told['lead']}").text
    assert f'hx-get="/ways/salesforce/{told["lead"]}"' in page
    assert not any(step in words(page) for way in told["ways_up"] for step in way["steps"])
    behind = asked.get(f"/ways/salesforce/{told['lead']}", headers={"HX-Request": "true"}).text
    for way, line in zip(told["ways_up"], re.findall("<li>(.*?)</li>", behind), strict=True):
        assert words(line).endswith(": " + "; ".join(way["steps"]))
    [named] = [each["email"] for each in firm.state("salesforce")["leads"] if each["native_id"] == told["lead"]]
    for name in (told["lead"][:15], named):
        assert f'hx-get="/ways/salesforce/{told["lead"]}"' in asked.get(f"/leads/salesforce/{name}").text, name
        assert asked.get(f"/ways/salesforce/{name}", headers={"HX-Request": "true"}).text == behind.replace(
            told["lead"], name
        )
    unknown = asked.get("/ways/salesforce/nobody")
    assert (unknown.status_code, "Not among the stored leads" in words(unknown.text)) == (404, True)


@pytest.mark.breadth
def test_a_leads_points_come_behind_its_page(asked: TestClient, firm: Rehearsal) -> None:
    lead = lead_of(firm)
    page = asked.get(f"/leads/salesforce/{lead}").text
    assert f'hx-get="/course/salesforce/{lead}"' in page
    assert "Timeline" in words(page)
    course = there(asked, f"/course/salesforce/{lead}")
    assert "data-chart" in course
    part = asked.get(f"/course/salesforce/{lead}", headers={"HX-Request": "true"}).text
    assert "<html" not in part


def test_no_page_holds_a_secret(firm: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    config = firm.directory / "more.yaml"
    config.write_text(config_of(firm).read_text(encoding="utf-8") + MORE, encoding="utf-8")
    site = Site(KeptSettings(config), now, first_due)
    asked = TestClient(application(site), base_url="http://127.0.0.1", follow_redirects=False)
    told = words(asked.get("/settings").text)
    for name in SECRETS:
        assert name in told
    for place in ("127.0.0.1:9465", "127.0.0.1:9464", "ops@mail.example", "/hooks/salesforce"):
        assert place in told
    lead = lead_of(firm)
    paths = ("/", "/settings", "/routing", "/reports", "/plan", "/mapping", "/policy", "/runs", "/runs/1", "/leads")
    for path in (*paths, f"/leads/salesforce/{lead}", "/reports/hand-offs"):
        page = asked.get(path).text
        assert not [value for value in SECRETS.values() if value in page or value.rpartition("/")[2] in page], path


@pytest.mark.breadth
def test_an_answer_is_made_anew_a_quarter_of_an_hour_later(firm: Rehearsal) -> None:
    times = [datetime(2026, 11, 29, 10, 14, tzinfo=UTC)]
    site = Site(KeptSettings(config_of(firm)), lambda: times[0], first_due)
    asked = TestClient(application(site), base_url="http://127.0.0.1", follow_redirects=False)
    there(asked, "/reports/conflicts")
    assert 'hx-trigger="load delay' not in asked.get("/reports/conflicts").text
    times[0] = times[0].replace(minute=16)
    assert 'hx-trigger="load delay' in asked.get("/reports/conflicts").text
