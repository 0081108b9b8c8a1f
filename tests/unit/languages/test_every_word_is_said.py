"""No word that people read is born outside translation: told in a made-up language, all are words of that."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from pseudo import PSEUDO, unsaid

from crmsync.configuration import read_document
from crmsync.hand_off import HandOffRecord
from crmsync.hand_off.clock import Clock
from crmsync.model import Routing
from crmsync.operations.explain.lead import LeadStory
from crmsync.operations.explain.owner_story import OwnerStory
from crmsync.operations.policy.description import policy_page
from crmsync.operations.policy.named import preset
from crmsync.operations.report.hand_offs import HandOffLine
from crmsync.qualify.engine.compile import compile_policy
from crmsync.qualify.engine.decide import decide
from crmsync.qualify.examples import Example, batch_of
from crmsync.qualify.explain import explain
from crmsync.qualify.language.policy import Policy
from crmsync.qualify.language.reading import policy_from
from crmsync.qualify.telling.reasons import reasons
from crmsync.qualify.telling.words import WHY
from crmsync.run.left_alone import LeftAlone
from crmsync.settings import presets
from crmsync.showing.explain.owner_parts import STATES
from crmsync.showing.explain.story import story_parts
from crmsync.showing.page_html import html
from crmsync.showing.page_markdown import markdown
from crmsync.showing.rendering import rendered
from crmsync.store import OwnerMove, StageMove
from suite.breadth import broadly

AS_OF = date(2026, 11, 21)
AT = datetime(2026, 11, 21, 9, tzinfo=UTC)
CASES = Path(__file__).parents[2] / "cases" / "presets"
MANY = 30
ALWAYS = ("crmsync", "CRM", "UTC", "crmsync report hand-offs", "release", "hold")

EVERYTHING = """
format: 1
name: everything
extends: saas
facts:
  close_date: {type: date, label: close date}
  amount: {type: money, unit: euros}
  partner: {type: boolean}
lists: {far_away: [Mars]}
derived: {age: {days_since: close_date}}
criteria:
  one: {fact: amount, at_least: 1000, at_most: 5000.5}
  two: {not: {fact: amount, above: 10}}
  three: {fact: country, not_in: far_away}
  four: {fact: partner, is: true}
  five: {fact: partner, is_not: true}
  six: {fact: close_date, within_days: 1}
  seven: {not: {fact: close_date, within_past_days: 30}}
  eight: {fact: close_date, more_than_days_ahead: 2, before: 2027-01-01}
  nine: {fact: close_date, more_than_days_ago: 1, after: as_of}
  ten: {fact: title, contains_any: [x1, x2], starts_with: x3, ends_with: x4}
  eleven: {not: {fact: title, contains_words: [x5]}}
  twelve: {fact: title, matches: "1.2", contains_all: [x1, x2]}
  thirteen: {known: need_detail}
  fourteen: {not: {unknown: need_detail}}
  fifteen: {no_activities: {within_days: 1}}
  sixteen: {not: {no_activities: {kind: call, by_role: bdr, older_than_days: 3}}}
  seventeen: {activities: {kind: [call, email], direction: inbound}, at_least: 2, at_most: 4, distinct: days}
  eighteen: {not: {activities: {kind: call}, at_most: 3, distinct: people}}
  nineteen: {not: {activities: {kind: [call, demo]}, at_least: 2, distinct: kinds}}
  twenty: {latest: {kind: meeting}, at_least_days_ago: 2, at_most_days_ago: 9}
  more_one: {first: {kind: demo}, then: {kind: call}, at_most_days_apart: 1}
  more_two: {first: {kind: demo}, then: {}}
  more_three: {not: {meets: lead}}
  more_four: {meets: lead}
  more_five: {score: fit, at_least: 10, below: 20}
  more_six: {not: {score: fit, below: 1}}
  more_seven: {at_least: 1, at_most: 2, of: [one, two, three]}
  more_eight: {not: {all: [four, five]}}
  more_nine: {any: [one, {all: [two, {any: [three, four]}]}]}
  also: more_seven
  never: {all: [one, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve, thirteen, fourteen]}
  hardly: {any: [fifteen, sixteen, seventeen, eighteen, nineteen, twenty, more_one, more_two, more_three, more_four,
           more_five, more_six, also, more_eight, more_nine]}
