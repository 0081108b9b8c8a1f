"""Where a page does what a command does, pages name the page: in notes, needs, hints and plans."""

from __future__ import annotations

import ast
import re
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import crmsync.run
from crmsync.console.field_words import FIELD_WORDS, UNSAID
from crmsync.console.next_steps import place_of
from crmsync.console.pages import approving
from crmsync.console.templating import FOLDER, environment
from crmsync.errors import RunStopped
from crmsync.languages.tongues import tongue_of
from crmsync.settings import load_settings
from crmsync.showing.history.deed_words import about_words
from crmsync.store import Hold, Pulled, Store
from crmsync.testing.store_frames import DAY, NOW, lead, leads
from crmsync.tongue import ENGLISH
from suite.waiting import wait_until
from unit.console.signing_in import HERE, behind_sign_in, sign_in, small_configuration, token_in
from unit.console.test_pages import client
from unit.console.test_plan import keep, send

RUN = Path(crmsync.run.__file__).parent
BARE = re.compile(r"(?<!`)crmsync (?:run|runs|report|hold|holds|undo|check|explain|status|fields)\b")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return small_configuration(tmp_path)


@pytest.fixture
def browser(config: Path) -> TestClient:
    return behind_sign_in(config)


@pytest.mark.parametrize(
    ("command", "words", "path"),
    [
        ("crmsync report conflicts c", "Conflicts", "/reports/conflicts?connection=c"),
        ("crmsync run c", "Plan", "/plan/c"),
        ("crmsync run c --dry-run", "Plan", "/plan/c"),
        ("crmsync runs", "Runs", "/runs"),
        ("crmsync undo 7", "Run 7", "/runs/7"),
        ("crmsync holds", "Leads that are left alone", "/leads/left-alone"),
        ("crmsync hold LEAD --release", "Leads that are left alone", "/leads/left-alone"),
        ("crmsync fields c", "Mapping", "/mapping/c"),
        ("crmsync policy describe", "Policy", "/policy"),
        ("crmsync redistribute c --from u1 --dry-run", "Routing", "/routing?connection=c"),
    ],
)
def test_a_command_in_a_sentence_is_the_page_that_does_the_same(command: str, words: str, path: str) -> None:
    place = place_of(command, ENGLISH)
    assert place is not None
    assert (place.words, place.path) == (words, path)


@pytest.mark.parametrize("command", ["crmsync run --full", "crmsync docs alerts", "x"])
def test_what_no_page_does_stays_a_command(command: str) -> None:
    assert place_of(command, ENGLISH) is None


def test_a_sentence_names_pages_in_the_readers_language_and_leaves_names_as_they_are() -> None:
    made = environment(tongue_of("de"), {"salesforce"})
    made.globals["text"] = "salesforce has no run 3: `crmsync runs` lists <them>"
    assert made.from_string("{{ text | sentence }}").render() == (
        'salesforce has no run 3: <a href="/runs">die Seite „Läufe“</a> lists &lt;them&gt;'
    )
    made.globals["text"] = "sales has no run 3"
    assert made.from_string("{{ text | sentence }}").render() == "Sales has no run 3"


def test_a_run_names_commands_in_backticks() -> None:
    """That is how pages know them. Commands alone, and what only files of plans are told, are values."""
    found = []
    for file in sorted(RUN.rglob("*.py")):
        if not BARE.search(code := file.read_text(encoding="utf-8")):
            continue
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                node.value.value = ""  # what is told to whoever reads the code
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and BARE.search(node.value):
                found.append(f"{file.name}: {node.value}")
    anew = "bound.py: make the plan anew: crmsync run --dry-run --format json --out FILE"
    assert found == [anew, "left_alone.py: crmsync hold "]


def test_a_plans_notes_lead_to_pages(browser: TestClient, config: Path) -> None:
    way_on = "`crmsync report conflicts c` says who; `crmsync hold LEAD --release` lets crmsync go on"
    notes = [f"1 lead is stopped → {way_on}"]
    keep(config, 1, notes=notes)
    assert sign_in(browser, "vic") == 303
    page = browser.get("/plan/c").text
    assert '<a href="/reports/conflicts?connection=c">the page “Conflicts”</a> says who' in page
    assert '<a href="/leads/left-alone">the page “Leads that are left alone”</a> lets crmsync go on' in page


def test_fields_of_forms_are_called_as_on_their_page_where_they_are_shown_once_more() -> None:
    """What any form of any page sends: it has a name for people, or nobody typed it."""
    forms = [
        form
        for file in FOLDER.glob("*.html")
        for form in re.findall(r"<form[^>]*post.*?</form>", file.read_text("utf-8"), re.DOTALL)
    ]
    names = {name for form in forms for name in re.findall(r'name="([a-z_]+)"', form)}
    assert len(names) > 20
    assert names - FIELD_WORDS.keys() - UNSAID - {"name", "password"} == set()


