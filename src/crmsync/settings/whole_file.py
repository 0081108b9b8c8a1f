"""The whole of crmsync.yaml: with what the service and the console are told."""

from pydantic import Field, model_validator

from crmsync.settings.alerts import AlertSettings
from crmsync.settings.console import ConsoleSettings
from crmsync.settings.file import EverydayFile
from crmsync.settings.hooks import HooksSettings
from crmsync.settings.watch import WatchSettings


class SettingsFile(EverydayFile):
    """The whole of crmsync.yaml. Paths are relative to it."""

    alerts: AlertSettings = AlertSettings.model_construct()
    watch: WatchSettings | None = Field(None, description="where `serve` tells health and metrics; default: nowhere")
    hooks: HooksSettings | None = Field(None, description="where `serve` is told of changes; default: nowhere")
    console: ConsoleSettings | None = Field(
        None, description="the console behind a sign-in; default: `crmsync console` on this machine, to look only"
    )

    @model_validator(mode="after")
    def _a_touch_is_none(self) -> "SettingsFile":
        if self.hooks is not None and "touch" in self.connections:
            raise ValueError(
                "with `hooks`, no connection can be called `touch`: /hooks/touch is for any of them\n"
                "→ give it another name"
            )
        return self