scores:
  extra:
    rules:
      - {fact: need, values: {clear: 5, some: 1.5}, otherwise: -2}
      - {first: [{when: one, points: 3}, {when: two, points: 2}], otherwise: 1}
      - {activities: {kind: email, direction: outbound}, points: 4, linear_days: 9, cap: 2}
    groups:
      - {rules: [{when: {fact: interest, is: strong}, points: 4}], cap: 3, floor: 1}
  added: {combine: {extra: 0.5, fit: 2}}
ladder:
  - {stage: lead, label: Lead}
  - {stage: mql, label: Marketing qualified lead, when: {any: [never, hardly]}, set_by: people}
  - {stage: sal, label: Sales accepted lead, when: never, stands_alone: true}
  - {stage: sql, label: Sales qualified lead, when: hardly}
  - {stage: sqo, label: Sales qualified opportunity, when: one}
disqualified:
  stage: disqualified
  label: Disqualified
  when: {fact: budget, is: none}
  recycle: {after_days: 1, on_new_engagement: {within_days: 9}, to: mql}
movement: {backward: allowed, cool_down_days: 1, hands_off_days: 2, tug_of_war: 1, protected: [sql]}
sales_confirmation: {stage: sql, mode: required, evidence: {fact: authority, is: decision_maker}}
hand_off:
  stage: sql
  task: {due_hours: 4, accepted_by: [completed, connected], returned_by: [canceled]}
  first_touch: {within_hours: 1, remind_after_hours: 2, reassign_after_hours: 3, kinds: [call, email]}
  returned: {to: bdr, at_most: 1, again_after_days: 1}
"""


def policy_called(name: str) -> Policy:
    """Read where it is used: modules of tests are imported before workers are forked, and reading starts threads."""
    return policy_from(read_document(EVERYTHING, "policy.yaml"), presets()) if name == "everything" else preset(name)


def names_of(policy: Policy) -> list[str]:
    """Words that are data: how machines call stages and policies, and what stands in lists and patterns."""
    listed = [str(each) for values in policy.lists.values() if isinstance(values, tuple) for each in values]
    texts = ["chief", "founder", "owner", "president", "director", "head of", "managing", "partner"]
    bands = [str(band) for score in policy.scores.values() for band in score.bands or ()]
    ids = [*policy.stages, policy.name, *(one.name for one in policy.segments), "everything"]
    return [*ALWAYS, *ids, *listed, *texts, *bands, *policy.expectations, "student", "intern"]


@pytest.mark.parametrize("name", [*presets(), "everything"])
def test_the_page_of_a_policy(name: str) -> None:
    policy = policy_called(name)
    page = policy_page(policy, PSEUDO)
    assert unsaid(markdown(page).replace("\\", ""), [page.digest[:12], *names_of(policy)]) == []
    assert '<html lang="xx">' in html(page)


def examples() -> Iterator[Any]:
    for file in sorted(CASES.glob("*.yaml")):
        for group in yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]:
            yield from group["examples"]


@pytest.mark.parametrize("name", broadly(["everything", "saas", "agency"]))
def test_explanations_and_reasons(name: str) -> None:
    """Of leads that the presets' cases know, in one batch."""
    policy = policy_called(name)
    known = [Example.model_validate({**one, "expect": {}}) for one in examples() if _fits(one, policy)][:MANY]
    assert len(known) == MANY
    batch = batch_of(policy, known, AS_OF)
    compiled = compile_policy(policy, mapped_facts=frozenset(policy.facts))
    names = [*names_of(policy), *batch.leads["lead"]]
    decisions = decide(compiled, batch, AS_OF)
    for said in reasons(compiled, batch, decisions, decisions["row"], PSEUDO).values():
        assert [unsaid(each, names) for each in said] == [[] for _ in said]
    for told in explain(compiled, batch, AS_OF, tongue=PSEUDO):
        story = LeadStory(told, "", True, None, None, None, (), OwnerStory(None, (), {}))
        values = [str(value) for lead in batch.leads.to_dicts() for value in lead.values() if isinstance(value, str)]
        assert unsaid(rendered(*story_parts(story)), [*names, *values]) == []


