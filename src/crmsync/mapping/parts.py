"""What all parts of a mapping file have in common."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


class MappingPart(BaseModel):
    """A frozen piece of a file; a key that it does not know is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


def as_text(value: Any) -> Any:
    """Unquoted `true`, `5` and the like in a file mean their text: native values are text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value


NativeText = Annotated[str, BeforeValidator(as_text)]


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_as_tuple), Field(min_length=1)]
"""One native field or several; of several the first that is not empty counts."""