def test_a_plan_that_could_not_be_made_is_not_said_to_be(
    browser: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise RunStopped("the CRM does not answer")

    monkeypatch.setattr(approving, "make_plan", refused)
    assert sign_in(browser, "app") == 303
    assert send(browser, "/plan/c/make") == 303
    wait_until(lambda: "The CRM does not answer" in browser.get("/plan/c").text)
    page = browser.get("/plan/c").text
    assert "No plan was made" in page
    assert "The plan was made" not in page


def test_ticking_stands_above_what_is_ticked(browser: TestClient, config: Path) -> None:
    keep(config, 30)
    assert sign_in(browser, "app") == 303
    page = browser.get("/plan/c").text
    assert page.index("Tick ten for a pilot") < page.index('name="lead"')
    page = browser.get("/plan/c?tick=10&order=points", follow_redirects=True).text
    assert len(re.findall(r'name="lead"[^>]* checked', page)) == 10
    assert "Tick none" in page


def test_who_may_approve_lets_crmsync_go_on_with_a_lead(browser: TestClient, config: Path) -> None:
    with closing(Store(load_settings(config).store)) as store:
        store.facts.remember("c", [Pulled(leads=leads(lead("1")))], today=DAY)
        store.left_alone.hold("c", Hold("1", DAY + timedelta(days=3650), "legal looks at it", "ann", NOW))
    looks = TestClient(browser.app, base_url=HERE, follow_redirects=False)
    assert sign_in(looks, "vic") == 303
    token = token_in(looks.get("/plan/c").text)
    assert token
    assert send(looks, "/leads/c/release", token, lead="1") == 403
    assert sign_in(browser, "app") == 303
    assert send(browser, "/leads/c/release", lead="1", reason="done with it") == 303
    with closing(Store(load_settings(config).store)) as store:
        assert store.left_alone.holds("c") == ()
        deed = store.console.deeds(most=1)[0]
    assert (deed.what, deed.person, deed.connection, deed.reason) == ("lead_released", "app", "c", "done with it")
    assert deed.about == {"lead": "1"}
    assert send(browser, "/leads/c/release", lead="1") == 404


def test_who_may_approve_keeps_a_lead_for_people(browser: TestClient, config: Path) -> None:
    with closing(Store(load_settings(config).store)) as store:
        store.facts.remember("c", [Pulled(leads=leads(lead("1")))], today=DAY)
    looks = TestClient(browser.app, base_url=HERE, follow_redirects=False)
    assert sign_in(looks, "vic") == 303
    told = {"lead": "1", "until": "2999-12-24", "reason": "legal looks at it"}
    assert send(looks, "/leads/c/hold", token_in(looks.get("/plan/c").text), **told) == 403
    assert sign_in(browser, "app") == 303
    for wrong in ({"until": "soon"}, {"until": ""}, {"reason": " "}, {"reason": "x" * 501}):
        assert send(browser, "/leads/c/hold", **{**told, **wrong}) == 409, wrong
    assert send(browser, "/leads/c/hold", **{**told, "until": "2020-01-01"}) == 404
    assert send(browser, "/leads/c/hold", **{**told, "lead": "2"}) == 404
    with closing(Store(load_settings(config).store)) as store:
        assert store.left_alone.holds("c") == ()
    assert send(browser, "/leads/c/hold", **told) == 303
    with closing(Store(load_settings(config).store)) as store:
        [hold] = store.left_alone.holds("c")
        deed = store.console.deeds(most=1)[0]
    assert (hold.lead, str(hold.until), hold.why, hold.by) == ("1", "2999-12-24", "legal looks at it", "app")
    assert (deed.what, deed.person, deed.reason) == ("lead_held", "app", "legal looks at it")
    assert about_words(deed, ENGLISH) == "1, until 2999-12-24"


def test_what_is_wrong_in_files_is_told_one_by_one_with_its_place(config: Path) -> None:
    config.write_text(config.read_text().partition("console:")[0])
    wrong = "format: 1\nnme: x\nladder:\n  - {stage: lead, labl: Beginning}\n"
    (config.parent / "policy.yaml").write_text(wrong)
    page = client(config).get("/runs")
    assert page.status_code == 503
    assert "The files of the configuration are not right." in page.text
    assert page.text.count("<li>") - page.text.count("<nav") >= 2
    assert "policy.yaml:4</code>" in page.text
