"""The Plan page on a plan that the store keeps: who sees what, who may send what, and what is refused. No CRM."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.testclient import TestClient

from crmsync.console.next_steps import next_of
from crmsync.console.pages.lead import _told
from crmsync.console.work import Works
from crmsync.errors import AnotherRunInProgress, NextStep, RunStopped, UsageError
from crmsync.hand_off import HandOffRecord
from crmsync.model import Change
from crmsync.operations.explain.owner_story import OwnerStory
from crmsync.operations.report.hand_offs import HandOffLine
from crmsync.operations.run import waiting_plans
from crmsync.operations.run.waiting_plans import Approval, carry_out, let_through_by, move_of
from crmsync.progress import silent
from crmsync.settings import load_settings
from crmsync.store import NewPlan, PlannedChange, Pulled, Store
from crmsync.testing.store_frames import DAY, NOW, lead, leads
from crmsync.tongue import ENGLISH
from suite.breadth import broadly
from unit.console.signing_in import HERE, behind_sign_in, let_in, sign_in, small_configuration, token_in

GUARD = {
    "name": "owner_changes",
    "value": 9.0,
    "limit": 5.0,
    "breached": True,
    "words": "9 leads would change hands",
    "leads": [],
    "way_on": "look at them: crmsync run c --allow owner-changes=9 --allow-changes 12",
}


def told(**more: Any) -> dict[str, Any]:
    owners = [{"owner": "ben", "before": 3, "after": 4, "gains": 1, "losses": 0}]
    return {"guards": [], "notes": [], "owners": owners, "set_aside": [], **more}


def planned(number: int) -> PlannedChange:
    name = f"{number:03}"
    change = {
        "lead": name,
        "url": None,
        "holds": {"stage": "lead", "owner": "ann"},
        "writes": {"Status": {"before": "Open", "after": "Warm"}, "Phone": {"before": None, "after": "555-0100"}},
        "fields": ["Phone"],
        "reasons": [f"reason {number}"],
        "routing": None,
        "creates": [],
        "records": [],
    }
    return PlannedChange(name, "lead→" if number % 2 else "owner", "ben", number % 2 == 0, number, change)


def keep(config: Path, changes: int = 120, **more: Any) -> None:
    with closing(Store(load_settings(config).store)) as store:
        rows = [lead(f"{number:03}") | {"name": f"Secret Person {number:03}"} for number in range(changes)]
        store.facts.remember("c", [Pulled(leads=leads(*rows))], today=DAY)
        plan = NewPlan("run", 1, None, "digest", "ada", told(**more))
        store.plans.keep("c", plan, [planned(number) for number in range(changes)], now=NOW)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    made = small_configuration(tmp_path)
    keep(made)
    return made


@pytest.fixture
def browser(config: Path) -> Iterator[TestClient]:
    yield behind_sign_in(config)


def send(browser: TestClient, path: str, token: str | None = None, **form: object) -> int:
    data = {"csrf": token_in(browser.get("/plan/c").text) if token is None else token, **form}
    return int(browser.post(path, data=data, headers={"Origin": HERE}).status_code)


def test_a_plan_is_shown_page_by_page_and_filtered(browser: TestClient) -> None:
    assert sign_in(browser, "app") == 303
    page = browser.get("/plan/c").text
    assert "120 changes wait" in page
    assert page.count('name="lead"') == 50
    assert len(page.encode()) < 200_000
    seen = {each for number in (1, 2, 3) for each in _leads(browser.get(f"/plan/c?page={number}").text)}
    assert len(seen) == 120
    assert _leads(browser.get("/plan/c?words=person+007").text) == ["007"]
    assert len(_leads(browser.get("/plan/c?move=owner&page=2").text)) == 10
    assert _leads(browser.get("/plan/c?order=points").text)[0] == "119"
    [ten] = re.findall(r'href="(/plan/c[^"]*tick=10[^"]*)"', browser.get("/plan/c").text.replace("&amp;", "&"))
    assert browser.get(ten).text.count(" checked") == 10
    part = browser.get("/plan/c?move=owner", headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert browser.get("/plan/c?page=x&order=evil&tick=-1&move=%00").status_code == 200


def test_whoever_goes_back_after_an_approval_finds_nothing_ticked(browser: TestClient, config: Path) -> None:
    """The next ten would be ticked, which nobody has looked at."""
    assert sign_in(browser, "app") == 303
    [ten] = re.findall(r'href="(/plan/c[^"]*tick=10[^"]*)"', browser.get("/plan/c").text.replace("&amp;", "&"))
    with closing(Store(load_settings(config).store)) as store:
        store.plans.carried_out("c", 1, 1, {"001": "written"})
    assert browser.get(ten).text.count(" checked") == 0


def test_an_address_that_somebody_has_typed_ticks_the_first_of_the_plan_as_it_is_then(
    browser: TestClient, config: Path
) -> None:
    """What the browser goes back to is the address that it was led on to."""
    assert sign_in(browser, "app") == 303
    led_to = browser.get("/plan/c?order=points&tick=2").headers["Location"]
    assert browser.get(led_to).text.count(" checked") == 2
    with closing(Store(load_settings(config).store)) as store:
        store.plans.carried_out("c", 1, 1, {"119": "written", "118": "written"})
    assert browser.get(led_to).text.count(" checked") == 0


def _leads(page: str) -> list[str]:
    return re.findall(r'name="lead" value="(\d+)"', page)


def test_what_was_set_aside_is_told_with_the_reason_and_who_may_make_a_plan(tmp_path: Path) -> None:
    config = small_configuration(tmp_path)
    browser = behind_sign_in(config)
    assert sign_in(browser, "vic") == 303
    page = browser.get("/plan/c").text
    assert "To make one, an approver signs in" in page
    assert "<code>--as approver</code>" in page
    keep(config, 2, set_aside=[{"lead": "009", "reason": "OwnerId was empty", "url": None}])
    page = browser.get("/plan/c").text
    assert "To make one" not in page
    assert "<small>OwnerId was empty</small>" in page


def test_a_run_that_has_written_since_is_told(browser: TestClient, config: Path) -> None:
    def ran(*, written: int, plan_of: int | None = None) -> int:
        with closing(Store(load_settings(config).store)) as store:
            number = store.runs.start("c", now=NOW, dry_run=False, kind="run", plan_of=plan_of)
            store.runs.end("c", number, now=NOW, exit_code=0, counts={"written": written})
            return number

    assert sign_in(browser, "app") == 303
    assert ran(written=9) == 1, "the one that made the plan, say"
    ran(written=0)
    ran(written=3, plan_of=1)
    page = browser.get("/plan/c").text
    assert "120 changes wait" in page
    assert "has written since" not in page
    number = ran(written=3)
    assert f"Run {number} has written since" in browser.get("/plan/c").text


def test_what_is_ticked_is_counted_where_it_is_approved(browser: TestClient) -> None:
    """The bar stands at the foot of the window, whatever is looked at above it."""
    assert sign_in(browser, "app") == 303
    page = browser.get("/plan/c?tick=50", follow_redirects=True).text
    assert '<form class="card approve"' in page
    assert "50 leads are ticked" in page
    assert 'data-many="{number} leads are ticked"' in page
    assert 'id="drawer" tabindex="-1" aria-label="One change"></aside>' in page
    page = browser.get("/plan/c").text
    assert "Tick leads above, or approve all" in page
    assert "tick=50" in page


def test_where_no_open_lead_is_left_it_is_told_why(browser: TestClient, config: Path) -> None:
    assert sign_in(browser, "app") == 303
    assert "No open lead is like that." in browser.get("/plan/c?move=none").text
    assert "No lead is like that." in browser.get("/plan/c?move=none&all=yes").text
    with closing(Store(load_settings(config).store)) as store:
        run = store.runs.start("c", now=NOW, dry_run=False)
        store.plans.carried_out("c", 1, run, {f"{number:03}": "written" for number in range(120)})
    page = browser.get("/plan/c").text
    assert "All of this plan has been approved." in page
    assert f'<a href="/runs/{run}">' in page
    assert "No open lead" not in page
    keep(config, 0)
    assert browser.get("/plan/c").text.count("Nothing would change.") == 2


def test_notes_are_sentences_with_code(config: Path) -> None:
    keep(config, 1, notes=["the plan is `of` run 3"])
    browser = behind_sign_in(config)
    assert sign_in(browser, "vic") == 303
    assert "The plan is <code>of</code> run 3" in browser.get("/plan/c").text


def test_a_plan_that_is_not_the_stores_own_any_more_is_made_anew_by_a_button(config: Path) -> None:
    """Commands name a command."""
    error = UsageError("the policy has changed", step=NextStep("make_plan", "make it anew: crmsync run …", "c"))
    assert error.hint == "make it anew: crmsync run …"
    said = next_of(error, ENGLISH)
    assert (said.words, said.path) == ("Make the plan of c anew", "/plan/c")
    assert next_of(UsageError("x"), ENGLISH) is None


def test_that_a_connection_is_switched_off_is_told_once_and_where_it_is_switched_on(config: Path) -> None:
    note = "this connection is not switched on, so a run without --dry-run would stop here → to switch it on: …"
    keep(config, 3, notes=[note, "first run: all records are read"])
    browser = behind_sign_in(config)
    assert sign_in(browser, "app") == 303
    page = browser.get("/plan/c").text
    assert page.count("not switched on") == 1
    assert "<code>writes: on</code> under <code>connections: c:</code> in" in page
    assert "First run" in page
    assert "without --dry-run" not in page


def test_what_runs_have_said_in_another_language_is_marked_as_such(config: Path) -> None:
    """Whoever has pages read aloud hears it as it is spoken there."""
    config.write_text(config.read_text().replace("mapping: mapping.yaml", "mapping: mapping.yaml, language: it"))
    browser = behind_sign_in(config)
    assert sign_in(browser, "app") == 303
    page = browser.get("/plan/c").text
    assert '<html lang="en"' in page
    assert re.search(r'<td class="[^"]*" lang="it">reason \d+</td>', page)
    assert '<ul class="ways" lang="it"><li>reason 7</li>' in browser.get("/plan/c/changes/007").text


def test_one_change_is_told_in_full(browser: TestClient) -> None:
    assert sign_in(browser, "vic") == 303
    page = browser.get("/plan/c/changes/007").text
    for words in ("Secret Person 007", "reason 7", "555-0100", "Warm"):
        assert words in page
    assert browser.get("/plan/c/changes/999").status_code == 404
    assert browser.get("/plan/d").status_code == 404


def test_who_may_only_look_approves_nothing(browser: TestClient, config: Path) -> None:
    assert sign_in(browser, "vic") == 303
    page = browser.get("/plan/c").text
    assert 'name="lead"' not in page
    assert "/approve" not in page
    token = token_in(page)
    assert token
    for path in ("make", "approve", "drop", "read"):
        assert send(browser, f"/plan/c/{path}", token, plan="1", which="all", reason="r") == 403
    assert send(browser, "/runs/1/undo", token) == 403
    with closing(Store(load_settings(config).store)) as store:
        kept = store.plans.of("c")
        assert kept is not None
        assert kept.open == 120


@pytest.mark.parametrize("path", broadly(["/plan/c/approve", "/plan/c/drop", "/plan/c/make", "/runs/1/undo"], core=2))
def test_a_form_without_its_token_or_from_elsewhere_is_refused(browser: TestClient, config: Path, path: str) -> None:
    assert sign_in(browser, "ada") == 303
    other = TestClient(browser.app, base_url=HERE, follow_redirects=False)
    assert sign_in(other, "app") == 303
    theirs, own = token_in(other.get("/plan/c").text), token_in(browser.get("/plan/c").text)
    for token in ("", "0" * 64, theirs):
        assert send(browser, path, token, plan="1", which="all", reason="r") == 403
    data = {"csrf": own, "plan": "1", "which": "all", "reason": "r"}
    assert browser.post(path, data=data, headers={"Origin": "http://evil.example"}).status_code == 403
    assert browser.post(path, data=data).status_code == 403
    with closing(Store(load_settings(config).store)) as store:
        assert store.plans.of("c") is not None
        assert [each.what for each in store.console.deeds(most=9)] == ["signed_in", "signed_in"]


def test_an_approval_needs_leads_a_reason_and_the_plan_that_was_shown(browser: TestClient) -> None:
    assert sign_in(browser, "app") == 303
    for form in (
        {"plan": "2", "which": "all", "reason": "r"},
        {"plan": "1", "which": "ticked", "reason": "r"},
        {"plan": "1", "which": "all", "reason": "  "},
        {"plan": "1", "which": "all", "reason": "r" * 501},
        {"plan": "1", "which": "all", "reason": "r", "let_through": "yes"},
    ):
        assert send(browser, "/plan/c/approve", **form) == 409, form


def test_more_than_a_form_holds_is_refused(browser: TestClient) -> None:
    assert sign_in(browser, "app") == 303
    assert send(browser, "/plan/c/approve", reason="r" * 5_000_000) == 413


def test_a_plan_that_nobody_wants_is_dropped(browser: TestClient) -> None:
    assert sign_in(browser, "app") == 303
    assert send(browser, "/plan/c/drop", plan="9") == 404
    assert send(browser, "/plan/c/drop", plan="1") == 303
    assert "No plan waits." in browser.get("/plan/c").text


def test_a_plan_that_is_being_carried_out_is_not_dropped_and_one_that_was_cut_off_is(
    browser: TestClient, config: Path
) -> None:
    assert sign_in(browser, "app") == 303
    with closing(Store(load_settings(config).store)) as store:
        store.plans.take("c", 1)
        with store.hold("c", now=NOW):
            assert send(browser, "/plan/c/drop", plan="1") == 503
        assert store.plans.of("c") is not None
        assert [each.what for each in store.console.deeds(most=9)] == ["signed_in"]
        assert send(browser, "/plan/c/drop", plan="1") == 303
        assert store.plans.of("c") is None
        assert [each.what for each in store.console.deeds(most=9)] == ["plan_dropped", "signed_in"]


def test_an_approval_that_waits_for_another_run_has_begun_nothing(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried again each half second: the log tells of it once, and whose plan it is stays as it was."""
    monkeypatch.setattr(waiting_plans, "kept_plan", lambda *_: SimpleNamespace(as_of=DAY, changes=()))
    settings = load_settings(config)
    with closing(Store(settings.store)) as store, store.hold("c", now=NOW):
        for state in ("waiting", "at_work"):
            for _ in range(2):
                with pytest.raises(AnotherRunInProgress):
                    carry_out(settings, "c", Approval(1, None, "ada", "why"), now=lambda: NOW, progress=silent)
            kept = store.plans.of("c")
            assert kept is not None
            assert kept.state == state
            assert store.console.deeds(most=9) == ()
            store.plans.take("c", 1)


