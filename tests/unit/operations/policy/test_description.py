"""The page of a policy says everything the policy says; written out in full it reads back as the same policy."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import escape as html_escape
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from crmsync.configuration import flow, read_document
from crmsync.configuration.unseen import seen_whole
from crmsync.operations.policy.description import policy_page
from crmsync.operations.policy.named import preset
from crmsync.operations.policy.written_out import resolved_yaml
from crmsync.qualify.language.policy import Policy
from crmsync.qualify.language.reading import policy_from
from crmsync.settings import presets
from crmsync.showing.page_html import html
from crmsync.showing.page_markdown import escaped, markdown

NAMES = sorted(presets())
RICH = """
name: Acme <b>& | co_
extends: saas
facts: {partner: {type: boolean, label: comes from a partner}}
sales_confirmation: {stage: sqo, mode: required, evidence: talked_with_sales}
movement: {backward: allowed, cool_down_days: 7, hands_off_days: 1, protected: [sqo]}
disqualified:
  reasons: [{name: no_need, when: no_need, say: "no need <script>alert(1)</script>"}]
scores:
  intent:
    floor: -5
    groups:
      - name: visits
        cap: 9
        rules:
          - {activities: {kind: page_view, by_role: bdr, older_than_days: 2}, points: 0.5, linear_days: 30, cap: 4}
    rules:
      - {fact: seniority, values: {c_level: 20, vp: -15}, otherwise: 1}
      - {fact: partner, values: {true: 4, false: -1}}
      - {first: [{when: size_fits, points: 10}, {when: senior, points: 5}], otherwise: 2, name: size}
expectations: {marketing: "Brings | leads", ae: Calls}
segments:
  - name: big_firms
    when: {fact: employees, at_least: 1000}
    policy:
      hand_off: {stage: mql}
      criteria: {answered: null, sal_evidence: sql_evidence, mql_evidence: gave_details}
      movement: {backward: never, cool_down_days: null}
      sales_confirmation: null
      scores: {fit: {cap: 10, bands: null}}
      grades: null
  - {name: consultants, when: {fact: industry, is: Consulting}, policy: {extends: consulting}}
