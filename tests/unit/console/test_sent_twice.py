"""What is sent twice at once, by two clicks or from two tabs, is done once, and it is told what is so."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path

import pytest
import tenacity

from crmsync.clock import now
from crmsync.console.work import Works
from crmsync.settings import load_settings
from crmsync.store import Pulled, Store
from crmsync.store.faces.plans import WaitingPlans
from crmsync.testing.store_frames import DAY, NOW, lead, leads
from unit.console.editing import Browser, words
from unit.console.signing_in import HERE, behind_sign_in, cookie_of, sign_in, small_configuration, token_in
from unit.console.test_plan import keep

UNTIL = (now() + timedelta(days=9)).date().isoformat()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    made = small_configuration(tmp_path)
    with closing(Store(load_settings(made).store)) as store:
        store.facts.remember("c", [Pulled(leads=leads(lead("1")))], today=DAY)
    return made


@pytest.fixture
def store(config: Path) -> Iterator[Store]:
    with closing(Store(load_settings(config).store)) as opened:
        yield opened


@pytest.fixture
def ada(config: Path) -> Browser:
    return Browser(config, "ada")


def noted(store: Store) -> Counter[str]:
    return Counter(each.what for each in store.console.deeds(most=50) if each.what != "signed_in")


def test_the_same_hold_is_noted_once_and_another_one_again(ada: Browser, store: Store) -> None:
    for until in (UNTIL, UNTIL, (now() + timedelta(days=8)).date().isoformat()):
        assert ada.post("/leads/c/hold", lead="1", until=until, reason="legal").headers["Location"] == "/leads/c/1"
    assert noted(store) == {"lead_held": 2}
    assert [each.until.isoformat() for each in store.left_alone.holds("c")] == [until]


@pytest.mark.parametrize("does", ["hold", "release"])
def test_whoever_holds_the_connection_for_a_moment_is_waited_for(
    ada: Browser, store: Store, monkeypatch: pytest.MonkeyPatch, does: str
) -> None:
    """As another hold does, of whomever; nobody is told to stop the process that answers them."""
    form = {"lead": "1", "until": UNTIL, "reason": "legal"}
    if does == "release":
        ada.post("/leads/c/hold", **form)
    held = store.hold("c", now=NOW)
    held.__enter__()

    def let_go(_seconds: float) -> None:
        with suppress(StopIteration, RuntimeError):
            held.__exit__(None, None, None)

    monkeypatch.setattr(tenacity, "sleep_using_event", lambda _stopped: let_go)
    answer = ada.post(f"/leads/c/{does}", **form)
    assert answer.status_code == 303, words(answer.text)
    let_go(0)
    assert len(store.left_alone.holds("c")) == (does == "hold")


def test_a_plan_that_somebody_has_just_dropped_is_not_told_to_be_carried_out(
    config: Path, ada: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(config, 2)
    drop = WaitingPlans.drop

    def after_the_other(face: WaitingPlans, connection: str, plan: int) -> bool:
        assert drop(face, connection, plan)
        return drop(face, connection, plan)

    monkeypatch.setattr(WaitingPlans, "drop", after_the_other)
    told = ada.post("/plan/c/drop", plan="1")
    assert (told.status_code, "This plan waits no longer" in words(told.text)) == (404, True)


def test_the_same_work_is_begun_once_and_the_second_is_led_to_it() -> None:
    works, end, begun = Works(), threading.Event(), []

    def job(*_: object) -> None:
        begun.append(1)
        end.wait(300)

    assert [works.begin("c", "undoing", "ada", job, about=7) for _ in range(2)] == [True, True]
    others = (("undoing", "ada", 8), ("undoing", "ben", 7), ("making", "ada", 7), ("making", "ada", None))
    assert not any(works.begin("c", kind, by, job, about) for kind, by, about in others)  # type: ignore[arg-type]
    end.set()
    works.close()
    assert begun == [1]


def test_the_same_change_of_a_file_is_saved_and_noted_once(ada: Browser, config: Path, store: Store) -> None:
    """Two drafts, as two clicks make them; the second is not told that somebody else has changed the file."""
    form = {"person": "ann", "ends": "2027-03-31"}
    numbers = [
        ada.post("/routing/roster/c/last-day", **form).headers["Location"].partition("draft=")[2].partition("#")[0]
        for _ in range(2)
    ]
    told = [ada.post("/routing/roster/c/save", draft=each, person="ann").headers["Location"] for each in numbers]
    assert [each.partition("saved=")[2] for each in told] == ["saved", "there_already"]
    assert "The file says this already" in words(ada.get(told[1]).text)
    assert noted(store) == {"file_changed": 1}


def test_whoever_signs_out_twice_is_out(config: Path, store: Store) -> None:
    browser = behind_sign_in(config)
    assert sign_in(browser, "vic") == 303
    token, cookie = token_in(browser.get("/").text), cookie_of(config)
    held = browser.cookies[cookie]
    for _ in range(2):
        browser.cookies.set(cookie, held)
        told = browser.post("/sign-out", data={"csrf": token}, headers={"Origin": HERE})
        assert (told.status_code, told.headers.get("Location")) == (303, "/sign-in"), words(told.text)
    assert noted(store) == {"signed_out": 1}
