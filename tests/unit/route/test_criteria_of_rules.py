"""Rules that hold for some leads only."""

import pytest
from routing_world import ROLES, one, owners, resolved, roster_of, route

from crmsync.errors import UsageError


def test_a_criterion_that_the_policy_does_not_have():
    roster = roster_of([{"user": "ann", "role": "ae"}], rules={"hand_off": [{"when": "big", "pool": "receivers"}]})
    with pytest.raises(UsageError, match="big"):
        route(resolved(roster), one())


def test_all_criteria_of_a_rule_must_be_met_and_unknown_is_not():
    rules = {"hand_off": [{"when": ["big", "hot"], "pool": "bens"}, {"pool": "receivers"}]}
    roster = roster_of(
        ROLES.model_dump(by_alias=True)["people"], rules=rules, pools={"bens": {"people": "ben@firm.example"}}
    )
    for big, hot, expected in ((True, True, "ben"), (True, None, "ann"), (None, None, "ann"), (False, True, "ann")):
        frame = one(**{"verdict.big": big, "verdict.hot": hot})
        assert owners(route(resolved(roster), frame)) == {"a": expected}
