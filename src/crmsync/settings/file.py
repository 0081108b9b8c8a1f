"""What crmsync.yaml may say, but for what only the service and the console are told: see `whole_file`."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from crmsync.languages.known import LANGUAGES, Language, language_meant
from crmsync.plan import CHANGE_LIMITS, FLOOR, GUARDS, Limit
from crmsync.settings.schedule import ScheduleSettings
from crmsync.settings.variables import variable_prefix


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class LimitSettings(_Part):
    """How many leads: a number, a share of the connection's leads, or both. What is left out limits nothing."""

    share: float | None = Field(None, strict=True, ge=0, le=1, description="largest share of the connection's leads")
    number: int | None = Field(None, strict=True, ge=0, description="largest number of leads, whatever the floor")

    @field_validator("share", mode="before")
    @classmethod
    def _no_percentage(cls, share: object) -> object:
        return no_percentage(share)

    @model_validator(mode="before")
    @classmethod
    def _said_of_what(cls, limit: object) -> object:
        """A figure alone may be either. Raises `ValueError` with both spelt out."""
        if isinstance(limit, (int, float)) and not isinstance(limit, bool):
            key = "share" if 0 < limit < 1 else "number"
            kinds = "`number`, a number of leads, or `share`, a share of the connection's leads"
            raise ValueError(f"`{limit:g}` does not say what it limits: {kinds}\n→ write `{{{key}: {limit:g}}}`")
        return no_percentage(limit)


def no_percentage(share: object) -> object:
    """A share as it stands. Raises `ValueError` for one in percent."""
    if isinstance(share, str) and re.fullmatch(r"\d{1,3}([.,]\d+)?\s*%", share.strip()):
        part = float(share.strip().rstrip("% ").replace(",", ".")) / 100
        raise ValueError(f"`{share}` is a percentage, and a share belongs here\n→ write `{part:g}`")
    return share


def a_language(language: object) -> object:
    """The code of a language that is there. Raises `ValueError` with those that are; null stays null."""
    if language is False:  # `no`, in YAML
        return "nb"
    code = language_meant(language)
    if code is not None and (not isinstance(code, str) or code not in LANGUAGES):
        known = ", ".join(f"`{each}` ({name})" for each, name in LANGUAGES.items())
        raise ValueError(f"there are no texts in the language `{language}`\n→ write one of {known}")
    return code


def _limit(guard: str) -> Any:
    limit = CHANGE_LIMITS[guard]
    default = LimitSettings.model_construct(share=limit.share, number=limit.number)
    return Field(default, description=f"limit of {GUARDS[guard].meaning}")


class GuardSettings(_Part):
    """How much one run may change before it stops and asks; `crmsync docs guards` tells each guard.

    A `changed_share` of 1 says that everything may change: then of the limits only those count that stand here.
    """

    changed_share: float = Field(
        0.3, strict=True, ge=0, le=1, description="largest share of the connection's leads one run may change"
    )
    gone_share: float = Field(
        0.3,
        strict=True,
        ge=0,
        le=1,
        description="largest share of the known leads that a full reading may no longer find",
    )
    stage_changes: LimitSettings = _limit("stage_changes")
    owner_changes: LimitSettings = _limit("owner_changes")
    backward: LimitSettings = _limit("backward")
    disqualified: LimitSettings = _limit("disqualified")
    owner_lost: LimitSettings = _limit("owner_lost")
    per_receiver: LimitSettings = _limit("per_receiver")
    few_share: float = Field(
        0.5,
        strict=True,
        ge=0,
        le=1,
        description="share of what the last readings brought at least that a reading has to bring",
    )
    unknown_jump: float = Field(
        0.2,
        strict=True,
        ge=0,
        le=1,
        description="by how much the share of leads for which a fact is unknown may grow; of a fact that few leads "
        "have, half of them may lose it",
    )
    calls_share: float = Field(
        0.9,
        strict=True,
        ge=0,
        le=1,
        description="largest share of the day's calls that are left that one plan may need",
    )
    floor: int = Field(
        FLOOR,
        strict=True,
        ge=0,
        description="fewer leads than this are never stopped by a share; a limit that does not stand here keeps "
        f"{FLOOR} where this is lower",
    )

    def limit_of(self, guard: str) -> Limit:
        """The limit of a guard that counts leads of the plan."""
        if self.changed_share >= 1 and guard not in self.model_fields_set:
            return Limit()
        told: LimitSettings = getattr(self, guard)
        floor = self.floor if guard in self.model_fields_set else max(self.floor, FLOOR)
        return Limit(told.share, told.number, floor)

    @field_validator("changed_share", "gone_share", "few_share", "unknown_jump", "calls_share", mode="before")
    @classmethod
    def _no_percentage(cls, share: object) -> object:
        return no_percentage(share)


def _words_and_truths(schema: dict[str, Any]) -> None:
    """What a file may hold: programs that rewrite YAML make a truth value of `on`."""
    del schema["type"]
    schema["enum"] = [*schema["enum"], True, False]


class EditSettings(_Part):
    """What becomes of a file that an admin changes in the console, beside being written."""

    commit: Literal["on", "off"] = Field(
        "off",
        description="`on`: each saved change becomes a commit of that file, with the name of whoever made it, where "
        "the folder is a git work tree",
    )

    @field_validator("commit", mode="before")
    @classmethod
    def _on_or_off(cls, commit: object) -> object:
        return ("on" if commit else "off") if isinstance(commit, bool) else commit


