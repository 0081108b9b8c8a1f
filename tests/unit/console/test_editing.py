"""Mapping and policy changed through the console: who may, what is written, and what is refused."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from crmsync.console.pages import mapping as mapping_page
from crmsync.errors import ConfigurationError, Finding, RunStopped
from crmsync.operations.check.connections import ConnectionCheck
from crmsync.operations.edit.offers import Offer
from crmsync.operations.fields.listing import ListedField
from crmsync.operations.fields.masking import masked_values
from crmsync.run.carrying_out import POLICY_OF_PLANS
from crmsync.settings import Settings, load_settings
from crmsync.store import Store
from crmsync.suggest.shapes import FactSuggestion, FieldCandidate
from suite.breadth import broadly
from suite.naughty import NAUGHTY
from suite.waiting import wait_until
from unit.console.signing_in import HERE, behind_sign_in, let_in, sign_in, token_in

TEXTS = tuple(text.encode("utf-8", "replace").decode("utf-8").replace("\0", "") for text in NAUGHTY)
MAPPING = """\
# Ours, by Ada.
format: 1
connector: salesforce
lead: {object: Lead, email: Email, created_at: CreatedDate}
owner: {field: OwnerId}
stage: {field: Status, values: {lead: Open, mql: Warm}}
facts:
  # asked in the first call
  need: {field: Need__c, type: choice, values: {hot: clear}}   # since May
"""
POLICY = """\
format: 1
name: Small
facts:
  need: {type: choice, values: [none, clear]}
  budget: {type: money}
ladder:
  - {stage: lead, label: Beginning}
  - {stage: mql, label: Warmed up, when: {fact: need, is: clear}}
"""
EXAMPLES = """\
format: 1
examples:
  - {name: warm, facts: {need: clear}, expect: {stage: mql}}
  - {name: cold, facts: {need: none}, expect: {stage: lead}}
"""


@pytest.fixture
def here(tmp_path: Path) -> Path:
    texts = {
        "crmsync.yaml": "format: 1\nconnections:\n  c: {connector: salesforce, mapping: mapping.yaml, writes: on}\n",
        "mapping.yaml": MAPPING,
        "policy.yaml": POLICY,
        "roster.yaml": "format: 1\npeople:\n  - {user: ann, role: ae}\n",
        "tests/small.yaml": EXAMPLES,
    }
    (tmp_path / "tests").mkdir()
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    let_in(tmp_path / "crmsync.yaml")
    return tmp_path / "crmsync.yaml"


class Browser:
    """Somebody signed in, whose forms bring back their token."""

    def __init__(self, here: Path, name: str, beside: Browser | None = None) -> None:
        self.client: TestClient = behind_sign_in(here)
        if beside is not None:  # another browser at the same console
            self.client = TestClient(beside.client.app, base_url=HERE, follow_redirects=False)
        assert sign_in(self.client, name) == 303
        self.token = token_in(self.client.get("/").text)

    def get(self, path: str, *, part: bool = False) -> Any:
        return self.client.get(path, headers={"HX-Request": "true"} if part else {})

    def post(self, path: str, **form: object) -> Any:
        return self.client.post(path, data={"csrf": self.token, **form}, headers={"Origin": HERE})  # type: ignore[arg-type]


@pytest.fixture
def ada(here: Path) -> Browser:
    return Browser(here, "ada")


def words(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def offer(settings: Settings, connection: str, progress: object = None) -> Offer:
    def field(name: str, kind: Any = "choice", **more: Any) -> ListedField:
        return ListedField("Lead", name, name.replace("__c", ""), kind, kind, True, (), 0.5, **more)

    mail = masked_values(Counter({"ann@acme.example": 9}), "text", personal=True, most=5)
    fields = [
        field("Need__c", values=(), mapped_to=("need",)),
        field("Budget__c", "money", values=(), mapped_to=()),
        field("Email", "text", values=mail, mapped_to=("email",)),
        field("Odd__c", values=(), mapped_to=()),
    ]
    options = {
        "Need__c": (("hot", "Hot", 7), ("Cold", "Cold", 3)),
        "Odd__c": tuple((f"o{text}", text, 1) for text in TEXTS),
    }
    guess = FactSuggestion("budget", "money", (FieldCandidate("Budget__c", 0.91, "called like it", {"<b>": None}),))
    return Offer("Lead", 10, True, {each.name: each for each in fields}, options, {"budget": guess}, ())


@pytest.fixture
def crm(monkeypatch: pytest.MonkeyPatch) -> Iterator[ConnectionCheck]:
    """A CRM that answers as this says, and is reached by the page's own buttons alone."""
    checked = ConnectionCheck("c")
    monkeypatch.setattr(mapping_page, "offer_of", offer)
    monkeypatch.setattr(mapping_page, "mapping_checked", lambda *_: checked)
    yield checked


def waited(ada: Browser, path: str) -> str:
    """The page once what it asks for is computed."""
    text = ""

    def there() -> bool:
        nonlocal text
        text = ada.get(path).text
        return 'hx-trigger="load delay' not in text

    wait_until(there, what=f"the end of what {path} asks for")
    return text


def drafted(ada: Browser, **form: object) -> str:
    answer = ada.post("/mapping/c/fact", **form)
    assert answer.status_code == 303, words(answer.text)
    found = re.fullmatch(r"/mapping/c\?draft=([^#&]+)&place=(fact-\w+)#change", answer.headers["Location"])
    assert found, answer.headers["Location"]
    page = ada.get(f"/mapping/c?draft={found[1]}&place={found[2]}").text
    assert 'id="change"' in page, "whoever changed something is shown what"
    assert f'<a href="#{found[2]}">Back to where it was changed</a>' in page
    assert f'id="{found[2]}"' in page
    return found[1]


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
    number = drafted(ada, fact="need", clear="1")
    ada.post("/mapping/c/check", draft=number)
    waited(ada, f"/mapping/c?draft={number}")
    (here.parent / "mapping.yaml").write_text(MAPPING + "# theirs\n")
    assert "has been changed meanwhile" in ada.post("/mapping/c/save", draft=number).text
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
