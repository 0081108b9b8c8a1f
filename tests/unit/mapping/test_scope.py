"""Which leads are the connection's: every kind of test on both sides, and what a CRM may be told of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from crmsync.contract import Choice, Narrowing, NativeField
from crmsync.mapping.scope import ScopeTest, in_scope, narrowings


def fits(test: Any, *values: str | None, zone: str = "UTC") -> list[bool]:
    frame = pl.DataFrame({"F": pl.Series(values, dtype=pl.String)})
    return frame.select(in_scope({"F": ScopeTest.model_validate(test)}, zone)).to_series().to_list()


@pytest.mark.parametrize(
    ("test", "values", "wanted"),
    [
        ("Web", ["web", " WEB ", "Phone", None, ""], [True, True, False, False, False]),
        (["Web Form", "Event"], ["web-form", "webform", "event", "other"], [True, True, True, False]),
        ({"equals": True}, ["true", "false", None], [True, False, False]),
        ({"none_of": ["Customer"]}, ["customer", "Lead", None], [False, True, True]),
        ({"none_of": "Customer", "known": True}, ["customer", "Lead", None], [False, True, False]),
        ({"matches": "^DE-"}, ["DE-1", "AT-1", None], [True, False, False]),
        ({"known": False}, ["x", None, " "], [False, True, True]),
        ({"after": "2026-01-05"}, ["2026-01-05", "2026-01-06", "nonsense", None], [False, True, False, False]),
        ({"before": "2026-01-05"}, ["2026-01-05", "2026-01-04"], [False, True]),
        (
            {"after": "2026-01-01", "before": "2026-01-04"},
            ["2026-01-01", "2026-01-02", "2026-01-04"],
            [False, True, False],
        ),
    ],
)
def test_tests(test: Any, values: list[str | None], wanted: list[bool]) -> None:
    assert fits(test, *values) == wanted


def test_an_instant_is_its_local_day() -> None:
    """23:30 in New York is the next day in UTC."""
    assert fits({"after": "2026-01-05"}, "2026-01-06T04:30:00Z", zone="America/New_York") == [False]
    assert fits({"after": "2026-01-05"}, "2026-01-06T05:30:00Z", zone="America/New_York") == [True]


def test_all_tests_have_to_hold_and_none_takes_everything() -> None:
    frame = pl.DataFrame({"A": ["1", "1"], "B": ["2", "3"]})
    both = {"A": ScopeTest.model_validate("1"), "B": ScopeTest.model_validate("2")}
    assert frame.select(in_scope(both, "UTC")).to_series().to_list() == [True, False]
    assert frame.select("A", fits=in_scope({}, "UTC"))["fits"].to_list() == [True, True]


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"equal": ["x"]},
        {"after": "soon"},
        {"known": "perhaps"},
        {"known": None},
        {"before": None, "after": None},
        [],
        {"none_of": []},
        {"matches": "(open"},
        {"matches": "(?<=a)b"},
    ],
)
def test_what_says_nothing_is_refused(wrong: Any) -> None:
    with pytest.raises(ValidationError):
        ScopeTest.model_validate(wrong)


CHOICES = tuple(Choice(value, value) for value in ("Web", "Web-Form", "Phone"))


@pytest.mark.parametrize(
    ("test", "kind", "more", "told"),
    [
        ("web form", "choice", {"choices": CHOICES}, Narrowing("F", ("Web-Form",))),
        ("web form", "choice", {"choices": CHOICES, "open_choices": True}, None),
        ("nowhere", "choice", {"choices": CHOICES}, None),
        ("005A", "reference", {}, Narrowing("F", ("005A",))),
        (True, "boolean", {}, Narrowing("F", ("true",))),
        ("web", "text", {}, None),
        ({"none_of": ["Web"]}, "choice", {"choices": CHOICES}, None),
        ({"after": "2026-01-05"}, "datetime", {}, Narrowing("F", None, date(2026, 1, 4))),
        ({"after": "2026-01-05"}, "date", {}, Narrowing("F", None, date(2026, 1, 4))),
        ({"after": "2026-01-05"}, "text", {}, None),
        ({"matches": "x"}, "choice", {"choices": CHOICES}, None),
    ],
)
def test_a_crm_is_told_what_it_compares_as_we_do(test: Any, kind: Any, more: Any, told: Narrowing | None) -> None:
    field = NativeField("F", "F", "x", True, kind=kind, **more)
    assert narrowings({"F": ScopeTest.model_validate(test)}, {"F": field}) == ((told,) if told else ())
    assert narrowings({"F": ScopeTest.model_validate(test)}, {}) == ()


LISTED = (Choice("Web", "Web"), Choice("Event", "Event"))


@pytest.mark.parametrize(
    ("words", "kind", "told"),
    [
        (["True", "FALSE "], "boolean", ("true", "false")),
        (["yes"], "boolean", None),
        (["yes", "true"], "boolean", None),
        (["WEB"], "choice", ("Web",)),
        (["web", "Taken off the list"], "choice", None),
        (["Taken off the list"], "choice", None),
    ],
)
def test_a_crm_never_sends_less_than_fits(words: list[str], kind: Any, told: tuple[str, ...] | None) -> None:
    """Records may hold what was taken off a list, and truth is compared without regard to case here."""
    field = NativeField("F", "F", "x", True, kind=kind, choices=LISTED if kind == "choice" else ())
    test = ScopeTest.model_validate({"equals": words})
    found = narrowings({"F": test}, {"F": field})
    assert (found[0].any_of if found else None) == told
