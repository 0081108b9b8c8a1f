"""The file of answers to what `crmsync init` asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Answers(BaseModel):
    """Everything has a place; what is not answered is suggested.

    `lead_object`: the native object of the leads, null = the connector's usual one. `options`: settings of the
    connector that are no secrets. `facts`: fact → field, or `unmapped`. `values`: fact → native value → the policy's
    word, null = says nothing known. `stages`: stage → as a mapping file has it, null = none. `roles`: e-mail or id of
    a user → bdr, ae or none. `hand_off`: the stage, or `never`. `agreed`: suggestions that a person has looked at.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = 1
    connector: str | None = None
    connection: str | None = None
    lead_object: str | None = None
    sign_in: str | None = None
    options: Mapping[str, Any] = Field(default_factory=dict)
    sells: Literal["software", "consulting", "agency", "other"] | None = None
    ladder: Literal["whole", "sql-sqo", "sal-sqo", "mql-sql"] | None = None
    preset: str | None = None
    hand_off: str | None = None
    facts: Mapping[str, str] = Field(default_factory=dict)
    values: Mapping[str, Mapping[str, str | None]] = Field(default_factory=dict)
    stages: Mapping[str, Any] = Field(default_factory=dict)
    roles: Mapping[str, Literal["bdr", "ae", "none"]] = Field(default_factory=dict)
    agreed: tuple[Literal["facts", "people"], ...] = ()

    def over(self, other: Answers) -> Answers:
        """These where they say something, else the other's; of tables each entry by itself."""
        given = {name: getattr(self, name) for name in self.model_fields_set}
        merged = {
            name: {**getattr(other, name), **value} if isinstance(value, dict) else value
            for name, value in given.items()
        }
        return other.model_copy(update=merged)

    def with_(self, **more: Any) -> Answers:
        """With further answers."""
        return Answers.model_validate({**self.model_dump(exclude_defaults=True), **more})
