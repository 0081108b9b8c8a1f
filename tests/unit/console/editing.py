"""What tests of changing files in the console share: a small configuration, a browser, what a CRM offers."""

from __future__ import annotations

import re
from collections import Counter
from html import unescape
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from crmsync.operations.edit.offers import Offer
from crmsync.operations.fields.listing import ListedField
from crmsync.operations.fields.masking import masked_values
from crmsync.settings import Settings
from crmsync.suggest.shapes import FactSuggestion, FieldCandidate
from suite.naughty import NAUGHTY
from suite.waiting import wait_until
from unit.console.signing_in import HERE, behind_sign_in, sign_in, token_in

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