class RetentionSettings(_Part):
    """How long the store keeps what it could do without, in days. `crmsync tidy` lets go of it; `serve`, once a day.

    Decisions, stage history, hand-offs, counters, and of each write lead, stage, owner, turn and end are always kept.
    """

    undo_days: int = Field(90, strict=True, ge=1, le=3_660, description="so long every run can be taken back")
    journal_days: int = Field(
        365,
        strict=True,
        ge=1,
        le=36_500,
        description="so long it is kept which fields a run wrote, with scores and reasons, and what was done in the "
        "console; `undo_days` at least",
    )
    dry_runs_days: int = Field(
        30,
        strict=True,
        ge=0,
        le=36_500,
        description="so long it is kept that a dry run was made, and which leads a run set aside",
    )

    @model_validator(mode="after")
    def _long_enough_to_undo(self) -> "RetentionSettings":
        if self.journal_days < self.undo_days:
            raise ValueError(
                f"a run could not be taken back for {self.undo_days} days: what it wrote would be gone by then\n"
                "→ raise `journal_days` to `undo_days` or more"
            )
        return self


class ConnectionSettings(_Part):
    """One CRM account. `options` are the connector's own settings, without secrets.

    A connection that is not switched on is read and decided like any other; `run` shows its plan and stops there.
    """

    connector: str = Field(description="name of an installed connector, e.g. `salesforce`")
    writes: Literal["on", "off"] = Field(
        "off",
        description="whether anything is written to the CRM; `off`: runs show their plan and exit with 3",
        json_schema_extra=_words_and_truths,
    )
    language: Language | None = Field(
        None,
        description="language of what is written to this CRM: reasons, next steps, tasks; default: `language` of all",
    )
    sign_in_ends: date | None = Field(
        None,
        description="day on which its credentials end (a certificate, a token that is replaced by rule), where one "
        "is known; told `sign_in_days` before",
    )
    mapping: str | None = Field(None, description="mapping file; default `mappings/<connection>.yaml`")
    options: Mapping[str, Any] = Field(default_factory=dict)
    schedule: ScheduleSettings = ScheduleSettings.model_construct(every_minutes=15.0, cron=None)
    guards: GuardSettings = GuardSettings.model_construct()

    @field_validator("language", mode="before")
    @classmethod
    def _a_language(cls, language: object) -> object:
        return a_language(language)

    @field_validator("writes", mode="before")
    @classmethod
    def _on_or_off(cls, writes: object) -> object:
        if isinstance(writes, bool):
            return "on" if writes else "off"
        if writes not in ("on", "off"):
            raise ValueError(f"`{writes}` is neither `on` nor `off`\n→ write `writes: on`, or leave it out")
        return writes


class EverydayFile(_Part):
    """A crmsync.yaml that says nothing to the service and the console: all that most commands read."""

    format: Literal[1] = 1
    policy: str = "policy.yaml"
    roster: str = "roster.yaml"
    store: str = Field("crmsync.db", description="SQLite file, or the address of a PostgreSQL database")
    language: Language = Field("en", description="language of texts for people: `de`, `en`, `it`, `nb` or `nl`")
    retention: RetentionSettings = RetentionSettings.model_construct()
    edits: EditSettings = EditSettings.model_construct()
    alerts: Any = None
    watch: Any = None
    hooks: Any = None
    console: Any = None
    connections: Mapping[str, ConnectionSettings] = Field(
        description="name → connection; at least one",
        examples=["{salesforce: {connector: salesforce}}"],
        json_schema_extra={"minProperties": 1},
    )

    @field_validator("language", mode="before")
    @classmethod
    def _a_language(cls, language: object) -> object:
        return a_language(language)

    @field_validator("store")
    @classmethod
    def _without_a_password(cls, store: str) -> str:
        if re.match(r"\w+(\+\w+)?://[^/@]*:[^/@]+@|\w+(\+\w+)?://.*[?&]password=", store):
            raise ValueError(
                "a password does not belong in this file\n"
                "→ leave it out, and put the whole address into .env as CRMSYNC_STORE, or the password into ~/.pgpass"
            )
        return store

    @field_validator("connections")
    @classmethod
    def _plain_names(cls, connections: Mapping[str, ConnectionSettings]) -> Mapping[str, ConnectionSettings]:
        if not connections:
            raise ValueError(
                "no connection is configured\n"
                "→ name at least one, e.g. `connections: {salesforce: {connector: salesforce}}`"
            )
        variables: dict[str, str] = {}
        for name in connections:
            other = variables.setdefault(variable_prefix(name), name)
            if other != name:
                raise ValueError(
                    f"`{other}` and `{name}` would read their secrets from the same variables, "
                    f"{variable_prefix(name)}…\n→ call one otherwise; letter case, `-` and `_` tell none apart"
                )
            if not name.replace("-", "").replace("_", "").isalnum() or not name.isascii() or not name[0].isalpha():
                raise ValueError(f"`{name}` cannot name a connection\n→ use letters, digits, `-` and `_`")
        return connections