"""


def rich() -> Policy:
    return policy_from(read_document(RICH, "policy"), presets())


def without_extends(policy: Policy) -> Policy:
    segments = tuple(one.model_copy(update={"policy": without_extends(one.policy)}) for one in policy.segments)
    return policy.model_copy(update={"extends": None, "segments": segments})


@pytest.mark.parametrize("policy", [*(preset(name) for name in NAMES), rich()], ids=lambda policy: policy.name)
def test_written_out_it_reads_back_as_the_same_policy(policy: Policy) -> None:
    again = policy_from(read_document(resolved_yaml(policy), "shown"), {})
    assert again == without_extends(policy)


HIDDEN = "evil \u202etxt.exe \u200b\x85\u3164 \u2066 \U000e0041 'quoted' \"twice\" \\ back: # no\ttab " + "long " * 40


def test_what_nobody_sees_stands_there_as_an_escape() -> None:
    policy = policy_from(read_document(f"format: 1\nextends: saas\nname: {flow(HIDDEN)}\n", "p.yaml"), presets())
    text = resolved_yaml(policy)
    assert seen_whole(text)
    assert "\\u202e" in text
    assert policy_from(read_document(text, "again.yaml"), presets()) == without_extends(policy)
    assert policy.name == HIDDEN


@pytest.mark.parametrize(
    "text",
    [
        "[x](javascript:alert(1))",
        "\\[x](javascript:alert(1))",
        "![x](data:text/html,x)",
        "<javascript:alert(1)>",
        "&#91;x](javascript:alert(1))",
        "[x]: javascript:alert(1)",
        "[x][y]",
        "`[x](javascript:alert(1))`",
        "&lt;a&gt;",
    ],
)
def test_a_policy_can_set_no_link(text: str) -> None:
    """By a reader of Markdown that follows the standard."""
    document = read_document(f"format: 1\nextends: saas\nname: {json.dumps(text)}\n", "p.yaml")
    shown = MarkdownIt("commonmark").enable("table").render(markdown(policy_page(policy_from(document, presets()))))
    assert not re.search(r"<(a|img|code|script)\b", shown)
    assert html_escape(text, quote=False) in shown.replace("&quot;", '"')


def spoken(policy: Policy) -> str:
    """The page in plain words."""
    return re.sub(r"\\(.)", r"\1", markdown(policy_page(policy)).replace("&amp;", "&"))


@pytest.mark.parametrize("name", NAMES)
def test_nothing_the_policy_says_to_people_is_left_out(name: str) -> None:
    policy, page = preset(name), spoken(preset(name))
    for rung in policy.ladder:
        assert f"### {policy.label_of(rung.stage)}" in page
    for words in (
        *policy.next_action.values(),
        *policy.expectations.values(),
        *(one.ask for one in policy.questions),
    ):
        assert words in page
    assert policy.disqualified is not None
    for reason in policy.disqualified.reasons:
        assert reason.say in page
    for score in policy.scores.values():
        assert f"### {score.label}" in page
    assert "Unknown is not no" in page
    assert "| Marketing |" in page
    assert "| Sales |" in page
    assert policy.digest[:12] in page


def test_a_waived_confirmation_is_said_openly_and_a_required_one_with_its_evidence() -> None:
    assert "Waived: this policy does not require that sales confirms" in spoken(preset("saas"))
    assert "No stage of this policy asks for a confirmation by sales" in spoken(preset("mql-sql"))
    page = spoken(rich())
    assert "Required: a lead becomes Sales qualified opportunity only when sales has confirmed it" in page
    assert "- and the word of sales:" in page


def test_points_ageing_and_limits_are_told() -> None:
    page = spoken(rich())
    for row in (
        "| page view (by bdr) more than 2 days ago | 0.5 each | evenly to nothing at 30 days | 4 |",
        "Together at most 9 points.",
        "| seniority: vp | −15 | no |  |",
        "| seniority: any other value | 1 | no |  |",
        "| comes from a partner: yes | 4 | no |  |",
        "| comes from a partner: no | −1 | no |  |",
        "| size: else has a senior role | 5 | no |  |",
        "| size: else | 2 | no |  |",
        "In all at least −5 points.",
        "| form submission | 15 each | half after 45 days, a quarter after 90 days | 30 |",
    ):
        assert row in page, row


def test_movement_is_told() -> None:
    page = spoken(rich())
    assert "moves back when the evidence gives it less, but not within 7 days of reaching a stage" in page
    assert "it stays as it is for 1 day: human judgement goes first" in page
    assert "Leads at Sales qualified opportunity stay there." in page
    assert "A lead never moves back by itself" in spoken(preset("saas"))


def test_a_segment_tells_only_what_differs() -> None:
    (section,) = [one for one in policy_page(rich()).sections if one.title == "Leads with rules of their own"]
    big, consultants = section.parts
    assert {part.title for part in big.parts} >= {"Hand-off", "How leads move", "The word of sales", "Points"}
    assert "Who is expected to do what" not in {part.title for part in big.parts}
    stages = next(part for part in big.parts if part.title == "The stages")
    assert "Sales accepted lead" in {part.title for part in stages.parts}
    assert "Lead" not in {part.title for part in stages.parts}, "every lead stands at least there, in both"
    assert "What to do next" in {part.title for part in consultants.parts}


class Links(HTMLParser):
    """Ids, references to them, and tags."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in ("meta", "!doctype"):
            self.open.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            elif name in ("href", "src"):
                self.links.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _policies() -> Iterator[Policy]:
    yield from (preset(name) for name in NAMES)
    yield rich()


@pytest.mark.parametrize("policy", list(_policies()), ids=lambda policy: policy.name)
def test_the_html_page_stands_alone(policy: Policy) -> None:
    page = html(policy_page(policy))
    found = Links(page)
    assert found.open == []
    assert "script" not in found.tags
    assert len(found.ids) == len(set(found.ids)) > 0
    assert {link.removeprefix("#") for link in found.links} <= set(found.ids)
    assert all(link.startswith("#") for link in found.links)
    assert "http" not in re.sub(r"http-equiv", "", page)


def test_what_people_wrote_cannot_become_markup() -> None:
    page = html(policy_page(rich()))
    assert "Acme &lt;b&gt;&amp; | co_" in page
    assert "<script" not in page
    text = markdown(policy_page(rich()))
    assert "Brings \\| leads" in text
    assert "&lt;script" in text
    assert "<script" not in text
    assert escaped("# x\n- *y*") == "\\# x - \\*y\\*"
    assert escaped("1. x") == "1\\. x"
