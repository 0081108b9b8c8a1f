"""Three whole definitions of `docs/examples`, on both practice CRMs: every lead ends as it was computed by hand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from rehearsal import CRMS, Rehearsal
from whole_definitions import EXAMPLES, Definition, definition, lead_id, native, practised, written

DEFINITIONS = sorted(page.parent.name for page in EXAMPLES.glob("*/README.md"))
TEXT_FIELDS = "holds any text"
"""What `check` says of an imported day: the practice CRMs keep it as a text."""


@pytest.fixture(scope="module", params=DEFINITIONS)
def told(request: pytest.FixtureRequest) -> Definition:
    return definition(request.param)


@pytest.fixture(scope="module")
def ran(told: Definition, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """The definition's leads after its own run."""
    with practised(told, tmp_path_factory.mktemp(told.name)) as here:
        done = here.crmsync("run", "--format", "json")
        assert done.returncode == 0, done.stderr + done.stdout[-2000:]
        yield here


def test_examples_hold_and_are_enough(ran: Rehearsal, told: Definition) -> None:
    assert len(told.examples) >= 15
    done = ran.crmsync("test")
    assert done.returncode == 0, done.stdout
    assert f"{len(told.examples)} of {len(told.examples)} examples as expected" in done.stdout


@pytest.mark.parametrize("crm", CRMS)
def test_each_lead_has_in_the_crm_what_was_computed_by_hand(ran: Rehearsal, told: Definition, crm: str) -> None:
    leads = {lead["id"]: lead for lead in ran.state(crm)["leads"]}
    assert list(told.outcomes) == [lead_id(example) for example in told.examples], "the page has a row for each"
    fields = written(told, ran, crm)
    lowest = {None, (native(told, told.lowest) or {})[crm]}
    for name, outcome in told.outcomes.items():
        lead, stage = leads[name], native(told, outcome.stage)
        assert lead["owner"] == outcome.owner[crm], name
        if outcome.stage is not None:
            assert lead["stage"] in (lowest if outcome.stage == told.lowest else {(stage or {})[crm]}), name
        assert fields[name] == outcome.fields, name


def test_then_nothing_is_left_to_do(ran: Rehearsal) -> None:
    for plan in ran.json("run", "--full", "--dry-run")["plans"]:
        assert plan["changes"] == []
        assert plan["set_aside"] == []


def test_the_day_of_the_review_brings_a_change_and_no_day_before_it(ran: Rehearsal, told: Definition) -> None:
    for example in told.examples:
        days = example["expect"].get("review_in_days")
        if not isinstance(days, int):
            continue
        for crm in CRMS:
            number = ran.native(crm)[lead_id(example)]
            today, before, then = (
                _shown(ran, crm, number, told.as_of + timedelta(days=ago)) for ago in (0, days - 1, days)
            )
            assert today == before, example["name"]
            assert today != then, example["name"]


def _shown(here: Rehearsal, crm: str, number: str, day: date) -> tuple[Any, ...]:
    """What time may change of a decision, ageing points within their bands aside."""
    done = here.crmsync("explain", crm, number, "--as-of", day.isoformat(), "--format", "json")
    assert done.returncode == 0, done.stderr
    story = json.loads(done.stdout)
    return story["stage"], story["conditions"], [score["band"] for score in story["points"].values()]


def test_check_and_the_plain_page_find_nothing_wrong(ran: Rehearsal, told: Definition) -> None:
    findings = ran.json("check")["findings"]
    assert [each["message"] for each in findings if TEXT_FIELDS not in each["message"]] == []
    page = ran.crmsync("policy", "describe")
    assert page.returncode == 0, page.stderr
    assert page.stdout.startswith("# When is a lead qualified?")
    labels = [rung.get("label", rung["stage"]) for rung in told.policy["ladder"]]
    assert all(f"### {label}" in page.stdout for label in labels)


def test_places_that_the_page_names_are_these(told: Definition) -> None:
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
