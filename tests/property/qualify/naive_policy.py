# ruff: noqa: PLR0911 - one question after the other is the point here
"""The policy language once more, in the plainest Python: written from docs/reference/policy.md, not from the engine.

Takes the policy as the data of its YAML, one lead as dicts, and a day. Slow and simple on purpose. Verdicts are
True, False and None; points are milli-points.
"""

from __future__ import annotations

from naive_scores import NaiveScores
from naive_terms import (
    all_of,
    any_of,
)


def under_segments(policy, *lead, **settings):
    """Everything told by the policy that decides: the first segment's, or the least of the candidates'."""

    def told(data, name):
        naive = Naive(data, *lead, **{key: settings[key] for key in ("kinds", "mapped", "zone")})
        everything = {**naive.everything(**settings["present"]), "policy": name}
        if everything["reason"] is None:
            return everything, everything, naive.earned()
        kept = {**everything, **naive.decide(**settings["present"], spared=True)}
        return everything, kept, naive.earned()

    main = Naive(policy, *lead, **{key: settings[key] for key in ("kinds", "mapped", "zone")})
    candidates = []
    inside = {}
    for segment in policy.get("segments", ()):
        inside[f"verdict.segment.{segment['name']}"] = main.verdict(segment["when"])
    for segment in policy.get("segments", ()):
        verdict = inside[f"verdict.segment.{segment['name']}"]
        if verdict is not False:
            candidates.append(told(overridden(policy, segment["policy"]), segment["name"]))
        if verdict is True:
            break
    else:
        candidates.append(told(policy, policy["name"]))
    everything, kept, _ = min(candidates, key=lambda one: (one[2], one[0]["reason"] is not None))
    all_leave = all(one["reason"] is not None for one, _, _ in candidates)
    return {**(everything if all_leave else kept), **inside}


def overridden(policy, own):
    """The main policy with what a segment says otherwise."""
    merged = {key: value for key, value in policy.items() if key != "segments"}
    merged |= {key: own[key] for key in ("ladder", "disqualified") if key in own}
    for key in ("criteria", "movement"):
        merged[key] = {**policy.get(key, {}), **own.get(key, {})}
    merged["scores"] = {
        name: {**score, **own.get("scores", {}).get(name, {})} for name, score in policy["scores"].items()
    }
    return merged


class Naive(NaiveScores):
    """One lead under one policy on one day: what it has earned and where it stands."""

    def own_condition(self, rung):
        verdicts = [self.verdict(rung["when"])] if "when" in rung else []
        confirmation = self.policy.get("sales_confirmation")
        if confirmation and confirmation["mode"] == "required" and confirmation["stage"] == rung["stage"]:
            verdicts.append(self.verdict(confirmation["evidence"]))
        return all_of(verdicts)

    def meets(self, stage):
        met = True
        for rung in self.policy["ladder"]:
            own = self.own_condition(rung)
            met = own if rung.get("stands_alone") else all_of([met, own])
            if rung["stage"] == stage:
                return met
        raise AssertionError(stage)

    def disqualification(self):
        """(verdict, reason)"""
        leaving = self.policy.get("disqualified")
        if not leaving:
            return False, None
        verdicts = [(reason["name"], self.verdict(reason["when"])) for reason in leaving.get("reasons", ())]
        if "when" in leaving:
            verdicts.append(("other", self.verdict(leaving["when"])))
        verdict = any_of(one for _, one in verdicts)
        return verdict, next((name for name, one in verdicts if one is True), None)

    def earned(self):
        order = [rung["stage"] for rung in self.policy["ladder"]]
        return max(rank for rank, stage in enumerate(order) if self.meets(stage) is True)

    def decide(self, stage, *, managed=True, stage_edited_on=None, stage_since=None, spared=False):
        """{earned_stage, stage, stage_why, reason}. `spared`: as if nothing disqualified the lead."""
        order = [rung["stage"] for rung in self.policy["ladder"]]
        earned = self.earned()
        verdict, reason = (False, None) if spared else self.disqualification()
        stage_after, why = self.moved(order, earned, verdict is True, stage, managed, stage_edited_on, stage_since)
        return {
            "earned_stage": order[earned],
            "stage": stage_after,
            "stage_why": why,
            "reason": reason if verdict is True else None,
        }

    def moved(self, order, earned, disqualified, stage, managed, edited_on, since):
        movement = self.policy.get("movement", {})
        leaving = self.policy.get("disqualified") or {}
        beside = leaving.get("stage", "disqualified") if leaving else None
        here = stage if stage is not None else order[0]
        if not managed or here not in [*order, beside]:
            return None, "unmanaged"
        hands_off = movement.get("hands_off_days", 0)
        if hands_off and edited_on and 0 <= (self.as_of - edited_on).days <= hands_off:
            return here, "hands_off"
        if here in movement.get("protected", ()):
            return here, "protected"
        if disqualified:
            return beside, "disqualified"
        writable = [rank for rank, rung in enumerate(self.policy["ladder"]) if rung.get("set_by") != "people"]
        target = max(rank for rank in writable if rank <= earned)
        if here == beside:
            return self.from_beside(leaving, order, earned, target, since)
        present = order.index(here)
        if target > present:
            return order[target], "earned"
        if earned == present:
            return here, "earned"
        if earned > present:
            return here, "left_to_people"
        if movement.get("backward", "never") == "never":
            return here, "kept"
        cool = movement.get("cool_down_days", 0)
        if cool and (since is None or (self.as_of - since).days <= cool):
            return here, "cooling_down"
        return order[target], "moved_back"

    def from_beside(self, leaving, order, earned, target, since):
        recycle = leaving.get("recycle")
        back = False
        if recycle and since is not None:
            if "after_days" in recycle:
                back |= (self.as_of - since).days >= recycle["after_days"]
            if "on_new_engagement" in recycle:
                matches = self.matches(recycle["on_new_engagement"])
                back |= any(certain and one["day"] > since for one, certain in matches)
        if back:
            to = recycle.get("to", "earned")
            return (order[target] if to == "earned" else self.onward(to, order, earned, target)), "recycled"
        return leaving.get("stage", "disqualified"), "stays_disqualified"

    def onward(self, to, order, earned, target):
        """Where a lead that comes back to `to` stands after the next look at the same day."""
        movement, here = self.policy.get("movement", {}), order.index(to)
        if to in movement.get("protected", ()):
            return to
        if target > here:
            return order[target]
        falls = movement.get("backward", "never") != "never" and not movement.get("cool_down_days", 0)
        return order[target] if falls and earned < here else to

    def everything(self, **present):
        """All that the engine tells, under the engine's column names."""
        told = self.decide(present.pop("stage", None), **present)
        for name in self.policy.get("criteria", {}):
            told[f"verdict.{name}"] = self.verdict(name)
        for rung in self.policy["ladder"][1:]:
            told[f"verdict.ladder.{rung['stage']}"] = self.own_condition(rung)
        for name, score in self.policy.get("scores", {}).items():
            told[f"score.{name}.low"], told[f"score.{name}.high"] = self.score(name)
            if "bands" in score:
                told[f"band.{name}"] = self.band(name)
        for grade, parts in self.policy.get("grades", {}).items():
            labels = [self.band(part) for part in parts]
            told[f"band.{grade}"] = None if None in labels else "".join(labels)
        priority = self.policy.get("priority")
        told["priority"] = self.score(priority)[0] if priority else 0
        return told