@pytest.mark.parametrize("path", ["/plan/c", "/plan/c?words=secret", "/plan/c/changes/007"])
def test_personal_data_is_hidden_from_viewers_where_it_is_to_be(config: Path, path: str) -> None:
    text = config.read_text().replace("console: {}", "console: {personal_data: hidden_from_viewers}")
    config.write_text(text)
    browser = behind_sign_in(config)
    assert sign_in(browser, "vic") == 303
    page = browser.get(path)
    assert page.status_code == 200
    assert "/changes/" in page.text or "007" in page.text
    assert "Secret" not in page.text
    assert "555-0100" not in page.text
    assert browser.get("/leads?sought=secret", headers={"HX-Request": "true"}).text.count("/leads/c/") == 0
    let_in(config, {"vic": "approver"})
    assert sign_in(browser, "vic") == 303
    assert "Secret" in browser.get(path).text


@pytest.mark.parametrize(("name", "told"), [("vic", False), ("app", True)])
def test_whose_an_e_mail_is_is_hidden_too(config: Path, name: str, told: bool) -> None:
    config.write_text(config.read_text().replace("console: {}", "console: {personal_data: hidden_from_viewers}"))
    with closing(Store(load_settings(config).store)) as store:
        store.facts.remember("c", [Pulled(leads=leads(lead("001") | {"email": "ann@x.example"}))], today=DAY)
    browser = behind_sign_in(config)
    assert sign_in(browser, name) == 303
    pages = [browser.get(f"/leads/c/{who}x.example").text.replace(who, "") for who in ("ann@", "ben@")]
    assert (pages[0] != pages[1]) is told
    for page in ("course", "ways", "routing/way"):
        assert ("hidden from you" in browser.get(f"/{page}/c/ann@x.example").text) is not told
    paths = [browser.get(f"/routing?lead={who}@x.example").text for who in ("ann", "ben")]
    assert ['hx-get="/routing/way/c/' in path for path in paths] == [told, False]
    reason = "Nothing is stored of a lead ben@x.example of c" if told else "Who leads are is hidden from you"
    assert reason in paths[1]


