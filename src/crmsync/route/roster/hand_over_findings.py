"""What can be wrong between the policy's hand-overs and the roster's rules and receivers for them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from crmsync.configuration import Document, did_you_mean
from crmsync.errors import Finding
from crmsync.route.choosing.strategy import Need
from crmsync.route.registry import STRATEGIES
from crmsync.route.roster.defaults import matches_of
from crmsync.route.roster.people_findings import Found
from crmsync.route.roster.roster_file import Match, Roster, RoutingRules


def unknown_names(document: Document, hand_overs: Collection[str]) -> Iterator[Finding]:
    """Rule lists and receivers, at the place of their keys, of hand-overs that the policy does not have."""
    data = document.data if isinstance(document.data, Mapping) else {}
    places: tuple[tuple[str, Collection[str]], ...] = (
        ("rules", RoutingRules.model_fields),
        ("receivers", Match.model_fields),
    )
    for part, own in places:
        for name in _keys(data.get(part)):
            if name in own or name in hand_overs:
                continue
            known = {*own, *hand_overs}
            hint = did_you_mean(name, known)
            if not hand_overs and not (hint or "").startswith("did") and isinstance(data[part][name], list | dict):
                hint = "a hand-over with a name is said in the policy's `hand_overs`"
            yield document.finding((part, name), f"`{name}` is not known here", hint, at_key=True)


def _keys(part: Any) -> Collection[str]:
    return part.keys() if isinstance(part, Mapping) else ()


def hand_over_findings(roster: Roster, hand_overs: Collection[str]) -> Iterator[Found]:
    """What the roster has to say of each hand-over. `hand_overs`: their names, in the policy's order."""
    example = next(iter(hand_overs))
    if roster.rules.hand_off is not None:
        words = "with `hand_overs` in the policy, `hand_off` says nothing"
        yield ("rules", "hand_off"), words, f"write its rules under the names of the hand-overs, such as `{example}`"
    if roster.rules.new_lead is not None:
        words = "with `hand_overs` in the policy, `new_lead` says nothing"
        hint = (
            "leads below the first hand-over have nobody yet: add a hand-over for the lowest stage, or leave it out"
        )
        yield ("rules", "new_lead"), words, hint
    for name in hand_overs:
        rules = roster.rules.of_hand_overs.get(name)
        if not rules:
            words = f"no rule says to whom the hand-over `{name}` goes"
            place = ("rules", name) if rules is not None else ("rules",)
            yield place, words, f"write `{name}: [{{pool: POOL}}]` under `rules`"
        elif any(rule.strategy in STRATEGIES and Need.PEOPLE in rule.needs for rule in rules) and not matches_of(
            roster, name
        ):
            words = f"nobody may own leads of `{name}`: its rules name no pool"
            yield ("rules", name), words, f"say who may: `receivers: {{{name}: {{role: ROLE}}}}`"
