"""A mapping changed through the console: who may, what is written, and what is refused."""

from __future__ import annotations

import re
import subprocess
from html import unescape
from pathlib import Path

import pytest

from crmsync.console.pages import mapping as mapping_page
from crmsync.errors import Finding, RunStopped
from crmsync.operations.check.connections import ConnectionCheck
from crmsync.operations.edit.offers import Offer
from crmsync.settings import load_settings
from suite.breadth import broadly
from unit.console.editing import MAPPING, POLICY, TEXTS, Browser, drafted, waited, words
from unit.console.signing_in import HERE, behind_sign_in


def test_a_fact_is_mapped_checked_and_saved_with_all_else_as_it_was(here: Path, ada: Browser, crm: object) -> None:
    assert "no run before" not in ada.get("/mapping/c").text
    ada.post("/mapping/c/read")
    page = words(waited(ada, "/mapping/c"))
    for told in ("1 fact is unmapped", "1 value has no meaning", "Cold 3", "Probably Budget__c", "91 % sure"):
        assert told in page
    number = drafted(ada, fact="need", field="Need__c", native=["hot", "Cold"], word=["clear", "none"])
    number = drafted(ada, fact="budget", field="Budget__c", draft=number)
    changed = words(ada.get(f"/mapping/c?draft={number}").text)
    assert "+ need: {field: Need__c, type: choice, values: {hot: clear, Cold: none}} # since May" in changed
    assert "+ budget: {field: Budget__c, type: money}" in changed
    assert (here.parent / "mapping.yaml").read_text() == MAPPING
    refused = ada.post("/mapping/c/save", draft=number)
    assert "was not checked" in refused.text
    ada.post("/mapping/c/check", draft=number)
    assert "checked" in words(waited(ada, f"/mapping/c?draft={number}"))
    saved = ada.post("/mapping/c/save", draft=number, reason="asked Ben")
    assert saved.headers["Location"] == "/mapping/c?saved=saved"
    assert (here.parent / "mapping.yaml").read_text() == MAPPING.replace(
        "{hot: clear}}", "{hot: clear, Cold: none}}"
    ) + "  budget: {field: Budget__c, type: money}\n"
    log = words(ada.get("/log").text)
    assert "ada changed a file" in log
    assert "asked Ben" in log
    assert "no longer kept" in ada.get(f"/mapping/c?draft={number}").text


def test_what_check_finds_wrong_is_not_saved(here: Path, ada: Browser, crm: ConnectionCheck) -> None:
    file = str(here.parent / "mapping.yaml")
    number = drafted(ada, fact="need", field="Gone__c")
    crm.findings.append(Finding(file, 9, 11, "the CRM has no field Gone__c", "did you mean Need__c?"))
    ada.post("/mapping/c/check", draft=number)
    page = waited(ada, f"/mapping/c?draft={number}")
    assert "the CRM has no field Gone__c" in page
    assert "/save" not in page
    assert "was not checked, or found wrong" in ada.post("/mapping/c/save", draft=number).text
    assert (here.parent / "mapping.yaml").read_text() == MAPPING
    download = ada.get(f"/mapping/c/file?draft={number}")
    assert "Gone__c" in download.text
    assert download.headers["Content-Disposition"] == 'attachment; filename="mapping.yaml"'


