"""The console's page of each report: every number that it shows, in text and in charts, is one of its JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from forms_of_reports import held, unknown
from rehearsal import Rehearsal, rehearsal
from starlette.testclient import TestClient

from crmsync.clock import now
from crmsync.console import Site, application
from crmsync.console.reports import REPORTS
from crmsync.schedule import first_due
from crmsync.settings import KeptSettings
from suite.breadth import broadly
from suite.waiting import wait_until

CRM = "salesforce"
HERE = "http://127.0.0.1"
DRAWN = {"funnel": 5e-4, "scorecard": 5e-4, "sales": 5e-4, "forecast": 5e-4, "capacity": 0.05}
"""Whose pages have charts here, and how near their numbers are to those of the JSON: either may be rounded."""
ROUNDED = 0.06
"""How far a sum of one decimal may be from that of the JSON's own three."""
OF_HEADS = {"forecast": {"80"}, "capacity": {"80"}, "funnel": {"95"}, "scorecard": {"95", "20"}}
"""What a head or a note says of intervals, and from how many on a share says something."""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A console on leads that were handed off, with some replaced since."""
    with rehearsal(tmp_path_factory.mktemp("pages") / "own", "--leads", "120", "--crm", CRM) as here:
        watched = {"stage": "sql", "first_touch": {"within_hours": 24}}
        here.change("policy.yaml", lambda policy: policy.update(hand_off=watched))
        here.json("run", code=(0, 3, 4))
        replaced(here)
        here.json("run", code=(0, 3, 4))
        site = Site(KeptSettings(here.file("crmsync.yaml")), now, first_due)
        yield TestClient(application(site), base_url=HERE, follow_redirects=False)
        site.works.close()


def replaced(here: Rehearsal) -> None:
    """People in the CRM put some of the stages that were written somewhere else."""
    ids = {native: name for name, native in here.native(CRM).items()}
    written = list(dict.fromkeys(each["id"] for each in here.writes(CRM)))[:5]
    here.edit(CRM, leads=[{"id": ids[lead], "stage": "Nurturing"} for lead in written if lead in ids])


def page_of(browser: TestClient, name: str) -> str:
    """The report's page, once it is made."""
    page = ""

    def there() -> bool:
        nonlocal page
        page = browser.get(f"/reports/{name}?connection={CRM}").text
        return 'class="nothing waiting"' not in page

    wait_until(there, what=f"the page of {name}")
    return page


def told(page: str) -> str:
    """What the page tells, without navigation and the form to choose."""
    return page[page.index('<section class="card') : page.index("</main>")]


def answer_of(browser: TestClient, page: str, name: str) -> Any:
    """The JSON that the page offers of what it shows."""
    [path] = re.findall(rf'href="(/reports/{name}/json[^"]+)"', page)
    answer = browser.get(unescape(path))
    assert answer.status_code == 200, path
    return answer.json()


def summed(name: str, answer: Any) -> list[float]:
    """What a page adds up of its JSON, added up here."""
    if name != "forecast":
        return []
    [it] = answer["connections"]
    parts = [each for month in it["months"] for each in month["from_open"]]
    by_month = [sum(each["expected"] for each in month["from_open"]) for month in it["months"]]
    by_stage = [sum(each["expected"] for each in parts if each["stage"] == one["stage"]) for one in it["stages"]]
    return [*by_month, *by_stage, sum(each["open"] for each in it["stages"])]


def in_sentences(answer: Any) -> set[str]:
    """Numbers of a thousand and more in sentences that the JSON holds, as they are compared."""
    words = [each for _, each in held(answer) if isinstance(each, str)]
    return {found.replace(",", "") for each in words for found in re.findall(r"\d{1,3}(?:,\d{3})+", each)}


def drawn(page: str) -> Iterator[float]:
    """Each number of each series of each chart."""
    for spec in re.findall(r"data-chart='([^']+)'", page):
        for series in json.loads(unescape(spec))["data"]["datasets"]:
            yield from numbers_in(series["data"])


def numbers_in(value: Any) -> Iterator[float]:
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, int | float):
        yield float(value)
    elif isinstance(value, list | dict):
        for each in value.values() if isinstance(value, dict) else value:
            yield from numbers_in(each)


@pytest.mark.parametrize("name", broadly(sorted(REPORTS), core=3))
def test_every_number_of_a_reports_page_is_one_of_its_json(browser: TestClient, name: str) -> None:
    page = page_of(browser, name)
    answer = answer_of(browser, page, name)
    shown = re.sub(r"<canvas.*?</canvas>", " ", told(page), flags=re.DOTALL)
    found = unknown(name, "html", shown, answer) - OF_HEADS.get(name, set()) - in_sentences(answer)
    sums = summed(name, answer)
    assert {each for each in found if not any(abs(float(each) - one) <= ROUNDED for one in sums)} == set()


@pytest.mark.parametrize("name", sorted(DRAWN))
def test_every_number_of_a_chart_is_one_of_its_reports_json(browser: TestClient, name: str) -> None:
    page = page_of(browser, name)
    numbers = {abs(float(each)) for _, each in held(answer_of(browser, page, name)) if isinstance(each, int | float)}
    found = list(drawn(page))
    assert found, "there is a chart, and something is drawn in it"
    away = {each for each in found if not any(abs(abs(each) - one) <= DRAWN[name] + 1e-9 for one in numbers)}
    assert away == set()


def test_a_chart_stands_where_one_is_expected(browser: TestClient) -> None:
    assert {name for name in REPORTS if any(True for _ in drawn(page_of(browser, name)))} == set(DRAWN)


def test_another_number_is_found(browser: TestClient) -> None:
    """What the tests above would say of a page that counts otherwise."""
    page = page_of(browser, "worklist")
    answer = answer_of(browser, page, "worklist")
    assert unknown("worklist", "html", told(page).replace("</h2>", "</h2> 98,765", 1), answer) == {"98765"}
