"""Answers to what `crmsync init` asks: kept as they are given, so that it can go on, and be replayed. No secrets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from crmsync.configuration import read_document, validated
from crmsync.errors import ConfigurationError, Finding
from crmsync.files import Unreadable, read_text, write_for_this_user
from crmsync.operations.init.yaml_text import flow

KEPT = "init-answers.yaml"
_HEAD = (
    "# yaml-language-server: $schema=schemas/answers.json\n"
    "# What was answered to `crmsync init`: it goes on from here, and `--answers FILE` replays it elsewhere.\n"
    "# No secrets stand here; they are in .env.\n"
)


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

    def text(self) -> str:
        """As the file has it."""
        told = self.model_dump(mode="json", exclude_defaults=True)
        lines = ["format: 1"]
        for name, value in told.items():
            if isinstance(value, dict):
                lines += [f"{name}:", *(f"  {flow(key)}: {flow(inner)}" for key, inner in value.items())]
            else:
                lines.append(f"{name}: {flow(value)}")
        return _HEAD + "\n".join(lines) + "\n"


def answers_from(path: Path) -> Answers:
    """A file of answers. Raises `ConfigurationError` with file and line."""
    try:
        text = read_text(path, largest_bytes=1_000_000)
    except Unreadable as error:
        raise ConfigurationError([Finding(str(path), 0, 0, str(error), "name a file of answers")]) from None
    return validated(Answers, read_document(text, str(path)))


def keep(directory: Path, answers: Answers) -> None:
    """Put the answers into the folder's file, unless they stand there already."""
    path = directory / KEPT
    if path.is_file() and path.read_text(encoding="utf-8") == answers.text():
        return
    write_for_this_user(path, answers.text())
