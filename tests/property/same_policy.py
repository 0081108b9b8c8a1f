"""A policy that asks about everything an import world holds, so that any difference in reading shows in a verdict."""

from __future__ import annotations

import json
from typing import Any

from same_world import KINDS, OUTCOMES, WINDOWS

FACTS: dict[str, dict[str, Any]] = {
    "annual_revenue": {"type": "money"},
    "lead_source": {"type": "text"},
    "campaign": {"type": "text"},
    "business_owner": {"type": "choice", "values": ["yes", "no"]},
    "goals": {"type": "text"},
    "deal_urgency": {"type": "text"},
    "seats": {"type": "number"},
    "discount": {"type": "number"},
    "pilot": {"type": "boolean"},
    "renewal_on": {"type": "date"},
    "mixed": {"type": "text"},
}


def policy_text() -> str:
    """policy.yaml (JSON is YAML)."""
    return json.dumps(
        {
            "format": 1,
            "name": "Same answer",
            "extends": "saas",
            "facts": FACTS,
            "derived": {
                "mail_domain": {"domain_of": "email"},
                "days_known": {"days_since": "created_at"},
                "renewal_in": {"days_until": "renewal_on"},
                "words_on_need": {"length_of": "need_detail"},
                "mixed_range": {"range_of": "mixed"},
            },
            "criteria": {**_by_activities(), **_by_facts()},
            "scores": _scores(),
        },
        ensure_ascii=False,
        indent=1,
    )


def _by_activities() -> dict[str, Any]:
    asked: dict[str, Any] = {}
    for number, kind in enumerate(KINDS):
        window = WINDOWS[number % len(WINDOWS)]
        asked[f"kind_{kind}"] = {"activities": {"kind": kind}}
        asked[f"kind_{kind}_in"] = {"activities": {"kind": kind, "direction": "inbound", "within_days": window}}
        asked[f"kind_{kind}_done"] = {"activities": {"kind": kind, "outcome": ["completed", "connected"]}}
    for outcome in filter(None, OUTCOMES):
        asked[f"outcome_{outcome}_twice"] = {"activities": {"outcome": outcome}, "at_least": 2}
    for window in WINDOWS:
        asked[f"within_{window}"] = {"activities": {"within_days": window}}
        asked[f"not_within_{window}"] = {"no_activities": {"within_days": window}}
        asked[f"older_than_{window}"] = {"activities": {"older_than_days": window}, "at_most": 2}
    for role in ("bdr", "ae"):
        asked[f"people_{role}"] = {"activities": {"by_role": role}, "distinct": "people", "at_least": 2}
    asked["three_days"] = {"activities": {}, "distinct": "days", "at_least": 3}
    asked["three_kinds"] = {"activities": {"direction": "inbound"}, "distinct": "kinds", "at_least": 3}
    asked["two_weeks"] = {"activities": {}, "distinct": "weeks", "at_least": 2}
    asked["two_quarters"] = {"activities": {}, "distinct": "quarters", "at_least": 2}
    asked["met_lately"] = {"latest": {"kind": ["meeting", "demo"]}, "at_most_days_ago": 7}
    asked["since_renewal"] = {"activities": {"since": {"fact": "renewal_on"}}, "at_least": 2}
    asked["since_created"] = {"activities": {"direction": "inbound", "since": {"fact": "created_at"}}}
    asked["about_hello"] = {"activities": {"kind": ["call", "email", "meeting"], "about": "HELLO"}}
    asked["two_things"] = {"activities": {"kind": ["call", "meeting"]}, "distinct": "things", "at_least": 2}
    asked["talk_then_demo"] = {"first": {"kind": ["call", "pricing_talk"]}, "then": {"kind": "demo"}}
    return asked


def _by_facts() -> dict[str, Any]:
    asked: dict[str, Any] = {f"knows_{fact}": {"known": fact} for fact in FACTS}
    return asked | {
        "rich": {"fact": "annual_revenue", "at_least": 1234.56},
        "urgent": {"fact": "deal_urgency", "in": ["high", "strasse"]},
        "many_seats": {"fact": "seats", "above": 5},
        "more_seats_than_days": {"fact": "seats", "at_least": {"fact": "days_known"}},
        "mixed_large": {"fact": "mixed_range", "above": 3},
        "big_discount": {"fact": "discount", "at_least": 0.25},
        "is_pilot": {"fact": "pilot", "is": True},
        "owns_the_business": {"fact": "business_owner", "is": "yes"},
        "renews_soon": {"fact": "renewal_on", "within_days": 30},
        "mixed_five": {"fact": "mixed", "in": ["5", "true", "2.5"]},
        "own_domain": {"fact": "mail_domain", "in": ["alder.example", "birch.example"]},
        "known_long": {"fact": "days_known", "above": 200},
        "renewal_over": {"fact": "renewal_in", "below": 0},
        "told_much": {"fact": "words_on_need", "at_least": 400},
        "goal_street": {"fact": "goals", "contains_any": ["straße", "strasse"]},
    }


def _scores() -> dict[str, Any]:
    return {
        "fading": {
            "rules": [
                {"activities": {"direction": "inbound"}, "points": 10, "half_life_days": 9},
                {"activities": {"by_role": "ae", "within_days": 30}, "points": 7, "linear_days": 60, "cap": 20},
                {"activities": {"kind": ["call", "email"]}, "points": 1.5, "once_per": "thing"},
                {"activities": {"since": "recycled"}, "points": 1, "half_life_days": 20},
                {"activities": {"outcome": "no_show"}, "points": -5.5, "half_life_days": 30},
                {"activities": {}, "points": 2, "half_life_days": 45, "once_per": "week"},
                {"activities": {"direction": "inbound"}, "points": 4, "once_per": "kind"},
                {"activities": {"kind": ["call", "meeting"]}, "points": 3, "linear_days": 90, "once_per": "person"},
            ]
        },
        "running": {
            "running": True,
            "floor": 0,
            "cap": 25,
            "rules": [
                {"activities": {"direction": "inbound"}, "points": 6},
                {
                    "activities": {"kind": ["call", "meeting"], "outcome": ["no_show", "no_answer", "canceled"]},
                    "points": -9,
                },
            ],
        },
        "profile": {
            "rules": [
                {"fact": "industry", "values": {"software": 5, "retail": 2}, "otherwise": 1},
                {"fact": "timeline", "values": {"now": 9, "this_quarter": 6, "none": -4}},
                {"when": "rich", "points": 3},
            ]
        },
    }
