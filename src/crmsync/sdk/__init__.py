"""What connector authors import: the contract, its errors, and the tools that every connector needs.

Of crmsync a connector sees `crmsync.sdk`, `crmsync.contract`, `crmsync.model` and `crmsync.errors` only.
"""

from crmsync.contract import (
    LEAD_ID,
    RECORD_ID,
    AccessProvision,
    Capabilities,
    Choice,
    Connector,
    ConnectorPlugin,
    Creation,
    CreationResult,
    CrmClock,
    CrmUser,
    Currencies,
    Edit,
    FieldKind,
    FieldProvision,
    ListProvision,
    Narrowing,
    NativeField,
    Org,
    Page,
    Provided,
    Provision,
    PullRequest,
    Reading,
    Replaced,
    Seen,
    Usage,
    ValuesProvision,
    Write,
    WriteResult,
)
from crmsync.errors import CrmUnreachable, FullReadNeeded, RunStopped, SignInRefused, TryAgain, UsageError
from crmsync.files import Unreadable, read_text
from crmsync.sdk.answers import AnswerTooLarge, bound_answers, whole_body
from crmsync.sdk.creating import CreationSteps, Held, create_once
from crmsync.sdk.frames import instants_as_text, native_column, native_frame, native_text
from crmsync.sdk.halving import in_halves
from crmsync.sdk.headers import heard_date, running_seconds, server_date, wished_seconds
from crmsync.sdk.kept_token import KeptToken
from crmsync.sdk.pace import Pace, Pacer
from crmsync.sdk.paging import PagingGuard
from crmsync.sdk.redaction import redacted, scrubbed, secrets_of, without_addresses
from crmsync.sdk.refusal_words import crm_code, crm_words, field_names, label_words
from crmsync.sdk.refusals import DEEDS, Deed, Meaning, meaning_of, table_rows
from crmsync.sdk.retry import AnswerLost, OutcomeUncertain, RetryPolicy, call_with_retries
from crmsync.sdk.sound_text import decoded_json, sound_json
from crmsync.sdk.starter import starter_file

__all__ = [
    "DEEDS",
    "LEAD_ID",
    "RECORD_ID",
    "AccessProvision",
    "AnswerLost",
    "AnswerTooLarge",
    "Capabilities",
    "Choice",
    "Connector",
    "ConnectorPlugin",
    "Creation",
    "CreationResult",
    "CreationSteps",
    "CrmClock",
    "CrmUnreachable",
    "CrmUser",
    "Currencies",
    "Deed",
    "Edit",
    "FieldKind",
    "FieldProvision",
    "FullReadNeeded",
    "Held",
    "KeptToken",
    "ListProvision",
    "Meaning",
    "Narrowing",
    "NativeField",
    "Org",
    "OutcomeUncertain",
    "Pace",
    "Pacer",
    "Page",
    "PagingGuard",
    "Provided",
    "Provision",
    "PullRequest",
    "Reading",
    "Replaced",
    "RetryPolicy",
    "RunStopped",
    "Seen",
    "SignInRefused",
    "TryAgain",
    "Unreadable",
    "Usage",
    "UsageError",
    "ValuesProvision",
    "Write",
    "WriteResult",
    "bound_answers",
    "call_with_retries",
    "create_once",
    "crm_code",
    "crm_words",
    "decoded_json",
    "field_names",
    "heard_date",
    "in_halves",
    "instants_as_text",
    "label_words",
    "meaning_of",
    "native_column",
    "native_frame",
    "native_text",
    "read_text",
    "redacted",
    "running_seconds",
    "scrubbed",
    "secrets_of",
    "server_date",
    "sound_json",
    "starter_file",
    "table_rows",
    "whole_body",
    "wished_seconds",
    "without_addresses",
]