def test_a_crm_that_does_not_answer_is_told_and_nothing_is_saved(
    here: Path, ada: Browser, crm: ConnectionCheck, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(*_: object) -> Offer:
        raise RunStopped("the CRM refuses the sign-in", hint="look at its secret")

    monkeypatch.setattr(mapping_page, "offer_of", refusing)
    ada.post("/mapping/c/read")
    assert "The CRM refuses the sign-in" in waited(ada, "/mapping/c")
    crm.exit_code = 1
    number = drafted(ada, fact="need", clear="1", field="Need__c")
    ada.post("/mapping/c/check", draft=number)
    waited(ada, f"/mapping/c?draft={number}")
    assert "found wrong" in ada.post("/mapping/c/save", draft=number).text
    assert (here.parent / "mapping.yaml").read_text() == MAPPING


def test_a_mapping_changed_meanwhile_is_never_written_over(here: Path, ada: Browser, crm: object) -> None:
    unchecked = drafted(ada, fact="need", field="Odd__c")
    number = drafted(ada, fact="need", clear="1")
    ada.post("/mapping/c/check", draft=number)
    waited(ada, f"/mapping/c?draft={number}")
    (here.parent / "mapping.yaml").write_text(MAPPING + "# theirs\n")
    refused = ada.post("/mapping/c/save", draft=number, reason="agreed in May")
    assert (refused.status_code, "has been changed meanwhile" in refused.text) == (409, True)
    assert "agreed in May" in words(refused.text), "what was typed is there to copy"
    page = ada.get(f"/mapping/c?draft={number}").text
    assert "Make the change again, and drop this one" in page
    assert "need: unmapped" in words(page)
    for each in (number, unchecked):
        page = ada.get(f"/mapping/c?draft={each}").text
        assert ("/mapping/c/save" in page, "/mapping/c/check" in page) == (False, False)
    assert (here.parent / "mapping.yaml").read_text() == MAPPING + "# theirs\n"


FORMS = ("mapping/c/read", "mapping/c/fact", "mapping/c/check", "mapping/c/save", "mapping/c/drop", "policy/edit",
         "policy/trial", "policy/save")  # fmt: skip


@pytest.mark.parametrize("name", broadly(["vic", "app"]))
def test_others_read_and_change_nothing(here: Path, name: str, crm: object) -> None:
    browser = Browser(here, name)
    for path in ("/mapping", "/mapping/c", "/policy", "/policy/versions"):
        page = browser.get(path)
        assert page.status_code == 200
        assert not re.search(r'action="/(mapping|policy)', page.text), path
    for path in ("/policy/edit", "/mapping/c/file", "/policy/trial", "/mapping/c/checking"):
        assert browser.get(path).status_code == 403
    sent = {"text": "format: 1\n", "fact": "need", "clear": "1", "digest": "x"}
    assert {browser.post(f"/{path}", **sent).status_code for path in FORMS} == {403}
    assert (here.parent / "policy.yaml").read_text() == POLICY


def test_without_a_token_or_a_sign_in_nothing_is_taken(here: Path, ada: Browser) -> None:
    token, ada.token = ada.token, "0" * 64
    assert {ada.post(f"/{path}", text="x", fact="need", clear="1").status_code for path in FORMS} == {403}
    stranger = behind_sign_in(here)
    for path in FORMS:
        answer = stranger.post(f"/{path}", data={"csrf": token, "text": "x"}, headers={"Origin": HERE})
        assert answer.status_code == 403
    for path in ("/mapping", "/policy", "/policy/versions"):
        assert stranger.get(path).headers["Location"].startswith("/sign-in")


def test_nobody_finds_the_change_of_somebody_else(here: Path, ada: Browser, crm: object) -> None:
    number = drafted(ada, fact="need", clear="1")
    other = Browser(here, "ada", beside=ada)
    assert "no longer kept" in other.get(f"/mapping/c?draft={number}").text
    for path in ("check", "save"):
        assert "no longer kept" in other.post(f"/mapping/c/{path}", draft=number).text
    assert ada.get(f"/mapping/c?draft={number}").status_code == 200


def test_a_change_is_committed_where_the_admin_wants_that(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    subprocess.run(["git", "init", "-q", str(here.parent)], check=True)
    for commit, outcome in (("off", "saved"), ("on", "committed")):
        here.write_text(here.read_text().replace("connections:", f"edits: {{commit: {commit}}}\nconnections:", 1))
        ada = Browser(here, "ada")
        digest = re.findall(r'name="digest" value="(\w+)"', ada.get("/policy/edit").text)[0]
        saved = ada.post("/policy/save", text=POLICY + f"# {commit}\n", digest=digest, reason=f"turned {commit}")
        assert saved.headers["Location"] == f"/policy?saved={outcome}"
        here.write_text(here.read_text().replace(f"edits: {{commit: {commit}}}\n", ""))
    page = words(ada.get("/policy/versions").text)
    assert "turned on ada," in page
    assert "turned off" in page  # in the console's log


def test_what_the_crm_calls_its_values_stays_text_and_comes_back_as_it_was(
    here: Path, ada: Browser, crm: object
) -> None:
    (here.parent / "mapping.yaml").write_text(MAPPING.replace("Need__c", "Odd__c"))
    plain = set(re.findall(r"<[a-zA-Z]+", waited(ada, "/mapping/c"))) | {"<datalist", "<small", "<code"}
    ada.post("/mapping/c/read")
    page = waited(ada, "/mapping/c")
    assert set(re.findall(r"<[a-zA-Z]+", page)) <= plain | {
        "<table",
        "<thead",
        "<tbody",
        "<tr",
        "<th",
        "<td",
        "<select",
    }
    natives = [unescape(each) for each in re.findall(r'name="native" value="([^"]*)"', page)]
    assert set(natives) >= {f"o{text}" for text in TEXTS}
    told = [native for native in natives if native.isprintable() and len(native) < 200][:60]
    number = drafted(ada, fact="need", field="Odd__c", native=told, word=["clear"] * len(told))
    text = ada.get(f"/mapping/c/file?draft={number}").text
    (here.parent / "mapping.yaml").write_text(text)
    known = load_settings(here).connection("c").mapping.mapped_facts["need"].values or {}
    assert {native.strip().casefold() for native in known} >= {native.strip().casefold() for native in told}


def test_a_value_that_means_itself_needs_no_name(here: Path, ada: Browser, crm: object) -> None:
    ada.post("/mapping/c/read")
    waited(ada, "/mapping/c")
    for values, uncovered in (("", 2), (", values: {HOT: clear, cold: null}", 0)):
        (here.parent / "mapping.yaml").write_text(MAPPING.replace(", values: {hot: clear}", values))
        assert ada.get("/mapping/c").text.count('<tr class="uncovered">') == uncovered
    (here.parent / "policy.yaml").write_text(POLICY.replace("[none, clear]", "[none, clear, hot]"))
    (here.parent / "mapping.yaml").write_text(MAPPING.replace(", values: {hot: clear}", ""))
    assert ada.get("/mapping/c").text.count('<tr class="uncovered">') == 1


def test_samples_of_people_are_masked(ada: Browser, crm: object) -> None:
    ada.post("/mapping/c/read")
    waited(ada, "/mapping/c")
    assert "acme.example" not in ada.get("/mapping/c").text


def test_a_broken_mapping_is_told_with_its_lines(here: Path, ada: Browser) -> None:
    (here.parent / "mapping.yaml").write_text(MAPPING + "nonsense: 1\n")
    page = ada.get("/mapping/c")
    assert page.status_code == 200
    assert "<code>nonsense</code> is not known here" in page.text
    assert "line 10" in page.text
