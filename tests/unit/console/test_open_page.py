"""Pages that stand open while others do something: they are told, and what somebody has typed is not lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing
from html import unescape
from pathlib import Path

import pytest
from httpx import Response
from starlette.testclient import TestClient

from crmsync.settings import load_settings
from crmsync.store import Store
from crmsync.testing.store_frames import NOW
from unit.console.signing_in import HERE, behind_sign_in, sign_in, small_configuration, token_in
from unit.console.test_plan import keep

REASON = "as agreed with sales"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    made = small_configuration(tmp_path)
    keep(made)
    return made


@pytest.fixture
def browser(config: Path) -> TestClient:
    opened = behind_sign_in(config)
    assert sign_in(opened, "app") == 303
    return opened


def asked_by(page: str) -> str:
    """What the open page asks every ten seconds."""
    [path] = re.findall(r'id="standing" hx-get="([^"]+)"', page)
    return path.replace("&amp;", "&")


def ask(browser: TestClient, path: str) -> Response:
    return browser.get(path, headers={"HX-Request": "true", "X-By-Itself": "true"})


def approved_some(store: Store) -> None:
    run = store.runs.start("c", now=NOW, dry_run=False, kind="apply", plan_of=1)
    store.plans.carried_out("c", 1, run, {"001": "written"})


def approved_all(store: Store) -> None:
    run = store.runs.start("c", now=NOW, dry_run=False, kind="apply", plan_of=1)
    store.plans.carried_out("c", 1, run, {f"{number:03}": "written" for number in range(120)})


def overtaken(store: Store) -> None:
    for written in (0, 3):  # the first is the one that made the plan
        number = store.runs.start("c", now=NOW, dry_run=False)
        store.runs.end("c", number, now=NOW, exit_code=0, counts={"written": written})


def dropped(store: Store) -> None:
    store.plans.drop("c", 1)


def at_work(store: Store) -> None:
    store.plans.take("c", 1)


@pytest.mark.parametrize(
    ("meanwhile", "told"),
    [
        (approved_some, "Some of this plan was approved meanwhile."),
        (approved_all, "All of this plan has been approved."),
        (overtaken, "A run has written since this page was loaded."),
        (dropped, "This plan waits no longer"),
        (at_work, "Somebody works on this connection"),
    ],
    ids=lambda it: getattr(it, "__name__", "") or None,
)
def test_an_open_page_of_a_plan_is_told_what_has_become_of_it(
    browser: TestClient, config: Path, meanwhile: Callable[[Store], None], told: str
) -> None:
    path = asked_by(browser.get("/plan/c").text)
    assert ask(browser, path).status_code == 204, "nothing has changed, and nothing is swapped"
    with closing(Store(load_settings(config).store)) as store:
        meanwhile(store)
    answer = ask(browser, path)
    assert told in answer.text
    assert '<a href="/plan/c">Look at it as it is now</a>' in answer.text
    assert ask(browser, asked_by(answer.text)).status_code == 204, "it is said once, not again and again"


def test_an_open_page_is_told_of_another_plan_and_of_a_first_one(browser: TestClient, config: Path) -> None:
    path = asked_by(browser.get("/plan/c").text)
    keep(config, 3)
    assert "Another plan has taken the place of this one." in ask(browser, path).text
    with closing(Store(load_settings(config).store)) as store:
        store.plans.drop("c", 2)
    none = asked_by(browser.get("/plan/c").text)
    keep(config, 3)
    assert "A plan was made meanwhile." in ask(browser, none).text


@pytest.mark.parametrize("asked", ["", "?seen=&last=", "?seen=x.y.z&last=1", "?seen=" + "9" * 5000])
def test_whatever_is_asked_is_answered(browser: TestClient, asked: str) -> None:
    assert ask(browser, f"/plan/c/standing{asked}").status_code == 200
    assert ask(browser, "/plan/nobody/standing").status_code == 404


def test_whose_session_has_ended_is_told_on_the_page_and_led_nowhere(browser: TestClient) -> None:
    page = browser.get("/plan/c").text
    browser.post("/sign-out", data={"csrf": token_in(page)}, headers={"Origin": HERE})
    assert 'id="outside"' in page, "where it is told"
    parts = ("/plan/c?words=x", "/plan/c/changes/001", "/routing/way/c/001", "/course/c/001", "/ways/c/001",
             "/mapping/c/reading")  # fmt: skip
    for path in (asked_by(page), *parts):
        answer = ask(browser, path)
        assert (answer.status_code, "HX-Redirect" in answer.headers) == (286, False), f"{path}: asks no more"
        assert (answer.headers["HX-Retarget"], answer.headers["HX-Reswap"]) == ("#outside", "innerHTML")
        assert "You are not signed in any more. What you type stays here." in answer.text
        assert "hx-get" not in answer.text


def test_a_form_that_is_refused_shows_what_was_typed_and_its_address_leads_back(browser: TestClient) -> None:
    page, leads = browser.get("/plan/c").text, [f"{number:03}" for number in range(4)]
    form = {"csrf": token_in(page), "plan": "9", "which": "ticked", "lead": leads, "reason": REASON}
    came_from = {"Origin": HERE, "Referer": f"{HERE}/plan/c?order=points"}
    told = browser.post("/plan/c/approve", data=form, headers=came_from)
    assert (told.status_code, "Another plan was made meanwhile" in told.text) == (409, True)
    assert f"<dd>{REASON}</dd>" in told.text
    assert "<dd>4 values</dd>" in told.text
    assert 'name="back" value="/plan/c?order=points"' in told.text, "light or dark is chosen on a page that there is"
    nothing = browser.post("/plan/c/make", data={"csrf": ""}, headers=came_from)
    assert "What you have sent" not in nothing.text
    for path, page in (
        ("/plan/c/approve", "/plan/c"),
        ("/policy/save", "/policy"),
        ("/runs/1/undo", "/runs/1"),
        ("/routing/roster/c/save", "/routing"),
        ("/look", "/"),
    ):
        answer = browser.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (303, page), path


def test_a_form_comes_back_with_what_was_typed_after_signing_in_anew(browser: TestClient, config: Path) -> None:
    page = browser.get("/plan/c").text
    leads = [f"{number:03}" for number in range(7)]
    form = {"csrf": token_in(page), "plan": "9", "which": "ticked", "lead": leads, "reason": REASON}
    browser.post("/sign-out", data={"csrf": token_in(page)}, headers={"Origin": HERE})
    told = browser.post("/plan/c/approve", data=form, headers={"Origin": HERE})
    assert told.status_code == 403
    assert "Sign in in another tab" in told.text
    again = sent_by(told.text)
    assert (again["reason"], again["lead"], "csrf" in again) == ([REASON], leads, False)
    assert sign_in(browser, "app") == 303
    with_old_token = browser.post("/plan/c/approve", data={**again, "csrf": form["csrf"]}, headers={"Origin": HERE})
    assert with_old_token.status_code == 403
    assert "7 values" in with_old_token.text
    last = sent_by(with_old_token.text)
    assert last == {**again, "csrf": last["csrf"]}
    taken = browser.post("/plan/c/approve", data=last, headers={"Origin": HERE})
    assert (taken.status_code, "Another plan was made meanwhile" in taken.text) == (409, True), "taken, and looked at"


def test_a_form_in_which_nothing_was_typed_leads_to_the_sign_in(browser: TestClient) -> None:
    page = browser.get("/plan/c").text
    browser.post("/sign-out", data={"csrf": token_in(page)}, headers={"Origin": HERE})
    told = browser.post("/plan/c/make", data={"csrf": token_in(page)}, headers={"Origin": HERE})
    assert told.status_code == 403
    assert "Sign in, and send it once more" in told.text


def test_what_comes_back_runs_nothing(browser: TestClient) -> None:
    evil = '"><script>alert(1)</script>'
    told = browser.post("/plan/c/approve", data={"csrf": "0", "reason": evil, evil: evil}, headers={"Origin": HERE})
    assert told.status_code == 403
    assert "<script>alert" not in told.text
    assert sent_by(told.text)["reason"] == [evil]


def sent_by(page: str) -> dict[str, list[str]]:
    """Fields of the form that sends it again, as a browser would."""
    form = page[page.index("<main") :]
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form):
        found.setdefault(unescape(name), []).append(unescape(value))
    return found
