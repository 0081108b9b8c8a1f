"""A policy changed through the console: who may, what is written, and what is refused."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from crmsync.errors import ConfigurationError
from crmsync.operations.edit.opened_file import digest_of
from crmsync.run.carrying_out import POLICY_OF_PLANS
from crmsync.settings import load_settings
from crmsync.store import Store
from suite.breadth import broadly
from suite.waiting import wait_until
from unit.console.editing import POLICY, Browser, words
from unit.console.signing_in import HERE, sign_in, token_in


def test_a_policy_is_told_wrong_at_its_line_and_is_not_saved(here: Path, ada: Browser) -> None:
    digest = re.findall(r'name="digest" value="(\w+)"', ada.get("/policy/edit").text)[0]
    wrong = POLICY.replace("is: clear", "is: often").replace("\n", "\r\n")
    for path in ("/policy/edit", "/policy/save"):
        page = ada.post(path, text=wrong, digest=digest).text
        assert 'data-line="8"' in page
        assert "often" in words(page)
    assert (here.parent / "policy.yaml").read_text() == POLICY


def test_a_policy_is_saved_as_it_was_typed_and_only_over_what_was_read(here: Path, ada: Browser) -> None:
    path = here.parent / "policy.yaml"
    path.write_bytes(("\ufeff" + POLICY.replace("\n", "\r\n")).encode())
    page = ada.get("/policy/edit").text
    digest = re.findall(r'name="digest" value="(\w+)"', page)[0]
    shown = unescape(re.findall(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)[0])
    typed = shown.replace("\r\n", "\n").replace("Warmed up", "Warm <b>").replace("\n", "\r\n")
    saved = ada.post("/policy/save", text=typed, digest=digest)
    assert saved.headers["Location"] == "/policy?saved=saved"
    expected = "\ufeff" + POLICY.replace("Warmed up", "Warm <b>").replace("\n", "\r\n")
    assert path.read_bytes().decode() == expected
    again = ada.post("/policy/save", text=typed.replace("Small", "Mine"), digest=digest)
    assert again.status_code == 409
    assert "has been changed meanwhile, so nothing was written" in again.text
    assert "name: Mine" in again.text
    assert "data-unsaved" in again.text  # the browser warns before it is left
    assert "data-unsaved" not in ada.get("/policy/edit").text
    assert path.read_bytes().decode() == expected
    assert "Warm &lt;b&gt;" in ada.get("/policy").text


def test_an_old_form_of_the_policy_loses_nothing_and_writes_nothing_twice(here: Path, ada: Browser) -> None:
    old = re.findall(r'name="digest" value="(\w+)"', ada.get("/policy/edit").text)[0]
    sent = {"text": f"{POLICY}# mine\n", "digest": old, "reason": "agreed in May"}
    assert ada.post("/policy/save", **sent).status_code == 303
    again = ada.post("/policy/save", **sent)  # by the browser's way back
    assert "The file says this already, so nothing was written." in ada.get(again.headers["Location"]).text
    assert words(ada.get("/log").text).count("changed a file") == 1
    for path, text in (("edit", POLICY), ("save", POLICY), ("save", "nonsense: 1\n")):
        page = ada.post(f"/policy/{path}", text=text, digest=old, reason="agreed in June").text
        assert 'name="reason" maxlength="500" value="agreed in June"' in page, path
    for digest, told in ((old, True), (digest_of((here.parent / "policy.yaml").read_bytes()), False)):
        sent = {"csrf": ada.token, "text": POLICY, "digest": digest}
        part = ada.client.post("/policy/trial", data=sent, headers={"Origin": HERE, "HX-Request": "true"})
        assert ("has been changed meanwhile" in part.text) is told, "the text undoes what somebody changed"
    assert (here.parent / "policy.yaml").read_text() == f"{POLICY}# mine\n"


def test_a_policy_that_lies_elsewhere_is_read_and_not_changed(
    here: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "policy.yaml"
    elsewhere.write_text(POLICY)
    (here.parent / "policy.yaml").unlink()
    (here.parent / "policy.yaml").symlink_to(elsewhere)
    ada = Browser(here, "ada")
    assert ada.get("/policy").status_code == 200
    for answer in (ada.get("/policy/edit"), ada.post("/policy/save", text=POLICY + "# mine\n", digest="")):
        assert "does not lie in the configuration" in answer.text
    assert elsewhere.read_text() == POLICY


@pytest.mark.parametrize("name", broadly(["../secret.txt", "/etc/hostname", "in/../../secret.txt", "link.txt"]))
def test_a_policy_reads_no_file_outside_the_folder(here: Path, ada: Browser, name: str) -> None:
    secret = here.parent.parent / "secret.txt"
    secret.write_text("hush\n")
    (here.parent / "link.txt").symlink_to(secret)
    digest = re.findall(r'name="digest" value="(\w+)"', ada.get("/policy/edit").text)[0]
    for path in ("/policy/edit", "/policy/save"):
        answer = ada.post(path, text=f"{POLICY}lists: {{l: {{file: {name}}}}}\n", digest=digest)
        assert "does not lie in the configuration" in answer.text
        assert "hush" not in answer.text
    assert (here.parent / "policy.yaml").read_text() == POLICY


def test_what_is_wrong_is_not_tried_on_the_leads(ada: Browser) -> None:
    digest = re.findall(r'name="digest" value="(\w+)"', ada.get("/policy/edit").text)[0]
    page = words(ada.post("/policy/trial", text=POLICY + "nonsense: 1\n", digest=digest).text)
    assert "1 thing to mend" in page
    assert "Once nothing is left to mend, the leads that would move are told here." in page


@pytest.mark.parametrize(
    "name",
    broadly(
        [".env", "./.env", "console-people.yaml", "crmsync.yaml", "keys/crm.key", ".git/x.txt", "link.txt"], core=2
    ),
)
def test_a_policy_reads_no_file_of_the_folder_that_is_no_list(here: Path, ada: Browser, name: str) -> None:
    """Pages tell what lists hold to everybody, and secrets lie in that folder."""
    for folder in ("keys", ".git"):
        (here.parent / folder).mkdir()
    for file in (".env", "keys/crm.key", ".git/x.txt"):
        (here.parent / file).write_text("CRMSYNC_C_CLIENT_SECRET=hush\n")
    (here.parent / "link.txt").symlink_to(here.parent / ".env")
    digest = re.findall(r'name="digest" value="(\w+)"', ada.get("/policy/edit").text)[0]
    for path in ("/policy/edit", "/policy/save"):
        answer = ada.post(path, text=f"{POLICY}lists: {{l: {{file: {name}}}}}\n", digest=digest)
        assert "is no list" in answer.text
        assert "hush" not in answer.text
    assert (here.parent / "policy.yaml").read_text() == POLICY
    (here.parent / "names.txt").write_text("ann\n")
    text = f"{POLICY}lists: {{l: {{file: names.txt}}}}\n"
    assert ada.post("/policy/save", text=text, digest=digest).headers["Location"].startswith("/policy?saved")


@pytest.mark.breadth
def test_a_text_is_tried_beside_its_examples(here: Path, ada: Browser) -> None:
    digest = re.findall(r'name="digest" value="(\w+)"', ada.get("/policy/edit").text)[0]
    ada.post("/policy/trial", text=POLICY.replace("is: clear", "is: none"), digest=digest)
    wait_until(lambda: "being worked out" not in words(ada.get("/policy/trial", part=True).text))
    page = words(ada.get("/policy/trial", part=True).text)
    assert "0 of 2 as expected" in page
    assert "stage is lead, expected mql" in page
    assert "nothing is stored of c yet" in page
    assert (here.parent / "policy.yaml").read_text() == POLICY


def test_what_was_typed_is_not_lost_where_a_session_has_ended(here: Path, ada: Browser) -> None:
    digest = re.findall(r'name="digest" value="(\w+)"', ada.get("/policy/edit").text)[0]
    typed = {"text": POLICY + "# typed for hours\n", "digest": digest, "reason": "why"}
    ada.post("/sign-out")
    part = ada.client.post("/policy/trial", data=typed, headers={"Origin": HERE, "HX-Request": "true"})
    assert (part.headers["HX-Retarget"], "HX-Redirect" in part.headers) == ("#outside", False)
    assert "not signed in any more" in part.text
    kept = ada.post("/policy/save", **typed)
    assert kept.status_code == 403
    assert "# typed for hours" in kept.text
    assert 'value="why"' in kept.text
    assert sign_in(ada.client, "ada") == 303
    for path in ("/policy/save", "/policy/edit"):  # with the token of before
        again = ada.post(path, **typed)
        assert (again.status_code, "# typed for hours" in again.text) == (403, True)
    assert (here.parent / "policy.yaml").read_text() == POLICY
    done = ada.post("/policy/save", **{**typed, "csrf": token_in(again.text)})
    assert done.status_code == 303
    assert '<a href="/plan">Make the plan to see what it changes</a>' in ada.get(done.headers["Location"]).text
    assert (here.parent / "policy.yaml").read_text() == typed["text"]


def test_versions_tell_whether_runs_go_by_this_wording(here: Path, ada: Browser) -> None:
    settings = load_settings(here)
    assert "nothing was written by any policy yet" in ada.get("/policy/versions").text
    store = Store(settings.store)
    store.runs.set_digests("c", {POLICY_OF_PLANS: settings.policy.digest})
    page = ada.get("/policy/versions").text
    assert "approved plans: <span" in page.replace("\n", "")
    assert "as it stands here" in page
    assert "runs: <span" not in page
    assert "carried out by: c" in ada.get("/policy").text
    store.runs.set_digests("c", {POLICY_OF_PLANS: "another"})
    assert "another wording at the last one" in ada.get("/policy/versions").text
    assert "went by another wording" in ada.get("/policy").text
    store.runs.set_digests("c", {"policy": settings.policy.digest})
    assert "as it stands here" in ada.get("/policy/versions").text
    store.runs.set_digests("c", {"policy": "another"})
    store.close()
    assert "another wording at the last run" in ada.get("/policy/versions").text
    assert "went by another wording" in ada.get("/policy").text


def test_a_text_that_cannot_be_changed_there_is_refused_in_words(here: Path, ada: Browser) -> None:
    assert issubclass(ConfigurationError, Exception)
    for fact, told in (("nobody", "The policy has no fact"), ("budget", "No field was named")):
        assert told in ada.post("/mapping/c/fact", fact=fact, field="" if fact == "budget" else "X").text
    assert "is no value of" in ada.post("/mapping/c/fact", fact="need", field="Need__c", native="a", word="b").text
