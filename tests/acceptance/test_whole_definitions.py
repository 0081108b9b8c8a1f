"""Three whole definitions of `docs/examples`, on both practice CRMs: every lead ends as it was computed by hand."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from commands import crmsync
from rehearsal import CRMS, Rehearsal
from whole_definitions import EXAMPLES, Definition, definition, lead_id, native, practised, written

DEFINITIONS = sorted(page.parent.name for page in EXAMPLES.glob("*/README.md"))
TEXT_FIELDS = "holds any text"
"""What `check` says of an imported day: the practice CRMs keep it as a text."""


@pytest.fixture(params=DEFINITIONS)
def told(request: pytest.FixtureRequest) -> Definition:
    return definition(request.param)


@pytest.mark.breadth
def test_all_leads_end_as_was_computed_by_hand(told: Definition, tmp_path: Path) -> None:
    """One world for all questions: it is dear, and workers do not share it."""
    with practised(told, tmp_path) as here:
        the_examples_hold_and_are_enough(here, told)
        check_and_the_plain_page_find_nothing_wrong(here, told)
        done = here.crmsync("run", "--format", "json")
        assert done.returncode == 0, done.stderr + done.stdout[-2000:]
        for crm in CRMS:
            each_lead_has_in_the_crm_what_was_computed_by_hand(here, told, crm)
        nothing_is_left_to_do(here)
        a_review_comes_on_the_day_that_changes_something(here, told)


def the_examples_hold_and_are_enough(here: Rehearsal, told: Definition) -> None:
    assert len(told.examples) >= 15
    done = here.crmsync("test")
    assert done.returncode == 0, done.stdout
    assert f"{len(told.examples)} of {len(told.examples)} examples as expected" in done.stdout


def each_lead_has_in_the_crm_what_was_computed_by_hand(here: Rehearsal, told: Definition, crm: str) -> None:
    leads = {lead["id"]: lead for lead in here.state(crm)["leads"]}
    assert list(told.outcomes) == [lead_id(example) for example in told.examples], "the page has a row for each"
    fields = written(told, here, crm)
    lowest = {None, (native(told, told.lowest) or {})[crm]}
    for name, outcome in told.outcomes.items():
        lead, stage = leads[name], native(told, outcome.stage)
        assert lead["owner"] == outcome.owner[crm], name
        if outcome.stage is not None:
            assert lead["stage"] in (lowest if outcome.stage == told.lowest else {(stage or {})[crm]}), name
        assert fields[name] == outcome.fields, name


def nothing_is_left_to_do(here: Rehearsal) -> None:
    for plan in here.json("run", "--full", "--dry-run")["plans"]:
        assert plan["changes"] == []
        assert plan["set_aside"] == []


def a_review_comes_on_the_day_that_changes_something(here: Rehearsal, told: Definition) -> None:
    """Asked of one CRM: both have the same leads by now."""
    numbers = here.native("salesforce")
    for example in told.examples:
        days = example["expect"].get("review_in_days")
        if not isinstance(days, int):
            continue
        number = numbers[lead_id(example)]
        today, before, then = (_shown(here, number, told.as_of + timedelta(days=ago)) for ago in (0, days - 1, days))
        assert today == before, example["name"]
        assert today != then, example["name"]


def _shown(here: Rehearsal, number: str, day: date) -> tuple[Any, ...]:
    """What time may change of a decision, ageing points within their bands aside."""
    done = here.crmsync("explain", "salesforce", number, "--as-of", day.isoformat(), "--format", "json")
    assert done.returncode == 0, done.stderr
    story = json.loads(done.stdout)
    return story["stage"], story["conditions"], [score["band"] for score in story["points"].values()]


def check_and_the_plain_page_find_nothing_wrong(here: Rehearsal, told: Definition) -> None:
    findings = here.json("check")["findings"]
    assert [each["message"] for each in findings if TEXT_FIELDS not in each["message"]] == []
    page = here.crmsync("policy", "describe")
    assert page.returncode == 0, page.stderr
    assert page.stdout.startswith("# When is a lead qualified?")
    labels = [rung.get("label", rung["stage"]) for rung in told.policy["ladder"]]
    assert all(f"### {label}" in page.stdout for label in labels)


def test_the_files_are_in_order_and_the_page_names_their_lines(told: Definition) -> None:
    assert crmsync("fmt", "--check", cwd=told.folder).returncode == 0
    page = (told.folder / "README.md").read_text(encoding="utf-8")
    places = re.findall(r"`([\w/-]+\.yaml):(\d+)` \(`([^`]+)`\)", page)
    assert len(places) >= 10
    for file, line, text in places:
        assert text in _lines(told.folder / file)[int(line) - 1], f"{file}:{line}"
    assert re.search(r"<https://[^>]+>", page), "the source's address"


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines()


def test_weights_with_three_decimals_change_no_verdict() -> None:
    """What the page of `product-led` says of 40/55 and 60/105."""
    for fit in range(0, 56, 5):
        for engagement in range(0, 106, 5):
            exact = 40 * fit * 105 + 60 * engagement * 55 >= 65 * 55 * 105
            assert exact == (727 * fit + 571 * engagement >= 65_000)
