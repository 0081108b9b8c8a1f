"""Environment and files → frozen settings. The edge reads every file; the core gets values only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmsync.faces import shown_late

if TYPE_CHECKING:
    from crmsync.settings.alerts import AlertSettings, EmailChannel, SlackChannel, WebhookChannel
    from crmsync.settings.calendars import DAYS_AFTER, DAYS_BEFORE, read_calendars
    from crmsync.settings.channels import SECRETS, Channel, alert_channels, channel_variable, channel_variables
    from crmsync.settings.console import ROLES, ConsolePeople, ConsolePerson, ConsoleSettings, Role, SignInElsewhere
    from crmsync.settings.crontab import Crontab
    from crmsync.settings.documents import document_at
    from crmsync.settings.environment import connector_settings, known_variables, language_of_machine
    from crmsync.settings.file import (
        ConnectionSettings,
        EditSettings,
        GuardSettings,
        LimitSettings,
        RetentionSettings,
    )
    from crmsync.settings.hooks import GATHER_SECONDS, HooksSettings
    from crmsync.settings.kept import KeptSettings
    from crmsync.settings.load import console_people, load_settings, store_url
    from crmsync.settings.machine import Environment
    from crmsync.settings.needs import NEEDS, NOT_ALERTED, NeedKind, NeedWords, OpenNeed
    from crmsync.settings.policy_file import policy_of
    from crmsync.settings.schedule import QuietHours, ScheduleSettings
    from crmsync.settings.settings import ConnectionConfiguration, Settings
    from crmsync.settings.shipped_policies import presets
    from crmsync.settings.tried import document_of, with_mapping_text, with_policy_text, with_roster_text
    from crmsync.settings.variables import read_dotenv, unknown_variables, variable_prefix, variables_set
    from crmsync.settings.watch import WatchSettings
    from crmsync.settings.whole_file import SettingsFile
else:
    __getattr__ = shown_late(
        __name__,
        {
            ".alerts": "AlertSettings EmailChannel SlackChannel WebhookChannel",
            ".calendars": "DAYS_AFTER DAYS_BEFORE read_calendars",
            ".channels": "SECRETS Channel alert_channels channel_variable channel_variables",
            ".console": "ROLES ConsolePeople ConsolePerson ConsoleSettings Role SignInElsewhere",
            ".crontab": "Crontab",
            ".documents": "document_at",
            ".environment": "connector_settings known_variables language_of_machine",
            ".file": "ConnectionSettings EditSettings GuardSettings LimitSettings RetentionSettings",
            ".hooks": "GATHER_SECONDS HooksSettings",
            ".kept": "KeptSettings",
            ".load": "console_people load_settings store_url",
            ".machine": "Environment",
            ".needs": "NEEDS NOT_ALERTED NeedKind NeedWords OpenNeed",
            ".policy_file": "policy_of",
            ".schedule": "QuietHours ScheduleSettings",
            ".settings": "ConnectionConfiguration Settings",
            ".shipped_policies": "presets",
            ".tried": "document_of with_mapping_text with_policy_text with_roster_text",
            ".variables": "read_dotenv unknown_variables variable_prefix variables_set",
            ".watch": "WatchSettings",
            ".whole_file": "SettingsFile",
        },
    )

__all__ = [
    "DAYS_AFTER",
    "DAYS_BEFORE",
    "GATHER_SECONDS",
    "NEEDS",
    "NOT_ALERTED",
    "ROLES",
    "SECRETS",
    "AlertSettings",
    "Channel",
    "ConnectionConfiguration",
    "ConnectionSettings",
    "ConsolePeople",
    "ConsolePerson",
    "ConsoleSettings",
    "Crontab",
    "EditSettings",
    "EmailChannel",
    "Environment",
    "GuardSettings",
    "HooksSettings",
    "KeptSettings",
    "LimitSettings",
    "NeedKind",
    "NeedWords",
    "OpenNeed",
    "QuietHours",
    "RetentionSettings",
    "Role",
    "ScheduleSettings",
    "Settings",
    "SettingsFile",
    "SignInElsewhere",
    "SlackChannel",
    "WatchSettings",
    "WebhookChannel",
    "alert_channels",
    "channel_variable",
    "channel_variables",
    "connector_settings",
    "console_people",
    "document_at",
    "document_of",
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
    "with_mapping_text",
    "with_policy_text",
    "with_roster_text",
]
