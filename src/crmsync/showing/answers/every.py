"""Which command answers what, and the JSON Schemas of these answers.

A schema says which keys an answer has and what stands in them. It does not say that there are no others: keys may be
added, none is taken away or changes its meaning without another `format`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from crmsync.showing.answers import (
    backtests,
    capacities,
    checks,
    counters,
    fields,
    forecasts,
    funnels,
    hand_offs,
    heard,
    left_alone,
    lists,
    loads,
    past,
    plans,
    policies,
    routing,
    sales_reports,
    scorecards,
    setting_up,
    stores,
    told,
    trying,
)
from crmsync.showing.answers.explanations import Explanation

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True, slots=True)
class Answer:
    """What commands answer. `commands`: as they are typed. `lines`: one object a line instead of one in all."""

    model: type[BaseModel]
    commands: tuple[str, ...]
    lines: bool = False


ANSWERS: Mapping[str, Answer] = {
    "run": Answer(
        plans.Plans,
        tuple(f"{name} --format json" for name in ("run", "apply", "undo", "redistribute")),
    ),
    "explain": Answer(Explanation, ("explain --format json",), lines=True),
    "check": Answer(checks.Check, ("check --format json",)),
    "fields": Answer(fields.Fields, ("fields --format json",)),
    "init": Answer(setting_up.SetUp, ("init --format json",)),
    "provision": Answer(setting_up.Provisioned, ("provision --format json",)),
    "status": Answer(past.Status, ("status --format json",)),
    "alerts-show": Answer(told.Alerts, ("alerts --format json",)),
    "alerts-send": Answer(told.Sent, ("alerts send --format json",)),
    "alerts-test": Answer(told.Tried, ("alerts test --format json",)),
    "hooks-test": Answer(heard.Touched, ("hooks test --format json",)),
    "runs": Answer(past.Runs, ("runs --format json",)),
    "history": Answer(past.History, ("history --format json",)),
    "hold": Answer(left_alone.Hold, ("hold --format json",)),
    "holds": Answer(left_alone.Holds, ("holds --format json",)),
    "report-worklist": Answer(lists.Worklist, ("report worklist --format json",)),
    "report-near-miss": Answer(lists.NearMiss, ("report near-miss --format json",)),
    "report-conflicts": Answer(lists.Conflicts, ("report conflicts --format json",)),
    "report-capacity": Answer(capacities.Capacities, ("report capacity --format json",)),
    "report-forecast": Answer(forecasts.Forecasts, ("report forecast --format json",)),
    "report-sales": Answer(sales_reports.SalesReports, ("report sales --format json",)),
    "report-scorecard": Answer(scorecards.Scorecards, ("report scorecard --format json",)),
    "report-funnel": Answer(funnels.Funnels, ("report funnel --by cohort --format json",)),
    "report-hand-offs": Answer(hand_offs.HandOffs, ("report hand-offs --format json",)),
    "report-load": Answer(loads.Load, ("report load --format json",)),
    "counters": Answer(counters.Counters, ("counters export",)),
    "simulate": Answer(trying.Simulations, ("simulate --format json",)),
    "simulate-routing": Answer(routing.SimulatedRouting, ("simulate routing --format json",)),
    "backtest": Answer(backtests.Backtests, ("backtest --format json",)),
    "test": Answer(trying.Cases, ("test --format json",)),
    "policy-describe": Answer(policies.Described, ("policy describe --format json",)),
    "policy-presets": Answer(policies.Presets, ("policy presets --format json",)),
    "policy-routing": Answer(policies.Routing, ("policy routing --format json",)),
    "console-log": Answer(past.ConsoleLog, ("console log --format json",)),
    "tidy": Answer(stores.Tidied, ("tidy --format json",)),
    "store-copy": Answer(stores.CopiedStore, ("store copy --format json",)),
    "forget": Answer(stores.Forgotten, ("forget --format json",)),
    "fmt": Answer(setting_up.Formatted, ("fmt --format json",)),
    "docs": Answer(setting_up.Pages, ("docs --format json",)),
}
"""Name of a schema → the answer. `policy show --format json` is a policy: the schema `policy` is its."""


def answer_schema(name: str) -> Schema:
    """The schema of one answer: a key of `ANSWERS`."""
    answer = ANSWERS[name]
    schema = _open(answer.model.model_json_schema())
    definitions = {"$defs": schema.pop("$defs")} if "$defs" in schema else {}
    title = f"What `crmsync {answer.commands[0]}` answers" + (", line by line" if answer.lines else "")
    return {"$schema": DIALECT, **schema, "title": title, **definitions}


def answer_text(name: str) -> str:
    """The schema as a file holds it."""
    return json.dumps(answer_schema(name), ensure_ascii=False, indent=2) + "\n"


def _open(node: Any) -> Any:
    """Without what only matters to the models: that nothing else may be there, titles of keys, unset defaults."""
    if isinstance(node, list):
        return [_open(each) for each in node]
    if not isinstance(node, dict):
        return node
    kept = {key: value for key, value in node.items() if not (key == "additionalProperties" and value is False)}
    if "properties" in kept:
        kept["properties"] = {name: _key(inner) for name, inner in kept["properties"].items()}
    return {key: value if key == "properties" else _open(value) for key, value in kept.items()}


def _key(schema: Schema) -> Schema:
    return _open({key: value for key, value in schema.items() if key not in ("title", "default")})  # type: ignore[no-any-return]
