"""Fields that hold the day of coming to a stage: what they tell, and where history is believed instead."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest
from pydantic import ValidationError

from crmsync.mapping import StageState, before_history, dated_states, instants_of
from crmsync.mapping.stage_mapping import StageMapping

STAGE = StageMapping.model_validate(
    {
        "field": "Status",
        "values": {
            "disqualified": {"set": {"Reason": "lost"}, "leaving": {"Reason": None}},
            "lead": ["Open", "New"],
            "mql": "MQL",
            "sql": "SQL",
        },
        "dates": {"sql": "Sql_On", "mql": "Mql_On", "lead": "Lead_On"},
    }
)
LADDER = ("lead", "mql", "sql")


def on(day: int) -> datetime:
    return datetime(2026, 11, day, 11, tzinfo=UTC)


def held(status: str | None, reason: str | None = None) -> dict[str, str | None]:
    return {"Status": status, "Reason": reason}


def told(present: dict[str, str | None], **at: datetime | None) -> list[tuple[datetime | None, str | None]]:
    return [(state.since, state.native["Status"]) for state in dated_states(STAGE, at, present, LADDER)]


def test_dates_are_states_in_order_and_the_present_one_ends_them() -> None:
    assert told(held("SQL"), Sql_On=on(9), Lead_On=on(1), Mql_On=on(4)) == [
        (on(1), "Open"),
        (on(4), "MQL"),
        (on(9), "SQL"),
    ]
    assert told(held("New"), Mql_On=on(4)) == [(on(4), "MQL"), (None, "New")], "it went back, nobody tells when"
    assert told(held("SQL"), Sql_On=None) == []


def test_of_one_day_the_lower_stage_came_first() -> None:
    assert told(held("SQL"), Sql_On=on(9), Mql_On=on(9), Lead_On=on(9)) == [
        (on(9), "Open"),
        (on(9), "MQL"),
        (on(9), "SQL"),
    ]


def test_history_is_believed_where_both_tell() -> None:
    dated = dated_states(STAGE, {"Lead_On": on(1), "Mql_On": on(4), "Sql_On": on(20)}, held("SQL"), LADDER)
    history = (StageState(None, held("MQL")), StageState(on(9), held("SQL")))
    assert [(it.since, it.native["Status"]) for it in before_history(dated, history)] == [
        (on(1), "Open"),
        (on(4), "MQL"),
        (on(9), "SQL"),
    ]
    assert before_history((), history) == history
    assert before_history(dated, ()) == dated
    late = dated_states(STAGE, {"Sql_On": on(20)}, held("SQL"), LADDER)
    assert before_history(late, history) == history, "nothing of the time before: the first state stays"


def test_a_bare_day_is_its_noon_in_the_orgs_zone() -> None:
    frame = pl.DataFrame({"Mql_On": ["2026-11-04", "2026-11-04T09:00:00.000+0000", "soon", " ", None]})
    found = instants_of(frame, ["Mql_On"], "America/Los_Angeles")["Mql_On"].to_list()
    assert found == [datetime(2026, 11, 4, 20, tzinfo=UTC), datetime(2026, 11, 4, 9, tzinfo=UTC), None, None, None]


def test_a_date_of_no_stage_is_refused() -> None:
    with pytest.raises(ValidationError, match="`dates` names `mqll`, which is no stage of `values`"):
        StageMapping.model_validate({"field": "Status", "values": {"mql": "MQL"}, "dates": {"mqll": "On"}})


def test_a_day_that_a_zone_has_left_out_is_none() -> None:
    """Samoa went from the 29th to the 31st of December 2011."""
    records = pl.DataFrame({"Mql_On": ["2011-12-30", "2011-12-31"]})
    found = instants_of(records, ("Mql_On",), "Pacific/Apia")["Mql_On"].to_list()
    assert found == [None, datetime(2011, 12, 30, 22, tzinfo=UTC)]
