"""What differs by machine rather than by firm."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from crmsync.languages.known import Language, language_meant


class Environment(BaseModel):
    """Settings of this machine rather than of the firm: the environment's, over those of `.env`."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)

    store: str | None = Field(
        None, description="SQLite file or address of a PostgreSQL database; replaces `store` of crmsync.yaml."
    )
    language: Language | None = Field(
        None, description="Language of what commands print for people: de, en, it, nb or nl; replaces `language`."
    )
    log_format: Literal["text", "json"] = Field("text", description="How log lines on stderr look: text or json.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Lightest log lines that are told: debug, info, warning or error."
    )
    watch_token: SecretStr | None = Field(
        None,
        description="Bearer token that `serve` asks for at /metrics; needed where other machines reach it.",
    )

    hooks_secret: SecretStr | None = Field(
        None,
        min_length=16,
        description="Secret that signs touches, which `serve` takes at /hooks/touch: 16 characters at least.",
    )

    console_oidc_secret: SecretStr | None = Field(
        None, description="Secret under which the provider of `console: oidc` knows crmsync."
    )

    @field_validator("language", mode="before")
    @classmethod
    def _a_language(cls, language: object) -> object:
        return language_meant(language)
