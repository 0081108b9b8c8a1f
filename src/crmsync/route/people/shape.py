"""What all parts of roster.yaml have in common, and how its words may be written."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _listed(value: object) -> object:
    return [_text(item) for item in value] if isinstance(value, (list, tuple)) else [_text(value)]


Words = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Text = Annotated[str, BeforeValidator(_text), Field(min_length=1)]
User: TypeAlias = Text | dict[str, Text]


class RosterModel(BaseModel):
    """What all parts of the file have in common."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, populate_by_name=True)
