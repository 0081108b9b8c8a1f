"""Backtests and simulations of policies, told in a language in which no letter is English."""

from __future__ import annotations

import re
from datetime import date
from html import unescape

from pseudo import PSEUDO, unsaid

from crmsync.operations.backtest.answer import WHY_LEFT_OUT, Backtest, ReplayedMoment
from crmsync.operations.simulate.policy import Mover, Simulation, Wording
from crmsync.qualify.language.policy import Policy
from crmsync.qualify.language.scores import Score
from crmsync.showing.backtest.html import backtest_page
from crmsync.showing.report_page import within
from crmsync.showing.simulate.policy_html import WAYS, simulation_page
from crmsync.tune.moves import FactPart, Move, Workload
from crmsync.tune.probe import left_out_of
from crmsync.tune.report import LeadGroup, Ranking, StageOutcomes
from crmsync.tune.suggest import SuggestedPoints, Suggestion, Threshold

AS_OF = date(2026, 11, 21)
NAMES = ("AUC", "zz", "--without", "--show", "--format json", "--policy")


def words(page: str) -> str:
    """What is read, with the titles of charts and what they say to a screen reader."""
    told = re.sub(r" data-chart='[^']*'", "", within(page))
    heard = " ".join(re.findall(r'aria-label="([^"]*)"', told))
    return unescape(f"{re.sub(r'<[^>]+>', ' ', told)} {heard}")


def test_a_backtest() -> None:
    group = LeadGroup("zz", 10, 3, 0.3, (0.1, 0.5), 1.2)
    line = StageOutcomes("zz", 10, 0.3, (0.1, 0.5), 0.4, (0.2, 0.6), 1.2, 1, 2)
    handed = StageOutcomes("zz", 10, 0.3, (0.1, 0.5), 0.4, (0.2, 0.6), 1.2, 1, 2, "zz")
    ranked_by = ("stage", "score zz", "fitted points", "source only")
    ranked = tuple(Ranking(name, 0.7, (0.6, 0.8), 1.5, (1.1, 1.9)) for name in ranked_by)
    limited = Score.model_validate({"rules": [{"when": {"known": "zz"}, "points": 1}], "cap": 5})
    policy = Policy.model_validate({"format": 1, "name": "zz", "ladder": [{"stage": "zz"}]})
    left_out = left_out_of(policy.model_copy(update={"scores": {"zz": limited}}), PSEUDO)
    assert left_out
    points = (SuggestedPoints("zz", "zz", 1.0, -2.5, 0.1, 4, 2),)
    for worth_it in (True, False):
        suggestion = Suggestion(9, 4, 1.0, points, (Threshold("zz", 4, 1.5, 0.1, 0.2),), ranked, worth_it, left_out)
        moment = ReplayedMoment(
            30, 1_000, 300, dict.fromkeys(WHY_LEFT_OUT, 2), (group,), (line,), {"zz": (group,)}, ranked,
            ("zz",) * 200, ("zz",), suggestion, (handed,),
        )  # fmt: skip
        backtest = Backtest(
            "zz", AS_OF, Wording("zz", "0" * 64), "zz", "zz", (moment,), ("zz",), (), (), {"zz": "zz"},
            "zz" if worth_it else None, {"zz": "zz"},
        )  # fmt: skip
        told = words(backtest_page([backtest], PSEUDO))
        assert unsaid(told, NAMES) == []
        assert "30.0" in told


def test_a_simulation() -> None:
    moves = tuple(Move("zz", None, way, 3) for way in WAYS)  # type: ignore[arg-type]
    mover = Mover("zz", "zz", "zz", None, "up", None, "zz", {}, ("zz",), ("zz",), None)
    parts = (FactPart(None, 12, 1, 2, {"zz": (1, 2)}),)
    simulation = Simulation(
        "zz", AS_OF, Wording("zz", "0" * 64), Wording("zz", "1" * 64), 12, moves, {"zz": (5, 6)},
        (Workload(None, 1, 2, 3),), (1, 2), (3, 4), {"zz": parts}, (mover,) * 300, {"zz": "zz"}, {},
    )  # fmt: skip
    told = words(simulation_page([simulation], PSEUDO))
    assert unsaid(told, NAMES) == []
    assert "100" in told
