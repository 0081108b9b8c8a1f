"""Settings of the machine from its variables. Imported only where one is set: most machines set none."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from crmsync.settings.machine import Environment
from crmsync.settings.variables import PREFIX


class _Variables(Environment, BaseSettings):
    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the library's signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """`.env` is read by `variables`, which tells its mistakes with their lines, and handed in."""
        return env_settings, init_settings


def from_variables(dotenv: Mapping[str, str]) -> Environment:
    """The environment's variables over `dotenv` (field → text). Raises pydantic's `ValidationError`."""
    return Environment(**_Variables.model_validate(dotenv).model_dump())
