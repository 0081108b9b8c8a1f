"""The script's own policy is a valid one, and suggested points find their way into it."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from crmsync.configuration import read_document
from crmsync.qualify.language.policy import Policy
from crmsync.qualify.language.reading import policy_from
from crmsync.settings import presets
from crmsync.tune.probe import features_of


@pytest.fixture(scope="module")
def script() -> ModuleType:
    path = Path(__file__).parents[3] / "scripts" / "leadforge_backtest.py"
    spec = importlib.util.spec_from_file_location("leadforge_backtest", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def policy(data: Any) -> Policy:
    return policy_from(read_document(json.dumps(data), "firm.yaml"), presets())


def test_every_suggestion_finds_its_place(script: ModuleType) -> None:
    features = features_of(policy(script.FIRM))
    assert {feature.score for feature in features} == {"worth"}
    suggested = [{"place": feature.place, "suggested": index + 0.4} for index, feature in enumerate(features)]
    tuned = policy(script.tuned(script.FIRM, suggested))
    assert [feature.points for feature in features_of(tuned)] == list(range(len(features)))


def test_an_activity_rule_keeps_how_many_activities_count(script: ModuleType) -> None:
    rules = script.FIRM["scores"]["worth"]["rules"]
    index = next(at for at, rule in enumerate(rules) if rule.get("activities") == {"kind": "webinar"})
    found = script.tuned(script.FIRM, [{"place": f"scores.worth.rules.{index}", "suggested": -4.4}])
    rule = found["scores"]["worth"]["rules"][index]
    assert (rule["points"], rule["cap"]) == (-4, 12)
    assert rules[index]["points"] == 10
