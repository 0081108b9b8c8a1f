"""A first run asks the CRM's history how leads came to their stages; decisions do not look at it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, NoReturn

import pytest
from small_firm import MAPPING, Firm

from crmsync.contract import Edit, Usage
from crmsync.errors import CrmUnreachable
from crmsync.run import earlier_stages
from crmsync.run.earlier_stages import ask_for_earlier_stages
from crmsync.run.pull import pull_and_remember


def ask(firm: Firm, today: date | None = None) -> None:
    day = today or firm.now.date()
    pull_and_remember(firm.opened, firm.store, complete=False, today=day, progress=lambda *_: None)
    ask_for_earlier_stages(firm.opened, firm.store, today=day, progress=lambda *_: None)


def edited(firm: Firm, lead: str, days_ago: int, value: str, before: str | None = None) -> None:
    at = firm.now - timedelta(days=days_ago)
    firm.crm.history.append(Edit(lead, "Status", value, at, "person", before=before, before_told=True))


def told(firm: Firm) -> list[tuple[str, datetime | None, str]]:
    return firm.store.history.earlier_stages(firm.name).select("lead", "since_at", "stage_native").rows()


def test_the_way_of_each_lead_is_asked_for_once(firm: Firm) -> None:
    edited(firm, "a", 5, "mql", "lead")
    ask(firm)
    assert told(firm) == [
        ("a", None, '{"Status":"lead"}'),
        ("a", firm.now - timedelta(days=5), '{"Status":"mql"}'),
    ]
    ask(firm)
    assert firm.crm.calls.count("edits") == 1


def test_a_lead_that_was_made_today_has_no_past(firm: Firm) -> None:
    for values in firm.crm.records.values():
        values["CreatedDate"] = firm.now.isoformat()
    firm.crm.records["b"]["CreatedDate"] = None
    asked = []
    firm.crm.edits = lambda _, leads, fields: asked.append((list(leads), fields)) or ()  # type: ignore[method-assign]
    ask(firm)
    assert asked == [(["b"], ("Status",))]


def test_of_a_lead_that_moved_since_it_was_first_seen_only_what_was_before(firm: Firm) -> None:
    day = firm.now.date()
    pull_and_remember(firm.opened, firm.store, complete=True, today=day, progress=lambda *_: None)
    firm.crm.records["a"]["Status"] = "sql"
    edited(firm, "a", 3, "mql", "lead")
    edited(firm, "a", -1, "sql", "mql")
    ask(firm, day + timedelta(days=1))
    assert [native for lead, _, native in told(firm) if lead == "a"] == ['{"Status":"lead"}', '{"Status":"mql"}']


def test_most_calls_of_the_day_are_left_to_others_and_it_goes_on_later(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(earlier_stages, "LEADS_AT_ONCE", 1)
    leads = len(firm.crm.records)
    left = iter([500, 201, 199])
    monkeypatch.setattr(firm.crm, "usage", lambda: Usage(0, next(left), 1_000))
    ask(firm)
    assert firm.crm.calls.count("edits") == 2
    monkeypatch.setattr(firm.crm, "usage", lambda: Usage(0, None, 1_000))
    ask(firm)
    assert firm.crm.calls.count("edits") == leads


def test_a_run_decides_the_same_whatever_history_tells(founded: Any) -> None:
    plain, with_history = founded(), founded()
    for lead in with_history.crm.records:
        edited(with_history, lead, 200, "mql", "sql")
    for one in (plain, with_history):
        one.crm.records["a"]["Heat"] = "hot"
    changes = [one.run(dry_run=True).changes for one in (plain, with_history)]
    assert changes[0] == changes[1] != ()
    assert told(with_history)


def test_a_crm_that_gives_no_history_keeps_no_run_from_its_end(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long that lasts; once it answers, the past is asked for after all."""
    edited(firm, "a", 5, "mql", "lead")
    asked = firm.crm.edits

    def away(*_: object) -> NoReturn:
        raise CrmUnreachable("no answer", hint="")

    monkeypatch.setattr(firm.crm, "edits", away)
    firm.crm.records["a"]["Heat"] = "hot"
    assert [firm.run().outcomes, firm.run().outcomes] == [{"a": "written"}, {}]
    assert told(firm) == []
    monkeypatch.setattr(firm.crm, "edits", asked)
    firm.run()
    assert len(told(firm)) > 0


def test_fields_of_dates_tell_of_the_time_before_history(founded: Any) -> None:
    """And nothing is decided from them."""
    named = MAPPING.replace("values: {mql: mql, sql: sql}", "values: {mql: mql, sql: sql}, dates: {mql: Mql_On}")
    plain, dated = founded(), founded(mapping=named)
    for one in (plain, dated):
        one.crm.records["a"] |= {"Mql_On": "2026-10-01", "Heat": "hot"}
    changes = [one.run(dry_run=True).changes for one in (plain, dated)]
    assert changes[0] == changes[1] != ()
    assert told(plain) == []
    assert [(lead, at and at.date(), native) for lead, at, native in told(dated)] == [
        ("a", date(2026, 10, 1), '{"Status":"mql"}')
    ]
