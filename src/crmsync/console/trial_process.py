"""A process of its own that tries a policy: its examples, then what it would make of the stored leads.

`python -m crmsync.console.trial_process crmsync.yaml`, the policy's text on stdin. Each answer is a line of JSON on
stdout. Where there are many leads this takes half a minute, and must neither hold up pages nor outlive its use: a
process can be ended at any point.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from crmsync.clock import local_day, now
from crmsync.errors import CrmsyncError
from crmsync.operations.policy.policy_tests import run_against
from crmsync.operations.simulate.policy import Simulation, simulate
from crmsync.run.unforeseen import unforeseen_in_words
from crmsync.settings import Settings, load_settings, with_policy_text
from crmsync.values import asdict

MOST_MOVERS = 12
_MOST_FAILED = 40
_LESS_URGENT = 10


def main(config: Path, text: str) -> None:
    """Answer, the quick part first."""
    with suppress(OSError, AttributeError):  # pages come first
        os.nice(_LESS_URGENT)
    settings = load_settings(config)
    tried = with_policy_text(settings, text)
    _answer({"examples": _examples(tried, config)})
    _answer({"simulations": _simulations(settings, tried)})


def _examples(tried: Settings, config: Path) -> dict[str, Any]:
    try:
        report = run_against(tried.policy, (), config, None, as_of=None, today=local_day(now(), "UTC"))
    except CrmsyncError as error:
        return _trouble(error)
    failed = [
        {
            "name": each.located.case.name,
            "file": f"{Path(each.located.file).name}:{each.located.line}",
            "failures": [
                {"what": one.what, "actual": one.actual, "expected": one.expected, "why": one.why}
                for one in each.failures
            ],
        }
        for each in report.failed[:_MOST_FAILED]
    ]
    return {"run": len(report.results), "failed": len(report.failed), "shown": failed, "skipped": report.skipped}


def _simulations(settings: Settings, tried: Settings) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for name in settings.configured:
        try:
            with unforeseen_in_words():
                [one], _ = simulate(
                    settings, (name,), tried.policy, against=None, by=(), as_of=None, now=now, most_movers=MOST_MOVERS
                )
        except CrmsyncError as error:
            found.append({"connection": name, **_trouble(error)})
        else:
            found.append(_told(one))
    return found


def _trouble(error: CrmsyncError) -> dict[str, Any]:
    """The next step as a value, too: the page says it in its own way."""
    return {"trouble": error.message, "hint": error.hint, "step": asdict(error.step) if error.step else None}


def _told(one: Simulation) -> dict[str, Any]:
    return {
        "connection": one.connection,
        "as_of": one.as_of.isoformat(),
        "leads": one.leads,
        "up": one.moved("up"),
        "down": one.moved("down"),
        "beside": one.moved("beside"),
        "hand_offs": list(one.hand_offs),
        "owners": sum(max(0, load.after - load.before) for load in one.owners),
        "stages": [[one.labels[stage], *counts] for stage, counts in one.stages.items()],
        "movers": [
            {
                "lead": each.lead,
                "name": each.name or each.lead,
                "before": one.labels.get(each.before or "", ""),
                "after": one.labels.get(each.after or "", ""),
                "direction": each.direction,
                "owner": one.user_names.get(each.owner_after or "", each.owner_after)
                if each.owner_after != each.owner_before
                else None,
                "why": list(each.reasons[:2]),
            }
            for each in one.movers
        ],
    }


def _answer(told: dict[str, Any]) -> None:
    print(json.dumps(told), flush=True)  # noqa: T201 - read by the console


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.stdin.buffer.read().decode("utf-8"))