def test_why_a_lead_was_sent_back_is_told_to_whom_it_may_be() -> None:
    """The receiver's own words."""
    times = dict.fromkeys(("touched_at", "accepted_at", "reminded_at", "ended_at", "ended_by"))
    record = HandOffRecord(1, "001", 1, None, "ann", None, NOW, returned_at=NOW, reason="Eva is ill", **times)
    story = SimpleNamespace(
        explanation=SimpleNamespace(ladder=(), points=(), disqualification=None, criteria={}, tongue=ENGLISH),
        owner_story=OwnerStory(None, (HandOffLine(record, None, "", {}),), {}),
    )
    for hidden in (True, False):
        told = _told(story, ENGLISH, hidden=hidden)  # type: ignore[arg-type]
        assert ("Eva is ill" in str(told)) is not hidden


def test_guards_that_stop_it_are_told_and_only_admins_let_it_through(config: Path) -> None:
    keep(config, 12, guards=[GUARD])
    for name, may in (("app", False), ("ada", True)):
        browser = behind_sign_in(config)
        assert sign_in(browser, name) == 303
        page = browser.get("/plan/c").text
        assert "9 leads would change hands" in page
        assert ("let_through" in page) is may


def test_what_lets_a_plan_through_is_what_its_own_commands_say() -> None:
    assert let_through_by(told(guards=[GUARD])) == {"owner_changes": 9, "changes": 12}
    assert let_through_by(told(guards=[{**GUARD, "breached": False}])) == {}