def _fits(example: dict[str, Any], policy: Policy) -> bool:
    stage = example.get("stage")
    return (stage is None or stage in policy.stages) and set(example.get("facts", ())) <= set(policy.facts)


def test_every_reason_for_a_stage_that_stays() -> None:
    assert [unsaid(PSEUDO.say(words), ["crmsync", "CRM"]) for words in WHY.values()] == [[] for _ in WHY]


def story(**more: Any) -> str:
    policy = preset("saas")
    batch = batch_of(policy, [Example(name="x", expect={})], AS_OF)  # type: ignore[arg-type]
    compiled = compile_policy(policy, mapped_facts=frozenset(policy.facts))
    told = explain(compiled, batch, AS_OF, tongue=PSEUDO)[0]
    usual: dict[str, Any] = {
        "name": "", "managed": True, "stage_native": None, "owner": None, "owner_name": None, "history": (),
        "owner_story": OwnerStory(None, (), {}),
    }  # fmt: skip
    text = rendered(*story_parts(LeadStory(told, **{**usual, **more})))
    return " ".join(unsaid(text, [*names_of(policy), *batch.leads["lead"]]))


ALONE = (
    LeftAlone("7", "held", "1 2 3", AS_OF),
    LeftAlone("7", "pinned", "1"),
    LeftAlone("7", "undone", until=AS_OF, on=AS_OF),
    LeftAlone("7", "stopped", part="stage", times=1, on=AS_OF),
    LeftAlone("7", "stopped", part="owner", times=3, on=AS_OF),
)


@pytest.mark.parametrize("alone", broadly(ALONE, core=2))
def test_a_lead_that_is_left_alone(alone: LeftAlone) -> None:
    assert story(left_alone=alone) == ""
    assert unsaid(alone.to_json(PSEUDO)["why"]) == []


def test_an_unmanaged_lead_with_a_history() -> None:
    causes = ("crmsync", "undone", "crm")
    moves = tuple(StageMove(1, None, "mql", None, AS_OF, cause, 1) for cause in causes)
    assert story(managed=False, stage_native='{"1": "2"}', history=moves) == ""


@pytest.mark.parametrize(
    "ended", broadly([None, "returned", "reassigned", "taken_over", "left_ladder", "switched_off", "undone"], core=2)
)
@pytest.mark.parametrize("late", broadly([True, False], core=2))
def test_owners_and_hand_offs(ended: Any, late: bool) -> None:
    hand_off = HandOffRecord(
        id=1, lead="7", attempt=1, bdr=None, receiver="8", pool=None, handed_at=AT, touched_at=AT, accepted_at=None,
        reminded_at=AT, returned_at=AT if ended == "returned" else None, reason="1", ended_at=AT if ended else None,
        ended_by=ended,
    )  # fmt: skip
    line = HandOffLine(hand_off, Clock(AT, AT, AT, timedelta(hours=1), late), "", {})
    for pool in ("9", "-", None):
        routing = Routing("1", pool, 1, 2, (("3", "4"),))
        owner = OwnerStory(OwnerMove("8", AT, routing), (line,), {}, AS_OF, AS_OF)
        assert story(owner_story=owner) == ""


def test_every_state_of_a_hand_off() -> None:
    assert [unsaid(PSEUDO.say(words)) for words in STATES.values()] == [[] for _ in STATES]
