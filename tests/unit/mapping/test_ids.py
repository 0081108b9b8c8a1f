"""Ids in a mapping's tests: the short form of one means the record that the CRM names by the long one."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from crmsync.connection.named_leads import id_form
from crmsync.contract import NativeField
from crmsync.mapping import CrmMapping, in_scope
from crmsync.mapping.conditions import any_holds, holds
from crmsync.mapping.ids import ids_spelt
from crmsync.mapping.scope import narrowings

SHORT, LONG, OTHER = "0125g000000XyZ1", "0125g000000XyZ1AAK", "0125g000000XyZ2AAK"
FIELDS = {
    "RecordTypeId": NativeField("RecordTypeId", "Record type", "reference", True, kind="reference"),
    "Words": NativeField("Words", "Words", "string", True, kind="text"),
}


def spelt(**more: Any) -> CrmMapping:
    lead = {"object": "Lead", "email": "Email", "created_at": "CreatedDate", **more.pop("lead", {})}
    mapping = {
        "connector": "salesforce",
        "lead": lead,
        "owner": {"field": "OwnerId"},
        "stage": {"field": "Status", "values": {"lead": "Open"}},
        **more,
    }
    return ids_spelt(CrmMapping.model_validate(mapping), FIELDS, lambda text: id_form("salesforce", text))


def told(test: pl.Expr, field: str = "RecordTypeId", *values: str | None) -> list[bool]:
    frame = pl.DataFrame({field: pl.Series(values or (LONG, OTHER, None), dtype=pl.String)})
    return frame.select(test).to_series().to_list()


@pytest.mark.parametrize("written", [SHORT, LONG, f" {SHORT} ", [SHORT, "x"]])
def test_a_lead_is_in_scope_whichever_form_the_file_has(written: Any) -> None:
    when = spelt(lead={"when": {"RecordTypeId": written}}).lead.when
    assert told(in_scope(when, "UTC")) == [True, False, False]
    [narrowing] = narrowings(when, FIELDS)
    assert LONG in (narrowing.any_of or ())


def test_none_of_and_the_pin_likewise() -> None:
    lead = spelt(lead={"when": {"RecordTypeId": {"none_of": SHORT}}, "leave_alone": {"RecordTypeId": SHORT}}).lead
    assert told(in_scope(lead.when, "UTC")) == [False, True, True]
    assert told(any_holds(lead.leave_alone)) == [True, False, False]


def test_activities_and_accounts_likewise() -> None:
    rule = {"is": "call", "when": {"RecordTypeId": SHORT}}
    mapping = spelt(
        activities=[
            {
                "object": "Task",
                "leave_out": {"RecordTypeId": SHORT},
                "at": [{"from": "ActivityDate", "when": {"RecordTypeId": SHORT}}],
                "kind": [rule],
                "outcome": [rule],
                "direction": [rule],
            }
        ],
        accounts=[
            {"object": "Account", "name": "Name", "owner": "OwnerId", "when": {"RecordTypeId": SHORT}},
        ],
    )
    [task], [account] = mapping.activities, mapping.accounts
    tests = (
        task.leave_out,
        task.at[0].when,
        task.kind[0].when,
        task.outcome[0].when,
        task.direction[0].when,
        account.when,
    )
    assert [told(holds(each)) for each in tests] == [[True, False, False]] * len(tests)


def test_a_word_of_fifteen_letters_in_a_text_stays_a_word() -> None:
    when = spelt(lead={"when": {"Words": "internationally"}}).lead.when
    assert when["Words"].equals == ("internationally",)
    assert told(in_scope(when, "UTC"), "Words", "Internationally", "other") == [True, False]
