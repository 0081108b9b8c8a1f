"""Questions about native fields (`when`): each kind of test, several together, and empty fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from crmsync.mapping.conditions import Test as Question
from crmsync.mapping.conditions import holds

NATIVE = pl.DataFrame(
    {"Type": ["Call", " Call ", "Email", "", None], "Open": ["true", "false", None, "true", "true"]}
)


@pytest.mark.parametrize(
    ("when", "holding"),
    [
        ({"Type": "Call"}, [True, True, False, False, False]),
        ({"Type": ["Call", "Email"]}, [True, True, True, False, False]),
        ({"Type": {"equals": ["Email"]}}, [False, False, True, False, False]),
        ({"Type": {"matches": "(?i)^e"}}, [False, False, True, False, False]),
        ({"Type": {"known": True}}, [True, True, True, False, False]),
        ({"Type": {"known": False}}, [False, False, False, True, True]),
        ({"Open": True}, [True, False, False, True, True]),
        ({"Type": "Call", "Open": True}, [True, False, False, False, False]),
        ({"Type": {"equals": ["Call", "Email"], "matches": "ail"}}, [False, False, True, False, False]),
        ({"Type": {"known": False}, "Open": True}, [False, False, False, True, True]),
    ],
)
def test_what_holds(when: Mapping[str, Any], holding: list[bool]) -> None:
    tests = {field: Question.model_validate(question) for field, question in when.items()}
    assert NATIVE.select(holding=holds(tests))["holding"].to_list() == holding


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ({"matches": "(CEO"}, "not a pattern crmsync can run"),
        ({"matches": r"(a)\1"}, "not a pattern crmsync can run"),
        ([], "this list is empty"),
        ({"equals": []}, "this list is empty"),
    ],
)
def test_what_cannot_be_asked_is_refused(question: Any, told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Question.model_validate(question)


def test_a_question_asks_something() -> None:
    with pytest.raises(ValidationError, match="give a value, a list of values"):
        Question.model_validate({})