@pytest.mark.parametrize(
    ("before", "after", "owners", "move"),
    [
        ("lead", "mql", ("a", "b"), "lead→mql"),
        (None, "mql", ("a", "a"), "→mql"),
        ("mql", "mql", ("a", "b"), "owner"),
        ("mql", "mql", ("a", "a"), "fields"),
    ],
)
def test_a_change_is_listed_by_its_move(before: str | None, after: str, owners: tuple[str, str], move: str) -> None:
    assert move_of(Change("1", before, after, *owners, writes={}, scores={}, reasons=())) == move


def test_one_work_at_a_time_is_done_on_a_connection() -> None:
    works, going, begun = Works(), threading.Event(), threading.Event()

    def job(progress: Any, stop: Any) -> str:
        progress("writing", 1, 2)
        begun.set()
        going.wait(300)
        return "done" if not stop() else "stopped"

    assert works.begin("c", "writing", "ada", job)
    assert begun.wait(300)
    assert not works.begin("c", "making", "ben", job)
    work = works.of("c")
    assert work is not None
    assert (work.by, work.done, work.total, work.ended) == ("ada", 1, 2, False)
    works.forget("c")
    assert works.of("c") is work
    going.set()
    works.close()
    assert (work.ended, work.result) == (True, "stopped" if work.stop.is_set() else "done")
    works.forget("c")
    assert works.of("c") is None


def test_what_only_reads_ends_with_the_console() -> None:
    """A first read of a CRM takes long: whoever ends the console, or the service its address, waits for none."""
    works, begun = Works(), threading.Event()

    def job(progress: Any, _stop: Any) -> None:
        for _ in range(400):
            progress("reading", 1, None)
            begun.set()
            time.sleep(0.01)

    works.begin("c", "making", "ada", job)
    assert begun.wait(300)
    works.close()
    work = works.of("c")
    assert work is not None
    assert isinstance(work.error, RunStopped)


def test_work_waits_for_another_run_and_tells_what_stopped_it() -> None:
    works, tries = Works(), []

    def job(_progress: Any, _stop: Any) -> None:
        tries.append(1)
        if len(tries) == 1:
            raise AnotherRunInProgress("another run is at work")
        raise RunStopped("the CRM is away")

    works.begin("c", "making", None, job)
    while not (work := works.of("c")) or not work.ended:
        pass
    assert len(tries) == 2
    assert work.error is not None
    assert work.error.message == "the CRM is away"
