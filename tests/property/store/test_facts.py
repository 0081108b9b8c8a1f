"""Whatever a fact holds, it comes back from the store's text as it was."""

from __future__ import annotations

from datetime import UTC

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from crmsync.model import FACT_DTYPES
from crmsync.store.encoding import pack, unpack

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
ROW = st.fixed_dictionaries(
    {
        "text": TEXT,
        "choice": st.sampled_from(["now", "", "null", "1", "2026-01-31", "{}", '"']),
        "integer": st.integers(-(2**63), 2**63 - 1),
        "number": st.floats(allow_nan=False, allow_infinity=False),
        "money": st.decimals(-(10**9), 10**9, places=2).map(float),
        "boolean": st.booleans(),
        "date": st.dates(),
        "datetime": st.datetimes(timezones=st.just(UTC)),
    }
)


def some_unknown(row: dict[str, object], unknown: set[str]) -> dict[str, object]:
    return {name: None if name in unknown else value for name, value in row.items()}


ROWS = st.lists(st.builds(some_unknown, ROW, st.sets(st.sampled_from(sorted(FACT_DTYPES)))), min_size=1)


@given(rows=ROWS)
def test_facts_come_back_as_they_were(rows: list[dict[str, object]]) -> None:
    frame = pl.DataFrame(rows, schema=dict(FACT_DTYPES), orient="row")
    assert_frame_equal(unpack(pack(frame), FACT_DTYPES), frame, check_exact=True)


@given(rows=ROWS, asked=st.sets(st.sampled_from(["text", "date", "newer", "newest"])))
def test_only_what_is_asked_for_comes_back(rows: list[dict[str, object]], asked: set[str]) -> None:
    """In the order asked for; what was never stored is unknown."""
    frame = pl.DataFrame(rows, schema=dict(FACT_DTYPES), orient="row")
    schema = {name: FACT_DTYPES.get(name, pl.Boolean()) for name in sorted(asked)}  # type: ignore[call-overload]
    expected = [frame[name] if name in frame.columns else pl.Series(name, [None] * frame.height) for name in schema]
    answer = unpack(pack(frame), schema)
    assert answer.columns == sorted(asked)
    for column, wanted in zip(answer.get_columns(), expected, strict=True):
        assert column.to_list() == wanted.to_list()
