"""One answer for the same facts, whichever run looks, and whoever gave a lead."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from small_firm import MAPPING, POLICY, ROSTER, Firm

from crmsync.model import Plan
from suite.breadth import broadly


def limited(limit: str) -> str:
    """The usual roster; each AE takes so many."""
    return ROSTER.replace("role: ae}", f"role: ae, capacity: {{{limit}}}}}")


def planned(plan: Plan) -> dict[str, str | None]:
    return {change.lead: change.owner_after for change in plan.changes}


def everywhere(firm: Firm) -> dict[str, str | None]:
    """What a dry run, one of all leads, and a real run plan, which must be the same."""
    dry, full = planned(firm.run(dry_run=True)), planned(firm.run(dry_run=True, full=True))
    done = planned(firm.run())
    assert dry == full == done
    return done


@pytest.mark.parametrize(
    ("limit", "days"),
    broadly([("per_week: 1", 7), ("per_day: 1", 1), ("per_month: 1", 15), ("per_days: {3: 1}", 3)]),
)
@pytest.mark.parametrize("seen", broadly([True, False]))
def test_a_lead_that_a_person_gave_counts_in_the_quota(
    founded: Callable[..., Firm], limit: str, days: int, seen: bool
) -> None:
    """`a` is given to ann by hand; `b` and `c` are due: abe gets one, nobody the other."""
    firm = founded(roster=limited(limit))
    firm.run()
    firm.crm.records["a"]["OwnerId"] = "ann"
    if seen:  # by a run that had nothing to do
        assert everywhere(firm) == {}
    for lead in ("b", "c"):
        firm.crm.records[lead]["Heat"] = "hot"
    assert everywhere(firm) == {"b": "abe", "c": "bea"}
    assert [aside.lead for aside in firm.ran.plan.set_aside] == ["c"] if firm.ran else False
    assert {lead: change for lead, change in everywhere(firm).items() if change != "bea"} == {}
    firm.now += timedelta(days=days - 1, hours=23 - firm.now.hour)
    assert everywhere(firm) == {}, "the last hour of it"
    firm.now += timedelta(hours=1)
    assert everywhere(firm) == {"c": "ann"}


@pytest.mark.breadth
def test_a_lead_given_earlier_in_the_week_counts_for_the_week_only(founded: Callable[..., Firm]) -> None:
    others = dict.fromkeys(("per_week: 1", "per_days: {2: 1}", "per_month: 1"), "abe")
    for limit, gets in {"per_day: 1": "ann", **others}.items():
        firm = founded(roster=limited(limit))
        firm.run()
        firm.crm.records["a"]["OwnerId"] = "ann"
        firm.run(dry_run=True)  # sees it on Monday; nothing takes account of it before the real run
        firm.now += timedelta(days=1)
        firm.crm.records["b"]["Heat"] = "hot"
        assert everywhere(firm) == {"b": gets}


@pytest.mark.breadth
def test_what_crmsync_gave_is_not_counted_again_when_it_comes_back(founded: Callable[..., Firm]) -> None:
    firm = founded(roster=limited("per_day: 2"))
    firm.run()
    for lead in ("a", "b", "c"):
        firm.crm.records[lead]["Heat"] = "hot"
        assert set(everywhere(firm)) == {lead}
    assert sorted(firm.owners().values(), key=str) == ["abe", "ann", "ann"]


STAGES = "values: {mql: mql, sql: sql}"
FACTS = "values: [cold, hot]"
OFF = "disqualified: {stage: off, when: {fact: heat, is: off}}\nhand_off"
LEAST_LOADED = ROSTER + "rules: {hand_off: [{strategy: least_loaded, pool: receivers}]}\n"


@pytest.mark.parametrize("full_before", [True, False])
def test_leads_that_this_run_takes_away_burden_nobody(founded: Callable[..., Firm], full_before: bool) -> None:
    """The run that hands `c` off disqualifies ann's two: she has none, whether all are looked at or some."""
    firm = founded(
        roster=LEAST_LOADED,
        policy=POLICY.replace(FACTS, "values: [cold, hot, off]").replace("hand_off", OFF, 1),
        mapping=MAPPING.replace(STAGES, "values: {mql: mql, sql: sql, off: off}").replace(
            FACTS, "values: [cold, hot, off]"
        ),
    )
    firm.crm.records["d"] = {**firm.crm.records["c"], "Email": "d@d.example", "Company": "Company d"}
    for lead, owner in (("a", "ann"), ("b", "ann"), ("d", "abe")):
        firm.crm.records[lead].update(Status="sql", OwnerId=owner, Heat="hot")
    firm.run(full=full_before)
    for lead in ("a", "b"):
        firm.crm.records[lead]["Heat"] = "off"
    firm.crm.records["c"]["Heat"] = "hot"
    assert everywhere(firm)["c"] == "ann"


OF_LATE = ROSTER + "rules: {hand_off: [{strategy: account_owner, within_days: 3, same: land}, {pool: receivers}]}\n"


@pytest.mark.breadth
def test_whose_the_company_was_lately_counts_whoever_gave_it_and_whichever_run_looks(
    founded: Callable[..., Firm],
) -> None:
    """`a` is crmsync's gift to ann, `b` a person's to abe; `c` is of the company of one of them, later of none."""
    mapping = MAPPING.replace("activities:", "  land: {field: Land, type: text}\nactivities:")
    for friend, gets in (("a", "ann"), ("b", "abe")):
        firm = founded(roster=OF_LATE, mapping=mapping)
        for lead, record in firm.crm.records.items():
            domain = "acme.example" if lead in (friend, "c") else f"{lead}.example"
            record |= {"Land": "Norge", "Email": f"{lead}@{domain}"}
        firm.run()
        firm.crm.records["a"]["Heat"] = "hot"
        assert everywhere(firm) == {"a": "ann"}
        firm.crm.records["b"]["OwnerId"] = "abe"
        assert everywhere(firm) == {}
        firm.now += timedelta(days=3)
        firm.crm.records["c"] |= {"Heat": "hot", "Land": " norge"}
        assert planned(firm.run(dry_run=True)) == {"c": gets}
        firm.crm.records["c"]["Land"] = "Italia"
        assert firm.run(dry_run=True).changes[0].reasons[-1].startswith("next in the rotation")
        firm.crm.records["c"]["Land"] = "Norge"
        assert everywhere(firm) == {"c": gets}
        firm.crm.records["d"] = {
            **firm.crm.records["c"],
            "OwnerId": "bea",
            "Status": "mql",
            "Email": "d@acme.example",
        }
        firm.crm.records["d"]["CreatedDate"] = "2026-11-01T00:00:00Z"
        firm.now += timedelta(days=3)
        assert everywhere(firm) == {"d": gets}, "c came to them three days ago"
        firm.crm.records["e"] = {
            **firm.crm.records["d"],
            "OwnerId": "bea",
            "Status": "mql",
            "Email": "e@acme.example",
        }
        firm.now += timedelta(days=4)
        assert firm.run(dry_run=True).changes[0].reasons[-1].startswith("next in the rotation")
