"""Texts of a policy that would be markup: every page shows them as they are written, and does nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from markdown_it import MarkdownIt
from rehearsal import Rehearsal, rehearsal

EVIL = (
    '<img src=x onerror=alert(1)> | a | `b` [x](javascript:alert(1)) <script>alert(2)</script> **bold** ![i](http://e/i)'
    " <http://e.example> &lt;b&gt; $a$ \n\n---\n# head\n- item\n1. one\n    code\n<div>\n"
)  # fmt: skip
MARKS = ("img src=x", "javascript:", "script>alert", "**bold**")


def spoilt(data: Any) -> Any:
    """The same file with these words in every text that is words for people."""
    if isinstance(data, dict):
        words = ("label", "say", "question", "unit", "why", "subject")
        return {
            key: f"x {EVIL}" if key in words and isinstance(value, str) else spoilt(value)
            for key, value in data.items()
        }
    return [spoilt(each) for each in data] if isinstance(data, list) else data


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """A policy with such words wherever a shipped one has any, and in its name."""
    with rehearsal(tmp_path_factory.mktemp("words") / "here", "--leads", "60", "--seed", "4") as crm:
        crm.json("run", "--dry-run", code=(0, 4))
        policy = json.loads(crm.crmsync("policy", "show", "--format", "json").stdout)
        evil = {**spoilt(policy), "name": f"x {EVIL}"}
        assert json.dumps(evil).count("onerror") > 20
        crm.file("evil.yaml").write_text(json.dumps(evil), encoding="utf-8")
        yield crm


class Seen(HTMLParser):
    """Which elements and attributes a page has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        assert all(not (value or "").lower().startswith("javascript") for _, value in attrs)

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize(
    "command",
    [
        ("policy", "describe", "--policy", "evil.yaml"),
        pytest.param(("simulate", "--policy", "evil.yaml"), marks=pytest.mark.breadth),
        pytest.param(("backtest", "--policy", "evil.yaml", "--outcome", "stage=sqo"), marks=pytest.mark.breadth),
    ],
    ids=lambda command: command[0],
)
def test_a_page_has_no_element_of_theirs(here: Rehearsal, command: tuple[str, ...]) -> None:
    done = here.crmsync(*command, "--format", "html")
    assert done.returncode == 0, done.stderr
    evil = Seen(done.stdout)
    known = ("saas" if each == "evil.yaml" else each for each in command)
    harmless = here.crmsync(*known, "--format", "html").stdout
    plain = Seen(harmless)
    assert evil.tags <= plain.tags | {"a", "ul", "li", "h3", "h4", "h5", "h6"}
    assert evil.tags.isdisjoint({"img", "b", "strong"})
    assert done.stdout.lower().count("<script") == harmless.lower().count("<script"), "those that draw charts"
    assert not [name for name in evil.attributes if name.startswith("on") or name == "src"]
    assert MARKS[0] in evil.text, "still to be read"


def test_markdown_shows_every_sign_and_links_nothing(here: Rehearsal) -> None:
    done = here.crmsync("policy", "describe", "--policy", "evil.yaml")
    assert done.returncode == 0, done.stderr
    assert re.search("<(img|script|div)", done.stdout) is None, "not every reader of Markdown knows an escaped <"
    page = Seen(MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(done.stdout))
    headings, cells = {"h1", "h2", "h3", "h4", "h5", "h6"}, {"table", "thead", "tbody", "tr", "th", "td"}
    assert page.tags <= headings | cells | {"p", "em", "ul", "li"}
    assert page.attributes == set()
    assert all(mark in page.text for mark in MARKS)
    assert "h1" in page.tags and page.text.count("# head") > 20


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_a_policy_written_out_says_the_same(here: Rehearsal, form: str) -> None:
    done = here.crmsync("policy", "show", "--policy", "evil.yaml", "--format", form)
    here.file("again.yaml").write_text(done.stdout, encoding="utf-8")
    again = here.crmsync("policy", "show", "--policy", "again.yaml", "--format", form)
    assert again.stdout == done.stdout
