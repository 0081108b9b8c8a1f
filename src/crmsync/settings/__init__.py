"""Environment and files → frozen settings. The edge reads every file; the core gets values only."""

from crmsync.settings.calendars import DAYS_AFTER, DAYS_BEFORE, read_calendars
from crmsync.settings.crontab import Crontab
from crmsync.settings.environment import connector_settings, known_variables, language_of_machine
from crmsync.settings.file import (
    ConnectionSettings,
    GuardSettings,
    LimitSettings,
    RetentionSettings,
    SettingsFile,
)
from crmsync.settings.load import (
    ConnectionConfiguration,
    Settings,
    document_at,
    load_settings,
    policy_of,
    presets,
    store_url,
)
from crmsync.settings.machine import Environment
from crmsync.settings.schedule import QuietHours, ScheduleSettings
from crmsync.settings.variables import read_dotenv, unknown_variables, variable_prefix, variables_set
from crmsync.settings.watch import WatchSettings

__all__ = [
    "DAYS_AFTER",
    "DAYS_BEFORE",
    "ConnectionConfiguration",
    "ConnectionSettings",
    "Crontab",
    "Environment",
    "GuardSettings",
    "LimitSettings",
    "QuietHours",
    "RetentionSettings",
    "ScheduleSettings",
    "Settings",
    "SettingsFile",
    "WatchSettings",
    "connector_settings",
    "document_at",
    "known_variables",
    "language_of_machine",
    "load_settings",
    "policy_of",
    "presets",
    "read_calendars",
    "read_dotenv",
    "store_url",
    "unknown_variables",
    "variable_prefix",
    "variables_set",
]
