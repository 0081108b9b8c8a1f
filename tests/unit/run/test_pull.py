"""Pulling and remembering: what a pull asks for, what it leaves, and what counts as gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import polars as pl
import pytest
from small_firm import MAPPING, ROSTER, Firm

from crmsync.contract import LEAD_ID, RECORD_ID, Choice, Narrowing, NativeField, Page, PullRequest
from crmsync.errors import ConfigurationError, CrmUnreachable
from crmsync.run.pull import PullReport, pull_and_remember
from crmsync.values import replace

BY_ACCOUNT = ROSTER + "rules: {hand_off: [{strategy: account_owner}, {strategy: round_robin, pool: receivers}]}\n"


def pulled(firm: Firm, *, complete: bool = False) -> PullReport:
    return pull_and_remember(
        firm.opened, firm.store, complete=complete, today=firm.now.date(), progress=lambda *_: None
    )


def activities(firm: Firm) -> list[tuple[str, str]]:
    """(activity, kind) of all that is remembered."""
    prepared = firm.prepared
    batches = firm.store.facts.gather(
        firm.name, firm.now.date(), everything=True, fact_types=prepared.mapping.fact_types
    )
    return sorted(row for batch in batches for row in batch.activities.select("activity", "kind").iter_rows())


def test_the_next_pull_goes_on_where_the_last_one_ended(firm: Firm) -> None:
    pulled(firm, complete=True)
    assert firm.store.facts.cursors(firm.name) == {"Lead": "end", "Task": "end"}
    asked = {request.object: request for request in firm.crm.pulls}
    assert asked["Task"].leads_object == "Lead"
    assert asked["Lead"].leads_object is None
    assert set(asked["Lead"].fields) >= {"Status", "OwnerId", "Heat", "Bdr", "Email"}
    firm.crm.pulls.clear()
    pulled(firm)
    assert [request.cursor for request in firm.crm.pulls] == ["end", "end"]
    firm.crm.pulls.clear()
    pulled(firm, complete=True)
    assert [request.cursor for request in firm.crm.pulls] == [None, None]


def test_a_lead_that_is_restored_has_its_activities_again(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """They went with it, and nothing of them has changed since: no reading of what changed brings them."""
    firm.did("a", "call")
    call = firm.did("b", "call")
    pulled(firm, complete=True)
    pull, asked = firm.crm.pull, []
    gone: tuple[str, ...] = ("b",)

    def changed(request: PullRequest) -> Iterator[Page]:
        for page in pull(request):
            if request.object == "Task":
                yield replace(page, records=page.records.clear())
            else:
                yield replace(page, records=page.records.filter(~pl.col(RECORD_ID).is_in(gone)), gone=gone)

    def reread(request: PullRequest, ids: Sequence[str] = (), of_leads: Sequence[str] = ()) -> Iterator[Page]:
        asked.append((request.object, tuple(ids), tuple(of_leads)))
        for page in pull(request):
            yield replace(page, records=page.records.filter(pl.col(LEAD_ID).is_in(of_leads)))

    monkeypatch.setattr(firm.crm, "pull", changed)
    monkeypatch.setattr(firm.crm, "reread", reread)
    pulled(firm)
    assert [record for record, _ in activities(firm)] == ["Task:t0"]
    gone = ()
    pulled(firm)
    pulled(firm)
    assert [record for record, _ in activities(firm)] == ["Task:t0", f"Task:{call}"]
    assert asked == [("Task", (), ("b",))], "once, and of nobody else"


def test_a_pull_that_breaks_off_moves_no_cursor(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    pull = firm.crm.pull

    def breaks_off(request: PullRequest) -> Iterator[Page]:
        if request.object == "Task":
            raise CrmUnreachable("gone away")
        return pull(request)

    monkeypatch.setattr(firm.crm, "pull", breaks_off)
    with pytest.raises(CrmUnreachable):
        pulled(firm, complete=True)
    assert firm.store.facts.cursors(firm.name) == {}


def test_an_activity_that_is_none_any_more_is_gone(firm: Firm) -> None:
    first, second = firm.did("a", "call"), firm.did("a", "demo")
    third = firm.did("b", "call")
    pulled(firm, complete=True)
    assert activities(firm) == [(f"Task:{first}", "call"), (f"Task:{second}", "demo"), (f"Task:{third}", "call")]
    firm.crm.activities[first]["Kind"] = None
    firm.crm.activities[second]["At"] = "some day"
    report = pulled(firm)
    assert activities(firm) == [(f"Task:{third}", "call")]
    assert told(report) == [("day", "Task", "At", "some day", 1, "a")]


def test_what_the_crm_says_is_gone_is_gone(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    call = firm.did("a", "call")
    pulled(firm, complete=True)
    pull = firm.crm.pull

    def gone(request: PullRequest) -> Iterator[Page]:
        for page in pull(request):
            ids = (call,) if request.object == "Task" else ("c",)
            yield Page(page.records.clear(), gone=ids, cursor="later")

    monkeypatch.setattr(firm.crm, "pull", gone)
    pulled(firm)
    assert activities(firm) == []
    assert firm.store.facts.lead_count(firm.name) == 2
    assert firm.store.facts.cursors(firm.name) == {"Lead": "later", "Task": "later"}


def test_accounts_are_read_where_a_rule_asks_for_their_owners(firm: Firm, founded: Callable[..., Firm]) -> None:
    asking = founded(roster=BY_ACCOUNT)
    for each in (firm, asking):
        each.crm.companies = {"1": {"OwnerId": "abe", "Website": "a.example", "Open": "yes"}}
        pulled(each, complete=True)
    assert "Account" not in {request.object for request in firm.crm.pulls}, "no call is spent on them"
    assert asking.store.facts.accounts(asking.name).select("account", "domain", "owner").rows() == [
        ("Account:1", "a.example", "abe")
    ]
    asking.crm.records["a"]["Heat"] = "hot"
    assert asking.run(dry_run=True).changes[0].owner_after == "abe"


def test_an_account_that_no_entry_fits_any_more_is_gone(founded: Callable[..., Firm]) -> None:
    firm = founded(roster=BY_ACCOUNT)
    firm.crm.companies = {
        number: {"OwnerId": "abe", "Website": f"{number}.example", "Open": "yes"} for number in ("1", "2", "3")
    }
    pulled(firm, complete=True)
    firm.crm.companies["1"]["Open"] = "no"
    firm.crm.companies["2"]["OwnerId"] = None
    pulled(firm)
    assert firm.store.facts.accounts(firm.name)["account"].to_list() == ["Account:3"]


def test_before_everything_is_read_missing_fields_are_told_at_once(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    fields = firm.crm.fields

    def without_kind(object_name: str) -> tuple[NativeField, ...]:
        return tuple(field for field in fields(object_name) if field.name != "Kind")

    monkeypatch.setattr(firm.crm, "fields", without_kind)
    with pytest.raises(ConfigurationError, match="Task has no field `Kind`"):
        pulled(firm, complete=True)
    assert firm.crm.pulls == []
    pulled(firm)  # what was fine once is not asked again


def test_progress_names_the_connection_and_the_object(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, int, int | None]] = []

    def tells(request: PullRequest) -> Iterator[Page]:
        assert request.progress is not None
        request.progress(1, 3)
        return iter(())

    monkeypatch.setattr(firm.crm, "pull", tells)
    pull_and_remember(
        firm.opened, firm.store, complete=False, today=firm.now.date(), progress=lambda *at: told.append(at)
    )
    assert told == [(f"{firm.name}: reading Lead", 1, 3), (f"{firm.name}: reading Task", 1, 3)]


def told(report: PullReport) -> list[tuple[object, ...]]:
    """What the store holds of what could not be read."""
    return report.unread.rows()


def test_text_that_does_not_convert_is_told_until_it_is_mended(founded: Callable[..., Firm]) -> None:
    firm = founded(mapping=MAPPING)
    firm.crm.records["b"]["Heat"] = "lukewarm"
    firm.crm.records["c"]["CreatedDate"] = "yesterday"
    report = pulled(firm, complete=True)
    heat = ("fact", "heat", "Heat", "lukewarm", 1, "b")
    assert told(report) == [heat, ("lead", "created_at", "CreatedDate", "yesterday", 1, "c")]
    firm.crm.records["c"]["CreatedDate"] = "2026-11-01T09:00:00Z"
    for complete in (False, True, False):
        assert told(pulled(firm, complete=complete)) == [heat]
    del firm.crm.records["b"]
    assert told(pulled(firm, complete=True)) == []


def test_leads_that_a_full_reading_misses_are_kept_while_they_are_too_many(firm: Firm) -> None:
    pulled(firm, complete=True)
    known = firm.store.facts.lead_count(firm.name)
    hidden = dict(firm.crm.records)
    # Another lead is all that can be seen: none of those that are known.
    firm.crm.records = {"new": hidden[min(hidden)]}
    report = pulled(firm, complete=True)
    assert (report.remembered.leads_missing, report.remembered.leads_known) == (known, known)
    assert report.remembered.leads_removed == 0
    assert firm.store.facts.lead_count(firm.name) == known + 1
    assert firm.store.facts.cursors(firm.name) == {"Lead": "end", "Task": "end"}
    firm.crm.records = hidden
    report = pulled(firm, complete=True)
    assert (report.remembered.leads_missing, report.remembered.leads_removed) == (0, 1), "one may leave"


WEB = "lead: {object: Lead, email: Email, company: Company, created_at: CreatedDate, when: {Heat: [hot, warm]}}"
SCOPED = MAPPING.replace(MAPPING.splitlines()[3], WEB)


def test_leads_out_of_scope_are_not_decided_and_come_and_go(founded: Callable[..., Firm]) -> None:
    """What they did and had stays known; nothing of theirs is written meanwhile."""
    firm = founded(mapping=SCOPED)
    for name, heat in zip("abc", ("hot", "warm", "cold"), strict=True):
        firm.crm.records[name]["Heat"] = heat
    firm.did("a", "call")
    plan = firm.run()
    assert (plan.counts["leads"], list(plan.outcomes)) == (2, ["a"])
    firm.crm.records["a"]["Heat"] = "cold"
    plan = firm.run()
    assert (plan.counts["leads"], plan.counts["left_scope"], plan.changes) == (1, 1, ())
    told = "1 lead has fallen out of scope (`lead: when:` in the mapping): left alone from now on, history is kept"
    assert told in plan.notes
    assert told not in firm.run().notes
    assert [move.stage_after for move in firm.store.history.stages_of(firm.name, "a")] == ["sql"]
    firm.crm.records["a"]["Heat"] = "hot"
    plan = firm.run()
    assert (plan.counts["leads"], plan.changes) == (2, ()), "it stands where crmsync had put it"
    assert activities(firm) == [("Task:t0", "call")]


def test_many_leads_that_fall_out_of_scope_by_a_new_mapping_are_not_taken_for_hidden(
    founded: Callable[..., Firm],
) -> None:
    """The CRM may have left them out of a complete reading; those that are deleted as well are told apart."""
    firm = founded()
    firm.run()
    firm.texts = {"mapping": SCOPED}
    firm.crm.records["a"]["Heat"] = "hot"
    firm.crm.unread = {"b", "c"}
    assert pulled(firm, complete=True).remembered.leads_outside == 2
    assert firm.store.facts.lead_count(firm.name) == 1
    firm.texts = {}
    firm.crm.unread = set()
    plan = firm.run()
    assert (plan.counts["leads"], plan.counts["left_scope"]) == (3, 0)
    firm.texts = {"mapping": SCOPED}
    firm.crm.unread = {"b"}
    firm.crm.remove("c", "deleted")
    told = pulled(firm, complete=True).remembered
    assert (told.leads_outside, told.leads_removed) == (1, 2)


def test_an_open_change_of_a_lead_that_leaves_is_given_up_with_its_turn(founded: Callable[..., Firm]) -> None:
    firm = founded(mapping=SCOPED)
    firm.crm.records["a"]["Heat"] = "hot"
    firm.crm.lost_answers = {"a": False}
    assert firm.run().outcomes == {"a": "not_reached"}
    assert list(firm.store.journal.reserved_turns(firm.name)) == ["a"]
    firm.crm.lost_answers = {}
    firm.crm.records["a"]["Heat"] = "cold"
    plan = firm.run()
    assert plan.changes == ()
    assert firm.store.journal.pending(firm.name) == ()
    assert sum(turn.count for turn in firm.store.journal.turns(firm.name).values()) == 0
    assert firm.crm.records["a"]["OwnerId"] == "bea"


def test_a_crm_is_told_what_it_may_leave_out_of_a_complete_reading(
    founded: Callable[..., Firm], monkeypatch: pytest.MonkeyPatch
) -> None:
    firm = founded(mapping=SCOPED)
    listed = NativeField(
        "Heat", "Heat", "picklist", True, tuple(Choice(it, it) for it in ("Hot", "Warm", "cold")), kind="choice"
    )
    fields = firm.crm.fields
    monkeypatch.setattr(
        firm.crm,
        "fields",
        lambda name: tuple(listed if field.name == "Heat" else field for field in fields(name)),
    )
    pulled(firm, complete=True)
    told = {request.object: request.narrowings for request in firm.crm.pulls}
    assert told == {"Lead": (Narrowing("Heat", ("Hot", "Warm")),), "Task": ()}
